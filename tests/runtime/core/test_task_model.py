"""What the seed document says of specs, states, contexts and tasks."""

import asyncio
import inspect
from collections.abc import Awaitable
from enum import Enum
from threading import Event
from typing import Any, Self

import pytest
from pydantic import BaseModel, Field, ValidationError, field_validator, model_validator

from otterdsl.runtime.config.model import Config
from otterdsl.runtime.manifest.model import Artifact, TaskManifest
from otterdsl.runtime.scratchpad.model import Scratchpad
from otterdsl.runtime.task.model import READY_STATES, Spec, State, Task, TaskContext, final_spec, has_run
from otterdsl.runtime.task.task_reporter import TaskReporter, report


class NumberSpec(Spec):
    n: int
    who: str = "world"
    inner: list[Spec] = Field(default_factory=list)


class Plain(Task):
    async def run(self) -> Self:
        return self


class Checked(Plain):
    @report
    async def validate(self) -> Self:
        return self


class CheckedChild(Checked):
    pass


def context() -> TaskContext:
    return TaskContext(Config(step="s"), Scratchpad())


def task(of: type[Task] = Plain, state: State = State.PENDING_RUN) -> Task:
    made = of(Spec(name="plain one"), context())
    made.context.state = state
    return made


# ---------------------------------------------------------------- Spec


def test_a_spec_takes_its_fields_by_keyword_and_has_these_defaults() -> None:
    spec = Spec(name="do_something well")
    assert isinstance(spec, BaseModel)
    assert (spec.requires, spec.scratchpad_ignore_missing) == ([], False)
    names = list(inspect.signature(Spec).parameters)
    of_attempts = ["retries", "retry_delay", "timeout", "resources", "cache"]
    assert names == ["name", "requires", "scratchpad_ignore_missing", *of_attempts, "extra_data"]
    with pytest.raises(TypeError):
        Spec("do_something well")


def test_the_base_spec_carries_any_field() -> None:
    spec = Spec(name="x y", source="a", nested={"deep": [1]})
    assert spec.model_extra == {"source": "a", "nested": {"deep": [1]}}
    assert Spec.model_config["extra"] == "allow"
    assert Spec.model_config["arbitrary_types_allowed"] is True


@pytest.mark.parametrize(
    ("name", "task_type"), [("do_something to create", "do_something"), ("copy a", "copy"), ("copy", "copy"), ("copy  a", "copy")]
)
def test_the_first_word_of_the_name_is_the_task_type(name: str, task_type: str) -> None:
    assert Spec(name=name).task_type == task_type


@pytest.mark.parametrize("name", ["", " x"])
def test_a_name_without_a_task_type_is_refused(name: str) -> None:
    with pytest.raises(ValidationError, match="does not begin with a task type"):
        Spec(name=name)


def test_requires_are_not_shared_between_specs() -> None:
    first, second = Spec(name="a a"), Spec(name="b b")
    first.requires.append("x")
    assert second.requires == []


@pytest.mark.parametrize("value", ["${n}", "1${n}", {"a": "${n}"}, ["${n}"], "$${n}"])
def test_any_field_may_hold_a_placeholder_until_the_task_is_built(value: Any) -> None:
    spec = NumberSpec(name="a b", n=value)
    assert spec.n == value
    assert spec.who == "world"
    assert spec.model_fields_set == {"name", "n"}


def test_a_value_without_placeholder_is_checked_at_once() -> None:
    with pytest.raises(ValidationError, match="valid integer"):
        NumberSpec(name="a b", n="x", who="${who}")
    with pytest.raises(ValidationError, match="Field required"):
        NumberSpec(name="a b", who="${who}")


def test_validators_that_see_a_placeholder_wait_too() -> None:
    class Odd(Spec):
        source: str
        destination: str = "b"

        @field_validator("source")
        @classmethod
        def _absolute(cls, value: str) -> str:
            if "://" not in value:
                raise ValueError("not absolute")
            return value

        @model_validator(mode="after")
        def _differ(self) -> Self:
            if "x" not in self.source:
                raise ValueError("no x")
            return self

    assert Odd(name="a b", source="${source}").source == "${source}"
    assert Odd(name="a b", source="s://${source}").source == "s://${source}"
    with pytest.raises(ValidationError, match="no x"):
        Odd(name="a b", source="s://y")


def test_a_final_spec_holds_nothing_back() -> None:
    with pytest.raises(ValidationError, match="valid integer"):
        final_spec(NumberSpec, {"name": "a b", "n": "${n}"})
    assert final_spec(NumberSpec, {"name": "a b", "n": "3"}) == NumberSpec(name="a b", n=3)


def test_specs_within_a_spec_are_held_too() -> None:
    spec = NumberSpec(name="a b", n=1, inner=[{"name": "c d", "x": 1}, NumberSpec(name="e f", n="${each}")])
    assert [type(each) for each in spec.inner] == [Spec, NumberSpec]


# ---------------------------------------------------------------- State


def test_the_states_and_their_values() -> None:
    assert issubclass(State, Enum)
    assert {state.name: state.value for state in State} == {
        "PENDING_RUN": 0,
        "RUNNING": 1,
        "PENDING_VALIDATION": 2,
        "VALIDATING": 3,
        "WAITING_FOR_SUBTASKS": 4,
        "DONE": 5,
    }


def test_tasks_that_wait_to_run_or_to_be_validated_are_ready() -> None:
    assert READY_STATES == [State.PENDING_RUN, State.PENDING_VALIDATION]


# ---------------------------------------------------------------- TaskContext


def test_a_context_holds_the_state_the_settings_the_scratchpad_and_new_specs() -> None:
    config, scratchpad = Config(step="s"), Scratchpad({"a": "b"})
    made = TaskContext(config, scratchpad)
    assert made.state is State.PENDING_RUN
    assert made.config is config
    assert made.scratchpad is scratchpad
    assert made.specs == []
    assert isinstance(made.abort, Event)
    assert not made.abort.is_set()


def test_the_abort_event_is_assigned() -> None:
    made, event = context(), Event()
    made.abort = event
    assert made.abort is event


def test_specs_are_added_one_or_many() -> None:
    made = context()
    one, two, three = (Spec(name=f"a {n}") for n in range(3))
    made.add_specs(one)
    made.add_specs([two])
    made.add_specs((three,))
    assert made.specs == [one, two, three]


# ---------------------------------------------------------------- Task


def test_a_task_is_a_reporter_with_its_spec_and_context() -> None:
    made = task()
    assert isinstance(made, TaskReporter)
    assert made.spec == Spec(name="plain one")
    assert made.name == "plain one"
    assert isinstance(made.manifest, TaskManifest)
    made.artifacts = [Artifact(source="a", destination="b")]
    assert made.manifest.artifacts == [Artifact(source="a", destination="b")]


@pytest.mark.parametrize(("of", "has"), [(Plain, False), (Checked, True), (CheckedChild, True)])
def test_a_task_has_validation_when_it_or_a_parent_writes_one(of: type[Task], has: bool) -> None:
    assert task(of).has_validation() is has


def test_a_task_has_subtasks_once_it_added_specs() -> None:
    made = task()
    assert made.has_subtasks() is False
    made.context.add_specs(Spec(name="a b"))
    assert made.has_subtasks() is True


def test_the_execution_method_follows_the_state() -> None:
    assert task(state=State.RUNNING).get_execution_method().__name__ == "run"
    assert task(state=State.VALIDATING).get_execution_method().__name__ == "validate"


@pytest.mark.parametrize("state", [State.PENDING_RUN, State.PENDING_VALIDATION, State.WAITING_FOR_SUBTASKS, State.DONE])
def test_nothing_is_executed_in_other_states(state: State) -> None:
    with pytest.raises(ValueError, match=state.name):
        task(state=state).get_execution_method()


@pytest.mark.parametrize(
    ("of", "subtasks", "state", "following"),
    [
        (Plain, False, State.PENDING_RUN, State.RUNNING),
        (Plain, False, State.RUNNING, State.DONE),
        (Plain, True, State.RUNNING, State.WAITING_FOR_SUBTASKS),
        (Checked, False, State.RUNNING, State.PENDING_VALIDATION),
        (Checked, True, State.RUNNING, State.PENDING_VALIDATION),
        (Checked, False, State.PENDING_VALIDATION, State.VALIDATING),
        (Checked, False, State.VALIDATING, State.DONE),
        (Checked, True, State.VALIDATING, State.WAITING_FOR_SUBTASKS),
        (Plain, True, State.WAITING_FOR_SUBTASKS, State.DONE),
    ],
)
def test_the_next_state(of: type[Task], subtasks: bool, state: State, following: State) -> None:
    made = task(of, state)
    if subtasks:
        made.context.add_specs(Spec(name="a b"))
    assert made.get_next_state() is following


def test_no_state_follows_done() -> None:
    with pytest.raises(ValueError, match="no state follows"):
        task(state=State.DONE).get_next_state()


def test_a_task_without_validation_is_valid() -> None:
    made = task()
    assert asyncio.run(_awaited(made.validate())) is made


def test_a_task_must_implement_run() -> None:
    assert Task.run.__isabstractmethod__
    assert not has_run(Task)
    assert not has_run(type("Bare", (Task,), {}))
    assert has_run(Plain)
    assert has_run(type("Child", (Plain,), {}))


def test_no_metaclass_makes_classes_slow() -> None:
    assert type(Task) is type


async def _awaited(value: Awaitable[Any]) -> Any:
    return await value
