"""`exits`: ends the program, or would."""

import sys
from typing import Self

from otterdsl.runtime.task.model import Task
from otterdsl.runtime.task.task_reporter import report


class Exits(Task):
    """Calls sys.exit."""

    @report
    def run(self) -> Self:
        """Call it."""
        sys.exit(3)
