"""The secrets that tasks will ask for, looked up before any of them runs: a run should not end after hours for want of a file.

In: the task classes of a step that will have tasks. Out: nothing. What is absent: loops that only a run spreads; their tasks ask as they are built.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from otterdsl.runtime.loader import Place
from otterdsl.runtime.secrets import Secrets, secrets_in
from otterdsl.runtime.task.bind import written
from otterdsl.runtime.task.model import Spec, Task
from otterdsl.runtime.util.errors import SecretError


def look_up_secrets(classes: Iterable[type[Task]], places: Mapping[str, Place], secrets: Secrets) -> None:
    """See that each secret is there that the tasks of some classes ask for. Raises: SecretError, with the place of a statement that does."""
    for task_class in classes:
        texts = [task_class.__dict__.get("spec"), *_of_body(task_class)]
        for name in secrets_in(texts, _within):
            try:
                secrets.get(name)
            except SecretError as error:
                place = places.get(task_class.__name__)
                raise SecretError(error.message, error.mend, None if place is None else (place.file, place.line)) from None


def _of_body(task_class: type[Task]) -> Iterable[Any]:
    """The values that a body of a declared type is given besides the fields of its task."""
    yield getattr(task_class, "environment", None)
    for check in getattr(task_class, "checks", ()):
        yield getattr(check, "arguments", None)


def _within(value: Any) -> Iterable[Any] | None:
    return written(value).values() if isinstance(value, Spec) else None
