"""Files of a pipeline: which file a path means, whether it may be read, and its bytes.

In: paths as typed or as an `import` writes them. Out: `Found` with bytes, or `Refused` with the reason as a sentence's end. The only room that opens
source files. What is absent: what is in them, and where a diagnostic stands.
"""

import hashlib
import os
import re
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from otterdsl.compiler.source.nearest import nearest
from otterdsl.compiler.source.text import LARGEST

_MARKERS: Final = ("pyproject.toml", ".git")  # what makes a folder a project
_URL: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_KINDS: Final = ((stat.S_ISFIFO, "a pipe"), (stat.S_ISSOCK, "a socket"), (stat.S_ISCHR, "a device"), (stat.S_ISBLK, "a device"))


@dataclass(frozen=True, slots=True)
class Project:
    """The entry file's surroundings. `entry` and `folder` are real paths; `typed` is the entry as the user wrote it; imports stay under `root`."""

    entry: Path
    typed: str
    root: Path

    @property
    def folder(self) -> Path:
        """The entry file's folder."""
        return self.entry.parent

    def id(self, file: Path) -> str:
        """What spans call a file: its path relative to the entry's folder, with `/`."""
        return Path(os.path.relpath(file, self.folder)).as_posix()

    def display(self, file: Path) -> str:
        """The path to show for a file: as typed for the entry, and in the same way for others."""
        if file == self.entry:
            return self.typed
        return os.path.normpath(os.path.join(os.path.dirname(self.typed), self.id(file)))


@dataclass(frozen=True, slots=True)
class Found:
    """A file that was read."""

    path: Path
    data: bytes

    @property
    def sha256(self) -> str:
        """The SHA-256 of its bytes, in hexadecimal."""
        return hashlib.sha256(self.data).hexdigest()


@dataclass(frozen=True, slots=True)
class Refused:
    """A file that was not read: why ("there is no such file"), the mend, and the code where it is the entry that is refused."""

    reason: str
    help: str = ""
    code: str = "OT001"


def project(typed: str) -> Project:
    """The project of an entry file: the nearest folder at or above it that holds `pyproject.toml` or `.git`, else its own folder."""
    try:
        entry = Path(os.path.realpath(typed))
    except ValueError:  # a NUL; reading it will say so
        entry = Path(typed)
    root = next((folder for folder in entry.parents if any(os.path.exists(folder / marker) for marker in _MARKERS)), entry.parent)
    return Project(entry, typed, root)


def resolve(project: Project, importer: Path, written: str) -> Path | Refused:
    """The real path of the file that an `import` in `importer` means. One that lies outside the project is refused, whether it exists or not."""
    relative = "write a path relative to this file"
    if not written or "\0" in written:
        return Refused("that is no path", relative)
    if _URL.match(written):
        return Refused("only files can be imported", "download it, and import the file")
    if written.startswith("/"):
        return Refused("an absolute path is not the same on another machine", relative)
    path = Path(os.path.realpath(importer.parent / written))
    if not path.is_relative_to(project.root):
        return Refused("it leaves the project", "a file may import what lies in the nearest folder with `pyproject.toml` or `.git`, else in its own")
    return path


def read(path: Path) -> Found | Refused:
    """The bytes of a file. Anything but a regular file of a sane size is refused before it is read; opening never waits."""
    try:
        # Without O_NONBLOCK, opening a pipe waits for its other end.
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        return Refused("there is no such file", _did_you_mean(path))
    except (OSError, ValueError) as error:
        return Refused(_why(error))
    try:
        status = os.fstat(handle)
        mode = status.st_mode
        if stat.S_ISDIR(mode):
            return Refused("it is a folder", "name a `.otter` file in it")
        for is_kind, kind in _KINDS:
            if is_kind(mode):
                return Refused(f"it is {kind}, not a file")
        if status.st_size > LARGEST:
            return Refused(f"it has {status.st_size} bytes", f"a pipeline has at most {LARGEST}; split it, or is it the wrong file?", "OT008")
        with os.fdopen(handle, "rb", closefd=False) as file:
            # A file may say that it is empty and still go on; one byte more than may be shows that it is too long.
            return Found(path, file.read(LARGEST + 1))
    except OSError as error:
        return Refused(_why(error))
    finally:
        os.close(handle)


def _why(error: OSError | ValueError) -> str:
    """The system's reason in lower case."""
    text = (error.strerror if isinstance(error, OSError) else None) or str(error)
    return text[:1].lower() + text[1:]


def _did_you_mean(path: Path) -> str:
    """The help line for a missing file: the nearest `.otter` file in its folder."""
    try:
        stems = sorted(name.removesuffix(".otter") for name in os.listdir(path.parent) if name.endswith(".otter"))
    except (OSError, ValueError):
        return ""
    meant = next((stem for stem in (path.name, path.stem) if stem in stems), None) or nearest(path.stem, stems)
    return f"did you mean `{meant}.otter`?" if meant else ""
