"""Conditions and loops as the data that a generated module holds.

In: what a Plan says of them. Out: expressions of `Param`, `Item`, `Compare`, `Not`, `AllOf`, `AnyOf` and literals, in Black's form.
"""

from collections.abc import Iterator

from otterdsl.compiler.codegen.literals import INDENT, ascii_string, bracketed, literal, string
from otterdsl.compiler.plan.model import PlannedLoop
from otterdsl.compiler.values.condition import AllOf, AnyOf, Compare, Condition, Constant, Item, Not, Param
from otterdsl.compiler.values.sources import Glob, Json, Lines, RunTimeSource, Stored
from otterdsl.compiler.values.value import Value

WIDTH = 88


def condition(value: Condition, level: int, before: int) -> str:
    """A condition; `before` is the width of what stands before it on its line, `level` the line's indentation."""
    match value:
        case Constant(str() as text) if before > len(INDENT) * level:  # on the right of an assignment
            return assigned(string(text), ascii_string(text), level, before)
        case Constant(constant):
            return literal(constant, level)
        case Param(name):
            return _call("Param", [string(name)], level, before)
        case Item(path):
            return _call("Item", [string(path)], level, before)
        case Compare(left, operator, right):
            inner = len(INDENT) * (level + 1)
            parts = [condition(left, level + 1, inner), string(operator), condition(right, level + 1, inner)]
            return _call("Compare", parts, level, before)
        case Not(negated):
            return _call("Not", [condition(negated, level + 1, len(INDENT) * (level + 1))], level, before)
        case AllOf(conditions):
            return bracketed("AllOf(", _each(conditions, level + 1), ")", level)
        case AnyOf(conditions):
            return bracketed("AnyOf(", _each(conditions, level + 1), ")", level)


def condition_names(value: Condition) -> Iterator[str]:
    """The names that the text of a condition needs imported."""
    match value:
        case Constant():
            return
        case Compare(left, _, right):
            yield "Compare"
            yield from condition_names(left)
            yield from condition_names(right)
        case Not(negated):
            yield "Not"
            yield from condition_names(negated)
        case AllOf(conditions) | AnyOf(conditions):
            yield type(value).__name__
            for each in conditions:
                yield from condition_names(each)
        case Param() | Item():
            yield type(value).__name__


def loops(values: tuple[PlannedLoop, ...], level: int) -> str:
    """The `for_each` of loops, outermost first: a dict of each variable and the items it takes in turn."""
    return bracketed("{", (_loop(loop, level + 1) for loop in values), "}", level)


def groups(labels: tuple[str, ...], level: int, before: int) -> str:
    """The `group` of a task within loops that have labels: the label, or a tuple of several."""
    if len(labels) > 1:
        return bracketed("(", map(string, labels), ")", level)
    return assigned(string(labels[0]), ascii_string(labels[0]), level, before)


def assigned(text: str, ascii_text: str, level: int, before: int) -> str:
    """A scalar on the right of an assignment, in parentheses where Black sets it in some: where it fits a line of its own alone.

    `ascii_text` is the same literal in ASCII, whose width every Unicode database agrees on; it stands in where the width decides.
    """
    if before + _most(text) <= WIDTH:
        return text
    inner = len(INDENT) * (level + 1)
    if before + len(ascii_text) > WIDTH >= inner + len(ascii_text):
        return f"(\n{INDENT * (level + 1)}{ascii_text}\n{INDENT * level})"
    return ascii_text


def _loop(loop: PlannedLoop, level: int) -> str:
    key = f"{string(loop.variable)}: "
    before = len(INDENT) * level + len(key)
    match loop.items:
        case Item() | Param():
            return key + condition(loop.items, level, before)
        case Glob() | Lines() | Json() | Stored():
            return key + _call(type(loop.items).__name__, list(_source_arguments(loop.items)), level, before)
        case (item,) if not item or isinstance(item, str | int | float):
            return key + one_tuple(item, level, before)
        case tuple():
            return key + bracketed("(", (literal(item, level + 1) for item in loop.items), ")", level)


def _source_arguments(source: RunTimeSource) -> Iterator[str]:
    """The arguments of a source, those by name last and only where they say something."""
    match source:
        case Glob(pattern, allow_empty):
            yield string(pattern)
            if allow_empty:
                yield "allow_empty=True"
        case Lines(path):
            yield string(path)
        case Json(path, query):
            yield string(path)
            yield string(query)
        case Stored(name):
            yield string(name)
    if not isinstance(source, Stored) and source.number > 1:
        yield f"number={source.number}"


def loop_names(values: tuple[PlannedLoop, ...]) -> Iterator[str]:
    """The names that the text of loops needs imported."""
    for loop in values:
        if not isinstance(loop.items, tuple):
            yield type(loop.items).__name__


def one_tuple(value: Value, level: int, before: int) -> str:
    """A tuple of one thing of one line; `before` and `level` are as for `condition`.

    A trailing comma does not make Black spread it over lines, its width does.
    """
    text = literal(value, level)
    if before + _most(text) + 4 <= WIDTH:
        return f"({text},)"
    if isinstance(value, str):
        text = ascii_string(value)
    return f"({text},)" if before + len(text) + 4 <= WIDTH else bracketed("(", [text], ")", level)


def _each(conditions: tuple[Condition, ...], level: int) -> Iterator[str]:
    for each in conditions:
        yield condition(each, level, len(INDENT) * level)


def _call(name: str, arguments: list[Value] | list[str], level: int, before: int) -> str:
    texts = [str(argument) for argument in arguments]
    flat = f"{name}({', '.join(texts)})"
    if "\n" not in flat and before + _most(flat) + 1 <= WIDTH:
        return flat
    return bracketed(f"{name}(", texts, ")", level)


def _most(text: str) -> int:
    """The most columns a text can be wide: two for each character beyond ASCII."""
    return len(text) if text.isascii() else len(text) + sum(1 for char in text if char > "\x7f")
