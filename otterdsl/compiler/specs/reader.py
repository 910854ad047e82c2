"""What analysis may know of the registered task types, read from their Specs.

In: the packages that `use` names and where to look for them. Out: `Specs`: plain schemas, their fingerprints, and a checker of values. Built-in types
are read in this process, all others in a child. What is absent: the text that names the packages, and so any place in it.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from functools import lru_cache
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final

from pydantic import BaseModel

from otterdsl.compiler.analysis.loop_sources import QUERY
from otterdsl.compiler.analysis.schemas import Collision, FieldSchema, Schemas, TaskSchema, ValidatorSchema, ValueProblem, ValueRequest
from otterdsl.compiler.values.types import Type, TypeOption
from otterdsl.compiler.values.value import PLACEHOLDER, Value, unescape
from otterdsl.runtime.config.model import Config
from otterdsl.runtime.task import schema, verdict
from otterdsl.runtime.task.language_types import Option, parse_type
from otterdsl.runtime.validators.registry import VALIDATORS, Parameter

if TYPE_CHECKING:
    from otterdsl.compiler.specs.process import Child

TIMEOUT: Final = 30.0  # seconds for a package to be imported, or for all values of a pipeline to be checked
_HELD: Final = object()  # stands for a value that a run fills in


class Specs:
    """What was read. Close it after use: it may hold a child process, which checks the values of the packages it imported."""

    def __init__(
        self, schemas: Schemas, fingerprints: Mapping[str, str], models: Mapping[str, type[BaseModel]], packages: Sequence[str], child: "Child | None"
    ) -> None:
        self.schemas = schemas
        self.fingerprints = fingerprints
        self._models = models
        self._packages = packages
        self._child = child

    def __enter__(self) -> "Specs":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """End the child, if there is one."""
        if self._child is not None:
            self._child.close()
            self._child = None

    def check_values(self, requests: Sequence[ValueRequest]) -> list[ValueProblem]:
        """What pydantic finds wrong with values, in the order of the requests."""
        ready = [_request(request) for request in requests]
        here: dict[int, verdict.Request] = {}
        there: dict[int, verdict.Request] = {}
        for index, request in enumerate(ready):
            task = self.schemas.tasks.get(request.base) if request.base is not None else None
            (there if task is not None and task.package else here)[index] = request
        models = self._models
        if any(request.base == QUERY for request in here.values()):
            from otterdsl.runtime.task.queries import JsonQuery  # few pipelines ask any

            models = {**models, QUERY: JsonQuery}
        problems = _numbered(verdict.check(list(here.values()), models), list(here))
        if there and self._child is not None and self._child.alive:
            problems += _numbered(self._ask(list(there.values()), self._child), list(there))
        return sorted(problems, key=lambda problem: problem.request)

    def _ask(self, requests: Sequence[verdict.Request], child: "Child") -> list[verdict.Problem]:
        """The child's verdict. If it ends on the way, that is a problem of the request it was at."""
        from otterdsl.compiler.specs.process import Dead

        answer = child.ask({"do": "check", "packages": self._packages, "requests": requests})
        if isinstance(answer, Dead):
            at = answer.at if 0 <= answer.at < len(requests) else 0  # a package that writes where it should not may have spoilt it
            return [verdict.Problem(at, (), f"`{requests[at].base}` cannot check this: {answer.reason}")]
        if "problems" not in answer:
            return [verdict.Problem(0, (), f"`{requests[0].base}` cannot check this: {answer.get('failed')}")]
        return [verdict.Problem(index, tuple(path), message) for index, path, message in answer["problems"]]


def read(
    packages: Sequence[str], *, import_path: Sequence[str] = (), use_imports: bool = True, docs: bool = False, timeout: float = TIMEOUT
) -> Specs:
    """Read the built-in task types and those of `packages`, which are looked for on Python's own path and then in the folders of `import_path`.

    Nothing is imported besides the built-in types without `use_imports`. `docs` reads the fields' docstrings too. `timeout` is in seconds.
    """
    wanted = [package for package in dict.fromkeys(packages) if package != schema.BUILTIN] if use_imports else []
    child = _living(None, import_path, timeout) if wanted else None  # first of all, so that it starts while the built-in types are read
    failed: dict[str, str] = {}
    try:
        builtin, base = schema.task_types(schema.BUILTIN), schema.describe_base(docs=docs)
        described = {"": schema.describe(builtin, docs=docs)}
        for package in wanted:
            child = _living(child, import_path, timeout)
            answer = _described(child, package, docs)
            if isinstance(answer, str):
                failed[package] = answer
            else:
                described[package] = answer
        if len(described) > 1:
            child = _living(child, import_path, timeout)
    except BaseException:
        if child is not None:
            child.close()
        raise
    models: dict[str, type[BaseModel]] = {**schema.models(builtin), schema.PIPELINE: Config}
    return Specs(_schemas(base, described, failed), _fingerprints(base, described), models, [package for package in described if package], child)


def _described(child: "Child", package: str, docs: bool) -> list[dict[str, Any]] | str:
    """The task types of a package as the child describes them, or why there are none."""
    from otterdsl.compiler.specs.process import Dead

    answer = child.ask({"do": "describe", "package": package, "docs": docs})
    if isinstance(answer, Dead):
        return answer.reason
    return answer["types"] if "types" in answer else str(answer.get("failed"))


def _living(child: "Child | None", import_path: Sequence[str], timeout: float) -> "Child":
    """The child, or another one where there is none or a package took it along."""
    from otterdsl.compiler.specs.process import Child  # most pipelines need none

    if child is not None:
        if child.alive:
            return child
        child.close()
    return Child(import_path, timeout)


# ---------------------------------------------------------------- descriptions to schemas


def _schemas(base: Mapping[str, Any], described: Mapping[str, list[dict[str, Any]]], failed: Mapping[str, str]) -> Schemas:
    tasks: dict[str, TaskSchema] = {}
    collisions: list[Collision] = []
    for package, types in described.items():
        for each in types:
            task = _task(each, package)
            first = tasks.setdefault(task.name, task)
            if (first.module, first.class_name) != (task.module, task.class_name):
                collisions.append(Collision(task.name, package, first.package))
    return Schemas(
        tasks=tasks,
        base_fields=_fields(base["base_fields"]),
        settings=_fields(base["settings"]),
        reserved=frozenset(base["reserved"]),
        failed=failed,
        collisions=tuple(collisions),
        validators=_validators(),
    )


@lru_cache(maxsize=1)
def _validators() -> Mapping[str, ValidatorSchema]:
    return {name: ValidatorSchema(name, tuple(_parameter(parameter) for parameter in each.parameters), each.doc) for name, each in VALIDATORS.items()}


def _parameter(parameter: Parameter) -> FieldSchema:
    return FieldSchema(parameter.name, _type(parse_type(parameter.type)), parameter.required, parameter.default)


def _task(description: Mapping[str, Any], package: str) -> TaskSchema:
    return TaskSchema(
        name=description["name"],
        module=description["module"],
        class_name=description["class"],
        spec_class=description["spec"],
        fields=_fields(description["fields"]),
        open=description["open"],
        package=package,
        doc=description["doc"],
    )


def _fields(descriptions: Sequence[Mapping[str, Any]]) -> dict[str, FieldSchema]:
    return {
        each["name"]: FieldSchema(
            name=each["name"],
            type=_type(parse_type(each["type"])),
            required=each["required"],
            default=_value(each["default"]),
            provides=None if each["provides"] is None else tuple(each["provides"]),
            doc=each["doc"],
        )
        for each in descriptions
    }


@lru_cache(maxsize=1024)
def _type(options: tuple[Option, ...]) -> Type:
    return Type(tuple(TypeOption(name, None if argument is None else _type(argument), optional) for name, argument, optional in options))


def _value(json_value: Any) -> Value:
    match json_value:
        case list():
            return tuple(_value(item) for item in json_value)
        case dict():
            return {key: _value(item) for key, item in json_value.items()}
        case None | bool() | int() | float() | str():
            return json_value
        case _:
            raise TypeError(f"not JSON: {type(json_value).__name__}")


def _fingerprints(base: Mapping[str, Any], described: Mapping[str, list[dict[str, Any]]]) -> dict[str, str]:
    """A SHA-256 for each package, of what a `.otter` file can notice of it: docs do not count."""
    return {package or schema.BUILTIN: _fingerprint(types if package else [base, types]) for package, types in described.items()}


def _fingerprint(description: Any) -> str:
    canonical = json.dumps(_without_docs(description), sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def _without_docs(description: Any) -> Any:
    match description:
        case list():
            return [_without_docs(item) for item in description]
        case dict():
            return {key: _without_docs(item) for key, item in description.items() if not (key == "doc" and isinstance(item, str))}
        case _:
            return description


# ---------------------------------------------------------------- values for pydantic


def _request(request: ValueRequest) -> verdict.Request:
    """A request as JSON has it, without the values that a run fills in."""
    values = {name: _settled(value) for name, value in request.values.items()}
    known = {name: value for name, value in values.items() if value is not _HELD}
    declared = {name: str(type_) for name, type_ in request.declared.items()}
    return verdict.Request(request.base, known, declared, held=len(known) < len(values))


def _settled(value: Value) -> Any:
    """The value that a task will see, with lists for tuples; `_HELD` where a placeholder is in it."""
    match value:
        case str():
            if "${" not in value:
                return value
            return _HELD if any(found.group(1) is not None for found in PLACEHOLDER.finditer(value)) else unescape(value)
        case tuple():
            items = [_settled(item) for item in value]
            return _HELD if any(item is _HELD for item in items) else items
        case Mapping():
            entries = [(_settled(key), _settled(item)) for key, item in value.items()]
            return _HELD if any(key is _HELD or item is _HELD for key, item in entries) else dict(entries)
        case _:
            return value


def _numbered(problems: Sequence[verdict.Problem], indexes: Sequence[int]) -> list[ValueProblem]:
    """Problems of some requests, under the indexes that those have among all."""
    return [ValueProblem(indexes[problem.request], problem.path, problem.message) for problem in problems]
