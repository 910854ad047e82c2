"""The list of diagnostics names every code as the compiler has it."""

import re
from pathlib import Path

from otterdsl.compiler.source.codes import CODES

INDEX = Path(__file__).resolve().parents[3] / "docs" / "errors" / "index.md"


def test_every_code_is_listed_with_its_severity_and_title() -> None:
    rows = re.findall(r"^\| (OT\d{3}) \| (\w+) \| (.+) \|$", INDEX.read_text(encoding="utf-8"), re.MULTILINE)
    assert rows == [(code, known.severity.value, known.title) for code, known in CODES.items()]
