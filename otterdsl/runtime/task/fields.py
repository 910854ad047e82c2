"""What building a task needs to know of its Spec class, read once: which fields hold specs, which hold inputs, which defaults hold placeholders."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any, get_args, get_origin

from otterdsl.runtime.scratchpad.placeholder import has_placeholder
from otterdsl.runtime.task.model import Spec, aliases
from otterdsl.runtime.task.roles import Input, Into, Output, Provides, Role


@dataclass(frozen=True, slots=True)
class SpecFields:
    """The fields of a Spec class.

    `open` where any field fits; `specs` are those of type `list[Spec]`, each with the placeholders that the task provides; `inputs` hold
    paths that may be relative to the pipeline's source, `outputs` and `intos` the files and folders that the task makes; `templates` are
    defaults that the run fills in; `aliases` leads from a name that a field may be given under to its own, and `given_as` back.
    """

    names: frozenset[str]
    open: bool
    specs: Mapping[str, frozenset[str]]
    inputs: frozenset[str]
    outputs: frozenset[str]
    intos: frozenset[str]
    templates: Mapping[str, Any]
    aliases: Mapping[str, str]
    given_as: Mapping[str, str]


@cache
def spec_fields(spec_class: type[Spec]) -> SpecFields:
    """The fields of a Spec class; the base Spec takes any."""
    specs: dict[str, frozenset[str]] = {}
    roles: dict[Role, set[str]] = {Input: set(), Output: set(), Into: set()}
    inputs = roles[Input]
    templates: dict[str, Any] = {}
    for name, info in spec_class.model_fields.items():
        parts = [*info.metadata, *_parts(info.annotation)]
        if any(isinstance(part, type) and issubclass(part, Spec) for part in parts):
            specs[name] = frozenset(given for part in parts if isinstance(part, Provides) for given in part.names)
        for role, fields in roles.items():
            if role in parts:
                fields.add(name)
        if not info.is_required() and (has_placeholder(info.default) or (name in inputs and _relative(info.default))):
            templates[name] = info.default
    names = spec_class.model_fields
    own = {alias: name for name, info in names.items() for alias in aliases(info) if alias not in names}
    given_as = {name: alias for alias, name in reversed(own.items())}
    made = frozenset(roles[Output]), frozenset(roles[Into])
    return SpecFields(frozenset(names), spec_class is Spec, specs, frozenset(inputs), *made, templates, own, given_as)


def provided(spec_class: type[Spec], name: str, values: Mapping[str, Any]) -> frozenset[str]:
    """The placeholders that a task fills itself in the specs of a field, given the values of its spec.

    A written `${field}` stands for the value of that field: `explode` provides what its `each_placeholder` says.
    """
    found: set[str] = set()
    for each in spec_fields(spec_class).specs.get(name, frozenset()):
        field = each[2:-1] if each.startswith("${") and each.endswith("}") else None
        info = None if field is None else spec_class.model_fields.get(field)
        found.add(each if field is None or info is None else str(values.get(field, info.default)))
    return frozenset(found)


def _parts(annotation: Any) -> list[Any]:
    """An annotation's types and metadata, however deep."""
    if get_origin(annotation) is Annotated:
        inner, *metadata = get_args(annotation)
        return [*metadata, *_parts(inner)]
    return [annotation, *(part for each in get_args(annotation) for part in _parts(each))]


def _relative(default: Any) -> bool:
    return isinstance(default, str) and default.startswith(("./", "../"))
