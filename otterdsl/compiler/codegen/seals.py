"""Seals: what a step's module was generated from and what came of it, as one digest, so that it need not be generated again.

In: planned steps, texts. Out: digests that are the same on every machine. A module is a function of the step, of the classes of its task types and of
the generator; where a text's seal is the one that these three give, the text is what they would give. What is absent: files.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from operator import attrgetter
from typing import Final

from otterdsl.compiler.plan.model import PlannedClass, PlannedStep, PlannedTask


@dataclass(frozen=True, slots=True)
class Sealed:
    """A module's text as it was found, and the seal that came with it."""

    text: str
    seal: str


# What of a task and of a step no module tells: where they stand, which the lock says, and what a step waits for, which `__init__.py` does.
_TASK: Final = attrgetter(*(each.name for each in fields(PlannedTask) if each.name not in ("file", "line")))
_STEP: Final = attrgetter(*(each.name for each in fields(PlannedStep) if each.name not in ("line", "requires")))


def inputs_of(step: PlannedStep, types: Mapping[str, PlannedClass]) -> str | None:
    """All that a step's module depends on but the generator, as text; None where there is none (an int that Python writes no decimals of)."""
    try:
        return _encode([_STEP(step), types])
    except ValueError:
        return None


def seal(edition: str, inputs: str, text: str) -> str:
    """The seal of a module's text. It covers the text too: what two people changed and merged has the seal of neither."""
    return _digest("\n".join((edition, _digest(inputs), _digest(text))))


def _plain(value: object) -> object:
    """What JSON has no form for: a class's name keeps an item of a loop apart from a list, and one condition from another."""
    if isinstance(value, PlannedTask):
        return _TASK(value)
    if isinstance(value, Mapping):
        return dict(value)
    return {type(value).__name__: [getattr(value, each.name) for each in fields(value)]}  # type: ignore[arg-type]  # all else is a dataclass


_encode: Final = json.JSONEncoder(default=_plain, check_circular=False).encode


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
