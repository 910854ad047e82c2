"""Bad input, as the command meets it: a diagnostic with its place, exit code 1 or 2, no traceback, and nothing written."""

import json
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from command_line import contents, otterdsl, write

GOOD = 'pipeline p {}\nparam n: int = 1\nstep a { hello_world x {} }\nstep b { requires [a] hello_world y { who = "${n}" } }\n'


@dataclass(frozen=True)
class Case:
    """A project, what is wrong with it, and what must be said: `place` is file:line, `says` a part of the text, `hides` none of it."""

    name: str
    files: dict[str, str | bytes]
    says: str
    place: str = ""
    entry: str = "p.otter"
    hides: str = "\x00"
    options: tuple[str, ...] = field(default=())


def one(name: str, text: str | bytes, says: str, place: str = "p.otter:1") -> Case:
    """A case of a single file."""
    return Case(name, {"p.otter": text}, says, place)


STEP = 'step s {\n  copy x {\n    source = "a"\n    destination = "b"\n'

# What `check` finds: every other command finds it too, before it does anything.
TEXTS = [
    one("binary", bytes(range(256)) * 4, "not a text file", "p.otter"),
    one("bad-utf-8", b'pipeline p {}\nstep s { hello_world x { who = "\xff\xfe" } }\n', "OT002", "p.otter:2:33"),
    one("nul", b"pipeline p {}\nstep s\x00 {}\n", "OT003", "p.otter:2:7"),
    one("unclosed-string", 'pipeline p {}\nstep s { hello_world x { who = "every', "OT004", "p.otter:2:32"),
    one("unclosed-block", "pipeline p {}\nstep s {\n  hello_world x {}\n", "OT102", "p.otter:3"),
    one("unclosed-bracket", STEP + "    requires [copy.y", "OT102", "p.otter:5"),
    one("nested-brackets", "pipeline p {}\nscratchpad {\n  k = " + "[" * 10_000, "OT0", "p.otter:3"),
    one("nested-and-closed-brackets", "pipeline p {}\nscratchpad {\n  k = " + "[" * 10_000 + "]" * 10_000 + "\n}\n", "OT008", "p.otter:3"),
    one("nested-parentheses", "pipeline p {}\nparam n: int = " + "(" * 10_000 + "1" + ")" * 10_000, "OT008", "p.otter:2"),
    one("nested-blocks", "pipeline p {}\nstep s " + "{ for x in [1] " * 10_000, "OT0", "p.otter:2"),
    one("missing-import", 'pipeline p {}\nimport "nothing.otter"\n', "OT209", "p.otter:2:8"),
    Case("import-of-a-folder", {"p.otter": 'pipeline p {}\nimport "sub"\n', "sub/": ""}, "OT209", "p.otter:2:8"),
    Case("circular-import", {"p.otter": 'pipeline p {}\nimport "q.otter"\n', "q.otter": 'import "p.otter"\n'}, "OT403", "otter:"),
    Case("import-of-itself", {"p.otter": 'pipeline p {}\nimport "p.otter"\n'}, "OT403", "p.otter:2:8"),
    Case(
        "import-that-leaves-the-project",
        {"in/p.otter": 'pipeline p {}\nimport "../secret.otter"\n', "secret.otter": "the password is swordfish ~~~\n"},
        "OT209",
        "p.otter:2:8",
        entry="in/p.otter",
        hides="swordfish",
    ),
    Case(
        "import-by-an-absolute-path",
        {"p.otter": 'pipeline p {}\nimport "/etc/passwd"\n'},
        "OT209",
        "p.otter:2:8",
        hides="root:",
    ),
    one("use-of-a-missing-package", "pipeline p {}\nuse no_such_package.tasks\nstep s { hello_world x {} }\n", "OT210", "p.otter:2:5"),
    Case(
        "use-of-a-raising-package",
        {"p.otter": "pipeline p {}\nuse bad_tasks\nstep s { hello_world x {} }\n", "bad_tasks/__init__.py": "raise RuntimeError('out of luck')\n"},
        "out of luck",
        "p.otter:2:5",
    ),
    Case(
        "use-of-a-package-that-exits",
        {"p.otter": "pipeline p {}\nuse bad_tasks\nstep s { hello_world x {} }\n", "bad_tasks/__init__.py": "import os\nos._exit(0)\n"},
        "OT210",
        "p.otter:2:5",
    ),
    Case(
        "use-of-a-package-that-does-not-parse",
        {"p.otter": "pipeline p {}\nuse bad_tasks\nstep s { hello_world x {} }\n", "bad_tasks/__init__.py": "def (:\n"},
        "OT210",
        "p.otter:2:5",
    ),
    one("unknown-type", "pipeline p {}\nstep s { hello_wrold x {} }\n", "did you mean `hello_world`", "p.otter:2:10"),
    one("unknown-field", 'pipeline p {}\nstep s { hello_world x { whom = "y" } }\n', "OT204", "p.otter:2:26"),
    one("param-of-the-wrong-type", 'pipeline p {}\nparam n: int = "many"\nstep s { hello_world x { who = n } }\n', "OT303", "p.otter:2:16"),
    one("a-body-that-bash-cannot-parse", 'task t {\n  run sh """\n    if true\n  """\n}\nstep s { t x {} }\n', "OT106", "p.otter:"),
    one("retries-that-are-no-number", "step s {\n  hello_world x { retries = '2' }\n}\n", "OT301", "p.otter:2:29"),
    Case("folder", {"p.otter/": ""}, "OT001", "p.otter"),
    Case("missing-file", {}, "OT001", "p.otter"),
]

COMMANDS: list[tuple[str, ...]] = [("check",), ("compile", "-o", "out"), ("plan",), ("run", "--work-path", "out")]


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
@pytest.mark.parametrize("case", TEXTS, ids=lambda case: case.name)
def test_a_bad_file_is_a_diagnostic(case: Case, command: tuple[str, ...], tmp_path: Path) -> None:
    write(tmp_path, case.files)
    before = contents(tmp_path)
    done = otterdsl(command[0], case.entry, *command[1:], folder=tmp_path)
    assert done.code == 1, done.said
    assert case.says in done.said
    assert case.place in done.said
    assert case.hides not in done.said
    assert contents(tmp_path) == before
    assert command[0] == "check" or done.out == ""


@pytest.mark.parametrize("case", TEXTS, ids=lambda case: case.name)
def test_a_bad_file_is_a_diagnostic_in_json(case: Case, tmp_path: Path) -> None:
    write(tmp_path, case.files)
    done = otterdsl("check", case.entry, "--format", "json", folder=tmp_path)
    found = json.loads(done.out)
    assert done.code == 1
    assert found["version"] == 1
    assert any(diagnostic["severity"] == "error" and diagnostic["file"].endswith(".otter") for diagnostic in found["diagnostics"])
    assert case.hides not in done.said


@pytest.mark.parametrize("text", ["", "\n\n", "# nothing\n", "\ufeff"], ids=["nothing", "lines", "a comment", "a byte-order mark"])
def test_a_file_that_declares_nothing_is_a_diagnostic(text: str, tmp_path: Path) -> None:
    write(tmp_path, {"p.otter": text})
    for arguments in (("check", "p.otter"), ("run", "p.otter", "--work-path", "out"), ("compile", "p.otter", "-o", "out")):
        done = otterdsl(*arguments, folder=tmp_path)
        assert done.code == 1
        assert "error[OT101]: this file declares nothing" in done.said
        assert "p.otter:1:1" in done.said
    assert not (tmp_path / "out").exists()


# ---------------------------------------------------------------- wrong words on the command line

USAGE = [
    ("no-command", ("frobnicate",), 2, "frobnicate"),
    ("no-file", ("check",), 2, "FILE"),
    ("no-output", ("compile", "p.otter"), 2, "--output"),
    ("an-unknown-option", ("run", "p.otter", "--frobnicate"), 2, "--frobnicate"),
    ("an-option-of-later-work", ("run", "p.otter", "--keep-going"), 2, "--keep-going"),
    ("a-yaml-file-to-plan", ("plan", "config.yaml"), 2, "otterdsl convert config.yaml -o config.otter"),
    ("a-yaml-file-to-compile", ("compile", "config.yaml", "-o", "out"), 2, "otterdsl convert config.yaml -o config.otter"),
    ("a-param-for-a-yaml-file", ("run", "config.yaml", "--set", "n=2"), 2, "has none"),
    ("a-step-that-a-yaml-file-lacks", ("run", "config.yaml", "main"), 1, "OT703"),
    ("a-package-that-is-not-there", ("run", "config.yaml", "--tasks", "no.such"), 1, "no.such"),
    ("no-package", ("run", "config.yaml", "--tasks", ""), 2, "it is empty"),
    ("a-schema-that-is-not-there", ("run", "config.yaml", "--schema", "no.otter"), 1, "no.otter"),
    ("task-types-for-a-file-that-names-them", ("run", "p.otter", "--tasks", "json"), 2, "`use`"),
    ("a-pool-of-nothing", ("run", "p.otter", "--pool-size", "0"), 2, "pool-size"),
    ("a-set-without-value", ("run", "p.otter", "--set", "n"), 2, "NAME=VALUE"),
    ("a-mirror-without-target", ("run", "p.otter", "--mirror", "https://"), 2, "FROM=TO"),
    ("an-unknown-step", ("run", "p.otter", "c", "--work-path", "out"), 1, "OT703"),
    ("a-misspelled-step", ("plan", "p.otter", "aa"), 1, "OT703"),
    ("an-unknown-param", ("run", "p.otter", "--set", "m=2", "--work-path", "out"), 1, "OT701"),
    ("an-unknown-param-to-compile", ("compile", "p.otter", "-o", "out", "--set", "m=2"), 1, "OT701"),
    ("an-unknown-param-to-plan", ("plan", "p.otter", "--set", "m=2"), 1, "OT701"),
    ("a-param-of-the-wrong-type", ("run", "p.otter", "--set", "n=many", "--work-path", "out"), 1, "p.otter:2:"),
    ("a-param-of-the-wrong-type-to-compile", ("compile", "p.otter", "-o", "out", "--set", "n=1.5"), 1, "OT702"),
    ("a-param-of-the-wrong-type-to-plan", ("plan", "p.otter", "--set", "n=true"), 1, "OT702"),
    ("a-release-that-is-no-uri", ("run", "p.otter", "--release-uri", "nowhere", "--work-path", "out"), 2, "nowhere"),
]


@pytest.mark.parametrize(("arguments", "code", "says"), [case[1:] for case in USAGE], ids=[case[0] for case in USAGE])
def test_wrong_words_are_said_and_nothing_is_done(arguments: tuple[str, ...], code: int, says: str, tmp_path: Path) -> None:
    write(tmp_path, {"p.otter": GOOD, "config.yaml": "steps: {mane: [{name: hello_world a}]}\n"})
    before = contents(tmp_path)
    done = otterdsl(*arguments, folder=tmp_path)
    assert done.code == code, done.said
    assert says in done.err
    assert done.out == ""
    assert "Traceback" not in done.said
    assert contents(tmp_path) == before


def test_a_param_from_the_environment_of_the_wrong_type(tmp_path: Path) -> None:
    write(tmp_path, {"p.otter": GOOD})
    done = otterdsl("run", "p.otter", "--work-path", "out", folder=tmp_path, OTTERDSL_PARAM_N="many")
    assert done.code == 1
    assert "OT702" in done.said
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("place", ["taken", "taken/deeper", "/proc/nothing"])
def test_a_folder_that_cannot_be_written(place: str, tmp_path: Path) -> None:
    write(tmp_path, {"p.otter": GOOD, "taken": "a file"})
    before = contents(tmp_path)
    for arguments in (("compile", "p.otter", "-o", place), ("run", "p.otter", "--work-path", place), ("init", f"{place}/p")):
        done = otterdsl(*arguments, folder=tmp_path)
        assert done.code in (1, 2), done.said
        assert place in done.said
        assert contents(tmp_path) == before


def test_a_compiled_package_that_cannot_be_loaded_is_a_diagnostic(tmp_path: Path) -> None:
    write(tmp_path, {"p.otter": GOOD})
    assert otterdsl("compile", "p.otter", "-o", "made", folder=tmp_path).code == 0
    module = tmp_path / "made" / "p" / "b.py"
    module.write_text(module.read_text() + "\nraise RuntimeError('out of luck')\n")
    before = contents(tmp_path)
    for command in (("plan",), ("run", "--work-path", "out")):
        done = otterdsl(command[0], "made/p", *command[1:], folder=tmp_path)
        assert done.code == 1
        assert "error[OT705]: `made/p` cannot be loaded" in done.said
        assert "out of luck" in done.said
        assert contents(tmp_path) == before


# ---------------------------------------------------------------- failed runs


class Unreliable(BaseHTTPRequestHandler):
    """Answers with the status that the path says; `/cut` promises more than it sends."""

    def do_GET(self) -> None:
        name = self.path.strip("/")
        status = int(name) if name.isdigit() else 200
        body = b"x" * 10
        self.send_response(status)
        self.send_header("Content-Length", str(1_000 if name == "cut" else len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_HEAD(self) -> None:
        name = self.path.strip("/")
        self.send_response(int(name) if name.isdigit() else 200)
        self.end_headers()

    def log_request(self, code: object = "-", size: object = "-") -> None:
        """Stay quiet."""


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """The address of a server that fails in several ways."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Unreliable) as running:
        thread = threading.Thread(target=running.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{running.server_address[1]}"
        running.shutdown()
        thread.join()


@pytest.fixture
def refused() -> str:
    """An address where nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{taken.getsockname()[1]}"


def fetch(source: str, destination: str = "got/file") -> str:
    """A pipeline that copies one thing, on line 3."""
    first = f'pipeline p {{}}\nstep fetch {{\n  copy file {{ source = "{source}" destination = "{destination}" }}\n}}\n'
    return first + "step after { requires [fetch] hello_world x {} }\n"


def failed_run(tmp_path: Path, text: str) -> str:
    """What is said of a run that fails, after a look at what it left."""
    write(tmp_path, {"p.otter": text})
    done = otterdsl("run", "p.otter", "--work-path", "out", folder=tmp_path)
    assert done.code == 1, done.said
    assert "copy file" in done.err
    assert "p.otter:3" in done.err
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text())
    assert manifest["result"] == "failure"
    assert manifest["steps"]["p_fetch"]["tasks"][0]["failure_reason"]
    assert set(contents(tmp_path)) == {"p.otter", "out/manifest.json", "out/.manifest.lock"}
    return done.said


@pytest.mark.parametrize(("path", "says"), [("404", "404"), ("500", "500"), ("cut", "10 of 1000 bytes")])
def test_a_server_that_fails_fails_the_task(server: str, path: str, says: str, tmp_path: Path) -> None:
    assert says in failed_run(tmp_path, fetch(f"{server}/{path}"))


def test_a_refused_connection_fails_the_task(refused: str, tmp_path: Path) -> None:
    assert refused.removeprefix("http://") in failed_run(tmp_path, fetch(f"{refused}/file"))


def test_a_missing_source_fails_the_task(tmp_path: Path) -> None:
    assert "nothing.txt" in failed_run(tmp_path, fetch("./nothing.txt"))


ESCAPE = "\\u{1b}[2J\\u{9b}31m\\u{202e}"


@pytest.mark.parametrize("progress", ["plain", "json", "rich"])
def test_what_a_file_says_does_not_act_on_the_terminal(progress: str, tmp_path: Path) -> None:
    write(tmp_path, {"p.otter": f'pipeline p {{}}\nstep "s{ESCAPE}" {{ copy "x{ESCAPE}" {{ source = "./no{ESCAPE}" destination = "a" }} }}\n'})
    done = otterdsl("--color", "always", "run", "p.otter", "--work-path", "out", "--progress", progress, folder=tmp_path)
    assert done.code == 1
    assert r"\u{202e}" in done.err
    assert not [part for part in ("\x1b[2J", "\x9b", "\u202e") if part in done.said]


def test_what_a_package_says_does_not_act_on_the_terminal(tmp_path: Path) -> None:
    doc = '"""Says \x1b[2J\u202e."""\n'
    task = f"from otterdsl.runtime import Task\n\nclass Talk(Task):\n    {doc}\n    def run(self):\n        return self\n"
    write(tmp_path, {"bad.py": 'raise RuntimeError("\\x1b[2J\\u202e")\n', "good/__init__.py": "", "good/talk.py": task})
    done = otterdsl("--color", "always", "tasks", "--tasks", "bad", "--tasks", "good", folder=tmp_path)
    assert done.code == 1
    assert r"\u{1b}[2J\u{202e}" in done.err
    assert r"Says \u{1b}[2J\u{202e}." in done.out
    assert not [part for part in ("\x1b[2J", "\u202e") if part in done.said]


@pytest.mark.parametrize("destination", ["../escaped", "a/../../escaped", "/tmp/escaped/by/an/absolute/path"])
def test_a_destination_outside_the_release_root_is_refused(destination: str, tmp_path: Path) -> None:
    write(tmp_path, {"p.otter": fetch("./p.otter", destination)})
    done = otterdsl("run", "p.otter", "--work-path", "out", folder=tmp_path)
    assert done.code == 1
    assert "p.otter:3" in done.said
    assert not [name for name in contents(tmp_path.parent) if "escaped" in name]
    assert not Path("/tmp/escaped").exists()
