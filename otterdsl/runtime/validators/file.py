"""Checks of files: that one exists, that two are of one size. Each as a function that waits, and as one for an event loop.

A location is resolved as `StorageHandle` does it: a relative one needs a config, and lies under `work_path` with `force_local`.
"""

import logging
from pathlib import Path
from typing import TYPE_CHECKING

from otterdsl.runtime.storage import AsyncStorageHandle, StorageHandle
from otterdsl.runtime.storage.model import StatResult, shown
from otterdsl.runtime.util.errors import OtterError, TaskValidationError

if TYPE_CHECKING:
    from otterdsl.runtime.config.model import Config

logger = logging.getLogger(__name__)


def exists(location: str | Path, config: "Config | None" = None, force_local: bool = False) -> None:
    """Check that something is at the location. Raises: TaskValidationError."""
    try:
        StorageHandle(location, config, force_local).stat()
    except OtterError as error:
        raise TaskValidationError(str(error)) from error


async def async_exists(location: str | Path, config: "Config | None" = None, force_local: bool = False) -> None:
    """Check that something is at the location. Raises: TaskValidationError."""
    try:
        await AsyncStorageHandle(location, config, force_local).stat()
    except OtterError as error:
        raise TaskValidationError(str(error)) from error


def size(one: str | Path, two: str | Path, config: "Config | None" = None, force_local: bool = False) -> None:
    """Check that two files are of one size; `force_local` is for the second, which must exist. Raises: TaskValidationError.

    A first file that does not tell its size is not compared: many servers do not.
    """
    try:
        expected = StorageHandle(one, config).stat()
    except OtterError as error:
        _warn(one, error)
        return
    try:
        found = StorageHandle(two, config, force_local).stat()
    except OtterError as error:
        raise TaskValidationError(str(error)) from error
    _compare(one, expected, two, found)


async def async_size(one: str | Path, two: str | Path, config: "Config | None" = None, force_local: bool = False) -> None:
    """Check that two files are of one size, as `size` does. Raises: TaskValidationError."""
    try:
        expected = await AsyncStorageHandle(one, config).stat()
    except OtterError as error:
        _warn(one, error)
        return
    try:
        found = await AsyncStorageHandle(two, config, force_local).stat()
    except OtterError as error:
        raise TaskValidationError(str(error)) from error
    _compare(one, expected, two, found)


def _warn(one: str | Path, error: OtterError) -> None:
    logger.warning("the size of %s is not known, so that it is not compared: %s", shown(str(one)), error)


def _compare(one: str | Path, expected: StatResult, two: str | Path, found: StatResult) -> None:
    if expected.size is None or found.size is None:
        logger.warning("the sizes of %s and %s are not both known, so that they are not compared", shown(str(one)), shown(str(two)))
    elif expected.size != found.size:
        raise TaskValidationError(f"`{shown(str(two))}` holds {found.size} bytes, but `{shown(str(one))}` {expected.size}")
