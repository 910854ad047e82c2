"""Build the Plan of a Program: spans become files and lines, assignments maps.

In: a Program and the texts its spans point into. Out: a `Plan`. Nothing is looked up or decided here: a Program is already right.
"""

from bisect import bisect_right
from collections.abc import Mapping

from otterdsl.compiler.analysis.program import (
    Assignment,
    Program,
    PythonClass,
    ResolvedField,
    ResolvedParam,
    ResolvedStep,
    ResolvedTask,
    ResolvedType,
)
from otterdsl.compiler.plan.model import (
    Plan,
    PlannedClass,
    PlannedEdge,
    PlannedField,
    PlannedLoop,
    PlannedParam,
    PlannedStep,
    PlannedTask,
    PlannedType,
)
from otterdsl.compiler.source.span import Span
from otterdsl.compiler.source.text import SourceText
from otterdsl.compiler.values.value import Value

Texts = Mapping[str, SourceText]


def build_plan(program: Program, texts: Texts) -> Plan:
    """The Plan of a Program. `texts` holds each source by the id that spans name."""
    return Plan(
        pipeline=program.name,
        file=program.file,
        doc=program.doc,
        settings=program.settings,
        params=tuple(_param(param) for param in program.params),
        packages=program.packages,
        types=tuple(_type(each, texts) for each in program.types),
        classes={name: _class(each) for name, each in program.classes.items()},
        steps=tuple(_step(step, texts) for step in program.steps),
    )


def _param(param: ResolvedParam) -> PlannedParam:
    return PlannedParam(param.name, param.type, param.default, param.required, param.doc)


def _class(python: PythonClass) -> PlannedClass:
    return PlannedClass(python.module, python.class_name, python.spec_class)


def _type(each: ResolvedType, texts: Texts) -> PlannedType:
    return PlannedType(
        name=each.name,
        kind=each.kind,
        base=each.base,
        python=_class(each.python) if each.python else None,
        fields=tuple(_field(field) for field in each.fields),
        doc=each.doc,
        file=each.span.file,
        line=_line(each.span, texts),
        body=each.body,
        checks=each.checks,
    )


def _field(field: ResolvedField) -> PlannedField:
    return PlannedField(field.name, field.type, field.required, field.default, field.provides, field.doc)


def _step(step: ResolvedStep, texts: Texts) -> PlannedStep:
    return PlannedStep(
        name=step.name,
        requires=step.requires,
        tasks=tuple(_task(task, texts) for task in step.tasks),
        doc=step.doc,
        file=step.span.file,
        line=_line(step.span, texts),
    )


def _task(task: ResolvedTask, texts: Texts) -> PlannedTask:
    spec: dict[str, Value] = {}
    subtasks: dict[str, tuple[PlannedTask, ...]] = {}
    for each in task.assignments:
        if isinstance(each, Assignment):
            spec[each.name] = each.value
        else:
            subtasks[each.name] = tuple(_task(inner, texts) for inner in each.tasks)
    return PlannedTask(
        name=task.name,
        type=task.type,
        spec=spec,
        subtasks=subtasks,
        order=tuple([each.name for each in task.assignments]),
        after=tuple([PlannedEdge(edge.target, edge.reason) for edge in task.after]),
        loops=tuple([PlannedLoop(loop.variable, loop.items) for loop in task.loops]),
        when=task.when,
        groups=task.groups,
        doc=task.doc,
        file=task.span.file,
        line=_line(task.span, texts),
    )


def _line(span: Span, texts: Texts) -> int:
    return bisect_right(texts[span.file].starts, span.start)
