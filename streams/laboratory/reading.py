"""A laboratory's file as samples and rejects: every row is one of them, or a file of which nothing can be used is one reject."""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import dataclass
from pathlib import Path

from standards.days import day_of_date, first_hour_of_day
from streams.laboratory.headers import LOOKED_FOR, NEEDED, Columns, columns_of, is_header
from streams.laboratory.samples import Sample, day_of, sample_of
from streams.laboratory.tables import rows_in
from streams.records import Rejected
from streams.registry import Registry
from streams.sources.files import opened, shown
from streams.sources.tally import Unusable

SOURCE = "laboratory"
"""Under this name the books count such rows."""


@dataclass(frozen=True, slots=True)
class Read:
    """What a file holds: rows is the number of samples, repetitions and rejects together. digest: SHA-256 of its bytes."""

    file: str
    digest: str
    samples: tuple[Sample, ...]
    repeated: tuple[Sample, ...]
    rejected: tuple[Rejected, ...]

    @property
    def rows(self) -> int:
        """How many rows it has, each of which is one of the three."""
        return len(self.samples) + len(self.repeated) + len(self.rejected)


def read_file(path: Path, registry: Registry, *, today: dt.date, sheet: str = "") -> Read:
    """Read a file. today: no sample is of a later day. sheet: which of a workbook's. Errors: OSError where it cannot be read."""
    with opened(path) as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    name, rejected = shown(path), []
    samples: dict[tuple, Sample] = {}
    repeated: list[Sample] = []
    try:
        for line, cells, columns in _below_header(path, sheet):
            try:
                sample = sample_of(cells, line, columns, registry, today)
                if _comes_again(sample, samples):
                    repeated.append(sample)
            except Unusable as problem:
                rejected.append(_reject(problem, name, line, columns, day_of(columns.cell(cells, "sampled_on"))))
    except Unusable as problem:
        # What stood above was read by a header that may be as wrong as what came: of half a file nothing is taken.
        found = Rejected(SOURCE, problem.position, problem.reason, problem.value, problem.expected, file=name)
        return Read(name, digest, (), (), (found,))
    if not samples and not rejected:
        found = Rejected(SOURCE, "file", "no row below the header", name, "a row for each result", file=name)
        return Read(name, digest, (), (), (found,))
    return Read(name, digest, tuple(samples.values()), tuple(repeated), tuple(rejected))


def end_of(day: dt.date) -> int:
    """Give the epoch hour at which a natural day ends: under it its samples are counted."""
    return int(first_hour_of_day(day_of_date(day) + 1)) - 1


def _below_header(path: Path, sheet: str):
    """Give line, cells and columns of each row below the header; above it a report has its title."""
    columns: Columns | None = None
    for count, (line, cells) in enumerate(rows_in(path, sheet)):
        if columns is not None:
            yield line, cells, columns
        elif is_header(cells):
            columns = columns_of(cells, line)
        elif count >= LOOKED_FOR:
            break
    if columns is None:
        expected = f"one among the first {LOOKED_FOR} rows, with columns for {', '.join(NEEDED)} and the unit"
        raise Unusable("file", "no header of a laboratory's table", path.name, expected)


def _comes_again(sample: Sample, samples: dict[tuple, Sample]) -> bool:
    """Enter a sample, or tell that it is there already; raise Unusable where it is there with another content."""
    first = samples.setdefault(sample.key, sample)
    if first is sample:
        return False
    if content_of(first) != content_of(sample):
        said = f"{sample.reported} {sample.reported_unit}"
        raise Unusable(
            "column sample", "the sample comes twice with other values", said, f"it once, as in line {first.line}"
        )
    return True


def content_of(sample: Sample) -> tuple:
    """Give what a sample says beside its key and its place in the file."""
    return (
        sample.city, sample.medium, sample.substance, sample.result, sample.below, sample.detection_limit,
        sample.quantification_limit, sample.unit, sample.reported, sample.reported_unit, sample.laboratory,
    )  # fmt: skip


def _reject(problem: Unusable, name: str, line: int, columns: Columns, day: dt.date | None) -> Rejected:
    column = columns.name_of(problem.position.removeprefix("column "))
    return Rejected(
        SOURCE, f"line {line}, column {column}", problem.reason, problem.value, problem.expected, file=name,
        hour_end=None if day is None else end_of(day),
    )  # fmt: skip
