"""`otterdsl explain`: the page of a diagnostic's code. In: a code, or none. Out: the page, or the list of codes, on standard output."""

import re
import sys
from collections.abc import Iterator
from typing import Final

import click

from otterdsl.cli.terminal import color_option, colored, result
from otterdsl.compiler.source.codes import CODES
from otterdsl.compiler.source.diagnostic import Severity
from otterdsl.compiler.source.nearest import nearest

EPILOG = """\b
Examples:
  otterdsl explain OT204
  otterdsl explain
"""

_KINDS: Final = {
    "0": "Text and files",
    "1": "Syntax",
    "2": "Names and fields",
    "3": "Types",
    "4": "Order and data",
    "5": "Placeholders",
    "6": "Writing files",
    "7": "Runs",
    "9": "Advice, and what is not there yet",
}
_COLORS: Final = {Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.HINT: "cyan"}
_FENCE: Final = re.compile(r"```\w*(?: file=(\S+)|.*)?")
_CODE: Final = re.compile(r"`([^`]+)`")
_LINK: Final = re.compile(r"\[([^\]]+)\]\(([^)]+)\)")


@click.command("explain", epilog=EPILOG)
@click.argument("code", required=False)
@color_option
def command(code: str | None) -> None:
    """Explain a diagnostic.

    Says what a CODE such as OT204 means and why it matters, with a wrong and a right example. Without a CODE: all of them, a line each.
    """
    if code is None:
        result("\n".join(listing()))
        return
    known = _known(code)
    if known is None:
        near = nearest(code.strip().upper(), CODES) if len(code) < 20 else None
        hint = f" Did you mean {near}?" if near else ""
        raise click.UsageError(f"There is no code {code!r}.{hint} `otterdsl explain` lists all of them.")
    from otterdsl.cli.pages import page

    result("\n".join(formatted(page(known) or f"# {known}: {CODES[known].title}", colored(sys.stdout))))


def _known(code: str) -> str | None:
    """The code that is meant: in any case, in the brackets that it is shown in, or as its number alone."""
    word = re.sub(r"^(?:ERROR|WARNING|HINT)?\[(.*)\]$", r"\1", code.strip().upper())
    return next((each for each in (word, f"OT{word}") if each in CODES), None)


def listing() -> Iterator[str]:
    """A line for each code, by kind."""
    kind = ""
    for code, known in CODES.items():
        if code[2] != kind:
            if kind:
                yield ""
            kind = code[2]
            yield click.style(_KINDS[kind], bold=True)
        severity = click.style(f"{known.severity.value:<7}", fg=_COLORS[known.severity])
        yield f"  {click.style(code, bold=True)}  {severity}  {known.title}"


def formatted(text: str, color: bool) -> Iterator[str]:
    """The lines of a page as a terminal shows them: headings without their marks, examples indented."""
    inside = False
    for line in text.rstrip("\n").split("\n"):
        fence = _FENCE.fullmatch(line)
        if fence:
            inside = not inside
            if fence[1]:
                yield click.style(f"    {fence[1]}:", dim=True)
            continue
        if inside:
            yield f"    {line}".rstrip()
        elif line.startswith("#"):
            yield click.style(line.lstrip("#").strip(), bold=True, underline=line.startswith("# ") or None) if color else line.lstrip("#").strip()
        else:
            words = _LINK.sub(r"\1", line)
            yield _CODE.sub(lambda found: click.style(found[1], fg="cyan"), words) if color else words
