"""Files that a task opens and never closes: the end of its method says whether they are complete."""

import asyncio
import gc
import logging
import os
from typing import Any

import pytest

from otterdsl.runtime.config.model import Config
from otterdsl.runtime.scratchpad.model import Scratchpad
from otterdsl.runtime.step.worker import execute
from otterdsl.runtime.storage import AsyncStorageHandle, StorageHandle
from otterdsl.runtime.task.model import Spec, State, Task, TaskContext
from otterdsl.runtime.task.task_reporter import report


def write(task: Task, name: str, mode: str = "w") -> Any:
    """Open a file and write to it; it is never closed."""
    file = StorageHandle(name, task.context.config).open(mode)
    file.write(b"bytes" if "b" in mode else "text")
    return file


class Leaves(Task):
    """Leaves two files open."""

    @report
    def run(self):
        write(self, "a/text")
        write(self, "bytes", "wb")
        return self

    @report
    def validate(self):
        assert StorageHandle("a/text", self.context.config).read_text()[0] == "text"
        return self


class Awaits(Task):
    """Leaves a file open on the event loop."""

    @report
    async def run(self):
        file = await AsyncStorageHandle("a/text", self.context.config).open("w")
        file.write("text")
        return self


class InCircle(Task):
    """Leaves a file in a circle of objects, which no dropping ends."""

    @report
    def run(self):
        circle: list[Any] = [write(self, "a/text")]
        circle.append(circle)
        return self


class Plain(Task):
    """Is not decorated with `report`."""

    def run(self):
        write(self, "a/text")
        return self


class Fails(Task):
    """Fails with a file open."""

    @report
    def run(self):
        write(self, "a/text")
        raise ValueError("no more")


class GivesBackNothing(Task):
    """Fails by what it gives back."""

    @report
    def run(self):
        write(self, "a/text")


class Overtaken(Task):
    """Leaves a file open that must be new, and is not any more."""

    @report
    def run(self):
        write(self, "first")
        write(self, "a/text", "x")
        write(self, "last")
        path = self.context.config.work_path / "a" / "text"
        path.parent.mkdir(exist_ok=True)
        path.write_text("came first")
        return self


class Outer(Task):
    """Runs another task before it goes on."""

    @report
    async def run(self):
        await Leaves(Spec(name="leaves b"), self.context).run()
        write(self, "outer")
        return self


@pytest.fixture
def make(config: Config):
    return lambda task_class: task_class(Spec(name="leaves a"), TaskContext(config, Scratchpad()))


def settled(task: Task, threads: Any) -> str:
    """How the task came out of its run, in a worker."""
    asyncio.run(execute(task, threads))
    return task.manifest.result.value


@pytest.fixture
def threads():
    from otterdsl.runtime.executors.threads import Threads

    made = Threads("test")
    yield made
    made.close()


def names_below(root) -> list[str]:
    """The files that there are, hidden ones too."""
    return sorted(os.path.relpath(os.path.join(folder, name), root) for folder, _, names in os.walk(root) for name in names)


@pytest.mark.parametrize("task_class", [Leaves, Awaits, InCircle, Plain])
def test_what_a_task_that_ends_well_left_open_is_put_in_place(task_class, make, root, threads, caplog) -> None:
    task = make(task_class)
    settled(task, threads)
    assert task.manifest.failure_reason is None
    assert (root / "a" / "text").read_text() == "text"
    assert names_below(root) == (["a/text", "bytes"] if task_class is Leaves else ["a/text"])
    warnings = [record.getMessage() for record in caplog.records if record.levelno == logging.WARNING]
    assert warnings[0] == f"{root}/a/text was left open, and is put in place as it was written: close what you open"


def test_it_is_there_for_the_validation(make, root, threads) -> None:
    task = make(Leaves)
    settled(task, threads)
    task.context.state = State.PENDING_VALIDATION
    assert settled(task, threads) == "success"


def test_it_is_there_when_the_method_is_called_by_hand(make, root) -> None:
    task = make(Leaves)
    assert asyncio.run(task.run()) is task
    assert names_below(root) == ["a/text", "bytes"]


@pytest.mark.parametrize("task_class", [Fails, GivesBackNothing])
def test_what_a_task_that_fails_left_open_is_removed(task_class, make, root, threads) -> None:
    assert settled(make(task_class), threads) == "failure"
    gc.collect()
    assert names_below(root) == []


def test_a_file_that_cannot_be_put_in_place_fails_the_task(make, root, threads) -> None:
    task = make(Overtaken)
    assert settled(task, threads) == "failure"
    assert task.manifest.failure_reason == f"`{root}/a/text` exists already"
    assert names_below(root) == ["a/text", "first"]
    assert (root / "a" / "text").read_text() == "came first"


def test_a_task_within_a_task_answers_for_its_own_files(make, root) -> None:
    task = make(Outer)
    asyncio.run(task.run())
    assert task.manifest.failure_reason is None
    assert names_below(root) == ["a/text", "bytes", "outer"]


def test_files_that_are_closed_are_not_held(make, config, root, threads, caplog) -> None:
    class Closes(Task):
        """Closes what it opens."""

        @report
        def run(self):
            for number in range(3):
                write(self, f"{number}").close()
            return self

    settled(make(Closes), threads)
    assert names_below(root) == ["0", "1", "2"]
    assert "left open" not in caplog.text


@pytest.mark.parametrize("mode", ["w", "wb"])
def test_a_file_of_no_task_that_is_dropped_in_a_circle_is_not_put_in_place(mode, config, root) -> None:
    file = StorageHandle("x", config).open(mode)
    file.write("text" if mode == "w" else b"bytes")
    circle: list[Any] = [file]
    circle.append(circle)
    del file, circle
    gc.collect()
    assert names_below(root) == []
