"""What a YAML text holds, as plain data: scalars with their values, lists and maps, each with its place in the text.

Aliases are expanded, each copy at the place of its alias; merge keys are merged; of a key that comes twice the last is there. What is absent:
comments (see `comments`), anchors, and any meaning.
"""

from dataclasses import dataclass
from typing import TypeAlias, Union

from otterdsl.compiler.source.span import Span


@dataclass(frozen=True, slots=True)
class Scalar:
    """One value. `text` is what stands there, without quotes; `value` what YAML makes of it.

    `odd` says what it is where no value of the language is the same ("a date"): `value` is its text then. `mapped`: `text` stands in the source
    letter by letter from `start` on, so that places within it are known; None otherwise.
    """

    span: Span
    text: str
    value: str | int | float | bool | None
    odd: str = ""
    start: int | None = None


@dataclass(frozen=True, slots=True)
class Sequence:
    """A list; `odd` as of a scalar."""

    span: Span
    items: tuple["Node", ...]
    odd: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """A key and its value."""

    key: Scalar
    value: "Node"

    @property
    def span(self) -> Span:
        """From the key to the end of the value; the key alone where the value stands elsewhere, as that of a merge key does."""
        key, value = self.key.span, self.value.span
        return Span(key.file, key.start, max(key.end, value.end))


@dataclass(frozen=True, slots=True)
class Mapping:
    """A map, its keys each once; `odd` as of a scalar."""

    span: Span
    entries: tuple[Entry, ...]
    odd: str = ""

    def get(self, key: str) -> Entry | None:
        """The entry of a key."""
        return next((entry for entry in self.entries if entry.key.text == key), None)


Node: TypeAlias = Union[Scalar, Sequence, Mapping]
