"""The turns of loops: which variables have which values in each, and what a condition comes to in it.

In: loops as a generated module holds them, outermost first. Out: the variables of each turn, values in placeholder form. What is absent: what a run
alone knows, which comes in as a list of items.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, TypeAlias

from otterdsl.runtime.scratchpad.placeholder import escape
from otterdsl.runtime.task.conditions import Item, Param, Scope, holds, shown_value, uses_items
from otterdsl.runtime.task.sources import Glob, Json, Lines, Stored, as_written
from otterdsl.runtime.util.errors import StepInvalidError

Loops: TypeAlias = tuple[tuple[str, Any], ...]
"""Variables and what they run over."""

MOST_TASKS: Final = 1_000_000
"""How many tasks a step may have."""

_PARTS: Final = ("prefix", "path", "ext")


def is_source(items: Any) -> bool:
    """Whether a loop runs over what only a run knows."""
    return isinstance(items, (Glob, Lines, Json, Stored))


def split(loops: Loops) -> tuple[Loops, Loops]:
    """The loops that can be spread now, and those from the first on that only a run can spread."""
    at = next((index for index, (_, items) in enumerate(loops) if is_source(items)), len(loops))
    return loops[:at], loops[at:]


def turns(for_each: Mapping[str, Any], when: Any, params: Mapping[str, Any]) -> Iterator[tuple[Mapping[str, Any], bool]]:
    """The variables of each turn, outer loops first, and whether the condition holds in it. Raises: StepInvalidError."""
    each_turn = uses_items(when)
    kept = True if each_turn else holds(when, Scope(params, {}))
    for variables in product(tuple(for_each.items()), params, {}):
        yield variables, holds(when, Scope(params, variables)) if each_turn else kept


def product(loops: Loops, params: Mapping[str, Any], outer: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The variables of each turn, with those of the loops around. Raises: StepInvalidError, for what is no list."""
    if not loops:
        yield outer
        return
    (variable, source), *inner = loops
    for item in items_of(variable, source, Scope(params, outer)):
        turn = {**outer, variable: item}
        if inner:
            yield from product(tuple(inner), params, turn)
        else:
            yield turn


def items_of(variable: str, source: Any, scope: Scope) -> Sequence[Any]:
    """What a loop runs over, as a list. Raises: StepInvalidError."""
    if is_source(source):
        raise StepInvalidError(f"a loop over {as_written(source)} cannot stand here: only a step's own tasks can be told apart as it runs")
    if isinstance(source, Param):
        items = escape(scope.param(source.name))
    elif isinstance(source, Item):
        items = scope.item(source.path)
    else:
        items = source
    if not isinstance(items, (list, tuple)):
        raise StepInvalidError(f"the loop over `{variable}` is given {shown_value(items)}, which is no list")
    return items


def empty_parts(variable: str, source: Any, item: Any) -> frozenset[str]:
    """The parts of a file's name that are empty, where a loop runs over files: see `Scope`."""
    if not isinstance(source, Glob):
        return frozenset()
    return frozenset(f"{variable}.{part}" for part in _PARTS if not item[part])
