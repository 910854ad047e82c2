import inspect
from typing import get_type_hints

import pytest

from otterdsl.runtime.task.language_types import parse_type, type_text
from otterdsl.runtime.validators import VALIDATORS


@pytest.mark.parametrize("validator", VALIDATORS.values(), ids=list(VALIDATORS))
def test_what_is_said_of_a_validator_is_so(validator):
    for function in (validator.function, inspect.unwrap(validator.async_function)):
        *own, config, force_local = inspect.signature(function).parameters.values()
        assert (config.name, force_local.name) == ("config", "force_local")
        assert [each.name for each in own] == [each.name for each in validator.parameters]
        for parameter, said in zip(own, validator.parameters, strict=True):
            assert said.required == (parameter.default is inspect.Parameter.empty)
            assert said.required or said.default == parameter.default
    assert inspect.iscoroutinefunction(validator.async_function)
    assert validator.doc.endswith(".")


@pytest.mark.parametrize("validator", VALIDATORS.values(), ids=list(VALIDATORS))
def test_types_are_those_of_the_language(validator):
    hints = get_type_hints(validator.function, localns={"Config": object})
    for each in validator.parameters:
        names = {option.name for option in parse_type(each.type)}
        assert names <= {"input", "str", "int", "bool", "list"}
        if "input" not in names:
            assert parse_type(each.type) == parse_type(type_text(hints[each.name]))


def test_there_are_no_others_than_by_their_names():
    assert list(VALIDATORS) == ["exists", "size", "not_empty", "matches", "checksum", "line_count", "json_valid", "columns", "unique"]
    assert all(each.name == name for name, each in VALIDATORS.items())
