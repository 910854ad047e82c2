"""One turn of the loops around a task: its variables' values, put in the place of their placeholders.

In: variables, a row of their values, values in placeholder form. Out: values. What is absent: params and what tasks store; their placeholders stay.
"""

from collections.abc import Callable, Mapping
from typing import TypeAlias

from otterdsl.compiler.analysis.report import shown
from otterdsl.compiler.analysis.scope import ABSENT, POISON, member
from otterdsl.compiler.values.value import PLACEHOLDER, Value, joined, to_text

Lookup: TypeAlias = Callable[[str], Value]


def row_lookup(variables: tuple[str, ...], row: tuple[Value, ...]) -> Lookup:
    """What `filled` asks in a turn: the value of `each` or `each.parts`, ABSENT for all that is no loop's variable."""
    values = dict(zip(variables, row, strict=True))

    def lookup(name: str) -> Value:
        if name in values:
            return values[name]
        head, _, rest = name.partition(".")
        if not rest or head not in values:
            return ABSENT
        found = member(values[head], rest.split("."))
        return ABSENT if found is POISON else found

    return lookup


def filled(value: Value, lookup: Lookup) -> Value:
    """A value with what `lookup` gives in the place of its placeholders, within lists and maps too; it gives ABSENT to leave one."""
    match value:
        case str():
            return _text(value, lookup) if "${" in value else value
        case tuple():
            return tuple(filled(item, lookup) for item in value)
        case Mapping():
            return {to_text(filled(key, lookup)): filled(item, lookup) for key, item in value.items()}
        case _:
            return value


def _text(text: str, lookup: Lookup) -> Value:
    whole = PLACEHOLDER.fullmatch(text)
    if whole is not None and whole.group(1) is not None:
        value = lookup(whole.group(1))
        return text if value == ABSENT else value
    pieces: list[str] = []
    end = 0
    for found in PLACEHOLDER.finditer(text):
        value = ABSENT if found.group(1) is None else lookup(found.group(1))
        pieces += (text[end : found.start()], found.group(0) if value == ABSENT else to_text(value))
        end = found.end()
    return joined((*pieces, text[end:]))


def turn_text(variables: tuple[str, ...], row: tuple[Value, ...]) -> str:
    """A turn as messages name it: `each` is `mouse`."""
    return ", ".join(f"`{name}` is `{shown(to_text(value))}`" for name, value in zip(variables, row, strict=True))
