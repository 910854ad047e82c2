"""How often the records of steps are written, and what becomes of who listens to it."""

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
from otterdsl.runtime.step.writer import RecordWriter
from otterdsl.runtime.task.model import Spec, Task
from otterdsl.runtime.util.errors import ManifestError


class Counted:
    """Counts writes; some fail."""

    def __init__(self, failing: int = 0) -> None:
        self.writes = 0
        self.names: list[tuple[str, ...]] = []
        self.failing = failing

    async def update(self, *records: StepManifest) -> None:
        self.writes += 1
        self.names.append(tuple(record.name for record in records))
        await asyncio.sleep(0)
        if self.writes <= self.failing:
            raise ManifestError("full disk")


def written(manifest: Counted, changes: int, seconds: float = 0) -> int:
    async def go() -> None:
        writer, record = RecordWriter(cast("Manifest", manifest)), StepManifest(name="s")
        for _ in range(changes):
            writer.changed(record)
            await asyncio.sleep(seconds)
        await writer.finish(record)

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


def test_steps_that_end_together_are_written_together() -> None:
    manifest = Counted()

    async def go() -> None:
        writer, steps = RecordWriter(cast("Manifest", manifest)), [StepManifest(name=f"s{number}") for number in range(40)]
        await asyncio.gather(*(writer.finish(step) for step in steps))
        writer.changed(steps[0])
        await writer.finish(steps[1])

    asyncio.run(go())
    assert manifest.names == [("s0",), tuple(f"s{number}" for number in range(1, 40)), ("s0", "s1")]


def test_each_step_hears_that_its_last_write_failed() -> None:
    async def go() -> list[None | BaseException]:
        writer = RecordWriter(cast("Manifest", Counted(failing=9)))
        return await asyncio.gather(*(writer.finish(StepManifest(name=f"s{number}")) for number in range(3)), return_exceptions=True)

    assert [str(each) for each in asyncio.run(go())] == ["full disk"] * 3


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
