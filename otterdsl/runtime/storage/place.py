"""Where a location lies: a path or URI that a spec holds, resolved against the release root, and the mirror it is read from.

`absolute` is what a manifest shows. Reading goes by way of the mirrors, writing never does. What is absent: any look at a disk or a network.
A place may be made of a location that does not exist.
"""

import os
import re
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote

from otterdsl.runtime.manifest.model import LOCK_FILENAME, MANIFEST_FILENAME
from otterdsl.runtime.storage.model import shown
from otterdsl.runtime.util.errors import NoConfigError, StorageError

if TYPE_CHECKING:
    from otterdsl.runtime.config.model import Config

_SCHEME: Final = re.compile(r"([A-Za-z][A-Za-z0-9+.\-]*)://")
_LATER: Final = frozenset({"gs", "s3", "az"})
_HTTP: Final = frozenset({"http", "https"})


class Place:
    """A location, resolved. `StorageHandle` and `AsyncStorageHandle` are places that can be read and written.

    A relative location lies under the release root (`release_uri`, else `work_path`), with `force_local` under `work_path`.
    """

    __slots__ = ("_absolute", "_reading", "config", "force_local", "location")

    def __init__(self, location: str | Path, config: "Config | None" = None, force_local: bool = False) -> None:
        self.location = os.fspath(location)
        self.config = config
        self.force_local = force_local
        self._absolute = _resolve(self.location, config, force_local)
        self._reading = _mirrored(self._absolute, config)
        if scheme_of(self._reading) not in _HTTP:
            _local(self._reading)

    @property
    def absolute(self) -> str:
        """The whole location: an absolute path or a URI, before any mirror."""
        return self._absolute

    @property
    def is_absolute(self) -> bool:
        """Whether the location was given as a whole, and depends on no release root."""
        return self.location.startswith("/") or scheme_of(self.location) != ""

    @property
    def relative(self) -> str:
        """The location relative to the release root, or to `work_path`. Raises: StorageError, when it lies in neither."""
        if self.config is None:
            raise NoConfigError(f"`{shown(self.location)}` is relative to nothing: a config must be given")
        for root in (_work_root(self.config), _release_root(self.config)):
            rest = _rest(self._absolute, root)
            if rest is not None:
                return rest
        raise StorageError(f"`{shown(self._absolute)}` does not lie in the release root")

    @property
    def mirror(self) -> str | None:
        """The location that is read in place of `absolute`, where a mirror stands for it."""
        return None if self._reading == self._absolute else self._reading

    @property
    def url(self) -> str | None:
        """The http(s) URL to read; None for a local file."""
        return self._reading if scheme_of(self._reading) in _HTTP else None

    @property
    def path(self) -> str:
        """The path of the local file to read. Raises: StorageError, for a URL."""
        return _local(self._reading)

    def destination(self) -> tuple[str, str | None]:
        """The path to write, and the folder it may not leave (None without a config: then it is the caller's to know).

        Raises: StorageError, for what lies in no local folder, or outside the release root by its text alone.
        """
        if scheme_of(self._absolute) in _HTTP:
            raise StorageError(f"`{shown(self._absolute)}` cannot be written: http and https are only read from")
        path = _local(self._absolute)
        if self.config is None:
            return path, None
        root = _work_root(self.config) if self.force_local else _release_root(self.config)
        rest = _rest(path, root)
        if ".." in PurePosixPath(path).parts or rest is None:
            raise StorageError(f"`{shown(self.location)}` leaves the release root `{shown(root)}`")
        if rest in (MANIFEST_FILENAME, LOCK_FILENAME):
            raise StorageError(f"`{shown(self.location)}` is the run's own: a task cannot write its manifest")
        return path, root

    def __repr__(self) -> str:
        """The class and what it stands for."""
        return f"{type(self).__name__}({shown(self._absolute)!r})"


def scheme_of(location: str) -> str:
    """The scheme of a URI, in lower case; empty for a path."""
    found = _SCHEME.match(location)
    return found[1].lower() if found else ""


def split_glob(location: str) -> tuple[str, str]:
    """The folder above the first part that holds a wildcard, with its slash, and the pattern from there on; no pattern: no wildcard.

    In a URL `?` begins the query and `[` holds an address, so that only `*` is one.
    """
    wild = "*" if scheme_of(location) in _HTTP else "*?["
    first = next((index for index, letter in enumerate(location) if letter in wild), None)
    if first is None:
        return location, ""
    cut = location.rfind("/", 0, first) + 1
    return location[:cut], location[cut:]


def file_name(location: str) -> str:
    """The last part of a location's path, without a query: the name a copy of it goes by. Empty where there is none."""
    if scheme_of(location) == "":
        return location.rpartition("/")[2]
    path = re.split(r"[?#]", location.partition("://")[2], maxsplit=1)[0]
    return path.rpartition("/")[2] if "/" in path else ""


def _resolve(location: str, config: "Config | None", force_local: bool) -> str:
    scheme = scheme_of(location)
    if scheme == "file":
        location, scheme = _local(location), ""
    if scheme:
        return _localised(location, config) if force_local else location
    if location.startswith("/"):
        path = _plain(location)
        rest = None if config is None else _rest(path, _work_root(config))
        if rest is None:
            return path
        location = rest
    if config is None:
        raise NoConfigError(f"`{shown(location)}` is relative, and there is no config to say to what")
    root = _work_root(config) if force_local else _release_root(config)
    return f"{root}/{location}" if scheme_of(root) else _plain(f"{root}/{location}")


def _localised(location: str, config: "Config | None") -> str:
    # What lies under a remote release root has its local twin under `work_path`.
    if config is None:
        raise StorageError(f"`{shown(location)}` cannot be local without a config that says where")
    rest = _rest(location, _release_root(config))
    return location if rest is None else _plain(f"{_work_root(config)}/{rest}")


def _work_root(config: "Config") -> str:
    return os.path.abspath(config.work_path)


def _release_root(config: "Config") -> str:
    uri = str(config.release_uri or "")
    if not uri:
        return _work_root(config)
    if scheme_of(uri) in ("", "file"):
        return os.path.abspath(_local(uri))
    return uri.rstrip("/")


def _mirrored(absolute: str, config: "Config | None") -> str:
    mirrors: Mapping[str, str] = (getattr(config, "mirrors", None) or {}) if config is not None else {}
    if not mirrors or not scheme_of(absolute):
        return absolute
    # The longest match says most of the location; of equal ones there can be only one.
    best = max((start for start in mirrors if start and absolute.startswith(start)), key=len, default=None)
    if best is None:
        return absolute
    reading = mirrors[best] + absolute[len(best) :]
    return os.path.abspath(_local(reading)) if scheme_of(reading) in ("", "file") else reading


def _local(location: str) -> str:
    scheme = scheme_of(location)
    if scheme == "":
        path = location
    elif scheme == "file":
        host, slash, rest = location[len("file://") :].partition("/")
        if host not in ("", "localhost") or not slash:
            raise StorageError(f"`{shown(location)}` is no local file: a file URI reads `file:///path`")
        path = unquote(slash + rest)
    elif scheme in _LATER:
        raise StorageError(f"storage for `{scheme}://` is not supported yet: `{shown(location)}`")
    else:
        raise StorageError(f"unknown storage `{shown(scheme)}://`: `{shown(location)}`")
    if "\0" in path:
        raise StorageError(f"`{shown(path)}` is no path: it holds a NUL")
    return path


def _plain(path: str) -> str:
    # Doubled slashes and `.` go; `..` stays, since behind a link it is not what its text says.
    return str(PurePosixPath("/" + path.lstrip("/")))


def _rest(location: str, root: str) -> str | None:
    if location == root:
        return ""
    start = root.rstrip("/") + "/"
    return location[len(start) :] if location.startswith(start) else None
