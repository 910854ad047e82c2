"""The errors of a run, all of them under `OtterError`.

A message is one line that a user can act on. What is absent: errors of programming, which stay Python's own.
"""

from collections.abc import Iterable
from difflib import get_close_matches
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pydantic import ValidationError


class OtterError(Exception):
    """Whatever goes wrong in a run that is not a mistake of the program."""


class ConfigError(OtterError):
    """Settings that cannot be used."""


class StepInvalidError(OtterError):
    """A step that does not exist or whose tasks cannot be ordered."""


class StepFailedError(OtterError):
    """A step that did not come to its end."""


class TaskDuplicateError(OtterError):
    """Two tasks of one name in a step."""

    def __init__(self, task_name: str) -> None:
        super().__init__(f"duplicate task: `{task_name}`")
        self.task_name = task_name


class TaskBuildError(OtterError):
    """A spec that no task can be built from."""

    def __init__(self, spec_name: str, reason: str = "") -> None:
        super().__init__(f"cannot build task `{spec_name}`{f': {reason}' if reason else ''}")
        self.spec_name = spec_name
        self.reason = reason


class TaskRunError(OtterError):
    """A task that failed while it ran."""


class TaskAbortedError(OtterError):
    """A task that stopped because another one failed."""

    def __init__(self, message: str = "another task failed, task aborted") -> None:
        super().__init__(message)


class TaskValidationError(OtterError):
    """A result that is not what it should be."""


class DownloadError(OtterError):
    """A download that did not come to its end."""


class UploadError(OtterError):
    """An upload that did not come to its end."""


class CopyError(OtterError):
    """A copy that did not come to its end."""


class NotFoundError(OtterError):
    """Something that should be there and is not."""

    def __init__(self, msg: str | None = None, thing: str | None = None) -> None:
        super().__init__(msg if msg is not None else f"{thing or 'item'} not found")


class PreconditionFailedError(OtterError):
    """Something changed between being read and being written."""


class ScratchpadError(OtterError):
    """A placeholder without a value, or a key with two."""


class StorageError(OtterError):
    """A store that does not do what it was asked."""


class NoConfigError(StorageError, ValueError):
    """A relative location, and nothing that says to what."""


class StorageContextSettingsError(StorageError):
    """Settings that a store does not know."""


class ManifestError(OtterError):
    """A manifest that cannot be read or written."""


class FSError(OtterError):
    """A file or folder that cannot be used."""


class MendableError(OtterError):
    """Something wrong with what is known to mend it: `message` is the fact alone, `mend` what to do, empty where nobody knows."""

    def __init__(self, message: str, mend: str = "") -> None:
        super().__init__(f"{message}: {mend}" if mend else message)
        self.message = message
        self.mend = mend


class PipelineLoadError(MendableError):
    """A compiled pipeline that cannot be loaded."""


class ClasslessError(MendableError, StepInvalidError):
    """A task type without a Python class that can run, and the place of the first statement of it, where that is known: a file and a line."""

    def __init__(self, message: str, mend: str, place: tuple[str, int] | None = None) -> None:
        super().__init__(message, mend)
        self.place = place


class SecretError(MendableError, StepInvalidError):
    """A secret that is not there or cannot be read, and the place of a statement that asks for it, where that is known: a file and a line."""

    def __init__(self, message: str, mend: str, place: tuple[str, int] | None = None) -> None:
        super().__init__(message, mend)
        self.place = place


class ParamError(OtterError):
    """A param that does not exist, has no value, or a value of another type."""


class UnsupportedError(OtterError):
    """Something that is not supported yet."""


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name that `name` most likely stands for: the closest, at most a third of its letters away."""
    found = get_close_matches(name, list(known), n=1, cutoff=0.66)
    return found[0] if found else None


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """The end of a message about an unknown name: `; did you mean …?`, or nothing."""
    found = nearest(name, known)
    return f"; did you mean `{found}`?" if found is not None else ""


def log_pydantic(error: "ValidationError") -> str:
    """What pydantic says, on one line: `field: what is wrong` for each place."""
    return ". ".join(f"{'.'.join(str(part) for part in each['loc']) or 'spec'}: {each['msg']}" for each in error.errors(include_url=False))
