"""Every example of docs/language.md is what it says: right, wrong with the code that it names, or what the compiler makes of the one before."""

import re
from pathlib import Path

import pytest
from fenced import Block, blocks_of

from otterdsl.compiler.compile import compile_file
from otterdsl.compiler.frontend import check
from otterdsl.runtime.task.fields import spec_fields
from otterdsl.runtime.tasks.explode import ExplodeSpec
from otterdsl.runtime.tasks.explode_glob import ExplodeGlobSpec

DOCUMENT = Path(__file__).resolve().parents[3] / "docs" / "language.md"
BLOCKS = blocks_of(DOCUMENT)
OTTER = tuple(block for block in BLOCKS if block.language == "otter")


def written(folder: Path, block: Block) -> Path:
    """The entry file of a block, with every file of the page beside it."""
    for other in BLOCKS:
        if other.key == "file":
            path = folder / other.value
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(other.text, encoding="utf-8")
            (path.parent / "__init__.py").touch()
    entry = folder / "example.otter"
    entry.write_text(block.text, encoding="utf-8")
    return entry


def name(block: Block) -> str:
    return f"line {block.line}"


@pytest.mark.parametrize("block", [block for block in OTTER if block.key in ("", "file")], ids=name)
def test_an_example_has_nothing_wrong(block: Block, tmp_path: Path) -> None:
    found = check(written(tmp_path, block)).diagnostics
    assert [(diagnostic.code, diagnostic.message) for diagnostic in found] == []


@pytest.mark.parametrize("block", [block for block in OTTER if block.key == "error"], ids=name)
def test_a_wrong_example_is_wrong_as_it_says(block: Block, tmp_path: Path) -> None:
    assert [diagnostic.code for diagnostic in check(written(tmp_path, block)).diagnostics] == [block.value]


@pytest.mark.parametrize("place", [place for place, block in enumerate(BLOCKS) if block.key == "compiled"], ids=lambda place: name(BLOCKS[place]))
def test_generated_code_is_what_the_compiler_writes(place: int, tmp_path: Path) -> None:
    compilation = compile_file(written(tmp_path, BLOCKS[place - 1]))
    assert compilation.files[BLOCKS[place].value] == BLOCKS[place].text


def test_the_page_has_examples_of_each_kind() -> None:
    kinds = [(block.language, block.key) for block in BLOCKS]
    assert kinds.count(("otter", "")) > 10
    assert kinds.count(("otter", "error")) > 5
    assert ("python", "compiled") in kinds


def test_links_within_the_page_lead_somewhere() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    headings = {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in re.findall(r"^#+ (.+)$", text, re.MULTILINE)}
    assert set(re.findall(r"\]\(#([^)]+)\)", text)) - headings == set()


def test_the_placeholders_of_the_built_in_types_are_listed() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    filled = [name for spec in (ExplodeSpec, ExplodeGlobSpec) for name in spec_fields(spec).specs["do"]]
    assert "uri" in filled
    assert [name for name in filled if f"`${{{name}}}`" not in text and name != "${each_placeholder}"] == []


def test_comments_arrive_where_the_page_says(tmp_path: Path) -> None:
    entry = tmp_path / "p.otter"
    kinds = ["# of pipeline\npipeline p {}", "# of param\nparam n: int = 1", "# of pad\nscratchpad { k = 1 }"]
    kinds += ["# of type\ntask t extends hello_world {\n  # of field\n  f: int = 1\n}", "# of step\nstep s {\n  # of task\n  t x {}\n}"]
    entry.write_text("\n".join(kinds), encoding="utf-8")
    made = "".join(compile_file(entry).files.values())
    arrived = [kind for kind in ("pipeline", "param", "pad", "type", "field", "step", "task") if f"of {kind}" in made]
    assert arrived == ["pipeline", "type", "field", "step", "task"]
