"""Log lines of a task go into its record.

A handler on the root logger looks which task runs where the line was logged. A task that logs nothing costs nothing here. What is absent: consoles
and files.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from otterdsl.runtime.step.worker import CURRENT

_LEVELS: Final = {"TRACE": 5, "DEBUG": 10, "INFO": 20, "SUCCESS": 25, "WARNING": 30, "ERROR": 40, "CRITICAL": 50}


class TaskLogHandler(logging.Handler):
    """Adds each line to the record of the task that logs it."""

    def __init__(self, level: int) -> None:
        super().__init__(level)
        self.setFormatter(logging.Formatter("%(asctime)s | %(levelname)-8s | %(name)s:%(funcName)s:%(lineno)d - %(message)s"))

    def emit(self, record: logging.LogRecord) -> None:
        """Add a line."""
        task = CURRENT.get()
        if task is not None:
            task.manifest.log.append(self.format(record))
        elif logging.lastResort is not None and record.levelno >= logging.lastResort.level and len(logging.root.handlers) == 1:
            logging.lastResort.handle(record)  # without this handler, Python would have shown it


@contextmanager
def task_logs(level_name: str) -> Iterator[None]:
    """Keep the lines of tasks, from a level on, while this lasts."""
    level = _LEVELS.get(level_name, logging.INFO)
    handler = TaskLogHandler(level)
    before = logging.root.level
    logging.root.addHandler(handler)
    if before > level:
        logging.root.setLevel(level)
    try:
        yield
    finally:
        logging.root.removeHandler(handler)
        logging.root.setLevel(before)
