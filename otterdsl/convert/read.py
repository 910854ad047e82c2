"""YAML text to nodes. In: a `SourceText`. Out: the one document's `Node`, or what keeps it from being read; and where its scalars are.

The parser is libyaml's, where PyYAML has it; its events are put together here, on a stack of our own, so that no nesting overflows Python's, aliases
cannot grow without end, and every node knows its place. What is absent: the file, comments, meaning.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any, Final

import yaml

from otterdsl.compiler.source.codes import CODES
from otterdsl.compiler.source.diagnostic import Checked, Diagnostic, Label
from otterdsl.compiler.source.span import Span
from otterdsl.compiler.source.text import SourceText
from otterdsl.convert.maps import mapping
from otterdsl.convert.nodes import Mapping, Node, Scalar, Sequence
from otterdsl.convert.scalars import TAG, Refused, Scalars, shown_tag
from otterdsl.convert.troubles import trouble, unprintable

DEEPEST: Final = 100  # as deep as the language nests
MOST: Final = 200_000  # so many nodes may come by aliases

# A line with nothing but a comment, after the end of the line before and any empty ones.
_BELOW: Final = re.compile(r"[^\n]*(?:\n[ \t]*)*\n([ \t]*)#[^\n]*")
_ODD: Final = {"set": "a set", "omap": "an ordered map", "pairs": "a list of pairs"}


@dataclass(frozen=True, slots=True)
class Document:
    """What was read. `texts` are the ranges of scalars that hold a `#`, in order: none of those begins a comment.

    `meant` are the places of what aliases stand for.
    """

    root: Node | None
    texts: tuple[tuple[int, int], ...]
    meant: frozenset[Span]


class _Stop(Exception):  # noqa: N818 (no error: it never leaves this module)
    """Raised where reading cannot go on, with the diagnostic. Never leaves this module."""

    def __init__(self, diagnostic: Diagnostic) -> None:
        self.diagnostic = diagnostic


@dataclass(slots=True)
class _Open:
    """A list or map that is not closed yet, from `column` on; `end` is where the last thing in it ends."""

    start: int
    column: int
    flow: bool
    is_map: bool
    anchor: str | None
    odd: str
    end: int
    items: list[Node] = field(default_factory=list)


@dataclass(slots=True)
class _Composing:
    """What is being put together. Mutates itself only. `sizes` are how many nodes an anchored one holds, None while it is open."""

    source: SourceText
    scalars: Scalars = field(default_factory=Scalars)
    stack: list[_Open] = field(default_factory=list)
    anchors: dict[str, Node | None] = field(default_factory=dict)
    texts: list[tuple[int, int]] = field(default_factory=list)
    meant: set[Span] = field(default_factory=set)
    found: list[Diagnostic] = field(default_factory=list)
    root: Node | None = None
    copied: int = 0

    # ------------------------------------------------------------ events

    def scalar(self, event: Any) -> None:
        """Adds a scalar."""
        text: str = event.value
        start, end = event.start_mark.index, event.end_mark.index
        plain, quoted = event.implicit
        if event.style in ("|", ">"):
            end = start + len(self.source.text[start:end].rstrip("\n"))
            content = self.source.text.find("\n", start, end)
            if "#" in text and content >= 0:
                self.texts.append((content, end))
        elif "#" in text:
            self.texts.append((start, end))
        span = Span(self.source.file, start, end)
        read = self.scalars.plain(text) if plain else self.scalars.tagged(text, event.tag if event.tag and not quoted else f"{TAG}str")
        if isinstance(read, Refused):
            raise _Stop(_diagnostic("OT009", f"this cannot be loaded: {read.reason}", span, "Otter's loader stops here", read.mend))
        self._add(Scalar(span, text, read.value, read.odd, self._mapped(text, start, end)), event.anchor)

    def opened(self, event: Any, *, is_map: bool) -> None:
        """Opens a list or a map."""
        start = event.start_mark.index
        tag = event.tag if event.tag and event.tag != "!" else ""
        kind = tag.removeprefix(TAG)
        if len(self.stack) >= DEEPEST:
            raise _Stop(_diagnostic("OT008", "nested too deeply", Span(self.source.file, start, start + 1), f"more than {DEEPEST} levels"))
        odd = _ODD.get(kind, "")
        if tag and not (tag.startswith(TAG) and (odd or kind == ("map" if is_map else "seq"))):
            message = f"this cannot be loaded: Otter's loader does not know the tag `{shown_tag(tag)}`"
            raise _Stop(_diagnostic("OT009", message, Span(self.source.file, start, start + 1), "tagged here", "take the tag away"))
        if event.anchor is not None:
            self.anchors[event.anchor] = None
        self.stack.append(_Open(start, event.start_mark.column, bool(event.flow_style), is_map, event.anchor, odd, start + 1))

    def closed(self, event: Any) -> None:
        """Closes the innermost list or map."""
        made = self.stack.pop()
        end = event.end_mark.index if made.flow else self._end(made)
        span = Span(self.source.file, made.start, end)
        if made.is_map:
            self._add(mapping(span, made.items, made.odd, self.found), made.anchor)
        else:
            self._add(Sequence(span, tuple(made.items), made.odd), made.anchor)

    def alias(self, event: Any) -> None:
        """Adds a copy of what an alias means, at the alias."""
        span = Span(self.source.file, event.start_mark.index, event.end_mark.index)
        if event.anchor not in self.anchors:
            mend = f"put `&{event.anchor}` before what is meant, further up; or quote the text"
            raise _Stop(_diagnostic("OT009", f"no anchor `&{event.anchor}` stands above this alias", span, "nothing is called so", mend))
        meant = self.anchors[event.anchor]
        if meant is None:
            raise _Stop(_diagnostic("OT009", f"`*{event.anchor}` stands for something that it is part of", span, "this has no end"))
        self.copied += 1 if isinstance(meant, Scalar) else sum(1 for _ in _within(meant))
        if self.copied > MOST:
            raise _Stop(_diagnostic("OT008", "too large once its aliases are written out", span, f"more than {MOST:,} values by now"))
        self.meant.add(meant.span)
        self._add(_moved(meant, span), None)

    def _end(self, made: _Open) -> int:
        """Where a list or map without brackets ends: comments on lines of their own, indented as what is in it, are part of it."""
        least = made.column
        if not made.is_map and self.stack and self.stack[-1].is_map and self.stack[-1].column == made.column:
            least += 1  # as far to the left stands what comes after the list, too
        end = made.end
        while (below := _BELOW.match(self.source.text, end)) is not None and len(below[1]) >= least:
            end = below.end()
        return end

    def _add(self, node: Node, anchor: str | None) -> None:
        if anchor is not None:
            self.anchors[anchor] = node
        if not self.stack:
            self.root = node
            return
        around = self.stack[-1]
        around.items.append(node)
        around.end = max(around.end, node.span.end)

    def _mapped(self, text: str, start: int, end: int) -> int | None:
        """Where a scalar's text begins in the source, if it stands there letter by letter."""
        if end - start == len(text):
            return start
        written = self.source.text
        return start + 1 if end - start == len(text) + 2 and written[start] in "'\"" and written.startswith(text, start + 1) else None


def read(source: SourceText) -> Checked[Document | None]:
    """The document of a text; None where it cannot be read. Reports: OT009, OT008; OT206 for a key that comes twice."""
    if (span := unprintable(source)) is not None:
        return Checked(None, (_diagnostic("OT009", "YAML does not allow this character", span, "not allowed in YAML", "take it away"),))
    composing = _Composing(source)
    try:
        _compose(composing)
    except _Stop as stop:
        return Checked(None, (*composing.found, stop.diagnostic))
    except yaml.YAMLError as error:
        return Checked(None, (trouble(error, source),))
    except RecursionError:
        # Only PyYAML's own parser calls itself for each level; libyaml's does not.
        return Checked(None, (_diagnostic("OT008", "nested too deeply", Span(source.file, 0, 0)),))
    if any(each.code == "OT009" for each in composing.found):
        return Checked(None, tuple(composing.found))
    return Checked(Document(composing.root, tuple(composing.texts), frozenset(composing.meant)), tuple(composing.found))


def _compose(composing: _Composing) -> None:
    """Goes through the events once. Mutates: `composing`."""
    loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    documents = 0
    events: Iterator[Any] = iter(yaml.parse(composing.source.text, Loader=loader))
    for event in events:
        match event:
            case yaml.ScalarEvent():
                composing.scalar(event)
            case yaml.MappingStartEvent():
                composing.opened(event, is_map=True)
            case yaml.SequenceStartEvent():
                composing.opened(event, is_map=False)
            case yaml.MappingEndEvent() | yaml.SequenceEndEvent():
                composing.closed(event)
            case yaml.AliasEvent():
                composing.alias(event)
            case yaml.DocumentStartEvent():
                documents += 1
                if documents > 1:
                    start = event.start_mark.index if event.start_mark else 0
                    message = "a configuration is one document, and here a second one begins"
                    span = Span(composing.source.file, start, start + 3)
                    raise _Stop(_diagnostic("OT009", message, span, "the second document", "take this line away"))
            case _:
                pass


def _within(node: Node) -> Iterator[Node]:
    """A node and all in it."""
    left = [node]
    while left:
        each = left.pop()
        yield each
        match each:
            case Sequence(items=items):
                left += items
            case Mapping(entries=entries):
                for entry in entries:
                    left += (entry.key, entry.value)
            case Scalar():
                pass


def _moved(node: Node, span: Span) -> Node:
    """A copy of a node, all of it at one place. No deeper than `DEEPEST`."""
    match node:
        case Scalar():
            return replace(node, span=span, start=None)
        case Sequence():
            return replace(node, span=span, items=tuple(_moved(item, span) for item in node.items))
        case Mapping():
            entries = tuple(replace(entry, key=replace(entry.key, span=span, start=None), value=_moved(entry.value, span)) for entry in node.entries)
            return replace(node, span=span, entries=entries)


def _diagnostic(code: str, message: str, span: Span, label: str = "", mend: str = "", related: tuple[Label, ...] = ()) -> Diagnostic:
    return Diagnostic(code, CODES[code].severity, message, span, label, mend, related)
