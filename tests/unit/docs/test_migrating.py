"""What docs/migrating-from-otter.md shows is so: commands print it, excerpts are in their files, examples check, and Python finds what it imports."""

import importlib
import json
import os
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from fenced import SECONDS, Block, bash, blocks_of, commands_of

from otterdsl.compiler.frontend import check

ROOT = Path(__file__).resolve().parents[3]
DOCUMENT = ROOT / "docs" / "migrating-from-otter.md"
EXAMPLE = ROOT / "examples" / "pis"
CONVERTED = "converted.otter"  # what the commands of the page make of the configuration


def blocks(*languages: str) -> list[Block]:
    return [block for block in blocks_of(DOCUMENT) if block.language in languages]


def name(block: Block) -> str:
    return f"line {block.line}"


class Anything(BaseHTTPRequestHandler):
    """A server that has a file at every address."""

    def do_HEAD(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()

    def do_GET(self) -> None:
        self.do_HEAD()
        self.wfile.write(b"ok")

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def web() -> Iterator[str]:
    """Mirrors, as the environment gives them, that stand for the web."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Anything)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield f"http://=http://127.0.0.1:{server.server_port}/ https://=http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture(scope="module")
def transcript(tmp_path_factory: pytest.TempPathFactory, web: str) -> tuple[Path, list[tuple[str, str, str]]]:
    """The folder in which all commands of the page ran, one after the other, and of each: itself, what the page says it prints, what it printed."""
    folder = tmp_path_factory.mktemp("session") / "pis"
    shutil.copytree(EXAMPLE, folder)
    session = []
    for block in blocks("console"):
        for command, shown in commands_of(block):
            session.append((command, shown, bash(command, folder, OTTERDSL_MIRROR=web).stdout))
    return folder, session


def test_each_command_prints_what_is_shown(transcript: tuple[Path, list[tuple[str, str, str]]]) -> None:
    _, session = transcript
    assert len(session) >= 10
    for command, shown, printed in session:
        assert (command, SECONDS.sub("", printed)) == (command, SECONDS.sub("", shown))


@pytest.mark.parametrize("block", [block for block in blocks("otter") if block.value and block.value != CONVERTED], ids=name)
def test_an_excerpt_is_in_its_file(block: Block) -> None:
    assert block.text in (EXAMPLE / block.value).read_text(encoding="utf-8")


def test_what_is_converted_is_in_the_conversion(transcript: tuple[Path, list[tuple[str, str, str]]]) -> None:
    text = (transcript[0] / CONVERTED).read_text(encoding="utf-8")
    excerpts = [block for block in blocks("otter") if block.value == CONVERTED]
    assert len(excerpts) >= 2
    assert [block.line for block in excerpts if block.text not in text] == []


@pytest.mark.parametrize("block", blocks("yaml"), ids=name)
def test_what_it_was_is_in_the_configuration(block: Block) -> None:
    assert block.text in (EXAMPLE / "config.yaml").read_text(encoding="utf-8")


@pytest.mark.parametrize("block", [block for block in blocks("otter") if not block.value], ids=name)
def test_an_example_has_nothing_wrong(block: Block, tmp_path: Path) -> None:
    (tmp_path / "example.otter").write_text(block.text, encoding="utf-8")
    assert check(tmp_path / "example.otter").diagnostics == ()


def test_the_application_runs_and_says_how_it_came_out(tmp_path: Path) -> None:
    (application,) = blocks("python")
    tasks = tmp_path / "pis" / "tasks"
    tasks.mkdir(parents=True)
    (tasks / "__init__.py").touch()
    (tmp_path / "run.py").write_text(application.text, encoding="utf-8")
    steps = "steps:\n  disease:\n    - name: hello_world x\n  wrong:\n    - name: hello_world x\n      whom: x\n"
    (tmp_path / "config.yaml").write_text(steps, encoding="utf-8")
    environment = {**os.environ, "PIS_WORK_PATH": "by_environment"}
    for step, code, result in (("disease", 0, "success"), ("wrong", 1, "failure")):
        arguments = [sys.executable, "run.py", "-s", step, "-c", "config.yaml"]
        done = subprocess.run(arguments, cwd=tmp_path, env=environment, capture_output=True, text=True)
        assert done.returncode == code, done.stderr
        manifest = json.loads((tmp_path / "by_environment" / "manifest.json").read_text(encoding="utf-8"))
        assert manifest["steps"][f"pis_{step}"]["result"] == result


def test_the_change_of_a_task_package_is_one_of_names_that_are_there() -> None:
    (change,) = blocks("diff")
    before = [line[1:] for line in change.text.splitlines() if line.startswith("-")]
    after = [line[1:] for line in change.text.splitlines() if line.startswith("+")]
    assert [line.replace("from otter.", "from otterdsl.runtime.") for line in before] == after
    for line in after:
        module, names = re.fullmatch(r"from (\S+) import (.+)", line).groups()  # type: ignore[union-attr] # what does not match fails here
        assert [name for name in names.split(", ") if not hasattr(importlib.import_module(module), name)] == []


def test_links_within_the_page_lead_somewhere() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    headings = {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in re.findall(r"^#+ (.+)$", text, re.MULTILINE)}
    links = set(re.findall(r"\]\(#([^)]+)\)", text))
    assert len(links) > 5
    assert links - headings == set()
