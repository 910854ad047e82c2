"""Folders and files that a run needs: there, and usable, or a plain reason why not."""

import os
from pathlib import Path

from otterdsl.runtime.util.errors import FSError


def check_dir(path: Path | str) -> None:
    """See that a folder is there and can be written; make it if it is not there. Raises: FSError."""
    path = Path(path)
    if path.exists() and not path.is_dir():
        raise FSError(f"`{path}` is no folder")
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise FSError(f"folder `{path}` cannot be made: {error.strerror or error}") from error
    if not os.access(path, os.W_OK | os.X_OK):
        raise FSError(f"folder `{path}` cannot be written")


def check_source(path: Path | str) -> None:
    """See that a file is there and can be read. Raises: FSError."""
    path = Path(path)
    if not path.exists():
        raise FSError(f"`{path}` is not there")
    if not path.is_file():
        raise FSError(f"`{path}` is no file")
    if not os.access(path, os.R_OK):
        raise FSError(f"`{path}` cannot be read")


def check_destination(path: Path | str, *, delete: bool = False) -> None:
    """See that a file can be made: its folder is there, and it is not. With `delete`, one that is there is removed. Raises: FSError.

    A folder that is there is fine: tasks ask for the one that their files go into.
    """
    path = Path(path)
    check_dir(path.parent)
    if not path.exists() or path.is_dir():
        return
    if not path.is_file() or not delete:
        raise FSError(f"`{path}` is there already")
    try:
        path.unlink()
    except OSError as error:
        raise FSError(f"`{path}` cannot be removed: {error.strerror or error}") from error
