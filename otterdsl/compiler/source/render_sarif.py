"""Diagnostics as SARIF 2.1.0, which code scanners and editors read. In: located diagnostics, the codes' pages. Out: text.

Source: OASIS, Static Analysis Results Interchange Format 2.1.0. Columns count code points, as everywhere here, and the log says so.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Final

from otterdsl import __version__
from otterdsl.compiler.source.codes import CODES
from otterdsl.compiler.source.diagnostic import Severity
from otterdsl.compiler.source.located import Located, Note, Place, PlacedEdit, PlacedFix
from otterdsl.compiler.source.snippet import visible

SCHEMA: Final = "https://json.schemastore.org/sarif-2.1.0.json"
_PLAIN: Final = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/")
_LEVELS: Final = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.HINT: "note"}


def render_sarif(found: Sequence[Located], pages: Mapping[str, str]) -> str:
    """One log with one run, on one line with its end. `pages` are what explains a code, in Markdown; each code that was found is a rule."""
    codes = sorted({each.code for each in found})
    rules = [_rule(code, pages.get(code, "")) for code in codes]
    driver = {"name": "otterdsl", "version": __version__, "rules": rules}
    results = [_result(each, codes.index(each.code)) for each in found]
    run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}) + "\n"


def _rule(code: str, page: str) -> dict[str, object]:
    known = CODES[code]
    help_text = {"help": {"text": page, "markdown": page}} if page else {}
    return {"id": code, "shortDescription": {"text": known.title}, "defaultConfiguration": {"level": _LEVELS[known.severity]}, **help_text}


def _result(each: Located, rule: int) -> dict[str, object]:
    text = "\n".join(visible(line) for line in (each.message, each.help) if line)
    result: dict[str, object] = {"ruleId": each.code, "ruleIndex": rule, "level": _LEVELS[each.severity], "message": {"text": text}}
    result["locations"] = [_location(Note(each.place, each.label))] if each.place.file else []
    if each.related:
        result["relatedLocations"] = [{"id": number, **_location(note)} for number, note in enumerate(each.related, start=1)]
    if each.fixes:
        result["fixes"] = [_fix(fix) for fix in each.fixes if fix.edits]
    return result


def _location(note: Note) -> dict[str, object]:
    region = _region(note.place)
    physical = {"artifactLocation": {"uri": _uri(note.place.file)}, **({"region": region} if region else {})}
    return {"physicalLocation": physical, **({"message": {"text": visible(note.label)}} if note.label else {})}


def _region(place: Place) -> dict[str, object]:
    """An end is exclusive in SARIF too."""
    if place.line is None:
        return {}
    return {"startLine": place.line, "startColumn": place.column, "endLine": place.end_line, "endColumn": place.end_column}


def _fix(fix: PlacedFix) -> dict[str, object]:
    """A mend, which SARIF holds by file."""
    files: dict[str, list[PlacedEdit]] = {}
    for edit in fix.edits:
        files.setdefault(edit.place.file, []).append(edit)
    changes = [{"artifactLocation": {"uri": _uri(file)}, "replacements": [_replacement(edit) for edit in edits]} for file, edits in files.items()]
    return {"description": {"text": visible(fix.title)}, "artifactChanges": changes}


def _replacement(edit: PlacedEdit) -> dict[str, object]:
    return {"deletedRegion": _region(edit.place), "insertedContent": {"text": edit.text}}


def _uri(file: str) -> str:
    """A path as a URI reference: a relative one stays relative to where the command was given."""
    # What is left as it is leaves no colon: before the first slash it would read as a scheme.
    quoted = "".join(chr(byte) if chr(byte) in _PLAIN else f"%{byte:02X}" for byte in file.encode("utf-8", errors="surrogateescape"))
    return f"file://{quoted}" if file.startswith("/") else quoted
