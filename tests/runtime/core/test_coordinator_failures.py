"""What tasks do to themselves is their failure, and what follows from it."""

import asyncio
import sys
from typing import Any, Self

import pytest
from coordinated import Noop, spec
from steps import run_step

from otterdsl.runtime.manifest.model import Artifact, Result
from otterdsl.runtime.task.model import Task
from otterdsl.runtime.util.errors import TaskValidationError


class SyncRaise(Task):
    def run(self) -> Self:
        raise ValueError("sync")


class Leave(Task):
    def run(self) -> Self:
        sys.exit(3)


class LeaveAsync(Task):
    async def run(self) -> Self:
        sys.exit()


class Interrupt(Task):
    async def run(self) -> Self:
        raise KeyboardInterrupt


class InterruptThread(Task):
    def run(self) -> Self:
        raise KeyboardInterrupt


class StopIterating(Task):
    def run(self) -> Self:
        raise StopIteration("over")


class CancelItself(Task):
    async def run(self) -> Self:
        raise asyncio.CancelledError


class GiveNothing(Task):
    def run(self) -> Any:
        return None


class Generate(Task):
    async def run(self) -> Any:
        return (n for n in range(3))


class Invalid(Noop):
    async def validate(self) -> Self:
        raise TaskValidationError("it is empty")


class OddArtifact(Artifact):
    of: Any


class NoArtifact(Task):
    def run(self) -> Self:
        self.artifacts = ["a.txt"]  # type: ignore[list-item]  # that is the point
        return self


class UnwritableArtifact(Task):
    def run(self) -> Self:
        self.artifacts = [OddArtifact(source="a", destination="b", of=object())]
        return self


class NotMade(Noop):
    def __init__(self, *arguments: Any) -> None:
        raise RuntimeError("not today")


class BadBackground(Task):
    async def run(self) -> Self:
        async def leave() -> None:
            sys.exit(4)

        self.left = asyncio.create_task(leave())
        await asyncio.sleep(0.05)
        raise ValueError(f"after {self.left.exception()!r}")


@pytest.mark.parametrize(
    ("of", "reason"),
    [
        (SyncRaise, "task `bad a` failed: ValueError: sync"),
        (Leave, "task `bad a` failed: it called sys.exit(3)"),
        (LeaveAsync, "task `bad a` failed: it called sys.exit()"),
        (Interrupt, "task `bad a` failed: KeyboardInterrupt"),
        (InterruptThread, "task `bad a` failed: KeyboardInterrupt"),
        (StopIterating, "task `bad a` failed: StopIteration: over"),
        (CancelItself, "task `bad a` failed: it was cancelled"),
        (GiveNothing, "task `bad a` failed: `run` gave back nothing: it must return the task itself (`return self`)"),
        (Generate, "task `bad a` failed: `run` gave back a generator: it must return the task itself (`return self`)"),
        (Invalid, "task `bad a` failed: it is empty"),
        (NoArtifact, "task `bad a` failed: its artifacts cannot be written down: 'a.txt' is a str, and no Artifact"),
        (UnwritableArtifact, "task `bad a` failed: its artifacts cannot be written down: Unable to serialize unknown type: <class 'object'>"),
        (NotMade, "task `bad a` cannot be built: RuntimeError: not today"),
        (BadBackground, "task `bad a` failed: ValueError: after SystemExit(4)"),
    ],
)
def test_whatever_a_task_does_to_itself_is_its_failure(of: type[Task], reason: str) -> None:
    ran = run_step([spec("bad a"), spec("t b", "bad a"), spec("t c", "t b")], {"bad": of, "t": Noop})
    assert ran.reason == reason
    assert ran.results == {"bad a": "failure", "t b": "aborted", "t c": "aborted"}
    assert ran.step.manifest.result is Result.FAILURE
    assert [event.event for event in ran.events if event.task != "bad a"] == ["aborted", "aborted"]


def test_an_unknown_task_type_fails_the_step_with_the_nearest() -> None:
    ran = run_step([spec("nop a")], {"noop": Noop})
    assert ran.reason == "task `nop a` cannot be built: unknown task type `nop`; did you mean `noop`?"


def test_a_cycle_fails_the_step_before_anything_runs() -> None:
    ran = run_step([spec("t a", "t b"), spec("t b", "t a"), spec("t c")], {"t": Noop})
    assert "in a circle" in ran.reason
    assert ran.results == {"t a": "aborted", "t b": "aborted", "t c": "aborted"}
