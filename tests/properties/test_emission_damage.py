"""Damaged inventories: parsing never raises, every lost line is accounted for, and the year's sum always holds."""

from __future__ import annotations

import math
import shutil
import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.registry import load
from streams.sources.emissions import feed as emissions
from streams.sources.emissions.profiles import hour_weights, hours_in

REGISTRY = load()
SAMPLE = Path(__file__).parents[1] / "data" / "emissions"
FILES = ("inventory.csv", "meta.toml", "profiles/monthly.csv", "profiles/weekly.csv", "profiles/hourly.csv")
JUNK = st.sampled_from(
    [b"", b"\x00", b'"', b"\n", b",", b"\xff\xfe", "成都".encode("gb18030"), b"-", b"nan", b"\r", b"9" * 400]
)
DAMAGE = st.lists(st.tuples(st.sampled_from(FILES), st.floats(0, 1), st.integers(0, 60), JUNK), min_size=1, max_size=6)
WEIGHTS = st.floats(0.001, 1000)


@settings(max_examples=120, deadline=None)
@given(DAMAGE)
def test_damage_is_answered_and_accounted_for(damage):
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "inventory"
        shutil.copytree(SAMPLE, folder)
        for file, at, cut, junk in damage:
            raw = (folder / file).read_bytes()
            place = int(at * len(raw))
            (folder / file).write_bytes(raw[:place] + junk + raw[place + cut :])
        parsed = emissions.parse(folder, REGISTRY, received_at=0.0)
    intake = parsed.intake
    assert sum(intake.rejected.values()) == sum(r.rows for r in parsed.rejected)
    assert sum(intake.rows_in.values()) == sum(b.hours for b in parsed.blocks) + sum(intake.rejected.values())
    assert all(r.file and r.position and r.reason and r.expected for r in parsed.rejected)


@given(
    st.integers(1990, 2099),
    st.none() | st.lists(WEIGHTS, min_size=12, max_size=12),
    st.none() | st.lists(WEIGHTS, min_size=7, max_size=7),
    st.none() | st.lists(WEIGHTS, min_size=24, max_size=24),
)
def test_the_hours_of_any_year_under_any_profile_sum_to_one(year, monthly, weekly, hourly):
    shares = hour_weights(year, *(None if p is None else np.array(p) for p in (monthly, weekly, hourly)))
    assert shares.size == hours_in(year)
    assert math.fsum(shares) == pytest.approx(1, abs=1e-14)
    if monthly is not None:
        january = math.fsum(shares[: 31 * 24])
        assert january == pytest.approx(monthly[0] / math.fsum(monthly), rel=1e-12)
