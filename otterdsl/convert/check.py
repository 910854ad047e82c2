"""An Otter configuration, checked as it is. In: the path of a YAML file, and what names its task types. Out: `Frontend`, as of a `.otter` file.

`check_config` reads the YAML, lowers it to the tree of a `.otter` file and has that analysed; every place is one in the YAML. What is absent:
printing, and running.
"""

import os
from collections.abc import Collection
from collections.abc import Sequence as SequenceOf
from dataclasses import replace

from otterdsl.compiler.analysis.sources import ParsedFile, Sources
from otterdsl.compiler.frontend import Frontend, check_loaded, import_path, no_collection, unread
from otterdsl.compiler.source.span import Span
from otterdsl.compiler.sources import Loaded
from otterdsl.compiler.specs.reader import read
from otterdsl.compiler.syntax import ast
from otterdsl.convert import sources
from otterdsl.convert.known import known
from otterdsl.convert.lower import lower, pipeline_name
from otterdsl.convert.unordered import unordered
from otterdsl.convert.words import for_yaml


@no_collection()
def check_config(
    path: str | os.PathLike[str],
    *,
    packages: SequenceOf[str] = (),
    schemas: SequenceOf[str | os.PathLike[str]] = (),
    use_imports: bool = True,
    steps: Collection[str] | None = None,
) -> Frontend:
    """Check a configuration, with the task types of `packages` and those that `schemas`, `.otter` files, declare.

    With `steps` only these are looked at; names among them that are no steps are the caller's affair. Without `use_imports` no package is imported.
    """
    config = sources.load(path, schemas)
    if config.source is None or config.document is None:
        return unread(Loaded(None, config.texts, config.sha256, config.diagnostics, lost=True), config.project)
    uses = tuple(use(package, config.source.file) for package in dict.fromkeys(packages))
    with read([each.package.text for each in uses], import_path=import_path(config.project.folder), use_imports=use_imports) as specs:
        types = known(specs.schemas, (file.module for file in config.schemas))
        lowered = lower(config.document, config.source, types, pipeline_name(sources.stem(config.project)), steps)
        module = replace(lowered.module, declarations=(*uses, *lowered.module.declarations))
        files = Sources((*config.schemas, ParsedFile(config.source.file, module)))
        loaded = Loaded(files, config.texts, config.sha256, (*config.diagnostics, *lowered.diagnostics), lost=config.lost)
        checked = check_loaded(loaded, files, config.project, specs)
    late = unordered(checked.program) if checked.program is not None else ()
    found = sorted((*checked.diagnostics, *late), key=lambda each: each.order)
    return replace(checked, program=None if late else checked.program, diagnostics=for_yaml(tuple(found), config.source, lowered.groups))


def use(package: str, file: str) -> ast.Use:
    """The `use` of a package that the command line names: it has no place in the file."""
    at = Span(file, 0, 0)
    return ast.Use(at, ast.DottedName(at, tuple(ast.Name(at, part) for part in package.split("."))))
