"""Files that a task opened to write and never closed: put in place when its method came to its end, removed when that failed.

Nobody says of a file that is left open whether it is complete; for one of a task's, the end of its method says it. What is absent: how files are put
in place.
"""

import threading
from contextvars import ContextVar
from typing import Final, Protocol


class Written(Protocol):
    """A file that is open to be written."""

    def close(self) -> None:
        """Put it in place. Raises: OtterError."""

    def abandon(self) -> None:
        """Remove it: closing it puts nothing in place any more."""


class Unclosed:
    """The files that a method of a task has open to write. They are held, so that none is dropped before its end; any thread may open one."""

    def __init__(self, outer: "Unclosed | None" = None) -> None:
        self._outer = outer
        self._files: dict[int, tuple[str, Written]] = {}
        self._ended = False
        self._lock = threading.Lock()

    def opened(self, key: int, location: str, file: Written) -> None:
        """Hold a file until it is closed. Mutates."""
        with self._lock:
            if not self._ended:
                self._files[key] = location, file

    def closed(self, key: int) -> None:
        """Let go of a file. Mutates."""
        with self._lock:
            self._files.pop(key, None)

    def end(self, *, well: bool) -> list[str]:
        """Put the files in place, or remove them; gives the locations of those put in place. Mutates.

        Raises: OtterError, for a file that cannot be put in place; it and the rest are removed.
        """
        with self._lock:
            files, self._files, self._ended = list(self._files.values()), {}, True
        _UNCLOSED.set(self._outer)
        try:
            if well:
                for _, file in files:
                    file.close()
        finally:
            for _, file in files:
                file.abandon()
        return [location for location, _ in files] if well else []


_UNCLOSED: Final[ContextVar[Unclosed | None]] = ContextVar("otterdsl_unclosed", default=None)


def hold_unclosed() -> Unclosed:
    """Have files held that are opened from here on, in this context, until they are closed."""
    held = Unclosed(_UNCLOSED.get())
    _UNCLOSED.set(held)
    return held


def current_unclosed() -> Unclosed | None:
    """What holds files that are opened here; None outside of a task's method."""
    return _UNCLOSED.get()
