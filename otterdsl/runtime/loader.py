"""Load a compiled pipeline, from its folder or from texts in memory.

In: a folder that `otterdsl compile` wrote, or the same files as text. Out: a `LoadedPipeline`: what the package says of itself, with the classes
of its steps and types. All that can be wrong is a PipelineLoadError that says so. What is absent: params and runs.
"""

import gc
import importlib
import importlib.util
import json
import sys
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.machinery import ModuleSpec
from itertools import count
from pathlib import Path
from types import ModuleType
from typing import Any, Final

from otterdsl.runtime.bytecode import keep_bytecode
from otterdsl.runtime.compiled import CompiledPipeline, CompiledStep, ExternTask
from otterdsl.runtime.task.model import Spec, Task
from otterdsl.runtime.util.errors import OtterError, PipelineLoadError, StepInvalidError, did_you_mean

LOCK: Final = "otterdsl.lock.json"
TASKS: Final = "tasks"
_PREFIX: Final = "_otterdsl_"
_OURS: Final = Path(__file__).parents[1]

_numbers = count(1)


@dataclass(frozen=True, slots=True)
class Place:
    """A line of a `.otter` file."""

    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


@dataclass(frozen=True, slots=True)
class LoadedStep:
    """A step with its classes, in the order of the source, and the place of each statement by its class's name.

    `reasons` says of each class why it waits for what no `requires` of its statement names; None where the lock does not say.
    """

    name: str
    requires: tuple[str, ...]
    classes: tuple[type[Task], ...]
    places: Mapping[str, Place]
    reasons: Mapping[str, Mapping[str, str]] | None = None


@dataclass(frozen=True, slots=True)
class LoadedPipeline:
    """A compiled pipeline, ready to run.

    `types` holds the declared task types with their classes, `fixed` the values of the params that it no longer has: compiling put them in.
    """

    pipeline: CompiledPipeline
    steps: tuple[LoadedStep, ...]
    types: Mapping[str, tuple[type[Task], type[Spec]]]
    source_root: Path | None
    fixed: Mapping[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The pipeline's name."""
        return self.pipeline.name

    def step(self, name: str) -> LoadedStep:
        """A step by name. Raises: StepInvalidError."""
        for step in self.steps:
            if step.name == name:
                return step
        raise StepInvalidError(f"no step `{name}`{did_you_mean(name, (step.name for step in self.steps))}")


def load_package(folder: Path) -> LoadedPipeline:
    """The pipeline that a folder holds. Raises: PipelineLoadError."""
    folder = Path(folder)
    if not folder.is_dir():
        raise PipelineLoadError(f"`{folder}` is {'no folder' if folder.exists() else 'not there'}")
    if not (folder / "__init__.py").is_file():
        raise PipelineLoadError(f"`{folder}` is no compiled pipeline: it has no `__init__.py`")
    lock = _read_lock(_read(folder / LOCK), str(folder / LOCK)) if (folder / LOCK).is_file() else {}
    root = lock.get("source_root")
    keep_bytecode(folder)
    spec = importlib.util.spec_from_file_location(_module_name(folder.name), folder / "__init__.py", submodule_search_locations=[str(folder)])
    with _importing(str(folder)):
        if spec is None or spec.loader is None:
            raise PipelineLoadError(f"`{folder}` is no compiled pipeline")
        package = importlib.util.module_from_spec(spec)
        sys.modules[spec.name] = package
        spec.loader.exec_module(package)
        pipeline = _pipeline_of(package, str(folder))
        _see_whole(pipeline, str(folder), lambda file: (folder / file).is_file())
        modules = {name: importlib.import_module(f"{spec.name}.{name}") for name in _module_names(pipeline)}
    return _loaded(pipeline, modules, lock, None if root is None else (folder / root).resolve())


def load_sources(files: Mapping[str, str], name: str, source_root: Path | None = None) -> LoadedPipeline:
    """The pipeline that files in memory hold, by their names in the package. Raises: PipelineLoadError."""
    if "__init__.py" not in files:
        raise PipelineLoadError(f"`{name}` is no compiled pipeline: it has no `__init__.py`")
    lock = _read_lock(files[LOCK], LOCK) if LOCK in files else {}
    prefix = _module_name(name)
    with _importing(name):
        package = _execute(prefix, files, "__init__", name)
        pipeline = _pipeline_of(package, name)
        _see_whole(pipeline, name, files.__contains__)
        modules = {each: _execute(f"{prefix}.{each}", files, each, name) for each in _module_names(pipeline)}
    return _loaded(pipeline, modules, lock, source_root)


class SourceLoader:
    """Gives the text of a module in memory to those who ask for its lines, such as tracebacks."""

    def __init__(self, text: str) -> None:
        self._text = text

    def get_source(self, name: str) -> str:
        """The text of the module."""
        return self._text


# ---------------------------------------------------------------- modules


def _module_name(name: str) -> str:
    """A name in `sys.modules` that nothing else has: a pipeline may be called as any package."""
    return f"{_PREFIX}{next(_numbers)}_{''.join(char if char.isalnum() else '_' for char in name)}"


def _execute(module_name: str, files: Mapping[str, str], part: str, name: str) -> ModuleType:
    text = files[f"{part}.py"]
    # The file's name must be no path that exists: tracebacks would then show that file's lines instead.
    path = f"<{name}>/{part}.py"
    spec = ModuleSpec(module_name, None, origin=path, is_package=part == "__init__")
    module = importlib.util.module_from_spec(spec)
    module.__file__ = path
    module.__dict__["__loader__"] = SourceLoader(text)
    sys.modules[module_name] = module
    exec(compile(text, path, "exec", dont_inherit=True), module.__dict__)  # noqa: S102 (running what was compiled is what a loader is for)
    return module


@contextmanager
def _importing(where: str) -> Iterator[None]:
    """Import without the garbage collector, which would walk thousands of classes again and again, and say plainly what goes wrong."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    except OtterError:
        raise
    except ModuleNotFoundError as error:
        name = error.name or ""
        if name.startswith(_PREFIX):  # a name that nobody gave: what matters is the file
            raise PipelineLoadError(f"`{where}` has no `{name.partition('.')[2].replace('.', '/')}.py`", "compile it again") from error
        raise PipelineLoadError(f"`{where}` needs the package `{error.name}`, which is not there") from error
    except (Exception, SystemExit) as error:
        raise PipelineLoadError(f"`{where}` cannot be loaded: {type(error).__name__}: {_said(error)}") from error
    finally:
        if enabled:
            gc.enable()


def _said(error: BaseException) -> str:
    """What an exception says, with the file and the line where it was raised: the innermost that is neither Python's import's nor ours."""
    if isinstance(error, SyntaxError) and error.filename:
        return f"{error.msg}, at {_shown(error.filename)}:{error.lineno}"
    frames = [(frame.f_code.co_filename, line) for frame, line in traceback.walk_tb(error.__traceback__)]
    theirs = [(file, line) for file, line in frames if not file.startswith("<frozen ") and not Path(file).is_relative_to(_OURS)]
    return f"{error}, at {_shown(theirs[-1][0])}:{theirs[-1][1]}" if theirs else str(error)


def _shown(file: str) -> str:
    """A file as seen from the working folder, where it lies in there."""
    here = Path.cwd()
    return str(Path(file).relative_to(here)) if Path(file).is_relative_to(here) else file


def _see_whole(pipeline: CompiledPipeline, where: str, has: Callable[[str], bool]) -> None:
    """See that no module of a package is missing. Raises: PipelineLoadError."""
    for name in _module_names(pipeline):
        if not has(f"{name}.py"):
            raise PipelineLoadError(f"`{where}` is no whole package: it has no `{name}.py`", "compile it again")


def _module_names(pipeline: CompiledPipeline) -> list[str]:
    return [*([TASKS] if pipeline.types else []), *(step.module for step in pipeline.steps)]


def _pipeline_of(package: ModuleType, where: str) -> CompiledPipeline:
    pipeline = getattr(package, "PIPELINE", None)
    if not isinstance(pipeline, CompiledPipeline):
        raise PipelineLoadError(f"`{where}` is no compiled pipeline: it has no `PIPELINE`")
    return pipeline


def _loaded(pipeline: CompiledPipeline, modules: Mapping[str, ModuleType], lock: Mapping[str, Any], source_root: Path | None) -> LoadedPipeline:
    lines, reasons = lock.get("lines", {}), lock.get("reasons")

    def step_of(step: CompiledStep) -> LoadedStep:
        file = f"{step.module}.py"
        return _step(step, modules[step.module], lines.get(file, {}), reasons.get(file, {}) if isinstance(reasons, dict) else None)

    steps = tuple(map(step_of, pipeline.steps))
    types: dict[str, tuple[type[Task], type[Spec]]] = {}
    for name, class_name in pipeline.types.items():
        task_class = getattr(modules[TASKS], class_name, None)
        if task_class is None:
            raise PipelineLoadError(f"`{pipeline.name}` is no whole package: `{TASKS}.py` has no `{class_name}`")
        types[name] = task_class, getattr(modules[TASKS], f"{class_name}Spec", Spec)
    fixed = lock.get("params")
    return LoadedPipeline(pipeline, steps, types, source_root, fixed if isinstance(fixed, dict) else {})


def _step(step: CompiledStep, module: ModuleType, lines: Mapping[str, Sequence[Any]], reasons: Mapping[str, Mapping[str, str]] | None) -> LoadedStep:
    name = module.__name__
    classes = tuple(value for value in vars(module).values() if isinstance(value, type) and value.__module__ == name and "spec" in value.__dict__)
    places = {class_name: Place(str(file), int(line)) for class_name, (file, line) in lines.items()}
    return LoadedStep(step.name, tuple(step.requires), classes, places, reasons)


# ---------------------------------------------------------------- the lock


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise PipelineLoadError(f"`{path}` cannot be read: {error}") from error


def _read_lock(text: str, where: str) -> dict[str, Any]:
    try:
        lock = json.loads(text)
    except ValueError as error:
        raise PipelineLoadError(f"`{where}` is no lock file: {error}") from error
    if not isinstance(lock, dict):
        raise PipelineLoadError(f"`{where}` is no lock file")
    return lock


# ---------------------------------------------------------------- looking into a pipeline


def select_steps(loaded: LoadedPipeline, names: Sequence[str] | None, *, with_required: bool = False) -> tuple[LoadedStep, ...]:
    """The steps to run, in the pipeline's order. Raises: StepInvalidError, for a name that is none."""
    known = {step.name: step for step in loaded.steps}
    if names is None or not names:
        return loaded.steps
    wanted: set[str] = set()
    queue = list(names)
    while queue:
        name = queue.pop()
        if name not in known:
            raise StepInvalidError(f"no step `{name}`{did_you_mean(name, known)}")
        if name not in wanted:
            wanted.add(name)
            queue.extend(known[name].requires if with_required else ())
    return tuple(step for step in loaded.steps if step.name in wanted)


def extern_types(loaded: LoadedPipeline, step: LoadedStep) -> dict[str, Place | None]:
    """The task types that a step uses which have no Python class, those within `list[Spec]` fields too: each with the first statement that does."""
    without = {name for name, (task_class, _) in loaded.types.items() if issubclass(task_class, ExternTask)}
    found: dict[str, Place | None] = {}
    for each in step.classes:
        spec = each.__dict__["spec"]
        used = {spec.task_type} if issubclass(each, ExternTask) else set()
        if without:
            used |= without & set(_types_within(spec))
        for name in used:
            found.setdefault(name, step.places.get(each.__name__))
    return found


def _types_within(spec: Spec) -> Iterator[str]:
    for value in [*spec.__dict__.values(), *(spec.__pydantic_extra__ or {}).values()]:
        for each in value if isinstance(value, (list, tuple)) else (value,):
            if isinstance(each, Spec):
                yield each.task_type
                yield from _types_within(each)
