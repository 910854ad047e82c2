"""What storage says of a file: its size, kind, time and revision, and how a location is shown in a message."""

import os
import re
from dataclasses import dataclass
from typing import Final, TypeAlias

Revision: TypeAlias = float | str | None
"""Tells two versions of one file apart; None where the storage cannot. Compare it, and make nothing else of it."""

_PASSWORD: Final = re.compile(r"(://[^/@:]*):[^/@]*@")
_LONGEST: Final = 500


@dataclass(frozen=True, slots=True)
class StatResult:
    """A file's metadata. `size` is in bytes, `mtime` in seconds since the epoch; None where they are not known."""

    is_dir: bool
    is_reg: bool
    size: int | None = None
    revision: Revision = None
    mtime: float | None = None


def revision_of(found: os.stat_result) -> Revision:
    """What changes with each version of a file: a file put in place is a new inode, one written where it lies has a new time or size."""
    return f"{found.st_ino:x}-{found.st_mtime_ns:x}-{found.st_size:x}"


def masked(location: str) -> str:
    """A location without the password that a URL may hold: what may be written down."""
    return _PASSWORD.sub(r"\1:***@", location)


def shown(location: str) -> str:
    """A location as it stands in a message: on one line, control characters escaped, a password masked, the middle of a long one left out."""
    text = "".join(one if one.isprintable() else one.encode("unicode_escape").decode("ascii") for one in masked(location))
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST // 2]}…{text[-_LONGEST // 4 :]}"
