"""An entry file, checked: read, parsed, with its packages, and analysed. What `check` and the editor call.

In: a path. Out: `Frontend`. The work is `sources`' (files), `specs`' (packages) and `analysis`'; what is decided here is which findings of analysis
stand where text or files are missing. What is absent: printing, and everything after the Program.
"""

import gc
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from keyword import iskeyword
from pathlib import Path
from typing import Final

from otterdsl.compiler import files
from otterdsl.compiler.allowing import without_allowed
from otterdsl.compiler.analysis.analyse import analyse
from otterdsl.compiler.analysis.program import Program
from otterdsl.compiler.analysis.schemas import Collision, Schemas
from otterdsl.compiler.analysis.sources import Sources
from otterdsl.compiler.source.codes import CODES
from otterdsl.compiler.source.diagnostic import Diagnostic, has_errors
from otterdsl.compiler.source.span import Span
from otterdsl.compiler.source.text import SourceText
from otterdsl.compiler.sources import Loaded, load
from otterdsl.compiler.specs.reader import Specs, read
from otterdsl.compiler.syntax.ast import Block, ExternTask, For, If, Module, Requires, Run, Statement, Step, TaskList, TaskType, TaskUse, Use
from otterdsl.compiler.syntax.expected import FILE_ENDS

_NAMES: Final = frozenset({"OT201", "OT202", "OT203", "OT215", "OT501", "OT502"})  # said of a name that a text, had it been read, may have declared
_TASKS: Final = _NAMES - {"OT201"}  # those of them that a lost task of the same step may explain
_FIELDS: Final = frozenset({"OT204", "OT205", "OT502"})  # said of a field that a task type, had it been read whole, may have declared or set
_USE: Final = frozenset({"OT902", "OT903", "OT904", "OT905", "OT906"})  # said of what serves nothing, which what was not read may use
_STRINGS: Final = frozenset({"OT004", "OT006"})  # a string that ends too early: what follows on its line looks like something else


@dataclass(frozen=True, slots=True)
class Frontend:
    """A checked entry file.

    `program` is None where there are errors. `diagnostics` are sorted, each once. `texts` are the files read and `sources` the SHA-256 of their
    bytes, by file id; `fingerprints` those of the schemas, by package. `entry_folder` is the entry file's real folder, `entry` its name in it.
    """

    program: Program | None
    diagnostics: tuple[Diagnostic, ...]
    texts: Mapping[str, SourceText]
    fingerprints: Mapping[str, str]
    sources: Mapping[str, str]
    entry_folder: Path
    entry: str = ""


@contextmanager
def no_collection() -> Iterator[None]:
    """Python's search for garbage in circles is off within, and after as it was before.

    What is made of text holds hardly any circles, and while a million nodes of it grow, looking for some takes as long as the work itself.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


@no_collection()
def check(path: str | os.PathLike[str], *, use_imports: bool = True) -> Frontend:
    """Check an entry file and all that it imports. Without `use_imports` no package is imported: its task types are those that `extern` declares."""
    project = files.project(os.fspath(path))
    loaded = load(project)
    if loaded.sources is None:
        return unread(loaded, project)
    with read(list(_uses(loaded.sources)), import_path=import_path(project.folder), use_imports=use_imports) as specs:
        return check_loaded(loaded, loaded.sources, project, specs)


def unread(loaded: Loaded, project: files.Project) -> Frontend:
    """What is found of an entry that could not be read."""
    return Frontend(None, _tidy(loaded.diagnostics), loaded.texts, {}, loaded.sha256, project.folder)


def check_loaded(loaded: Loaded, sources: Sources, project: files.Project, specs: Specs) -> Frontend:
    """Check files that were read, those of `loaded`, with the packages that they use. The files may have been written in another language."""
    uses = _uses(sources)
    analysed = analyse(sources, specs.schemas, specs.check_values)
    found = [*loaded.diagnostics, *of_packages(uses, specs.schemas, project.folder), *_empty(sources, loaded.diagnostics)]
    found += _standing(analysed.diagnostics, loaded)
    found = _with_scripts(sources, found)
    found = without_allowed(found, (file.module for file in sources.files), loaded.texts)
    if loaded.diagnostics:
        # What a comment allows may not have been looked for.
        found = [each for each in found if each.code != "OT908"]
    program = None if has_errors(found) else analysed.value
    return Frontend(program, _tidy(found), loaded.texts, specs.fingerprints, loaded.sha256, project.folder, project.entry.name)


def _with_scripts(sources: Sources, found: list[Diagnostic]) -> list[Diagnostic]:
    """What was found, and what bash cannot parse of the scripts in task types. Reports: OT106."""
    types = [each for file in sources.files for each in file.module.declarations if isinstance(each, TaskType)]
    runs = [member for each in types for member in each.members if isinstance(member, Run) and member.language.text == "sh"]
    if not runs:
        return found
    from otterdsl.compiler.bash import with_scripts  # most pipelines have no script

    return with_scripts(runs, found)


def _tidy(diagnostics: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """The diagnostics in order, each once."""
    return tuple(sorted(dict.fromkeys(diagnostics), key=lambda each: each.order))


def _standing(diagnostics: Sequence[Diagnostic], loaded: Loaded) -> Sequence[Diagnostic]:
    """What analysis found, without what may be so only because a text could not be read whole, or a file not at all."""
    if not loaded.diagnostics or loaded.sources is None:
        return diagnostics
    modules = [file.module for file in loaded.sources.files]
    unclosed = [label.span for each in loaded.diagnostics if _misplaces(each) for label in each.related]
    all_steps = [step.span for module in modules for step in module.declarations if isinstance(step, Step)]
    misplaced = [span for span in all_steps if any(_holds(span, at) for at in unclosed)]
    doubtful = set(_USE)
    if loaded.lost or any(module.partial for module in modules):
        doubtful |= _NAMES
    if any(isinstance(each, TaskType | ExternTask) and each.partial for module in modules for each in module.declarations):
        doubtful |= _FIELDS
    steps = [step.span for module in modules for step in module.declarations if isinstance(step, Step) and step.partial]
    cut = [each.span for each in loaded.diagnostics if each.span is not None and each.code in _STRINGS]
    mistakes = [each.span for each in loaded.diagnostics if each.span is not None]
    broken = {use.label.span for module in modules for use in _task_uses(module) if use.partial or any(_holds(use.span, at) for at in mistakes)}
    return [
        each
        for each in diagnostics
        if each.code not in doubtful
        and not (each.code in _FIELDS and each.span is not None and any(_on_one_line(each.span, at, loaded.texts) for at in cut))
        and not (each.code == "OT213" and each.span is not None and any(_on_one_line(each.span, at, loaded.texts) for at in mistakes))
        and not (each.span is not None and any(_holds(step, each.span) for step in misplaced))
        and not (each.code == "OT205" and each.span in broken)
        and not (each.code in _TASKS and each.span is not None and any(_holds(step, each.span) for step in steps))
        and not any(each.span is not None and _holds(each.span, at) for at in mistakes)
    ]


def _misplaces(diagnostic: Diagnostic) -> bool:
    """Whether a bracket is not closed up to the end of its step: what follows it may stand in another block than it was meant to."""
    return diagnostic.code == "OT105" or (diagnostic.code == "OT102" and diagnostic.label == FILE_ENDS)


def _on_one_line(span: Span, other: Span, texts: Mapping[str, SourceText]) -> bool:
    text = texts.get(span.file)
    return text is not None and span.file == other.file and text.position(span.start).line == text.position(other.start).line


def _holds(span: Span, other: Span) -> bool:
    return span.file == other.file and span.start <= other.start < span.end


def _task_uses(module: Module) -> Iterator[TaskUse]:
    """All task statements of a file, at any depth."""
    left: list[Block | Statement | Requires] = [each.block for each in module.declarations if isinstance(each, Step)]
    while left:
        match left.pop():
            case Block(items=items):
                left += items
            case TaskUse() as use:
                yield use
                left += (each.block for each in use.body if isinstance(each, TaskList))
            case For(block=block):
                left.append(block)
            case If(then=then, orelse=orelse):
                left += (then,) if orelse is None else (then, orelse)
            case Requires():
                pass


def import_path(folder: Path) -> list[str]:
    """Where packages are looked for after Python's own path: the entry's folder, then the current one."""
    try:
        return list(dict.fromkeys((str(folder), os.getcwd())))
    except OSError:  # the current folder is gone
        return [str(folder)]


def _uses(sources: Sources) -> dict[str, Span]:
    """The packages that `use` names, each with its first place, in the order of the files; none that Python could not name (analysis reports it)."""
    uses: dict[str, Span] = {}
    for file in sources.files:
        for declaration in file.module.declarations:
            if isinstance(declaration, Use) and not any(iskeyword(part.text) for part in declaration.package.parts):
                uses.setdefault(declaration.package.text, declaration.package.span)
    return uses


def of_packages(uses: Mapping[str, Span], schemas: Schemas, folder: Path) -> list[Diagnostic]:
    """What is wrong with the packages themselves, which are looked for from the entry's `folder` on. Reports: OT207, OT210."""
    failed = [_unusable(package, reason, uses[package], folder) for package, reason in schemas.failed.items()]
    return failed + [_collision(each, uses[each.package]) for each in schemas.collisions]


def _unusable(package: str, reason: str, span: Span, folder: Path) -> Diagnostic:
    from otterdsl.compiler.specs.package_help import package_help  # most packages can be used

    message, mend = f"package `{package}` cannot be used: {reason}", package_help(package, reason, import_path(folder))
    return Diagnostic("OT210", CODES["OT210"].severity, message, span, "this package", mend)


def _collision(collision: Collision, span: Span) -> Diagnostic:
    other = f"so does `{collision.other}`" if collision.other else "which is built in"
    message = f"package `{collision.package}` defines the task type `{collision.name}`, {other}"
    return Diagnostic("OT207", CODES["OT207"].severity, message, span, "this package", "rename its module and its classes")


def _empty(sources: Sources, found: Iterable[Diagnostic]) -> list[Diagnostic]:
    """What is to be said of an entry file without a declaration; nothing where others say why there is none. Reports: OT101."""
    entry = sources.entry
    if entry.module.declarations or any(each.where == entry.file for each in found):
        return []
    span, example = Span(entry.file, 0, 0), "a step is `step first { … }`"
    return [Diagnostic("OT101", CODES["OT101"].severity, "this file declares nothing", span, "a declaration was expected", example)]
