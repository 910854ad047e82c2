"""All passes of analysis, in order: from the parsed files of a pipeline to its Program, or to what is wrong with it.

In: `Sources`, `Schemas`, and pydantic's verdict as a function. Out: `Checked[Program | None]`, None where there are errors. Pure but for that
function: no file, no clock, no global. What is absent: any order among diagnostics; who shows them sorts them.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from posixpath import dirname, splitext

from otterdsl.compiler.analysis.constants import fold_constants, fold_params
from otterdsl.compiler.analysis.declarations import gather
from otterdsl.compiler.analysis.declared import check_unused, resolve_declared, resolve_params, resolve_settings, with_bases
from otterdsl.compiler.analysis.inputs import Origins
from otterdsl.compiler.analysis.keys import plain_keys
from otterdsl.compiler.analysis.lints import Used, check_used
from otterdsl.compiler.analysis.program import Program, PythonClass, ResolvedStep, ResolvedTask, ResolvedType, Subtasks
from otterdsl.compiler.analysis.report import Report
from otterdsl.compiler.analysis.schemas import Schemas, ValueChecker
from otterdsl.compiler.analysis.scope import Folded
from otterdsl.compiler.analysis.sources import Sources
from otterdsl.compiler.analysis.steps import resolve_steps
from otterdsl.compiler.analysis.task_types import TaskType, resolve_types
from otterdsl.compiler.analysis.value_checks import check_all
from otterdsl.compiler.source.diagnostic import Checked


def analyse(
    sources: Sources, schemas: Schemas, check_values: ValueChecker, *, keep: Callable[[str, Folded], bool] | None = None
) -> Checked[Program | None]:
    """The Program that the files say, with all that is wrong with them.

    `keep` is asked of each scratchpad key and its value: in the fields of tasks, those that it accepts stay placeholders.
    """
    report = Report()
    declarations = gather(sources, schemas, report)
    types = resolve_types(declarations, schemas, report)
    names = fold_constants(declarations, types, plain_keys(declarations, {name: kind.keys for name, kind in types.items()}), report)
    origins = Origins(any(dirname(source.file) for source in sources.files))
    params, of_params = resolve_params(fold_params(declarations, names, report), names, origins, report)
    settings, of_settings = resolve_settings(declarations, names, schemas, report)
    declared, of_types = resolve_declared(types, names, schemas, origins, report)
    if keep is not None:
        names = replace(names, kept=frozenset(key for key, value in names.constants.items() if keep(key, value)))
    steps, of_tasks = resolve_steps(declarations, names, schemas, origins, report)
    used = _used(steps)
    of_unused = check_unused(types, used, names, report)
    check_all([*of_params, *of_settings, *of_types, *of_unused, *of_tasks], check_values, report)
    if report.has_errors:
        return Checked(None, report.diagnostics)
    check_used(sources, declarations, types, Used(names.used, with_bases(used, types)), report)
    pipeline = declarations.pipeline
    program = Program(
        pipeline.name.text if pipeline else _stem(sources.entry.file),
        sources.entry.file,
        pipeline.doc if pipeline else "",
        settings,
        params,
        declarations.packages,
        declared,
        _classes(used, declared, types),
        steps,
    )
    return Checked(program, report.diagnostics)


def _stem(file: str) -> str:
    return splitext(file.rpartition("/")[2])[0]


def _used(steps: tuple[ResolvedStep, ...]) -> frozenset[str]:
    """The task types that tasks use, within tasks too."""
    used: set[str] = set()
    left: list[ResolvedTask] = [task for step in steps for task in step.tasks]
    while left:
        task = left.pop()
        used.add(task.type)
        for each in task.assignments:
            if isinstance(each, Subtasks):
                left += each.tasks
    return frozenset(used)


def _classes(used: frozenset[str], declared: tuple[ResolvedType, ...], types: Mapping[str, TaskType]) -> dict[str, PythonClass]:
    """The Python class of each registered type that a task uses or a declared type extends, by name."""
    named = sorted(used | {each.base for each in declared if each.base is not None})
    found: dict[str, PythonClass] = {}
    for name in named:
        kind = types.get(name)
        if kind is not None and kind.declaration is None and kind.registered is not None:
            found[name] = PythonClass(kind.registered.module, kind.registered.class_name, kind.registered.spec_class)
    return found
