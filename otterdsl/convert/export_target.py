"""Write an export to its file. In: a path and a text. Out: diagnostics, empty when it is done. The file appears whole or not at all.

What otterdsl did not export is not overwritten unasked: a configuration that people wrote is worth more than what can be made again.
"""

import contextlib
import os
import stat
from pathlib import Path

from otterdsl.compiler.source.codes import CODES
from otterdsl.compiler.source.diagnostic import Diagnostic
from otterdsl.convert.export import HEADING


def write_export(path: Path, text: str, *, force: bool = False) -> tuple[Diagnostic, ...]:
    """Put the text into the file at `path`. Reports: OT601, a file that is there and no export (`force` writes over it); OT602."""
    content = text.encode()
    target = Path(os.path.realpath(path))
    try:
        there = _look(target)
        if there == content:
            return ()
        if there is not None and not force and not there.startswith(f"# {HEADING} ".encode()):
            mend = "`--force` writes over it; or choose another file with `-o`"
            return (_diagnostic("OT601", path, f"`{path}` is there, and is no export of otterdsl", mend),)
        _replace(target, content)
    except (OSError, ValueError) as error:
        reason = (error.strerror if isinstance(error, OSError) else None) or str(error)
        return (_diagnostic("OT602", path, f"`{path}` cannot be written: {reason}", ""),)
    return ()


def _look(path: Path) -> bytes | None:
    """What the file holds, None where there is none. Raises: OSError, for what is no file."""
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        return None
    if not stat.S_ISREG(mode):
        raise OSError(0, "it is a folder" if stat.S_ISDIR(mode) else "it is no file", str(path))
    return path.read_bytes()


def _replace(path: Path, content: bytes) -> None:
    """Put a file in its place in one step: it is written beside it first. Raises: OSError."""
    beside = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with beside.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        if path.exists():
            beside.chmod(stat.S_IMODE(path.stat().st_mode))
        beside.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            beside.unlink()
        raise


def _diagnostic(code: str, path: Path, message: str, mend: str) -> Diagnostic:
    return Diagnostic(code, CODES[code].severity, message, None, help=mend, file=str(path))
