"""Which explodes of a configuration become loops and which stay, where a mistake or a task made in a run is near."""

from pathlib import Path

import pytest

from otterdsl.compiler.frontend import check
from otterdsl.convert.check import check_config
from otterdsl.convert.convert import convert_config

RIGHT = "{name: explode x, foreach: [a], do: [{name: 'hello_world ${each}'}]}"


def written(tmp_path: Path, tasks: str, head: str = "") -> Path:
    path = tmp_path / "config.yaml"
    path.write_text(f"{head}steps:\n  s:\n{tasks}", encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("other", "codes"),
    [
        ("{name: explode x}", ["OT205", "OT207"]),
        ("{name: explode x, foreach: [b], weird: 4, do: [{name: 'hello_world ${each}'}]}", ["OT204", "OT207"]),
        (RIGHT, ["OT207"]),
    ],
)
@pytest.mark.parametrize("first", [True, False])
def test_of_two_explodes_with_one_name_none_becomes_a_loop_and_none_loses_a_field(other: str, codes: list[str], first: bool, tmp_path: Path) -> None:
    path = written(tmp_path, "".join(f"    - {each}\n" for each in ((other, RIGHT) if first else (RIGHT, other))))
    assert sorted(each.code for each in check_config(path).diagnostics) == codes
    converted = convert_config(path).text
    assert converted is not None
    assert converted.count("explode x {") == 2
    assert ("weird" in other) == ("weird" in converted)


GLOB = "    - {name: explode_glob g, glob: 'in/*.csv', do: [{name: 'hello_world g ${match_stem}'}]}\n"


@pytest.mark.parametrize(
    "task",
    [
        "{name: explode e, foreach: [a, b], do: [{name: 'hello_world e ${each}', requires: ['hello_world g ${each}']}]}",
        "{name: explode e, foreach: '${names}', do: [{name: 'hello_world e ${each}', requires: ['hello_world g ${each}']}]}",
        "{name: hello_world e, requires: [hello_world g a]}",
        "{name: explode e, requires: [hello_world g a], foreach: [a, b], do: [{name: 'hello_world e ${each}'}]}",
        "{name: explode_glob h, glob: 'in/*.csv', do: [{name: 'hello_world e ${match_stem}', requires: ['hello_world g ${match_stem}']}]}",
    ],
)
def test_a_task_that_a_run_makes_can_be_required(task: str, tmp_path: Path) -> None:
    path = written(tmp_path, f"{GLOB}    - {task}\n", "scratchpad: {names: [a, b]}\n")
    assert check_config(path).diagnostics == ()
    converted = tmp_path / "config.otter"
    converted.write_text(convert_config(path).text or "", encoding="utf-8")
    assert [each for each in check(converted).diagnostics if each.code != "OT903"] == []


@pytest.mark.parametrize("name", ["hello_world f a", "copy g a", "hello_world g"])
def test_one_that_nothing_can_make_cannot(name: str, tmp_path: Path) -> None:
    alone = check_config(written(tmp_path, f"{GLOB}    - {{name: hello_world e, requires: [{name}]}}\n")).diagnostics
    assert [each.code for each in alone] == ["OT203"]
    turns = "{name: explode e, foreach: [g a, f b], do: [{name: 'hello_world e ${each}', requires: ['hello_world ${each}']}]}"
    (turn,) = check_config(written(tmp_path, f"{GLOB}    - {turns}\n")).diagnostics
    assert (turn.code, "`hello_world f b`" in turn.message) == ("OT203", True)


def test_tasks_that_one_task_makes_can_require_each_other(tmp_path: Path) -> None:
    both = "{name: 'hello_world g ${match_stem}'}, {name: 'hello_world h ${match_stem}', requires: [hello_world g a]}"
    assert check_config(written(tmp_path, f"    - {{name: explode_glob g, glob: 'in/*.csv', do: [{both}]}}\n")).diagnostics == ()


LATE = "    - {name: explode_glob g, glob: 'in/*.csv', do: [{name: 'find_latest ${match_stem}', source: a, scratchpad_key: 'late_${match_stem}'}]}\n"


@pytest.mark.parametrize(("key", "codes"), [("late_a", []), ("late_", ["OT501"]), ("lat_a", ["OT501"])])
def test_a_key_that_a_task_made_in_a_run_may_store_can_be_used(key: str, codes: list[str], tmp_path: Path) -> None:
    path = written(tmp_path, f"{LATE}    - {{name: hello_world k, requires: [explode_glob g], who: '${{{key}}}'}}\n")
    assert [each.code for each in check_config(path).diagnostics] == codes
    converted = tmp_path / "config.otter"
    converted.write_text(convert_config(path).text or "", encoding="utf-8")
    assert [each.code for each in check(converted).diagnostics] == codes
