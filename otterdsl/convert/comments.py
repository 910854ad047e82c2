"""The comments of a YAML text, and what is to become one. In: the text, the ranges in which a `#` begins none, what is left out of the tree.

Out: comments with their places, in order. What is left out of the tree is kept as comments, line by line. What is absent: where they go (`format`).
"""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from otterdsl.compiler.source.span import Span
from otterdsl.compiler.source.text import SourceText
from otterdsl.compiler.syntax.ast import Comment

# In YAML a comment follows a blank, or in a list of brackets one of these; it ends with its line.
_COMMENT: Final = re.compile(r"(?<![^\s\[\]{},])#[^\n\u2028\u2029]*")
_DASHES: Final = re.compile(r"[ \t]*(?:-[ \t]+)*")


def comments(source: SourceText, texts: Sequence[tuple[int, int]], lost: Iterable[Span]) -> tuple[Comment, ...]:
    """All comments of a text, those of `lost` places among them."""
    kept = list(_outermost(lost))
    starts = [span.start for span in kept]
    found: list[Comment] = [line for span in kept for line in _lines(source, span)]
    begins = [start for start, _ in texts]
    for match in _COMMENT.finditer(source.text):
        at = bisect_right(begins, match.start()) - 1
        around = bisect_right(starts, match.start()) - 1
        if (at < 0 or match.start() >= texts[at][1]) and (around < 0 or match.start() >= _line_end(source, kept[around].end)):
            found.append(_comment(source, *match.span()))
    return tuple(sorted(found, key=lambda comment: comment.span.start))


def _outermost(spans: Iterable[Span]) -> Iterator[Span]:
    """The spans, in order, without those that lie in another."""
    end = -1
    for span in sorted(spans, key=lambda each: (each.start, -each.end)):
        if span.start >= end and span.start < span.end:
            yield span
            end = span.end


def _comment(source: SourceText, start: int, end: int) -> Comment:
    return Comment(Span(source.file, start, end), source.text[start + 1 : end].removeprefix(" ").rstrip())


def _line_end(source: SourceText, at: int) -> int:
    end = source.text.find("\n", at)
    return len(source.text) if end < 0 else end


def _lines(source: SourceText, span: Span) -> Iterator[Comment]:
    """The lines of a place as comments, indented as they are from its first on."""
    text = source.text
    begin = text.rfind("\n", 0, span.start) + 1
    before = _DASHES.match(text, begin, span.start)
    if before is None or before.end() != span.start:
        # Amid a line: what stands there alone.
        yield Comment(span, " ".join(text[span.start : span.end].split()))
        return
    indent = len(before[0]) - len(before[0].lstrip(" \t"))
    at = begin
    while at < span.end:
        end = _line_end(source, at)
        line = text[at:end].rstrip()
        start = at + len(line) - len(line.lstrip(" \t"))
        if line.strip():
            yield Comment(Span(source.file, start, at + len(line)), line[min(indent, start - at) :])
        at = end + 1
