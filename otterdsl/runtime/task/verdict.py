"""pydantic's verdict on values, in the language's words.

In: requests, each a mapping of values, the model that they must build and the types that a `.otter` file declared. Out: problems, each with
the index of its request, the path of the value within it and a message. What is absent: fields that are missing or unknown, and tasks within
tasks: whoever reads the text knows better where those stand.
"""

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple

from pydantic import BaseModel, ValidationError

from otterdsl.runtime.task.language_types import adapter
from otterdsl.runtime.task.model import Spec, final_spec


class Request(NamedTuple):
    """Values to check.

    `base` names the model that `values` must build; None where only `declared` (field to type text) counts. `held` says that some fields were
    left out because a run fills them: what the model says of itself as a whole does not count then.
    """

    base: str | None
    values: Mapping[str, Any]
    declared: Mapping[str, str] = {}
    held: bool = False


class Problem(NamedTuple):
    """What is wrong with a value: the index of its request, its path there (empty: all of it), and the message."""

    request: int
    path: tuple[str | int, ...]
    message: str


class _Finding(NamedTuple):
    """An error of pydantic's: where, the union branches passed on the way (position in the path, name), and the error itself."""

    path: tuple[str | int, ...]
    branches: tuple[tuple[int, str], ...]
    error: Mapping[str, Any]


_SHOWN: Final = 60

_EXPECTED: Final = {
    "string_type": "a string",
    "int_type": "an int",
    "int_parsing": "an int",
    "int_parsing_size": "an int",
    "int_from_float": "an int",
    "float_type": "a number",
    "float_parsing": "a number",
    "finite_number": "a finite number",
    "bool_type": "a bool",
    "bool_parsing": "a bool",
    "list_type": "a list",
    "tuple_type": "a list",
    "set_type": "a list",
    "frozen_set_type": "a list",
    "iterable_type": "a list",
    "dict_type": "a map",
    "mapping_type": "a map",
    "model_type": "a map",
    "model_attributes_type": "a map",
    "dataclass_type": "a map",
    "path_type": "a path",
    "none_required": "null",
}
_QUOTED: Final = re.compile(r"'([^']*)'")  # how pydantic lists text that would fit
_BOUNDS: Final = {
    "greater_than": "more than {gt}",
    "greater_than_equal": "at least {ge}",
    "less_than": "less than {lt}",
    "less_than_equal": "at most {le}",
    "multiple_of": "a multiple of {multiple_of}",
    "literal_error": "{expected}",
    "enum": "{expected}",
    "string_pattern_mismatch": "text that matches `{pattern}`",
    "string_too_short": "{min_length} characters or more",
    "string_too_long": "{max_length} characters or fewer",
}


def check(
    requests: Sequence[Request],
    models: Mapping[str, type[BaseModel]],
    *,
    before: Callable[[int], object] = lambda index: None,
    caught: type[BaseException] = Exception,
) -> list[Problem]:
    """All that pydantic finds wrong, in the order of the requests.

    `before` is called with the index of each request ahead of it. A validator that raises anything of `caught` that pydantic does not expect is a
    problem too.
    """
    problems: list[Problem] = []
    for index, request in enumerate(requests):
        before(index)
        for name, text in request.declared.items():
            if name in request.values:
                problems += (Problem(index, (name, *path), message) for path, message in _declared(request.values[name], text))
        model = None if request.base is None else models.get(request.base)
        if model is not None:
            problems += (Problem(index, path, message) for path, message in _built(request, model, caught))
    return problems


def _declared(value: Any, text: str) -> list[tuple[tuple[str | int, ...], str]]:
    """What is wrong with a value by the type that its field was declared with."""
    try:
        adapter(text).validate_python(value)
    except ValidationError as error:
        return _readable(error, value)
    except (RecursionError, OverflowError) as error:
        return [((), _reason(error))]
    return []


def _built(request: Request, model: type[BaseModel], caught: type[BaseException]) -> list[tuple[tuple[str | int, ...], str]]:
    """What is wrong with values by the model that they must build."""
    values = {"name": request.base, **request.values} if "name" in model.model_fields else dict(request.values)
    try:
        if issubclass(model, Spec):
            final_spec(model, values)  # what the registry calls: the constructor holds back what it cannot check yet
        else:
            model.model_validate(values)
    except ValidationError as error:
        return [
            (path, message)
            for path, message in _readable(error, values)
            if (not request.held if not path else path[0] in request.values and path[0] not in request.declared)
        ]
    except caught as error:
        return [] if request.held else [((), f"`{model.__name__}` cannot check this: {_reason(error)}")]
    return []


def _reason(error: BaseException) -> str:
    """An unexpected exception on one line."""
    text = " ".join(str(error).split())
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


# ---------------------------------------------------------------- paths


def _readable(error: ValidationError, values: Any) -> list[tuple[tuple[str | int, ...], str]]:
    """pydantic's errors as paths and messages; fields that are missing or unknown at the top are left out."""
    found = []
    for each in error.errors(include_url=False):
        if each["type"] in ("missing", "extra_forbidden") and len(each["loc"]) < 2 and isinstance(values, Mapping):
            continue
        found.append(_finding(each, values))
    return list(dict.fromkeys(_merged(found)))


def _finding(error: Mapping[str, Any], values: Any) -> _Finding:
    """An error with its place told from the names of branches that pydantic puts into it."""
    parts = error["loc"][:-1] if error["type"] == "missing" else error["loc"]
    value = values
    path: list[str | int] = []
    branches: list[tuple[int, str]] = []
    for number, part in enumerate(parts):
        inside = _within(value, part)
        # A branch may be named like a key of the very map that it refuses; then that map is what the error is about.
        if inside is None or (number == len(parts) - 1 and value is error["input"] and inside[0] is not error["input"]):
            if part != "[key]":
                branches.append((len(path), str(part)))
            continue
        value = inside[0]
        path.append(part)
    return _Finding(tuple(path), tuple(branches), error)


def _within(value: Any, part: str | int) -> tuple[Any] | None:
    """What stands at a key or index of a value, as a tuple of one; None where nothing does."""
    if isinstance(value, Mapping):
        return (value[part],) if part in value else None
    if isinstance(value, list | tuple) and isinstance(part, int) and 0 <= part < len(value):
        return (value[part],)
    return None


def _merged(findings: Iterable[_Finding]) -> list[tuple[tuple[str | int, ...], str]]:
    """A message for each place: what the branches of a union say of one value becomes one message."""
    groups: dict[tuple[bool, tuple[str | int, ...]], list[_Finding]] = {}
    for finding in findings:
        place = finding.path[: finding.branches[0][0]] if finding.branches else finding.path
        groups.setdefault((bool(finding.branches), place), []).append(finding)
    merged: list[tuple[tuple[str | int, ...], str]] = []
    for (in_union, place), group in groups.items():
        merged += _union(place, group) if in_union else [(place, _message(finding.error)) for finding in group]
    return merged


def _union(place: tuple[str | int, ...], findings: Sequence[_Finding]) -> list[tuple[tuple[str | int, ...], str]]:
    """What a union says of the value at `place`.

    The branch that got furthest into the value is the one that was meant; where none got anywhere, all of them are named.
    """
    furthest = max(findings, key=lambda finding: len(finding.path))
    if len(furthest.path) > len(place):
        branch = furthest.branches[0][1]
        return _merged(f._replace(branches=f.branches[1:]) for f in findings if f.branches[0][1] == branch)
    expected = [_expected(finding.error) for finding in findings]
    unusual = [finding for finding, phrase in zip(findings, expected, strict=True) if phrase is None]
    if unusual:
        return [(place, _message(unusual[0].error))]
    phrases = " or ".join(dict.fromkeys(phrase for phrase in expected if phrase))
    return [(place, f"expected {phrases}, found {_shown(findings[0].error['input'])}")]


# ---------------------------------------------------------------- messages


def _expected(error: Mapping[str, Any]) -> str | None:
    """What would have fitted, as a phrase; None for an error that is not of that kind."""
    kind = error["type"]
    if kind in _BOUNDS:
        phrase = _BOUNDS[kind].format(**error.get("ctx", {}))
        return _QUOTED.sub(r'`"\1"`', phrase) if kind in ("literal_error", "enum") else phrase
    return _EXPECTED.get(kind)


def _message(error: Mapping[str, Any]) -> str:
    """An error on one line, in lower case, without pydantic's own phrases; what a validator itself says is kept."""
    kind, context = error["type"], error.get("ctx", {})
    phrase = _expected(error)
    if phrase is not None:
        return f"expected {phrase}, found {_shown(error['input'])}"
    if kind in ("value_error", "assertion_error"):
        return " ".join(str(context.get("error", "")).split()) or "a validator refuses this"
    if kind == "missing":
        return f"the key `{error['loc'][-1]}` is missing"
    if kind == "extra_forbidden":
        return f"unknown key `{error['loc'][-1]}`"
    text = " ".join(str(error["msg"]).split()).removesuffix(".")
    if text.startswith("Input should be "):
        return f"expected {text.removeprefix('Input should be ')}, found {_shown(error['input'])}"
    return text[:1].lower() + text[1:]


def _shown(value: Any) -> str:
    """A value as its author wrote it, cut where it is long; containers by kind."""
    match value:
        case Mapping():
            return "a map"
        case list() | tuple():
            return "a list"
        case None | bool() | str():
            text = json.dumps(value, ensure_ascii=False)
        case _:
            text = repr(value)
    return f"`{text}`" if len(text) <= _SHOWN else f"`{text[: _SHOWN - 1]}…`"
