"""Diagnostics as text for people. In: diagnostics and the texts they point into. Out: text.

What is absent: how a snippet of a file looks (`snippet`), the forms for programs (`render_json` and its neighbours), and where the text is printed.
"""

from collections.abc import Iterable, Mapping, Sequence

from otterdsl.compiler.source.diagnostic import Diagnostic, Severity
from otterdsl.compiler.source.snippet import Annotation, Paint, gutter_width, snippet, visible
from otterdsl.compiler.source.text import SourceText

_COLORS = {Severity.ERROR: "1;31", Severity.WARNING: "1;33", Severity.HINT: "1;36"}
_BOLD = "1"


def render_text(diagnostics: Sequence[Diagnostic], texts: Mapping[str, SourceText], color: bool = False, explained: Iterable[str] = ()) -> str:
    """All diagnostics for people to read, in the given order, a blank line between two; empty where there are none.

    `color` adds ANSI colours. What comes from files is shown escaped where it could act on a terminal or hide. How to read more of a code is said at
    its first diagnostic, unless it is among those `explained`.
    """
    known, shown = set(explained), []
    for d in diagnostics:
        shown.append(_diagnostic(d, texts, color, more=d.code not in known))
        known.add(d.code)
    return "\n".join(shown)


def _diagnostic(d: Diagnostic, texts: Mapping[str, SourceText], color: bool, more: bool) -> str:
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
    ends = [("help", visible(d.help))] if d.help else []
    if more:
        ends.append(("for more", f"otterdsl explain {d.code}"))
    if ends and lines[-1] is not lines[0] and d.span is not None and d.where in texts:
        lines.append(bar)
    lines.extend(f"{paint.gutter(' ' * width + ' =')} {paint.styled(word, _BOLD)}: {text}" for word, text in ends)
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
