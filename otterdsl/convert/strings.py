"""Text of a configuration as expressions: `${name}` becomes a reference, `$${` the text `${`, and names become NAMEs where they are some.

In: a scalar or a part of one. Out: strings, labels, references, each at its place; where text does not stand in the source letter by letter, at the
place of the scalar. What is absent: whether a name means anything.
"""

import re
from typing import Final

from otterdsl.compiler.source.span import Span
from otterdsl.compiler.syntax import ast
from otterdsl.compiler.values.value import PLACEHOLDER
from otterdsl.convert.nodes import Scalar

_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_DOTTED: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*")
# What would be read as something else at the beginning of an expression.
_WORDS: Final = frozenset({"true", "false", "null", "not"})


def is_name(text: str) -> bool:
    """Whether a text is a NAME."""
    return _NAME.fullmatch(text) is not None


def is_reference(text: str) -> bool:
    """Whether a text can be written as a reference: NAMEs joined by dots."""
    return _DOTTED.fullmatch(text) is not None and text.partition(".")[0] not in _WORDS


def plain(scalar: Scalar) -> ast.StringExpr:
    """The text of a scalar, in which nothing is a placeholder."""
    return ast.StringExpr(scalar.span, (scalar.text,) if scalar.text else ())


def template(scalar: Scalar) -> ast.StringExpr:
    """The text of a scalar, with its placeholders as interpolations."""
    if "${" not in scalar.text:
        return ast.StringExpr(scalar.span, (scalar.text,) if scalar.text else ())
    return ast.StringExpr(scalar.span, _parts(scalar.text, scalar.span, scalar.start))


def part(scalar: Scalar, begin: int) -> tuple[str, Span]:
    """What a scalar's text is from `begin` on, and where that stands."""
    span = scalar.span if scalar.start is None else Span(scalar.span.file, scalar.start + begin, scalar.start + len(scalar.text))
    return scalar.text[begin:], span


def label(scalar: Scalar, begin: int) -> ast.Label:
    """The label that a scalar's text is from `begin` on: a NAME if it is one, else a string."""
    text, span = part(scalar, begin)
    if is_name(text):
        return ast.Name(span, text)
    return ast.StringExpr(span, _parts(text, span, None if scalar.start is None else scalar.start + begin))


def key(scalar: Scalar, *, dotted: bool = False) -> ast.Name | ast.StringExpr:
    """A key as a plain name: a NAME (with `dotted` NAMEs joined by dots) if it is one, else a string without placeholders."""
    if (_DOTTED if dotted else _NAME).fullmatch(scalar.text):
        return ast.Name(scalar.span, scalar.text)
    return plain(scalar)


def whole(text: str) -> str | None:
    """The name of the placeholder that a text is and nothing besides."""
    found = PLACEHOLDER.fullmatch(text) if text.startswith("${") else None
    return found.group(1) if found else None


def reference(name: str, span: Span, start: int | None) -> ast.RefExpr:
    """The reference of NAMEs joined by dots, which stand in the source at `start`."""
    names = []
    at = start
    for each in name.split("."):
        names.append(ast.Name(span if at is None else Span(span.file, at, at + len(each)), each))
        at = None if at is None else at + len(each) + 1
    return ast.RefExpr(span if start is None else Span(span.file, start, start + len(name)), names[0], tuple(names[1:]))


def _parts(text: str, span: Span, start: int | None) -> tuple[str | ast.Interpolation, ...]:
    """Text and interpolations in turn; `start` is where the text stands in the source, None if not letter by letter."""
    parts: list[str | ast.Interpolation] = []
    pending, end = "", 0
    for found in PLACEHOLDER.finditer(text):
        pending += text[end : found.start()]
        end = found.end()
        name = found.group(1)
        if name is None:
            pending += "${"
            continue
        if pending:
            parts.append(pending)
            pending = ""
        at = span if start is None else Span(span.file, start + found.start(), start + end)
        parts.append(ast.Interpolation(at, _named(name, at, None if start is None else start + found.start() + 2)))
    pending += text[end:]
    return (*parts, pending) if pending else tuple(parts)


def _named(name: str, span: Span, start: int | None) -> ast.Expr:
    """What stands within `${…}` for a name: a reference, or where it is no NAME its text."""
    if is_reference(name):
        return reference(name, span, start)
    return ast.StringExpr(span if start is None else Span(span.file, start, start + len(name)), (name,), raw=True)
