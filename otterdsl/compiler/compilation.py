"""What compiling a file gives: plain values. In: nothing. Out: `Compilation`."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from otterdsl.compiler.codegen.lock import Record
from otterdsl.compiler.plan.model import Plan
from otterdsl.compiler.source.diagnostic import Diagnostic, has_errors
from otterdsl.compiler.source.text import SourceText


@dataclass(frozen=True, slots=True)
class Compilation:
    """A compiled file.

    `plan` is None and `files` empty where there are errors. `folder` is the name of the package's folder, one safe path component; `files` its
    text files by name, the lock among them. `source_folder` is the entry file's folder.
    """

    plan: Plan | None
    folder: str
    files: Mapping[str, str]
    record: Record
    diagnostics: tuple[Diagnostic, ...]
    texts: Mapping[str, SourceText]
    source_folder: Path

    @property
    def name(self) -> str:
        """The pipeline's name, empty where there are errors."""
        return self.plan.pipeline if self.plan else ""

    @property
    def has_errors(self) -> bool:
        """Whether there is nothing to write or run."""
        return has_errors(self.diagnostics)
