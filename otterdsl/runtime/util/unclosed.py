"""Files that a task opened to write and left open: put in place when its method came to its end, removed when that failed.

Nobody says of a file that is dropped whether it is complete; for one of a task's, the end of its method says it. What is absent: how files are put in
place, and dropped ones of no task, which are removed.
"""

import threading
from contextvars import ContextVar
from typing import Final, Protocol


class LeftOpen(Protocol):
    """A file that was written and not closed."""

    def put_in_place(self) -> str:
        """Put it in place; gives its location. Raises: OtterError."""

    def discard(self) -> None:
        """Remove it, unless it was put in place."""


class Leaving:
    """What a method of a task leaves open. Files may be dropped in any thread, and after the end: those are removed."""

    def __init__(self, outer: "Leaving | None" = None) -> None:
        self._outer = outer
        self._files: list[LeftOpen] = []
        self._ended = False
        self._lock = threading.Lock()

    def take(self, file: LeftOpen) -> bool:
        """Keep a dropped file until the end. Gives whether it was kept: not after the end. Mutates."""
        with self._lock:
            if not self._ended:
                self._files.append(file)
            return not self._ended

    def end(self, *, well: bool) -> list[str]:
        """Put the files in place, or remove them; gives the locations of those put in place. Mutates.

        Raises: OtterError, for a file that cannot be put in place; it and the rest are removed.
        """
        with self._lock:
            files, self._files, self._ended = self._files, [], True
        _LEAVING.set(self._outer)
        try:
            return [file.put_in_place() for file in files] if well else []
        finally:
            for file in files:
                file.discard()


_LEAVING: Final[ContextVar[Leaving | None]] = ContextVar("otterdsl_leaving", default=None)


def begin_leaving() -> Leaving:
    """Have files that are opened from here on, in this context, go there when they are dropped."""
    place = Leaving(_LEAVING.get())
    _LEAVING.set(place)
    return place


def current_leaving() -> Leaving | None:
    """Where files go that are dropped here; None outside of a task's method."""
    return _LEAVING.get()
