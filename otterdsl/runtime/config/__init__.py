"""Settings of a run."""

from otterdsl.runtime.config.model import LOG_LEVELS, Config

__all__ = ["LOG_LEVELS", "Config"]
