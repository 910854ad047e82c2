"""The parts of a path or URI as text: what `basename`, `stem`, `ext` and `dirname` give.

In: a path or URI, plain text. Out: its parts, as a run has those of the files that a `glob` finds: the stem is the name without its last extension,
the extension has no dot, a name that begins with its only dot is all stem. What is absent: any disk.
"""

import re
from typing import Final

_SCHEME: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*://")
_QUERY: Final = re.compile(r"[?#]")


def basename(location: str) -> str:
    """The last part; of a URI without its query; empty where there is none."""
    return _cut(location)[2]


def dirname(location: str) -> str:
    """What stands before the last part, without the slash between them: empty for a name alone, the root for what lies right in one."""
    root, folder, _ = _cut(location)
    return root + folder


def stem(location: str) -> str:
    """The last part without its last extension."""
    return _extended(basename(location))[0]


def ext(location: str) -> str:
    """The last extension of the last part, without its dot; empty where there is none."""
    return _extended(basename(location))[1]


def _cut(location: str) -> tuple[str, str, str]:
    """The root (`/`, `gs://bucket`, or nothing), the folders from there on, each behind a slash where the root ends with none, and the last part."""
    scheme = _SCHEME.match(location)
    if scheme is None:
        root, rest = ("/", location.lstrip("/")) if location.startswith("/") else ("", location)
        folder, _, name = rest.rstrip("/").rpartition("/")
        return root, folder.rstrip("/"), name
    path = _QUERY.split(location[scheme.end() :], maxsplit=1)[0]
    host, _, rest = path.partition("/")
    folder, _, name = rest.rstrip("/").rpartition("/")
    folder = folder.rstrip("/")
    return scheme.group() + host, f"/{folder}" if folder else "", name


def _extended(name: str) -> tuple[str, str]:
    before, _, extension = name.rpartition(".")
    return (before, extension) if before else (name, "")
