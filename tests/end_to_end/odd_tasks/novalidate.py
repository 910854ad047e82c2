"""`novalidate`: shows whether it has a validation."""

from typing import Self

from otterdsl.runtime.manifest.model import Artifact
from otterdsl.runtime.task.model import Task
from otterdsl.runtime.task.task_reporter import report


class Novalidate(Task):
    """Its artifact says so."""

    @report
    def run(self) -> Self:
        """Show it."""
        self.artifacts = [Artifact(source="has_validation", destination=str(self.has_validation()))]
        return self
