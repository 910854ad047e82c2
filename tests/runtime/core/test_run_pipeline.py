"""Compiled pipelines from beginning to end."""

import asyncio
import json
import threading
from pathlib import Path

import pytest
from pipelines import load, package, run, write

from otterdsl.runtime.config.model import Config
from otterdsl.runtime.core import pipeline_config, plan_pipeline, run_pipeline
from otterdsl.runtime.loader import load_package
from otterdsl.runtime.manifest.model import Result
from otterdsl.runtime.params import resolve_params
from otterdsl.runtime.util.errors import ConfigError, FSError, ManifestError, StepInvalidError, UnsupportedError

BOOM = "class Boom(Task):\n    spec = Spec(name='boom a')\n    async def run(self):\n        raise ValueError('no')\n"


def noop(name: str, *requires: str, more: str = "") -> str:
    letters = "".join(char for char in name if char.isalnum())
    return f"class N{letters}(Noop):\n{more}    spec = Spec(name={name!r}, requires={list(requires)!r})\n"


LOOP = "    for_each = {'each': ('x', 'y')}\n    group = 'both'\n"
WHEN = "    when = Param('on')\n"
STEPS = {
    "first": noop("n ${each}", more=LOOP) + noop("n off", more=WHEN) + noop("n after", "both", "n off"),
    "second": noop("n only"),
}
PARAMS = "params=[CompiledParam(name='on', type=bool, default=False)], settings={'pool_size': 3}"


def test_a_compiled_package_runs_from_its_folder(tmp_path: Path) -> None:
    loaded = load_package(write(tmp_path / "p", package(STEPS, {"second": ["first"]}, PARAMS)))
    ran = run(loaded, tmp_path)
    assert ran.result.ok
    assert ran.finished() == ["n x", "n y", "n after", "n only"]
    assert list(ran.manifest["steps"]) == ["p_first", "p_second"]
    assert ran.manifest["result"] == "success"
    assert {task["result"] for step in ran.manifest["steps"].values() for task in step["tasks"]} == {"success"}


def test_a_param_brings_tasks_in(tmp_path: Path) -> None:
    assert "n off" in run(load(STEPS, more=PARAMS), tmp_path, sets={"on": "true"}).finished()


def test_steps_run_in_the_order_of_their_requires(tmp_path: Path) -> None:
    steps = {"c": noop("n c"), "b": noop("n b"), "a": noop("n a")}
    ran = run(load(steps, {"c": ["b"], "b": ["a"]}), tmp_path)
    assert ran.finished() == ["n a", "n b", "n c"]
    assert [step.name for step in ran.result.steps] == ["a", "b", "c"]


def test_steps_that_nothing_orders_run_side_by_side(tmp_path: Path) -> None:
    text = (
        "class M(Task):\n    spec = Spec(name='m x')\n    def run(self):\n"
        "        from test_run_pipeline import MEET\n        MEET.wait()\n        return self\n"
    )
    ran = run(load({"a": text, "b": text}), tmp_path, pool_size=2)
    assert ran.result.ok


MEET = threading.Barrier(2, timeout=20)


@pytest.mark.parametrize(
    ("steps", "with_required", "ran"),
    [
        (["c"], False, ["n c"]),
        (["c"], True, ["n a", "n b", "n c"]),
        (["c", "a"], False, ["n a", "n c"]),
        (None, False, ["n a", "n b", "n c", "n d"]),
        ([], False, ["n a", "n b", "n c", "n d"]),
    ],
)
def test_named_steps_run_alone_or_with_those_before(tmp_path: Path, steps: list[str] | None, with_required: bool, ran: list[str]) -> None:
    loaded = load({name: noop(f"n {name}") for name in "abcd"}, {"b": ["a"], "c": ["b"], "d": ["c"]})
    found = run(loaded, tmp_path, steps=steps, with_required=with_required)
    assert sorted(found.finished()) == ran
    assert found.manifest["result"] == ("success" if len(ran) == 4 else "pending")


def test_a_failed_step_stops_the_run(tmp_path: Path) -> None:
    ran = run(load({"a": BOOM, "b": noop("n b"), "c": noop("n c")}, {"b": ["a"]}), tmp_path)
    assert ran.result.result is Result.FAILURE
    assert ran.result.failure_reason == "step `a` failed: p.otter:7: task `boom a` failed: ValueError: no"
    steps = ran.manifest["steps"]
    assert (steps["p_a"]["result"], steps["p_b"]["result"]) == ("failure", "pending")
    assert steps["p_a"]["failure_reason"] == "p.otter:7: task `boom a` failed: ValueError: no"
    assert ran.manifest["result"] == "failure"


def test_a_step_beside_a_failed_one_is_aborted(tmp_path: Path) -> None:
    wait = (
        "import asyncio\nclass W(Task):\n    spec = Spec(name='w a')\n    async def run(self):\n"
        "        await asyncio.to_thread(self.context.abort.wait, 20)\n        return self\n"
    )
    ran = run(load({"a": BOOM.replace("raise", "await __import__('asyncio').sleep(0.05)\n        raise"), "b": wait + noop("n b", "w a")}), tmp_path)
    step = ran.manifest["steps"]["p_b"]
    assert (step["result"], step["failure_reason"]) == ("aborted", "step `a` failed")
    assert [(task["name"], task["result"]) for task in step["tasks"]] == [("w a", "success"), ("n b", "aborted")]


def test_an_earlier_manifest_is_kept(tmp_path: Path) -> None:
    loaded = load({"a": noop("n a"), "b": noop("n b")})
    run(loaded, tmp_path, steps=["a"])
    first = json.loads((tmp_path / "work" / "manifest.json").read_text())["steps"]["p_a"]
    assert run(loaded, tmp_path, steps=["b"]).manifest["steps"]["p_a"] == first


def test_running_twice_gives_the_same(tmp_path: Path) -> None:
    loaded = load(STEPS, {"second": ["first"]}, PARAMS)
    assert run(loaded, tmp_path).finished() == run(loaded, tmp_path).finished()


def test_subtasks_find_types_that_nothing_imported(tmp_path: Path) -> None:
    text = "class E(Explode):\n    spec = ExplodeSpec(name='explode a', foreach=['x', 'y'], do=[Spec(name='hello_world ${each}', who='${each}')])\n"
    ran = run(load({"a": text}), tmp_path)
    assert ran.finished() == ["hello_world x", "hello_world y", "explode a"]


def test_a_subtask_that_fails_names_the_line_of_its_parents_statement(tmp_path: Path) -> None:
    text = "class Boom(Explode):\n    spec = ExplodeSpec(name='explode a', foreach=['x'], do=[Spec(name='find_latest ${each}', source='none/*')])\n"
    ran = run(load({"a": text}), tmp_path)
    step = ran.manifest["steps"]["p_a"]
    assert step["failure_reason"] == "p.otter:7: task `find_latest x` failed: no file matches `none/*`"
    assert [task["source_line"] for task in step["tasks"]] == ["p.otter:7", "p.otter:7"]


# ---------------------------------------------------------------- refused before anything starts


def expect_refusal(
    tmp_path: Path, error: type[Exception], message: str, steps: dict[str, str] | None = None, named: list[str] | None = None, **settings: object
) -> None:
    made = tmp_path / "made"
    touch = f"class A(Task):\n    spec = Spec(name='touch a')\n    async def run(self):\n        open({str(made)!r}, 'w')\n        return self\n"
    loaded = load({"touch": touch, **(steps or {})}, more=PARAMS)
    config = Config(**{"work_path": tmp_path / "work", **settings})
    with pytest.raises(error, match=message):
        asyncio.run(run_pipeline(loaded, config=config, params={"on": False}, steps=named))
    assert not made.exists()


def test_an_unknown_step_is_refused(tmp_path: Path) -> None:
    expect_refusal(tmp_path, StepInvalidError, r"no step `tuoch`; did you mean `touch`\?", named=["touch", "tuoch"])


def test_tasks_that_cannot_be_ordered_are_refused(tmp_path: Path) -> None:
    expect_refusal(
        tmp_path,
        StepInvalidError,
        "step `b`: the tasks wait for each other in a circle: `n a` → `n b` → `n a`",
        {"b": noop("n a", "n b") + noop("n b", "n a")},
    )
    expect_refusal(tmp_path, StepInvalidError, "step `b`: task `n a` requires `n x`, which does not exist", {"b": noop("n a", "n x")})
    expect_refusal(tmp_path, StepInvalidError, "step `b`: duplicate task: `n 1`", {"b": noop("n ${i}", more="    for_each = {'i': (1, 1)}\n")})


def test_steps_that_wait_for_each_other_are_refused(tmp_path: Path) -> None:
    loaded = load({"a": noop("n a"), "b": noop("n b")}, {"a": ["b"], "b": ["a"]})
    with pytest.raises(StepInvalidError, match="in a circle"):
        run(loaded, tmp_path)


def test_a_corrupt_manifest_is_refused(tmp_path: Path) -> None:
    (tmp_path / "work").mkdir()
    (tmp_path / "work" / "manifest.json").write_text("{")
    expect_refusal(tmp_path, ManifestError, "is no manifest")


def test_a_work_path_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "work").write_text("")
    expect_refusal(tmp_path, (FSError, ManifestError), "work")


def test_a_remote_release_is_refused_for_now(tmp_path: Path) -> None:
    expect_refusal(tmp_path, UnsupportedError, "only `file://` is supported yet", release_uri="s3://bucket/x")


# ---------------------------------------------------------------- settings and previews


def test_settings_come_from_the_command_the_environment_the_pipeline_and_the_defaults() -> None:
    loaded = load(STEPS, more=PARAMS)
    config = pipeline_config(loaded, {"work_path": "w", "pool_size": None}, {"P_GRACE": "3s", "P_WORK_PATH": "other", "OTHER": "x"})
    assert (config.work_path, config.pool_size, config.grace, config.log_level) == (Path("w"), 3, "3s", "INFO")
    assert (config.runner_name, config.steps) == ("p", ["first", "second"])
    assert pipeline_config(loaded, {"pool_size": 7}, {"P_POOL_SIZE": "4"}).pool_size == 7
    assert pipeline_config(loaded, {}, {"P_POOL_SIZE": "4"}).pool_size == 4


@pytest.mark.parametrize(
    ("typed", "environ"), [({"pool_size": 0}, {}), ({"grace": "soon"}, {}), ({}, {"P_POOL_SIZE": "x"}), ({"release_uri": "no uri"}, {})]
)
def test_settings_that_cannot_be_used_are_named(typed: dict[str, object], environ: dict[str, str]) -> None:
    with pytest.raises(ConfigError, match=r"pool_size|grace|release_uri|`P_POOL_SIZE` is `x`"):
        pipeline_config(load(STEPS, more=PARAMS), typed, environ)


def test_a_preview_names_tasks_in_an_order_in_which_they_could_run() -> None:
    steps = {"first": noop("n last", "n ${each}".replace("${each}", "x"), "both") + STEPS["first"], "second": BOOM}
    loaded = load(steps, {"first": ["second"]}, PARAMS)
    second, first = plan_pipeline(loaded, resolve_params(loaded, {}, {}))
    assert (second.name, first.name, first.requires) == ("second", "first", ("second",))
    assert [(task.name, task.after) for task in first.tasks] == [("n x", ()), ("n y", ()), ("n last", ("n x", "both")), ("n after", ("both",))]
    boom = second.tasks[0]
    assert (boom.type, boom.fan_out, boom.spec, boom.file, boom.line) == ("boom", None, {}, "p.otter", 7)


def test_a_preview_shows_what_was_written_as_json_can_hold_it() -> None:
    text = (
        "class E(Explode):\n    for_each = {'i': ('x',)}\n    spec = ExplodeSpec(name='explode ${i}', foreach=['${i}', '$${k}'],"
        " do=[Spread(for_each={'j': (1, 2)}, spec=Spec(name='noop ${each} ${j}', map={'a': ('${later}', None)}))])\n"
    )
    task = plan_pipeline(load({"a": text}), {})[0].tasks[0]
    inner = [{"name": f"noop ${{each}} {j}", "map": {"a": ["${later}", None]}} for j in (1, 2)]
    assert task.name == "explode x"
    assert json.loads(json.dumps(task.spec)) == {"foreach": ["x", "$${k}"], "do": inner}


def test_a_preview_of_an_unknown_step_is_refused() -> None:
    with pytest.raises(StepInvalidError, match="no step"):
        plan_pipeline(load(STEPS, more=PARAMS), {"on": True}, ["third"])


def test_a_statement_whose_class_has_no_run_is_refused_before_anything_starts(tmp_path: Path) -> None:
    idle = "class Idle(Task):\n    spec = Spec(name='idle a')\n"
    with pytest.raises(StepInvalidError, match="task type `idle` has no `run`: its Python class must write one"):
        run(load({"main": idle}), tmp_path)
    assert not (tmp_path / "work").exists()
