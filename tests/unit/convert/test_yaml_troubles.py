"""What is wrong with a configuration, as YAML and as a configuration: said at its line and column, with a mend, and never by a traceback."""

from pathlib import Path

import pytest

from otterdsl.compiler.source.diagnostic import Diagnostic
from otterdsl.convert.check import check_config
from otterdsl.convert.convert import convert_config

HEAD = "steps:\n  a:\n    - name: hello_world x\n"
WHO = f"{HEAD}      who: "
BOMB = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(f"{chr(98 + i)}: &{chr(98 + i)} [{','.join(['*' + chr(97 + i)] * 9)}]\n" for i in range(12))

UNREADABLE = {
    "a-tab": ("steps:\n\ta: []\n", "OT009", 2, 1, "a tab in the indent"),
    "an-indent-too-far": (f"{HEAD}     who: b\n", "OT009", 4, 6, "an item that begins with `- ` was expected"),
    "an-indent-too-short": (f"{HEAD}   who: b\n", "OT009", 4, 4, "a key was expected"),
    "a-double-quote": (f'{WHO}"abc\n  b: []\n', "OT009", 4, 12, "opened here"),
    "a-single-quote": (f"{WHO}'abc\n  b: []\n", "OT009", 4, 12, "opened here"),
    "a-colon": (f"{WHO}a: b\n", "OT009", 4, 13, "a `:` that cannot stand here"),
    "a-bracket": (f"{WHO}[a, b\n  b: []\n", "OT009", 5, 4, "a comma or the closing bracket was expected"),
    "an-at": (f"{WHO}@x\n", "OT009", 4, 12, "no text without quotes begins so"),
    "a-glob": (f"{WHO}**/x\n", "OT009", 4, 13, "what begins with `*` or `&` is an alias or an anchor"),
    "an-alias-of-nothing": (f"{WHO}*x\n", "OT009", 4, 12, "nothing is called so"),
    "an-alias-within-itself": ("a: &a\n  b: [*a]\n", "OT009", 2, 7, "this has no end"),
    "a-tag": (f"{WHO}!mine x\n", "OT009", 4, 12, "Otter's loader stops here"),
    "a-tag-of-python": (f"{WHO}!!python/name:os.system\n", "OT009", 4, 12, "Otter's loader stops here"),
    "a-tag-of-a-map": (f"{WHO}!mine {{a: b}}\n", "OT009", 4, 12, "tagged here"),
    "an-equals-sign": (f"{WHO}=\n", "OT009", 4, 12, "Otter's loader stops here"),
    "no-date": (f"{WHO}2025-13-45\n", "OT009", 4, 12, "Otter's loader stops here"),
    "no-int": (f"{WHO}!!int x\n", "OT009", 4, 12, "Otter's loader stops here"),
    "two-documents": (f"{HEAD}---\n{HEAD}", "OT009", 4, 1, "the second document"),
    "a-control-character": (f"{WHO}a\x07b\n", "OT003", 4, 13, "not allowed in a text"),
    "no-character": (f"{WHO}a\ufffeb\n", "OT009", 4, 13, "not allowed in YAML"),
    "deep-brackets": (f"steps: {'[' * 50_000}", "OT008", 1, 107, "more than 100 levels"),
    "deep-maps": ("".join(f"{' ' * i}a:\n" for i in range(2_000)), "OT008", 101, 101, "more than 100 levels"),
    "an-alias-bomb": (BOMB, "OT008", 6, 11, "more than 200,000 values by now"),
    "a-key-that-is-a-list": (f"{WHO}{{[a]: b}}\n", "OT009", 4, 13, "this cannot be a key"),
    "a-merge-key-of-text": (f"{HEAD}      <<: b\n", "OT009", 4, 11, "no map"),
    "nothing": ("", "OT101", 1, 1, "a map was expected"),
    "comments-alone": ("# nothing\n", "OT101", 1, 1, "a map was expected"),
    "a-list": ("- a\n", "OT101", 1, 1, "no map"),
    "text": ("a text\n", "OT101", 1, 1, "no map"),
}

_NO_KEY = "neither the scratchpad nor a task of this step has such a key"
WRONG = {
    "no-steps": ("work_path: x\n", "OT101", 1, 1, "a map of steps was expected"),
    "steps-in-a-list": ("steps:\n  - a\n", "OT217", 2, 3, "no map"),
    "no-step-in-steps": ("work_path: x\nsteps: {}\n", "OT101", 2, 8, "nothing is here"),
    "nearly-steps": (f"{HEAD.replace('steps', 'step')}", "OT101", 1, 1, "Otter does not read `step`"),
    "an-empty-step": ("steps:\n  a:\n", "OT217", 2, 3, "empty"),
    "a-step-of-fields": ("steps:\n  a:\n    name: copy x\n", "OT217", 2, 3, "no list"),
    "a-task-of-text": ("steps:\n  a:\n    - copy x\n", "OT217", 3, 7, "no map"),
    "a-task-without-name": ("steps:\n  a:\n    - who: x\n", "OT217", 3, 7, "in this entry"),
    "a-name-that-is-a-number": ("steps:\n  a:\n    - name: 3\n", "OT217", 3, 13, "no text"),
    "a-name-without-type": ("steps:\n  a:\n    - name: ' x'\n", "OT217", 3, 13, "no type"),
    "a-type-that-is-no-name": ("steps:\n  a:\n    - name: a-b x\n", "OT217", 3, 13, "begins with no type"),
    "a-type-that-is-a-word": ("steps:\n  a:\n    - name: for x\n", "OT217", 3, 13, "begins with no type"),
    "a-key-twice": (f"{WHO}a\n      who: b\n", "OT206", 5, 7, "given again here"),
    "a-step-twice": (f"{HEAD}  a: []\n", "OT206", 4, 3, "given again here"),
    "requires-text": (f"{HEAD}      requires: hello_world y\n", "OT301", 4, 17, "no list"),
    "requires-null": (f"{HEAD}      requires:\n", "OT301", 4, 7, "no list"),
    "requires-a-number": (f"{HEAD}      requires: [3]\n", "OT301", 4, 18, "no name"),
    "a-setting-of-no-use": (f"pool: 3\n{HEAD}", "OT216", 1, 1, "not read"),
    "a-date": (f"{HEAD}      who: 2025-01-16\n", "OT218", 4, 12, "cannot be held as it is"),
    "a-scratchpad-of-text": (f"scratchpad: x\n{HEAD}", "OT217", 1, 13, "no map"),
    "a-placeholder-in-the-scratchpad": (f"scratchpad: {{x: '${{y}}'}}\n{HEAD}", "OT501", 1, 20, _NO_KEY),
    "tasks-that-are-text": ("steps:\n  a:\n    - name: explode x\n      foreach: [a]\n      do: copy\n", "OT301", 5, 11, "not tasks"),
}


def found(text: str, folder: Path) -> tuple[Diagnostic, int, int]:
    """The one thing that is wrong with a text, and where."""
    path = folder / "config.yaml"
    path.write_bytes(text.encode())
    checked = check_config(path)
    (only,) = checked.diagnostics
    assert only.span is not None
    at = checked.texts["config.yaml"].position(only.span.start)
    return only, at.line, at.column


@pytest.mark.parametrize(("text", "code", "line", "column", "label"), UNREADABLE.values(), ids=UNREADABLE.keys())
def test_what_cannot_be_read_is_said_at_its_place_and_not_converted(text: str, code: str, line: int, column: int, label: str, tmp_path: Path) -> None:
    diagnostic, *place = found(text, tmp_path)
    assert (diagnostic.code, *place, diagnostic.label) == (code, line, column, label)
    assert convert_config(tmp_path / "config.yaml").text is None


@pytest.mark.parametrize(("text", "code", "line", "column", "label"), WRONG.values(), ids=WRONG.keys())
def test_what_is_no_configuration_is_said_at_its_place_and_converted(
    text: str, code: str, line: int, column: int, label: str, tmp_path: Path
) -> None:
    diagnostic, *place = found(text, tmp_path)
    assert (diagnostic.code, *place, diagnostic.label) == (code, line, column, label)
    assert convert_config(tmp_path / "config.yaml").text is not None


@pytest.mark.parametrize("text", [f"\ufeff{WHO}y\n", f"{WHO}y\n".replace("\n", "\r\n"), f"%YAML 1.1\n---\n{WHO}y\n...\n"])
def test_marks_line_ends_and_directives_are_read(text: str, tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_bytes(text.encode())
    assert check_config(path).diagnostics == ()


def test_bytes_that_are_no_utf_8_are_said_at_their_place(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_bytes(f"{WHO}".encode() + b"\xff\n")
    (diagnostic,) = check_config(path).diagnostics
    assert (diagnostic.code, diagnostic.span and diagnostic.span.start) == ("OT002", len(WHO))


@pytest.mark.parametrize("name", ["missing.yaml", "folder.yaml"])
def test_a_file_that_cannot_be_read_is_said(name: str, tmp_path: Path) -> None:
    (tmp_path / "folder.yaml").mkdir()
    (diagnostic,) = check_config(tmp_path / name).diagnostics
    assert diagnostic.code == "OT001"
    assert convert_config(tmp_path / name).text is None


def test_keys_that_hold_what_aliases_mean_are_read(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(f"x-who: &who\n  who: all\n{HEAD}      <<: *who\n", encoding="utf-8")
    assert check_config(path).diagnostics == ()


def test_what_is_wrong_with_an_aliased_value_is_said_at_each_alias(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(f"x: &x 3\n{WHO}*x\n    - name: hello_world y\n      who: *x\n", encoding="utf-8")
    checked = check_config(path)
    text = checked.texts["config.yaml"]
    places = [(each.code, *text.position(each.span.start)) for each in checked.diagnostics if each.span is not None]
    assert places == [("OT301", 5, 12), ("OT301", 7, 12)]


def test_a_null_requires_is_said_and_leaves_nothing_behind(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(f"{HEAD}      requires:\n    - name: hello_world y\n", encoding="utf-8")
    assert [each.code for each in check_config(path).diagnostics] == ["OT301"]
    assert "requires" not in (convert_config(path).text or "requires")


def test_only_the_steps_that_are_wanted_are_looked_at(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(f"{HEAD}  b:\n    - name: nothing x\n  c: 3\n", encoding="utf-8")
    assert [each.code for each in check_config(path).diagnostics] == ["OT201", "OT217"]
    assert check_config(path, steps=["a"]).diagnostics == ()
    assert check_config(path, steps=["a", "unknown"]).diagnostics == ()
