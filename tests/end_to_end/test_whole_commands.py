"""Every command, from outside: what it prints where, its exit codes, and what it leaves."""

import json
import subprocess
from datetime import datetime
from pathlib import Path

import pytest
from command_line import PIPELINE, PROGRAM, contents, environment, otterdsl, write

import otterdsl as package

EXAMPLES = Path(__file__).parents[2] / "examples"
HELLO = EXAMPLES / "hello" / "hello.otter"


def events(out: str) -> list[tuple[str, str, str]]:
    """The progress of a run, without times."""
    lines = [json.loads(line) for line in out.splitlines()]
    assert all(list(line) == ["event", "step", "task", "time"] for line in lines)
    assert {line["event"] for line in lines} <= {"started", "finished", "failed", "skipped", "aborted"}
    assert all(datetime.fromisoformat(line["time"]).tzinfo is not None for line in lines)
    return [(line["event"], line["step"], line["task"]) for line in lines]


def test_version_and_help() -> None:
    assert otterdsl("--version", folder=Path()).out == f"otterdsl {package.__version__}\n"
    assert otterdsl("--color", "never", "--version", folder=Path()).out == f"otterdsl {package.__version__}\n"
    done = otterdsl("--help", folder=Path())
    assert done.code == 0
    assert done.err == ""
    for command in ("init", "check", "convert", "compile", "plan", "run", "tasks"):
        assert f"\n  {command} " in done.out
        of_command = otterdsl(command, "--help", folder=Path())
        assert of_command.code == 0
        assert f"  otterdsl {command}" in of_command.out.split("Example")[1]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion(shell: str, tmp_path: Path) -> None:
    done = otterdsl(folder=tmp_path, _OTTERDSL_COMPLETE=f"{shell}_source")
    assert done.code == 0
    assert "_OTTERDSL_COMPLETE" in done.out
    names = otterdsl(folder=tmp_path, _OTTERDSL_COMPLETE="bash_complete", COMP_WORDS="otterdsl com", COMP_CWORD="1")
    assert names.out.strip() == "plain,compile"


def test_check(project: Path) -> None:
    done = otterdsl("check", "p.otter", folder=project)
    assert (done.code, done.out) == (0, "")
    done = otterdsl("check", "p.otter", HELLO, "--format", "json", folder=project)
    assert (done.code, json.loads(done.out)) == (0, {"version": 1, "diagnostics": []})


MISTAKE = """\
step s {
  copy "mondo" {
    source     = "https://example.org/mondo.json"
    destnation = "input/disease/mondo.json"
  }
}
"""


def test_check_in_json_has_its_published_shape(project: Path) -> None:
    write(project, {"inputs.otter": MISTAKE})
    done = otterdsl("check", "inputs.otter", "--format", "json", folder=project)
    place = {"line": 4, "column": 5, "end_line": 4, "end_column": 15}
    assert done.code == 1
    assert json.loads(done.out) == {
        "version": 1,
        "diagnostics": [
            {
                "code": "OT204",
                "severity": "error",
                "message": "unknown field `destnation` for task type `copy`",
                "file": "inputs.otter",
                **place,
                "label": "not a field of `copy`",
                "help": "did you mean `destination`?",
                "related": [
                    {
                        "file": "inputs.otter",
                        "line": 2,
                        "column": 3,
                        "end_line": 2,
                        "end_column": 7,
                        "label": "this is `copy`, defined in otterdsl.runtime.tasks.copy",
                    }
                ],
                "fixes": [{"title": "rename to `destination`", "applicability": "safe", "edits": [{**place, "text": "destination"}]}],
            }
        ],
    }


def test_check_says_each_thing_once_and_names_files_as_typed(project: Path) -> None:
    write(
        project, {"deep/bad.otter": "step s { nothing x {} }\n", "deep/one.otter": 'import "bad.otter"\n', "deep/two.otter": 'import "bad.otter"\n'}
    )
    done = otterdsl("check", "deep/one.otter", "deep/two.otter", "--format", "json", folder=project)
    (found,) = json.loads(done.out)["diagnostics"]
    assert (done.code, found["file"], found["line"], found["column"]) == (1, "deep/bad.otter", 1, 10)
    text = otterdsl("check", "deep/one.otter", folder=project).out
    assert "--> deep/bad.otter:1:10" in text


def test_colour_is_asked_for_and_refused(project: Path) -> None:
    write(project, {"bad.otter": "step s { nothing x {} }\n"})
    assert "\x1b[" not in otterdsl("check", "bad.otter", folder=project).said
    assert "\x1b[" in otterdsl("check", "bad.otter", "--color", "always", folder=project).out
    assert "\x1b[" in otterdsl("--color", "always", "check", "bad.otter", folder=project, NO_COLOR="1").out
    assert "\x1b[" not in otterdsl("--color", "always", "check", "bad.otter", "--color", "never", folder=project).said


def test_compile_then_check_then_drift(project: Path) -> None:
    done = otterdsl("compile", "p.otter", "-o", "out", folder=project)
    assert (done.code, done.out) == (0, "out/p\n"), done.said
    assert {"out/p/__init__.py", "out/p/first.py", "out/p/second.py", "out/p/otterdsl.lock.json"} <= set(contents(project))
    assert otterdsl("compile", "p.otter", "-o", "out", "--check", folder=project).code == 0
    write(project, {"p.otter": PIPELINE.replace("again", "once_more")})
    drift = otterdsl("compile", "p.otter", "-o", "out", "--check", folder=project)
    assert drift.code == 1
    assert "second.py" in drift.err
    assert otterdsl("compile", "p.otter", "-o", "out", folder=project).code == 0
    edited = project / "out" / "p" / "second.py"
    edited.write_text(edited.read_text() + "# by hand\n")
    refused = otterdsl("compile", "p.otter", "-o", "out", folder=project)
    assert refused.code == 1
    assert "OT601" in refused.err
    assert otterdsl("compile", "p.otter", "-o", "out", "--force", folder=project).code == 0
    assert "by hand" not in edited.read_text()


def test_compile_folds_what_is_set(project: Path) -> None:
    otterdsl("compile", "p.otter", "-o", "out", "--set", "who=moon", folder=project)
    assert "moon" in (project / "out" / "p" / "first.py").read_text()


def test_strict_stops_at_warnings(project: Path) -> None:
    write(project, {"w.otter": 'pipeline w {}\nextern task odd { do: list[Spec] }\nstep s { odd x { do { hello_world "${later}" {} } } }\n'})
    lenient = otterdsl("check", "w.otter", folder=project)
    assert (lenient.code, "OT502" in lenient.out) == (0, True), lenient.said
    assert otterdsl("check", "w.otter", "--strict", folder=project).code == 1
    assert otterdsl("compile", "w.otter", "-o", "out", "--strict", folder=project).code == 1
    assert not (project / "out").exists()


@pytest.mark.parametrize("compiled", [False, True], ids=["text", "package"])
def test_run_in_order(project: Path, compiled: bool) -> None:
    target = "p.otter"
    if compiled:
        otterdsl("compile", "p.otter", "-o", "out", folder=project)
        target = "out/p"
    done = otterdsl("run", target, "--progress", "json", folder=project)
    assert done.code == 0, done.said
    seen = events(done.out)
    finished = [(step, task) for event, step, task in seen if event == "finished" and task]
    assert set(finished) == {
        ("first", "hello_world a"),
        ("first", "hello_world b"),
        ("first", "hello_world last"),
        ("second", "hello_world again"),
        ("alone", "hello_world me"),
    }
    assert finished.index(("first", "hello_world last")) > max(finished.index(("first", f"hello_world {name}")) for name in "ab")
    assert finished.index(("second", "hello_world again")) > finished.index(("first", "hello_world last"))
    manifest = json.loads((project / "made" / "manifest.json").read_text())
    assert manifest["result"] == "success"
    assert set(manifest["steps"]) == {"p_first", "p_second", "p_alone"}


def test_run_some_steps(project: Path) -> None:
    done = otterdsl("run", "p.otter", "second", "--progress", "json", folder=project)
    assert {step for _, step, _ in events(done.out)} == {"second"}, done.said
    done = otterdsl("run", "p.otter", "second", "--with-required", "--progress", "json", folder=project)
    assert {step for _, step, _ in events(done.out)} == {"first", "second"}


def test_run_prefers_the_command_line_then_the_environment_then_the_file(project: Path) -> None:
    assert otterdsl("run", "p.otter", "alone", folder=project).code == 0
    assert otterdsl("run", "p.otter", "alone", folder=project, P_WORK_PATH="by_environment").code == 0
    assert otterdsl("run", "p.otter", "alone", "--work-path", "by_option", folder=project, P_WORK_PATH="unused").code == 0
    assert {name.split("/")[0] for name in contents(project)} == {"p.otter", "made", "by_environment", "by_option"}


def test_a_number_is_text_where_text_is_wanted(tmp_path: Path) -> None:
    write(tmp_path, {"p.otter": 'pipeline p {}\nparam n: int = 1\nstep s { hello_world x { who = n } hello_world y { who = "${n}" } }\n'})
    done = otterdsl("run", "p.otter", "--set", "n=7", folder=tmp_path)
    assert done.code == 0, done.said
    assert (tmp_path / "output" / "manifest.json").read_text().count("hello 7") == 2


def test_run_without_a_terminal_writes_plain_lines_to_standard_error(project: Path) -> None:
    done = otterdsl("run", "p.otter", folder=project)
    assert (done.code, done.out) == (0, "")
    assert "\x1b" not in done.err
    assert any("hello_world last" in line for line in done.err.splitlines())


def test_mirrors_rewrite_sources(project: Path) -> None:
    write(
        project,
        {
            "m.otter": 'pipeline m {}\nstep s { copy x { source = "https://example.org/data/a.txt" destination = "a.txt" } }\n',
            "cache/data/a.txt": "here",
        },
    )
    mirror = f"https://example.org/={project}/cache/"
    done = otterdsl("run", "m.otter", "--work-path", "out", "--mirror", mirror, folder=project)
    assert done.code == 0, done.said
    assert (project / "out" / "a.txt").read_text() == "here"
    done = otterdsl("run", "m.otter", "--work-path", "again", folder=project, OTTERDSL_MIRROR=mirror)
    assert (done.code, (project / "again" / "a.txt").read_text()) == (0, "here")


def test_plan(project: Path) -> None:
    text = otterdsl("plan", "p.otter", folder=project)
    assert text.code == 0, text.said
    assert "hello_world last" in text.out
    plan = json.loads(otterdsl("plan", "p.otter", "first", "--format", "json", folder=project).out)
    assert (plan["version"], plan["pipeline"], [step["name"] for step in plan["steps"]]) == (1, "p", ["first"])
    assert [list(plan), list(plan["steps"][0])] == [["version", "pipeline", "steps"], ["name", "requires", "tasks"]]
    tasks = {task["name"]: task for task in plan["steps"][0]["tasks"]}
    assert list(tasks) == ["hello_world a", "hello_world b", "hello_world last"]
    assert tasks["hello_world last"] == {
        "name": "hello_world last",
        "type": "hello_world",
        "after": ["greetings"],
        "reasons": {"greetings": "requires"},
        "fan_out": None,
        "spec": {},
        "file": "p.otter",
        "line": 9,
    }
    assert tasks["hello_world a"]["spec"] == {"who": "${who} a"}
    assert contents(project) == {"p.otter": PIPELINE.encode()}


def test_plan_of_a_compiled_package_is_that_of_its_text(project: Path) -> None:
    otterdsl("compile", "p.otter", "-o", "out", folder=project)
    of_text = otterdsl("plan", "p.otter", "--format", "json", folder=project)
    of_package = otterdsl("plan", "out/p", "--format", "json", folder=project)
    assert of_package.code == 0, of_package.said
    assert json.loads(of_package.out) == json.loads(of_text.out)


def test_tasks() -> None:
    done = otterdsl("tasks", folder=Path())
    assert (done.code, done.err) == (0, "")
    assert "source: input" in done.out
    listed = json.loads(otterdsl("tasks", "--format", "json", folder=Path()).out)
    built_in = {"copy", "copy_many", "download", "explode", "explode_glob", "find_latest", "hello_world"}
    assert {task["name"] for task in listed["tasks"]} == built_in
    more = json.loads(otterdsl("tasks", "--format", "json", "--use", EXAMPLES / "penguins" / "penguins.otter", folder=Path()).out)
    assert {task["name"] for task in more["tasks"]} > {*built_in, "line", "clean_penguins"}


def test_tasks_of_a_package_that_is_not_there(tmp_path: Path) -> None:
    write(tmp_path, {"good_tasks/__init__.py": "", "good_tasks/talk.py": ""})
    done = otterdsl("tasks", "--tasks", "god_tasks", folder=tmp_path)
    assert done.code == 1
    assert "package `god_tasks` cannot be used" in done.err
    assert "help: did you mean `good_tasks`?" in done.err


def test_init_makes_a_pipeline_that_passes_its_own_test(tmp_path: Path) -> None:
    done = otterdsl("init", "my-words", folder=tmp_path)
    assert done.code == 0, done.said
    made = contents(tmp_path)
    assert {"my-words/my_words.otter", "my-words/my_words_tasks/count_words.py", "my-words/compiled/my_words/__init__.py"} <= set(made)
    assert otterdsl("check", "--strict", "my-words/my_words.otter", folder=tmp_path).code == 0
    tested = subprocess.run(
        [PROGRAM.parent / "pytest", "-p", "no:cacheprovider", "my-words"], cwd=tmp_path, env=environment(), capture_output=True, text=True
    )
    assert tested.returncode == 0, tested.stdout
    again = otterdsl("init", "my-words", folder=tmp_path)
    assert again.code == 2
    assert "nothing was written" in again.said
    assert contents(tmp_path) == made


def test_init_overwrites_nothing(tmp_path: Path) -> None:
    write(tmp_path, {"mine/README.md": "mine"})
    done = otterdsl("init", "mine", folder=tmp_path)
    assert (done.code, contents(tmp_path)) == (2, {"mine/README.md": b"mine"}), done.said
