"""A local destination opened as a file: what is written is put in place when it is closed, and not at all when its `with` block fails.

A file that is dropped without being closed is not put in place either: nobody said that it is complete. One that a task drops waits for the end of
the task's method, which says it (`util.unclosed`).
"""

import io
from dataclasses import dataclass
from types import TracebackType
from typing import IO, Any, Final, cast

from otterdsl.runtime.storage.model import shown
from otterdsl.runtime.storage.staged import Stage, Target
from otterdsl.runtime.util.errors import PreconditionFailedError, StorageError
from otterdsl.runtime.util.unclosed import current_leaving

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
    raw = _StagedFile(stage, target, new)
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
    """The unbuffered file: `close` puts it in place, unless it was abandoned or left open."""

    def __init__(self, stage: Stage, target: Target, new: bool) -> None:
        super().__init__()
        self._staged = _Staged(stage, target, new)
        self._leaving = current_leaving()
        self._over = False

    def abandon(self) -> None:
        """Remove what was written: closing then puts nothing in place."""
        self._over = True
        self._staged.discard()

    def leave(self) -> None:
        """It was dropped: whether it is put in place is for the end of the task's method to say, if there is one."""
        if self._leaving is not None and not self._over and self._leaving.take(self._staged):
            self._over = True
        else:
            self.abandon()

    def writable(self) -> bool:
        """True."""
        return True

    def write(self, data: Any, /) -> int:
        """Take all of the bytes."""
        part = bytes(data)
        if not self._over:
            self._staged.stage.write((part,))
        return len(part)

    def close(self) -> None:
        """Put the file in place. A second call does nothing."""
        if self.closed:
            return
        try:
            if not self._over:
                self._over = True
                try:
                    self._staged.put_in_place()
                finally:
                    self._staged.discard()
        finally:
            super().close()


@dataclass(frozen=True, slots=True)
class _Staged:
    """A file that was written, on its way to its destination; with `new`, nothing may have come there meanwhile."""

    stage: Stage
    target: Target
    new: bool

    def put_in_place(self) -> str:
        """Put it in place; gives its location. Raises: StorageError, PreconditionFailedError."""
        self.stage.commit((lambda current: None if current is None else "exists already") if self.new else None)
        return self.target.text

    def discard(self) -> None:
        """Remove it, unless it was put in place."""
        self.stage.discard()


class _WrittenBytes(io.BufferedWriter):
    def abandon(self) -> None:
        cast(_StagedFile, self.raw).abandon()

    def leave(self) -> None:
        try:
            self.flush()
            cast(_StagedFile, self.raw).leave()
        except StorageError:
            self.abandon()  # it cannot be complete

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if kind is not None and not self.closed:
            self.abandon()
        super().__exit__(kind, error, trace)

    def __del__(self) -> None:
        if not self.closed:
            self.leave()
            self.close()


class _WrittenText(io.TextIOWrapper):
    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if kind is not None and not self.closed:
            cast(_WrittenBytes, self.buffer).abandon()
        super().__exit__(kind, error, trace)

    def __del__(self) -> None:
        if not self.closed:
            file = cast(_WrittenBytes, self.buffer)
            try:
                self.flush()
                file.leave()
            except StorageError:
                file.abandon()  # it cannot be complete
            self.close()
