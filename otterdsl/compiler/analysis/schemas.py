"""What analysis knows of the registered task types: plain values, read by `compiler.specs` from Python Specs. No runtime here."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from otterdsl.compiler.values.types import Type
from otterdsl.compiler.values.value import Value


@dataclass(frozen=True, slots=True)
class FieldSchema:
    """A field of a Spec (or of the pipeline's settings).

    `type` is the nearest type of the language (`any` where Python says more than the language can); pydantic, not `type`, decides what
    fits. `provides` names the placeholders that the task fills in a list[Spec] field; None where it does not say.
    """

    name: str
    type: Type
    required: bool
    default: Value = None
    provides: tuple[str, ...] | None = None
    doc: str = ""


@dataclass(frozen=True, slots=True)
class TaskSchema:
    """A task type that Python defines: `copy` of module `otterdsl.runtime.tasks.copy`.

    `spec_class` is None for a class that has no Spec of its own (then `open`: any field fits). `fields` leaves out the
    base Spec's. `package` is what `use` named, empty for a built-in.
    """

    name: str
    module: str
    class_name: str
    spec_class: str | None
    fields: Mapping[str, FieldSchema]
    open: bool = False
    package: str = ""
    doc: str = ""


@dataclass(frozen=True, slots=True)
class ValidatorSchema:
    """A validator that `validate` may call: its parameters, in order."""

    name: str
    parameters: tuple[FieldSchema, ...]
    doc: str = ""

    @property
    def form(self) -> str:
        """How it is called."""
        return f"{self.name}({', '.join(each.name for each in self.parameters)})"


@dataclass(frozen=True, slots=True)
class Collision:
    """A task type that a `use`d package defines though `other` has it already (a package; empty: it is built in). The first one counts."""

    name: str
    package: str
    other: str


@dataclass(frozen=True, slots=True)
class Schemas:
    """All that is registered: task types by name, the base Spec's fields, the settings that `pipeline` takes, the validators.

    `reserved` are the members of Spec and Task, which no field may be called as; `failed` says for each `use`d package that could
    not be read why (one line). The frontend reports `failed` and `collisions` where the `use` stands.
    """

    tasks: Mapping[str, TaskSchema]
    base_fields: Mapping[str, FieldSchema]
    settings: Mapping[str, FieldSchema]
    reserved: frozenset[str] = frozenset()
    failed: Mapping[str, str] = field(default_factory=dict)
    collisions: tuple[Collision, ...] = ()
    validators: Mapping[str, ValidatorSchema] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ValueRequest:
    """Values to be checked by pydantic.

    `base` is the registered task type whose Spec the `values` must build (None: only `declared` counts; "pipeline": the settings). `declared`
    fields are checked strictly against their types and kept from the base. Values that still hold placeholders (`placeholders(value)` is
    not empty) are left out by the checker of values, together with what the base says of the spec as a whole.
    """

    base: str | None
    values: Mapping[str, Value]
    declared: Mapping[str, Type] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ValueProblem:
    """What pydantic says of one value: the request's index, where in it (field name first; empty: the spec as a whole), its message."""

    request: int
    path: tuple[str | int, ...]
    message: str


ValueChecker: TypeAlias = Callable[[Sequence[ValueRequest]], Sequence[ValueProblem]]
