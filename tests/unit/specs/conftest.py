"""Task packages as files: real modules, imported by real processes."""

from collections.abc import Callable
from pathlib import Path

import pytest


@pytest.fixture
def package(tmp_path: Path) -> Callable[..., Path]:
    """Writes a package `name` with modules of the given text, and gives the folder that holds it."""

    def write(name: str, **modules: str) -> Path:
        folder = tmp_path.joinpath(*name.split("."))
        folder.mkdir(parents=True, exist_ok=True)
        modules.setdefault("__init__", "")
        for module, text in modules.items():
            (folder / f"{module}.py").write_text(text)
        return tmp_path

    return write
