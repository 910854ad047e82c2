"""A pipeline as a configuration of Otter: what `export` writes.

In: the path of a `.otter` file, values for its params. Out: `Export`: the YAML's text, or what is wrong. Reports: what checking finds, OT604 for what
Otter cannot do, OT605 for what it leaves out. What is absent: the file that the text goes to.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, cast

from otterdsl.compiler.analysis.report import Report
from otterdsl.compiler.frontend import no_collection
from otterdsl.compiler.source.diagnostic import Diagnostic, has_errors
from otterdsl.compiler.source.text import SourceText
from otterdsl.compiler.syntax import ast
from otterdsl.compiler.values.value import Value, plain, to_json
from otterdsl.convert.emit import Plain, document
from otterdsl.convert.export_prepared import Preparation, Prepared, prepare
from otterdsl.convert.export_steps import Unsaid, export_steps
from otterdsl.convert.export_whole import names_of, speaking, whole
from otterdsl.convert.pragma import is_converted

HEADING: Final = "Exported by otterdsl from"
_SETTINGS: Final = ("work_path", "release_uri", "pool_size", "log_level")  # those that Otter reads


@dataclass(frozen=True, slots=True)
class Export:
    """What a file is exported to. `text` is None where errors stop it; `unsaid` is order that the checker knows and the text leaves out.

    `despite`: there are errors in what was converted, which Otter does not look for, and the text is what the file says.
    """

    text: str | None
    diagnostics: tuple[Diagnostic, ...]
    texts: Mapping[str, SourceText]
    unsaid: tuple[Unsaid, ...] = ()
    despite: bool = False


@no_collection()
def export_file(path: Path, *, sets: Mapping[str, object] | None = None, use_imports: bool = True) -> Export:
    """The file at `path` as a configuration of Otter. `sets` are values of its params, with their types or as texts typed."""
    preparation = prepare(path, sets or {}, use_imports=use_imports)
    prepared = preparation.value
    if prepared is None or has_errors(preparation.diagnostics):
        return _despite(path, preparation)
    report = Report()
    for module in prepared.modules:
        refuse_bodies(module, report)
    settings = _settings(prepared, report)
    steps = export_steps(prepared, report)
    found = tuple(sorted((*preparation.diagnostics, *report.diagnostics), key=lambda each: each.order))
    if has_errors(found):
        return Export(None, found, preparation.texts)
    text = _document(path, settings, _scratchpad(prepared), steps.entries)
    return Export(text, found, preparation.texts, steps.unsaid)


def _despite(path: Path, preparation: Preparation) -> Export:
    """What is exported of a pipeline that is wrong: what was converted goes back as it is written, as far as that is sure."""
    converted = bool(preparation.modules) and is_converted(preparation.modules[-1])
    back = whole(preparation.modules, preparation.diagnostics) if converted else None
    if back is None:
        return Export(None, preparation.diagnostics, preparation.texts)
    text = _document(path, back.settings, back.scratchpad, back.steps)
    return Export(text, preparation.diagnostics, preparation.texts, despite=True)


def _document(path: Path, settings: Mapping[str, Plain], pad: Mapping[str, Plain], steps: Mapping[str, list[dict[str, Plain]]]) -> str:
    sections: dict[str, Mapping[str, Plain]] = {"scratchpad": pad} if pad else {}
    sections["steps"] = {name: list(entries) for name, entries in steps.items()}
    return document(f"{HEADING} {path.name}", settings, sections)


def refuse_bodies(module: ast.Module, report: Report) -> None:
    """Reports: OT604, for each `run` and `validate` of a task type: Otter's types are Python."""
    for declared in (each for each in module.declarations if isinstance(each, ast.TaskType)):
        for member in declared.members:
            if isinstance(member, ast.Run | ast.Validate):
                message = f"what `{declared.name.text}` does is said here, and Otter's task types are Python"
                report.add("OT604", member.span, message, label="no YAML can say this", mend="write a class in a task package")


def _settings(prepared: Prepared, report: Report) -> dict[str, Plain]:
    """The settings that the file gives. Reports: OT604, OT605."""
    places = {each.key.text if isinstance(each.key, ast.Name) else each.key.plain: each for each in _attributes(prepared.entry)}
    made: dict[str, Plain] = {}
    for name, value in prepared.program.settings.items():
        attribute = places.get(name)
        if name not in _SETTINGS and not prepared.converted:
            report.add("OT605", attribute.key.span if attribute else None, f"Otter has no setting `{name}`", label="left out")
            continue
        made[name] = _json(plain(value))
        if name == "pool_size" and isinstance(value, int) and value < 2 and not prepared.converted:
            span = attribute.value.span if attribute else None
            report.add("OT604", span, "Otter runs at least two tasks at once", label="less than 2", mend="write 2 or more")
    return made


def _attributes(module: ast.Module) -> Iterator[ast.Attribute]:
    for declared in module.declarations:
        if isinstance(declared, ast.Pipeline):
            yield from declared.attributes


def _scratchpad(prepared: Prepared) -> dict[str, Plain]:
    """What Otter's scratchpad holds: all that the file says for one that was converted, else what is kept in it."""
    if not prepared.converted:
        return {key: _json(plain(value)) for key, value in prepared.kept.items()}
    spoken = dict(speaking(prepared.modules, names_of(prepared.modules, prepared.types)))
    return {key: spoken[key] if key in spoken else _json(plain(value)) for key, value in prepared.constants.items()}


def _json(value: Value) -> Plain:
    return cast(Plain, to_json(value))
