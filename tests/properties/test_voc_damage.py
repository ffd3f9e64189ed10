"""Damaged files of organic compounds: reading never raises, and every lost line is accounted for."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from streams import sources
from streams.records import VocBlock
from streams.registry import load
from streams.sources.stations import voc_csv
from streams.wire import messages
from tests.streams.real_data import assert_every_row_is_accounted_for

REGISTRY = load()
GOOD = (Path(__file__).parents[2] / "docs" / "layouts" / "voc.csv").read_bytes().replace(b"S510100", b"1431A")
JUNK = st.sampled_from(
    [
        b"",
        b"\x00",
        b'"',
        b"\n",
        b",",
        b"\r",
        b"\xff\xfe",
        "甲苯".encode("gb18030"),
        b"-",
        b"nan",
        b"<",
        b"_ppb",
        b"9" * 400,
    ]
)
DAMAGE = st.lists(st.tuples(st.floats(0, 1), st.integers(0, 60), JUNK | st.binary(max_size=8)), min_size=1, max_size=6)


def _read(raw: bytes) -> sources.Parsed:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "voc.csv"
        path.write_bytes(raw)
        return voc_csv.parse(path, REGISTRY, all_stations=True, received_at=0.0, simulated=False)


def _hold(parsed: sources.Parsed) -> None:
    assert_every_row_is_accounted_for(parsed)
    assert all(each.file and each.position and each.reason and each.expected for each in parsed.rejected)
    for block in parsed.blocks:
        assert isinstance(block, VocBlock)
        back = messages.block_from(messages.block_line(block))
        np.testing.assert_allclose(back.values, block.values, atol=0.6e-5, rtol=0)


@settings(max_examples=200, deadline=None)
@given(DAMAGE)
def test_damage_is_answered_and_accounted_for(damage):
    raw = GOOD
    for at, cut, junk in damage:
        place = int(at * len(raw))
        raw = raw[:place] + junk + raw[place + cut :]
    _hold(_read(raw))


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=300), st.booleans())
def test_random_bytes_never_raise(noise, behind_a_header):
    head = b"station,hour_end,toluene_ppb\n" if behind_a_header else b""
    assert isinstance(voc_csv.recognises(Path("x"), head + noise), bool)
    _hold(_read(head + noise))


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=80))
def test_no_name_of_a_column_is_too_odd(name):
    parsed = _read(f"station,hour_end,toluene_ppb,{name}_ppb\n1431A,2024-01-01T00:00Z,1,2\n".encode("utf-8", "replace"))
    _hold(parsed)
