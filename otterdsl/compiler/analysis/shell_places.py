"""What a shell scanner says of the places of a script where values stand.

In: nothing. Out: the plain data that the scanner's modules share. What is absent: whose values these are, and what their types are.
"""

from dataclasses import dataclass, field
from enum import Enum
from typing import Final, NamedTuple

VALUE: Final = "\0"
"""Stands for a value in a script that is scanned; no script can hold it."""

DYNAMIC: Final = "\1"
"""Stands for what only bash knows, in the literal text of a word."""


class Form(Enum):
    """How a reference to a variable has to be written at a place: quoted, within quotes that are there, as a number, or not at all."""

    WORD = "word"
    TEXT = "text"
    NUMBER = "number"
    COMMENT = "comment"


class Why(NamedTuple):
    """Why a value cannot stand somewhere, and what to do about it."""

    why: str
    mend: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a value stands. `never`: no value can; `unless_int`: only one that is a whole number, whatever it may be."""

    form: Form
    never: Why | None = None
    unless_int: Why | None = None


@dataclass(slots=True)
class Found:
    """What was found of a script so far. Mutated by the scanner.

    `assigned` has for each variable the values that it is given, `declared` those that a declaration gives it; of `integers` bash evaluates what they
    are given, of `arrays` what a declaration does. `closed`: all that was opened is closed, so that what follows the script would stand alone.
    """

    places: dict[int, Place] = field(default_factory=dict)
    assigned: dict[str, list[int]] = field(default_factory=dict)
    declared: dict[str, list[int]] = field(default_factory=dict)
    integers: set[str] = field(default_factory=set)
    arrays: set[str] = field(default_factory=set)
    closed: bool = True


@dataclass(slots=True)
class Word:
    """A word of a command: its text with quotes taken off, and the values in it.

    `bare`: nothing of it is quoted or expanded. `assigns` is the variable that it gives a value, if it does.
    """

    literal: str = ""
    values: list[int] = field(default_factory=list)
    bare: bool = True
    assigns: str = ""


SINGLE_QUOTED: Final = Why("bash reads nothing within `'…'`", 'quote with `"…"`, or close the quotes before the value and open them again after it')
ANSI_QUOTED: Final = Why("bash reads no value within `$'…'`", "close the quotes before the value and open them again after it")
QUOTED_DOCUMENT: Final = Why(
    "bash reads nothing within a here-document whose delimiter is quoted", "write the delimiter without quotes, and `\\$` for each `$` that is text"
)
DELIMITER: Final = Why("where a here-document ends is plain text")
AFTER_BACKSLASH: Final = Why("the `\\` right before it would take the quotes off it", "take the `\\` away, or put it within `'…'`")
AFTER_DOLLAR: Final = Why("the `$` right before it would be read together with it", "write `\\\\$` for a `$` that is text, or take it away")
NAME: Final = Why("the name of a variable is plain text")
ARITHMETIC: Final = Why(
    "bash evaluates what stands here, and would run commands that a text holds", "declare it as `int`, or compare texts with `==`"
)
UNREAD: Final = Why("what bash makes of this place is not certain", "give the value to a variable of the script first: `name=${…}`")
DEEP: Final = Why("this is nested too deeply to be sure what bash makes of it", "give the value to a variable of the script first: `name=${…}`")
