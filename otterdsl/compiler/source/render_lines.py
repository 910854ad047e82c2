"""Diagnostics a line each: for people who want to see many, and as commands of GitHub's workflows. In: located diagnostics. Out: text.

Whatever acts on a terminal or would end a line is shown escaped in both.
"""

from collections.abc import Sequence
from typing import Final

from otterdsl.compiler.source.diagnostic import Severity
from otterdsl.compiler.source.located import Located
from otterdsl.compiler.source.snippet import visible

_COMMANDS: Final = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.HINT: "notice"}


def render_concise(found: Sequence[Located]) -> str:
    """`inputs.otter:14:5: error[OT204]: unknown field …`, a line each; the place is left out where there is none."""
    return "".join(f"{_where(each)}{each.severity.value}[{each.code}]: {visible(each.message)}\n" for each in found)


def _where(each: Located) -> str:
    place = each.place
    if not place.file:
        return ""
    return f"{visible(place.file)}: " if place.line is None else f"{visible(place.file)}:{place.line}:{place.column}: "


def render_github(found: Sequence[Located]) -> str:
    """Workflow commands, which GitHub shows beside the lines of a change: https://docs.github.com/actions/reference/workflow-commands-for-github-actions.

    Columns are left out of what goes over several lines, where GitHub takes none.
    """
    return "".join(_command(each) for each in found)


def _command(each: Located) -> str:
    place = each.place
    properties: dict[str, object] = {}
    if place.file:
        properties["file"] = visible(place.file)
    if place.line is not None:
        properties["line"] = place.line
        if place.line == place.end_line:
            properties["col"] = place.column
        properties["endLine"] = place.end_line
        if place.line == place.end_line:
            properties["endColumn"] = place.end_column
    properties["title"] = each.code
    shown = ",".join(f"{name}={_escaped(str(value)).replace(':', '%3A').replace(',', '%2C')}" for name, value in properties.items())
    text = "\n".join(visible(line) for line in (each.message, each.label, each.help and f"help: {each.help}") if line)
    return f"::{_COMMANDS[each.severity]} {shown}::{_escaped(text)}\n"


def _escaped(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
