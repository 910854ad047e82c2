"""What tests of compiled pipelines share: packages as text, and tasks for them."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from otterdsl.runtime.config.model import Config
from otterdsl.runtime.core import RunResult, run_pipeline
from otterdsl.runtime.loader import LoadedPipeline, load_sources
from otterdsl.runtime.params import resolve_params
from otterdsl.runtime.step.events import TaskEvent

IMPORTS = "from otterdsl.runtime import *\nfrom otterdsl.runtime.tasks.explode import Explode, ExplodeSpec\n"
NOOP = "class Noop(Task):\n    async def run(self):\n        return self\n"


def package(steps: Mapping[str, str], requires: Mapping[str, Sequence[str]] | None = None, more: str = "", **files: str) -> dict[str, str]:
    """The files of a pipeline `p`: each step's classes as text, `more` for the pipeline's other arguments, further files by module name."""
    entries = "".join(f"CompiledStep(name={name!r}, module={name!r}, requires={list((requires or {}).get(name, ()))!r}), " for name in steps)
    init = f"from otterdsl.runtime import *\nrequire_runtime(1)\nPIPELINE = CompiledPipeline(name='p', steps=[{entries}], {more})\n"
    lines = {f"{name}.py": {"Boom": ["p.otter", 7]} for name in steps}
    lock = json.dumps({"format": 1, "source_root": "..", "lines": lines})
    return {
        "__init__.py": init,
        **{f"{name}.py": IMPORTS + NOOP + text for name, text in steps.items()},
        **{f"{name}.py": text for name, text in files.items()},
        "otterdsl.lock.json": lock,
    }


def load(steps: Mapping[str, str], requires: Mapping[str, Sequence[str]] | None = None, more: str = "", **files: str) -> LoadedPipeline:
    """The same, loaded from memory."""
    return load_sources(package(steps, requires, more, **files), "p", None)


def write(folder: Path, files: Mapping[str, str]) -> Path:
    """The files in a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / name).write_text(text)
    return folder


class Run:
    """A pipeline that has run: how it came out, the events, the manifest."""

    def __init__(self, result: RunResult, events: list[TaskEvent], manifest: dict[str, Any]) -> None:
        self.result = result
        self.events = events
        self.manifest = manifest

    def finished(self) -> list[str]:
        """The tasks that finished, in that order."""
        return [event.task for event in self.events if event.event == "finished"]


def run(
    loaded: LoadedPipeline,
    tmp_path: Path,
    *,
    sets: Mapping[str, str] | None = None,
    steps: Sequence[str] | None = None,
    with_required: bool = False,
    **settings: Any,
) -> Run:
    """Run a pipeline."""
    events: list[TaskEvent] = []
    work = tmp_path / "work"
    result = asyncio.run(
        run_pipeline(
            loaded,
            config=Config(work_path=work, **settings),
            params=resolve_params(loaded, sets or {}, {}),
            steps=steps,
            with_required=with_required,
            on_event=events.append,
        )
    )
    return Run(result, events, json.loads((work / "manifest.json").read_text()))
