"""The files that a glob matches, each with the parts of its name: what `explode_glob` and loops over a glob make tasks from.

In: a location with wildcards. Out: a map of text a file, sorted by its location. It waits for the disk. What is absent: any opinion on none at all.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from otterdsl.runtime.storage.model import shown
from otterdsl.runtime.storage.place import split_glob
from otterdsl.runtime.storage.synchronous.handle import StorageHandle
from otterdsl.runtime.util.errors import StorageError

if TYPE_CHECKING:
    from otterdsl.runtime.config.model import Config


def globbed(glob: str, config: "Config") -> Iterator[dict[str, str]]:
    """`uri`, `prefix`, `path`, `stem`, `ext` and `uuid` of each file that matches.

    The file is `prefix/path/stem.ext`: the folder that the glob begins with, the folders that it matched, the name without its last extension, that
    extension; each may be empty. `uri` is relative to the release root where the file lies in it. Raises: StorageError.
    """
    folder, pattern = split_glob(glob)
    if not pattern:
        raise StorageError(f"`{shown(glob)}` is no glob: it holds no `*`, `?` or `[`")
    place = StorageHandle(folder, config)
    start = len(place.absolute.rstrip("/")) + 1
    for location in place.glob(pattern):
        yield _parts(location, location[start:], config)


def _parts(location: str, matched: str, config: "Config") -> dict[str, str]:
    from uuid import NAMESPACE_URL, uuid5

    try:
        uri = StorageHandle(location, config).relative
    except StorageError:
        uri = location
    path, _, name = matched.rpartition("/")
    stem, _, extension = name.rpartition(".")
    if not stem:  # a name without a dot, or with none but its first letter
        stem, extension = name, ""
    return {
        "uri": uri,
        "prefix": uri.removesuffix(matched).rstrip("/"),
        "path": path,
        "stem": stem,
        "ext": extension,
        "uuid": str(uuid5(NAMESPACE_URL, uri)),
    }
