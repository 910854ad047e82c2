"""The store of what http and https serve, as tasks ask for it: `isinstance(handle.storage, HTTPStorage)`."""

from typing import ClassVar

from otterdsl.runtime.storage.synchronous.model import Storage


class HTTPStorage(Storage):
    """What http and https serve, to be read."""

    name: ClassVar[str] = "HTTP Storage"
