"""Tasks that add others: who waits for whom, and what is refused."""

import asyncio
from typing import Any, Self

import pytest
from coordinated import Noop, Remember, adding, failing, spec
from steps import run_step

from otterdsl.runtime.manifest.model import Artifact
from otterdsl.runtime.task.model import Spec, State, Task
from otterdsl.runtime.tasks.explode import Explode, ExplodeSpec


class Exploding(Explode):
    """The built-in type, with its Spec where the registry of tests looks for it."""

    Spec = ExplodeSpec


def test_a_parent_waits_for_its_subtasks_and_its_followers_wait_for_both() -> None:
    types = {"add": adding(spec("t one"), spec("t two", "t one")), "t": Noop}
    ran = run_step([spec("t after", "add them"), spec("add them")], types)
    finished = [event.task for event in ran.events if event.event == "finished"]
    assert finished == ["t one", "t two", "add them", "t after"]
    assert ran.step.tasks["add them"].context.state is State.DONE


def test_subtasks_of_subtasks() -> None:
    types = {"add": adding(spec("more of_it")), "more": adding(spec("t deep")), "t": Noop}
    ran = run_step([spec("add them"), spec("t after", "add them")], types)
    assert [event.task for event in ran.events if event.event == "finished"] == ["t deep", "more of_it", "add them", "t after"]


def test_a_subtask_of_a_taken_name_is_refused() -> None:
    ran = run_step([spec("t one"), spec("add them", "t one")], {"add": adding(spec("t one")), "t": Noop})
    assert ran.reason == "task `add them` failed: duplicate task: `t one`"
    assert ran.results["add them"] == "failure"


def test_a_cycle_made_by_new_specs_is_found_when_they_are_added() -> None:
    ran = run_step([spec("add them"), spec("t after", "add them")], {"add": adding(spec("t one", "t after")), "t": Noop})
    assert "in a circle: `t one` → `t after` → `add them` → `t one`" in ran.reason
    assert ran.results == {"add them": "failure", "t after": "aborted", "t one": "aborted"}


def test_a_failed_subtask_fails_the_step() -> None:
    ran = run_step([spec("add them"), spec("t after", "add them")], {"add": adding(spec("bad one")), "bad": failing(ValueError("no")), "t": Noop})
    assert ran.results["bad one"] == "failure"
    assert ran.results["t after"] == "aborted"


def test_a_parent_whose_subtasks_did_not_all_end_is_aborted() -> None:
    types = {"add": adding(spec("bad one")), "bad": failing(ValueError("no")), "t": Noop}
    ran = run_step([spec("add them"), spec("t after", "add them")], types)
    assert ran.results == {"add them": "aborted", "bad one": "failure", "t after": "aborted"}
    assert ran.step.manifest.tasks[0].failure_reason == "its subtasks did not all come to their end"
    assert ran.step.tasks["add them"].context.state is State.WAITING_FOR_SUBTASKS
    assert [event.event for event in ran.events if event.task == "add them"] == ["started", "aborted"]


def test_a_parent_that_ends_when_the_step_has_failed_adds_nothing_and_is_aborted() -> None:
    class AddLate(Task):
        async def run(self) -> Self:
            await asyncio.to_thread(self.context.abort.wait, 20)
            self.context.add_specs(spec("t late"))
            return self

    ran = run_step([spec("bad a"), spec("add b")], {"bad": failing(ValueError("no")), "add": AddLate, "t": Noop})
    assert ran.results == {"bad a": "failure", "add b": "aborted"}
    assert [event.event for event in ran.events if event.task == "add b"] == ["started", "aborted"]


def test_specs_added_in_the_validation_are_subtasks_too() -> None:
    class AddLate(Noop):
        async def validate(self) -> Self:
            self.context.add_specs(spec("t late"))
            return self

    ran = run_step([spec("add them"), spec("t after", "add them")], {"add": AddLate, "t": Noop})
    assert [event.task for event in ran.events if event.event == "finished"] == ["t late", "add them", "t after"]


@pytest.mark.parametrize(("specs", "what"), [([spec("t one"), "t two"], "'t two' is a str, and no Spec"), (7, "'int' object is not iterable")])
def test_what_is_no_spec_is_the_failure_of_the_task_that_adds_it(specs: Any, what: str) -> None:
    ran = run_step([spec("add them")], {"add": adding(*specs) if isinstance(specs, list) else _adding_odd(specs), "t": Noop})
    assert ran.reason == f"task `add them` failed: TypeError: {what}"
    assert ran.results == {"add them": "failure"}


def _adding_odd(specs: Any) -> type[Task]:
    class Adding(Task):
        def run(self) -> Self:
            self.context.add_specs(specs)
            return self

    return Adding


def test_records_stand_in_the_order_of_the_source_whichever_task_was_the_faster() -> None:
    class Timed(Task):
        async def run(self) -> Self:
            await asyncio.sleep(0.03 if self.name in ("t 1", "add a") else 0)
            self.artifacts = [Artifact(source=self.name, destination="x")]
            return self

    class Adding(Timed):
        async def validate(self) -> Self:
            self.context.add_specs([spec(f"t {self.name} {n}") for n in range(2)])
            return self

    specs = [spec("add a"), spec("add b"), spec("t 1"), spec("t 2", "t 3"), spec("t 3")]
    ran = run_step(specs, {"t": Timed, "add": Adding})
    order = ["add a", "t add a 0", "t add a 1", "add b", "t add b 0", "t add b 1", "t 1", "t 2", "t 3"]
    assert list(ran.results) == order
    assert [artifact.source for artifact in ran.step.manifest.artifacts] == order
    failed = run_step([spec("t after", "bad a"), *specs, spec("bad a")], {"t": Timed, "add": Adding, "bad": failing(ValueError("no"))})
    assert [name for name in failed.results if " add " not in name] == ["t after", "add a", "add b", "t 1", "t 2", "t 3", "bad a"]


def test_a_subtask_that_waits_for_what_never_comes_is_explained_and_does_not_hang() -> None:
    ran = run_step([spec("add them")], {"add": adding(spec("t one", "t never")), "t": Noop})
    assert ran.reason == "task `t one` requires `t never`, which does not exist and no task adds"


def exploding(*names: str, requires: tuple[str, ...] = ()) -> Spec:
    return spec("explode z", *requires, foreach=list(names), do=[{"name": "hello_world ${each}"}])


def test_a_task_may_require_what_another_will_add() -> None:
    ran = run_step([spec("hello_world last", "hello_world aa"), exploding("aa", "bb")], {"explode": Exploding, "hello_world": Noop})
    assert set(ran.results.values()) == {"success"}
    finished = [event.task for event in ran.events if event.event == "finished"]
    assert finished.index("hello_world aa") < finished.index("hello_world last")


def test_what_nothing_can_add_any_more_fails_the_step_at_once() -> None:
    class Waits(Noop):
        async def run(self) -> Self:
            await asyncio.to_thread(self.context.abort.wait, 20)
            return self

    specs = [spec("hello_world last", "hello_world ab"), exploding("aa"), spec("copy x")]
    ran = run_step(specs, {"explode": Exploding, "hello_world": Noop, "copy": Waits})
    assert ran.reason == "task `hello_world last` requires `hello_world ab`, which does not exist and no task adds; did you mean `hello_world aa`?"
    assert ran.results["hello_world last"] == "aborted"


def test_a_task_that_waits_for_what_it_adds_itself_does_not_hang() -> None:
    ran = run_step([exploding("aa", requires=("hello_world aa",))], {"explode": Exploding, "hello_world": Noop})
    assert ran.reason == "task `explode z` requires `hello_world aa`, which does not exist and no task adds"


def test_a_subtask_that_closes_a_circle_with_who_waited_for_it_is_refused() -> None:
    do = [{"name": "hello_world ${each}", "requires": ["hello_world last"]}]
    specs = [spec("hello_world last", "hello_world aa"), spec("explode z", foreach=["aa"], do=do)]
    ran = run_step(specs, {"explode": Exploding, "hello_world": Noop})
    assert "in a circle: `hello_world aa` → `hello_world last` → `hello_world aa`" in ran.reason


def test_where_no_task_makes_others_nothing_begins() -> None:
    ran = run_step([spec("t one"), spec("t last", "t on")], {"t": Noop})
    assert ran.reason == "task `t last` requires `t on`, which does not exist; did you mean `t one`?"
    assert set(ran.results.values()) <= {"aborted"}


def test_new_specs_are_filled_when_they_are_built() -> None:
    types = {"add": adding(spec("get ${n}", given="${n}"), spec("get y", "get ${n}", given="z")), "get": Remember}
    ran = run_step([spec("add them")], types, scratchpad={"n": "x"})
    assert ran.results == {"add them": "success", "get x": "success", "get y": "success"}
