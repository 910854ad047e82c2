"""`unpicklable`: holds what no other process can be given."""

import threading
from typing import Self

from otterdsl.runtime.task.model import Task
from otterdsl.runtime.task.task_reporter import report


class Unpicklable(Task):
    """Has a lock."""

    lock: threading.Lock

    @report
    def run(self) -> Self:
        """Make the lock."""
        self.lock = threading.Lock()
        return self
