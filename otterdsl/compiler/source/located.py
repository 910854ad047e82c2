"""Diagnostics with their places as people count: files as typed, lines and columns. In: diagnostics and the texts they point into. Out: `Located`.

What every form for programs is made of. What is absent: the forms themselves.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from otterdsl.compiler.source.diagnostic import Diagnostic, Fix, Severity
from otterdsl.compiler.source.span import Span
from otterdsl.compiler.source.text import SourceText


class Place(NamedTuple):
    """A range of a file. Lines and columns count from 1, columns in code points; an end is exclusive. None where it is all of the file."""

    file: str
    line: int | None = None
    column: int | None = None
    end_line: int | None = None
    end_column: int | None = None


class Note(NamedTuple):
    """A place and what to say of it."""

    place: Place
    label: str


class PlacedEdit(NamedTuple):
    """Put `text` in the place of what stands there."""

    place: Place
    text: str


class PlacedFix(NamedTuple):
    """A mend."""

    title: str
    applicability: str
    edits: tuple[PlacedEdit, ...]


@dataclass(frozen=True, slots=True)
class Located:
    """A diagnostic that needs no text any more; its place's file is empty where the problem lies in no file."""

    code: str
    severity: Severity
    message: str
    place: Place
    label: str
    help: str
    related: tuple[Note, ...]
    fixes: tuple[PlacedFix, ...]


def locate(diagnostics: Iterable[Diagnostic], texts: Mapping[str, SourceText]) -> list[Located]:
    """The diagnostics with their places, in the same order."""
    return [
        Located(
            d.code,
            d.severity,
            d.message,
            _place(d.span, texts) if d.span else Place(texts[d.file].display if d.file in texts else d.file),
            d.label,
            d.help,
            tuple(Note(_place(label.span, texts), label.text) for label in d.related),
            tuple(_fix(fix, texts) for fix in d.fixes),
        )
        for d in diagnostics
    ]


def merge(checked: Sequence[Sequence[Located]]) -> list[Located]:
    """What was found of several entry files, by file, line, column and code; what two of them found in a file that both import counts once."""
    if len(checked) == 1:
        return list(checked[0])
    found = dict.fromkeys(each for one in checked for each in one)
    return sorted(found, key=lambda each: (each.place.file, each.place.line or 0, each.place.column or 0, each.code))


def _fix(fix: Fix, texts: Mapping[str, SourceText]) -> PlacedFix:
    return PlacedFix(fix.title, fix.applicability, tuple(PlacedEdit(_place(edit.span, texts), edit.text) for edit in fix.edits))


def _place(span: Span, texts: Mapping[str, SourceText]) -> Place:
    """Where a span begins and ends."""
    source = texts.get(span.file)
    if source is None:
        return Place(span.file)
    start, end = source.position(min(span.start, len(source.text))), source.position(min(span.end, len(source.text)))
    return Place(source.display, start.line, start.column, end.line, end.column)
