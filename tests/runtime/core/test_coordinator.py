"""The coordinator with real tasks: their order, how many run at once, what is recorded, and what they hand on."""

import asyncio
import threading
import time
from typing import Self

import pytest
from coordinated import Noop, Remember, adding, spec
from steps import run_step

from otterdsl.runtime.manifest.model import Artifact, Result
from otterdsl.runtime.task.model import State, Task
from otterdsl.runtime.task.task_reporter import report


class Plain(Task):
    """Not reported, not async."""

    def run(self) -> Self:
        return self


class PlainAsync(Task):
    async def run(self) -> Self:
        return self


@pytest.mark.parametrize("of", [Noop, Plain, PlainAsync])
def test_tasks_run_reported_or_not_async_or_not(of: type[Task]) -> None:
    ran = run_step([spec("t a"), spec("t b", "t a")], {"t": of})
    assert ran.results == {"t a": "success", "t b": "success"}
    assert ran.step.manifest.result is Result.SUCCESS
    assert ran.step.manifest.failure_reason is None
    assert all(task.context.state is State.DONE for task in ran.step.tasks.values())


def test_a_step_without_tasks_succeeds() -> None:
    assert run_step([], {}).step.manifest.result is Result.SUCCESS


def test_tasks_run_after_what_they_require() -> None:
    ran = run_step([spec("t c", "t b"), spec("t b", "t a"), spec("t a")], {"t": Noop})
    assert [(event.event, event.task) for event in ran.events] == [(kind, task) for task in ("t a", "t b", "t c") for kind in ("started", "finished")]
    records = {record.name: record for record in ran.step.manifest.tasks}
    assert records["t a"].finished_run_at <= records["t b"].started_run_at


@pytest.mark.parametrize("sync", [True, False])
@pytest.mark.parametrize("pool_size", [1, 2, 5])
def test_no_more_tasks_run_at_once_than_the_pool_holds(sync: bool, pool_size: int) -> None:
    lock, now, most = threading.Lock(), [0], [0]

    def enter(change: int) -> None:
        with lock:
            now[0] += change
            most[0] = max(most[0], now[0])

    class Slow(Task):
        @report
        async def run(self) -> Self:
            enter(1)
            await asyncio.sleep(0.01)
            enter(-1)
            return self

    class SlowThread(Task):
        @report
        def run(self) -> Self:
            enter(1)
            time.sleep(0.01)
            enter(-1)
            return self

    ran = run_step([spec(f"t {n}") for n in range(15)], {"t": SlowThread if sync else Slow}, pool_size=pool_size)
    assert set(ran.results.values()) == {"success"}
    assert most[0] == pool_size


def test_a_large_pool_is_filled() -> None:
    size, here, full = 700, [0], asyncio.Event()

    class Meet(Task):
        async def run(self) -> Self:
            here[0] += 1
            if here[0] == size:
                full.set()
            await full.wait()
            return self

    assert set(run_step([spec(f"t {n}") for n in range(size)], {"t": Meet}, pool_size=size).results.values()) == {"success"}


def test_a_task_that_blocks_does_not_block_the_others() -> None:
    met = threading.Barrier(2, timeout=20)

    class Meet(Task):
        def run(self) -> Self:
            met.wait()
            return self

    assert set(run_step([spec("t a"), spec("t b")], {"t": Meet}).results.values()) == {"success"}


def test_validation_comes_after_the_run() -> None:
    calls: list[str] = []

    class Checked(Task):
        async def run(self) -> Self:
            calls.append(f"run {self.context.state.name}")
            return self

        def validate(self) -> Self:
            calls.append(f"validate {self.context.state.name}")
            return self

    ran = run_step([spec("t a")], {"t": Checked})
    assert calls == ["run RUNNING", "validate VALIDATING"]
    record = ran.step.manifest.tasks[0]
    assert record.result is Result.SUCCESS
    assert record.finished_validation_at is not None


def test_artifacts_of_tasks_are_the_steps_too() -> None:
    class Made(Artifact):
        rows: int = 0

    class Making(Task):
        async def run(self) -> Self:
            self.artifacts = [Made(source="a", destination=self.name, rows=3)]
            return self

    ran = run_step([spec("t a"), spec("t b", "t a")], {"t": Making})
    assert [artifact.model_dump() for artifact in ran.step.manifest.artifacts] == [
        {"source": "a", "destination": "t a", "rows": 3},
        {"source": "a", "destination": "t b", "rows": 3},
    ]


def test_log_lines_of_a_task_are_in_its_record_alone() -> None:
    import logging

    class Talking(Task):
        async def run(self) -> Self:
            logging.getLogger("mine").info("async %s", self.name)
            await asyncio.to_thread(logging.getLogger("mine").warning, "thread %s", self.name)
            return self

    before = logging.root.level, list(logging.root.handlers)
    ran = run_step([spec("t a"), spec("t b")], {"t": Talking})
    for record in ran.step.manifest.tasks:
        assert [line.rpartition(" - ")[2] for line in record.log] == [f"async {record.name}", f"thread {record.name}"]
    assert (logging.root.level, logging.root.handlers) == before


class Store(Task):
    async def run(self) -> Self:
        extra = self.spec.model_extra or {}
        self.context.scratchpad.store(extra["key"], extra["value"])
        return self


def test_what_a_task_stores_is_there_for_those_after_it() -> None:
    ran = run_step([spec("get a", "put a", given="<${key a}>"), spec("put a", key="key a", value="v")], {"put": Store, "get": Remember})
    assert ran.step.manifest.artifacts[0].source == "<v>"
    assert ran.scratchpad.sentinel_dict == {"key a": "v"}


def test_two_tasks_may_store_one_key_with_one_value_only() -> None:
    same = [spec("put a", key="k", value=1), spec("put b", "put a", key="k", value=1)]
    assert run_step(same, {"put": Store}).step.manifest.result is Result.SUCCESS
    other = [spec("put a", key="k", value=1), spec("put b", "put a", key="k", value=2)]
    ran = run_step(other, {"put": Store})
    assert ran.reason == "task `put b` failed: `k` has two values: task `put a` stored 1, and task `put b` stored 2"
    assert ran.results == {"put a": "success", "put b": "failure"}


def test_values_that_cannot_be_compared_are_one_only_as_one_object() -> None:
    class Table:
        def __eq__(self, other: object) -> bool:
            raise ValueError("the truth value of a table is ambiguous")

        __hash__ = None

    table = Table()
    values = {"put a": table, "put b": table, "put c": Table()}

    class StoreTable(Task):
        def run(self) -> Self:
            self.context.scratchpad.store("k", values[self.name])
            return self

    ran = run_step([spec("put a"), spec("put b", "put a"), spec("put c", "put b")], {"put": StoreTable})
    assert ran.results == {"put a": "success", "put b": "success", "put c": "failure"}
    assert ran.reason.startswith("task `put c` failed: `k` has two values: task `put a` stored")


def test_a_placeholder_without_value_fails_the_task_that_needs_it() -> None:
    ran = run_step([spec("get a", given="${atlos}"), spec("get b", "get a", given="x")], {"get": Remember}, scratchpad={"atlas": 1})
    assert ran.reason == "task `get a` cannot be built: nothing gives `${atlos}` a value; did you mean `atlas`?"
    assert ran.results == {"get a": "failure", "get b": "aborted"}


def test_many_tasks_of_all_kinds() -> None:
    types = {"t": Noop, "p": Plain, "add": adding()}
    specs = [spec(f"{'tp'[n % 2]} {n}", *(f"{'tp'[m % 2]} {m}" for m in (n // 2, n // 3) if m < n)) for n in range(400)]
    ran = run_step(specs, types)
    assert set(ran.results.values()) == {"success"}
    assert len(ran.results) == 400
