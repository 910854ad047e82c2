"""What packages and tasks log while a run goes on: warnings on standard error, bugs of the runtime's own kept.

In: log records. Out: lines. What is absent: how tasks come out, which is progress and shown as such; and their logs, which go into the manifest.
"""

import contextlib
import logging
from collections.abc import Iterator
from typing import Final

from otterdsl.cli.terminal import note
from otterdsl.compiler.source.snippet import visible
from otterdsl.runtime.masking import mask
from otterdsl.runtime.step.logs import listening
from otterdsl.runtime.step.loguru_lines import Follower

_COORDINATOR: Final = "otterdsl.runtime.step.coordinator"  # what it logs with an exception is a bug in its bookkeeping
_SHOWN_AS_PROGRESS: Final = ("otterdsl.runtime.step.", "otterdsl.runtime.task.task_reporter")


class Console(Follower):
    """Shows warnings of tasks and packages on standard error, and keeps the first bug of the runtime's own."""

    shows = True
    bug: BaseException | None = None

    def emit(self, record: logging.LogRecord) -> None:
        """Write a line, or keep the bug. Mutates."""
        if record.name == _COORDINATOR and record.exc_info:
            self.bug = self.bug or record.exc_info[1]
        elif not record.name.startswith(_SHOWN_AS_PROGRESS):
            level = "error" if record.levelno >= logging.CRITICAL else record.levelname.lower()
            note(f"{level}: {visible(mask(record.getMessage()))}")


@contextlib.contextmanager
def warnings_shown() -> Iterator[Console]:
    """Show warnings while this lasts."""
    handler = Console(logging.WARNING)
    with listening(handler):
        yield handler
