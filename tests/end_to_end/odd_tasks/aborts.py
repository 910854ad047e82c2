"""`aborts`: says that it was aborted."""

from typing import Self

from otterdsl.runtime.task.model import Task
from otterdsl.runtime.task.task_reporter import report
from otterdsl.runtime.util.errors import TaskAbortedError


class Aborts(Task):
    """Raises TaskAbortedError."""

    @report
    def run(self) -> Self:
        """Raise it."""
        raise TaskAbortedError
