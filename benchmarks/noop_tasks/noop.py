"""Nothing, asynchronously."""

from typing import Self

from otterdsl.runtime.task.model import Spec, Task
from otterdsl.runtime.task.task_reporter import report


class NoopSpec(Spec):
    """No fields of its own."""


class Noop(Task):
    """Do nothing."""

    @report
    async def run(self) -> Self:
        """Succeed."""
        return self
