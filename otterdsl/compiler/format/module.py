"""A module as canonical text. In: a syntax tree with its comments, and the text that its spans point into. Out: text.

The form depends on the tree, its comments, and the empty lines between its items; on nothing else of how the text was laid out (`layout` says how).
Every comment comes out once. A comment without a place (an empty span, or one in another file) stands at the top. What is absent: what could not be
read; a tree that is `partial` lacks it.
"""

from otterdsl.compiler.format.frames import comment_line
from otterdsl.compiler.format.layout import between
from otterdsl.compiler.format.notes import attach
from otterdsl.compiler.source.text import SourceText
from otterdsl.compiler.syntax import ast


def format_module(module: ast.Module, source: SourceText) -> str:
    """The text of a module, which parses to the same tree. Ends with a line end, unless it is empty."""
    notes = attach(module, source)
    _, body = between(notes, module, module.declarations, "")
    lines = []
    for index, comment in enumerate(notes.header):
        lines.append(comment_line(comment))
        following = notes.header[index + 1] if index + 1 < len(notes.header) else None
        if following is None or notes.apart(comment, following.span):
            lines.append("")
    lines.extend(body)
    while lines and not lines[-1]:
        lines.pop()
    return "".join(f"{line}\n" for line in lines)
