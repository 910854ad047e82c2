"""Lines that tasks log with loguru: in the record of the right task, at the right level, and shown once."""

import asyncio
import logging
import re
import sys
import threading
from collections.abc import Iterator
from contextvars import copy_context

import pytest
from loguru import logger
from steps import Ran, run_step

from otterdsl.runtime.step.logs import ConsoleHandler, console, listening, task_logs
from otterdsl.runtime.step.loguru_lines import Follower, follow
from otterdsl.runtime.task.model import Spec, Task


class Logs(Task):
    """Says something at each level, from where its spec says."""

    async def run(self) -> "Logs":
        match (self.spec.model_extra or {}).get("where", "here"):
            case "here":
                self._speak()
            case "helper":
                await asyncio.to_thread(self._speak)
            case "thread":
                thread = threading.Thread(target=copy_context().run, args=(self._speak,))
                thread.start()
                await asyncio.to_thread(thread.join)
            case "later":
                await asyncio.gather(*(asyncio.create_task(self._speak_later()) for _ in range(2)))
        return self

    async def _speak_later(self) -> None:
        await asyncio.sleep(0.01)
        self._speak()

    def _speak(self) -> None:
        for level in ("TRACE", "DEBUG", "INFO", "SUCCESS", "WARNING", "ERROR"):
            logger.log(level, "{} says {}", self.name, level.lower())


@pytest.fixture(autouse=True)
def _as_it_was() -> Iterator[None]:
    """Loguru's own handler, anew for each test and gone after it: the tests share one logger."""
    logger.remove()
    yield
    logger.remove()


def lines(ran: Ran) -> dict[str, list[str]]:
    """For each task its own lines, without the times."""
    return {
        record.name: [line.split(" | ", 1)[1] for line in record.log if "otterdsl.runtime" not in line.splitlines()[0]]
        for record in ran.step.manifest.tasks
    }


@pytest.mark.parametrize("where", ["here", "helper", "thread", "later"])
def test_a_line_goes_to_the_task_that_logs_it_wherever_it_does(where: str) -> None:
    names = [f"logs {number}" for number in range(12)]
    found = lines(run_step([Spec(name=name, where=where) for name in names], {"logs": Logs}, log_level="DEBUG"))
    times = 2 if where == "later" else 1
    for name in names:
        said = [re.sub(r":\d+ - ", " - ", line) for line in found[name]]
        expected = [
            f"{level:<8} | test_loguru_lines:_speak - {name} says {level.lower()}" for level in ("DEBUG", "INFO", "SUCCESS", "WARNING", "ERROR")
        ]
        assert sorted(said) == sorted(expected * times)


@pytest.mark.parametrize(("level", "most"), [("TRACE", 6), ("INFO", 4), ("SUCCESS", 3), ("CRITICAL", 0)])
def test_only_lines_from_the_level_on_are_kept(level: str, most: int) -> None:
    assert len(lines(run_step([Spec(name="logs x")], {"logs": Logs}, log_level=level))["logs x"]) == most


def test_the_line_and_the_traceback_are_kept() -> None:
    class Logs(Task):
        def run(self) -> "Logs":
            try:
                raise KeyError("lost")
            except KeyError:
                logger.exception("{} went wrong", "this")
            return self

    (line,) = lines(run_step([Spec(name="logs x")], {"logs": Logs}))["logs x"]
    first, *rest = line.splitlines()
    assert re.fullmatch(r"ERROR    \| test_loguru_lines:run:\d+ - this went wrong", first)
    assert rest[0] == "Traceback (most recent call last):"
    assert rest[-1] == "KeyError: 'lost'"


def test_what_an_application_set_up_in_loguru_stays(capsys: pytest.CaptureFixture[str]) -> None:
    kept: list[str] = []
    logger.add(kept.append, format="{message}", level="ERROR")
    run_step([Spec(name="logs x")], {"logs": Logs})
    logger.error("after")
    assert kept == ["logs x says error\n", "after\n"]
    assert capsys.readouterr().err == ""


class Kept(Follower):
    """Keeps the lines."""

    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(f"{record.levelname} {record.getMessage()}")


def test_a_follower_that_comes_before_loguru_gets_the_lines_from_then_on(monkeypatch: pytest.MonkeyPatch) -> None:
    kept = Kept()
    loguru = sys.modules["loguru"]
    monkeypatch.delitem(sys.modules, "loguru")
    with listening(kept):
        logger.info("nobody knows of loguru")
        monkeypatch.setitem(sys.modules, "loguru", loguru)
        follow()
        follow()
        logger.success("{}% sure", 100)
    logger.info("it is over")
    assert kept.lines == ["SUCCESS 100% sure"]


def test_an_application_may_remove_every_handler_meanwhile() -> None:
    kept = Kept()
    with listening(kept):
        logger.remove()
        logger.info("nobody hears it")
    assert kept.lines == []


@pytest.mark.parametrize("way", ["to logging", "to loguru"])
def test_a_line_that_is_handed_on_between_the_two_is_kept_once(way: str) -> None:
    class Intercepts(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            logger.opt(depth=6).log(record.levelname, record.getMessage())

    class Propagates(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            logging.getLogger("handed.on").handle(record)

    class Both(Task):
        def run(self) -> "Both":
            for _ in range(2):
                logger.info("from loguru") if way == "to logging" else logging.getLogger("mine").info("from logging")
            return self

    handler = Intercepts()
    if way == "to logging":
        logger.add(Propagates(), format="{message}")
    else:
        logging.root.addHandler(handler)
    try:
        (found,) = lines(run_step([Spec(name="both x")], {"both": Both})).values()
    finally:
        logging.root.removeHandler(handler)
    assert len(found) == 2


def test_a_console_shows_a_line_with_the_task_it_belongs_to(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logging.root, "handlers", [])
    with console("INFO"), task_logs("INFO"):
        assert [type(handler) for handler in logging.root.handlers][:1] == [ConsoleHandler]
        logging.getLogger("some.module").info("hello")
        logging.getLogger("some.module").debug("too much")
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d \| INFO     \| some\.module - hello\n", capsys.readouterr().err)
    assert logging.root.handlers == []


def test_there_is_no_console_where_an_application_has_handlers(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logging.root, "handlers", [logging.NullHandler()])
    with console("INFO"):
        assert len(logging.root.handlers) == 1
        logging.getLogger("some.module").error("not for us to show")
    assert capsys.readouterr().err == ""
