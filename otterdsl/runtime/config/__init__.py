"""Settings of a run."""

from otterdsl.runtime.config.model import LOG_LEVELS, Config

__all__ = ["LOG_LEVELS", "Config", "load_config"]


def load_config(runner_name: str) -> Config:
    """The settings of a run of an Otter configuration: see `config.load`. Raises: SystemExit(EINVAL)."""
    from otterdsl.runtime.config.load import load_config as load

    return load(runner_name)
