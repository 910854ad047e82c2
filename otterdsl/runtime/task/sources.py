"""What a loop of a generated module runs over where only a run knows it, as data.

All texts are in placeholder form. What is absent: looking for any of it, which is the coordinator's, just before the tasks of a loop are made.
"""

from dataclasses import dataclass


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
