"""Tasks of a configuration that use what another stores must say that they wait for it: only `requires` orders them there."""

from pathlib import Path

import pytest

from otterdsl.compiler.source.diagnostic import Diagnostic
from otterdsl.convert.check import check_config

FIND = "{name: find_latest x, source: 'in/*.json', scratchpad_key: newest}"

FIRST = "{name: 'hello_world ${each}', requires: [find_latest x]}"
SECOND = "{name: 'hello_world 2 ${each}', requires: ['hello_world ${each}']}"


def found(tmp_path: Path, tasks: str) -> tuple[Diagnostic, ...]:
    path = tmp_path / "config.yaml"
    path.write_text(f"steps:\n  s:\n{tasks}")
    return check_config(path).diagnostics


def test_a_task_that_does_not_wait_for_what_it_uses_is_refused(tmp_path: Path) -> None:
    (late,) = found(tmp_path, f"    - {FIND}\n    - {{name: hello_world y, who: 'v${{newest}}'}}\n")
    assert (late.code, late.message) == ("OT501", "`hello_world y` uses what `find_latest x` stores, and does not wait for it")
    assert late.help == "write `find_latest x` into its `requires`"


@pytest.mark.parametrize(
    "tasks",
    [
        [FIND, "{name: hello_world y, requires: [find_latest x], who: '${newest}'}"],
        [FIND, "{name: hello_world y, who: '${newest}', requires: [find_latest x]}"],
        ["{name: hello_world y, who: '${newest}', requires: [hello_world z]}", "{name: hello_world z, requires: [find_latest x]}", FIND],
        [FIND, "{name: explode e, requires: [find_latest x], foreach: [a, b], do: [{name: 'hello_world ${each}', who: '${newest}'}]}"],
        [
            FIND,
            "{name: explode e, foreach: [a, b], do: [{name: 'hello_world ${each}', requires: [find_latest x]}]}",
            "{name: hello_world last, requires: [explode e], who: '${newest}'}",
        ],
        [
            FIND,
            f"{{name: explode e, foreach: [a, b], do: [{FIRST}, {SECOND}]}}",
            "{name: hello_world last, requires: [hello_world 2 a], who: '${newest}'}",
        ],
        [FIND, "{name: explode e, requires: [find_latest x], foreach: '${newest}', do: [{name: 'hello_world ${each}'}]}"],
    ],
)
def test_one_that_waits_by_whatever_way_is_right(tmp_path: Path, tasks: list[str]) -> None:
    assert found(tmp_path, "".join(f"    - {task}\n" for task in tasks)) == ()
