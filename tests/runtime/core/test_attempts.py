"""Tasks that are tried again, that may take only so long, and that need more than one place of the pool."""

import asyncio
import threading
from pathlib import Path
from typing import Any, ClassVar, Self

import pytest
from coordinated import Noop, failing, spec
from steps import Ran, run_step

from otterdsl.runtime.manifest.model import Artifact
from otterdsl.runtime.task.model import Spec, Task
from otterdsl.runtime.util.errors import TaskAbortedError, TaskValidationError

SOON = {"retry_delay": "10ms"}
LONG = 60.0


def flaky(failures: int, *, plain: bool = False) -> type[Task]:
    """A class whose tasks fail so many times, and then are well."""

    class Flaky(Task):
        tries: ClassVar[list[Task]] = []

        def _try(self) -> Self:
            self.tries.append(self)
            if len(self.tries) <= failures:
                self.context.scratchpad.store("left", len(self.tries))
                self.artifacts = [Artifact(source="a", destination=f"b{len(self.tries)}")]
                raise ValueError(f"no {len(self.tries)}")
            return self

        if plain:

            def run(self) -> Self:
                return self._try()

        else:

            async def run(self) -> Self:
                return self._try()

    return Flaky


def record(ran: Ran, name: str) -> dict[str, Any]:
    from otterdsl.runtime.manifest.record import task_record

    return next(task_record(each) for each in ran.step.manifest.tasks if each.name == name)


@pytest.mark.parametrize("plain", [True, False])
def test_a_task_is_tried_again_until_it_is_well(plain: bool) -> None:
    of = flaky(2, plain=plain)
    ran = run_step([spec("flaky a", retries=3, **SOON), spec("t b", "flaky a")], {"flaky": of, "t": Noop})
    assert ran.results == {"flaky a": "success", "t b": "success"}
    entry = record(ran, "flaky a")
    assert [each["reason"] for each in entry["attempts"]] == ["ValueError: no 1", "ValueError: no 2", None]
    assert all(each["started_at"] <= each["finished_at"] for each in entry["attempts"])
    assert (entry["failure_reason"], entry["artifacts"]) == (None, [])
    assert "left" not in ran.scratchpad.sentinel_dict
    assert [event.event for event in ran.events if event.task == "flaky a"] == ["started", "retried", "started", "retried", "started", "finished"]
    assert len({id(each) for each in of.tries}) == 3


def test_a_task_that_stays_bad_fails_with_all_its_attempts() -> None:
    ran = run_step([spec("flaky a", retries=2, **SOON)], {"flaky": flaky(9)})
    assert ran.reason == "task `flaky a` failed: ValueError: no 3"
    assert [each["reason"] for each in record(ran, "flaky a")["attempts"]] == ["ValueError: no 1", "ValueError: no 2", "ValueError: no 3"]


def test_one_attempt_is_not_written_down_as_one() -> None:
    ran = run_step([spec("t a", retries=2), spec("bad b")], {"t": Noop, "bad": failing(ValueError("no"))})
    assert all("attempts" not in record(ran, name) for name in ("t a", "bad b"))


def test_a_failing_attempt_stops_nothing_else() -> None:
    class Watch(Task):
        async def run(self) -> Self:
            for _ in range(20):
                await asyncio.sleep(0.01)
                if self.context.abort.is_set():
                    raise TaskAbortedError
            return self

    ran = run_step([spec("watch b"), spec("flaky a", retries=1, **SOON)], {"flaky": flaky(1), "watch": Watch})
    assert ran.results == {"watch b": "success", "flaky a": "success"}


def test_a_result_that_is_not_right_is_a_failed_attempt() -> None:
    class Checked(Task):
        made: ClassVar[list[int]] = []

        async def run(self) -> Self:
            self.made.append(0)
            return self

        def validate(self) -> Self:
            if len(self.made) == 1:
                raise TaskValidationError("not yet")
            return self

    ran = run_step([spec("checked a", retries=1, **SOON)], {"checked": Checked})
    assert ran.results == {"checked a": "success"}
    assert [each["reason"] for each in record(ran, "checked a")["attempts"]] == ["not yet", None]


def test_what_an_attempt_logs_stays() -> None:
    import logging

    class Logs(Task):
        tries: ClassVar[list[int]] = []

        async def run(self) -> Self:
            self.tries.append(0)
            logging.getLogger("tests").warning("attempt %d", len(self.tries))
            if len(self.tries) < 3:
                raise ValueError
            return self

    ran = run_step([spec("logs a", retries=2, **SOON)], {"logs": Logs})
    lines = [line for line in record(ran, "logs a")["log"] if "attempt " in line]
    assert [line[-1] for line in lines] == ["1", "2", "3"]


def test_tasks_that_a_failed_attempt_added_are_forgotten() -> None:
    class Adds(Task):
        tries: ClassVar[list[int]] = []

        async def run(self) -> Self:
            self.tries.append(0)
            self.context.add_specs(spec(f"t {len(self.tries)}"))
            if len(self.tries) == 1:
                raise ValueError
            return self

    ran = run_step([spec("adds a", retries=1, **SOON)], {"adds": Adds, "t": Noop})
    assert ran.results == {"adds a": "success", "t 2": "success"}


def test_a_task_that_aborts_itself_is_not_tried_again() -> None:
    ran = run_step([spec("bad a", retries=5, **SOON)], {"bad": failing(TaskAbortedError("enough"))})
    assert ran.results == {"bad a": "aborted"}


def test_a_step_that_stops_waits_for_no_further_attempt() -> None:
    class Fail(Task):
        async def run(self) -> Self:
            await asyncio.sleep(0.1)
            raise ValueError("no")

    ran = run_step([spec("flaky a", retries=1, retry_delay="1h"), spec("fail b")], {"flaky": flaky(1), "fail": Fail})
    assert ran.results == {"flaky a": "aborted", "fail b": "failure"}
    assert record(ran, "flaky a")["failure_reason"] == "the step stopped before it was tried again: ValueError: no 1"


def test_an_interruption_waits_for_no_further_attempt() -> None:
    ran = run_step([spec("flaky a", retries=1, retry_delay="1h")], {"flaky": flaky(1)}, cancel_after=0.3)
    assert ran.results == {"flaky a": "aborted"}
    assert ran.reason == "the run was interrupted"


# ---------------------------------------------------------------- time


def test_an_async_task_that_takes_too_long_is_cancelled() -> None:
    class Slow(Task):
        ended: ClassVar[list[str]] = []

        async def run(self) -> Self:
            try:
                await asyncio.sleep(LONG)
            except asyncio.CancelledError:
                self.ended.append("cancelled")
                raise
            return self

    ran = run_step([spec("slow a", timeout="50ms")], {"slow": Slow})
    assert ran.reason == "task `slow a` failed: it took longer than its timeout, 50ms"
    assert ran.results == {"slow a": "failure"}
    assert Slow.ended == ["cancelled"]


def test_a_thread_that_takes_too_long_is_told_and_left_behind() -> None:
    class Slow(Task):
        tries: ClassVar[list[Task]] = []
        told = threading.Event()

        def run(self) -> Self:
            self.tries.append(self)
            if len(self.tries) == 1:
                assert self.context.abort.wait(LONG)
                self.told.set()
            return self

    ran = run_step([spec("slow a", timeout="100ms", retries=1, **SOON)], {"slow": Slow})
    assert ran.results == {"slow a": "success"}
    assert Slow.told.wait(LONG)
    assert [each["reason"] for each in record(ran, "slow a")["attempts"]] == ["it took longer than its timeout, 100ms", None]


def test_a_task_that_does_not_heed_its_cancellation_is_left_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("otterdsl.runtime.step.coordinator.CANCEL_SECONDS", 0.05)

    class Stubborn(Task):
        tries: ClassVar[list[int]] = []

        async def run(self) -> Self:
            self.tries.append(0)
            for _ in range(40 if len(self.tries) == 1 else 0):
                try:
                    await asyncio.sleep(0.05)
                except asyncio.CancelledError:
                    continue
            return self

    ran = run_step([spec("stubborn a", timeout="100ms", retries=1, **SOON)], {"stubborn": Stubborn}, pool_size=2)
    assert ran.results == {"stubborn a": "success"}
    assert len(record(ran, "stubborn a")["attempts"]) == 2


def test_validation_counts_and_waiting_for_a_place_does_not() -> None:
    class Slow(Task):
        async def run(self) -> Self:
            await asyncio.sleep(0.3)
            return self

    class Quick(Noop):
        async def validate(self) -> Self:
            if self.name == "quick b":
                await asyncio.sleep(LONG)
            return self

    specs = [spec("slow x"), spec("quick a", timeout="200ms"), spec("quick b", "quick a", timeout="200ms")]
    ran = run_step(specs, {"slow": Slow, "quick": Quick}, pool_size=1)
    assert ran.results == {"slow x": "success", "quick a": "success", "quick b": "failure"}


def test_a_task_within_its_time_is_well_and_its_subtasks_have_their_own() -> None:
    class Adds(Task):
        async def run(self) -> Self:
            self.context.add_specs(spec("slow b"))
            return self

    class Slow(Task):
        async def run(self) -> Self:
            await asyncio.sleep(0.4)
            return self

    ran = run_step([spec("adds a", timeout="200ms")], {"adds": Adds, "slow": Slow})
    assert ran.results == {"adds a": "success", "slow b": "success"}


# ---------------------------------------------------------------- places of the pool


class Counted(Task):
    """Notes how many places and how much memory are taken while it runs."""

    lock = threading.Lock()
    now = 0
    most = 0

    def run(self) -> Self:
        of, taken = type(self), self.spec.resources.get("cpu", 1) if "memory" not in self.spec.resources else 1
        with self.lock:
            of.now += taken
            of.most = max(of.most, of.now)
        self.context.abort.wait(0.02)
        with self.lock:
            of.now -= taken
        return self


@pytest.mark.parametrize("cpu", [1, 2, 3, 4])
def test_tasks_take_as_many_places_as_they_need(cpu: int) -> None:
    of = type("Of", (Counted,), {})
    specs = [spec(f"counted {n}", resources={"cpu": cpu}) for n in range(8)] + [spec(f"counted one {n}", resources={"cpu": 1}) for n in range(8)]
    ran = run_step(specs, {"counted": of}, pool_size=4)
    assert set(ran.results.values()) == {"success"}
    assert of.most <= 4


def test_memory_counts_where_the_setting_is_given() -> None:
    of = type("Of", (Counted,), {})
    specs = [spec(f"counted {n}", resources={"memory": "1GiB"}) for n in range(9)]
    run_step(specs, {"counted": of}, pool_size=8, memory="2.5GiB")
    assert of.most <= 2


def test_limits_of_a_loop_and_of_tasks_within_hold(tmp_path: Path) -> None:
    of = flaky(1)

    class Adds(Task):
        async def run(self) -> Self:
            self.context.add_specs(Spec(name="flaky b", retries=1, retry_delay="10ms"))
            return self

    ran = run_step([spec("adds a")], {"adds": Adds, "flaky": of}, tmp_path=tmp_path)
    assert ran.results == {"adds a": "success", "flaky b": "success"}
