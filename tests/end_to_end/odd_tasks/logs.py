"""`logs`: says something at each level, with loguru."""

from typing import Self

from loguru import logger

from otterdsl.runtime.task.model import Task
from otterdsl.runtime.task.task_reporter import report


class Logs(Task):
    """Each line is one of its own name."""

    @report
    def run(self) -> Self:
        """Log it all."""
        for level in ("TRACE", "DEBUG", "INFO", "SUCCESS", "WARNING", "ERROR"):
            logger.log(level, "{} says {}", self.name, level.lower())
        return self
