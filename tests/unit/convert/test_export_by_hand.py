"""What files written by hand become: each construct of the language as Otter's YAML has it, or the diagnostic that says why not."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from otterdsl.compiler.analysis.report import Report
from otterdsl.compiler.source.text import SourceText
from otterdsl.compiler.syntax.parse import parse
from otterdsl.convert.export import Export, export_file, refuse_bodies

Exporting = Callable[..., Export]


@pytest.fixture
def export(tmp_path: Path) -> Exporting:
    """A function from the text of a file to what it is exported to."""

    def run(text: str, **sets: object) -> Export:
        file = tmp_path / "p.otter"
        file.write_text(text, encoding="utf-8")
        return export_file(file, sets=sets)

    return run


@pytest.fixture
def config(export: Exporting) -> Callable[..., dict[str, Any]]:
    """A function from the text of a file to the configuration that it becomes, as Otter loads it."""

    def run(text: str, **sets: object) -> dict[str, Any]:
        made = export(text, **sets)
        assert made.text is not None, made.diagnostics
        loaded: dict[str, Any] = yaml.safe_load(made.text)
        return loaded

    return run


@pytest.fixture
def tasks(config: Callable[..., dict[str, Any]]) -> Callable[..., list[dict[str, Any]]]:
    """A function from the statements of a step (and declarations before it) to its entries."""

    def run(body: str, before: str = "", **sets: object) -> list[dict[str, Any]]:
        entries: list[dict[str, Any]] = config(f"{before}\nstep s {{\n{body}\n}}", **sets)["steps"]["s"]
        return entries

    return run


NESTED = """
  explode e {
    foreach = ["a"]
    do { explode "${each}" { foreach = ["b"] each_placeholder = "that" do { hello_world "${each} ${that}" {} } } }
  }
"""


def says(*parts: str) -> dict[str, Any]:
    """A task that only says something."""
    name, *rest = parts
    return {"name": f"hello_world {name}", **dict(zip(("who",), rest, strict=False))}


@pytest.mark.parametrize(
    ("before", "body", "entries"),
    [
        ("", "hello_world a { who = 'x' }", [says("a", "x")]),
        ("scratchpad { word = 'x' }", "hello_world a { who = word }", [says("a", "${word}")]),
        ("scratchpad { word = 'x' }", "hello_world word { who = 'y ${word}' }", [says("word", "y $${word}")]),
        ("scratchpad { w = 'x' }", "hello_world a { who = w }", [says("a", "x")]),
        ("scratchpad { word = 'x' }", 'hello_world "${word}" { who = "y ${word}" }', [says("x", "y ${word}")]),
        ("scratchpad { word = 'x' other = \"${word}!\" }", "hello_world a { who = other }", [says("a", "${other}")]),
        ("scratchpad { word = '$5' }", "hello_world a { who = word }", [says("a", "$$5")]),
        ("scratchpad { number = 3 }", 'hello_world a { who = "${number}" }', [says("a", "3")]),
        ("param p: str = 'd'", "hello_world a { who = p }", [says("a", "d")]),
        ("param p: bool = false", "if p { hello_world a {} } else { hello_world b {} }", [says("b")]),
        ("", "hello_world a { who = 'costs $5, $$ and ${x}' }", [says("a", "costs $$5, $$$$ and $${x}")]),
        ("", "for i in ['a', 'b'] { hello_world \"${i}\" { who = i } }",
         [{"name": "explode i of hello_world", "foreach": ["a", "b"], "do": [says("${each}", "${each}")]}]),
        ("", "for i in [1, 2] { hello_world \"${i}\" { who = i } }", [says("1", "1"), says("2", "2")]),
        ("", "for i in ['a$'] { hello_world x { who = i } }", [says("x", "a$$")]),
        ("", "for each in ['a', 'b'] { if each != 'b' { hello_world \"${each}\" {} } }", [says("a")]),
        ("", "for each in ['a'] as l { hello_world \"${each}\" {} } hello_world l { requires [l] }",
         [{"name": "explode l", "foreach": ["a"], "do": [says("${each}")]}, {**says("l"), "requires": ["explode l"]}]),
        ("", "for each in ['a'] as l { hello_world \"${each}\" {} } hello_world l { requires [hello_world.a] }",
         [says("a"), {**says("l"), "requires": ["hello_world a"]}]),
        ("", "for each in ['a'] as l { hello_world \"${each}\" {} } explode l { foreach = ['x'] do { hello_world \"${each} x\" {} } }",
         [{"name": "explode loop l", "foreach": ["a"], "do": [says("${each}")]}, {"name": "explode l", "foreach": ["x"], "do": [says("${each} x")]}]),
        ("", "for each in ['a'] { requires [hello_world.z] hello_world \"${each}\" {} } hello_world z {}",
         [{"name": "explode each of hello_world", "requires": ["hello_world z"], "foreach": ["a"], "do": [says("${each}")]}, says("z")]),
        ("", "for species in ['a'] { hello_world \"${species}\" {} }",
         [{"name": "explode species of hello_world", "foreach": ["a"], "each_placeholder": "species", "do": [says("${species}")]}]),
        ("", "for a in [{ n = ['x'] }] as all { for b in a.n { hello_world \"${b}\" {} } } hello_world z { requires [all] }",
         [says("x"), {**says("z"), "requires": ["hello_world x"]}]),
        ("", "for each in [] as none { hello_world \"${each}\" {} } hello_world z { requires [none] }", [says("z")]),
        ("", "requires [hello_world.z] if false { hello_world z {} } hello_world y {}".replace("requires [hello_world.z] ", ""), [says("y")]),
        ("task t extends hello_world { whom: str who = \"${whom}!\" }", "t a { whom = 'b' }", [says("a", "b!")]),
        ("task t extends hello_world { who = 'x' }", "t a {} hello_world a { requires [t.a] }",
         [says("t a", "x"), {**says("a"), "requires": ["hello_world t a"]}]),
        ("task t extends hello_world { who = 'x' }", "t a {} hello_world a {} hello_world 't a' {}", [says("t a 2", "x"), says("a"), says("t a")]),
        ("task t extends hello_world { who: str = 'd' } task u extends t {}", "u a {} u b { who = 'c' }", [says("a", "d"), says("b", "c")]),
        ("", "explode e { foreach = ['a'] do { hello_world \"${each}\" { who = '$5' } } }",
         [{"name": "explode e", "foreach": ["a"], "do": [says("${each}", "$$$$$$$$5")]}]),
        ("", NESTED,
         [{"name": "explode e", "foreach": ["a"], "do": [
             {"name": "explode ${each}", "foreach": ["b"], "each_placeholder": "that", "do": [says("${each} $$$${that}")]}]}]),
    ],
)  # fmt: skip
def test_statements(tasks: Callable[..., list[dict[str, Any]]], before: str, body: str, entries: list[dict[str, Any]]) -> None:
    assert tasks(body, before) == entries


def test_what_is_stored_is_named_by_its_key_and_waited_for(tasks: Callable[..., list[dict[str, Any]]]) -> None:
    body = """
      find_latest raw { source = "https://x.org/" }
      find_latest keyed { source = "https://x.org/" scratchpad_key = "the.key" }
      copy one { source = find_latest.raw destination = "1" }
      copy two { source = "${find_latest.keyed}/x" destination = "2" }
      copy three { source = "https://x" destination = "${copy.two.destination}.again" }
      explode_glob g { glob = "x/*" do { copy "${uri}" { source = find_latest.raw destination = "${uri}" } } }
    """
    entries = {entry["name"]: entry for entry in tasks(body)}
    assert entries["copy one"] == {"name": "copy one", "requires": ["find_latest raw"], "source": "${find_latest raw}", "destination": "1"}
    assert entries["copy two"]["requires"] == ["find_latest keyed"]
    assert entries["copy two"]["source"] == "${the.key}/x"
    assert (entries["copy three"]["requires"], entries["copy three"]["destination"]) == (["copy two"], "2.again")
    assert entries["explode_glob g"]["requires"] == ["find_latest raw"]
    assert entries["explode_glob g"]["do"] == [{"name": "copy ${uri}", "source": "${find_latest raw}", "destination": "${uri}"}]


def test_settings_and_scratchpad(config: Callable[..., dict[str, Any]]) -> None:
    made = config(
        "pipeline p { work_path = \"${w}/x\" pool_size = 3 log_level = 'DEBUG' }\n"
        "scratchpad { w = '..' word = 'x' 'a key' = 'y' made = \"${word}!\" list = ['a'] dollar = '$' n = 1 each = 'e' uri = 'u' }\n"
        'step s { hello_world a { who = "${word}" } }'
    )
    assert list(made) == ["work_path", "pool_size", "log_level", "scratchpad", "steps"]
    assert (made["work_path"], made["pool_size"], made["log_level"]) == ("../x", 3, "DEBUG")
    assert made["scratchpad"] == {"word": "x", "a key": "y", "made": "x!"}


def test_params_have_the_values_given(config: Callable[..., dict[str, Any]]) -> None:
    text = 'param a: str\nparam b: int = 2\nparam c: bool = true\nstep s { if c { hello_world x { who = "${a} ${b}" } } hello_world y {} }'
    assert config(text, a="v")["steps"]["s"] == [says("x", "v 2"), says("y")]
    assert config(text, a="v", b="5", c="false")["steps"]["s"] == [says("y")]


RELATIVE = "`./a` is relative to this file, of which Otter does not know"
ITEM = "Otter would take the `$` in an item for a placeholder's"


@pytest.mark.parametrize(
    ("text", "code", "at", "message"),
    [
        ("param a: str\nstep s { hello_world x { who = a } }", "OT604", "param a: str", "Otter has no params, and `a` has no value"),
        ("step s { copy x { source = './a' destination = 'b' } }", "OT604", "'./a'", RELATIVE),
        ("scratchpad { dd = './a' }\nstep s { copy x { source = dd destination = 'b' } }", "OT604", "dd", RELATIVE),
        ("step s { for i in ['./a'] { copy x { source = i destination = 'b' } } }", "OT604", "i", RELATIVE),
        ("step s { copy x { source = 'a' destination = 'b' } }", "OT604", "'a'",
         "Otter's `copy` reads nothing that lies in the release, as `a` does"),
        ("step s { hello_world '' {} }", "OT604", "''", "Otter has no tasks without a label, and `hello_world` has none"),
        ("step s { hello_world 'a$' {} }", "OT604", "'a$'", "the name `hello_world a$` holds a `$`, which Otter would take for a placeholder's"),
        ("step s { explode x { foreach = [1] do { hello_world \"${each}\" {} } } }", "OT604", "[1]", "Otter's `explode` takes only a list of texts"),
        ("step s { explode x { foreach = ['$'] do { hello_world \"${each}\" {} } } }", "OT604", "['$']", ITEM),
        ("step s { explode x { foreach = ['a'] each_placeholder = 'e' do { hello_world \"${e}\" {} } } }", "OT604", '"${e}"',
         "Otter takes `${e}` for no placeholder"),
        ("step s { find_latest x { source = '/x' scratchpad_key = 'a-b' } hello_world y { who = find_latest.x } }", "OT604", "find_latest.x",
         "Otter takes `${a-b}` for no placeholder"),
        ("pipeline p { pool_size = 1 }\nstep s { hello_world x {} }", "OT604", "1", "Otter runs at least two tasks at once"),
        ("step a { hello_world x {} }\nstep b { requires [a] hello_world x {} }", "OT605", "a",
         "Otter runs steps by themselves: `b` will not wait for `a`"),
    ],
)  # fmt: skip
def test_what_otter_cannot_do_is_said_at_its_place(export: Exporting, text: str, code: str, at: str, message: str) -> None:
    made = export(text)
    assert [(each.code, each.message) for each in made.diagnostics] == [(code, message)]
    (span,) = (each.span for each in made.diagnostics)
    assert span is not None
    assert text[span.start : span.end] == at
    assert (made.text is None) == (code == "OT604")


def test_what_the_checker_finds_stops_it(export: Exporting) -> None:
    made = export("step s { hello_world x { whom = 'y' } }")
    assert made.text is None
    assert [each.code for each in made.diagnostics] == ["OT204"]


def test_a_param_that_is_not_there_and_a_value_that_does_not_fit(export: Exporting) -> None:
    text = "param a: int = 1\nstep s { hello_world x {} }"
    assert [each.code for each in export(text, b="1").diagnostics if each.severity.value == "error"] == ["OT701"]
    assert [each.code for each in export(text, a="x").diagnostics if each.severity.value == "error"] == ["OT702"]


def test_bodies_are_refused_at_their_place() -> None:
    text = 'task t {\n  source: input\n  run sh "wc ${source}"\n  validate { exists(source) }\n}\n'
    report = Report()
    refuse_bodies(parse(SourceText("p.otter", "p.otter", text)).value, report)
    assert [(each.code, text[each.span.start : each.span.end].split()[0]) for each in report.diagnostics if each.span] == [
        ("OT604", "run"),
        ("OT604", "validate"),
    ]


def test_steps_of_imported_files_are_exported_too(export: Exporting, tmp_path: Path) -> None:
    (tmp_path / "more.otter").write_text("scratchpad { word = 'x' }\nstep first { hello_world a { who = word } }", encoding="utf-8")
    made = export('import "more.otter"\nstep second { hello_world b { who = "${word}" } }')
    assert made.text is not None
    assert yaml.safe_load(made.text) == {"scratchpad": {"word": "x"}, "steps": {"first": [says("a", "${word}")], "second": [says("b", "${word}")]}}


def test_the_first_line_says_where_it_comes_from(export: Exporting) -> None:
    made = export("step s { hello_world a {} }")
    assert made.text is not None
    assert made.text.splitlines()[0] == "# Exported by otterdsl from p.otter"
