"""A param given as text is the same value where compiling folds it and where a run takes it, for every type of the language."""

from pathlib import Path
from typing import Any

import pytest

from otterdsl.compiler.compile import compile_file
from otterdsl.compiler.frontend import check
from otterdsl.compiler.plan.param_values import param_values
from otterdsl.compiler.specs.reader import read
from otterdsl.compiler.values.value import plain, to_json
from otterdsl.runtime.loader import load_sources
from otterdsl.runtime.params import resolve_params
from otterdsl.runtime.scratchpad.placeholder import to_text
from otterdsl.runtime.util.errors import ParamError

TYPES = (
    *("str", "int", "float", "bool", "any", "duration", "size", "input", "output", "into", "list[int]", "list[str]", "map[str]", "map[any]"),
    *("int | str", "str | int", "str?", "int?", "list[duration]", "map[list[int]]", "list[int] | str", "float | int", "bool | str", "list[int?]"),
)
TEXTS = (
    *("3", "3.0", "3.5", "-1", "1e400", "NaN", "Infinity", "true", "True", "null", "", "abc", "30m", "8GiB", "./x", "${x}", " 3 ", "1_000"),
    *("[1, 2]", "[1, 2.0]", '["a"]', '["30m"]', "[null]", "[1", '{"a": "b"}', '{"a": [1]}', '{"a": 1, "a": 2}', '"quoted"', "9" * 500, "[" * 9999),
)
FILE = "".join(f"param p{number}: {of}\n" for number, of in enumerate(TYPES)) + "step s { hello_world x { who = 'x' } }\n"


@pytest.fixture(scope="module")
def sides(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The same file as compiling sees it, and as a run does."""
    path = tmp_path_factory.mktemp("params") / "p.otter"
    path.write_text(FILE)
    program = check(Path(path)).program
    assert program is not None
    return program, load_sources(compile_file(path).files, name="p")


@pytest.mark.parametrize("number", range(len(TYPES)), ids=TYPES)
def test_both_take_the_same_texts_for_the_same_values(number: int, sides: Any) -> None:
    program, loaded = sides
    name, others = f"p{number}", {f"p{other}": _some(of) for other, of in enumerate(TYPES) if other != number}
    with read([], import_path=[]) as specs:
        for text in TEXTS:
            given = param_values(program, {name: text}, specs.check_values)
            try:
                in_a_run = resolve_params(loaded, {**others, name: text}, {})[name]
            except ParamError:
                assert [each.code for each in given.diagnostics] == ["OT702"], text
                continue
            assert not given.diagnostics, text
            compiled = to_json(plain(given.value[name]))
            assert repr(compiled) == repr(in_a_run)
            assert to_text(in_a_run) == to_text(compiled)


def _some(of: str) -> str:
    """Some text that fits a type."""
    samples = {"int": "1", "float": "1", "bool": "true", "duration": "1h", "size": "1B", "float | int": "1"}
    return samples.get(of) or ("[]" if of.startswith("list") else "{}" if of.startswith("map") else "1" if of == "int?" else "x")
