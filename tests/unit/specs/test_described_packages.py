"""What `schema` writes of a package gives analysis what `use` gives it."""

from collections.abc import Callable
from pathlib import Path

import pytest
from task_packages import task_module

from otterdsl.compiler.analysis.declarations import gather
from otterdsl.compiler.analysis.report import Report
from otterdsl.compiler.analysis.schemas import Schemas
from otterdsl.compiler.analysis.sources import ParsedFile, Sources
from otterdsl.compiler.analysis.task_types import TaskType, resolve_types
from otterdsl.compiler.describe import Described, describe
from otterdsl.compiler.frontend import check
from otterdsl.compiler.source.text import SourceText
from otterdsl.compiler.specs.reader import read
from otterdsl.compiler.syntax.parse import parse

PENGUINS = Path(__file__).resolve().parents[3] / "examples" / "penguins"

FIELDS = """
source: Annotated[str, Input]
"A path,\\n${over} lines, with a # and a \\u00e9."
sources: list[Annotated[str, Input]] | Annotated[str, Input]
destination: Annotated[str, Output] = "a\\\\b \\"c\\" ${d}\\n"
count: int = 3
ratio: float = 0.5
on: bool = False
words: list[str] = ["a", "b c"]
table: dict[str, int] = {"a key": 1}
maybe: int | None = None
either: str | int = 1
key: Annotated[str | None, Key] = None
wait: Annotated[str, Duration] = "30m"
room: Annotated[str, Size] = "8GiB"
anything: object = None
do: Annotated[list[Spec], Provides("each", "prefix")]
schema: str
"""


def types_of(text: str, schemas: Schemas) -> dict[str, TaskType]:
    parsed = parse(SourceText("main.otter", "main.otter", text))
    assert parsed.diagnostics == ()
    report = Report()
    types = resolve_types(gather(Sources((ParsedFile("main.otter", parsed.value),)), schemas, report), schemas, report)
    assert report.diagnostics == ()
    return types


def described(folder: Path, package: str) -> tuple[Described, Schemas]:
    with read([package], import_path=[str(folder)], docs=True) as specs:
        assert specs.schemas.failed == {}
        tasks = [task for task in specs.schemas.tasks.values() if task.package == package]
        return describe(tasks, specs.schemas.reserved, "What it is."), specs.schemas


def seen(kind: TaskType) -> list[tuple[object, ...]]:
    return [(each.name, str(each.type), each.required, each.provides) for each in kind.fields.values()]


def test_declarations_are_what_use_sees(package: Callable[..., Path]) -> None:
    folder = package("mine.tasks", all_kinds=task_module("AllKinds", FIELDS), plain=task_module("Plain", "x: int"))
    made, schemas = described(folder, "mine.tasks")
    used = types_of("use mine.tasks", schemas)
    declared = types_of(made.text, schemas)
    assert [seen(declared[name]) for name in ("all_kinds", "plain")] == [seen(used[name]) for name in ("all_kinds", "plain")]
    assert made.unsaid == ()


def test_what_was_declared_checks_without_the_package(package: Callable[..., Path], tmp_path: Path) -> None:
    folder = package("mine.tasks", all_kinds=task_module("AllKinds", FIELDS))
    made, _ = described(folder, "mine.tasks")
    (tmp_path / "alone").mkdir()
    entry = tmp_path / "alone" / "p.otter"
    use = 'step s { all_kinds a { source = "a" sources = "b" schema = "c" do { hello_world "${each}" {} } } }'
    entry.write_text(f"{made.text}\n{use}\n", encoding="utf-8")
    assert [each.message for each in check(entry, use_imports=False).diagnostics] == []
    entry.write_text(f"{made.text}\n{use.replace('schema', 'count = true scheme')}\n", encoding="utf-8")
    assert sorted(each.code for each in check(entry, use_imports=False).diagnostics) == ["OT204", "OT301"]


def test_the_example_is_described_with_its_words() -> None:
    made, _ = described(PENGUINS, "penguin_tasks")
    assert "# Keep the birds that were measured" in made.text
    assert "extern task clean_penguins from penguin_tasks.clean_penguins {" in made.text
    assert "  # Birds that weigh less, in grams, are left out.\n" in made.text
    assert made.unsaid == ()


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ("odd: str = Field(default_factory=lambda: str(uuid4()))", "takes null as well"),
        ("x: str = Field(alias='odd-key')", "is no name of the language"),
        ('do: Annotated[list[Spec], Provides("${name_of}")]', "depends on other fields"),
    ],
)
def test_what_no_declaration_can_say_is_said(package: Callable[..., Path], fields: str, said: str) -> None:
    folder = package("mine.tasks", odd=task_module("Odd", fields, "from uuid import uuid4\nfrom pydantic import Field\n"))
    made, schemas = described(folder, "mine.tasks")
    assert [said in line for line in made.unsaid] == [True]
    assert "odd" in types_of(made.text, schemas)


def test_tasks_that_may_be_left_out_are_optional(package: Callable[..., Path]) -> None:
    made, schemas = described(package("mine.tasks", odd=task_module("Odd", "do: list[Spec] = []")), "mine.tasks")
    assert seen(types_of(made.text, schemas)["odd"]) == [("do", "list[Spec]?", False, None)]
    assert made.unsaid == ()


def test_a_class_without_a_spec_is_left_to_use(package: Callable[..., Path]) -> None:
    folder = package("mine.tasks", bare="from otterdsl.runtime.task.model import Task\n\n\nclass Bare(Task):\n    pass\n", plain=task_module("Plain"))
    made, _ = described(folder, "mine.tasks")
    assert "extern task bare" not in made.text
    assert ["`bare` takes any field" in line for line in made.unsaid] == [True]
