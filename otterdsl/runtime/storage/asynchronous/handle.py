"""`AsyncStorageHandle`: a location that can be read, written, listed and copied, for code on an event loop.

The same as `StorageHandle`, but nothing blocks the loop: local files are waited for in threads. Cancelling a copy leaves nothing behind.
"""

import threading
from typing import IO, Any

from otterdsl.runtime.storage import http, local
from otterdsl.runtime.storage.asynchronous.filesystem import AsyncFilesystemStorage
from otterdsl.runtime.storage.asynchronous.http import AsyncHTTPStorage
from otterdsl.runtime.storage.asynchronous.model import AsyncStorage
from otterdsl.runtime.storage.model import Revision, StatResult
from otterdsl.runtime.storage.place import Place, scheme_of
from otterdsl.runtime.storage.staged import Target, find_target
from otterdsl.runtime.storage.synchronous.handle import StorageHandle, decoded
from otterdsl.runtime.storage.threads import in_thread, stoppable
from otterdsl.runtime.storage.wildcards import below


class AsyncStorageHandle(Place):
    """A file, folder or URL. Every failure is a `StorageError`, `NotFoundError` or `PreconditionFailedError` that names it."""

    __slots__ = ()

    @property
    def storage(self) -> AsyncStorage:
        """The kind of store that the location is in."""
        kinds = {"": AsyncFilesystemStorage, "http": AsyncHTTPStorage, "https": AsyncHTTPStorage}
        return kinds.get(scheme_of(self.absolute), AsyncStorage)(self.config)

    async def stat(self) -> StatResult:
        """The metadata."""
        return await in_thread(local.stat, self.path) if self.url is None else await http.stat(self.url)

    async def glob(self, pattern: str) -> list[str]:
        """The absolute locations of the files below this folder that match the pattern, sorted."""
        return await in_thread(below, self, pattern)

    async def open(self, mode: str = "r") -> IO[Any]:
        """An open file, as `StorageHandle.open` gives it; what is done with it then blocks."""
        return await in_thread(StorageHandle(self.location, self.config, self.force_local).open, mode)

    async def read(self) -> tuple[bytes, Revision]:
        """All the bytes, and their revision."""
        return await in_thread(local.read, self.path) if self.url is None else await http.read(self.url)

    async def read_text(self, encoding: str = "utf-8") -> tuple[str, Revision]:
        """All the text, and its revision."""
        data, revision = await self.read()
        return decoded(self, data, encoding), revision

    async def write(self, data: bytes, *, expected_revision: Revision = None) -> Revision:
        """Put the bytes in place, if the file there is of the expected revision, where one is given; the new revision."""
        return await in_thread(local.write, await self._target(), data, expected_revision)

    async def write_text(self, data: str, encoding: str = "utf-8", *, expected_revision: Revision = None) -> Revision:
        """Put the text in place, as `write` does its bytes."""
        return await self.write(data.encode(encoding), expected_revision=expected_revision)

    async def copy_to(self, dest: Place) -> Revision:
        """Put a copy in place at the destination, in constant memory; the copy's revision."""
        target = await in_thread(find_target, *dest.destination())
        if self.url is not None:
            return await http.download(self.url, target)
        stop = threading.Event()
        return await stoppable(stop.set, local.copy, self.path, target, stop.is_set)

    async def _target(self) -> Target:
        return await in_thread(find_target, *self.destination())
