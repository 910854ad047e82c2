"""`otterdsl fmt`: `.otter` files in canonical form. In: files, folders, or standard input. Out: the files rewritten, or what would change."""

import difflib
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from otterdsl.cli.findings import count, refuse_other, show, unreadable
from otterdsl.cli.options import FILE
from otterdsl.cli.terminal import color_option, colored, note
from otterdsl.compiler.source.snippet import visible

if TYPE_CHECKING:
    from otterdsl.compiler.formatting import Formatted

EPILOG = """\b
Examples:
  otterdsl fmt inputs.otter
  otterdsl fmt --check --diff pipelines
  otterdsl fmt - < inputs.otter
"""

STANDARD_INPUT: Final = "-"
_COLORS: Final = {"+": "green", "-": "red", "@": "cyan"}


@click.command("fmt", epilog=EPILOG)
@click.argument("files", metavar="FILE...", nargs=-1, required=True, type=FILE)
@click.option("--check", is_flag=True, help="Change nothing: end with 1 where something would.")
@click.option("--diff", is_flag=True, help="Change nothing: show what would.")
@color_option
@click.pass_context
def command(ctx: click.Context, files: tuple[Path, ...], check: bool, diff: bool) -> None:
    """Write pipelines in their canonical form.

    Each FILE is rewritten in place; of a folder all .otter files in it are, and `-` takes standard input to standard output. Comments and single
    empty lines stay. What cannot be parsed is left alone, and said.
    """
    from otterdsl.compiler.formatting import format_bytes, format_file

    if Path(STANDARD_INPUT) in files and len(files) > 1:
        raise click.UsageError("`-` is standard input, and stands alone")
    wrong = changed = False
    for path in _each(files):
        standard = path == Path(STANDARD_INPUT)
        formatted = format_bytes(sys.stdin.buffer.read(), "<standard input>") if standard else format_file(path)
        if formatted.after is None:
            show(formatted.diagnostics, formatted.texts)
            count(formatted.diagnostics)
            wrong = True
            continue
        changed = changed or formatted.changed
        if diff and formatted.changed:
            click.echo(_difference(path, formatted), nl=False)
        if standard and not check and not diff:
            sys.stdout.buffer.write(formatted.after.encode())
        elif formatted.changed:
            if not check and not diff:
                _write(path, formatted.after)
            note(f"{'would change' if check or diff else 'formatted'} {visible(click.format_filename(path))}")
    if wrong or (check and changed):
        ctx.exit(1)


def _each(paths: tuple[Path, ...]) -> Iterator[Path]:
    """The files, those of folders in the order of their names; what is hidden there is left alone."""
    for path in paths:
        if path == Path(STANDARD_INPUT) or not path.is_dir():
            refuse_other(path)
            yield path
            continue
        found = False
        for folder, folders, names in os.walk(path):
            folders[:] = sorted(each for each in folders if not each.startswith("."))
            for name in sorted(names):
                if name.endswith(".otter") and not name.startswith("."):
                    found = True
                    yield Path(folder) / name
        if not found:
            note(f"{visible(click.format_filename(path))} holds no .otter files")


def _difference(path: Path, formatted: "Formatted") -> str:
    before = formatted.before.decode("utf-8-sig", errors="replace")
    name = visible(click.format_filename(path))
    lines = difflib.unified_diff(before.splitlines(keepends=True), (formatted.after or "").splitlines(keepends=True), name, name)
    shown = [f"{visible(line.rstrip(chr(10)))}\n" for line in lines]
    if not colored(sys.stdout):
        return "".join(shown)
    return "".join(click.style(line, fg=_COLORS.get(line[:1])) for line in shown)


def _write(path: Path, text: str) -> None:
    from otterdsl.compiler.writing import rewrite

    try:
        rewrite(path, text.encode())
    except OSError as error:
        raise unreadable(OSError(error.errno, error.strerror, str(path))) from None
