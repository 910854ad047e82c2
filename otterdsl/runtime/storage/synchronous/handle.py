"""`StorageHandle`: a location that can be read, written, listed and copied, for code that waits.

What is absent: how any of it is done. Local files are `local`, `staged` and `wildcards`, URLs are `http`.
"""

import io
from typing import IO, Any, cast

from otterdsl.runtime.storage import http, local
from otterdsl.runtime.storage.model import Revision, StatResult, shown
from otterdsl.runtime.storage.opened import is_reading, open_to_write
from otterdsl.runtime.storage.place import Place, scheme_of
from otterdsl.runtime.storage.staged import find_target
from otterdsl.runtime.storage.synchronous.filesystem import FilesystemStorage
from otterdsl.runtime.storage.synchronous.http import HTTPStorage
from otterdsl.runtime.storage.synchronous.model import Storage
from otterdsl.runtime.storage.threads import wait_for
from otterdsl.runtime.storage.wildcards import below
from otterdsl.runtime.util.errors import StorageError


class StorageHandle(Place):
    """A file, folder or URL. Every failure is a `StorageError`, `NotFoundError` or `PreconditionFailedError` that names it."""

    __slots__ = ()

    @property
    def storage(self) -> Storage:
        """The kind of store that the location is in."""
        return {"": FilesystemStorage, "http": HTTPStorage, "https": HTTPStorage}.get(scheme_of(self.absolute), Storage)(self.config)

    def stat(self) -> StatResult:
        """The metadata."""
        return local.stat(self.path) if self.url is None else wait_for(http.stat(self.url))

    def glob(self, pattern: str) -> list[str]:
        """The absolute locations of the files below this folder that match the pattern, sorted."""
        return below(self, pattern)

    def open(self, mode: str = "r") -> IO[Any]:
        """An open file: text (UTF-8) or bytes, read (`r`, `rb`) or written whole (`w`, `wb`, `x`, `xb`), put in place when it is closed.

        A URL is first read into a temporary file that has no name.
        """
        if not is_reading(mode):
            return open_to_write(find_target(*self.destination()), mode)
        if self.url is None:
            return local.open_file(self.path, mode)
        import tempfile

        file = tempfile.TemporaryFile()  # noqa: SIM115 -- the caller closes it
        try:
            wait_for(http.save(self.url, file))
            file.seek(0)
        except BaseException:
            file.close()
            raise
        return file if "b" in mode else io.TextIOWrapper(cast(IO[bytes], file), encoding="utf-8")

    def read(self) -> tuple[bytes, Revision]:
        """All the bytes, and their revision."""
        return local.read(self.path) if self.url is None else wait_for(http.read(self.url))

    def read_text(self, encoding: str = "utf-8") -> tuple[str, Revision]:
        """All the text, and its revision."""
        data, revision = self.read()
        return decoded(self, data, encoding), revision

    def write(self, data: bytes, *, expected_revision: Revision = None) -> Revision:
        """Put the bytes in place, if the file there is of the expected revision, where one is given; the new revision."""
        return local.write(find_target(*self.destination()), data, expected_revision)

    def write_text(self, data: str, encoding: str = "utf-8", *, expected_revision: Revision = None) -> Revision:
        """Put the text in place, as `write` does its bytes."""
        return self.write(data.encode(encoding), expected_revision=expected_revision)

    def copy_to(self, dest: Place) -> Revision:
        """Put a copy in place at the destination, in constant memory; the copy's revision."""
        target = find_target(*dest.destination())
        return local.copy(self.path, target) if self.url is None else wait_for(http.download(self.url, target))


def decoded(place: Place, data: bytes, encoding: str) -> str:
    """The text of the bytes. Raises: StorageError, for bytes that are none in that encoding."""
    try:
        return data.decode(encoding)
    except (UnicodeDecodeError, LookupError) as error:
        raise StorageError(f"`{shown(place.absolute)}` cannot be read as {encoding} text: {shown(str(error))}") from error
