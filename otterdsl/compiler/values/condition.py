"""Conditions that only a run can decide: what an `if` over params or loop variables becomes, as data."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias, Union

from otterdsl.compiler.values.value import Value

Operator: TypeAlias = Literal["==", "!=", "<", "<=", ">", ">=", "in", "not in"]


@dataclass(frozen=True, slots=True)
class Constant:
    """A value known when compiled, in placeholder form."""

    value: Value


@dataclass(frozen=True, slots=True)
class Param:
    """A param, by name."""

    name: str


@dataclass(frozen=True, slots=True)
class Item:
    """A loop's variable, or something within it: `each`, `file.stem`."""

    path: str


Operand: TypeAlias = Union[Constant, Param, Item]


@dataclass(frozen=True, slots=True)
class Compare:
    """Two operands and what must hold between them."""

    left: Operand
    operator: Operator
    right: Operand


@dataclass(frozen=True, slots=True)
class Not:
    """The opposite."""

    condition: "Condition"


@dataclass(frozen=True, slots=True)
class AllOf:
    """All of them hold."""

    conditions: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """At least one of them holds."""

    conditions: tuple["Condition", ...]


Condition: TypeAlias = Union[Constant, Param, Item, Compare, Not, AllOf, AnyOf]


def operands(condition: Condition) -> Iterator[Operand]:
    """The operands of a condition, left to right."""
    match condition:
        case Constant() | Param() | Item():
            yield condition
        case Compare(left, _, right):
            yield left
            yield right
        case Not(inner):
            yield from operands(inner)
        case AllOf(inners) | AnyOf(inners):
            for inner in inners:
                yield from operands(inner)
