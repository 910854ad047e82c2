"""Loops whose turns only a run knows: compiled, planned and run."""

import json
from pathlib import Path

import pytest
from command_line import Ended, contents, otterdsl, write

PIPELINE = """\
pipeline p { work_path = "./work" }
param years: list[int] = [2007, 2008]
step s {
  for file in glob("./in/*.csv") as files {
    copy "${file.stem}" { source = "./in/${file.stem}.csv" destination = "out/${file.stem}.csv" }
    copy "${file.stem} again" { source = copy."${file.stem}".destination destination = "again/${file.stem}.csv" }
  }
  hello_world after { requires [files] }
  for line in lines("./names.txt") { hello_world "line ${line}" { who = line } }
  for row in json("./rows.json", "rows") as rows {
    if row.kind != "none" {
      for k in row.k { hello_world "${row.n} ${k}" { who = "${row.n}${k}" } }
    }
  }
  for year in years { hello_world "year ${year}" {} }
  for each in ["a", "b"] {
    for found in glob("again/${each}*") { if found.ext == "csv" { hello_world "${each} ${found.stem}" {} } }
  }
}
"""
FILES = {
    "p.otter": PIPELINE,
    "in/a.csv": "a\n",
    "in/b.csv": "b\n",
    "names.txt": "x\r\n\r\ny\n",
    "rows.json": json.dumps({"rows": [{"n": "p", "k": [1, 2], "kind": "full"}, {"n": "q", "k": [3], "kind": "none"}]}),
}


def ran(folder: Path, *arguments: object) -> Ended:
    return otterdsl(*arguments, folder=folder)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write(tmp_path, FILES)
    return tmp_path


def test_a_run_makes_the_tasks_that_there_are(folder: Path) -> None:
    ended = ran(folder, "run", "p.otter", "--set", "years=[1]")
    assert ended.code == 0, ended.err
    manifest = json.loads((folder / "work" / "manifest.json").read_text(encoding="utf-8"))
    names = [task["name"] for task in manifest["steps"]["p_s"]["tasks"]]
    loops = ["copy a", "copy b", "copy a again", "copy b again", "line x", "line y", "p 1", "p 2", "year 1", "a a", "b b", "after"]
    assert sorted(names) == sorted(name if name.startswith("copy") else f"hello_world {name}" for name in loops)
    assert contents(folder / "work" / "again") == {"a.csv": b"a\n", "b.csv": b"b\n"}


def test_a_compiled_package_runs_the_same(folder: Path) -> None:
    assert ran(folder, "compile", "p.otter", "-o", "made").code == 0
    ended = ran(folder, "run", "made/p")
    assert ended.code == 0, ended.err
    assert "13 tasks in 1 step" in ended.err


def test_a_plan_says_what_it_cannot_know(folder: Path) -> None:
    ended = ran(folder, "plan", "p.otter", "--format", "json")
    tasks = {task["name"]: task for task in json.loads(ended.out)["steps"][0]["tasks"]}
    assert tasks["copy ${file.stem}"]["fan_out"] == 'glob("./in/*.csv")'
    assert tasks["hello_world year 2007"]["fan_out"] is None
    assert tasks["copy ${file.stem} again"]["after"] == ["copy ${file.stem}"]
    assert 'N = ? until glob("./in/*.csv")' in ran(folder, "plan", "p.otter").out


def test_folding_a_list_param_leaves_constants(folder: Path) -> None:
    assert ran(folder, "compile", "p.otter", "-o", "made", "--set", "years=[1, 2]").code == 0
    text = (folder / "made" / "p" / "s.py").read_text(encoding="utf-8")
    assert 'Param("years")' not in text
    assert '"year": (\n            1,\n            2,\n        )' in text


def test_an_empty_glob_fails_where_it_stands_unless_it_may(folder: Path) -> None:
    text = 'pipeline p {}\nstep s {\n  for f in glob("none/*") { hello_world "${f.stem}" {} }\n}\n'
    write(folder, {"q.otter": text, "r.otter": text.replace('none/*"', 'none/*", allow_empty = true')})
    ended = ran(folder, "run", "q.otter")
    assert ended.code == 1
    assert "q.otter:3" in ended.err
    assert "no file matches" in ended.err
    assert ran(folder, "run", "r.otter").code == 0
