"""How much memory and time a copy of 1 GiB over loopback HTTP takes. The server is a process of its own."""

import shutil
import subprocess
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from benchmarks.environments import ours
from benchmarks.measure import BenchmarkError, Row, medians, run

SIZE = 1 << 30
CHUNK = bytes(range(256)) * 4096
ALLOWED = 100.0
COPY = 'pipeline big {{}}\n\nstep fetch {{\n  copy big {{\n    source      = "http://127.0.0.1:{port}/big"\n    destination = "big"\n  }}\n}}\n'
URLLIB = """
import shutil, sys, urllib.request
with urllib.request.urlopen(sys.argv[1]) as source, open("theirs", "wb") as destination:
    shutil.copyfileobj(source, destination, 1 << 20)
"""


class Big(BaseHTTPRequestHandler):
    """Serves one resource, of 1 GiB, under any name."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """The whole of it."""
        self.do_HEAD()
        for _ in range(SIZE // len(CHUNK)):
            self.wfile.write(CHUNK)

    def do_HEAD(self) -> None:
        """Its length."""
        self.send_response(200)
        self.send_header("Content-Length", str(SIZE))
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002, the name that its base has
        """Nothing."""


def copy(folder: Path) -> list[Row]:
    """`run` of a pipeline of one copy, beside `urllib` in a loop."""
    server = subprocess.Popen([sys.executable, "-m", "benchmarks.copying"], cwd=Path(__file__).parents[1], stdout=subprocess.PIPE, text=True)
    try:
        assert server.stdout is not None
        port = server.stdout.readline().strip()
        (folder / "big.otter").write_text(COPY.format(port=port))
        peaks: list[float] = []

        def mine() -> float:
            shutil.rmtree(folder / "output", ignore_errors=True)
            done = run([ours() / "otterdsl", "run", "big.otter"], folder)
            peaks.append(done.peak)
            _expect(folder / "output" / "big")
            return done.seconds

        def theirs() -> float:
            seconds = run([ours() / "python", "-c", URLLIB, f"http://127.0.0.1:{port}/big"], folder).seconds
            _expect(folder / "theirs")
            return seconds

        seconds, urllib = medians(mine, theirs)
    finally:
        server.terminate()
        server.wait()
    return [
        Row("copy 1 GiB over HTTP, peak memory", max(peaks), "allowed", ALLOWED, 1.0, "MiB"),
        Row("copy 1 GiB over HTTP", seconds, "urllib, 1 MiB at a time", urllib),
    ]


def _expect(path: Path) -> None:
    """See that the copy is whole, and remove it."""
    size = path.stat().st_size
    path.unlink()
    if size != SIZE:
        raise BenchmarkError(f"{path.name} has {size} bytes instead of {SIZE}")


if __name__ == "__main__":
    with ThreadingHTTPServer(("127.0.0.1", 0), Big) as http:
        print(http.server_port, flush=True)
        http.serve_forever()
