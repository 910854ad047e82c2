"""Run a program with all that it starts, in a session of its own, and log its lines as they come.

In: a command, an environment, a folder. Out: how it ended. A program has ended when all that it started has: each holds the end of a pipe, by which
it may tell something too. Cancelled, it is told to terminate, and killed a moment later. asyncio's own subprocesses take a thread each to be waited
for, before Python 3.12. What is absent: what the program is, and what its end means.
"""

import asyncio
import logging
import os
import signal
import subprocess
from asyncio import Future
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from typing import Final

from otterdsl.runtime.executors.threads import Threads

logger = logging.getLogger(__name__)

_TERMINATE_SECONDS: Final = 0.6  # from the request to end until the end: less than a run waits for a cancelled task
_DRAIN_SECONDS: Final = 1.0
_LAST_LINES: Final = 5
_LONGEST_LINE: Final = 10_000
_MOST_LINES: Final = 10_000
_LONGEST_TOLD: Final = 100
_CHUNK: Final = 64 * 1024


@dataclass(frozen=True, slots=True)
class Ended:
    """How a program ended: its exit code (below zero: the signal that killed it), the last lines of its standard error, and what it told.

    `left_behind`: it ended well, but what it had started did not, and was killed.
    """

    code: int
    last_lines: tuple[str, ...]
    told: bytes
    left_behind: bool = False


async def run_process(
    command: Callable[[int], Sequence[str]], env: Mapping[str, str], *, cwd: str, descriptors: Sequence[int] = (), patience: float = 10.0
) -> Ended:
    """Run a program to its end. It reads nothing, and inherits `descriptors`. What it started may take `patience` seconds longer than it.

    `command` is given the descriptor by which the program may tell something.
    Raises: OSError, where it cannot be started; asyncio.CancelledError, when nothing of it runs any more.
    """
    said = _Said()
    with ExitStack() as held:
        out, err, lifeline = (held.enter_context(_Pipe(take)) for take in (said.out, said.err, said.take_told))
        process = subprocess.Popen(  # noqa: ASYNC220 -- it takes as long as a fork does
            command(lifeline.end),
            env=env,
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            stdout=out.end,
            stderr=err.end,
            pass_fds=(*descriptors, lifeline.end),
            start_new_session=True,
        )
        try:
            for pipe in (out, err, lifeline):
                pipe.let_go()
            exited = _exit_of(process, held)
            await asyncio.wait((exited,))
            left_behind = _ended_well(process) and not await _within(patience, out.broken, err.broken, lifeline.broken)
        except asyncio.CancelledError:
            _signal(process.pid, signal.SIGTERM, lifeline)
            await _within(_TERMINATE_SECONDS, exited, lifeline.broken)
            raise
        finally:
            # Nobody waited for the program itself yet, so that its number is still its own, and that of its group and session.
            _signal(process.pid, signal.SIGKILL, lifeline)
            await _within(_DRAIN_SECONDS, exited, out.broken, err.broken, lifeline.broken)
            code = process.poll()
    return Ended(-signal.SIGKILL if code is None else code, tuple(said.last), bytes(said.told), left_behind)


class _Said:
    """What a program says: each line is logged, and the last ones of standard error are kept."""

    __slots__ = ("_count", "_parts", "last", "told")

    def __init__(self) -> None:
        self.last: deque[str] = deque(maxlen=_LAST_LINES)
        self.told = bytearray()
        self._parts = bytearray(), bytearray()
        self._count = 0

    def out(self, data: bytes) -> None:
        """Take a part of standard output; none: its end."""
        for line in _whole(self._parts[0], data):
            self._log(line)

    def err(self, data: bytes) -> None:
        """Take a part of standard error; none: its end."""
        for line in _whole(self._parts[1], data):
            if line:
                self.last.append(line)
            self._log(line)

    def take_told(self, data: bytes) -> None:
        """Take a part of what it tells, of which the end counts."""
        self.told += data
        del self.told[:-_LONGEST_TOLD]

    def _log(self, line: str) -> None:
        self._count += 1
        if self._count < _MOST_LINES:
            logger.info("%s", line)
        elif self._count == _MOST_LINES:
            logger.warning("further lines are left out: there were %d already", _MOST_LINES)


class _Pipe:
    """A pipe whose one end a program and all that it starts inherit: `broken` when none of them holds it any more, or they closed it."""

    __slots__ = ("_loop", "_ours", "_take", "broken", "end")

    def __init__(self, take: Callable[[bytes], None]) -> None:
        self._loop = asyncio.get_running_loop()
        self._take = take
        self.broken: Future[None] = self._loop.create_future()
        self._ours, self.end = os.pipe()

    def __enter__(self) -> "_Pipe":
        os.set_blocking(self._ours, False)
        self._loop.add_reader(self._ours, self._read)
        return self

    def __exit__(self, *_: object) -> None:
        self.let_go()
        self._close()

    def let_go(self) -> None:
        """Close the end that the program has inherited by now. Again is nothing."""
        if self.end >= 0:
            os.close(self.end)
            self.end = -1

    def _read(self) -> None:
        try:
            data = os.read(self._ours, _CHUNK)
        except BlockingIOError:
            return
        self._take(data)
        if not data:
            self._close()
            if not self.broken.done():
                self.broken.set_result(None)

    def _close(self) -> None:
        if self._ours >= 0:
            self._loop.remove_reader(self._ours)
            os.close(self._ours)
            self._ours = -1


def _exit_of(process: "subprocess.Popen[bytes]", held: ExitStack) -> "Future[None]":
    """A future that comes about when the program has ended, which a thread waits for where the system tells no other way."""
    loop = asyncio.get_running_loop()
    exited: Future[None] = loop.create_future()

    def settle() -> None:
        if not exited.done():
            exited.set_result(None)

    try:
        descriptor = os.pidfd_open(process.pid)
    except (AttributeError, OSError):
        threads = Threads("otterdsl-wait")
        held.callback(threads.close)
        waited = threads.call(process.wait)
        asyncio.ensure_future(waited).add_done_callback(lambda _: settle())
        return exited

    def noticed() -> None:
        loop.remove_reader(descriptor)
        settle()

    held.callback(os.close, descriptor)
    held.callback(loop.remove_reader, descriptor)
    loop.add_reader(descriptor, noticed)
    return exited


def _ended_well(process: "subprocess.Popen[bytes]") -> bool:
    """Whether a program that has ended did so with exit code 0; it is not waited for yet."""
    if process.returncode is not None or not hasattr(os, "waitid"):
        return process.wait() == 0
    found = os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    return found is not None and found.si_code == os.CLD_EXITED and found.si_status == 0


async def _within(patience: float, *futures: "Future[None]") -> bool:
    """Whether all of them come about in so many seconds."""
    waiting = [each for each in futures if not each.done()]
    return not waiting or not (await asyncio.wait(waiting, timeout=patience))[1]


def _signal(session: int, number: signal.Signals, lifeline: _Pipe) -> None:
    """Send a signal to the group that leads a session; where others are left, as `timeout` and job control make them, to each group in it."""
    for group in (session, *(() if lifeline.broken.done() else _groups(session))):
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(group, number)


def _groups(session: int) -> set[int]:
    """The process groups of a session, where the system lists its processes."""
    found: set[int] = set()
    with suppress(OSError):
        for name in os.listdir("/proc"):
            with suppress(OSError, ValueError):
                if os.getsid(int(name)) == session:
                    found.add(os.getpgid(int(name)))
    return found - {session}


_ESCAPES: Final = {code: f"\\x{code:02x}" for code in (*range(0x09), *range(0x0A, 0x20), *range(0x7F, 0xA0))}


def _whole(part: bytearray, data: bytes) -> list[str]:
    """The lines that are whole now; at the end (no data), what no newline ends. Mutates `part`, which holds what came before."""
    *whole, rest = data.split(b"\n") if data else [b""] * bool(part) + [b""]
    lines = []
    for line in whole:
        part += line
        lines.append(_line(part))
        part.clear()
    part += rest
    del part[_LONGEST_LINE:]  # a line that never ends is cut, and not held in memory
    return lines


def _line(data: bytearray) -> str:
    """A line as it is shown: control characters escaped, since a console obeys some, and of what writes over itself the last."""
    return data[:_LONGEST_LINE].rstrip(b"\r").rpartition(b"\r")[2].decode(errors="replace").translate(_ESCAPES)
