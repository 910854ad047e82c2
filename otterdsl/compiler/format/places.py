"""The places of a tree that a comment can be put to. In: a module. Out: `Place`s by position.

An item is what is printed on lines of its own: a declaration, a statement, an attribute, an item of a list. A body is what is between brackets.
Nodes without a place in the text (made up, or from another file) are passed over; what is within them may have one. What is absent: comments.
"""

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias, Union, assert_never

from otterdsl.compiler.source.span import Span
from otterdsl.compiler.source.text import SourceText
from otterdsl.compiler.syntax import ast

_COMMENT = re.compile(r"\s*#")

Item: TypeAlias = Union[
    ast.Declaration, ast.Statement, ast.Attribute, ast.MapEntry, ast.Requires, ast.TaskList, ast.Field, ast.Run, ast.Validate, ast.Argument, ast.Expr
]
Body: TypeAlias = Union[
    ast.Module, ast.Pipeline, ast.Scratchpad, ast.TaskType, ast.ExternTask, ast.Block, ast.TaskUse, ast.Requires, ast.Validate, ast.ListExpr,
    ast.MapExpr, ast.CallExpr,
]  # fmt: skip


@dataclass(slots=True, eq=False)
class Place:
    """A range of the text with the item and the body that it holds; `head` is where what introduces the body ends.

    `parent` is the place around it in the tree. Two are for the sweep: `seen`, whether something in its body has begun, and `holds`, whether a
    comment is in it.
    """

    start: int
    end: int
    item: Item | None
    body: Body | None
    head: int
    parent: "Place | None"
    seen: bool = False
    holds: bool = False


def places(module: ast.Module, source: SourceText, comments: Sequence[int], indented: bool) -> tuple[Place, list[Place]]:
    """The place of the whole module, and those of its nodes by position, the outer before the inner. Nodes that share a place count once.

    `comments` are where comments begin, in order: what is within a node that none is in, and that none follows on its last line, is left out.
    Where the text is `indented`, not closed by brackets, what a comment is right below counts too.
    """
    root = Place(0, len(source.text) + 1, None, module, 0, None)
    walk = _Walk(source, comments, indented)
    for declaration in module.declarations:
        walk.item(declaration, root)
    found = sorted(walk.found, key=lambda place: (place.start, -place.end))
    return root, found


class _Walk:
    """Gathers the places in the order of the tree. Mutates itself only."""

    __slots__ = ("_comments", "_file", "_indented", "_known", "_text", "found")

    def __init__(self, source: SourceText, comments: Sequence[int], indented: bool) -> None:
        self._file, self._text, self._comments = source.file, source.text, comments
        self._indented = indented
        self._known: dict[tuple[int, int, bool], Place] = {}
        self.found: list[Place] = []

    def _add(self, span: Span, item: Item | None, body: Body | None, head: int, parent: Place) -> Place:
        file, start, end = span
        place = Place(start, end, item, body, head, parent)
        if file == self._file and start < end:
            known = self._known.get((start, end, item is None))
            if known is None or known is parent or known is parent.parent:  # what is alone within something may be all of it
                self._known[start, end, item is None] = place
                self.found.append(place)
        return place

    def _bare(self, span: Span) -> bool:
        """Whether nothing within a place can get a comment. In YAML the last within an item ends where that does, and has what follows there."""
        file, start, end = span
        if file != self._file or start >= end:
            return False
        index = bisect_left(self._comments, start)
        if index == len(self._comments):
            return True
        comment = self._comments[index]
        if comment < end or self._text.find("\n", end, comment) < 0:
            return False
        return not self._indented or _COMMENT.match(self._text, end) is None

    def item(self, node: Item, parent: Place) -> None:
        """Adds an item and what within it may get a comment."""
        span = node.span
        if self._bare(span) and not isinstance(node, ast.Pipeline):  # whose settings may stand anywhere in YAML
            self._add(span, node, None, 0, parent)
            return
        match node:
            case ast.TaskUse():
                self._all(node.body, self._add(span, node, node, node.label.span.end, parent))
            case ast.Step() | ast.TaskList():
                self._all(node.block.items, self._add(span, node, node.block, node.name.span.end, parent))
            case ast.For():
                head = node.iterable.span.end if node.group is None else node.group.span.end
                place = self._add(span, node, node.block, head, parent)
                self.value(node.iterable, place)
                self._all(node.block.items, place)
            case ast.If():
                self._branches(node, self._add(span, node, None, 0, parent))
            case ast.Attribute() | ast.MapEntry() | ast.Argument():
                self.value(node.value, self._add(span, node, None, 0, parent))
            case ast.Param() | ast.Field():
                place = self._add(span, node, None, 0, parent)
                if node.default is not None:
                    self.value(node.default, place)
            case ast.Use() | ast.Import() | ast.Run():
                self._add(span, node, None, 0, parent)
            case ast.Pipeline():
                self._all(node.attributes, self._add(span, node, node, node.name.span.end, parent))
            case ast.TaskType():
                self._all(node.members, self._add(span, node, node, (node.base or node.name).span.end, parent))
            case ast.ExternTask():
                self._all(node.fields, self._add(span, node, node, (node.module or node.name).span.end, parent))
            case ast.Scratchpad():
                self._all(node.entries, self._add(span, node, node, 0, parent))
            case ast.Validate():
                self._all(node.calls, self._add(span, node, node, 0, parent))
            case ast.Requires():
                self._all(node.targets, self._add(span, node, node, node.keyword_span.end, parent))
            case _:
                self.value(node, self._add(span, node, None, 0, parent))

    def _all(self, nodes: tuple[Item, ...], place: Place) -> None:
        for node in nodes:
            # In YAML a name may come after what it names: then the head ends where the body begins.
            if place.start <= node.span.start < place.head:
                place.head = node.span.start
            self.item(node, place)

    def _branches(self, node: ast.If, place: Place) -> None:
        """The blocks of an `if`, each with what stands before it."""
        start = node.span.start
        branch: ast.If | ast.Block | None = node
        while branch is not None:
            block = branch.then if isinstance(branch, ast.If) else branch
            span = Span(block.span.file, start, block.span.end) if block.span.start < block.span.end else block.span
            body = self._add(span, None, block, block.span.start + 1, place)
            if isinstance(branch, ast.If):
                self.value(branch.condition, body)
            self._all(block.items, body)
            start = block.span.end
            branch = branch.orelse if isinstance(branch, ast.If) else None

    def value(self, expr: ast.Expr, parent: Place) -> None:
        """Adds what an expression holds that can stand on lines of its own. Strings are not entered: no comment is kept within `${…}`."""
        match expr:
            case ast.ListExpr():
                self._all(expr.items, self._add(expr.span, None, expr, 0, parent))
            case ast.MapExpr():
                self._all(expr.entries, self._add(expr.span, None, expr, 0, parent))
            case ast.CallExpr():
                self._all(expr.arguments, self._add(expr.span, None, expr, expr.function.span.end, parent))
            case ast.CompareExpr():
                self.value(expr.left, parent)
                self.value(expr.right, parent)
            case ast.NotExpr():
                self.value(expr.operand, parent)
            case ast.LogicExpr():
                for operand in expr.operands:
                    self.value(operand, parent)
            case ast.StringExpr() | ast.NumberExpr() | ast.ConstantExpr() | ast.RefExpr():
                pass
            case _:
                assert_never(expr)
