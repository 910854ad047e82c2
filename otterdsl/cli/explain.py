"""`otterdsl explain`: the page of one diagnostic. In: a code. Out: what it means, why it matters, a wrong and a right example."""

import re

import click

from otterdsl.cli.terminal import color_option, result

EPILOG = """\b
Examples:
  otterdsl explain OT204
  otterdsl explain
"""


@click.command("explain", epilog=EPILOG)
@click.argument("code", metavar="[CODE]", required=False)
@color_option
def command(code: str | None) -> None:
    """Explain the code of a diagnostic.

    What CODE means, why it matters, and an example of what is wrong and of what is right. Without CODE all of them are listed.
    """
    from otterdsl.cli.pages import page
    from otterdsl.compiler.source.codes import CODES

    if code is None:
        result("\n".join(f"{click.style(each, bold=True)}  {known.severity.value:<7}  {known.title}" for each, known in CODES.items()))
        return
    wanted = code.strip().upper()
    wanted = f"OT{wanted}" if wanted.isdecimal() else wanted
    if wanted not in CODES:
        import difflib

        near = difflib.get_close_matches(wanted, CODES, 1, 0.7)
        more = f"did you mean {near[0]}? " if near else ""
        raise click.UsageError(f"no diagnostic has the code {code!r}; {more}`otterdsl explain` lists them all")
    text = page(wanted) or f"# {wanted}: {CODES[wanted].title}\n"
    result("\n".join(_lines(text)))


def _lines(text: str) -> list[str]:
    """The page for a terminal: headings and fences in style, examples indented, nothing that only a browser needs."""
    lines: list[str] = []
    inside = False
    for line in text.strip().splitlines():
        if line.startswith("```"):
            inside = not inside
            title = re.search(r"(file|error)=(\S+)", line)
            if inside and title and title[1] == "file":
                lines.append(click.style(f"    {title[2]}:", dim=True))
            continue
        if inside:
            lines.append(f"    {line}".rstrip())
        elif line.startswith("#"):
            lines.append(click.style(line.lstrip("# "), bold=True))
        else:
            lines.append(line)
    return lines
