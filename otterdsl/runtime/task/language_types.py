"""The language's types as text, such as `list[input] | input`: read, told from a Python annotation, and made into pydantic's own.

In: text or annotations. Out: plain values, so that a description of a Spec can pass between processes as JSON. What is absent: what a value is
worth; `verdict` asks pydantic.
"""

import re
import types
import typing
from collections import abc
from collections.abc import Iterable, Sequence
from enum import Enum
from functools import lru_cache
from os import PathLike
from pathlib import Path, PurePath
from typing import Annotated, Any, Final, Literal, NamedTuple, NewType, Union, get_args, get_origin

from pydantic import BaseModel, ConfigDict, TypeAdapter

from otterdsl.runtime.task.model import Spec
from otterdsl.runtime.task.roles import Duration, Role, Size

SPECS: Final = "list[Spec]"  # tasks within a task

_PLAIN: Final[dict[str, Any]] = {
    "str": str,
    "int": int,
    "float": float,
    "bool": bool,
    "any": Any,
    "duration": Duration,
    "size": Size,
    **dict.fromkeys(("input", "output", "into", "key"), str),
}
_SCALARS: Final = {str: "str", int: "int", float: "float", bool: "bool"}
_PATHS: Final = (Path, PurePath, PathLike)
_LISTS: Final = (list, set, frozenset, abc.Sequence, abc.MutableSequence, abc.Iterable, abc.Collection, abc.Set, abc.MutableSet)
_MAPS: Final = (dict, abc.Mapping, abc.MutableMapping)
_TOKEN: Final = re.compile(r"\s*([A-Za-z_][A-Za-z0-9_]*|[][|?])")


class Option(NamedTuple):
    """One alternative of a type: its name, what it holds in brackets, and whether null fits too."""

    name: str
    argument: "tuple[Option, ...] | None"
    optional: bool


# ---------------------------------------------------------------- text to options


@lru_cache(maxsize=4096)
def parse_type(text: str) -> tuple[Option, ...]:
    """The alternatives of a type's text, in order. Raises: ValueError, where the text is no type."""
    tokens = _TOKEN.findall(text)
    if "".join(tokens) != "".join(text.split()):
        raise ValueError(f"`{text}` is not a type")
    options, rest = _options(tokens, 0)
    if rest != len(tokens):
        raise ValueError(f"`{text}` is not a type")
    return options


def _options(tokens: Sequence[str], at: int) -> tuple[tuple[Option, ...], int]:
    found = []
    while True:
        if at >= len(tokens) or not tokens[at].isidentifier():
            raise ValueError("a type's name was expected")
        name, argument = tokens[at], None
        at += 1
        if tokens[at : at + 1] == ["["]:
            argument, at = _options(tokens, at + 1)
            if tokens[at : at + 1] != ["]"]:
                raise ValueError("`]` was expected")
            at += 1
        optional = tokens[at : at + 1] == ["?"]
        at += optional
        found.append(Option(name, argument, optional))
        if tokens[at : at + 1] != ["|"]:
            return tuple(found), at
        at += 1


# ---------------------------------------------------------------- text to pydantic


@lru_cache(maxsize=4096)
def adapter(text: str) -> TypeAdapter[Any]:
    """What checks a value against a type of the language, strictly: an `int` takes neither "3" nor true, a `float` takes an int."""
    return TypeAdapter(_python(parse_type(text)), config=ConfigDict(strict=True))


def _python(options: Iterable[Option]) -> Any:
    members: list[Any] = []
    for option in options:
        inner = Any if option.argument is None else _python(option.argument)
        match option.name:
            case "list":
                members.append(types.GenericAlias(list, (inner,)))
            case "map":
                members.append(types.GenericAlias(dict, (str, inner)))
            case name:
                members.append(_PLAIN.get(name, Any))
        if option.optional:
            members.append(None)
    return Union[tuple(members)]


# ---------------------------------------------------------------- annotation to text


def type_text(annotation: Any, metadata: Iterable[Any] = ()) -> str:
    """The nearest type of the language to a Python annotation; `any` where Python says more than the language can.

    `metadata` is what stood beside it in `Annotated`: a role found there is that of the text within.
    """
    names, optional = _names(annotation, _role(metadata, None))
    if not names or "any" in names:
        return "any"
    return f"{' | '.join(dict.fromkeys(names))}{'?' if optional else ''}"


def _role(metadata: Iterable[Any], outer: str | None) -> str | None:
    return next((item.name for item in metadata if isinstance(item, Role)), outer)


def _names(annotation: Any, role: str | None) -> tuple[list[str], bool]:
    """The alternatives of an annotation, and whether None is one of them."""
    annotation = _unwrapped(annotation)
    origin, arguments = get_origin(annotation), get_args(annotation)
    if annotation is None or annotation is type(None):
        return [], True
    if origin is Annotated:
        return _names(arguments[0], _role(arguments[1:], role))
    if origin is Union or origin is types.UnionType:
        return _joined(_names(member, role) for member in arguments)
    if origin is Literal:
        return _joined(_names(type(member), role) for member in arguments)
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return _joined(_names(type(member.value), role) for member in annotation)
    return [_name(annotation, origin or annotation, arguments, role)], False


def _joined(parts: Iterable[tuple[list[str], bool]]) -> tuple[list[str], bool]:
    found = list(parts)
    return [name for names, _ in found for name in names], any(optional for _, optional in found)


def _unwrapped(annotation: Any) -> Any:
    """The annotation that a `type` alias or a NewType stands for."""
    while True:
        if isinstance(annotation, NewType):
            annotation = annotation.__supertype__
        elif type(annotation).__name__ == "TypeAliasType":
            annotation = annotation.__value__
        else:
            return annotation


def _name(annotation: Any, origin: Any, arguments: tuple[Any, ...], role: str | None) -> str:
    """The language's name for an annotation that is no union."""
    if origin is str or origin in _PATHS:
        return role or "str"
    if origin in _SCALARS:
        return _SCALARS[origin]
    if origin is tuple:
        same = len(arguments) == 2 and arguments[1] is Ellipsis
        return f"list[{_inner(arguments[0], role) if same else 'any'}]"
    if origin in _LISTS:
        member = arguments[0] if arguments else Any
        return SPECS if _is_model(member, Spec) else f"list[{_inner(member, role)}]"
    if origin in _MAPS:
        return f"map[{_inner(arguments[1], role) if len(arguments) == 2 else 'any'}]"
    if typing.is_typeddict(origin) or (_is_model(origin, BaseModel) and not _is_model(origin, Spec)):
        return "map[any]"
    return "any"


def _inner(annotation: Any, role: str | None) -> str:
    return type_text(annotation, (Role(role),) if role else ())


def _is_model(annotation: Any, model: type[BaseModel]) -> bool:
    while get_origin(annotation) is Annotated:
        annotation = get_args(annotation)[0]
    return isinstance(annotation, type) and get_origin(annotation) is None and issubclass(annotation, model)
