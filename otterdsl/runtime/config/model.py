"""`Config`: the settings of a run, whole and frozen.

Where a setting comes from (command line, environment, file, default) is `load_config`'s to say. `source_root` is ours alone: the folder that
inputs beginning with `./` or `../` are relative to, known for compiled pipelines.
"""

from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from otterdsl.runtime.task.roles import Duration, Size
from otterdsl.runtime.util.errors import StepInvalidError, did_you_mean

LOG_LEVELS = Literal["TRACE", "DEBUG", "INFO", "SUCCESS", "WARNING", "ERROR", "CRITICAL"]
"""The levels that a log may have, quietest last."""


def uri(text: str) -> str:
    """The text without a `/` at its end, if it is a URI. Raises: ValueError."""
    parts = urlsplit(text)
    if not parts.scheme or not (parts.netloc or parts.path.strip("/")):
        raise ValueError(f"`{text}` is not a URI, such as `file:///data/release`")
    return text.rstrip("/")


Uri = Annotated[str, AfterValidator(uri)]
PoolSize = Annotated[int, Field(ge=1)]


class BaseConfig(BaseModel):
    """Settings of one source: whatever it does not say is None."""

    model_config = ConfigDict(defer_build=True)

    runner_name: str | None = None
    step: str | None = None
    config_path: Path | None = None
    work_path: Path | None = None
    release_uri: Uri | None = None
    pool_size: PoolSize | None = None
    log_level: LOG_LEVELS | None = None
    grace: Duration | None = None
    mirrors: dict[str, str] | None = None
    secrets_path: Path | None = None
    memory: Size | None = None


class Config(BaseModel):
    """The settings of a run."""

    model_config = ConfigDict(frozen=True, defer_build=True)

    runner_name: str = "otter"
    """The name of the application: the prefix of its environment variables and of its steps in the manifest."""

    step: str = ""
    """The step that runs."""

    steps: list[str] = []
    """All steps there are."""

    config_path: Path = Path("config.yaml")
    """The file that the run was read from."""

    work_path: Path = Path("./output")
    """The folder for what a run makes, relative to the current one."""

    release_uri: Uri | None = None
    """Where results belong; none: in `work_path`."""

    pool_size: PoolSize = 5
    """How many tasks run at once."""

    log_level: LOG_LEVELS = "INFO"
    """How much is logged."""

    grace: Duration = "10s"
    """How long running tasks may take to stop after another one failed."""

    mirrors: dict[str, str] = {}
    """What the beginning of a source URI is rewritten to, the longest match first."""

    secrets_path: Path | None = None
    """The folder with a file for each secret."""

    memory: Size | None = None
    """How much memory tasks may use together; none: the machine's."""

    source_root: Path | None = None
    """The folder of the pipeline's source: inputs that begin with `./` or `../` are relative to it."""

    @model_validator(mode="after")
    def _step_exists(self) -> "Config":
        if self.step and self.steps and self.step not in self.steps:
            raise StepInvalidError(f"no step `{self.step}`{did_you_mean(self.step, self.steps)}")
        return self

    def for_step(self, step: str) -> "Config":
        """The same settings for another step."""
        return self.model_copy(update={"step": step})
