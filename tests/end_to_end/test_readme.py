"""What the README shows is what the program prints."""

import re
from pathlib import Path

from command_line import otterdsl, write

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()
HELLO = (ROOT / "examples" / "hello" / "hello.otter").read_text()


def blocks(language: str) -> list[str]:
    """The fenced blocks of a language, in order."""
    return re.findall(rf"^```{language}\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)


def test_the_example_is_the_one_that_is_there() -> None:
    assert blocks("otter") == [HELLO]
    assert len(HELLO.splitlines()) == 5


def test_the_run_prints_what_the_readme_says(tmp_path: Path) -> None:
    shown = blocks("console")[0].split("\n", 1)[1]
    done = otterdsl("run", ROOT / "examples" / "hello" / "hello.otter", folder=tmp_path)
    seconds = re.compile(r"\d+\.\d\d s")
    assert seconds.sub("", done.err) == seconds.sub("", shown)


def test_the_generated_module_is_the_one_that_is_shown(tmp_path: Path) -> None:
    otterdsl("compile", ROOT / "examples" / "hello" / "hello.otter", "-o", "compiled", folder=tmp_path)
    assert blocks("python") == [(tmp_path / "compiled" / "hello" / "greet.py").read_text()]


def test_the_mistake_is_said_as_the_readme_says(tmp_path: Path) -> None:
    write(tmp_path, {"wrong.otter": HELLO.replace("hello_world", "hello_wrold")})
    done = otterdsl("check", "wrong.otter", folder=tmp_path)
    assert done.out + done.err == blocks("console")[1].split("\n", 1)[1]
