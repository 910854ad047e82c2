"""What pydantic is to be asked of a task: its fields, once, or turn by turn where they differ from turn to turn.

In: a task, and the value of each field with its expression. Out: requests, each with where its values stand. What is absent: asking (see
`value_checks`), and how values come to be (see `fields`).
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import TypeAlias

from otterdsl.compiler.analysis.fields import varies
from otterdsl.compiler.analysis.fitting import stays_text, turned
from otterdsl.compiler.analysis.param_fits import unfitting
from otterdsl.compiler.analysis.program import Subtasks
from otterdsl.compiler.analysis.schemas import FieldSchema, ValueRequest
from otterdsl.compiler.analysis.structure import Site
from otterdsl.compiler.analysis.task_types import TaskType
from otterdsl.compiler.analysis.turns import filled, row_lookup, turn_text
from otterdsl.compiler.analysis.value_checks import Asked
from otterdsl.compiler.source.diagnostic import Label
from otterdsl.compiler.syntax import ast
from otterdsl.compiler.values.types import Type
from otterdsl.compiler.values.value import Value

Given: TypeAlias = dict[str, tuple[Value, ast.Expr]]


def requests_of(
    site: Site, kind: TaskType, given: Given, tasks: Iterable[Subtasks], base_fields: Mapping[str, FieldSchema], ignores_missing: bool
) -> Iterator[Asked]:
    """The requests of a task: one for each turn where a value differs from turn to turn. What holds of all turns is asked of the first alone."""
    values: dict[str, Value] = {name: value for name, (value, _) in given.items()}
    exprs = {name: expr for name, (_, expr) in given.items()}
    for each in tasks:
        if each.name not in kind.fields or kind.fields[each.name].type.holds_specs:
            values[each.name] = tuple({"name": task.type} for task in each.tasks)
    base = kind.registered.name if kind.registered else None
    declared: Mapping[str, Type] = kind.declared
    if base is None:
        declared = {**{name: base_fields[name].type for name in values if name in base_fields}, **declared}
    what = f" of `{kind.name}`"
    related = (Label(site.use.type.span, kind.where),) if kind.declared else ()
    place = site.use.label.span
    nest, params = site.nest, site.around.env.names.params

    def asked(turn: Mapping[str, Value], text: str, first: bool) -> Asked:
        texts = _texts(turn, kind, exprs) if first and not ignores_missing else {}
        never = unfitting(turn, exprs, kind, params) if first else {}
        request = ValueRequest(base, turn, declared)
        return Asked(request, "OT301", "field", what, place, exprs, site, text, related, texts=texts, never=never)

    differing = [name for name, value in values.items() if varies(value, nest.variables)] if nest.variables else []
    if not differing:
        yield asked(values, "", True)
        return
    for number, row in enumerate(nest.rows):
        lookup = row_lookup(nest.variables, row)
        turn = dict(values)
        for name in differing:
            of = kind.fields[name].type if name in kind.fields else None
            turn[name] = turned(of, values[name], filled(values[name], lookup))
        yield asked(turn, turn_text(nest.variables, row), not number)


def _texts(values: Mapping[str, Value], kind: TaskType, exprs: Mapping[str, ast.Expr]) -> dict[str, Type]:
    """The fields that take no text and are given some with a placeholder in it, with their types."""
    return {name: of for name in exprs if name in values and name in kind.fields and stays_text(of := kind.fields[name].type, values[name])}
