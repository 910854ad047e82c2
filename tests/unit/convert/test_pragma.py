"""The comment that a conversion begins with, found in a text as in its tree."""

import pytest

from otterdsl.compiler.source.text import SourceText
from otterdsl.compiler.syntax.parse import parse
from otterdsl.convert.pragma import PRAGMA, is_conversion, is_converted


@pytest.mark.parametrize(
    ("text", "converted"),
    [
        (f"# {PRAGMA}c.yaml\nstep s {{}}\n", True),
        (f"\n\n# {PRAGMA}c.yaml\n", True),
        (f"#{PRAGMA}c.yaml\nstep s {{}}\n", True),
        (f"# Mine.\n# {PRAGMA}c.yaml\nstep s {{}}\n", False),
        (f"step s {{}}\n# {PRAGMA}c.yaml\n", False),
        ("# otterdsl: converted\nstep s {}\n", False),
        ("step s {}\n", False),
        ("", False),
    ],
)
def test_text_and_tree_say_the_same(text: str, converted: bool) -> None:
    assert is_conversion(text) == converted
    assert is_converted(parse(SourceText("p.otter", "p.otter", text)).value) == converted
