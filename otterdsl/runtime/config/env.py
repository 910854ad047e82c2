"""Settings from the environment: `{RUNNER}_{FIELD}`, each a text."""

import re
from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from otterdsl.runtime.config.model import BaseConfig
from otterdsl.runtime.util.errors import ConfigError


def variable(runner_name: str, field: str) -> str:
    """The environment variable that gives a runner a setting."""
    return f"{re.sub('[^A-Za-z0-9]', '_', runner_name)}_{field}".upper()


def parse_env(runner_name: str, environ: Mapping[str, str]) -> dict[str, Any]:
    """The settings that the environment gives a runner. Raises: ConfigError, which names the variables."""
    prefix = variable(runner_name, "")
    # A map is nothing that one text says; an empty text says nothing.
    names = [name for name in BaseConfig.model_fields if name != "mirrors" and environ.get(prefix + name.upper())]
    try:
        return BaseConfig.model_validate_strings({name: environ[prefix + name.upper()] for name in names}).model_dump(exclude_none=True)
    except ValidationError as error:
        raise ConfigError("; ".join(_wrong(prefix, str(each["loc"][0]), each["msg"], environ) for each in error.errors(include_url=False))) from error


def _wrong(prefix: str, field: str, message: str, environ: Mapping[str, str]) -> str:
    name, message = prefix + field.upper(), message.removeprefix("Value error, ")
    return f"the environment variable `{name}` is `{environ[name]}`: {message[:1].lower()}{message[1:]}; mend it, or unset it"
