"""Checks of tables: which columns one has, and that no two rows are the same in some. csv, tsv, jsonl, and parquet where pyarrow is installed.

csv is quoted as RFC 4180 has it, tsv is not quoted at all; the first line names the columns, and each row has as many fields. In jsonl each line is
an object, whose keys are the columns. Each check also for an event loop. What is absent: what the values are.
"""

import csv
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, Final

from otterdsl.runtime.storage.model import shown
from otterdsl.runtime.util.errors import TaskValidationError, did_you_mean
from otterdsl.runtime.validators.content import LINES_OF_JSON, parsed, refuse_constant
from otterdsl.runtime.validators.reading import LONGEST_LINE, Location, Source, twin

if TYPE_CHECKING:
    from otterdsl.runtime.config.model import Config

_PARQUET: Final = ".parquet"
_SEPARATED: Final[dict[str, dict[str, Any]]] = {
    ".csv": {"delimiter": ",", "strict": True},
    ".tsv": {"delimiter": "\t", "quoting": csv.QUOTE_NONE, "quotechar": None},
}
_ROWS_AT_ONCE: Final = 10_000
_JSON: Final = json.JSONDecoder(parse_constant=refuse_constant)


def columns(location: Location, names: Sequence[str], exactly: bool = False, config: "Config | None" = None, force_local: bool = False) -> None:
    """Check that a table has these columns; with `exactly`, these in this order and no others (in jsonl, in any order).

    All rows are looked at but those of parquet, which cannot differ. Raises: TaskValidationError.
    """
    wanted = _names(names, "columns")
    source = Source(location, config, force_local)
    if source.kind in LINES_OF_JSON:
        for number, row in _objects(source):
            _see_columns(source, list(row), wanted, exactly, number, ordered=False)
    elif source.kind == _PARQUET:
        with _parquet(source) as file:
            _see_columns(source, list(file.schema_arrow.names), wanted, exactly)
    else:
        rows = _rows(source)
        _, header = next(rows)
        _see_columns(source, header, wanted, exactly)
        for _ in rows:
            pass  # each is looked at as it is read


def unique(location: Location, columns: Sequence[str] | str, config: "Config | None" = None, force_local: bool = False) -> None:
    """Check that no two rows of a table have the same values in these columns. Takes some hundred bytes a row. Raises: TaskValidationError."""
    wanted = _names(columns, "unique")
    source = Source(location, config, force_local)
    seen: dict[bytes, int] = {}
    what = "row" if source.kind == _PARQUET else "line"
    for number, values in _values(source, wanted):
        key = blake2b(json.dumps(values, default=repr, sort_keys=True).encode(errors="surrogatepass"), digest_size=16).digest()
        first = seen.setdefault(key, number)
        if first != number:
            found = ", ".join(f"`{shown(name)}` is {shown(_short(value))}" for name, value in zip(wanted, values, strict=True))
            raise TaskValidationError(f"`{source.name}`, {what} {number}: it repeats {what} {first}: {found}")


def _names(names: Sequence[str] | str, check: str) -> list[str]:
    found = [names] if isinstance(names, str) else list(names) if isinstance(names, list | tuple) else None
    if found is None or not all(isinstance(each, str) for each in found):
        raise TaskValidationError(f"`{check}` takes names of columns, and {shown(repr(names))} are none")
    if not found:
        raise TaskValidationError(f"`{check}` checks nothing: name at least one column")
    return found


def _see_columns(source: Source, found: list[str], wanted: list[str], exactly: bool, line: int | None = None, *, ordered: bool = True) -> None:
    missing = [name for name in wanted if name not in found]
    if missing:
        meant = did_you_mean(missing[0], map(shown, found))
        raise source.wrong(f"it has no column {_listed(missing)}{meant or f'; there are {_listed(found)}'}", line)
    if not exactly:
        return
    others = [name for name in found if name not in wanted]
    if others:
        raise source.wrong(f"it has a column {_listed(others)} besides {_listed(wanted)}", line)
    if ordered and found != wanted:
        raise source.wrong(f"its columns are {_listed(found)}, where {_listed(wanted)} were expected", line)


def _listed(names: Sequence[str], most: int = 20) -> str:
    text = ", ".join(f"`{shown(name)}`" for name in names[:most])
    return (text or "none") + (f" and {len(names) - most} more" if len(names) > most else "")


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 100 else f"{text[:100]}…"


# ---------------------------------------------------------------- rows


def _values(source: Source, wanted: list[str]) -> Iterator[tuple[int, list[Any]]]:
    """The number of each row and its values in the wanted columns."""
    if source.kind in LINES_OF_JSON:
        for number, row in _objects(source):
            _see_columns(source, list(row), wanted, False, number)
            yield number, [row[name] for name in wanted]
    elif source.kind == _PARQUET:
        with _parquet(source) as file:
            _see_columns(source, list(file.schema_arrow.names), wanted, False)
            number = 0
            for batch in file.iter_batches(batch_size=_ROWS_AT_ONCE, columns=wanted):
                for row in batch.to_pylist():
                    number += 1
                    yield number, [row[name] for name in wanted]
    else:
        rows = _rows(source)
        _, header = next(rows)
        _see_columns(source, header, wanted, False)
        twice = [name for name, count in Counter(header).items() if count > 1 and name in wanted]
        if twice:
            raise source.wrong(f"more than one of its columns is called {_listed(twice)}")
        places = [header.index(name) for name in wanted]
        for number, fields in rows:
            yield number, [fields[place] for place in places]


def _rows(source: Source) -> Iterator[tuple[int, list[str]]]:
    """The header of a csv or tsv file and its rows, each with the line that it ends on, and with as many fields. Blank lines are none."""
    form = _SEPARATED.get(source.kind)
    if form is None:
        raise source.wrong(f"it is no table by its name, which would end in {', '.join([*_SEPARATED, *sorted(LINES_OF_JSON), _PARQUET])}")
    csv.field_size_limit(max(csv.field_size_limit(), LONGEST_LINE))
    reader = csv.reader(source.lines(), **form)
    width = 0
    while True:
        try:
            row = next(reader, None)
        except csv.Error as error:
            what = "a quoted field is never closed" if "end of data" in str(error) else str(error)
            raise source.wrong(f"it is no {source.kind[1:]}: {what}", reader.line_num) from error
        if row is None:
            break
        if not row:
            continue
        if width and len(row) != width:
            raise source.wrong(f"it has {len(row)} {'field' if len(row) == 1 else 'fields'}, where the header has {width}", reader.line_num)
        width = width or len(row)
        yield reader.line_num, row
    if not width:
        raise source.wrong("it is empty, and has no columns")


def _objects(source: Source) -> Iterator[tuple[int, dict[str, Any]]]:
    """The objects of a jsonl file, each with its line. Blank lines are none. Raises: TaskValidationError, also where there is no object."""
    empty = True
    for number, line in enumerate(source.lines(), start=1):
        if line.strip():
            row = parsed(source, line, number, _JSON)
            if not isinstance(row, dict):
                raise source.wrong("it is JSON, but no object, which has columns", number)
            empty = False
            yield number, row
    if empty:
        raise source.wrong("it is empty, and has no columns")


@contextmanager
def _parquet(source: Source) -> Iterator[Any]:
    """An open parquet file. Raises: TaskValidationError, also where pyarrow is not installed."""
    try:
        from pyarrow import ArrowException
        from pyarrow.parquet import ParquetFile
    except ImportError as error:
        raise source.wrong("parquet needs pyarrow, which is not installed: `pip install 'otterdsl[parquet]'`") from error
    with source.opened() as file:
        try:
            with ParquetFile(file) as parquet:
                yield parquet
        except ArrowException as error:
            raise source.wrong(f"it is no parquet: {shown(' '.join(str(error).split()))}") from error


async_columns = twin(columns)
async_unique = twin(unique)
