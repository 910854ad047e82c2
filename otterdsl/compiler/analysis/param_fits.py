"""Whether a param that is given whole to a field can ever fit it, by the types of the two.

A run gives the field the param's value, and where that does not fit its text. In: two types. Out: whether neither can fit. That a list may be empty
is no reason to let it pass. What is absent: values, and what a validator of a Python class makes of them.
"""

from collections.abc import Iterable, Mapping
from typing import Final

from otterdsl.compiler.analysis.secrets import is_secret
from otterdsl.compiler.analysis.task_types import TaskType
from otterdsl.compiler.values.types import Type, TypeOption, plain
from otterdsl.compiler.values.value import PLACEHOLDER, Value

_TEXT: Final = frozenset({"str", "input", "output", "into", "key"})
_READ: Final = frozenset({"duration", "size"})  # text of a form
_NUMBERS: Final = frozenset({"int", "float"})  # a param of type float may be given 3
_SCALARS: Final = _TEXT | _READ | _NUMBERS | {"bool"}
_SAMPLES: Final[dict[str, Value]] = {"int": 1, "float": 0.5, "bool": True, "duration": "1h", "size": "1GiB"}
_SECRET: Final = plain("str")
_NOTHING: Final[Mapping[str, tuple[str, Type, Type]]] = {}


def never_fits(param: Type, field: Type, *, strict: bool) -> bool:
    """Whether no value of a param fits a field. `strict`: the field takes a number for a number alone, and nothing that can be read as one."""
    if param.optional and field.optional:
        return False
    return not any(_may_fit(given, taken, strict, whole=True) for given in param.options for taken in field.options)


def unfitting(
    values: Mapping[str, Value], fields: Iterable[str], kind: TaskType, params: Mapping[str, Type | None]
) -> Mapping[str, tuple[str, Type, Type]]:
    """The fields whose value is a param or secret whole, of a type that cannot fit: each with its name, its type and the field's."""
    found: dict[str, tuple[str, Type, Type]] = {}
    for name in fields:
        value = values.get(name)
        if not isinstance(value, str) or not value.startswith("${") or name not in kind.fields:
            continue
        whole = PLACEHOLDER.fullmatch(value)
        inner = (whole.group(1) or "") if whole else ""
        given, of = (_SECRET if is_secret(inner) else params.get(inner)), kind.fields[name].type
        if given is not None and never_fits(given, of, strict=name in kind.declared):
            found[name] = inner, given, of
    return found or _NOTHING


def sample_of(of: Type) -> Value:
    """Some value of a type; what a list or map holds is in it."""
    option = of.options[0]
    match option.name:
        case "list":
            return (sample_of(option.argument),) if option.argument else ("x",)
        case "map":
            return {"x": sample_of(option.argument) if option.argument else "x"}
        case name:
            return _SAMPLES.get(name, "x")


def _may_fit(given: TypeOption, taken: TypeOption, strict: bool, *, whole: bool) -> bool:
    """Whether a value of one alternative may fit another; only a whole value may become text."""
    one, other = given.name, taken.name
    if "any" in (one, other):
        return True
    if other in _TEXT:
        return whole or one in _TEXT | _READ or (not strict and one in _SCALARS)
    if other in ("list", "map"):
        if one != other:
            return False
        if given.argument is None or taken.argument is None or (given.argument.optional and taken.argument.optional):
            return True
        return any(_may_fit(a, b, strict, whole=False) for a in given.argument.options for b in taken.argument.options)
    if other in _READ:
        return one == other or one in _TEXT
    if other not in _SCALARS or one not in _SCALARS:
        return False
    return one == other or (one in _NUMBERS and other in _NUMBERS) or (not strict and one not in _READ)
