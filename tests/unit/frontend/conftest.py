"""Pipelines as files in a project of their own."""

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest


@pytest.fixture
def files(tmp_path: Path) -> Callable[[Mapping[str, str | bytes]], Path]:
    """Writes files into a project folder, and gives that folder."""
    root = tmp_path / "project"

    def write(contents: Mapping[str, str | bytes]) -> Path:
        root.mkdir(exist_ok=True)
        (root / "pyproject.toml").touch()
        for name, content in contents.items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return root

    return write
