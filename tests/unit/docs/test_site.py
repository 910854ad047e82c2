"""The documents as a site: it builds without a complaint, every example is coloured by the project's own lexer, and nothing of it lies elsewhere."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

DOCS = Path(__file__).resolve().parents[3] / "docs"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "sphinx", "--quiet", "--fail-on-warning", "--keep-going", "-d", folder / "trees", DOCS, folder / "html"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    return folder / "html"


def test_each_document_has_a_page(site: Path) -> None:
    pages = {path.relative_to(DOCS).with_suffix(".html") for path in DOCS.rglob("*.md")}
    assert len(pages) >= 10
    assert [page for page in sorted(pages) if not (site / page).is_file()] == []


def test_examples_are_coloured(site: Path) -> None:
    page = (site / "language.html").read_text(encoding="utf-8")
    fences = len(re.findall(r"^```otter", (DOCS / "language.md").read_text(encoding="utf-8"), re.MULTILINE))
    assert page.count('<div class="highlight-otter') == fences
    assert '<span class="kd">pipeline</span>' in page
    assert '<span class="si">${</span>' in page


def test_nothing_is_fetched_from_elsewhere(site: Path) -> None:
    for path in site.rglob("*.html"):
        page = path.read_text(encoding="utf-8")
        assert re.findall(r"""<(?:script|link|img)[^>]+(?:src|href)=["'](?:https?:)?//""", page) == [], path
