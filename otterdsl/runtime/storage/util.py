"""Whole locations of a spec's relative ones, as tasks hand them to libraries that read and write files themselves."""

from typing import TYPE_CHECKING, overload

from otterdsl.runtime.storage.synchronous.handle import StorageHandle

if TYPE_CHECKING:
    from otterdsl.runtime.config.model import Config


@overload
def make_absolute(files: str, config: "Config") -> str: ...
@overload
def make_absolute(files: dict[str, str], config: "Config") -> dict[str, str]: ...


def make_absolute(files: str | dict[str, str], config: "Config") -> str | dict[str, str]:
    """The whole location of one file, or of each in a map. Raises: StorageError, for what is no location."""
    if isinstance(files, dict):
        return {name: make_absolute(file, config) for name, file in files.items()}
    return StorageHandle(files, config).absolute
