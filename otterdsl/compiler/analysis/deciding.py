"""Decide conditions and comparisons whose values are known when compiled.

In: a `Condition`, and what loop variables are in a turn. Out: whether it holds, None where only a run can say. Reports nothing.
"""

from collections.abc import Callable, Mapping
from typing import Final, Literal

from otterdsl.compiler.analysis.scope import ABSENT, POISON, Poison
from otterdsl.compiler.values.condition import AllOf, AnyOf, Compare, Condition, Constant, Item, Not, Operand, Operator, Param
from otterdsl.compiler.values.value import Value, placeholders, plain

ORDERED: Final = frozenset({"number", "str"})


def kind_of(value: Value) -> str:
    """The kind of a value, as conditions tell them apart."""
    match value:
        case None:
            return "null"
        case bool():
            return "bool"
        case int() | float():
            return "number"
        case str():
            return "str"
        case tuple():
            return "list"
        case _:
            return "map"


def _same(left: Value, right: Value) -> bool:
    """Equality that keeps a bool and a number apart."""
    return kind_of(left) == kind_of(right) and left == right


def compare(left: Value, operator: Operator, right: Value) -> bool:
    """Whether a comparison holds; one of values that have no order does not. As in a run, of what is meant and not of how it is escaped."""
    left, right = plain(left), plain(right)
    match operator:
        case "==":
            return _same(left, right)
        case "!=":
            return not _same(left, right)
        case "in" | "not in":
            return _holds(right, left) is (operator == "in")
        case "<" | "<=" | ">" | ">=":
            return _ordered(left, operator, right)


def _holds(container: Value, item: Value) -> bool:
    match container:
        case tuple():
            return any(_same(each, item) for each in container)
        case str():
            return isinstance(item, str) and item in container
        case Mapping():
            return isinstance(item, str) and item in container
        case _:
            return False


def _ordered(left: Value, operator: Operator, right: Value) -> bool:
    kinds = {kind_of(left), kind_of(right)}
    if len(kinds) > 1 or not kinds <= ORDERED:
        return False
    ahead, same = left < right, left == right  # type: ignore[operator]  # both are text, or both numbers
    match operator:
        case "<":
            return ahead
        case "<=":
            return ahead or same
        case ">":
            return not (ahead or same)
        case _:
            return not ahead


def decide(condition: Condition, lookup: Callable[[str], Value]) -> bool | None:
    """Whether a condition holds in a turn, None where a param decides. `lookup` gives the values of the loop's variables."""
    match condition:
        case Constant(value):
            return bool(value)
        case Param():
            return None
        case Item(path):
            value = lookup(path)
            return None if isinstance(value, str) else bool(value)  # ABSENT, or filled in by a run
        case Compare(left, operator, right):
            values = [_known(left, lookup), _known(right, lookup)]
            known = [value for value in values if value is not POISON]
            return compare(known[0], operator, known[1]) if len(known) == 2 else None
        case Not(inner):
            found = decide(inner, lookup)
            return None if found is None else not found
        case AllOf(inners):
            return _together([decide(inner, lookup) for inner in inners], True)
        case AnyOf(inners):
            return _together([decide(inner, lookup) for inner in inners], False)


def _known(operand: Operand, lookup: Callable[[str], Value]) -> Value | Literal[Poison.POISON]:
    match operand:
        case Constant(value):
            return value
        case Param():
            return POISON
        case Item(path):
            value = lookup(path)
            return POISON if value == ABSENT or any(placeholders(value)) else value


def _together(found: list[bool | None], neutral: bool) -> bool | None:
    """`and` (neutral True) or `or` (neutral False) of what may be unknown."""
    if (not neutral) in found:
        return not neutral
    return None if None in found else neutral


def asks_params(condition: Condition) -> bool:
    """Whether a param has a say in a condition."""
    match condition:
        case Param():
            return True
        case Constant() | Item():
            return False
        case Compare(left, _, right):
            return isinstance(left, Param) or isinstance(right, Param)
        case Not(inner):
            return asks_params(inner)
        case AllOf(inners) | AnyOf(inners):
            return any(asks_params(inner) for inner in inners)
