"""Run steps of an Otter configuration: what `Runner` does for one, for as many as are asked for, beside each other.

In: the YAML file, task packages, settings. Out: how it came out. A file, package or spec that cannot be used ends the program (SystemExit) with the
reason in the log, as everywhere where Otter's own doors are. Nothing orders the steps: they share the pool. What is absent: finding mistakes in the
YAML before a run, which is `convert`'s, and showing anything.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from otterdsl.runtime.config.model import Config
from otterdsl.runtime.config.yaml import parse_yaml, task_lines
from otterdsl.runtime.executors.local import LocalExecutor
from otterdsl.runtime.loader import Place
from otterdsl.runtime.manifest.model import Manifest
from otterdsl.runtime.scratchpad import load_scratchpad
from otterdsl.runtime.scratchpad.model import Scratchpad
from otterdsl.runtime.scratchpad.placeholder import may_become, to_text
from otterdsl.runtime.step.events import OnEvent
from otterdsl.runtime.step.model import Step
from otterdsl.runtime.step.writer import RecordWriter
from otterdsl.runtime.task import load_specs
from otterdsl.runtime.task.bind import written
from otterdsl.runtime.task.fields import spec_fields
from otterdsl.runtime.task.model import Spec, Task
from otterdsl.runtime.task.task_registry import BUILTIN_TASKS_MODULE, TaskRegistry
from otterdsl.runtime.together import Part, RunResult, run_all
from otterdsl.runtime.util.errors import ClasslessError, StepInvalidError, did_you_mean


@dataclass(frozen=True, slots=True)
class ConfiguredStep:
    """A step of an Otter configuration: its specs, and the place of each by the task's name as it was written."""

    name: str
    specs: tuple[Spec, ...]
    places: Mapping[str, Place]


@dataclass(frozen=True, slots=True)
class Configuration:
    """What of an Otter configuration is to run: its steps, its scratchpad, the classes of its task types."""

    path: Path
    steps: tuple[ConfiguredStep, ...]
    scratchpad: Mapping[str, Any]
    types: Mapping[str, tuple[type[Task], type[Spec]]]

    def place_of(self, step: str, task: str) -> Place | None:
        """Where a task was written, by its name as a run has it: for one that another task made the first whose name is of that form."""
        pad = Scratchpad(dict(self.scratchpad))
        for each in self.steps:
            if each.name == step:
                places = {to_text(pad.replace(name, ignore_missing=True)): place for name, place in each.places.items()}
                return places.get(task) or next((place for name, place in places.items() if may_become(name, task)), None)
        return None


def open_configuration(path: Path, packages: Iterable[str], steps: Sequence[str] = ()) -> Configuration:
    """The steps that are named, all where none is, with the task types that are built in or in the packages.

    Raises: StepInvalidError, for a step that is not there; SystemExit, with the reason in the log, for what cannot be loaded.
    """
    listed = parse_yaml(path).get("steps")
    known = list(listed) if isinstance(listed, Mapping) else []
    for name in steps:
        if name not in known:
            raise StepInvalidError(f"no step `{name}`{did_you_mean(name, known)}")
    wanted = [name for name in known if name in steps] if steps else known
    registry = TaskRegistry(Config(), Scratchpad({}))
    for package in (BUILTIN_TASKS_MODULE, *packages):
        registry.register(package)
    types = {name: (task_class, registry._specs[name]) for name, task_class in registry._tasks.items()}
    return Configuration(path, tuple(configured_step(path, name) for name in wanted), load_scratchpad(path).sentinel_dict, types)


def configured_step(path: Path, name: str) -> ConfiguredStep:
    """A step with the places of its tasks. Raises: SystemExit(EINVAL), with the reason in the log."""
    places = {task: Place(path.name, line) for task, line in task_lines(path).get(name, {}).items()}
    return ConfiguredStep(name, tuple(load_specs(path, name)), places)


async def run_configuration(configuration: Configuration, *, config: Config, on_event: OnEvent | None = None) -> RunResult:
    """Run the steps side by side. One that fails stops the others.

    Raises: OtterError, for what is refused before anything starts and for a manifest that cannot be written.
    """
    _refuse_classless(configuration)

    def parts(writer: RecordWriter, executor: LocalExecutor) -> list[Part]:
        return [_part(configuration, step, config, writer, executor, on_event) for step in configuration.steps]

    return await run_all(config, Manifest(config), parts)


def _part(
    configuration: Configuration,
    step: ConfiguredStep,
    config: Config,
    writer: RecordWriter,
    executor: LocalExecutor,
    on_event: OnEvent | None,
) -> Part:
    config = config.for_step(step.name)
    # Each step has a scratchpad of its own, as if it ran alone: what its tasks store is known in it and nowhere else.
    registry = TaskRegistry(config, Scratchpad(dict(configuration.scratchpad)))
    for name, (task_class, spec_class) in configuration.types.items():
        registry.add(name, task_class, spec_class)
    part = Part(Step(step.name, step.specs, places=step.places), registry, config, writer, executor=executor, on_event=on_event)
    part.prepare()
    return part


# ---------------------------------------------------------------- types without a class


def _refuse_classless(configuration: Configuration) -> None:
    """See that each task type that is used has a class. Raises: ClasslessError."""
    missing: dict[str, Place | None] = {}
    for step in configuration.steps:
        for spec in step.specs:
            for name in _types_in(spec.name, written(spec), configuration.types):
                if name not in configuration.types:
                    missing.setdefault(name, step.places.get(spec.name))
    if not missing:
        return
    names = ", ".join(f"`{name}`" for name in sorted(missing))
    place = next((place for _, place in sorted(missing.items()) if place is not None), None)
    message = f"no Python class is known for task {'types' if len(missing) > 1 else 'type'} {names}"
    raise ClasslessError(message, "name the package that has it with `--tasks`", None if place is None else (place.file, place.line))


def _types_in(name: str, fields: Mapping[str, Any], types: Mapping[str, tuple[type[Task], type[Spec]]]) -> Iterator[str]:
    """The task types of a task and of those within it, as far as they can be known before it runs."""
    task_type = name.split(" ", 1)[0]
    if "${" in task_type or name in types:
        return
    yield task_type
    if task_type not in types:
        return
    for field in spec_fields(types[task_type][1]).specs:
        inner = fields.get(field)
        for each in inner if isinstance(inner, list) else ():
            if isinstance(each, Mapping) and isinstance(each.get("name"), str):
                yield from _types_in(each["name"], each, types)
