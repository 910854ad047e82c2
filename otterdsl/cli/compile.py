"""`otterdsl compile`: a pipeline's Python package. In: a `.otter` file. Out: files below a folder, or with `--check` what differs there."""

from pathlib import Path

import click

from otterdsl.cli.findings import count, refuse_other, show, stops, unreadable
from otterdsl.cli.options import FILE, FOLDER, no_import_option, set_option, strict_option
from otterdsl.cli.terminal import color_option, note, result
from otterdsl.compiler.source.diagnostic import Diagnostic
from otterdsl.compiler.source.snippet import visible

EPILOG = """\b
Examples:
  otterdsl compile inputs.otter -o compiled
  otterdsl compile inputs.otter -o compiled --check
"""


@click.command("compile", epilog=EPILOG)
@click.argument("file", metavar="FILE", type=FILE)
@click.option("-o", "--output", "directory", metavar="DIR", required=True, type=FOLDER, help="The folder that the package is written into.")
@click.option("--check", "compare_only", is_flag=True, help="Write nothing: fail when the package differs from what would be written.")
@click.option("--force", is_flag=True, help="Overwrite generated files that were edited by hand.")
@set_option
@strict_option
@no_import_option
@color_option
@click.pass_context
def command(
    ctx: click.Context,
    file: Path,
    directory: Path,
    compare_only: bool,
    force: bool,
    settings: tuple[tuple[str, str], ...],
    strict: bool,
    use_imports: bool,
) -> None:
    """Write a pipeline's Python package.

    It goes to DIR/<pipeline>/, for a reviewer to read and for `run` to run. The same file gives the same bytes, everywhere. With --set, params are
    folded into it. A file that was edited by hand is left alone without --force.
    """
    refuse_other(file)
    from otterdsl.compiler.compile import compare, compile_file, write

    compilation = compile_file(file, use_imports=use_imports, sets=dict(settings), into=None if compare_only else directory)
    show(compilation.diagnostics, compilation.texts)
    if stops(compilation.diagnostics, strict):
        count(compilation.diagnostics)
        ctx.exit(1)
    if compare_only:
        try:
            drifts = compare(compilation, directory)
        except OSError as error:
            raise unreadable(error) from None
        for drift in drifts:
            result(drift.diff.rstrip("\n"))
        problems: tuple[Diagnostic, ...] = tuple(drift.diagnostic for drift in drifts)
    else:
        problems = write(compilation, directory, force=force)
    show(problems, compilation.texts)
    if stops(problems, strict):
        count([*compilation.diagnostics, *problems])
        ctx.exit(1)
    folder = directory / compilation.folder
    if compare_only:
        note(f"`{visible(str(folder))}` is what `{visible(str(file))}` compiles to")
    else:
        result(str(folder))
