"""`store`: puts a value into the scratchpad."""

from typing import Annotated, Any, Self

from otterdsl.runtime.task.model import Spec, Task
from otterdsl.runtime.task.roles import Key
from otterdsl.runtime.task.task_reporter import report


class StoreSpec(Spec):
    """A key and its value."""

    key: Annotated[str, Key]
    value: Any


class Store(Task):
    """Stores the value under the key."""

    spec: StoreSpec

    @report
    def run(self) -> Self:
        """Store it."""
        self.context.scratchpad.store(self.spec.key, self.spec.value)
        return self
