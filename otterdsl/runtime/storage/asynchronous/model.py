"""`AsyncStorage`: as `Storage`, for code on an event loop."""

from typing import TYPE_CHECKING, ClassVar

from otterdsl.runtime.storage.model import Revision, StatResult

if TYPE_CHECKING:
    from otterdsl.runtime.config.model import Config
    from otterdsl.runtime.storage.asynchronous.handle import AsyncStorageHandle


class AsyncStorage:
    """A kind of store. With a config, locations may be relative, and are read by way of its mirrors."""

    name: ClassVar[str] = "storage"

    def __init__(self, config: "Config | None" = None) -> None:
        self._config = config

    def _at(self, location: str) -> "AsyncStorageHandle":
        from otterdsl.runtime.storage.asynchronous.handle import AsyncStorageHandle

        return AsyncStorageHandle(location, self._config)

    async def stat(self, location: str) -> StatResult:
        """The metadata."""
        return await self._at(location).stat()

    async def glob(self, location: str, pattern: str = "*") -> list[str]:
        """The locations of the files below a folder that match the pattern."""
        return await self._at(location).glob(pattern)

    async def read(self, location: str) -> tuple[bytes, Revision]:
        """All the bytes, and their revision."""
        return await self._at(location).read()

    async def read_text(self, location: str, encoding: str = "utf-8") -> tuple[str, Revision]:
        """All the text, and its revision."""
        return await self._at(location).read_text(encoding)

    async def write(self, location: str, data: bytes, *, expected_revision: Revision = None) -> Revision:
        """Put the bytes in place; the new revision."""
        return await self._at(location).write(data, expected_revision=expected_revision)

    async def write_text(self, location: str, data: str, *, encoding: str = "utf-8", expected_revision: Revision = None) -> Revision:
        """Put the text in place; the new revision."""
        return await self._at(location).write_text(data, encoding, expected_revision=expected_revision)

    async def copy_within(self, src: str, dst: str) -> Revision:
        """Put a copy in place; its revision."""
        return await self._at(src).copy_to(self._at(dst))
