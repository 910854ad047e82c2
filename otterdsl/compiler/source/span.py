"""Spans: where a piece of text stands. In: nothing. Out: `Span`. No text, no lines: see `text`."""

from typing import NamedTuple


class Span(NamedTuple):
    """A half-open range of one source file.

    `file` is the name the file goes by in diagnostics (relative to the project, with `/`); `start` and `end` are
    offsets in code points of the decoded text (line ends are LF, a byte-order mark is gone).
    """

    file: str
    start: int
    end: int

    def to(self, other: "Span") -> "Span":
        """The span from the start of this one to the end of `other`, in the same file."""
        return Span(self.file, self.start, other.end)
