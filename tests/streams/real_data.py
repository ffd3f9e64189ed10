"""Where tests find real data, and the account every parser owes."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path

import pytest

from streams.sources import Parsed

REPOSITORY = Path(__file__).parents[2]
DATA = Path(os.environ.get("AIRSHED_DATA", REPOSITORY.parent / "shared" / "data"))


def real(name: str) -> Path:
    """Give the path of a real file; skip the test where it is absent."""
    if not (DATA / name).exists():
        pytest.skip(f"real data {name} is not in {DATA} (set AIRSHED_DATA)")
    return DATA / name


def passed_by_hour(parsed: Parsed) -> Counter[int]:
    """Count the rows in blocks by epoch hour."""
    rows: Counter[int] = Counter()
    for block in parsed.blocks:
        for h, n in enumerate(block.present.sum(axis=0).tolist()):
            rows[block.first_hour + h] += n
    return +rows


def assert_every_row_is_accounted_for(parsed: Parsed) -> None:
    """Rows in blocks + rejected rows = rows in, hour by hour, and the intake's own count of rejected rows agrees."""
    rejected: Counter[int] = Counter()
    for one in parsed.rejected:
        rejected[-1 if one.hour_end is None else one.hour_end] += one.rows
    assert +rejected == Counter(parsed.intake.rejected)
    assert +(passed_by_hour(parsed) + rejected) == Counter(parsed.intake.rows_in)
