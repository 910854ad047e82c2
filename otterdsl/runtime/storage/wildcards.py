"""The files below a folder that a pattern matches: `*`, `?` and `[…]` within one part of a path, `**` for any number of folders.

What comes out is sorted by its text, so that it depends on no disk. Names that begin with a dot are matched only by a part that does, as a shell
has it: files on their way to their place have such names. `**` follows no links, which could lead in a circle.
"""

import os
import re
from collections.abc import Iterator
from fnmatch import translate

from otterdsl.runtime.storage.model import shown
from otterdsl.runtime.storage.place import Place
from otterdsl.runtime.util.errors import StorageError


def below(place: Place, pattern: str) -> list[str]:
    """The absolute locations of the files below a place that match, as they are called where no mirror stands for them.

    Raises: StorageError, for a URL, which has no folders to look into, and what `matches` raises.
    """
    if place.url is not None:
        raise StorageError(f"`{shown(place.url)}` cannot be searched for `{shown(pattern)}`: http and https list no files")
    start = place.absolute.rstrip("/")
    return [f"{start}/{path}" for path in matches(place.path, pattern)]


def matches(folder: str, pattern: str) -> list[str]:
    """The paths of the files below `folder` that match, relative to it, sorted; a pattern that ends in `/` matches folders.

    A folder that does not exist holds no files. Raises: StorageError, for an empty pattern, one that leaves the folder, a folder that
    cannot be listed, and a matching name that is not UTF-8.
    """
    folders = pattern.endswith("/")
    parts = [part for part in pattern.split("/") if part not in ("", ".")]
    if not parts or pattern.startswith("/") or ".." in parts:
        raise StorageError(f"`{shown(pattern)}` is no pattern for what lies below `{shown(folder)}`")
    # Two `**` in a row say what one does, and would look at each folder once for every way to share it between them.
    parts = [part for index, part in enumerate(parts) if part != "**" or parts[index - 1 : index] != ["**"]]
    found = sorted(set(_walk(folder, "", parts, folders)))
    for path in found:
        try:
            path.encode()
        except UnicodeEncodeError as error:
            name = os.fsencode(path).decode(errors="backslashreplace")
            raise StorageError(f"`{shown(f'{folder}/{name}')}` matches `{shown(pattern)}`, but its name is not UTF-8") from error
    return found


def _walk(folder: str, path: str, parts: list[str], folders: bool) -> Iterator[str]:
    here = f"{folder}/{path}" if path else folder
    part, rest = parts[0], parts[1:]
    if part == "**":
        # As the last part it stands for the files at any depth, else for any number of folders, none among them.
        yield from _walk(folder, path, rest or ["*"], folders)
        for entry in _entries(here):
            if not entry.name.startswith(".") and entry.is_dir(follow_symlinks=False):
                yield from _walk(folder, f"{path}{entry.name}/", parts, folders)
        return
    for name in _named(here, part):
        full = f"{here}/{name}"
        if rest:
            if os.path.isdir(full):
                yield from _walk(folder, f"{path}{name}/", rest, folders)
        elif os.path.isdir(full) if folders else os.path.isfile(full):
            yield path + name


def _named(folder: str, part: str) -> Iterator[str]:
    if not re.search(r"[*?\[]", part):
        yield part
        return
    fits = re.compile(translate(part)).match
    hidden = part.startswith(".")
    for entry in _entries(folder):
        if entry.name.startswith(".") == hidden and fits(entry.name):
            yield entry.name


def _entries(folder: str) -> list["os.DirEntry[str]"]:
    try:
        with os.scandir(folder) as entries:
            return list(entries)
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError as error:
        raise StorageError(f"`{shown(folder)}` cannot be listed: {(error.strerror or str(error)).lower()}") from error
