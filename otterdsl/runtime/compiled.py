"""What a generated package says of itself: its `PIPELINE`, as plain data, and the class that stands in for a task type without Python of its own.

Generated modules import these from `otterdsl.runtime`. What is absent: loading them, which is the loader's.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from otterdsl.runtime.scratchpad.placeholder import MISSING
from otterdsl.runtime.task.model import Task
from otterdsl.runtime.util.errors import PipelineLoadError

RUNTIME_LEVEL: Final = 1
"""What generated modules may count on: raised when they need something new."""


def require_runtime(level: int) -> None:
    """See that this runtime is new enough for a generated module. Raises: PipelineLoadError."""
    if level > RUNTIME_LEVEL:
        raise PipelineLoadError(f"the package needs level {level} of the runtime, and this one is at {RUNTIME_LEVEL}: install a newer otterdsl")


@dataclass(frozen=True, slots=True)
class CompiledParam:
    """A param: its Python type, and its default, without which a run must give it."""

    name: str
    type: Any
    default: Any = MISSING

    @property
    def required(self) -> bool:
        """Whether a run must give it a value."""
        return self.default is MISSING


@dataclass(frozen=True, slots=True)
class CompiledStep:
    """A step: its module within the package, and the steps that come before it."""

    name: str
    module: str
    requires: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class CompiledPipeline:
    """A pipeline: settings for `Config`, params, task packages, declared types with their classes in `tasks.py`, steps in the order of the source."""

    name: str
    settings: Mapping[str, Any] = field(default_factory=dict)
    params: Sequence[CompiledParam] = ()
    packages: Sequence[str] = ()
    types: Mapping[str, str] = field(default_factory=dict)
    steps: Sequence[CompiledStep] = ()


class ExternTask(Task):
    """A task type that is declared but has no Python class: it can be checked and compiled, not run."""
