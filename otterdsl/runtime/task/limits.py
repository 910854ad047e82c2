"""What every task may say of its attempts: how many, how far apart, how long one may take, and how much of the machine it needs.

In: a task's final Spec. Out: `Limits` and `Needs`. A task type whose own class has a field of such a name means something else by it: that field
is left to the task. So is a value of another form where a task type has no Spec of its own. What is absent: heeding any of it, which is the
coordinator's and the executor's.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from inspect import get_annotations
from itertools import takewhile
from typing import TYPE_CHECKING, Annotated, Any, Final

from pydantic import AfterValidator, Field, TypeAdapter, ValidationError

from otterdsl.runtime.task.roles import Duration, bytes_of, seconds
from otterdsl.runtime.util.errors import TaskBuildError

if TYPE_CHECKING:
    from otterdsl.runtime.config.model import Config
    from otterdsl.runtime.task.model import Spec

FIELDS: Final = frozenset({"retries", "retry_delay", "timeout", "resources", "cache"})

_SPEC: Final = ("otterdsl.runtime.task.model", "Spec")  # which imports this module
_LONGEST_DELAY: Final = 3_600.0
_DOUBLINGS: Final = 32  # beyond, any delay is the longest


def _resources(value: dict[str, Any]) -> dict[str, Any]:
    for name, amount in value.items():
        match name:
            case "cpu":
                if type(amount) is not int or amount < 1:
                    raise ValueError(f"`cpu` is how many places of the pool the task takes: an int, 1 or more, and not {amount!r}")
            case "memory":
                if not isinstance(amount, str):
                    raise ValueError(f"`memory` is a size, such as `8GiB`, and not {amount!r}")
                bytes_of(amount)
            case _:
                raise ValueError(f"a task's resources are `cpu` and `memory`, and not `{name}`")
    return value


Resources = Annotated[dict[str, Any], AfterValidator(_resources)]


def _timeout(text: str) -> str:
    if not seconds(text):
        raise ValueError("within no time at all every attempt would fail: a timeout is longer than that")
    return text


Timeout = Annotated[Duration, AfterValidator(_timeout)]
Retries = Annotated[int, Field(strict=True, ge=0)]
Cache = Annotated[bool, Field(strict=True)]

USUAL_RESOURCES: Final[dict[str, Any]] = {"cpu": 1, "memory": "1GiB"}


def usual_resources() -> dict[str, Any]:
    """What a task needs that does not say. One map for all: whoever builds a task copies it."""
    return USUAL_RESOURCES


@dataclass(frozen=True, slots=True)
class Limits:
    """How often a task is tried again, how many seconds after the first failure, and how many seconds an attempt may take."""

    retries: int = 0
    delay: float = 1.0
    timeout: float | None = None

    def delay_after(self, failures: int) -> float:
        """How many seconds to wait after so many failures: twice as long each time, an hour at most."""
        doubled: float = self.delay * 2 ** min(failures - 1, _DOUBLINGS)
        return min(doubled, _LONGEST_DELAY)


@dataclass(frozen=True, slots=True)
class Needs:
    """How many places of the pool a task takes, and how many bytes of memory."""

    cpu: int
    memory: int


USUAL_LIMITS: Final = Limits()
USUAL_NEEDS: Final = Needs(USUAL_RESOURCES["cpu"], bytes_of(USUAL_RESOURCES["memory"]))


def limits_of(spec: "Spec") -> Limits:
    """What a spec says of its attempts."""
    said = heeded(spec)
    if not said:
        return USUAL_LIMITS
    timeout = said.get("timeout")
    return Limits(said.get("retries", 0), seconds(said.get("retry_delay", "1s")), None if timeout is None else seconds(timeout))


def needs_of(spec: "Spec") -> Needs:
    """What a spec says that its task needs."""
    resources = heeded(spec).get("resources")
    if resources is None:
        return USUAL_NEEDS
    found = {**USUAL_RESOURCES, **resources}
    return Needs(found["cpu"], bytes_of(found["memory"]))


def memory_of(config: "Config") -> int | None:
    """How many bytes tasks may need together; None where the settings set no bound."""
    return None if config.memory is None else bytes_of(config.memory)


def refuse_needs(spec: "Spec", config: "Config") -> None:
    """See that a task can get what it needs. Raises: TaskBuildError."""
    needs = needs_of(spec)
    if needs.cpu > config.pool_size:
        raise TaskBuildError(spec.name, f"it needs {needs.cpu} places of the pool, and `pool_size` is {config.pool_size}")
    most = memory_of(config)
    if most is not None and needs.memory > most:
        said = heeded(spec).get("resources", {}).get("memory", USUAL_RESOURCES["memory"])
        raise TaskBuildError(spec.name, f"it needs {said} of memory, and `memory` is {config.memory}")


def heeded(spec: "Spec") -> Mapping[str, Any]:
    """What a spec says in fields that every task has."""
    given = spec.__pydantic_fields_set__ & FIELDS
    if not given:
        return {}
    given -= redeclared(type(spec))
    return {name: value for name in given if fits(name, value := getattr(spec, name))}


@cache
def redeclared(spec_class: "type[Spec]") -> frozenset[str]:
    """Those of the fields that a Spec class, or one that it extends, has of its own."""
    below = takewhile(lambda each: (each.__module__, each.__name__) != _SPEC, spec_class.__mro__)
    return frozenset(name for each in below for name in get_annotations(each) if name in FIELDS)


def fits(name: str, value: Any) -> bool:
    """Whether a value is of the form that the field has in every task."""
    try:
        _forms()[name].validate_python(value)
    except ValidationError:
        return False
    return True


@cache
def _forms() -> Mapping[str, TypeAdapter[Any]]:
    forms: dict[str, Any] = {"retries": Retries, "retry_delay": Duration, "timeout": Timeout | None, "resources": Resources, "cache": Cache}
    return {name: TypeAdapter(form) for name, form in forms.items()}
