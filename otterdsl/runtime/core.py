"""Run a pipeline: compiled ones with `run_pipeline`, an Otter configuration's step with `Runner`.

In: what was loaded, settings, params. Out: how it came out; the files and the manifest are where the settings say. Everything that can be refused
is refused before anything starts. What is absent: reading command lines of our own, and showing anything.
"""

import logging
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from otterdsl.runtime.compiled import ExternTask
from otterdsl.runtime.config import load_config
from otterdsl.runtime.config.env import parse_env
from otterdsl.runtime.config.model import Config
from otterdsl.runtime.config.yaml import task_lines
from otterdsl.runtime.executors.local import LocalExecutor
from otterdsl.runtime.loader import LoadedPipeline, LoadedStep, Place, extern_types, select_steps
from otterdsl.runtime.manifest.model import Manifest
from otterdsl.runtime.needed import look_up_secrets
from otterdsl.runtime.preview import plan_pipeline
from otterdsl.runtime.scratchpad import load_scratchpad
from otterdsl.runtime.scratchpad.model import Scratchpad
from otterdsl.runtime.step.events import OnEvent, TaskEvent
from otterdsl.runtime.step.logs import console
from otterdsl.runtime.step.model import Step
from otterdsl.runtime.step.writer import RecordWriter
from otterdsl.runtime.task import load_specs
from otterdsl.runtime.task.model import has_run
from otterdsl.runtime.task.spread import spread
from otterdsl.runtime.task.task_registry import BUILTIN_TASKS_MODULE, TaskRegistry
from otterdsl.runtime.together import Part, RunResult, run_all
from otterdsl.runtime.util.errors import ClasslessError, ConfigError, OtterError, SecretError, StepInvalidError, log_pydantic
from otterdsl.runtime.util.fs import check_dir

logger = logging.getLogger(__name__)

__all__ = ["RunResult", "Runner", "TaskEvent", "pipeline_config", "plan_pipeline", "run_pipeline", "select_steps"]


async def run_pipeline(
    loaded: LoadedPipeline,
    *,
    config: Config,
    params: Mapping[str, Any],
    steps: Sequence[str] | None = None,
    with_required: bool = False,
    on_event: OnEvent | None = None,
) -> RunResult:
    """Run the steps of a compiled pipeline: all, or those named, each after those that it requires; what nothing orders runs side by side.

    A step that fails stops the run. Raises: OtterError, for what is refused before anything starts and for a manifest that cannot be written.
    """
    chosen = select_steps(loaded, steps, with_required=with_required)
    _refuse_classless(loaded, chosen)
    config = _settings(loaded, config)

    def parts(writer: RecordWriter, executor: LocalExecutor) -> list[Part]:
        return [_part(loaded, step, config, params, writer, executor, on_event) for step in chosen]

    return await run_all(config, Manifest(config), parts)


def _part(
    loaded: LoadedPipeline,
    step: LoadedStep,
    config: Config,
    params: Mapping[str, Any],
    writer: RecordWriter,
    executor: LocalExecutor,
    on_event: OnEvent | None,
) -> Part:
    """A step of a compiled pipeline, ordered. Raises: StepInvalidError; SecretError, for a secret that is not there."""
    config = config.for_step(step.name)
    registry = TaskRegistry(config, Scratchpad(dict(params)))
    for name, (task_class, spec_class) in loaded.types.items():
        registry.add(name, task_class, spec_class)
    registry.register_later([BUILTIN_TASKS_MODULE, *loaded.pipeline.packages])
    try:
        spread_step = Step(step.name, entries=spread(step.classes, params), places=step.places)
        used = dict.fromkeys(entry.task_class for entry in spread_step.entries.entries)
        look_up_secrets([each for each in used if each is not None], step.places, registry.secrets)
    except SecretError:
        raise
    except OtterError as error:
        raise StepInvalidError(f"step `{step.name}`: {error}") from error
    part = Part(spread_step, registry, config, writer, requires=step.requires, executor=executor, on_event=on_event)
    part.prepare()
    return part


def pipeline_config(loaded: LoadedPipeline, typed: Mapping[str, Any], environ: Mapping[str, str]) -> Config:
    """The settings of a run: what was typed, the environment `{PIPELINE}_{FIELD}`, the pipeline's own, the defaults. Raises: ConfigError."""
    try:
        settings = {
            **loaded.pipeline.settings,
            **parse_env(loaded.name, environ),
            **{name: value for name, value in typed.items() if value is not None},
        }
        return _settings(loaded, Config(**settings))
    except ValidationError as error:
        raise ConfigError(f"settings that cannot be used: {log_pydantic(error)}") from error


def _settings(loaded: LoadedPipeline, config: Config) -> Config:
    """The settings with what the pipeline itself knows."""
    known: dict[str, Any] = {"steps": [step.name for step in loaded.steps]}
    if "runner_name" not in config.model_fields_set:
        known["runner_name"] = loaded.name
    if config.source_root is None:
        known["source_root"] = loaded.source_root
    return config.model_copy(update=known)


def _refuse_classless(loaded: LoadedPipeline, steps: Iterable[LoadedStep]) -> None:
    """See that each statement has a class that can run. Raises: ClasslessError."""
    missing: dict[str, Place | None] = {}
    for step in steps:
        missing = {**extern_types(loaded, step), **missing}
    if missing:
        names = ", ".join(_with_base(name, loaded) for name in sorted(missing))
        types = "task types" if len(missing) > 1 else "task type"
        first = next((place for _, place in sorted(missing.items()) if place is not None), None)
        raise ClasslessError(f"no Python class is known for {types} {names}", "say where it is with `extern task … from`", _as_pair(first))
    idle = next(((step, each) for step in steps for each in step.classes if not has_run(each)), None)
    if idle is not None:
        step, each = idle
        place = _as_pair(step.places.get(each.__name__))
        raise ClasslessError(f"task type `{each.__dict__['spec'].task_type}` has no `run`", "its Python class must write one", place)


def _with_base(name: str, loaded: LoadedPipeline) -> str:
    """A type without a class as a message names it; one that extends another gets its class from that, so both are named."""
    task_class = loaded.types[name][0] if name in loaded.types else None
    bases = () if task_class is None else [each for each in task_class.__mro__ if ExternTask in each.__bases__]
    base = next((other for other, (found, _) in loaded.types.items() if found in bases), name)
    return f"`{name}`" if base == name else f"`{name}`, which extends `{base}`"


def _as_pair(place: Place | None) -> tuple[str, int] | None:
    return None if place is None else (place.file, place.line)


class Runner:
    """Runs a step of an Otter configuration, whose settings come from the command line, the environment `{NAME}_…`, the file and the defaults.

    Making one ends the program (SystemExit) where the settings, the scratchpad or the specs cannot be used.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.config = load_config(name)
        self.scratchpad = load_scratchpad(self.config.config_path)
        self.specs = load_specs(self.config.config_path, self.config.step)
        self._lines = task_lines(self.config.config_path).get(self.config.step, {})
        self.task_registry = TaskRegistry(self.config, self.scratchpad)
        self.task_registry.register(BUILTIN_TASKS_MODULE)

    def start(self) -> None:
        """See that the work path is there and can be written. Raises: FSError."""
        check_dir(self.config.work_path)

    def register_tasks(self, task_package: str) -> None:
        """Register the task types of a package. Raises: SystemExit, where it cannot be used."""
        self.task_registry.register(task_package)

    async def run(self) -> Step:
        """Run the step: its record says how it came out. Raises: OtterError, for a manifest that cannot be used."""
        places = {task: Place(self.config.config_path.name, line) for task, line in self._lines.items()}
        step = Step(self.config.step, self.specs, places=places)

        def parts(writer: RecordWriter, executor: LocalExecutor) -> list[Part]:
            logger.info("step %s started", step.name)
            return [Part(step, self.task_registry, self.config, writer, executor=executor, on_event=_log_event)]

        with console(self.config.log_level):
            await run_all(self.config, Manifest(self.config), parts)
            record = step.manifest
            if record.failure_reason is not None:
                logger.error("step %s failed: %s", step.name, record.failure_reason)
            else:
                logger.info("step %s finished: %d tasks in %.3f s", step.name, len(record.tasks), record.elapsed or 0)
        return step


def _log_event(event: TaskEvent) -> None:
    """Log how a run goes on; how a task goes wrong is logged where it does."""
    if event.event in ("started", "finished"):
        logger.info("task %s %s", event.task, event.event)
