"""What people read of each wrong file of the corpus, a file each: a change of a message is seen as one."""

from pathlib import Path

import pytest
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.single_file import SingleFileSnapshotExtension, WriteMode

from otterdsl.compiler.frontend import check
from otterdsl.compiler.source.render import render_text, summary

CORPUS = Path(__file__).parents[1] / "corpus" / "err"

# Syrupy wants the test's name in a snapshot's; what a reviewer looks for there is the wrong file's.
pytestmark = pytest.mark.filterwarnings(r"ignore:\s*Can not relate snapshot")


class Rendered(SingleFileSnapshotExtension):
    """One text file for each snapshot, named as the test says."""

    _write_mode = WriteMode.TEXT
    file_extension = "txt"

    @classmethod
    def get_snapshot_name(cls, *, test_location: object, index: object) -> str:
        return str(index)


@pytest.mark.parametrize("path", sorted(CORPUS.glob("*.otter")), ids=lambda path: path.stem)
def test_the_text_of_a_wrong_file(path: Path, snapshot: SnapshotAssertion, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(CORPUS)
    checked = check(path.name)
    text = f"{render_text(checked.diagnostics, checked.texts)}\n{summary(checked.diagnostics)}\n"
    assert text == snapshot(name=path.stem, extension_class=Rendered)


def test_the_corpus_is_large() -> None:
    assert len(list(CORPUS.glob("*.otter"))) >= 100
