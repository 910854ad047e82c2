"""Each import rule of the house can fail: a break of each is planted in a copy of the tree, and reported."""

import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]

# By contract: where a line is added, and the line.
BREAKS = {
    "doors": ("otterdsl/compiler/source/span.py", "import otterdsl.cli"),
    "compiler-rooms": ("otterdsl/compiler/values/value.py", "import otterdsl.compiler.analysis.schemas"),
    "runtime-alone": ("otterdsl/runtime/task/roles.py", "import otterdsl.compiler.source.span"),
    "light-root": ("otterdsl/__init__.py", "import otterdsl.runtime"),
    "specs-only": ("otterdsl/compiler/plan/model.py", "import otterdsl.runtime.task.roles"),
    "schemas-only": ("otterdsl/compiler/analysis/schemas.py", "import otterdsl.runtime.task.roles"),
    "plan-only": ("otterdsl/compiler/codegen/__init__.py", "import otterdsl.compiler.analysis.program"),
    "no-ast-in-plan": ("otterdsl/compiler/plan/model.py", "import otterdsl.compiler.syntax.ast"),
    "pure-compiler": ("otterdsl/compiler/plan/model.py", "import time"),
    "pure-schedule": ("otterdsl/runtime/step/schedule.py", "import asyncio"),
    "owner-of-lark": ("otterdsl/compiler/plan/model.py", "import lark"),
    "owner-of-templates": ("otterdsl/compiler/plan/model.py", "import jinja2"),
    "owner-of-black": ("otterdsl/compiler/codegen/__init__.py", "import black"),
    "owner-of-models": ("otterdsl/compiler/plan/model.py", "import pydantic"),
    "owner-of-yaml": ("otterdsl/compiler/plan/model.py", "import yaml"),
    "owner-of-queries": ("otterdsl/compiler/plan/model.py", "import jmespath"),
    "owner-of-http": ("otterdsl/runtime/step/schedule.py", "import aiohttp"),
    "owner-of-parquet": ("otterdsl/runtime/storage/local.py", "import pyarrow"),
    "owner-of-terminal": ("otterdsl/compiler/plan/model.py", "import click"),
    "owner-of-highlighting": ("otterdsl/compiler/plan/model.py", "import pygments"),
}
MORE_BREAKS = [
    *(("runtime-alone", "otterdsl/runtime/task/roles.py", f"import {name}") for name in ("lark", "jinja2", "black", "pygls", "rich")),
    ("runtime-alone", "otterdsl/runtime/task/roles.py", "def later():\n    import otterdsl.cli.app"),
    ("specs-only", "otterdsl/compiler/analysis/program.py", "import otterdsl.runtime"),
    ("pure-compiler", "otterdsl/compiler/analysis/program.py", "from pathlib import Path"),
    ("pure-schedule", "otterdsl/runtime/step/schedule.py", "import multiprocessing"),
    ("owner-of-yaml", "otterdsl/cli/app.py", "import yaml"),
    ("owner-of-terminal", "otterdsl/editor/__init__.py", "import rich.console"),
]
NEW_ROOMS = [("doors", "otterdsl/cellar"), ("compiler-rooms", "otterdsl/compiler/cellar")]


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A copy of the package and of the rules."""
    shutil.copytree(ROOT / "otterdsl", tmp_path / "otterdsl", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def lint(tree: Path, *contracts: str) -> tuple[int, str]:
    """The exit code of import-linter over `tree`, and what it says."""
    program = "import sys; from importlinter.cli import lint_imports_command; sys.exit(lint_imports_command())"
    chosen = [argument for contract in contracts for argument in ("--contract", contract)]
    done = subprocess.run([sys.executable, "-c", program, "--no-logo", "--no-cache", *chosen], cwd=tree, capture_output=True, text=True)
    return done.returncode, done.stdout + done.stderr


def contracts() -> dict[str, str]:
    """The name of each contract, by its id."""
    rules = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    return {rule["id"]: rule["name"] for rule in rules}


def test_each_contract_has_a_break() -> None:
    assert set(BREAKS) == set(contracts())


def test_the_tree_keeps_every_contract(tree: Path) -> None:
    code, said = lint(tree)
    assert (code, "0 broken" in said) == (0, True), said


@pytest.mark.parametrize(("contract", "place", "line"), [*((name, *what) for name, what in BREAKS.items()), *MORE_BREAKS])
def test_a_break_is_reported(tree: Path, contract: str, place: str, line: str) -> None:
    file = tree / place
    file.write_text(f"{file.read_text()}\n\n{line}\n")
    code, said = lint(tree, contract)
    assert code == 1, said
    assert "1 broken" in said
    assert f"{contracts()[contract]} BROKEN" in " ".join(said.split())


@pytest.mark.parametrize(("contract", "place"), NEW_ROOMS)
def test_a_room_without_a_place_is_reported(tree: Path, contract: str, place: str) -> None:
    (tree / place).mkdir()
    (tree / place / "__init__.py").write_text("")
    code, said = lint(tree, contract)
    assert code == 1
    assert "cellar" in said
