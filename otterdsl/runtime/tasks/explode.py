"""`explode`: the same tasks once more for each item of a list."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Self

from otterdsl.runtime.task.model import Spec, Task
from otterdsl.runtime.task.roles import Provides
from otterdsl.runtime.task.task_reporter import report
from otterdsl.runtime.tasks._subtasks import EACH_PLACEHOLDER, subtasks


class ExplodeSpec(Spec):
    """What `explode` takes."""

    do: Annotated[list[Spec], Provides(EACH_PLACEHOLDER)]
    """The tasks, made once for each item. Their names must hold the placeholder, so that no two are equal."""

    foreach: list[Any]
    """The items."""

    each_placeholder: str = "each"
    """What an item is called in `do`: `${each}`; the value of a map's key is `${each.key}`."""


class Explode(Task):
    """Make the tasks in `do` once for each item of a list."""

    spec: ExplodeSpec

    @report
    async def run(self) -> Self:
        """Add the tasks of each item."""
        for item in self.spec.foreach:
            self.context.add_specs(subtasks(self.spec.do, dict(_named(self.spec.each_placeholder, item))))
        return self


def _named(name: str, value: Any) -> Iterator[tuple[str, Any]]:
    yield name, value
    if isinstance(value, Mapping):
        for key, each in value.items():
            yield from _named(f"{name}.{key}", each)
