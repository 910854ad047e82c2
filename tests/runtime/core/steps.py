"""What tests of running steps share: run specs whose classes a test wrote."""

import asyncio
from collections.abc import Callable, Coroutine, Iterable, Mapping
from pathlib import Path
from typing import Any

from otterdsl.runtime.config.model import Config
from otterdsl.runtime.scratchpad.model import Scratchpad
from otterdsl.runtime.step.coordinator import Coordinator
from otterdsl.runtime.step.events import TaskEvent
from otterdsl.runtime.step.logs import task_logs
from otterdsl.runtime.step.model import Step
from otterdsl.runtime.task.model import Spec, Task
from otterdsl.runtime.task.task_registry import TaskRegistry

END_SECONDS = 30.0  # no test takes this long: it would have hung


class Ran:
    """A step that has run: the step, the events, the scratchpad."""

    def __init__(self, step: Step, events: list[TaskEvent], scratchpad: Scratchpad) -> None:
        self.step = step
        self.events = events
        self.scratchpad = scratchpad

    @property
    def results(self) -> dict[str, str]:
        """How each task came out."""
        return {record.name: record.result.value for record in self.step.manifest.tasks}

    @property
    def reason(self) -> str:
        """Why the step failed."""
        return self.step.manifest.failure_reason or ""


def registry(types: Mapping[str, type[Task]], config: Config | None = None, scratchpad: Mapping[str, Any] | None = None) -> TaskRegistry:
    """A registry with these classes, the base Spec theirs."""
    made = TaskRegistry(config or Config(step="main"), Scratchpad(dict(scratchpad or {})))
    for name, of in types.items():
        made.add(name, of, getattr(of, "Spec", Spec))
    return made


def run_step(
    specs: Iterable[Spec],
    types: Mapping[str, type[Task]],
    *,
    tmp_path: Path | None = None,
    scratchpad: Mapping[str, Any] | None = None,
    cancel_after: float | None = None,
    **settings: Any,
) -> Ran:
    """Run a step to its end. A step that does not end fails the test."""
    config = Config(step="main", **({"work_path": tmp_path} if tmp_path else {}), **settings)
    made = registry(types, config, scratchpad)
    step = Step("main", list(specs))
    events: list[TaskEvent] = []

    async def run() -> None:
        running = asyncio.create_task(Coordinator(step, made, config, on_event=events.append).run())
        if cancel_after is not None:
            await asyncio.sleep(cancel_after)
            running.cancel()
        # Not `wait_for`: it would wait for what it cancels, which a step that hangs does not heed either.
        await asyncio.wait({running}, timeout=END_SECONDS)
        assert running.done(), "the step hangs"
        if not running.cancelled():
            await running

    with task_logs(config.log_level):
        _run_to_its_end(run)
    return Ran(step, events, made.scratchpad)


def _run_to_its_end(run: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Run it on a loop of its own, which is left behind if it fails: closing it would wait for what hangs."""
    runner = asyncio.Runner()
    runner.run(run())
    runner.close()
