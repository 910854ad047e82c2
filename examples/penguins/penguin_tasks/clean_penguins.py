"""Clean the published table: birds without measures dropped, numbers typed, species named by their first word."""

from typing import Annotated, Self

from otterdsl.runtime.manifest.model import Artifact
from otterdsl.runtime.storage import StorageHandle
from otterdsl.runtime.task.model import Spec, Task
from otterdsl.runtime.task.roles import Input, Output
from otterdsl.runtime.task.task_reporter import report
from otterdsl.runtime.util.errors import TaskValidationError
from penguin_tasks import _birds


class CleanPenguinsSpec(Spec):
    """Where the published table is, where the clean one goes."""

    source: Annotated[str, Input]
    destination: Annotated[str, Output]
    min_mass: int = 0
    """Birds that weigh less, in grams, are left out."""


class Cleaned(Artifact):
    """A table, and how many of its rows were kept."""

    rows: int
    kept: int


class CleanPenguins(Task):
    """Keep the birds that were measured and weigh enough. A plain `run`: it is work for a thread, not for the event loop."""

    spec: CleanPenguinsSpec

    @report
    def run(self) -> Self:
        """Write the clean table."""
        source = StorageHandle(self.spec.source, config=self.context.config)
        destination = StorageHandle(self.spec.destination, config=self.context.config)
        text, _ = source.read_text()
        birds = list(_birds.published(text))
        kept = [bird for bird in birds if bird is not None and bird.body_mass_g >= self.spec.min_mass]
        destination.write_text(_birds.to_csv(kept))
        self.artifacts = [Cleaned(source=source.absolute, destination=destination.absolute, rows=len(birds), kept=len(kept))]
        return self

    @report
    def validate(self) -> Self:
        """See that the table can be read back and that somebody is in it."""
        text, _ = StorageHandle(self.spec.destination, config=self.context.config).read_text()
        if not _birds.from_csv(text):
            raise TaskValidationError(f"no bird of {self.spec.source} weighs {self.spec.min_mass} g or more")
        return self
