"""`typed`: takes a number, and shows what it got."""

from typing import Self

from otterdsl.runtime.manifest.model import Artifact
from otterdsl.runtime.task.model import Spec, Task
from otterdsl.runtime.task.task_reporter import report


class TypedSpec(Spec):
    """A number."""

    n: int


class Typed(Task):
    """Its artifact is the number, from its type."""

    spec: TypedSpec

    @report
    def run(self) -> Self:
        """Show it."""
        self.artifacts = [Artifact(source=type(self.spec.n).__name__, destination=str(self.spec.n))]
        return self
