from pathlib import Path

import black
import pytest
from hand_made_plans import PLANS
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.single_file import SingleFileSnapshotExtension, WriteMode

from otterdsl.compiler.codegen.generate import generate
from otterdsl.compiler.codegen.lock import Record
from otterdsl.compiler.compile import compile_file
from otterdsl.compiler.plan.model import Plan

# Syrupy wants the test's name in a snapshot's; what a reviewer wants there is the generated file's.
pytestmark = pytest.mark.filterwarnings(r"ignore:\s*Can not relate snapshot")

RECORD = Record("0.0.0", {"inputs.otter": "ab" * 32}, {"otterdsl": "cd" * 32}, {}, "../src", "inputs.otter")


class GeneratedFile(SingleFileSnapshotExtension):
    """One real file for each snapshot, named as the test says."""

    _write_mode = WriteMode.TEXT
    file_extension = "py"

    @classmethod
    def get_snapshot_name(cls, *, test_location: object, index: object) -> str:
        return str(index)


class LockFile(GeneratedFile):
    """The same, for the lock."""

    file_extension = "json"


@pytest.mark.parametrize(("name", "plan"), PLANS.items(), ids=PLANS)
def test_the_text_of_generated_files(name: str, plan: Plan, snapshot: SnapshotAssertion) -> None:
    for file, text in generate(plan, RECORD).items():
        stem, _, extension = file.rpartition(".")
        assert text == snapshot(name=f"{name}.{stem}", extension_class=GeneratedFile if extension == "py" else LockFile)


CORPUS = Path(__file__).parents[1] / "corpus" / "ok"


@pytest.mark.parametrize("path", sorted(CORPUS.glob("*.otter")), ids=lambda path: path.stem)
def test_the_text_of_the_corpus(path: Path, snapshot: SnapshotAssertion) -> None:
    compilation = compile_file(path)
    assert not compilation.has_errors, compilation.diagnostics
    for file, text in compilation.files.items():
        # The lock names versions and digests of all that goes in; the hand-made plans show its form.
        if file.endswith(".py"):
            assert text == snapshot(name=f"corpus.{path.stem}.{file.removesuffix('.py')}", extension_class=GeneratedFile)


def test_black_changes_no_snapshot() -> None:
    files = sorted(Path(__file__).parent.glob("__snapshots__/**/*.py"))
    assert len(files) > 10
    for file in files:
        text = file.read_text(encoding="utf-8")
        assert black.format_str(text, mode=black.Mode()) == text, file
