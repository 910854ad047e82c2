import asyncio
import bz2
import gzip
import hashlib
import lzma
import threading
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from otterdsl.runtime.config.model import Config
from otterdsl.runtime.storage import StorageHandle
from otterdsl.runtime.util.errors import TaskValidationError
from otterdsl.runtime.validators import VALIDATORS, content, reading
from otterdsl.runtime.validators.reading import Source

PACKED = {"": lambda data: data, ".gz": gzip.compress, ".bz2": bz2.compress, ".xz": lzma.compress}
ABC = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


@pytest.fixture(params=["waiting", "on a loop"])
def check(request, tmp_path):
    """Call a validator on a file of this name and content: what it finds wrong, without the file's place."""

    def check(name: str, file: str, data: bytes, *args, **kwargs) -> str | None:
        path = tmp_path / file
        path.write_bytes(data)
        validator = VALIDATORS[name]
        try:
            if request.param == "waiting":
                validator.function(str(path), *args, **kwargs)
            else:
                asyncio.run(validator.async_function(path, *args, **kwargs))
        except TaskValidationError as error:
            text = str(error)
            assert "\n" not in text
            return text.removeprefix(f"`{path}`").removeprefix(": ").removeprefix(", ")
        return None

    return check


@pytest.mark.parametrize("suffix", PACKED)
def test_not_empty(check, suffix):
    pack = PACKED[suffix]
    assert check("not_empty", f"a.txt{suffix}", pack(b"\n")) is None
    assert check("not_empty", f"a.txt{suffix}", pack(b"")) == "it is empty"
    assert check("not_empty", "a", b"") == "it is empty"


@pytest.mark.parametrize("suffix", PACKED)
def test_matches(check, suffix):
    text = PACKED[suffix]("\ufefffirst\nsécond 12\n".encode())
    for pattern in ("^first", r"s\wcond \d+\n$", "(?m)^sé", "t\ns", ""):
        assert check("matches", f"A.TXT{suffix.upper()}", text, pattern) is None
    assert check("matches", f"a{suffix}", text, "^second") == "nothing in it matches `^second`"


def test_matches_needs_a_pattern_and_a_text(check, monkeypatch):
    assert check("matches", "a", b"", "(") == "`(` is no regular expression: missing ), unterminated subpattern at position 0"
    assert check("matches", "a", b"", 3).startswith("`3` is no regular expression: ")
    assert check("matches", "a", b"ok\nab\xff", "x") == "line 2: it is no UTF-8 text: byte 3 of the line is 0xff"
    monkeypatch.setattr(content, "MOST_TEXT", 1024 * 1024)
    assert check("matches", "a.gz", gzip.compress(bytes(2 * 1024 * 1024)), "x") == "it holds more than 1 MiB, and `matches` needs a text as a whole"


@pytest.mark.parametrize("algorithm", ["md5", "sha1", "sha256", "sha512"])
def test_checksum(check, algorithm):
    packed = gzip.compress(b"abc")
    digest = hashlib.new(algorithm, packed).hexdigest()
    assert check("checksum", "a.gz", packed, f"{algorithm}:{digest}") is None
    assert check("checksum", "a.gz", packed, f" {algorithm.upper()}: {digest.upper()}\n") is None
    wrong = digest[::-1]
    assert check("checksum", "a.gz", packed, f"{algorithm}:{wrong}") == f"its {algorithm} is `{digest}`, where `{wrong}` was expected"


@pytest.mark.parametrize(
    ("expected", "reason"),
    [
        (ABC, f"`{ABC}` is no checksum: it reads like `sha256:2c26b4…`"),
        ("crc32:00000000", "`crc32` is no known kind of checksum: there are md5, sha1, sha256, sha512"),
        ("md5:xyz", "`xyz` is no md5 checksum, which has 32 hexadecimal digits"),
        (f"md5:{ABC}", f"`{ABC}` is no md5 checksum, which has 32 hexadecimal digits"),
        ("", "`` is no checksum: it reads like `sha256:2c26b4…`"),
    ],
)
def test_what_is_no_checksum(check, expected, reason):
    assert check("checksum", "a", b"abc", expected) == reason


@pytest.mark.parametrize(
    ("data", "count"), [(b"", 0), (b"\n", 1), (b"a", 1), (b"a\n", 1), (b"a\n\nb", 3), (b"a\r\nb\r\n", 2), (b"\n" * 100_000, 100_000)]
)
@pytest.mark.parametrize("suffix", ["", ".gz"])
def test_line_count(check, data, count, suffix):
    data = PACKED[suffix](data)
    lines = f"it has {count} {'line' if count == 1 else 'lines'}, where"
    assert check("line_count", f"a{suffix}", data, count) is None
    assert check("line_count", f"a{suffix}", data, at_least=count, at_most=count) is None
    assert check("line_count", f"a{suffix}", data, exactly=count + 1) == f"{lines} exactly {count + 1} were expected"
    assert check("line_count", f"a{suffix}", data, at_least=count + 1) == f"{lines} at least {count + 1} were expected"
    assert check("line_count", f"a{suffix}", data, at_most=count - 1) == f"{lines} at most {count - 1} were expected"


def test_line_count_needs_a_number(check):
    assert check("line_count", "a", b"") == "`line_count` checks nothing: say `exactly`, `at_least` or `at_most`"
    assert check("line_count", "a", b"", at_most="3") == "`line_count`: `at_most` is '3', where a whole number was expected"
    assert check("line_count", "a", b"", True) == "`line_count`: `exactly` is True, where a whole number was expected"


@pytest.mark.parametrize("text", ["{}", " [1, 2.5e3, null]\n", '"é"', "9" * 10_000, '\ufeff{"a": [{"b": true}]}', "[" * 500 + "]" * 500])
@pytest.mark.parametrize("suffix", ["", ".bz2"])
def test_json(check, text, suffix):
    assert check("json_valid", f"a.json{suffix}", PACKED[suffix](text.encode())) is None
    assert check("json_valid", f"a.jsonl{suffix}", PACKED[suffix](text.encode())) is None


@pytest.mark.parametrize(
    ("file", "data", "reason"),
    [
        ("a.json", b"", "it is no JSON: it is empty"),
        ("a.json", b" \n\n", "it is no JSON: it is empty"),
        ("a.json", b'{"a": 1,\n "b"}', "line 2: it is no JSON: column 5: expecting ':' delimiter"),
        ("a.json", b'{"a": 1}\n{"a": 2}\n', "line 2: it is no JSON: column 1: extra data"),
        ("a.json", b"[NaN]", "it is no JSON: `NaN` is none"),
        ("a.json", b"-Infinity", "it is no JSON: `-Infinity` is none"),
        ("a.json", b"[" * 200_000, "its JSON is nested too deeply to be read"),
        ("a.json", b'["\xe9"]', "line 1: it is no UTF-8 text: byte 3 of the line is 0xe9"),
        ("a.json", '["a"]'.encode("utf-16"), "line 1: it is no UTF-8 text: byte 1 of the line is 0xff"),
        ("a.jsonl", b'{"a": 1}\n\n{"a":}\n', "line 3: it is no JSON: column 6: expecting value"),
        ("a.ndjson", b'1\n"\xff"\n', "line 2: it is no UTF-8 text: byte 2 of the line is 0xff"),
        ("a.jsonl", b"1\nNaN\n", "line 2: it is no JSON: `NaN` is none"),
        ("a.jsonl", b'{"a":\n1}\n', "line 1: it is no JSON: column 1: expecting value"),
    ],
)
def test_what_is_no_json(check, file, data, reason):
    found = check("json_valid", file, data)
    assert found is not None
    assert found.split("column")[0] == reason.split("column")[0]  # which column, Python's versions do not agree upon
    assert found.rpartition(": ")[2] == reason.rpartition(": ")[2] or "column" in reason


def test_json_by_lines_may_be_empty(check):
    assert check("json_valid", "a.jsonl", b"") is None
    assert check("json_valid", "a.ndjson", b"1\n\n 2 \r\n") is None


@pytest.mark.parametrize(
    ("file", "data", "reason"),
    [
        (
            "a.gz",
            gzip.compress(b"abc" * 1000, mtime=0)[:-9],
            "its gzip data is broken: compressed file ended before the end-of-stream marker was reached",
        ),
        ("a.gz", b"plain", "its gzip data is broken: not a gzipped file (b'pl')"),
        ("a.bz2", b"plain", "its bzip2 data is broken: invalid data stream"),
        ("a.xz", b"plain", "its xz data is broken: input format not supported by decoder"),
        ("a.xz", lzma.compress(b"abc" * 1000)[:-9], "its xz data is broken: compressed file ended before the end-of-stream marker was reached"),
    ],
)
def test_broken_compression(check, file, data, reason):
    assert check("line_count", file, data, at_least=0) == reason


def test_a_line_that_is_too_long(check, monkeypatch):
    monkeypatch.setattr(reading, "LONGEST_LINE", 1024 * 1024)
    assert check("json_valid", "a.jsonl", b'1\n"' + b"x" * 2_000_000 + b'"\n') == "line 2: the line is longer than 1 MiB"


@pytest.mark.parametrize("name", [name for name, each in VALIDATORS.items() if each.module.endswith("content")])
def test_what_is_not_there(tmp_path, name):
    arguments = {"matches": ["x"], "checksum": [f"sha256:{ABC}"], "line_count": [1]}.get(name, [])
    for location, reason in ((tmp_path / "no", "does not exist"), (tmp_path, "is a folder, not a file"), ("no", "there is no config")):
        with pytest.raises(TaskValidationError, match=reason):
            VALIDATORS[name].function(location, *arguments)
    config = Config(work_path=tmp_path)
    (tmp_path / "a.txt").write_text("abc")
    if name in ("matches", "line_count"):
        with pytest.raises(TaskValidationError, match="s3://"):
            VALIDATORS[name].function("s3://x/y", *arguments, config=config)
    if name == "not_empty":
        content.not_empty("a.txt", config, force_local=True)
        content.not_empty(location="a.txt", config=config)


def test_a_check_stops_reading_when_nobody_waits_for_it(tmp_path, monkeypatch):
    (tmp_path / "a").write_bytes(bytes(10))
    begun, over = threading.Event(), threading.Event()

    class Endless:
        def read(self, size: int) -> bytes:
            begun.set()
            return b"x"

        def __enter__(self) -> "Endless":
            return self

        def __exit__(self, *_: object) -> None:
            over.set()

    monkeypatch.setattr(StorageHandle, "open", lambda self, mode: Endless())

    async def stopped() -> None:
        running = asyncio.create_task(content.async_line_count(tmp_path / "a", at_least=0))
        await asyncio.to_thread(begun.wait)
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running

    asyncio.run(stopped())
    assert over.is_set()


@given(st.binary(max_size=200), st.sampled_from([".json", ".jsonl", ".csv", ".tsv", ".gz", ".xz", ".json.bz2", ".csv.gz", ".parquet", ""]))
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_content_makes_anything_but_a_verdict(tmp_path, data, suffix):
    path: Path = tmp_path / f"a{suffix}"
    path.write_bytes(data)
    for name, arguments in {"not_empty": [], "matches": ["a"], "json_valid": [], "line_count": [1], "columns": [["a"]], "unique": ["a"]}.items():
        found = None
        try:
            VALIDATORS[name].function(path, *arguments)
        except TaskValidationError as error:
            found = str(error)
        assert found is None or (found.startswith("`") and found.isprintable())


def test_the_kind_of_a_file_is_in_its_name():
    for name, kind in {"/a.CSV": ".csv", "/a.csv.GZ": ".csv", "/a.b/c": "", "/a.gz": "", "https://x/a.tsv.bz2?x=.csv": ".tsv", "/.json": ""}.items():
        assert Source(name, None, False).kind == kind
