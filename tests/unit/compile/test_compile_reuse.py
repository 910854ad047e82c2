import ast
import json
import random
from dataclasses import fields, replace
from pathlib import Path

import pytest

from otterdsl.compiler import compile as compiling
from otterdsl.compiler import reuse
from otterdsl.compiler.codegen import generate
from otterdsl.compiler.codegen.lock import LOCK
from otterdsl.compiler.codegen.seals import inputs_of
from otterdsl.compiler.compile import compile_file, write
from otterdsl.compiler.plan.model import PlannedClass, PlannedEdge, PlannedLoop, PlannedStep, PlannedTask
from otterdsl.compiler.values.condition import Item, Not, Param

COMPILER = Path(compiling.__file__).parent
SOURCE = """
pipeline inputs { pool_size = 2 }
param who: str = "world"
task greeting extends hello_world { who = "you" }
step first { hello_world a { who = who } }
# Greets in many words.
step second { requires [first] greeting b {} hello_world c { requires [greeting.b] } }
"""


def held(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def compile_anew(source: Path, folder: Path, sets: dict[str, object] | None = None) -> dict[str, bytes]:
    """What a compilation gives that has no earlier one to take from."""
    compilation = compile_file(source, sets=sets)
    assert not compilation.has_errors, compilation.diagnostics
    assert write(compilation, folder, force=True) == ()
    return held(folder / compilation.folder)


def compile_again(source: Path, folder: Path, sets: dict[str, object] | None = None) -> dict[str, bytes]:
    compilation = compile_file(source, sets=sets, into=folder)
    assert not compilation.has_errors, compilation.diagnostics
    assert write(compilation, folder) == ()
    return held(folder / compilation.folder)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "inputs.otter"
    path.write_text(SOURCE)
    return path


@pytest.fixture
def rendered(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The steps that were generated, in order."""
    names: list[str] = []
    step = generate._step

    def watched(planned: PlannedStep, *rest: object) -> object:
        names.append(planned.name)
        return step(planned, *rest)  # type: ignore[arg-type]  # handed on as they came

    monkeypatch.setattr(generate, "_step", watched)
    return names


def test_only_the_step_that_changed_is_generated_again(source: Path, tmp_path: Path, rendered: list[str]) -> None:
    compile_again(source, tmp_path / "out")
    assert rendered == ["first", "second"]
    source.write_text("# one line more\n" + SOURCE.replace("hello_world c", "hello_world d"))
    del rendered[:]
    again = compile_again(source, tmp_path / "out")
    assert rendered == ["second"]
    assert again == compile_anew(source, tmp_path / "new")


def test_a_comment_that_looks_like_a_class_keeps_no_module_from_being_right(source: Path, tmp_path: Path) -> None:
    source.write_text(SOURCE.replace("# Greets in many words.", "# class Wrong\n# class Worse(Copy):"))
    compile_again(source, tmp_path / "out")
    assert compile_again(source, tmp_path / "out") == compile_anew(source, tmp_path / "new")


def test_a_module_edited_by_hand_is_not_taken(source: Path, tmp_path: Path) -> None:
    compile_again(source, tmp_path / "out")
    module = tmp_path / "out" / "inputs" / "first.py"
    module.write_text(module.read_text().replace("who", "whom"))
    compilation = compile_file(source, into=tmp_path / "out")
    assert compilation.files == compile_file(source).files
    assert [each.code for each in write(compilation, tmp_path / "out")] == ["OT601"]


def test_a_module_and_its_lock_from_two_branches_are_not_taken(source: Path, tmp_path: Path) -> None:
    compile_again(source, tmp_path / "out")
    lock = tmp_path / "out" / "inputs" / LOCK
    ours, module = json.loads(lock.read_text()), (tmp_path / "out" / "inputs" / "first.py").read_text()
    source.write_text(SOURCE.replace("who = who", 'who = "all"'))
    compile_again(source, tmp_path / "out")
    # The lock of here with the other's module, as a merge may leave them: the digest of the module is right, and still it is the wrong one.
    theirs = json.loads(lock.read_text())
    theirs["files"]["first.py"] = ours["files"]["first.py"]
    lock.write_text(json.dumps(theirs))
    (tmp_path / "out" / "inputs" / "first.py").write_text(module)
    assert compile_again(source, tmp_path / "out") == compile_anew(source, tmp_path / "new")


@pytest.mark.parametrize("harm", ["missing", "bytes", "link", "folder", "lock"])
def test_a_folder_that_is_not_as_it_was_left_is_not_believed(source: Path, tmp_path: Path, harm: str) -> None:
    compile_again(source, tmp_path / "out")
    module = tmp_path / "out" / "inputs" / "first.py"
    if harm == "lock":
        (tmp_path / "out" / "inputs" / LOCK).write_text('{"files": {}, "seals": {"first.py": 7, "../up.py": "0", "second.py": "0"}}')
    else:
        module.rename(tmp_path / "moved.py")
    if harm == "bytes":
        module.write_bytes(b"\xff\xfe")
    if harm == "link":
        module.symlink_to(tmp_path / "moved.py")
    if harm == "folder":
        module.mkdir()
    assert compile_file(source, into=tmp_path / "out").files == compile_file(source).files


def test_another_generator_takes_nothing(source: Path, tmp_path: Path, rendered: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    compile_again(source, tmp_path / "out")
    del rendered[:]
    monkeypatch.setattr(compiling, "edition", lambda: "another")
    compile_again(source, tmp_path / "out")
    assert rendered == ["first", "second"]
    monkeypatch.setattr(compiling, "edition", lambda: "")
    compile_again(source, tmp_path / "out")
    assert "seals" not in json.loads((tmp_path / "out" / "inputs" / LOCK).read_text())


def test_params_that_are_folded_count(source: Path, tmp_path: Path) -> None:
    for sets in ({"who": "one"}, {"who": "two"}, {}, {"who": "two"}):
        assert compile_again(source, tmp_path / "out", dict(sets)) == compile_anew(source, tmp_path / "new", dict(sets))


@pytest.mark.parametrize("seed", range(6))
def test_edits_compile_to_what_they_would_anew(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    source = tmp_path / "inputs.otter"
    steps = {f"step_{number}": ["a", "b"] for number in range(5)}
    for _ in range(8):
        _edit(steps, chance)
        source.write_text(_written(steps, chance))
        assert compile_again(source, tmp_path / "out") == compile_anew(source, tmp_path / "new")


def _edit(steps: dict[str, list[str]], chance: random.Random) -> None:
    """Mutates: some step gets another name or place, is taken out, or has tasks added, removed and moved."""
    name = chance.choice(list(steps))
    kind = chance.randrange(5)
    if kind == 0 and len(steps) > 1:
        del steps[name]
    elif kind == 1:
        steps[f"{name}_{chance.randrange(3)}"] = steps.pop(name)
    elif kind == 2:
        steps[f"new_{len(steps)}"] = [chance.choice("xyz")]
    elif kind == 3:
        chance.shuffle(steps[name])
    else:
        steps[name] = sorted({*steps[name], f"t{chance.randrange(9)}"})


def _written(steps: dict[str, list[str]], chance: random.Random) -> str:
    blank = "\n" * chance.randrange(3)
    kind = chance.choice(["greeting", "Greeting", "hello_world_spec"])  # whose class may take the name of one that is imported
    lines = ["pipeline inputs { }", f'scratchpad {{ word = "{chance.choice("pq")}" }}', f'task {kind} extends hello_world {{ who = "all" }}', blank]
    for number, (step, tasks) in enumerate(steps.items()):
        lines += [f"# Step {chance.randrange(2)}.", f"step {step} {{"]
        for task in tasks:
            lines += [f'  hello_world {task} {{ who = "${{word}} {number}" }}', f"  {kind} {task} {{ requires [hello_world.{task}] }}"]
        lines.append("}")
    return "\n".join(lines) + "\n"


# ---------------------------------------------------------------- what a seal covers

TYPES = {"copy": PlannedClass("otterdsl.runtime", "Copy", "CopySpec")}
TASK = PlannedTask("copy a", "copy", {"source": "a"}, {}, ("source",), (), (), None, (), "", "a.otter", 1)
OTHERS: dict[str, object] = {
    "name": "copy b",
    "type": "download",
    "spec": {"source": 1},
    "subtasks": {"do": (TASK,)},
    "order": (),
    "after": (PlannedEdge("copy c", "requires"),),
    "loops": (PlannedLoop("each", ("a", "b")),),
    "when": Param("p"),
    "groups": ("g",),
    "doc": "words",
}


def of(task: PlannedTask) -> str | None:
    return inputs_of(PlannedStep("s", (), (task,), "", "a.otter", 1), TYPES)


def test_every_field_of_a_task_counts_but_its_place() -> None:
    assert {each.name for each in fields(PlannedTask)} == OTHERS.keys() | {"file", "line"}
    assert all(of(replace(TASK, **{name: other})) != of(TASK) for name, other in OTHERS.items())
    assert of(replace(TASK, file="b.otter", line=2)) == of(TASK)


def test_values_that_look_alike_do_not_count_as_the_same() -> None:
    values = [1, 1.0, True, "1", None, "null", (), {}, (1,), ("Item", "each"), {"a": 1, "b": 2}, {"b": 2, "a": 1}, 0.0, -0.0]
    assert len({of(replace(TASK, spec={"source": value})) for value in values}) == len(values)
    loops = [PlannedLoop("each", Item("other.parts")), PlannedLoop("each", ("other.parts",)), PlannedLoop("each", ("Item", "other.parts"))]
    assert len({of(replace(TASK, loops=(loop,))) for loop in loops}) == len(loops)
    assert of(replace(TASK, when=Param("p"))) != of(replace(TASK, when=Not(Param("p")))) != of(replace(TASK, when=Item("p")))


def test_the_classes_of_types_count() -> None:
    step = PlannedStep("s", (), (TASK,), "", "a.otter", 1)
    assert inputs_of(step, TYPES) != inputs_of(step, {"copy": PlannedClass("other", "Copy", "CopySpec")})


def test_an_int_without_decimals_has_no_seal() -> None:
    assert of(replace(TASK, spec={"source": 10**5000})) is None


def test_an_edition_covers_all_that_writes_a_module() -> None:
    covered = {path for path in reuse._generator_files() if path.suffix == ".py"}
    for path in (COMPILER / "codegen").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("otterdsl.compiler."):
                imported = COMPILER.parents[1].joinpath(*(node.module or "").split(".")).with_suffix(".py")
                assert imported in covered, f"{path.name} imports {node.module}"
    assert {path.name for path in reuse._generator_files() if path.suffix == ".j2"} == {"package.py.j2", "step.py.j2", "tasks.py.j2"}
    assert reuse.edition() == reuse.edition() != ""
