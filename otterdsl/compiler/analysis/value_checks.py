"""Let pydantic check values, in as few calls as can be, and point at the text of each that does not fit.

In: requests, each with the expressions that its values came from. Out: diagnostics. What is absent: any opinion of our own on what fits.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from otterdsl.compiler.analysis.folding import ref_path
from otterdsl.compiler.analysis.param_fits import sample_of
from otterdsl.compiler.analysis.report import Report, shown
from otterdsl.compiler.analysis.schemas import ValueChecker, ValueProblem, ValueRequest
from otterdsl.compiler.analysis.secrets import is_secret
from otterdsl.compiler.source.diagnostic import Label
from otterdsl.compiler.source.span import Span
from otterdsl.compiler.syntax import ast
from otterdsl.compiler.values.types import Type
from otterdsl.compiler.values.value import PLACEHOLDER, Value, placeholder, placeholders, to_text

# What a run may fill in, to see whether the text around it can be anything but text.
_SAMPLES: Final = ("0", "x")


@dataclass(frozen=True, slots=True)
class Asked:
    """A request with where its values stand.

    `code` is what a misfit is reported as, `place` the span for what is wrong with all of it, `what` completes "field `x` …" ("of `copy`"), `turn`
    says which turn of a loop this is. `exprs` are by field. Of requests with one `of`, a field is reported once. Without `whole` the values are only
    some of a task's, and what is said of all of them together does not count. `texts` are the fields, with their types, that should hold no text and
    whose value is some, around what a run fills in. `never` are those whose value is what a run fills in, by its name and of a type (the first) that
    cannot fit the field's (the second).
    """

    request: ValueRequest
    code: str
    kind: str
    what: str
    place: Span
    exprs: Mapping[str, ast.Expr]
    of: object
    turn: str = ""
    related: tuple[Label, ...] = ()
    whole: bool = True
    texts: Mapping[str, Type] = field(default_factory=dict)
    never: Mapping[str, tuple[str, Type, Type]] = field(default_factory=dict)


def check_all(asked: list[Asked], check_values: ValueChecker, report: Report) -> None:
    """Ask about all values at once. Mutates: `report`. Reports: each request's code."""
    if not asked:
        return
    said: set[tuple[object, str | int | None]] = set()
    for problem in check_values([each.request for each in asked]):
        one = asked[problem.request]
        field_name = problem.path[0] if problem.path else None
        if (one.of, field_name) in said and one.turn:
            continue  # said of an earlier turn
        if field_name is None and not one.whole:
            continue
        said.add((one.of, field_name))
        _report(problem, one, report)
    _check_texts([each for each in asked if each.texts], check_values, report)
    _check_never([each for each in asked if each.never], check_values, report)


def _check_texts(asked: list[Asked], check_values: ValueChecker, report: Report) -> None:
    """Reports: each request's code, for text in a field that takes none, and whose validators make nothing else of it, whatever a run fills in."""
    tried: list[ValueRequest] = []
    fields: list[tuple[Asked, str]] = []
    for one in asked:
        for name in one.texts:
            for sample in _SAMPLES:
                tried.append(replace(one.request, values={**one.request.values, name: _filled(str(one.request.values[name]), sample)}))
                fields.append((one, name))
    refused = {problem.request for problem in check_values(tried) if problem.path[:1] == (fields[problem.request][1],)} if tried else set()
    for index in range(0, len(tried), len(_SAMPLES)):
        if not refused.issuperset(range(index, index + len(_SAMPLES))):
            continue
        one, name = fields[index]
        inner = placeholder(next(placeholders(one.request.values[name])))
        message = f"{one.kind} `{shown(name)}`{one.what} is `{one.texts[name]}`, and this stays text, whatever `{shown(inner)}` is"
        mend = f'a string of one placeholder alone takes its value, with its type: `"{inner}"`'
        report.add(one.code, one.exprs[name].span, message, label="text around a placeholder", mend=mend, related=one.related)


def _check_never(asked: list[Asked], check_values: ValueChecker, report: Report) -> None:
    """Reports: each request's code, for what a run fills in whose type cannot fit its field, unless validators of the field's class make it fit."""
    tried: list[ValueRequest] = []
    fields: list[tuple[Asked, str]] = []
    for one in asked:
        for name, (_, given, _) in one.never.items():
            value = sample_of(given)
            declared = {name: one.request.declared[name]} if name in one.request.declared else {}
            tried += [ValueRequest(one.request.base, {name: each}, declared) for each in (value, to_text(value))]
            fields += [(one, name)] * 2
    refused = {problem.request for problem in check_values(tried) if problem.path[:1] == (fields[problem.request][1],)} if tried else set()
    for index in range(0, len(tried), 2):
        if not refused.issuperset((index, index + 1)):
            continue
        one, name = fields[index]
        inner, given, of = one.never[name]
        what = f"`{inner}` is text" if is_secret(inner) else f"param `{inner}` is `{given}`"
        message = f"{one.kind} `{shown(name)}`{one.what} is `{of}`, and {what}, which never fits"
        report.add(one.code, one.exprs[name].span, message, label="of another type", related=one.related)


def _filled(text: str, sample: str) -> str:
    """A text with the same in the place of each placeholder."""
    return PLACEHOLDER.sub(lambda found: sample if found.group(1) else found.group(), text)


def _report(problem: ValueProblem, one: Asked, report: Report) -> None:
    turn = f" (where {one.turn})" if one.turn else ""
    if not problem.path:
        report.add(one.code, one.place, f"{problem.message}{turn}", label="this does not fit as a whole", related=one.related)
        return
    name = str(problem.path[0])
    expr = one.exprs.get(name)
    message = f"{one.kind} `{shown(name)}`{one.what}: {problem.message}{turn}"
    if expr is None:
        report.add(one.code, one.place, message, label="does not fit", related=one.related)
        return
    span, label = _place(expr, problem.path[1:], one.request.values.get(name))
    report.add(one.code, span, message, label=label or "does not fit", related=one.related)


def _place(expr: ast.Expr, path: tuple[str | int, ...], value: Value) -> tuple[Span, str]:
    """The smallest text that holds what stands at a path of a value, and what to say of it: of a name, its value."""
    for part in path:
        match expr:
            case ast.ListExpr(items=items) if isinstance(part, int) and 0 <= part < len(items):
                expr = items[part]
            case ast.MapExpr(entries=entries) if found := [entry.value for entry in entries if _key(entry) == part]:
                expr = found[0]
            case _:
                break
        value = _within(value, part)
    name = ".".join(ref_path(expr) or []) if isinstance(expr, ast.RefExpr) else ""
    return expr.span, f"`{name}` is `{shown(to_text(value))}`" if name and value is not None else ""


def _within(value: Value, part: str | int) -> Value:
    if isinstance(value, tuple) and isinstance(part, int) and 0 <= part < len(value):
        return value[part]
    return value.get(part) if isinstance(value, Mapping) and isinstance(part, str) else None


def _key(entry: ast.MapEntry) -> str | None:
    return entry.key.text if isinstance(entry.key, ast.Name) else entry.key.plain
