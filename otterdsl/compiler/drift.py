"""Compare a compiled package with what its folder holds: what `compile --check` shows.

In: a `Compilation` and a folder. Out: each file that differs, why, and how. Nothing is written.
"""

import difflib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

from otterdsl.compiler.codegen.lock import LOCK, Record
from otterdsl.compiler.compilation import Compilation
from otterdsl.compiler.package_files import Found, OldLock, final_files, look, other_source, read_lock, source_root
from otterdsl.compiler.source.codes import CODES
from otterdsl.compiler.source.diagnostic import Diagnostic

Reason: TypeAlias = Literal[
    "missing", "edited by hand", "orphan file", "other version", "stale source", "changed schema", "other params", "moved", "another source"
]


@dataclass(frozen=True, slots=True)
class Drift:
    """A file that is not what the source compiles to: its path, the reasons, and a unified diff from what is there to what would be."""

    path: Path
    reasons: tuple[Reason, ...]
    diff: str

    @property
    def diagnostic(self) -> Diagnostic:
        """The same as OT603, without the diff."""
        message = f"`{self.path}` differs from what its source compiles to: {', '.join(self.reasons)}"
        return Diagnostic("OT603", CODES["OT603"].severity, message, None, help=self._mend, file=str(self.path))

    @property
    def _mend(self) -> str:
        """What brings the file and its source together again."""
        again = "compile again without `--check`"
        if "edited by hand" in self.reasons:
            gone = "removes it" if "orphan file" in self.reasons else "writes over it"
            return f"keep what matters in a `.otter` file or a task package; then {again} and with `--force`, which {gone}"
        if "another source" in self.reasons:
            return f"choose another folder with `-o`, or {again} and with `--force`, which replaces that package"
        if "orphan file" in self.reasons:
            return f"{again}, which removes it"
        if "other params" in self.reasons:
            return f"give the same `--set` as when it was compiled, or {again}"
        return again


def compare(compilation: Compilation, directory: Path) -> tuple[Drift, ...]:
    """All that writing to `directory` would change, by name of the file. Raises: OSError, where what is there cannot be read."""
    if not compilation.files:
        return ()
    folder = directory / compilation.folder
    if not folder.exists():
        return tuple(Drift(folder / name, ("missing",), _diff(name, "", text)) for name, text in sorted(compilation.files.items()))
    lock = read_lock(folder)
    new = final_files(compilation, folder)
    causes: tuple[Reason, ...] = tuple(_causes(lock.record, source_root(new[LOCK]), compilation.record))
    if other_source(compilation, folder, lock):
        causes = ("another source",)
    drifts = []
    for name in sorted({*new, *lock.files}):
        there = look(folder / name)
        wanted = new.get(name)
        if there.kind == ("missing" if wanted is None else "file") and (wanted is None or there.content == wanted):
            continue
        reasons = _reasons(name, there, wanted, lock) or causes or ("edited by hand",)
        drifts.append(Drift(folder / name, reasons, _diff(name, _text(there.content), _text(wanted or b""))))
    return tuple(drifts)


def _reasons(name: str, there: Found, wanted: bytes | None, lock: OldLock) -> tuple[Reason, ...]:
    """Why a file differs where that can be told from the file itself; empty where what it was made from has to say."""
    if there.kind == "missing":
        return ("missing",)
    if wanted is None:
        return ("orphan file",) if lock.wrote(name, there) else ("orphan file", "edited by hand")
    if name == LOCK:
        return () if lock.state == "good" else ("edited by hand",)
    return () if lock.wrote(name, there) else ("edited by hand",)


def _causes(old: Record | None, root: str, new: Record) -> Iterator[Reason]:
    """What differs between what a package was made from and what it would be made from now."""
    if old is None:
        return
    if old.version != new.version:
        yield "other version"
    if old.sources != new.sources:
        yield "stale source"
    if old.schemas != new.schemas:
        yield "changed schema"
    if old.params != new.params:
        yield "other params"
    if old.source_root != root:
        yield "moved"


def _text(content: bytes) -> str:
    return content.decode(errors="backslashreplace")


def _diff(name: str, old: str, new: str) -> str:
    lines = difflib.unified_diff(old.splitlines(keepends=True), new.splitlines(keepends=True), f"{name} (there)", f"{name} (compiled)")
    return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)
