"""Where each comment of a tree goes. In: a module and the text that its spans point into. Out: `Notes`: comments by the node that they stand at.

A comment belongs to the innermost item or body around it: on the line on which an item ends it trails that item; after what opens a body, on the
same line, it opens the body; before an item it leads it; else it closes the body. One amid an item that has no body (`a = # b`) strays: it trails
the item, if that is free, or goes before it. Items are found by where they stand, whatever the order in which they are printed; those without a
place in this text take no comment. What is absent: the printing.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from otterdsl.compiler.format.places import Place, places
from otterdsl.compiler.source.span import Span
from otterdsl.compiler.source.text import SourceText
from otterdsl.compiler.syntax import ast


@dataclass(slots=True)
class Notes:
    """The comments that are still to be printed, by the id of their node, and the text they are from.

    Taking a comment removes it, so that a node which stands in the tree twice prints its comments once.
    """

    source: SourceText
    leading: dict[int, list[ast.Comment]] = field(default_factory=dict)
    trailing: dict[int, ast.Comment] = field(default_factory=dict)
    stray: dict[int, list[ast.Comment]] = field(default_factory=dict)
    opening: dict[int, list[ast.Comment]] = field(default_factory=dict)
    closing: dict[int, list[ast.Comment]] = field(default_factory=dict)
    # The bodies that have to be printed over several lines, since a comment stands within; until they are.
    holding: set[int] = field(default_factory=set)
    # Whether indents say what is within what: the text is YAML.
    indented: bool = False
    # What stands at the top of the file.
    header: list[ast.Comment] = field(default_factory=list)

    def blank_before(self, span: Span) -> bool:
        """Whether an empty line stands right above what begins there. A YAML item's dash counts as blank."""
        text, start = self.source.text, span.start
        if span.start == span.end or span.file != self.source.file:
            return False
        line = text.rfind("\n", 0, start)
        if line < 0 or text[line + 1 : start].strip(" \t-,"):
            return False
        return not text[text.rfind("\n", 0, line) + 1 : line].strip()

    def apart(self, comment: ast.Comment, below: Span) -> bool:
        """Whether more than a line end stands between a comment and what is below it: an empty line, a bracket, something that is not printed."""
        between = self.source.text[comment.span.end : below.start]
        return bool(between.strip(" \t\n-,")) or between.count("\n") != 1

    def was_comment(self, comment: ast.Comment) -> bool:
        """Whether it is a comment in the text too, and not something else that is kept as one."""
        return self.source.text.startswith("#", comment.span.start)


def attach(module: ast.Module, source: SourceText) -> Notes:
    """The comments of a module, each at one node. Time: that of sorting the nodes."""
    notes = Notes(source, indented=any(_is_indented(declaration, source) for declaration in module.declarations))
    placed = [comment for comment in module.comments if _has_place(comment.span, source)]
    notes.header.extend(comment for comment in module.comments if not _has_place(comment.span, source))
    if placed:
        placed.sort(key=lambda comment: comment.span.start)
        root, found = places(module, source, [comment.span.start for comment in placed], notes.indented)
        first = _header(notes, placed, found)
        _sweep(notes, placed[first:], root, found)
    return notes


def _is_indented(declaration: ast.Declaration, source: SourceText) -> bool:
    """Whether a step's block begins with no bracket."""
    if not isinstance(declaration, ast.Step) or not _has_place(declaration.block.span, source):
        return False
    return source.text[declaration.block.span.start] != "{"


def _has_place(span: Span, source: SourceText) -> bool:
    return span.file == source.file and span.start < span.end


def _header(notes: Notes, comments: Sequence[ast.Comment], found: Sequence[Place]) -> int:
    """How many comments stand at the top of the file, apart from the first node. Mutates the notes."""
    count, source_file = 0, notes.source.file
    first = found[0].start if found else -1
    for index, comment in enumerate(comments):
        if comment.span.start >= first:
            break
        following = comments[index + 1].span.start if index + 1 < len(comments) else first
        if notes.apart(comment, Span(source_file, min(first, following), first)):
            count = index + 1
    notes.header.extend(comments[:count])
    return count


def _sweep(notes: Notes, comments: Sequence[ast.Comment], root: Place, found: Sequence[Place]) -> None:
    """Goes through the text once, with the stack of what is open, and puts each comment to its node. Mutates the notes."""
    stack = [root]
    last: Place | None = None
    index = 0

    def close(until: int) -> None:
        nonlocal last
        while len(stack) > 1 and stack[-1].end <= until:
            place = stack.pop()
            # Of items that end at one place the innermost: in YAML nothing closes those around it.
            if place.item is not None and (last is None or place.end > last.end):
                last = place

    for comment in comments:
        start = comment.span.start
        while index < len(found) and found[index].start <= start:
            place = found[index]
            index += 1
            close(place.start)
            stack[-1].seen = stack[-1].seen or place.start >= stack[-1].head
            stack.append(place)
        close(start)
        after = index
        if notes.indented and after + 1 < len(found) and found[after].item is None:
            # In YAML a list begins with the dash of its first item.
            after += not notes.source.text[found[after].start : found[after + 1].start].strip(" -")
        _put(notes, comment, stack[-1], last, found[after] if after < len(found) else None)


def _put(notes: Notes, comment: ast.Comment, around: Place, before: Place | None, after: Place | None) -> None:
    """Puts a comment to a node. Mutates the notes."""
    start = comment.span.start
    text = notes.source.text
    alone = not text[text.rfind("\n", 0, start) + 1 : start].strip(" \t-")  # a YAML item's dash counts as blank
    if around.body is None and around.item is not None:
        _hold(notes, around.parent)
        notes.stray.setdefault(id(around.item), []).append(comment)
        return
    # What a loop runs over stands in its head: where that is closed, what follows on its line opens the body.
    inside = before is not None and before is not around and before.start >= max(around.start, around.head)
    if before is not None and inside and not alone and text.find("\n", before.end, start) < 0:
        _hold(notes, before.parent)
        if id(before.item) in notes.trailing:
            notes.stray.setdefault(id(before.item), []).append(comment)
        else:
            notes.trailing[id(before.item)] = comment
        return
    if around.parent is not None and not around.seen and (not alone or start < around.head):
        _hold(notes, around)
        notes.opening.setdefault(id(around.body), []).append(comment)
    elif notes.indented and alone and (body := _indented_body(notes.source, comment, before, after)) is not None:
        _hold(notes, body)
        notes.closing.setdefault(id(body.body), []).append(comment)
    elif after is not None and after.item is not None and (around.parent is None or after.start < around.end):
        _hold(notes, after.parent)
        notes.leading.setdefault(id(after.item), []).append(comment)
    else:
        _hold(notes, around)
        notes.closing.setdefault(id(around.body), []).append(comment)


def _indented_body(source: SourceText, comment: ast.Comment, before: Place | None, after: Place | None) -> Place | None:
    """The body that a comment in YAML closes, since it is indented as the items of it are, and deeper than what comes next."""
    column = _column(source, comment.span.start)
    if after is not None and column <= _column(source, after.start):
        return None
    above = before
    while above is not None and (above.item is None or _column(source, above.start) > column):
        above = above.parent
    body = above.parent if above is not None else None
    return body if body is not None and body.parent is not None and body.body is not None else None


def _column(source: SourceText, start: int) -> int:
    """The column in which something begins; that of the dash before it, where it has one."""
    line = source.text.rfind("\n", 0, start) + 1
    dash = source.text[line:start].lstrip(" ")
    return start - line - (len(dash) if not dash.strip(" -") else 0)


def _hold(notes: Notes, place: Place | None) -> None:
    """Marks what is around a comment. Mutates the notes."""
    while place is not None and not place.holds:
        place.holds = True
        if place.body is not None:
            notes.holding.add(id(place.body))
        place = place.parent
