"""An application as its authors write it: a module of its own that makes a Runner, in a process of its own."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

CORE = """\
import asyncio

from loguru import logger
from otterdsl.runtime import Runner
from otterdsl.runtime.manifest.model import Result


def main() -> None:
    runner = Runner("zoo")
    runner.start()
    runner.register_tasks("zoo.tasks")
    step = asyncio.run(runner.run())
    print(type(step).__module__, step.name, step.manifest.result.value, len(step.tasks))
    if step.manifest.result not in [Result.PENDING, Result.SUCCESS]:
        logger.error(f"step {step.name} failed")
        raise SystemExit(1)


main()
"""
FEED = '''\
from typing import Self

from loguru import logger
from otterdsl.runtime.task.model import Spec, Task
from otterdsl.runtime.task.task_reporter import report


class FeedSpec(Spec):
    animal: str
    """Who is hungry."""


class Feed(Task):
    spec: FeedSpec

    @report
    def run(self) -> Self:
        if self.spec.animal == "shark":
            raise ValueError("it bites")
        logger.debug("looking for {}", self.spec.animal)
        logger.info("feeding {}", self.spec.animal)
        return self
'''
CONFIG = """\
work_path: from_file
pool_size: 3
log_level: INFO
steps:
  morning:
    - name: feed lion
      animal: lion
    - name: explode others
      requires: [feed lion]
      foreach: [seal, owl]
      do:
        - name: feed ${each}
          animal: ${each}
  danger:
    - name: feed shark
      animal: shark
    - name: feed seal
      requires: [feed shark]
      animal: seal
"""


@pytest.fixture
def zoo(tmp_path: Path) -> Path:
    (tmp_path / "zoo" / "tasks").mkdir(parents=True)
    for name in ("zoo/__init__.py", "zoo/tasks/__init__.py"):
        (tmp_path / name).write_text("")
    (tmp_path / "zoo" / "core.py").write_text(CORE)
    (tmp_path / "zoo" / "tasks" / "feed.py").write_text(FEED)
    (tmp_path / "config.yaml").write_text(CONFIG)
    return tmp_path


def run(folder: Path, *arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("ZOO_", "LOGURU_"))}
    environment = {**kept, "PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1", **environ}
    return subprocess.run([sys.executable, "-m", "zoo.core", *arguments], cwd=folder, env=environment, capture_output=True, text=True, timeout=60)


def steps(work_path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((work_path / "manifest.json").read_text())["steps"]
    return found


# ---------------------------------------------------------------- how it ends


def test_an_application_runs_a_step_and_sees_how_it_came_out(zoo: Path) -> None:
    done = run(zoo, "-s", "morning")
    assert (done.returncode, done.stdout) == (0, "otterdsl.runtime.step.model morning success 4\n"), done.stderr
    found = steps(zoo / "from_file")
    assert sorted(found) == ["zoo_danger", "zoo_morning"]
    assert found["zoo_danger"]["result"] == "pending"
    assert [(task["name"], task["result"], task["source_line"]) for task in found["zoo_morning"]["tasks"]] == [
        ("feed lion", "success", "config.yaml:6"),
        ("explode others", "success", "config.yaml:8"),
        ("feed seal", "success", "config.yaml:8"),
        ("feed owl", "success", "config.yaml:8"),
    ]


def test_an_application_ends_as_it_wants_to_when_a_step_fails(zoo: Path) -> None:
    done = run(zoo, "--step", "danger")
    assert (done.returncode, done.stdout) == (1, "otterdsl.runtime.step.model danger failure 1\n")
    assert "step danger failed: config.yaml:15: task `feed shark` failed: ValueError: it bites" in done.stderr
    assert done.stderr.rstrip().endswith("step danger failed")  # its own last word, after the run
    assert [(task["name"], task["result"]) for task in steps(zoo / "from_file")["zoo_danger"]["tasks"]] == [
        ("feed shark", "failure"),
        ("feed seal", "aborted"),
    ]


@pytest.mark.parametrize(
    ("arguments", "environ", "says"),
    [
        ([], {}, "no step is given: use `-s STEP`, or set `ZOO_STEP`"),
        (["-s", "evening"], {}, "no step `evening`; there are `morning`, `danger`"),
        (["-s", "morning", "-c", "nowhere.yaml"], {}, "cannot read"),
        (["-s", "morning", "-p", "0"], {}, "pool_size"),
        (["-s", "morning"], {"ZOO_POOL_SIZE": "many"}, "`ZOO_POOL_SIZE` is `many`"),
        (["-s", "morning"], {"ZOO_LOG_LEVEL": "LOUD"}, "`ZOO_LOG_LEVEL` is `LOUD`"),
        (["-s", "morning"], {"ZOO_RELEASE_URI": "here"}, "`ZOO_RELEASE_URI` is `here`"),
    ],
)
def test_what_cannot_be_used_ends_it_with_einval(zoo: Path, arguments: list[str], environ: dict[str, str], says: str) -> None:
    done = run(zoo, *arguments, **environ)
    assert done.returncode == 22
    assert says in done.stderr
    assert "Traceback" not in done.stderr
    assert not (zoo / "from_file").exists()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("steps: [a]", "`steps` of"),
        ("steps: {morning: {}, other: 3}", "no step `evening`"),
        ("steps: {evening: 3}", "is no list of tasks"),
        ("steps: {evening: [feed]}", "is no list of tasks"),
        ("steps: {evening: [{animal: x}]}", "name: Field required"),
        ("steps: {evening: [{name: feed a}, {name: feed a}]}", "two tasks `feed a`"),
        ("steps: {evening: [{name: feed a, requires: feed b}]}", "requires: Input should be a valid list"),
        ("steps: {evening: [{name: feed a, requires: [fed a]}]}", "did you mean `feed a`?"),
        ("steps: {evening: [{name: 2026-13-45}]}", "is not YAML"),
        ("pool_size: many\nsteps: {evening: []}", "pool_size: Input should be a valid integer"),
        ("mirrors: 3\nsteps: {evening: []}", "mirrors"),
        ("scratchpad: 3\nsteps: {evening: []}", "`scratchpad` of"),
    ],
)
def test_a_file_that_cannot_be_used_ends_it_with_einval(zoo: Path, text: str, says: str) -> None:
    (zoo / "config.yaml").write_text(text)
    done = run(zoo, "-s", "evening")
    assert done.returncode == 22
    assert says in done.stderr
    assert "Traceback" not in done.stderr


def test_a_package_that_is_not_there_ends_it_with_enoent(zoo: Path) -> None:
    core = zoo / "zoo" / "core.py"
    core.write_text(core.read_text().replace("zoo.tasks", "zoo.animals"))
    done = run(zoo, "-s", "morning")
    assert done.returncode == 2
    assert "package `zoo.animals` is not there" in done.stderr


# ---------------------------------------------------------------- where settings come from


def test_each_source_of_a_setting_comes_before_the_next(zoo: Path) -> None:
    for arguments, environ, where in (
        (["-w", "typed"], {"ZOO_WORK_PATH": "environment"}, "typed"),
        ([], {"ZOO_WORK_PATH": "environment"}, "environment"),
        ([], {"ZOO_WORK_PATH": ""}, "from_file"),
    ):
        assert run(zoo, "-s", "morning", *arguments, **environ).returncode == 0
        assert steps(zoo / where)["zoo_morning"]["result"] == "success"
    (zoo / "config.yaml").write_text(CONFIG.replace("work_path: from_file\n", ""))
    assert run(zoo, "-s", "morning").returncode == 0
    assert steps(zoo / "output")["zoo_morning"]["result"] == "success"


def test_everything_may_come_from_the_environment(zoo: Path) -> None:
    (zoo / "config.yaml").rename(zoo / "other.yaml")
    done = run(zoo, ZOO_STEP="morning", ZOO_CONFIG_PATH="other.yaml", ZOO_RELEASE_URI=(zoo / "release").as_uri(), ZOO_LOG_LEVEL="ERROR")
    assert done.returncode == 0
    assert done.stderr == ""
    assert steps(zoo / "release")["zoo_morning"]["result"] == "success"
    assert run(zoo, "-s", "danger", ZOO_STEP="morning", ZOO_CONFIG_PATH="other.yaml").returncode == 1


def test_unknown_arguments_are_named_and_do_no_harm(zoo: Path) -> None:
    done = run(zoo, "-s", "morning", "--frobnicate", "3")
    assert done.returncode == 0
    assert "unknown arguments: --frobnicate 3" in done.stderr


def test_arguments_that_cannot_be_read_are_wrong_usage(zoo: Path) -> None:
    done = run(zoo, "-s", "morning", "-p", "many")
    assert done.returncode == 2
    assert "usage: zoo" in done.stderr


def test_the_help_names_each_option_and_its_variable(zoo: Path) -> None:
    done = run(zoo, "-h")
    assert done.returncode == 0
    for option in ("--step", "--config-path", "--work-path", "--release-uri", "--pool-size", "--log-level"):
        assert option in done.stdout
        assert f"ZOO_{option[2:].replace('-', '_').upper()}" in "".join(done.stdout.split())


# ---------------------------------------------------------------- what it shows


def test_a_run_can_be_followed_on_standard_error(zoo: Path) -> None:
    shown = run(zoo, "-s", "morning").stderr
    for line in ("step morning started", "task feed lion started", "task feed lion finished", "step morning finished: 4 tasks", "feeding owl"):
        assert line in shown
    assert "looking for owl" not in shown
    assert "| feed owl - feeding owl" in shown
    assert "looking for owl" in run(zoo, "-s", "morning", "-l", "DEBUG").stderr


@pytest.mark.parametrize(
    "own",
    [
        "import logging\nlogging.basicConfig(level='INFO', format='OWN %(message)s')\n",
        "from loguru import logger\nimport sys\nlogger.remove()\nlogger.add(sys.stderr, format='OWN {message}', level='INFO')\n",
    ],
    ids=["logging", "loguru"],
)
def test_an_application_that_shows_lines_its_own_way_keeps_it(zoo: Path, own: str) -> None:
    core = zoo / "zoo" / "core.py"
    core.write_text(own + core.read_text())
    shown = run(zoo, "-s", "morning").stderr
    said = "task feed owl finished" if "basicConfig" in own else "feeding owl"
    (line,) = [line for line in shown.splitlines() if line.endswith(said)]
    assert line.startswith("OWN ")
