"""Which class a task type stands for, and tasks built of specs.

In: packages of task modules (`register`), classes of generated modules. Out: tasks, with the placeholders of their specs filled in just before.
What is wrong with a spec ends the program, as Otter's registry does, in `build`; `make` raises TaskBuildError for the coordinator to handle.
"""

import errno
import importlib
import logging
import pkgutil
from collections.abc import Iterable, Mapping
from pathlib import PurePosixPath
from posixpath import normpath
from types import ModuleType
from typing import Any, Final

from pydantic import ValidationError

from otterdsl.runtime.config.model import Config
from otterdsl.runtime.scratchpad.model import Scratchpad
from otterdsl.runtime.scratchpad.placeholder import MISSING, Lookup, escape, fill, fold, to_text
from otterdsl.runtime.secrets import Secrets, secrets_in, shielded
from otterdsl.runtime.task.bind import Spread, with_values, written
from otterdsl.runtime.task.fields import SpecFields, provided, spec_fields
from otterdsl.runtime.task.model import Spec, Task, TaskContext, decides_after, final_spec, has_run, holds_specs, own_copy
from otterdsl.runtime.task.open_loops import Entry
from otterdsl.runtime.task.spread import expand
from otterdsl.runtime.util.errors import OtterError, ScratchpadError, TaskBuildError, did_you_mean, log_pydantic

logger = logging.getLogger(__name__)

BUILTIN_TASKS_MODULE: Final = "otterdsl.runtime.tasks"

_UNFILLED: Final = frozenset({"scratchpad_ignore_missing"})
_PLAIN: Final = frozenset({int, float, bool, type(None)})


class TaskRegistry:
    """The task types that a step may use."""

    def __init__(self, config: Config, scratchpad: Scratchpad) -> None:
        self.config = config
        self.scratchpad = scratchpad
        self._tasks: dict[str, type[Task]] = {}
        self._specs: dict[str, type[Spec]] = {}
        self._packages: list[str] = []
        self.secrets = Secrets(config.secrets_path)

    def register(self, package_name: str) -> None:
        """Register each task module of a package: module `a_b` holds class `AB` and perhaps `ABSpec`; one whose name begins with `_` is a helper.

        Raises: SystemExit: ENOENT for a package or class that is not there, EINVAL for one that is no use.
        """
        package = _import(package_name)
        for found in pkgutil.iter_modules(getattr(package, "__path__", ()), f"{package_name}."):
            task_type = found.name.rpartition(".")[2]
            if found.ispkg or task_type.startswith("_"):
                continue
            module = _import(found.name)
            task_class = _class_in(module, task_type)
            known = self._tasks.get(task_type)
            if known is not None and known is not task_class:
                logger.warning("task type `%s` of %s takes the place of that of %s", task_type, module.__name__, known.__module__)
            self.add(task_type, task_class, _spec_of(module, task_class))

    def register_later(self, packages: Iterable[str]) -> None:
        """Note packages to register once a task type is asked for that nothing else defines: most runs never need them. Mutates."""
        self._packages.extend(packages)

    def add(self, name: str, task_class: type[Task], spec_class: type[Spec]) -> None:
        """Register one class, under a task type or under the full name of a task."""
        self._tasks[name] = task_class
        self._specs[name] = spec_class

    def build(self, spec: Spec) -> Task:
        """The task that a spec stands for, its placeholders filled in.

        Raises: SystemExit(EINVAL), for an unknown task type, a wrong spec, or a placeholder without a value; the log says which.
        """
        try:
            return self.make(spec)
        except TaskBuildError as error:
            logger.critical(str(error))
            raise SystemExit(errno.EINVAL) from error

    def make(self, spec: Spec, task_class: type[Task] | None = None) -> Task:
        """As `build`, of the class given or found by name. Raises: TaskBuildError."""
        if task_class is None:
            task_class, spec_class = self._find(spec)
        else:
            spec_class = type(spec)
        if not has_run(task_class):
            raise TaskBuildError(spec.name, f"task type `{spec.task_type}` has no `run`: `{task_class.__name__}` must write one")
        try:
            final = self._fill(spec, spec_class)
            return task_class(final, TaskContext(self.config, self.scratchpad.view(self.secrets)))
        except ValidationError as error:
            raise TaskBuildError(spec.name, log_pydantic(error)) from error
        except TaskBuildError:
            raise
        except OtterError as error:
            raise TaskBuildError(spec.name, str(error)) from error

    def entry(self, spec: Spec) -> Entry:
        """The name that the task of a spec will have, and what it waits for. Raises: TaskBuildError."""
        try:
            name, *requires = (to_text(self.scratchpad.replace(each)) for each in (spec.name, *spec.requires))
            return Entry(name, tuple(requires), (), spec)
        except ScratchpadError as error:
            raise TaskBuildError(spec.name, str(error)) from error

    def _find(self, spec: Spec) -> tuple[type[Task], type[Spec]]:
        for name in (spec.name, spec.task_type):
            if name in self._tasks:
                return self._tasks[name], self._specs[name]
        if self._packages:
            known = dict(self._tasks), dict(self._specs)
            while self._packages:
                self.register(self._packages.pop(0))
            self._tasks.update(known[0])
            self._specs.update(known[1])
            return self._find(spec)
        types = [name for name in self._tasks if " " not in name]
        raise TaskBuildError(spec.name, f"unknown task type `{spec.task_type}`{did_you_mean(spec.task_type, types)}")

    def _fill(self, spec: Spec, spec_class: type[Spec]) -> Spec:
        """The Spec as its registered class, filled in. Raises: ValidationError, ScratchpadError, TaskBuildError."""
        fields = spec_fields(spec_class)
        if type(spec) is spec_class and spec.is_checked and spec.model_fields_set.issuperset(fields.templates):
            _refuse_unknown(spec, fields, spec.__pydantic_extra__ or {})
            return own_copy(spec)  # asking its validators again could make something else of what they made
        given = written(spec)
        if fields.aliases:
            given = {fields.aliases.get(name, name): value for name, value in given.items()}
        values = {**fields.templates, **given}
        _refuse_unknown(spec, fields, values)
        pad = self.scratchpad
        lookup = self.secrets.behind(pad.lookup if _ignores_missing(spec, spec_class, given) else pad.require)
        root = self.config.source_root
        for name, value in values.items():
            if name in _UNFILLED or _is_plain(value, maybe_input=name in fields.inputs):
                continue
            if name in fields.specs or holds_specs(value):
                values[name] = self._inner(value, provided(spec_class, name, values))
                continue
            filled = fill(value, lookup)
            values[name] = from_source(filled, str(root)) if root is not None and name in fields.inputs else filled
        values = _given_as(values, fields)
        try:
            return _shielded(final_spec(spec_class, values), given)
        except ValidationError as error:
            # A text that is one placeholder gives a value with its type where the field accepts that, and else as text. A turn of a loop has put its
            # values in already: no Spec of its own class could have been written with a number where it takes only text.
            refused = {str(each["loc"][0]) for each in error.errors(include_url=False, include_input=False) if each["loc"]}
            given = _given_as(given, fields)
            texts = {name: fill(given.get(name), _as_text(lookup)) for name in refused if not holds_specs(values.get(name))}
            if type(spec) is spec_class:
                texts = {name: _numbers_as_text(value) for name, value in texts.items()}
            again = {**values, **{name: text for name, text in texts.items() if text is not None}}
            if again == values:
                raise
            try:
                return _shielded(final_spec(spec_class, again), given)
            except ValidationError:
                raise error from None  # what was wrong is the value, not its text

    def _inner(self, value: Any, hidden: frozenset[str]) -> Any:
        """The specs of a `list[Spec]` field: spread, and with what is known filled in but for the placeholders that the task fills itself."""

        def lookup(name: str) -> Any:
            return MISSING if _is_in(name, hidden) else escape(self.scratchpad.lookup(name))

        if isinstance(value, (Spec, dict)):  # a field of one spec
            return _fold_spec(value, lookup)
        if not isinstance(value, (list, tuple)):
            return fill(value, self.scratchpad.require)
        return [_fold_spec(each, lookup) for each in expand(value, self.scratchpad.sentinel_dict)]


def _shielded(spec: Spec, given: Mapping[str, Any]) -> Spec:
    """A built spec whose texts with a secret do not show it: pydantic makes plain ones of them. Mutates."""
    if next(secrets_in(given.values()), None) is not None:
        for values in (spec.__dict__, spec.__pydantic_extra__ or {}):
            values.update({name: shielded(value) for name, value in values.items()})
    return spec


def _ignores_missing(spec: Spec, spec_class: type[Spec], given: dict[str, Any]) -> bool:
    """Whether placeholders without a value are left as they are: the spec says so, or its registered class does of each of its specs."""
    if spec.scratchpad_ignore_missing or type(spec) is spec_class or not decides_after(spec_class):
        return spec.scratchpad_ignore_missing
    return spec_class(**given).scratchpad_ignore_missing


def _as_text(lookup: Lookup) -> Lookup:
    def text(name: str) -> Any:
        value = lookup(name)
        return value if value is MISSING else to_text(value)

    return text


def _numbers_as_text(value: Any) -> Any:
    """The value with each number and truth value in it as text."""
    if isinstance(value, (bool, int, float)):
        return to_text(value)
    if isinstance(value, (list, tuple)):
        return [_numbers_as_text(each) for each in value]
    if isinstance(value, dict):
        return {key: _numbers_as_text(each) for key, each in value.items()}
    return value


def _fold_spec(value: Any, lookup: Any) -> Any:
    if isinstance(value, Spec):
        given = written(value)
        return with_values(
            value, {name: _fold_spec(each, _hiding(value, name, given, lookup)) for name, each in given.items() if name not in _UNFILLED}
        )
    if isinstance(value, (list, tuple)):
        return [_fold_spec(each, lookup) for each in value]
    return fold(value, lookup)


def _hiding(spec: Spec, name: str, values: Mapping[str, Any], lookup: Any) -> Any:
    """The lookup without what the spec's own task, or its loop, fills in this field."""
    hidden = (frozenset(spec.for_each) if name == "spec" else frozenset()) if isinstance(spec, Spread) else provided(type(spec), name, values)
    return (lambda key: MISSING if _is_in(key, hidden) else lookup(key)) if hidden else lookup


def _is_in(name: str, hidden: frozenset[str]) -> bool:
    return name in hidden or name.partition(".")[0] in hidden


def _is_plain(value: Any, *, maybe_input: bool) -> bool:
    """Whether there is nothing to fill in a value: so it is with most, and there are very many of them."""
    kind = type(value)
    return not maybe_input and "${" not in value if kind is str else kind in _PLAIN


def _given_as(values: dict[str, Any], fields: SpecFields) -> dict[str, Any]:
    return {fields.given_as.get(name, name): value for name, value in values.items()} if fields.given_as else values


def _refuse_unknown(spec: Spec, fields: SpecFields, values: Mapping[str, Any]) -> None:
    if fields.open:
        return
    if fields.names.issuperset(values):
        return
    for name in values:
        if name not in fields.names:
            raise TaskBuildError(spec.name, f"task type `{spec.task_type}` has no field `{name}`{did_you_mean(name, fields.names)}")


def from_source(value: Any, root: str) -> Any:
    """An input that begins with `./` or `../`, seen from the folder of the pipeline's source."""
    if isinstance(value, str):
        return normpath(PurePosixPath(root) / value) if value.startswith(("./", "../")) else value
    if isinstance(value, (list, tuple)):
        return [from_source(each, root) for each in value]
    if isinstance(value, dict):
        return {key: from_source(each, root) for key, each in value.items()}
    return value


def _import(name: str) -> ModuleType:
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        missing = error.name or name
        reason = f"package `{name}` is not there" if name == missing else f"`{name}` needs `{missing}`, which is not there"
        raise _refused(reason, errno.ENOENT) from error
    except Exception as error:
        raise _refused(f"`{name}` cannot be imported: {type(error).__name__}: {error}", errno.EINVAL) from error


def _class_in(module: ModuleType, task_type: str) -> type[Task]:
    words = task_type.split("_")
    wanted = "".join(word[:1].upper() + word[1:] for word in words)
    found = getattr(module, wanted, None) or getattr(module, "".join(word.title() for word in words), None)
    if not (isinstance(found, type) and issubclass(found, Task)):
        raise _refused(f"module `{module.__name__}` has no Task `{wanted}`", errno.ENOENT)
    if not has_run(found):
        raise _refused(f"`{found.__name__}` of module `{module.__name__}` has no `run`: a task must write its own", errno.EINVAL)
    return found


def _spec_of(module: ModuleType, task_class: type[Task]) -> type[Spec]:
    name = f"{task_class.__name__}Spec"
    found = getattr(module, name, Spec)
    if isinstance(found, type) and issubclass(found, Spec):
        return found
    raise _refused(f"`{name}` of module `{module.__name__}` is no Spec", errno.EINVAL)


def _refused(message: str, code: int) -> SystemExit:
    logger.critical(message)
    return SystemExit(code)
