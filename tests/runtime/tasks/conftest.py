"""What the tests of the built-in tasks share: the loopback server of the storage tests, a release root, and a way to run one task."""

import importlib.util
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from otterdsl.runtime.config.model import Config
from otterdsl.runtime.manifest.model import Result
from otterdsl.runtime.scratchpad.model import Scratchpad
from otterdsl.runtime.task.model import Spec, Task, TaskContext


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


@pytest.fixture
def config(root: Path) -> Config:
    return Config(work_path=root)


@pytest.fixture
def make(config: Config) -> Callable[..., Task]:
    """A task of a spec, in a context of its own."""

    def make(cls: type[Task], spec: Spec, config: Config = config) -> Task:
        return cls(spec, TaskContext(config, Scratchpad()))

    return make


@pytest.fixture
def settled() -> Callable[[Task], Any]:
    """Run a task, and validate it when it ran: how it came out."""

    async def settled(task: Task) -> Result:
        await task.run()
        if task.has_validation() and task.manifest.result is Result.PENDING:
            await task.validate()
        return task.manifest.result

    return settled
