"""A pipeline as export needs it: checked, its params decided, and the texts of its scratchpad that may stay placeholders.

In: the path of a `.otter` file, values for its params. Out: `Prepared`, or what is wrong. The file is analysed twice: as `check` does it, and
with placeholders kept; where that would not be right, nothing is kept. What is absent: Otter's form of anything.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from otterdsl.compiler import files
from otterdsl.compiler.analysis.analyse import analyse
from otterdsl.compiler.analysis.declarations import gather
from otterdsl.compiler.analysis.program import Program
from otterdsl.compiler.analysis.report import Report
from otterdsl.compiler.analysis.schemas import Schemas, ValueChecker
from otterdsl.compiler.analysis.scope import ABSENT, POISON, Folded
from otterdsl.compiler.analysis.sources import Sources
from otterdsl.compiler.analysis.task_types import TaskType, key_text, resolve_types
from otterdsl.compiler.analysis.turns import filled
from otterdsl.compiler.frontend import check, import_path
from otterdsl.compiler.plan.fold import fold_params
from otterdsl.compiler.plan.param_values import param_values
from otterdsl.compiler.source.diagnostic import Checked, Diagnostic, has_errors
from otterdsl.compiler.source.text import SourceText
from otterdsl.compiler.sources import load
from otterdsl.compiler.specs.reader import read
from otterdsl.compiler.syntax import ast
from otterdsl.compiler.values.value import PLACEHOLDER, Value
from otterdsl.convert.export_texts import NAME
from otterdsl.convert.pragma import is_converted


@dataclass(frozen=True, slots=True)
class Prepared:
    """A right pipeline without params.

    `constants` are the values of its scratchpad, `kept` those that `program` holds as placeholders. `converted`: the file says that it is what
    `convert` wrote. `whole` is the program before its params were decided, `values` what they are.
    """

    program: Program
    modules: tuple[ast.Module, ...]
    types: Mapping[str, TaskType]
    constants: Mapping[str, Value]
    kept: Mapping[str, str]
    converted: bool
    whole: Program
    values: Mapping[str, Value]

    @property
    def entry(self) -> ast.Module:
        """The file that was named."""
        return self.modules[-1]


@dataclass(frozen=True, slots=True)
class Preparation:
    """What came of a path: `value` is None where there are errors. `modules` are the trees of its files where all could be read, the entry last."""

    value: Prepared | None
    diagnostics: tuple[Diagnostic, ...]
    texts: Mapping[str, SourceText]
    modules: tuple[ast.Module, ...] = ()


def prepare(path: Path, sets: Mapping[str, object], *, use_imports: bool) -> Preparation:
    """The pipeline at `path`. Reports: what checking finds, OT604 for a param without a value, OT701, OT702, and what folding params does."""
    checked = check(path, use_imports=use_imports)
    project = files.project(str(path))
    loaded = load(project)
    if checked.program is None:
        read_whole = loaded.sources is not None and not loaded.lost and not has_errors(loaded.diagnostics)
        modules = tuple(source.module for source in loaded.sources.files) if loaded.sources is not None and read_whole else ()
        return Preparation(None, checked.diagnostics, checked.texts, modules)
    if loaded.sources is None:  # it was there a moment ago
        return Preparation(None, loaded.diagnostics, loaded.texts)
    with read(checked.program.packages, import_path=import_path(project.folder), use_imports=use_imports) as specs:
        made = _prepared(checked.program, loaded.sources, specs.schemas, specs.check_values, sets)
    return Preparation(made.value, (*checked.diagnostics, *made.diagnostics), loaded.texts)


def _prepared(
    program: Program, sources: Sources, schemas: Schemas, check_values: ValueChecker, sets: Mapping[str, object]
) -> Checked[Prepared | None]:
    given = param_values(program, sets, check_values)
    report = Report()
    values = {param.name: given.value.get(param.name, param.default) for param in program.params}
    for param in program.params:
        if param.required and param.name not in given.value:
            message = f"Otter has no params, and `{param.name}` has no value"
            report.add("OT604", param.span, message, label="no default", mend=f"give it one: `--set {param.name}=…`")
    if given.has_errors or report.has_errors:
        return Checked(None, (*given.diagnostics, *report.diagnostics))
    types = resolve_types(gather(sources, schemas, Report()), schemas, Report())
    modules = tuple(source.module for source in sources.files)
    taken = frozenset(_taken(modules, types))
    constants: dict[str, Folded] = {}

    def keep(key: str, value: Folded) -> bool:
        constants[key] = value
        return isinstance(value, str) and "$" not in value and NAME.fullmatch(key) is not None and key not in taken

    kept_program = analyse(sources, schemas, lambda requests: (), keep=keep).value
    kept = {key: value for key, value in constants.items() if isinstance(value, str) and keep(key, value)} if kept_program else {}
    folded = fold_params(program, values, check_values)
    if folded.has_errors:
        return Checked(None, folded.diagnostics)
    if kept_program is not None:
        again = fold_params(kept_program, values, check_values)
        kept, folded, program = ({}, folded, program) if again.has_errors else (kept, again, kept_program)
    known = {key: filled(value, lambda name: values.get(name, ABSENT)) for key, value in constants.items() if value is not POISON}
    return Checked(Prepared(folded.value, modules, types, known, kept, is_converted(modules[-1]), program, values))


# ---------------------------------------------------------------- names that something else fills in


def _taken(modules: tuple[ast.Module, ...], types: Mapping[str, TaskType]) -> Iterator[str]:
    """The variables of loops, and what tasks fill in or may: Otter would put the scratchpad's value there."""
    named = set[str]()
    for kind in types.values():
        for field in kind.fields.values():
            for written in field.provides or ():
                whole = PLACEHOLDER.fullmatch(written)
                if whole is None or not whole.group(1):
                    yield written
                    continue
                named.add(whole.group(1))
                default = kind.fields[whole.group(1)].schema if whole.group(1) in kind.fields else None
                if default is not None and isinstance(default.default, str):
                    yield default.default
    for module in modules:
        for declaration in module.declarations:
            if isinstance(declaration, ast.Step):
                yield from _in_block(declaration.block, named)


def _in_block(block: ast.Block, named: set[str]) -> Iterator[str]:
    blocks: list[ast.Block] = [block]
    while blocks:
        for item in blocks.pop().items:
            match item:
                case ast.For():
                    yield item.variable.text
                    blocks.append(item.block)
                case ast.If():
                    node: ast.If | ast.Block | None = item
                    while isinstance(node, ast.If):
                        blocks.append(node.then)
                        node = node.orelse
                    blocks += [node] if node is not None else []
                case ast.TaskUse():
                    for each in item.body:
                        if isinstance(each, ast.TaskList):
                            blocks.append(each.block)
                        elif isinstance(each, ast.Attribute) and key_text(each.key) in named and isinstance(each.value, ast.StringExpr):
                            yield each.value.plain or ""
                case ast.Requires():
                    pass
