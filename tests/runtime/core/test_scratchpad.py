"""The scratchpad and its placeholders."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from otterdsl.runtime.scratchpad.model import Scratchpad
from otterdsl.runtime.scratchpad.placeholder import escape, fill, fold
from otterdsl.runtime.util.errors import ScratchpadError

PAD = {"a": "one", "person.name": "Alice", "find_latest atlas": "s3://x", "n": 3, "names": ["x", "y"], "flag": True, "none": None, "map": {"k": 1}}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("${a}", "one"),
        ("hello, ${person.name}!", "hello, Alice!"),
        ("${find_latest atlas}", "s3://x"),
        ("${n}", 3),
        ("n=${n}", "n=3"),
        ("${names}", ["x", "y"]),
        ("is ${flag} ${none}", "is true null"),
        ("${map}", {"k": 1}),
        ("$a $ $$ a$b", "$a $ $$ a$b"),
        ("$${a}", "${a}"),
        ("$$${a}", "$${a}"),
        ("cost: $5", "cost: $5"),
        ("${", "${"),
        ("${}", "${}"),
        ("${a} ${a}", "one one"),
    ],
)
def test_what_a_text_becomes(text: str, value: object) -> None:
    assert Scratchpad(dict(PAD)).replace_dict({"field": text}) == {"field": value}


def test_nested_values_and_keys_are_filled() -> None:
    pad = Scratchpad(dict(PAD))
    found = pad.replace_dict({"list": ["${a}", {"${a}": Path("in/${a}")}], "map": {"deep": ["${n}"]}, "${a}": 1, "number": 4})
    assert found == {"list": ["one", {"one": Path("in/one")}], "map": {"deep": [3]}, "one": 1, "number": 4}


def test_a_missing_name_is_named_with_the_nearest() -> None:
    with pytest.raises(ScratchpadError, match=r"nothing gives `\$\{person\.nam\}` a value; did you mean `person.name`\?"):
        Scratchpad(dict(PAD)).replace_dict({"x": "${person.nam}"})


def test_a_missing_name_may_stay() -> None:
    assert Scratchpad({"a": "b"}).replace_dict({"x": "${a} ${c}", "y": "${c}"}, ignore_missing=True) == {"x": "b ${c}", "y": "${c}"}


def test_some_fields_are_left_alone() -> None:
    assert Scratchpad().replace_dict({"task_type": "${x}", "scratchpad_ignore_missing": True}) == {
        "task_type": "${x}",
        "scratchpad_ignore_missing": True,
    }


def test_store_overwrites_and_merge_does_not() -> None:
    pad = Scratchpad({"a": 1})
    pad.store("a", 2)
    pad.store("b", ["x"])
    pad.merge(Scratchpad({"a": 3, "c": 4}))
    assert pad.sentinel_dict == {"a": 2, "b": ["x"], "c": 4}


def test_scratchpads_share_nothing_by_default() -> None:
    Scratchpad().store("a", 1)
    assert Scratchpad().sentinel_dict == {}


def test_a_view_sees_what_is_below_and_keeps_what_it_stores() -> None:
    below = Scratchpad({"a": 1, "b": 2})
    view = below.view()
    view.store("a", 3)
    below.store("c", 4)
    assert (view.require("a"), view.require("b"), view.require("c")) == (3, 2, 4)
    assert dict(view.stored) == {"a": 3}
    assert below.require("a") == 1


# ---------------------------------------------------------------- laws

NAMES = st.sampled_from(["a", "b", "c.d", "e f"])
TEXTS = st.lists(st.one_of(st.text("ab$ {}", max_size=4), NAMES.map(lambda name: f"${{{name}}}"), st.just("$${a}")), max_size=5).map("".join)
PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text("ab${}", max_size=6), lambda inner: st.lists(inner, max_size=3), max_leaves=5
)


@given(st.text("ab${} .", max_size=20))
def test_escaped_text_is_filled_to_itself(text: str) -> None:
    assert fill(escape(text), lambda name: pytest.fail(f"{name} is no placeholder")) == text


@given(st.text(max_size=20).filter(lambda text: "${" not in text))
def test_text_without_placeholder_is_left_alone(text: str) -> None:
    assert Scratchpad().replace_dict({"x": text}) == {"x": text}


@given(TEXTS, st.dictionaries(NAMES, PLAIN))
def test_folding_first_changes_nothing_in_the_end(template: str, values: dict[str, Any]) -> None:
    everything = {name: values.get(name, "?") for name in ("a", "b", "c.d", "e f")}
    pad = Scratchpad(everything)
    at_once = pad.replace(template, ignore_missing=True)
    in_two = pad.replace(Scratchpad({name: everything[name] for name in values}).fold(template), ignore_missing=True)
    assert in_two == at_once


@given(TEXTS)
def test_folding_with_nothing_changes_nothing(template: str) -> None:
    assert Scratchpad().fold(template) == template
    assert fold(template, lambda name: f"${{{name}}}") == template


@given(st.dictionaries(st.text("abc", max_size=2), st.integers()), st.dictionaries(st.text("abc", max_size=2), st.integers()))
def test_merging_twice_is_merging_once(mine: dict[str, Any], theirs: dict[str, Any]) -> None:
    once, twice = Scratchpad(dict(mine)), Scratchpad(dict(mine))
    once.merge(Scratchpad(theirs))
    twice.merge(Scratchpad(theirs))
    twice.merge(Scratchpad(theirs))
    assert once.sentinel_dict == twice.sentinel_dict == {**theirs, **mine}
