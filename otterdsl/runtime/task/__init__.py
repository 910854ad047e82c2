"""Tasks. `load_specs` is here because Otter has it here; the rest is imported late, so that the rooms below may import `task.roles`."""

import errno
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from otterdsl.runtime.config.yaml import parse_yaml

if TYPE_CHECKING:
    from otterdsl.runtime.task.model import Spec

logger = logging.getLogger(__name__)

__all__ = ["load_specs", "parse_yaml"]


def load_specs(config_path: Path, step_name: str) -> "list[Spec]":
    """The specs of a step, from an Otter YAML file or from the folder of a compiled package.

    Raises: SystemExit(EINVAL), with the reason in the log, for what cannot be loaded.
    """
    if Path(config_path).is_dir():
        return _compiled_specs(Path(config_path), step_name)
    return _yaml_specs(config_path, step_name)


def _yaml_specs(config_path: Path, step_name: str) -> "list[Spec]":
    from pydantic import ValidationError

    from otterdsl.runtime.task.model import Spec
    from otterdsl.runtime.util.errors import log_pydantic

    file = parse_yaml(config_path)
    steps: Any = file.get("steps") or {}
    if not isinstance(steps, dict):
        _refuse(f"`steps` of {config_path} is no map")
    entries: Any = steps.get(step_name) or []
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        _refuse(f"step `{step_name}` is no list of tasks")
    specs: list[Spec] = []
    for entry in entries:
        try:
            specs.append(Spec(**entry))
        except (ValidationError, TypeError) as error:
            reason = log_pydantic(error) if isinstance(error, ValidationError) else str(error)
            _refuse(f"task `{entry.get('name', '?')}` of step `{step_name}`: {reason}")
    scratchpad = file.get("scratchpad")
    _see_names(specs, step_name, scratchpad if isinstance(scratchpad, dict) else {})
    return specs


def _see_names(specs: "Sequence[Spec]", step_name: str, scratchpad: dict[str, Any]) -> None:
    """Refuse two tasks of one name, and one that requires what can surely never be: no task of that name, and none that makes tasks."""
    from otterdsl.runtime.scratchpad.chains import linked
    from otterdsl.runtime.scratchpad.model import Scratchpad
    from otterdsl.runtime.scratchpad.placeholder import has_placeholder
    from otterdsl.runtime.task.makers import holds_tasks
    from otterdsl.runtime.util.errors import ScratchpadError, did_you_mean

    try:
        pad = Scratchpad(linked(scratchpad))
    except ScratchpadError as error:
        _refuse(str(error))

    def filled(text: str) -> str:
        return str(pad.replace(text, ignore_missing=True))

    names: set[str] = set()
    for spec in specs:
        if (name := filled(spec.name)) in names:
            _refuse(f"step `{step_name}` has two tasks `{name}`")
        names.add(name)
    if any(has_placeholder(name) or name.startswith("explode") for name in names) or any(map(holds_tasks, specs)):
        return  # what it takes to know all names is only there as the step runs
    for spec in specs:
        for required in map(filled, spec.requires):
            if required not in names and not has_placeholder(required):
                _refuse(f"task `{spec.name}` requires `{required}`, which step `{step_name}` does not have{did_you_mean(required, names)}")


def _compiled_specs(folder: Path, step_name: str) -> "list[Spec]":
    from otterdsl.runtime.loader import load_package
    from otterdsl.runtime.params import resolve_params
    from otterdsl.runtime.task.spread import spread
    from otterdsl.runtime.util.errors import OtterError, StepInvalidError

    try:
        loaded = load_package(folder)
        entries = spread(loaded.step(step_name).classes, resolve_params(loaded, {}, {})).entries
        if (open_loop := next((entry.loop for entry in entries if entry.loop is not None), None)) is not None:
            raise StepInvalidError(f"the tasks `{open_loop.title}` of {open_loop} are known only as the step runs")
        return [entry.spec for entry in entries]
    except OtterError as error:
        _refuse(str(error))


def _refuse(message: str) -> NoReturn:
    logger.critical(message)
    raise SystemExit(errno.EINVAL)
