"""An Otter configuration as a `.otter` file. In: the path of a YAML file, what names its task types, where the text is to stand. Out: `Converted`.

The YAML is lowered to the tree that `check` analyses, and that is printed, with the YAML's comments. Task types that nothing describes are declared
with the fields that are seen. What is absent: writing files, and whether the pipeline is right, which is for `check` to say.
"""

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from otterdsl.compiler import files
from otterdsl.compiler.analysis.keys import task_uses
from otterdsl.compiler.format.module import format_module
from otterdsl.compiler.frontend import import_path, no_collection, of_packages
from otterdsl.compiler.source.diagnostic import Diagnostic
from otterdsl.compiler.source.span import Span
from otterdsl.compiler.source.text import SourceText
from otterdsl.compiler.specs.reader import read
from otterdsl.compiler.syntax import ast
from otterdsl.convert import sources
from otterdsl.convert.check import use
from otterdsl.convert.comments import comments
from otterdsl.convert.externs import externs
from otterdsl.convert.known import known
from otterdsl.convert.lower import lower, pipeline_name
from otterdsl.convert.pragma import PRAGMA
from otterdsl.convert.undeclared import undeclared
from otterdsl.convert.words import for_yaml


@dataclass(frozen=True, slots=True)
class Converted:
    """The text, None where the configuration cannot be read; what is wrong with it; the files read, by id."""

    text: str | None
    diagnostics: tuple[Diagnostic, ...]
    texts: Mapping[str, SourceText]


@no_collection()
def convert_config(
    path: str | os.PathLike[str],
    *,
    output: Path | None = None,
    packages: Sequence[str] = (),
    schemas: Sequence[str | os.PathLike[str]] = (),
    use_imports: bool = True,
) -> Converted:
    """The `.otter` text of a configuration, the same each time. `output` is the file that it is for; nothing is written.

    Task types come from `packages`, which are named by `use`, and from `schemas`: these are imported where they lie in the project of `output`, else
    what is used of them is written out. Without `use_imports` no package is imported. Reports: what reading and lowering the YAML reports, OT210,
    and as a warning OT201 for types that nothing describes.
    """
    config = sources.load(path, schemas)
    if config.source is None or config.document is None:
        return Converted(None, config.diagnostics, config.texts)
    source = config.source
    uses = tuple(use(package, source.file) for package in dict.fromkeys(packages))
    with read([each.package.text for each in uses], import_path=import_path(config.project.folder), use_imports=use_imports) as specs:
        types = known(specs.schemas, (file.module for file in config.schemas))
        of_use = of_packages({each.package.text: each.package.span for each in uses}, specs.schemas, config.project.folder)
    name = pipeline_name(output.stem if output is not None else sources.stem(config.project))
    lowered = lower(config.document, source, types, name)
    invented = externs(lowered.module, types.types.keys())
    found = [*config.diagnostics, *of_use, *lowered.diagnostics]
    if not (config.lost or of_use or (uses and not use_imports) or any(file.module.partial for file in config.schemas)):
        # Else what was not read may have described them.
        found += undeclared(lowered.module, invented, types.types.keys())
    told = for_yaml(tuple(sorted(found, key=lambda each: each.order)), source, lowered.groups)
    if not lowered.module.declarations:
        return Converted(None, told, config.texts)
    made = [*_from_schemas(config, schemas, output, lowered.module), *invented]
    notes = comments(source, config.document.texts, lowered.lost)
    pragma = ast.Comment(Span(source.file, 0, 0), f"{PRAGMA}{config.project.entry.name}")
    module = replace(lowered.module, declarations=_ordered(lowered.module, (*uses, *made)), comments=(pragma, *notes))
    return Converted(format_module(module, source), told, config.texts)


def _ordered(module: ast.Module, made: Iterable[ast.Declaration]) -> tuple[ast.Declaration, ...]:
    """The declarations: the pipeline, what it uses and imports, the scratchpad, task types, steps."""
    order = (ast.Pipeline, ast.Use, ast.Import, ast.Scratchpad, ast.ExternTask, ast.Step)
    return tuple(sorted((*module.declarations, *made), key=lambda each: order.index(type(each))))


def _from_schemas(
    config: sources.Configuration, schemas: Sequence[str | os.PathLike[str]], output: Path | None, module: ast.Module
) -> Iterable[ast.Declaration]:
    """Imports of the schema files, or those of their declarations that tasks use."""
    at = Span(module.span.file, 0, 0)
    root = files.project(os.fspath(output)).root if output is not None else None
    folder = Path(os.path.realpath(output)).parent if output is not None else None
    used = {each.type.text for step in module.declarations if isinstance(step, ast.Step) for each in task_uses(step.block)}
    for schema in dict.fromkeys(Path(os.path.realpath(each)) for each in schemas):
        if root is not None and schema.is_relative_to(root):
            written = Path(os.path.relpath(schema, folder)).as_posix()
            yield ast.Import(at, ast.StringExpr(at, (written,)))
            continue
        file = config.project.id(schema)
        for parsed in config.schemas:
            if parsed.file == file:
                yield from (each for each in parsed.module.declarations if isinstance(each, ast.ExternTask) and each.name.text in used)
