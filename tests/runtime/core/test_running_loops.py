"""Loops that only a run can spread, run: what is asked when, what waits for what, how it ends."""

import asyncio
import json
import threading
from pathlib import Path
from typing import Any

import pytest
from pipelines import Run, load, run

from otterdsl.runtime.config.model import Config
from otterdsl.runtime.core import run_pipeline
from otterdsl.runtime.step import asking
from otterdsl.runtime.util.errors import StepInvalidError

STORE = """
class Store(Task):
    spec = Spec(name='store a')
    def run(self):
        self.context.scratchpad.store('list', {value})
        return self
"""


def ran(tmp_path: Path, text: str, files: dict[str, str] | None = None, **settings: Any) -> Run:
    """Run a step of these classes, with these files in its release."""
    for name, content in (files or {}).items():
        path = tmp_path / "work" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode())
    return run(load({"s": text}), tmp_path, **settings)


def tasks(done: Run) -> list[str]:
    return [task["name"] for task in done.manifest["steps"]["p_s"]["tasks"]]


def reason(done: Run) -> str:
    assert not done.result.ok
    return done.result.failure_reason or ""


def test_a_glob_is_spread_into_tasks_and_leaves_nothing_of_itself_in_the_manifest(tmp_path: Path) -> None:
    text = """
class A(Noop):
    for_each = {'f': Glob('in/**/*.csv')}
    group = 'all'
    spec = Spec(name='noop ${f.stem}', u='${f.uri}', p='${f.prefix}|${f.path}|${f.ext}')
class B(Noop):
    spec = Spec(name='noop last', requires=['all'])
"""
    done = ran(tmp_path, text, {"in/b.csv": "", "in/x/a.csv": "", "in/c.txt": ""})
    assert tasks(done) == ["noop b", "noop a", "noop last"]
    assert done.finished()[-1] == "noop last"
    specs = {task.spec.name: task.spec.model_extra for task in done.result.steps[0].tasks.values()}
    assert specs["noop a"] == {"u": "in/x/a.csv", "p": "in|x|csv"}


def test_a_glob_is_asked_once_its_requirements_are_done_and_sees_what_they_made(tmp_path: Path) -> None:
    text = """
class Make(Task):
    spec = Spec(name='make a')
    def run(self):
        (self.context.config.work_path / 'made').mkdir()
        (self.context.config.work_path / 'made' / 'x.csv').write_text('')
        return self
class A(Noop):
    for_each = {'f': Glob('made/*')}
    spec = Spec(name='noop ${f.stem}', requires=['make a'])
class Last(Noop):
    spec = Spec(name='noop last', requires=['noop $${f.stem}'])
"""
    assert ran(tmp_path, text).finished() == ["make a", "noop x", "noop last"]


def test_tasks_of_one_loop_wait_for_each_other_turn_by_turn(tmp_path: Path) -> None:
    text = """
import asyncio
class Slow(Task):
    for_each = {'f': Glob('*.csv')}
    spec = Spec(name='slow ${f.stem}')
    async def run(self):
        await asyncio.sleep(0.3 if self.name == 'slow a' else 0)
        return self
class After(Noop):
    for_each = {'f': Glob('*.csv')}
    spec = Spec(name='noop ${f.stem}', requires=['slow ${f.stem}'])
"""
    done = ran(tmp_path, text, {"a.csv": "", "b.csv": ""})
    assert done.finished() == ["slow b", "noop b", "slow a", "noop a"]


@pytest.mark.parametrize("first", ["if", "other"])
def test_a_turn_that_a_condition_left_out_is_not_waited_for(tmp_path: Path, first: str) -> None:
    parts = {
        "if": """
class If(Noop):
    for_each = {'f': Glob('*.csv')}
    when = Compare(Item('f.stem'), '!=', 'a')
    spec = Spec(name='noop if ${f.stem}')
""",
        "other": """
class Other(Noop):
    for_each = {'f': Glob('*.csv')}
    spec = Spec(name='noop other ${f.stem}', requires=['noop if ${f.stem}'])
""",
    }
    order = [first, *(name for name in parts if name != first)]
    done = ran(tmp_path, "".join(parts[name] for name in order), {"a.csv": "", "b.csv": ""})
    assert sorted(done.finished()) == ["noop if b", "noop other a", "noop other b"]
    assert done.finished().index("noop if b") < done.finished().index("noop other b")


def test_both_branches_may_make_the_task_that_another_requires(tmp_path: Path) -> None:
    text = """
class After(Noop):
    for_each = {'f': Glob('*.csv')}
    spec = Spec(name='noop after ${f.stem}', requires=['noop ${f.stem}'])
class Then(Noop):
    for_each = {'f': Glob('*.csv')}
    when = Compare(Item('f.stem'), '==', 'a')
    spec = Spec(name='noop ${f.stem}')
class Else(Noop):
    for_each = {'f': Glob('*.csv')}
    when = Not(Compare(Item('f.stem'), '==', 'a'))
    spec = Spec(name='noop ${f.stem}')
"""
    finished = ran(tmp_path, text, {"a.csv": "", "b.csv": ""}).finished()
    assert sorted(finished) == ["noop a", "noop after a", "noop after b", "noop b"]
    assert finished.index("noop a") < finished.index("noop after a")
    assert finished.index("noop b") < finished.index("noop after b")


def test_a_loop_whose_statement_is_left_out_is_not_asked(tmp_path: Path) -> None:
    text = """
class If(Noop):
    for_each = {'f': Glob('nothing/*')}
    when = False
    group = 'g'
    spec = Spec(name='noop if ${f.stem}')
class Other(Noop):
    for_each = {'f': Glob('*.csv')}
    spec = Spec(name='noop ${f.stem}', requires=['noop if ${f.stem}', 'g'])
"""
    assert ran(tmp_path, text, {"a.csv": ""}).finished() == ["noop a"]


def test_a_condition_over_the_outer_turn_keeps_the_inner_loop_from_being_asked(tmp_path: Path) -> None:
    text = """
class If(Noop):
    for_each = {'l': Lines('l.txt'), 'f': Glob('${l}/*')}
    when = Compare(Item('l'), '!=', 'none')
    spec = Spec(name='noop ${l} ${f.stem}')
class Other(Noop):
    for_each = {'l': Lines('l.txt')}
    spec = Spec(name='noop of ${l}', requires=['noop ${l} $${f.stem}'])
"""
    done = ran(tmp_path, text, {"l.txt": "none\nd\n", "d/x": ""})
    assert sorted(done.finished()) == ["noop d x", "noop of d", "noop of none"]
    assert done.finished().index("noop d x") < done.finished().index("noop of d")


def test_loops_nest_over_every_kind_of_source(tmp_path: Path) -> None:
    text = (
        STORE.format(value="[{'n': 1, 'in': ['p']}, {'n': 2, 'in': []}]")
        + """
class A(Noop):
    for_each = {'s': ('x', 'y'), 'st': Stored('list'), 'i': Item('st.in'), 'l': Lines('${s}.txt'), 'j': Json('j.json', 'k[?n > `1`]'), 'k': (7,)}
    group = ('outer', 'inner')
    spec = Spec(name='noop ${s} ${st.n} ${i} ${l} ${j.n} ${k}', requires=['store a'])
class B(Noop):
    spec = Spec(name='noop last', requires=['inner'])
"""
    )
    done = ran(tmp_path, text, {"x.txt": "1\r\n\r\n2", "y.txt": "\n\n3\n", "j.json": '{"k": [{"n": 1}, {"n": 2}]}'})
    assert done.result.failure_reason is None
    assert tasks(done) == ["store a", "noop x 1 p 1 2 7", "noop x 1 p 2 2 7", "noop y 1 p 3 2 7", "noop last"]
    assert done.finished()[-1] == "noop last"


def test_an_empty_loop_that_may_be_empty_is_done_at_once(tmp_path: Path) -> None:
    text = """
class A(Noop):
    for_each = {'f': Glob('no/*', allow_empty=True)}
    group = 'g'
    spec = Spec(name='noop ${f.stem}')
class B(Noop):
    spec = Spec(name='noop last', requires=['g'])
"""
    assert ran(tmp_path, text).finished() == ["noop last"]


def test_statements_of_one_loop_see_the_same_files_and_a_loop_of_its_own_looks_again(tmp_path: Path) -> None:
    text = """
class First(Task):
    for_each = {'f': Glob('*.csv')}
    spec = Spec(name='first ${f.stem}')
    def run(self):
        (self.context.config.work_path / 'more.csv').write_text('')
        return self
class Second(Noop):
    for_each = {'f': Glob('*.csv')}
    spec = Spec(name='noop second ${f.stem}', requires=['first $${f.stem}'])
class Third(Noop):
    for_each = {'f': Glob('*.csv', number=2)}
    spec = Spec(name='noop third ${f.stem}', requires=['first $${f.stem}'])
"""
    done = ran(tmp_path, text, {"a.csv": ""})
    assert sorted(done.finished()) == ["first a", "noop second a", "noop third a", "noop third more"]


BOOM = "class Boom(Noop):\n    for_each = {{'x': {source}}}\n    spec = Spec(name='noop ${{{name}}}')\n"


@pytest.mark.parametrize(
    ("source", "name", "said"),
    [
        ("Glob('no/*.csv')", "x.stem", 'the loop over glob("no/*.csv"): no file matches `{work}/no/*.csv` (`allow_empty = true` would let it be)'),
        ("Glob('no/')", "x.stem", 'the loop over glob("no/"): `no/` is no glob: it holds no `*`, `?` or `['),
        ("Lines('no.txt')", "x", 'the loop over lines("no.txt"): `{work}/no.txt` does not exist'),
        ("Lines('bad.txt')", "x", 'the loop over lines("bad.txt"): `{work}/bad.txt` cannot be read as utf-8-sig text'),
        ("Json('no.json', 'a')", "x", 'the loop over json("no.json", "a"): `{work}/no.json` does not exist'),
        ("Json('bad.txt', 'a')", "x", "`{work}/bad.txt` is no JSON: "),
        ("Json('j.json', 'a[')", "x", "`a[` cannot be asked of `{work}/j.json`: "),
        ("Json('j.json', 'missing')", "x", "`missing` finds nothing in `{work}/j.json`, and no list"),
        ("Json('j.json', 'a')", "x", "`a` finds 1 in `{work}/j.json`, and no list"),
        ("Json('j.json', 'l')", "x.b", "the loop's `x.b`: there is no `b` in {{'a': 1}}"),
        ("Lines('l.txt')", "x.b", "the loop's `x.b`: there is no `b` in 'one'"),
        ("Stored('lst')", "x", "the loop over lst: nothing gives `${{lst}}` a value"),
        ("Glob('${late}/*')", "x.stem", "nothing gives `${{late}}` a value"),
        ("Lines('l2.txt')", "x", "two turns make a task `noop same`: that of `x` = 'same', and that of `x` = 'same'"),
        ("Glob('http://127.0.0.1:9/*.csv')", "x.stem", "http and https list no files"),
        ("Lines('l.txt'), 'y': Glob('${x}/*')", "y.stem", 'the loop over glob("one/*"): no file matches `{work}/one/*`'),
    ],
)
def test_what_goes_wrong_fails_the_step_and_names_the_line(tmp_path: Path, source: str, name: str, said: str) -> None:
    files = {"j.json": '{"a": 1, "l": [{"a": 1}]}', "l.txt": "one", "l2.txt": "same\nsame\n", "bad.txt": ""}
    (tmp_path / "work").mkdir()
    for each, content in files.items():
        (tmp_path / "work" / each).write_text(content)
    (tmp_path / "work" / "bad.txt").write_bytes(b"\xff{")
    done = ran(tmp_path, BOOM.format(source=source, name=name) + "class Z(Noop):\n    spec = Spec(name='noop z')\n")
    text = reason(done)
    assert text.startswith("step `s` failed: p.otter:7: the loop over ")
    assert said.format(work=tmp_path / "work") in text
    assert "internal" not in text
    assert set(tasks(done)) <= {"noop z"}


@pytest.mark.parametrize("value", ["'text'", "{'a': 1}", "None", "3"])
def test_what_a_task_stored_must_be_a_list(tmp_path: Path, value: str) -> None:
    text = STORE.format(value=value) + BOOM.format(source="Stored('list')", name="x").replace("}')", "}', requires=['store a'])")
    done = ran(tmp_path, text)
    assert "p.otter:7: the loop over list: `list` is " in reason(done)
    assert tasks(done) == ["store a"]


def test_a_task_that_exists_already_is_refused_with_both_lines(tmp_path: Path) -> None:
    text = BOOM.format(source="Lines('l.txt')", name="x") + "class Z(Noop):\n    spec = Spec(name='noop one')\n"
    assert "p.otter:7: duplicate task: `noop one`" in reason(ran(tmp_path, text, {"l.txt": "one"}))


def test_a_turn_that_waits_for_all_turns_is_drawn_as_a_cycle(tmp_path: Path) -> None:
    text = "class Boom(Noop):\n    for_each = {'x': Lines('l.txt')}\n    spec = Spec(name='noop ${x}', requires=['noop $${x}'])\n"
    with pytest.raises(StepInvalidError, match=r"in a circle: `noop \$\{x\}` → `noop \$\{x\}`"):
        ran(tmp_path, text)


def test_relative_to_the_source_file(tmp_path: Path) -> None:
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "l.txt").write_text("a\nb")
    text = BOOM.format(source="Lines('./l.txt'), 'f': Glob('./*.txt'), 'j': Json('../src/j.json', '@')", name="x} ${f.stem} ${j")
    (tmp_path / "src" / "j.json").write_text("[1]")
    done = ran(tmp_path, text, source_root=tmp_path / "src")
    assert sorted(done.finished()) == ["noop a l 1", "noop b l 1"]


# ---------------------------------------------------------------- ending


FAIL = """
class Fail(Task):
    spec = Spec(name='fail a')
    async def run(self):
        raise ValueError('no')
"""


@pytest.fixture
def slow_asking(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Have asking take until the test is over; tells when it has begun."""
    begun, over = threading.Event(), threading.Event()

    def ask(*_: object) -> list[Any]:
        begun.set()
        assert over.wait(60), "the end was waited for"
        return []

    monkeypatch.setattr("otterdsl.runtime.step.loops.ask", ask)
    yield begun
    over.set()


def test_a_failure_ends_the_step_while_a_loop_is_asked(tmp_path: Path, slow_asking: threading.Event) -> None:
    text = BOOM.format(source="Glob('*')", name="x.stem") + FAIL + "class Z(Noop):\n    spec = Spec(name='noop z', requires=['noop $${x.stem}'])\n"
    done = ran(tmp_path, text)
    assert "`fail a` failed: ValueError: no" in reason(done)
    assert slow_asking.is_set()
    assert {task["name"]: task["result"] for task in done.manifest["steps"]["p_s"]["tasks"]} == {"fail a": "failure", "noop z": "aborted"}


def test_an_interruption_ends_the_run_while_a_loop_is_asked(tmp_path: Path, slow_asking: threading.Event) -> None:
    loaded = load({"s": BOOM.format(source="Glob('*')", name="x.stem")})

    async def interrupted() -> None:
        running = asyncio.create_task(run_pipeline(loaded, config=Config(work_path=tmp_path / "work"), params={}))
        await asyncio.to_thread(slow_asking.wait, 30)
        running.cancel()
        await running

    with pytest.raises(asyncio.CancelledError):
        asyncio.run(interrupted())
    step = json.loads((tmp_path / "work" / "manifest.json").read_text())["steps"]["p_s"]
    assert (step["result"], step["tasks"]) == ("aborted", [])


def test_no_more_than_pool_size_are_asked_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    now, most, lock, together = 0, 0, threading.Lock(), threading.Barrier(3)
    real = asking.ask

    def ask(*arguments: Any) -> list[Any]:
        nonlocal now, most
        with lock:
            now, most = now + 1, max(most, now + 1)
        together.wait(30)
        found = real(*arguments)
        with lock:
            now -= 1
        return found

    monkeypatch.setattr("otterdsl.runtime.step.loops.ask", ask)
    text = "class A(Noop):\n    for_each = {'n': tuple(range(9)), 'f': Glob('${n}*')}\n    spec = Spec(name='noop ${n} ${f.stem}')\n"
    done = ran(tmp_path, text, {f"{n}.csv": "" for n in range(9)}, pool_size=3)
    assert len(done.finished()) == 9
    assert most == 3


def test_tasks_go_on_while_a_loop_is_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    others = threading.Event()

    def ask(*_: object) -> list[Any]:
        return [{"stem": str(others.wait(30)), "path": "", "prefix": "", "ext": ""}]

    monkeypatch.setattr("otterdsl.runtime.step.loops.ask", ask)
    text = (
        BOOM.format(source="Glob('*')", name="x.stem")
        + "class Z(Noop):\n    for_each = {'n': tuple(range(300))}\n    spec = Spec(name='noop ${n}')\n"
    )
    loaded = load({"s": text})
    finished: list[str] = []

    def note(event: Any) -> None:
        if event.event == "finished":
            finished.append(event.task)
            if len(finished) == 300:
                others.set()

    asyncio.run(run_pipeline(loaded, config=Config(work_path=tmp_path / "work"), params={}, on_event=note))
    assert finished[-1] == "noop True"


def test_ten_thousand_turns_come_to_their_end(tmp_path: Path) -> None:
    text = """
class A(Noop):
    for_each = {'l': Lines('l.txt')}
    spec = Spec(name='noop ${l}', requires=['noop after ${l}'])
class B(Noop):
    for_each = {'l': Lines('l.txt')}
    group = 'g'
    spec = Spec(name='noop after ${l}')
class Last(Noop):
    spec = Spec(name='noop last', requires=['g'])
"""
    done = ran(tmp_path, text, {"l.txt": "\n".join(map(str, range(5_000)))})
    assert len(tasks(done)) == 10_001
    assert done.finished().index("noop last") >= 5_000
