"""Run a Python body: a method that is called with the fields of a task, in a thread unless it is async.

A thread cannot be stopped: one that goes on after its task was cancelled finds its files gone. What is absent: the files (`workspace`).
"""

from collections.abc import Callable, Mapping
from inspect import Parameter, iscoroutinefunction, signature
from typing import Any

from otterdsl.runtime.bodies.workspace import EVERY_TASKS, value_of
from otterdsl.runtime.executors.threads import Threads
from otterdsl.runtime.task.model import TaskContext
from otterdsl.runtime.tasks._transfer import until_abort


async def run_python(body: Callable[..., Any], values: Mapping[str, Any], context: TaskContext) -> None:
    """Call the body with what its parameters name. Raises: whatever it raises, as it raised it."""
    arguments = _arguments(body, values, context.scratchpad.require)
    if iscoroutinefunction(body):
        await until_abort(body(**arguments), context.abort)
        return
    threads = Threads("otterdsl-body")
    try:
        _, error = await threads.call(lambda: body(**arguments))
    finally:
        threads.close()
    if error is not None:
        raise error


def _arguments(body: Callable[..., Any], values: Mapping[str, Any], otherwise: Callable[[str], Any]) -> dict[str, Any]:
    arguments: dict[str, Any] = {}
    for name, parameter in signature(body).parameters.items():
        if parameter.kind is Parameter.VAR_KEYWORD:
            arguments |= {field: value for field, value in values.items() if field not in arguments and field not in EVERY_TASKS}
        elif (name in values and name not in EVERY_TASKS) or parameter.default is Parameter.empty:
            arguments[name] = value_of(name, values, otherwise)
    return arguments
