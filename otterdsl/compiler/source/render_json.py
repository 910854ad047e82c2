"""Diagnostics as JSON. In: located diagnostics. Out: text. What is absent: SARIF, which is JSON of another shape (`render_sarif`)."""

import json
from collections.abc import Sequence

from otterdsl.compiler.source.located import Located, Place, PlacedFix


def render_json(found: Sequence[Located]) -> str:
    """One object, `{"version": 1, "diagnostics": […]}`, on one line with its end.

    Lines and columns count from 1, columns in code points, an end is exclusive; they are null where there is no place.
    """
    return json.dumps({"version": 1, "diagnostics": [_diagnostic(each) for each in found]}) + "\n"


def _diagnostic(each: Located) -> dict[str, object]:
    return {
        "code": each.code,
        "severity": each.severity.value,
        "message": each.message,
        **_in_file(each.place),
        "label": each.label,
        "help": each.help,
        "related": [{**_in_file(note.place), "label": note.label} for note in each.related],
        "fixes": [_fix(fix, each.place.file) for fix in each.fixes],
    }


def _fix(fix: PlacedFix, file: str) -> dict[str, object]:
    """A mend; an edit names its file only where that is not the diagnostic's."""
    edits = [{**(_in_file(edit.place) if edit.place.file != file else _range(edit.place)), "text": edit.text} for edit in fix.edits]
    return {"title": fix.title, "applicability": fix.applicability, "edits": edits}


def _in_file(place: Place) -> dict[str, object]:
    return {"file": place.file or None, **_range(place)}


def _range(place: Place) -> dict[str, object]:
    return {"line": place.line, "column": place.column, "end_line": place.end_line, "end_column": place.end_column}
