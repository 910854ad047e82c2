"""Where in its author's own code something went wrong. In: exceptions, stacks. Out: text such as `tasks/count.py:12`."""

import os
import sysconfig
import traceback
from collections.abc import Iterable
from pathlib import Path
from typing import Final

_OURS: Final = str(Path(__file__).parents[2])


def place(error: BaseException) -> str:
    """The innermost line of user code that an exception passed, as file:line; empty where there is none."""
    if isinstance(error, SyntaxError) and error.filename and error.lineno:
        return _shown(error.filename, error.lineno)
    frames = reversed(list(traceback.walk_tb(error.__traceback__)))
    return innermost((frame.f_code.co_filename, line) for frame, line in frames)


def innermost(frames: Iterable[tuple[str, int]]) -> str:
    """The first of the frames (innermost first) that is neither Python's nor ours; one that is installed only if there is no other."""
    library = sysconfig.get_path("stdlib")
    installed = {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}
    second = ""
    for file, line in frames:
        packaged = any(_under(file, folder) for folder in installed)
        if file.startswith("<") or _under(file, _OURS) or (_under(file, library) and not packaged):
            continue
        if not packaged:
            return _shown(file, line)
        second = second or _shown(file, line)
    return second


def _under(file: str, folder: str) -> bool:
    return file.startswith(folder + os.sep)


def _shown(file: str, line: int) -> str:
    """A place as people read it: relative to the current folder where it lies in there."""
    try:
        here = Path.cwd()
    except OSError:  # the current folder is gone
        return f"{file}:{line}"
    path = Path(file)
    return f"{path.relative_to(here) if path.is_relative_to(here) else path}:{line}"
