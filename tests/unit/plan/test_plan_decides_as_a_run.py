"""What a compilation decides with the values of params is what a run decides with the same values: never another answer."""

from collections.abc import Mapping
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from otterdsl.compiler.codegen.conditions import condition as written
from otterdsl.compiler.plan.decide import decide
from otterdsl.compiler.plan.fold import _Folding
from otterdsl.compiler.values.condition import AllOf, AnyOf, Compare, Condition, Constant, Item, Not, Operand, Param
from otterdsl.compiler.values.value import Value
from otterdsl.runtime.scratchpad.placeholder import escape
from otterdsl.runtime.task import conditions as of_runs
from otterdsl.runtime.util.errors import StepInvalidError

NAMES = ("p", "q", "each")
# Text put together from a loop's variable is refused in conditions, so that only the param `p`, which none hides, stands within text.
# What could be taken for a placeholder, or for its escape, and what sorts before and after those.
plain = st.text(st.sampled_from("ab$${}"), max_size=4)
templates = st.lists(st.sampled_from(["a", "b", "$", "$${", "}", "${p}"]), max_size=3).map("".join)


def values_of(texts: st.SearchStrategy[str]) -> st.SearchStrategy[Any]:
    """Values of every kind that a comparison takes, of few enough that some are equal."""
    single = st.one_of(st.none(), st.booleans(), st.integers(-1, 2), st.sampled_from([0.0, 1.0, 1.5]), texts)
    return st.one_of(texts, texts, single, st.lists(single, max_size=2).map(tuple), st.dictionaries(texts, single, max_size=2))


names = st.sampled_from(NAMES[:2]).map(Param) | st.sampled_from(NAMES).map(Item)
operands: st.SearchStrategy[Operand] = values_of(templates).map(Constant) | names
operators = st.sampled_from(["==", "!=", "<", "<=", ">", ">=", "in", "not in"])
texts = st.builds(Compare, templates.map(Constant) | names, operators, templates.map(Constant) | names)
compares = texts | st.builds(Compare, operands, operators, operands)
conditions: st.SearchStrategy[Condition] = st.recursive(
    compares | st.booleans().map(Constant) | names,
    lambda inner: inner.map(Not) | st.lists(inner, max_size=3).map(tuple).map(AllOf) | st.lists(inner, max_size=3).map(tuple).map(AnyOf),
    max_leaves=5,
)


def in_a_run(condition: Condition, scope: of_runs.Scope) -> bool | None:
    """What a run makes of the text that is generated for a condition; None where it refuses it."""
    made = eval(written(condition, 0, 0), vars(of_runs))
    try:
        return of_runs.holds(made, scope)
    except StepInvalidError:
        return None


@example(Compare(Constant("$${"), "<", Constant("$a")), {"p": 1, "q": 1}, 1, set())
@example(Compare(Constant("$$"), "in", Constant("$${")), {"p": 1, "q": 1}, 1, set())
@example(Compare(Constant("$$"), "in", Param("p")), {"p": "${", "q": 1}, 1, {"p"})
@example(Compare(Constant("$${p}"), "==", Param("p")), {"p": "${p}", "q": 1}, 1, {"p"})
@settings(max_examples=500, deadline=None)
@given(conditions, st.fixed_dictionaries({"p": values_of(plain), "q": values_of(plain)}), values_of(plain), st.sets(st.sampled_from(["p", "q"])))
def test_params_folded_or_not_decide_alike(condition: Condition, params: Mapping[str, Any], each: Any, folded: set[str]) -> None:
    scope = of_runs.Scope({name: _as_given(value) for name, value in params.items()}, {"each": _as_given(each), "q": "hides"})
    hidden = ("each", "q")
    known: dict[str, Value] = {name: escape(params[name]) for name in folded}
    left = decide(condition, known, hidden, _Folding(known).value)
    assert left is not None
    expected = in_a_run(condition, scope)
    if expected is not None:
        assert in_a_run(left, of_runs.Scope({name: value for name, value in scope.params.items() if name not in folded}, scope.variables)) is expected


def _as_given(value: Any) -> Any:
    """A value as a run has it: with lists for tuples."""
    match value:
        case tuple():
            return [_as_given(item) for item in value]
        case dict():
            return {key: _as_given(item) for key, item in value.items()}
        case _:
            return value
