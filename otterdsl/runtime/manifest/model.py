"""What a run leaves written down: a record of each task, of each step, of all steps. Otter's names and its JSON.

`Manifest` puts a step's record into the file. What is absent: how the file is locked and replaced, which is `manifest.file`'s.
"""

from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict, Field, SerializeAsAny, computed_field

if TYPE_CHECKING:
    from otterdsl.runtime.config.model import Config

MANIFEST_FILENAME = "manifest.json"
LOCK_FILENAME = ".manifest.lock"


class Result(StrEnum):
    """How a task, a step or all of them came out."""

    PENDING = "pending"
    SUCCESS = "success"
    FAILURE = "failure"
    ABORTED = "aborted"


class Artifact(BaseModel):
    """What a task made: a file, a folder, a table. Subclass it to say more."""

    model_config = ConfigDict(defer_build=True)  # as below: what only reads text need not pay for the models of a run

    source: str | list[str]
    """Where it came from."""

    destination: str | list[str]
    """Where it is."""


def _elapsed(start: datetime | None, end: datetime | None) -> float | None:
    return None if start is None or end is None else (end - start).total_seconds()


class TaskManifest(BaseModel):
    """The record of a task."""

    model_config = ConfigDict(extra="allow", defer_build=True)

    name: str
    result: Result = Result.PENDING
    started_run_at: datetime | None = None
    finished_run_at: datetime | None = None
    started_validation_at: datetime | None = None
    finished_validation_at: datetime | None = None
    log: list[str] = Field(default_factory=list)
    artifacts: list[SerializeAsAny[Artifact]] = Field(default_factory=list)
    failure_reason: str | None = None

    @computed_field  # type: ignore[prop-decorator]  # mypy knows no decorated properties
    @property
    def run_elapsed(self) -> float | None:
        """How many seconds the run took."""
        return _elapsed(self.started_run_at, self.finished_run_at)

    @computed_field  # type: ignore[prop-decorator]  # mypy knows no decorated properties
    @property
    def validation_elapsed(self) -> float | None:
        """How many seconds the validation took."""
        return _elapsed(self.started_validation_at, self.finished_validation_at)

    @computed_field  # type: ignore[prop-decorator]  # mypy knows no decorated properties
    @property
    def elapsed(self) -> float | None:
        """How many seconds run and validation took together."""
        run, validation = self.run_elapsed, self.validation_elapsed
        return run if validation is None else (run or 0.0) + validation


class StepManifest(BaseModel):
    """The record of a step."""

    model_config = ConfigDict(extra="allow", defer_build=True)

    name: str
    result: Result = Result.PENDING
    started_run_at: datetime | None = None
    finished_run_at: datetime | None = None
    log: list[str] = Field(default_factory=list)
    tasks: list[SerializeAsAny[TaskManifest]] = Field(default_factory=list)
    artifacts: list[SerializeAsAny[Artifact]] = Field(default_factory=list)
    failure_reason: str | None = None

    @computed_field  # type: ignore[prop-decorator]  # mypy knows no decorated properties
    @property
    def elapsed(self) -> float | None:
        """How many seconds the step took."""
        return _elapsed(self.started_run_at, self.finished_run_at)


def _now() -> datetime:
    return datetime.now(UTC)


class RootManifest(BaseModel):
    """The record of all steps: what the file holds."""

    model_config = ConfigDict(extra="allow", defer_build=True)

    result: Result = Result.PENDING
    started_at: datetime = Field(default_factory=_now)
    modified_at: datetime = Field(default_factory=_now)
    log: list[str] = Field(default_factory=list)
    steps: dict[str, StepManifest] = {}


class Manifest:
    """The manifest of a release: each step of each runner writes its own entry and leaves the others alone."""

    def __init__(self, config: "Config") -> None:
        self.config = config

    def check(self) -> None:
        """See that the file can be used, before anything runs; make its folder. Raises: ManifestError, UnsupportedError, FSError."""
        from otterdsl.runtime.manifest.file import manifest_path, read_root, release_root
        from otterdsl.runtime.util.fs import check_dir

        read_root(manifest_path(self.config))
        check_dir(release_root(self.config))

    def write(self, step_manifest: StepManifest, *more: StepManifest) -> None:
        """Put the records of steps into the file. Raises: ManifestError."""
        from otterdsl.runtime.manifest.file import manifest_path, put_steps

        put_steps(manifest_path(self.config), self.config, (step_manifest, *more))

    async def update(self, step_manifest: StepManifest, *more: StepManifest) -> None:
        """As `write`, without blocking the event loop."""
        import asyncio

        await asyncio.to_thread(self.write, step_manifest, *more)

    def read(self) -> dict[str, Any] | None:
        """What the file holds now; None where there is none. Raises: ManifestError."""
        from otterdsl.runtime.manifest.file import manifest_path, read_root

        return read_root(manifest_path(self.config))
