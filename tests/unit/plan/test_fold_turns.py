"""What folding a param leaves out is waited for by nobody, a turn of a loop neither."""

from pathlib import Path

from otterdsl.compiler.frontend import check
from otterdsl.compiler.plan.fold import fold_params

TEXT = """
param p: bool = true

step s {
  if p {
    for site in [{ name = "x", parts = [1, 2] }, { name = "y", parts = [3] }] as all {
      for part in site.parts { copy "${site.name} ${part}" { source = "https://example.org/${part}" destination = "d/${site.name}/${part}" } }
    }
  }
  copy kept { source = "https://example.org/k" destination = "d/kept" }
  copy required { requires [copy.'x 1', copy.'y 3', all, copy.kept] source = "https://example.org/r" destination = "r" }
  copy reading { source = "d/x/2" destination = "reading" }
  explode within { foreach = ["a"] do { copy "${each}" { requires [copy.'x 1'] source = "d/kept" destination = "within" } } }
}
"""


def test_turns_that_are_left_out_are_waited_for_by_nobody(tmp_path: Path) -> None:
    (tmp_path / "a.otter").write_text(TEXT)
    program = check(tmp_path / "a.otter").program
    assert program is not None
    folded = fold_params(program, {"p": False}, lambda requests: [])
    assert folded.diagnostics == ()
    kept = {task.name: task for task in folded.value.steps[0].tasks}
    assert {name: [edge.target for edge in task.after] for name, task in kept.items()} == {
        "copy kept": [],
        "copy required": ["copy kept"],
        "copy reading": [],
        "explode within": [],
    }
    (inner,) = kept["explode within"].assignments[1].tasks
    assert [edge.target for edge in inner.after] == ["copy kept"]


def test_turns_that_stay_are_waited_for_still(tmp_path: Path) -> None:
    (tmp_path / "a.otter").write_text(TEXT)
    program = check(tmp_path / "a.otter").program
    assert program is not None
    folded = fold_params(program, {"p": True}, lambda requests: [])
    after = {task.name: [edge.target for edge in task.after] for task in folded.value.steps[0].tasks}
    assert after["copy required"] == ["copy x 1", "copy y 3", "all", "copy kept"]
    assert after["copy reading"] == ["copy x 2"]
