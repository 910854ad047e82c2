import json
import os
from dataclasses import replace
from pathlib import Path

import pytest

from otterdsl.compiler import writing
from otterdsl.compiler.codegen.lock import LOCK
from otterdsl.compiler.compile import Compilation, compare, compile_file, write

SOURCE = """
pipeline inputs { pool_size = 2 }
param who: str = "world"
step first { hello_world a { who = who } }
step second { requires [first] hello_world b {} }
"""


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "src" / "inputs.otter"
    path.parent.mkdir()
    path.write_text(SOURCE)
    return path


def compiled(source: Path, text: str = SOURCE, sets: dict[str, object] | None = None) -> Compilation:
    source.write_text(text)
    compilation = compile_file(source, sets=sets)
    assert not compilation.has_errors, compilation.diagnostics
    return compilation


def held(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def codes(diagnostics) -> list[str]:
    return [each.code for each in diagnostics]


def test_a_package_is_written_below_the_folder_named(source: Path, tmp_path: Path) -> None:
    compilation = compiled(source)
    assert write(compilation, tmp_path / "deep" / "out") == ()
    folder = tmp_path / "deep" / "out" / "inputs"
    assert set(held(folder)) == {"__init__.py", "first.py", "second.py", LOCK}
    assert {name: text.decode() for name, text in held(folder).items() if name != LOCK} == {
        name: text for name, text in compilation.files.items() if name != LOCK
    }
    assert json.loads((folder / LOCK).read_text())["source_root"] == "../../../src"
    assert compare(compilation, tmp_path / "deep" / "out") == ()


def test_writing_again_touches_nothing(source: Path, tmp_path: Path) -> None:
    write(compiled(source), tmp_path)
    times = {}
    for path in (tmp_path / "inputs").iterdir():
        os.utime(path, (1_000, 1_000))
        times[path] = path.stat().st_ino
    assert write(compiled(source), tmp_path) == ()
    assert {path: path.stat().st_ino for path in times} == times
    assert {path.stat().st_mtime for path in times} == {1_000}


def test_only_what_changed_is_written(source: Path, tmp_path: Path) -> None:
    write(compiled(source), tmp_path)
    for path in (tmp_path / "inputs").iterdir():
        os.utime(path, (1_000, 1_000))
    write(compiled(source, SOURCE.replace("hello_world b {}", 'hello_world b { who = "x" }')), tmp_path)
    assert {path.name for path in (tmp_path / "inputs").iterdir() if path.stat().st_mtime != 1_000} == {"second.py", LOCK}


def test_a_file_edited_by_hand_stops_everything(source: Path, tmp_path: Path) -> None:
    write(compiled(source), tmp_path)
    folder = tmp_path / "inputs"
    for name in ("first.py", "__init__.py"):
        (folder / name).write_text("# mine\n")
    before = held(folder)
    changed = compiled(source, SOURCE.replace("world", "moon", 1))
    problems = write(changed, tmp_path)
    assert codes(problems) == ["OT601", "OT601"]
    assert sorted(Path(each.file).name for each in problems) == ["__init__.py", "first.py"]
    assert all("edited by hand" in each.message and "--force" in each.help for each in problems)
    assert held(folder) == before
    assert write(changed, tmp_path, force=True) == ()
    assert compare(changed, tmp_path) == ()


def test_an_edit_that_makes_the_very_text_is_no_edit(source: Path, tmp_path: Path) -> None:
    write(compiled(source), tmp_path)
    changed = compiled(source, SOURCE.replace("world", "moon", 1))
    (tmp_path / "inputs" / "__init__.py").write_text(changed.files["__init__.py"])
    assert write(changed, tmp_path) == ()


def test_a_file_that_is_not_ours_is_in_the_way(source: Path, tmp_path: Path) -> None:
    (tmp_path / "inputs").mkdir()
    (tmp_path / "inputs" / "first.py").write_text("mine\n")
    problems = write(compiled(source), tmp_path)
    assert codes(problems) == ["OT601"]
    assert "did not write it" in problems[0].message
    assert held(tmp_path / "inputs") == {"first.py": b"mine\n"}


def test_orphans_of_our_own_go_and_foreign_files_stay(source: Path, tmp_path: Path) -> None:
    write(compiled(source), tmp_path)
    folder = tmp_path / "inputs"
    (folder / "notes.py").write_text("mine\n")
    fewer = compiled(source, SOURCE.replace("step second { requires [first] hello_world b {} }", ""))
    assert [drift.reasons for drift in compare(fewer, tmp_path) if drift.path.name == "second.py"] == [("orphan file",)]
    assert write(fewer, tmp_path) == ()
    assert set(held(folder)) == {"__init__.py", "first.py", "notes.py", LOCK}


def test_an_orphan_edited_by_hand_is_kept_until_forced(source: Path, tmp_path: Path) -> None:
    write(compiled(source), tmp_path)
    orphan = tmp_path / "inputs" / "second.py"
    orphan.write_text("# mine\n")
    fewer = compiled(source, SOURCE.replace("step second { requires [first] hello_world b {} }", ""))
    assert codes(write(fewer, tmp_path)) == ["OT601"]
    assert orphan.read_text() == "# mine\n"
    assert write(fewer, tmp_path, force=True) == ()
    assert not orphan.exists()


@pytest.mark.parametrize("text", ["<<<<<<< ours\n", "[]", '{"files": 3}', "\0", '{"format": 1}', "[" * 100_000])
def test_a_lock_that_otterdsl_did_not_write_is_in_the_way(source: Path, tmp_path: Path, text: str) -> None:
    write(compiled(source), tmp_path)
    (tmp_path / "inputs" / LOCK).write_text(text)
    assert codes(write(compiled(source), tmp_path)) == ["OT601"]
    assert [drift.path.name for drift in compare(compiled(source), tmp_path)] == [LOCK]
    assert write(compiled(source), tmp_path, force=True) == ()
    assert compare(compiled(source), tmp_path) == ()


def test_a_lock_that_names_files_elsewhere_removes_none(source: Path, tmp_path: Path) -> None:
    write(compiled(source), tmp_path)
    outside = tmp_path / "precious.py"
    outside.write_text("x\n")
    path = tmp_path / "inputs" / LOCK
    lock = json.loads(path.read_text())
    import hashlib

    digest = hashlib.sha256(b"x\n").hexdigest()
    lock["files"].update({"../precious.py": digest, str(outside): digest, "sub/../../precious.py": digest, "": digest})
    path.write_text(json.dumps(lock))
    assert write(compiled(source, SOURCE.replace("world", "moon", 1)), tmp_path) == ()
    assert outside.read_text() == "x\n"


def test_links_are_not_followed(source: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    target = elsewhere / "target.py"
    target.write_text("mine\n")
    out = tmp_path / "out"
    out.mkdir()
    (out / "inputs").symlink_to(elsewhere)
    assert codes(write(compiled(source), out)) == ["OT602"]
    assert held(elsewhere) == {"target.py": b"mine\n"}
    (out / "inputs").unlink()
    (out / "inputs").mkdir()
    (out / "inputs" / "first.py").symlink_to(target)
    assert codes(write(compiled(source), out)) == ["OT601"]
    assert write(compiled(source), out, force=True) == ()
    assert target.read_text() == "mine\n"
    assert not (out / "inputs" / "first.py").is_symlink()


@pytest.mark.parametrize("name", ["first.py", "__init__.py", LOCK, "second.py"])
def test_a_folder_in_a_file_s_place_stops_everything_even_when_forced(source: Path, tmp_path: Path, name: str) -> None:
    package = tmp_path / "out" / "inputs"
    write(compiled(source), tmp_path / "out")
    (package / name).unlink()
    (package / name).mkdir()
    (package / name / "kept").write_text("mine")
    before = {path: path.read_bytes() for path in sorted(package.rglob("*")) if path.is_file()}
    # The step `second` is gone: what it made is an orphan.
    changed = compiled(source, 'step first { hello_world a { who = "changed" } }')
    for force in (False, True):
        (only,) = write(changed, tmp_path / "out", force=force)
        assert (only.code, only.file) == ("OT602", str(package / name))
    assert {path: path.read_bytes() for path in sorted(package.rglob("*")) if path.is_file()} == before


def test_the_package_of_another_source_is_replaced_only_when_forced(source: Path, tmp_path: Path) -> None:
    write(compiled(source), tmp_path)
    before = held(tmp_path / "inputs")
    clash = compiled(source.with_name("clash.otter"), "pipeline inputs {}\nstep third { hello_world a {} }")
    (only,) = write(clash, tmp_path)
    assert (only.code, only.file) == ("OT601", str(tmp_path / "inputs"))
    assert "inputs.otter" in only.message
    assert "--force" in only.help
    assert held(tmp_path / "inputs") == before
    drifts = compare(clash, tmp_path)
    assert {drift.path.name: drift.reasons for drift in drifts if drift.path.name != "third.py"} == {
        "__init__.py": ("another source",),
        "first.py": ("orphan file",),
        "second.py": ("orphan file",),
        LOCK: ("another source",),
    }
    assert "--force" in next(drift for drift in drifts if drift.path.name == LOCK).diagnostic.help
    assert write(clash, tmp_path, force=True) == ()
    assert write(clash, tmp_path) == ()
    assert codes(write(compiled(source), tmp_path)) == ["OT601"]


def test_a_source_of_the_same_name_elsewhere_is_another_while_the_first_is_there(source: Path, tmp_path: Path) -> None:
    write(compiled(source), tmp_path / "out")
    second = tmp_path / "moved" / "inputs.otter"
    second.parent.mkdir()
    assert codes(write(compiled(second), tmp_path / "out")) == ["OT601"]
    source.unlink()
    assert [drift.reasons for drift in compare(compiled(second), tmp_path / "out")] == [("moved",)]
    assert write(compiled(second), tmp_path / "out") == ()


def test_a_renamed_source_needs_force(source: Path, tmp_path: Path) -> None:
    write(compiled(source), tmp_path)
    renamed = source.rename(source.with_name("renamed.otter"))
    (only,) = write(compiled(renamed), tmp_path)
    assert "renamed" in only.help
    assert write(compiled(renamed), tmp_path, force=True) == ()


@pytest.mark.parametrize(("sources", "problems"), [({"inputs.otter": "x", "a.otter": "y"}, []), ({"a.otter": "x"}, ["OT601"]), ({}, [])])
def test_a_lock_without_its_entry_is_judged_by_its_sources(source: Path, tmp_path: Path, sources: dict[str, str], problems: list[str]) -> None:
    write(compiled(source), tmp_path)
    path = tmp_path / "inputs" / LOCK
    lock = json.loads(path.read_text())
    del lock["entry"]
    path.write_text(json.dumps({**lock, "sources": sources}))
    assert codes(write(compiled(source), tmp_path)) == problems


def test_an_entry_that_no_file_can_be_called_is_another(source: Path, tmp_path: Path) -> None:
    write(compiled(source), tmp_path)
    path = tmp_path / "inputs" / LOCK
    path.write_text(json.dumps({**json.loads(path.read_text()), "entry": "a\0\nb\ud800"}))
    (only,) = write(compiled(source), tmp_path)
    assert only.message.isprintable()


def test_places_that_cannot_be_written_are_diagnostics(source: Path, tmp_path: Path) -> None:
    compilation = compiled(source)
    (tmp_path / "file").write_text("x")
    assert codes(write(compilation, tmp_path / "file")) == ["OT602"]
    assert codes(write(compilation, tmp_path / ("x" * 300))) == ["OT602"]
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken" / "inputs").write_text("x")
    assert codes(write(compilation, tmp_path / "taken")) == ["OT602"]
    (tmp_path / "dir" / "inputs" / "first.py").mkdir(parents=True)
    assert codes(write(compilation, tmp_path / "dir")) == ["OT602"]
    assert codes(write(compilation, tmp_path / "dir", force=True)) == ["OT602"]
    assert codes(write(compilation, Path("/proc/nowhere"))) == ["OT602"]


class Killed(BaseException):
    """Stands for a process that ends there and then."""


@pytest.mark.parametrize("moves", range(5))
def test_a_crash_leaves_every_file_whole_and_the_next_call_mends_all(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, moves: int
) -> None:
    old = compiled(source)
    write(old, tmp_path)
    new = compiled(source, SOURCE.replace("who = who", 'who = "x"').replace("pool_size = 2", "pool_size = 3"))
    real, count = os.replace, iter(range(99))

    def replace_or_die(self: Path, target: Path) -> None:
        if next(count) == moves:
            raise Killed
        real(self, target)

    with monkeypatch.context() as patched:
        patched.setattr(Path, "replace", replace_or_die)
        if moves < 4:
            with pytest.raises(Killed):
                write(new, tmp_path)
        else:
            write(new, tmp_path)
    folder = tmp_path / "inputs"
    for name, content in held(folder).items():
        if name != LOCK:
            assert content.decode() in (old.files[name], new.files[name])
    json.loads((folder / LOCK).read_text())
    # What comes next may be yet another source; nothing was edited by hand.
    third = compiled(source, SOURCE.replace("world", "sun", 1).replace("pool_size = 2", "pool_size = 4"))
    assert write(third, tmp_path) == ()
    assert compare(third, tmp_path) == ()
    assert not [path for path in folder.iterdir() if path.suffix == ".tmp"]


def test_the_lock_is_moved_into_place_last(source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    moved: list[str] = []
    real = writing.put_in_place
    monkeypatch.setattr(writing, "put_in_place", lambda path, content: (moved.append(path.name), real(path, content)))
    write(compiled(source), tmp_path)
    assert moved[-1] == LOCK
    assert set(moved[1:-1]) == {"__init__.py", "first.py", "second.py"}


def test_nothing_is_written_where_there_are_errors(tmp_path: Path) -> None:
    path = tmp_path / "bad.otter"
    path.write_text("step a { no_such_type b {} }\n")
    compilation = compile_file(path)
    assert compilation.has_errors
    assert compilation.files == {}
    assert write(compilation, tmp_path / "out") == ()
    assert compare(compilation, tmp_path / "out") == ()
    assert not (tmp_path / "out").exists()


# ---------------------------------------------------------------- --check


def reasons(compilation: Compilation, directory: Path) -> dict[str, tuple[str, ...]]:
    return {drift.path.name: drift.reasons for drift in compare(compilation, directory)}


def test_what_is_not_there_is_missing(source: Path, tmp_path: Path) -> None:
    compilation = compiled(source)
    assert set(reasons(compilation, tmp_path).values()) == {("missing",)}
    write(compilation, tmp_path)
    (tmp_path / "inputs" / "first.py").unlink()
    assert reasons(compilation, tmp_path) == {"first.py": ("missing",)}


def test_a_stale_source_is_told_from_an_edit_by_hand(source: Path, tmp_path: Path) -> None:
    write(compiled(source), tmp_path)
    (tmp_path / "inputs" / "first.py").write_text("# mine\n")
    changed = compiled(source, SOURCE.replace("hello_world b {}", 'hello_world b { who = "x" }'))
    found = reasons(changed, tmp_path)
    assert found == {"first.py": ("edited by hand",), "second.py": ("stale source",), LOCK: ("stale source",)}
    (drift,) = (each for each in compare(changed, tmp_path) if each.path.name == "second.py")
    assert '+        who="x",\n' in drift.diff
    assert drift.diagnostic.code == "OT603"
    assert "stale source" in drift.diagnostic.message


def test_other_causes_have_their_names(source: Path, tmp_path: Path) -> None:
    compilation = compiled(source)
    write(compilation, tmp_path)
    for record, reason in (
        (replace(compilation.record, version="9"), "other version"),
        (replace(compilation.record, schemas={"x": "y"}), "changed schema"),
        (replace(compilation.record, params={"who": "x"}), "other params"),
    ):
        from otterdsl.compiler.codegen.generate import generate

        assert compilation.plan is not None
        other = replace(compilation, record=record, files=generate(compilation.plan, record))
        assert reasons(other, tmp_path) == {LOCK: (reason,)}


def test_a_moved_package_says_so(source: Path, tmp_path: Path) -> None:
    compilation = compiled(source)
    write(compilation, tmp_path / "a")
    (tmp_path / "b" / "c").mkdir(parents=True)
    (tmp_path / "a" / "inputs").rename(tmp_path / "b" / "c" / "inputs")
    assert reasons(compilation, tmp_path / "b" / "c") == {LOCK: ("moved",)}


def test_checking_writes_nothing(source: Path, tmp_path: Path) -> None:
    compare(compiled(source), tmp_path / "out")
    assert not (tmp_path / "out").exists()
