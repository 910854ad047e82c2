"""Inputs that begin with `./` or `../` are relative to the file that holds their text, however they come to a task."""

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from otterdsl.compiler.analysis.program import Assignment
from otterdsl.compiler.frontend import Frontend, check

Write = Callable[[Mapping[str, str | bytes]], Path]

PART = """
scratchpad {
  one  = "./a.csv"
  many = ["./a.csv", "b.csv"]
  maps = [{ name = "a", paths = ["../a.csv"] }, { name = "b", paths = [one] }]
}
param given: input = "./a.csv"
param all: list[input] = ["./a.csv", one, "c.csv"]
param text: str = "./a.csv"
"""


def checked(files: Write, step: str) -> Frontend:
    return check(files({"a.otter": 'import "sub/part.otter"\nstep s {\n' + step + "\n}\n", "sub/part.otter": PART}) / "a.otter")


def test_a_constant_of_another_folder_is_seen_from_the_entry(files: Write) -> None:
    found = checked(files, 'copy x { source = one destination = "d" } copy y { source = "./${text}" destination = "e" }')
    assert found.program is not None
    assignments = [each for task in found.program.steps[0].tasks for each in task.assignments if isinstance(each, Assignment)]
    assert [each.value for each in assignments if each.name == "source"] == ["./sub/a.csv", "./${text}"]


def test_the_default_of_a_param_that_is_an_input_too(files: Write) -> None:
    found = checked(files, "hello_world x {}")
    assert found.program is not None
    assert [each.default for each in found.program.params] == ["./sub/a.csv", ("./sub/a.csv", "./sub/a.csv", "c.csv"), "./a.csv"]


@pytest.mark.parametrize(
    "loop",
    [
        'for f in many { copy "${f}" { source = f destination = "d/${f}" } }',
        'for f in many { copy "${f}" { source = "${f}.gz" destination = "d/${f}" } }',
        'for f in ["x.csv", one] { copy "${f}" { source = f destination = "d/${f}" } }',
        'for m in maps { for f in m.paths { copy "${m.name}" { source = f destination = "d/${m.name}" } } }',
        'for m in [{ of = { path = one } }] { copy "x" { source = m.of.path destination = "d" } }',
    ],
)
def test_items_of_another_folder_that_would_be_read_from_here_are_refused(files: Write, loop: str) -> None:
    assert [(each.code, each.message) for each in checked(files, loop).diagnostics] == [
        ("OT307", "an input from a loop's variable cannot be relative to a file of another folder")
    ]


@pytest.mark.parametrize(
    "loop",
    [
        'for f in ["./x.csv", "../y.csv"] { copy "${f}" { source = f destination = "d/${f}" } }',
        'for f in many { copy "${f}" { source = "./${f}" destination = "d/${f}" } }',
        'for f in many { copy "${f}" { source = "https://example.org/${f}" destination = "d/${f}" } }',
        'for f in ["c.csv"] { copy "${f}" { source = f destination = "d/${f}" } }',
    ],
)
def test_items_that_are_read_from_here_are_not(files: Write, loop: str) -> None:
    assert checked(files, loop).diagnostics == ()
