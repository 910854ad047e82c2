"""What a server may answer that no server should: every answer is a file, or an error of one line."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import suppress
from types import SimpleNamespace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from otterdsl.runtime.storage import AsyncStorageHandle, StorageHandle
from otterdsl.runtime.util.errors import OtterError, StorageError


class Raw:
    """A server that sends the same bytes to whoever connects."""

    def __init__(self) -> None:
        self.answer = b""
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}/x"
        self.thread = threading.Thread(target=self._serve, daemon=True)
        self.thread.start()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            with suppress(OSError), connection:
                connection.recv(65536)
                connection.sendall(self.answer)
                connection.shutdown(socket.SHUT_WR)
                connection.settimeout(0.5)
                connection.recv(1)

    def close(self) -> None:
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.thread.join()


@pytest.fixture
def raw(server, monkeypatch) -> Iterator[Raw]:
    # A redirection that was bent must not be looked up in the world.
    monkeypatch.setattr(socket, "getaddrinfo", _unknown)
    odd = Raw()
    yield odd
    odd.close()


def _unknown(*_args: object, **_kwargs: object) -> None:
    raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")


OK = b"HTTP/1.1 200 OK\r\n"
FOUND = b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\n"


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (b"", "the server closed the connection without an answer"),
        (b"HTTP/1.1 404 Not\x1b[31m Found\r\n\r\n", "the server answered 404 Not\\x1b[31m Found"),
        (b"HTTP/1.1 999 Odd\r\n\r\n", "the server answered 999 Odd"),
        (b"HTTP/1.1 100 Continue\r\n\r\n", "the server closed the connection without an answer"),
        (OK + b"Content-Length: -5\r\n\r\nhello", "the server's answer is not HTTP"),
        (OK + b"Content-Length: 3\r\nContent-Length: 5\r\n\r\nhello", "the server's answer is not HTTP"),
        (OK + b"X: " + b"a" * 200_000 + b"\r\n\r\n", "the server's answer is not HTTP"),
        (OK + b"Transfer-Encoding: chunked\r\n\r\nfffffffffffffffffff\r\nabc", "the server's answer is not HTTP"),
        (OK + b"Content-Length: 9\r\n\r\nhello", "the body was cut off after 5 of 9 bytes"),
        (FOUND + b"\r\n", "the server answered 302 Found"),
        (FOUND + b"Location: http://[::1\r\n\r\n", "it is redirected to what is no http(s) address: `http://[::1`"),
        (FOUND + b"Location: http://a\xff/\r\n\r\n", "it is redirected to an address that cannot be sent"),
    ],
    ids=range(12),
)
def test_an_odd_answer(raw, config, root, answer, reason):
    raw.answer = answer
    with pytest.raises(OtterError) as raised:
        asyncio.run(AsyncStorageHandle(raw.url, config).copy_to(AsyncStorageHandle("x", config)))
    assert f": {reason}" in str(raised.value)
    assert str(raised.value).startswith(f"`{raw.url}` ")
    assert str(raised.value).isprintable()
    assert not root.exists() or os.listdir(root) == []


def test_a_body_that_ends_with_the_connection(raw, config):
    raw.answer = b"HTTP/1.0 200 OK\r\n\r\nall there is"
    assert StorageHandle(raw.url, config).read()[0] == b"all there is"


WHOLE = (OK + b"Content-Length: 5\r\n\r\nhello", OK + b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n", FOUND + b"Location: /x\r\n\r\n")


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(WHOLE), st.integers(0, 60), st.integers(0, 6), st.binary(max_size=4))
def test_any_answer_is_a_file_or_an_error(raw, tmp_path, answer, start, length, instead):
    raw.answer = answer[:start] + instead + answer[start + length :]
    config = SimpleNamespace(work_path=tmp_path, release_uri=None)
    try:
        StorageHandle(raw.url, config).copy_to(StorageHandle("x", config))
        assert os.listdir(tmp_path) == ["x"]
        (tmp_path / "x").unlink()
    except OtterError as error:
        message = str(error)
        assert message.isprintable(), message
    assert os.listdir(tmp_path) == []


def test_a_killed_download_leaves_the_old_file(server, config, root):
    StorageHandle("x", config).write(b"old")
    program = f"""
from types import SimpleNamespace
from otterdsl.runtime.storage import StorageHandle
config = SimpleNamespace(work_path={str(root)!r}, release_uri=None)
StorageHandle({server.url("/stall")!r}, config).copy_to(StorageHandle("x", config))
"""
    process = subprocess.Popen([sys.executable, "-c", program])
    while process.poll() is None and os.listdir(root) == ["x"]:
        threading.Event().wait(0.01)
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    assert (root / "x").read_bytes() == b"old"
    assert StorageHandle("", config).glob("**") == [f"{root}/x"]
    with pytest.raises(StorageError, match="cut off"):
        StorageHandle(server.url("/cut"), config).copy_to(StorageHandle("x", config))
