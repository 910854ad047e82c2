"""What `compile` writes depends on what is compiled alone: not on the process, its hash seed, its folder, its user, its locale or the clock."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from command_line import contents, environment

ROOT = Path(__file__).parents[2]
SOURCES = {"examples": ROOT / "examples", "corpus": ROOT / "tests" / "corpus" / "ok"}
# Each seed is another moment, by every clock that Python code can ask; files of the sources are as old as that, too.
CLOCK = """
import datetime, os, time

moment = 10**8 * (1 + int(os.environ["PYTHONHASHSEED"]))
time.time, time.time_ns = lambda: float(moment), lambda: moment * 10**9
for name in ("gmtime", "localtime"):
    setattr(time, name, lambda seconds=None, real=getattr(time, name): real(moment if seconds is None else seconds))

class Moved(datetime.datetime):
    @classmethod
    def now(cls, tz=None):
        return cls.fromtimestamp(moment, tz)

class Day(datetime.date):
    @classmethod
    def today(cls):
        return cls.fromtimestamp(moment)

Moved.today = Moved.utcnow = Moved.now
datetime.datetime, datetime.date = Moved, Day
"""
PROGRAM = """
import datetime, sys
from otterdsl.cli.app import launch

codes = [launch(["compile", path, "-o", "out"]) for path in sys.argv[1:]]
print(datetime.datetime.now().year, set(codes), file=sys.stderr)
"""


@pytest.mark.parametrize("name", SOURCES)
def test_fresh_processes_elsewhere_and_at_other_times_write_the_same_bytes(name: str, tmp_path: Path) -> None:
    (tmp_path / "clock").mkdir()
    (tmp_path / "clock" / "sitecustomize.py").write_text(CLOCK)
    entries = [
        path.relative_to(SOURCES[name])
        for path in sorted(SOURCES[name].rglob("*.otter"))
        if "step " in path.read_text() and "parts" not in path.parts
    ]
    written, years = [], set()
    for seed in range(5):
        folder = tmp_path / f"folder {seed}"
        shutil.copytree(SOURCES[name], folder, ignore=shutil.ignore_patterns("__pycache__", "output"))
        for path in folder.rglob("*"):
            os.utime(path, (10**8 * seed, 10**8 * seed))
        more = {"PYTHONHASHSEED": str(seed), "TZ": f"UTC{seed:+d}", "USER": f"user{seed}", "HOME": str(folder), "LC_ALL": ("C", "C.UTF-8")[seed % 2]}
        # By relative paths in one folder, by absolute ones in the next.
        command = [sys.executable, "-c", PROGRAM, *(str(folder / entry if seed % 2 else entry) for entry in entries)]
        done = subprocess.run(
            command,
            cwd=folder,
            env=environment(PYTHONPATH=str(tmp_path / "clock"), **more),
            umask=0o022 + 5 * (seed % 2),
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        year, codes = done.stderr.splitlines()[-1].split(" ", 1)
        assert codes == "{0}", done.stderr
        years.add(year)
        written.append(contents(folder / "out"))
    assert len(years) == 5
    assert len(written[0]) > len(entries)
    assert all(each == written[0] for each in written)
