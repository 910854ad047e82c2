"""Loops that only a run can spread, as entries: at the start of a run, and once their items are known."""

from collections.abc import Mapping
from typing import Annotated, Any

import pytest

from otterdsl.runtime import Compare, Glob, Input, Into, Item, Json, Lines, Output, Param, Spec, Stored, Task
from otterdsl.runtime.task.bind import written
from otterdsl.runtime.task.open_loops import Entry, go_on
from otterdsl.runtime.task.sources import as_written
from otterdsl.runtime.task.spread import SpreadStep, spread
from otterdsl.runtime.util.errors import StepInvalidError


class FilesSpec(Spec):
    source: Annotated[str, Input]
    destination: Annotated[str, Output]
    folder: Annotated[str, Into] = "x"
    text: str = ""


def one(spec: Spec, params: Mapping[str, Any] | None = None, **attributes: Any) -> SpreadStep:
    return spread([type("Statement", (Task,), {"spec": spec, **attributes})], params or {})


def file(uri: str) -> dict[str, str]:
    path, _, name = uri.rpartition("/")
    stem, _, ext = name.partition(".")
    return {"uri": uri, "prefix": "", "path": path, "stem": stem, "ext": ext, "uuid": "u"}


def names(entries: list[Entry]) -> list[str]:
    return [entry.name for entry in entries]


def test_a_statement_is_one_entry_that_is_called_as_it_is_written() -> None:
    found = one(Spec(name="copy ${p} ${f.stem}", requires=["get ${p}", "get ${f.stem}"]), {"p": 1}, for_each={"f": Glob("*")}, group="g")
    (entry,) = found.entries
    assert entry.loop is not None
    assert entry.loop.title == "copy 1 ${f.stem}"
    assert str(entry.loop) == 'glob("*")'
    assert entry.requires == ("get 1",)
    assert entry.groups == ("g", "copy 1 ${f.stem}")
    assert found.groups == {"g", "copy 1 ${f.stem}"}


def test_its_tasks_are_told_apart_once_the_items_are_known() -> None:
    loops = {"f": Glob("*")}
    spec = Spec(name="copy ${f.stem}", requires=["get ${f.stem}", "g"], source="${f.uri}", kept="${later} $${f.uri}")
    (entry,) = one(spec, for_each=loops, when=Compare(Item("f.stem"), "!=", "c")).entries
    tasks, absent = go_on(entry, [file("a.csv"), file("b.csv"), file("c.csv")])
    assert (names(tasks), absent) == (["copy a", "copy b"], ["copy c"])
    assert tasks[0].requires == (("get ${f.stem}", "get a"), "g")
    assert written(tasks[1].spec)["source"] == "b.csv"
    assert written(tasks[1].spec)["kept"] == "${later} $${f.uri}"
    assert {task.groups for task in tasks} == {()}


def test_static_loops_around_are_spread_first_and_those_within_with_the_items() -> None:
    loops = {"s": ("x", "y"), "f": Lines("${s}.txt"), "n": (1, 2)}
    found = one(Spec(name="copy ${s} ${f} ${n}"), for_each=loops)
    assert [str(entry.loop) for entry in found.entries] == ['lines("x.txt")', 'lines("y.txt")']
    tasks, _ = go_on(found.entries[1], ["p", "q"])
    assert names(tasks) == ["copy y p 1", "copy y p 2", "copy y q 1", "copy y q 2"]
    assert found.entries[0].groups == ("copy ${s} ${f} ${n}", "copy x ${f} ${n}", "copy x ${f} 1", "copy x ${f} 2")


def test_open_loops_within_open_loops_are_spread_one_after_the_other() -> None:
    loops = {"d": Lines("l"), "f": Glob("${d}/*"), "i": Item("f.list")}
    (entry,) = one(Spec(name="t ${d} ${i}", requires=["u ${d}", "v ${i}"]), for_each=loops).entries
    inner, _ = go_on(entry, ["a", "b$${x}${y}"])
    assert [each.loop and each.loop.title for each in inner] == ["t a ${i}", "t b$${x}${y} ${i}"]
    assert [str(each.loop) for each in inner] == ['glob("a/*")', 'glob("b$$${x}$${y}/*")']  # in placeholder form
    assert inner[0].requires == (("u ${d}", "u a"),)
    assert len({each.name for each in (entry, *inner)}) == 3
    tasks, _ = go_on(inner[0], [{"list": [1, 2], "path": "", "prefix": "", "ext": ""}])
    assert names(tasks) == ["t a 1", "t a 2"]
    assert tasks[0].requires == (("u ${d}", "u a"), ("v ${i}", "v 1"))


def test_what_items_hold_is_data() -> None:
    (entry,) = one(Spec(name="t ${l}", x="${l}", y="<${l}>"), for_each={"l": Lines("l")}, when=Compare(Item("l"), "!=", "$${z}")).entries
    tasks, absent = go_on(entry, ["${q}", "${z}", "$${q}"])
    assert names(tasks) == ["t ${q}", "t $${q}"]
    assert absent == ["t ${z}"]
    assert written(tasks[0].spec)["x"] == "$${q}"
    assert written(tasks[0].spec)["y"] == "<$${q}>"


def test_values_keep_their_types() -> None:
    (entry,) = one(Spec(name="t ${j.n}", x="${j}", n="${j.n}"), for_each={"j": Json("f", "q")}).entries
    tasks, _ = go_on(entry, [{"n": 1, "in": [True, None]}])
    assert written(tasks[0].spec)["x"] == {"n": 1, "in": [True, None]}
    assert written(tasks[0].spec)["n"] == 1


@pytest.mark.parametrize(
    ("template", "uri", "expected"),
    [
        ("out/${f.path}/${f.stem}.${f.ext}", "a.csv", "out/a.csv"),
        ("out/${f.path}/${f.stem}.${f.ext}", "d/e/a.csv", "out/d/e/a.csv"),
        ("${f.path}/${f.stem}", "a.csv", "a"),
        ("${f.prefix}/${f.path}/${f.stem}", "a.csv", "a"),
        ("https://host/${f.path}/x", "a.csv", "https://host/x"),
        ("//own//${f.path}/x", "a.csv", "//own//x"),
        ("pre${f.path}/x", "a.csv", "pre/x"),
        ("a/$${f.path}/x", "a.csv", "a/$${f.path}/x"),
        ("a/${f.path}", "a.csv", "a/"),
        ("${f.stem}.${f.ext}", "README", "README"),
    ],
)
def test_an_empty_part_leaves_no_slash_behind_in_paths(template: str, uri: str, expected: str) -> None:
    spec = FilesSpec(name="t ${f.uri}", source=template, destination=template, folder=template, text=template)
    (entry,) = one(spec, for_each={"f": Glob("*")}).entries
    turn = written(go_on(entry, [file(uri)])[0][0].spec)
    assert (turn["source"], turn["destination"], turn["folder"]) == (expected, expected, expected)


def test_what_is_no_path_stays_as_it_is() -> None:
    spec = FilesSpec(name="t ${f.uri}", source="a", destination="b", text="${f.path}/x.${f.ext}")
    (entry,) = one(spec, for_each={"f": Glob("*")}).entries
    assert written(go_on(entry, [file("a")])[0][0].spec)["text"] == "/x."


def test_inner_patterns_and_tasks_within_are_tidied_too() -> None:
    inner = FilesSpec(name="copy ${f.path}", source="${f.path}/a", destination="b/${f.path}/c")

    class DoSpec(Spec):
        do: list[Spec] = []  # noqa: RUF012 (a pydantic field: each spec has its own)

    (entry,) = one(DoSpec(name="t ${f.uri}", do=[inner]), for_each={"f": Glob("*"), "g": Glob("x/${f.path}/*")}).entries
    ((turn,), _) = go_on(entry, [file("a.csv")])
    assert str(turn.loop) == 'glob("x/*")'
    assert [(written(each)["source"], written(each)["destination"]) for each in written(turn.spec)["do"]] == [("a", "b/c")]


def test_a_condition_that_the_start_decides_keeps_a_loop_from_being_asked() -> None:
    condition = {"for_each": {"f": Glob("*")}, "when": Param("on")}
    found = one(Spec(name="copy ${f.stem}"), {"on": False}, **condition)
    assert (found.entries, found.absent) == ((), {"copy ${f.stem}"})
    assert len(one(Spec(name="copy ${f.stem}"), {"on": True}, **condition).entries) == 1


def test_a_list_param_is_spread_at_the_start_and_what_is_outside_may_name_the_statement() -> None:
    loops = {"s": ("x", "y"), "p": Param("list")}
    found = one(Spec(name="copy ${s} ${p}"), {"list": ["a", "${b}"]}, for_each=loops, group="g")
    assert [entry.name for entry in found.entries] == ["copy x a", "copy x ${b}", "copy y a", "copy y ${b}"]
    assert found.entries[0].groups == ("g", "copy ${s} ${p}", "copy x ${p}")
    assert one(Spec(name="copy ${p}"), {"list": []}, for_each={"p": Param("list")}).groups == {"copy ${p}"}


@pytest.mark.parametrize("value", ["text", None, {"a": 1}])
def test_a_param_that_is_no_list_is_refused(value: object) -> None:
    with pytest.raises(StepInvalidError, match=r"the loop over `p` is given .*, which is no list"):
        one(Spec(name="copy ${p}"), {"p": value}, for_each={"p": Param("p")})


def test_two_turns_of_one_name_are_refused_with_their_items() -> None:
    (entry,) = one(Spec(name="copy ${f.stem}"), for_each={"f": Glob("*")}).entries
    with pytest.raises(StepInvalidError, match=r"two turns make a task `copy a`: that of `f` = .*a\.csv.*, and that of `f` = .*a\.tsv"):
        go_on(entry, [file("a.csv"), file("a.tsv")])
    with pytest.raises(StepInvalidError, match="two turns make a task `copy 1`: that of `p` = 1, and that of `p` = 1"):
        one(Spec(name="copy ${p}"), {"p": [1, 1]}, for_each={"p": Param("p")})


def test_an_item_without_the_member_is_refused() -> None:
    (entry,) = one(Spec(name="copy ${j.name}"), for_each={"j": Json("f", "q")}).entries
    with pytest.raises(StepInvalidError, match=r"the loop's `j\.name`: there is no `name` in 'text'"):
        go_on(entry, ["text"])


def test_more_turns_than_a_step_may_have_are_refused() -> None:
    (entry,) = one(Spec(name="copy ${a} ${b}"), for_each={"a": Lines("f"), "b": (1, 2)}).entries
    assert len(go_on(entry, ["a", "b"], 4)[0]) == 4
    with pytest.raises(StepInvalidError, match="more than 1,000,000 tasks"):
        go_on(entry, ["a", "b"], 3)


@pytest.mark.parametrize(
    ("source", "text"),
    [
        (Glob('a"b\\*'), r'glob("a\"b\\*")'),
        (Glob("*", allow_empty=True, number=2), 'glob("*", allow_empty = true)'),
        (Lines("l\n"), r'lines("l\n")'),
        (Json("f", "a[].b"), 'json("f", "a[].b")'),
        (Stored("key"), "key"),
    ],
)
def test_sources_are_shown_as_they_are_written(source: Any, text: str) -> None:
    assert as_written(source) == text


@pytest.mark.parametrize("source", [Glob("*"), Stored("x")])
def test_a_task_list_takes_no_open_loop(source: object) -> None:
    from otterdsl.runtime import Spread
    from otterdsl.runtime.task.spread import expand

    with pytest.raises(StepInvalidError, match="cannot stand here"):
        expand([Spread(for_each={"f": source}, spec=Spec(name="copy ${f}"))], {})
