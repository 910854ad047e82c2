"""Which validators a `validate { … }` may call: their names, what they are for, and their parameters, with types as the language has them.

Out: `VALIDATORS`, plain data. The functions are imported when they are asked for, since the compiler asks for none. What is absent: any checking.
"""

import importlib
from collections.abc import Awaitable, Callable, Mapping
from types import MappingProxyType
from typing import Any, Final, NamedTuple, TypeAlias, Union

Default: TypeAlias = Union[str, int, bool, None]


class Parameter(NamedTuple):
    """A parameter of a validator: its type as the language writes it, and its default where it may be left out."""

    name: str
    type: str
    required: bool = True
    default: Default = None


class Validator(NamedTuple):
    """A validator: its name, one line on what it checks, its parameters in order, and the module that holds its two functions."""

    name: str
    doc: str
    parameters: tuple[Parameter, ...]
    module: str

    @property
    def function(self) -> Callable[..., None]:
        """The function that waits. Imports its module."""
        found: Any = getattr(importlib.import_module(self.module), self.name)
        return found  # type: ignore[no-any-return]  # a test calls each by its parameters

    @property
    def async_function(self) -> Callable[..., Awaitable[None]]:
        """The one for an event loop. Imports its module."""
        found: Any = getattr(importlib.import_module(self.module), f"async_{self.name}")
        return found  # type: ignore[no-any-return]  # a test calls each by its parameters


_HERE: Final = "otterdsl.runtime.validators"
_LOCATION: Final = Parameter("location", "input")

_ALL: Final = (
    Validator("exists", "Something is at the location.", (_LOCATION,), f"{_HERE}.file"),
    Validator("size", "Two files are of one size.", (Parameter("one", "input"), Parameter("two", "input")), f"{_HERE}.file"),
    Validator("not_empty", "The file holds at least one byte; where it is compressed, so does its content.", (_LOCATION,), f"{_HERE}.content"),
    Validator("matches", "The pattern, a regular expression, is found in the text.", (_LOCATION, Parameter("pattern", "str")), f"{_HERE}.content"),
    Validator(
        "checksum",
        "The bytes of the file have this digest, such as `sha256:…`, `sha512:…`, `sha1:…` or `md5:…`.",
        (_LOCATION, Parameter("expected", "str")),
        f"{_HERE}.content",
    ),
    Validator(
        "line_count",
        "The text has so many lines.",
        (
            _LOCATION,
            Parameter("exactly", "int?", required=False),
            Parameter("at_least", "int?", required=False),
            Parameter("at_most", "int?", required=False),
        ),
        f"{_HERE}.content",
    ),
    Validator("json_valid", "The file is JSON; one that ends in `.jsonl` or `.ndjson` is JSON on each line.", (_LOCATION,), f"{_HERE}.content"),
    Validator(
        "columns",
        "The table (csv, tsv, jsonl or parquet) has these columns; with `exactly`, these in this order and no others.",
        (_LOCATION, Parameter("names", "list[str]"), Parameter("exactly", "bool", required=False, default=False)),
        f"{_HERE}.table",
    ),
    Validator(
        "unique",
        "No two rows of the table have the same values in these columns.",
        (_LOCATION, Parameter("columns", "list[str] | str")),
        f"{_HERE}.table",
    ),
)

VALIDATORS: Final[Mapping[str, Validator]] = MappingProxyType({each.name: each for each in _ALL})
"""The validators by name."""
