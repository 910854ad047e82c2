"""What import-linter cannot see of the house's rules: calls of builtins, encodings, and the imports of generated modules."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
PACKAGE = ROOT / "otterdsl"
IMPURE = {"open", "print", "input", "exec", "eval", "compile", "breakpoint", "__import__"}
# These read files or import packages, which is what they are for; `tables` reads what is packed beside the grammar.
# `compile` gives code that nothing runs: what Python says of a body only then.
DOORS = ("analysis/python_body.py", "frontend.py", "compile.py", "specs", "syntax/tables.py", "syntax/build_tables.py")


def modules(folder: Path) -> Iterator[tuple[Path, ast.Module]]:
    """Each module below a folder, parsed."""
    for path in sorted(folder.rglob("*.py")):
        yield path, ast.parse(path.read_text())


def test_no_pass_of_the_compiler_calls_what_acts_on_the_world() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{node.lineno} {node.func.id}"
        for path, tree in modules(PACKAGE / "compiler")
        if not path.relative_to(PACKAGE / "compiler").as_posix().startswith(DOORS)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in IMPURE
    ]
    assert found == []


# What is kept between two calls is the same for every call: parse tables, the scanner made of them, types by their names.
CACHES = {("syntax/tables.py", "load"), ("syntax/scan.py", "scanner"), ("specs/reader.py", "_type"), ("specs/reader.py", "_validators")}
CHANGES = {"append", "extend", "insert", "add", "update", "setdefault", "pop", "popitem", "remove", "discard", "clear"}


def bound_at_the_top(tree: ast.Module) -> set[str]:
    """The names that a module's own statements assign."""
    targets = [target for node in tree.body if isinstance(node, ast.Assign) for target in node.targets]
    targets += [node.target for node in tree.body if isinstance(node, ast.AnnAssign)]
    return {target.id for target in targets if isinstance(target, ast.Name)}


def changed_names(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """The names whose objects a module's functions change in place, with the lines."""
    for node in ast.walk(tree):
        match node:
            case ast.Call(ast.Attribute(ast.Name(name), method)) if method in CHANGES:
                yield node.lineno, name
            case ast.Subscript(ast.Name(name), _, ast.Store() | ast.Del()):
                yield node.lineno, name
            case ast.Global(names):
                yield from ((node.lineno, name) for name in names)
            case _:
                pass


def test_the_compiler_keeps_nothing_between_calls() -> None:
    compiler = PACKAGE / "compiler"
    changed, caches = [], set()
    for path, tree in modules(compiler):
        top = bound_at_the_top(tree)
        changed += [f"{path.relative_to(ROOT)}:{line} {name}" for line, name in changed_names(tree) if name in top]
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef) and {"cache", "lru_cache"} & {
                part.id for each in node.decorator_list for part in ast.walk(each) if isinstance(part, ast.Name)
            }:
                caches.add((path.relative_to(compiler).as_posix(), node.name))
    assert changed == []
    assert caches == CACHES


def test_a_change_of_a_global_is_seen() -> None:
    tree = ast.parse("SEEN = {}\nLINES: list[str] = []\ndef f(x):\n    SEEN[x] = 1\n    LINES.append(x)\n")
    assert [name for _, name in changed_names(tree) if name in bound_at_the_top(tree)] == ["SEEN", "LINES"]


def test_utf_16_stays_in_the_editor() -> None:
    speaks = [path.relative_to(PACKAGE).as_posix() for path in PACKAGE.rglob("*.py") if "utf-16" in path.read_text().lower().replace("_", "-")]
    assert [path for path in speaks if not path.startswith("editor/")] == []


def generated() -> list[Path]:
    """Every generated module that the snapshots hold."""
    return sorted(path for folder in (ROOT / "tests").rglob("__snapshots__") for path in folder.rglob("*.py"))


def test_there_are_snapshots_of_generated_modules() -> None:
    assert len(generated()) > 5


@pytest.mark.parametrize("path", generated(), ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_a_generated_module_imports_the_runtime_and_task_packages_only(path: Path) -> None:
    names: set[str] = set()
    tree = ast.parse(path.read_text())
    written = {id(node) for each in ast.walk(tree) if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef) for node in ast.walk(each)}
    for node in ast.walk(tree):
        if id(node) in written:  # a body of Python is its author's
            continue
        if isinstance(node, ast.ImportFrom):
            names.add(node.module if node.module and node.level == 0 else ".")
        elif isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
    ours = {name for name in names if name.split(".")[0] == "otterdsl"}
    assert all(name == "otterdsl.runtime" or name.startswith("otterdsl.runtime.") for name in ours)
    assert not {name.split(".")[0] for name in names} & {"os", "sys", "subprocess", "importlib", "builtins", "pathlib", "lark", "jinja2"}
