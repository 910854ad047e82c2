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
    at = 0
    while (match := _COMMENT.search(source.text, at)) is not None:
        start, at = match.span()
        text, around = bisect_right(begins, start) - 1, bisect_right(starts, start) - 1
        if text >= 0 and start < texts[text][1]:
            at = texts[text][1]
        elif around >= 0 and start < (end := _end(source, kept[around])):
            at = end
        else:
            found.append(_comment(source, start, at))
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


def _begins_a_line(source: SourceText, span: Span) -> bool:
    """Whether nothing but dashes stands before a place on its line. Else it is kept without the rest of its lines."""
    begin = source.text.rfind("\n", 0, span.start) + 1
    return _DASHES.fullmatch(source.text, begin, span.start) is not None


def _end(source: SourceText, span: Span) -> int:
    """Where what is kept of a place ends: the comment at the end of its last line is kept with it, if whole lines are."""
    return _line_end(source, span.end) if _begins_a_line(source, span) else span.end


def _line_end(source: SourceText, at: int) -> int:
    end = source.text.find("\n", at)
    return len(source.text) if end < 0 else end


def _lines(source: SourceText, span: Span) -> Iterator[Comment]:
    """The lines of a place as comments, indented as they are from its first on."""
    text = source.text
    begin = text.rfind("\n", 0, span.start) + 1
    if not _begins_a_line(source, span):
        yield Comment(span, " ".join(text[span.start : span.end].split()))
        return
    indent = len(text[begin : span.end]) - len(text[begin : span.end].lstrip(" \t"))
    at = begin
    while at < span.end:
        end = _line_end(source, at)
        line = text[at:end].rstrip()
        # All lines begin where the first does, so that they stay together: a comment's indent says what it belongs to.
        cut = min(indent, len(line) - len(line.lstrip(" \t")))
        if line.strip():
            yield Comment(Span(source.file, at + cut, at + len(line)), line[cut:])
        at = end + 1
