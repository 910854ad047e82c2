"""`modelv`: has a Spec that is never right."""

from typing import Self

from pydantic import model_validator

from otterdsl.runtime.task.model import Spec, Task
from otterdsl.runtime.task.task_reporter import report


class ModelvSpec(Spec):
    """Nothing, and that is wrong."""

    @model_validator(mode="after")
    def _never(self) -> Self:
        raise ValueError("this spec is never right")


class Modelv(Task):
    """Does nothing."""

    spec: ModelvSpec

    @report
    def run(self) -> Self:
        """Do nothing."""
        return self
