"""Loops and conditions as the language writes them, on one line, for people. In: what a Program says of them. Out: text."""

from typing import Final

from otterdsl.compiler.analysis.program import Loop
from otterdsl.compiler.format.literals import literal, template
from otterdsl.compiler.values.condition import AllOf, AnyOf, Compare, Condition, Constant, Item, Not, Param
from otterdsl.compiler.values.sources import Glob, Json, Lines, LoopItems, Stored

_SHOWN: Final = 4  # so many items of a loop are written out


def loop_text(loop: Loop) -> str:
    """`each in ["a", "b"]`, long lists in short."""
    return f"{loop.variable} in {items_text(loop.items)}"


def items_text(items: LoopItems) -> str:
    """What a loop runs over."""
    match items:
        case tuple():
            shown = ", ".join(template(item) for item in items[:_SHOWN])
            return f"[{shown}, … {len(items) - _SHOWN} more]" if len(items) > _SHOWN else f"[{shown}]"
        case Item(path):
            return path
        case Param(name) | Stored(name):
            return name
        case Glob(pattern, allow_empty):
            return f"glob({template(pattern)}{', allow_empty = true' if allow_empty else ''})"
        case Lines(path):
            return f"lines({template(path)})"
        case Json(path, query):
            return f"json({template(path)}, {template(query)})"


def condition_text(condition: Condition) -> str:
    """A condition, with parentheses where they are needed."""
    return _condition(condition, 0)


def _condition(condition: Condition, around: int) -> str:
    """A condition within something that binds as tightly as `around`: 0 nothing, 1 `or`, 2 `and`, 3 `not`."""
    match condition:
        case Constant(value):
            return literal(value)
        case Param(name):
            return name
        case Item(path):
            return path
        case Compare(left, operator, right):
            return f"{_condition(left, 3)} {operator} {_condition(right, 3)}"
        case Not(inner):
            text = _condition(inner, 3)
            return f"not ({text})" if isinstance(inner, Compare) else f"not {text}"
        case AllOf(inners):
            text = " and ".join(_condition(each, 2) for each in inners)
            return f"({text})" if around > 2 else text
        case AnyOf(inners):
            text = " or ".join(_condition(each, 1) for each in inners)
            return f"({text})" if around > 1 else text
