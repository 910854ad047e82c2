"""Where settings come from: the command line, the environment `{RUNNER}_{FIELD}`, the file, the defaults, in that order.

What cannot be used ends the program with EINVAL, as Otter does, and the log says why. What is absent: the command line of `otterdsl` itself.
"""

import argparse
import errno
import logging
import os
import re
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final, get_args

from pydantic import ValidationError

from otterdsl.runtime.config.env import parse_env, variable
from otterdsl.runtime.config.model import LOG_LEVELS, BaseConfig, Config
from otterdsl.runtime.config.yaml import parse_yaml
from otterdsl.runtime.util.errors import ConfigError, StepInvalidError, log_pydantic

logger = logging.getLogger(__name__)

_NAME: Final = re.compile(r"[a-z][a-z0-9_]{1,31}")
_FROM_FILE: Final = ("work_path", "release_uri", "pool_size", "log_level", "grace", "mirrors", "secrets_path", "memory")


def load_config(runner_name: str) -> Config:
    """The settings of a run of an Otter configuration. Raises: SystemExit(EINVAL)."""
    if _NAME.fullmatch(runner_name) is None:
        raise _refused(f"`{runner_name}` is no name for a runner: small letters, digits and `_`, 2 to 32 of them, a letter first")
    try:
        typed = {**parse_env(runner_name, os.environ), **parse_cli(runner_name, sys.argv[1:])}
        if not typed.get("step"):
            raise _refused(f"no step is given: use `-s STEP`, or set `{variable(runner_name, 'step')}`")
        path = Path(typed.get("config_path", "config.yaml")).resolve()
        config = merged(path, {**typed, "runner_name": runner_name})
        return config.model_copy(update={"work_path": config.work_path.resolve()})
    except (ConfigError, StepInvalidError) as error:
        raise _refused(str(error)) from error


def configuration_settings(path: Path, typed: Mapping[str, Any], environ: Mapping[str, str]) -> Config:
    """The settings of a run of several steps, where they were typed for another program than a `Runner`: of `typed`, None says nothing.

    Raises: ConfigError; SystemExit(EINVAL), for a file that cannot be read.
    """
    given = {name: value for name, value in parse_env(Config().runner_name, environ).items() if name not in ("step", "config_path")}
    return merged(path, {**given, **{name: value for name, value in typed.items() if value is not None}})


def merged(path: Path, typed: Mapping[str, Any]) -> Config:
    """What was typed, before what the file says, before the defaults. Raises: ConfigError, StepInvalidError; SystemExit(EINVAL)."""
    file = parse_yaml(path)
    steps = file.get("steps") or {}
    if not isinstance(steps, dict):
        raise ConfigError(f"`steps` of `{path}` is no map")
    names = list(steps)
    step = typed.get("step", "")
    if step and step not in names:
        raise StepInvalidError(f"no step `{step}`; there are {', '.join(f'`{name}`' for name in names) or 'none'}")
    from_file = {name: file[name] for name in _FROM_FILE if file.get(name) is not None}
    try:
        return Config(**{**from_file, **typed, "config_path": path, "steps": names})
    except ValidationError as error:
        raise ConfigError(f"settings that cannot be used: {log_pydantic(error)}") from error


def parse_cli(runner_name: str, arguments: Sequence[str]) -> dict[str, Any]:
    """The settings that a command line gives; what it does not know it leaves alone.

    Raises: ConfigError; SystemExit, after `-h` and for what it cannot read.
    """
    parser = argparse.ArgumentParser(
        prog=runner_name,
        description="Run a step of an Otter configuration.",
        epilog="What is not given here is taken from the environment, then from the configuration file, then from the defaults.",
    )
    parser.add_argument("-s", "--step", **_help("the step to run", runner_name, "step"))
    parser.add_argument("-c", "--config-path", **_help("the configuration file", runner_name, "config_path"))
    parser.add_argument("-w", "--work-path", **_help("the folder for what the run makes", runner_name, "work_path"))
    parser.add_argument("-r", "--release-uri", **_help("where results belong; without it, in the work path", runner_name, "release_uri"))
    parser.add_argument("-p", "--pool-size", type=int, **_help("how many tasks run at once", runner_name, "pool_size"))
    parser.add_argument("-l", "--log-level", choices=get_args(LOG_LEVELS), **_help("how much is logged", runner_name, "log_level"))
    known, unknown = parser.parse_known_args(arguments)
    if unknown:
        logger.warning("unknown arguments: %s", " ".join(unknown))
    try:
        return BaseConfig(**{name: value for name, value in vars(known).items() if value is not None}).model_dump(exclude_none=True)
    except ValidationError as error:
        raise ConfigError(f"settings that cannot be used: {log_pydantic(error)}") from error


def _help(what: str, runner_name: str, field: str) -> dict[str, Any]:
    default = Config.model_fields[field].default
    without = f"; without either, {default}" if default not in (None, "") else ""
    return {"help": f"{what} (in the environment: {variable(runner_name, field)}{without})".replace("%", "%%")}


def _refused(message: str) -> SystemExit:
    logger.critical(message)
    return SystemExit(errno.EINVAL)
