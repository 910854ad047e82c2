"""Settings from the environment: `{RUNNER}_{FIELD}`, each a text."""

import re
from collections.abc import Mapping
from typing import Any

from otterdsl.runtime.config.model import BaseConfig


def parse_env(runner_name: str, environ: Mapping[str, str]) -> dict[str, Any]:
    """The settings that the environment gives a runner. Raises: pydantic.ValidationError."""
    prefix = f"{re.sub('[^A-Za-z0-9]', '_', runner_name).upper()}_"
    # A map is nothing that one text says; an empty text says nothing.
    names = [name for name in BaseConfig.model_fields if name != "mirrors" and environ.get(prefix + name.upper())]
    return BaseConfig.model_validate_strings({name: environ[prefix + name.upper()] for name in names}).model_dump(exclude_none=True)
