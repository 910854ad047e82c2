"""What tasks store, made known to the tasks after them.

Two tasks that store one key with different values are a mistake that would otherwise come out now one way and now the other, so it is refused.
"""

from collections.abc import Mapping, MutableMapping
from typing import Any

from otterdsl.runtime.util.errors import ScratchpadError


def merge_stored(values: MutableMapping[str, Any], stored_by: MutableMapping[str, str], task: str, stored: Mapping[str, Any]) -> None:
    """Add what a task stored to the step's values, and to `stored_by` who it was. Mutates both, or neither.

    Raises: ScratchpadError, where a key has another value already.
    """
    for key, value in stored.items():
        if key in values and not _same(values[key], value):
            holder = f"task `{stored_by[key]}` stored" if key in stored_by else "the scratchpad holds"
            raise ScratchpadError(f"`{key}` has two values: {holder} {values[key]!r}, and task `{task}` stored {value!r}")
    for key, value in stored.items():
        stored_by.setdefault(key, task)
        values[key] = value


def _same(one: Any, other: Any) -> bool:
    """Whether two values are one. Those that cannot say, such as tables, are one only as one object."""
    if one is other:
        return True
    try:
        return bool(one == other)
    except Exception:  # noqa: BLE001 (how values compare is their author's)
        return False
