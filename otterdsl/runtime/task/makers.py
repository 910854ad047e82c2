"""Which specs stand for tasks that may add others while they run, as far as that can be seen before they do.

In: specs, typed or not. Out: yes or no. What is absent: what a task's code does, which nobody can know.
"""

from collections.abc import Mapping
from typing import Any, Final

from otterdsl.runtime.task.bind import written
from otterdsl.runtime.task.model import Spec, holds_specs

_NEVER: Final = frozenset({"copy", "copy_many", "download", "find_latest", "hello_world"})


def holds_tasks(spec: Spec) -> bool:
    """Whether a field of a spec is a list of tasks: of specs, or of maps that each have a name, as YAML has them."""
    return any(holds_specs(value) or _are_tasks(value) for value in written(spec).values())


def may_add(spec: Spec) -> bool:
    """Whether the task of a spec may add tasks: all may but those of built-in types that never do."""
    return spec.task_type not in _NEVER or holds_tasks(spec)


def _are_tasks(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(each, Mapping) and isinstance(each.get("name"), str) for each in value)
