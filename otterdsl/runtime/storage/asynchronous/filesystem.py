"""The store of local files, as tasks on an event loop ask for it."""

from typing import ClassVar

from otterdsl.runtime.storage.asynchronous.model import AsyncStorage


class AsyncFilesystemStorage(AsyncStorage):
    """Local files."""

    name: ClassVar[str] = "Async Filesystem Storage"
