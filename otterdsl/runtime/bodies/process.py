"""Run a program with all that it starts, in a session of its own, and log its lines as they come.

In: a command, an environment, a folder. Out: how it ended. A program has ended when all that it started has: each holds the end of a pipe that nobody
writes to. Cancelled, it is told to terminate, and killed a moment later. What is absent: what the program is, and what its end means.
"""

import asyncio
import logging
import os
import signal
from collections import deque
from collections.abc import Coroutine, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

logger = logging.getLogger(__name__)

_TERMINATE_SECONDS: Final = 0.6  # from the request to end until the end: less than a run waits for a cancelled task
_DRAIN_SECONDS: Final = 1.0
_LAST_LINES: Final = 5
_LONGEST_LINE: Final = 10_000
_MOST_LINES: Final = 10_000
_STDOUT: Final = 1
_STDERR: Final = 2


@dataclass(frozen=True, slots=True)
class Ended:
    """How a program ended: its exit code (below zero: the signal that killed it) and the last lines of its standard error.

    `left_behind`: it ended well, but what it had started did not, and was killed.
    """

    code: int
    last_lines: tuple[str, ...]
    left_behind: bool = False


async def run_process(command: Sequence[str], env: Mapping[str, str], *, cwd: str, descriptors: Sequence[int] = (), patience: float = 10.0) -> Ended:
    """Run a program to its end. It reads nothing, and inherits `descriptors`. What it started may take `patience` seconds longer than it.

    Raises: OSError, where it cannot be started; asyncio.CancelledError, when nothing of it runs any more.
    """
    loop = asyncio.get_running_loop()
    with _Lifeline() as lifeline:
        start = loop.subprocess_exec(
            _Lines,
            *command,
            env=env,
            cwd=cwd,
            stdin=asyncio.subprocess.DEVNULL,
            pass_fds=(*descriptors, lifeline.end),
            start_new_session=True,
        )
        transport, lines, interrupted = await _unbroken(start)
        lifeline.let_go()
        group = transport.get_pid()
        try:
            if interrupted:
                raise asyncio.CancelledError
            await asyncio.shield(lines.exited)
            # Read before the group is killed: that it is none of ours any more decides nothing here.
            code = transport.get_returncode() or 0
            left_behind = code == 0 and not await _within(patience, lines.closed, lifeline.broken)
            return Ended(code, lines.last, left_behind)
        except asyncio.CancelledError:
            _signal(group, signal.SIGTERM)
            await _within(_TERMINATE_SECONDS, lines.exited, lifeline.broken)
            raise
        finally:
            _signal(group, signal.SIGKILL)
            await _within(_DRAIN_SECONDS, lines.exited, lines.closed)
            transport.close()


class _Lines(asyncio.SubprocessProtocol):
    """Logs what a program writes, line by line."""

    def __init__(self) -> None:
        loop = asyncio.get_running_loop()
        self.exited: asyncio.Future[None] = loop.create_future()
        self.closed: asyncio.Future[None] = loop.create_future()
        self._parts = {_STDOUT: bytearray(), _STDERR: bytearray()}
        self._last: deque[str] = deque(maxlen=_LAST_LINES)
        self._count = 0

    @property
    def last(self) -> tuple[str, ...]:
        """The last lines of standard error, one that is not ended too."""
        return tuple(self._last)

    def pipe_data_received(self, fd: int, data: bytes) -> None:
        """Log the lines that are whole."""
        part = self._parts[fd]
        *whole, rest = data.split(b"\n")
        for line in whole:
            self._log(fd, bytes(part) + line)
            part.clear()
        part += rest
        del part[_LONGEST_LINE:]  # a line that never ends is cut, and not held in memory

    def pipe_connection_lost(self, fd: int, exc: Exception | None) -> None:
        """Log what came last, though no newline ends it."""
        if self._parts.get(fd):
            self._log(fd, bytes(self._parts[fd]))
            self._parts[fd].clear()

    def process_exited(self) -> None:
        """The program has ended; what it started may hold its pipes open."""
        _settle(self.exited)

    def connection_lost(self, exc: Exception | None) -> None:
        """The program has ended, and nobody holds its pipes any more."""
        _settle(self.closed)

    def _log(self, fd: int, line: bytes) -> None:
        # A bar that shows how far something is writes over itself: what stands there in the end counts.
        text = _printable(line[:_LONGEST_LINE].rstrip(b"\r").rpartition(b"\r")[2].decode(errors="replace"))
        if fd == _STDERR and text:
            self._last.append(text)
        self._count += 1
        if self._count < _MOST_LINES:
            logger.info("%s", text)
        elif self._count == _MOST_LINES:
            logger.warning("further lines are left out: there are %d already", _MOST_LINES)


class _Lifeline:
    """A pipe whose one end a program and all that it starts inherit, unless they close it: `broken` when none of them is left."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self.broken: asyncio.Future[None] = self._loop.create_future()
        self._ours, self.end = os.pipe()

    def __enter__(self) -> "_Lifeline":
        self._loop.add_reader(self._ours, self._look)
        return self

    def __exit__(self, *_: object) -> None:
        self.let_go()
        self._loop.remove_reader(self._ours)
        os.close(self._ours)

    def let_go(self) -> None:
        """Close the end that the program has inherited by now. Again is nothing."""
        if self.end >= 0:
            os.close(self.end)
            self.end = -1

    def _look(self) -> None:
        # Somebody may write to it, who should not: that says nothing.
        if not os.read(self._ours, 4096):
            self._loop.remove_reader(self._ours)
            _settle(self.broken)


async def _unbroken(start: Coroutine[Any, Any, tuple[asyncio.SubprocessTransport, _Lines]]) -> tuple[asyncio.SubprocessTransport, _Lines, bool]:
    """What starting gave, and whether the caller was cancelled meanwhile: a program that is half started could not be ended with all it started."""
    starting = asyncio.ensure_future(start)
    interrupted = False
    while not starting.done():
        try:
            await asyncio.wait({starting})
        except asyncio.CancelledError:
            interrupted = True
    return *starting.result(), interrupted


async def _within(patience: float, *futures: "asyncio.Future[None]") -> bool:
    """Whether all of them came about in so many seconds."""
    _, pending = await asyncio.wait(futures, timeout=patience)
    return not pending


def _signal(group: int, number: signal.Signals) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(group, number)


def _settle(future: "asyncio.Future[None]") -> None:
    if not future.done():
        future.set_result(None)


_ESCAPES: Final = {code: f"\\x{code:02x}" for code in (*range(0x09), *range(0x0A, 0x20), *range(0x7F, 0xA0))}


def _printable(text: str) -> str:
    """The text with control characters shown escaped: a console obeys some."""
    return text.translate(_ESCAPES)
