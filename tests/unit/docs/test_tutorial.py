"""Whoever does what docs/tutorial.md says sees what it shows: its files are written and its commands run, one after the other, in one folder."""

import shutil
from pathlib import Path

import pytest
from fenced import SECONDS, bash, blocks_of, commands_of

ROOT = Path(__file__).resolve().parents[3]
BLOCKS = blocks_of(ROOT / "docs" / "tutorial.md")
HOME = "/home/you/penguins"  # where the page's reader works


@pytest.fixture(scope="module")
def walked(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[tuple[str, str, str]]]:
    """The folder when all is done, and of each command: itself, what the page shows, what it printed."""
    folder = tmp_path_factory.mktemp("penguins")
    shutil.copy(ROOT / "examples" / "penguins" / "penguins_raw.csv", folder)
    session = []
    for block in BLOCKS:
        if block.key in ("file", "append"):
            with (folder / block.value).open("w" if block.key == "file" else "a", encoding="utf-8") as file:
                file.write(block.text)
        if block.language == "console":
            for command, shown in commands_of(block):
                session.append((command, shown, bash(command, folder).stdout.replace(str(folder), HOME)))
    return folder, session


def test_each_command_prints_what_is_shown(walked: tuple[Path, list[tuple[str, str, str]]]) -> None:
    _, session = walked
    assert len(session) >= 15
    for command, shown, printed in session:
        assert (command, SECONDS.sub("", printed)) == (command, SECONDS.sub("", shown))


def test_generated_code_is_what_the_compiler_writes(walked: tuple[Path, list[tuple[str, str, str]]]) -> None:
    compiled = [block for block in BLOCKS if block.key == "compiled"]
    assert len(compiled) >= 1
    for block in compiled:
        assert (walked[0] / block.value).read_text(encoding="utf-8") == block.text


def test_the_pipeline_is_in_canonical_form(walked: tuple[Path, list[tuple[str, str, str]]]) -> None:
    assert bash("otterdsl fmt --check penguins.otter", walked[0]).returncode == 0


def test_each_block_is_written_run_or_compared() -> None:
    kinds = {("otter", "file"), ("otter", "append"), ("console", ""), ("python", "compiled")}
    assert {(block.language, block.key) for block in BLOCKS} == kinds
