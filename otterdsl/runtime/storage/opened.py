"""A local destination opened as a file: what is written is put in place when it is closed, and not at all when its `with` block fails.

A file that is dropped without being closed is not put in place either: nobody said that it is complete.
"""

import io
from types import TracebackType
from typing import IO, Any, Final, cast

from otterdsl.runtime.storage.model import shown
from otterdsl.runtime.storage.staged import Stage, Target
from otterdsl.runtime.util.errors import PreconditionFailedError, StorageError

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
    file = _WrittenBytes(raw, _BUFFER)
    return cast(IO[Any], file if "b" in mode else _WrittenText(file, encoding="utf-8", newline=""))


class _StagedFile(io.RawIOBase):
    """The unbuffered file: `close` puts it in place, unless it was abandoned."""

    def __init__(self, stage: Stage, new: bool) -> None:
        super().__init__()
        self._stage = stage
        self._new = new
        self._abandoned = False

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
            super().close()


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
    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if kind is not None and not self.closed:
            cast(_WrittenBytes, self.buffer).abandon()
        super().__exit__(kind, error, trace)

    def __del__(self) -> None:
        if not self.closed:
            cast(_WrittenBytes, self.buffer).abandon()
            self.close()
