"""The parent's side of the child process: start it, ask it, and say what became of it.

In: JSON-able requests. Out: answers, or `Dead` with the reason. What is absent: what the requests mean. Nothing that the child does, dying or hanging
included, raises here.
"""

import json
import os
import re
import selectors
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final

from otterdsl.compiler.specs.child import COUNTER
from otterdsl.compiler.specs.places import innermost

_START: Final = """
import sys
try:
    import otterdsl.compiler.specs.child as child
except ImportError:
    sys.path.append(sys.argv[1])
    import otterdsl.compiler.specs.child as child
child.main()
"""
_ROOT: Final = Path(__file__).parents[3]
_GRACE: Final = 5.0  # the child ends itself when its time is up; only if it does not, we do
_FRAME: Final = re.compile(r'^  File "(?P<file>.*)", line (?P<line>\d+) in ', re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Dead:
    """The child did not answer: why, on one line, and which request of a batch it was at."""

    reason: str
    at: int = 0


class Child:
    """A child process. Close it after use; a dead one stays dead."""

    def __init__(self, import_path: Sequence[str], timeout: float) -> None:
        self._timeout = timeout
        self._record: IO[bytes] = tempfile.TemporaryFile(buffering=0)  # noqa: SIM115 (lives as long as the child does)
        self._record.write(COUNTER.pack(0))  # the child shares this file's position: what it dumps comes after
        of_child, self._to = os.pipe()
        self._from, to_us = os.pipe()
        self._process = subprocess.Popen(
            [sys.executable, *_flags(), "-P", "-c", _START, str(_ROOT)],
            stdin=of_child,
            stdout=to_us,
            stderr=self._record,
            start_new_session=True,  # its own group, so that what it starts ends with it
        )
        os.close(of_child)
        os.close(to_us)
        os.set_blocking(self._to, False)
        self._unsent = _line({"path": list(import_path), "timeout": timeout})
        self.alive = True

    def ask(self, request: Mapping[str, Any]) -> dict[str, Any] | Dead:
        """The child's answer to a request."""
        if not self.alive:
            return Dead("the process that imports packages has ended")
        deadline = time.monotonic() + self._timeout + _GRACE
        received = self._exchange(self._unsent + _line(request), deadline)
        self._unsent = b""
        if received.endswith(b"\n"):
            with suppress(ValueError):
                answer = json.loads(received)
                if isinstance(answer, dict) and answer.keys() & {"types", "problems", "failed"}:
                    return answer
        return self._end(late=time.monotonic() >= deadline)

    def _exchange(self, data: bytes, deadline: float) -> bytes:
        """Send `data`, and all that comes back: up to the end of a line, or what there was when the child ended or its time was up."""
        received = bytearray()
        with selectors.DefaultSelector() as selector:
            selector.register(self._from, selectors.EVENT_READ)
            selector.register(self._to, selectors.EVENT_WRITE)
            while not received.endswith(b"\n") and time.monotonic() < deadline:
                events = selector.select(timeout=0.1)
                for key, _ in events:
                    if key.fd == self._to:
                        data = self._sent(data)
                        if not data:
                            selector.unregister(self._to)
                        continue
                    chunk = os.read(self._from, 1 << 16)
                    if not chunk:
                        return bytes(received)
                    received += chunk
                # A process that the child started may hold the channel open: the end of the child is what counts.
                if not events and self._process.poll() is not None:
                    break
        return bytes(received)

    def _sent(self, data: bytes) -> bytes:
        """What is left of `data` after a write; nothing when the child no longer reads, which its answer's end will tell."""
        try:
            return data[os.write(self._to, data) :]
        except BlockingIOError:
            return data
        except OSError:
            return b""

    def _end(self, *, late: bool) -> Dead:
        """End the child and say what became of it; `late` is whether it was given up."""
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(0.5)
        code = self._process.returncode
        self._kill()
        self._record.seek(0)
        (at,) = COUNTER.unpack(self._record.read(COUNTER.size))
        return Dead(self._reason(code, late, self._record.read(1 << 16).decode("utf-8", "replace")), at)

    def _reason(self, code: int | None, late: bool, stack: str) -> str:
        """Why the child ended, from its exit code (None: it had not ended) and the stack it left."""
        where = innermost((found["file"], int(found["line"])) for found in _FRAME.finditer(_thread(stack)))
        at = f" at {where}" if where else ""
        if late or stack.startswith("Timeout"):
            return f"it did not answer within {self._timeout:g} s{at}"
        if code is None:
            return "it closed files of the process that imports it, or wrote into them"
        if code < 0:
            with suppress(ValueError):
                return f"it was ended by {signal.Signals(-code).name}{at}"
            return f"it was ended by signal {-code}{at}"
        return f"it ended the process with exit code {code}{at}"

    def _kill(self) -> None:
        self.alive = False
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def close(self) -> None:
        """End the child and all that it started. Again is nothing."""
        if self._record.closed:
            return
        self._kill()
        self._record.close()
        os.close(self._to)
        os.close(self._from)


def _thread(stack: str) -> str:
    """The part of a dumped stack that counts: the thread that crashed, else the main thread, which stands last."""
    threads = re.split(r"^(?=Current thread |Thread )", stack, flags=re.MULTILINE)
    return next((thread for thread in threads if thread.startswith("Current")), threads[-1])


def _line(message: Mapping[str, Any]) -> bytes:
    return json.dumps(message).encode() + b"\n"


def _flags() -> list[str]:
    """The interpreter's own options that decide what is imported, and from where."""
    chosen = {"-I": sys.flags.isolated, "-E": sys.flags.ignore_environment, "-s": sys.flags.no_user_site, "-B": sys.dont_write_bytecode}
    return [flag for flag, on in chosen.items() if on]
