"""The files of a pipeline, read: the entry and all that it imports.

In: the entry's path. Out: `Loaded`: parsed files, each after what it imports, their texts and hashes, and what is wrong with them or their imports.
`text` reads a file that is no `.otter` file too. What is absent: meaning. `use` is not followed here.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from otterdsl.compiler import files
from otterdsl.compiler.analysis.sources import ParsedFile, Sources
from otterdsl.compiler.files import Project, Refused
from otterdsl.compiler.source.codes import CODES
from otterdsl.compiler.source.diagnostic import Diagnostic, Label
from otterdsl.compiler.source.text import SourceText, decode
from otterdsl.compiler.syntax.ast import Import, Module
from otterdsl.compiler.syntax.parse import parse

_DRAWN: Final = 12  # so many of a cycle's files are shown; more would hide the rest


@dataclass(frozen=True, slots=True)
class Loaded:
    """What was read. `sources` is None where the entry could not be; `lost` is whether an import could not be followed."""

    sources: Sources | None
    texts: dict[str, SourceText]
    sha256: dict[str, str]
    diagnostics: tuple[Diagnostic, ...]
    lost: bool


@dataclass(frozen=True, slots=True)
class Text:
    """A file's text, what is wrong with it, and the SHA-256 of its bytes."""

    source: SourceText
    diagnostics: tuple[Diagnostic, ...]
    sha256: str


@dataclass(slots=True)
class _Opened:
    """A file whose imports are being followed; `waiting` are those not yet looked at."""

    path: Path
    module: Module
    waiting: Iterator[Import]
    at: Import | None = None


@dataclass(slots=True)
class _Reading:
    """What there is so far. Mutated by `_open` alone."""

    project: Project
    parsed: list[ParsedFile] = field(default_factory=list)
    texts: dict[str, SourceText] = field(default_factory=dict)
    sha256: dict[str, str] = field(default_factory=dict)
    found: list[Diagnostic] = field(default_factory=list)


def load(project: Project) -> Loaded:
    """Read the entry and its imports, depth first, each file once. Reports: OT001, OT003, OT008, OT209, OT403, and what the texts report."""
    reading = _Reading(project)
    entry = _open(reading, project.entry)
    if isinstance(entry, Refused):
        return Loaded(None, {}, {}, (refused(project.typed, entry),), lost=False)
    # A stack of our own: a chain of imports may be longer than Python's.
    path, seen, lost = [entry], {project.entry}, False
    while path:
        here = path[-1]
        here.at = next(here.waiting, None)
        if here.at is None:
            reading.parsed.append(ParsedFile(project.id(here.path), here.module))
            path.pop()
            continue
        target = _target(project, here.path, here.at)
        if isinstance(target, Path) and target in seen:
            if any(opened.path == target for opened in path):
                reading.found.append(_cycle(reading, path, target))
            continue
        opened = target if isinstance(target, Refused) else _open(reading, target)
        if isinstance(opened, Refused):
            reading.found.append(_import_refused(here.at, opened))
            lost = True
            continue
        seen.add(opened.path)
        path.append(opened)
    return Loaded(Sources(tuple(reading.parsed)), reading.texts, reading.sha256, tuple(reading.found), lost)


def text(project: Project, path: Path) -> Text | Refused:
    """The text of a file. One that cannot be shown is refused, with the decoder's reason."""
    data = files.read(path)
    if isinstance(data, Refused):
        return data
    decoded = decode(project.id(path), project.display(path), data.data)
    if decoded.value is None:
        first = decoded.diagnostics[0]
        return Refused(f"it is {first.message}", first.help, first.code)
    return Text(decoded.value, decoded.diagnostics, data.sha256)


def refused(typed: str, why: Refused) -> Diagnostic:
    """What is said of a file named on the command line that cannot be read."""
    return _diagnostic(why.code, f"`{typed}` cannot be read: {why.reason}", mend=why.help, file=typed)


def _open(reading: _Reading, path: Path) -> _Opened | Refused:
    """Read and parse a file. Mutates `reading`: its text, hash and diagnostics."""
    read = text(reading.project, path)
    if isinstance(read, Refused):
        return read
    reading.texts[read.source.file] = read.source
    reading.sha256[read.source.file] = read.sha256
    parsed = parse(read.source)
    reading.found += (*read.diagnostics, *parsed.diagnostics)
    return _Opened(path, parsed.value, (each for each in parsed.value.declarations if isinstance(each, Import)))


def _target(project: Project, importer: Path, statement: Import) -> Path | Refused:
    written = statement.path.plain
    if written is None:
        return Refused("its path must be known before anything is read", "write the path without `${…}`")
    return files.resolve(project, importer, written)


# ---------------------------------------------------------------- diagnostics


def _diagnostic(code: str, message: str, statement: Import | None = None, label: str = "", mend: str = "", file: str = "") -> Diagnostic:
    span = None if statement is None else statement.path.span
    return Diagnostic(code, CODES[code].severity, message, span, label, mend, file=file)


def _import_refused(statement: Import, refused: Refused) -> Diagnostic:
    written = statement.path.plain
    what = "this" if written is None else f"`{written}`"
    return _diagnostic("OT209", f"{what} cannot be imported: {refused.reason}", statement, "not imported", refused.help)


def _cycle(reading: _Reading, path: list[_Opened], target: Path) -> Diagnostic:
    """The cycle that the last file of `path` closes by importing `target`, drawn as its path with lines."""
    start = next(index for index, opened in enumerate(path) if opened.path == target)
    steps = [(reading.texts[reading.project.id(opened.path)], opened.at) for opened in path[start:]]
    drawn = [f"`{text.display}:{text.position(at.span.start).line}`" for text, at in steps[:_DRAWN] if at is not None]
    if len(steps) > _DRAWN:
        drawn.append(f"{len(steps) - _DRAWN} more")
    first = steps[0][0].display
    *others, last = [at for _, at in steps if at is not None]
    related = tuple(Label(each.path.span, "which imports this") for each in others[:_DRAWN])
    message = f"files import each other in a circle: {' → '.join([*drawn, f'`{first}`'])}"
    if len(steps) == 1:
        message = f"`{first}` imports itself"
    found = _diagnostic("OT403", message, last, "this closes the cycle", "move what both need to a third file")
    return replace(found, related=related)
