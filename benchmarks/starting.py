"""How long it takes to start: `--version` and `check` of the smallest example, beside Python itself doing nothing."""

from pathlib import Path

from benchmarks.environments import ROOT, ours
from benchmarks.measure import Row, medians, run


def start(folder: Path) -> list[Row]:
    """In an environment without development tools, all by the interpreter of that environment."""
    version, hello, nothing = medians(
        lambda: run([ours() / "otterdsl", "--version"], folder).seconds,
        lambda: run([ours() / "otterdsl", "check", ROOT / "examples" / "hello" / "hello.otter"], folder).seconds,
        lambda: run([ours() / "python", "-c", "pass"], folder).seconds,
        repeat=15,
    )
    return [
        Row("otterdsl --version", version, "python -c pass", nothing, 3.0),
        Row("check examples/hello", hello, "python -c pass", nothing, 25.0),
    ]
