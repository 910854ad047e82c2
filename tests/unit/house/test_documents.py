"""The documents speak of what is there: every path they name exists, and the list of rooms is the tree."""

import re
import tomllib
from itertools import pairwise
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
DOCUMENTS = sorted([ROOT / "README.md", ROOT / "CHANGELOG.md", *(ROOT / "docs").rglob("*.md")])
TOP = sorted(path.name for path in ROOT.iterdir())
IGNORED = {line.strip("/") for line in (ROOT / ".gitignore").read_text().splitlines()}


def named_paths(text: str) -> set[str]:
    """What a document names as a path of ours: in backquotes, in a link or as a word of a command, beginning with something at the top."""
    words = re.findall(r"[A-Za-z0-9_.][A-Za-z0-9_./-]*", re.sub(r"https?://\S+", "", text))
    tops = {name for name in TOP if name not in IGNORED}
    paths = {word.rstrip(".,:") for word in words if "/" in word and word.split("/")[0] in tops}
    files = {word.rstrip(".,:") for word in words if word.rstrip(".,:") in tops}
    links = {target for target in re.findall(r"\]\(([^)#\s]+)\)", text) if "://" not in target}
    return paths | files | links


def rooms(text: str) -> set[str]:
    """The folders that the list of rooms in architecture.md names."""
    section = text.split("\n## Rooms\n")[1].split("\n## ")[0]
    return set(re.findall(r"^- `([^`]+)/`:", section, re.MULTILINE))


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_each_path_that_a_document_names_exists(document: Path) -> None:
    named = named_paths(document.read_text())
    missing = sorted(path for path in named if not (ROOT / path).exists() and not (document.parent / path).exists())
    assert missing == []


def test_paths_are_found_in_documents() -> None:
    assert "docs/architecture.md" in named_paths((ROOT / "README.md").read_text())
    assert named_paths("see `docs/nothing.md`, and [this](else.md)") == {"docs/nothing.md", "else.md"}


def test_the_list_of_rooms_is_the_tree() -> None:
    packages = {file.parent.relative_to(ROOT).as_posix() for file in (ROOT / "otterdsl").rglob("__init__.py")}
    tops = {path.name for path in ROOT.iterdir() if path.is_dir() and not path.name.startswith(".")}
    tops = {name for name in tops if name not in IGNORED and not name.endswith(".egg-info")}
    assert rooms((ROOT / "docs" / "architecture.md").read_text()) == packages | tops


def test_who_may_import_what_is_what_the_contracts_say() -> None:
    section = (ROOT / "docs" / "architecture.md").read_text().split("\n## Who may import what\n")[1].split("\n## ")[0]
    contracts = {rule["id"]: rule for rule in tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]}
    (doors,) = re.findall(r"^From the top: (.*?)\. ", section, re.MULTILINE)
    layers_of_doors = [" | ".join(Path(name).stem for name in re.findall("`([^`]+)`", layer)) for layer in doors.split(";")]
    assert layers_of_doors == contracts["doors"]["layers"]
    (rooms_of_compiler,) = re.findall(r"^Within the compiler, from the top: (.*?)\. ", section, re.MULTILINE | re.DOTALL)
    layers = [" | ".join(re.findall("`([^`]+)`", layer)) for layer in rooms_of_compiler.split(";")]
    assert layers == contracts["compiler-rooms"]["layers"]


def test_each_test_file_has_a_name_of_its_own() -> None:
    names = sorted(path.name for path in (ROOT / "tests").rglob("test_*.py") if "node_modules" not in path.parts)
    assert [name for name, after in pairwise(names) if name == after] == []  # pytest cannot collect two of one name in one run
