"""Durations, sizes and what a field's annotation says beyond its type."""

import pytest
from pydantic import TypeAdapter, ValidationError

from otterdsl.runtime.task.roles import Duration, Provides, Size, bytes_of, seconds


@pytest.mark.parametrize(
    ("text", "expected"),
    [("30m", 1800), ("2h15m", 8100), ("500ms", 0.5), ("1.5s", 1.5), ("1m500ms", 60.5), ("1d2h3m4s5ms", 93784.005), ("0s", 0)],
)
def test_a_duration_is_that_many_seconds(text: str, expected: float) -> None:
    assert seconds(text) == expected


@pytest.mark.parametrize("text", ["", "3", "m", "-1s", "1s1m", "1m1m", "1 h", "1h ", "\u0663s", "1S", "9" * 100 + "s"])
def test_other_text_is_no_duration(text: str) -> None:
    with pytest.raises(ValueError, match="is not a duration"):
        seconds(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [("8GiB", 8 * 1024**3), ("1.5 MB", 1_500_000), ("100B", 100), ("1kB", 1000), ("1KB", 1000), ("1.1KiB", 1126), ("2TiB", 2 * 1024**4), ("0 B", 0)],
)
def test_a_size_is_that_many_bytes(text: str, expected: int) -> None:
    assert bytes_of(text) == expected


@pytest.mark.parametrize("text", ["", "8", "GiB", "8gib", "1  MB", " 1MB", "-1MB", "1e3MB", "\u0663MB", "9" * 100 + "B"])
def test_other_text_is_no_size(text: str) -> None:
    with pytest.raises(ValueError, match="is not a size"):
        bytes_of(text)


def test_pydantic_keeps_the_text_and_refuses_another() -> None:
    assert TypeAdapter(Duration).validate_python("2h15m") == "2h15m"
    assert TypeAdapter(Size).validate_python("8GiB") == "8GiB"
    with pytest.raises(ValidationError, match="`soon` is not a duration"):
        TypeAdapter(Duration).validate_python("soon")
    with pytest.raises(ValidationError, match="`big` is not a size"):
        TypeAdapter(Size).validate_python("big")


def test_provides_compares_by_its_names() -> None:
    assert Provides("each", "prefix") == Provides("each", "prefix")
    assert Provides("each") != Provides("prefix")
