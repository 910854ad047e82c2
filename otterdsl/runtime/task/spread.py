"""Spread the statements of a step into the tasks of a run: loops turn by turn, conditions decided.

In: classes that hold a `spec` and, as data, `for_each`, `when` and `group`; the params' values. Out: an `Entry` for each task, in the order of
the source, and what was left out. One class serves all turns of its loop: a turn is a Spec, copied where the loop's variables stand in it.
Specs stay in placeholder form, for `build` to fill; names and `requires` are filled here, since the order of tasks hangs on them. What is
absent: loops over what only a run can know.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from pydantic import Field

from otterdsl.runtime.scratchpad.placeholder import MISSING, fill, fold, has_placeholder, to_text
from otterdsl.runtime.task.conditions import AllOf, AnyOf, Compare, Item, Not, Param, Scope, bind, holds, uses_items, value_of
from otterdsl.runtime.task.model import Spec, Task
from otterdsl.runtime.util.errors import StepInvalidError

_CONDITIONS = (Param, Item, Compare, Not, AllOf, AnyOf)


class Spread(Spec):
    """Specs within a `list[Spec]` field: one for each turn of `for_each` in which `when` holds."""

    for_each: dict[str, Any] = Field(default_factory=dict)
    when: Any = True
    group: Any = ()
    spec: Spec

    def __init__(self, *, spec: Spec, for_each: Mapping[str, Any] | None = None, when: Any = True, group: Any = ()) -> None:
        super().__init__(name=spec.name, spec=spec, for_each=dict(for_each or {}), when=when, group=group)


class Entry(NamedTuple):
    """A task of a run: its name and what it waits for, filled in; its groups, outermost first; its Spec, in placeholder form; its class."""

    name: str
    requires: tuple[str, ...]
    groups: tuple[str, ...]
    spec: Spec
    task_class: type[Task] | None = None


@dataclass(frozen=True, slots=True)
class SpreadStep:
    """The tasks of a step; the names of those that a condition left out; the labels of all its loops, even of those without a turn."""

    entries: tuple[Entry, ...]
    absent: frozenset[str]
    groups: frozenset[str]


def spread(classes: Iterable[type[Task]], params: Mapping[str, Any]) -> SpreadStep:
    """The tasks that a step's classes stand for. Raises: StepInvalidError, for a loop or condition that cannot be decided."""
    entries: list[Entry] = []
    absent: set[str] = set()
    labels: set[str] = set()
    for task_class in classes:
        spec: Spec = task_class.__dict__["spec"]
        for_each: Mapping[str, Any] = getattr(task_class, "for_each", {})
        when = getattr(task_class, "when", True)
        groups = _labels(getattr(task_class, "group", ()))
        labels.update(groups)
        for name, requires, turn in _turns_of(spec, for_each, when, params):
            if turn is None:
                absent.add(name)
            else:
                entries.append(Entry(name, requires, groups, turn, task_class))
    return SpreadStep(tuple(entries), frozenset(absent), frozenset(labels))


def expand(specs: Sequence[Any], params: Mapping[str, Any]) -> list[Any]:
    """The items of a `list[Spec]` field with each `Spread` among them spread; the rest as it is."""
    if not any(isinstance(each, Spread) for each in specs):
        return list(specs)
    expanded: list[Any] = []
    absent: set[str] = set()
    members: dict[str, list[str]] = {}
    for each in specs:
        if not isinstance(each, Spread):
            expanded.append(each)
            continue
        labels = _labels(each.group)
        for label in labels:
            members.setdefault(label, [])
        for turn, kept in _turns(each.for_each, each.when, params):
            inner = bind_spec(each.spec, Scope(params, turn))
            if not kept:
                absent.add(inner.name)
                continue
            expanded.append(inner)
            for label in labels:
                members[label].append(inner.name)
    return [_without(each, absent, members) if isinstance(each, Spec) else each for each in expanded]


def bind_spec(spec: Spec, scope: Scope) -> Spec:
    """A copy of a Spec with the loop's variables filled in, in placeholder form still."""
    if isinstance(spec, Spread):
        inner = Scope(scope.params, {name: value for name, value in scope.variables.items() if name not in spec.for_each})
        loops = {name: _bind(items, scope) for name, items in spec.for_each.items()}
        return Spread(spec=bind_spec(spec.spec, inner), for_each=loops, when=bind(spec.when, inner), group=spec.group)
    return with_values(spec, {name: _bind(value, scope) for name, value in _templates(spec).items()})


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


# ---------------------------------------------------------------- turns


def _turns_of(spec: Spec, for_each: Mapping[str, Any], when: Any, params: Mapping[str, Any]) -> Iterator[tuple[str, tuple[str, ...], Spec | None]]:
    """For each turn of a statement the task's name, what it requires, and its Spec (None: left out)."""
    templates = _templates(spec) if for_each else {}

    def lookup(name: str) -> Any:
        return params.get(name, MISSING)

    plain = not has_placeholder(spec.name) and not has_placeholder(spec.requires)
    for variables, kept in _turns(for_each, when, params):
        scope = Scope(params, variables)
        turn = with_values(spec, {name: _bind(value, scope) for name, value in templates.items()}) if templates else spec
        if plain:
            name, requires = turn.name, tuple(turn.requires)
        else:
            name, requires = to_text(fill(turn.name, lookup)), tuple(to_text(fill(each, lookup)) for each in turn.requires)
        yield name, requires, turn if kept else None


def _turns(for_each: Mapping[str, Any], when: Any, params: Mapping[str, Any]) -> Iterator[tuple[Mapping[str, Any], bool]]:
    """The variables of each turn, outer loops first, and whether the condition holds in it."""
    each_turn = uses_items(when)
    kept = True if each_turn else holds(when, Scope(params, {}))
    for variables in _product(tuple(for_each.items()), params, {}):
        yield variables, holds(when, Scope(params, variables)) if each_turn else kept


def _product(loops: tuple[tuple[str, Any], ...], params: Mapping[str, Any], outer: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    if not loops:
        yield outer
        return
    (variable, source), *inner = loops
    items = value_of(source, Scope(params, outer)) if isinstance(source, (Param, Item)) else source
    if not isinstance(items, (list, tuple)):
        raise StepInvalidError(f"the loop over `{variable}` is given {items!r}, which is no list")
    for item in items:
        turn = {**outer, variable: item}
        if inner:
            yield from _product(tuple(inner), params, turn)
        else:
            yield turn


def _templates(spec: Spec) -> dict[str, Any]:
    """The fields in which a loop's variable may stand."""
    return {name: value for name, value in written(spec).items() if _varies(value)}


def _varies(value: Any) -> bool:
    if isinstance(value, (list, tuple)):
        return any(_varies(item) for item in value)
    return isinstance(value, Spec) or has_placeholder(value)


def _bind(value: Any, scope: Scope) -> Any:
    if isinstance(value, Spec):
        return bind_spec(value, scope)
    if isinstance(value, _CONDITIONS):
        return bind(value, scope)
    if isinstance(value, list):
        return [_bind(item, scope) for item in value]
    if type(value) is tuple:
        return tuple(_bind(item, scope) for item in value)
    return fold(value, scope.item)


def _labels(group: Any) -> tuple[str, ...]:
    return (group,) if isinstance(group, str) else tuple(group)


def _without(spec: Spec, absent: set[str], members: Mapping[str, list[str]]) -> Spec:
    """The Spec requiring the members of a group in its place, and nothing that was left out."""
    requires: list[str] = []
    for each in spec.requires:
        requires.extend(members.get(each, () if each in absent else (each,)))
    return spec if requires == spec.requires else with_values(spec, {"requires": requires})
