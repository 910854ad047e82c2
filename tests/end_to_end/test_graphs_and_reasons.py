"""`graph` and `why`: what waits for what, and why, as text."""

import json
import re
from pathlib import Path

import pytest
from command_line import Ended, otterdsl

PIPELINE = """\
pipeline p {}
param on: bool = false
step first {
  for each in ["a", "b\\" ]"] as both {
    copy "${each}" { source = "https://example.org/${each}" destination = "raw/${each}" }
  }
  copy again { source = "raw/a" destination = "again" }
  copy named { source = copy.again.destination destination = "named" }
  if on and not (1 == 2) {
    hello_world last { requires [both, copy.'a'] }
  }
}
step second { requires [first] }
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "p.otter"
    path.write_text(PIPELINE, encoding="utf-8")
    return path


def ran(file: Path, *arguments: object) -> Ended:
    return otterdsl(*arguments, folder=file.parent)


def test_a_mermaid_graph_has_a_box_a_statement_and_an_edge_a_reason(file: Path) -> None:
    ended = ran(file, "graph", file)
    assert ended.code == 0
    assert ended.out == "\n".join(
        [
            "flowchart LR",
            '  subgraph s0["first"]',
            '    s0_0["copy #36;#123;each#125;<br>× 2"]',
            '    s0_1["copy again"]',
            '    s0_2["copy named"]',
            '    s0_3["hello_world last<br>if on"]',
            "  end",
            '  subgraph s1["second"]',
            '    s1_0["nothing to do"]',
            "  end",
            "  s0_0 -.-> s0_1",
            "  s0_1 ==> s0_2",
            "  s0_0 --> s0_3",
            "  s0 --> s1",
            "",
        ]
    )


def test_a_dot_graph_quotes_what_it_names(file: Path, tmp_path: Path) -> None:
    file.write_text(file.read_text(encoding="utf-8").replace("step second", "step 'sec\"ond\\x'"), encoding="utf-8")
    output = tmp_path / "new" / "p.dot"
    assert ran(file, "graph", file, "--format", "dot", "-o", output).code == 0
    text = output.read_text(encoding="utf-8")
    assert 'label="sec\\"ond\\\\x";' in text
    assert "s0_0 -> s0_1 [style=dashed];" in text
    assert "s0_0 -> s1_0 [ltail=cluster_s0, lhead=cluster_s1];" in text
    assert all(re.fullmatch(r'(?:[^"\\]|"(?:[^"\\]|\\.)*")*', line) for line in text.splitlines())


def test_only_the_steps_named_are_drawn(file: Path) -> None:
    assert "second" not in ran(file, "graph", file, "first").out
    ended = ran(file, "graph", file, "frist")
    assert (ended.code, "did you mean `first`?" in ended.err) == (1, True)


def test_what_is_wrong_is_said_instead(file: Path) -> None:
    file.write_text("step a { nope x {} }", encoding="utf-8")
    for command in (("graph", file), ("why", file, "a", "nope x")):
        ended = ran(file, *command)
        assert (ended.code, ended.out, "OT201" in ended.err) == (1, "", True)


@pytest.mark.parametrize(
    ("task", "lines"),
    [
        ("copy again", ["copy a: writes what this reads", ":7:25"]),
        ("copy named", ["copy again: referred to", ":8:25"]),
        ("hello_world last", ["only if on", "both, a loop of copy ${each}: required", "copy a: required"]),
        ("copy a", ["here each is a", "part of both", "waits for no task", "waited for by", "copy again"]),
        ("copy ${each}", ["makes 2 tasks"]),
    ],
)
def test_why_says_what_a_task_waits_for(file: Path, task: str, lines: list[str]) -> None:
    ended = ran(file, "why", file, "first", task)
    assert ended.code == 0, ended.err
    assert [line for line in lines if line not in ended.out] == [], ended.out


def test_an_unknown_task_is_refused_with_the_nearest(file: Path) -> None:
    ended = ran(file, "why", file, "first", "copy agin")
    assert ended.code == 1
    assert "did you mean `copy again`?" in ended.err


def test_a_plan_says_why_each_task_waits(file: Path) -> None:
    text = file.read_text(encoding="utf-8").replace("on: bool = false", "on: bool = true")
    file.write_text(text, encoding="utf-8")
    tasks = {task["name"]: task for task in json.loads(ran(file, "plan", file, "--format", "json").out)["steps"][0]["tasks"]}
    assert tasks["copy again"]["reasons"] == {"copy a": "data"}
    assert tasks["copy named"]["reasons"] == {"copy again": "reference"}
    assert tasks["hello_world last"]["reasons"] == {"both": "requires", "copy a": "requires"}
    assert tasks["copy a"]["reasons"] == {}
    assert ran(file, "compile", file, "-o", "made").code == 0
    shown = ran(file, "plan", "made/p").out
    assert "after copy a (data)" in shown
    assert "after both (requires), copy a (requires)" in shown
