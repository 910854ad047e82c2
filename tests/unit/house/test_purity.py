"""What import-linter cannot see of the house's rules: calls of builtins, encodings, and the imports of generated modules."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
PACKAGE = ROOT / "otterdsl"
IMPURE = {"open", "print", "input", "exec", "eval", "compile", "breakpoint", "__import__"}
# These read files or import packages, which is what they are for; `tables` reads what is packed beside the grammar.
DOORS = ("frontend.py", "compile.py", "specs", "syntax/tables.py", "syntax/build_tables.py")


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
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom):
            names.add(node.module if node.module and node.level == 0 else ".")
        elif isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
    ours = {name for name in names if name.split(".")[0] == "otterdsl"}
    assert all(name == "otterdsl.runtime" or name.startswith("otterdsl.runtime.") for name in ours)
    assert not {name.split(".")[0] for name in names} & {"os", "sys", "subprocess", "importlib", "builtins", "pathlib", "lark", "jinja2"}
