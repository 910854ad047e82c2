"""What a task is: its `Spec`, the states it goes through, the context it runs in, and the `Task` itself.

A Spec may be held before its placeholders have values: a field whose text holds one is accepted whatever its type, and is checked when
`TaskRegistry.build` fills it. What is absent: building, scheduling and running.
"""

import logging
from abc import abstractmethod
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from enum import Enum
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Any, Self, final

from pydantic import AliasChoices, BaseModel, ConfigDict, Field, ValidationError, ValidatorFunctionWrapHandler, field_validator
from pydantic.fields import FieldInfo

from otterdsl.runtime.config.model import Config
from otterdsl.runtime.scratchpad.model import Scratchpad
from otterdsl.runtime.scratchpad.placeholder import has_placeholder
from otterdsl.runtime.task.limits import Cache, Resources, Retries, Timeout, usual_resources
from otterdsl.runtime.task.roles import Duration
from otterdsl.runtime.task.task_reporter import TaskReporter, report

logger = logging.getLogger(__name__)


class Spec(BaseModel):
    """What a task is to do: the fields of a statement. Task types extend it with their own.

    The first word of `name` is the task type: it finds the class in the `TaskRegistry`.
    """

    model_config = ConfigDict(extra="allow", arbitrary_types_allowed=True, defer_build=True)

    name: str
    """The name of the task, unique in its step."""

    requires: list[str] = []
    """The tasks that must be done before this one is built."""

    scratchpad_ignore_missing: bool = False
    """Whether placeholders without a value are left as they are: for tasks that fill them in themselves."""

    retries: Retries = 0
    """How often the task is tried again after it failed."""

    retry_delay: Duration = "1s"
    """How long to wait before the second attempt; before each further one it is twice as long, an hour at most, and never quite the same."""

    timeout: Timeout | None = None
    """How long one attempt may take, its validation among it. One that takes longer has failed."""

    resources: Resources = Field(default_factory=usual_resources)
    """What the task needs while it runs: `cpu`, how many of the `pool_size` places, and `memory`, which counts if the setting `memory` is given."""

    cache: Cache = True
    """Whether the task may be skipped when nothing that it depends on has changed. No run skips any yet."""

    @property
    def task_type(self) -> str:
        """The task type: the first word of the name."""
        return self.name.split(" ", 1)[0]

    @task_type.setter
    def task_type(self, value: str) -> None:
        self.name = " ".join([value, *self.name.split(" ", 1)[1:]])

    @field_validator("name")
    @classmethod
    def _has_type(cls, name: str) -> str:
        if not name.split(" ", 1)[0]:
            raise ValueError(f"`{name}` does not begin with a task type")
        return name

    @field_validator("retries", "retry_delay", "timeout", "resources", "cache", mode="wrap")
    @classmethod
    def _as_every_task_has_it(cls, value: Any, handler: ValidatorFunctionWrapHandler) -> Any:
        """What does not fit is an error but in a spec whose type is not known: that type may mean something else by the name."""
        try:
            return handler(value)
        except ValueError:
            if cls is Spec:
                return value
            raise

    __slots__ = ("_checked",)

    def __init__(self, /, **data: Any) -> None:
        made: Mapping[str, Any] = {}
        try:
            self.__pydantic_validator__.validate_python(data, self_instance=self)
        except ValidationError as error:
            # What is wrong with the spec as a whole may come from any placeholder in it.
            found = error.errors(include_url=False, include_context=False, include_input=False)
            if not all(has_placeholder(data.get(str(each["loc"][0])) if each["loc"] else data) for each in found):
                raise
        except Exception:
            if not has_placeholder(data):
                raise
        else:
            if not any(map(_is_unsettled, data.values())):
                object.__setattr__(self, "_checked", True)
                return
            made = self.__dict__
        self._hold(data, made)

    @property
    def is_checked(self) -> bool:
        """Whether the fields are as the class's validators made them; else they are as they were given, for `build` to fill and check."""
        return getattr(self, "_checked", False)

    def __setattr__(self, name: str, value: Any) -> None:
        """Change a field: whoever builds the task checks it."""
        object.__setattr__(self, "_checked", False)
        super().__setattr__(name, value)

    def _hold(self, data: dict[str, Any], made: Mapping[str, Any]) -> None:
        """Take the fields as they were given, but for specs in them: validators are asked once, and see no placeholder. Mutates."""
        rest, values = dict(data), dict[str, Any]()
        for name, info in type(self).model_fields.items():
            key = next((key for key in (name, *aliases(info)) if key in rest), None)
            if key is not None:
                value = rest.pop(key)
                values[name] = made[name] if holds_specs(made.get(name)) else value
        given = set(values)
        for name, info in type(self).model_fields.items():
            if name not in given and not info.is_required():
                values[name] = info.get_default(call_default_factory=True, validated_data=values)
        private = {name: attribute.get_default() for name, attribute in self.__private_attributes__.items()}
        held = {"__dict__": values, "__pydantic_fields_set__": given | set(rest), "__pydantic_extra__": rest, "__pydantic_private__": private or None}
        for slot, value in held.items():
            object.__setattr__(self, slot, value)
        if made:
            self._keep_ignoring(made.get("scratchpad_ignore_missing", False))
        elif decides_after(type(self)):
            # Whether names without a value are left alone must be known before anything is filled in. Whatever else it does needs checked fields.
            with suppress(Exception):
                self.model_post_init(None)
            ignoring = self.scratchpad_ignore_missing
            object.__setattr__(self, "__dict__", {**values, "scratchpad_ignore_missing": ignoring})
            self._keep_ignoring(ignoring)

    def _keep_ignoring(self, ignoring: bool) -> None:
        """Keep what the class says of placeholders without a value. Mutates."""
        if ignoring:
            self.__dict__["scratchpad_ignore_missing"] = True
            self.__pydantic_fields_set__.add("scratchpad_ignore_missing")


def decides_after(spec_class: type[Spec]) -> bool:
    """Whether a class has a `model_post_init` of its own: the place where Otter's tasks say that they fill placeholders themselves."""
    return spec_class.model_post_init is not BaseModel.model_post_init


def aliases(info: FieldInfo) -> tuple[str, ...]:
    """The names beside its own under which a field may be given."""
    alias = info.validation_alias
    choices = alias.choices if isinstance(alias, AliasChoices) else (alias,)
    return tuple(each for each in choices if isinstance(each, str))


def final_spec(spec_class: type[Spec], values: dict[str, Any]) -> Spec:
    """A Spec of values without placeholders: unlike the constructor, it holds none back. Raises: pydantic.ValidationError."""
    spec = spec_class.__new__(spec_class)
    spec_class.__pydantic_validator__.validate_python(values, self_instance=spec)
    return spec


def own_copy(spec: Spec) -> Spec:
    """A copy whose lists and maps are its own: what a task does to its spec stays with it."""
    copy = spec.__copy__()
    for values in (copy.__dict__, copy.__pydantic_extra__ or {}):
        for name, value in values.items():
            if type(value) is list or type(value) is dict:
                values[name] = value.copy()
    return copy


def holds_specs(value: Any) -> bool:
    """Whether a value is a list of specs."""
    return isinstance(value, (list, tuple)) and any(isinstance(each, Spec) for each in value)


def _is_unsettled(value: Any) -> bool:
    """Whether building changes something in a value: placeholders are filled, specs within spread, inputs seen from the pipeline's source."""
    if isinstance(value, str):
        return "${" in value or value.startswith(("./", "../"))
    if isinstance(value, (list, tuple)):
        return any(map(_is_unsettled, value))
    if isinstance(value, dict):
        return any(map(_is_unsettled, value)) or any(map(_is_unsettled, value.values()))
    return isinstance(value, Spec) or (isinstance(value, Path) and "${" in str(value))


class State(Enum):
    """The states of a task, in order."""

    PENDING_RUN = 0
    RUNNING = 1
    PENDING_VALIDATION = 2
    VALIDATING = 3
    WAITING_FOR_SUBTASKS = 4
    DONE = 5


READY_STATES = [State.PENDING_RUN, State.PENDING_VALIDATION]
"""States in which a task may be given to a worker."""


class TaskContext:
    """What a task knows of the run it is part of."""

    __slots__ = ("__dict__", "_abort", "config", "scratchpad", "specs", "state")

    def __init__(self, config: Config, scratchpad: Scratchpad) -> None:
        self.state = State.PENDING_RUN
        self.config = config
        self.scratchpad = scratchpad
        self.specs: list[Spec] = []
        self._abort: Event | None = None

    @property
    def abort(self) -> Event:
        """Set when another task fails: long work may look at it and stop. The run assigns it when the task is sent to run."""
        if self._abort is None:
            self._abort = Event()
        return self._abort

    @abort.setter
    def abort(self, event: Event) -> None:
        self._abort = event

    def add_specs(self, specs: Spec | Sequence[Spec]) -> None:
        """Hand new specs to the coordinator, which builds tasks from them when this one has run. Mutates.

        A new spec that requires what waits for this task makes a cycle: the step fails as it is added. Raises: TypeError, for what is no Spec.
        """
        new = [specs] if isinstance(specs, Spec) else list(specs)
        for spec in new:
            if not isinstance(spec, Spec):
                raise TypeError(f"{spec!r} is a {type(spec).__name__}, and no Spec")
        self.specs.extend(new)


class Task(TaskReporter):
    """The base of all tasks: extend it, with a Spec of your own, and write `run`, and `validate` where there is something to check.

    Either may be async or not. What a task made goes into `self.artifacts`.
    """

    def __init__(self, spec: Spec, context: TaskContext) -> None:
        super().__init__(spec.name)
        self.spec = spec
        self.context = context

    @final
    def has_validation(self) -> bool:
        """Whether the task has a `validate` of its own, or inherits one."""
        return type(self).validate is not Task.validate

    @final
    def has_subtasks(self) -> bool:
        """Whether the task has added specs."""
        return len(self.context.specs) > 0

    @final
    def get_execution_method(self) -> Callable[..., Any] | Callable[..., Awaitable[Any]]:
        """The method that the task's state calls for. Raises: ValueError, in a state in which nothing is executed."""
        match self.context.state:
            case State.RUNNING:
                return self.run
            case State.VALIDATING:
                return self.validate
            case state:
                raise ValueError(f"task `{self.name}` has nothing to execute in state {state.name}")

    @final
    def get_next_state(self) -> State:
        """The state that follows: the next one, but that a task without validation skips it and one without subtasks waits for none.

        Raises: ValueError, when the task is done.
        """
        match self.context.state:
            case State.RUNNING if self.has_validation():
                return State.PENDING_VALIDATION
            case State.RUNNING | State.VALIDATING:
                return State.WAITING_FOR_SUBTASKS if self.has_subtasks() else State.DONE
            case State.DONE:
                raise ValueError(f"task `{self.name}` is done: no state follows")
            case state:
                return State(state.value + 1)

    # Abstract, but without the metaclass, which would cost each of thousands of generated classes: whoever builds a task asks `has_run`.
    if TYPE_CHECKING:
        # A task's own may be async or not, decorated with `report` or not: each of these fits.
        @abstractmethod
        def run(self) -> Self | Awaitable[Self]:
            """Do the work, and return the task itself. Every task type writes its own."""

        def validate(self) -> Self | Awaitable[Self]:
            """Check the result, and return the task itself: raise `TaskValidationError` where it is wrong. Without one, any result is right."""

    else:

        @abstractmethod
        @report
        async def run(self) -> Self:
            """Do the work, and return the task itself. Every task type writes its own."""
            return self

        @report
        async def validate(self) -> Self:
            """Check the result, and return the task itself: raise `TaskValidationError` where it is wrong. Without one, any result is right."""
            return self


def has_run(task_class: type[Task]) -> bool:
    """Whether a class has a `run` of its own, or inherits one: without, no task can be made of it."""
    return not getattr(task_class.run, "__isabstractmethod__", False)
