"""What `compile` writes depends on what is compiled alone: not on the process, its hash seed, its folder, its user, its locale or the clock."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from command_line import contents, environment
from moved_clock import MOMENTS, YEARS, moved, years

ROOT = Path(__file__).parents[2]
SOURCES = {"examples": ROOT / "examples", "corpus": ROOT / "tests" / "corpus" / "ok"}
PROGRAM = f"""
import sys
from otterdsl.cli.app import launch

codes = [launch(["compile", path, "-o", "out"]) for path in sys.argv[1:]]
print(set(codes), {YEARS}, file=sys.stderr)
"""


@pytest.mark.parametrize("name", SOURCES)
def test_fresh_processes_elsewhere_and_at_other_times_write_the_same_bytes(name: str, tmp_path: Path) -> None:
    entries = [
        path.relative_to(SOURCES[name])
        for path in sorted(SOURCES[name].rglob("*.otter"))
        if "step " in path.read_text() and "parts" not in path.parts
    ]
    written = []
    for seed, moment in enumerate(MOMENTS):
        folder = tmp_path / f"folder {seed}"
        shutil.copytree(SOURCES[name], folder, ignore=shutil.ignore_patterns("__pycache__", "output"))
        for path in folder.rglob("*"):
            os.utime(path, (moment, moment))
        more = {"PYTHONHASHSEED": str(seed), "TZ": f"UTC{seed:+d}", "USER": f"user{seed}", "HOME": str(folder), "LC_ALL": ("C", "C.UTF-8")[seed % 2]}
        # By relative paths in one folder, by absolute ones in the next.
        command = [sys.executable, "-c", PROGRAM, *(str(folder / entry if seed % 2 else entry) for entry in entries)]
        done = subprocess.run(
            command,
            cwd=folder,
            env=environment(**moved(tmp_path, moment), **more),
            umask=0o022 + 5 * (seed % 2),
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        assert done.stderr.splitlines()[-1] == f"{{0}} {years(moment)}", done.stderr
        written.append(contents(folder / "out"))
    assert len(written[0]) > len(entries)
    assert all(each == written[0] for each in written)
