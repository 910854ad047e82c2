"""Loops as data, conditions as data, and which turns are checked."""

from otterdsl.compiler.analysis.program import Loop
from otterdsl.compiler.analysis.schemas import ValueProblem
from otterdsl.compiler.values.condition import AllOf, AnyOf, Compare, Constant, Item, Not, Param

PARAMS = "param yes: bool = true\nparam n: int = 1\nparam l: list[str] = []\n"


def test_loops_nest_outermost_first(tasks) -> None:
    made = tasks(
        """
        for a in [{ n = "x", parts = [1, 2] }] as outer {
          for b in a.parts as "the inner" { say "${a.n} ${b}" { what = b } }
        }
        """
    )
    task = made["say ${a.n} ${b}"]
    assert task.loops == (Loop("a", ({"n": "x", "parts": (1, 2)},)), Loop("b", Item("a.parts")))
    assert task.groups == ("outer", "the inner")
    assert task.assignments[0].value == "${b}"


def test_each_turn_is_asked_about_where_it_differs(analysed, checker) -> None:
    analysed('step s { for e in [1, "x"] { say "${e}" { what = ["${e}", "t${e}"] } say "same ${e}" { what = 3 } } }')
    assert [dict(each.values) for each in checker.asked] == [{"what": (1, "t1")}, {"what": ("x", "tx")}, {"what": 3}]


def test_a_misfit_is_reported_for_its_first_turn_only(analysed, checker) -> None:
    checker.finds = lambda index, request: [ValueProblem(index, ("what", 1), "expected an int")]
    found = analysed('step s { for e in ["a", "b"] { say "${e}" { what = [1, e] } } }').diagnostics
    assert [(each.code, each.message) for each in found] == [("OT301", "field `what` of `say`: expected an int (where `e` is `a`)")]
    assert found[0].span is not None
    assert found[0].span.end - found[0].span.start == 1


def test_conditions_are_data(tasks) -> None:
    made = tasks(
        """
        if yes and (n > 2 or not ("x" in l)) { say a {} } else if n == 3 { say b {} } else { say c {} }
        for e in ["x", "y"] { if yes { if e == "x" { say "${e}" {} } } }
        """,
        PARAMS,
    )
    either = AnyOf((Compare(Param("n"), ">", Constant(2)), Not(Compare(Constant("x"), "in", Param("l")))))
    first = AllOf((Param("yes"), either))
    third = Compare(Param("n"), "==", Constant(3))
    assert made["say a"].when == first
    assert made["say b"].when == AllOf((Not(first), third))
    assert made["say c"].when == AllOf((Not(first), Not(third)))
    assert made["say ${e}"].when == AllOf((Param("yes"), Compare(Item("e"), "==", Constant("x"))))


def test_texts_compare_as_what_they_say_not_as_they_are_escaped(tasks) -> None:
    assert list(tasks("""if "$$" in '${' { say a {} } if '${x' in '${x}' { say b {} } if '${' < "$$" { say c {} }""")) == ["say b"]


def test_constants_in_conditions_fold(tasks) -> None:
    made = tasks(
        """
        if on and yes { say a {} }
        if off or yes { say b {} }
        if not on or n > 1 { say c {} }
        if on or yes { say d {} } else { say e {} }
        """,
        PARAMS + "scratchpad { on = true off = false }",
    )
    assert [(name, task.when) for name, task in made.items()] == [
        ("say a", Param("yes")),
        ("say b", Param("yes")),
        ("say c", Compare(Param("n"), ">", Constant(1))),
        ("say d", None),
    ]


def test_turns_that_a_condition_leaves_out_need_no_members(analysed) -> None:
    text = 'step s { for e in [{ n = 1 }, { n = 2, m = "x" }] { if e.n > 1 { say "${e.m}" {} } } say last { requires ["say x"] } }'
    assert analysed(text).diagnostics == ()
    missing = analysed(text.replace("e.n > 1", "e.n > 0")).diagnostics
    assert [each.code for each in missing] == ["OT202"]


def test_a_million_turns_and_no_more(analysed) -> None:
    ten = "[0, 1, 2, 3, 4, 5, 6, 7, 8, 9]"
    loops = " ".join(f"for v{i} in {ten} {{" for i in range(9))
    label = "".join(f"${{v{i}}}" for i in range(9))
    found = analysed(f'step s {{ {loops} say "{label}" {{}} {"}" * 9} }}').diagnostics
    assert [each.code for each in found] == ["OT008"]


def test_null_is_an_item_like_any_other(tasks, checker) -> None:
    made = tasks(
        'for e in [{ n = "a", o = null }, { n = "b", o = 1 }] { if e.o != null { say "${e.n}" { what = e.o } } say "t ${e.n}" { what = e.o } }'
    )
    assert made["say ${e.n}"].when == Compare(Item("e.o"), "!=", Constant(None))
    assert [dict(each.values) for each in checker.asked] == [{"what": 1}, {"what": None}, {"what": 1}]


def test_a_dollar_and_a_brace_that_meet_in_a_turn_are_text(analysed, checker) -> None:
    analysed('step s { for e in [\'$\', \'x$\', \'{b}\'] { say "${e}" { what = "${e}{a}" } say "b ${e}" { what = "US$ ${e} $x${e}" } } }')
    assert [each.values["what"] for each in checker.asked][:3] == ["$${a}", "x$${a}", "{b}{a}"]
