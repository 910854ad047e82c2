"""From a place in the text of a body to its place in the file. In: a `run` and offsets of its decoded text. Out: spans."""

from bisect import bisect_right

from otterdsl.compiler.source.span import Span
from otterdsl.compiler.syntax import ast


def in_file(run: ast.Run, start: int, end: int) -> Span:
    """The span in the file of a range of the decoded text, in which an interpolation is one character. It is never empty."""
    first = _offset(run, start)
    return Span(run.span.file, first, max(_offset(run, max(end, start + 1)), first + 1))


def line_in_file(run: ast.Run, text: str, number: int, column: int = 0, end: int | None = None) -> Span:
    """The span of a line of the decoded text, counted from 0, from a column on: to a column, or to the line's end without the blanks there."""
    lines = text.split("\n")
    number = min(max(number, 0), len(lines) - 1)
    line, start = lines[number], sum(len(each) + 1 for each in lines[:number])
    column = min(column, max(len(line.rstrip()) - 1, 0))
    first = column or len(line) - len(line.lstrip())
    last = len(line.rstrip()) if end is None else min(max(end, column), len(line))
    return in_file(run, start + first, start + max(last, first + 1))


def _offset(run: ast.Run, at: int) -> int:
    if not run.places:
        return run.body.span.start
    index = max(bisect_right(run.places, (at, float("inf"))) - 1, 0)
    decoded, offset = run.places[index]
    following = run.places[index + 1][1] if index + 1 < len(run.places) else run.body.span.end
    return min(offset + at - decoded, max(following - 1, offset))
