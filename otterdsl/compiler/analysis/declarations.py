"""Gather what all files of a pipeline declare, and refuse what collides.

In: `Sources`. Out: `Declarations`, each name once, with its declaration. Reports: a name that is taken, names that Python cannot carry.
What is absent: what the declarations mean.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from keyword import iskeyword
from typing import TypeAlias

from otterdsl.compiler.analysis.report import Report, shown
from otterdsl.compiler.analysis.schemas import Schemas
from otterdsl.compiler.analysis.sources import Sources
from otterdsl.compiler.source.diagnostic import Label
from otterdsl.compiler.source.span import Span
from otterdsl.compiler.syntax import ast

DeclaredType: TypeAlias = ast.TaskType | ast.ExternTask


@dataclass(frozen=True, slots=True)
class Declarations:
    """All declarations of a pipeline, in the order of the files and their text; where a name was taken, the first."""

    pipeline: ast.Pipeline | None
    pipelines: tuple[ast.Pipeline, ...]
    packages: tuple[str, ...]
    unread: bool
    params: Mapping[str, ast.Param]
    constants: Mapping[str, ast.MapEntry]
    types: Mapping[str, DeclaredType]
    steps: Mapping[str, ast.Step]


def gather(sources: Sources, schemas: Schemas, report: Report) -> Declarations:
    """The declarations of all files. `unread`: a package that `use` names could not be read, so any task type may be known to it.

    An imported file's `pipeline` block is checked but is not this pipeline's: the entry's is.
    Reports: OT207, OT212; what is wrong with a package itself is the frontend's to say.
    """
    params: dict[str, ast.Param] = {}
    constants: dict[str, ast.MapEntry] = {}
    types: dict[str, DeclaredType] = {}
    steps: dict[str, ast.Step] = {}
    packages: dict[str, None] = {}
    pipelines: list[ast.Pipeline] = []
    unread = False
    for source in sources.files:
        own: ast.Pipeline | None = None
        for declaration in source.module.declarations:
            match declaration:
                case ast.Pipeline():
                    if own is not None:
                        _taken(report, "pipeline", declaration.name.text, declaration.name.span, own.name.span, "a file holds one `pipeline` block")
                    own = own or declaration
                    pipelines.append(declaration)
                case ast.Use():
                    if _importable(declaration.package, report):
                        packages[declaration.package.text] = None
                        unread |= declaration.package.text in schemas.failed
                    else:
                        unread = True
                case ast.Param():
                    _declare_value("param", declaration.name.text, declaration.name.span, params, constants, report)
                    params.setdefault(declaration.name.text, declaration)
                case ast.Scratchpad():
                    for key, entry in _entries(declaration, report):
                        _declare_value("scratchpad key", key, entry.key.span, params, constants, report)
                        constants.setdefault(key, entry)
                case ast.TaskType() | ast.ExternTask():
                    if _declare_type(declaration, types, schemas, report):
                        types[declaration.name.text] = declaration
                case ast.Step():
                    _declare_step(declaration, steps, report)
                case ast.Import():
                    pass
    mine = next((found for found in pipelines if found.span.file == sources.entry.file), None)
    return Declarations(mine, tuple(pipelines), tuple(packages), unread, params, constants, types, steps)


def _taken(report: Report, kind: str, name: str, span: Span, first: Span, mend: str = "") -> None:
    related = (Label(first, "first declared here"),)
    report.add("OT207", span, f"{kind} `{shown(name)}` is declared twice", label="declared again here", mend=mend, related=related)


def _declare_value(kind: str, name: str, span: Span, params: Mapping[str, ast.Param], constants: Mapping[str, ast.MapEntry], report: Report) -> None:
    """Params and scratchpad keys share their names: both are looked up by them alone."""
    if name in params:
        _taken(report, kind, name, span, params[name].name.span)
    elif name in constants:
        _taken(report, kind, name, span, constants[name].key.span)


def _entries(scratchpad: ast.Scratchpad, report: Report) -> Iterator[tuple[str, ast.MapEntry]]:
    for entry in scratchpad.entries:
        key = entry.key.text if isinstance(entry.key, ast.Name) else entry.key.plain
        if key is None:
            report.add("OT212", entry.key.span, "a scratchpad key is plain text", label="something is interpolated here")
        elif not key:
            report.add("OT212", entry.key.span, "a scratchpad key cannot be empty")
        else:
            yield key, entry


def _declare_type(declared: DeclaredType, types: Mapping[str, DeclaredType], schemas: Schemas, report: Report) -> bool:
    name = declared.name.text
    if name in types:
        _taken(report, "task type", name, declared.name.span, types[name].name.span)
        return False
    if isinstance(declared, ast.ExternTask) and declared.module is not None:
        _importable(declared.module, report)
    registered = schemas.tasks.get(name)
    if registered is None or (registered.package and isinstance(declared, ast.ExternTask)):
        return True
    where = "built in" if not registered.package else f"defined in {registered.module}"
    mend = "give it another name" if not registered.package else "give it another name, or describe that one with `extern task`"
    report.add("OT207", declared.name.span, f"task type `{name}` is {where}", label="this name is taken", mend=mend)
    return False


def _declare_step(step: ast.Step, steps: dict[str, ast.Step], report: Report) -> None:
    name = label_text(step.name)
    if name is None:
        report.add("OT307", step.name.span, "the name of a step is plain text", label="something is interpolated here")
    elif not name:
        report.add("OT212", step.name.span, "the name of a step cannot be empty")
    elif name in steps:
        _taken(report, "step", name, step.name.span, steps[name].name.span)
    else:
        steps[name] = step
        return
    # Its tasks are checked all the same; a name that cannot be written keeps it apart from all others.
    steps[f"\0{len(steps)}"] = step


def label_text(label: ast.Label) -> str | None:
    """The text of a label in which nothing is interpolated."""
    return label.text if isinstance(label, ast.Name) else label.plain


def _importable(name: ast.DottedName, report: Report) -> bool:
    for part in name.parts:
        if iskeyword(part.text):
            report.add("OT212", part.span, f"`{part.text}` is a Python keyword: no module can be called so", label="cannot be imported")
            return False
    return True
