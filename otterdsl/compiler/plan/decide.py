"""Decide conditions as far as some params are known. In: a condition and values. Out: what is left of it, a `Constant` where nothing is."""

import operator
from collections.abc import Callable, Collection, Mapping
from typing import Any, Final

from otterdsl.compiler.values.condition import AllOf, AnyOf, Compare, Condition, Constant, Item, Not, Operand, Operator, Param
from otterdsl.compiler.values.value import Value, placeholders, plain

Fill = Callable[[Value, Collection[str]], Value]

_OPERATORS: Final[Mapping[Operator, Callable[[Any, Any], bool]]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "in": lambda left, right: left in right,
    "not in": lambda left, right: left not in right,
}


def decide(condition: Condition | None, values: Mapping[str, Value], hidden: Collection[str], fill: Fill) -> Condition | None:
    """The condition with the params in `values` replaced and what they decide folded; `fill` fills a value's placeholders."""
    match condition:
        case None:
            return None
        case Constant() | Param() | Item():
            return _operand(condition, values, hidden, fill)
        case Compare(left, compared, right):
            return _compare(Compare(_operand(left, values, hidden, fill), compared, _operand(right, values, hidden, fill)))
        case Not(inner):
            decided = decide(inner, values, hidden, fill)
            return Constant(not decided.value) if isinstance(decided, Constant) else condition if decided is None else Not(decided)
        case AllOf(inners):
            return _several(AllOf, False, [decide(inner, values, hidden, fill) for inner in inners])
        case AnyOf(inners):
            return _several(AnyOf, True, [decide(inner, values, hidden, fill) for inner in inners])


def _operand(operand: Operand, values: Mapping[str, Value], hidden: Collection[str], fill: Fill) -> Operand:
    match operand:
        case Param(name) if name in values:
            return Constant(values[name])
        case Item(path) if (head := path.split(".")[0]) in values and head not in hidden and head == path:
            return Constant(values[head])
        case Constant(value):
            return Constant(fill(value, hidden))
        case _:
            return operand


def _compare(compared: Compare) -> Condition:
    match compared:
        case Compare(Constant(left), name, Constant(right)) if not any(placeholders((left, right))):
            try:
                # As a run compares them: what an escape is written as sorts and is found elsewhere than what it says.
                return Constant(bool(_OPERATORS[name](plain(left), plain(right))))
            except TypeError:  # values that cannot be compared: a run would say so, with its own words
                return compared
        case _:
            return compared


def _several(kind: type[AllOf] | type[AnyOf], decisive: bool, conditions: list[Condition | None]) -> Condition:
    """What is left of several conditions, of which one that is `decisive` decides."""
    left = [each for each in conditions if each is not None and not isinstance(each, Constant)]
    if any(isinstance(each, Constant) and bool(each.value) is decisive for each in conditions):
        return Constant(decisive)
    match left:
        case []:
            return Constant(not decisive)
        case [only]:
            return only
        case _:
            return kind(tuple(left))
