"""`otterdsl schema`: a Python task package as declarations. In: the package's name. Out: `extern task`s on standard output or in a file."""

import os
from pathlib import Path

import click

from otterdsl.cli.findings import unreadable
from otterdsl.cli.options import FILE, Filled
from otterdsl.cli.terminal import color_option, note
from otterdsl.compiler.source.snippet import visible

EPILOG = """\b
Examples:
  otterdsl schema penguin_tasks
  otterdsl schema pis.tasks -o tasks.otter
"""


@click.command("schema", epilog=EPILOG)
@click.argument("package", metavar="PACKAGE", type=Filled())
@click.option("-o", "--output", metavar="FILE", type=FILE, help="The file to write. Without it the text goes to standard output.")
@color_option
@click.pass_context
def command(ctx: click.Context, package: str, output: Path | None) -> None:
    """Write a package's task types as `extern task` declarations.

    A pipeline that imports these instead of naming PACKAGE with `use` is checked without importing any Python; a run imports the classes from where
    the declarations say.
    """
    from otterdsl.compiler.describe import describe
    from otterdsl.compiler.specs.package_help import package_help
    from otterdsl.compiler.specs.reader import read
    from otterdsl.runtime.task.schema import BUILTIN

    if package == BUILTIN:
        raise click.UsageError("the built-in task types are known everywhere, and cannot be declared again; `otterdsl tasks` lists them")
    if output is not None and output.is_dir():
        raise click.UsageError(f"{click.format_filename(output)} is a folder; name the file to write")
    folder = [str(Path.cwd())]
    with read([package], import_path=folder, docs=True) as specs:
        schemas = specs.schemas
    reason = schemas.failed.get(package)
    if reason is not None:
        note(f"error: package `{visible(package)}` cannot be used: {visible(reason)}")
        mend = package_help(package, reason, folder)
        if mend:
            note(f"help: {visible(mend)}")
        ctx.exit(1)
    tasks = [task for task in schemas.tasks.values() if task.package == package]
    described = describe(tasks, schemas.reserved, f"The task types of {package}, as `otterdsl schema {package}` writes them.")
    if output is None:
        click.echo(described.text, nl=False)
    else:
        _write(described.text, output)
    for each in described.unsaid:
        note(f"note: {visible(each)}")


def _write(text: str, output: Path) -> None:
    """Write the file whole or not at all."""
    from otterdsl.compiler.writing import put_in_place

    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        put_in_place(Path(os.path.realpath(output)), text.encode())
    except OSError as error:
        raise unreadable(OSError(error.errno, error.strerror, str(output))) from None
