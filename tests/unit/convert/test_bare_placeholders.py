"""A name after `$` without brackets, which Otter fills in, is pointed out where it is one that has a value."""

from pathlib import Path

import pytest

from otterdsl.convert.check import check_config
from otterdsl.convert.convert import convert_config

STEPS = "scratchpad: {base: x, b: y}\nsteps:\n  a:\n"


def write(folder: Path, value: str) -> Path:
    path = folder / "config.yaml"
    path.write_text(f"{STEPS}    - name: hello_world x\n      who: {value}\n", encoding="utf-8")
    return path


@pytest.mark.parametrize(("value", "column"), [("$base", 12), ("a/$base/b", 14), ("'$base'", 13), ("${base}$$$base", 21)])
def test_one_that_has_a_value_is_said_at_its_place(value: str, column: int, tmp_path: Path) -> None:
    checked = check_config(write(tmp_path, value))
    (found,) = checked.diagnostics
    assert (found.code, found.help) == ("OT218", "write `${base}`")
    assert found.span is not None
    assert checked.texts["config.yaml"].position(found.span.start).column == column
    assert [each.code for each in convert_config(tmp_path / "config.yaml").diagnostics] == ["OT218"]


@pytest.mark.parametrize("value", ["$other", "$$base", "$ base", "${base}", "$5", "$basement", "$base of it", "$b"])
def test_others_are_text(value: str, tmp_path: Path) -> None:
    assert check_config(write(tmp_path, value)).diagnostics == ()


def test_a_loop_s_variable_is_one_too(tmp_path: Path) -> None:
    do = "do: [{name: 'hello_world ${each}', who: $each}]"
    (tmp_path / "config.yaml").write_text(f"steps:\n  a:\n    - name: explode x\n      foreach: [a]\n      {do}\n", encoding="utf-8")
    assert [(each.code, each.help) for each in check_config(tmp_path / "config.yaml").diagnostics] == [("OT218", "write `${each}`")]
