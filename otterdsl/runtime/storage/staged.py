"""Put files in place whole: written beside their destination under a hidden name, moved there when they are complete.

A destination is looked at as the links make it, first before anything is written and once more as it is put in place: it may not leave its
root. A reader sees the old file or the new one, whatever happens to the writer. What is absent: where a destination lies (`place`).
"""

import errno
import fcntl
import os
import stat as modes
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass
from types import TracebackType
from typing import Final, Self

from otterdsl.runtime.storage.model import Revision, revision_of, shown
from otterdsl.runtime.util.errors import PreconditionFailedError, StorageError

_DIRECTORY: Final = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
_CREATE: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC


@dataclass(frozen=True, slots=True)
class Target:
    """A destination that was found sound: as it was written, as its links make it, and the real path of the root it may not leave."""

    text: str
    path: str
    root: str | None

    @property
    def name(self) -> str:
        """The file's name in its folder."""
        return os.path.basename(self.path)

    def exists(self) -> bool:
        """Whether something is at the destination."""
        return os.path.lexists(self.path)

    def is_file(self, found: os.stat_result) -> bool:
        """Whether the file that `found` tells of is the one at the destination."""
        with suppress(OSError):
            return os.path.samestat(os.stat(self.path), found)
        return False


def find_target(path: str, root: str | None) -> Target:
    """A destination as its links make it. Touches nothing.

    Raises: StorageError, when it leaves the root, is not a file, or its name cannot be one.
    """
    real_root = None if root is None else os.path.realpath(root)
    real = os.path.realpath(path)
    if real_root is not None and not within(real, real_root):
        raise StorageError(f"`{shown(path)}` leaves the release root `{shown(root or '')}`: its links lead to `{shown(real)}`")
    try:
        kind = os.lstat(real).st_mode
    except FileNotFoundError:
        return Target(path, real, real_root)
    except OSError as error:
        raise _unwritable(path, error) from error
    if modes.S_ISDIR(kind):
        raise StorageError(f"`{shown(path)}` is a folder, so that no file can be written there")
    if modes.S_ISLNK(kind):
        raise StorageError(f"`{shown(path)}` is a link that leads in a circle")
    if not modes.S_ISREG(kind):
        raise StorageError(f"`{shown(path)}` is not a regular file, so that nothing can replace it")
    return Target(path, real, real_root)


class Stage:
    """A file on its way to its destination. Left without `commit`, it is removed and the destination is as it was.

    Its folder is held open, so that the file ends in the folder that was looked at, whatever is moved meanwhile.
    """

    __slots__ = ("_descriptor", "_folder", "_name", "_target")

    def __init__(self, target: Target) -> None:
        self._target = target
        self._name = ""
        self._descriptor = -1
        self._folder = -1

    def open(self) -> None:
        """Make the folders and the hidden file; `discard` undoes the latter, also where this fails midway. Raises: StorageError."""
        with reported(self._target.text):
            self._folder = folder_of(self._target)
            look(self._target, self._folder)
            name = f".otter-{os.urandom(8).hex()}.part"
            # The umask takes from 0o666 what it takes from every new file.
            self._descriptor = os.open(name, _CREATE, 0o666, dir_fd=self._folder)
            self._name = name

    def write(self, parts: Iterable[bytes]) -> None:
        """Append the parts. Raises: StorageError, when the disk is full or the file cannot be written."""
        with reported(self._target.text):
            for part in parts:
                rest = memoryview(part)
                while rest:
                    rest = rest[os.write(self._descriptor, rest) :]

    def commit(self, allowed: Callable[[os.stat_result | None], str | None] | None = None) -> Revision:
        """Put the file in place, on the disk and not only on its way there; its revision.

        `allowed` looks at what is at the destination now, with no other such writer in the folder, and says why it may not be replaced.
        Raises: StorageError, PreconditionFailedError.
        """
        with reported(self._target.text):
            os.fsync(self._descriptor)
            found = os.fstat(self._descriptor)
            with nullcontext() if allowed is None else self._locked():
                look(self._target, self._folder)
                reason = None if allowed is None else allowed(_current(self._target, self._folder))
                if reason is not None:
                    raise PreconditionFailedError(f"`{shown(self._target.text)}` {reason}")
                os.replace(self._name, self._target.name, src_dir_fd=self._folder, dst_dir_fd=self._folder)
            self._name = ""
            os.fsync(self._folder)
        return revision_of(found)

    def discard(self) -> None:
        """Close what is open and remove what was not put in place. A second call does nothing."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1
        if self._folder >= 0:
            if self._name:
                with suppress(OSError):
                    os.unlink(self._name, dir_fd=self._folder)
            os.close(self._folder)
            self._folder = -1

    def __enter__(self) -> Self:
        """The stage itself, open."""
        try:
            self.open()
        except BaseException:
            self.discard()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Remove what was not put in place."""
        self.discard()

    @contextmanager
    def _locked(self) -> Iterator[None]:
        # The folder is the lock: it is there already, leaves nothing behind, and a writer that dies lets it go.
        fcntl.flock(self._folder, fcntl.LOCK_EX)
        try:
            yield
        finally:
            fcntl.flock(self._folder, fcntl.LOCK_UN)


def folder_of(target: Target) -> int:
    """A descriptor of the folder that the target lies in, which is made if it is not there. Raises: OSError."""
    parent = os.path.dirname(target.path)
    os.makedirs(parent, exist_ok=True)
    return os.open(parent, _DIRECTORY)


def look(target: Target, folder: int) -> None:
    """See that an open folder is still the one that the target lies in, within its root, and that a file can be put there. Raises: StorageError."""
    # Links may have changed since the target was found.
    parent = os.path.realpath(os.path.dirname(target.path))
    with reported(target.text):
        same = os.path.samestat(os.stat(parent), os.fstat(folder))
    if not same or (target.root is not None and not within(parent, target.root)):
        raise StorageError(f"`{shown(target.text)}` leaves the release root: its folder was moved or linked away")
    current = _current(target, folder)
    if current is not None and not modes.S_ISREG(current.st_mode):
        raise StorageError(f"`{shown(target.text)}` is not a regular file, so that nothing can replace it")


def _current(target: Target, folder: int) -> os.stat_result | None:
    with suppress(FileNotFoundError):
        return os.stat(target.name, dir_fd=folder, follow_symlinks=False)
    return None


def within(path: str, root: str) -> bool:
    """Whether a path is the root or lies in it, by its text."""
    return path == root or path.startswith(root.rstrip("/") + "/")


@contextmanager
def reported(path: str) -> Iterator[None]:
    """Turn each OSError into a StorageError that names the path."""
    try:
        yield
    except OSError as error:
        raise _unwritable(path, error) from error


def _unwritable(path: str, error: OSError) -> StorageError:
    if error.errno in (errno.EEXIST, errno.ENOTDIR):
        return StorageError(f"`{shown(path)}` cannot be written: a file stands where one of its folders should be")
    return StorageError(f"`{shown(path)}` cannot be written: {(error.strerror or str(error)).lower()}")
