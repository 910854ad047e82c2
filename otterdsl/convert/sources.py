"""A configuration's files, read: the YAML, and the `.otter` files with the task types that it cannot name.

In: paths. Out: `Configuration`: the YAML's document and text, the declarations of the schema files, and what is wrong with any. What is absent:
meaning.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from otterdsl.compiler import files
from otterdsl.compiler.analysis.sources import ParsedFile
from otterdsl.compiler.files import Project, Refused
from otterdsl.compiler.source.diagnostic import Diagnostic
from otterdsl.compiler.source.text import SourceText
from otterdsl.compiler.sources import refused, text
from otterdsl.compiler.syntax.ast import ExternTask
from otterdsl.compiler.syntax.parse import parse
from otterdsl.convert.read import Document, read


@dataclass(frozen=True, slots=True)
class Configuration:
    """What was read. `document` is None where the YAML could not be. `schemas` hold the `extern task`s of the schema files alone.

    `lost`: one of the files could not be read, and may have declared anything.
    """

    project: Project
    source: SourceText | None
    document: Document | None
    schemas: tuple[ParsedFile, ...]
    texts: dict[str, SourceText]
    sha256: dict[str, str]
    diagnostics: tuple[Diagnostic, ...]
    lost: bool = False


def load(path: str | os.PathLike[str], schemas: Sequence[str | os.PathLike[str]] = ()) -> Configuration:
    """Read a configuration and its schema files. Reports: what is wrong with the texts, OT001 for files that cannot be read, OT009."""
    project = files.project(os.fspath(path))
    texts: dict[str, SourceText] = {}
    sha256: dict[str, str] = {}
    found: list[Diagnostic] = []
    parsed: list[ParsedFile] = []
    lost = False
    for typed in dict.fromkeys(os.fspath(each) for each in schemas):
        at = files.project(typed).entry
        schema = text(project, at)
        if isinstance(schema, Refused):
            found.append(refused(typed, schema))
            lost = True
            continue
        source = replace(schema.source, display=typed)
        texts[source.file], sha256[source.file] = source, schema.sha256
        module = parse(source)
        found += (*schema.diagnostics, *module.diagnostics)
        externs = tuple(each for each in module.value.declarations if isinstance(each, ExternTask))
        parsed.append(ParsedFile(source.file, replace(module.value, declarations=externs)))
    document = None
    own = text(project, project.entry)
    if isinstance(own, Refused):
        found.append(refused(project.typed, own))
        return Configuration(project, None, None, tuple(parsed), texts, sha256, tuple(found), lost=True)
    texts[own.source.file], sha256[own.source.file] = own.source, own.sha256
    found += (_for_yaml(each) for each in own.diagnostics)
    if not own.diagnostics:
        composed = read(own.source)
        found += composed.diagnostics
        document = composed.value
    return Configuration(project, own.source, document, tuple(parsed), texts, sha256, tuple(found), lost)


def _for_yaml(diagnostic: Diagnostic) -> Diagnostic:
    """What is said of a text, where that is YAML: its escapes are others."""
    mend = diagnostic.help.partition("; within")[0]
    return replace(diagnostic, help=f"{mend}, or write it as an escape between double quotes" if mend != diagnostic.help else mend)


def stem(project: Project) -> str:
    """The configuration's name without its ending."""
    return Path(project.entry.name).stem
