"""The store of local files, as tasks ask for it: `isinstance(handle.storage, FilesystemStorage)`."""

from typing import ClassVar

from otterdsl.runtime.storage.synchronous.model import Storage


class FilesystemStorage(Storage):
    """Local files."""

    name: ClassVar[str] = "Filesystem Storage"
