"""The manifest's file: found, read, and replaced whole under a lock, so that writers lose nothing of each other's.

Entries of other steps, and fields that this program does not know, stay as they are. What is absent: remote stores, which are refused.
"""

import fcntl
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote, urlsplit

from otterdsl.runtime.manifest.model import LOCK_FILENAME, MANIFEST_FILENAME, Result, StepManifest
from otterdsl.runtime.manifest.record import step_record
from otterdsl.runtime.util.errors import ManifestError, UnsupportedError

if TYPE_CHECKING:
    from otterdsl.runtime.config.model import Config

_CREATE: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC


def release_root(config: "Config") -> Path:
    """The local folder that results belong in. Raises: UnsupportedError, where the release is elsewhere."""
    if config.release_uri is None:
        return config.work_path
    parts = urlsplit(config.release_uri)
    if parts.scheme != "file" or parts.netloc not in ("", "localhost"):
        raise UnsupportedError(f"release_uri `{config.release_uri}`: only `file://` is supported yet")
    return Path(unquote(parts.path))


def manifest_path(config: "Config") -> Path:
    """Where the manifest is. Raises: UnsupportedError."""
    return release_root(config) / MANIFEST_FILENAME


def read_root(path: Path) -> dict[str, Any] | None:
    """What the file holds; None where there is none. Raises: ManifestError, for what is no manifest."""
    try:
        text = path.read_text(encoding="utf-8")
    except (FileNotFoundError, NotADirectoryError):  # a folder that is none is refused where it is to be made
        return None
    except OSError as error:
        raise ManifestError(f"`{path}` cannot be read: {(error.strerror or str(error)).lower()}") from error
    except UnicodeDecodeError as error:
        raise ManifestError(f"`{path}` is no manifest: {error}") from error
    try:
        root = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ManifestError(f"`{path}` is no manifest: {error}") from error
    # Many programs have a `manifest.json`: one without steps is another's, and stays as it is.
    steps = root.get("steps", None if root else {}) if isinstance(root, dict) else None
    if not isinstance(steps, dict) or not all(isinstance(step, dict) for step in steps.values()):
        raise ManifestError(f"`{path}` is no manifest: it holds no map of steps")
    root.setdefault("steps", {})
    return dict(root)


def put_steps(path: Path, config: "Config", steps: Iterable[StepManifest]) -> None:
    """Replace the entries of steps. Raises: ManifestError."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with _locked(path.parent / LOCK_FILENAME):
            now = datetime.now(UTC).isoformat().replace("+00:00", "Z")
            root = {**_empty(config, now), **(read_root(path) or {})}
            for step in steps:
                key = f"{config.runner_name}_{step.name}"
                root["steps"][key] = _beside_unknown(root["steps"].get(key, {}), step_record(step))
            root["modified_at"] = now
            root["result"] = _result(root["steps"])
            _replace(path, json.dumps(root, indent=1, ensure_ascii=False, default=str))
    except OSError as error:
        raise ManifestError(f"`{path}` cannot be written: {error.strerror or error}") from error


def _empty(config: "Config", now: str) -> dict[str, Any]:
    steps = {f"{config.runner_name}_{name}": step_record(StepManifest(name=name)) for name in config.steps}
    return {"result": str(Result.PENDING), "started_at": now, "modified_at": now, "log": [], "steps": steps}


def _beside_unknown(old: Mapping[str, Any], new: dict[str, Any]) -> dict[str, Any]:
    """The new entry with what the old one holds that is not ours."""
    return {**new, **{name: value for name, value in old.items() if name not in new}}


def _result(steps: Mapping[str, Mapping[str, Any]]) -> str:
    results = [step.get("result") for step in steps.values()]
    if any(result in (Result.FAILURE, Result.ABORTED) for result in results):
        return str(Result.FAILURE)
    return str(Result.SUCCESS if all(result == Result.SUCCESS for result in results) else Result.PENDING)


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Hold the lock: other processes, and other threads, wait."""
    with path.open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _replace(path: Path, text: str) -> None:
    """Put the text in the file's place at once: a reader, or a machine that stops, sees the old one or the new one."""
    name = path.parent / f".manifest-{os.urandom(8).hex()}.tmp"
    try:
        # The umask takes from 0o666 what it takes from every new file. A lone surrogate, which a file's name may bring, becomes JSON's own escape.
        with open(os.open(name, _CREATE, 0o666), "w", encoding="utf-8", errors="backslashreplace") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.replace(name, path)
    except BaseException:
        with suppress(OSError):
            os.unlink(name)
        raise
