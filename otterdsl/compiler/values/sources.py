"""What a loop runs over where only a run knows it: files that a glob matches, lines of a file, parts of a JSON file, what a task stores.

All texts are in placeholder form: they may hold params, outer loops' variables and what tasks store. What is absent: looking at any of them.
"""

from dataclasses import dataclass
from typing import TypeAlias, Union

from otterdsl.compiler.values.condition import Item, Param
from otterdsl.compiler.values.value import Value


@dataclass(frozen=True, slots=True)
class Glob:
    """The files that match a pattern, each a map of `uri`, `prefix`, `path`, `stem`, `ext` and `uuid`.

    `number` tells loops of one step apart that run over the same, each of which looks for itself: 1 for the first, 2 for the next.
    """

    pattern: str
    allow_empty: bool = False
    number: int = 1


@dataclass(frozen=True, slots=True)
class Lines:
    """The lines of a text file, each a text. `number` as in `Glob`."""

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
    """The list that a task of the step stores under a key."""

    name: str


RunTimeSource: TypeAlias = Union[Glob, Lines, Json, Stored]
# Constants; something within an outer variable; a param, known as the run starts; what is known only while it goes on.
LoopItems: TypeAlias = Union[tuple[Value, ...], Item, Param, RunTimeSource]
