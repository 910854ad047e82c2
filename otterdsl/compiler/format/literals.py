"""Values as the language writes them, on one line. In: a value as it is meant, or in placeholder form. Out: text. What is absent: wrapping."""

import re
from collections.abc import Callable, Mapping
from typing import Final

from otterdsl.compiler.format.strings import line
from otterdsl.compiler.values.value import PLACEHOLDER, Value

_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_DOTTED: Final = re.compile(rf"{_NAME.pattern}(?:\.{_NAME.pattern})*")


def literal(value: Value) -> str:
    """A plain value as it is written: text in quotes, `$${` for a literal `${`."""
    match value:
        case str():
            return line([(value, False)])
        case _:
            return _other(value, literal)


def template(value: Value) -> str:
    """A value in placeholder form as it is written; text that is one placeholder alone is a reference."""
    match value:
        case str():
            whole = PLACEHOLDER.fullmatch(value)
            if whole is not None and whole[1] is not None and _DOTTED.fullmatch(whole[1]):
                return whole[1]
            return line(_parts(value))
        case _:
            return _other(value, template)


def _other(value: Value, inner: Callable[[Value], str]) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case tuple():
            return f"[{', '.join(inner(item) for item in value)}]"
        case Mapping():
            entries = [f"{key if _NAME.fullmatch(key) else line([(key, False)])} = {inner(item)}" for key, item in value.items()]
            return f"{{ {', '.join(entries)} }}" if entries else "{}"
        case _:
            return str(value)


def _parts(text: str) -> list[tuple[str, bool]]:
    """The text between placeholders, unescaped, and these with their braces."""
    parts: list[tuple[str, bool]] = []
    end, plain = 0, ""
    for found in PLACEHOLDER.finditer(text):
        plain += text[end : found.start()]
        end = found.end()
        if found[1] is None:
            plain += "${"
            continue
        name = found[1] if _DOTTED.fullmatch(found[1]) or found[1].startswith("secret(") else f"'{found[1]}'"
        parts += [(plain, False), (f"${{{name}}}", True)]
        plain = ""
    return [*parts, (plain + text[end:], False)]
