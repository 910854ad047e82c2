"""`check`: files, packages and analysis together."""

import hashlib
import os
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from otterdsl.compiler.frontend import Frontend, check
from otterdsl.compiler.source.diagnostic import Severity

Write = Callable[[Mapping[str, str | bytes]], Path]

NUMBERS = """
from typing import Annotated

from pydantic import BeforeValidator, field_validator

from otterdsl.runtime.task.model import Spec, Task


class NumbersSpec(Spec):
    n: int | None = None
    yes: bool = True
    parts: list[str] = []
    cut: list[str] = []
    stripped: Annotated[int, BeforeValidator(lambda value: int(str(value).lstrip("v")) if str(value).lstrip("v").isdigit() else value)] = 0
    text: str = ""
    either: int | str = 0

    @field_validator("cut", mode="before")
    @classmethod
    def _cut(cls, value: object) -> object:
        return value.split(",") if isinstance(value, str) else value


class Numbers(Task):
    pass
"""
STEP = "step a {\n  hello_world b {}\n}\n"
COUNT = """
from typing import Annotated

from pydantic import field_validator

from otterdsl.runtime.task.model import Spec, Task
from otterdsl.runtime.task.roles import Input, Output


class CountSpec(Spec):
    source: Annotated[str, Input]
    least: int = 1

    @field_validator("least")
    @classmethod
    def _even(cls, least: int) -> int:
        if least % 2:
            raise ValueError("least is odd")
        return least


class Count(Task):
    pass
"""


def said(found: Frontend) -> list[tuple[str, str, int]]:
    """Each diagnostic's code, message and line."""
    return [(d.code, d.message, found.texts[d.span.file].position(d.span.start).line if d.span else 0) for d in found.diagnostics]


def codes(found: Frontend) -> list[str]:
    return [d.code for d in found.diagnostics]


def test_a_right_pipeline_is_a_program(files: Write) -> None:
    root = files({"a.otter": 'import "b.otter"\n' + STEP, "b.otter": "param p: int = 1\n"})
    found = check(root / "a.otter")
    assert found.program is not None
    assert [step.name for step in found.program.steps] == ["a"]
    assert [param.name for param in found.program.params] == ["p"]
    assert [d for d in found.diagnostics if d.severity is Severity.ERROR] == []
    assert found.entry_folder == root
    assert found.sources["a.otter"] == hashlib.sha256((root / "a.otter").read_bytes()).hexdigest()
    assert sorted(found.texts) == sorted(found.sources) == ["a.otter", "b.otter"]
    assert list(found.fingerprints) == ["otterdsl.runtime.tasks"]


def test_an_entry_that_cannot_be_read_gives_a_frontend_all_the_same(tmp_path: Path) -> None:
    found = check(str(tmp_path / "nothing.otter"))
    assert codes(found) == ["OT001"]
    assert found.program is None
    assert found.diagnostics[0].where == str(tmp_path / "nothing.otter")


@pytest.mark.parametrize("text", ["", "\n\n", "# only a comment\n", "\ufeff", "\r\n"])
def test_a_file_that_declares_nothing_says_so_at_its_beginning(files: Write, text: str) -> None:
    root = files({"a.otter": text})
    found = check(root / "a.otter")
    assert said(found) == [("OT101", "this file declares nothing", 1)]
    assert found.program is None


def test_an_imported_file_may_declare_nothing(files: Write) -> None:
    found = check(files({"a.otter": 'import "b.otter"\n' + STEP, "b.otter": "# later\n"}) / "a.otter")
    assert found.program is not None


def test_diagnostics_are_sorted_and_each_once(files: Write) -> None:
    root = files({"a.otter": 'import "b.otter"\nimport "no.otter"\nstep a { copy x { nonsense = 1 } }\n', "b.otter": "param p: nothing = 1\n"})
    found = check(root / "a.otter")
    assert list(found.diagnostics) == sorted(found.diagnostics, key=lambda d: d.order)
    assert len(set(found.diagnostics)) == len(found.diagnostics)
    assert {"OT209", "OT204", "OT302"} <= set(codes(found))


# ---------------------------------------------------------------- packages


def test_a_package_beside_the_entry_is_used(files: Write) -> None:
    root = files({"a.otter": "use mine.tasks\nstep a { count b { source = 'x' } }\n", "mine/tasks/count.py": COUNT, "mine/tasks/__init__.py": ""})
    found = check(root / "a.otter")
    assert said(found) == []
    assert found.program is not None
    assert found.program.classes["count"].module == "mine.tasks.count"
    assert list(found.fingerprints) == ["otterdsl.runtime.tasks", "mine.tasks"]


def test_a_package_in_the_current_folder_is_used(files: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    root = files({"pipes/a.otter": "use frontend_here\nstep a { count b { source = 'x' } }\n", "frontend_here/count.py": COUNT})
    monkeypatch.chdir(root)
    assert said(check("pipes/a.otter")) == []


def test_a_validator_s_message_stands_at_the_value(files: Write) -> None:
    root = files({"a.otter": "use mine\nstep a {\n  count b {\n    source = 'x'\n    least = 3\n  }\n}\n", "mine/count.py": COUNT})
    found = check(root / "a.otter")
    ((code, message, line),) = said(found)
    assert (code, line) == ("OT301", 5)
    assert "least is odd" in message


@pytest.mark.parametrize(
    ("module", "reason"),
    [
        ("raise ValueError('no luck')", "it raised ValueError: no luck at "),
        ("import os; os._exit(3)", "it ended the process with exit code 3"),
        ("import os; os.kill(os.getpid(), 11)", "it was ended by SIGSEGV"),
        ("x = 1", "module `mine.count` has no class `Count`"),
    ],
)
def test_a_package_that_cannot_be_used_is_one_diagnostic_at_its_use(files: Write, module: str, reason: str) -> None:
    text = "# first\nuse mine\nstep a {\n  count b { source = 'x' }\n  copy c { source = count.b destination = 'y' }\n}\n"
    found = check(files({"a.otter": text, "mine/count.py": module}) / "a.otter")
    ((code, message, line),) = said(found)
    assert (code, line) == ("OT210", 2)
    assert message.startswith(f"package `mine` cannot be used: {reason}")
    assert found.program is None
    assert (span := found.diagnostics[0].span) is not None
    assert text[span.start : span.end] == "mine"


def test_a_package_that_is_not_there_is_one_diagnostic_wherever_it_is_used(files: Write) -> None:
    root = files({"a.otter": 'import "b.otter"\nuse frontend_nowhere.tasks\n' + STEP, "b.otter": "use frontend_nowhere.tasks\n"})
    found = check(root / "a.otter")
    reason = "there is no package `frontend_nowhere` on the import path"
    assert said(found) == [("OT210", f"package `frontend_nowhere.tasks` cannot be used: {reason}", 1)]
    assert found.diagnostics[0].where == "b.otter"


@pytest.mark.parametrize("module", ["from otter.task.model import Spec", "import otter"])
def test_a_package_written_for_otter_says_what_to_change(files: Write, module: str) -> None:
    found = check(files({"a.otter": "use mine\n" + STEP, "mine/count.py": module}) / "a.otter")
    assert codes(found) == ["OT210"]
    assert found.diagnostics[0].help == "a task package written for Otter needs one change: `from otter.` becomes `from otterdsl.runtime.`"


@pytest.mark.parametrize(
    ("used", "help_"),
    [
        ("frontend_mien", "did you mean `frontend_mine`?"),
        ("frontend_mine.taks", "did you mean `frontend_mine.tasks`?"),
        ("frontend_mien.tasks", "did you mean `frontend_mine.tasks`?"),
        ("frontend_heer", "did you mean `frontend_here`?"),
        ("hollow_folder_frontned", ""),
        ("frontend_mien.other", ""),
        ("frontend_nothing_like_it", ""),
    ],
)
def test_a_misspelled_package_is_found_beside_the_entry_and_in_the_current_folder(
    files: Write, monkeypatch: pytest.MonkeyPatch, used: str, help_: str
) -> None:
    lying = ("pipes/frontend_mine/count.py", "pipes/frontend_mine/tasks/count.py", "frontend_here/count.py", "pipes/hollow_folder_frontend/data.txt")
    root = files({"pipes/a.otter": f"use {used}\n" + STEP, **dict.fromkeys(lying, "")})
    monkeypatch.chdir(root)
    found = check("pipes/a.otter")
    assert codes(found) == ["OT210"]
    assert found.diagnostics[0].help == help_


def test_a_dotted_name_that_python_cannot_import_is_said_once(files: Write) -> None:
    found = check(files({"a.otter": "use mine.class\n" + STEP}) / "a.otter")
    assert codes(found) == ["OT212"]


def test_task_types_that_collide_are_said_at_the_use(files: Write) -> None:
    copy = COUNT.replace("Count", "Copy")
    root = files({"a.otter": "use mine\nuse yours\n" + STEP, "mine/count.py": COUNT, "yours/count.py": COUNT, "mine/copy.py": copy})
    found = check(root / "a.otter")
    assert [each for each in said(found) if each[0] != "OT904"] == [
        ("OT207", "package `mine` defines the task type `copy`, which is built in", 1),
        ("OT207", "package `yours` defines the task type `count`, so does `mine`", 2),
    ]


def test_without_imports_extern_says_what_there_is(files: Write, tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    extern = "extern task count from mine.count { source: input }\n"
    root = files({"a.otter": f"use mine\n{extern}step a {{ count b {{ source = 'x' }} }}\n", "mine/count.py": f"open({str(trace)!r}, 'w').close()\n"})
    found = check(root / "a.otter", use_imports=False)
    assert said(found) == []
    assert found.program is not None
    assert not trace.exists()


def test_a_package_cannot_shadow_python(files: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    shadow = "raise RuntimeError('shadowed')\n"
    root = files({"a.otter": "use mine\nstep a { count b { source = 'x' } }\n", "mine/count.py": COUNT, "pydantic.py": shadow, "typing.py": shadow})
    monkeypatch.chdir(root)
    assert said(check("a.otter")) == []


def test_checking_prints_nothing_and_leaves_no_process(files: Write, capfd: pytest.CaptureFixture[str]) -> None:
    root = files({"a.otter": "use mine\nstep a { count b { source = 'x' } }\n", "mine/count.py": "print('hello')\n" + COUNT})
    check(root / "a.otter")
    assert capfd.readouterr() == ("", "")
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)


# ---------------------------------------------------------------- no cascades


def test_names_that_a_lost_file_may_declare_are_not_unknown(files: Write) -> None:
    text = (
        'import "lost.otter"\nstep a {\n  mystery b { x = 1 }\n  copy c { source = "${who}" destination = elsewhere requires [d] nonsense = 1 }\n}\n'
    )
    found = check(files({"a.otter": text}) / "a.otter")
    assert codes(found) == ["OT209", "OT204"]


def test_names_that_a_broken_text_may_declare_are_not_unknown(files: Write) -> None:
    root = files({"a.otter": 'import "b.otter"\nstep a { copy c { source = who destination = "x" } }\n', "b.otter": "param who: str = = 1\n"})
    found = check(root / "a.otter")
    assert {d.where for d in found.diagnostics} == {"b.otter"}


def test_a_missing_field_of_a_whole_text_is_said_beside_a_mistake_elsewhere(files: Write) -> None:
    root = files({"a.otter": 'import "b.otter"\nstep a { copy c { destination = "x" } }\n', "b.otter": 'param who: str = "\\q"\n'})
    found = check(root / "a.otter")
    assert codes(found) == ["OT205", "OT005"]


@pytest.mark.parametrize(
    "body",
    ['source = "abc destination = "y"', 'source = = "x"', 'source "x" "y"', "do { copy d { source = = 'x' } }"],
)
def test_a_field_that_a_mistake_may_have_swallowed_is_not_missing(files: Write, body: str) -> None:
    root = files({"a.otter": f"step a {{\n  copy b {{ {body}\n  }}\n  copy c {{ destination = 'x' }}\n}}\n"})
    found = check(root / "a.otter")
    assert [line for code, _, line in said(found) if code == "OT205"] == [4]
    assert min(codes(found)) < "OT2"


def test_a_mistake_in_one_step_hides_no_unknown_name_of_another(files: Write) -> None:
    broken = "step a {\n  copy { source = 'x' }\n  hello_world x { who = gone requires [copy.gone] }\n}\n"
    whole = "step b {\n  hello_world y { who = gone requires [copy.gone] }\n}\n"
    root = files({"a.otter": broken + whole})
    assert [(code, line) for code, _, line in said(check(root / "a.otter"))] == [("OT101", 2), ("OT202", 6), ("OT203", 6)]


def test_the_program_depends_on_no_folder(files: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    root = files({"pipes/a.otter": 'import "../b.otter"\n' + STEP, "b.otter": "param p: int = 1\n"})
    programs = []
    for folder, typed in [(root, "pipes/a.otter"), (root / "pipes", "a.otter"), (Path("/"), str(root / "pipes" / "a.otter"))]:
        monkeypatch.chdir(folder)
        programs.append(check(typed).program)
    assert programs[0] is not None
    assert programs[0] == programs[1] == programs[2]


# A brace that is missing moves what follows it into another block; a word that is missing or wrong makes others look wrong.
ONE_MISTAKE = {
    "a task's brace in a loop": (
        ('step s {\n  for e in ["a", "b"] as g {\n    copy "${e}" {\n      source = "x"\n      destination = "d/${e}"\n\n  }\n'
        '  copy y { requires [g] source = "x" destination = "e" }\n}\n'),
        [("OT102", 9)]),
    "a loop's brace before a step": (
        ('step s {\n  for e in ["a", "b"] as g {\n    copy "${e}" { source = "x" destination = "d/${e}" }\n\n'
        '  copy y { requires [g] source = "x" destination = "e" }\n}\nstep t {}\n'),
        [("OT105", 7)]),
    "the `extends` of a type": ('task t copy {\n  source = "a"\n}\nstep s { t x { destination = "b" } }\n', [("OT101", 1)]),
    "the type of a field": (
        'task t extends copy {\n  file:\n  source = "x/${file}"\n  destination = file\n}\nstep s { t x { file = "b" } }\n', [("OT302", 3)]),
    "the name of a field that provides": (
        'extern task t {\n  n: int\n  : list[Spec] provides [each]\n}\nstep s { t x { do { copy "${each}" { source = "a" destination = each } } } }',
        [("OT101", 2)]),
    "the name of a constant": ('scratchpad {\n  a = [1]\n  = { b = "x" }\n}\nstep s { hello_world x { who = m.b } }\n', [("OT101", 2)]),
    "a letter of a task's type": (
        ('step s {\n  fnd_latest a { source = "x" }\n  copy b { source = find_latest.a destination = "b" }\n'
        '  for e in ["p", "q"] { copi "${e} x" { source = "a" destination = "d/${e}" } }\n'
        "  hello_world c { requires [copy.'p x', copy.b] }\n}\n"),
        [("OT201", 2), ("OT201", 4)]),
}  # fmt: skip


@pytest.mark.parametrize("missing", ONE_MISTAKE)
def test_one_mistake_is_one_diagnostic(files: Write, missing: str) -> None:
    text, expected = ONE_MISTAKE[missing]
    assert [(code, line) for code, _, line in said(check(files({"a.otter": text}) / "a.otter"))] == expected


def test_an_unclosed_block_hides_nothing_of_other_steps(files: Write) -> None:
    text = "step r { hello_world x { whoo = 1 } }\nstep s {\n  for e in [1, 2] {\n    hello_world x {}\n}\nstep t { hello_world y { whoo = 1 } }\n"
    assert [(code, line) for code, _, line in said(check(files({"a.otter": text}) / "a.otter"))] == [("OT204", 1), ("OT105", 6), ("OT204", 6)]


def test_text_around_a_placeholder_is_never_a_number(files: Write) -> None:
    fields = 'n = "x${p}" yes = "is ${p}" parts = "${p},b" text = "x${p}" either = "x${p}"'
    page = f"use own\nparam p: int = 1\nstep a {{\n  numbers a {{ {fields} }}\n}}\n"
    root = files({"a.otter": page, "own/__init__.py": "", "own/numbers.py": NUMBERS})
    checked = check(root / "a.otter")
    said = [each.message for each in checked.diagnostics if each.code == "OT301"]
    assert [message.split(" of ")[0] for message in said] == ["field `n`", "field `yes`", "field `parts`"]
    assert said[0] == "field `n` of `numbers` is `int?`, and this stays text, whatever `${p}` is"


@pytest.mark.parametrize(
    "fields",
    ['n = "${p}"', 'n = "1${p}"', 'cut = "${p},b"', 'stripped = "v${p}"', 'n = "x${later}" scratchpad_ignore_missing = true', 'text = "$${a}${p}"'],
)
def test_text_that_a_field_may_make_something_of_is_left_to_the_run(files: Write, fields: str) -> None:
    page = f"use own\nparam p: int = 1\nstep a {{\n  numbers a {{ {fields} }}\n}}\n"
    root = files({"a.otter": page, "own/__init__.py": "", "own/numbers.py": NUMBERS})
    assert [each for each in check(root / "a.otter").diagnostics if each.code != "OT902"] == []


@pytest.mark.parametrize(
    ("setting", "codes"),
    [
        ('pool_size = "3"', ["OT301"]),
        ("pool_size = 3.0", ["OT301"]),
        ("pool_size = true", ["OT301"]),
        ("pool_size = workers", ["OT301"]),
        ("pool_size = 0", ["OT301"]),
        ("pool_size = 3", []),
        ("pool_size = three", []),
        ('log_level = "DEBUG" work_path = "./out"', []),
        ('release_uri = "gs://bucket/release"', []),
    ],
)
def test_settings_are_as_strict_as_params(files: Write, setting: str, codes: list[str]) -> None:
    root = files({"a.otter": f'pipeline p {{ {setting} }}\nscratchpad {{ workers = "3" three = 3 }}\n{STEP}'})
    assert [each.code for each in check(root / "a.otter").diagnostics if each.code != "OT903"] == codes
