"""Put the variables of loops into specs, which stay in placeholder form: whatever else stands in them is filled as the task is built.

In: specs, conditions and sources as a generated module holds them, and a `Scope`. Out: copies. `Spread` is how a `list[Spec]` field holds a loop.
What is absent: the turns of a loop, which are `task.turns`'.
"""

import re
from collections.abc import Collection, Mapping
from typing import Any

from pydantic import Field

from otterdsl.runtime.scratchpad.placeholder import fold, has_placeholder, to_text
from otterdsl.runtime.task.conditions import AllOf, AnyOf, Compare, Item, Not, Param, Scope, bind
from otterdsl.runtime.task.fields import spec_fields
from otterdsl.runtime.task.model import Spec
from otterdsl.runtime.task.sources import Glob, Json, Lines, Stored, with_texts

_CONDITIONS = (Param, Item, Compare, Not, AllOf, AnyOf)
_SOURCES = (Glob, Lines, Json, Stored)


class Spread(Spec):
    """Specs within a `list[Spec]` field: one for each turn of `for_each` in which `when` holds."""

    for_each: dict[str, Any] = Field(default_factory=dict)
    when: Any = True
    group: Any = ()
    spec: Spec

    def __init__(self, *, spec: Spec, for_each: Mapping[str, Any] | None = None, when: Any = True, group: Any = ()) -> None:
        super().__init__(name=spec.name, spec=spec, for_each=dict(for_each or {}), when=when, group=group)


def bind_spec(spec: Spec, scope: Scope) -> Spec:
    """A copy of a Spec with the loop's variables filled in, in placeholder form still."""
    if isinstance(spec, Spread):
        inner = Scope(scope.params, {name: value for name, value in scope.variables.items() if name not in spec.for_each}, scope.empty)
        loops = {name: bind_value(items, scope) for name, items in spec.for_each.items()}
        return Spread(spec=bind_spec(spec.spec, inner), for_each=loops, when=bind(spec.when, inner), group=spec.group)
    return bind_fields(spec, templates(spec), scope)


def bind_fields(spec: Spec, fields: Mapping[str, Any], scope: Scope) -> Spec:
    """The same, where the fields in which a variable may stand are known: see `templates`."""
    if not scope.empty:
        return with_values(spec, {name: bind_value(value, scope) for name, value in fields.items()})
    roles = spec_fields(type(spec))
    return with_values(
        spec,
        {
            name: bind_value(_tidy(value, scope.empty) if name in roles.inputs or name in roles.outputs or name in roles.intos else value, scope)
            for name, value in fields.items()
        },
    )


def bind_value(value: Any, scope: Scope) -> Any:
    """A value of a Spec, a condition or what a loop runs over, with the loop's variables filled in."""
    if isinstance(value, Spec):
        return bind_spec(value, scope)
    if isinstance(value, _CONDITIONS):
        return bind(value, scope)
    if isinstance(value, _SOURCES):
        return with_texts(value, lambda text: to_text(fold(_tidy(text, scope.empty), scope.item)))
    if isinstance(value, list):
        return [bind_value(item, scope) for item in value]
    if type(value) is tuple:
        return tuple(bind_value(item, scope) for item in value)
    return fold(value, scope.item)


def templates(spec: Spec) -> dict[str, Any]:
    """The fields in which a loop's variable may stand."""
    return {name: value for name, value in written(spec).items() if _varies(value)}


def with_values(spec: Spec, values: Mapping[str, Any]) -> Spec:
    """A copy of a Spec with other values in some fields, taken as they are: whoever builds the task checks them."""
    copy = spec.model_copy()
    extra = copy.__pydantic_extra__ or {}
    for name, value in values.items():
        (extra if name in extra else copy.__dict__)[name] = value
    copy.__pydantic_fields_set__.update(values)
    return copy


def written(spec: Spec) -> dict[str, Any]:
    """The fields that a Spec sets, by name, as they are."""
    found = {name: value for name, value in spec.__dict__.items() if name in spec.__pydantic_fields_set__}
    return {**found, **spec.__pydantic_extra__} if spec.__pydantic_extra__ else found


def _varies(value: Any) -> bool:
    if isinstance(value, (list, tuple)):
        return any(_varies(item) for item in value)
    return isinstance(value, Spec) or has_placeholder(value)


def _tidy(value: Any, empty: Collection[str]) -> Any:
    """A path, or a list of them, without the `/` that an empty part of a file's name would leave behind, and the `.` before an empty extension."""
    if isinstance(value, (list, tuple)):
        return [_tidy(each, empty) for each in value]
    if not isinstance(value, str) or "${" not in value:
        return value
    for name in empty:
        part = re.escape(f"${{{name}}}")
        value = re.sub(rf"\.{part}" if name.endswith(".ext") else rf"(?:^|(?<=/)){part}/", "", value)
    return value
