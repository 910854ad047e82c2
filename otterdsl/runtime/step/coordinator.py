"""Run a step: build tasks as they become ready, hand them to an executor, and follow up how each comes out.

Everything happens in callbacks on one event loop: nothing is polled. In: a `Step`, a registry, settings, an executor. Out: the step's tasks and its
record. A failure stops new work, sets `abort`, gives running tasks `grace` and then cancels them; what cannot be cancelled is left behind. What is
absent: where tasks run, which is the executor's, and in which order, which is the schedule's.
"""

import asyncio
import logging
import threading
from collections.abc import Callable
from functools import partial
from typing import Final

from otterdsl.runtime.config.model import Config
from otterdsl.runtime.executors.local import LocalExecutor
from otterdsl.runtime.executors.model import Ending, Executor, Outcome
from otterdsl.runtime.manifest.model import Result
from otterdsl.runtime.masking import mask
from otterdsl.runtime.step.attempts import Attempts
from otterdsl.runtime.step.events import OnEvent, Teller
from otterdsl.runtime.step.loguru_lines import follow
from otterdsl.runtime.step.loops import OpenLoops, Turns
from otterdsl.runtime.step.model import Step, node_of
from otterdsl.runtime.step.running import CANCEL_SECONDS, Running
from otterdsl.runtime.step.schedule import Schedule
from otterdsl.runtime.step.stored import merge_stored
from otterdsl.runtime.task.limits import memory_of, refuse_needs
from otterdsl.runtime.task.makers import holds_tasks
from otterdsl.runtime.task.model import State, Task
from otterdsl.runtime.task.open_loops import Entry
from otterdsl.runtime.task.roles import seconds
from otterdsl.runtime.task.task_registry import TaskRegistry
from otterdsl.runtime.task.task_reporter import reason_of
from otterdsl.runtime.task.turns import MOST_TASKS
from otterdsl.runtime.util.errors import OtterError, StepFailedError, StepInvalidError, TaskBuildError

logger = logging.getLogger(__name__)

_AHEAD: Final = 256  # how many tasks are built ahead of the executor: enough for batches, and no more held in memory


class Coordinator:
    """Runs one step on the event loop that calls `run`."""

    def __init__(
        self,
        step: Step,
        task_registry: TaskRegistry,
        config: Config,
        *,
        executor: Executor | None = None,
        on_event: OnEvent | None = None,
        on_change: Callable[[], None] | None = None,
    ) -> None:
        self.step = step
        self.task_registry = task_registry
        self.config = config
        self._window = config.pool_size + _AHEAD
        self._executor = executor
        self._events = Teller(step.name, on_event)
        self._on_change = on_change or (lambda: None)
        patient = any(holds_tasks(entry.spec) for entry in step.entries.entries)
        self._schedule = Schedule(absent=step.entries.absent, groups=step.entries.groups, patient=patient)
        self._entries: dict[str, Entry] = {}
        self._running = Running()
        self._attempts = Attempts(lambda entry: self._guarded(partial(self._start, entry)), self._overdue)
        self._loops = OpenLoops(config, task_registry.scratchpad)
        self._stored_by: dict[str, str] = {}
        self._places: dict[str, object] = {}
        self._inherited: dict[str, object] = {}  # for a subtask the place of its parent's statement
        self._abort = threading.Event()
        self._stop: tuple[Result, str] | None = None
        self._over: asyncio.Future[None] | None = None

    def prepare(self) -> None:
        """Order the tasks of the step. Raises: OtterError, where they cannot be ordered."""
        if self._entries:
            return
        self.step.name_tasks(self.task_registry.scratchpad)
        entries = self.step.entries.entries
        self._entries = {entry.name: entry for entry in entries}
        self._schedule.add(map(node_of, entries))
        for entry in entries:
            try:
                refuse_needs(entry.spec, self.config)
            except TaskBuildError as error:
                raise StepInvalidError(_placed(self._place(entry, entry.task_class), f"task `{_title(entry)}`: {error.reason}")) from error
        self._see_hope()

    def _see_hope(self) -> None:
        """Raises: StepInvalidError, where a task waits for one that no task can add any more."""
        if not self._schedule.hopeless and not self._schedule.stuck:
            return
        if (unknown := self._schedule.unknown()) is not None:
            task, required, meant = unknown
            entry = self._entries.get(task)
            place = None if entry is None else self._place(entry, entry.task_class)
            name = task if entry is None else _title(entry)
            raise StepInvalidError(_placed(place, f"task `{name}` requires `{required}`, which does not exist and no task adds{meant}"))

    async def run(self) -> None:
        """Run the step to its end, whichever: its record says. Raises: asyncio.CancelledError, when it was cancelled and has stopped."""
        self._over = asyncio.get_running_loop().create_future()
        own = None if self._executor is not None else LocalExecutor(self.config.pool_size, memory_of(self.config))
        self._running.executor = self._executor or own
        self.step.start()
        try:
            self._guarded(self._begin)
            await self._wait_for_end(self._over)
        finally:
            self._running.close()
            self._close_record()
            self._loops.close()
            if own is not None:
                await own.close()

    def stop(self, result: Result, reason: str) -> None:
        """Start no more tasks, and give those that run `grace` to end. The first reason counts."""
        if self._stop is not None or self._over is None or self._over.done():
            return
        self._stop = result, mask(reason)
        self._abort.set()
        self._loops.stop()
        for name, task in self._attempts.stop():
            self._unfinished(name, task, f"the step stopped before it was tried again: {task.manifest.failure_reason}")
        self._running.stop(seconds(self.config.grace), self._abandon)
        self._check_end()

    # ------------------------------------------------------------ starting

    def _begin(self) -> None:
        self.prepare()
        self._pump()

    def _pump(self) -> None:
        """Hand over what is ready; see whether it is over."""
        schedule = self._schedule
        while schedule.has_ready and self._stop is None and len(self._running) < self._window:
            entry = self._entries.pop(schedule.take())
            (self._start if entry.loop is None else self._spread)(entry)
        if self._stop is None:
            self._see_hope()
            if schedule.stuck and not self._running:
                self.stop(Result.FAILURE, f"internal error: no task can run any more: {schedule.explain()}")
        self._check_end()

    def _start(self, entry: Entry) -> None:
        try:
            task = self.task_registry.make(entry.spec, entry.task_class)
            refuse_needs(task.spec, self.config)
        except (Exception, SystemExit) as error:  # noqa: BLE001 (a task's constructor is its author's)
            self._refuse(entry, error)
            return
        follow()  # the module of its class may just have been imported, and loguru with it
        task.context.abort = self._abort
        self._attempts.begin(entry, task)
        place = self._place(entry, type(task))
        if place is not None:
            self._places[entry.name] = place
            task.manifest.source_line = str(place)  # type: ignore[attr-defined]  # a field of ours beside Otter's
        self.step.tasks[entry.name] = task
        self.step.upsert_task_manifest(task)
        self._submit(entry.name, task)

    def _place(self, entry: Entry, task_class: type[Task] | None) -> object | None:
        place = self._inherited.get(entry.name)
        return place if place is not None else self.step.place_of(entry.spec, task_class)

    def _refuse(self, entry: Entry, error: BaseException) -> None:
        """A task that cannot be built is a failed one."""
        self._schedule.fail(entry.name)
        reason = mask(error.reason) if isinstance(error, TaskBuildError) else reason_of(error)
        place = self._place(entry, entry.task_class)
        self.step.fail_task(entry.name, reason)
        self._events.tell("failed", entry.name, reason)
        self.stop(Result.FAILURE, _placed(place, f"task `{entry.name}` cannot be built: {reason}"))

    def _submit(self, name: str, task: Task) -> None:
        first = task.context.state is State.PENDING_RUN
        heard = first and (self._events.has_listener or self._attempts.is_timed(name))
        self._running.submit(name, task, partial(self._started, name) if heard else None, self._ended)

    def _started(self, name: str, task: Task) -> None:
        self._attempts.started(name, task)
        self._events.tell("started", name)

    # ------------------------------------------------------------ loops that only a run can spread

    def _spread(self, entry: Entry) -> None:
        """Have a loop's items asked for, and its tasks told apart."""
        self._loops.begin(entry, MOST_TASKS - len(self.step.specs), lambda done: self._guarded(partial(self._add_turns, entry, done)))

    def _add_turns(self, entry: Entry, spread: "asyncio.Task[Turns]") -> None:
        try:
            entries, absent = spread.result()
            self.step.refuse_more(len(entries))
            self._schedule.add(map(node_of, entries), entry.name, absent)
        except OtterError as error:
            self._schedule.fail(entry.name)
            self.stop(Result.FAILURE, _placed(self._place(entry, entry.task_class), str(error)))
            return
        self._entries.update((each.name, each) for each in entries)
        self.step.add_subtasks(entry.name, entries)
        self._finish(entry.name)
        self._on_change()
        self._pump()

    # ------------------------------------------------------------ following up

    def _ended(self, name: str, outcome: Outcome) -> None:
        self._guarded(partial(self._follow, name, outcome))

    def _follow(self, name: str, outcome: Outcome) -> None:
        if self._over is None or self._over.done():
            return
        task = outcome.task
        if self.step.tasks[name] is not task:  # an executor may give back another one, that ran elsewhere
            self.step.tasks[name] = task
            self.step.upsert_task_manifest(task)
        well = outcome.ending is Ending.EXECUTED and task.manifest.result not in (Result.FAILURE, Result.ABORTED)
        late = None if well else self._attempts.late_reason(name, task)
        if well:
            self._advance(name, task)
        elif late is not None and self._stop is None:
            task.fail(StepFailedError(late), "run")
            self._failed(name, task, late)
        elif outcome.ending is not Ending.EXECUTED:
            self._interrupted(name, task, outcome)
        elif task.manifest.result is Result.FAILURE:
            self._failed(name, task, task.manifest.failure_reason or "it says not why")
        else:
            self._aborted(name, task, self._stop[1] if self._stop is not None else "it stopped by itself")
        self._on_change()
        self._pump()

    def _advance(self, name: str, task: Task) -> None:
        """A task has run, or was validated."""
        task.context.state = task.get_next_state()
        if task.context.state is State.PENDING_VALIDATION:
            if self._stop is None:
                self._submit(name, task)
            else:
                self._aborted(name, task, "its result was not validated")
            return
        try:
            values = self.task_registry.scratchpad.sentinel_dict
            merge_stored(values, self._stored_by, name, task.context.scratchpad.stored)
            self._attempts.end(name, task)
            if self._stop is not None and task.has_subtasks():
                return  # they are not added any more, so that it waits for them to the end
            self._add_children(name, task)
        except (OtterError, SystemExit) as error:
            task.fail(error, "run")
            self._give_up(name, task, reason_of(error))
            return
        self._finish(name)

    def _finish(self, name: str) -> None:
        for done in self._schedule.finish(name):
            finished = self.step.tasks.get(done)
            if finished is None:
                continue  # all tasks of a loop
            if finished.context.state is State.WAITING_FOR_SUBTASKS:
                finished.context.state = finished.get_next_state()
            self._events.tell("finished", done)

    def _add_children(self, name: str, task: Task) -> None:
        entries = [self.task_registry.entry(spec) for spec in task.context.specs]
        if not entries:
            return
        self.step.refuse_more(len(entries))
        self._schedule.add(map(node_of, entries), parent=name)
        self._entries.update((entry.name, entry) for entry in entries)
        if name in self._places:
            self._inherited.update((entry.name, self._places[name]) for entry in entries)
        self.step.add_subtasks(name, entries)

    # ------------------------------------------------------------ going wrong

    def _failed(self, name: str, task: Task, reason: str) -> None:
        """An attempt has failed: there is another one, or the task has failed."""
        delay = self._attempts.fail(name, task, reason) if self._stop is None else None
        if delay is None:
            self._give_up(name, task, reason)
            return
        logger.warning("task %s is tried again in %.1f s: %s", name, delay, reason)
        self._events.tell("retried", name, reason)

    def _give_up(self, name: str, task: Task, reason: str) -> None:
        self._attempts.end(name, task, reason)
        self._schedule.fail(name)
        self._events.tell("failed", name, reason)
        self.stop(Result.FAILURE, _placed(self._places.get(name), f"task `{name}` failed: {reason}"))

    def _aborted(self, name: str, task: Task, reason: str) -> None:
        self._attempts.end(name, task, reason)
        self._schedule.fail(name)
        task.manifest.result = Result.ABORTED
        task.manifest.failure_reason = reason
        self._events.tell("aborted", name, reason)
        self.stop(Result.FAILURE, _placed(self._places.get(name), f"task `{name}` was aborted: {reason}"))

    def _interrupted(self, name: str, task: Task, outcome: Outcome) -> None:
        """An attempt that was not brought to its end: by us, or by the task itself, which is its failure."""
        if self._stop is not None and outcome.ending is not Ending.LOST:
            task.abort()
            self._aborted(name, task, self._stop[1])
            return
        task.fail(StepFailedError(outcome.reason), "run")
        self._failed(name, task, outcome.reason)

    def _overdue(self, name: str, task: Task) -> None:
        """An attempt takes too long: cancel it, and go on without it if that does not end it."""
        self._running.cancel(name)
        asyncio.get_running_loop().call_later(CANCEL_SECONDS, self._leave, name, task)

    def _leave(self, name: str, task: Task) -> None:
        if self._stop is None and self._running.leave(name, task):
            self._ended(name, Outcome(task, Ending.CANCELLED))

    def _abandon(self) -> None:
        """Nothing stops what still runs: go on without it."""
        for name, task in list(self._running.tasks.items()):
            self._running.leave(name, task)
            self._unfinished(name, task, "it did not stop when it was told to")
        self._check_end()

    def _unfinished(self, name: str, task: Task, reason: str) -> None:
        task.abort()
        task.manifest.failure_reason = reason
        self._events.tell("aborted", name, reason)

    def _guarded(self, call: Callable[[], None]) -> None:
        """Whatever goes wrong in our own bookkeeping ends the step: it must never leave it waiting."""
        try:
            call()
        except OtterError as error:
            self.stop(Result.FAILURE, str(error))
        except Exception as error:
            logger.exception("internal error in step %s", self.step.name)
            self.stop(Result.FAILURE, f"internal error: {type(error).__name__}: {error}")

    # ------------------------------------------------------------ ending

    def _check_end(self) -> None:
        over = self._over
        if over is not None and not over.done() and not self._running and (self._stop is not None or self._schedule.left == 0):
            over.set_result(None)

    async def _wait_for_end(self, over: "asyncio.Future[None]") -> None:
        try:
            await asyncio.shield(over)
        except asyncio.CancelledError:
            self.stop(Result.ABORTED, "the run was interrupted")
            await self._running.wait_interrupted(self.step.name, self.config.grace, over)
            raise

    def _close_record(self) -> None:
        if self._stop is not None:
            self._close_unfinished()
        self.step.arrange()
        self.step.finish(*(self._stop or (Result.SUCCESS, None)))

    def _close_unfinished(self) -> None:
        self._abandon()  # nothing runs here any more, unless the end was not waited for
        for name, task in self.step.tasks.items():
            if task.context.state is State.WAITING_FOR_SUBTASKS and task.manifest.result is Result.SUCCESS:
                self._unfinished(name, task, "its subtasks did not all come to their end")
        never = [name for name in self._schedule.unstarted() if name not in self.step.tasks]
        self.step.abort_tasks(never)
        for name in never:
            self._events.tell("aborted", name, "it never ran")


def _title(entry: Entry) -> str:
    return entry.name if entry.loop is None else entry.loop.title


def _placed(place: object | None, message: str) -> str:
    return message if place is None else f"{place}: {message}"
