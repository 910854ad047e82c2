"""`hello_world`: a greeting, to see that a pipeline runs."""

import logging
from typing import Self

from otterdsl.runtime.manifest.model import Artifact
from otterdsl.runtime.task.model import Spec, Task
from otterdsl.runtime.task.task_reporter import report

logger = logging.getLogger(__name__)


class HelloWorldSpec(Spec):
    """What `hello_world` takes."""

    who: str = "world"
    """Who is greeted."""


class HelloWorld(Task):
    """Greet someone in the log."""

    spec: HelloWorldSpec

    @report
    async def run(self) -> Self:
        """Say hello, and leave an artifact about it."""
        logger.info("hello %s", self.spec.who)
        self.artifacts = [Artifact(source="me", destination=self.spec.who)]
        return self

    @report
    async def validate(self) -> Self:
        """See that hello was said."""
        logger.info("said hello to %s", self.spec.who)
        return self
