"""Conditions of generated modules, as data: what an `if` over params or loop variables becomes, and what it comes to in a run.

Constants in them are in placeholder form. What is absent: loops, which are `task.spread`'s.
"""

import operator
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from otterdsl.runtime.scratchpad.placeholder import MISSING, fill
from otterdsl.runtime.util.errors import StepInvalidError, did_you_mean


@dataclass(frozen=True, slots=True)
class Param:
    """A param, by name."""

    name: str


@dataclass(frozen=True, slots=True)
class Item:
    """A loop's variable, or something within it: `each`, `file.stem`."""

    path: str


@dataclass(frozen=True, slots=True)
class Compare:
    """Two operands and what must hold between them."""

    left: Any
    operator: str
    right: Any


@dataclass(frozen=True, slots=True)
class Not:
    """The opposite."""

    condition: Any


@dataclass(frozen=True, slots=True, init=False)
class AllOf:
    """All of them hold."""

    conditions: tuple[Any, ...]

    def __init__(self, *conditions: Any) -> None:
        object.__setattr__(self, "conditions", conditions)


@dataclass(frozen=True, slots=True, init=False)
class AnyOf:
    """At least one of them holds."""

    conditions: tuple[Any, ...]

    def __init__(self, *conditions: Any) -> None:
        object.__setattr__(self, "conditions", conditions)


@dataclass(frozen=True, slots=True)
class Scope:
    """What names stand for: the params' values, and in a loop its variables', in placeholder form.

    `empty` are the parts of a file's name that are empty, such as `file.path`: in a path the `/` behind them goes too.
    """

    params: Mapping[str, Any]
    variables: Mapping[str, Any]
    empty: frozenset[str] = frozenset()

    def param(self, name: str) -> Any:
        """The value of a param. Raises: StepInvalidError, where there is none."""
        if name not in self.params:
            raise StepInvalidError(f"no param `{name}`{did_you_mean(name, self.params)}")
        return self.params[name]

    def item(self, path: str) -> Any:
        """What a path within a loop's variable leads to; MISSING where the path begins with no variable.

        Raises: StepInvalidError, where the variable holds no such thing.
        """
        head, *rest = path.split(".")
        if head not in self.variables:
            return MISSING
        value = self.variables[head]
        for part in rest:
            if not isinstance(value, Mapping) or part not in value:
                raise StepInvalidError(f"the loop's `{path}`: there is no `{part}` in {shown_value(value)}")
            value = value[part]
        return value


_SHOWN: Final = 200

_OPERATORS: Final[Mapping[str, Callable[[Any, Any], Any]]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "in": lambda left, right: left in right,
    "not in": lambda left, right: left not in right,
}


def holds(condition: Any, scope: Scope) -> bool:
    """Whether a condition holds. Raises: StepInvalidError, for names without a value and values that cannot be compared."""
    match condition:
        case Compare(left, symbol, right):
            values = value_of(left, scope), value_of(right, scope)
            try:
                return bool(_OPERATORS[symbol](*values))
            except (KeyError, TypeError) as error:
                raise StepInvalidError(f"{values[0]!r} {symbol} {values[1]!r} cannot be decided") from error
        case Not(inner):
            return not holds(inner, scope)
        case AllOf(inners):
            return all(holds(inner, scope) for inner in inners)
        case AnyOf(inners):
            return any(holds(inner, scope) for inner in inners)
        case _:
            return bool(value_of(condition, scope))


def value_of(operand: Any, scope: Scope) -> Any:
    """What an operand comes to: a param's value, a loop's item, a constant with its placeholders filled in."""
    match operand:
        case Param(name):
            return scope.param(name)  # a plain value, which may hold what looks like a placeholder
        case Item(path):
            value = scope.item(path)
            if value is MISSING:
                raise StepInvalidError(f"`{path}` is no loop's variable here")
        case constant:
            value = constant
    return fill(value, lambda name: scope.params.get(name, MISSING))


def decided(condition: Any, scope: Scope, unbound: Collection[str]) -> bool | None:
    """Whether a condition holds; None where that depends on variables that have no value yet. Raises: StepInvalidError."""
    match condition:
        case Not(inner):
            found = decided(inner, scope, unbound)
            return None if found is None else not found
        case AllOf(inners):
            return _all(decided(inner, scope, unbound) for inner in inners)
        case AnyOf(inners):
            none = _all(None if (found := decided(inner, scope, unbound)) is None else not found for inner in inners)
            return None if none is None else not none
        case _:
            return None if any(head in unbound for head in _heads(condition)) else holds(condition, scope)


def _all(found: Iterator[bool | None]) -> bool | None:
    known: bool | None = True
    for each in found:
        if each is False:
            return False
        known = None if each is None else known
    return known


def _heads(operand: Any) -> Iterator[str]:
    """The variables that a comparison or an operand speaks of."""
    match operand:
        case Item(path):
            yield path.partition(".")[0]
        case Compare(left, _, right):
            yield from _heads(left)
            yield from _heads(right)
        case _:
            return


def uses_items(condition: Any) -> bool:
    """Whether a condition depends on a loop's turn."""
    match condition:
        case Item():
            return True
        case Compare(left, _, right):
            return uses_items(left) or uses_items(right)
        case Not(inner):
            return uses_items(inner)
        case AllOf(inners) | AnyOf(inners):
            return any(uses_items(inner) for inner in inners)
        case _:
            return False


def bind(condition: Any, scope: Scope) -> Any:
    """The condition with the loop's items that are known put in: what remains depends on inner loops."""
    match condition:
        case Item(path):
            value = scope.item(path)
            return condition if value is MISSING else value
        case Compare(left, symbol, right):
            return Compare(bind(left, scope), symbol, bind(right, scope))
        case Not(inner):
            return Not(bind(inner, scope))
        case AllOf(inners):
            return AllOf(*(bind(inner, scope) for inner in inners))
        case AnyOf(inners):
            return AnyOf(*(bind(inner, scope) for inner in inners))
        case _:
            return condition


def shown_value(value: Any) -> str:
    """A value as a message shows it, cut where it is long."""
    text = repr(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
