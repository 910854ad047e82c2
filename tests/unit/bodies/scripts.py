"""Scripts of `run sh` as `.otter` files hold them, compiled, and run by the real bash with values that would like to be more than values."""

import os
import subprocess
from pathlib import Path
from typing import NamedTuple

from otterdsl.compiler.analysis.program import ResolvedType
from otterdsl.compiler.frontend import Frontend, check
from otterdsl.compiler.values.bodies import ShellBody

# In a script of these tests, what stands for a value.
V = "\0"

HOSTILE = (
    "", " a  b ", "it's", '"', "$(touch pwned)", "`touch pwned`", "a[$(touch pwned)]", "* ? [a-z]*", "~", "-n", "-e x", "; touch pwned", "x\ny",
    "t\tb", "\n touch pwned\n", "é\u202e🦦", "a\\", "\\n", "${IFS}$$$HOME", "!!", "#x", "a&b|c", "(", "])", "%s%n", "-va[$(touch pwned)]", "{a,b}",
    "\n", "\x7f\x01", "PS4=$(touch pwned)", "EOF1",
)  # fmt: skip


class Ran(NamedTuple):
    """What a script wrote, how it ended, and whether anything was run that should not."""

    out: bytes
    err: bytes
    code: int
    pwned: bool


def otter_text(script: str, value: str = "${v}") -> str:
    """A script as it is written between three `"`, with `value` for each of its values."""
    return value.join(part.replace("\\", "\\\\").replace('"', '\\"').replace("$", "\\$") for part in script.split(V))


def task(name: str, script: str, of: str = "str") -> str:
    """A task type whose body is this script; its one field is `v`."""
    lines = "\n".join(f"    {line}" if line else "" for line in otter_text(script).split("\n"))
    return f'task {name} {{\n  v: {of}\n  run sh """\n{lines}\n    """\n}}\n'


def checked(folder: Path, text: str) -> Frontend:
    path = folder / "bodies.otter"
    path.write_text(f"{text}\nstep a {{\n  hello_world a {{ }}\n}}\n", encoding="utf-8")
    return check(path)


def errors(folder: Path, text: str) -> list[tuple[str, str]]:
    """The errors of a file, by code and message."""
    return [(each.code, each.message) for each in checked(folder, text).diagnostics if each.severity.value == "error"]


def compiled(folder: Path, text: str) -> dict[str, ResolvedType]:
    """The declared types of a file, which is right, by name."""
    found = checked(folder, text)
    assert found.program is not None, [(each.code, each.message, each.span) for each in found.diagnostics]
    return {each.name: each for each in found.program.types}


def script_of(declared: ResolvedType) -> str:
    assert isinstance(declared.body, ShellBody)
    return "\n".join(declared.body.lines)


def run(script: str, folder: Path, value: str, name: str = "OTTER_v") -> Ran:
    """Run a script as a run does, its value in the environment."""
    folder.mkdir(exist_ok=True)
    env = {name: value, "PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "TMPDIR": str(folder)}
    done = subprocess.run(["bash", "-euo", "pipefail", "-c", script], env=env, cwd=folder, capture_output=True, stdin=subprocess.DEVNULL, timeout=60)
    pwned = folder / "pwned"
    was_run = pwned.exists()
    pwned.unlink(missing_ok=True)
    return Ran(done.stdout, done.stderr, done.returncode, was_run)
