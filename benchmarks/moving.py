"""What people who come from Otter wait for: to check and convert its YAML, and to check, compile and import what came of it.

Beside each stands what reading YAML alone takes, another of our own numbers, or the second that was promised.
"""

import shutil
from pathlib import Path

from benchmarks.configurations import configuration
from benchmarks.environments import ROOT, ours
from benchmarks.measure import Row, medians, run

TASKS, LARGE = 10_000, 100_000
STEPS = 40
REPEAT = 5

# Reading with PyYAML's own parser, which is what is there where libyaml is not; and a Spec of each task, the least that anyone does with it.
READ = """
import sys, yaml
with open(sys.argv[1], encoding="utf-8") as file:
    read = yaml.load(file.read(), yaml.SafeLoader)
"""
READ_AND_BUILD = (
    READ
    + """
from otterdsl.runtime import Spec
for tasks in read["steps"].values():
    for task in tasks:
        Spec(**task)
"""
)
SCHEMA = """
extern task search_index {
  url: str
  index: str
  fields: list[str]
  destination: output
}
"""
# The import alone, with that of the runtime: not the interpreter's own start and end.
IMPORT = """
import importlib, sys, time
start = time.perf_counter()
package = importlib.import_module(sys.argv[1])
for step in package.PIPELINE.steps:
    importlib.import_module(f"{package.__name__}.{step.module}")
print(time.perf_counter() - start)
"""


def move(folder: Path) -> list[Row]:
    """The rows of all, in one folder."""
    for name, text in (("c.yaml", configuration(TASKS)), ("large.yaml", configuration(LARGE)), ("steps.yaml", configuration(TASKS, TASKS // STEPS))):
        (folder / name).write_text(text)
        run([ours() / "otterdsl", "convert", name, "-o", Path(name).with_suffix(".otter")], folder)
    (folder / "externs.otter").write_text(SCHEMA)
    shutil.copy(ROOT / "examples" / "pis" / "config.yaml", folder / "pis.yaml")
    return [*_checks(folder), *_large(folder), *_compiles(folder), *_imports(folder), _conversion(folder)]


def _seconds(folder: Path, *arguments: str) -> float:
    return run([ours() / "otterdsl", *arguments], folder).seconds


def _python(folder: Path, code: str, *arguments: str) -> float:
    return run([ours() / "python", "-c", code, *arguments], folder).seconds


def _checks(folder: Path) -> list[Row]:
    otter, configured, read, built = medians(
        lambda: _seconds(folder, "check", "c.otter"),
        lambda: _seconds(folder, "check", "c.yaml", "--schema", "externs.otter"),
        lambda: _python(folder, READ, "c.yaml"),
        lambda: _python(folder, READ_AND_BUILD, "c.yaml"),
        repeat=REPEAT,
    )
    return [
        Row(f"check {TASKS:,} tasks", otter, "pure YAML, Specs", built, 0.5),
        Row(f"check {TASKS:,} tasks as YAML", configured, "pure YAML", read, 1.5),
    ]


def _large(folder: Path) -> list[Row]:
    peaks: list[float] = []

    def large() -> float:
        measured = run([ours() / "otterdsl", "check", "large.otter"], folder)
        peaks.append(measured.peak)
        return measured.seconds

    small, much = medians(lambda: _seconds(folder, "check", "c.otter"), large)
    return [
        Row(f"check {LARGE:,} tasks", much, f"check {TASKS:,}", small, 11.0),
        Row(f"memory: check {LARGE:,} tasks", max(peaks), "promised", 1536.0, 1.0, "MiB"),
    ]


def _compiles(folder: Path) -> list[Row]:
    file = folder / "steps.otter"
    texts = [file.read_text()]
    # Somewhere in the middle, so that one step alone is another.
    middle = texts[0].index('destination = "input/', len(texts[0]) // 2)
    texts.append(f'{texts[0][:middle]}destination = "other/{texts[0][middle:].removeprefix("destination = " + chr(34) + "input/")}')
    turn = 0

    def anew() -> float:
        shutil.rmtree(folder / "anew", ignore_errors=True)
        return _seconds(folder, "compile", "steps.otter", "-o", "anew")

    def changed() -> float:
        nonlocal turn
        turn += 1
        file.write_text(texts[turn % 2])
        return _seconds(folder, "compile", "steps.otter", "-o", "again")

    _seconds(folder, "compile", "steps.otter", "-o", "again")
    checked, whole, one = medians(lambda: _seconds(folder, "check", "steps.otter"), anew, changed, repeat=REPEAT)
    return [
        Row(f"compile {TASKS:,} tasks", whole, "check", checked, 2.5),
        Row(f"compile, 1 step of {STEPS} changed", one, "check", checked, 1.3),
    ]


def _imports(folder: Path) -> list[Row]:
    _seconds(folder, "compile", "c.otter", "-o", ".")

    def fresh() -> float:
        for cache in (folder / "c").rglob("__pycache__"):
            shutil.rmtree(cache)
        return imported()

    def imported() -> float:
        return float(run([ours() / "python", "-c", IMPORT, "c"], folder).output)

    without, cached = medians(fresh, imported, repeat=REPEAT)
    return [
        Row(f"import {TASKS:,} statements", without, "promised", 1.0, 1.0),
        Row("import them, bytecode cached", cached, "promised", 1.0, 1.0),
    ]


def _conversion(folder: Path) -> Row:
    (seconds,) = medians(lambda: _seconds(folder, "convert", "pis.yaml", "-o", "pis.otter"), repeat=REPEAT)
    return Row("convert examples/pis", seconds, "promised", 1.0, 1.0)
