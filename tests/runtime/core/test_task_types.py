"""A type checker's view of a user's tasks: `run` and `validate` in each form that a run accepts, and in none other."""

import os
import subprocess
import sys
from pathlib import Path

import otterdsl

KINDS = '''
"""Tasks of each form."""

from typing import Self

from otterdsl.runtime import Artifact, Spec, Task, TaskContext, report


class PlainSpec(Spec):
    path: str


class Plain(Task):
    spec: PlainSpec

    def __init__(self, spec: PlainSpec, context: TaskContext) -> None:
        super().__init__(spec, context)

    def run(self) -> Self:
        self.artifacts = [Artifact(source=self.spec.path, destination="x")]
        return self

    def validate(self) -> Self:
        return self


class Async(Task):
    async def run(self) -> Self:
        return self

    async def validate(self) -> Self:
        return self


class Reported(Task):
    @report
    def run(self) -> Self:
        return self

    @report
    def validate(self) -> Self:
        return self


class ReportedAsync(Task):
    @report
    async def run(self) -> Self:
        return self

    @report
    async def validate(self) -> Self:
        return self


class PlainChild(Plain):
    def run(self) -> Self:
        return super().run()


class AsyncChild(Async):
    async def run(self) -> Self:
        return await super().run()


class ReportedChild(ReportedAsync):
    @report
    async def run(self) -> Self:
        await super().run()
        return self
'''

WRONG = """
from otterdsl.runtime import Task


class Nothing(Task):
    def run(self) -> None: ...


class Number(Task):
    async def run(self) -> int:
        return 1
"""


def mypy(folder: Path, text: str) -> tuple[int, str]:
    """What a strict mypy says of a module: its exit code and its lines."""
    (folder / "kinds.py").write_text(text)
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--cache-dir", str(folder / "cache"), "--config-file", os.devnull, "kinds.py"],
        cwd=folder,
        env={**os.environ, "MYPYPATH": str(Path(otterdsl.__file__).parents[1])},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def test_run_and_validate_may_be_async_or_not_and_reported_or_not(tmp_path: Path) -> None:
    code, said = mypy(tmp_path, KINDS)
    assert code == 0, said


def test_what_gives_back_no_task_is_an_error(tmp_path: Path) -> None:
    code, said = mypy(tmp_path, WRONG)
    assert code == 1
    assert [line.partition(": ")[0] for line in said.splitlines() if "[override]" in line] == ["kinds.py:6", "kinds.py:10"]
