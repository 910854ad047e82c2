"""Paths that a program writes to by itself: a hidden folder of its own for each, on the disk of the destination, moved in place at the end.

In: destinations found sound (`staged`). Out: for a file the path of one of the same name, for a folder an empty one of the same name; `commit` puts
what was made in place. What the program leaves beside is removed. What is absent: which fields of a task are such paths, and the program.
"""

import os
import shutil
import stat as modes
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from typing import Final

from otterdsl.runtime.storage.model import shown
from otterdsl.runtime.storage.staged import Target, folder_of, look, reported, within
from otterdsl.runtime.util.errors import StorageError

_READ: Final = os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK


@dataclass(frozen=True, slots=True)
class Made:
    """A file that is ready to be put in place: where it is, and where it goes."""

    path: str
    target: Target


class FileDraft:
    """A file on its way to its destination, under its own name in a hidden folder beside it."""

    __slots__ = ("_folder", "_target", "path")

    def __init__(self, target: Target) -> None:
        self._target = target
        self._folder = f"{os.path.dirname(target.path)}/{_hidden()}"
        self.path = f"{self._folder}/{target.name}"

    @property
    def target(self) -> Target:
        """The destination."""
        return self._target

    @property
    def location(self) -> str:
        """The destination as it was written."""
        return self._target.text

    def open(self) -> None:
        """Make the hidden folder. Raises: StorageError."""
        with reported(self._target.text):
            os.makedirs(os.path.dirname(self._folder), exist_ok=True)
            os.mkdir(self._folder)

    def owns(self, path: str) -> bool:
        """Whether a path lies in the hidden folder."""
        return path.startswith(f"{self._folder}/")

    def named(self, text: str) -> str:
        """The text with the destination in place of the hidden path."""
        return text.replace(f"/{os.path.basename(self._folder)}/", "/")

    def made(self) -> list[Made]:
        """The file that was made; none. Raises: StorageError, for what is no file."""
        kind = _kind(self.path)
        if kind is None:
            return []
        _see_file(kind, self._target.text)
        return [Made(self.path, self._target)]

    def discard(self) -> None:
        """Remove the hidden folder with all that is left in it."""
        _remove(self._folder)


class FolderDraft:
    """Files on their way into a folder that others may share: a hidden folder in it, of which each file goes to the same path in the folder."""

    __slots__ = ("_hidden", "_real", "_target_of", "location", "path")

    def __init__(self, path: str, root: str | None, target_of: Callable[[str], Target]) -> None:
        """`target_of` gives a file's destination by its path in the folder. Raises: StorageError, for what leaves the root or is no folder."""
        self.location = path
        self._real = os.path.realpath(path)
        self._target_of = target_of
        if root is not None and not within(self._real, os.path.realpath(root)):
            raise StorageError(f"`{shown(path)}` leaves the release root `{shown(root)}`: its links lead to `{shown(self._real)}`")
        if os.path.lexists(self._real) and not os.path.isdir(self._real):
            raise StorageError(f"`{shown(path)}` is a file, so that no folder can be there")
        self._hidden = f"{self._real}/{_hidden()}"
        self.path = f"{self._hidden}/{os.path.basename(self._real) or 'files'}"

    def open(self) -> None:
        """Make the hidden folder. Raises: StorageError."""
        with reported(self.location):
            os.makedirs(self._real, exist_ok=True)
            os.mkdir(self._hidden)
            os.mkdir(self.path)

    def owns(self, path: str) -> bool:
        """Whether a path is the draft, or lies in it."""
        return within(path, self._hidden)

    def named(self, text: str) -> str:
        """The text with the destination in place of the hidden path."""
        return text.replace(self.path, self._real).replace(f"/{os.path.basename(self._hidden)}", "")

    def made(self) -> list[Made]:
        """The files that were made, by their paths. Raises: StorageError, for what is neither file nor folder, or may not go to its place."""
        kind = _kind(self.path)
        if kind is None:
            return []
        if not modes.S_ISDIR(kind):
            raise StorageError(f"`{shown(self.location)}` was made as a file or a link, where a folder was expected")
        return [Made(f"{self.path}/{path}", self._target_of(path)) for path in sorted(_files(self.path, self._real))]

    def discard(self) -> None:
        """Remove the hidden folder with all that is left in it."""
        _remove(self._hidden)


Draft = FileDraft | FolderDraft


def put_in_place(made: Sequence[Made]) -> None:
    """Put files in place, on the disk and not only on their way there; none, where one of them cannot be. Raises: StorageError."""
    with ExitStack() as held:
        folders: dict[str, int] = {}
        for each in made:
            with reported(each.target.text):
                parent = os.path.dirname(each.target.path)
                if parent not in folders:
                    folders[parent] = folder_of(each.target)
                    held.callback(os.close, folders[parent])
                look(each.target, folders[parent])
                _sync(each.path, each.target.text)
        for each in made:
            with reported(each.target.text):
                os.replace(each.path, each.target.name, dst_dir_fd=folders[os.path.dirname(each.target.path)])
        for folder in folders.values():
            os.fsync(folder)


def _hidden() -> str:
    return f".otter-{os.urandom(8).hex()}.part"


def _sync(path: str, text: str) -> None:
    descriptor = os.open(path, _READ)
    try:
        _see_file(os.fstat(descriptor).st_mode, text)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _kind(path: str) -> int | None:
    with suppress(FileNotFoundError, NotADirectoryError):
        return os.lstat(path).st_mode
    return None


def _see_file(kind: int, text: str) -> None:
    if modes.S_ISREG(kind):
        return
    what = "a folder" if modes.S_ISDIR(kind) else "a link" if modes.S_ISLNK(kind) else "not a regular file"
    raise StorageError(f"`{shown(text)}` was made as {what}, where a file was expected")


def _files(folder: str, real: str, path: str = "") -> Iterator[str]:
    with reported(f"{real}/{path}"), os.scandir(f"{folder}/{path}") as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                yield from _files(folder, real, f"{path}{entry.name}/")
            else:
                _see_file(entry.stat(follow_symlinks=False).st_mode, f"{real}/{path}{entry.name}")
                yield f"{path}{entry.name}"


def _remove(folder: str) -> None:
    try:
        shutil.rmtree(folder)
    except FileNotFoundError:
        pass
    except OSError:
        # A folder that the program made unwritable keeps what is in it from being removed.
        with suppress(OSError):
            _open_up(folder)
        shutil.rmtree(folder, ignore_errors=True)


def _open_up(folder: str) -> None:
    os.chmod(folder, 0o700)
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                _open_up(entry.path)
