"""The real command, in a process of its own. In: files and arguments. Out: what it said, how it ended, and what changed on disk."""

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

PROGRAM = Path(sys.executable).parent / "otterdsl"
LONGEST = 120  # seconds; a command that takes longer hangs

PIPELINE = """\
# Two steps and a loop.
pipeline p { work_path = "./made" }
param who: str = "world"
scratchpad { names = ["a", "b"] }
step first {
  for each in names as greetings {
    hello_world "${each}" { who = "${who} ${each}" }
  }
  hello_world last { requires [greetings] }
}
step second {
  requires [first]
  hello_world again {}
}
step alone { hello_world me {} }
"""


@dataclass(frozen=True, slots=True)
class Ended:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def said(self) -> str:
        """Both streams, and a check that they hold no traceback."""
        text = self.out + self.err
        assert "Traceback" not in text, text
        return text


def environment(**more: str) -> dict[str, str]:
    """Ours, without what changes how the program looks and where it asks, with `more`."""
    unwanted = ("NO_COLOR", "FORCE_COLOR", "CI", "COLUMNS", "LINES")
    kept = {name: value for name, value in os.environ.items() if name not in unwanted and not name.startswith("OTTERDSL_")}
    kept = {name: value for name, value in kept.items() if not name.lower().endswith("_proxy")}
    return {**kept, "PYTHONDONTWRITEBYTECODE": "1", **more}


def otterdsl(*arguments: object, folder: Path, text: str | None = None, **more: str) -> Ended:
    """Run the program in `folder`."""
    command = [str(PROGRAM), *map(str, arguments)]
    done = subprocess.run(
        command, cwd=folder, env=environment(**more), input=text, capture_output=True, text=True, encoding="utf-8", errors="replace", timeout=LONGEST
    )
    return Ended(done.returncode, done.stdout, done.stderr)


def write(folder: Path, files: Mapping[str, str | bytes]) -> None:
    """Write files below `folder`; a name that ends in `/` is an empty folder."""
    for name, content in files.items():
        path = folder / name
        if name.endswith("/"):
            path.mkdir(parents=True)
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)


def contents(folder: Path) -> dict[str, bytes]:
    """All files below `folder`."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}
