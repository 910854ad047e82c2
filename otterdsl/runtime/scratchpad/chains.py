"""Values of a scratchpad that speak of each other: `data: ${base}/data`.

In: the scratchpad of a configuration. Out: the same with its own keys filled in, wherever they stand in a value. What no key of it gives a value
stays as it is: a task may store it. What is absent: keys that tasks store, whose values are taken as they are.
"""

from collections.abc import Mapping
from graphlib import CycleError, TopologicalSorter
from typing import Any

from otterdsl.runtime.scratchpad.placeholder import MISSING, fold, has_placeholder, names_in
from otterdsl.runtime.util.errors import ScratchpadError


def linked(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values, each key of theirs filled in. Raises: ScratchpadError, for keys that go round in a circle."""
    wanted = {key: [name for name in names_in(value) if name in values] for key, value in values.items() if has_placeholder(value)}
    try:
        order = list(TopologicalSorter(wanted).static_order())
    except CycleError as error:
        circle = " → ".join(f"`{key}`" for key in reversed(error.args[1]))
        raise ScratchpadError(f"keys of the scratchpad stand for each other in a circle: {circle}") from error
    found = dict(values)
    for key in order:
        if wanted.get(key):
            found[key] = fold(found[key], lambda name: found.get(name, MISSING))
    return found
