"""What an executor is: the seam between what is to run, which is the coordinator's, and where it runs."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from otterdsl.runtime.task.model import Task


class Ending(Enum):
    """How an attempt ended."""

    EXECUTED = "executed"
    CANCELLED = "cancelled"
    NEVER_RAN = "never ran"
    LOST = "lost"


@dataclass(frozen=True, slots=True)
class Outcome:
    """The end of one attempt: the task, whose own record says how it came out where it was executed, and else why it was not."""

    task: Task
    ending: Ending = Ending.EXECUTED
    reason: str = ""


class Executor(Protocol):
    """A place where tasks run. All is called from the event loop of the coordinator."""

    def submit(self, task: Task, on_start: Callable[[Task], None] | None = None) -> "asyncio.Future[Outcome]":
        """Execute what the task's state calls for, as soon as there is room; `on_start` is called when it begins."""

    def cancel(self, task: Task) -> None:
        """Keep a task from being executed, or stop it; its outcome says which."""

    async def close(self) -> None:
        """Stop what still runs and give everything back."""
