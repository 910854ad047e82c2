"""Run tasks in this process: async ones on an event loop of their own in another thread, the rest in threads.

The coordinator's loop is never blocked by what a task does. Between the two loops tasks and outcomes travel in batches, since waking a thread
costs more than a task that does little. `pool_size` bounds how many run at once, each counted by the places that it needs, and `memory` what they
need of that together. Tasks begin in the order in which they came: one that needs much is not overtaken. What is absent: worker processes.
"""

import asyncio
import logging
import threading
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from contextvars import copy_context
from typing import Any, Final

from otterdsl.runtime.executors.model import Ending, Outcome
from otterdsl.runtime.executors.threads import DaemonExecutor, Threads
from otterdsl.runtime.step.worker import execute
from otterdsl.runtime.task.limits import needs_of
from otterdsl.runtime.task.model import Task

logger = logging.getLogger(__name__)

_BATCH_SECONDS: Final = 0.001  # how long outcomes may wait for others while more tasks are at hand
_HELPERS: Final = 32
_CLOSE_SECONDS: Final = 2.0  # how long the worker's loop may take to stop before it is left behind


class _Job:
    __slots__ = ("attempt", "future", "needs", "on_start", "task")

    def __init__(self, task: Task, future: "asyncio.Future[Outcome]", on_start: Callable[[Task], None] | None) -> None:
        self.task = task
        self.needs = needs_of(task.spec)
        self.future = future
        self.on_start = on_start
        self.attempt: asyncio.Task[None] | None = None


class LocalExecutor:
    """Executes tasks of the coordinator on whose event loop it is made."""

    def __init__(self, pool_size: int, memory: int | None = None) -> None:
        self._pool_size = pool_size
        self._memory = memory
        self._home = asyncio.get_running_loop()
        self._context = copy_context()  # what a task sets in its own context stays with it: neither we nor the next task go on in there
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._threads = Threads("otterdsl-task")
        self._helpers = Threads("otterdsl-helper", _HELPERS)  # what tasks themselves call in threads: `asyncio.to_thread` and the like
        self._jobs: dict[int, _Job] = {}  # by the task's id: the home loop's
        self._sent: deque[_Job] = deque()  # from home to the worker
        self._poked = False
        self._waiting: deque[_Job] = deque()  # the worker's own, as are the counts
        self._running = 0
        self._cpu_used = 0
        self._memory_used = 0
        self._back: deque[Callable[[], None]] = deque()  # from the worker to home
        self._flush_planned = False
        self._told = False
        self._closing = False

    # ------------------------------------------------------------ on the coordinator's loop

    def submit(self, task: Task, on_start: Callable[[Task], None] | None = None) -> "asyncio.Future[Outcome]":
        """Execute what the task's state calls for, as soon as there is room."""
        job = self._jobs[id(task)] = _Job(task, self._home.create_future(), on_start)
        self._sent.append(job)
        if not self._poked:
            self._poked = True
            self._home.call_soon(self._poke)  # later, so that what is submitted together is sent together
        return job.future

    def cancel(self, task: Task) -> None:
        """Keep a task from being executed, or cancel it; a function in a thread goes on behind the scenes, its result unused."""
        job = self._jobs.get(id(task))
        if job is not None:
            self._worker().call_soon_threadsafe(self._cancel, job)

    async def close(self) -> None:
        """Stop the worker's loop and what is left on it. One that a task blocks is left behind: its thread keeps no program from ending."""
        self._closing = True
        if self._loop is None or self._thread is None:
            return
        self._loop.call_soon_threadsafe(self._loop.stop)
        await asyncio.to_thread(self._thread.join, _CLOSE_SECONDS)
        self._threads.close()
        self._helpers.close()

    def _worker(self) -> asyncio.AbstractEventLoop:
        if self._loop is None:
            self._loop = asyncio.new_event_loop()
            self._loop.set_default_executor(DaemonExecutor(self._helpers))
            self._thread = threading.Thread(target=self._serve, args=(self._loop,), name="otterdsl-worker", daemon=True)
            self._thread.start()
        return self._loop

    def _poke(self) -> None:
        self._poked = False
        self._worker().call_soon_threadsafe(self._pull)

    def _deliver(self) -> None:
        self._told = False
        while self._back:
            try:
                self._back.popleft()()
            except Exception:
                logger.exception("internal error: a message from the worker could not be taken")

    def _resolve(self, job: _Job, outcome: Outcome) -> None:
        self._jobs.pop(id(job.task), None)
        if not job.future.done():
            job.future.set_result(outcome)

    # ------------------------------------------------------------ on the worker's loop

    def _serve(self, loop: asyncio.AbstractEventLoop) -> None:
        asyncio.set_event_loop(loop)
        while not self._closing:
            # What a task leaves running may call sys.exit: that ends neither the program nor the worker.
            with suppress(SystemExit, KeyboardInterrupt):
                loop.run_forever()
        left = asyncio.all_tasks(loop)
        for each in left:
            each.cancel()
        with suppress(BaseException):
            loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))
            loop.run_until_complete(loop.shutdown_asyncgens())
        loop.close()

    def _pull(self) -> None:
        while self._sent:
            self._waiting.append(self._sent.popleft())
        self._fill()

    def _fill(self) -> None:
        loop = self._loop
        if loop is None:
            return
        while self._waiting and self._has_room(self._waiting[0]):
            job = self._waiting.popleft()
            self._count(job, 1)
            job.attempt = loop.create_task(self._attempt(job), context=self._context.copy())

    def _has_room(self, job: _Job) -> bool:
        """Whether what a task needs is free; what needs more than there is runs alone."""
        if not self._running:
            return True
        if self._cpu_used + job.needs.cpu > self._pool_size:
            return False
        return self._memory is None or self._memory_used + job.needs.memory <= self._memory

    def _count(self, job: _Job, sign: int) -> None:
        self._running += sign
        self._cpu_used += sign * job.needs.cpu
        self._memory_used += sign * job.needs.memory

    async def _attempt(self, job: _Job) -> None:
        if job.on_start is not None:
            started, task = job.on_start, job.task
            self._send(lambda: started(task))
        ending, reason = Ending.EXECUTED, ""
        try:
            await execute(job.task, self._threads)
        except asyncio.CancelledError:
            ending, reason = Ending.CANCELLED, "it was cancelled"
        except BaseException as error:  # noqa: BLE001 (whatever it is, the coordinator must hear of it)
            ending, reason = Ending.LOST, f"{type(error).__name__}: {error}"
        self._count(job, -1)
        self._end(job, Outcome(job.task, ending, reason))
        self._fill()

    def _cancel(self, job: _Job) -> None:
        while self._sent:
            self._waiting.append(self._sent.popleft())
        if job.attempt is not None:
            job.attempt.cancel()
        elif job in self._waiting:
            self._waiting.remove(job)
            self._end(job, Outcome(job.task, Ending.NEVER_RAN, "it never ran"))

    def _end(self, job: _Job, outcome: Outcome) -> None:
        self._send(lambda: self._resolve(job, outcome))

    def _send(self, message: Callable[[], None]) -> None:
        """Send home a call, with others that come soon: at once when nothing more is at hand to do."""
        self._back.append(message)
        if self._flush_planned or self._loop is None:
            return
        self._flush_planned = True
        plan: Callable[..., Any] = self._loop.call_soon if not self._waiting else self._later
        plan(self._flush)

    def _later(self, call: Callable[[], None]) -> None:
        if self._loop is not None:
            self._loop.call_later(_BATCH_SECONDS, call)

    def _flush(self) -> None:
        self._flush_planned = False
        if not self._told:
            self._told = True
            with suppress(RuntimeError):  # the coordinator's loop is closed: nobody waits any more
                self._home.call_soon_threadsafe(self._deliver, context=self._context)
