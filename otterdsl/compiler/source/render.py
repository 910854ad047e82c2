"""Diagnostics as text and as JSON: the one place where they become either. In: diagnostics and the texts they point into. Out: text.

What is absent: how a snippet of a file looks (`snippet`), and where the text is printed.
"""

import json
from collections.abc import Mapping, Sequence

from otterdsl.compiler.source.diagnostic import Diagnostic, Fix, Label, Severity
from otterdsl.compiler.source.snippet import Annotation, Paint, gutter_width, snippet, visible
from otterdsl.compiler.source.span import Span
from otterdsl.compiler.source.text import SourceText

_COLORS = {Severity.ERROR: "1;31", Severity.WARNING: "1;33", Severity.HINT: "1;36"}
_BOLD = "1"


def render_text(diagnostics: Sequence[Diagnostic], texts: Mapping[str, SourceText], color: bool = False) -> str:
    """All diagnostics for people to read, in the given order, a blank line between two; empty where there are none.

    `color` adds ANSI colours. What comes from files is shown escaped where it could act on a terminal or hide.
    """
    return "\n".join(_diagnostic(d, texts, color) for d in diagnostics)


def _diagnostic(d: Diagnostic, texts: Mapping[str, SourceText], color: bool) -> str:
    paint = Paint(color, _COLORS[d.severity])
    lines = [f"{paint.primary(f'{d.severity.value}[{d.code}]')}{paint.styled(f': {visible(d.message)}', _BOLD)}"]
    files = _annotations(d)
    width = gutter_width([(texts[file], found) for file, found in files.items() if file in texts])
    bar = paint.gutter(" " * width + " |")
    for file, found in files.items():
        # A bar closes a snippet that something follows.
        if lines[-1] is not lines[0] and file != d.where:
            lines.append(bar)
        source = texts.get(file)
        arrow = paint.gutter(" " * width + ("--> " if file == d.where else "::: "))
        if source is None or not found:
            lines.append(f"{arrow}{visible(source.display if source else file)}")
            continue
        place = source.position(min(found[0].span.start, len(source.text)))
        lines.append(f"{arrow}{visible(source.display)}:{place.line}:{place.column}")
        lines.extend(snippet(source, found, width, paint))
    if d.help:
        if d.span is not None and d.where in texts:
            lines.append(bar)
        lines.append(f"{paint.gutter(' ' * width + ' =')} {paint.styled('help', _BOLD)}: {visible(d.help)}")
    return "\n".join(lines) + "\n"


def _annotations(d: Diagnostic) -> dict[str, list[Annotation]]:
    """What to show of each file, the diagnostic's own first."""
    files: dict[str, list[Annotation]] = {d.where: []} if d.where else {}
    if d.span is not None:
        files[d.where].append(Annotation(d.span, d.label, primary=True))
    for label in d.related:
        files.setdefault(label.span.file, []).append(Annotation(label.span, label.text, primary=False))
    return files


def summary(diagnostics: Sequence[Diagnostic]) -> str:
    """How many there are of each severity, like `2 errors, 1 warning`; empty where there are none."""
    counts = [(severity, sum(d.severity is severity for d in diagnostics)) for severity in Severity]
    return ", ".join(f"{count} {severity.value}{'' if count == 1 else 's'}" for severity, count in counts if count)


# ---------------------------------------------------------------- JSON


def render_json(diagnostics: Sequence[Diagnostic], texts: Mapping[str, SourceText]) -> str:
    """One object, `{"version": 1, "diagnostics": […]}`, on one line with its end.

    Lines and columns count from 1, columns in code points, an end is exclusive; they are null where there is no place.
    """
    found = [
        {
            "code": d.code,
            "severity": d.severity.value,
            "message": d.message,
            "file": texts[d.where].display if d.where in texts else d.where or None,
            **_place(d.span, texts),
            "label": d.label,
            "help": d.help,
            "related": [_related(label, texts) for label in d.related],
            "fixes": [_fix(fix, texts) for fix in d.fixes],
        }
        for d in diagnostics
    ]
    return json.dumps({"version": 1, "diagnostics": found}) + "\n"


def _related(label: Label, texts: Mapping[str, SourceText]) -> dict[str, object]:
    file = label.span.file
    return {"file": texts[file].display if file in texts else file, **_place(label.span, texts), "label": label.text}


def _fix(fix: Fix, texts: Mapping[str, SourceText]) -> dict[str, object]:
    edits = [{**_place(edit.span, texts), "text": edit.text} for edit in fix.edits]
    return {"title": fix.title, "applicability": fix.applicability, "edits": edits}


def _place(span: Span | None, texts: Mapping[str, SourceText]) -> dict[str, int | None]:
    """Where a span begins and ends."""
    source = texts.get(span.file) if span else None
    if span is None or source is None:
        return {"line": None, "column": None, "end_line": None, "end_column": None}
    start, end = source.position(min(span.start, len(source.text))), source.position(min(span.end, len(source.text)))
    return {"line": start.line, "column": start.column, "end_line": end.line, "end_column": end.column}
