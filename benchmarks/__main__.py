"""Run the benchmarks, or those named: `python -m benchmarks [NAME…]`. Exits with 1 where a limit is missed or a program fails."""

import argparse
import sys
import tempfile
from pathlib import Path

from benchmarks.compiling import compile_sizes
from benchmarks.copying import copy
from benchmarks.measure import BenchmarkError, Row
from benchmarks.moving import move
from benchmarks.running import layers, links
from benchmarks.starting import start

BENCHMARKS = {"start": start, "chain": links, "layers": layers, "copy": copy, "compile": compile_sizes, "otter": move}


def main() -> int:
    """The exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Measure otterdsl beside its peers; all numbers are medians.")
    parser.add_argument(
        "names", nargs="*", choices=[*BENCHMARKS, []], metavar="NAME", help=f"one of {', '.join(BENCHMARKS)}; all where none is named"
    )
    names = parser.parse_args().names or list(BENCHMARKS)
    print(f"{'':36} {'ours':>11}   {'beside':24} {'theirs':>11} {'ratio':>6} {'limit':>6}", flush=True)
    failed = False
    for name in names:
        with tempfile.TemporaryDirectory(prefix=f"bench-{name}-") as folder:
            try:
                rows = BENCHMARKS[name](Path(folder).resolve())
            except BenchmarkError as error:
                print(f"{name}: {error}", file=sys.stderr)
                failed = True
                continue
        for row in rows:
            print(_line(row), flush=True)
            failed = failed or row.missed
    return int(failed)


def _line(row: Row) -> str:
    limit = "" if row.limit is None else f"{row.limit:.1f}"
    mark = "  MISSED" if row.missed else ""
    ours, theirs = _amount(row.ours, row.unit), _amount(row.peer, row.unit)
    return f"{row.what:36} {ours}   {row.peer_name:24} {theirs} {row.ratio:6.2f} {limit:>6}{mark}"


def _amount(value: float, unit: str) -> str:
    return f"{value:7.1f} MiB" if unit == "MiB" else f"{value:9.3f} s"


if __name__ == "__main__":
    sys.exit(main())
