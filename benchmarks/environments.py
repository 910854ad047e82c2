"""The environments of what is measured, under `.venvs` beside this file: otterdsl as a user installs it, and a peer each.

They are kept from run to run; otterdsl is installed anew in each, from a copy of the sources.
"""

import shutil
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
VENVS = Path(__file__).resolve().parent / ".venvs"
PEERS = {"doit": "doit==0.37.0"}
SOURCES = ("otterdsl", "grammar", "templates", "pyproject.toml", "setup.py", "README.md", "LICENSE")


def python() -> Path:
    """The interpreter itself, not a shim that looks for one."""
    return Path(sys.executable).resolve()


@cache
def ours() -> Path:
    """The `bin` folder of an environment with otterdsl and its run-time dependencies alone, no development tools."""
    folder = _environment("otterdsl")
    lock = ROOT / "requirements.lock"
    # A build within the checkout would leave its `build` folder there, and take in what an older one left.
    with tempfile.TemporaryDirectory() as name:
        copy = Path(name)
        for source in SOURCES:
            path = ROOT / source
            if path.is_dir():
                shutil.copytree(path, copy / source, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy(path, copy / source)
        constraint = ["--constraint", str(lock)] if lock.exists() else []
        _pip(folder, "install", *constraint, str(copy))
        # The version is the same as last time, so pip would see nothing to do.
        _pip(folder, "install", "--no-deps", "--force-reinstall", str(copy))
    return folder / "bin"


@cache
def peer(name: str) -> Path:
    """The `bin` folder of a peer's environment, of the one version that is pinned."""
    folder = _environment(name)
    _pip(folder, "install", PEERS[name])
    return folder / "bin"


def _environment(name: str) -> Path:
    folder = VENVS / name
    if not (folder / "bin" / "python").exists():
        subprocess.run([str(python()), "-m", "venv", str(folder)], check=True)
    return folder


def _pip(folder: Path, *arguments: str) -> None:
    subprocess.run([str(folder / "bin" / "python"), "-m", "pip", "--quiet", "--disable-pip-version-check", *arguments], check=True)
