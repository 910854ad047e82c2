"""What is right and serves nothing: declarations of the entry file that nobody uses.

In: the files, what they declare, and what was named while all else was resolved. Out: nothing but warnings. Reports: OT902 to OT905. What other
files declare may serve other pipelines; a file without a step is such a file itself. Of Otter's configurations nothing is said, and nothing where a
package could not be read. What is absent: what is wrong.
"""

from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass
from posixpath import dirname, join, normpath
from typing import Final

from otterdsl.compiler.analysis.constants import refs_of
from otterdsl.compiler.analysis.declarations import Declarations
from otterdsl.compiler.analysis.folding import ref_path
from otterdsl.compiler.analysis.report import Report, shown
from otterdsl.compiler.analysis.sources import ParsedFile, Sources
from otterdsl.compiler.analysis.task_types import TaskType
from otterdsl.compiler.source.diagnostic import Edit, Fix
from otterdsl.compiler.source.span import Span
from otterdsl.compiler.syntax import ast

_ENDING: Final = ".otter"


@dataclass(frozen=True, slots=True)
class Used:
    """What something names: params and scratchpad keys, task types with those that they extend."""

    names: Set[str]
    types: Set[str]


def check_used(sources: Sources, declarations: Declarations, types: Mapping[str, TaskType], used: Used, report: Report) -> None:
    """Warn of what the entry declares and nobody uses. Mutates: `report`."""
    entry = sources.entry
    if not declarations.steps or declarations.unread or not entry.file.endswith(_ENDING):
        return
    used = Used(used.names | set(_named_in_bodies(sources)), used.types)
    for declaration in entry.module.declarations:
        match declaration:
            case ast.Param(name=name) if name.text not in used.names:
                _unused("OT902", f"param `{name.text}`", name.span, declaration.span, report)
            case ast.Scratchpad():
                for entry_of in declaration.entries:
                    key = entry_of.key.text if isinstance(entry_of.key, ast.Name) else entry_of.key.plain
                    if key and key not in used.names:
                        _unused("OT903", f"scratchpad key `{shown(key)}`", entry_of.key.span, entry_of.span, report)
            case ast.TaskType(name=name) | ast.ExternTask(name=name) if name.text not in used.types:
                _unused("OT905", f"task type `{name.text}`", name.span, declaration.span, report)
            case ast.Use(package=package) if not _package_used(package.text, types, used):
                _unused("OT904", f"package `{package.text}`", package.span, declaration.span, report, "no task here is of a type of it")
            case ast.Import(path=path) if not _file_used(_target(entry, declaration), sources, types, used):
                _unused("OT904", f"import of `{shown(path.plain or '')}`", path.span, declaration.span, report, "nothing that it declares is used")
            case _:
                pass


def _unused(code: str, what: str, span: Span, whole: Span, report: Report, why: str = "nothing names it") -> None:
    fix = Fix("take it out", (Edit(whole, ""),), "unsafe")
    report.add(code, span, f"{what} is not used", label=why, mend="take it out, or write `# otterdsl: allow " + code + "` above it", fixes=(fix,))


def _named_in_bodies(sources: Sources) -> Iterator[str]:
    """What the bodies of task types name: they may be those of types that no task uses."""
    for file in sources.files:
        for declaration in file.module.declarations:
            if isinstance(declaration, ast.TaskType):
                for member in declaration.members:
                    exprs = [member.body] if isinstance(member, ast.Run) else list(member.calls) if isinstance(member, ast.Validate) else []
                    for expr in exprs:
                        for ref in refs_of(expr):
                            path = ref_path(ref) or [ref.head.text]
                            yield from (".".join(path[:length]) for length in range(1, len(path) + 1))


def _package_used(package: str, types: Mapping[str, TaskType], used: Used) -> bool:
    """Whether a task is of a type of a package; so it may be where nothing is known of the package, which was not imported."""
    own = {name for name, kind in types.items() if kind.registered is not None and kind.registered.package == package}
    return not own or not own.isdisjoint(used.types)


def _target(file: ParsedFile, declaration: ast.Import) -> str:
    """The id of an imported file."""
    return normpath(join(dirname(file.file), declaration.path.plain or ""))


def _file_used(name: str, sources: Sources, types: Mapping[str, TaskType], used: Used) -> bool:
    """Whether a file, or one that it imports, declares a step or something that is used; so it is of one that is not known here."""
    files = {normpath(file.file): file for file in sources.files}
    left, seen = [name], {name}
    while left:
        file = files.get(left.pop())
        if file is None:
            return True
        for declaration in file.module.declarations:
            match declaration:
                case ast.Step():
                    return True
                case ast.Param(name=own) if own.text in used.names:
                    return True
                case ast.TaskType(name=own) | ast.ExternTask(name=own) if own.text in used.types:
                    return True
                case ast.Scratchpad() if any((e.key.text if isinstance(e.key, ast.Name) else e.key.plain) in used.names for e in declaration.entries):
                    return True
                case ast.Use(package=package) if _package_used(package.text, types, used):
                    return True
                case ast.Import():
                    inner = _target(file, declaration)
                    left += [inner] if inner not in seen else []
                    seen.add(inner)
                case _:
                    pass
    return False
