"""How often a step's record is written, and what becomes of who listens to it."""

import asyncio
from typing import cast

import pytest
from steps import registry

from otterdsl.runtime.config.model import Config
from otterdsl.runtime.manifest.model import Manifest, Result, StepManifest
from otterdsl.runtime.step import writer as writer_module
from otterdsl.runtime.step.coordinator import Coordinator
from otterdsl.runtime.step.events import TaskEvent
from otterdsl.runtime.step.model import Step
from otterdsl.runtime.step.writer import StepWriter
from otterdsl.runtime.task.model import Spec, Task
from otterdsl.runtime.util.errors import ManifestError


class Counted:
    """Counts writes; some fail."""

    def __init__(self, failing: int = 0) -> None:
        self.writes = 0
        self.failing = failing

    async def update(self, record: StepManifest) -> None:
        self.writes += 1
        await asyncio.sleep(0)
        if self.writes <= self.failing:
            raise ManifestError("full disk")


def written(manifest: Counted, changes: int, seconds: float = 0) -> int:
    async def go() -> None:
        step = StepWriter(cast("Manifest", manifest), StepManifest(name="s"))
        for _ in range(changes):
            step.changed()
            await asyncio.sleep(seconds)
        await step.finish()

    asyncio.run(go())
    return manifest.writes


def test_changes_within_a_second_are_written_once() -> None:
    assert written(Counted(), 1000) == 1


def test_changes_over_time_are_written_as_they_come(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer_module, "_INTERVAL", 0.0)
    assert written(Counted(), 5, seconds=0.01) > 2


def test_a_write_that_fails_on_the_way_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer_module, "_INTERVAL", 0.0)
    assert written(Counted(failing=1), 5, seconds=0.01) > 1


def test_the_last_write_may_not_fail() -> None:
    with pytest.raises(ManifestError, match="full disk"):
        written(Counted(failing=9), 1)


class Noop(Task):
    async def run(self) -> Task:
        return self


def test_a_listener_that_raises_stops_nothing(caplog: pytest.LogCaptureFixture) -> None:
    heard: list[TaskEvent] = []

    def listen(event: TaskEvent) -> None:
        heard.append(event)
        raise BrokenPipeError

    config = Config(step="s")
    step = Step("s", [Spec(name="t a"), Spec(name="t b")])
    asyncio.run(Coordinator(step, registry({"t": Noop}), config, on_event=listen).run())
    assert step.manifest.result is Result.SUCCESS
    assert len(heard) == 1
    assert "could not be told" in caplog.text
