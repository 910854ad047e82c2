"""What analysis is handed: the parsed files of one pipeline."""

from dataclasses import dataclass

from otterdsl.compiler.syntax.ast import Module


@dataclass(frozen=True, slots=True)
class ParsedFile:
    """One file. `file` is what its spans name: its path relative to the entry file's folder, with `/`."""

    file: str
    module: Module


@dataclass(frozen=True, slots=True)
class Sources:
    """All files of a pipeline, each once: what a file imports stands before it, the entry is the last."""

    files: tuple[ParsedFile, ...]

    @property
    def entry(self) -> ParsedFile:
        """The file that was named."""
        return self.files[-1]
