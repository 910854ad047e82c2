"""`run sh`: a script in which each `${…}` becomes a reference to a variable of the environment, quoted as its place needs it.

In: a `run`, the task type that it stands in. Out: a `ShellBody`. Reports: OT108, a value where bash would read more than a value; OT106, what no
script can hold; OT008, scripts that are too long. In a script that is quoted raw nothing is interpolated: it has variables for the fields whose
`OTTER_…` it names. What is absent: whether bash can parse it, and how it is run.
"""

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from otterdsl.compiler.analysis.body_values import BodyValues, Held
from otterdsl.compiler.analysis.folding import ref_path
from otterdsl.compiler.analysis.places import in_file
from otterdsl.compiler.analysis.report import Report, shown
from otterdsl.compiler.analysis.scope import Globals
from otterdsl.compiler.analysis.shell import scan
from otterdsl.compiler.analysis.shell_places import VALUE, Form, Place, Why
from otterdsl.compiler.analysis.task_types import TaskType
from otterdsl.compiler.syntax import ast
from otterdsl.compiler.values.bodies import ShellBody
from otterdsl.compiler.values.value import Value, placeholder

LONGEST: Final = 120_000
"""So many bytes a script may have: Linux takes no argument of more than 128 KiB."""

_UNUSUAL: Final = re.compile(r"[^A-Za-z0-9_]")


class _Variables:
    """The variables that a script needs. Invariant: each name has one value; a field's is its own."""

    def __init__(self, kind: TaskType) -> None:
        self._fields = {f"OTTER_{name}" for name in kind.fields}
        self.values: dict[str, Value] = {}

    def named(self, base: str, value: Value, field: bool) -> str:
        """The name of the variable that holds a value. Mutates."""
        name, number = base, 1
        while (name in self._fields and not field) or (name in self.values and self.values[name] != value):
            number += 1
            name = f"{base}_{number}"
        self.values[name] = value
        return name


def shell_body(run: ast.Run, kind: TaskType, names: Globals, report: Report) -> ShellBody | None:
    """The script, None where a value cannot stand where it does, or is none."""
    written = "".join(part if isinstance(part, str) else VALUE for part in run.body.parts)
    parts = [part for part in run.body.parts if isinstance(part, ast.Interpolation)]
    if not _possible(written, len(parts), run, report):
        return None
    script = without_indent(written, run.starts)
    places = scan(script).places
    values, variables = BodyValues(kind, names, report), _Variables(kind)
    references = [_reference(part, places[number], values, variables) for number, part in enumerate(parts)]
    if None in references:
        return None
    if run.body.raw:
        for name in kind.fields:
            if re.search(rf"\bOTTER_{re.escape(name)}\b", script, re.ASCII):
                variables.named(f"OTTER_{name}", placeholder(name), field=True)
    texts = script.split(VALUE)
    text = "".join(f"{before}{reference}" for before, reference in zip(texts, [*references, ""], strict=True))
    return ShellBody(tuple(text.rstrip("\n").split("\n")), variables.values)


def without_indent(script: str, starts: Sequence[int]) -> str:
    """A script without the indent that its lines in the file share, which begin at `starts`: a here-document ends with a line that has none.

    A line end that was written as an escape begins no such line.
    """
    lines = [script[start:end] for start, end in pairwise((*(starts or (0,)), len(script)))]
    indents = [line[: len(line) - len(line.lstrip(" \t"))] for line in lines if line.strip()]
    low, high = (min(indents), max(indents)) if indents else ("", "")
    shared = next((number for number, (a, b) in enumerate(zip(low, high, strict=False)) if a != b), min(len(low), len(high)))
    return "".join(line[min(shared, len(line) - len(line.lstrip(" \t"))) :] for line in lines)


def _possible(script: str, values: int, run: ast.Run, report: Report) -> bool:
    if script.count(VALUE) != values:
        at = next(found.start() for found in re.finditer(VALUE, script))
        report.add("OT106", in_file(run, at, at + 1), "no script can hold a NUL", label="`\\u{0}` stands here, or before it")
        return False
    if len(script.encode("utf-8", "surrogatepass")) > LONGEST:
        message = f"a script of more than {LONGEST:,} bytes is too long to be run"
        report.add("OT008", run.language.span, message, label="this one", mend="put it into a file, and run that")
        return False
    return True


def _reference(part: ast.Interpolation, place: Place, values: BodyValues, variables: _Variables) -> str | None:
    """The text that stands for a value; None where it cannot stand here. Mutates: `variables`. Reports: OT108."""
    if place.form is Form.COMMENT:
        return f"${{{'.'.join(ref_path(part.expr) or ['…']) if isinstance(part.expr, ast.RefExpr) else '…'}}}"
    held = values.interpolated(part)
    report = values.env.report
    if place.never is not None:
        _refuse(part, f"{place.never.why}", place.never.mend, report)
        return None
    if held is None:
        return None
    if place.unless_int is not None and not held.whole_number:
        _refuse(part, _reason(place, place.unless_int, held), place.unless_int.mend, report)
        return None
    field = isinstance(part.expr, ast.RefExpr) and not part.expr.tail and part.expr.head.text in values.kind.fields
    name = variables.named(_base(part.expr), held.value, field)
    inner = name if not held.many else f"{name}[@]" if place.form is Form.WORD else f"{name}[*]"
    return f'"${{{inner}}}"' if place.form is Form.WORD else f"${{{inner}}}"


def _reason(place: Place, why: Why, held: Held) -> str:
    if place.form is Form.NUMBER and all(option.name in ("int", "float", "bool") for option in held.type.options):
        return f"this is `{held.type}`, and bash counts with whole numbers alone"
    return f"{why.why}; a whole number could, and this is `{held.type}`"


def _refuse(part: ast.Interpolation, why: str, mend: str, report: Report) -> None:
    written = ".".join(ref_path(part.expr) or ["…"]) if isinstance(part.expr, ast.RefExpr) else "…"
    report.add("OT108", part.span, f"`${{{shown(written)}}}` cannot stand here: {why}", label="not as a value alone", mend=mend)


def _base(expr: ast.Expr) -> str:
    """What the variable of an expression is called, unless that is taken."""
    match expr:
        case ast.RefExpr():
            name = "_".join(ref_path(expr) or [expr.head.text])
        case ast.CallExpr(arguments=(ast.Argument(value=ast.StringExpr() as only),)) if only.plain:
            name = only.plain
        case ast.CallExpr():
            name = expr.function.text
        case ast.StringExpr() if expr.plain:
            name = expr.plain
        case _:
            name = "value"
    return f"OTTER_{_UNUSUAL.sub('_', name)[:60]}"
