"""Packages read and values checked in a child process, and what becomes of packages that break it."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from task_packages import task_module

from otterdsl.compiler.analysis.schemas import Collision, ValueProblem, ValueRequest
from otterdsl.compiler.specs.reader import Specs, read
from otterdsl.compiler.values.types import Type, TypeOption, plain

Write = Callable[..., Path]


def reading(folder: Path, *packages: str, timeout: float = 30.0) -> Specs:
    return read(packages, import_path=[str(folder)], timeout=timeout)


def reason(folder: Path, package: str, timeout: float = 30.0) -> str:
    with reading(folder, package, timeout=timeout) as specs:
        assert package not in {task.package for task in specs.schemas.tasks.values()}
        return specs.schemas.failed[package]


# ---------------------------------------------------------------- what is read


def test_without_packages_there_are_the_built_in_types_and_no_process() -> None:
    with read([]) as specs:
        assert specs.schemas.tasks["copy"].spec_class == "CopySpec"
        assert specs.schemas.tasks["copy"].package == ""
        assert specs.schemas.tasks["copy"].fields["source"].type == plain("input")
        assert specs.schemas.base_fields["requires"].type == Type((TypeOption("list", plain("str")),))
        assert specs.schemas.settings["pool_size"].default == 5
        assert list(specs.fingerprints) == ["otterdsl.runtime.tasks"]
        assert specs._child is None


def test_a_package_is_read_in_another_process(package: Write) -> None:
    folder = package("reader_mine.tasks", count_words=task_module("CountWords", 'source: Annotated[str, Input]\ntags: list[str] = ["a"]'))
    with reading(folder, "reader_mine.tasks") as specs:
        schema = specs.schemas.tasks["count_words"]
    assert (schema.module, schema.class_name, schema.spec_class) == ("reader_mine.tasks.count_words", "CountWords", "CountWordsSpec")
    assert schema.package == "reader_mine.tasks"
    assert schema.fields["source"].required
    assert schema.fields["tags"].default == ("a",)
    assert specs.schemas.failed == {}
    assert "reader_mine" not in sys.modules


def test_without_imports_no_package_is_read(package: Write, tmp_path: Path) -> None:
    folder = package("reader_traced", __init__=f"open({str(tmp_path / 'trace')!r}, 'w').close()", one=task_module("One"))
    with read(["reader_traced"], import_path=[str(folder)], use_imports=False) as specs:
        assert "one" not in specs.schemas.tasks
        assert specs.schemas.failed == {}
    assert not (tmp_path / "trace").exists()


def test_the_import_path_comes_last(package: Write) -> None:
    folder = package("json", count=task_module("Count"))
    assert reason(folder, "json") == "`json` holds no task modules" or "json.decoder" in reason(folder, "json")


def test_neither_the_current_folder_nor_a_name_of_ours_shadows_python(package: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = package("reader_plain", count=task_module("Count"))
    (folder / "pydantic.py").write_text("raise RuntimeError('shadowed')")
    (folder / "struct.py").write_text("raise RuntimeError('shadowed')")
    monkeypatch.chdir(folder)
    with reading(folder, "reader_plain") as specs:
        assert specs.schemas.failed == {}


def test_a_folder_later_on_the_path_is_searched_too(package: Write, tmp_path: Path) -> None:
    folder = package("reader_far", count=task_module("Count"))
    with read(["reader_far"], import_path=[str(tmp_path / "nowhere"), str(folder)]) as specs:
        assert "count" in specs.schemas.tasks


def test_names_that_collide_are_reported_and_the_first_one_counts(package: Write) -> None:
    package("reader_first", twice=task_module("Twice"), copy=task_module("Copy"))
    folder = package("reader_second", twice=task_module("Twice"))
    with reading(folder, "reader_first", "reader_second") as specs:
        assert specs.schemas.collisions == (Collision("copy", "reader_first", ""), Collision("twice", "reader_second", "reader_first"))
        assert specs.schemas.tasks["copy"].package == ""
        assert specs.schemas.tasks["twice"].package == "reader_first"


def test_naming_the_built_in_package_is_no_collision() -> None:
    with read(["otterdsl.runtime.tasks"]) as specs:
        assert specs.schemas.collisions == ()
        assert specs._child is None


def test_a_fingerprint_is_of_what_a_pipeline_can_notice(package: Write) -> None:
    def fingerprint(text: str) -> str:
        folder = package("reader_print", count=text)
        os.utime(folder / "reader_print" / "count.py", ns=(len(text), len(text)))  # so that no stale bytecode is taken
        with reading(folder, "reader_print") as specs:
            return specs.fingerprints["reader_print"]

    first = fingerprint(task_module("Count", "source: str"))
    assert len(first) == 64
    assert fingerprint(task_module("Count", 'source: str\n"""With a doc."""')) == first
    assert fingerprint(task_module("Count", "source: str = 'x'")) != first


SEEDED = """
import json, sys
from otterdsl.compiler.specs.reader import read
with read(["reader_seeded"], import_path=[sys.argv[1]]) as specs:
    print(json.dumps([specs.fingerprints, sorted(specs.schemas.tasks)]))
"""


def test_fingerprints_depend_on_no_hash_seed(package: Write) -> None:
    fields = (
        'tags: set[str] = {"a", "b", "c", "d"}\nkind: Literal["x", "y"] | int = 1\nfresh: dict[str, int] = Field(default_factory=lambda: {"a": 1})'
    )
    folder = package("reader_seeded", count=task_module("Count", fields, "from typing import Literal\nfrom pydantic import Field"))
    said = {
        subprocess.run(
            [sys.executable, "-c", SEEDED, str(folder)], env={**os.environ, "PYTHONHASHSEED": seed}, capture_output=True, text=True, check=True
        ).stdout
        for seed in ("0", "1", "2")
    }
    assert len(said) == 1
    assert "reader_seeded" in said.pop()


# ---------------------------------------------------------------- values


CHECKED = """
from pydantic import field_validator
import os, signal, time


class CountSpec(Spec):
    n: int = 0
    text: str = ""

    @field_validator("text")
    @classmethod
    def _act(cls, text: str) -> str:
        print("said", text)
        match text:
            case "bad":
                raise ValueError("bad text")
            case "exit":
                raise SystemExit(3)
            case "hard":
                os._exit(4)
            case "kill":
                os.kill(os.getpid(), signal.SIGKILL)
            case "loop":
                while True:
                    pass
        return text
"""


def checked(package: Write, requests: Sequence[ValueRequest], timeout: float = 30.0) -> list[ValueProblem]:
    module = task_module("Count").replace("class CountSpec(Spec):\n    pass\n", CHECKED)
    with reading(package("reader_checked", count=module), "reader_checked", timeout=timeout) as specs:
        assert specs.schemas.failed == {}
        return specs.check_values(requests)


def test_values_are_checked_where_their_spec_is(package: Write) -> None:
    requests = [
        ValueRequest("count", {"n": "x"}),
        ValueRequest("copy", {"source": 3, "destination": "x"}),
        ValueRequest("count", {"text": "bad", "n": 1}),
        ValueRequest("pipeline", {"pool_size": "many"}),
        ValueRequest(None, {"p": 1}, {"p": plain("str")}),
        ValueRequest("count", {"n": 1, "text": "good"}),
        ValueRequest("unheard_of", {"n": 1}),
        ValueRequest("count", {"m": "3"}, {"m": plain("int")}),
    ]
    assert checked(package, requests) == [
        ValueProblem(0, ("n",), 'expected an int, found `"x"`'),
        ValueProblem(1, ("source",), "expected a string, found `3`"),
        ValueProblem(2, ("text",), "bad text"),
        ValueProblem(3, ("pool_size",), 'expected an int, found `"many"`'),
        ValueProblem(4, ("p",), "expected a string, found `1`"),
        ValueProblem(7, ("m",), 'expected an int, found `"3"`'),
    ]


def test_values_with_placeholders_wait_for_the_run(package: Write) -> None:
    requests = [
        ValueRequest("count", {"n": "${n}"}),
        ValueRequest("count", {"n": ("${n}",)}),
        ValueRequest("count", {"n": {"${n}": 1}}),
        ValueRequest("count", {"n": "$${n}"}),
    ]
    assert checked(package, requests) == [ValueProblem(3, ("n",), 'expected an int, found `"${n}"`')]


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("exit", "SystemExit: 3"),
        ("hard", "it ended the process with exit code 4"),
        ("kill", "it was ended by SIGKILL"),
    ],
)
def test_a_validator_that_ends_its_process_is_a_problem_of_its_request(package: Write, text: str, what: str) -> None:
    requests = [
        ValueRequest("count", {"n": 1}),
        ValueRequest("copy", {"source": 3}),
        ValueRequest("count", {"text": text}),
        ValueRequest("count", {}),
    ]
    found = checked(package, requests)
    assert found[0] == ValueProblem(1, ("source",), "expected a string, found `3`")
    (problem,) = found[1:]
    assert (problem.request, problem.path) == (2, ())
    assert what in problem.message


def test_a_validator_that_loops_for_ever_is_a_problem_of_its_request(package: Write) -> None:
    (problem,) = checked(package, [ValueRequest("count", {"n": 1}), ValueRequest("count", {"text": "loop"})], timeout=3)
    assert problem.request == 1
    assert "did not answer within 3 s at" in problem.message
    assert "reader_checked/count.py:" in problem.message


def test_after_its_process_ended_there_are_no_more_problems(package: Write) -> None:
    module = task_module("Count").replace("class CountSpec(Spec):\n    pass\n", CHECKED)
    with reading(package("reader_ended", count=module), "reader_ended") as specs:
        assert len(specs.check_values([ValueRequest("count", {"text": "hard"})])) == 1
        assert specs.check_values([ValueRequest("count", {"n": "x"})]) == []
        specs.close()
        specs.close()
        assert specs.check_values([ValueRequest("count", {"n": "x"})]) == []


# ---------------------------------------------------------------- packages that break


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x = 1\nraise ValueError('no\\n luck')", "it raised ValueError: no luck at {folder}/reader_broken/__init__.py:2"),
        ("import json\njson.loads('{')", "it raised JSONDecodeError: {any} at {folder}/reader_broken/__init__.py:2"),
        ("x = (1", "it raised SyntaxError: '(' was never closed at {folder}/reader_broken/__init__.py:1"),
        ("import no_such_thing", "it raised ModuleNotFoundError: No module named 'no_such_thing' at {folder}/reader_broken/__init__.py:1"),
        ("raise SystemExit('licence missing')", "it ended the process with `sys.exit('licence missing')` at {folder}/reader_broken/__init__.py:1"),
        ("raise KeyboardInterrupt", "it raised KeyboardInterrupt at {folder}/reader_broken/__init__.py:1"),
        ("import os\nos._exit(0)", "it ended the process with exit code 0"),
        ("import os\nos._exit(7)", "it ended the process with exit code 7"),
        ("import os, signal\nos.kill(os.getpid(), signal.SIGKILL)", "it was ended by SIGKILL"),
        ("import ctypes\nctypes.string_at(0)", "it was ended by SIGSEGV at {folder}/reader_broken/__init__.py:2"),
        ("import os\nos.abort()", "it was ended by SIGABRT at {folder}/reader_broken/__init__.py:2"),
        ("import os\nos.closerange(3, 64)", "it {any}"),
        (
            "import os\nfor fd in range(3, 9):\n    try:\n        os.write(fd, b'noise\\n')\n    except OSError:\n        pass",
            "it closed files {any}",
        ),
        ("def f(): f()\nf()", "it raised RecursionError: maximum recursion depth exceeded at {folder}/reader_broken/__init__.py:1"),
    ],
)
def test_a_package_that_breaks_says_how(package: Write, text: str, expected: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    folder = package("reader_broken", __init__=text, count=task_module("Count"))
    monkeypatch.chdir(tmp_path)
    start, _, end = expected.replace("{folder}/", "").partition("{any}")
    found = reason(folder, "reader_broken")
    assert "\n" not in found
    assert found.startswith(start)
    assert found.endswith(end)


@pytest.mark.parametrize(
    "text",
    [
        "while True:\n    pass",
        "import time\ntime.sleep(1000)",
        "import faulthandler, signal\nfaulthandler.cancel_dump_traceback_later()\nsignal.pause()",
    ],
)
def test_a_package_that_never_ends_is_given_up(package: Write, text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("otterdsl.compiler.specs.process._GRACE", 1.0)
    found = reason(package("reader_endless", __init__=text), "reader_endless", timeout=1.5)
    assert found.startswith("it did not answer within 1.5 s")


def test_the_line_that_never_ends_is_named(package: Write) -> None:
    found = reason(package("reader_where", __init__="import json\nx = 1\nwhile True:\n    x\n"), "reader_where", timeout=1.5)
    assert "reader_where/__init__.py:" in found


def test_a_package_that_is_not_there_says_so(tmp_path: Path, package: Write) -> None:
    assert reason(tmp_path, "reader_nowhere.tasks") == "there is no package `reader_nowhere` on the import path"
    package("reader_half", __init__="")
    assert reason(tmp_path, "reader_half.tasks") == "there is no package `reader_half.tasks` on the import path"


@pytest.mark.parametrize(
    "text",
    [
        "print('x' * 200_000)\nimport sys\nsys.stderr.write('y' * 200_000)",
        "import os\nos.write(1, b'{\"types\": 3}\\n')\nos.write(2, b'noise\\n')\nos.system('echo noise; echo noise >&2')",
        "import sys\nsys.stdin.read()\nsys.stdout.close()",
        "import os\nif os.fork() == 0:\n    pass",
        "import subprocess\nsubprocess.Popen(['sleep', '1000'])",
        "import threading, time\nthreading.Thread(target=time.sleep, args=(1000,)).start()",
        "import atexit, time\natexit.register(time.sleep, 1000)",
        "import os\nos.chdir('/')",
        "import warnings\nwarnings.warn('old')",
    ],
)
def test_a_noisy_package_is_read_like_any_other(package: Write, text: str, capfd: pytest.CaptureFixture[str]) -> None:
    folder = package("reader_noisy", __init__=text, count=task_module("Count", "n: int = 0"))
    with reading(folder, "reader_noisy") as specs:
        assert specs.schemas.failed == {}
        assert specs.check_values([ValueRequest("count", {"n": "x"})]) == [ValueProblem(0, ("n",), 'expected an int, found `"x"`')]
    assert capfd.readouterr() == ("", "")


def test_a_broken_package_does_not_take_the_others_along(package: Write) -> None:
    package("reader_good", one=task_module("One", "n: int = 0"))
    package("reader_dead", __init__="import os\nos._exit(1)")
    folder = package("reader_later", two=task_module("Two", "n: int = 0"))
    with reading(folder, "reader_good", "reader_dead", "reader_later") as specs:
        assert specs.schemas.failed == {"reader_dead": "it ended the process with exit code 1"}
        found = specs.check_values([ValueRequest("one", {"n": "x"}), ValueRequest("two", {"n": "y"})])
    assert [problem.request for problem in found] == [0, 1]


def test_what_a_package_starts_ends_with_the_reading(package: Write, tmp_path: Path) -> None:
    text = f"import subprocess\nopen({str(tmp_path / 'pid')!r}, 'w').write(str(subprocess.Popen(['sleep', '1000']).pid))"
    with reading(package("reader_spawning", __init__=text, count=task_module("Count")), "reader_spawning"):
        pid = int((tmp_path / "pid").read_text())
        assert Path(f"/proc/{pid}").exists()
    deadline = time.monotonic() + 30  # it was sent its signal; when it is gone is the system's business
    while running(pid) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not running(pid)


def running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] not in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return False
