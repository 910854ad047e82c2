"""What tests of commands start from."""

from pathlib import Path

import pytest
from command_line import PIPELINE, write


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A folder with a good pipeline."""
    write(tmp_path, {"p.otter": PIPELINE})
    return tmp_path
