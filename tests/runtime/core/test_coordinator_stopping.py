"""How a step stops: those that run are told, given their grace, cancelled, and left behind."""

import asyncio
import threading
import time
from typing import Self

import pytest
from coordinated import Noop, failing, spec
from steps import run_step

from otterdsl.runtime.manifest.model import Result
from otterdsl.runtime.task.model import Task
from otterdsl.runtime.task.task_reporter import report

PATIENCE = 10.0  # seconds after which what nothing has stopped succeeds: its test then fails instead of hanging


class Wait(Task):
    """Runs until it is told to stop."""

    @report
    async def run(self) -> Self:
        await asyncio.to_thread(self.context.abort.wait, PATIENCE)
        return self


class Stubborn(Task):
    @report
    async def run(self) -> Self:
        await asyncio.sleep(PATIENCE)
        return self


class StubbornThread(Task):
    release = threading.Event()

    @report
    def run(self) -> Self:
        self.release.wait(PATIENCE)
        return self


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
            released.wait(PATIENCE)  # noqa: ASYNC251,RUF100 (that is the point)
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
