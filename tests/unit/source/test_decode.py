"""Bytes to text, and places in it."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from otterdsl.compiler.source import text as texts
from otterdsl.compiler.source.text import SourceText, decode


def found(data):
    checked = decode("x", "x.otter", data)
    places = [checked.value.position(d.span.start) if d.span else None for d in checked.diagnostics]
    said = [(d.code, place and f"{place.line}:{place.column}") for d, place in zip(checked.diagnostics, places, strict=True)]
    return checked.value and checked.value.text, said


@pytest.mark.parametrize(
    ("data", "text", "problems"),
    [
        (b"", "", []),
        (b"\xef\xbb\xbfa\r\nb\n", "a\nb\n", []),
        ("é\tü".encode(), "é\tü", []),
        (b"\xef\xbb\xbf\xff", "\udcff", [("OT002", "1:1")]),
        (b"a\n  \xff\xfe b\n\xe9", "a\n  \udcff\udcfe b\n\udce9", [("OT002", "2:3"), ("OT002", "3:1")]),
        (b"\xc3", "\udcc3", [("OT002", "1:1")]),
        (b"\xed\xa0\x80", "\udced\udca0\udc80", [("OT002", "1:1")]),
        (b"a\0b", "a\0b", [("OT003", "1:2")]),
        (b"a\rb\n\x1b[0m", "a\rb\n\x1b[0m", [("OT003", "1:2"), ("OT003", "2:1")]),
        ("a\x85".encode(), "a\x85", [("OT003", "1:2")]),
        (b"\x89PNG\r\n\x1a\n\0\0", None, [("OT003", None)]),
        (b"\xff\xfes\0t\0", None, [("OT003", None)]),
    ],
)
def test_bytes_become_text_or_the_reason_why_not(data, text, problems):
    assert found(data) == (text, problems)


def test_ten_places_are_enough():
    assert len(found(b"\x01\n" * 50)[1]) == 10


def test_a_huge_file_is_refused(monkeypatch):
    monkeypatch.setattr(texts, "LARGEST", 10)
    assert found(b"x" * 11) == (None, [("OT008", None)])


def test_a_refused_file_is_named():
    assert decode("x", "x.otter", b"\0\xff").diagnostics[0].where == "x"


@settings(deadline=None)
@given(st.binary(max_size=60))
def test_any_bytes_are_decoded_or_refused(data):
    checked = decode("x", "x", data)
    assert checked.value is not None or checked.has_errors
    if checked.value is not None:
        assert bool(checked.diagnostics) == bool(texts.NOT_TEXT.search(checked.value.text))


@given(st.text(alphabet="ab\n", max_size=30))
def test_positions_and_lines_agree(text):
    source = SourceText("x", "x", text)
    for offset in range(len(text) + 1):
        line, column = source.position(offset)
        assert (line, column) == (text.count("\n", 0, offset) + 1, offset - (text.rfind("\n", 0, offset) + 1) + 1)
        assert source.line(line) == text.split("\n")[line - 1]
