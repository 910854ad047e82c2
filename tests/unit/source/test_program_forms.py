"""Diagnostics in the forms that programs read: a line each, GitHub's commands, SARIF; and those of several entry files as one."""

import json

from otterdsl.compiler.source.diagnostic import Diagnostic, Edit, Fix, Label, Severity
from otterdsl.compiler.source.located import locate, merge
from otterdsl.compiler.source.render_lines import render_concise, render_github
from otterdsl.compiler.source.render_sarif import render_sarif
from otterdsl.compiler.source.span import Span
from otterdsl.compiler.source.text import SourceText

TEXT = 'step é {\n  copy "a" { destnation = "x" }\n}\n'
AT = TEXT.index("destnation")
FIX = Fix("rename to `destination`", (Edit(Span("p", AT, AT + 10), "destination"),))
UNKNOWN = Diagnostic(
    "OT204", Severity.ERROR, "unknown: 100%\x1b", Span("p", AT, AT + 10), "not a field", "mend, it", (Label(Span("p", 0, 4), "here"),), (FIX,)
)
LONG = Diagnostic("OT908", Severity.HINT, "over lines", Span("p", 0, len(TEXT)))
NOWHERE = Diagnostic("OT001", Severity.WARNING, "no place", None, file="gone.otter")
TEXTS = {"p": SourceText("p", "dir with blank/é:1.otter", TEXT)}
PLACE = "line=2,col=14,endLine=2,endColumn=24"
FOUND = locate([UNKNOWN, LONG, NOWHERE], TEXTS)


def test_a_line_each() -> None:
    assert render_concise(FOUND).splitlines() == [
        "dir with blank/é:1.otter:2:14: error[OT204]: unknown: 100%\\u{1b}",
        "dir with blank/é:1.otter:1:1: hint[OT908]: over lines",
        "gone.otter: warning[OT001]: no place",
    ]


def test_commands_of_workflows_escape_what_would_end_them() -> None:
    assert render_github(FOUND).splitlines() == [
        f"::error file=dir with blank/é%3A1.otter,{PLACE},title=OT204::unknown: 100%25\\u{{1b}}%0Anot a field%0Ahelp: mend, it",
        "::notice file=dir with blank/é%3A1.otter,line=1,endLine=4,title=OT908::over lines",
        "::warning file=gone.otter,title=OT001::no place",
    ]


def test_sarif_has_rules_places_and_fixes() -> None:
    log = json.loads(render_sarif(FOUND, {"OT204": "# OT204\n"}))
    assert log["version"] == "2.1.0"
    (run,) = log["runs"]
    assert run["columnKind"] == "unicodeCodePoints"
    rules = run["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == ["OT001", "OT204", "OT908"]
    assert rules[1]["help"]["text"] == "# OT204\n"
    first, second, third = run["results"]
    assert [(each["ruleId"], rules[each["ruleIndex"]]["id"], each["level"]) for each in run["results"]] == [
        ("OT204", "OT204", "error"),
        ("OT908", "OT908", "note"),
        ("OT001", "OT001", "warning"),
    ]
    place = first["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "dir%20with%20blank/%C3%A9%3A1.otter"
    assert place["region"] == {"startLine": 2, "startColumn": 14, "endLine": 2, "endColumn": 24}
    assert first["relatedLocations"][0]["message"]["text"] == "here"
    (change,) = first["fixes"][0]["artifactChanges"]
    assert change["replacements"] == [{"deletedRegion": place["region"], "insertedContent": {"text": "destination"}}]
    assert second["locations"][0]["physicalLocation"]["region"]["endLine"] == 4
    assert "region" not in third["locations"][0]["physicalLocation"]


def test_what_two_entry_files_find_in_one_that_both_import_counts_once() -> None:
    both = merge([FOUND, locate([UNKNOWN, NOWHERE], TEXTS)])
    assert [each.code for each in both] == ["OT908", "OT204", "OT001"]
    assert merge([FOUND]) == FOUND
