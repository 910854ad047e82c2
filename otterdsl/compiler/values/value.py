"""Values as the compiler holds them, and the text form of placeholders.

Strings are in *placeholder form*: `${name}` stands for what a run fills in (a param, a loop's variable, what a task stores),
and a literal `${` is written `$${`. It is the form in which the runtime's scratchpad reads a spec. What is absent: expressions; they
are folded to values before they come here.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TypeAlias, Union

Value: TypeAlias = Union[None, bool, int, float, str, tuple["Value", ...], Mapping[str, "Value"]]

# `$${` first: an escape is never the start of a placeholder. A name holds no brace and no line end.
PLACEHOLDER = re.compile(r"\$\$\{|\$\{([^{}\n]+)\}")


def escape(text: str) -> str:
    """Plain text in placeholder form: each literal `${` becomes `$${`."""
    return text.replace("${", "$${")


def unescape(text: str) -> str:
    """The plain text of a string in placeholder form that holds no placeholder."""
    return text.replace("$${", "${")


def plain(value: Value) -> Value:
    """The plain value of one in placeholder form that holds no placeholder, as a run has it: keys too."""
    match value:
        case str():
            return unescape(value)
        case tuple():
            return tuple(plain(item) for item in value)
        case Mapping():
            return {unescape(key): plain(item) for key, item in value.items()}
        case _:
            return value


def joined(pieces: Iterable[str]) -> str:
    """Texts in placeholder form as one: a `$` and a `{` that meet are text, and so they stay."""
    found: list[str] = []
    for piece in pieces:
        if piece.startswith("{") and found and found[-1].endswith("$"):
            found.append("$")
        if piece:
            found.append(piece)
    return "".join(found)


def placeholder(name: str) -> str:
    """The placeholder of a name."""
    return f"${{{name}}}"


def placeholders(value: Value) -> Iterator[str]:
    """The names of the placeholders anywhere in a value (keys of maps too), in the order of the text, repeats kept."""
    match value:
        case str():
            if "${" not in value:
                return
            for found in PLACEHOLDER.finditer(value):
                if found.group(1) is not None:
                    yield found.group(1)
        case tuple():
            for item in value:
                yield from placeholders(item)
        case Mapping():
            for key, item in value.items():
                yield from placeholders(key)
                yield from placeholders(item)
        case _:
            return


def substitute(text: str, lookup: Callable[[str], "Value | None"]) -> Value:
    """A string in placeholder form with some placeholders filled in, still in placeholder form.

    `lookup` gives the value of a name, in placeholder form too, or None to leave the placeholder. A string that is exactly one placeholder takes
    the value with its type; within text a value is written as `to_text` has it.
    """
    whole = PLACEHOLDER.fullmatch(text)
    if whole is not None and whole.group(1) is not None:
        value = lookup(whole.group(1))
        return text if value is None else value

    pieces: list[str] = []
    end = 0
    for found in PLACEHOLDER.finditer(text):
        value = None if found.group(1) is None else lookup(found.group(1))
        pieces += (text[end : found.start()], found.group(0) if value is None else to_text(value))
        end = found.end()
    return joined((*pieces, text[end:]))


def to_text(value: Value) -> str:
    """How a value reads within a string: text as it is, `true`, `false`, `null`, numbers as Python writes them, JSON for the rest."""
    if isinstance(value, str):
        return value
    import json

    match value:
        case None | bool() | tuple() | Mapping():
            return json.dumps(to_json(value), ensure_ascii=False)
        case _:
            return str(value)


def to_json(value: Value) -> object:
    """The value with lists for tuples and dicts for mappings."""
    match value:
        case tuple():
            return [to_json(item) for item in value]
        case Mapping():
            return {key: to_json(item) for key, item in value.items()}
        case _:
            return value
