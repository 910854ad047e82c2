"""What is said when the program itself is wrong. In: an exception. Out: a file with all that mends it, and one line that names it."""

import os
import platform
import sys
import tempfile
import traceback
from collections.abc import Sequence

from otterdsl import __version__
from otterdsl.compiler.source.snippet import visible


def report(error: BaseException, arguments: Sequence[str]) -> None:
    """Write the traceback to a new file in the temporary folder, and one line with its path to standard error."""
    masking = sys.modules.get("otterdsl.runtime.masking")  # nothing is imported here: that may be what is broken
    text = "\n".join(
        [
            f"otterdsl {__version__}, Python {platform.python_version()}, {platform.platform()}",
            f"arguments: {list(arguments)!r}",
            "",
            "".join(traceback.format_exception(error)),
        ]
    )
    said = str(error)
    if masking is not None:
        text, said = masking.mask(text), masking.mask(said)
    what = f"error: internal error: {type(error).__name__}: {_one_line(said)}"
    try:
        handle, path = tempfile.mkstemp(prefix="otterdsl-crash-", suffix=".txt")
        with os.fdopen(handle, "w", encoding="utf-8", errors="backslashreplace") as file:
            file.write(text)
    except OSError as problem:  # a full disk is no reason to say nothing
        print(f"{what} (no report could be written: {problem.strerror})", file=sys.stderr)
        return
    print(f"{what}; please report this, with the file {path}", file=sys.stderr)


def _one_line(text: str) -> str:
    """The first line of `text`, cut where it is very long, with control characters shown as escapes."""
    shown = visible(text.splitlines()[0] if text else "")
    return shown if len(shown) <= 200 else f"{shown[:200]}…"
