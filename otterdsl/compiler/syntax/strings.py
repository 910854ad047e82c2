"""What a string holds: escapes decoded, `${…}` parsed, lines of a long one without their common indent. In: a range of the text, with its quotes.

Out: a `StringExpr`. Reports OT005, an unknown escape; OT006, an interpolation that is no expression. Positions stay exact, since everything is
read from the file's own text. What is absent: where a string ends (the grammar's STRING).
"""

import re
from collections.abc import Callable
from typing import Protocol, TypeAlias

from otterdsl.compiler.source.span import Span
from otterdsl.compiler.syntax import ast

# Given the offset after `${` and the end of the string's text: the expression, None where there is none (reported), and the offset after `}`.
Interpolated: TypeAlias = Callable[["Reader", int, int], tuple[ast.Expr | None, int]]


class Reader(Protocol):
    """What reading a string needs of the file it is in."""

    @property
    def file(self) -> str:
        """The file's id."""

    @property
    def text(self) -> str:
        """The file's text."""

    @property
    def interpolated(self) -> Interpolated:
        """Parses what stands after `${`."""

    def report(self, code: str, message: str, span: Span, label: str = "", mend: str = "") -> None:
        """Takes a diagnostic, `mend` its help."""


_SPECIAL = re.compile(r"\\u\{([^}\"'\n]*)\}|\\([\s\S])|\$\$\{|\$\{")
# The common case, with no blank and no label that needs quoting. A word that is a keyword of expressions is left to the parser.
_PLAIN = re.compile(r"(?!(?:true|false|null|not)\b)([A-Za-z_][A-Za-z0-9_]*)((?:\.[A-Za-z_][A-Za-z0-9_]*)*)\}")
_ESCAPES = {'"': '"', "\\": "\\", "n": "\n", "t": "\t", "$": "$"}
_LONG = ('"""', "'''")
_BLANKS = re.compile(r"[ \t]*")


def read(reader: Reader, start: int, end: int, raw: bool = False) -> ast.StringExpr:
    """The string between `start` and `end`, quotes included; `raw` where escapes and `${…}` mean nothing whatever the quotes are."""
    text, file = reader.text, reader.file
    quoted_raw = text[start] == "'"
    raw = raw or quoted_raw
    if text.startswith(_LONG, start):
        ranges = _dedented(text, start + 3, end - 3)
    else:
        body = text[start + 1 : end - 1]
        if raw or ("\\" not in body and "$" not in body):
            return ast.StringExpr(Span(file, start, end), (body,) if body else (), quoted_raw)
        ranges = [(start + 1, end - 1)]
    if raw:
        body = "".join(text[a:b] for a, b in ranges)
        return ast.StringExpr(Span(file, start, end), (body,) if body else (), quoted_raw)
    return ast.StringExpr(Span(file, start, end), _parts(reader, ranges))


def places(text: str, string: ast.StringExpr, raw: bool = False) -> tuple[tuple[tuple[int, int], ...], tuple[int, ...]]:
    """Where what a string holds stands in the file: pairs of offsets, of the decoded text and of the file's, from which on both grow alike.

    An interpolation is one character of the decoded text. Besides, the offsets in that where lines of the file begin. `raw` is as for `read`.
    """
    _, start, end = string.span
    ranges = _dedented(text, start + 3, end - 3) if text.startswith(_LONG, start) else [(start + 1, end - 1)]
    inner = {} if raw or string.raw else {part.span.start: part.span.end for part in string.parts if isinstance(part, ast.Interpolation)}
    found: list[tuple[int, int]] = []
    starts: list[int] = []
    decoded = position = 0
    for first, last in ranges:
        if position <= first < last:
            starts.append(decoded)
        position = max(position, first)
        if position < last:
            found.append((decoded, position))
        while position < last:
            special = None if raw or string.raw else _SPECIAL.search(text, position, last)
            at = special.start() if special else last
            decoded += at - position
            if special is None:
                break
            after = inner.get(at)
            decoded += len(_meant(special)) if after is None else 1
            position = special.end() if after is None else after
            found.append((decoded, position))
    return tuple(found), tuple(starts)


def _meant(special: re.Match[str]) -> str:
    """What stands for an escape in the decoded text, or for what was to be an interpolation and is none."""
    digits, letter = special.groups()
    if digits is not None:
        value = int(digits, 16) if re.fullmatch("[0-9A-Fa-f]{1,6}", digits) else -1
        return " " if 0 <= value < 0xD800 or 0xDFFF < value <= 0x10FFFF else special.group()
    if letter is not None:
        return _ESCAPES.get(letter, special.group())
    return "${"


def _dedented(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """The ranges of a long string's lines without their common indent; blank lines do not count for it, that of the closing quotes does."""
    first = _BLANKS.match(text, start, end)
    opened = first is not None and text.startswith("\n", first.end(), end)
    if first is not None and opened:
        start = first.end() + 1
    starts = [start, *(found.end() for found in re.compile("\n").finditer(text, start, end))]
    ends = [*starts[1:], end]
    indents = []
    for number, (a, b) in enumerate(zip(starts, ends, strict=True)):
        blank = _BLANKS.match(text, a, b)
        indent = blank.group() if blank else ""
        content = a + len(indent) < b and text[a + len(indent)] != "\n"
        if (content or number == len(starts) - 1) and (opened or number):
            indents.append(indent)
    # The common prefix of all is that of the least and the greatest.
    low, high = (min(indents), max(indents)) if indents else ("", "")
    common = next((i for i, (x, y) in enumerate(zip(low, high, strict=False)) if x != y), min(len(low), len(high)))
    ranges = []
    for number, (a, b) in enumerate(zip(starts, ends, strict=True)):
        blank = _BLANKS.match(text, a, b)
        cut = min(common, len(blank.group()) if blank else 0) if opened or number else 0
        if a + cut < b:
            ranges.append((a + cut, b))
    return ranges


def _parts(reader: Reader, ranges: list[tuple[int, int]]) -> tuple[str | ast.Interpolation, ...]:
    """Text and interpolations, in order; adjacent texts joined."""
    text = reader.text
    parts: list[str | ast.Interpolation] = []
    plain: list[str] = []
    limit = ranges[-1][1] if ranges else 0
    position = 0
    for start, end in ranges:
        position = max(position, start)
        while position < end:
            found = _SPECIAL.search(text, position, end)
            plain.append(text[position : found.start() if found else end])
            if found is None:
                break
            position = found.end()
            mark = found.group()
            if mark == "$${":
                plain.append("${")
            elif mark == "${":
                expression, position = _interpolation(reader, position, limit)
                if expression is None:
                    plain.append(text[found.start() : position])
                    continue
                if "".join(plain):
                    parts.append("".join(plain))
                plain = []
                parts.append(ast.Interpolation(Span(reader.file, found.start(), position), expression))
            else:
                plain.append(_escape(reader, found))
    if "".join(plain):
        parts.append("".join(plain))
    return tuple(parts)


def _escape(reader: Reader, found: re.Match[str]) -> str:
    """What an escape stands for; an unknown one is reported and read as it stands."""
    digits, letter = found.groups()
    span = Span(reader.file, *found.span())
    if digits is not None:
        value = int(digits, 16) if re.fullmatch("[0-9A-Fa-f]{1,6}", digits) else -1
        if 0 <= value < 0xD800 or 0xDFFF < value <= 0x10FFFF:
            return chr(value)
        reader.report("OT005", f"`{found.group()}` is no character", span, mend="write the character's number in hexadecimal, like `\\u{e9}`")
        return found.group()
    if letter in _ESCAPES:
        return _ESCAPES[letter]
    shown = "\\" if letter == "\n" else found.group()
    helps = {"\n": "end the string on its line, or write `\\n`", "u": "write `\\u{…}`, with the character's number in hexadecimal"}
    known = "the escapes are `\\\"` `\\\\` `\\n` `\\t` `\\$` `\\u{…}`; for a backslash itself write `\\\\`, or quote with `'`"
    reader.report("OT005", f"unknown escape `{shown}`", span, mend=helps.get(letter, known))
    return found.group()


def _interpolation(reader: Reader, start: int, limit: int) -> tuple[ast.Expr | None, int]:
    """The expression after `${`, and the offset after its `}`."""
    plain = _PLAIN.match(reader.text, start, limit)
    if plain is None:
        return reader.interpolated(reader, start, limit)
    file, text = reader.file, reader.text
    head = ast.Name(Span(file, *plain.span(1)), plain[1])
    tail = []
    position = plain.start(2)
    while position < plain.end(2):
        end = text.find(".", position + 1, plain.end(2))
        end = plain.end(2) if end < 0 else end
        tail.append(ast.Name(Span(file, position + 1, end), text[position + 1 : end]))
        position = end
    return ast.RefExpr(Span(file, start, plain.end(2)), head, tuple(tail)), plain.end()
