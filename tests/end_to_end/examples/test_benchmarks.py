"""What the benchmarks measure is right: their pipelines have nothing wrong, and a run of one does all that it should."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]


def pipeline(expression: str) -> str:
    """The text that an expression of `benchmarks.graphs` gives."""
    code = f"from benchmarks.graphs import *; print({expression}, end='')"
    return subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True).stdout


def otterdsl(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "otterdsl", *arguments], cwd=folder, capture_output=True, text=True)


@pytest.mark.parametrize("expression", ["realistic(300)", "realistic(1)", "noops(layered(40))", "noops(chain(5))"])
def test_a_pipeline_has_nothing_wrong(expression: str, tmp_path: Path) -> None:
    shutil.copytree(ROOT / "benchmarks" / "noop_tasks", tmp_path / "noop_tasks")
    (tmp_path / "graph.otter").write_text(pipeline(expression))
    done = otterdsl(tmp_path, "check", "--format", "json", "graph.otter")
    found = json.loads(done.stdout)["diagnostics"]
    assert [each for each in found if each["code"] not in ("OT903", "OT905")] == []  # a small one has no use for all of its scratchpad


def test_the_same_arguments_give_the_same_text() -> None:
    assert pipeline("realistic(100)") == pipeline("realistic(100)") != pipeline("realistic(100, seed=1)")


def test_a_graph_runs_in_its_order(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "benchmarks" / "noop_tasks", tmp_path / "noop_tasks")
    (tmp_path / "graph.otter").write_text(pipeline("noops(layered(30))"))
    done = otterdsl(tmp_path, "run", "graph.otter")
    assert done.returncode == 0, done.stderr
    manifest = json.loads((tmp_path / "output" / "manifest.json").read_text())
    ended = {task["name"]: task for task in manifest["steps"]["graph_main"]["tasks"]}
    graph = json.loads(pipeline("layered(30)"))
    assert len(ended) == len(graph)
    for number, before in enumerate(graph):
        started = ended[f"noop t{number}"]["started_run_at"]
        assert all(ended[f"noop t{other}"]["finished_run_at"] <= started for other in before)
