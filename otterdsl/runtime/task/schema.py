"""What task types there are and what their Specs take, as plain JSON-able values.

In: the name of a package of task modules (module `a_b` holds class `AB` and perhaps `ABSpec`; a module whose name begins with `_` is a helper). Out:
descriptions, whose order depends on nothing but the package. What is absent: a verdict on values (see `verdict`), and anything that runs a task.
"""

import ast
import importlib
import inspect
import pkgutil
import textwrap
from collections.abc import Iterator, Mapping
from enum import Enum
from itertools import pairwise
from pathlib import PurePath
from types import ModuleType
from typing import Annotated, Any, Final, NamedTuple, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from otterdsl.runtime.config.model import Config
from otterdsl.runtime.task.language_types import type_text
from otterdsl.runtime.task.limits import redeclared
from otterdsl.runtime.task.model import Spec, Task
from otterdsl.runtime.task.roles import Provides

BUILTIN: Final = "otterdsl.runtime.tasks"
PIPELINE: Final = "pipeline"  # what the settings go by among the models; no task type can be called so

_NOT_SETTINGS: Final = frozenset({"step", "steps", "config_path", "runner_name", "source_root"})  # the runner's own
_OF_INSTANCES: Final = frozenset({"spec", "context", "for_each", "when", "group"})  # a Task's own, and a generated class's


class TaskPackageError(Exception):
    """A package does not hold what its modules' names promise."""


class TaskType(NamedTuple):
    """A registered task type: its name (the module's), its classes, and what its module calls them. `spec` is None where the base Spec serves."""

    name: str
    module: str
    task: type[Task]
    task_name: str
    spec: type[Spec] | None
    spec_name: str | None

    @property
    def model(self) -> type[Spec]:
        """The class that its specs are built as."""
        return self.spec or Spec


def class_name(type_name: str) -> str:
    """The class that module `type_name` holds: `copy_many` holds `CopyMany`."""
    return "".join(word[:1].upper() + word[1:] for word in type_name.split("_"))


def task_types(package: str) -> list[TaskType]:
    """The task types of a package, by name.

    Raises: TaskPackageError, for what is no name of a package, one without task modules, or a module without its class; whatever importing raises.
    """
    if package.startswith("."):
        raise TaskPackageError(f"`{package}` is not the name of a package, such as `my_tasks` or `pis.tasks`")
    module = importlib.import_module(package)
    if not hasattr(module, "__path__"):
        raise TaskPackageError(f"`{package}` is a module, not a package of task modules")
    names = sorted(found.name for found in pkgutil.iter_modules(module.__path__) if not found.ispkg and not found.name.startswith("_"))
    if not names:
        raise TaskPackageError(f"`{package}` holds no task modules")
    return [_task_type(name, importlib.import_module(f"{package}.{name}")) for name in names]


def _task_type(name: str, module: ModuleType) -> TaskType:
    wanted = class_name(name)
    also = "".join(word.title() for word in name.split("_"))  # as Otter itself has it: `a1b` holds `A1B`
    task_name = wanted if hasattr(module, wanted) else also
    task = getattr(module, task_name, None)
    if not (isinstance(task, type) and issubclass(task, Task)):
        what = "no class" if task is None else "no Task in"
        raise TaskPackageError(f"module `{module.__name__}` has {what} `{wanted}`")
    spec_name = f"{task.__name__}Spec"
    spec = getattr(module, spec_name, None)
    if spec is None:
        return TaskType(name, module.__name__, task, task_name, None, None)
    if not (isinstance(spec, type) and issubclass(spec, Spec)):
        raise TaskPackageError(f"`{spec_name}` of module `{module.__name__}` is no Spec")
    return TaskType(name, module.__name__, task, task_name, spec, spec_name)


def models(types: list[TaskType]) -> dict[str, type[BaseModel]]:
    """What `verdict.check` builds, by the name of the task type."""
    return {each.name: each.model for each in types}


# ---------------------------------------------------------------- descriptions


def describe(types: list[TaskType], *, docs: bool = False) -> list[dict[str, Any]]:
    """The task types as JSON-able values. With `docs` the fields' own docstrings are read from the source, which takes time."""
    return [
        {
            "name": each.name,
            "module": each.module,
            "class": each.task_name,
            "spec": each.spec_name,
            "open": each.spec is None,
            "fields": _fields(each.model, leave_out=frozenset(Spec.model_fields) - redeclared(each.model), docs=docs),
            "doc": _doc(each.task),
        }
        for each in types
    ]


def describe_base(*, docs: bool = False) -> dict[str, Any]:
    """What does not depend on a package: the base Spec's fields, the settings that `pipeline` takes, the names that no field may have."""
    members = {*dir(Spec), *dir(Task), *Task.__annotations__, *_OF_INSTANCES, "name"}
    return {
        "base_fields": _fields(Spec, leave_out=frozenset({"name"}), docs=docs),
        "settings": _fields(Config, leave_out=_NOT_SETTINGS, docs=docs),
        "reserved": sorted(name for name in members if not name.startswith("_")),
    }


def _fields(model: type[BaseModel], leave_out: frozenset[str], docs: bool) -> list[dict[str, Any]]:
    found = _docs(model) if docs else {}
    return [_field(_written(name, info), info, found.get(name, "")) for name, info in model.model_fields.items() if name not in leave_out]


def _written(name: str, info: FieldInfo) -> str:
    """The name under which a spec gives a field: its alias where it has one."""
    return info.validation_alias if isinstance(info.validation_alias, str) else info.alias or name


def _field(name: str, info: FieldInfo, doc: str) -> dict[str, Any]:
    required = info.is_required()
    provides = next((list(item.names) for item in (*info.metadata, *_metadata(info.annotation)) if isinstance(item, Provides)), None)
    return {
        "name": name,
        "type": type_text(info.annotation, info.metadata),
        "required": required,
        "default": None if required else _default(info),
        "provides": provides,
        "doc": inspect.cleandoc(info.description or doc),
    }


def _metadata(annotation: Any) -> Iterator[Any]:
    """What `Annotated` says anywhere within an annotation."""
    if get_origin(annotation) is Annotated:
        yield from get_args(annotation)[1:]
    for inner in get_args(annotation):
        yield from _metadata(inner)


def _default(info: FieldInfo) -> Any:
    """A field's default as JSON has it; null where JSON cannot hold it, or where it is another one each time."""
    try:
        values = [_plain(info.get_default(call_default_factory=True)) for _ in range(2)]
    except Exception:  # noqa: BLE001 (a factory is its author's: it may need validated data, or fail)
        return None
    return values[0] if values[0] == values[1] else None


def _plain(value: Any) -> Any:
    """A value as JSON has it. Raises: TypeError, where JSON cannot hold it."""
    match value:
        case Enum():
            return _plain(value.value)
        case None | bool() | int() | float() | str():
            return value
        case PurePath():
            return value.as_posix()
        case BaseModel():
            return _plain(value.model_dump())
        case Mapping():
            return {str(key): _plain(item) for key, item in value.items()}
        case set() | frozenset():
            return sorted((_plain(item) for item in value), key=repr)
        case list() | tuple():
            return [_plain(item) for item in value]
        case _:
            raise TypeError(f"{type(value).__name__} is nothing that JSON holds")


# ---------------------------------------------------------------- docs


def _doc(task: type[Task]) -> str:
    """A class's own docstring."""
    return inspect.cleandoc(task.__doc__ or "")


def _docs(model: type[BaseModel]) -> dict[str, str]:
    """The strings that stand below the fields of a model and of the models it extends, in their source."""
    found: dict[str, str] = {}
    for cls in reversed(model.__mro__):
        if not issubclass(cls, BaseModel) or cls is BaseModel:
            continue
        try:
            body = ast.parse(textwrap.dedent(inspect.getsource(cls))).body
        except (OSError, TypeError, SyntaxError):  # made without a file, or in one that has changed
            continue
        if body and isinstance(body[0], ast.ClassDef):
            found |= _strings_below(body[0].body)
    return found


def _strings_below(body: list[ast.stmt]) -> dict[str, str]:
    return {
        field.target.id: below.value.value
        for field, below in pairwise(body)
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name)
        if isinstance(below, ast.Expr) and isinstance(below.value, ast.Constant) and isinstance(below.value.value, str)
    }
