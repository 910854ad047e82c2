"""How long a run takes: a layered graph beside doit, twice the graph beside the graph, and a chain beside its own check."""

import json
import shutil
from pathlib import Path

from benchmarks.environments import ours, peer
from benchmarks.graphs import Graph, chain, layered, noops
from benchmarks.measure import BenchmarkError, Row, medians, run

TASKS = 10_000
LINKS = 200
DODO = """
import json

GRAPH = json.load(open("graph.json"))
RAN = open("ran", "w")


def act(number):
    RAN.write(f"{number}\\n")


def task_t():
    for number, before in enumerate(GRAPH):
        yield {"name": str(number), "actions": [(act, [number])], "task_dep": [f"t:{other}" for other in before]}
"""


def layers(folder: Path) -> list[Row]:
    """`run` of a compiled package of 10,000 tasks beside `doit` on that graph, and of 20,000 beside 10,000."""
    small, large = layered(TASKS), layered(2 * TASKS)
    once, twice = _compiled(folder / "small", small), _compiled(folder / "large", large)
    doit = folder / "doit"
    doit.mkdir()
    (doit / "dodo.py").write_text(DODO)
    (doit / "graph.json").write_text(json.dumps(small))
    at_once, at_twice, theirs = medians(lambda: _run(once, len(small)), lambda: _run(twice, len(large)), lambda: _doit(doit, len(small)))
    return [
        Row(f"run {TASKS:,} no-op tasks in layers", at_once, "doit, that graph", theirs, 2.0),
        Row(f"run {2 * TASKS:,} no-op tasks in layers", at_twice, f"run {TASKS:,}", at_once, 2.3),
    ]


def links(folder: Path) -> list[Row]:
    """`run` of a `.otter` file, a chain of 200, beside `check` of it."""
    place = _sources(folder, chain(LINKS))
    otterdsl = ours() / "otterdsl"

    def checked() -> float:
        return run([otterdsl, "check", "graph.otter"], place).seconds

    def ran() -> float:
        _clean(place)
        seconds = run([otterdsl, "run", "graph.otter"], place).seconds
        _expect(place, LINKS)
        return seconds

    ran_in, checked_in = medians(ran, checked, repeat=5)
    return [Row(f"run a chain of {LINKS} from its .otter", ran_in, "check of it", checked_in, 3.0)]


def _sources(folder: Path, graph: Graph) -> Path:
    shutil.copytree(Path(__file__).parent / "noop_tasks", folder / "noop_tasks", ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "graph.otter").write_text(noops(graph))
    return folder


def _compiled(folder: Path, graph: Graph) -> Path:
    folder.mkdir()
    run([ours() / "otterdsl", "compile", "graph.otter", "-o", "compiled"], _sources(folder, graph))
    return folder


def _run(folder: Path, tasks: int) -> float:
    _clean(folder)
    seconds = run([ours() / "otterdsl", "run", "compiled/graph"], folder).seconds
    _expect(folder, tasks)
    return seconds


def _clean(folder: Path) -> None:
    shutil.rmtree(folder / "output", ignore_errors=True)


def _expect(folder: Path, tasks: int) -> None:
    """See that the manifest holds as many successes as there are tasks."""
    steps = json.loads((folder / "output" / "manifest.json").read_text())["steps"]
    done = sum(task["result"] == "success" for step in steps.values() for task in step["tasks"])
    if done != tasks:
        raise BenchmarkError(f"{done} of {tasks} tasks succeeded in {folder}")


def _doit(folder: Path, tasks: int) -> float:
    for path in folder.glob(".doit*"):
        path.unlink()
    seconds = run([peer("doit") / "doit", "run", "--reporter", "zero"], folder).seconds
    done = len((folder / "ran").read_text().split())
    if done != tasks:
        raise BenchmarkError(f"doit ran {done} of {tasks} tasks")
    return seconds
