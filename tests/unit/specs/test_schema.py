"""What a package of task modules is described as."""

import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from task_packages import task_module

from otterdsl.runtime.task.schema import BUILTIN, TaskPackageError, class_name, describe, describe_base, task_types

Write = Callable[..., Path]


@pytest.fixture
def described(package: Write, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., list[dict[str, Any]]]]:
    """Writes a package, imports it here and gives its description."""
    names: list[str] = []

    def write_and_describe(name: str, **modules: str) -> list[dict[str, Any]]:
        monkeypatch.syspath_prepend(package(name, **modules))
        names.append(name)
        return describe(task_types(name), docs=True)

    yield write_and_describe
    for name in [loaded for loaded in sys.modules if any(f"{loaded}.".startswith(f"{name}.") for name in names)]:
        del sys.modules[name]


FIELDS = '''
source: Annotated[str, Input]
"""Where it comes from."""
destinations: list[Annotated[str, Output]] = ["a"]
note: Annotated[str | None, Key] = None
wait: Duration = "3s"
do: Annotated[list[Spec], Provides("each", "prefix")] = []
plain: list[Spec]
perhaps: Annotated[list[Spec], Provides("x")] | None = None
many: set[str] = {"b", "a"}
odd: object = object()
fresh: list[str] = Field(default_factory=list, description="Said in Python.")
'''


def test_fields_have_types_defaults_roles_and_docs(described: Callable[..., list[dict[str, Any]]]) -> None:
    (only,) = described("described_fields", count_words=task_module("CountWords", FIELDS, "from pydantic import Field"))
    fields = {field.pop("name"): field for field in only.pop("fields")}
    assert only == {
        "name": "count_words",
        "module": "described_fields.count_words",
        "class": "CountWords",
        "spec": "CountWordsSpec",
        "open": False,
        "doc": "What CountWords is for.",
    }
    assert fields == {
        "source": {"type": "input", "required": True, "default": None, "provides": None, "doc": "Where it comes from."},
        "destinations": {"type": "list[output]", "required": False, "default": ["a"], "provides": None, "doc": ""},
        "note": {"type": "key?", "required": False, "default": None, "provides": None, "doc": ""},
        "wait": {"type": "duration", "required": False, "default": "3s", "provides": None, "doc": ""},
        "do": {"type": "list[Spec]", "required": False, "default": [], "provides": ["each", "prefix"], "doc": ""},
        "plain": {"type": "list[Spec]", "required": True, "default": None, "provides": None, "doc": ""},
        "perhaps": {"type": "list[Spec]?", "required": False, "default": None, "provides": ["x"], "doc": ""},
        "many": {"type": "list[str]", "required": False, "default": ["a", "b"], "provides": None, "doc": ""},
        "odd": {"type": "any", "required": False, "default": None, "provides": None, "doc": ""},
        "fresh": {"type": "list[str]", "required": False, "default": [], "provides": None, "doc": "Said in Python."},
    }


def test_a_class_without_a_spec_is_open_and_helpers_are_passed_over(described: Callable[..., list[dict[str, Any]]]) -> None:
    bare = "from otterdsl.runtime.task.model import Task\nclass Bare(Task): pass\n"
    found = described("described_bare", bare=bare, _helper="raise RuntimeError('not imported')")
    assert [(each["name"], each["spec"], each["open"], each["fields"], each["doc"]) for each in found] == [("bare", None, True, [], "")]


def test_a_spec_of_a_spec_has_the_fields_of_both(described: Callable[..., list[dict[str, Any]]]) -> None:
    second = "from described_heirs.first import FirstSpec, Task\nclass SecondSpec(FirstSpec):\n    more: int\nclass Second(Task): pass\n"
    found = described("described_heirs", first=task_module("First", 'source: str\n"""Said below."""'), second=second)
    assert [[(field["name"], field["doc"]) for field in each["fields"]] for each in found] == [
        [("source", "Said below.")],
        [("source", "Said below."), ("more", "")],
    ]


@pytest.mark.parametrize(
    ("modules", "reason"),
    [
        ({"count": "x = 1"}, "module `described_wrong.count` has no class `Count`"),
        ({"count": "class Count: pass"}, "module `described_wrong.count` has no Task in `Count`"),
        ({"count": task_module("Count") + "\nCountSpec = 3\n"}, "`CountSpec` of module `described_wrong.count` is no Spec"),
        ({}, "`described_wrong` holds no task modules"),
    ],
)
def test_a_package_that_breaks_its_names_promise_is_refused(
    described: Callable[..., list[dict[str, Any]]], modules: dict[str, str], reason: str
) -> None:
    with pytest.raises(TaskPackageError) as caught:
        described("described_wrong", **modules)
    assert str(caught.value) == reason


def test_a_class_goes_by_the_name_that_its_module_gives_it(described: Callable[..., list[dict[str, Any]]]) -> None:
    renamed = task_module("Real") + "\nShown = Real\n"
    found = described("described_renamed", shown=renamed, a1b=task_module("A1B"))
    assert [(each["name"], each["class"], each["spec"]) for each in found] == [("a1b", "A1B", "A1BSpec"), ("shown", "Shown", "RealSpec")]


def test_a_module_is_no_package() -> None:
    with pytest.raises(TaskPackageError, match="is a module, not a package"):
        task_types("otterdsl.runtime.task.model")


@pytest.mark.parametrize("name", ["../described", "./described", ".described"])
def test_a_path_is_no_name_of_a_package(name: str) -> None:
    with pytest.raises(TaskPackageError, match="is not the name of a package, such as"):
        task_types(name)


def test_a_module_is_called_as_its_class() -> None:
    assert [class_name(name) for name in ("copy", "copy_many", "find_2nd", "a1b")] == ["Copy", "CopyMany", "Find2nd", "A1b"]


def test_the_built_in_types_are_there_with_their_roles() -> None:
    found = {each["name"]: {field["name"]: field["type"] for field in each["fields"]} for each in describe(task_types(BUILTIN))}
    assert sorted(found) == ["copy", "copy_many", "download", "explode", "explode_glob", "find_latest", "hello_world"]
    assert found["copy"] == {"source": "input", "destination": "output", "settings": "map[any]?"}
    assert found["copy_many"]["sources"].startswith("list[input] | input")
    assert found["copy_many"]["destination"] == "into"
    assert found["explode"]["do"] == "list[Spec]"
    assert found["find_latest"] == {"source": "input", "scratchpad_key": "key?"}


def test_the_base_has_what_every_task_takes_and_what_no_field_may_be_called() -> None:
    base = describe_base()
    fields = {field["name"]: field["type"] for field in base["base_fields"]}
    assert fields["requires"] == "list[str]"
    assert "name" not in fields
    settings = {field["name"] for field in base["settings"]}
    assert {"work_path", "release_uri", "pool_size", "log_level"} <= settings
    assert not {"step", "steps", "config_path", "runner_name", "source_root"} & settings
    assert {"name", "run", "validate", "spec", "context", "artifacts", "model_dump", "for_each", "when", "group"} <= set(base["reserved"])
    assert not {"requires", "source"} & set(base["reserved"])


def test_descriptions_are_json() -> None:
    assert json.loads(json.dumps(describe(task_types(BUILTIN), docs=True)))
    assert json.loads(json.dumps(describe_base(docs=True)))["base_fields"][0]["doc"]
