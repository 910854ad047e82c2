"""Execute one task: what its state calls for, on an event loop if it is async, in a thread if it is not.

What it does goes into the task's own record: nothing is raised but being cancelled. `worker_process` does so for tasks from a queue: the loop of a
worker on its own. What is absent: which task comes when, and what follows from how it came out.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from contextvars import ContextVar
from inspect import isawaitable, iscoroutinefunction
from queue import SimpleQueue
from threading import Event
from typing import Any, Protocol

from otterdsl.runtime.executors.threads import Threads
from otterdsl.runtime.task.model import State, Task
from otterdsl.runtime.task.task_reporter import begin, cancelled, settle

CURRENT: ContextVar[Task | None] = ContextVar("otterdsl_task", default=None)
"""The task that runs here: whose log a line belongs in."""


async def execute(task: Task, threads: Threads) -> None:
    """Run the task, or validate it: whichever comes next. Raises: asyncio.CancelledError, when it is cancelled."""
    CURRENT.set(task)
    if task.context.abort.is_set():
        task.abort()
        return
    task.context.state = task.get_next_state()
    method = task.get_execution_method()
    phase = "run" if task.context.state is State.RUNNING else "validate"  # whatever the function that does it is called
    function = getattr(method, "__func__", None)
    # A decorator above `report` copies its attributes: only what names itself is a reported method.
    if getattr(function, "reported", None) is function and function is not None:
        if function.plain is None:
            await method()
            return
        await _account(task, phase, function.plain, threads)
        return
    await _account(task, phase, function or method, threads)


async def _account(task: Task, phase: str, function: Callable[..., Any], threads: Threads) -> None:
    """Do for a function what `report` does, in a thread if it is not async."""
    begin(task, phase)
    result: Any = None
    error: BaseException | None = None
    try:
        if iscoroutinefunction(function):
            result = await function(task)
        else:
            result, error = await threads.call(function, task)
            if error is None and isawaitable(result):
                result = await result
    except asyncio.CancelledError:
        cancelled(task)
        raise
    except BaseException as caught:  # noqa: BLE001 (what a task does to itself is its failure)
        error = caught
    settle(task, phase, result, error)


class TaskQueue(Protocol):
    """A queue of tasks, in a process or between processes."""

    def get(self) -> Any:
        """The next one, waiting for it."""

    def put(self, item: Any, /) -> Any:
        """Put one in."""


def worker_process(worker_id: int, task_queue: TaskQueue, result_queue: TaskQueue, shutdown_event: Event) -> None:
    """Execute tasks from a queue, one after the other, and put each into the other queue as it came out.

    Ends at a None in the queue, or once `shutdown_event` is set: that is each task's `abort` event too.
    """
    threads = Threads(f"otterdsl-worker-{worker_id}")
    inbox: SimpleQueue[Task | None] = SimpleQueue()

    def await_shutdown() -> None:
        shutdown_event.wait()
        inbox.put(None)

    def fetch() -> None:
        task = None
        with suppress(Exception):  # a queue whose process has ended
            task = task_queue.get()
        inbox.put(task)

    # A queue and an event, perhaps of another process, cannot be waited for at once: a thread waits for each.
    threads.start(await_shutdown)
    with asyncio.Runner() as runner:
        while not shutdown_event.is_set():
            threads.start(fetch)
            if (task := inbox.get()) is None:
                break
            task.context.abort = shutdown_event
            with suppress(asyncio.CancelledError):
                runner.run(execute(task, threads))
            result_queue.put(task)
    threads.close()
