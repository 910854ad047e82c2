"""Source text: decoded, with its lines. In: bytes. Out: `SourceText`, or a diagnostic of why there is none."""

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from otterdsl.compiler.source.codes import CODES
from otterdsl.compiler.source.diagnostic import Checked, Diagnostic
from otterdsl.compiler.source.span import Span

# Far beyond any pipeline that people write; so that a wrong path to a huge file is said at once.
LARGEST = 64 * 1024 * 1024

_LINE_END = re.compile(r"\n")

# What no text holds: control characters other than tab and LF (a lone CR has no meaning, and a terminal would hide what stands before it), and
# what bytes that are not UTF-8 were decoded to.
_LINE_END = re.compile("\n")
NOT_TEXT = re.compile("[\\x00-\\x08\\x0b-\\x1f\\x7f-\\x9f\\udc80-\\udcff]")


class Position(NamedTuple):
    """A place as people count: line and column from 1, the column in code points."""

    line: int
    column: int


@dataclass(frozen=True)
class SourceText:
    """One file's text. `file` is its id (what spans name), `display` the path to show; line ends are LF, no byte-order mark."""

    file: str
    display: str
    text: str

    @cached_property
    def starts(self) -> tuple[int, ...]:
        """The offset of each line's first character."""
        return (0, *(found.end() for found in _LINE_END.finditer(self.text)))

    def position(self, offset: int) -> Position:
        """The line and column of an offset (0 to the length of the text)."""
        line = bisect_right(self.starts, offset)
        return Position(line, offset - self.starts[line - 1] + 1)

    def line(self, number: int) -> str:
        """The text of a line, counted from 1, without its end."""
        start = self.starts[number - 1]
        end = self.starts[number] - 1 if number < len(self.starts) else len(self.text)
        return self.text[start:end]


def decode(file: str, display: str, data: bytes) -> Checked[SourceText | None]:
    """The text of a file's bytes: UTF-8, with or without a byte-order mark; CRLF becomes LF.

    Reports OT002, bytes that are no UTF-8 (each becomes a lone surrogate, which no UTF-8 text holds); OT003, a control character other than tab
    and line ends (a lone CR too); each at the first place in its line, ten places at most. The text is there all the same, so that the place can
    be shown, and the parser passes over what was reported here. None only where there is no text to show: a binary file (OT003), a huge one (OT008).
    """
    if len(data) > LARGEST:
        return _none(file, "OT008", f"a file of {len(data)} bytes", f"a pipeline has at most {LARGEST} bytes; split it, or is it the wrong file?")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        if b"\0" in data:
            return _none(file, "OT003", "not a text file", "a pipeline is UTF-8 text; is it the right file?")
        text = data.removeprefix(b"\xef\xbb\xbf").decode("utf-8", errors="surrogateescape")
    text = text.replace("\r\n", "\n")
    source = SourceText(file, display, text)
    return Checked(source, tuple(_reported(source)))


def _none(file: str, code: str, message: str, mend: str) -> Checked[SourceText | None]:
    return Checked(None, (Diagnostic(code, CODES[code].severity, message, None, help=mend, file=file),))


def _reported(source: SourceText) -> Iterator[Diagnostic]:
    """What the text may not hold, the first place in each of ten lines."""
    position = count = 0
    while count < 10 and (found := NOT_TEXT.search(source.text, position)):
        char = found.group()
        span = Span(source.file, *found.span())
        if "\udc80" <= char <= "\udcff":
            message, mend = f"the byte 0x{ord(char) - 0xDC00:02X} is not UTF-8", "save the file as UTF-8"
            yield Diagnostic("OT002", CODES["OT002"].severity, message, span, "not UTF-8", mend)
        else:
            message = "a carriage return without a line feed" if char == "\r" else f"a control character, U+{ord(char):04X}"
            mend = "end lines with LF or CRLF" if char == "\r" else f'remove it; within `"…"` write `\\u{{{ord(char):x}}}`'
            yield Diagnostic("OT003", CODES["OT003"].severity, message, span, "not allowed in a text", mend)
        count += 1
        position = source.text.find("\n", found.end())
        if position < 0:
            return
