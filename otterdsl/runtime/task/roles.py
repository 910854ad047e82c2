"""What a Spec's fields say beyond their Python type: roles of text, placeholders that a task fills, lengths of time and amounts of memory.

A role is written `Annotated[str, Input]`; the compiler reads it from the class and follows such fields as data. `Duration` and `Size` are text
whose form pydantic checks; `seconds` and `bytes_of` say what it means. What is absent: any opinion on files. A path is text here.
"""

import re
from dataclasses import dataclass
from fractions import Fraction
from typing import Annotated, Final, TypeAlias

from pydantic import AfterValidator


@dataclass(frozen=True, slots=True)
class Role:
    """What a text is to the compiler: the name it goes by in the language."""

    name: str


Input: Final = Role("input")
"""A path or URI that the task reads; a relative one lies under the release root. It may be a glob, which covers all that it can match."""

Output: Final = Role("output")
"""A path or URI that the task makes; it lies under the release root."""

Into: Final = Role("into")
"""A folder that the task writes files into, which other tasks may share."""

Key: Final = Role("key")
"""A scratchpad key that the task stores; null stands for the task's full name."""


@dataclass(frozen=True, slots=True, init=False)
class Provides:
    """The placeholders that a task fills in the specs of a `list[Spec]` field: `Annotated[list[Spec], Provides("each", "prefix")]`."""

    names: tuple[str, ...]

    def __init__(self, *names: str) -> None:
        object.__setattr__(self, "names", names)


_SECONDS: Final = {"d": Fraction(86_400), "h": Fraction(3_600), "m": Fraction(60), "s": Fraction(1), "ms": Fraction(1, 1_000)}
_NUMBER: Final = r"[0-9]+(?:\.[0-9]+)?"
_DURATION: Final = re.compile("".join(rf"(?:(?P<{unit}>{_NUMBER}){unit})?" for unit in _SECONDS))

_DECIMAL: Final = {f"{prefix}B": 1_000**power for power, prefix in enumerate(("", "k", "M", "G", "T", "P"))}
_BINARY: Final = {f"{prefix}iB": 1_024**power for power, prefix in enumerate(("K", "M", "G", "T", "P"), start=1)}
_BYTES: Final = {**_DECIMAL, "KB": 1_000, **_BINARY}
_SIZE: Final = re.compile(rf"(?P<number>{_NUMBER}) ?(?P<unit>{'|'.join(_BYTES)})")

_LONGEST: Final = 64  # no sane length of time is longer, and converting thousands of digits takes its time


def seconds(text: str) -> float:
    """How many seconds a duration lasts: "30m", "2h15m", "1.5s", "500ms".

    Units are d, h, m, s and ms, each at most once, the longer before the shorter. Raises: ValueError, for any other text.
    """
    found = _DURATION.fullmatch(text) if text and len(text) <= _LONGEST else None
    if found is None:
        raise ValueError(f"`{_shown(text)}` is not a duration, such as `30m`, `2h15m` or `500ms`")
    return float(sum(Fraction(number) * _SECONDS[unit] for unit, number in found.groupdict().items() if number is not None))


def bytes_of(text: str) -> int:
    """How many bytes a size stands for: "8GiB", "1.5 MB", "100B"; what is left of a byte is dropped.

    Units are B, kB (or KB), MB, GB, TB, PB by thousands and KiB, MiB, GiB, TiB, PiB by 1024. Raises: ValueError, for any other text.
    """
    found = _SIZE.fullmatch(text) if len(text) <= _LONGEST else None
    if found is None:
        raise ValueError(f"`{_shown(text)}` is not a size, such as `8GiB` or `1.5 MB`")
    return int(Fraction(found["number"]) * _BYTES[found["unit"]])


def _shown(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def _duration(text: str) -> str:
    seconds(text)
    return text


def _size(text: str) -> str:
    bytes_of(text)
    return text


Duration: TypeAlias = Annotated[str, Role("duration"), AfterValidator(_duration)]
"""Text that `seconds` understands: "30m", "2h15m"."""

Size: TypeAlias = Annotated[str, Role("size"), AfterValidator(_size)]
"""Text that `bytes_of` understands: "8GiB"."""
