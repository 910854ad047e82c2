"""What lowering has to know of task types: which fields hold tasks, and which are keys that a task stores.

In: the registered types' schemas, and the `extern task`s of schema files. Out: `Known`. What is absent: whether values fit, which is analysis'.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from otterdsl.compiler.analysis.schemas import Schemas
from otterdsl.compiler.syntax import ast
from otterdsl.compiler.values.types import Type

EXPLODE: Final = "explode"
DO: Final = "do"


@dataclass(frozen=True, slots=True)
class KnownType:
    """A task type. `lists` are its fields of tasks, each with what it provides (None: it does not say); `keys` its fields of type `key`.

    `defaults` are plain texts that fields have where a task does not set them.
    """

    lists: Mapping[str, tuple[str, ...] | None]
    keys: tuple[str, ...]
    defaults: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Known:
    """The task types there are, by name, and the settings that a pipeline has, with their types."""

    types: Mapping[str, KnownType]
    settings: Mapping[str, Type]

    def lists(self, kind: str) -> Mapping[str, tuple[str, ...] | None]:
        """The fields of tasks of a type. Of an unknown one it is `do`, as in all exploders of Otter."""
        found = self.types.get(kind)
        return {DO: None} if found is None else found.lists


def known(schemas: Schemas, modules: Iterable[ast.Module]) -> Known:
    """What is registered, and what modules declare in its place."""
    types: dict[str, KnownType] = {}
    for name, schema in schemas.tasks.items():
        fields = schema.fields.values()
        types[name] = KnownType(
            {field.name: field.provides for field in fields if field.type.holds_specs},
            tuple(field.name for field in fields if "key" in field.type.roles),
            {field.name: field.default for field in fields if isinstance(field.default, str)},
        )
    for module in modules:
        for declared in module.declarations:
            if isinstance(declared, ast.ExternTask) and (declared.name.text not in types or schemas.tasks[declared.name.text].package):
                types[declared.name.text] = _declared(declared)
    return Known(types, {name: field.type for name, field in schemas.settings.items()})


def _declared(declared: ast.ExternTask) -> KnownType:
    lists: dict[str, tuple[str, ...] | None] = {}
    keys = []
    defaults: dict[str, str] = {}
    for field in declared.fields:
        options = field.type.options
        if any(option.name.text == "list" and option.argument is not None and _named(option.argument, "Spec") for option in options):
            lists[field.name.text] = tuple(name.text for name in field.provides) or None
        if _named(field.type, "key"):
            keys.append(field.name.text)
        if isinstance(field.default, ast.StringExpr) and field.default.plain is not None:
            defaults[field.name.text] = field.default.plain
    return KnownType(lists, tuple(keys), defaults)


def _named(of: ast.TypeExpr, name: str) -> bool:
    return any(option.name.text == name for option in of.options)
