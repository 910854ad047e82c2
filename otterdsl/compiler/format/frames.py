"""What stands around an item of a body: the comments above it, the one after it, and whether an empty line is before it. In: notes. Out: `Frame`s."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from otterdsl.compiler.format.notes import Notes
from otterdsl.compiler.format.places import Body, Item
from otterdsl.compiler.source.text import NOT_TEXT
from otterdsl.compiler.syntax import ast

_LINE_ENDS = re.compile("[\n\t]")


@dataclass(frozen=True, slots=True)
class Frame:
    """The lines above an item (comments, and empty lines within and after them), what follows it on its last line, and what its author left empty."""

    above: list[str]
    after: str
    blank: bool

    @property
    def alone(self) -> bool:
        """Whether nothing that stands above the item may align with it."""
        return self.blank or bool(self.above)


def comment_line(comment: ast.Comment) -> str:
    """A comment with its `#`. Rules of `#`, and what marks itself by a first `:` or `!`, follow without a blank."""
    text = _LINE_ENDS.sub(" ", comment.text)
    text = NOT_TEXT.sub("\ufffd", text).rstrip()
    if not text:
        return "#"
    return f"#{text}" if text[0] in "#:!" else f"# {text}"


def frame(notes: Notes, node: Item, indent: str) -> Frame:
    """The frame of an item. Takes its comments out of the notes."""
    key = id(node)
    if key not in notes.leading and key not in notes.trailing and key not in notes.stray:
        return Frame([], "", notes.blank_before(node.span))
    leading, stray = notes.leading.pop(key, []), notes.stray.pop(key, [])
    after = notes.trailing.pop(key, None)
    if after is None and stray:
        after = stray.pop()
    above = [indent + comment_line(comment) for comment in stray]
    if above:
        above.append("")
    above.extend(_lines(notes, leading, node, indent))
    first = leading[0].span if leading else node.span
    return Frame(above, f"  {comment_line(after)}" if after else "", notes.blank_before(first))


def _lines(notes: Notes, comments: Sequence[ast.Comment], node: Item, indent: str) -> list[str]:
    """Comments with the empty lines between them, and between the last and its node."""
    lines = []
    for index, comment in enumerate(comments):
        lines.append(indent + comment_line(comment))
        following = comments[index + 1] if index + 1 < len(comments) else None
        # What was no comment says nothing of what stands below it.
        kept = not notes.was_comment(comment) and (following is None or notes.was_comment(following))
        if kept or notes.apart(comment, following.span if following is not None else node.span):
            lines.append("")
    return lines


def opened(notes: Notes, body: Body, indent: str) -> tuple[str, list[str]]:
    """What follows the bracket that opens a body, and the lines below it that belong to it. Takes them out of the notes."""
    comments = notes.opening.pop(id(body), [])
    if not comments:
        return "", []
    return f"  {comment_line(comments[0])}", [indent + comment_line(comment) for comment in comments[1:]]


def closed(notes: Notes, body: Body, indent: str) -> list[str]:
    """The lines of the comments before a body's end. The first may be empty. Takes them out of the notes."""
    comments = notes.closing.pop(id(body), [])
    lines = []
    for comment in comments:
        if notes.blank_before(comment.span):
            lines.append("")
        lines.append(indent + comment_line(comment))
    return lines
