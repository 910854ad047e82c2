"""How `check` and `compile` grow with the pipeline: 1,000, 10,000 and 100,000 task statements like a real pipeline's."""

import shutil
from pathlib import Path

from benchmarks.environments import ours
from benchmarks.graphs import realistic
from benchmarks.measure import Row, medians, run

SIZES = (1_000, 10_000, 100_000)
LARGE = 100_000


def compile_sizes(folder: Path) -> list[Row]:
    """Each size beside a tenth of it: ten times the tasks should take ten times as long."""
    rows: list[Row] = []
    before: tuple[float, float] | None = None
    for size in SIZES:
        (folder / f"p{size}.otter").write_text(realistic(size))
        times = _times(folder, size)
        if before is not None:
            for what, ours_now, ours_before in zip(("check", "compile"), times, before, strict=True):
                rows.append(Row(f"{what} {size:,} tasks", ours_now, f"{what} {size // 10:,}", ours_before))
        before = times
    return rows


def _times(folder: Path, size: int) -> tuple[float, float]:
    otterdsl, file = ours() / "otterdsl", f"p{size}.otter"

    def compiled() -> float:
        shutil.rmtree(folder / "compiled", ignore_errors=True)
        return run([otterdsl, "compile", file, "-o", "compiled"], folder).seconds

    checked_in, compiled_in = medians(lambda: run([otterdsl, "check", file], folder).seconds, compiled, repeat=1 if size >= LARGE else 3)
    return checked_in, compiled_in
