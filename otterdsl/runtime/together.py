"""Run steps together: each after those that it requires, what nothing orders side by side, until all are done or one has failed.

In: parts, each a step with its registry, settings and record. Out: how it came out. What is absent: where steps come from, which is `core`'s and
`configuration`'s, and the order of tasks within a step, which is the coordinator's.
"""

import asyncio
import gc
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial

from otterdsl.runtime.config.model import Config
from otterdsl.runtime.executors.local import LocalExecutor
from otterdsl.runtime.executors.model import Executor
from otterdsl.runtime.manifest.model import Manifest, Result
from otterdsl.runtime.signals import terminable
from otterdsl.runtime.step.coordinator import Coordinator
from otterdsl.runtime.step.events import OnEvent
from otterdsl.runtime.step.logs import task_logs
from otterdsl.runtime.step.model import Step
from otterdsl.runtime.step.node import Node
from otterdsl.runtime.step.schedule import Schedule
from otterdsl.runtime.step.writer import RecordWriter
from otterdsl.runtime.task.limits import memory_of
from otterdsl.runtime.task.task_registry import TaskRegistry
from otterdsl.runtime.util.errors import OtterError, StepInvalidError
from otterdsl.runtime.util.fs import check_dir


@dataclass(frozen=True, slots=True)
class RunResult:
    """How a run came out: the steps that ran, in the order in which they began, and why it failed if it did."""

    result: Result
    steps: tuple[Step, ...]
    failure_reason: str | None = None

    @property
    def ok(self) -> bool:
        """Whether all went well."""
        return self.result is Result.SUCCESS


class Part:
    """A step of a run with all that it needs."""

    __slots__ = ("coordinator", "requires", "step", "writer")

    def __init__(
        self,
        step: Step,
        registry: TaskRegistry,
        config: Config,
        writer: RecordWriter,
        *,
        requires: Sequence[str] = (),
        executor: Executor | None = None,
        on_event: OnEvent | None = None,
    ) -> None:
        self.step = step
        self.requires = requires
        self.writer = writer
        changed = partial(writer.changed, step.manifest)
        self.coordinator = Coordinator(step, registry, config, executor=executor, on_event=on_event, on_change=changed)

    def prepare(self) -> None:
        """Order the tasks before anything runs. Raises: StepInvalidError, where they cannot be ordered."""
        try:
            self.coordinator.prepare()
        except OtterError as error:
            raise StepInvalidError(f"step `{self.step.name}`: {error}") from error

    async def run(self) -> None:
        """Run the step, and write its record last of all."""
        try:
            await self.coordinator.run()
        finally:
            await self.writer.finish(self.step.manifest)


async def run_all(config: Config, manifest: Manifest, make: Callable[[RecordWriter, LocalExecutor], Sequence[Part]]) -> RunResult:
    """Run the steps that `make` gives for a writer of records and an executor that they share.

    Raises: OtterError, for a manifest or a work path that cannot be used, and what `make` raises, before anything starts.
    """
    manifest.check()
    check_dir(config.work_path)
    executor = LocalExecutor(config.pool_size, memory_of(config))
    with terminable(), without_collections(), task_logs(config.log_level):
        try:
            return await run_together(make(RecordWriter(manifest), executor))
        finally:
            await executor.close()


async def run_together(parts: Sequence[Part]) -> RunResult:
    """Run the steps. One that fails stops those that run beside it, and no other begins. Raises: OtterError, where a manifest cannot be written."""
    named = {part.step.name: part for part in parts}
    schedule = Schedule()
    schedule.add(Node(name, [each for each in part.requires if each in named]) for name, part in named.items())
    running: dict[asyncio.Task[None], str] = {}
    begun: list[Step] = []
    reason: str | None = None
    try:
        while True:
            while schedule.has_ready and reason is None:
                name = schedule.take()
                begun.append(named[name].step)
                running[asyncio.create_task(named[name].run())] = name
            if not running:
                return RunResult(Result.SUCCESS if reason is None else Result.FAILURE, tuple(begun), reason)
            ended, _ = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
            for each in ended:
                name = running.pop(each)
                record = named[name].step.manifest
                if (error := each.exception()) is not None:
                    raise error
                if record.result is Result.SUCCESS:
                    schedule.finish(name)
                    continue
                schedule.fail(name)
                if reason is None:
                    reason = f"step `{name}` failed: {record.failure_reason}"
                for other in running.values():
                    named[other].coordinator.stop(Result.ABORTED, f"step `{name}` failed")
    finally:
        for each in running:
            each.cancel()
        await asyncio.gather(*running, return_exceptions=True)


@contextmanager
def without_collections() -> Iterator[None]:
    """Keep the garbage collector from walking all there is, again and again, for what a run adds: it looks at the new alone, and seldom."""
    before = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()
