"""What is right in Otter's YAML, in a `.otter` file: one mistake each, with the right mend, and the task is read all the same."""

import pytest

from otterdsl.compiler.source.text import SourceText
from otterdsl.compiler.syntax import ast
from otterdsl.compiler.syntax.parse import parse


def read(text: str) -> tuple[ast.Module, list[tuple[str, str]]]:
    """The module of a text, and where and how each mistake is mended."""
    checked = parse(SourceText("x.otter", "x.otter", text))
    return checked.value, [(text[d.span.start : d.span.end], d.help) for d in checked.diagnostics if d.span]


def tasks(module: ast.Module) -> list[list[str]]:
    """The label and the fields of each task of the first step."""
    step = next(each for each in module.declarations if isinstance(each, ast.Step))
    labels = [(use, use.label.text if isinstance(use.label, ast.Name) else "") for use in step.block.items if isinstance(use, ast.TaskUse)]
    return [
        [label, *(each.key.text for each in use.body if isinstance(each, ast.Attribute) and isinstance(each.key, ast.Name))] for use, label in labels
    ]


TASK = "step a {{\n  copy x {{\n    {}\n    last = 1\n  }}\n}}\nstep b {{ }}\n"


@pytest.mark.parametrize(
    ("line", "place", "help_"),
    [
        ("requires [hello_world w]", "hello_world w", 'a task is named `hello_world.w` or `"hello_world w"`'),
        (
            "requires [find_latest clinpgx annotation]",
            "find_latest clinpgx annotation",
            "a task is named `find_latest.'clinpgx annotation'` or `\"find_latest clinpgx annotation\"`",
        ),
        ('requires [b, copy "y z",]', 'copy "y z"', "a task is named `copy.'y z'` or `\"copy y z\"`"),
        ("requires [copy ${y}]", "copy ${y}", 'a task is named `copy."${y}"` or `"copy ${y}"`'),
        ("requires [copy my-file]", "copy my-file", "a task is named `copy.'my-file'` or `\"copy my-file\"`"),
        ("requires [\n - copy y\n ]", "copy y", 'a task is named `copy.y` or `"copy y"`'),
        ("requires:\n - copy y z\n - copy w", ":", "write `requires [copy.'y z', copy.w]`"),
        ("requires: [b]", ":", "leave it out"),
        ("who = ${who}", "${who}", 'write `who`, or `"${who}"` for its text'),
        ("who = $who", "$who", 'write `who`, or `"${who}"` for its text'),
        ("who = ${a.b}", "${a.b}", 'write `a.b`, or `"${a.b}"` for its text'),
        ("who = [${who}]", "${who}", 'write `who`, or `"${who}"` for its text'),
        ("who = ${who}/${b}.csv", "${who}/${b}.csv", 'quote what is text: `"${who}/${b}.csv"`'),
        ("who = ${a key}/b", "${a key}/b", "quote what is text: `\"${'a key'}/b\"`"),
        ("who: everyone", ":", 'write `who = "everyone"`'),
        ("who: everyone and all  # of them", ":", 'write `who = "everyone and all"`'),
        ("who: https://a.org/b", ":", 'write `who = "https://a.org/b"`'),
        ("who: ${x}", ":", 'write `who = "${x}"`'),
        ("who: last", ":", "write `=`"),
        ("who: 3", ":", "write `=`"),
        ('who: "x"', ":", "write `=`"),
        ("who = two words", "two words", 'quote what is text: `"two words"`'),
        ("who = three words here, other = 1", "three words here", 'quote what is text: `"three words here"`'),
        ('who = "x", other = 1', ",", "take it out: no comma stands between attributes, fields, statements or declarations"),
    ],
)
def test_a_line_is_mended_by_one_help(line: str, place: str, help_: str) -> None:
    module, said = read(TASK.format(line))
    assert said[0] == (place, help_)
    assert [each[1][:11] for each in said[1:]] in ([], ["take it out"])
    assert tasks(module)[0][0] == "x"
    assert tasks(module)[0][-1] == "last"
    assert len(module.declarations) == 2


def test_between_the_steps_that_a_step_requires_a_comma_may_be_missing() -> None:
    _, said = read("step c { requires [a b] }")
    assert said == [("a b", 'a task is named `a.b` or `"a b"`; steps are parted by `,`')]


def test_a_colon_and_names_in_several_words_are_two_mistakes() -> None:
    _, said = read(TASK.format("requires: [copy y]"))
    assert said == [(":", "leave it out"), ("copy y", 'a task is named `copy.y` or `"copy y"`')]


def test_each_task_named_in_several_words_is_said() -> None:
    _, said = read(TASK.format("requires [copy y, copy.z, copy w v]"))
    assert [place for place, _ in said] == ["copy y", "copy w v"]


@pytest.mark.parametrize(
    ("head", "place", "help_"),
    [
        ("copy two words", "two words", 'quote the label: `copy "two words" {`'),
        ("copy latest release 25.03 files", "latest release 25.03 files", 'quote the label: `copy "latest release 25.03 files" {`'),
        ("copy my file-name.txt", "my file-name.txt", 'quote the label: `copy "my file-name.txt" {`'),
    ],
)
def test_a_label_in_several_words_is_quoted(head: str, place: str, help_: str) -> None:
    module, said = read(f"step a {{\n  {head} {{\n    source = 1\n  }}\n  copy y {{ }}\n}}\n")
    assert said == [(place, help_)]
    assert tasks(module) == [[place, "source"], ["y"]]


def test_labels_of_steps_and_loops_are_quoted_too() -> None:
    _, said = read("step two words {\n  for x in y as my group {\n    copy ${x} z { }\n  }\n}\n")
    assert said == [
        ("two words", 'quote the label: `step "two words" {`'),
        ("my group", 'quote the label: `as "my group" {`'),
        ("${x} z", 'quote the label: `copy "${x} z" {`'),
    ]


@pytest.mark.parametrize(
    ("text", "help_"),
    [
        ("step a {\n  - name: copy x\n    source: a\n  - name: copy y\n    source: b\n}\nstep b { }\n", "a task is written `copy x { … }`"),
        ("step a {\n  - name: copy x y  # which\n}\nstep b { }\n", 'a task is written `copy "x y" { … }`'),
        ("step a {\n  name: copy x\n    source: a\n}\nstep b { }\n", "a task is written `copy x { … }`"),
        ("step a {\n  - copy x { }\n}\nstep b { }\n", "leave it out"),
        ("- name: copy x\n  source: a\nstep a { }\nstep b { }\n", "a task is written `copy x { … }`"),
        ("steps:\n  a:\n    - name: copy x\nstep a { }\nstep b { }\n", "tasks stand in a `step NAME { … }`; `otterdsl convert` rewrites YAML"),
    ],
)
def test_a_task_of_yaml_shows_how_it_is_written(text: str, help_: str) -> None:
    module, said = read(text)
    assert [each for _, each in said] == [help_]
    assert len(module.declarations) == 2


def test_commas_are_taken_out_wherever_they_part_nothing() -> None:
    text = "step a {\n  copy x {\n    a = 1,\n    b = 2,\n  },\n  copy y { c = {d = 1, e = 2}, },\n},\ntask t { a: str, b: int }\n"
    checked = parse(SourceText("x.otter", "x.otter", text))
    mended = text
    for diagnostic in reversed(checked.diagnostics):
        (edit,) = diagnostic.fixes[0].edits
        mended = mended[: edit.span.start] + edit.text + mended[edit.span.end :]
    assert parse(SourceText("x.otter", "x.otter", mended)).diagnostics == ()
    assert len(checked.diagnostics) == 7
    assert tasks(checked.value) == [["x", "a", "b"], ["y", "c"]]
