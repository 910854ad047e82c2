"""What the tests of analysis share: a text analysed against task types made by hand, without Python Specs."""

from collections.abc import Callable, Sequence

import pytest

from otterdsl.compiler.analysis.analyse import analyse
from otterdsl.compiler.analysis.program import Program
from otterdsl.compiler.analysis.schemas import FieldSchema, Schemas, TaskSchema, ValueProblem, ValueRequest
from otterdsl.compiler.analysis.sources import ParsedFile, Sources
from otterdsl.compiler.source.diagnostic import Checked
from otterdsl.compiler.source.text import SourceText
from otterdsl.compiler.syntax.parse import parse
from otterdsl.compiler.values.types import SPEC, Type, TypeOption, plain

SPECS = Type((TypeOption("list", plain(SPEC)),))


def task_schema(name: str, *fields: FieldSchema) -> TaskSchema:
    class_name = "".join(word.capitalize() for word in name.split("_"))
    return TaskSchema(name, f"made.{name}", class_name, f"{class_name}Spec", {field.name: field for field in fields})


SCHEMAS = Schemas(
    tasks={
        "copy": task_schema("copy", FieldSchema("source", plain("input"), True), FieldSchema("destination", plain("output"), True)),
        "find": task_schema("find", FieldSchema("source", plain("input"), True), FieldSchema("key", Type((TypeOption("key", None, True),)), False)),
        "say": task_schema("say", FieldSchema("what", plain("any"), False, "world")),
        "each_of": task_schema(
            "each_of",
            FieldSchema("of", plain("any"), True),
            FieldSchema("do", SPECS, True, provides=("${called}",)),
            FieldSchema("called", plain("str"), False, "each"),
        ),
    },
    base_fields={
        "requires": FieldSchema("requires", Type((TypeOption("list", plain("str")),)), False),
        "scratchpad_ignore_missing": FieldSchema("scratchpad_ignore_missing", plain("bool"), False, False),
    },
    settings={"pool_size": FieldSchema("pool_size", plain("int"), False, 5)},
    reserved=frozenset({"artifacts"}),
)

IDLE = frozenset({"OT902", "OT903", "OT904", "OT905", "OT906"})  # what is right and serves nothing: test_lints has them
Analysed = Callable[..., Checked[Program | None]]


class Checker:
    """A checker of values that finds what it is told to, and keeps what it was asked."""

    def __init__(self) -> None:
        self.asked: list[ValueRequest] = []
        self.calls = 0
        self.finds: Callable[[int, ValueRequest], list[ValueProblem]] = lambda index, request: []

    def __call__(self, requests: Sequence[ValueRequest]) -> list[ValueProblem]:
        self.calls += 1
        self.asked += requests
        return [problem for index, request in enumerate(requests) for problem in self.finds(index, request)]


@pytest.fixture
def checker() -> Checker:
    return Checker()


@pytest.fixture
def analysed(checker: Checker) -> Analysed:
    """A function from the entry's text (and imported files by id) to what analysis gives."""

    def run(text: str, **imported: str) -> Checked[Program | None]:
        files = []
        for file, content in [*((name.replace("__", "/") + ".otter", each) for name, each in imported.items()), ("main.otter", text)]:
            parsed = parse(SourceText(file, file, content))
            assert not parsed.diagnostics
            files.append(ParsedFile(file, parsed.value))
        return analyse(Sources(tuple(files)), SCHEMAS, checker)

    return run


@pytest.fixture(scope="session")
def analysed_by_hand() -> Analysed:
    """As `analysed`, for tests that hypothesis runs again and again, of texts that may be wrong already as they are parsed."""

    def run(text: str) -> Checked[Program | None]:
        parsed = parse(SourceText("main.otter", "main.otter", text))
        checked = analyse(Sources((ParsedFile("main.otter", parsed.value),)), SCHEMAS, Checker())
        return Checked(None if parsed.has_errors else checked.value, (*parsed.diagnostics, *checked.diagnostics))

    return run


@pytest.fixture
def program(analysed: Analysed) -> Callable[..., Program]:
    """A function from right text to its Program."""

    def run(text: str, **imported: str) -> Program:
        checked = analysed(text, **imported)
        assert [each for each in checked.diagnostics if each.code not in IDLE] == []
        assert checked.value is not None
        return checked.value

    return run


@pytest.fixture
def tasks(program: Callable[..., Program]) -> Callable[[str], dict[str, object]]:
    """A function from the text of a step's block (and declarations before it) to its resolved tasks, by name."""

    def run(body: str, before: str = "") -> dict[str, object]:
        return {task.name: task for task in program(f"{before}\nstep s {{\n{body}\n}}").steps[0].tasks}

    return run
