"""Write tables as a Markdown page."""

import csv
import io
from typing import Annotated, Self

from otterdsl.runtime.manifest.model import Artifact
from otterdsl.runtime.storage import AsyncStorageHandle
from otterdsl.runtime.task.model import Spec, Task
from otterdsl.runtime.task.roles import Input, Output
from otterdsl.runtime.task.task_reporter import report


class WriteReportSpec(Spec):
    """A title, the tables under it, and where the page goes."""

    title: str
    tables: list[Annotated[str, Input]]
    destination: Annotated[str, Output]


class WriteReport(Task):
    """A page with a heading and a table for each summary."""

    spec: WriteReportSpec

    @report
    async def run(self) -> Self:
        """Write the page."""
        parts = [f"# {self.spec.title}\n"]
        sources = [AsyncStorageHandle(table, config=self.context.config) for table in self.spec.tables]
        for source in sources:
            text, _ = await source.read_text()
            parts.append(_markdown(list(csv.reader(io.StringIO(text)))))
        destination = AsyncStorageHandle(self.spec.destination, config=self.context.config)
        await destination.write_text("\n".join(parts))
        self.artifacts = [Artifact(source=[source.absolute for source in sources], destination=destination.absolute)]
        return self


def _markdown(rows: list[list[str]]) -> str:
    header, *lines = [[cell.replace("_", " ") for cell in row] if place == 0 else row for place, row in enumerate(rows)]
    # Words to the left, numbers to the right.
    rule = ["---" if any(cell[:1].isalpha() for cell in column) else "---:" for column in zip(*lines, strict=True)]
    ruled = [header, rule, *lines]
    return "".join(f"| {' | '.join(row)} |\n" for row in ruled)
