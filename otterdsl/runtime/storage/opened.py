"""A local destination opened as a file: what is written is put in place when it is closed, and not at all when its `with` block fails.

A file that is dropped without being closed is not put in place either: nobody said that it is complete. Those of a task are held until its method
says it (`util.unclosed`).
"""

import io
from types import TracebackType
from typing import IO, Any, Final, cast

from otterdsl.runtime.storage.model import shown
from otterdsl.runtime.storage.staged import Stage, Target
from otterdsl.runtime.util.errors import PreconditionFailedError, StorageError
from otterdsl.runtime.util.unclosed import current_unclosed

_BUFFER: Final = 1024 * 1024
_READING: Final = frozenset({"r", "rb", "rt", "br", "tr"})
_WRITING: Final = frozenset({"w", "wb", "wt", "bw", "tw", "x", "xb", "xt", "bx", "tx"})


def is_reading(mode: str) -> bool:
    """Whether a mode reads. Raises: StorageError, for one that neither reads nor writes a file from its beginning."""
    if mode in _READING:
        return True
    if mode in _WRITING:
        return False
    raise StorageError(f"the mode `{shown(mode)}` is not supported: files are read, or written whole")


def open_to_write(target: Target, mode: str) -> IO[Any]:
    """A file to write to, in a mode that writes; with `x`, the destination must not exist. Raises: StorageError, PreconditionFailedError."""
    new = "x" in mode
    stage = Stage(target)
    raw = _StagedFile(stage, new)
    try:
        if new and target.exists():
            raise PreconditionFailedError(f"`{shown(target.text)}` exists already")
        stage.open()
    except BaseException:
        raw.abandon()
        raise
    written = _WrittenBytes(raw, _BUFFER)
    file = written if "b" in mode else _WrittenText(written, encoding="utf-8", newline="")
    raw.hold(target.text, file)
    return cast(IO[Any], file)


class _StagedFile(io.RawIOBase):
    """The unbuffered file: `close` puts it in place, unless it was abandoned."""

    def __init__(self, stage: Stage, new: bool) -> None:
        super().__init__()
        self._stage = stage
        self._new = new
        self._abandoned = False
        self._held_by = current_unclosed()

    def hold(self, location: str, file: "_WrittenBytes | _WrittenText") -> None:
        """Have the task that opened the file hold it, so that it is not dropped."""
        if self._held_by is not None:
            self._held_by.opened(id(self), location, file)

    def abandon(self) -> None:
        """Remove what was written: closing then puts nothing in place."""
        self._abandoned = True
        self._stage.discard()

    def writable(self) -> bool:
        """True."""
        return True

    def write(self, data: Any, /) -> int:
        """Take all of the bytes."""
        part = bytes(data)
        if not self._abandoned:
            self._stage.write((part,))
        return len(part)

    def close(self) -> None:
        """Put the file in place. A second call does nothing."""
        if self.closed:
            return
        try:
            if not self._abandoned:
                self._stage.commit((lambda current: None if current is None else "exists already") if self._new else None)
        finally:
            self._abandoned = True
            self._stage.discard()
            if self._held_by is not None:
                self._held_by.closed(id(self))
            super().close()

    def __del__(self) -> None:
        # Dropped with what holds it, in any order: what is buffered above may be lost by now.
        self.abandon()


class _WrittenBytes(io.BufferedWriter):
    def abandon(self) -> None:
        cast(_StagedFile, self.raw).abandon()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if kind is not None and not self.closed:
            self.abandon()
        super().__exit__(kind, error, trace)

    def __del__(self) -> None:
        if not self.closed:
            self.abandon()
            self.close()


class _WrittenText(io.TextIOWrapper):
    def abandon(self) -> None:
        cast(_WrittenBytes, self.buffer).abandon()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if kind is not None and not self.closed:
            self.abandon()
        super().__exit__(kind, error, trace)

    def __del__(self) -> None:
        if not self.closed:
            self.abandon()
            self.close()
