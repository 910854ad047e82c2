"""`raises_plain`: raises where nothing reports."""

from typing import Self

from otterdsl.runtime.task.model import Task


class RaisesPlain(Task):
    """Has a `run` that is not decorated."""

    def run(self) -> Self:
        """Raise it."""
        raise ValueError("plainly raised")
