"""`richart`: has an artifact of a kind of its own."""

from typing import Self

from otterdsl.runtime.manifest.model import Artifact
from otterdsl.runtime.task.model import Task
from otterdsl.runtime.task.task_reporter import report


class Table(Artifact):
    """A table with so many rows."""

    rows: int


class Richart(Task):
    """Makes a table."""

    @report
    def run(self) -> Self:
        """Make it."""
        self.artifacts = [Table(source="here", destination="there", rows=7)]
        return self
