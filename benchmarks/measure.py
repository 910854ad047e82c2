"""How a program is timed: each run a fresh process, ours and the peer's in turn, medians. In: commands. Out: seconds and MiB."""

import os
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path


class BenchmarkError(Exception):
    """A program that is measured failed, or did not do its work; the message says which and how."""


@dataclass(frozen=True, slots=True)
class Run:
    """One run: seconds of wall time, the peak of resident memory of its largest process in MiB, and what it printed."""

    seconds: float
    peak: float
    output: str


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the table. `limit` is the largest ratio allowed, None where none was promised."""

    what: str
    ours: float
    peer_name: str
    peer: float
    limit: float | None = None
    unit: str = "s"

    @property
    def ratio(self) -> float:
        """Ours over the peer's."""
        return self.ours / self.peer

    @property
    def missed(self) -> bool:
        """Whether the ratio is over its limit."""
        return self.limit is not None and self.ratio > self.limit


def run(argv: Sequence[str | Path], folder: Path, environment: Mapping[str, str] | None = None) -> Run:
    """Run a program to its end in `folder`. Raises: BenchmarkError, where it does not exit with 0."""
    environ = {key: value for key, value in os.environ.items() if not key.startswith(("PYTHON", "OTTERDSL_"))}
    with tempfile.TemporaryFile() as output:
        start = time.perf_counter()
        process = subprocess.Popen(
            [str(part) for part in argv], cwd=folder, env={**environ, **(environment or {})}, stdin=subprocess.DEVNULL, stdout=output, stderr=output
        )
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        text = output.read().decode(errors="replace")
    if process.returncode:
        raise BenchmarkError(f"exit {process.returncode} from {' '.join(map(str, argv))}:\n{text[-2000:]}")
    return Run(seconds, usage.ru_maxrss / 1024, text)


def medians(*measured: Callable[[], float], repeat: int = 3) -> list[float]:
    """The median of each measurement. They take turns, so that a slow moment of the machine falls on all of them."""
    rounds = [[one() for one in measured] for _ in range(repeat)]
    return [statistics.median(values) for values in zip(*rounds, strict=True)]
