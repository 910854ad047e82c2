"""The coordinator with real tasks: order, failures, subtasks, stopping, threads and loops."""

import asyncio
import sys
import threading
import time
from typing import Any, Self

import pytest
from steps import run_step

from otterdsl.runtime.manifest.model import Artifact, Result
from otterdsl.runtime.task.model import Spec, State, Task
from otterdsl.runtime.task.task_reporter import report
from otterdsl.runtime.util.errors import TaskValidationError


class Noop(Task):
    @report
    async def run(self) -> Self:
        return self


class Plain(Task):
    """Not reported, not async."""

    def run(self) -> Self:
        return self


class PlainAsync(Task):
    async def run(self) -> Self:
        return self


class Wait(Task):
    """Runs until it is told to stop."""

    @report
    async def run(self) -> Self:
        await asyncio.to_thread(self.context.abort.wait, 20)
        return self


class Stubborn(Task):
    @report
    async def run(self) -> Self:
        await asyncio.sleep(3600)
        return self


class StubbornThread(Task):
    release = threading.Event()

    @report
    def run(self) -> Self:
        self.release.wait(20)
        return self


def failing(error: BaseException) -> type[Task]:
    class Failing(Task):
        @report
        async def run(self) -> Self:
            await asyncio.sleep(0.02)
            raise error

    return Failing


def adding(*specs: Spec) -> type[Task]:
    class Adding(Task):
        @report
        async def run(self) -> Self:
            self.context.add_specs(specs)
            return self

    return Adding


def spec(name: str, *requires: str, **fields: Any) -> Spec:
    return Spec(name=name, requires=list(requires), **fields)


# ---------------------------------------------------------------- going well


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


# ---------------------------------------------------------------- the scratchpad


class Store(Task):
    async def run(self) -> Self:
        extra = self.spec.model_extra or {}
        self.context.scratchpad.store(extra["key"], extra["value"])
        return self


class Remember(Task):
    async def run(self) -> Self:
        self.artifacts = [Artifact(source=str((self.spec.model_extra or {})["given"]), destination="x")]
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


# ---------------------------------------------------------------- subtasks


def test_a_parent_waits_for_its_subtasks_and_its_followers_wait_for_both() -> None:
    types = {"add": adding(spec("t one"), spec("t two", "t one")), "t": Noop}
    ran = run_step([spec("t after", "add them"), spec("add them")], types)
    finished = [event.task for event in ran.events if event.event == "finished"]
    assert finished == ["t one", "t two", "add them", "t after"]
    assert ran.step.tasks["add them"].context.state is State.DONE


def test_subtasks_of_subtasks() -> None:
    types = {"add": adding(spec("more of_it")), "more": adding(spec("t deep")), "t": Noop}
    ran = run_step([spec("add them"), spec("t after", "add them")], types)
    assert [event.task for event in ran.events if event.event == "finished"] == ["t deep", "more of_it", "add them", "t after"]


def test_a_subtask_of_a_taken_name_is_refused() -> None:
    ran = run_step([spec("t one"), spec("add them", "t one")], {"add": adding(spec("t one")), "t": Noop})
    assert ran.reason == "task `add them` failed: duplicate task: `t one`"
    assert ran.results["add them"] == "failure"


def test_a_cycle_made_by_new_specs_is_found_when_they_are_added() -> None:
    ran = run_step([spec("add them"), spec("t after", "add them")], {"add": adding(spec("t one", "t after")), "t": Noop})
    assert "in a circle: `t one` → `t after` → `add them` → `t one`" in ran.reason
    assert ran.results == {"add them": "failure", "t after": "aborted", "t one": "aborted"}


def test_a_failed_subtask_fails_the_step() -> None:
    ran = run_step([spec("add them"), spec("t after", "add them")], {"add": adding(spec("bad one")), "bad": failing(ValueError("no")), "t": Noop})
    assert ran.results["bad one"] == "failure"
    assert ran.results["t after"] == "aborted"


def test_a_parent_whose_subtasks_did_not_all_end_is_aborted() -> None:
    types = {"add": adding(spec("bad one")), "bad": failing(ValueError("no")), "t": Noop}
    ran = run_step([spec("add them"), spec("t after", "add them")], types)
    assert ran.results == {"add them": "aborted", "bad one": "failure", "t after": "aborted"}
    assert ran.step.manifest.tasks[0].failure_reason == "its subtasks did not all come to their end"
    assert ran.step.tasks["add them"].context.state is State.WAITING_FOR_SUBTASKS
    assert [event.event for event in ran.events if event.task == "add them"] == ["started", "aborted"]


def test_a_parent_that_ends_when_the_step_has_failed_adds_nothing_and_is_aborted() -> None:
    class AddLate(Task):
        async def run(self) -> Self:
            await asyncio.to_thread(self.context.abort.wait, 20)
            self.context.add_specs(spec("t late"))
            return self

    ran = run_step([spec("bad a"), spec("add b")], {"bad": failing(ValueError("no")), "add": AddLate, "t": Noop})
    assert ran.results == {"bad a": "failure", "add b": "aborted"}
    assert [event.event for event in ran.events if event.task == "add b"] == ["started", "aborted"]


def test_specs_added_in_the_validation_are_subtasks_too() -> None:
    class AddLate(Noop):
        async def validate(self) -> Self:
            self.context.add_specs(spec("t late"))
            return self

    ran = run_step([spec("add them"), spec("t after", "add them")], {"add": AddLate, "t": Noop})
    assert [event.task for event in ran.events if event.event == "finished"] == ["t late", "add them", "t after"]


@pytest.mark.parametrize(("specs", "what"), [([spec("t one"), "t two"], "'t two' is a str, and no Spec"), (7, "'int' object is not iterable")])
def test_what_is_no_spec_is_the_failure_of_the_task_that_adds_it(specs: Any, what: str) -> None:
    ran = run_step([spec("add them")], {"add": adding(*specs) if isinstance(specs, list) else _adding_odd(specs), "t": Noop})
    assert ran.reason == f"task `add them` failed: TypeError: {what}"
    assert ran.results == {"add them": "failure"}


def _adding_odd(specs: Any) -> type[Task]:
    class Adding(Task):
        def run(self) -> Self:
            self.context.add_specs(specs)
            return self

    return Adding


def test_records_stand_in_the_order_of_the_source_whichever_task_was_the_faster() -> None:
    class Timed(Task):
        async def run(self) -> Self:
            await asyncio.sleep(0.03 if self.name in ("t 1", "add a") else 0)
            self.artifacts = [Artifact(source=self.name, destination="x")]
            return self

    class Adding(Timed):
        async def validate(self) -> Self:
            self.context.add_specs([spec(f"t {self.name} {n}") for n in range(2)])
            return self

    specs = [spec("add a"), spec("add b"), spec("t 1"), spec("t 2", "t 3"), spec("t 3")]
    ran = run_step(specs, {"t": Timed, "add": Adding})
    order = ["add a", "t add a 0", "t add a 1", "add b", "t add b 0", "t add b 1", "t 1", "t 2", "t 3"]
    assert list(ran.results) == order
    assert [artifact.source for artifact in ran.step.manifest.artifacts] == order
    failed = run_step([spec("t after", "bad a"), *specs, spec("bad a")], {"t": Timed, "add": Adding, "bad": failing(ValueError("no"))})
    assert [name for name in failed.results if " add " not in name] == ["t after", "add a", "add b", "t 1", "t 2", "t 3", "bad a"]


def test_a_subtask_that_waits_for_what_never_comes_is_explained_and_does_not_hang() -> None:
    ran = run_step([spec("add them")], {"add": adding(spec("t one", "t never")), "t": Noop})
    assert "`t one` waits for `t never`, which does not exist" in ran.reason


def test_new_specs_are_filled_when_they_are_built() -> None:
    types = {"add": adding(spec("get ${n}", given="${n}"), spec("get y", "get ${n}", given="z")), "get": Remember}
    ran = run_step([spec("add them")], types, scratchpad={"n": "x"})
    assert ran.results == {"add them": "success", "get x": "success", "get y": "success"}


# ---------------------------------------------------------------- going wrong


class SyncRaise(Task):
    def run(self) -> Self:
        raise ValueError("sync")


class Leave(Task):
    def run(self) -> Self:
        sys.exit(3)


class LeaveAsync(Task):
    async def run(self) -> Self:
        sys.exit()


class Interrupt(Task):
    async def run(self) -> Self:
        raise KeyboardInterrupt


class InterruptThread(Task):
    def run(self) -> Self:
        raise KeyboardInterrupt


class StopIterating(Task):
    def run(self) -> Self:
        raise StopIteration("over")


class CancelItself(Task):
    async def run(self) -> Self:
        raise asyncio.CancelledError


class GiveNothing(Task):
    def run(self) -> Any:
        return None


class Generate(Task):
    async def run(self) -> Any:
        return (n for n in range(3))


class Invalid(Noop):
    async def validate(self) -> Self:
        raise TaskValidationError("it is empty")


class OddArtifact(Artifact):
    of: Any


class NoArtifact(Task):
    def run(self) -> Self:
        self.artifacts = ["a.txt"]  # type: ignore[list-item]  # that is the point
        return self


class UnwritableArtifact(Task):
    def run(self) -> Self:
        self.artifacts = [OddArtifact(source="a", destination="b", of=object())]
        return self


class NotMade(Noop):
    def __init__(self, *arguments: Any) -> None:
        raise RuntimeError("not today")


class BadBackground(Task):
    async def run(self) -> Self:
        async def leave() -> None:
            sys.exit(4)

        self.left = asyncio.create_task(leave())
        await asyncio.sleep(0.05)
        raise ValueError(f"after {self.left.exception()!r}")


@pytest.mark.parametrize(
    ("of", "reason"),
    [
        (SyncRaise, "task `bad a` failed: ValueError: sync"),
        (Leave, "task `bad a` failed: it called sys.exit(3)"),
        (LeaveAsync, "task `bad a` failed: it called sys.exit()"),
        (Interrupt, "task `bad a` failed: KeyboardInterrupt"),
        (InterruptThread, "task `bad a` failed: KeyboardInterrupt"),
        (StopIterating, "task `bad a` failed: StopIteration: over"),
        (CancelItself, "task `bad a` failed: it was cancelled"),
        (GiveNothing, "task `bad a` failed: `run` gave back nothing: it must return the task itself (`return self`)"),
        (Generate, "task `bad a` failed: `run` gave back a generator: it must return the task itself (`return self`)"),
        (Invalid, "task `bad a` failed: it is empty"),
        (NoArtifact, "task `bad a` failed: its artifacts cannot be written down: 'a.txt' is a str, and no Artifact"),
        (UnwritableArtifact, "task `bad a` failed: its artifacts cannot be written down: Unable to serialize unknown type: <class 'object'>"),
        (NotMade, "task `bad a` cannot be built: RuntimeError: not today"),
        (BadBackground, "task `bad a` failed: ValueError: after SystemExit(4)"),
    ],
)
def test_whatever_a_task_does_to_itself_is_its_failure(of: type[Task], reason: str) -> None:
    ran = run_step([spec("bad a"), spec("t b", "bad a"), spec("t c", "t b")], {"bad": of, "t": Noop})
    assert ran.reason == reason
    assert ran.results == {"bad a": "failure", "t b": "aborted", "t c": "aborted"}
    assert ran.step.manifest.result is Result.FAILURE
    assert [event.event for event in ran.events if event.task != "bad a"] == ["aborted", "aborted"]


def test_an_unknown_task_type_fails_the_step_with_the_nearest() -> None:
    ran = run_step([spec("nop a")], {"noop": Noop})
    assert ran.reason == "task `nop a` cannot be built: unknown task type `nop`; did you mean `noop`?"


def test_a_cycle_fails_the_step_before_anything_runs() -> None:
    ran = run_step([spec("t a", "t b"), spec("t b", "t a"), spec("t c")], {"t": Noop})
    assert "in a circle" in ran.reason
    assert ran.results == {"t a": "aborted", "t b": "aborted", "t c": "aborted"}


# ---------------------------------------------------------------- stopping


def test_a_failure_sets_abort_for_those_that_run_and_starts_nothing_new() -> None:
    specs = [spec("bad a"), spec("wait b"), spec("t c", "wait b"), *(spec(f"wait {n}") for n in range(9))]
    ran = run_step(specs, {"bad": failing(ValueError("no")), "wait": Wait, "t": Noop}, pool_size=3)
    results = ran.results
    assert results["bad a"] == "failure"
    assert results["wait b"] == "success"
    assert results["t c"] == "aborted"
    assert [results[f"wait {n}"] for n in range(9)] == ["success"] + ["aborted"] * 8
    assert ran.reason == "task `bad a` failed: ValueError: no"


@pytest.mark.parametrize("grace", ["0s", "50ms"])
def test_a_task_that_does_not_look_at_abort_is_cancelled_after_its_grace(grace: str) -> None:
    ran = run_step([spec("bad a"), spec("slow b")], {"bad": failing(ValueError("no")), "slow": Stubborn}, grace=grace)
    assert ran.results == {"bad a": "failure", "slow b": "aborted"}


def test_a_thread_that_does_not_stop_is_left_behind() -> None:
    try:
        ran = run_step([spec("bad a"), spec("slow b")], {"bad": failing(ValueError("no")), "slow": StubbornThread}, grace="10ms")
        assert ran.results == {"bad a": "failure", "slow b": "aborted"}
    finally:
        StubbornThread.release.set()


def test_a_task_that_blocks_the_loop_of_tasks_does_not_block_the_end() -> None:
    released = threading.Event()

    class Block(Task):
        @report
        async def run(self) -> Self:
            released.wait(20)  # noqa: ASYNC251,RUF100 (that is the point)
            return self

    class Fail(Task):
        def run(self) -> Self:
            time.sleep(0.05)
            raise ValueError("no")

    try:
        ran = run_step([spec("bad a"), spec("block b")], {"bad": Fail, "block": Block}, grace="10ms", cancel_after=0.3)
        assert ran.results["block b"] == "aborted"
        assert ran.step.manifest.result in (Result.ABORTED, Result.FAILURE)
    finally:
        released.set()


def test_an_interrupted_run_stops_its_tasks_and_says_so() -> None:
    ran = run_step([spec("wait a"), spec("t b", "wait a")], {"wait": Wait, "t": Noop}, cancel_after=0.05)
    assert ran.step.manifest.result is Result.ABORTED
    assert ran.reason == "the run was interrupted"
    assert ran.results == {"wait a": "success", "t b": "aborted"}


def test_many_tasks_of_all_kinds() -> None:
    types = {"t": Noop, "p": Plain, "add": adding()}
    specs = [spec(f"{'tp'[n % 2]} {n}", *(f"{'tp'[m % 2]} {m}" for m in (n // 2, n // 3) if m < n)) for n in range(400)]
    ran = run_step(specs, types)
    assert set(ran.results.values()) == {"success"}
    assert len(ran.results) == 400
