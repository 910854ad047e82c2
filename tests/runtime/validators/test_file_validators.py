import asyncio
from pathlib import Path

import pytest

from otterdsl.runtime.config.model import Config
from otterdsl.runtime.util.errors import TaskValidationError
from otterdsl.runtime.validators import file


def check_exists(*args, **kwargs):
    assert file.exists(*args, **kwargs) is None
    assert asyncio.run(file.async_exists(*args, **kwargs)) is None


def check_size(*args, **kwargs):
    assert file.size(*args, **kwargs) is None
    assert asyncio.run(file.async_size(*args, **kwargs)) is None


@pytest.fixture
def config(tmp_path: Path) -> Config:
    release = tmp_path / "release"
    release.mkdir()
    (tmp_path / "work").mkdir()
    return Config(work_path=tmp_path / "work", release_uri=f"file://{release}")


def test_a_file_that_exists(config, tmp_path):
    (tmp_path / "release" / "a").write_text("x")
    check_exists("a", config)
    check_exists(str(tmp_path / "release" / "a"))
    check_exists(tmp_path)


@pytest.mark.parametrize("check", [file.exists, lambda *args, **kwargs: asyncio.run(file.async_exists(*args, **kwargs))])
def test_a_file_that_does_not_exist(config, tmp_path, check):
    (tmp_path / "release" / "a").write_text("x")
    with pytest.raises(TaskValidationError, match="nope` does not exist"):
        check("nope", config)
    with pytest.raises(TaskValidationError, match="work/a` does not exist"):
        check("a", config, force_local=True)
    with pytest.raises(TaskValidationError, match="not supported yet"):
        check("gs://bucket/x")


def test_files_of_one_size(config, tmp_path):
    for path, text in (("release/a", "12"), ("release/b", "34"), ("work/a", "56"), ("release/empty", ""), ("work/empty", "")):
        (tmp_path / path).write_text(text)
    check_size("a", "b", config)
    check_size("a", "a", config, force_local=True)
    check_size("empty", "empty", config, force_local=True)


@pytest.mark.parametrize("check", [file.size, lambda *args, **kwargs: asyncio.run(file.async_size(*args, **kwargs))])
def test_files_of_two_sizes(config, tmp_path, check):
    (tmp_path / "release" / "a").write_text("12")
    (tmp_path / "release" / "empty").write_text("")
    with pytest.raises(TaskValidationError, match="`empty` holds 0 bytes, but `a` 2"):
        check("a", "empty", config)
    with pytest.raises(TaskValidationError, match="`a` holds 2 bytes, but `empty` 0"):
        check("empty", "a", config)
    with pytest.raises(TaskValidationError, match="work/a` does not exist"):
        check("a", "a", config, force_local=True)


def test_a_size_that_is_not_known_is_not_compared(config, tmp_path, caplog):
    (tmp_path / "release" / "a").write_text("12")
    check_size("nope", "a", config)
    check_size(str(tmp_path), "a", config)
    assert "is not known, so that it is not compared" in caplog.text
    assert "are not both known, so that they are not compared" in caplog.text
