"""Lists and files of a server: loops over them, mirrors, attempts that fail or take too long, an interruption while one is asked."""

import json
import signal
import subprocess
import threading
from collections import Counter
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from command_line import PROGRAM, environment, otterdsl, write

FILES = {"/names.txt": b"a\r\n\r\nb\n", "/rows.json": b'{"rows": [{"id": 1, "of": ["x", "y"]}]}', "/a.csv": b"a", "/b.csv": b"b"}


class Server(ThreadingHTTPServer):
    """Serves some files; `/busy.csv` only at the third request; `/silent` never."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Pages)
        self.asked: Counter[str] = Counter()
        self.silent = threading.Event()
        self.over = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class Pages(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        self.server.asked[self.path] += 1
        if self.path == "/silent":
            self.server.silent.set()
            self.server.over.wait(60)
            return
        busy = self.path == "/busy.csv" and self.server.asked[self.path] < 3
        body = b"at last" if self.path == "/busy.csv" else FILES.get(self.path)
        self.send_response(503 if busy else 404 if body is None else 200)
        self.send_header("Content-Length", str(len(body or b"")))
        self.end_headers()
        self.wfile.write(body or b"")

    def log_request(self, code: object = "-", size: object = "-") -> None:
        """Stay quiet."""


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as running:
        thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield running
        running.over.set()
        running.shutdown()
        thread.join()


def entries(folder: Path) -> dict[str, dict[str, Any]]:
    """The tasks of the step, by name."""
    manifest = json.loads((folder / "output" / "manifest.json").read_text(encoding="utf-8"))
    return {task["name"]: task for task in manifest["steps"]["p_s"]["tasks"]}


def test_loops_over_lists_of_a_server_by_way_of_a_mirror(tmp_path: Path, server: Server) -> None:
    text = """\
pipeline p {}
scratchpad { host = "https://lists.example.org" }
step s {
  for name in lines("${host}/names.txt") as files {
    copy "${name}" { source = "${host}/${name}.csv" destination = "in/${name}.csv" }
  }
  for row in json("${host}/rows.json", "rows") {
    for each in row.of { hello_world "${row.id} ${each}" { requires [files] } }
  }
}
"""
    write(tmp_path, {"p.otter": text})
    ended = otterdsl("run", "p.otter", "--mirror", f"https://lists.example.org={server.url}", folder=tmp_path)
    assert ended.code == 0, ended.said
    assert sorted(entries(tmp_path)) == ["copy a", "copy b", "hello_world 1 x", "hello_world 1 y"]
    assert (tmp_path / "output" / "in" / "b.csv").read_bytes() == b"b"
    assert server.asked["/names.txt"] == server.asked["/rows.json"] == 1


def test_a_list_that_is_not_there_fails_where_the_loop_stands(tmp_path: Path, server: Server) -> None:
    write(tmp_path, {"p.otter": f'step s {{\n  for l in lines("{server.url}/none.txt") {{ hello_world "${{l}}" {{}} }}\n}}\n'})
    ended = otterdsl("run", "p.otter", folder=tmp_path)
    assert ended.code == 1
    assert "p.otter:2: the loop over lines(" in ended.said
    assert "404" in ended.said


def test_a_busy_server_is_asked_again(tmp_path: Path, server: Server) -> None:
    fields = f'source = "{server.url}/busy.csv" destination = "busy.csv" retries = 2 retry_delay = "10ms"'
    write(tmp_path, {"p.otter": f"pipeline p {{}}\nstep s {{ copy busy {{ {fields} }} }}\n"})
    ended = otterdsl("run", "p.otter", folder=tmp_path)
    assert ended.code == 0, ended.said
    assert ended.said.count("retried  s: copy busy: ") == 2
    attempts = entries(tmp_path)["copy busy"]["attempts"]
    assert ["503" in (each["reason"] or "") for each in attempts] == [True, True, False]
    assert (tmp_path / "output" / "busy.csv").read_bytes() == b"at last"


def test_a_server_that_says_nothing_is_not_waited_for(tmp_path: Path, server: Server) -> None:
    fields = f'source = "{server.url}/silent" destination = "x.csv" timeout = "300ms" retries = 1 retry_delay = "10ms"'
    write(tmp_path, {"p.otter": f"pipeline p {{}}\nstep s {{ copy slow {{ {fields} }} }}\n"})
    ended = otterdsl("run", "p.otter", folder=tmp_path)
    assert ended.code == 1
    assert "it took longer than its timeout, 300ms" in ended.said
    assert [each["reason"] for each in entries(tmp_path)["copy slow"]["attempts"]] == ["it took longer than its timeout, 300ms"] * 2
    assert not (tmp_path / "output" / "x.csv").exists()


def test_an_interruption_while_a_list_is_asked_for_ends_the_run(tmp_path: Path, server: Server) -> None:
    write(tmp_path, {"p.otter": f'pipeline p {{}}\nstep s {{\n  for l in lines("{server.url}/silent") {{ hello_world "${{l}}" {{}} }}\n}}\n'})
    running = subprocess.Popen([PROGRAM, "run", "p.otter"], cwd=tmp_path, env=environment(), stderr=subprocess.PIPE, text=True)
    assert server.silent.wait(60)
    running.send_signal(signal.SIGINT)
    _, said = running.communicate(timeout=60)
    assert running.returncode == 130, said
    assert "Traceback" not in said
    assert entries(tmp_path) == {}
