"""The scratchpad. `load_scratchpad` is here because Otter has it here."""

import errno
import logging
from pathlib import Path

from otterdsl.runtime.config.yaml import parse_yaml
from otterdsl.runtime.scratchpad.chains import linked
from otterdsl.runtime.scratchpad.model import Scratchpad
from otterdsl.runtime.util.errors import ScratchpadError

logger = logging.getLogger(__name__)

__all__ = ["Scratchpad", "load_scratchpad", "parse_yaml"]


def load_scratchpad(config_path: Path) -> Scratchpad:
    """The scratchpad of an Otter configuration; values may speak of its other keys. Raises: SystemExit(EINVAL), where it cannot be used."""
    values = parse_yaml(config_path).get("scratchpad") or {}
    if not isinstance(values, dict):
        logger.critical("`scratchpad` of %s is no map", config_path)
        raise SystemExit(errno.EINVAL)
    try:
        return Scratchpad(linked(values))
    except ScratchpadError as error:
        logger.critical("%s: %s", config_path, error)
        raise SystemExit(errno.EINVAL) from error
