"""Log lines of a run: those of a task go into its record, and a console shows what an application has no handler of its own for.

Handlers on the root logger, while a run lasts; `CURRENT` says which task logs a line. Lines of loguru are taken too. A task that logs nothing costs
nothing here. What is absent: files, and how a command line shows things.
"""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from copy import copy
from typing import Final

from otterdsl.runtime.masking import mask
from otterdsl.runtime.step.loguru_lines import Follower, follow, unfollow
from otterdsl.runtime.step.worker import CURRENT

_LEVELS: Final = {"TRACE": 5, "DEBUG": 10, "INFO": 20, "SUCCESS": 25, "WARNING": 30, "ERROR": 40, "CRITICAL": 50}


class MaskedFormatter(logging.Formatter):
    """Lines without secrets, tracebacks too."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        return mask(super().format(record))


def without_secrets(record: logging.LogRecord) -> logging.LogRecord:
    """A record whose message holds no secret; the same one where there is none in it."""
    message = record.getMessage()
    if (shown := mask(message)) == message:
        return record
    other = copy(record)
    other.msg, other.args = shown, None
    return other


class TaskLogHandler(Follower):
    """Adds each line to the record of the task that logs it."""

    def __init__(self, level: int) -> None:
        super().__init__(level)
        self.setFormatter(MaskedFormatter("%(asctime)s | %(levelname)-8s | %(name)s:%(funcName)s:%(lineno)d - %(message)s"))
        self._last = threading.local()

    def emit(self, record: logging.LogRecord) -> None:
        """Add a line."""
        if self._comes_again(record):
            return
        task = CURRENT.get()
        if task is not None:
            task.manifest.log.append(self.format(record))
        elif logging.lastResort is not None and record.levelno >= logging.lastResort.level and len(logging.root.handlers) == 1:
            logging.lastResort.handle(without_secrets(record))  # without this handler, Python would have shown it

    def _comes_again(self, record: logging.LogRecord) -> bool:
        """Whether an application hands lines on between loguru and Python's logging, so that each comes from both."""
        source, message = hasattr(record, "loguru"), record.getMessage()
        before = getattr(self._last, "line", None)
        self._last.line = source, message
        if before != (not source, message):
            return False
        self._last.line = None
        return True


class ConsoleHandler(Follower):
    """Writes lines to standard error: when, how serious, which task or module, what."""

    shows = True

    def __init__(self, level: int) -> None:
        super().__init__(level)
        self._stream = logging.StreamHandler()
        self._stream.setFormatter(MaskedFormatter("%(asctime)s | %(levelname)-8s | %(where)s - %(message)s", "%Y-%m-%d %H:%M:%S"))

    def emit(self, record: logging.LogRecord) -> None:
        """Write a line. Mutates the record, which gets a field for where it was logged."""
        task = CURRENT.get()
        record.where = record.name if task is None else task.name
        self._stream.emit(record)


@contextmanager
def task_logs(level_name: str) -> Iterator[None]:
    """Keep the lines of tasks, from a level on, while this lasts."""
    level = _LEVELS.get(level_name, logging.INFO)
    with _logged_from(level), listening(TaskLogHandler(level)):
        yield


@contextmanager
def console(level_name: str) -> Iterator[None]:
    """Show lines, from a level on, while this lasts; nothing where an application has handlers of its own."""
    if logging.root.handlers:
        yield
        return
    level = _LEVELS.get(level_name, logging.INFO)
    with _logged_from(level), listening(ConsoleHandler(level)):
        yield


@contextmanager
def _logged_from(level: int) -> Iterator[None]:
    """Have lines from a level on logged while this lasts."""
    before = logging.root.level
    if before > level:
        logging.root.setLevel(level)
    try:
        yield
    finally:
        logging.root.setLevel(before)


@contextmanager
def listening(handler: Follower) -> Iterator[None]:
    """Have a handler on the root logger while this lasts."""
    logging.root.addHandler(handler)
    follow()
    try:
        yield
    finally:
        logging.root.removeHandler(handler)
        unfollow(handler)
