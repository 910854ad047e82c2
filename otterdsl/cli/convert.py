"""`otterdsl convert`: an Otter configuration as a `.otter` file. In: a YAML file. Out: text on standard output or in a file, and what is wrong."""

import os
from pathlib import Path

import click

from otterdsl.cli.findings import count, is_configuration, refuse_python, show, stops, unreadable
from otterdsl.cli.options import FILE, no_import_option, schema_option, tasks_option
from otterdsl.cli.terminal import color_option, note
from otterdsl.compiler.source.snippet import visible

EPILOG = """\b
Examples:
  otterdsl convert config.yaml -o pipeline.otter
  otterdsl convert config.yaml --tasks my_package.tasks
"""

NO_CONVERSION = "was not converted from a configuration"


@click.command("convert", epilog=EPILOG)
@click.argument("config", metavar="CONFIG", type=FILE)
@click.option("-o", "--output", metavar="FILE", type=FILE, help="The file to write. Without it the text goes to standard output.")
@click.option("--force", is_flag=True, help="Overwrite a FILE that says something else.")
@tasks_option
@schema_option
@no_import_option
@color_option
@click.pass_context
def command(
    ctx: click.Context, config: Path, output: Path | None, force: bool, packages: tuple[str, ...], schemas: tuple[Path, ...], use_imports: bool
) -> None:
    """Write an Otter configuration as a .otter file.

    CONFIG is a YAML file. Its comments stay in their places, an `explode` over a list that is written out becomes a loop, and task types that neither
    --tasks nor --schema gives are declared with the fields that are seen. A FILE that is there and says something else, as one that was edited since,
    is written over only with --force.
    """
    refuse_python(config, "an Otter configuration")
    if not is_configuration(config):
        raise click.UsageError(f"{click.format_filename(config)} is no Otter configuration: these end with .yaml, .yml or .json")
    if output is not None:
        _refuse_others(config, output)
    from otterdsl.convert.convert import convert_config

    converted = convert_config(config, output=output, packages=packages, schemas=schemas, use_imports=use_imports)
    show(converted.diagnostics, converted.texts)
    if converted.text is not None:
        if output is None:
            click.echo(converted.text, nl=False)
        else:
            _write(converted.text, output, force)
    wrong = stops(converted.diagnostics, strict=False)
    if output is not None and converted.text is not None:
        made, given = visible(str(output)), visible(str(config))
        note(f"`{made}` was written all the same: what `{given}` says, but for the errors above" if wrong else f"`{made}` is what `{given}` says")
    if wrong:
        count(converted.diagnostics)
        ctx.exit(1)


def _refuse_others(config: Path, output: Path) -> None:
    """Raise where the output cannot be what is written."""
    if output.is_dir():
        raise click.UsageError(f"{click.format_filename(output)} is a folder; name the file to write")
    if os.path.realpath(output) == os.path.realpath(config):
        raise click.UsageError("the configuration cannot be written over itself")


def _write(text: str, output: Path, force: bool) -> None:
    """Write the file whole or not at all. One that says the same keeps its time; one that says anything else is written over only with `force`."""
    from otterdsl.compiler.writing import put_in_place
    from otterdsl.convert.pragma import is_conversion

    data = text.encode()
    try:
        there = output.read_bytes() if output.is_file() else None
        if there == data:
            return
        if output.exists() and there != b"" and not force:
            # What people wrote into a converted file is nowhere else.
            of = "says something else than the configuration now does" if there and is_conversion(there.decode(errors="replace")) else NO_CONVERSION
            raise click.ClickException(f"{click.format_filename(output)} is there, and {of}: --force writes over it")
        output.parent.mkdir(parents=True, exist_ok=True)
        put_in_place(Path(os.path.realpath(output)), data)
    except OSError as error:
        raise unreadable(OSError(error.errno, error.strerror, str(output))) from None
