"""The fenced blocks of a page, and the commands in them. In: a page. Out: blocks; what a command prints."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

FENCE: Final = re.compile(r"^```(\w+)(?: (\w+)=(\S+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SECONDS: Final = re.compile(r"\d+\.\d\d s\b")
LONGEST: Final = 120  # seconds; a command that takes longer hangs


class Block(NamedTuple):
    """A fenced block: its page, its line, its language, and the `key=value` after it (empty where none)."""

    page: str
    line: int
    language: str
    key: str
    value: str
    text: str


def blocks_of(page: Path) -> tuple[Block, ...]:
    """The fenced blocks of a page, in order."""
    text = page.read_text(encoding="utf-8")
    return tuple(
        Block(page.stem, text.count("\n", 0, found.start()) + 1, found[1], found[2] or "", found[3] or "", found[4]) for found in FENCE.finditer(text)
    )


def commands_of(block: Block) -> Iterator[tuple[str, str]]:
    """Each command of a console block, and what the page says that it prints."""
    for part in re.split(r"^\$ ", block.text, flags=re.MULTILINE)[1:]:
        command, shown = part.split("\n", 1)
        yield command, shown


def bash(command: str, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a command as a reader would: our program on the path, nothing of ours in the environment. Both streams are in `stdout`, in order."""
    unwanted = ("NO_COLOR", "FORCE_COLOR", "CI", "COLUMNS", "LINES")
    kept = {key: value for key, value in os.environ.items() if key not in unwanted and not key.startswith("OTTERDSL_")}
    path = f"{Path(sys.executable).parent}{os.pathsep}{kept['PATH']}"
    environment = {**kept, "PATH": path, "PYTHONDONTWRITEBYTECODE": "1", **environment}
    return subprocess.run(
        ["bash", "-c", command], cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=LONGEST
    )
