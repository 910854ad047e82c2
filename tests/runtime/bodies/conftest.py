"""What the tests of bodies share: the loopback server of the storage tests, a release root, and a way to run a task of a body."""

import asyncio
import importlib.util
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated, Any

import pytest

from otterdsl.runtime import CheckedTask, Input, Into, Output, PythonTask, ShellTask, Spec, Task, TaskContext
from otterdsl.runtime.config.model import Config
from otterdsl.runtime.manifest.model import Result, TaskManifest
from otterdsl.runtime.scratchpad.model import Scratchpad


def _loopback() -> Any:
    # No package holds the tests, so that this folder's conftest finds its neighbour's module by its file.
    if "loopback" not in sys.modules:
        spec = importlib.util.spec_from_file_location("loopback", Path(__file__).parents[1] / "storage" / "loopback.py")
        module = importlib.util.module_from_spec(spec)
        sys.modules["loopback"] = module
        spec.loader.exec_module(module)
    return sys.modules["loopback"]


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    loopback = _loopback().Loopback()
    yield loopback
    loopback.close()


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "release"
    folder.mkdir()
    return folder


class FilesSpec(Spec):
    """Every kind of path that a field can hold, each optional, and values."""

    source: Annotated[str, Input] | None = None
    sources: list[Annotated[str, Input]] | None = None
    destination: Annotated[str, Output] | None = None
    second: Annotated[str, Output] | None = None
    folder: Annotated[str, Into] | None = None
    value: Any = None


class Ran:
    """A task that has run: its record, and what it logged."""

    def __init__(self, task: Task, lines: list[str]) -> None:
        self.task = task
        self.record: TaskManifest = task.manifest
        self.lines = lines

    @property
    def ok(self) -> bool:
        return self.record.result is Result.SUCCESS

    @property
    def reason(self) -> str:
        return self.record.failure_reason or ""


@pytest.fixture
def bodies(root: Path, caplog: pytest.LogCaptureFixture) -> Any:
    """Ways to run bodies: `sh` a script, `py` a method, `run` a class; each with the fields of `FilesSpec`."""
    caplog.set_level("INFO")

    class Bodies:
        spec_class = FilesSpec
        config = Config(work_path=root)
        scratchpad = Scratchpad({"ensembl": 115})

        def task(self, cls: type[Task], **fields: Any) -> Task:
            return cls(FilesSpec(name="made x", **fields), TaskContext(self.config, self.scratchpad))

        def run(self, cls: type[Task], **fields: Any) -> Ran:
            task = self.task(cls, **fields)
            before = len(caplog.messages)

            async def settled() -> None:
                await task.run()
                if task.has_validation() and task.manifest.result is Result.PENDING:
                    await task.validate()

            asyncio.run(settled())
            return Ran(task, caplog.messages[before:])

        def shell(
            self, script: str, environment: dict[str, Any] | None = None, checks: Any = (), bases: tuple[type, ...] = (ShellTask,)
        ) -> type[Task]:
            names = {name: f"${{{name}}}" for name in FilesSpec.model_fields}
            own = {f"OTTER_{name}": value for name, value in {**names, **(environment or {})}.items()}
            return type("Made", bases, {"script": tuple(script.split("\n")), "environment": own, "checks": tuple(checks)})

        def sh(self, script: str, environment: dict[str, Any] | None = None, checks: Any = (), **fields: Any) -> Ran:
            return self.run(self.shell(script, environment, checks), **fields)

        def py(self, body: Callable[..., Any], checks: Any = (), **fields: Any) -> Ran:
            return self.run(type("Made", (PythonTask,), {"body": body, "checks": tuple(checks)}), **fields)

        def checked(self, base: type[Task], *checks: Any) -> type[Task]:
            return type("Made", (CheckedTask, base), {"checks": checks})

    return Bodies()


@pytest.fixture
def files(root: Path) -> Callable[[], dict[str, str]]:
    """What lies in the release: the text of each file by its path. Nothing hidden is left out."""

    def files() -> dict[str, str]:
        return {str(path.relative_to(root)): path.read_text() for path in sorted(root.rglob("*")) if path.is_file()}

    return files
