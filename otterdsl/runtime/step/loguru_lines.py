"""Lines that packages log with loguru, handed to handlers of Python's own logging.

In: followers, handlers on the root logger that want them. Out: each line, as a record with its level, place and exception. loguru is none of our
dependencies: it is there once something has imported it, perhaps in the middle of a run, so `follow` is called again where that may have happened.
What is absent: the settings that an application has made in loguru, which stay; only its handler of the first hour, which shows everything from
DEBUG up, makes room for a follower that shows lines itself, and comes back after it.
"""

import logging
import sys
from contextlib import suppress
from typing import Any, Final

_FIRST: Final = 0  # the number of the handler that loguru comes with


class Follower(logging.Handler):
    """A handler that takes the lines of loguru too, while it is on the root logger. One that `shows` them does so in place of loguru itself."""

    shows = False
    _sink: int | None = None
    _declined = False
    _took_over = False


def follow() -> None:
    """Give loguru's lines to the followers that do not have them yet, if loguru is there. Mutates loguru's logger, and the followers."""
    if "loguru" not in sys.modules:
        return
    logger = getattr(sys.modules["loguru"], "logger", None)
    if logger is None:  # it is being imported
        return
    for handler in logging.root.handlers:
        if isinstance(handler, Follower) and handler._sink is None and not handler._declined:
            _attach(handler, logger)


def unfollow(handler: Follower) -> None:
    """Give it no more of loguru's lines. Mutates loguru's logger, and the follower."""
    if handler._sink is None:
        return
    logger: Any = sys.modules["loguru"].logger
    with suppress(ValueError):  # an application may have removed all there are
        logger.remove(handler._sink)
        if handler._took_over:
            logger.add(sys.stderr)
    handler._sink, handler._took_over = None, False


def _attach(handler: Follower, logger: Any) -> None:
    if handler.shows:
        try:
            logger.remove(_FIRST)
        except ValueError:
            handler._declined = True  # an application has chosen how its lines are shown
            return
        handler._took_over = True
    handler._sink = logger.add(lambda message: _hand_over(handler, message.record), level=handler.level, format="{message}", diagnose=False)


def _hand_over(handler: Follower, line: dict[str, Any]) -> None:
    error = line["exception"]
    fields = {
        "name": line["name"] or "loguru",
        "msg": line["message"],
        "levelno": line["level"].no,
        "levelname": line["level"].name,
        "pathname": line["file"].path,
        "filename": line["file"].name,
        "module": line["module"],
        "funcName": line["function"],
        "lineno": line["line"],
        "created": line["time"].timestamp(),
        "thread": line["thread"].id,
        "threadName": line["thread"].name,
        "exc_info": None if error is None else (error.type, error.value, error.traceback),
        "loguru": True,
    }
    handler.handle(logging.makeLogRecord(fields))
