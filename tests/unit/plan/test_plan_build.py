from otterdsl.compiler.analysis.program import (
    Assignment,
    Edge,
    Loop,
    Program,
    PythonClass,
    ResolvedField,
    ResolvedParam,
    ResolvedStep,
    ResolvedTask,
    ResolvedType,
    Subtasks,
)
from otterdsl.compiler.plan.build import build_plan
from otterdsl.compiler.plan.model import PlannedClass, PlannedEdge, PlannedLoop, PlannedParam
from otterdsl.compiler.source.span import Span
from otterdsl.compiler.source.text import SourceText
from otterdsl.compiler.values.condition import Item, Param
from otterdsl.compiler.values.types import plain

TEXTS = {"main.otter": SourceText("main.otter", "a/main.otter", "one\ntwo\nthree\nfour\n"), "b.otter": SourceText("b.otter", "b.otter", "x\n\ny\n")}


def at(line: int, file: str = "main.otter") -> Span:
    start = TEXTS[file].starts[line - 1]
    return Span(file, start, start + 1)


def resolved(name: str, line: int, *assignments: Assignment | Subtasks, after: tuple[Edge, ...] = ()) -> ResolvedTask:
    return ResolvedTask(name, "copy", assignments, after, (Loop("each", Item("x.y")),), Param("p"), ("g",), "doc", at(line), at(line))


INNER = resolved("copy inner", 3)
TASK = resolved(
    "copy a",
    2,
    Assignment("source", "s", at(2)),
    Subtasks("do", (INNER,)),
    Assignment("destination", "d", at(2)),
    after=(Edge("x", "requires", at(1)), Edge("y", "data", at(1))),
)
FIELD = ResolvedField("file", plain("str"), True, None, ("each",), "the file")
PROGRAM = Program(
    name="inputs",
    file="main.otter",
    doc="all",
    settings={"pool_size": 3},
    params=(ResolvedParam("p", plain("bool"), True, False, "why", at(1)),),
    packages=("pis.tasks",),
    types=(
        ResolvedType("mine", "task", "copy", None, (FIELD,), "", at(3, "b.otter")),
        ResolvedType("big", "extern", None, PythonClass("pis.big", "Big", "BigSpec"), (), "", at(1, "b.otter")),
    ),
    classes={"copy": PythonClass("otterdsl.runtime.tasks.copy", "Copy", "CopySpec")},
    steps=(ResolvedStep("one", ("zero",), (TASK,), "step doc", at(4)),),
)


def test_spans_become_files_and_lines() -> None:
    plan = build_plan(PROGRAM, TEXTS)
    (step,) = plan.steps
    (task,) = step.tasks
    assert (step.file, step.line) == ("main.otter", 4)
    assert (task.file, task.line) == ("main.otter", 2)
    assert task.subtasks["do"][0].line == 3
    assert [(each.file, each.line) for each in plan.types] == [("b.otter", 3), ("b.otter", 1)]


def test_the_fields_keep_their_order_and_values() -> None:
    (task,) = build_plan(PROGRAM, TEXTS).steps[0].tasks
    assert task.order == ("source", "do", "destination")
    assert task.spec == {"source": "s", "destination": "d"}
    assert list(task.subtasks) == ["do"]


def test_all_else_is_carried_over() -> None:
    plan = build_plan(PROGRAM, TEXTS)
    (task,) = plan.steps[0].tasks
    assert (plan.pipeline, plan.file, plan.doc, plan.settings, plan.packages) == ("inputs", "main.otter", "all", {"pool_size": 3}, ("pis.tasks",))
    assert plan.params == (PlannedParam("p", plain("bool"), True, False, "why"),)
    assert plan.classes == {"copy": PlannedClass("otterdsl.runtime.tasks.copy", "Copy", "CopySpec")}
    assert plan.types[1].python == PlannedClass("pis.big", "Big", "BigSpec")
    assert plan.types[0].fields[0].provides == ("each",)
    assert task.after == (PlannedEdge("x", "requires"), PlannedEdge("y", "data"))
    assert task.loops == (PlannedLoop("each", Item("x.y")),)
    assert (task.when, task.groups, task.doc) == (Param("p"), ("g",), "doc")
    assert (plan.steps[0].requires, plan.steps[0].doc) == (("zero",), "step doc")


def test_no_span_is_left() -> None:
    assert "Span(" not in repr(build_plan(PROGRAM, TEXTS))
