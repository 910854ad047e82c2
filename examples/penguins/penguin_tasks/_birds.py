"""A clean bird, and its way to a table and back. The name begins with `_`, so this module is no task type."""

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import astuple, dataclass, fields
from typing import Final

MEASURES: Final = {
    "culmen_length_mm": "Culmen Length (mm)",
    "culmen_depth_mm": "Culmen Depth (mm)",
    "flipper_length_mm": "Flipper Length (mm)",
    "body_mass_g": "Body Mass (g)",
}
MISSING: Final = "NA"


@dataclass(frozen=True, slots=True)
class Bird:
    """One penguin that was measured. `sex` is empty where nobody knows."""

    species: str
    island: str
    sex: str
    culmen_length_mm: float
    culmen_depth_mm: float
    flipper_length_mm: float
    body_mass_g: float


COLUMNS: Final = tuple(field.name for field in fields(Bird))


def published(text: str) -> Iterator[Bird | None]:
    """The birds of the table as it was published, None for each that lacks a measure. Raises: KeyError, ValueError, for another table."""
    for row in csv.DictReader(io.StringIO(text)):
        measures = {name: row[column] for name, column in MEASURES.items()}
        if MISSING in measures.values():
            yield None
            continue
        # "Adelie Penguin (Pygoscelis adeliae)" is an Adelie here.
        species, *_ = row["Species"].split()
        sex = "" if row["Sex"] == MISSING else row["Sex"]
        yield Bird(species, row["Island"], sex, **{name: float(value) for name, value in measures.items()})


def to_csv(birds: Iterable[Bird]) -> str:
    """The birds as a table with a header."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(astuple(bird) for bird in birds)
    return out.getvalue()


def from_csv(text: str) -> list[Bird]:
    """The birds of a table that `to_csv` wrote."""
    rows = csv.DictReader(io.StringIO(text))
    return [Bird(row["species"], row["island"], row["sex"], *(float(row[name]) for name in MEASURES)) for row in rows]
