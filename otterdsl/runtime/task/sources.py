"""What a loop of a generated module runs over where only a run knows it, as data.

All texts are in placeholder form. What is absent: looking for any of it, which is the coordinator's, just before the tasks of a loop are made.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final, TypeAlias, Union


@dataclass(frozen=True, slots=True)
class Glob:
    """The files that a pattern matches: each a map of `uri`, `prefix`, `path`, `stem`, `ext` and `uuid`.

    None at all is an error but with `allow_empty`. Loops of one step over the same pattern share what one of them found, but where their
    `number`s differ.
    """

    pattern: str
    allow_empty: bool = False
    number: int = 1


@dataclass(frozen=True, slots=True)
class Lines:
    """The lines of a text file. `number` as in `Glob`."""

    path: str
    number: int = 1


@dataclass(frozen=True, slots=True)
class Json:
    """The list that a JMESPath query finds in a JSON file. `number` as in `Glob`."""

    path: str
    query: str
    number: int = 1


@dataclass(frozen=True, slots=True)
class Stored:
    """The list that a task of the step stored under a key."""

    name: str


Source: TypeAlias = Union[Glob, Lines, Json, Stored]

_ESCAPES: Final = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t"})


def with_texts(source: Source, change: Callable[[str], str]) -> Source:
    """The source with each of its texts changed."""
    match source:
        case Glob(pattern):
            return replace(source, pattern=change(pattern))
        case Lines(path):
            return replace(source, path=change(path))
        case Json(path, query):
            return replace(source, path=change(path), query=change(query))
        case Stored():
            return source


def as_written(source: Source) -> str:
    """The source as the language has it: `glob("input/*.csv")`."""
    match source:
        case Glob(pattern, allow_empty):
            return f"glob({_quoted(pattern)}{', allow_empty = true' if allow_empty else ''})"
        case Lines(path):
            return f"lines({_quoted(path)})"
        case Json(path, query):
            return f"json({_quoted(path)}, {_quoted(query)})"
        case Stored(name):
            return name


def _quoted(text: str) -> str:
    return f'"{text.translate(_ESCAPES)}"'
