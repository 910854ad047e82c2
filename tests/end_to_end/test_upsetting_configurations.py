"""Configurations that make other programs hang, crash or succeed without having done what they say: each is refused with its place, or runs well."""

import json
from pathlib import Path
from typing import Any

import pytest
from command_line import Ended, otterdsl, write

HERE = Path(__file__).parent
CONFIG = """\
scratchpad:
  who: bob
  n: 3
  chained: pre-${who}
  x: single
  preset: from-config
steps:
  chained:
    - {name: hello_world x, who: '${chained}'}
  cycle:
    - {name: hello_world a, requires: [hello_world b]}
    - {name: hello_world b, requires: [hello_world a]}
  selfcycle:
    - {name: hello_world a, requires: [hello_world a]}
  unknown_type:
    - {name: hallo_world thing}
  missing_field:
    - {name: copy thing}
  typo:
    - {name: hello_world x, whoo: alice}
  named_placeholder:
    - {name: 'hello_world for ${who}', who: x}
    - {name: hello_world after, requires: [hello_world for bob]}
  single:
    - {name: hello_world x, who: '${x}'}
  dollar:
    - {name: hello_world x, who: '^foo$'}
  typed:
    - {name: typed x, n: '${n}'}
  model_validator:
    - {name: modelv x}
  req_string:
    - {name: hello_world a}
    - {name: hello_world b, requires: hello_world a}
  plain:
    - {name: raises_plain x}
  exits:
    - {name: exits x}
  aborts:
    - {name: aborts x}
  unpicklable:
    - {name: unpicklable x}
  merge_lost:
    - {name: store preset, key: preset, value: from-task}
    - {name: hello_world x, requires: [store preset], who: '${preset}'}
  race_placeholder:
    - {name: store later, key: later, value: v}
    - {name: hello_world x, who: '${later}'}
  null_step:
  explode_list:
    - {name: store items, key: items, value: [aa, bb]}
    - {name: explode over, requires: [store items], foreach: '${items}', do: [{name: 'hello_world ${each}'}]}
  inception:
    - name: explode inception
      foreach: [gina, hank]
      each_placeholder: outer
      do:
        - name: explode inner for ${outer}
          foreach: [iris, jack]
          each_placeholder: inner
          do:
            - {name: 'hello_world for ${outer} to ${inner}', who: 'says ${outer} to ${inner}'}
  sub_unknown_req:
    - {name: explode z, foreach: [a], do: [{name: 'hello_world ${each}', requires: [hello_world nope]}]}
  req_on_subtask:
    - {name: explode z, foreach: [aa, bb], do: [{name: 'hello_world ${each}'}]}
    - {name: hello_world last, requires: [hello_world aa]}
  fail_slow:
    - {name: slow a, seconds: 30, out: partial.txt}
    - {name: fails x}
    - {name: hello_world after, requires: [slow a]}
  download_local:
    - {name: download a, source: in/a.txt}
  self_copy:
    - {name: copy self, source: in/a.txt, destination: in/a.txt}
  collide:
    - {name: copy_many two, sources: [in/one/a.txt, in/two/a.txt], destination: out}
  glob_none:
    - {name: explode_glob none, glob: nowhere/*.json, do: [{name: 'hello_world ${match_stem}'}]}
  glob_partial:
    - {name: explode_glob parts, glob: in/part-*.json, do: [{name: 'hello_world ${match_stem}'}]}
  find_relative:
    - {name: find_latest x, source: 'in/*.json'}
  rich_artifact:
    - {name: richart x}
  no_validate:
    - {name: novalidate x}
"""
INPUTS = {"in/a.txt": "a", "in/one/a.txt": "1", "in/two/a.txt": "2", "in/part-1.json": "{}", "in/part-2.json": "{}"}

REFUSED = [
    ("cycle", "OT401", "`hello_world a` → `hello_world b` → `hello_world a`"),
    ("selfcycle", "OT401", "`hello_world a`"),
    ("unknown_type", "OT201", "did you mean `hello_world`?"),
    ("missing_field", "OT205", "`source` and `destination`"),
    ("typo", "OT204", "did you mean `who`?"),
    ("model_validator", "OT301", "this spec is never right"),
    ("req_string", "OT301", "list"),
    ("merge_lost", "OT207", "`preset`"),
    ("race_placeholder", "OT501", "write `store later` into its `requires`"),
    ("null_step", "OT217", "no list of tasks"),
    ("sub_unknown_req", "OT203", "`hello_world nope`"),
]
FAILS = [
    ("plain", "raises_plain x", "plainly raised"),
    ("exits", "exits x", "sys.exit(3)"),
    ("aborts", "aborts x", "aborted"),
    ("fail_slow", "fails x", "this is how it fails"),
    ("glob_none", "explode_glob none", "no file matches `nowhere/*.json`"),
]
REFUSED_OR_FAILS = ["self_copy", "collide"]  # whether a checker sees it or only the run
WELL = {
    "named_placeholder": ["hello_world for bob", "hello_world after"],
    "single": ["hello_world x"],
    "dollar": ["hello_world x"],
    "typed": ["typed x"],
    "unpicklable": ["unpicklable x"],
    "explode_list": ["store items", "explode over", "hello_world aa", "hello_world bb"],
    "inception": [
        "explode inception",
        "explode inner for gina",
        "hello_world for gina to iris",
        "hello_world for gina to jack",
        "explode inner for hank",
        "hello_world for hank to iris",
        "hello_world for hank to jack",
    ],
    "req_on_subtask": ["explode z", "hello_world aa", "hello_world bb", "hello_world last"],
    "download_local": ["download a"],
    "glob_partial": ["explode_glob parts", "hello_world part-1", "hello_world part-2"],
    "find_relative": ["find_latest x"],
    "rich_artifact": ["richart x"],
    "no_validate": ["novalidate x"],
}


def line_of(step: str, offset: int = 1) -> int:
    """The line of a step's first task, or one further down."""
    return CONFIG.splitlines().index(f"  {step}:") + 1 + offset


def run(folder: Path, *steps: str, **more: str) -> Ended:
    """Run steps of the configuration in a folder with its inputs."""
    write(folder, {"config.yaml": CONFIG, **{f"work/{name}": text for name, text in INPUTS.items()}})
    return otterdsl("run", "config.yaml", *steps, "--tasks", "odd_tasks", "--work-path", "work", folder=folder, PYTHONPATH=str(HERE), **more)


def record(folder: Path, step: str) -> dict[str, Any]:
    """The manifest's entry of a step."""
    entry: dict[str, Any] = json.loads((folder / "work" / "manifest.json").read_text())["steps"][f"otter_{step}"]
    return entry


def results(entry: dict[str, Any]) -> dict[str, str]:
    """How each task came out."""
    return {task["name"]: task["result"] for task in entry["tasks"]}


def artifacts(entry: dict[str, Any]) -> list[dict[str, Any]]:
    """What a step made."""
    return list(entry["artifacts"])


@pytest.mark.parametrize(("step", "code", "says"), REFUSED, ids=[case[0] for case in REFUSED])
def test_what_can_be_seen_is_refused_at_its_line_before_anything_runs(step: str, code: str, says: str, tmp_path: Path) -> None:
    done = run(tmp_path, step)
    assert done.code == 1
    assert f"error[{code}]" in done.said
    assert says in done.said
    assert any(f"config.yaml:{line_of(step, offset)}:" in done.said for offset in (0, 1, 2))
    assert not (tmp_path / "work" / "manifest.json").exists()


@pytest.mark.parametrize(("step", "task", "reason"), FAILS, ids=[case[0] for case in FAILS])
def test_what_goes_wrong_in_a_run_fails_the_step_with_the_reason_and_the_line(step: str, task: str, reason: str, tmp_path: Path) -> None:
    done = run(tmp_path, step)
    assert done.code == 1
    assert f"task `{task}` (config.yaml:" in done.said
    entry = record(tmp_path, step)
    assert entry["result"] == "failure"
    assert reason in entry["failure_reason"]
    assert entry["failure_reason"].startswith("config.yaml:")


@pytest.mark.parametrize("step", REFUSED_OR_FAILS)
def test_what_would_destroy_files_does_not(step: str, tmp_path: Path) -> None:
    done = run(tmp_path, step)
    assert done.code == 1
    assert f"config.yaml:{line_of(step)}" in done.said
    assert {name: (tmp_path / "work" / name).read_text() for name in INPUTS} == INPUTS
    assert not (tmp_path / "work" / "out").exists()


@pytest.mark.parametrize("step", WELL)
def test_the_rest_runs_well(step: str, tmp_path: Path) -> None:
    done = run(tmp_path, step)
    assert done.code == 0, done.said
    assert results(record(tmp_path, step)) == dict.fromkeys(WELL[step], "success")
    assert {name: (tmp_path / "work" / name).read_text() for name in INPUTS} == INPUTS


def test_values_arrive_as_they_should(tmp_path: Path) -> None:
    done = run(tmp_path, "chained", "single", "dollar", "typed", "rich_artifact", "no_validate", "inception")
    assert done.code == 0, done.said
    assert artifacts(record(tmp_path, "chained"))[0]["destination"] == "pre-bob"
    assert artifacts(record(tmp_path, "single"))[0]["destination"] == "single"
    assert artifacts(record(tmp_path, "dollar"))[0]["destination"] == "^foo$"
    assert artifacts(record(tmp_path, "typed")) == [{"source": "int", "destination": "3"}]
    assert artifacts(record(tmp_path, "no_validate")) == [{"source": "has_validation", "destination": "False"}]
    assert [each["destination"] for each in artifacts(record(tmp_path, "inception"))][-1] == "says hank to jack"
    assert artifacts(record(tmp_path, "rich_artifact")) == [{"source": "here", "destination": "there", "rows": 7}]


def test_an_artifact_keeps_its_own_fields_when_another_step_is_recorded(tmp_path: Path) -> None:
    assert run(tmp_path, "rich_artifact").code == 0
    assert otterdsl("run", "config.yaml", "dollar", "--work-path", "work", folder=tmp_path).code == 0
    assert artifacts(record(tmp_path, "rich_artifact")) == [{"source": "here", "destination": "there", "rows": 7}]


def test_a_slow_task_is_aborted_without_half_a_file_when_another_fails(tmp_path: Path) -> None:
    run(tmp_path, "fail_slow")
    assert results(record(tmp_path, "fail_slow")) == {"slow a": "aborted", "fails x": "failure", "hello_world after": "aborted"}
    assert not (tmp_path / "work" / "partial.txt").exists()
