"""The Plan: what will be generated and run, as plain values that JSON can hold. No AST, no spans: a file and a line.

Strings are in placeholder form (see `values.value`). `codegen` sees this and nothing before it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from otterdsl.compiler.values.bodies import Body, Check
from otterdsl.compiler.values.condition import Condition
from otterdsl.compiler.values.sources import LoopItems
from otterdsl.compiler.values.types import Type
from otterdsl.compiler.values.value import Value


@dataclass(frozen=True, slots=True)
class PlannedParam:
    """A param: its type, and its default where it is not `required`."""

    name: str
    type: Type
    default: Value
    required: bool
    doc: str


@dataclass(frozen=True, slots=True)
class PlannedField:
    """A field of a declared task type."""

    name: str
    type: Type
    required: bool
    default: Value
    provides: tuple[str, ...]
    doc: str


@dataclass(frozen=True, slots=True)
class PlannedClass:
    """A Python class to import, with its Spec's (None where the base Spec serves)."""

    module: str
    class_name: str
    spec_class: str | None


@dataclass(frozen=True, slots=True)
class PlannedType:
    """A declared task type: it becomes a Spec and a Task class in `tasks.py`."""

    name: str
    kind: Literal["task", "extern"]
    base: str | None
    python: PlannedClass | None
    fields: tuple[PlannedField, ...]
    doc: str
    file: str
    line: int
    body: Body | None = None
    checks: tuple[Check, ...] = ()


@dataclass(frozen=True, slots=True)
class PlannedEdge:
    """A task or group waited for, by name, and why."""

    target: str
    reason: Literal["requires", "reference", "data"]


@dataclass(frozen=True, slots=True)
class PlannedLoop:
    """A loop's variable and what it takes in turn."""

    variable: str
    items: LoopItems


@dataclass(frozen=True, slots=True)
class PlannedTask:
    """A task statement: one class in its step's module. `subtasks` holds the list[Spec] fields, in the order of `order`.

    `order` names all fields, those of `spec` and `subtasks`, as they are to be written.
    """

    name: str
    type: str
    spec: Mapping[str, Value]
    subtasks: Mapping[str, tuple["PlannedTask", ...]]
    order: tuple[str, ...]
    after: tuple[PlannedEdge, ...]
    loops: tuple[PlannedLoop, ...]
    when: Condition | None
    groups: tuple[str, ...]
    doc: str
    file: str
    line: int


@dataclass(frozen=True, slots=True)
class PlannedStep:
    """A step: one module."""

    name: str
    requires: tuple[str, ...]
    tasks: tuple[PlannedTask, ...]
    doc: str
    file: str
    line: int


@dataclass(frozen=True, slots=True)
class Plan:
    """A pipeline to generate. `classes` gives the Python class of each task type used, built in or from a package, by type name."""

    pipeline: str
    file: str
    doc: str
    settings: Mapping[str, Value]
    params: tuple[PlannedParam, ...]
    packages: tuple[str, ...]
    types: tuple[PlannedType, ...]
    classes: Mapping[str, PlannedClass]
    steps: tuple[PlannedStep, ...]
