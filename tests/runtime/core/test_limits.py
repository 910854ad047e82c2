"""What every task may say of its attempts, as specs hold it."""

from typing import Any

import pytest
from coordinated import Noop, spec
from pydantic import ValidationError
from steps import registry, run_step

from otterdsl.runtime.config.model import Config
from otterdsl.runtime.task.limits import USUAL_LIMITS, USUAL_NEEDS, Limits, Needs, limits_of, needs_of, redeclared, refuse_needs
from otterdsl.runtime.task.model import Spec, final_spec
from otterdsl.runtime.task.schema import describe_base
from otterdsl.runtime.util.errors import TaskBuildError

GIB = 1024**3


class TypedSpec(Spec):
    n: int = 0


class OwnSpec(Spec):
    timeout: int = 30
    resources: str = "some"


class FurtherSpec(OwnSpec):
    n: int = 0


def test_a_spec_that_says_nothing_has_the_usual() -> None:
    assert limits_of(TypedSpec(name="t a")) == USUAL_LIMITS == Limits(0, 1.0, None)
    assert needs_of(TypedSpec(name="t a")) == USUAL_NEEDS == Needs(1, GIB)


def test_a_spec_says_what_it_says() -> None:
    said = TypedSpec(name="t a", retries=3, retry_delay="500ms", timeout="1m30s", resources={"cpu": 2}, cache=False)
    assert limits_of(said) == Limits(3, 0.5, 90.0)
    assert needs_of(said) == Needs(2, GIB)
    assert needs_of(TypedSpec(name="t a", resources={"memory": "2GiB"})) == Needs(1, 2 * GIB)
    assert needs_of(TypedSpec(name="t a", resources={})) == USUAL_NEEDS


def test_delays_double_up_to_an_hour() -> None:
    limits = Limits(99, 1.5)
    assert [limits.delay_after(n) for n in (1, 2, 3)] == [1.5, 3.0, 6.0]
    assert limits.delay_after(13) == limits.delay_after(10**9) == 3600


WRONG: list[dict[str, Any]] = [
    {"retries": -1},
    {"retries": "3"},
    {"retries": 1.0},
    {"retries": True},
    {"retry_delay": 1},
    {"retry_delay": "soon"},
    {"timeout": 30},
    {"timeout": "0s"},
    {"timeout": "-1s"},
    {"resources": {"gpu": 1}},
    {"resources": {"cpu": 0}},
    {"resources": {"cpu": True}},
    {"resources": {"cpu": 1.5}},
    {"resources": {"memory": 1}},
    {"resources": {"memory": "lots"}},
    {"resources": "all"},
    {"cache": 1},
    {"cache": "yes"},
]


@pytest.mark.parametrize("given", WRONG)
def test_what_does_not_fit_is_refused_once_the_type_is_known(given: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        TypedSpec(name="t a", **given)
    with pytest.raises(ValidationError):
        final_spec(TypedSpec, {"name": "t a", **given})
    registered = registry({"t": type("T", (Noop,), {"Spec": TypedSpec})})
    with pytest.raises(TaskBuildError, match=next(iter(given))):
        registered.make(Spec(name="t a", **given))


@pytest.mark.parametrize("given", WRONG)
def test_a_type_without_a_spec_of_its_own_may_mean_something_else(given: dict[str, Any]) -> None:
    task = registry({"t": Noop}).make(Spec(name="t a", **given))
    assert getattr(task.spec, next(iter(given))) == next(iter(given.values()))
    assert (limits_of(task.spec), needs_of(task.spec)) == (USUAL_LIMITS, USUAL_NEEDS)


def test_a_field_that_a_class_has_of_its_own_is_its_own() -> None:
    assert redeclared(FurtherSpec) == {"timeout", "resources"}
    assert redeclared(TypedSpec) == redeclared(Spec) == frozenset()
    own = FurtherSpec(name="t a", timeout=5, resources="all", retries=1)
    assert limits_of(own) == Limits(1, 1.0, None)
    assert needs_of(own) == USUAL_NEEDS
    with pytest.raises(ValidationError):
        FurtherSpec(name="t a", timeout="x")


def test_placeholders_are_filled_before_anything_is_looked_at() -> None:
    held = TypedSpec(name="t a", retries="${n}", timeout="${t}", resources={"cpu": "${n}"})
    assert (limits_of(held), needs_of(held)) == (USUAL_LIMITS, USUAL_NEEDS)
    built = registry({"t": type("T", (Noop,), {"Spec": TypedSpec})}, None, {"n": 2, "t": "1s"}).make(held).spec
    assert (limits_of(built), needs_of(built)) == (Limits(2, 1.0, 1.0), Needs(2, GIB))


def test_specs_do_not_share_their_resources_once_they_are_built() -> None:
    made = registry({"t": type("T", (Noop,), {"Spec": TypedSpec})})
    one, other = (made.make(TypedSpec(name=f"t {name}")).spec for name in "ab")
    one.resources["cpu"] = 7
    assert other.resources == TypedSpec(name="t c").resources == {"cpu": 1, "memory": "1GiB"}


def test_what_cannot_be_had_is_refused_before_anything_runs() -> None:
    with pytest.raises(TaskBuildError, match="it needs 3 places of the pool, and `pool_size` is 2"):
        refuse_needs(TypedSpec(name="t a", resources={"cpu": 3}), Config(pool_size=2))
    with pytest.raises(TaskBuildError, match="it needs 2GiB of memory, and `memory` is 1GiB"):
        refuse_needs(TypedSpec(name="t a", resources={"memory": "2GiB"}), Config(memory="1GiB"))
    with pytest.raises(TaskBuildError, match="it needs 1GiB of memory, and `memory` is 1MB"):
        refuse_needs(TypedSpec(name="t a"), Config(memory="1MB"))
    ran = run_step([spec("t a"), spec("t b", resources={"cpu": 9})], {"t": Noop})
    assert ran.reason == "task `t b`: it needs 9 places of the pool, and `pool_size` is 5"
    assert set(ran.results.values()) == {"aborted"}


def test_the_language_hears_of_the_fields_and_what_they_are_for() -> None:
    fields = {each["name"]: each for each in describe_base(docs=True)["base_fields"]}
    assert {name: fields[name]["type"] for name in ("retries", "retry_delay", "timeout", "resources", "cache")} == {
        "retries": "int",
        "retry_delay": "duration",
        "timeout": "duration?",
        "resources": "map[any]",
        "cache": "bool",
    }
    assert fields["resources"]["default"] == {"cpu": 1, "memory": "1GiB"}
    assert all(each["doc"] for each in fields.values())
