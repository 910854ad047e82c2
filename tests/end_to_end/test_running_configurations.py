"""`otterdsl run` of an Otter configuration: which steps, which settings, which task types, and what is said."""

import json
from pathlib import Path
from typing import Any

import pytest
from command_line import Ended, otterdsl, write

HERE = Path(__file__).parent
CONFIG = """\
work_path: from_file
scratchpad:
  who: all of you
steps:
  greet:
    - name: hello_world one
      who: ${who}
    - name: explode more
      requires: [hello_world one]
      foreach: [x, y]
      do:
        - name: hello_world ${each}
          who: ${each}
  other-step:
    - name: hello_world other
  empty: []
"""
SCHEMA = "extern task brew {\n  leaf: str\n}\n"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A folder with a configuration."""
    write(tmp_path, {"config.yaml": CONFIG})
    return tmp_path


def run(folder: Path, *arguments: str, **more: str) -> Ended:
    """Run the configuration; no traceback is ever shown."""
    done = otterdsl("run", "config.yaml", *arguments, folder=folder, PYTHONPATH=str(HERE), **more)
    assert done.said is not None
    return done


def steps(work_path: Path) -> dict[str, Any]:
    """The manifest's steps."""
    found: dict[str, Any] = json.loads((work_path / "manifest.json").read_text())["steps"]
    return found


def results(work_path: Path) -> dict[str, str]:
    """How each step came out."""
    return {name: step["result"] for name, step in steps(work_path).items()}


# ---------------------------------------------------------------- steps


def test_all_steps_run_where_none_is_named(project: Path) -> None:
    done = run(project)
    assert (done.code, done.out) == (0, "")
    assert done.err.splitlines()[-1].startswith("success: 5 tasks in 3 steps, ")
    assert results(project / "from_file") == dict.fromkeys(("otter_greet", "otter_other-step", "otter_empty"), "success")
    tasks = steps(project / "from_file")["otter_greet"]["tasks"]
    assert [(task["name"], task["result"], task["source_line"]) for task in tasks] == [
        ("hello_world one", "success", "config.yaml:6"),
        ("explode more", "success", "config.yaml:8"),
        ("hello_world x", "success", "config.yaml:8"),
        ("hello_world y", "success", "config.yaml:8"),
    ]


def test_a_named_step_runs_alone_and_twice_is_once(project: Path) -> None:
    assert run(project, "other-step", "other-step", "--with-required").code == 0
    assert results(project / "from_file") == {"otter_greet": "pending", "otter_other-step": "success", "otter_empty": "pending"}


def test_a_step_that_fails_stops_the_others_and_the_line_is_named(project: Path) -> None:
    write(project, {"config.yaml": "steps:\n  a:\n    - {name: fails x}\n  b:\n    - {name: slow y, seconds: 50, out: y.txt}\n"})
    done = run(project, "--tasks", "odd_tasks", "--work-path", "out")
    assert done.code == 1
    assert "failed   a: fails x (config.yaml:3): ValueError: this is how it fails" in done.err
    assert done.err.splitlines()[-2] == "failure: step `a` failed: task `fails x` (config.yaml:3)"
    assert results(project / "out") == {"otter_a": "failure", "otter_b": "aborted"}
    assert not (project / "out" / "y.txt").exists()


def test_only_the_steps_that_run_are_checked(project: Path) -> None:
    write(project, {"config.yaml": f"{CONFIG}  broken:\n    - name: nosuch thing\n"})
    assert run(project, "greet").code == 0
    before = (project / "from_file" / "manifest.json").read_bytes()
    done = run(project)
    assert done.code == 1
    assert "error[OT201]" in done.err
    assert "config.yaml:18:" in done.err
    assert (project / "from_file" / "manifest.json").read_bytes() == before


def test_a_step_that_is_not_there_is_refused_with_the_nearest(project: Path) -> None:
    done = run(project, "great")
    assert done.code == 1
    assert "error[OT703]: no step `great`" in done.err
    assert "did you mean `greet`?" in done.err
    assert not (project / "from_file").exists()


# ---------------------------------------------------------------- settings


def test_each_source_of_a_setting_comes_before_the_next(project: Path) -> None:
    for arguments, environ, where in (
        (("--work-path", "typed"), {"OTTER_WORK_PATH": "environment"}, "typed"),
        ((), {"OTTER_WORK_PATH": "environment"}, "environment"),
        ((), {"OTTER_WORK_PATH": ""}, "from_file"),
    ):
        assert run(project, "greet", *arguments, **environ).code == 0
        assert results(project / where)["otter_greet"] == "success"
    write(project, {"config.yaml": CONFIG.replace("work_path: from_file\n", "")})
    assert run(project, "greet").code == 0
    assert results(project / "output")["otter_greet"] == "success"


def test_the_work_path_is_relative_to_the_current_folder_and_the_release_is_apart(project: Path) -> None:
    write(project, {"deeper/config.yaml": CONFIG, "deeper/schema.otter": SCHEMA})
    release = project / "release"
    done = otterdsl("run", "deeper/config.yaml", "greet", "--release-uri", release.as_uri(), "--schema", "deeper/schema.otter", folder=project)
    assert done.code == 0, done.said
    assert results(release)["otter_greet"] == "success"
    assert (project / "from_file").is_dir()
    assert not (project / "deeper" / "from_file").exists()


def test_the_runner_s_name_may_come_from_the_environment(project: Path) -> None:
    assert run(project, "greet", OTTER_RUNNER_NAME="pis").code == 0
    assert results(project / "from_file")["pis_greet"] == "success"


@pytest.mark.parametrize(
    ("environ", "says"),
    [({"OTTER_POOL_SIZE": "many"}, "`OTTER_POOL_SIZE` is `many`"), ({"OTTERDSL_MIRROR": "https"}, "`OTTERDSL_MIRROR`")],
)
def test_a_variable_that_cannot_be_used_is_named(project: Path, environ: dict[str, str], says: str) -> None:
    done = run(project, **environ)
    assert done.code == 1
    assert says in done.err
    assert not (project / "from_file").exists()


# ---------------------------------------------------------------- task types


def test_a_package_beside_the_configuration_is_found(project: Path) -> None:
    module = "from otterdsl.runtime import Task\n\nclass Brew(Task):\n    def run(self):\n        return self\n"
    write(project, {"deeper/config.yaml": "steps: {s: [{name: brew tea}]}", "deeper/kitchen/__init__.py": "", "deeper/kitchen/brew.py": module})
    done = otterdsl("run", "deeper/config.yaml", "--tasks", "kitchen", "--work-path", "out", folder=project)
    assert done.code == 0, done.said
    assert steps(project / "out")["otter_s"]["tasks"][0]["name"] == "brew tea"


def test_a_type_that_only_a_schema_has_is_refused_where_a_step_that_runs_uses_it(project: Path) -> None:
    write(project, {"config.yaml": CONFIG + "  tea:\n    - name: hello_world first\n    - name: brew tea\n      leaf: green\n", "s.otter": SCHEMA})
    assert run(project, "greet", "--schema", "s.otter").code == 0
    done = run(project, "tea", "--schema", "s.otter", "--work-path", "out")
    assert done.code == 1
    assert "error[OT704]: no Python class is known for task type `brew`" in done.err
    assert "config.yaml:19" in done.err
    assert "--tasks" in done.err
    assert not (project / "out").exists()


def test_so_is_one_that_only_a_task_within_a_task_is_of(project: Path) -> None:
    inner = "  tea:\n    - name: explode teas\n      foreach: [a]\n      do:\n        - name: brew ${each}\n          leaf: green\n"
    write(project, {"config.yaml": CONFIG + inner, "s.otter": SCHEMA})
    done = run(project, "tea", "--schema", "s.otter", "--work-path", "out")
    assert done.code == 1
    assert "error[OT704]: no Python class is known for task type `brew`" in done.err
    assert not (project / "out").exists()


@pytest.mark.parametrize(
    ("module", "says"),
    [
        ("raise RuntimeError('out of tea')\n", "out of tea"),
        ("import sys\nsys.exit(9)\n", "kitchen"),
        ("import no_such_module_at_all\n", "no_such_module_at_all"),
        ("class Brew:\n    pass\n", "Brew"),
    ],
)
def test_a_package_that_cannot_be_used_is_said(project: Path, module: str, says: str) -> None:
    write(project, {"config.yaml": "steps: {s: [{name: hello_world tea}]}", "kitchen/__init__.py": "", "kitchen/brew.py": module})
    done = run(project, "--tasks", "kitchen", "--work-path", "out")
    assert done.code == 1
    assert says in done.err
    assert not (project / "out").exists()


# ---------------------------------------------------------------- what is said


def test_progress_is_a_line_a_task_or_an_object_a_line(project: Path) -> None:
    done = run(project, "greet", "--progress", "json")
    assert done.code == 0
    events = [(each["event"], each["step"], each["task"]) for each in map(json.loads, done.out.splitlines())]
    assert events.count(("started", "greet", "hello_world x")) == 1
    assert events[-1] == ("finished", "greet", "explode more")
    done = run(project, "greet", "--progress", "plain")
    assert "finished greet: hello_world y" in done.err
    done = run(project, "--progress", "rich")
    assert "greet" in done.err
    assert "4/4" in done.err


def test_warnings_of_loguru_are_shown_and_its_lines_are_kept(project: Path) -> None:
    write(project, {"config.yaml": "log_level: DEBUG\nsteps: {s: [{name: logs a}, {name: logs b}]}\n"})
    done = run(project, "--tasks", "odd_tasks", "--work-path", "out", "--progress", "json")
    assert done.code == 0
    shown = sorted(line for line in done.err.splitlines() if "says" in line)
    assert shown == ["error: logs a says error", "error: logs b says error", "warning: logs a says warning", "warning: logs b says warning"]
    for task in steps(project / "out")["otter_s"]["tasks"]:
        kept = [line.split(" - ")[1] for line in task["log"] if "odd_tasks.logs:run:" in line]
        assert kept == [f"{task['name']} says {level}" for level in ("debug", "info", "success", "warning", "error")]


@pytest.mark.parametrize(
    "text",
    ["", "a: [", "- x", "steps: 3", "steps: [a]", "\0", "steps: {s: [{name: 2026-13-45}]}", "steps: {s: 3}", "steps: {s: [3]}", "steps: {s: [{}]}"],
)
def test_what_is_no_configuration_is_said(project: Path, text: str) -> None:
    write(project, {"config.yaml": text})
    done = run(project, "--work-path", "out")
    assert done.code == 1
    assert "error" in done.err
    assert not (project / "out").exists()
