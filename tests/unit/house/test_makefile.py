"""`make` is the way in: it lists what there is, and says plainly when Python is too old."""

import os
import re
import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[3]
MAKEFILE = (ROOT / "Makefile").read_text()


def make(*arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run make on its own, not as a part of the make that may run the tests."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
    return subprocess.run(["make", *arguments], cwd=folder, env=environment, capture_output=True, text=True)


def test_make_alone_lists_every_target() -> None:
    phony = re.search(r"^\.PHONY: (.*)$", MAKEFILE, re.MULTILINE)
    assert phony is not None
    listed = re.findall(r"^  make (\S+) +\S", make(folder=ROOT).stdout, re.MULTILINE)
    assert sorted(listed) == sorted(phony.group(1).split())


def test_an_old_python_is_refused_with_a_clear_message(tmp_path: Path) -> None:
    for name in ("Makefile", "pyproject.toml", "setup.py", "requirements.lock"):
        shutil.copy(ROOT / name, tmp_path)
    old = tmp_path / "python3.10"
    old.write_text('#!/bin/sh\n[ "$1" = --version ] && echo "Python 3.10.4" && exit 0\nexit 1\n')
    old.chmod(0o755)
    done = make("install", f"PYTHON={old}", folder=tmp_path)
    assert done.returncode == 2
    assert "needs Python 3.11 or newer" in done.stderr
    assert "Python 3.10.4" in done.stderr
    assert not (tmp_path / ".venv").exists()


def test_ci_runs_check_and_test_and_nothing_else() -> None:
    script = ROOT / ".ci" / "run"
    assert os.access(script, os.X_OK)
    lines = [line for line in script.read_text().splitlines() if line and not line.startswith("#")]
    assert lines == ["set -euo pipefail", 'cd "$(dirname "$0")/.."', "make check test"]


def test_the_lock_pins_versions_and_names_no_place() -> None:
    lines = [line for line in (ROOT / "requirements.lock").read_text().splitlines() if not line.startswith("#")]
    assert len(lines) > 20
    assert [line for line in lines if not re.fullmatch(r"[A-Za-z0-9_.-]+==[A-Za-z0-9_.+!-]+", line)] == []
