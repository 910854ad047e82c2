"""What a task sets in its own context stays with it: neither the next task nor what the run itself does goes on in there."""

import asyncio
import logging
from contextvars import ContextVar

from steps import run_step

from otterdsl.runtime.config.model import Config
from otterdsl.runtime.scratchpad.model import Scratchpad
from otterdsl.runtime.step.coordinator import Coordinator
from otterdsl.runtime.step.logs import task_logs
from otterdsl.runtime.step.model import Step
from otterdsl.runtime.task.model import Spec, Task
from otterdsl.runtime.task.task_registry import TaskRegistry

MARK: ContextVar[str] = ContextVar("mark", default="none")


class Marks(Task):
    """Sees who came before, and leaves its own mark."""

    async def run(self):
        self.context.scratchpad.store(self.name, MARK.get())
        MARK.set(self.name)
        return self


class Waits(Task):
    """Lets go of the event loop before it ends."""

    async def run(self):
        await asyncio.sleep(0.005)
        logging.getLogger("waits").info("waited")
        return self


def test_a_task_does_not_see_what_another_has_set_in_its_context() -> None:
    specs = [Spec(name=f"marks {n}", requires=["marks 0"] if n > 4 else []) for n in range(8)]
    ran = run_step(specs, {"marks": Marks}, pool_size=1)
    assert ran.reason == ""
    assert {name: ran.scratchpad.sentinel_dict[name] for name in ran.results} == dict.fromkeys(ran.results, "none")


def test_what_is_told_of_a_run_is_in_no_tasks_log(tmp_path) -> None:
    config = Config(step="main", work_path=tmp_path, pool_size=2)
    registry = TaskRegistry(config, Scratchpad())
    registry.add("waits", Waits, Spec)
    step = Step("main", [Spec(name=f"waits {n}") for n in range(6)])
    told = []

    def tell(event) -> None:
        told.append((event.event, event.task))
        logging.getLogger("told").info("%s %s", event.task, event.event)

    async def run() -> None:
        with task_logs("INFO"):
            await Coordinator(step, registry, config, on_event=tell).run()

    asyncio.run(run())
    assert len(told) == 12
    assert [[line.rpartition(" - ")[2] for line in task.log] for task in step.manifest.tasks] == [["waited"]] * 6
