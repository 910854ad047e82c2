"""Where files are: local paths, `file://`, and http(s) to read from.

Upstream's places of the two handles, `synchronous.handle` and `asynchronous.handle`, are kept too.
"""

from otterdsl.runtime.storage.asynchronous.handle import AsyncStorageHandle
from otterdsl.runtime.storage.synchronous.handle import StorageHandle

__all__ = ["AsyncStorageHandle", "StorageHandle"]
