"""The expression within `${…}` that is more than a dotted name. In: where it begins. Out: the expression and where it ends."""

import re
from collections.abc import Iterator

from otterdsl.compiler.source.span import Span
from otterdsl.compiler.syntax import ast
from otterdsl.compiler.syntax.drive import Stopped, drive
from otterdsl.compiler.syntax.lower_expressions import LowerExpressions
from otterdsl.compiler.syntax.scan import END, OTHER, PUNCTUATION, scanner
from otterdsl.compiler.syntax.strings import Reader
from otterdsl.compiler.syntax.tables import load

UNCLOSED = "an unclosed `${`"


def interpolated(reader: Reader, start: int, limit: int) -> tuple[ast.Expr | None, int]:
    """The expression from `start` (after `${`) to its `}`, and the offset after that; None where it is none. Reports OT006."""
    end = _closed(reader.text, start, limit)
    opening = Span(reader.file, start - 2, start)
    if end is None:
        reader.report("OT006", UNCLOSED, opening, mend="write `}` after the expression, or `$${` for the text `${`; within `${…}` quote with `'…'`")
        return None, start
    if not reader.text[start : end - 1].strip():
        span = Span(reader.file, start - 2, end)
        reader.report("OT006", "an empty `${}`", span, mend="write a name between the braces, or `$${` for the text `${`")
        return None, end
    if not isinstance(reader, LowerExpressions):
        raise TypeError("only what makes nodes can read an expression")
    result = drive(load(), reader, _tokens(reader.text, start, end - 1), "expr", None)
    if isinstance(result, Stopped):
        found = Span(reader.file, result.start, max(result.end, result.start + 1))
        if result.deep:
            reader.report("OT008", "nested too deeply", found)
        elif reader.text.startswith("\\", result.start):
            reader.report("OT006", "a `\\` within `${…}`", found, mend="quote with `'…'` within `${…}`; nothing needs an escape there")
        else:
            reader.report("OT006", "not an expression within `${…}`", found, mend="write an expression, or `$${` for the text `${`")
        return None, end
    expression: ast.Expr = result
    return expression, end


def _closed(text: str, start: int, limit: int) -> int | None:
    """The offset after the `}` that closes what was opened before `start`; None where none does."""
    depth, position = 1, start
    while found := scanner().match(text, position, limit):
        if found.lastindex == END:
            return None
        if found.lastindex == PUNCTUATION:
            depth += {"{": 1, "}": -1}.get(found[PUNCTUATION], 0)
            if not depth:
                return found.end()
        position = found.end()
    return None


def _tokens(text: str, start: int, limit: int) -> Iterator[re.Match[str]]:
    position = start
    while found := scanner().match(text, position, limit):
        yield found
        if found.lastindex in (END, OTHER):
            return
        position = found.end()
