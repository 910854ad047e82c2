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


@click.command("convert", epilog=EPILOG)
@click.argument("config", metavar="CONFIG", type=FILE)
@click.option("-o", "--output", metavar="FILE", type=FILE, help="The file to write. Without it the text goes to standard output.")
@click.option("--force", is_flag=True, help="Overwrite a FILE that is no conversion.")
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
    --tasks nor --schema gives are declared with the fields that are seen. A FILE that was converted before is written anew, any other only with
    --force.
    """
    refuse_python(config, "an Otter configuration")
    if not is_configuration(config):
        raise click.UsageError(f"{click.format_filename(config)} is no Otter configuration: these end with .yaml, .yml or .json")
    if output is not None:
        _refuse_others(config, output, force)
    from otterdsl.convert.convert import convert_config

    converted = convert_config(config, output=output, packages=packages, schemas=schemas, use_imports=use_imports)
    show(converted.diagnostics, converted.texts)
    if converted.text is not None:
        if output is None:
            click.echo(converted.text, nl=False)
        else:
            _write(converted.text, output)
    if stops(converted.diagnostics, strict=False):
        count(converted.diagnostics)
        ctx.exit(1)
    if output is not None:
        note(f"`{visible(str(output))}` is what `{visible(str(config))}` says")


def _refuse_others(config: Path, output: Path, force: bool) -> None:
    """Raise where the output is a file that must not be written over."""
    if output.is_dir():
        raise click.UsageError(f"{click.format_filename(output)} is a folder; name the file to write")
    if os.path.realpath(output) == os.path.realpath(config):
        raise click.UsageError("the configuration cannot be written over itself")
    if force or not output.exists():
        return
    from otterdsl.convert.convert import is_conversion

    try:
        with output.open(encoding="utf-8", errors="replace") as file:
            head = file.readline()
    except OSError as error:
        raise unreadable(error) from None
    if not is_conversion(head):
        raise click.ClickException(f"{click.format_filename(output)} is there, and was not converted from a configuration: --force writes over it")


def _write(text: str, output: Path) -> None:
    """Write the file whole or not at all; one that says the same already keeps its time."""
    from otterdsl.compiler.writing import put_in_place

    data = text.encode()
    try:
        if output.is_file() and output.read_bytes() == data:
            return
        output.parent.mkdir(parents=True, exist_ok=True)
        put_in_place(Path(os.path.realpath(output)), data)
    except OSError as error:
        raise unreadable(OSError(error.errno, error.strerror, str(output))) from None
