"""What the parser has read, as AST nodes. In: the children of a rule of the grammar, as it is reduced. Out: the node.

There is no tree between the text and the AST. A method is called as its rule; its children are nodes for names, strings, numbers and rules,
`(start, end)` for other tokens, and lists for repetitions. What is absent: expressions (`lower_expressions`) and repairs (`recovery`).
"""

from typing import Any

from otterdsl.compiler.syntax import ast, strings
from otterdsl.compiler.syntax.lower_expressions import LowerExpressions

Children = list[Any]


def repeated(children: Children, index: int) -> tuple[Any, ...]:
    """The items of the repetition at `index`, none where it is not there."""
    found = children[index] if index < len(children) else None
    return tuple(found) if isinstance(found, list) else ()


class Lower(LowerExpressions):
    """Makes the nodes of one file."""

    __slots__ = ()

    # ------------------------------------------------------------ declarations

    def module(self, c: Children) -> tuple[ast.Declaration, ...]:
        return repeated(c, 0)

    def pipeline(self, c: Children) -> ast.Pipeline:
        return ast.Pipeline(self.span(c[0][0], c[-1][1]), c[1], repeated(c, 3), self.doc(c[0][0]))

    def use(self, c: Children) -> ast.Use:
        return ast.Use(self.span(c[0][0], c[1].span.end), c[1])

    def import_(self, c: Children) -> ast.Import:
        return ast.Import(self.span(c[0][0], c[1].span.end), c[1])

    def param(self, c: Children) -> ast.Param:
        default = c[5] if len(c) == 6 else None
        return ast.Param(self.span(c[0][0], c[-1].span.end), c[1], c[3], default, self.doc(c[0][0]))

    def scratchpad(self, c: Children) -> ast.Scratchpad:
        return ast.Scratchpad(self.span(c[0][0], c[-1][1]), repeated(c, 2))

    def constant(self, c: Children) -> ast.MapEntry:
        return ast.MapEntry(self.span(c[0].span.start, c[2].span.end), c[0], c[2])

    def dotted_key(self, c: Children) -> ast.Name:
        if len(c) == 1:
            return c[0]  # type: ignore[no-any-return]  # a name by the grammar
        return ast.Name(self.span(c[0].span.start, c[1][-1].span.end), ".".join(name.text for name in (c[0], *c[1])))

    def task(self, c: Children) -> ast.TaskType:
        base = c[3] if isinstance(c[3], ast.Name) else None
        members = repeated(c, len(c) - 2)
        opening = c[4] if base else c[2]
        return ast.TaskType(self.span(c[0][0], c[-1][1]), c[1], base, members, self.doc(c[0][0]), opening[0] in self.partial)

    def extern(self, c: Children) -> ast.ExternTask:
        module = c[4] if isinstance(c[4], ast.DottedName) else None
        opening = c[5] if module else c[3]
        fields = repeated(c, len(c) - 2)
        return ast.ExternTask(self.span(c[0][0], c[-1][1]), c[2], module, fields, self.doc(c[0][0]), opening[0] in self.partial)

    def field(self, c: Children) -> ast.Field:
        start = c[0].span.start
        provides, end = c[3] if len(c) in (4, 6) else ((), c[2].span.end)
        default = c[-1] if len(c) >= 5 else None
        return ast.Field(self.span(start, default.span.end if default else end), c[0], c[2], provides, default, self.doc(start))

    def provides(self, c: Children) -> tuple[tuple[ast.Name, ...], int]:
        return (c[2], *repeated(c, 3)), c[-1][1]

    def run(self, c: Children) -> ast.Run:
        start, end = c[2]
        body = self.string(start, end, raw=c[1].text == "python")
        return ast.Run(self.span(c[0][0], end), c[1], body, *strings.places(self.text, body, raw=c[1].text == "python"))

    def validate(self, c: Children) -> ast.Validate:
        return ast.Validate(self.span(c[0][0], c[-1][1]), repeated(c, 2))

    def step(self, c: Children) -> ast.Step:
        return ast.Step(self.span(c[0][0], c[2].span.end), c[1], c[2], self.doc(c[0][0]), c[2].span.start in self.partial)

    # ------------------------------------------------------------ statements

    def block(self, c: Children) -> ast.Block:
        return ast.Block(self.span(c[0][0], c[-1][1]), repeated(c, 1))

    def use_task(self, c: Children) -> ast.TaskUse:
        start = c[0].span.start
        return ast.TaskUse(self.span(start, c[-1][1]), c[0], c[1], repeated(c, 3), self.doc(start), c[2][0] in self.partial)

    def task_list(self, c: Children) -> ast.TaskList:
        return ast.TaskList(self.span(c[0].span.start, c[1].span.end), c[0], c[1])

    def attribute(self, c: Children) -> ast.Attribute:
        return ast.Attribute(self.span(c[0].span.start, c[2].span.end), c[0], c[2])

    def requires(self, c: Children) -> ast.Requires:
        return ast.Requires(self.span(c[0][0], c[-1][1]), self.span(*c[0]), self.items(c, 2))

    def for_(self, c: Children) -> ast.For:
        group = c[5] if len(c) == 7 else None
        return ast.For(self.span(c[0][0], c[-1].span.end), c[1], c[3], group, c[-1])

    def if_(self, c: Children) -> ast.If:
        orelse = c[4] if len(c) == 5 else None
        return ast.If(self.span(c[0][0], c[-1].span.end), c[1], c[2], orelse)

    def dotted(self, c: Children) -> ast.DottedName:
        parts = (c[0], *repeated(c, 1))
        return ast.DottedName(self.span(c[0].span.start, parts[-1].span.end), parts)

    # ------------------------------------------------------------ types

    def type_(self, c: Children) -> ast.TypeExpr:
        options = (c[0], *repeated(c, 1))
        return ast.TypeExpr(self.span(c[0].span.start, options[-1].span.end), options)

    def type_option(self, c: Children) -> ast.TypeOptionExpr:
        last = c[-1]
        end = last.span.end if isinstance(last, ast.Name) else last[1]
        argument = c[2] if len(c) >= 4 else None
        return ast.TypeOptionExpr(self.span(c[0].span.start, end), c[0], argument, len(c) in (2, 5))
