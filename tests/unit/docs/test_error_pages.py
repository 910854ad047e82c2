"""Each code has a page, and each example of one is what it says: wrong with that code and no other, or right. Commands are given as they stand."""

import re
from pathlib import Path

import pytest
from fenced import Block, bash, blocks_of

from otterdsl.compiler.frontend import Frontend, check
from otterdsl.compiler.source.codes import CODES
from otterdsl.compiler.source.diagnostic import Severity
from otterdsl.convert.check import check_config

PAGES = Path(__file__).resolve().parents[3] / "docs" / "errors"
FOUND = re.compile(r"(?:error|warning|hint)\[(OT\d{3})\]")
ENTRIES = {"otter": "example.otter", "yaml": "config.yaml"}
BLOCKS = {page.stem: blocks_of(page) for page in sorted(PAGES.glob("OT*.md"))}
EXAMPLES = [block for of_page in BLOCKS.values() for block in of_page if block.key != "file"]


def written(folder: Path, block: Block) -> Path:
    """The entry file of a block, with every file of its page beside it."""
    for other in BLOCKS[block.page]:
        if other.key == "file":
            path = folder / other.value
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(other.text, encoding="utf-8")
            if path.suffix == ".py":
                (path.parent / "__init__.py").touch()
    entry = folder / ENTRIES.get(block.language, "commands.sh")
    entry.write_text(block.text, encoding="utf-8")
    return entry


def name(block: Block) -> str:
    return f"{block.page} line {block.line}"


def checked(block: Block, folder: Path) -> Frontend:
    entry = written(folder, block)
    return check_config(entry, packages=(), schemas=(), use_imports=True) if block.language == "yaml" else check(entry)


@pytest.mark.parametrize("block", [block for block in EXAMPLES if block.language != "console"], ids=name)
def test_an_example_is_right_or_wrong_as_it_says(block: Block, tmp_path: Path) -> None:
    found = [(each.code, each.message) for each in checked(block, tmp_path).diagnostics]
    assert [code for code, _ in found] == ([block.value] if block.key == "error" else []), found


@pytest.mark.parametrize("block", [block for block in EXAMPLES if block.language == "console"], ids=name)
def test_a_command_says_what_the_page_says(block: Block, tmp_path: Path) -> None:
    written(tmp_path, block)
    lines = block.text.splitlines()
    assert all(line.startswith("$ ") for line in lines)
    done = bash("\n".join(line[2:] for line in lines), tmp_path)
    said = done.stdout
    assert set(FOUND.findall(said)) == ({block.value} if block.key == "error" else set()), said
    stops = block.key == "error" and CODES[block.value].severity is Severity.ERROR
    assert done.returncode == (1 if stops else 0), said


@pytest.mark.parametrize("code", CODES)
def test_each_code_has_a_page_with_a_wrong_and_a_right_example(code: str) -> None:
    text = (PAGES / f"{code}.md").read_text(encoding="utf-8")
    assert text.startswith(f"# {code}: {CODES[code].title}\n\n")
    of_page = BLOCKS[code]
    assert [block.value for block in of_page if block.key == "error"] == [code]
    assert any(block.key == "" for block in of_page)
    assert re.findall(r"^## (.*)$", text, re.MULTILINE) == ["Wrong", "Right"]
    assert text.count("```") == 2 * len(of_page)


def test_each_page_is_of_a_code() -> None:
    assert {page.stem for page in PAGES.glob("*.md")} == {"index", *CODES}


def test_the_index_lists_every_code_with_its_severity_and_title_and_leads_to_its_page() -> None:
    rows = re.findall(
        r"^\| \[?(OT\d{3})(?:\]\((OT\d{3}\.md)\))? \| (\w+) \| (.+) \|$", (PAGES / "index.md").read_text(encoding="utf-8"), re.MULTILINE
    )
    assert rows == [(code, f"{code}.md", known.severity.value, known.title) for code, known in CODES.items()]
