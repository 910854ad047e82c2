"""Where settings come from: the command line, the environment `{RUNNER}_{FIELD}`, the file, the defaults, in that order.

What cannot be used ends the program with EINVAL, as Otter does, and the log says why. What is absent: the command line of `otterdsl` itself.
"""

import argparse
import errno
import logging
import os
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, get_args

from pydantic import ValidationError

from otterdsl.runtime.config.env import parse_env
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
            raise _refused("no step is given: use `-s STEP`")
        path = Path(typed.get("config_path", "config.yaml")).resolve()
        file = parse_yaml(path)
        settings = {**{name: file[name] for name in _FROM_FILE if file.get(name) is not None}, **typed}
        steps = file.get("steps") or {}
        if typed["step"] not in steps:
            raise StepInvalidError(f"no step `{typed['step']}`; there are {', '.join(f'`{step}`' for step in steps) or 'none'}")
        settings |= {"runner_name": runner_name, "config_path": path, "steps": list(steps)}
        config = Config(**settings)
        return config.model_copy(update={"work_path": config.work_path.resolve()})
    except ValidationError as error:
        raise _refused(f"settings that cannot be used: {log_pydantic(error)}") from error
    except (ConfigError, StepInvalidError) as error:
        raise _refused(str(error)) from error


def parse_cli(runner_name: str, arguments: Sequence[str]) -> dict[str, Any]:
    """The settings that a command line gives; what it does not know it leaves alone. Raises: pydantic.ValidationError."""
    parser = argparse.ArgumentParser(prog=runner_name, description="Run a step of an Otter configuration.")
    parser.add_argument("-s", "--step", help="the step to run")
    parser.add_argument("-c", "--config-path", help="the configuration file")
    parser.add_argument("-w", "--work-path", help="the folder for what the run makes")
    parser.add_argument("-r", "--release-uri", help="where results belong; without it, in the work path")
    parser.add_argument("-p", "--pool-size", type=int, help="how many tasks run at once")
    parser.add_argument("-l", "--log-level", choices=get_args(LOG_LEVELS), help="how much is logged")
    known, unknown = parser.parse_known_args(arguments)
    if unknown:
        logger.warning("unknown arguments: %s", " ".join(unknown))
    return BaseConfig(**{name: value for name, value in vars(known).items() if value is not None}).model_dump(exclude_none=True)


def _refused(message: str) -> SystemExit:
    logger.critical(message)
    return SystemExit(errno.EINVAL)
