"""Bend values to their field's type where the language says so, and check what pydantic must decide.

A value that came by a reference takes the value's type where the field accepts that, else its text. What is absent: pydantic itself; it is
asked through the `ValueChecker`.
"""

from collections.abc import Mapping
from typing import Final

from otterdsl.compiler.syntax import ast
from otterdsl.compiler.values.types import Type, TypeOption
from otterdsl.compiler.values.value import PLACEHOLDER, Value, placeholders, to_text

_TEXT: Final = frozenset({"str", "duration", "size", "input", "output", "into", "key"})
_KINDS: Final[Mapping[str, tuple[type, ...]]] = {"int": (int,), "float": (int, float), "bool": (bool,)}


def fitted(declared: Type, value: Value, expr: ast.Expr) -> Value:
    """The value as the field takes it: numbers and bools that came by a reference become text where only text fits."""
    match expr, value:
        case (ast.RefExpr() | ast.StringExpr(), _):
            return as_text_if_needed(declared, value)
        case (ast.ListExpr(items=items), tuple()) if len(items) == len(value):
            inner = _argument(declared, "list")
            return value if inner is None else tuple(fitted(inner, each, item) for each, item in zip(value, items, strict=True))
        case (ast.MapExpr(entries=entries), Mapping()) if len(entries) == len(value):
            inner = _argument(declared, "map")
            if inner is None:
                return value
            return {key: fitted(inner, each, entry.value) for (key, each), entry in zip(value.items(), entries, strict=True)}
        case _:
            return value


def as_text_if_needed(declared: Type, value: Value) -> Value:
    """The value, or its text where it is a number or bool and the type takes only text."""
    match value:
        case bool() | int() | float():
            return to_text(value) if all(option.name in _TEXT for option in declared.options) else value
        case tuple():
            inner = _argument(declared, "list")
            return value if inner is None else tuple(as_text_if_needed(inner, each) for each in value)
        case Mapping():
            inner = _argument(declared, "map")
            return value if inner is None else {key: as_text_if_needed(inner, each) for key, each in value.items()}
        case _:
            return value


def turned(declared: Type | None, template: Value, filled: Value) -> Value:
    """A value of one turn as the field takes it: what was exactly one placeholder becomes text where only text fits."""
    match template, filled:
        case (str(), bool() | int() | float() | tuple() | Mapping()) if declared is not None and PLACEHOLDER.fullmatch(template):
            return as_text_if_needed(declared, filled)
        case (tuple(), tuple()) if declared is not None and len(template) == len(filled):
            inner = _argument(declared, "list")
            return tuple(turned(inner, a, b) for a, b in zip(template, filled, strict=True))
        case (Mapping(), Mapping()) if declared is not None and len(template) == len(filled):
            inner = _argument(declared, "map")
            return {key: turned(inner, a, b) for a, (key, b) in zip(template.values(), filled.items(), strict=True)}
        case _:
            return filled


def stays_text(declared: Type, value: Value) -> bool:
    """Whether a value is text around a placeholder, where the type takes no text."""
    if not isinstance(value, str) or "${" not in value or PLACEHOLDER.fullmatch(value) or not any(placeholders(value)):
        return False
    return not any(option.name in _TEXT or option.name == "any" for option in declared.options)


def is_plainly(declared: Type, value: Value) -> bool:
    """Whether a value is of its type without being read as it; always, where the type is not made of numbers and truth values alone."""
    if any(option.name not in _KINDS for option in declared.options) or (value is None and declared.optional):
        return True
    return any(type(value) in _KINDS[option.name] for option in declared.options)


def _argument(declared: Type, container: str) -> Type | None:
    """What a container type holds; None where the type has no such option, or more than one."""
    found: list[TypeOption] = [option for option in declared.options if option.name == container]
    return found[0].argument if len(found) == 1 else None
