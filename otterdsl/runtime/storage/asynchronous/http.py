"""The store of what http and https serve, as tasks on an event loop ask for it."""

from typing import ClassVar

from otterdsl.runtime.storage.asynchronous.model import AsyncStorage


class AsyncHTTPStorage(AsyncStorage):
    """What http and https serve, to be read."""

    name: ClassVar[str] = "Async HTTP Storage"
