"""Bodies of declared task types: what `run` and `validate` become, as plain data. What is absent: how either is written, checked or run."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias, Union

from otterdsl.compiler.values.value import Value


@dataclass(frozen=True, slots=True)
class ShellBody:
    """A `run sh`: its lines, in which each value is a reference to a variable of the environment, and what these variables hold.

    The variables' values are in placeholder form; the names in it are the fields of the task first, then params and secrets.
    """

    lines: tuple[str, ...]
    environment: Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class PythonBody:
    """A `run python`: its lines, without the indent that they share, and the fields that are local names in it.

    Lines that begin within a string have what they were written with; `awaits` is whether it has to be a coroutine.
    """

    lines: tuple[str, ...]
    arguments: tuple[str, ...]
    awaits: bool = False


Body: TypeAlias = Union[ShellBody, PythonBody]


@dataclass(frozen=True, slots=True)
class Check:
    """A call of a validator, its arguments by name; their values are in placeholder form, as in `ShellBody`."""

    validator: str
    arguments: Mapping[str, Value]
