"""Bash is asked whether it can parse scripts: once for all that are right, at their lines for those that are not, and it runs nothing."""

import os
import subprocess
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scripts import V, checked, task

from otterdsl.compiler import bash


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many bytes each process was given."""
    sizes: list[int] = []
    run = subprocess.run

    def counted(*arguments, **keywords):
        sizes.append(os.path.getsize(arguments[0][-1]))
        return run(*arguments, **keywords)

    monkeypatch.setattr(bash.subprocess, "run", counted)
    return sizes


def told(folder: Path, *scripts: str) -> list[tuple[int, str, str]]:
    """The scripts that bash cannot parse, by number, with the text that is pointed at, and what bash says."""
    texts = [task(f"t{number}", script) for number, script in enumerate(scripts)]
    found = checked(folder, "".join(texts))
    starts = [sum(map(len, texts[:number])) for number in range(len(texts))]
    return [
        (
            max(n for n, start in enumerate(starts) if start <= each.span.start),
            found.texts[each.span.file].text[each.span.start : each.span.end],
            each.message,
        )
        for each in found.diagnostics
        if each.code == "OT106" and each.span is not None
    ]


def test_right_scripts_take_one_process(asked: list[int], tmp_path: Path) -> None:
    assert told(tmp_path, f"echo {V}", "if true; then\n  echo x\nfi", "cat <<E\n a\nE", "# nothing", f"case {V} in a) ;; esac # )") == []
    assert len(asked) == 1


def test_without_scripts_bash_is_not_asked(asked: list[int], tmp_path: Path) -> None:
    assert checked(tmp_path, "task t {\n  run python 'pass'\n}\n").program is not None
    assert asked == []


@pytest.mark.parametrize(
    ("script", "where", "said"),
    [
        ("echo a\nif true; then\n  echo b\n", "echo b", "unexpected end of file"),
        ('echo a\necho "b\necho c', '\\"', 'looking for matching `"'),
        ("echo 'b", "'", "looking for matching `''"),
        ("echo a\n fi\necho c", "fi", "near unexpected token `fi'"),
        ("echo a; )", ")", "near unexpected token `)'"),
        (f"for x in {V}; do\n  echo\n\n\n", "echo", "unexpected end of file"),
        ("echo $(echo a\necho b", "echo b", "looking for matching `)'"),
        ("cat <<END\n text\n", "cat <<END", "no line after this here-document is `END`"),
        ("a=(1 2", "a=(1 2", "looking for matching `)'"),
    ],
)
def test_what_it_cannot_parse_is_told_where_it_says(script: str, where: str, said: str, tmp_path: Path) -> None:
    (found,) = told(tmp_path, "echo right", script, "echo right too")
    assert found[0] == 1
    assert said in found[2]
    assert found[1] == where


WRONG = (
    'echo "a', "echo 'a", "echo `a", "if true; then", "fi", "}", "{ echo", ")", "( echo", "echo $(", "echo ${a", "case x in", "esac", "for a in",
    "done", "cat <<E", "((1", "[[ a", "a=(", "echo $((1", "} ) } (", "echo a; ;;", "&& b", "function", "| a", "echo \"$(echo 'x\")", "echo a &&",
)  # fmt: skip


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(scripts=st.lists(st.sampled_from((*WRONG, "echo right", "true # it's", 'echo "it\'s"')), min_size=1, max_size=6))
def test_no_script_makes_another_one_right(scripts: list[str], tmp_path: Path) -> None:
    assert sorted({number for number, *_ in told(tmp_path, *scripts)}) == [number for number, script in enumerate(scripts) if script in WRONG]


def test_a_script_that_sets_extglob_is_read_with_it(tmp_path: Path) -> None:
    assert told(tmp_path, "shopt -s extglob\nrm -f !(a|b)", "echo") == []
    assert [number for number, *_ in told(tmp_path, "echo", "rm -f !(a|b) x(")] == [1]


def test_nothing_is_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "start").write_text(f"touch {tmp_path}/pwned\n")
    for name in ("BASH_ENV", "ENV"):
        monkeypatch.setenv(name, str(tmp_path / "start"))
    told(tmp_path, f"touch {tmp_path}/pwned", f"$(touch {tmp_path}/pwned)", "if", f"trap 'touch {tmp_path}/pwned' EXIT")
    told(tmp_path, f"set +n\ntouch {tmp_path}/pwned")
    assert not (tmp_path / "pwned").exists()


def test_without_bash_nothing_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert told(tmp_path, "if") == []


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(st.characters(exclude_categories=["Cs", "Cc"]) | st.sampled_from(f"\n\t $(){{}}[]`'\"\\|&;<>#=!*?{V}"), max_size=40))
def test_no_script_is_too_odd_to_be_told_of(text: str, tmp_path: Path) -> None:
    found = checked(tmp_path, task("t", text))
    assert {each.code for each in found.diagnostics} <= {"OT106", "OT108", "OT213", "OT905"}
