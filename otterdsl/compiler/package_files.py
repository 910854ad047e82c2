"""What a package's folder holds now. In: a folder and the names that matter. Out: what is there, and what its lock says of it.

A lock is read as anyone may have written it: only names of plain files in the folder are taken from it.
"""

import json
import os
import re
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Literal

from otterdsl.compiler.codegen.lock import LOCK, Record, with_source_root
from otterdsl.compiler.compilation import Compilation

_MODULE = re.compile(r"[A-Za-z0-9_]{1,80}\.py")
_LARGEST = 256 * 1024 * 1024

Kind = Literal["missing", "file", "other"]


@dataclass(frozen=True, slots=True)
class Found:
    """What stands at a name: nothing, a plain file with its content, or something else (a link, a folder, a file too large to be ours)."""

    kind: Kind
    content: bytes = b""

    @property
    def digest(self) -> str:
        """The SHA-256 of the content."""
        return sha256(self.content).hexdigest()


@dataclass(frozen=True, slots=True)
class OldLock:
    """What the lock of a package says; `state` is `broken` for one that otterdsl did not write. `files` may give several digests for a file."""

    state: Literal["missing", "good", "broken"]
    files: Mapping[str, frozenset[str]] = field(default_factory=dict)
    record: Record | None = None
    text: str = ""
    seals: Mapping[str, str] = field(default_factory=dict)

    def wrote(self, name: str, found: Found) -> bool:
        """Whether what stands at a name is as otterdsl left it."""
        return found.kind == "file" and found.digest in self.files.get(name, frozenset())


def look(path: Path) -> Found:
    """What stands at `path`; links are not followed. Raises: OSError."""
    try:
        status = path.lstat()
    except FileNotFoundError:
        return Found("missing")
    if not stat.S_ISREG(status.st_mode) or status.st_size > _LARGEST:
        return Found("other")
    return Found("file", path.read_bytes())


def read_lock(folder: Path) -> OldLock:
    """The lock of the package in `folder`. Raises: OSError."""
    found = look(folder / LOCK)
    if found.kind == "missing":
        return OldLock("missing")
    try:
        text = found.content.decode()
        content = json.loads(text) if found.kind == "file" else None
        return _old_lock(content, text) if isinstance(content, dict) else OldLock("broken")
    except (ValueError, RecursionError):
        return OldLock("broken")


def final_files(compilation: Compilation, folder: Path) -> dict[str, bytes]:
    """The bytes of each file of a package that is to stand in `folder`: its lock says where the sources are from there."""
    root = os.path.relpath(os.path.realpath(compilation.source_folder), os.path.realpath(folder)).replace(os.sep, "/")
    texts = {**compilation.files, LOCK: with_source_root(compilation.files[LOCK], root)}
    return {name: text.encode() for name, text in texts.items()}


def other_source(compilation: Compilation, folder: Path, lock: OldLock) -> str:
    """The entry file that the package in `folder` was compiled from, where that is another one; empty where it is not.

    A package that was moved is still that of a file of the same name, unless what it was compiled from is still there.
    """
    old, new = lock.record, compilation.record
    if lock.state != "good" or old is None:
        return ""
    if not old.entry:  # a lock of the first versions
        return "" if new.entry in old.sources or not old.sources else next(iter(sorted(old.sources)))
    place = os.path.normpath(os.path.join(os.path.realpath(folder), old.source_root, old.entry))
    theirs, ours = Path(place), Path(os.path.realpath(compilation.source_folder), new.entry)
    if theirs == ours or (old.entry == new.entry and not os.path.exists(theirs)):
        return ""
    return "".join(char if char.isprintable() else "?" for char in os.path.relpath(theirs))


def source_root(lock: bytes) -> str:
    """Where a lock that otterdsl wrote says its sources are."""
    return str(json.loads(lock)["source_root"])


def _old_lock(content: dict[str, object], text: str) -> OldLock:
    digests: dict[str, frozenset[str]] = {}
    for part in ("files", "pending"):
        for name, digest in _texts(content.get(part)).items():
            if _MODULE.fullmatch(name):
                digests[name] = digests.get(name, frozenset()) | {digest}
    record = Record(
        version=str(content.get("generator", "")),
        sources=_texts(content.get("sources")),
        schemas=_texts(content.get("schemas")),
        params=params if isinstance(params := content.get("params"), dict) else {},
        source_root=str(content.get("source_root", "")),
        entry=entry if isinstance(entry := content.get("entry"), str) else "",
    )
    seals = {name: text for name, text in _texts(content.get("seals")).items() if _MODULE.fullmatch(name)}
    return OldLock("good" if isinstance(content.get("files"), dict) else "broken", digests, record, text, seals)


def _texts(value: object) -> dict[str, str]:
    return {name: text for name, text in value.items() if isinstance(text, str)} if isinstance(value, dict) else {}
