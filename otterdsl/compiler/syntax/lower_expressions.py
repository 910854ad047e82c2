"""Expressions and what they are made of, as AST nodes: the half of `lower` that `${…}` within strings needs too."""

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from otterdsl.compiler.source.codes import CODES
from otterdsl.compiler.source.diagnostic import Diagnostic
from otterdsl.compiler.source.span import Span
from otterdsl.compiler.syntax import ast, strings

Children = list[Any]

# A number longer than this is a mistake; Python itself refuses to read ints of 4,300 digits.
MOST_DIGITS = 400
# So many mistakes are told of one file.
MOST_REPORTED = 100
# What makes a string more than the text between its quotes. A long one has quotes there too, those of its ends.
_NOT_PLAIN = re.compile(r'[\\$"]')
# A span of its three fields, without the call in Python that `Span(…)` is: one is made for every token.
_tuple = tuple.__new__


class LowerExpressions:
    """Makes the nodes of expressions, and gathers what is wrong within strings and numbers in `diagnostics`."""

    __slots__ = ("diagnostics", "docs", "file", "interpolated", "makers", "partial", "text")

    def __init__(self, file: str, text: str, docs: dict[int, str], interpolated: strings.Interpolated) -> None:
        self.file, self.text, self.docs, self.interpolated = file, text, docs, interpolated
        self.diagnostics: list[Diagnostic] = []
        # For each rule of the grammar the method that makes its node; `drive` finds them once.
        self.makers: list[Callable[[Children], Any]] = []
        # Where the braces open within which something could not be read.
        self.partial: set[int] = set()

    def span(self, start: int, end: int) -> Span:
        """The span of a range of this file."""
        return _tuple(Span, (self.file, start, end))

    def doc(self, start: int) -> str:
        """The comment block right above what starts there."""
        return self.docs.get(start, "")

    # ------------------------------------------------------------ tokens

    def name(self, start: int, end: int) -> ast.Name:
        """A word that is a name."""
        return ast.Name(_tuple(Span, (self.file, start, end)), self.text[start:end])

    def string(self, start: int, end: int, raw: bool = False) -> ast.StringExpr:
        """A string of any quoting; `raw` makes escapes and `${…}` mean nothing whatever its quotes are."""
        body = self.text[start + 1 : end - 1]
        if self.text[start] == '"' and not _NOT_PLAIN.search(body):
            return ast.StringExpr(_tuple(Span, (self.file, start, end)), (body,) if body else ())
        return strings.read(self, start, end, raw)

    def number(self, start: int, end: int) -> ast.NumberExpr:
        """A number; one that is too large is reported and read as 0."""
        span, text = Span(self.file, start, end), self.text[start:end]
        if end - start <= MOST_DIGITS:
            value = float(text) if any(mark in text for mark in ".eE") else int(text)
            if value not in (float("inf"), float("-inf")):
                return ast.NumberExpr(span, value)
        self.report("OT008", "a number that is too large", span, mend=f"a number has at most {MOST_DIGITS} digits and fits a 64-bit float")
        return ast.NumberExpr(span, 0)

    def report(self, code: str, message: str, span: Span, label: str = "", mend: str = "") -> None:
        """Takes a diagnostic, `mend` its help. Mutates `diagnostics`."""
        if len(self.diagnostics) < MOST_REPORTED:
            self.diagnostics.append(Diagnostic(code, CODES[code].severity, message, span, label, mend))

    # ------------------------------------------------------------ rules

    def items(self, c: Children, index: int) -> tuple[Any, ...]:
        """The items of a list with commas whose first item would be at `index`; brackets and commas are tuples of numbers."""
        if type(c[index]) is tuple:
            return ()
        return (c[index], *c[index + 1]) if type(c[index + 1]) is list else (c[index],)

    def or_(self, c: Children) -> ast.LogicExpr:
        return ast.LogicExpr(self.span(c[0].span.start, c[1][-1].span.end), "or", (c[0], *c[1]))

    def and_(self, c: Children) -> ast.LogicExpr:
        return ast.LogicExpr(self.span(c[0].span.start, c[1][-1].span.end), "and", (c[0], *c[1]))

    def not_(self, c: Children) -> ast.NotExpr:
        return ast.NotExpr(self.span(c[0][0], c[1].span.end), c[1])

    def compare(self, c: Children) -> ast.CompareExpr:
        start, end = c[1]
        operator: Any = self.text[start:end]
        return ast.CompareExpr(self.span(c[0].span.start, c[2].span.end), c[0], operator, c[2])

    def compare_not_in(self, c: Children) -> ast.CompareExpr:
        return ast.CompareExpr(self.span(c[0].span.start, c[3].span.end), c[0], "not in", c[3])

    def constant_value(self, c: Children) -> ast.ConstantExpr:
        start, end = c[0]
        value = {"true": True, "false": False}.get(self.text[start:end])
        return ast.ConstantExpr(self.span(start, end), value)

    def parentheses(self, c: Children) -> ast.Expr:
        # The parentheses belong to what they hold, so that a comparison's span covers those of its operands.
        return replace(c[1], span=self.span(c[0][0], c[2][1]))  # type: ignore[no-any-return]  # children are untyped

    def list_(self, c: Children) -> ast.ListExpr:
        return ast.ListExpr(self.span(c[0][0], c[-1][1]), self.items(c, 1))

    def map_(self, c: Children) -> ast.MapExpr:
        entries = tuple(c[1]) if len(c) == 3 else ()
        return ast.MapExpr(self.span(c[0][0], c[-1][1]), entries)

    def map_entry(self, c: Children) -> ast.MapEntry:
        return ast.MapEntry(self.span(c[0].span.start, c[2].span.end), c[0], c[2])

    def ref(self, c: Children) -> ast.RefExpr:
        if len(c) == 1:
            return ast.RefExpr(c[0].span, c[0])
        return ast.RefExpr(self.span(c[0].span.start, c[1][-1].span.end), c[0], tuple(c[1]))

    def call(self, c: Children) -> ast.CallExpr:
        return ast.CallExpr(self.span(c[0].span.start, c[-1][1]), c[0], self.items(c, 2))

    def validator(self, c: Children) -> ast.CallExpr:
        return self.call(c)

    def argument(self, c: Children) -> ast.Argument:
        if len(c) == 1:
            return ast.Argument(c[0].span, None, c[0])
        return ast.Argument(self.span(c[0].span.start, c[2].span.end), c[0], c[2])
