"""A real HTTP server on loopback, each of whose paths behaves well or badly in its own way. Requests are remembered."""

import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

MIB = bytes(1024 * 1024)


class Loopback:
    """The server: `url` to ask it, `files` that it serves, `requests` that it saw, `most` of them at the same time."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.answers: dict[str, Callable[[BaseHTTPRequestHandler], None]] = dict(ANSWERS)
        self.requests: list[tuple[str, str, dict[str, str]]] = []
        self.closing = threading.Event()
        self.most = 0
        self._now = 0
        self._counting = threading.Lock()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            loopback = outer

            def do_GET(self) -> None:
                outer._answer(self)

            def do_HEAD(self) -> None:
                outer._answer(self)

            def log_message(self, *_: object) -> None:
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 64

            def handle_error(self, *_: object) -> None:
                pass  # a client that goes away is what some tests are about

        self.server = Server(("127.0.0.1", 0), Handler)
        self.port = self.server.server_port
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        self.thread.start()

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    def paths(self, method: str) -> list[str]:
        return [path for one, path, _ in self.requests if one == method]

    def close(self) -> None:
        self.closing.set()
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()

    def _answer(self, request: BaseHTTPRequestHandler) -> None:
        with self._counting:
            self._now += 1
            self.most = max(self.most, self._now)
            self.requests.append((request.command, request.path, {name.lower(): value for name, value in request.headers.items()}))
        try:
            path = request.path.partition("?")[0]
            if path in self.answers:
                self.answers[path](request)
            elif path in self.files:
                send(request, self.files[path])
            else:
                send(request, b"none", status=404)
        finally:
            with self._counting:
                self._now -= 1


def send(request: BaseHTTPRequestHandler, body: bytes, status: int = 200, length: int | None = None, **headers: str) -> None:
    request.send_response(status)
    request.send_header("Content-Length", str(len(body) if length is None else length))
    for name, value in headers.items():
        request.send_header(name.replace("_", "-"), value)
    request.end_headers()
    if request.command == "GET":
        request.wfile.write(body)
        request.wfile.flush()


def _cut(request: BaseHTTPRequestHandler) -> None:
    send(request, b"x" * 1000, length=5000)
    request.close_connection = True


def _cut_chunks(request: BaseHTTPRequestHandler) -> None:
    request.send_response(200)
    request.send_header("Transfer-Encoding", "chunked")
    request.end_headers()
    request.wfile.write(b"3e8\r\n" + b"x" * 1000 + b"\r\n")
    request.wfile.flush()
    request.close_connection = True


def _chunks(request: BaseHTTPRequestHandler) -> None:
    request.send_response(200)
    request.send_header("Transfer-Encoding", "chunked")
    request.end_headers()
    if request.command == "GET":
        request.wfile.write(b"3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n")


def _stall(request: BaseHTTPRequestHandler) -> None:
    send(request, b"x" * 1000, length=5000)
    request.server.RequestHandlerClass.loopback.closing.wait()
    request.close_connection = True


def _silent(request: BaseHTTPRequestHandler) -> None:
    request.server.RequestHandlerClass.loopback.closing.wait()
    request.close_connection = True


def _hang_up(request: BaseHTTPRequestHandler) -> None:
    request.close_connection = True


def _garbage(request: BaseHTTPRequestHandler) -> None:
    request.wfile.write(b"SSH-2.0-no HTTP at all\r\n\r\n")
    request.close_connection = True


def _no_head(request: BaseHTTPRequestHandler) -> None:
    if request.command == "HEAD":
        send(request, b"", status=405)
    else:
        send(request, b"only by GET")


def _slow(request: BaseHTTPRequestHandler) -> None:
    time.sleep(0.05)  # long enough for others to arrive
    send(request, b"slow")


def _big(request: BaseHTTPRequestHandler) -> None:
    count = int(request.path.partition("?")[2])
    request.send_response(200)
    request.send_header("Content-Length", str(count * len(MIB)))
    request.end_headers()
    if request.command == "GET":
        for _ in range(count):
            request.wfile.write(MIB)


def _redirect(location: str) -> Callable[[BaseHTTPRequestHandler], None]:
    return lambda request: send(request, b"", status=302, Location=location)


ANSWERS: dict[str, Callable[[BaseHTTPRequestHandler], None]] = {
    "/cut": _cut,
    "/cut-chunks": _cut_chunks,
    "/chunks": _chunks,
    "/stall": _stall,
    "/silent": _silent,
    "/hang-up": _hang_up,
    "/garbage": _garbage,
    "/no-head": _no_head,
    "/big": _big,
    "/loop": _redirect("/loop"),
    "/away": _redirect("/there?signed=a%2Fb"),
    "/to-ftp": _redirect("ftp://127.0.0.1/x"),
    "/500": lambda request: send(request, b"oops", status=500),
    "/403": lambda request: send(request, b"no", status=403),
    "/206": lambda request: send(request, b"part", status=206),
    "/204": lambda request: send(request, b"", status=204),
    "/gone": lambda request: send(request, b"", status=410),
    "/etag": lambda request: send(request, b"tagged", ETag='"v1"', Last_Modified="Tue, 24 Nov 2026 10:00:00 GMT"),
    "/bad-date": lambda request: send(request, b"dated", Last_Modified="yesterday"),
    "/gzip": lambda request: send(request, b"\x1f\x8b not really", Content_Encoding="gzip"),
}
ANSWERS |= {f"/slow/{number}": _slow for number in range(30)}
