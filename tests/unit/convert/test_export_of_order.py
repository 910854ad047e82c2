"""Order between loops, exported: which of them stay an `explode`, and that nothing that a task waits for is lost."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from otter_rules import keyed, order_of, tasks_of
from own_run import tasks_of_file

from otterdsl.convert.export import export_file
from otterdsl.convert.export_names import Naming
from otterdsl.convert.export_texts import Unsayable

FETCH = "task fetch extends copy { file: str source = 'https://x/${file}' destination = 'in/${file}' }\n"
COPIES = "for each in ['x', 'y'] as one { copy \"${each}\" { source = 'https://h/${each}' destination = 'in/${each}' } }"
RAW = "for each in ['x', 'y'] as raws { find_latest \"${each}\" { source = \"https://f/${each}\" } }"


def exported(folder: Path, body: str, before: str = "") -> tuple[Path, str]:
    """The file, and what it becomes."""
    file = folder / "p.otter"
    file.write_text(f"{before}step s {{\n{body}\n}}\n", encoding="utf-8")
    made = export_file(file)
    assert made.text is not None, made.diagnostics
    return file, made.text


@pytest.mark.parametrize(
    ("before", "body", "names"),
    [
        ("", COPIES + "for i in ['x', 'y'] { hello_world \"${i}\" { requires [copy.\"${i}\"] } }", ["explode one", "explode i of hello_world"]),
        ("", COPIES + 'for i in [\'x\', \'y\'] { hello_world "${i}" { who = copy."${i}".destination } }',
         ["explode one", "explode i of hello_world"]),
        ("", COPIES + "for i in ['p', 'q'] { hello_world \"${i}\" { requires [copy.x] } }", ["explode one", "explode i of hello_world"]),
        ("", COPIES + "for i in ['p', 'q'] { hello_world \"${i}\" { requires [one] } }", ["explode one", "explode i of hello_world"]),
        ("", COPIES + "hello_world z { requires [copy.x] }", ["copy x", "copy y", "hello_world z"]),
        ("", "copy x { source = 'https://x' destination = 'x' } for i in ['x'] { hello_world \"${i}\" { requires [copy.\"${i}\"] } }",
         ["copy x", "explode i of hello_world"]),
        ("", RAW + "for i in ['p', 'q'] { hello_world \"${i}\" { who = find_latest.x } }",
         ["find_latest x", "find_latest y", "explode i of hello_world"]),
        (FETCH, "for f in ['x', 'y'] { fetch \"${f}\" { file = f } } for i in ['x', 'y'] { hello_world \"${i}\" { requires [fetch.\"${i}\"] } }",
         ["explode f of fetch", "explode i of hello_world"]),
        (FETCH, ("copy x { source = 'https://x' destination = 'x' } for f in ['x', 'y'] { fetch \"${f}\" { file = f } }"
         "for i in ['x', 'y'] { hello_world \"${i}\" { requires [fetch.\"${i}\"] } }"),
         ["copy x", "copy fetch x", "copy y", "hello_world x", "hello_world y"]),
    ],
)  # fmt: skip
def test_loops_that_wait_for_turns_of_others(tmp_path: Path, before: str, body: str, names: list[str]) -> None:
    file, text = exported(tmp_path, body, before)
    assert [entry["name"] for entry in yaml.safe_load(text)["steps"]["s"]] == names
    stored = {"find_latest x": "gs://x", "find_latest y": "gs://y", "find_latest.x": "gs://x", "find_latest.y": "gs://y"}
    ours, theirs = tasks_of_file(file, "s", stored, {}), tasks_of(text, "s", stored)
    known = {name: name.replace("fetch", "copy").replace("copy copy", "copy") for name in {*ours, *theirs}}
    if "copy fetch x" not in theirs:
        assert keyed(order_of(ours), known) <= keyed(order_of(theirs), known)
    else:
        assert ("copy fetch x", "hello_world x") in order_of(theirs)


def test_a_turn_is_named_by_the_tasks_that_wait_for_it(tmp_path: Path) -> None:
    _, text = exported(tmp_path, COPIES + "for i in ['x', 'y'] { hello_world \"${i}\" { requires [copy.\"${i}\"] } }")
    inner: dict[str, Any] = yaml.safe_load(text)["steps"]["s"][1]["do"][0]
    assert inner == {"name": "hello_world ${each}", "requires": ["copy ${each}"]}


def test_what_an_if_leaves_out_is_not_waited_for(tmp_path: Path) -> None:
    body = 'if p { hello_world a {} } for i in [] as none { hello_world "${i}" {} } hello_world b { requires [hello_world.a, none] }'
    _, text = exported(tmp_path, body, "param p: bool = false\n")
    assert yaml.safe_load(text)["steps"]["s"] == [{"name": "hello_world b"}]


def test_a_name_that_nothing_has_is_never_left_out_in_silence() -> None:
    naming = Naming({"copy a": "copy a"}, {}, {"copy b"})
    assert (naming.targets("copy a"), naming.targets("copy b")) == (("copy a",), ())
    with pytest.raises(Unsayable):
        naming.targets("copy c")


def test_a_turn_of_a_converted_loop_is_waited_for_by_its_explode(tmp_path: Path) -> None:
    edit = "if true { hello_world z { requires [copy.x] } }"
    _, text = exported(tmp_path, COPIES + edit, "# otterdsl: converted from c.yaml\n")
    assert yaml.safe_load(text)["steps"]["s"][1] == {"name": "hello_world z", "requires": ["explode one"]}
