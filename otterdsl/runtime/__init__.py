"""The runtime: what generated modules and task packages import. It knows nothing of the compiler.

`Runner`, which applications import from here, is loaded when it is asked for: generated modules have no use for it.
"""

from typing import TYPE_CHECKING, Annotated, Any

from otterdsl.runtime.compiled import CompiledParam, CompiledPipeline, CompiledStep, ExternTask, require_runtime
from otterdsl.runtime.manifest.model import Artifact
from otterdsl.runtime.task.conditions import AllOf, AnyOf, Compare, Item, Not, Param
from otterdsl.runtime.task.model import Spec, Task, TaskContext
from otterdsl.runtime.task.roles import Duration, Input, Into, Key, Output, Provides, Size
from otterdsl.runtime.task.sources import Glob, Json, Lines, Stored
from otterdsl.runtime.task.spread import Spread
from otterdsl.runtime.task.task_reporter import report

if TYPE_CHECKING:
    from otterdsl.runtime.core import Runner as Runner

__all__ = [
    "AllOf",
    "Annotated",
    "AnyOf",
    "Artifact",
    "Compare",
    "CompiledParam",
    "CompiledPipeline",
    "CompiledStep",
    "Duration",
    "ExternTask",
    "Glob",
    "Input",
    "Into",
    "Item",
    "Json",
    "Key",
    "Lines",
    "Not",
    "Output",
    "Param",
    "Provides",
    "Size",
    "Spec",
    "Spread",
    "Stored",
    "Task",
    "TaskContext",
    "report",
    "require_runtime",
]


def __getattr__(name: str) -> Any:
    """What is loaded late."""
    if name == "Runner":
        from otterdsl.runtime.core import Runner

        return Runner
    raise AttributeError(f"module `{__name__}` has no attribute `{name}`")
