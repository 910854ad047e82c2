"""The collector is off while a file is checked, and after it is as it was before."""

import gc
from collections.abc import Iterator

import pytest

from otterdsl.compiler import frontend
from otterdsl.compiler.frontend import check, no_collection


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    was_on = gc.isenabled()
    yield
    (gc.enable if was_on else gc.disable)()


@pytest.mark.parametrize("on", [True, False])
def test_the_collector_is_afterwards_as_it_was(on: bool, tmp_path) -> None:
    (gc.enable if on else gc.disable)()
    (tmp_path / "a.otter").write_text("step a { hello_world b {} }")
    assert check(tmp_path / "a.otter").diagnostics == ()
    assert gc.isenabled() is on


def test_the_collector_is_off_while_a_file_is_analysed(tmp_path, monkeypatch) -> None:
    gc.enable()
    states = []
    analyse = frontend.analyse
    monkeypatch.setattr(frontend, "analyse", lambda *given: (states.append(gc.isenabled()), analyse(*given))[1])
    (tmp_path / "a.otter").write_text("step a { hello_world b {} }")
    check(tmp_path / "a.otter")
    assert states == [False]


def test_an_exception_turns_it_on_again() -> None:
    gc.enable()
    with pytest.raises(ZeroDivisionError), no_collection():
        _ = 1 / 0
    assert gc.isenabled()
