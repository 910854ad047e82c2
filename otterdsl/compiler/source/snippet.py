"""Lines of a file with marks below them. In: a text and what to say of it where. Out: lines of text.

Tabs become blanks up to the next stop, characters that act or hide are shown escaped, marks stand below wide characters as they should, and of a
long line only what is around the mark is shown. It takes time for what it shows, not for the length of the file.
"""

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from otterdsl.compiler.source.span import Span
from otterdsl.compiler.source.text import SourceText

TAB = 4
# A line longer than LONG is clipped to what is this far before and after the start of a mark.
LONG, BEFORE, AFTER = 160, 50, 90
_BLUE = "1;34"


class Annotation(NamedTuple):
    """A span and what to say of it; the primary one is what is wrong."""

    span: Span
    text: str
    primary: bool


@dataclass(frozen=True, slots=True)
class Paint:
    """Colours, or none: `main` is the SGR code of the primary ones."""

    color: bool
    main: str

    def styled(self, text: str, code: str) -> str:
        """The text in a style."""
        return f"\x1b[{code}m{text}\x1b[0m" if self.color else text

    def primary(self, text: str) -> str:
        """The text in the colour of the severity."""
        return self.styled(text, self.main)

    def gutter(self, text: str) -> str:
        """The text in the colour of line numbers and related spans."""
        return self.styled(text, _BLUE)


class _Mark(NamedTuple):
    """One line's part of an annotation: columns from 0 in code points, `end` exclusive."""

    line: int
    start: int
    end: int
    text: str
    primary: bool


def visible(text: str) -> str:
    """The text with all that could act on a terminal or hide shown escaped: controls, line ends, bidi marks, odd blanks."""
    return text if text.isprintable() else "".join(_shown(char) for char in text)


def _shown(char: str) -> str:
    if char.isprintable():
        return char
    if "\udc80" <= char <= "\udcff":
        return f"\\x{ord(char) - 0xDC00:02x}"
    return {"\n": "\\n", "\t": "\\t"}.get(char, f"\\u{{{ord(char):x}}}")


def gutter_width(files: Iterable[tuple[SourceText, Sequence[Annotation]]]) -> int:
    """How many columns line numbers take in snippets of these files."""
    lines = [mark.line for source, found in files for mark in _marks(source, found)]
    return len(str(max(lines, default=1)))


def snippet(source: SourceText, annotations: Sequence[Annotation], width: int, paint: Paint) -> list[str]:
    """The lines that the annotations touch, in order, with their marks, below a bar."""
    out = [paint.gutter(" " * width + " |")]
    marks = _marks(source, annotations)
    by_line: dict[int, list[_Mark]] = {}
    for mark in marks:
        by_line.setdefault(mark.line, []).append(mark)
    previous = 0
    for line in sorted(by_line):
        if previous and line == previous + 2:
            out.extend(_line(source, line - 1, [], width, paint))
        elif previous and line > previous + 2:
            out.append(paint.gutter("..."))
        out.extend(_line(source, line, by_line[line], width, paint))
        previous = line
    return out


def _marks(source: SourceText, annotations: Sequence[Annotation]) -> list[_Mark]:
    """The annotations by line. One over several lines marks its first and its last, and says its text at the last."""
    marks = []
    for span, text, primary in annotations:
        start = min(span.start, len(source.text))
        end = max(start, min(span.end, len(source.text)))
        # A span that ends with a line's end does not reach into the next line.
        if end > start and source.text[end - 1] == "\n":
            end -= 1
        first, last = source.position(start), source.position(end)
        if first.line == last.line:
            marks.append(_Mark(first.line, first.column - 1, last.column - 1, text, primary))
            continue
        begin, stop = _bounds(source, first.line)
        marks.append(_Mark(first.line, first.column - 1, stop - begin, "", primary))
        line = source.text[end - last.column + 1 : end]
        marks.append(_Mark(last.line, min(len(line) - len(line.lstrip(" \t")), last.column - 1), last.column - 1, text, primary))
    return marks


def _bounds(source: SourceText, number: int) -> tuple[int, int]:
    """The offsets at which a line begins and ends, its end excluded."""
    start = source.starts[number - 1]
    return start, source.starts[number] - 1 if number < len(source.starts) else len(source.text)


def _line(source: SourceText, number: int, marks: list[_Mark], width: int, paint: Paint) -> list[str]:
    """One line and its marks. Of a long one, what is around each mark, apart."""
    start, end = _bounds(source, number)
    bar = paint.gutter(f"{number:>{width}} |")
    if end - start <= LONG:
        return [f"{bar} {_expanded(source.text[start:end])}".rstrip(), *_underlines(source.text[start:end], 0, marks, width, paint)]
    if not marks:
        return [f"{bar} {_expanded(source.text[start : start + LONG])}…"]
    out = []
    for mark in marks:
        low = max(0, mark.start - BEFORE)
        high = min(end - start, mark.start + AFTER)
        text = source.text[start + low : start + high]
        lead = "…" if low else ""
        out.append(f"{bar} {lead}{_expanded(text)}{'…' if high < end - start else ''}".rstrip())
        clipped = mark._replace(start=mark.start - low, end=min(mark.end, high) - low)
        out.extend(_underlines(text, len(lead), [clipped], width, paint))
    return out


def _underlines(text: str, lead: int, marks: list[_Mark], width: int, paint: Paint) -> list[str]:
    """A line for each mark, the primary ones last, so that they stand where the eye ends."""
    out = []
    for mark in sorted(marks, key=lambda m: (m.primary, m.start)):
        before = _columns(text[: mark.start])
        length = max(1, _columns(text[: mark.end]) - before)
        line = (("^" if mark.primary else "-") * length) + (f" {visible(mark.text)}" if mark.text else "")
        out.append(paint.gutter(" " * width + " |") + " " * (1 + lead + before) + (paint.primary(line) if mark.primary else paint.gutter(line)))
    return out


def _expanded(text: str) -> str:
    """A line as it is shown: tabs up to the next stop, the rest visible."""
    if text.isprintable():
        return text
    if "\t" not in text:
        return visible(text)
    out, column = [], 0
    for char in text:
        shown = " " * (TAB - column % TAB) if char == "\t" else _shown(char)
        column += len(shown) if char == "\t" else _columns(char)
        out.append(shown)
    return "".join(out)


def _columns(text: str) -> int:
    """How many columns of a terminal a text takes, as `_expanded` shows it from a line's start."""
    if text.isascii() and text.isprintable():
        return len(text)
    column = 0
    for char in text:
        if char == "\t":
            column += TAB - column % TAB
        elif not char.isprintable():
            column += len(_shown(char))
        elif unicodedata.combining(char):
            continue
        else:
            column += 2 if unicodedata.east_asian_width(char) in "WF" else 1
    return column
