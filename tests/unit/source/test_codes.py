"""The list of codes and the places that report them belong together."""

import re
from pathlib import Path

from otterdsl.compiler.source import codes
from otterdsl.compiler.source.codes import CODES

PACKAGE = Path(codes.__file__).parents[2]


def test_each_code_is_reported_somewhere_and_each_that_is_reported_has_a_meaning():
    texts = [path.read_text() for path in PACKAGE.rglob("*.py") if path != Path(codes.__file__)]
    assert {code for text in texts for code in re.findall(r'"(OT\d{3})"', text)} == set(CODES)
