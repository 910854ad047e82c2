import sys
from pathlib import Path

import pytest
from hand_made_plans import CLASSES, PLANS, plan, step, task
from hostile_plans import texts, values
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from otterdsl.compiler.codegen.generate import generate
from otterdsl.compiler.codegen.lock import Record
from otterdsl.compiler.values.condition import Param
from otterdsl.compiler.values.value import to_json
from otterdsl.runtime import loader
from otterdsl.runtime.task.bind import Spread
from otterdsl.runtime.task.model import Spec
from otterdsl.runtime.task.spread import spread

RECORD = Record("1")


@pytest.mark.parametrize("name", ["whole", "within", "names"])
def test_the_runtime_loads_what_is_generated(name: str) -> None:
    made = PLANS[name]
    loaded = loader.load_sources(generate(made, RECORD), name)
    assert loaded.name == made.pipeline
    assert [step.name for step in loaded.steps] == [step.name for step in made.steps]
    for planned, found in zip(made.steps, loaded.steps, strict=True):
        assert found.requires == planned.requires
        assert [each.spec.name for each in found.classes] == [task.name for task in planned.tasks]
        assert [found.places[each.__name__].line for each in found.classes] == [task.line for task in planned.tasks]
        assert all(vars(each.spec).keys() | (each.spec.__pydantic_extra__ or {}).keys() for each in found.classes)


def test_what_is_loaded_spreads_into_the_tasks_that_were_meant() -> None:
    loaded = loader.load_sources(generate(PLANS["whole"], RECORD), "whole")
    found = spread(loaded.step("target").classes, {"ensembl": 115, "with_ppp": False, "species": ["a"], "token": None})
    assert [entry.name for entry in found.entries][:2] == ["copy homo_sapiens genes", "copy mus_musculus genes"]
    assert found.absent == {"copy ppp"}
    assert found.groups >= {"homology", "outer"}


def test_declared_types_carry_their_classes_and_specs() -> None:
    loaded = loader.load_sources(generate(PLANS["whole"], RECORD), "whole")
    task_class, spec_class = loaded.types["curation"]
    assert task_class.__name__ == "Curation"
    assert task_class.__mro__[1].__name__ == "Copy"
    assert list(spec_class.model_fields)[-1] == "file"


def test_an_extern_type_with_a_class_and_long_annotations_load(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "pis"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "tasks").mkdir()
    (package / "tasks" / "__init__.py").write_text("")
    (package / "tasks" / "big.py").write_text("from otterdsl.runtime import Task\n\n\nclass Big(Task):\n    pass\n")
    monkeypatch.syspath_prepend(tmp_path)
    for name in ("pis", "pis.tasks", "pis.tasks.big"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    loaded = loader.load_sources(generate(PLANS["types"], RECORD), "types")
    task_class, spec_class = loaded.types["big"]
    assert (task_class.__module__, spec_class.__name__) == ("pis.tasks.big", "BigSpec")
    assert set(loader.extern_types(loaded, loaded.steps[0])) == {"word_count", "sub"}
    fields = loaded.types["word_count"][1].model_fields
    assert fields["text"].default == "a text that is so long that it does not fit the line it would stand on"
    assert not fields["wait"].is_required()
    for name in ("pis", "pis.tasks", "pis.tasks.big"):
        sys.modules.pop(name, None)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(texts, texts, st.dictionaries(st.from_regex(r"[a-z]{2,8}_x|[^\W\d]{2} .", fullmatch=True), values, max_size=3), texts)
def test_specs_that_the_runtime_loads_hold_the_very_data(label: str, doc: str, fields: dict, step_name: str) -> None:
    made = plan(step(step_name or "s", task(f"plain {label}", fields, doc=doc)), classes={**CLASSES, "plain": BASE}, file=label, pipeline=label)
    loaded = loader.load_sources(generate(made, RECORD), "hostile")
    (found,) = loaded.steps[0].classes
    assert loaded.pipeline.name == label
    assert loaded.steps[0].name == (step_name or "s")
    assert found.spec.name == f"plain {label}"
    assert found.spec.__pydantic_extra__ == {name: to_json(value) for name, value in fields.items()}


BASE = type(CLASSES["copy"])("otterdsl.runtime.tasks.hello_world", "HelloWorld", None)


def test_a_megabyte_in_each_place_loads() -> None:
    big = ('"\\{{' * 200 + "\n") * 1_300
    inner = task("plain x", {"text": big})
    made = plan(
        step("one", task(f"plain {big}", {"text": big, big: 1}, doc=big, when=Param(big), subtasks={"do": (inner,)}), doc=big),
        classes={"plain": BASE},
        pipeline=big,
        file=big,
        doc=big,
        settings={big: big},
    )
    loaded = loader.load_sources(generate(made, RECORD), "big")
    assert loaded.pipeline.settings == {big: big}
    (found,) = loaded.steps[0].classes
    assert found.spec.__pydantic_extra__["text"] == big


def test_tasks_within_tasks_are_specs_and_spreads() -> None:
    loaded = loader.load_sources(generate(PLANS["within"], RECORD), "within")
    (found,) = loaded.steps[0].classes
    first, second, third = found.spec.do
    assert isinstance(first, Spec)
    assert isinstance(second, Spread)
    assert third.do[0].name == "copy deep"
