"""What the tests of compatibility share: the alias `otter`, and task packages written into a folder of their own."""

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent

import pytest
from otter_alias import Package, otter_alias

HEAD = """\
from typing import Any, Self
from otter.manifest.model import Artifact
from otter.task.model import Spec, Task, TaskContext
from otter.task.task_reporter import report
"""


@pytest.fixture(autouse=True)
def _otter() -> Iterator[None]:
    with otter_alias():
        yield


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Package]:
    """Writes a task package as one for Otter is written: a text for each module, after the imports that they all have. Gives its name."""
    folder = tmp_path / "packages"
    monkeypatch.syspath_prepend(str(folder))
    written: list[str] = []

    def write(**modules: str) -> str:
        name = f"animals_{len(written)}"
        (folder / name).mkdir(parents=True)
        (folder / name / "__init__.py").touch()
        for module, text in modules.items():
            (folder / name / f"{module}.py").write_text(HEAD + dedent(text))
        importlib.invalidate_caches()
        written.append(name)
        return name

    yield write
    for module in [module for module in sys.modules if module.partition(".")[0] in written]:
        del sys.modules[module]
