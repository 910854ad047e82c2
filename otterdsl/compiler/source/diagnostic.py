"""Diagnostics: what is wrong, where, and how to mend it, as plain values.

Passes make them and hand them on; none is raised, and only `render` turns one into text.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Generic, Literal, TypeVar

from otterdsl.compiler.source.span import Span

T = TypeVar("T", covariant=True)


class Severity(Enum):
    """How bad it is. Only errors stop a compilation."""

    ERROR = "error"
    WARNING = "warning"
    HINT = "hint"


@dataclass(frozen=True, slots=True)
class Label:
    """A span and what to say of it."""

    span: Span
    text: str


@dataclass(frozen=True, slots=True)
class Edit:
    """Replace the text of `span` by `text`."""

    span: Span
    text: str


@dataclass(frozen=True, slots=True)
class Fix:
    """A mend: edits that do not overlap. A `safe` one never changes the meaning of what was right."""

    title: str
    edits: tuple[Edit, ...]
    applicability: Literal["safe", "unsafe"] = "safe"


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One problem.

    `message` is a fact on one line without a full stop, with code in backquotes; `label` says what is wrong with the text
    of `span` in particular; `help` is the mend, one line. `span` is None only where there is no text (a missing file).
    `file` names the file then.
    """

    code: str
    severity: Severity
    message: str
    span: Span | None
    label: str = ""
    help: str = ""
    related: tuple[Label, ...] = ()
    fixes: tuple[Fix, ...] = ()
    file: str = ""

    @property
    def where(self) -> str:
        """The file's name, empty where the problem lies in no file."""
        return self.span.file if self.span else self.file

    @property
    def order(self) -> tuple[str, int, str, str]:
        """The key that sorts diagnostics: file, position, code, message."""
        return (self.where, self.span.start if self.span else 0, self.code, self.message)


@dataclass(frozen=True, slots=True)
class Checked(Generic[T]):
    """A pass's result with all that it found wrong on the way."""

    value: T
    diagnostics: tuple[Diagnostic, ...] = ()

    @property
    def has_errors(self) -> bool:
        """Whether any diagnostic is an error."""
        return has_errors(self.diagnostics)


def has_errors(diagnostics: Sequence[Diagnostic]) -> bool:
    """Whether any of `diagnostics` is an error."""
    return any(d.severity is Severity.ERROR for d in diagnostics)
