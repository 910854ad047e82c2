import pytest

from otterdsl.compiler.plan.decide import decide
from otterdsl.compiler.values.condition import AllOf, AnyOf, Compare, Condition, Constant, Item, Not, Param

VALUES = {"on": True, "n": 5, "name": "a", "list": (1, 2)}


@pytest.mark.parametrize(
    ("condition", "left"),
    [
        (None, None),
        (Param("on"), Constant(True)),
        (Param("other"), Param("other")),
        (Item("each"), Item("each")),
        (Item("on"), Constant(True)),
        (Not(Param("on")), Constant(False)),
        (Not(Param("other")), Not(Param("other"))),
        (Compare(Param("n"), ">=", Constant(5)), Constant(True)),
        (Compare(Param("n"), "<", Constant(5)), Constant(False)),
        (Compare(Param("n"), "in", Param("list")), Constant(False)),
        (Compare(Param("n"), "not in", Param("list")), Constant(True)),
        (Compare(Param("name"), "!=", Param("other")), Compare(Constant("a"), "!=", Param("other"))),
        (Compare(Param("name"), "<", Constant(3)), Compare(Constant("a"), "<", Constant(3))),
        (Compare(Constant("${later}"), "==", Param("name")), Compare(Constant("${later}"), "==", Constant("a"))),
        (AllOf((Param("on"), Param("other"))), Param("other")),
        (AllOf((Not(Param("on")), Param("other"))), Constant(False)),
        (AllOf((Param("on"), Param("on"))), Constant(True)),
        (AnyOf((Param("on"), Param("other"))), Constant(True)),
        (AnyOf((Not(Param("on")), Param("other"), Item("each"))), AnyOf((Param("other"), Item("each")))),
        (AnyOf(()), Constant(False)),
    ],
)
def test_what_is_left_of_a_condition(condition: Condition | None, left: Condition | None) -> None:
    assert decide(condition, VALUES, (), lambda value, hidden: value) == left


def test_a_loop_variable_hides_a_param_of_its_name() -> None:
    assert decide(Item("on"), VALUES, ("on",), lambda value, hidden: value) == Item("on")
