"""Diagnostics as people and programs read them."""

import json
import textwrap

from otterdsl.compiler.source.diagnostic import Diagnostic, Edit, Fix, Label, Severity
from otterdsl.compiler.source.located import locate
from otterdsl.compiler.source.render import render_text, summary
from otterdsl.compiler.source.render_json import render_json
from otterdsl.compiler.source.span import Span
from otterdsl.compiler.source.text import SourceText

PAGE = "\n" * 11 + '  copy "mondo" {\n    source     = "https://…/mondo.json"\n    destnation = "input/disease/mondo.json"\n  }\n'
SOURCE = SourceText("inputs.otter", "inputs.otter", PAGE)


def span(text, word, file="inputs.otter"):
    return Span(file, text.index(word), text.index(word) + len(word))


def shown(diagnostic, *sources, color=False):
    return render_text([diagnostic], {source.file: source for source in sources}, color, explained={diagnostic.code})


def about(text, word, label="here", **more):
    """What is shown of a word in a text."""
    source = SourceText("x", "x", text)
    return shown(Diagnostic("OT101", Severity.ERROR, "m", span(text, word, "x"), label, **more), source)


def text(page):
    return textwrap.dedent(page).lstrip("\n")


UNKNOWN = Diagnostic(
    "OT204", Severity.ERROR, "unknown field `destnation` for task type `copy`", span(PAGE, "destnation"), "not a field of `copy`",
    "did you mean `destination`?", (Label(span(PAGE, "copy"), "this is `copy`, defined in otterdsl.runtime.tasks.copy"),),
    (Fix("rename to `destination`", (Edit(span(PAGE, "destnation"), "destination"),)),),
)  # fmt: skip


def test_a_diagnostic_shows_its_lines():
    assert shown(UNKNOWN, SOURCE) == text("""
        error[OT204]: unknown field `destnation` for task type `copy`
          --> inputs.otter:14:5
           |
        12 |   copy "mondo" {
           |   ---- this is `copy`, defined in otterdsl.runtime.tasks.copy
        13 |     source     = "https://…/mondo.json"
        14 |     destnation = "input/disease/mondo.json"
           |     ^^^^^^^^^^ not a field of `copy`
           |
           = help: did you mean `destination`?
        """)


def test_lines_that_are_far_apart_are_not_shown_between():
    page = "a {\n\n\n\n b\n"
    assert about(page, "b", related=(Label(span(page, "{", "x"), "opened"),)) == text("""
        error[OT101]: m
         --> x:5:2
          |
        1 | a {
          |   - opened
        ...
        5 |  b
          |  ^ here
        """)


def test_another_file_has_its_own_snippet():
    other = SourceText("other.otter", "lib/other.otter", "first\nsecond third\n")
    related = (Label(Span("other.otter", 13, 18), "first here"),)
    problem = Diagnostic("OT207", Severity.ERROR, "m", span(PAGE, "source"), "twice", "rename it", related)
    assert shown(problem, SOURCE, other) == text("""
        error[OT207]: m
          --> inputs.otter:13:5
           |
        13 |     source     = "https://…/mondo.json"
           |     ^^^^^^ twice
           |
          ::: lib/other.otter:2:8
           |
         2 | second third
           |        ----- first here
           |
           = help: rename it
        """)


def test_what_has_no_place_is_shown_without():
    assert shown(Diagnostic("OT001", Severity.WARNING, "no such file", None, help="is it there?", file="x.otter")) == text("""
        warning[OT001]: no such file
         --> x.otter
          = help: is it there?
        """)
    assert shown(Diagnostic("OT703", Severity.HINT, "m", None)) == "hint[OT703]: m\n"


def test_a_span_over_lines_marks_its_first_and_last():
    assert about("a {\n  b\n  c\n d }\n", "{\n  b\n  c\n d }", "all of it") == text("""
        error[OT101]: m
         --> x:1:3
          |
        1 | a {
          |   ^
        ...
        4 |  d }
          |  ^^^ all of it
        """)


def test_a_place_without_text_is_marked():
    source = SourceText("x", "x", "a\n")
    assert shown(Diagnostic("OT102", Severity.ERROR, "m", Span("x", 2, 2), "end"), source).splitlines()[-2:] == ["2 |", "  | ^ end"]
    assert shown(Diagnostic("OT102", Severity.ERROR, "m", Span("x", 99, 120), "end"), source).splitlines()[-2:] == ["2 |", "  | ^ end"]


def test_marks_stand_below_what_they_mark():
    def marked(page, word):
        return about(page, word).splitlines()[-2:]

    assert marked("\tab\tcd", "cd") == ["1 |     ab  cd", "  |         ^^ here"]
    assert marked("日本 = x", "x") == ["1 | 日本 = x", "  |        ^ here"]
    assert marked("日本 = x", "日本") == ["1 | 日本 = x", "  | ^^^^ here"]
    assert marked("e\u0301 = x", "x") == ["1 | e\u0301 = x", "  |     ^ here"]
    assert marked("\x1b[31m x", "x") == ["1 | \\u{1b}[31m x", "  |            ^ here"]
    assert marked("\t\udcff x", "\udcff") == ["1 |     \\xff x", "  |     ^^^^ here"]


def test_what_acts_or_hides_is_shown_escaped_everywhere():
    hostile = "a\x1b[2J\u202eb\r\u200f\0\x9b"
    source = SourceText("x", "x" + hostile, hostile)
    problem = Diagnostic("OT101", Severity.ERROR, hostile, Span("x", 0, 1), hostile, hostile, (Label(Span("x", 1, 2), hostile),))
    for rendered in (shown(problem, source), shown(Diagnostic("OT001", Severity.ERROR, "m", None, file=hostile))):
        assert all(char.isprintable() or char == "\n" for char in rendered)
    assert "\\u{202e}" in shown(problem, source)


def test_a_long_line_is_shown_around_its_mark():
    page = "x" * 5_000 + "HERE" + "y" * 5_000
    lines = about(page, "HERE").splitlines()
    assert lines[3] == "1 | …" + "x" * 50 + "HERE" + "y" * 86 + "…"
    assert lines[4] == "  | " + " " * 51 + "^^^^ here"


def test_many_diagnostics_of_one_huge_line_show_no_more_than_they_need():
    page = "x" * 1_000_000
    problems = [Diagnostic("OT101", Severity.ERROR, "m", Span("x", at, at + 500_000)) for at in range(0, 500_000, 500)]
    assert len(render_text(problems, {"x": SourceText("x", "x", page)})) < 1_000 * 400


def test_colours_are_only_added():
    import re

    coloured = shown(UNKNOWN, SOURCE, color=True)
    assert "\x1b[1;31m" in coloured
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == shown(UNKNOWN, SOURCE)


def test_json_says_the_same():
    assert json.loads(render_json(locate([UNKNOWN], {"inputs.otter": SOURCE}))) == {
        "version": 1,
        "diagnostics": [
            {
                "code": "OT204", "severity": "error", "message": "unknown field `destnation` for task type `copy`",
                "file": "inputs.otter", "line": 14, "column": 5, "end_line": 14, "end_column": 15,
                "label": "not a field of `copy`", "help": "did you mean `destination`?",
                "related": [{"file": "inputs.otter", "line": 12, "column": 3, "end_line": 12, "end_column": 7,
                             "label": "this is `copy`, defined in otterdsl.runtime.tasks.copy"}],
                "fixes": [{"title": "rename to `destination`", "applicability": "safe",
                           "edits": [{"line": 14, "column": 5, "end_line": 14, "end_column": 15, "text": "destination"}]}],
            }
        ],
    }  # fmt: skip


def test_json_shows_the_display_name_and_null_where_there_is_no_place():
    problems = [Diagnostic("OT001", Severity.ERROR, "m", Span("x", 0, 1)), Diagnostic("OT001", Severity.ERROR, "m", None, file="y")]
    found = json.loads(render_json(locate(problems, {"x": SourceText("x", "dir/x", "a")})))["diagnostics"]
    assert [(d["file"], d["line"]) for d in found] == [("dir/x", 1), ("y", None)]
    assert json.loads(render_json([])) == {"version": 1, "diagnostics": []}


def test_how_to_read_more_of_a_code_is_said_once():
    source = SourceText("x", "x", "a b\n")
    problems = [Diagnostic("OT101", Severity.ERROR, "m", Span("x", at, at + 1), help=more) for at, more in ((0, "mend it"), (2, ""))]
    assert render_text([*problems, Diagnostic("OT001", Severity.ERROR, "m", None, file="y")], {"x": source}) == text("""
        error[OT101]: m
         --> x:1:1
          |
        1 | a b
          | ^
          |
          = help: mend it
          = for more: otterdsl explain OT101

        error[OT101]: m
         --> x:1:3
          |
        1 | a b
          |   ^

        error[OT001]: m
         --> y
          = for more: otterdsl explain OT001
        """)


def test_a_summary_counts():
    one, other = (Diagnostic("OT101", severity, "m", None) for severity in (Severity.ERROR, Severity.WARNING))
    assert summary([one, one, other]) == "2 errors, 1 warning"
    assert summary([]) == ""
