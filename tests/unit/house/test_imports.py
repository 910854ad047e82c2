"""What a fresh process loads, which import-linter cannot see: re-exports in `__init__.py`, and what a command costs before it starts."""

import subprocess
import sys

import pytest

HEAVY = ("lark", "jinja2", "black", "pydantic", "yaml", "aiohttp", "rich", "pygments", "asyncio")
COMPILER_AND_DOORS = ("otterdsl.compiler", "otterdsl.convert", "otterdsl.editor", "otterdsl.cli", "lark", "jinja2", "black", "pygls", "rich", "click")


def loaded_by(program: str) -> set[str]:
    """The names of all modules in a fresh process after `program`."""
    done = subprocess.run([sys.executable, "-c", f"{program}\nimport sys\nprint('-- modules', *sys.modules)"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return set(done.stdout.split("-- modules")[1].split())


def among(modules: set[str], names: tuple[str, ...]) -> list[str]:
    """Those of `modules` that are one of `names` or lie in one."""
    return sorted(module for module in modules if any(f"{module}.".startswith(f"{name}.") for name in names))


@pytest.mark.parametrize("module", ["otterdsl.runtime", "otterdsl.runtime.core", "otterdsl.runtime.loader", "otterdsl.runtime.tasks.copy"])
def test_the_runtime_loads_no_compiler_and_no_door(module: str) -> None:
    modules = loaded_by(f"import {module}")
    assert module in modules
    assert among(modules, COMPILER_AND_DOORS) == []


def test_the_package_alone_loads_nothing_of_itself() -> None:
    assert among(loaded_by("import otterdsl"), ("otterdsl",)) == ["otterdsl"]


def test_the_version_is_answered_before_click() -> None:
    modules = loaded_by("import sys; sys.argv = ['otterdsl', '--version']; from otterdsl.__main__ import main; assert main() == 0")
    assert among(modules, ("otterdsl.cli", "otterdsl.compiler", "otterdsl.runtime", "click", *HEAVY)) == []


@pytest.mark.parametrize("command", ["init", "check", "convert", "compile", "plan", "run", "tasks"])
def test_a_command_s_help_loads_nothing_heavy(command: str) -> None:
    modules = loaded_by(f"from otterdsl.cli.app import launch; assert launch(['{command}', '--help']) == 0")
    assert f"otterdsl.cli.{command}" in modules
    assert among(modules, HEAVY) == []
