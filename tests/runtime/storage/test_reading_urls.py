import asyncio
import socket
import ssl
import threading
from pathlib import Path

import pytest

from otterdsl.runtime.config.model import Config
from otterdsl.runtime.storage import AsyncStorageHandle, StorageHandle, http
from otterdsl.runtime.util.errors import NotFoundError, OtterError, StorageError


def fails(url: str, error: type[OtterError] = StorageError) -> str:
    """The message of the failure to read a URL, the same in both handles and in a copy."""
    with pytest.raises(OtterError) as waited:
        StorageHandle(url).read()
    with pytest.raises(OtterError) as looped:
        asyncio.run(AsyncStorageHandle(url).read())
    assert type(waited.value) is type(looped.value) is error
    assert str(waited.value) == str(looped.value)
    assert "\n" not in str(waited.value)
    return str(waited.value)


def test_reads_and_tells_of_a_resource(server):
    server.files["/a.txt"] = "größe\n".encode()
    handle = StorageHandle(server.url("/a.txt"))
    assert handle.read() == ("größe\n".encode(), None)
    assert handle.read_text() == ("größe\n", None)
    assert handle.stat().size == 8
    assert handle.stat().is_reg
    assert not handle.stat().is_dir


def test_async_reads_and_tells_of_a_resource(server):
    server.files["/a.txt"] = b"text"

    async def both():
        handle = AsyncStorageHandle(server.url("/a.txt"))
        with await handle.open() as file:
            opened = file.read()
        return await handle.read_text(), (await handle.stat()).size, opened

    assert asyncio.run(both()) == (("text", None), 4, "text")


def test_opens_a_url_as_a_file(server):
    server.files["/a.txt"] = b"one\ntwo\n"
    with StorageHandle(server.url("/a.txt")).open() as file:
        assert list(file) == ["one\n", "two\n"]
    with StorageHandle(server.url("/a.txt")).open("rb") as file:
        file.seek(4)
        assert file.read() == b"two\n"


def test_revision_is_the_etag_else_the_time(server):
    found = StorageHandle(server.url("/etag")).stat()
    assert found.revision == '"v1"'
    assert found.mtime == 1795514400.0
    undated = StorageHandle(server.url("/bad-date")).stat()
    assert (undated.revision, undated.mtime) == ("yesterday", None)


def test_a_server_without_head_is_asked_by_get(server):
    assert StorageHandle(server.url("/no-head")).stat().size == 11
    assert [method for method, _, _ in server.requests] == ["HEAD", "GET"]


def test_chunks_have_no_size_but_a_body(server):
    assert StorageHandle(server.url("/chunks")).stat().size is None
    assert StorageHandle(server.url("/chunks")).read()[0] == b"abcde"


def test_bytes_are_kept_as_served_and_no_encoding_is_asked_for(server):
    assert StorageHandle(server.url("/gzip")).read()[0] == b"\x1f\x8b not really"
    assert "accept-encoding" not in server.requests[-1][2]


@pytest.mark.parametrize(
    ("written", "sent"),
    [
        ("/a%20b%2Fc?x=%41&y=a+b&z=%zz", "/a%20b%2Fc?x=%41&y=a+b&z=%zz"),
        ("/a b", "/a%20b"),
        ("/größe/日.json?q=ü", "/gr%C3%B6%C3%9Fe/%E6%97%A5.json?q=%C3%BC"),
        ("/a/../b/./c//d", "/a/../b/./c//d"),
        ("/x#part", "/x"),
        ("/x?a#b?c", "/x?a"),
        ("/'(a)!*[b]{c}|\"<>^`", "/'(a)!*[b]{c}|\"<>^`"),
    ],
)
def test_an_address_is_sent_as_it_is_written(server, written, sent):
    with pytest.raises(NotFoundError):
        StorageHandle(server.url(written)).read()
    assert server.paths("GET") == [sent]


def test_redirects_are_followed_with_their_escapes(server):
    server.files["/there"] = b"there"
    assert StorageHandle(server.url("/away")).read()[0] == b"there"
    assert server.paths("GET")[-1] == "/there?signed=a%2Fb"


@pytest.mark.parametrize("path", ["/missing", "/gone"])
def test_what_is_not_there_is_not_found(server, path):
    message = fails(server.url(path), NotFoundError)
    assert server.url(path) in message
    assert "the server answered 4" in message
    with pytest.raises(NotFoundError):
        StorageHandle(server.url(path)).stat()


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("/500", "the server answered 500 Internal Server Error"),
        ("/403", "the server answered 403 Forbidden"),
        ("/206", "the server answered 206 Partial Content"),
        ("/204", "the server answered 204 No Content"),
        ("/cut", "the body was cut off after 1000 of 5000 bytes"),
        ("/cut-chunks", "the body was cut off after 1000 bytes"),
        ("/loop", "it is redirected more than 10 times"),
        ("/to-ftp", "it is redirected to what is no http(s) address: `ftp://127.0.0.1/x`"),
        ("/hang-up", "the server closed the connection without an answer"),
        ("/garbage", "the server's answer is not HTTP"),
    ],
)
def test_a_failing_server_is_named_with_its_reason(server, path, reason):
    message = fails(server.url(path))
    assert message.startswith(f"`{server.url(path)}` cannot be read: {reason}")


def test_a_refused_connection():
    with socket.create_server(("127.0.0.1", 0)) as held:
        port = held.getsockname()[1]
    assert (
        fails(f"http://127.0.0.1:{port}/x") == f"`http://127.0.0.1:{port}/x` cannot be read: no connection to `127.0.0.1:{port}`: connection refused"
    )


def test_an_unknown_host(monkeypatch):
    def unknown(*_args, **_kwargs):
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    assert fails("http://nowhere.invalid/x") == "`http://nowhere.invalid/x` cannot be read: the host `nowhere.invalid` was not found"


def test_a_server_that_says_nothing(server, monkeypatch):
    monkeypatch.setattr(http, "IDLE_SECONDS", 0.2)
    assert fails(server.url("/silent")).endswith("the server sent nothing for 0.2 s")
    assert fails(server.url("/stall")).endswith("the server sent nothing for 0.2 s")


def test_a_connection_that_does_not_come_about(monkeypatch):
    monkeypatch.setattr(http, "CONNECT_SECONDS", 0.2)
    with socket.create_server(("127.0.0.1", 0), backlog=0) as full:
        waiting = [socket.socket() for _ in range(4)]
        for one in waiting:
            one.setblocking(False)
            one.connect_ex(full.getsockname())
        port = full.getsockname()[1]
        assert fails(f"http://127.0.0.1:{port}/x").endswith("no connection came about within 0.2 s")
        for one in waiting:
            one.close()


def test_an_untrusted_certificate_and_no_tls_at_all(server):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(Path(__file__).parent / "untrusted.pem")
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            try:
                context.wrap_socket(connection, server_side=True).close()
            except OSError:
                connection.close()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    port = listener.getsockname()[1]
    assert fails(f"https://127.0.0.1:{port}/x").endswith("no secure connection to `127.0.0.1`: self-signed certificate")
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()
    thread.join()
    assert "no secure connection to `127.0.0.1`" in fails(server.url("/x").replace("http:", "https:"))


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("http://", "it names no host"),
        ("http:///path", "it names no host"),
        ("http://[::1/x", "invalid IPv6 URL"),
        ("http://host:port/", "port could not be cast"),
        ("http://host:99999/", "port out of range"),
        ("http://ho st/", "its host holds a space"),
        ("http://host/a\nb", "it holds a control character"),
        ("http://host/\x00", "it holds a control character"),
        (f"http://{'ö' * 70}/", "its host cannot be a name"),
    ],
    ids=lambda text: ascii(text)[:30],
)
def test_text_that_is_no_url(text, reason):
    message = fails(text)
    assert "is no URL" in message
    assert reason in message


def test_text_that_is_not_utf_8(server):
    server.files["/latin"] = b"\xff\xfe"
    with pytest.raises(StorageError, match="cannot be read as utf-8 text"):
        StorageHandle(server.url("/latin")).read_text()


def test_a_url_is_neither_written_nor_searched(server, config):
    handle = StorageHandle(server.url("/x"), config)
    for act in (lambda: handle.write(b""), lambda: handle.open("w"), lambda: StorageHandle("x", config).copy_to(handle)):
        with pytest.raises(StorageError, match="http and https are only read from"):
            act()
    with pytest.raises(StorageError, match="http and https list no files"):
        handle.glob("*")
    with pytest.raises(StorageError, match="http and https list no files"):
        asyncio.run(AsyncStorageHandle(server.url("/x")).glob("*"))
    assert server.requests == []


def test_a_password_is_not_shown(server):
    message = fails(server.url("/missing").replace("http://", "http://me:secret@"), NotFoundError)
    assert "secret" not in message
    assert "me:***@" in message
    assert server.requests[-1][2]["authorization"] == "Basic bWU6c2VjcmV0"


def test_a_loop_has_one_session_and_closes_it(server):
    server.files["/a"] = b"a"
    sessions = []

    async def many():
        await asyncio.gather(*(AsyncStorageHandle(server.url("/a")).read() for _ in range(5)))
        sessions.append(await http._session())
        assert await http._session() is sessions[0]
        return asyncio.get_running_loop()

    loop = asyncio.run(many())
    assert sessions[0].closed
    assert loop not in http._sessions


def test_waiting_code_may_ask_from_many_threads(server):
    server.files["/a"] = b"a"
    results: list[bytes] = []
    threads = [threading.Thread(target=lambda: results.append(StorageHandle(server.url("/a")).read()[0])) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [b"a"] * 8


def test_waiting_code_may_ask_from_within_a_loop(server):
    server.files["/a"] = b"a"

    async def within():
        return StorageHandle(server.url("/a")).read()[0]

    assert asyncio.run(within()) == b"a"


def test_mirrors_stand_for_the_longest_beginning(server, tmp_path):
    server.files["/https/example.org/a"] = b"by http"
    server.files["/special/b"] = b"special"
    (tmp_path / "gs" / "bucket").mkdir(parents=True)
    (tmp_path / "gs" / "bucket" / "c.csv").write_bytes(b"by file")
    mirrors = {
        "https://": server.url("/https/"),
        "https://example.org/x/": server.url("/special/"),
        "gs://": f"{tmp_path}/gs/",
        "": "http://never/",
    }
    config = Config(work_path=tmp_path / "release", mirrors=mirrors)
    handle = StorageHandle("https://example.org/a", config)
    assert handle.read()[0] == b"by http"
    assert handle.absolute == "https://example.org/a"
    assert handle.mirror == server.url("/https/example.org/a")
    assert StorageHandle("https://example.org/x/b", config).read()[0] == b"special"
    assert StorageHandle("gs://bucket/", config).glob("*.csv") == ["gs://bucket/c.csv"]
    assert StorageHandle("gs://bucket/c.csv", config).read()[0] == b"by file"
    assert StorageHandle(server.url("/https/example.org/a"), config).mirror is None
    with pytest.raises(StorageError, match="not supported yet"):
        StorageHandle("gs://bucket/c.csv", config).write(b"")
