"""Checks that a `.otter` file asks for, `validate { … }`: calls of validators as data, and the class of a task type that has them besides a `run`.

In: `Check`s, whose arguments are in placeholder form, and the values of a task's fields. Out: nothing, or TaskValidationError. What is absent: the
validators themselves.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from inspect import isawaitable, iscoroutinefunction
from typing import Any, ClassVar, Self

from otterdsl.runtime.bodies.workspace import location_of, value_of
from otterdsl.runtime.executors.threads import Threads
from otterdsl.runtime.scratchpad.placeholder import fill
from otterdsl.runtime.storage.place import Place
from otterdsl.runtime.task.model import Task
from otterdsl.runtime.task.task_reporter import report
from otterdsl.runtime.util.errors import TaskValidationError, did_you_mean
from otterdsl.runtime.validators import VALIDATORS


@dataclass(frozen=True, slots=True, init=False)
class Check:
    """A call of a validator: its name, and its arguments by theirs, in placeholder form."""

    validator: str
    arguments: Mapping[str, Any]

    def __init__(self, validator: str, /, **arguments: Any) -> None:
        object.__setattr__(self, "validator", validator)
        object.__setattr__(self, "arguments", arguments)


class CheckedTask(Task):
    """A task type whose `validate` is that of the type it extends, and then checks of its own. The type it extends stands after it, as a base."""

    checks: ClassVar[tuple[Check, ...]] = ()

    @report
    async def validate(self) -> Self:
        """Validate as the extended type does, then run the checks, but for those that its body ran already."""
        await _waited_for(super().validate)
        if body_class(type(self)) is None:
            config = self.context.config
            values = {**self.spec.__dict__, **(self.spec.__pydantic_extra__ or {})}
            await run_checks(self, values, lambda text: location_of(Place(text, config)))
        return self


def body_class(task_class: type[Task]) -> type | None:
    """The class that a task class has its body from; None, where it has none."""
    return next(filter(_has_body, task_class.__mro__), None)


def checks_of(task_class: type[Task]) -> list[Check]:
    """The checks of a task class: those of the types it extends first, but none of a type whose body another one took the place of."""
    found: list[Check] = []
    for each in task_class.__mro__:
        found[:0] = each.__dict__.get("checks", ())
        if _has_body(each):
            break
    return found


def _has_body(each: type) -> bool:
    # What other types call `script` or `body` is theirs.
    return getattr(each, "takes_body", False) and bool(each.__dict__.get("script") or each.__dict__.get("body"))


async def run_checks(task: Task, values: Mapping[str, Any], locate: Callable[[str], str]) -> None:
    """Run the checks of a task, of what `values` say of its fields; `locate` gives where a location is read.

    Raises: TaskValidationError, for what is wrong; OtterError, for a check that cannot be made.
    """

    def lookup(name: str) -> Any:
        return value_of(name, values, task.context.scratchpad.require)

    for check in checks_of(type(task)):
        validator = VALIDATORS.get(check.validator)
        if validator is None:
            raise TaskValidationError(f"there is no validator `{check.validator}`{did_you_mean(check.validator, VALIDATORS)}")
        types = {each.name: each.type for each in validator.parameters}
        for arguments in _each_location({name: fill(value, lookup) for name, value in check.arguments.items()}, types):
            located = {name: locate(str(value)) if types.get(name) == "input" else value for name, value in arguments.items()}
            try:
                await validator.async_function(**located)
            except TypeError as error:
                raise TaskValidationError(f"`{check.validator}` cannot be called so: {error}") from error


def _each_location(arguments: dict[str, Any], types: Mapping[str, str]) -> list[dict[str, Any]]:
    """The arguments, once for each member of a list where one location was expected: each of several files is checked."""
    for name, value in arguments.items():
        if types.get(name) == "input" and isinstance(value, list | tuple):
            return [one for each in value for one in _each_location({**arguments, name: each}, types)]
    return [arguments]


async def _waited_for(method: Callable[[], Any]) -> None:
    """Call a `validate` within another one, in a thread where it may block."""
    function = getattr(method, "__func__", method)
    function = getattr(function, "plain", None) or function
    if iscoroutinefunction(function) or getattr(function, "__self__", None) is not None:
        result = method()
        _ = await result if isawaitable(result) else result
        return
    threads = Threads("otterdsl-validate")
    try:
        result, error = await threads.call(function, getattr(method, "__self__", None))
    finally:
        threads.close()
    if error is not None:
        raise error
    _ = await result if isawaitable(result) else result
