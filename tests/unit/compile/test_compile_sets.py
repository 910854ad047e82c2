from pathlib import Path

import pytest

from otterdsl.compiler.compile import Compilation, compile_file
from otterdsl.compiler.plan.model import PlannedTask

SOURCE = """
param tag: str = "a"
param count: int = 5
param on: bool = false
param kinds: list[str] = []
param maybe: str? = null
param other: str = "kept"
scratchpad { root = "https://example.org/${tag}" }

step first {
  hello_world "${tag} x" { who = root }
  hello_world typed { who = "n${count}" }
  if on { hello_world under { who = "on" } } else { hello_world "not" { who = "off" } }
  if count > 3 and other == "kept" { hello_world deep { who = other } }
  for each in ["p", "q"] as loop {
    if on { hello_world "${each} ${tag}" { who = "${each}-${tag}-${other}" } }
  }
  hello_world last { requires [loop, hello_world.under, hello_world.'not', hello_world."${tag} x"] who = "x" }
}
"""


def compiled(tmp_path: Path, sets: dict[str, object], source: str = SOURCE) -> Compilation:
    path = tmp_path / "inputs.otter"
    path.write_text(source)
    return compile_file(path, sets=sets)


def tasks(compilation: Compilation) -> dict[str, PlannedTask]:
    assert compilation.plan is not None, compilation.diagnostics
    return {task.name: task for task in compilation.plan.steps[0].tasks}


def found(compilation: Compilation) -> list[tuple[str, str]]:
    return [(each.code, each.help) for each in compilation.diagnostics if each.severity.value == "error"]


def test_a_folded_param_is_gone_and_its_value_stands_everywhere(tmp_path: Path) -> None:
    compilation = compiled(tmp_path, {"tag": "b${c}"})
    assert compilation.plan is not None
    assert [param.name for param in compilation.plan.params] == ["count", "on", "kinds", "maybe", "other"]
    made = tasks(compilation)
    assert made["hello_world b$${c} x"].spec["who"] == "https://example.org/b$${c}"
    assert made["hello_world ${each} b$${c}"].spec["who"] == "${each}-b$${c}-${other}"
    assert made["hello_world last"].after[-1].target == "hello_world b$${c} x"
    assert compilation.record.params == {"tag": "b$${c}"}
    assert '"tag": "b$${c}"' in compilation.files["otterdsl.lock.json"]


def test_conditions_on_it_are_decided(tmp_path: Path) -> None:
    made = tasks(compiled(tmp_path, {"on": True}))
    assert made["hello_world under"].when is None
    assert "hello_world not" not in made
    assert [edge.target for edge in made["hello_world last"].after] == ["loop", "hello_world under", "hello_world ${tag} x"]
    off = tasks(compiled(tmp_path, {"on": False}))
    assert "hello_world under" not in off
    assert off["hello_world not"].when is None
    # The loop's every statement is gone, and so is the group.
    assert [edge.target for edge in off["hello_world last"].after] == ["hello_world not", "hello_world ${tag} x"]


def test_a_condition_on_two_params_keeps_the_other(tmp_path: Path) -> None:
    made = tasks(compiled(tmp_path, {"count": 7}))
    assert str(made["hello_world deep"].when).count("Compare") == 1
    assert made["hello_world typed"].spec["who"] == "n7"
    assert "hello_world deep" not in tasks(compiled(tmp_path, {"count": 1}))
    assert tasks(compiled(tmp_path, {"count": 7, "other": "kept"}))["hello_world deep"].when is None


def test_folding_nothing_changes_nothing(tmp_path: Path) -> None:
    assert compiled(tmp_path, {}).files == compile_file(tmp_path / "inputs.otter").files


def test_an_unknown_param_has_a_suggestion(tmp_path: Path) -> None:
    compilation = compiled(tmp_path, {"cuont": 3, "zzzzzz": 1})
    assert found(compilation) == [("OT701", "did you mean `count`?"), ("OT701", "")]
    assert compilation.files == {}


@pytest.mark.parametrize("sets", [{"count": "many"}, {"count": 1.5}, {"on": 1}, {"kinds": [1]}, {"kinds": "a"}, {"tag": None}, {"tag": {"a": 1}}])
def test_a_value_of_the_wrong_type_is_refused(tmp_path: Path, sets: dict[str, object]) -> None:
    compilation = compiled(tmp_path, sets)
    assert [code for code, _ in found(compilation)] == ["OT702"]
    (diagnostic,) = (each for each in compilation.diagnostics if each.severity.value == "error")
    assert diagnostic.span is not None
    assert next(iter(sets)) in diagnostic.message


@pytest.mark.parametrize(
    ("typed", "name", "value"),
    [
        ("26.10", "tag", "26.10"),
        ('"26.10"', "tag", "26.10"),
        ("7", "count", 7),
        ("true", "on", True),
        ('["a"]', "kinds", ("a",)),
        ("null", "maybe", None),
    ],
)
def test_a_text_as_typed_is_json_or_itself_whichever_fits(tmp_path: Path, typed: str, name: str, value: object) -> None:
    compilation = compiled(tmp_path, {name: typed})
    assert not compilation.has_errors, compilation.diagnostics
    assert compilation.record.params == {name: list(value) if isinstance(value, tuple) else value}


@pytest.mark.parametrize("sets", [{"maybe": None}, {"maybe": "x"}, {"kinds": ["a", "b"]}, {"count": -1}, {"tag": ""}])
def test_values_of_the_right_type_fold(tmp_path: Path, sets: dict[str, object]) -> None:
    assert not compiled(tmp_path, sets).has_errors


def test_names_that_become_the_same_are_refused(tmp_path: Path) -> None:
    source = 'param tag: str = "a"\nstep first {\n  hello_world "${tag}" {}\n  hello_world b {}\n}\n'
    compilation = compiled(tmp_path, {"tag": "b"}, source)
    (diagnostic,) = (each for each in compilation.diagnostics if each.severity.value == "error")
    assert diagnostic.code == "OT207"
    assert diagnostic.related


def test_null_folds_to_null_and_within_text_to_its_word(tmp_path: Path) -> None:
    source = (
        "param maybe: str? = null\nextern task note { text: str? = null said: str }\n"
        'step first {\n  note a { text = maybe said = "is ${maybe}" }\n}\n'
    )
    made = tasks(compiled(tmp_path, {"maybe": None}, source))
    assert made["note a"].spec == {"text": None, "said": "is null"}


def test_a_number_becomes_text_where_only_text_fits_as_in_a_run(tmp_path: Path) -> None:
    source = (
        "param n: int = 1\ntask greet extends hello_world { who = n }\nstep first {\n  hello_world a { who = n }\n  greet b {}\n"
        '  explode c { foreach = [1] do { hello_world "${each}" { who = "${n}" } } }\n'
        '  copy_many d { sources = ["x"] destination = "y" max_concurrency = n }\n}\n'
    )
    made = tasks(compiled(tmp_path, {"n": 3}, source))
    assert [made["hello_world a"].spec["who"], made["greet b"].spec["who"], made["copy_many d"].spec["max_concurrency"]] == ["3", "3", 3]
    assert made["explode c"].subtasks["do"][0].spec == {"who": "3"}


def test_a_value_that_its_field_does_not_take_is_shown_where_it_stands(tmp_path: Path) -> None:
    source = "param n: any = 1\nextern task note { lines: int }\nstep first {\n  note a { lines = n }\n}\n"
    compilation = compiled(tmp_path, {"n": "text"}, source)
    assert [code for code, _ in found(compilation)] == ["OT301"]
    span = next(each.span for each in compilation.diagnostics if each.code == "OT301")
    assert span is not None
    assert source[span.start : span.end] == "n"


def test_a_loop_variable_hides_a_param_of_its_name(tmp_path: Path) -> None:
    source = (
        'param tag: str = "a"\nstep first {\n  for tag in ["p", "q"] { hello_world "x ${tag}" { who = tag } }\n  hello_world y { who = tag }\n}\n'
    )
    compilation = compiled(tmp_path, {"tag": "z"}, source)
    made = tasks(compilation)
    assert made["hello_world x ${tag}"].spec["who"] == "${tag}"
    assert made["hello_world y"].spec["who"] == "z"


def test_tasks_within_tasks_fold_too(tmp_path: Path) -> None:
    source = """
param tag: str = "a"
param on: bool = true
step first {
  explode over {
    foreach = ["x"]
    do {
      hello_world "${each} ${tag}" { who = tag }
      if on { hello_world "other ${each}" { who = "b" } }
    }
  }
}
"""
    compilation = compiled(tmp_path, {"tag": "z", "on": False}, source)
    (inner,) = tasks(compilation)["explode over"].subtasks["do"]
    assert (inner.name, inner.spec["who"]) == ("hello_world ${each} z", "z")


def test_a_dollar_that_is_put_in_makes_no_placeholder(tmp_path: Path) -> None:
    source = 'param p: str = "a"\nparam q: str = "b"\nstep first { hello_world x { who = "${p}{q} ${p} ${q}" } }\n'
    assert tasks(compiled(tmp_path, {"p": "$"}, source))["hello_world x"].spec["who"] == "$${q} $ ${q}"


def test_a_dollar_that_comes_to_stand_before_a_placeholder_is_refused(tmp_path: Path) -> None:
    source = 'param p: str = "a"\nparam q: str = "b"\nstep first { hello_world x { who = "${p}${q}" } }\n'
    assert [code for code, _ in found(compiled(tmp_path, {"p": "US$"}, source))] == ["OT503"]
    assert tasks(compiled(tmp_path, {"p": "US$", "q": "5"}, source))["hello_world x"].spec["who"] == "US$5"
