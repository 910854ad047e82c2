"""What is declared of the fields of undeclared types: that they hold tasks, where not every use does; what a name stands for."""

from pathlib import Path

import pytest

from otterdsl.compiler.frontend import check
from otterdsl.convert.convert import convert_config

TASKS = "[{name: hello_world q}]"


@pytest.mark.parametrize(
    ("others", "of"),
    [
        (["do: [{name: hello_world r}]"], "list[Spec]"),
        (["x: 1"], "list[Spec]?"),
        (["do: text"], "list[Spec] | str"),
        (["do: text", "x: 1"], "list[Spec] | str?"),
        (["do: null"], "list[Spec]?"),
        (["do: [1]"], "list[Spec]"),
        (["do: 1", "do: a", "do: true", "do: {a: 1}"], "list[Spec] | any"),
    ],
)
def test_a_field_of_tasks_takes_what_every_use_gives_it(others: list[str], of: str, tmp_path: Path) -> None:
    uses = "".join(f"    - {{name: unk {number}, {other}}}\n" for number, other in enumerate(others))
    path = tmp_path / "config.yaml"
    path.write_text(f"steps:\n  s:\n    - {{name: unk a, do: {TASKS}}}\n{uses}", encoding="utf-8")
    text = convert_config(path).text or ""
    assert f" {of}\n" in text
    converted = tmp_path / "config.otter"
    converted.write_text(text, encoding="utf-8")
    # A value in a field of tasks is refused where it stands, and the declaration is right.
    declared = text.index("step s {")
    assert [each.code for each in check(converted).diagnostics if each.span is not None and each.span.start < declared] == []


def test_a_use_without_the_tasks_is_right(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(f"steps:\n  s:\n    - {{name: unk a, do: {TASKS}}}\n    - {{name: unk b, x: 1}}\n", encoding="utf-8")
    converted = tmp_path / "config.otter"
    converted.write_text(convert_config(path).text or "", encoding="utf-8")
    assert [each for each in check(converted).diagnostics if each.code != "OT903"] == []


@pytest.mark.parametrize("value", ["${my list}", "${a.c}", "${a.b}", "${same}", "['${a.b}', {k: '${a.c.d}'}]", "x${a.b}", "${n}", "${a.e}"])
def test_what_a_name_stands_for_fits_what_is_declared_of_it(value: str, tmp_path: Path) -> None:
    pad = "scratchpad: {n: 3, 'my list': [a], a: {b: 1, c: {d: x}}, a.e: 2, same: '${a.c}'}\n"
    path = tmp_path / "config.yaml"
    path.write_text(f"{pad}steps:\n  s:\n    - name: unk a\n      x: {value}\n", encoding="utf-8")
    converted = tmp_path / "config.otter"
    converted.write_text(convert_config(path).text or "", encoding="utf-8")
    assert [each for each in check(converted).diagnostics if each.code != "OT903"] == []
