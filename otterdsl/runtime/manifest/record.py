"""Records as JSON has them. Written by hand for the plain case, since a run writes thousands of them: pydantic takes several times as long.

In: a StepManifest. Out: dicts with Otter's names in Otter's order, without secrets; times in UTC as ISO 8601 has them, with a `Z`.
"""

from datetime import UTC, datetime
from typing import Any

from otterdsl.runtime.manifest.model import Artifact, StepManifest, TaskManifest
from otterdsl.runtime.masking import mask, masked


def step_record(step: StepManifest) -> dict[str, Any]:
    """The entry of a step."""
    return {
        "name": step.name,
        "result": step.result.value,
        "started_run_at": _time(step.started_run_at),
        "finished_run_at": _time(step.finished_run_at),
        "log": masked(list(step.log)),
        "tasks": [task_record(task) for task in step.tasks],
        "artifacts": [_artifact(artifact) for artifact in step.artifacts],
        "failure_reason": masked(step.failure_reason),
        "elapsed": step.elapsed,
        **masked(step.__pydantic_extra__ or {}),
    }


def task_record(task: TaskManifest) -> dict[str, Any]:
    """The entry of a task."""
    if type(task) is not TaskManifest:
        return {**masked(task.model_dump(mode="json", serialize_as_any=True)), "result": task.result.value}
    return {
        "name": mask(task.name),
        "result": task.result.value,
        "started_run_at": _time(task.started_run_at),
        "finished_run_at": _time(task.finished_run_at),
        "started_validation_at": _time(task.started_validation_at),
        "finished_validation_at": _time(task.finished_validation_at),
        "log": masked(list(task.log)),
        "artifacts": [_artifact(artifact) for artifact in task.artifacts],
        "failure_reason": masked(task.failure_reason),
        "run_elapsed": task.run_elapsed,
        "validation_elapsed": task.validation_elapsed,
        "elapsed": task.elapsed,
        **masked(task.__pydantic_extra__ or {}),
    }


def _time(moment: datetime | None) -> str | None:
    return None if moment is None else moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _artifact(artifact: Artifact) -> dict[str, Any]:
    return dict(masked(artifact.model_dump(mode="json", serialize_as_any=True)))
