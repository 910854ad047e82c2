"""The Program: a pipeline whose names, types and constants are resolved. Made by `analyse`, read by `plan`. No AST in it, spans still are.

All strings are in placeholder form (see `values.value`): a `${name}` left in one is a param, a loop's variable, a placeholder that the task
fills itself, or what a task stores.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from otterdsl.compiler.source.span import Span
from otterdsl.compiler.values.bodies import Body, Check
from otterdsl.compiler.values.condition import Condition
from otterdsl.compiler.values.sources import LoopItems
from otterdsl.compiler.values.types import Type
from otterdsl.compiler.values.value import Value


@dataclass(frozen=True, slots=True)
class ResolvedParam:
    """A typed value that a run may override; `required` when it has no default (and null does not fit)."""

    name: str
    type: Type
    default: Value
    required: bool
    doc: str
    span: Span


@dataclass(frozen=True, slots=True)
class ResolvedField:
    """A field that a declared task type adds to its base."""

    name: str
    type: Type
    required: bool
    default: Value
    provides: tuple[str, ...]
    doc: str


@dataclass(frozen=True, slots=True)
class PythonClass:
    """Where a class of a task type is defined. `spec_class` is None where the base Spec serves."""

    module: str
    class_name: str
    spec_class: str | None


@dataclass(frozen=True, slots=True)
class ResolvedType:
    """A task type that a `.otter` file declares (`task` or `extern task`).

    `base` is the type extended, None for `extern` and for a `task` that says only how it runs. `python` is the class of an `extern … from`; None for
    an `extern` without one and for `task`. `body` is the type's own `run`, `checks` its own `validate`.
    """

    name: str
    kind: Literal["task", "extern"]
    base: str | None
    python: PythonClass | None
    fields: tuple[ResolvedField, ...]
    doc: str
    span: Span
    body: Body | None = None
    checks: tuple[Check, ...] = ()


@dataclass(frozen=True, slots=True)
class Edge:
    """A task waits for another task or a group of its step, by name (in placeholder form), and why."""

    target: str
    reason: Literal["requires", "reference", "data"]
    span: Span


@dataclass(frozen=True, slots=True)
class Loop:
    """One `for` around a task: its variable and what it takes in turn."""

    variable: str
    items: LoopItems


@dataclass(frozen=True, slots=True)
class Assignment:
    """A field's value in a task, in the order written; a task type's own assignments follow, expanded. `span` is the value's."""

    name: str
    value: Value
    span: Span


@dataclass(frozen=True, slots=True)
class Subtasks:
    """A field of type list[Spec] and the tasks in it."""

    name: str
    tasks: tuple["ResolvedTask", ...]


@dataclass(frozen=True, slots=True)
class ResolvedTask:
    """A task statement.

    `name` is the full name ("copy ${each} genes"), `type` the name of a registered or declared task type, `groups` the labels of the loops
    around it (outermost first), `after` without repeats in the order found. The field `requires` is never among `assignments`.
    """

    name: str
    type: str
    assignments: tuple[Assignment | Subtasks, ...]
    after: tuple[Edge, ...]
    loops: tuple[Loop, ...]
    when: Condition | None
    groups: tuple[str, ...]
    doc: str
    span: Span
    name_span: Span


@dataclass(frozen=True, slots=True)
class ResolvedStep:
    """A step: the steps before it, and its task statements in the order of the source."""

    name: str
    requires: tuple[str, ...]
    tasks: tuple[ResolvedTask, ...]
    doc: str
    span: Span


@dataclass(frozen=True, slots=True)
class Program:
    """A whole pipeline.

    `settings` are the `pipeline` block's; `types` stand in an order in which each follows its base; `steps` in the order of the source, imports
    first where they stand. `classes` gives the Python class of every task type used that Python defines, by name.
    """

    name: str
    file: str
    doc: str
    settings: Mapping[str, Value]
    params: tuple[ResolvedParam, ...]
    packages: tuple[str, ...]
    types: tuple[ResolvedType, ...]
    classes: Mapping[str, PythonClass]
    steps: tuple[ResolvedStep, ...]
