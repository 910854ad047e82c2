"""What mends a package that cannot be used. In: its name, the reason, where packages are looked for. Out: a line of help, or nothing.

Names are compared with what lies in the folders; nothing is imported. What is absent: installed packages, of which there are too many to guess at.
"""

import os
import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

from otterdsl.compiler.source.nearest import nearest

_OTTER: Final = re.compile(r"^it raised ModuleNotFoundError: No module named 'otter(?:\.[^']*)?'")
_MISSING: Final = re.compile(r"^there is no package `([^`]+)` on the import path$")
_REWRITE: Final = "a task package written for Otter needs one change: `from otter.` becomes `from otterdsl.runtime.`"


def package_help(package: str, reason: str, folders: Sequence[str]) -> str:
    """What to do about a package that cannot be used for a reason; empty where that cannot be told."""
    if _OTTER.match(reason):
        return _REWRITE
    missing = _MISSING.match(reason)
    if missing is None:
        return ""
    *parents, name = missing.group(1).split(".")
    rest = package.split(".")[len(parents) + 1 :]
    near = nearest(name, sorted(set(_beside(folders, parents, rest))))
    return f"did you mean `{'.'.join((*parents, near, *rest))}`?" if near else ""


def _beside(folders: Sequence[str], parents: Sequence[str], rest: Sequence[str]) -> Iterator[str]:
    """The names that make a package, standing between `parents` and `rest`, in one of the folders."""
    for folder in folders:
        # What cannot be read is no package to propose.
        with suppress(OSError):
            for entry in os.scandir(Path(folder, *parents)):
                if entry.name.isidentifier() and _holds_modules(Path(entry.path, *rest)):
                    yield entry.name


def _holds_modules(folder: Path) -> bool:
    """Whether a folder has Python's modules in it."""
    with suppress(OSError), os.scandir(folder) as entries:
        return any(entry.name.endswith(".py") for entry in entries)
    return False
