"""The words of the commands: what they say where, to people and to programs, when all is well and when it is not."""

import json
import subprocess
from pathlib import Path

import pytest
from command_line import PROGRAM, contents, environment, otterdsl, write

TALKER = """\
from typing import Self

from otterdsl.runtime import Spec, Task

print("imported")


class TalkSpec(Spec):
    say: str = "something"


class Talk(Task):
    def run(self) -> Self:
        print("running")
        return self
"""


def test_what_packages_print_is_no_result(tmp_path: Path) -> None:
    write(tmp_path, {"p.otter": "pipeline p {}\nuse talkers\nstep s { talk x {} }\n", "talkers/__init__.py": "", "talkers/talk.py": TALKER})
    run = otterdsl("run", "p.otter", "--work-path", "out", "--progress", "json", folder=tmp_path)
    assert [json.loads(line)["event"] for line in run.out.splitlines()] == ["started", "finished"]
    assert {"imported", "running"} <= set(run.err.splitlines())
    plan = otterdsl("plan", "p.otter", "--format", "json", folder=tmp_path)
    assert json.loads(plan.out)["pipeline"] == "p"
    assert "imported" in plan.err.splitlines()
    otterdsl("compile", "p.otter", "-o", "compiled", folder=tmp_path)
    assert otterdsl("plan", "compiled/p", folder=tmp_path).out.startswith("step s\n")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("run", "p.otter", "--work-path", ""), "'--work-path': it is empty"),
        (("run", ""), "it is empty"),
        (("compile", "p.otter", "-o", ""), "'-o' / '--output': it is empty"),
        (("init", ""), "'[DIR]': it is empty"),
        (("tasks", "--tasks", ""), "'--tasks': it is empty"),
        (("run", "p.otter", "--release-uri", ""), "'--release-uri': `` is not a URI, such as `file:///data/release`"),
        (("run", "p.otter", "--release-uri", "foo"), "'--release-uri': `foo` is not a URI, such as `file:///data/release`"),
        (("run", "p.otter", "--work-path", "p.otter"), "'--work-path': Directory 'p.otter' is a file"),
        (("compile", "p.otter", "-o", "p.otter"), "'-o' / '--output': Directory 'p.otter' is a file"),
    ],
)
def test_an_option_that_cannot_be_is_wrong_usage(arguments: tuple[str, ...], says: str, project: Path) -> None:
    before = contents(project)
    done = otterdsl(*arguments, folder=project)
    assert done.code == 2, done.said
    assert says in done.err
    assert contents(project) == before


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("P_POOL_SIZE", "abc", "the environment variable `P_POOL_SIZE` is `abc`: input should be a valid integer"),
        ("P_RELEASE_URI", "foo", "the environment variable `P_RELEASE_URI` is `foo`: `foo` is not a URI"),
        ("OTTERDSL_MIRROR", "foo", "the environment variable `OTTERDSL_MIRROR`: 'foo' is not of the form FROM=TO; mend it, or unset it"),
        ("P_WORK_PATH", "p.otter", "`p.otter` is no folder"),
        ("P_WORK_PATH", "p.otter/deeper", "folder `p.otter/deeper` cannot be made: "),
    ],
)
def test_a_variable_that_cannot_be_is_named(name: str, value: str, says: str, project: Path) -> None:
    before = contents(project)
    done = otterdsl("run", "p.otter", folder=project, **{name: value})
    (line,) = done.err.splitlines()
    assert (done.code, done.out) == (1, "")
    assert line.startswith(f"error: {says}")
    assert contents(project) == before


def test_init_says_what_to_type_and_what_the_pipeline_is_called(tmp_path: Path) -> None:
    made = otterdsl("init", "a b/my-pipe line", folder=tmp_path)
    assert made.code == 0, made.said
    assert "The pipeline is called my_pipe_line, after the folder" in made.err
    (command,) = [line.removeprefix("Now: ") for line in made.err.splitlines() if line.startswith("Now: ")]
    run = subprocess.run(
        ["bash", "-c", command], cwd=tmp_path, env=environment(PATH=f"{PROGRAM.parent}:/usr/bin:/bin"), capture_output=True, text=True
    )
    assert run.returncode == 0, run.stderr
    assert "is called" not in otterdsl("init", "plain", folder=tmp_path).err


def test_good_news_is_said(project: Path) -> None:
    assert otterdsl("check", "p.otter", folder=project).err == "no problems found\n"
    otterdsl("compile", "p.otter", "-o", "out", folder=project)
    done = otterdsl("compile", "p.otter", "-o", "out", "--check", folder=project)
    assert (done.code, done.out, done.err) == (0, "", "`out/p` is what `p.otter` compiles to\n")


@pytest.mark.parametrize("command", [("check",), ("compile", "-o", "out"), ("plan",), ("run",)], ids=" ".join)
def test_what_stops_a_command_is_counted(command: tuple[str, ...], tmp_path: Path) -> None:
    write(tmp_path, {"p.otter": 'pipeline p {}\nstep s { nothing x {} hello_world x { whom = "a" } }\n'})
    done = otterdsl(command[0], "p.otter", *command[1:], folder=tmp_path)
    assert (done.code, done.err.splitlines()[-1]) == (1, "2 errors")


def test_the_mend_of_drift_is_one(project: Path) -> None:
    def drift(*more: str) -> str:
        done = otterdsl("compile", "p.otter", "-o", "out", "--check", *more, folder=project)
        assert done.code == 1
        return done.err

    otterdsl("compile", "p.otter", "-o", "out", folder=project)
    assert "give the same `--set` as when it was compiled" in drift("--set", "who=moon")
    edited = project / "out" / "p" / "second.py"
    edited.write_text(edited.read_text() + "# by hand\n")
    said = drift()
    assert said.splitlines()[-1] == "1 error"
    assert "compile again without `--check` and with `--force`, which writes over it" in said
    assert otterdsl("compile", "p.otter", "-o", "out", "--force", folder=project).code == 0
    write(project, {"p.otter": (project / "p.otter").read_text().replace("again", "once_more")})
    stale = drift()
    assert "help: compile again without `--check`\n" in stale
    assert "--force" not in stale


@pytest.mark.parametrize("command", ["run", "plan"])
def test_a_folder_or_file_of_another_kind_is_told_from_a_package(command: str, project: Path) -> None:
    otterdsl("compile", "p.otter", "-o", "out", folder=project)
    write(project, {"q.otter": "pipeline q {}\nstep s { hello_world x {} }\n"})
    otterdsl("compile", "q.otter", "-o", "out", folder=project)
    whole = otterdsl(command, "out", folder=project)
    assert whole.code == 1
    assert "error[OT705]: `out` is no compiled package itself, but holds `out/p`, `out/q`" in whole.err
    assert "help: name one of them, like `out/p`" in whole.err
    python = otterdsl(command, "out/p/first.py", folder=project)
    assert (python.code, python.out) == (2, "")
    assert "out/p/first.py is Python; a .otter file or the folder of a compiled package is expected" in python.err
    lock = project / "out" / "p" / "otterdsl.lock.json"
    lock.write_text("nothing")
    broken = otterdsl(command, "out/p", folder=project)
    assert broken.code == 1
    assert "error[OT705]: `out/p/otterdsl.lock.json` is not JSON" in broken.err
    assert "help: compile the package again" in broken.err
    lock.unlink()
    gone = otterdsl(command, "out/p", folder=project)
    assert gone.code == 1
    assert "error[OT705]: `out/p` is no whole package: its `otterdsl.lock.json` is missing" in gone.err
    write(project, {"empty/": ""})
    assert "name a `.otter` file" in otterdsl(command, "empty", folder=project).err


FAILING = """\
from typing import Self

from otterdsl.runtime import Task


class BreakDown(Task):
    def run(self) -> Self:
        raise ValueError("first line\\nsecond line")
"""


@pytest.mark.parametrize("progress", ["plain", "rich", "json"])
def test_the_reason_of_a_failure_is_said_once(progress: str, tmp_path: Path) -> None:
    source = "pipeline p {}\nuse breakers\nstep s {\n  break_down x {}\n}\n"
    write(tmp_path, {"in/p.otter": source, "in/breakers/__init__.py": "", "in/breakers/break_down.py": FAILING})
    done = otterdsl("run", "in/p.otter", "--work-path", "out", "--progress", progress, folder=tmp_path)
    assert done.code == 1
    assert done.err.count("first line second line") == 1
    (failure,) = [line for line in done.err.splitlines() if line.startswith("failure: ")]
    if progress != "json":
        assert failure == "failure: step `s` failed: task `break_down x` (in/p.otter:4)"
        assert "s: break_down x (in/p.otter:4): ValueError: first line second line" in done.err


EXPLODING = """\
step s {
  explode e { foreach = ["a"] do { hello_world "${each}" {} } }
  hello_world x { requires [explode.e] }
}
"""


def test_a_plan_says_which_tasks_make_others(tmp_path: Path) -> None:
    write(tmp_path, {"p.otter": EXPLODING})
    lines = otterdsl("plan", "p.otter", folder=tmp_path).out.splitlines()
    assert lines[1:] == [
        "  explode e      p.otter:2  makes tasks as it runs",
        "  hello_world x  p.otter:3  after explode e (requires)",
        "",
        "2 tasks in 1 step, and those made as it runs",
    ]
    assert set(json.loads(otterdsl("plan", "p.otter", "--format", "json", folder=tmp_path).out)["steps"][0]["tasks"][0]) == {
        *("name", "type", "after", "fan_out", "spec", "file", "line", "reasons")
    }


def test_tasks_names_the_placeholders_that_a_field_fills(tmp_path: Path) -> None:
    text = otterdsl("tasks", folder=tmp_path).out
    assert "It fills `${uri}`, `${match_prefix}`, `${match_path}`, `${match_stem}`, `${match_ext}`, `${uuid}`." in text
    assert "It fills `${each}`." in text
    assert "requires: " not in text
    listed = json.loads(otterdsl("tasks", "--format", "json", folder=tmp_path).out)
    types = {task["name"]: {field["name"]: field["provides"] for field in task["fields"]} for task in listed["tasks"]}
    assert types["explode_glob"]["do"] == ["uri", "match_prefix", "match_path", "match_stem", "match_ext", "uuid"]
    assert types["explode"]["do"] == ["${each_placeholder}"]
    assert types["copy"]["source"] == []
    assert [field["name"] for field in listed["every_task"]] == [
        "scratchpad_ignore_missing",
        "retries",
        "retry_delay",
        "timeout",
        "resources",
        "cache",
    ]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("init", "p.otter/x"), "error: p.otter/x: Not a directory"),
        (("tasks", "--tasks", "nope"), "error: package `nope` cannot be used: there is no package `nope` on the import path"),
        (("run", "p.otter", "--release-uri", "gs://b/r"), "error: release_uri `gs://b/r`: only `file://` is supported yet"),
    ],
)
def test_what_is_no_diagnostic_begins_with_error(arguments: tuple[str, ...], says: str, project: Path) -> None:
    done = otterdsl(*arguments, folder=project)
    assert (done.code, done.err.splitlines()) == (1, [says])


def test_help_lists_every_exit_code(tmp_path: Path) -> None:
    assert "70 an internal error,\n130 interrupted, 143 terminated (SIGTERM)." in "\n".join(
        line.strip() for line in otterdsl("--help", folder=tmp_path).out.splitlines()
    )
