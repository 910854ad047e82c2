"""Count and average the birds that have given values in given columns."""

import json
from statistics import mean
from typing import Annotated, Literal, Self

from otterdsl.runtime.manifest.model import Artifact
from otterdsl.runtime.storage import StorageHandle
from otterdsl.runtime.task.model import Spec, Task
from otterdsl.runtime.task.roles import Input, Output
from otterdsl.runtime.task.task_reporter import report
from penguin_tasks import _birds


class SummariseSpec(Spec):
    """Which birds of which table, and where their line goes."""

    source: Annotated[str, Input]
    where: dict[Literal["species", "island", "sex"], str]
    destination: Annotated[str, Output]


class Summarise(Task):
    """Write one line of a summary: how many birds, and the mean of each measure."""

    spec: SummariseSpec

    @report
    def run(self) -> Self:
        """Write the line; a group without birds has no means."""
        source = StorageHandle(self.spec.source, config=self.context.config)
        destination = StorageHandle(self.spec.destination, config=self.context.config)
        text, _ = source.read_text()
        where = self.spec.where
        birds = [bird for bird in _birds.from_csv(text) if all(getattr(bird, column) == value for column, value in where.items())]
        means = {name: round(mean(getattr(bird, name) for bird in birds), 2) if birds else None for name in _birds.MEASURES}
        destination.write_text(json.dumps({**where, "count": len(birds), **means}) + "\n")
        self.artifacts = [Artifact(source=source.absolute, destination=destination.absolute)]
        return self
