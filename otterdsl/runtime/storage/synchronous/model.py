"""`Storage`: a kind of store as an object, whose methods are told a whole location. Tasks ask a handle's `storage` which kind it is.

What is absent: any doing of its own, which is the handle's.
"""

from typing import IO, TYPE_CHECKING, Any, ClassVar

from otterdsl.runtime.storage.model import Revision, StatResult

if TYPE_CHECKING:
    from otterdsl.runtime.config.model import Config
    from otterdsl.runtime.storage.synchronous.handle import StorageHandle


class Storage:
    """A kind of store, for code that waits. With a config, locations may be relative, and are read by way of its mirrors."""

    name: ClassVar[str] = "storage"

    def __init__(self, config: "Config | None" = None) -> None:
        self._config = config

    def _at(self, location: str) -> "StorageHandle":
        from otterdsl.runtime.storage.synchronous.handle import StorageHandle

        return StorageHandle(location, self._config)

    def stat(self, location: str) -> StatResult:
        """The metadata."""
        return self._at(location).stat()

    def glob(self, location: str, pattern: str = "*") -> list[str]:
        """The locations of the files below a folder that match the pattern."""
        return self._at(location).glob(pattern)

    def open(self, location: str, mode: str = "r") -> IO[Any]:
        """An open file."""
        return self._at(location).open(mode)

    def read(self, location: str) -> tuple[bytes, Revision]:
        """All the bytes, and their revision."""
        return self._at(location).read()

    def read_text(self, location: str, encoding: str = "utf-8") -> tuple[str, Revision]:
        """All the text, and its revision."""
        return self._at(location).read_text(encoding)

    def write(self, location: str, data: bytes, *, expected_revision: Revision = None) -> Revision:
        """Put the bytes in place; the new revision."""
        return self._at(location).write(data, expected_revision=expected_revision)

    def write_text(self, location: str, data: str, *, encoding: str = "utf-8", expected_revision: Revision = None) -> Revision:
        """Put the text in place; the new revision."""
        return self._at(location).write_text(data, encoding, expected_revision=expected_revision)

    def copy_within(self, src: str, dst: str) -> Revision:
        """Put a copy in place; its revision."""
        return self._at(src).copy_to(self._at(dst))
