"""Read an Otter configuration file: YAML in, a map out. A file that cannot be read ends the program with EINVAL and says why."""

import errno
import logging
from functools import cache
from pathlib import Path
from typing import Any, NoReturn

logger = logging.getLogger(__name__)


@cache
def parse_yaml(path: Path) -> dict[str, Any]:
    """The map that a YAML file holds; each file is read once.

    Raises: SystemExit(EINVAL), for what is not there, is not YAML, or is not a map.
    """
    import yaml

    try:
        data = yaml.safe_load(Path(path).read_text(encoding="utf-8"))
    except OSError as error:
        _refuse(f"cannot read `{path}`: {error.strerror or error}")
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as error:
        _refuse(f"`{path}` is not YAML: {' '.join(str(error).split())}")
    if not isinstance(data, dict) or not data:
        _refuse(f"`{path}` holds no configuration")
    return data


def _refuse(message: str) -> NoReturn:
    logger.critical(message)
    raise SystemExit(errno.EINVAL)
