"""The tasks that an executor has been given and has not given back, and the end that a step makes with them.

In: tasks, by name. Out: how each attempt ended, to whoever submitted it. A step that stops tells its tasks so, gives them `grace`, cancels them, and
leaves behind what does not end even then. What is absent: what follows from an attempt's end.
"""

import asyncio
import logging
from collections.abc import Callable
from functools import partial
from typing import Final, TypeAlias

from otterdsl.runtime.executors.model import Executor, Outcome
from otterdsl.runtime.task.model import State, Task

CANCEL_SECONDS: Final = 1.0
"""How long a cancelled task may take to end."""

_PATIENCE: Final = 0.5  # how many seconds an interrupted run may take to end before it says what it waits for
_to_people = logging.getLogger("otterdsl.runtime.stopping")  # apart: what the coordinator logs itself is told as events too

OnEnd: TypeAlias = Callable[[str, Outcome], None]


class Running:
    """Tasks at an executor. All is called from one event loop."""

    def __init__(self) -> None:
        self.tasks: dict[str, Task] = {}
        self.executor: Executor | None = None
        self._timer: asyncio.TimerHandle | None = None

    def __len__(self) -> int:
        return len(self.tasks)

    def submit(self, name: str, task: Task, on_start: Callable[[Task], None] | None, on_end: OnEnd) -> None:
        """Have executed what the task's state calls for. `on_end` hears of it, unless the task was left behind."""
        if self.executor is None:
            raise RuntimeError("no executor is at hand")
        self.tasks[name] = task
        self.executor.submit(task, on_start).add_done_callback(partial(self._ended, name, task, on_end))

    def _ended(self, name: str, task: Task, on_end: OnEnd, future: "asyncio.Future[Outcome]") -> None:
        if self.tasks.get(name) is task:
            del self.tasks[name]
            on_end(name, future.result())

    def cancel(self, name: str) -> None:
        """Keep a task from being executed, or cancel it."""
        if self.executor is not None and name in self.tasks:
            self.executor.cancel(self.tasks[name])

    def leave(self, name: str, task: Task) -> bool:
        """Wait for an attempt no longer. Gives whether it was still under way."""
        if self.tasks.get(name) is not task:
            return False
        del self.tasks[name]
        return True

    def stop(self, grace: float, on_left: Callable[[], None]) -> None:
        """Tell all tasks to stop, cancel those that have not begun, and after the grace all. `on_left` hears when even that did not end them."""
        for name, task in list(self.tasks.items()):
            task.context.abort.set()
            if task.context.state in (State.PENDING_RUN, State.PENDING_VALIDATION):
                self.cancel(name)
        self._timer = asyncio.get_running_loop().call_later(grace, self._give_up, on_left)

    def _give_up(self, on_left: Callable[[], None]) -> None:
        for name in list(self.tasks):
            self.cancel(name)
        self._timer = asyncio.get_running_loop().call_later(CANCEL_SECONDS, on_left)

    def close(self) -> None:
        """Wait for nothing any more."""
        if self._timer is not None:
            self._timer.cancel()

    async def wait_interrupted(self, step: str, grace: str, over: "asyncio.Future[None]") -> None:
        """Wait for the end of a step that was interrupted, and say after a while what it waits for."""
        saying = asyncio.get_running_loop().call_later(_PATIENCE, self._say_what_runs, step, grace)
        try:
            await over
        finally:
            saying.cancel()

    def _say_what_runs(self, step: str, grace: str) -> None:
        if not self.tasks:  # all has ended, and that is about to be noticed
            return
        first, *others = self.tasks
        them = f"`{first}`" + (f" and {len(others)} more" if others else "")
        _to_people.warning("step `%s` is stopping: %s may take %s to end; interrupt again to stop at once", step, them, grace)
