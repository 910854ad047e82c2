"""`fails`: does that."""

from typing import Self

from otterdsl.runtime.task.model import Task
from otterdsl.runtime.task.task_reporter import report


class Fails(Task):
    """Raises an exception."""

    @report
    def run(self) -> Self:
        """Raise it."""
        raise ValueError("this is how it fails")
