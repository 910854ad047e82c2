"""What the tests of storage share: a server on loopback, and a release root of their own."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from loopback import Loopback

from otterdsl.runtime.config.model import Config


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Loopback]:
    for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    loopback = Loopback()
    yield loopback
    loopback.close()


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "release"


@pytest.fixture
def config(root: Path) -> Config:
    return Config(work_path=root)
