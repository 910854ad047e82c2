"""A built wheel is whole: installed in an environment of its own, away from the checkout, it checks, compiles and runs an example."""

import json
import os
import shutil
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
SOURCES = ("otterdsl", "grammar", "templates", "docs", "pyproject.toml", "setup.py", "README.md", "LICENSE")


def clean_environment() -> dict[str, str]:
    """Our own environment without what would lead a Python back to the checkout."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "PIP_", "OTTERDSL_", "VIRTUAL_ENV"))}


def run(*command: object, folder: Path) -> str:
    """What a command prints; it must end well."""
    done = subprocess.run([str(part) for part in command], cwd=folder, env=clean_environment(), capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from a copy of the sources so that the checkout stays as it is."""
    folder = tmp_path_factory.mktemp("sources")
    for name in SOURCES:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / name, folder)
    run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder / "dist", folder, folder=folder)
    (built,) = (folder / "dist").glob("*.whl")
    return built


@pytest.fixture(scope="module")
def binaries(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The programs of a new environment with the wheel; its dependencies are those of the environment that runs the tests."""
    home = tmp_path_factory.mktemp("environment")
    venv.create(home, with_pip=False, symlinks=True)
    bin_folder = home / "bin"
    run(sys.executable, "-m", "pip", "--python", bin_folder / "python", "install", "--quiet", "--no-deps", "--no-index", wheel, folder=home)
    packages = home / "lib" / f"python{sys.version_info[0]}.{sys.version_info[1]}" / "site-packages"
    # Only the folder: `.pth` files in it, the editable install's among them, are not read.
    (packages / "dependencies.pth").write_text(f"{sysconfig.get_path('purelib')}\n")
    return bin_folder


def test_the_wheel_holds_what_is_not_python(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    for place in ("otterdsl/py.typed", "otterdsl/grammar/otter.lark", "otterdsl/cli/skeleton/pipeline.otter"):
        assert place in names
    templates = {f"otterdsl/templates/{path.relative_to(ROOT / 'templates').as_posix()}" for path in (ROOT / "templates").rglob("*.j2")}
    assert templates
    assert templates <= names
    assert not [name for name in names if name.startswith(("tests/", "examples/", "benchmarks/"))]


def test_the_installed_program_is_the_wheel_s(binaries: Path, tmp_path: Path) -> None:
    where = run(binaries / "python", "-c", "import otterdsl; print(otterdsl.__file__)", folder=tmp_path).strip()
    assert Path(where).is_relative_to(binaries.parent)
    assert run(binaries / "otterdsl", "--version", folder=tmp_path).startswith("otterdsl ")


@pytest.mark.parametrize(("example", "made"), [("hello", None), ("penguins", "penguins.md")])
def test_the_installed_program_checks_compiles_and_runs_an_example(binaries: Path, tmp_path: Path, example: str, made: str | None) -> None:
    shutil.copytree(ROOT / "examples" / example, tmp_path / example, ignore=shutil.ignore_patterns("__pycache__", "output"))
    file = tmp_path / example / f"{example}.otter"
    program = binaries / "otterdsl"
    run(program, "check", "--strict", file, folder=tmp_path)
    run(program, "compile", file, "-o", tmp_path / "compiled", folder=tmp_path)
    run(program, "run", file, "--work-path", tmp_path / "from_text", folder=tmp_path)
    run(program, "run", tmp_path / "compiled" / example, "--work-path", tmp_path / "from_package", folder=tmp_path)
    for work in ("from_text", "from_package"):
        assert json.loads((tmp_path / work / "manifest.json").read_text())["result"] == "success"
        assert made is None or (tmp_path / work / made).is_file()


def test_init_of_the_installed_program_makes_a_pipeline_whose_tests_pass(binaries: Path, tmp_path: Path) -> None:
    run(binaries / "otterdsl", "init", "poems", folder=tmp_path)
    said = run(binaries / "python", "-m", "pytest", "-p", "no:cacheprovider", "poems", folder=tmp_path)
    assert "2 passed" in said
