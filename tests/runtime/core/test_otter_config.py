"""Otter's own configuration: settings, specs, scratchpad, and a step run from it."""

import asyncio
import errno
import inspect
import json
import queue
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Self, get_args

import pytest
import yaml
from pipelines import load as loaded
from pipelines import package, write
from pydantic import ValidationError
from steps import registry

import otterdsl.runtime.task as task_room
from otterdsl.runtime.config import Config, load_config
from otterdsl.runtime.config.model import LOG_LEVELS
from otterdsl.runtime.config.yaml import task_lines
from otterdsl.runtime.configuration import open_configuration
from otterdsl.runtime.core import Runner
from otterdsl.runtime.manifest.model import Result
from otterdsl.runtime.scratchpad import load_scratchpad
from otterdsl.runtime.step.model import Step
from otterdsl.runtime.step.worker import worker_process
from otterdsl.runtime.task import load_specs
from otterdsl.runtime.task.model import Spec, State, Task
from otterdsl.runtime.task.task_reporter import report
from otterdsl.runtime.util import errors
from otterdsl.runtime.util.errors import OtterError, StepInvalidError

CONFIG = {
    "work_path": "./out",
    "pool_size": 3,
    "scratchpad": {"who": "all of you"},
    "steps": {
        "greet": [
            {"name": "hello_world one", "who": "${who}"},
            {"name": "hello_world two", "requires": ["hello_world one"]},
            {"name": "explode three", "foreach": ["x", "y"], "do": [{"name": "hello_world ${each}", "who": "${each}"}]},
        ],
        "other": [],
    },
}


@pytest.fixture
def config_path(tmp_path: Path) -> Path:
    path = tmp_path / "config.yaml"
    path.write_text(yaml.safe_dump(CONFIG))
    return path


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., None]:
    def typed(*arguments: str, **environ: str) -> None:
        monkeypatch.setattr(sys, "argv", ["runner", *arguments])
        monkeypatch.chdir(tmp_path)
        for name, value in environ.items():
            monkeypatch.setenv(name, value)

    return typed


# ---------------------------------------------------------------- Config


def test_settings_have_these_defaults() -> None:
    config = Config(step="s")
    assert config.model_dump() == {
        "runner_name": "otter",
        "step": "s",
        "steps": [],
        "config_path": Path("config.yaml"),
        "work_path": Path("output"),
        "release_uri": None,
        "pool_size": 5,
        "log_level": "INFO",
        "grace": "10s",
        "mirrors": {},
        "secrets_path": None,
        "memory": None,
        "source_root": None,
    }


def test_the_log_levels() -> None:
    assert get_args(LOG_LEVELS) == ("TRACE", "DEBUG", "INFO", "SUCCESS", "WARNING", "ERROR", "CRITICAL")


def test_settings_are_frozen() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        Config(step="s").step = "t"


def test_a_step_that_is_none_of_the_steps_is_refused() -> None:
    with pytest.raises(StepInvalidError, match=r"no step `gret`; did you mean `greet`\?"):
        Config(step="gret", steps=["greet"])


@pytest.mark.parametrize("settings", [{"pool_size": 0}, {"release_uri": "x"}, {"log_level": "LOUD"}, {"grace": "soon"}, {"memory": "lots"}])
def test_settings_that_make_no_sense_are_refused(settings: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Config(step="s", **settings)


def test_the_release_has_no_slash_at_its_end() -> None:
    assert Config(step="s", release_uri="gs://bucket/release/").release_uri == "gs://bucket/release"


def test_the_command_line_comes_before_the_environment_that_before_the_file(command: Callable[..., None], config_path: Path) -> None:
    command("-s", "greet", "-c", str(config_path))
    config = load_config("pis")
    assert (config.runner_name, config.step, config.steps, config.pool_size) == ("pis", "greet", ["greet", "other"], 3)
    assert config.work_path == config_path.parent / "out"
    command("-c", str(config_path), "-p", "9", PIS_STEP="other", PIS_POOL_SIZE="4", PIS_LOG_LEVEL="DEBUG", PIS_GRACE="1s")
    config = load_config("pis")
    assert (config.step, config.pool_size, config.log_level, config.grace) == ("other", 9, "DEBUG", "1s")
    command("-s", "greet", "-w", "elsewhere", "-r", "file:///tmp/x/", "-l", "ERROR")
    config = load_config("pis")
    assert (config.step, config.pool_size, config.log_level, config.release_uri) == ("greet", 4, "ERROR", "file:///tmp/x")
    assert config.work_path == config_path.parent / "elsewhere"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["-s", "gret"], "no step `gret`; there are `greet`, `other`"),
        ([], "no step is given"),
        (["-s", "greet", "-c", "absent.yaml"], "cannot read"),
        (["-s", "greet", "-p", "0"], "pool_size"),
    ],
)
def test_settings_that_cannot_be_used_end_the_program(
    command: Callable[..., None], config_path: Path, caplog: pytest.LogCaptureFixture, arguments: list[str], message: str
) -> None:
    command(*arguments)
    with pytest.raises(SystemExit) as caught:
        load_config("pis")
    assert caught.value.code == errno.EINVAL
    assert message in caplog.text


@pytest.mark.parametrize("name", ["X", "a", "1abc", "with space", "x" * 33])
def test_a_runner_has_a_proper_name(name: str) -> None:
    with pytest.raises(SystemExit) as caught:
        load_config(name)
    assert caught.value.code == errno.EINVAL


# ---------------------------------------------------------------- load_specs


def test_specs_come_from_yaml(config_path: Path) -> None:
    specs = load_specs(config_path, "greet")
    assert [spec.name for spec in specs] == ["hello_world one", "hello_world two", "explode three"]
    assert all(type(spec) is Spec for spec in specs)
    assert specs[0].model_extra == {"who": "${who}"}
    assert load_specs(config_path, "no such step") == []
    assert list(inspect.signature(load_specs).parameters) == ["config_path", "step_name"]


def test_the_file_is_read_by_the_name_parse_yaml(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(task_room, "parse_yaml", lambda path: {"steps": {"s": [{"name": f"copy {path}"}]}})
    assert load_specs(Path("anywhere"), "s") == [Spec(name="copy anywhere")]


def test_specs_come_from_a_compiled_package(tmp_path: Path) -> None:
    step = "class A(Noop):\n    for_each = {'i': (1, 2)}\n    spec = Spec(name='noop ${i}')\n"
    folder = write(tmp_path / "p", package({"one": step}))
    assert [spec.name for spec in load_specs(folder, "one")] == ["noop 1", "noop 2"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "holds no configuration"),
        ("- a", "holds no configuration"),
        ("a: [", "is not YAML"),
        ("steps: 3", "is no map"),
        ("steps: {s: {name: a}}", "is no list of tasks"),
        ("steps: {s: [a]}", "is no list of tasks"),
        ("steps: {s: [{name: ''}]}", "does not begin with a task type"),
        ("steps: {s: [{who: x}]}", "name: Field required"),
        ("steps: {s: [{1: x}]}", "task `?` of step `s`"),
        ("steps: {s: [{name: copy a}, {name: copy a}]}", "two tasks `copy a`"),
        ("steps: {s: [{name: copy a, requires: [copy ab]}]}", "requires `copy ab`, which step `s` does not have; did you mean `copy a`?"),
    ],
)
def test_specs_that_cannot_be_loaded_end_the_program(tmp_path: Path, caplog: pytest.LogCaptureFixture, text: str, message: str) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(text)
    with pytest.raises(SystemExit) as caught:
        load_specs(path, "s")
    assert caught.value.code == 22
    assert message in caplog.text


@pytest.mark.parametrize(
    "tasks",
    [
        "[{name: explode z, foreach: [a], do: [{name: 'copy ${each}'}]}, {name: copy last, requires: [copy a]}]",
        "[{name: make them, do: [{name: copy a}]}, {name: copy last, requires: [copy a]}]",
        "[{name: explode_files all}, {name: copy last, requires: [copy a]}]",
        "[{name: 'copy ${who}'}, {name: copy last, requires: [copy bob]}]",
        "[{name: copy bob}, {name: copy last, requires: ['copy ${who}']}]",
        "[{name: 'copy ${stored}'}, {name: copy last, requires: [copy it]}]",
        "[{name: copy a}, {name: copy last, requires: ['copy ${stored}']}]",
    ],
)
def test_what_a_run_may_yet_make_can_be_required(tmp_path: Path, tasks: str) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(f"scratchpad: {{who: bob}}\nsteps: {{s: {tasks}}}")
    assert [spec.name for spec in load_specs(path, "s")][-1] == "copy last"


def test_two_tasks_may_not_have_one_name_once_it_is_filled_in(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "config.yaml"
    path.write_text("scratchpad: {who: bob}\nsteps: {s: [{name: copy bob}, {name: 'copy ${who}'}]}")
    with pytest.raises(SystemExit):
        load_specs(path, "s")
    assert "two tasks `copy bob`" in caplog.text


@pytest.mark.parametrize(("written", "name"), [("2024", "2024"), ("true", "true"), ("2.50", "2.50"), ("~", "~"), ("'a b'", "a b")])
def test_a_step_is_called_as_it_is_written(tmp_path: Path, written: str, name: str) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(f"steps: {{other: [], {written}: [{{name: copy a}}]}}")
    assert [spec.name for spec in load_specs(path, name)] == ["copy a"]
    assert task_lines(path) == {"other": {}, name: {"copy a": 1}}


def test_lines_are_those_of_the_tasks_that_count(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    tasks = "    - *base\n    -\n      <<: *base\n      name: copy b\n"
    path.write_text(f"steps:\n  s: [{{name: copy old}}]\nbase: &base\n  name: copy a\nsteps:\n  s:\n{tasks}  t: 3\n")
    assert task_lines(path) == {"s": {"copy a": 3, "copy b": 9}, "t": {}}


def test_what_is_no_package_ends_the_program(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(SystemExit) as caught:
        load_specs(tmp_path, "s")
    assert caught.value.code == 22
    assert "is no compiled pipeline" in caplog.text


def test_the_scratchpad_comes_from_the_file_and_each_has_its_own(config_path: Path) -> None:
    load_scratchpad(config_path).store("who", "x")
    assert load_scratchpad(config_path).sentinel_dict == {"who": "all of you"}


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("pre-${who}", "pre-bob"),
        ("${n}", 3),
        ("${b}/x", "pre-bob-3/x"),
        ({"${who}": ["${n}", "${later}"]}, {"bob": [3, "${later}"]}),
        ("$${who} ${who}", "$${who} bob"),
        ("$${who}", "$${who}"),
        ("$who", "$who"),
    ],
)
def test_values_of_the_scratchpad_may_speak_of_each_other(tmp_path: Path, written: object, value: object) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(yaml.safe_dump({"scratchpad": {"a": written, "b": "pre-${who}-${n}", "who": "bob", "n": 3}}))
    assert load_scratchpad(path).sentinel_dict == {"a": value, "b": "pre-bob-3", "who": "bob", "n": 3}


def test_a_long_chain_of_values_is_followed(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(yaml.safe_dump({"scratchpad": {f"k{n}": f"${{k{n + 1}}}" for n in range(3000)} | {"k3000": "end"}}))
    assert load_scratchpad(path).sentinel_dict["k0"] == "end"


@pytest.mark.parametrize("text", ["{a: '${a}'}", "{a: '${b}', b: 'x ${a}'}"])
def test_values_that_stand_for_each_other_end_the_program(tmp_path: Path, caplog: pytest.LogCaptureFixture, text: str) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(f"scratchpad: {text}\nsteps: {{s: []}}")
    for load in (load_scratchpad, lambda path: load_specs(path, "s")):
        with pytest.raises(SystemExit) as caught:
            load(path)
        assert caught.value.code == errno.EINVAL
        assert "in a circle: `a` →" in caplog.text
        caplog.clear()


# ---------------------------------------------------------------- Runner


def test_a_runner_runs_a_step(command: Callable[..., None], config_path: Path) -> None:
    command("-s", "greet")
    runner = Runner("pis")
    runner.start()
    step = asyncio.run(runner.run())
    assert isinstance(step, Step)
    assert step.manifest.result is Result.SUCCESS
    assert sorted(step.tasks) == ["explode three", "hello_world one", "hello_world two", "hello_world x", "hello_world y"]
    manifest = json.loads((config_path.parent / "out" / "manifest.json").read_text())
    assert manifest["steps"]["pis_greet"]["result"] == "success"
    assert manifest["steps"]["pis_other"]["result"] == "pending"
    artifacts = [artifact["destination"] for artifact in manifest["steps"]["pis_greet"]["artifacts"]]
    assert sorted(artifacts) == ["all of you", "world", "x", "y"]


def test_a_runner_takes_task_packages(command: Callable[..., None], config_path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "greeting_tasks_of_tests"
    folder.mkdir()
    (folder / "__init__.py").write_text("")
    (folder / "shout.py").write_text("from otterdsl.runtime import Task\nclass Shout(Task):\n    def run(self):\n        return self\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    config_path.write_text(yaml.safe_dump({"steps": {"s": [{"name": "shout loudly"}]}}))
    command("-s", "s")
    runner = Runner("pis")
    runner.register_tasks("greeting_tasks_of_tests")
    assert asyncio.run(runner.run()).manifest.result is Result.SUCCESS


# ---------------------------------------------------------------- the rest of what is kept


def test_a_worker_executes_tasks_from_a_queue() -> None:
    class Checked(Task):
        @report
        def run(self) -> Self:
            return self

        async def validate(self) -> Self:
            return self

    made = registry({"t": Checked})
    tasks = [made.build(Spec(name=f"t {n}")) for n in range(2)]
    todo: queue.Queue[Task | None] = queue.Queue()
    done: queue.Queue[Task] = queue.Queue()
    for item in (*tasks, None):
        todo.put(item)
    worker_process(1, todo, done, threading.Event())
    assert [done.get() for _ in tasks] == tasks
    assert [task.context.state for task in tasks] == [State.RUNNING, State.RUNNING]
    for task in tasks:
        task.context.state = task.get_next_state()
    for item in (*tasks, None):
        todo.put(item)
    worker_process(1, todo, done, threading.Event())
    assert [task.manifest.result for task in tasks] == [Result.SUCCESS, Result.SUCCESS]


def test_a_worker_ends_when_it_is_told_to() -> None:
    stop = threading.Event()
    stop.set()
    todo: queue.Queue[Task | None] = queue.Queue()
    worker_process(1, todo, todo, stop)
    assert todo.empty()


@pytest.mark.parametrize(
    "name",
    """NotFoundError PreconditionFailedError StorageError ScratchpadError TaskBuildError TaskRunError TaskAbortedError TaskDuplicateError
    TaskValidationError StepInvalidError StepFailedError ManifestError DownloadError UploadError CopyError FSError""".split(),
)
def test_every_error_is_an_otter_error(name: str) -> None:
    assert issubclass(getattr(errors, name), OtterError)


def test_errors_say_what_otters_say() -> None:
    assert str(errors.TaskDuplicateError("copy a")) == "duplicate task: `copy a`"
    assert str(errors.TaskBuildError("copy a")) == "cannot build task `copy a`"
    assert str(errors.TaskAbortedError()) == "another task failed, task aborted"
    assert str(errors.NotFoundError()) == "item not found"
    assert str(errors.NotFoundError(thing="x")) == "x not found"
    assert str(errors.NotFoundError("y")) == "y"


def test_a_pipeline_of_nothing_loads() -> None:
    assert loaded({}).steps == ()


def test_tasks_within_tasks_have_lines_too_and_the_outer_ones_count_first(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    tasks = "  - name: copy b\n  - name: explode e\n    do:\n    - name: copy ${each}\n    - name: copy b\n"
    path.write_text(f"steps:\n  s:\n{tasks}", encoding="utf-8")
    assert task_lines(path) == {"s": {"copy ${each}": 6, "copy b": 3, "explode e": 4}}


@pytest.mark.parametrize(("name", "line"), [("explode e", 3), ("copy x.a", 6), ("copy x.", 6), ("copy xya", None), ("hello_world x.a", None)])
def test_a_task_that_another_made_stands_where_its_template_does(name: str, line: int | None, tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text("steps:\n  s:\n  - name: explode e\n    foreach: [a]\n    do:\n    - name: copy x.${each}\n", encoding="utf-8")
    place = open_configuration(path, []).place_of("s", name)
    assert (place and place.line) == line


def test_tasks_that_hold_themselves_have_one_line_each(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text("steps:\n  s: &s\n  - name: explode e\n    do: *s\n", encoding="utf-8")
    assert task_lines(path) == {"s": {"explode e": 3}}
