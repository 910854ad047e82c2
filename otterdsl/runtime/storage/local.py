"""Local files, read: metadata, content, and their parts for a copy. Paths come in; each OSError goes out as one line that names its path.

Only regular files are opened: a pipe would wait for ever, a device never end. What is absent: writing (`staged`) and wildcards (`wildcards`).
"""

import os
import stat as modes
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import IO, Any, Final

from otterdsl.runtime.storage.model import Revision, StatResult, revision_of, shown
from otterdsl.runtime.storage.staged import Stage, Target
from otterdsl.runtime.util.errors import NotFoundError, StorageError

CHUNK: Final = 1024 * 1024
_ATTEMPTS: Final = 5


def stat(path: str) -> StatResult:
    """A file's or folder's metadata. Raises: NotFoundError, StorageError."""
    with _reported(path):
        found = os.stat(path)
    is_reg = modes.S_ISREG(found.st_mode)
    return StatResult(
        is_dir=modes.S_ISDIR(found.st_mode),
        is_reg=is_reg,
        size=found.st_size if is_reg else None,
        revision=revision_of(found),
        mtime=found.st_mtime,
    )


def read(path: str) -> tuple[bytes, Revision]:
    """A file's bytes and their revision. Raises: NotFoundError, StorageError (also for one that changes each time it is read)."""
    with _reported(path):
        for _ in range(_ATTEMPTS):
            with open_file(path) as file:
                before = revision_of(os.fstat(file.fileno()))
                data = file.read()
                if revision_of(os.fstat(file.fileno())) == before:
                    return data, before
    raise StorageError(f"`{shown(path)}` changes while it is read")


def open_file(path: str, mode: str = "rb") -> IO[Any]:
    """A regular file, open to be read. Raises: NotFoundError, StorageError."""
    with _reported(path):
        # O_NONBLOCK: opening a pipe that nobody writes to would wait for ever, before its kind can be seen.
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        try:
            kind = os.fstat(descriptor).st_mode
            if modes.S_ISDIR(kind):
                raise StorageError(f"`{shown(path)}` is a folder, not a file")
            if not modes.S_ISREG(kind):
                raise StorageError(f"`{shown(path)}` is not a regular file")
            return os.fdopen(descriptor, mode, encoding=None if "b" in mode else "utf-8")
        except BaseException:
            os.close(descriptor)
            raise


def copy(path: str, target: Target, stopped: Callable[[], bool] = lambda: False) -> Revision:
    """Put a copy of a file in place, in constant memory; the copy's revision.

    `stopped` is asked between two parts. Raises: NotFoundError, StorageError (also for a file that is its own destination, or changes
    while it is copied).
    """
    with open_file(path) as file:
        before = os.fstat(file.fileno())
        if target.is_file(before):
            raise StorageError(f"`{shown(path)}` is its own destination")
        with Stage(target) as stage:
            with _reported(path):
                while part := file.read(CHUNK):
                    if stopped():
                        raise StorageError(f"the copy of `{shown(path)}` was stopped")
                    stage.write((part,))
            if revision_of(os.fstat(file.fileno())) != revision_of(before):
                raise StorageError(f"`{shown(path)}` changed while it was copied")
            return stage.commit()


def write(target: Target, data: bytes, expected: Revision = None) -> Revision:
    """Put the bytes in place as a file; its revision.

    With `expected`, only where the file there is of that revision: of several writers that expect the same one, one succeeds. Raises:
    StorageError, PreconditionFailedError.
    """

    def allowed(current: os.stat_result | None) -> str | None:
        if current is None:
            return f"does not exist, where revision {expected} was expected"
        found = revision_of(current)
        return None if found == expected else f"is of revision {found}, where {expected} was expected"

    with Stage(target) as stage:
        stage.write((data,))
        return stage.commit(None if expected is None else allowed)


@contextmanager
def _reported(path: str) -> Iterator[None]:
    try:
        yield
    except (FileNotFoundError, NotADirectoryError) as error:
        raise NotFoundError(f"`{shown(path)}` does not exist") from error
    except OSError as error:
        raise StorageError(f"`{shown(path)}` cannot be read: {(error.strerror or str(error)).lower()}") from error
