"""The runtime: what generated modules and task packages import. It knows nothing of the compiler.

`Runner`, which applications import from here, and the classes of task types with bodies are loaded when they are asked for: most generated modules
have no use for them.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Annotated, Any, Final

from otterdsl.runtime.compiled import CompiledParam, CompiledPipeline, CompiledStep, ExternTask, require_runtime
from otterdsl.runtime.manifest.model import Artifact
from otterdsl.runtime.task.bind import Spread
from otterdsl.runtime.task.conditions import AllOf, AnyOf, Compare, Item, Not, Param
from otterdsl.runtime.task.model import Spec, Task, TaskContext
from otterdsl.runtime.task.roles import Duration, Input, Into, Key, Output, Provides, Size
from otterdsl.runtime.task.sources import Glob, Json, Lines, Stored
from otterdsl.runtime.task.task_reporter import report

if TYPE_CHECKING:
    from otterdsl.runtime.bodies.checks import Check, CheckedTask
    from otterdsl.runtime.bodies.task import PythonTask, ShellTask
    from otterdsl.runtime.core import Runner as Runner

__all__ = [
    "AllOf",
    "Annotated",
    "AnyOf",
    "Artifact",
    "Check",
    "CheckedTask",
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
    "PythonTask",
    "ShellTask",
    "Size",
    "Spec",
    "Spread",
    "Stored",
    "Task",
    "TaskContext",
    "report",
    "require_runtime",
]


_LATE: Final = {
    "Check": "otterdsl.runtime.bodies.checks",
    "CheckedTask": "otterdsl.runtime.bodies.checks",
    "PythonTask": "otterdsl.runtime.bodies.task",
    "Runner": "otterdsl.runtime.core",
    "ShellTask": "otterdsl.runtime.bodies.task",
}


def __getattr__(name: str) -> Any:
    """What is loaded late."""
    if name in _LATE:
        return getattr(import_module(_LATE[name]), name)
    raise AttributeError(f"module `{__name__}` has no attribute `{name}`")
