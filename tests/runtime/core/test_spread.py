"""Loops and conditions of generated modules, spread into tasks."""

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from otterdsl.runtime import AllOf, AnyOf, Compare, Item, Not, Param, Spec, Spread, Task
from otterdsl.runtime.task.bind import written
from otterdsl.runtime.task.conditions import Scope, holds
from otterdsl.runtime.task.spread import SpreadStep, expand, spread
from otterdsl.runtime.util.errors import StepInvalidError


class TypedSpec(Spec):
    n: int
    do: list[Spec] = []  # noqa: RUF012 (a pydantic field: each spec has its own)


def statement(spec: Spec, **attributes: Any) -> type[Task]:
    return type("Statement", (Task,), {"spec": spec, **attributes})


def one(spec: Spec, params: Mapping[str, Any] | None = None, **attributes: Any) -> SpreadStep:
    return spread([statement(spec, **attributes)], params or {})


def test_a_statement_without_loop_is_one_task() -> None:
    spec = Spec(name="copy a", requires=["copy b"], source="${x}")
    entry = one(spec).entries[0]
    assert (entry.name, entry.requires, entry.groups) == ("copy a", ("copy b",), ())
    assert entry.spec is spec


def test_a_loop_is_one_task_a_turn_of_one_class() -> None:
    found = one(Spec(name="copy ${each}", source="a/${each}/${later}", requires=["get ${each}"]), for_each={"each": ("x", "y")}, group="g")
    assert [(entry.name, entry.requires, entry.groups) for entry in found.entries] == [
        ("copy x", ("get x",), ("g",)),
        ("copy y", ("get y",), ("g",)),
    ]
    assert [entry.spec.model_extra for entry in found.entries] == [{"source": "a/x/${later}"}, {"source": "a/y/${later}"}]
    assert found.entries[0].task_class is found.entries[1].task_class
    assert found.groups == {"g"}


def test_nested_loops_are_spread_in_order_and_may_depend_on_outer_ones() -> None:
    loops = {"each": ({"n": "x", "parts": (1, 2)}, {"n": "y", "parts": ()}), "part": Item("each.parts")}
    found = one(Spec(name="copy ${each.n} ${part}"), for_each=loops, group=("outer", "inner"))
    assert [entry.name for entry in found.entries] == ["copy x 1", "copy x 2"]
    assert found.entries[0].groups == ("outer", "inner")


def test_a_string_that_is_one_variable_takes_its_type() -> None:
    found = one(TypedSpec(name="t ${i}", n="${i}"), for_each={"i": (1, 2)})
    assert [written(entry.spec)["n"] for entry in found.entries] == [1, 2]


def test_escapes_and_other_placeholders_stay() -> None:
    found = one(Spec(name="t ${i}", x="$${i} ${other} ${i}", nested={"${i}": ["${i}"]}), for_each={"i": ("a$${b}",)})
    assert found.entries[0].spec.model_extra == {"x": "$${i} ${other} a$${b}", "nested": {"a$${b}": ["a$${b}"]}}
    assert found.entries[0].name == "t a${b}"


def test_names_and_requires_take_params() -> None:
    found = one(Spec(name="copy ${release}", requires=["get ${release}"], source="${release}"), {"release": 115})
    entry = found.entries[0]
    assert (entry.name, entry.requires) == ("copy 115", ("get 115",))
    assert entry.spec.model_extra == {"source": "${release}"}


def test_what_a_condition_leaves_out_is_absent_and_its_group_stays() -> None:
    found = one(Spec(name="copy ${i}"), {"on": False}, for_each={"i": ("x", "y")}, when=Param("on"), group="g")
    assert found.entries == ()
    assert found.absent == {"copy x", "copy y"}
    assert found.groups == {"g"}


def test_a_condition_may_look_at_the_turn() -> None:
    found = one(Spec(name="copy ${i}"), {"skip": "y"}, for_each={"i": ("x", "y")}, when=Compare(Item("i"), "!=", Param("skip")))
    assert ([entry.name for entry in found.entries], found.absent) == (["copy x"], {"copy y"})


@pytest.mark.parametrize(
    ("condition", "value"),
    [
        (Param("on"), True),
        (Not(Param("on")), False),
        (True, True),
        (AllOf(Param("on"), Compare(Param("n"), ">", 2)), True),
        (AllOf(), True),
        (AnyOf(), False),
        (AnyOf(Not(Param("on")), Compare(Item("each.k"), "in", ("v", "w"))), True),
        (Compare("a", "not in", ("b",)), True),
        (Compare(Param("n"), "==", 3), True),
        (Compare(Param("n"), "<=", 2), False),
        (Compare(Param("n"), "<", 4), True),
        (Compare(Param("n"), ">=", 3), True),
        (Compare(Param("text"), "==", "r-${n}"), True),
        (Compare(Param("odd"), "==", "$${n}"), True),
    ],
)
def test_what_conditions_come_to(condition: object, value: bool) -> None:
    assert holds(condition, Scope({"on": True, "n": 3, "text": "r-3", "odd": "${n}"}, {"each": {"k": "v"}})) is value


@pytest.mark.parametrize(
    ("attributes", "message"),
    [
        ({"when": Param("with_pp")}, r"no param `with_pp`; did you mean `with_ppp`\?"),
        ({"when": Compare(Param("on"), "<", "x")}, "cannot be decided"),
        ({"when": Item("each")}, "`each` is no loop's variable here"),
        ({"for_each": {"i": "text"}}, "is given 'text', which is no list"),
        ({"for_each": {"i": ({"a": 1},)}, "when": Item("i.b")}, "there is no `b`"),
    ],
)
def test_what_cannot_be_decided_is_refused(attributes: dict[str, Any], message: str) -> None:
    with pytest.raises(StepInvalidError, match=message):
        one(Spec(name="copy a"), {"on": True, "with_ppp": True}, **attributes)


# ---------------------------------------------------------------- within list[Spec] fields


def test_specs_within_take_the_variables_of_the_loop_around() -> None:
    inner = Spread(
        for_each={"part": (1, 2), "sub": Item("each.subs")},
        when=Compare(Item("part"), "<", Item("each.most")),
        spec=Spec(name="copy ${each.n} ${part} ${sub} ${mine}"),
    )
    outer = TypedSpec(name="add ${each.n}", n=1, do=[Spec(name="copy ${each.n}"), inner])
    found = one(outer, for_each={"each": ({"n": "x", "most": 2, "subs": ("s",)},)})
    do = expand(written(found.entries[0].spec)["do"], {})
    assert [spec.name for spec in do] == ["copy x", "copy x 1 s ${mine}"]


def test_an_inner_variable_hides_the_outer_one() -> None:
    inner = Spread(for_each={"i": ("inner",)}, spec=Spec(name="copy ${i}"))
    found = one(TypedSpec(name="add ${i}", n=1, do=[inner]), for_each={"i": ("outer",)})
    assert [spec.name for spec in expand(written(found.entries[0].spec)["do"], {})] == ["copy inner"]


def test_siblings_may_require_a_group_and_what_was_left_out() -> None:
    specs = [
        Spread(for_each={"i": (1, 2)}, group="g", spec=Spec(name="copy ${i}")),
        Spread(when=Param("on"), spec=Spec(name="copy off")),
        Spec(name="copy last", requires=["g", "copy off", "elsewhere"]),
    ]
    found = expand(specs, {"on": False})
    assert [(spec.name, spec.requires) for spec in found] == [
        ("copy 1", []),
        ("copy 2", []),
        ("copy last", ["copy 1", "copy 2", "elsewhere"]),
    ]


def test_what_is_no_spread_stays_as_it_is() -> None:
    specs = [Spec(name="copy a"), {"name": "copy b"}]
    assert expand(specs, {}) == specs


def test_a_spread_is_accepted_where_specs_are() -> None:
    each = Spread(for_each={"i": (1,)}, spec=Spec(name="copy ${i}"))
    assert TypedSpec(name="add a", n=1, do=[each]).do == [each]


def test_the_class_itself_is_never_changed() -> None:
    spec = TypedSpec(name="t ${i}", n="${i}", do=[Spec(name="copy ${i}", x=["${i}"])])
    before = spec.model_copy(deep=True)
    one(spec, for_each={"i": (1, 2)})
    assert spec == before


@given(st.lists(st.text("ab ", min_size=1, max_size=3), unique=True, max_size=6), st.lists(st.integers(0, 9), unique=True, max_size=4))
def test_a_product_has_every_turn_once_in_order(outer: list[str], inner: list[int]) -> None:
    found = one(Spec(name="t ${a}|${b}"), for_each={"a": tuple(outer), "b": tuple(inner)})
    assert [entry.name for entry in found.entries] == [f"t {a}|{b}" for a in outer for b in inner]


def test_a_hundred_thousand_turns_are_instances_of_one_class() -> None:
    found = one(Spec(name="t ${i}", x="${i}"), for_each={"i": tuple(range(100_000))})
    assert len(found.entries) == 100_000
    assert len({id(entry.task_class) for entry in found.entries}) == 1
    assert found.entries[-1].spec.model_extra == {"x": 99_999}
