"""Write a compiled package to its folder.

In: a `Compilation` and a folder. Out: diagnostics, empty when it is done. Files appear whole or not at all; one that people edited, or that is not
ours, is never touched unasked; one that would not change keeps its time.
"""

import contextlib
import errno
import json
import os
from collections.abc import Iterable, Mapping
from pathlib import Path

from otterdsl.compiler.codegen.lock import LOCK, pending_text
from otterdsl.compiler.compilation import Compilation
from otterdsl.compiler.package_files import Found, OldLock, final_files, look, other_source, read_lock
from otterdsl.compiler.source.codes import CODES
from otterdsl.compiler.source.diagnostic import Diagnostic


def write(compilation: Compilation, directory: Path, *, force: bool = False) -> tuple[Diagnostic, ...]:
    """Write the package to `directory/<pipeline>/`; gives back what stands in the way, in which case nothing was written.

    Reports: OT601, a file that was edited by hand or that otterdsl did not write, and the package of another entry file (`force` writes over them);
    OT602, a folder that cannot be written.
    """
    if not compilation.files:
        return ()
    folder = directory / compilation.folder
    try:
        if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
            return (_diagnostic("OT602", folder, f"`{folder}` is no folder of its own", "remove it, or choose another folder with `-o`"),)
        lock = read_lock(folder)
        new = final_files(compilation, folder)
        orphans = {name for name in lock.files if name not in new}
        found = {name: look(folder / name) for name in (*new, *sorted(orphans))}
        blocked = _folders(folder, found) or (() if force else _other(compilation, folder, lock) or tuple(_blocked(folder, new, found, lock)))
        if not blocked:
            folder.mkdir(parents=True, exist_ok=True)
            _write_changes(folder, new, found, lock, orphans)
        return blocked
    except OSError as error:
        return (_diagnostic("OT602", folder, f"`{error.filename or folder}` cannot be written: {error.strerror or error}", ""),)


def _folders(folder: Path, found: Mapping[str, Found]) -> tuple[Diagnostic, ...]:
    """OT602 for each folder where a file belongs: not even `force` takes away what may be in there."""
    paths = [folder / name for name, there in found.items() if there.kind == "other"]
    return tuple(
        _diagnostic("OT602", path, f"`{path}` is a folder, where a file is to be written or removed", "move it away")
        for path in paths
        if path.is_dir() and not path.is_symlink()
    )


def _other(compilation: Compilation, folder: Path, lock: OldLock) -> tuple[Diagnostic, ...]:
    """OT601 for a folder that holds the package of another entry file."""
    other = other_source(compilation, folder, lock)
    if not other:
        return ()
    message = f"`{folder}` holds a package that was compiled from another file, `{other}`"
    mend = "give the pipeline another name or `-o` another folder; `--force` replaces what is there, as for a source that was renamed"
    return (_diagnostic("OT601", folder, message, mend),)


def _blocked(folder: Path, new: Mapping[str, bytes], found: Mapping[str, Found], lock: OldLock) -> Iterable[Diagnostic]:
    """OT601 for each file that is neither missing, nor as otterdsl left it, nor already what it is to be."""
    mend = "`--force` writes over it; keep what matters in a `.otter` file or a task package first"
    for name, there in found.items():
        path = folder / name
        if there.kind == "missing" or (there.kind == "file" and there.content == new.get(name)) or lock.wrote(name, there):
            continue
        if name == LOCK:
            if lock.state != "good":
                yield _diagnostic("OT601", path, f"`{path}` is not a lock that otterdsl wrote", mend)
        elif name in lock.files:
            yield _diagnostic("OT601", path, f"`{path}` was edited by hand", mend)
        else:
            yield _diagnostic("OT601", path, f"`{path}` is in the way, and otterdsl did not write it", mend)


def _write_changes(folder: Path, new: Mapping[str, bytes], found: Mapping[str, Found], lock: OldLock, orphans: Iterable[str]) -> None:
    """Write what differs, remove what is ours and no longer made; the lock comes last. Raises: OSError."""
    changed = [name for name, content in new.items() if name != LOCK and found[name].content != content]
    gone = [name for name in sorted(orphans) if found[name].kind != "missing"]
    if changed or gone:
        # Should this be interrupted, the next call has to know the new files for its own as well as the old ones.
        put_in_place(folder / LOCK, pending_text(lock.text, json.loads(new[LOCK])).encode())
    for name in changed:
        put_in_place(folder / name, new[name])
    for name in gone:
        (folder / name).unlink()
    if changed or gone or found[LOCK].content != new[LOCK]:
        put_in_place(folder / LOCK, new[LOCK])


def rewrite(path: Path, content: bytes) -> None:
    """Put a content in the place of a file that is there, whole or not at all; its mode stays, and a link stays one.

    Raises: OSError, for a file that may only be read too: whoever may write into its folder could replace it, which is not what its mode asks for.
    """
    real = Path(os.path.realpath(path))
    mode = real.stat().st_mode & 0o7777
    if not mode & 0o222 or not os.access(real, os.W_OK):
        raise PermissionError(errno.EACCES, "it may only be read", str(path))
    put_in_place(real, content, mode)


def put_in_place(path: Path, content: bytes, mode: int | None = None) -> None:
    """Put a file in its place in one step: it is written beside it first, with the `mode` that it is to have. Raises: OSError."""
    beside = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        # What an earlier process of the same number left when it was killed.
        beside.unlink(missing_ok=True)
        with beside.open("xb") as file:
            file.write(content)
            file.flush()
            if mode is not None:
                os.fchmod(file.fileno(), mode)
            os.fsync(file.fileno())
        beside.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            beside.unlink()
        raise


def _diagnostic(code: str, path: Path, message: str, mend: str) -> Diagnostic:
    return Diagnostic(code, CODES[code].severity, message, None, help=mend, file=str(path))
