"""`convert`, and `check` of a configuration, from outside: PIS as it is, what goes where, and files that are left alone."""

import re
from collections import Counter
from pathlib import Path

import pytest
from command_line import contents, otterdsl, write

from otterdsl.compiler.compile import compile_file
from otterdsl.compiler.frontend import check
from otterdsl.convert.check import check_config

PIS = Path(__file__).parents[2] / "examples" / "pis"
CONFIG = """\
# Who is greeted.
work_path: ./made
steps:
  greet:
    - name: hello_world everyone # all of them
      who: everyone
    - name: mine x
      size: 3
"""
TEXT = """\
# otterdsl: converted from config.yaml

# Who is greeted.
pipeline config {
  work_path = "./made"
}

extern task mine {
  size: int
}

step greet {
  hello_world everyone {  # all of them
    who = "everyone"
  }

  mine x { size = 3 }
}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a configuration, and task types for it."""
    types = {"my_tasks/__init__.py": "", "my_tasks/mine.py": MINE, "tasks.otter": "extern task mine { size: int }\nextern task other {}\n"}
    write(tmp_path, {"config.yaml": CONFIG, **types})
    return tmp_path


MINE = """\
from otterdsl.runtime.task.model import Spec, Task

class MineSpec(Spec):
    size: int

class Mine(Task):
    spec: MineSpec
"""


# ---------------------------------------------------------------- PIS


def test_pis_shows_what_is_wrong_with_it_at_its_line() -> None:
    done = otterdsl("check", "config.yaml", "--schema", "tasks.otter", folder=PIS)
    assert done.code == 1, done.said
    assert "error[OT204]: unknown field `queries` for task type `solr`" in done.out
    assert "--> config.yaml:164:7" in done.out


def test_pis_is_found_as_wrong_as_its_conversion(tmp_path: Path) -> None:
    done = otterdsl("convert", PIS / "config.yaml", "--schema", PIS / "tasks.otter", "-o", "pis.otter", folder=tmp_path)
    assert done.code == 0, done.said
    before = check_config(PIS / "config.yaml", schemas=[PIS / "tasks.otter"])
    after = check(tmp_path / "pis.otter")
    assert Counter((each.code, each.message) for each in before.diagnostics) == Counter((each.code, each.message) for each in after.diagnostics)


def test_pis_keeps_each_comment_once_and_compiles_but_for_its_mistake(tmp_path: Path) -> None:
    yaml = (PIS / "config.yaml").read_text(encoding="utf-8")
    write(tmp_path, {"config.yaml": yaml.replace("      queries:\n", "")})
    done = otterdsl("convert", "config.yaml", "--schema", PIS / "tasks.otter", "-o", "pis.otter", folder=tmp_path)
    assert done.code == 0, done.said
    text = (tmp_path / "pis.otter").read_text(encoding="utf-8")
    comments = re.compile(r"(?:^|(?<=\s))#.*", re.MULTILINE)
    assert Counter(comments.findall(text)) - Counter(comments.findall(yaml)) == Counter(["# otterdsl: converted from config.yaml"])
    assert Counter(comments.findall(yaml)) - Counter(comments.findall(text)) == Counter()
    compiled = compile_file(tmp_path / "pis.otter")
    assert compiled.plan is not None, compiled.diagnostics
    assert len(compiled.plan.steps) == 40


def test_pis_is_converted_without_a_schema_too(tmp_path: Path) -> None:
    done = otterdsl("convert", PIS / "config.yaml", "-o", "pis.otter", folder=tmp_path)
    assert done.code == 0, done.said
    assert [each for each in check(tmp_path / "pis.otter").diagnostics if each.code != "OT502" and not each.code.startswith("OT4")] == []


# ---------------------------------------------------------------- where the text goes


def test_the_text_goes_to_standard_output_and_the_rest_elsewhere(folder: Path) -> None:
    done = otterdsl("convert", "config.yaml", folder=folder)
    assert (done.code, done.out) == (0, TEXT)
    assert done.err.startswith("warning[OT201]: `mine` is no task type that is known: declared with the fields seen\n")


def test_a_file_is_written_whole_named_after_itself_and_the_same_again(folder: Path) -> None:
    done = otterdsl("convert", "config.yaml", "-o", "new/my pipeline.otter", folder=folder)
    assert (done.code, done.out) == (0, ""), done.said
    written = folder / "new" / "my pipeline.otter"
    assert written.read_text(encoding="utf-8") == TEXT.replace("pipeline config", "pipeline my_pipeline")
    before = written.stat().st_mtime_ns
    assert otterdsl("convert", "config.yaml", "-o", "new/my pipeline.otter", folder=folder).code == 0
    assert written.stat().st_mtime_ns == before
    assert sorted(path.name for path in written.parent.iterdir()) == ["my pipeline.otter"]


def test_a_file_that_is_no_conversion_is_left_alone(folder: Path) -> None:
    write(folder, {"mine.otter": "step a {}\n", "empty.otter": ""})
    before = contents(folder)
    done = otterdsl("convert", "config.yaml", "-o", "mine.otter", folder=folder)
    assert done.code == 1
    assert "was not converted from a configuration: --force writes over it" in done.err
    assert contents(folder) == before
    assert otterdsl("convert", "config.yaml", "-o", "empty.otter", folder=folder).code == 0  # nothing is lost there
    assert otterdsl("convert", "config.yaml", "-o", "mine.otter", "--force", folder=folder).code == 0
    assert (folder / "mine.otter").read_text(encoding="utf-8") == TEXT.replace("pipeline config", "pipeline mine")


def test_a_conversion_that_was_edited_is_left_alone(folder: Path) -> None:
    assert otterdsl("convert", "config.yaml", "-o", "mine.otter", folder=folder).code == 0
    edited = (folder / "mine.otter").read_text(encoding="utf-8").replace("size = 3", "size = 4")
    write(folder, {"mine.otter": edited})
    done = otterdsl("convert", "config.yaml", "-o", "mine.otter", folder=folder)
    assert done.code == 1
    assert "mine.otter is there, and says something else than the configuration now does: --force writes over it" in done.err
    assert (folder / "mine.otter").read_text(encoding="utf-8") == edited
    assert otterdsl("convert", "config.yaml", "-o", "mine.otter", "--force", folder=folder).code == 0
    assert (folder / "mine.otter").read_text(encoding="utf-8") == TEXT.replace("pipeline config", "pipeline mine")


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (("convert", "p.otter"), 2, "no Otter configuration"),
        (("convert", "p.py"), 2, "Python"),
        (("convert", "config.yaml", "-o", "."), 2, "folder"),
        (("convert", "config.yaml", "-o", "config.yaml", "--force"), 2, "over itself"),
        (("convert", "config.yaml", "-o", "config.yaml/x.otter"), 1, "config.yaml"),
        (("convert", "missing.yaml"), 1, "OT001"),
        (("convert", "broken.yaml", "-o", "out.otter"), 1, "OT009"),
        (("convert", "empty.yaml"), 1, "OT101"),
        (("convert", "config.yaml", "--schema", "missing.otter"), 1, "OT001"),
        (("convert", "config.yaml", "--tasks", "no_such_package"), 1, "OT210"),
        (("convert",), 2, "CONFIG"),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, tuple) else None,
)
def test_wrong_words_are_said_and_nothing_is_written(arguments: tuple[str, ...], code: int, says: str, folder: Path) -> None:
    write(folder, {"broken.yaml": "steps: [\n", "empty.yaml": "", "p.otter": "", "p.py": ""})
    before = contents(folder)
    done = otterdsl(*arguments, folder=folder)
    assert done.code == code, done.said
    assert says in done.said
    assert contents(folder) == before


def test_what_is_lost_is_an_error_and_the_rest_is_written(folder: Path) -> None:
    write(folder, {"config.yaml": CONFIG + "    - nothing\n"})
    done = otterdsl("convert", "config.yaml", folder=folder)
    assert done.code == 1
    assert "OT217" in done.err
    assert done.out == TEXT.replace("  mine x { size = 3 }\n", "  mine x { size = 3 }\n  # - nothing\n")
    to_file = otterdsl("convert", "config.yaml", "-o", "config.otter", folder=folder)
    assert to_file.code == 1
    assert "`config.otter` was written all the same: what `config.yaml` says, but for the errors above\n" in to_file.err
    assert (folder / "config.otter").read_text(encoding="utf-8") == done.out


# ---------------------------------------------------------------- task types


def test_a_package_is_used_and_a_schema_imported_or_copied(folder: Path) -> None:
    used = otterdsl("convert", "config.yaml", "--tasks", "my_tasks", folder=folder).out
    assert "use my_tasks\n" in used
    assert "extern" not in used
    copied = otterdsl("convert", "config.yaml", "--schema", "tasks.otter", folder=folder).out
    assert "extern task mine {\n  size: int\n}\n" in copied
    assert "other" not in copied
    for output, path in (("pipeline.otter", "tasks.otter"), ("deep/pipeline.otter", "../tasks.otter")):
        write(folder, {"pyproject.toml": ""})
        assert otterdsl("convert", "config.yaml", "--schema", "tasks.otter", "-o", output, folder=folder).code == 0
        assert f'import "{path}"\n' in (folder / output).read_text(encoding="utf-8")
        assert otterdsl("check", output, folder=folder).code == 0


def test_a_configuration_is_checked_with_packages_schemas_or_neither(folder: Path) -> None:
    assert otterdsl("check", "config.yaml", "--tasks", "my_tasks", folder=folder).code == 0
    assert otterdsl("check", "config.yaml", "--schema", "tasks.otter", folder=folder).code == 0
    assert otterdsl("check", "config.yaml", "--tasks", "my_tasks", "--no-import", folder=folder).code == 1
    done = otterdsl("check", "config.yaml", folder=folder)
    assert done.code == 1
    assert "config.yaml:7:13" in done.out
    assert "--tasks PACKAGE" in done.out


def test_several_files_of_both_kinds_are_checked_together(folder: Path) -> None:
    write(folder, {"p.otter": "step a { mine x { size = 3 } }\nuse my_tasks\n", "c.json": '{"steps": {"a": [{"name": "hello_world x", "whom": 3}]}}'})
    done = otterdsl("check", "p.otter", "config.yaml", "c.json", "--tasks", "my_tasks", "--format", "json", folder=folder)
    assert done.code == 1
    assert '"OT204"' in done.out
    assert '"file": "c.json", "line": 1, "column": 44' in done.out
