import asyncio
import gzip
import re
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from otterdsl.runtime.config.model import Config
from otterdsl.runtime.util.errors import TaskValidationError
from otterdsl.runtime.validators import VALIDATORS, reading, table


@pytest.fixture(params=["waiting", "on a loop"])
def check(request, tmp_path):
    """Call a validator on a file of this name and content: what it finds wrong, without the file's place."""

    def check(name: str, file: str, data: str | bytes | pa.Table, *args, **kwargs) -> str | None:
        path: Path = tmp_path / file
        if isinstance(data, pa.Table):
            pq.write_table(data, path)
        else:
            path.write_bytes(data.encode() if isinstance(data, str) else data)
        validator = VALIDATORS[name]
        try:
            if request.param == "waiting":
                validator.function(path, *args, **kwargs)
            else:
                asyncio.run(validator.async_function(str(path), *args, **kwargs))
        except TaskValidationError as error:
            found = str(error)
        else:
            return None
        assert found.isprintable()
        return found.removeprefix(f"`{path}`").removeprefix(": ").removeprefix(", ")

    return check


TABLES = {
    "a.csv": "a,b,c\n1,2,3\n",
    "a.tsv": "a\tb\tc\n1\t2\t3\n",
    "a.csv.gz": gzip.compress(b"\xef\xbb\xbfa,b,c\r\n1,2,3\r\n", mtime=0),
    "a.parquet": pa.table({"a": [1], "b": [2], "c": [3]}),
}


@pytest.mark.parametrize("file", [*TABLES, "a.jsonl"])
def test_columns(check, file):
    data = TABLES.get(file, '{"a": 1, "b": 2, "c": 3}\n\n{"c": 3, "b": 2, "a": 1}')
    line = "line 1: " if file == "a.jsonl" else ""
    assert check("columns", file, data, ["c", "a"]) is None
    assert check("columns", file, data, ["a", "b", "c"], True) is None
    assert check("columns", file, data, ["a", "bb"]) == f"{line}it has no column `bb`; did you mean `b`?"
    assert check("columns", file, data, ["xxxx"], exactly=True) == f"{line}it has no column `xxxx`; there are `a`, `b`, `c`"
    assert check("columns", file, data, ["a", "b"], exactly=True) == f"{line}it has a column `c` besides `a`, `b`"
    if file != "a.jsonl":
        assert check("columns", file, data, ["c", "b", "a"], exactly=True) == "its columns are `a`, `b`, `c`, where `c`, `b`, `a` were expected"
    else:
        assert check("columns", file, data, ["c", "b", "a"], exactly=True) is None


@pytest.mark.parametrize(
    ("file", "data", "reason"),
    [
        ("a.csv", "", "it is empty, and has no columns"),
        ("a.csv", "\n\n", "it is empty, and has no columns"),
        ("a.jsonl", "\n", "it is empty, and has no columns"),
        ("a.csv", "a,b\n1,2\n\n1\n", "line 4: it has 1 field, where the header has 2"),
        ("a.tsv", "a\tb\n1\t2\t3\n", "line 2: it has 3 fields, where the header has 2"),
        ("a.csv", 'a,b\n"1\n,2\n', "line 3: it is no csv: a quoted field is never closed"),
        ("a.csv", 'a,b\n"1"x,2\n', "line 2: it is no csv: ',' expected after '\"'"),
        ("a.csv", b"a,b\n1,\xe9\n", "line 2: it is no UTF-8 text: byte 3 of the line is 0xe9"),
        ("a.jsonl", '{"a": 1}\n[1]\n', "line 2: it is JSON, but no object, which has columns"),
        ("a.jsonl", '{"a": 1}\n{"b": 1}\n', "line 2: it has no column `a`; there are `b`"),
        ("a.jsonl", '{"a": 1}\n{}\n', "line 2: it has no column `a`; there are none"),
        ("a.txt", "a\n", "it is no table by its name, which would end in .csv, .tsv, .jsonl, .ndjson, .parquet"),
        ("a.gz", gzip.compress(b"a\n", mtime=0), "it is no table by its name, which would end in .csv, .tsv, .jsonl, .ndjson, .parquet"),
        ("a.parquet", "not at all", "it is no parquet: "),
        ("a.parquet", "", "it is no parquet: "),
    ],
)
@pytest.mark.parametrize("name", ["columns", "unique"])
def test_what_is_no_table(check, file, data, reason, name):
    found = check(name, file, data, ["a"])
    assert found == reason or (reason.endswith(": ") and found.startswith(reason))


def test_names_are_needed(check):
    assert check("columns", "a.csv", "a\n", []) == "`columns` checks nothing: name at least one column"
    assert check("unique", "a.csv", "a\n", []) == "`unique` checks nothing: name at least one column"
    assert check("unique", "a.csv", "a\n", 3) == "`unique` takes names of columns, and 3 are none"
    assert check("columns", "a.csv", "a\n", ["a", 1]) == "`columns` takes names of columns, and ['a', 1] are none"


@pytest.mark.parametrize(
    ("file", "data"),
    [
        ("a.csv", 'id,x\n1,"p\n""q"""\n2,r\n1,s\n2,r\n'),
        ("a.tsv", 'id\tx\n1\t"p\n2\tr\n1\ts\n2\tr\n'),
        ("a.jsonl", '{"id": 1, "x": "p"}\n{"x": "r", "id": 2}\n{"id": 1}\n{"id": 2, "x": "r"}\n'.replace('{"id": 1}', '{"id": 1, "x": null}')),
        ("a.parquet", pa.table({"id": [1, 2, 1, 2], "x": ["p", "r", None, "r"]})),
    ],
)
def test_unique(check, file, data):
    rows = {"a.csv": (3, 4, 5, 6), "a.tsv": (2, 3, 4, 5)}.get(file, (1, 2, 3, 4))
    what = "row" if file == "a.parquet" else "line"
    one = "1" if file.endswith(("parquet", "jsonl")) else '"1"'
    two = one.replace("1", "2")
    assert check("unique", file, data, "id") == f"{what} {rows[2]}: it repeats {what} {rows[0]}: `id` is {one}"
    assert check("unique", file, data, ["x", "id"]) == f'{what} {rows[3]}: it repeats {what} {rows[1]}: `x` is "r", `id` is {two}'
    assert check("unique", file, data, ["no"]).startswith("line 1: it has no column `no`" if file == "a.jsonl" else "it has no column `no`")


def test_what_is_not_the_same(check):
    assert check("unique", "a.csv", "a,b\n1,11\n11,1\n01,11\n", ["a", "b"]) is None
    assert check("unique", "a.jsonl", '{"a": 1}\n{"a": "1"}\n{"a": true}\n{"a": null}\n{"a": [1]}\n', "a") is None
    assert check("unique", "a.jsonl", '{"a": {"x": 1, "y": 2}}\n{"a": {"y": 2, "x": 1}}\n', "a").startswith("line 2: it repeats line 1")


def test_two_columns_of_a_name(check):
    assert check("unique", "a.csv", "a,b,a\n1,2,3\n", ["a"]) == "more than one of its columns is called `a`"
    assert check("unique", "a.csv", "a,b,a\n1,2,3\n", ["b"]) is None


def test_many_columns_are_not_all_listed(check):
    names = [f"c{number}" for number in range(30)]
    assert check("columns", "a.csv", ",".join(names) + "\n", ["other"]).endswith("`c19` and 10 more")


def test_long_fields_are_read(check, monkeypatch):
    assert check("unique", "a.csv", f"a\n{'x' * 1_000_000}\n{'x' * 1_000_000}\n", "a").endswith("…")
    monkeypatch.setattr(reading, "LONGEST_LINE", 1024 * 1024)
    assert check("columns", "a.csv", f"a\n{'x' * 1_500_000}\n", ["a"]) == "line 2: the line is longer than 1 MiB"


def test_many_rows_of_parquet(check):
    data = pa.table({"a": [*range(25_000), 7]})
    assert check("unique", "a.parquet", data, "a") == "row 25001: it repeats row 8: `a` is 7"


def test_without_pyarrow(check, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    wanted = "parquet needs pyarrow, which is not installed: `pip install 'otterdsl[parquet]'`"
    assert check("columns", "a.parquet", b"", ["a"]) == wanted
    assert check("unique", "a.parquet", b"", ["a"]) == wanted


def test_a_remote_table(tmp_path):
    (tmp_path / "a.csv").write_text("a,b\n1,2\n")
    config = Config(work_path=tmp_path, mirrors={"https://example.org/": f"{tmp_path}/"})
    table.columns("https://example.org/a.csv", ["a", "b"], exactly=True, config=config)
    with pytest.raises(TaskValidationError, match=re.escape("`https://example.org/a.csv`: it has no column `c`")):
        table.columns("https://example.org/a.csv", ["c"], config=config)
