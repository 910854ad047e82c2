"""Whether two tasks can be there in one run, by the conditions that they stand under.

In: two tasks, each in a turn. Out: whether their conditions exclude each other, as far as their text says: branches of one `if`, and conditions of
which one is the opposite of the other. What is absent: any wider proof. What is not seen here counts as possible.
"""

from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from otterdsl.compiler.analysis.conditions import negated
from otterdsl.compiler.analysis.deciding import compare
from otterdsl.compiler.analysis.index import Family
from otterdsl.compiler.analysis.scope import ABSENT
from otterdsl.compiler.analysis.structure import Site
from otterdsl.compiler.analysis.turns import Lookup, row_lookup
from otterdsl.compiler.values.condition import AllOf, AnyOf, Compare, Condition, Constant, Item, Not, Operand, Operator, operands
from otterdsl.compiler.values.value import placeholders

_OPPOSITE: Final[Mapping[Operator, Operator]] = {"==": "!=", "!=": "==", "<": ">=", ">=": "<", ">": "<=", "<=": ">", "in": "not in", "not in": "in"}
_TURNED: Final[Mapping[Operator, Operator]] = {"==": "==", "!=": "!=", "<": ">", ">": "<", "<=": ">=", ">=": "<="}
_COMPARED: Final = 16  # so many conditions of a task are looked at


class Stand(NamedTuple):
    """A task in a turn, and the families of the tasks of its step."""

    site: Site
    row: int
    families: Mapping[Site, Family]


def exclude(one: Stand, other: Stand) -> bool:
    """Whether no run has both of two tasks."""
    mine, theirs = one.site, other.site
    guards = theirs.around.guards if mine.use.span.file == theirs.use.span.file else ()
    if guards and any(start == first and branch is not way for start, branch in mine.around.guards for first, way in guards):
        return True
    if not (conditions := list(_conditions(one))[:_COMPARED]):
        return False
    against = list(_conditions(other))[:_COMPARED]
    return any(_contradict(each, opposed) for each in conditions for opposed in against)


def _conditions(stand: Stand) -> Iterator[Condition]:
    """What holds where a task is there: its own conditions and those of the tasks that it stands in, one by one."""
    site, row, families = stand
    lookup = row_lookup(site.nest.variables, site.nest.rows[row]) if site.nest.variables else None
    at: Site | None = site
    while at is not None:
        for condition in at.around.when:
            for each in _each(condition):
                bound = each if lookup is None else _bound(each, lookup)
                # A variable that is still open is not the one of the same name elsewhere.
                if not any(isinstance(operand, Item) for operand in operands(bound)):
                    yield bound
        at = families[at].owner


def _each(condition: Condition) -> Iterator[Condition]:
    match condition:
        case AllOf(inners):
            for inner in inners:
                yield from _each(inner)
        case Not(AnyOf(inners)):
            for inner in inners:
                yield from _each(negated(inner))
        case Not(Compare(left, operator, right)):
            yield _constant_last(Compare(left, _OPPOSITE[operator], right))
        case Compare():
            yield _constant_last(condition)
        case _:
            yield condition


def _constant_last(compared: Compare) -> Compare:
    match compared:
        case Compare(Constant() as left, operator, right) if operator in _TURNED and not isinstance(right, Constant):
            return Compare(right, _TURNED[operator], left)
        case _:
            return compared


def _bound(condition: Condition, lookup: Lookup) -> Condition:
    """A condition with the variables of a turn in their places."""
    match condition:
        case Item():
            return _operand(condition, lookup)
        case Compare(left, operator, right):
            return _constant_last(Compare(_operand(left, lookup), operator, _operand(right, lookup)))
        case Not(Item() as inner):
            return Not(_operand(inner, lookup))
        case _:
            return condition


def _operand(operand: Operand, lookup: Lookup) -> Operand:
    if not isinstance(operand, Item):
        return operand
    value = lookup(operand.path)
    return operand if value == ABSENT or any(placeholders(value)) else Constant(value)


def _contradict(one: Condition, two: Condition) -> bool:
    match one, two:
        case Not(inner), _ if inner == two:
            return True
        case _, Not(inner) if inner == one:
            return True
        case Compare(left, operator, right), Compare(other_left, other, other_right) if left == other_left:
            if right == other_right:
                return _OPPOSITE[operator] == other
            if isinstance(right, Constant) and isinstance(other_right, Constant) and not any(placeholders((right.value, other_right.value))):
                # A value that equals one constant must do what is asked of it by the other comparison.
                return (operator == "==" and not compare(right.value, other, other_right.value)) or (
                    other == "==" and not compare(other_right.value, operator, right.value)
                )
            return False
        case _:
            return False
