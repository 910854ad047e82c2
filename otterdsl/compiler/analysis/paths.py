"""Paths as text: one form for all spellings of a path.

In: paths and URIs in placeholder form. Out: the same in one form. What is absent: any disk. A placeholder is text like any other here: two paths are
one where their texts are.
"""

import re
from typing import Final

_SCHEME: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*://")


def normal(path: str) -> str:
    """The path without doubled slashes, `.` and a slash at its end; of a URI only the last goes, since the rest may mean something there."""
    if "//" not in path and "/." not in path and not path.startswith(".") and not path.endswith("/"):
        return path
    if _SCHEME.match(path):
        return path.rstrip("/")
    parts = [part for part in path.split("/") if part not in ("", ".")]
    return ("/" if path.startswith("/") else "") + "/".join(parts)


def parts_of(path: str) -> tuple[str, list[str]]:
    """Where a path in the form of `normal` starts (empty for a relative one), and its parts from there on."""
    if "://" in path and (found := _SCHEME.match(path)) is not None:
        return found.group().lower(), path[found.end() :].split("/")
    if path.startswith("/"):
        return "/", [part for part in path.split("/") if part]
    return "", path.split("/") if path else []
