"""`report` and the record that it keeps."""

import asyncio
import json
import logging
from collections.abc import Callable
from datetime import UTC
from typing import Any, Self

import pytest

from otterdsl.runtime.config.model import Config
from otterdsl.runtime.manifest.model import Artifact, Result, TaskManifest
from otterdsl.runtime.scratchpad.model import Scratchpad
from otterdsl.runtime.task.model import Spec, Task, TaskContext
from otterdsl.runtime.task.task_reporter import TaskReporter, report
from otterdsl.runtime.util.errors import TaskAbortedError, TaskValidationError


class Async(Task):
    @report
    async def run(self) -> Self:
        return self


class Sync(Task):
    @report
    def run(self) -> Self:
        return self


class Validated(Async):
    @report
    def validate(self) -> Self:
        return self


def make(of: type[Task]) -> Task:
    return of(Spec(name="some task"), TaskContext(Config(step="s"), Scratchpad()))


def raising(error: BaseException) -> type[Task]:
    class Raising(Task):
        @report
        async def run(self) -> Self:
            raise error

    return Raising


def test_a_reporter_starts_with_an_empty_record() -> None:
    reporter = TaskReporter("some task")
    assert reporter.manifest == TaskManifest(name="some task")
    assert reporter.manifest.result is Result.PENDING
    assert reporter.artifacts == []


@pytest.mark.parametrize("of", [Async, Sync])
def test_report_makes_an_async_function_of_either_kind(of: type[Task]) -> None:
    made = make(of)
    assert asyncio.iscoroutinefunction(of.run)
    assert asyncio.run(made.run()) is made
    record = made.manifest
    assert record.result is Result.SUCCESS
    assert record.started_run_at is not None
    assert record.finished_run_at is not None
    assert record.started_run_at.tzinfo is UTC
    assert record.run_elapsed is not None
    assert record.elapsed == record.run_elapsed
    assert record.validation_elapsed is None


def test_a_task_with_validation_succeeds_only_once_it_is_validated() -> None:
    made = make(Validated)
    asyncio.run(made.run())
    assert made.manifest.result is Result.PENDING
    asyncio.run(made.validate())
    assert made.manifest.result is Result.SUCCESS
    record = made.manifest
    assert record.elapsed == pytest.approx((record.run_elapsed or 0) + (record.validation_elapsed or 0))


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (TaskValidationError("it is empty"), "it is empty"),
        (ValueError("bad"), "ValueError: bad"),
        (KeyError("x"), "KeyError: 'x'"),
        (ZeroDivisionError(), "ZeroDivisionError"),
        (SystemExit(3), "it called sys.exit(3)"),
        (KeyboardInterrupt(), "KeyboardInterrupt"),
    ],
)
def test_what_a_task_raises_is_its_failure(error: BaseException, reason: str) -> None:
    made = make(raising(error))
    assert asyncio.run(made.run()) is made
    assert made.manifest.result is Result.FAILURE
    assert made.manifest.failure_reason == reason
    assert made.manifest.finished_run_at is not None


def test_an_aborted_task_says_so() -> None:
    made = make(raising(TaskAbortedError()))
    asyncio.run(made.run())
    assert made.manifest.result is Result.ABORTED


def test_being_cancelled_is_not_swallowed() -> None:
    class Slow(Task):
        @report
        async def run(self) -> Self:
            await asyncio.sleep(60)
            return self

    async def cancel() -> None:
        attempt = asyncio.create_task(make(Slow).run())
        await asyncio.sleep(0)
        attempt.cancel()
        with pytest.raises(asyncio.CancelledError):
            await attempt

    asyncio.run(cancel())


@pytest.mark.parametrize(("given", "said"), [(None, "nothing"), (3, "a int"), ("x", "a str")])
def test_anything_but_the_task_itself_is_a_failure_that_says_so(given: object, said: str) -> None:
    class Wrong(Task):
        @report
        async def run(self) -> Any:
            return given

    made = make(Wrong)
    asyncio.run(made.run())
    assert made.manifest.failure_reason == f"`run` gave back {said}: it must return the task itself (`return self`)"


def test_a_method_reported_within_a_reported_one_of_its_kind_counts_once() -> None:
    class Outer(raising(ValueError("inner"))):
        @report
        async def run(self) -> Self:
            await super().run()
            return self

    made = make(Outer)
    asyncio.run(made.run())
    assert made.manifest.failure_reason == "ValueError: inner"


def test_a_function_without_a_name_cannot_be_reported() -> None:
    class Nameless:
        def __call__(self) -> None:
            return None

    with pytest.raises(ValueError, match="needs a name"):
        report(Nameless())


def test_a_failure_is_logged_with_its_traceback(caplog: pytest.LogCaptureFixture) -> None:
    asyncio.run(make(raising(ValueError("bad"))).run())
    assert caplog.records[0].exc_info is not None
    assert "task some task failed in run: ValueError: bad" in caplog.text


@pytest.mark.parametrize(
    ("call", "result"),
    [
        (lambda reporter: reporter.finish_run(), Result.PENDING),
        (lambda reporter: reporter.finish_run(done=True), Result.SUCCESS),
        (lambda reporter: reporter.finish_validation(), Result.SUCCESS),
        (lambda reporter: reporter.abort(), Result.ABORTED),
        (lambda reporter: reporter.fail(ValueError("x"), "run"), Result.FAILURE),
    ],
)
def test_each_move_of_a_reporter_has_its_result(call: Callable[[TaskReporter], None], result: Result, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.CRITICAL)
    reporter = TaskReporter("some task")
    reporter.start_run()
    reporter.start_validation()
    call(reporter)
    assert reporter.manifest.result is result


def test_a_record_has_otters_fields() -> None:
    made = make(Validated)
    made.artifacts = [Artifact(source=["a", "b"], destination="c")]
    asyncio.run(made.run())
    assert list(json.loads(made.manifest.model_dump_json())) == [
        "name",
        "result",
        "started_run_at",
        "finished_run_at",
        "started_validation_at",
        "finished_validation_at",
        "log",
        "artifacts",
        "failure_reason",
        "run_elapsed",
        "validation_elapsed",
        "elapsed",
    ]
