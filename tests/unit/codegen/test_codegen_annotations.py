import os
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest
from hand_made_plans import CLASSES, list_of, plan
from hostile_plans import types as any_type
from hypothesis import HealthCheck, given, settings
from pydantic import ValidationError

import otterdsl
from otterdsl.compiler.codegen.annotations import Annotations
from otterdsl.compiler.codegen.generate import generate
from otterdsl.compiler.codegen.lock import Record
from otterdsl.compiler.codegen.statements import class_bases
from otterdsl.compiler.plan.model import PlannedField, PlannedType
from otterdsl.compiler.values.types import Type, TypeOption, plain
from otterdsl.runtime.loader import load_sources
from otterdsl.runtime.task.language_types import type_text
from otterdsl.runtime.task.model import Spec


def optional(name: str) -> Type:
    return Type((TypeOption(name, optional=True),))


@pytest.mark.parametrize(
    ("type_", "text", "names"),
    [
        (plain("str"), "str", set()),
        (plain("any"), "object", set()),
        (optional("int"), "int | None", set()),
        (plain("duration"), "Duration", {"Duration"}),
        (optional("size"), "Size | None", {"Size"}),
        (plain("output"), "Annotated[str, Output]", {"Annotated", "Output"}),
        (list_of("input"), "list[Annotated[str, Input]]", {"Annotated", "Input"}),
        (Type((TypeOption("map", plain("float")),)), "dict[str, float]", set()),
        (Type((TypeOption("list", plain("str")), TypeOption("str"))), "list[str] | str", set()),
        (Type((TypeOption("str"), TypeOption("any"))), "object", set()),
        (list_of("Spec"), "list[Spec]", {"Spec"}),
    ],
)
def test_a_type_becomes_an_annotation(type_: Type, text: str, names: set[str]) -> None:
    annotations = Annotations()
    assert annotations.type(type_) == text
    assert annotations.names == names
    assert annotations.aliases == {}


def test_a_long_type_is_built_of_aliases_that_fit_a_line() -> None:
    deep = plain("str")
    for _ in range(30):
        deep = Type((TypeOption("list", deep, optional=True), TypeOption("map", plain("input"))))
    annotations = Annotations()
    assert len(annotations.type(deep)) <= 60
    assert all(len(f"{name} = {text}") <= 88 for name, text in annotations.aliases.items())


def spec_of(*fields: PlannedField) -> type[Spec]:
    declared = PlannedType("mine", "extern", None, None, fields, "", "x.otter", 1)
    return load_sources(generate(plan(types=(declared,), classes=CLASSES), Record("1")), "x").types["mine"][1]


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(any_type)
def test_every_type_is_one_that_the_runtime_can_load(type_: Type) -> None:
    spec = spec_of(PlannedField("field", type_, True, None, (), ""))
    assert spec.model_fields["field"].is_required()
    if type_.optional:
        assert spec(name="mine x", field=None).field is None  # type: ignore[attr-defined] # the field is made above


def test_pydantic_decides_what_fits() -> None:
    spec = spec_of(PlannedField("number", list_of("int"), True, None, (), ""), PlannedField("wait", plain("duration"), False, "30m", (), ""))
    assert spec(name="mine x", number=[1]).model_dump()["wait"] == "30m"
    for wrong in ({"number": ["x"]}, {"number": 3}, {"number": [1], "wait": "soon"}, {}):
        with pytest.raises(ValidationError):
            spec(name="mine x", **wrong)


def test_the_templates_are_found_in_a_bare_checkout(tmp_path: Path) -> None:
    root = Path(otterdsl.__file__).parents[1]
    program = "from otterdsl.compiler.codegen.environment import load_templates; print(load_templates().step.__self__.filename)"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(root), sysconfig.get_path("purelib")])}
    # Without site's path files there is no `otterdsl.templates`, as in a checkout that was never installed.
    done = subprocess.run([sys.executable, "-S", "-c", program], env=environment, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert Path(done.stdout.strip()) == root / "templates" / "step.py.j2"


ROUND = [
    *(plain(name) for name in ("str", "int", "float", "bool", "any", "duration", "size", "input", "output", "into", "key")),
    *(optional(name) for name in ("str", "input", "duration")),
    *(list_of(name) for name in ("input", "int", "Spec")),
    Type((TypeOption("list", plain("input")), TypeOption("input"))),
    Type((TypeOption("map", list_of("output")),)),
]


@pytest.mark.parametrize("type_", ROUND, ids=str)
def test_the_type_can_be_read_back_from_the_generated_class(type_: Type) -> None:
    info = spec_of(PlannedField("field", type_, True, None, (), "")).model_fields["field"]
    assert type_text(info.annotation, info.metadata) == str(type_)


def test_two_bases_that_are_too_long_for_a_line_stand_on_lines_of_their_own() -> None:
    assert class_bases("A", "CheckedTask", "Copy") == "(CheckedTask, Copy)"
    assert class_bases("A" * 70, "CheckedTask", "Copy") == "(\n    CheckedTask,\n    Copy,\n)"
