"""Whole steps, as an application for Otter runs them: an argument list, a configuration, `Runner`, and what the step and the manifest then hold."""

import asyncio
import errno
import importlib
import json
import queue
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from otter_alias import Package

CONFIG = """\
work_path: ./elsewhere
log_level: DEBUG
pool_size: 2
scratchpad:
  keeper: Ada
steps:
  simple:
    - name: hello_world simple
      who: ${keeper}
  several:
    - name: hello_world first
    - name: hello_world second
    - name: hello_world third of them
      requires: [hello_world first, hello_world second]
  exploded:
    - name: explode a list
      foreach: [ada, grace]
      do:
        - name: hello_world for ${each}
          who: ${each}
  failing:
    - name: copy what is not there
      source: /nowhere/at/all.txt
      destination: all.txt
    - name: hello_world after it
      requires: [copy what is not there]
  feeding:
    - name: feed the animals
      food: fish for ${keeper}
  empty: []
"""
FEED = """\
class FeedSpec(Spec):
    food: str

class Feed(Task):
    def __init__(self, spec: FeedSpec, context: TaskContext) -> None:
        super().__init__(spec, context)
        self.spec: FeedSpec

    @report
    def run(self) -> Self:
        place = self.context.config.work_path / "eaten.txt"
        place.write_text(self.spec.food)
        self.artifacts = [Artifact(source="the keeper", destination=str(place))]
        return self

    @report
    def validate(self) -> Self:
        from otter.validators import file

        file.exists("eaten.txt", self.context.config)
        return self
"""

RunStep = Callable[..., Any]


@pytest.fixture
def run_step(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> RunStep:
    (tmp_path / "config.yaml").write_text(CONFIG)

    def run(step: str, *packages: str, name: str = "zoo") -> Any:
        monkeypatch.setattr(sys, "argv", [name, "-s", step, "-c", str(tmp_path / "config.yaml"), "-w", str(tmp_path / "work")])
        runner = importlib.import_module("otter").Runner(name)
        runner.start()
        for package in packages:
            runner.register_tasks(package)
        return asyncio.run(runner.run())

    return run


@pytest.mark.parametrize(("step", "count"), [("simple", 1), ("several", 3), ("exploded", 3), ("empty", 0)])
def test_a_step_comes_to_its_end(run_step: RunStep, step: str, count: int) -> None:
    ran = run_step(step)
    assert type(ran) is importlib.import_module("otter.step.model").Step
    assert ran.manifest.result == "success"
    assert len(ran.manifest.tasks) == len(ran.tasks) == count
    for task in ran.manifest.tasks:
        assert task.result == "success"
        assert task.started_run_at is not None
        assert task.finished_run_at is not None


def test_a_task_begins_when_what_it_requires_has_ended(run_step: RunStep) -> None:
    tasks = {task.name: task for task in run_step("several").manifest.tasks}
    third = tasks["hello_world third of them"]
    assert third.started_run_at >= max(tasks["hello_world first"].finished_run_at, tasks["hello_world second"].finished_run_at)


def test_a_task_that_fails_fails_its_step(run_step: RunStep) -> None:
    ran = run_step("failing")
    failed, never = ran.manifest.tasks
    assert (ran.manifest.result, failed.result, never.result) == ("failure", "failure", "aborted")
    assert "/nowhere/at/all.txt" in failed.failure_reason
    assert failed.failure_reason in ran.manifest.failure_reason
    assert never.started_run_at is None


def test_a_package_with_a_task_of_its_own(run_step: RunStep, package: Package, tmp_path: Path) -> None:
    ran = run_step("feeding", package(feed=FEED))
    assert ran.manifest.result == "success"
    assert (tmp_path / "work" / "eaten.txt").read_text() == "fish for Ada"
    assert [artifact.source for artifact in ran.manifest.artifacts] == ["the keeper"]
    task = ran.tasks["feed the animals"]
    assert type(task).__module__.startswith("animals_")
    assert type(task.spec).__name__ == "FeedSpec"


def test_the_manifest_has_otters_fields(run_step: RunStep, package: Package, tmp_path: Path) -> None:
    run_step("simple")
    run_step("feeding", package(feed=FEED))
    root = json.loads((tmp_path / "work" / "manifest.json").read_text())
    assert set(root) == {"result", "started_at", "modified_at", "log", "steps"}
    assert root["result"] == "pending"
    assert list(root["steps"]) == [f"zoo_{name}" for name in ("simple", "several", "exploded", "failing", "feeding", "empty")]
    step = root["steps"]["zoo_feeding"]
    assert set(step) == {"name", "result", "started_run_at", "finished_run_at", "log", "tasks", "artifacts", "failure_reason", "elapsed"}
    assert (step["name"], step["result"]) == ("feeding", "success")
    (task,) = step["tasks"]
    times = {"started_run_at", "finished_run_at", "started_validation_at", "finished_validation_at"}
    otters = {"name", "result", "log", "artifacts", "failure_reason", "run_elapsed", "validation_elapsed", "elapsed", *times}
    assert set(task) - otters == {"source_line"}
    assert task["source_line"] == "config.yaml:28"
    assert task["artifacts"] == step["artifacts"]
    assert all(task[name].endswith("Z") for name in times)
    model = importlib.import_module("otter.manifest.model").RootManifest
    assert model.model_validate(root).steps["zoo_feeding"].tasks[0].name == "feed the animals"


def test_results_of_two_applications_stand_side_by_side(run_step: RunStep, tmp_path: Path) -> None:
    run_step("simple")
    run_step("simple", name="farm")
    steps = json.loads((tmp_path / "work" / "manifest.json").read_text())["steps"]
    assert {name for name, step in steps.items() if step["result"] == "success"} == {"zoo_simple", "farm_simple"}


@pytest.mark.parametrize(
    ("arguments", "variables", "code"),
    [
        (["-s", "nothing"], {}, errno.EINVAL),
        ([], {}, errno.EINVAL),
        (["-s", "simple"], {"ZOO_POOL_SIZE": "many"}, errno.EINVAL),
        (["-s", "simple", "-c", "nowhere.yaml"], {}, errno.EINVAL),
        (["-s", "simple", "-p", "many"], {}, 2),
        (["-s", "simple", "-l", "LOUD"], {}, 2),
    ],
)
def test_what_cannot_be_used_ends_the_program_with_otters_code(
    arguments: list[str], variables: dict[str, str], code: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "config.yaml").write_text(CONFIG)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["zoo", *arguments])
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SystemExit) as ended:
        importlib.import_module("otter").Runner("zoo")
    assert ended.value.code == code


@pytest.mark.parametrize("name", ["Zoo", "z", "9zoo", "zoo-one", "z" * 33])
def test_a_name_that_no_runner_may_have(name: str) -> None:
    with pytest.raises(SystemExit) as ended:
        importlib.import_module("otter").Runner(name)
    assert ended.value.code == errno.EINVAL


def test_settings_come_from_the_environment_too(run_step: RunStep, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "config.yaml").write_text(CONFIG)
    monkeypatch.setattr(sys, "argv", ["zoo", "-p", "4"])
    for name, value in {"STEP": "simple", "CONFIG_PATH": "config.yaml", "WORK_PATH": "there", "POOL_SIZE": "3", "LOG_LEVEL": "ERROR"}.items():
        monkeypatch.setenv(f"ZOO_{name}", value)
    monkeypatch.chdir(tmp_path)
    config = importlib.import_module("otter").Runner("zoo").config
    assert (config.step, config.work_path, config.pool_size, config.log_level) == ("simple", tmp_path / "there", 4, "ERROR")


def test_a_coordinator_is_made_and_run_as_otters_is(tmp_path: Path) -> None:
    task = importlib.import_module("otter.task.model")
    config = importlib.import_module("otter.config.model").Config(step="feed", steps=["feed"], work_path=tmp_path, pool_size=2)
    scratchpad = importlib.import_module("otter.scratchpad.model").Scratchpad()
    registry = importlib.import_module("otter.task.task_registry").TaskRegistry(config, scratchpad)
    registry.register("otter.tasks")
    specs = [task.Spec(name="hello_world a"), task.Spec(name="hello_world b", requires=["hello_world a"])]
    step = importlib.import_module("otter.step.model").Step(name="feed", specs=specs)
    coordinator = importlib.import_module("otter.step.coordinator").Coordinator(step=step, task_registry=registry, config=config)
    asyncio.run(coordinator.run())
    assert step.manifest.result == "success"
    assert [each.context.state for each in step.tasks.values()] == [task.State.DONE, task.State.DONE]
    asyncio.run(importlib.import_module("otter.manifest.model").Manifest(config).update(step.manifest))
    assert json.loads((tmp_path / "manifest.json").read_text())["result"] == "success"


def test_a_worker_that_waits_for_a_task_ends_when_it_is_told_to() -> None:
    stop = threading.Event()
    arguments: tuple[Any, ...] = (0, queue.Queue(), queue.Queue(), stop)
    worker = threading.Thread(target=importlib.import_module("otter.step.worker").worker_process, args=arguments, daemon=True)
    worker.start()
    stop.set()
    worker.join(30)
    assert not worker.is_alive()
