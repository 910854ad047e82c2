"""The attempts of tasks that are tried again when they fail, or that may take only so long.

In: tasks as they are built and as their attempts end. Out: whether there is another attempt, and when; what of earlier ones goes into the record.
Each such attempt has an `abort` event of its own, so that its end is nobody else's. What is absent: building and submitting tasks.
"""

import asyncio
import random
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from otterdsl.runtime.task.limits import USUAL_LIMITS, Limits, limits_of
from otterdsl.runtime.task.model import Task
from otterdsl.runtime.task.open_loops import Entry


@dataclass(slots=True)
class _Tried:
    """A task with limits: the attempts that have failed, and the lines that they logged."""

    entry: Entry
    limits: Limits
    failed: list[dict[str, str | None]] = field(default_factory=list)
    log: list[str] = field(default_factory=list)
    timer: asyncio.TimerHandle | None = None
    late: bool = False


class Attempts:
    """Counts the attempts of tasks, and times them. `again` is called with an entry to try again, `overdue` with a task that takes too long."""

    def __init__(self, again: Callable[[Entry], None], overdue: Callable[[str, Task], None]) -> None:
        self._again = again
        self._overdue = overdue
        self._tried: dict[str, _Tried] = {}
        self._waiting: dict[str, Task] = {}

    def begin(self, entry: Entry, task: Task) -> None:
        """Note that an attempt is about to be submitted. Mutates the task, which gets an `abort` of its own where that is called for."""
        tried = self._tried.get(entry.name)
        if tried is None:
            limits = limits_of(task.spec)
            if limits == USUAL_LIMITS:
                return
            tried = self._tried[entry.name] = _Tried(entry, limits)
        task.context.abort = threading.Event()
        task.manifest.log.extend(tried.log)
        tried.late = False

    def is_timed(self, name: str) -> bool:
        """Whether a task may take only so long."""
        return name in self._tried and self._tried[name].limits.timeout is not None

    def started(self, name: str, task: Task) -> None:
        """An attempt has begun: from now on its time counts."""
        tried = self._tried.get(name)
        if tried is not None and tried.limits.timeout is not None and tried.timer is None:
            tried.timer = asyncio.get_running_loop().call_later(tried.limits.timeout, self._expire, name, task)

    def _expire(self, name: str, task: Task) -> None:
        self._tried[name].late = True
        task.context.abort.set()
        self._overdue(name, task)

    def late_reason(self, name: str, task: Task) -> str | None:
        """Why an attempt counts as failed that took too long; None for one that did not."""
        tried = self._tried.get(name)
        return f"it took longer than its timeout, {task.spec.timeout}" if tried is not None and tried.late else None

    def fail(self, name: str, task: Task, reason: str) -> float | None:
        """An attempt has failed. Gives how many seconds later there is another one; None where there is none."""
        tried = self._tried.get(name)
        if tried is None:
            return None
        self._stop_clock(tried)
        if len(tried.failed) == tried.limits.retries:
            return None
        tried.failed.append(_record(task, reason))
        tried.log = list(task.manifest.log)
        # Tasks that failed together, of an overloaded server perhaps, shall not come back together.
        delay = tried.limits.delay_after(len(tried.failed)) * random.uniform(0.75, 1.25)  # noqa: S311 (nothing secret)
        self._waiting[name] = task
        tried.timer = asyncio.get_running_loop().call_later(delay, self._try_again, name)
        return delay

    def _try_again(self, name: str) -> None:
        del self._waiting[name]
        tried = self._tried[name]
        tried.timer = None
        self._again(tried.entry)

    def end(self, name: str, task: Task, reason: str | None = None) -> None:
        """A task is over, well or not: put its attempts into its record, if there was more than one. Mutates the record."""
        tried = self._tried.pop(name, None)
        if tried is None:
            return
        self._stop_clock(tried)
        if tried.failed:
            task.manifest.attempts = [*tried.failed, _record(task, reason)]  # type: ignore[attr-defined]  # a field of ours beside Otter's

    def stop(self) -> list[tuple[str, Task]]:
        """Try nothing again. Gives the tasks that were to be, as their last attempt left them."""
        waiting, self._waiting = self._waiting, {}
        for tried in self._tried.values():
            self._stop_clock(tried)
        for name, task in waiting.items():
            tried = self._tried.pop(name)
            if len(tried.failed) > 1:
                task.manifest.attempts = tried.failed  # type: ignore[attr-defined]  # a field of ours beside Otter's
        return list(waiting.items())

    def _stop_clock(self, tried: _Tried) -> None:
        if tried.timer is not None:
            tried.timer.cancel()
            tried.timer = None


def _record(task: Task, reason: str | None) -> dict[str, Any]:
    return {"started_at": _time(task.manifest.started_run_at), "finished_at": _time(datetime.now(UTC)), "reason": reason}


def _time(moment: datetime | None) -> str | None:
    return None if moment is None else moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
