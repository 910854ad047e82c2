"""The schedule alone: no processes, no event loop."""

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from otterdsl.runtime.step.node import Node, Progress
from otterdsl.runtime.step.schedule import Schedule
from otterdsl.runtime.util.errors import StepInvalidError, TaskDuplicateError


def run_all(schedule: Schedule) -> list[str]:
    order = []
    while schedule.has_ready:
        order.append(schedule.take())
        schedule.finish(order[-1])
    return order


def started(nodes: Sequence[Node], absent: Sequence[str] = (), groups: Sequence[str] = ()) -> Schedule:
    schedule = Schedule(absent=absent, groups=groups)
    schedule.add(nodes)
    return schedule


def test_a_task_is_ready_when_all_that_it_requires_is_done() -> None:
    schedule = started([Node("c", ["a", "b"]), Node("a"), Node("b")])
    assert (schedule.take(), schedule.take()) == ("a", "b")
    assert not schedule.has_ready
    assert schedule.finish("a") == ["a"]
    assert not schedule.has_ready
    assert schedule.finish("b") == ["b"]
    assert schedule.take() == "c"
    assert schedule.left == 1


def test_an_empty_step_has_nothing_left() -> None:
    schedule = started([])
    assert (schedule.left, schedule.has_ready, schedule.stuck) == (0, False, False)


def test_a_group_is_done_when_its_members_are() -> None:
    schedule = started([Node("after", ["g"]), Node("m1", groups=["g"]), Node("m2", groups=["outer", "g"]), Node("last", ["outer"])])
    order = run_all(schedule)
    assert order[:2] == ["m1", "m2"]
    assert sorted(order[2:]) == ["after", "last"]


def test_a_group_without_members_is_done() -> None:
    assert run_all(started([Node("a", ["g"])], groups=["g"])) == ["a"]


def test_what_was_left_out_is_not_waited_for() -> None:
    assert run_all(started([Node("a", ["gone", "b"]), Node("b")], absent=["gone"])) == ["b", "a"]


def test_a_name_twice_is_refused() -> None:
    with pytest.raises(TaskDuplicateError, match="duplicate task: `a`"):
        started([Node("a"), Node("a")])


def test_a_task_that_does_not_exist_cannot_be_required() -> None:
    with pytest.raises(StepInvalidError, match=r"task `b` requires `copy atlos`, which does not exist; did you mean `copy atlas`\?"):
        started([Node("copy atlas"), Node("b", ["copy atlos"])])


@pytest.mark.parametrize(
    ("nodes", "drawn"),
    [
        ([Node("a", ["a"])], "`a` → `a`"),
        ([Node("x"), Node("a", ["b", "x"]), Node("b", ["c"]), Node("c", ["a"])], "`a` → `b` → `c` → `a`"),
        ([Node("a", ["g"], ["g"])], "`a` → `g` → `a`"),
        ([Node("m", ["after"], ["g"]), Node("after", ["g"])], "`m` → `after` → `g` → `m`"),
    ],
)
def test_a_cycle_is_drawn(nodes: list[Node], drawn: str) -> None:
    with pytest.raises(StepInvalidError, match=f"in a circle: {drawn}"):
        started(nodes)


# ---------------------------------------------------------------- subtasks


def test_a_parent_is_done_when_its_children_are() -> None:
    schedule = started([Node("parent"), Node("after", ["parent"])])
    schedule.take()
    schedule.add([Node("c1"), Node("c2", ["c1"])], parent="parent")
    assert schedule.finish("parent") == []
    assert schedule.progress("parent") is Progress.FINISHED
    assert schedule.take() == "c1"
    assert schedule.finish("c1") == ["c1"]
    assert schedule.take() == "c2"
    assert not schedule.has_ready
    assert schedule.finish("c2") == ["c2", "parent"]
    assert schedule.take() == "after"


def test_grandchildren_are_waited_for_too() -> None:
    schedule = started([Node("p"), Node("after", ["p"])])
    schedule.take()
    schedule.add([Node("c")], parent="p")
    schedule.finish("p")
    schedule.take()
    schedule.add([Node("g1"), Node("g2")], parent="c")
    schedule.finish("c")
    assert [schedule.take(), schedule.take()] == ["g1", "g2"]
    assert schedule.finish("g2") == ["g2"]
    assert schedule.finish("g1") == ["g1", "c", "p"]


@pytest.mark.parametrize("child", [Node("child", ["after"]), Node("child", ["parent"]), Node("child", ["later"])])
def test_a_child_that_waits_for_what_waits_for_its_parent_is_a_cycle(child: Node) -> None:
    schedule = started([Node("parent"), Node("after", ["parent"]), Node("later", ["after"])])
    schedule.take()
    with pytest.raises(StepInvalidError, match="in a circle"):
        schedule.add([child], parent="parent")


def test_children_that_wait_for_each_other_are_a_cycle() -> None:
    schedule = started([Node("parent")])
    schedule.take()
    with pytest.raises(StepInvalidError, match="`a` → `b` → `a`"):
        schedule.add([Node("a", ["b"]), Node("b", ["a"])], parent="parent")


def test_a_child_may_wait_for_one_that_another_task_has_yet_to_add() -> None:
    schedule = started([Node("p"), Node("q")])
    schedule.take(), schedule.take()
    schedule.add([Node("pc", ["qc"])], parent="p")
    schedule.finish("p")
    assert not schedule.has_ready
    schedule.add([Node("qc")], parent="q")
    schedule.finish("q")
    assert run_all(schedule) == ["qc", "pc"]
    assert schedule.left == 0


def test_a_circle_through_a_name_that_comes_later_is_found_when_it_comes() -> None:
    schedule = started([Node("p"), Node("q")])
    schedule.take(), schedule.take()
    schedule.add([Node("pc", ["qc"])], parent="p")
    with pytest.raises(StepInvalidError, match="in a circle"):
        schedule.add([Node("qc", ["pc"])], parent="q")


def test_a_child_that_waits_for_nothing_that_exists_is_explained() -> None:
    schedule = started([Node("p")])
    schedule.take()
    schedule.add([Node("c", ["nowhere"])], parent="p")
    schedule.finish("p")
    assert schedule.stuck
    assert schedule.explain() == "`p` waits for `c`; `c` waits for `nowhere`, which does not exist"


def test_a_patient_schedule_waits_for_what_a_task_may_add() -> None:
    schedule = Schedule(patient=True)
    schedule.add([Node("last", ["child"], may_add=False), Node("p")])
    assert (schedule.take(), schedule.has_ready, schedule.hopeless) == ("p", False, False)
    schedule.add([Node("child", may_add=False)], parent="p")
    assert schedule.unknown() is None
    schedule.finish("p")
    assert schedule.take() == "child"
    assert schedule.finish("child") == ["child", "p"]
    assert schedule.take() == "last"


@pytest.mark.parametrize("how", ["finish", "fail"])
def test_it_is_hopeless_once_none_is_left_that_could_add_it(how: str) -> None:
    schedule = Schedule(patient=True)
    schedule.add([Node("last", ["chald"], may_add=False), Node("p"), Node("busy", may_add=False)])
    schedule.take(), schedule.take()
    schedule.add([Node("child", may_add=False)], parent="p")
    assert not schedule.hopeless
    getattr(schedule, how)("p")
    assert schedule.hopeless
    assert schedule.unknown() == ("last", "chald", "; did you mean `child`?")


def test_what_can_never_run_adds_nothing() -> None:
    schedule = Schedule(patient=True)
    schedule.add([Node("last", ["child"], may_add=False), Node("fails", may_add=False), Node("p", ["fails"])])
    schedule.fail(schedule.take())
    assert schedule.hopeless


def test_a_child_of_a_taken_name_is_refused() -> None:
    schedule = started([Node("p"), Node("x")])
    schedule.take()
    with pytest.raises(TaskDuplicateError):
        schedule.add([Node("x")], parent="p")


# ---------------------------------------------------------------- failures


def test_what_depends_on_a_failure_is_blocked_and_the_rest_is_not() -> None:
    schedule = started([Node("a"), Node("b", ["a"]), Node("c", ["g"]), Node("m", ["b"], ["g"]), Node("free")])
    assert schedule.take() == "a"
    assert schedule.fail("a") == ["b", "m", "c"]
    assert run_all(schedule) == ["free"]
    assert schedule.left == 0
    assert list(schedule.unstarted()) == ["b", "c", "m"]


def test_a_failed_child_blocks_what_waits_for_its_parent() -> None:
    schedule = started([Node("p"), Node("after", ["p"])])
    schedule.take()
    schedule.add([Node("c")], parent="p")
    schedule.finish("p")
    schedule.take()
    assert schedule.fail("c") == ["after"]
    assert (schedule.left, schedule.has_ready) == (0, False)


def test_a_child_that_requires_a_failed_task_is_blocked() -> None:
    schedule = started([Node("bad"), Node("p")])
    schedule.take(), schedule.take()
    schedule.fail("bad")
    schedule.add([Node("c", ["bad"])], parent="p")
    schedule.finish("p")
    assert (schedule.left, schedule.has_ready) == (0, False)


# ---------------------------------------------------------------- laws

GRAPHS = st.integers(1, 30).flatmap(
    lambda size: st.tuples(
        st.lists(st.lists(st.integers(0, size - 1), max_size=4), min_size=size, max_size=size),
        st.permutations(range(size)),
        st.lists(st.sets(st.sampled_from("gh")), min_size=size, max_size=size),
    )
)


@given(GRAPHS, st.randoms(use_true_random=False))
@settings(deadline=None)
def test_every_task_runs_once_after_all_that_it_requires(graph: tuple[list[list[int]], list[int], list[set[str]]], random: object) -> None:
    requires, order, groups = graph
    nodes = [Node(f"t{i}", [f"t{j}" for j in requires[i] if j < i], sorted(groups[i])) for i in range(len(requires))]
    schedule = started([nodes[i] for i in order])
    running: list[str] = []
    done: list[str] = []
    while schedule.has_ready or running:
        while schedule.has_ready and (not running or random.random() < 0.5):
            running.append(schedule.take())
        name = running.pop(random.randrange(len(running)))
        assert all(f"t{j}" in done for j in requires[int(name[1:])] if j < int(name[1:]))
        done += schedule.finish(name)
    assert sorted(done) == sorted(node.name for node in nodes)
    assert (schedule.left, schedule.started) == (0, 0)


@given(GRAPHS)
@settings(deadline=None)
def test_a_graph_is_refused_exactly_when_it_has_a_cycle(graph: tuple[list[list[int]], list[int], list[set[str]]]) -> None:
    requires = graph[0]
    left = dict(enumerate(map(set, requires)))
    while free := [node for node, waits in left.items() if not waits & left.keys()]:
        for node in free:
            del left[node]
    nodes = [Node(f"t{i}", [f"t{j}" for j in waits]) for i, waits in enumerate(requires)]
    if left:
        with pytest.raises(StepInvalidError, match="in a circle"):
            started(nodes)
    else:
        assert len(run_all(started(nodes))) == len(nodes)


@given(GRAPHS, st.sets(st.integers(0, 29)))
@settings(deadline=None)
def test_after_failures_nothing_is_left_to_wait_for(graph: tuple[list[list[int]], list[int], list[set[str]]], bad: set[int]) -> None:
    requires = graph[0]
    schedule = started([Node(f"t{i}", [f"t{j}" for j in waits if j < i]) for i, waits in enumerate(requires)])
    ran: set[str] = set()
    blocked: set[str] = set()
    while schedule.has_ready:
        name = schedule.take()
        ran.add(name)
        if int(name[1:]) in bad:
            blocked.update(schedule.fail(name))
        else:
            schedule.finish(name)
    assert not schedule.stuck
    assert schedule.left == 0
    assert ran | blocked == {f"t{i}" for i in range(len(requires))}
    assert not ran & blocked


def test_a_long_circle_is_drawn_by_its_ends() -> None:
    with pytest.raises(StepInvalidError) as caught:
        Schedule().add(Node(f"t{n}", [f"t{(n + 1) % 1000}"]) for n in range(1000))
    ends = " → ".join(f"`t{n}`" for n in range(6)), " → ".join(f"`t{n % 1000}`" for n in range(995, 1001))
    assert str(caught.value) == f"the tasks wait for each other in a circle: {ends[0]} → … → {ends[1]}"


# ---------------------------------------------------------------- nodes that spread


def spreading(key: str, title: str, requires: Sequence[str] = (), groups: Sequence[str] = ()) -> Node:
    return Node(key, requires, (*groups, title), True, (title,), title)


def test_what_spreads_is_done_when_its_children_are_and_so_are_its_groups() -> None:
    schedule = started([spreading("k", "t ${f}", groups=["g"]), Node("after", ["g"]), Node("too", ["t ${f}"])])
    assert schedule.take() == "k"
    schedule.add([Node("t a"), Node("t b")], "k")
    assert schedule.finish("k") == []
    assert [schedule.take(), schedule.take()] == ["t a", "t b"]
    schedule.finish("t a")
    assert not schedule.has_ready
    assert schedule.finish("t b") == ["t b", "k"]
    assert sorted(run_all(schedule)) == ["after", "too"]
    assert schedule.left == 0


def test_what_spreads_into_nothing_is_done_at_once() -> None:
    schedule = started([spreading("k", "t ${f}"), Node("after", ["t ${f}"])])
    schedule.take()
    assert schedule.finish("k") == ["k"]
    assert run_all(schedule) == ["after"]


@pytest.mark.parametrize("provider_first", [True, False])
def test_a_turn_that_is_left_out_is_waited_for_until_all_that_could_be_it_has_spread(provider_first: bool) -> None:
    schedule = started([spreading("p", "t ${f}"), spreading("q", "t ${f}"), spreading("r", "u ${f}")])
    assert [schedule.take(), schedule.take(), schedule.take()] == ["p", "q", "r"]

    def provide() -> None:
        schedule.add([Node("t a")], "p", absent=["t b"])
        schedule.finish("p")

    if provider_first:
        provide()
    schedule.add([Node("u a", [("t ${f}", "t a")]), Node("u b", [("t ${f}", "t b")])], "r")
    schedule.finish("r")
    if not provider_first:
        provide()
    assert schedule.take() == "t a"
    assert not schedule.has_ready  # `q` may still make a `t b`
    schedule.add([], "q", absent=["t a", "t b"])
    schedule.finish("q")
    assert schedule.take() == "u b"
    schedule.finish("t a")
    assert schedule.take() == "u a"


def test_a_turn_of_a_statement_that_is_left_out_as_a_whole_is_not_waited_for() -> None:
    schedule = started([spreading("r", "u ${f}")], absent=["t ${f}"])
    schedule.take()
    schedule.add([Node("u a", [("t ${f}", "t a")])], "r")
    schedule.finish("r")
    assert run_all(schedule) == ["u a"]


def test_a_turn_of_an_inner_loop_that_is_left_out_is_known_by_the_names_that_are_given() -> None:
    schedule = started([Node("p", spreads=["t ${f} ${n}", "t ${f} 1", "t ${f} 2"]), spreading("r", "u ${f}")])
    assert [schedule.take(), schedule.take()] == ["p", "r"]
    schedule.add([Node("u a", [("t ${f} 1", "t a 1")])], "r")
    schedule.finish("r")
    assert not schedule.has_ready
    schedule.add([Node("t a 2")], "p", absent=["t a 1"])
    schedule.finish("p")
    assert run_all(schedule) == ["t a 2", "u a"]


def test_a_turn_that_nothing_makes_is_hopeless_once_all_is_spread() -> None:
    schedule = started([spreading("p", "t ${f}"), spreading("r", "u ${f}")])
    assert [schedule.take(), schedule.take()] == ["p", "r"]
    schedule.add([Node("u a", [("t ${f}", "t a")], may_add=False)], "r")
    schedule.finish("r")
    assert not schedule.hopeless
    schedule.finish("p")
    assert schedule.hopeless
    assert (schedule.unknown() or ())[:2] == ("u a", "t a")


def test_what_spreads_is_no_task_and_goes_by_its_title() -> None:
    schedule = started([spreading("k", "t ${f}", ["a"]), Node("a")])
    assert list(schedule.unstarted()) == ["a"]
    assert "`t ${f}` waits for `a`" in schedule.explain()
    with pytest.raises(StepInvalidError, match=r"circle: `t \$\{f\}` → `b` → `t \$\{f\}`"):
        started([spreading("k", "t ${f}", ["b"]), Node("b", ["t ${f}"])])


def test_a_failing_child_blocks_what_waits_for_the_loop() -> None:
    schedule = started([spreading("k", "t ${f}", groups=["g"]), Node("after", ["g"])])
    schedule.take()
    schedule.add([Node("t a")], "k")
    schedule.finish("k")
    schedule.take()
    assert schedule.fail("t a") == ["after"]
    assert schedule.left == 0
