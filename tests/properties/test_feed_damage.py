"""Damaged files of every feed: none raises for what a file holds, and rows in = rows passed on + rows rejected.

The feeds are those that are registered, each with its example: `docs/layouts/<name>.*`, or one that is made here.
"""

from __future__ import annotations

import importlib
import random
import tempfile
import time
import warnings
from collections import Counter
from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from research.virtual_airshed.forecasts.cdaqs_writer import lambert_grid, write_cf, write_ioapi
from streams import sources
from streams.registry import load
from streams.sources import files
from streams.sources.tally import Origin, Parsed, Tally, Unusable
from streams.store.reasons import reason_in
from streams.wire import messages
from tests.properties.mutations import mutated
from tests.streams.sources.tags.made import CAMX_TABLE, ISAM_TABLE, camx_file, isam_file, receptor_file

ROOT = Path(__file__).parents[2]
REGISTRY = load()
FEEDS = {
    name: importlib.import_module(module) for name, module in zip(sources.layouts(), sources._SOURCES, strict=True)
}
BINARY = ("cdaqs", "tags")
MUTATIONS, MUTATED_S = 300, 3.0
"""Mutations of each feed, and how long they may take [s]."""
INIT = 464_988
"""2023-01-17T12:00Z."""
JUNK = st.sampled_from(
    [
        b"", b"\x00", b'"', b"\n", b",", b"\r", b"\xff\xfe", b"-", b"nan", b"inf", b"<", b"1_000", b"1e400", b"2023", b"+08:00",
        b"\nstray line\n", b"\n,,,,,,,,\n", b"," * 3000, b"9" * 400, b"9" * 5000, b"9" * 140_000, b'"' + b"x" * 140_000,
        "１２".encode(), "²".encode(), "甲苯".encode("gb18030"), "成都".encode(), b"\xef\xbb\xbf", b"[" * 2000,
    ]
)  # fmt: skip
DAMAGE = st.lists(
    st.tuples(st.integers(0, 9), st.floats(0, 1), st.integers(0, 60), JUNK | st.binary(max_size=8)),
    min_size=1,
    max_size=6,
)


def _shipped(name: str) -> list[dict[str, bytes]]:
    found = sorted((ROOT / "docs" / "layouts").glob(f"{name}.*"))
    return [{path.name: path.read_bytes()} for path in found if path.suffix != ".md"]


def _inventory() -> list[dict[str, bytes]]:
    folder = ROOT / "tests" / "data" / "emissions"
    return [{part.relative_to(folder.parent).as_posix(): part.read_bytes() for part in files.parts_of(folder)}]


def _runs() -> list[dict[str, bytes]]:
    lon, lat = np.arange(101.5, 106.6, 0.4), np.arange(28.0, 33.6, 0.4)
    rows, columns, cell_m = 18, 20, 30_000.0
    shape = lambert_grid(rows=rows, columns=columns, cell_m=cell_m).lonlat[0].shape
    with tempfile.TemporaryDirectory() as folder:
        cf, ioapi = Path(folder) / "cf.nc", Path(folder) / "ioapi.nc"
        field = {"O3": ("ppbV", np.full((3, lat.size, lon.size), 40.0))}
        write_cf(cf, field, lon=lon, lat=lat, first_stamp=INIT, run_init=INIT)
        made = {
            "rows": rows,
            "columns": columns,
            "cell_m": cell_m,
            "classic": True,
            "first_stamp": INIT,
            "run_init": INIT,
        }
        write_ioapi(ioapi, {"PM25_TOT": ("ug m-3", np.full((3, *shape), 30.0))}, **made)
        return [{path.name: path.read_bytes()} for path in (cf, ioapi)]


def _tags() -> list[dict[str, bytes]]:
    with tempfile.TemporaryDirectory() as folder:
        made = {
            name: Path(folder) / f"{name}.nc" for name in ("receptors", "isam", "camx")
        }  # fmt: skip
        receptor_file(made["receptors"])
        isam_file(made["isam"], table="", attributes={"tag_table": ISAM_TABLE}, hours=2)
        camx_file(made["camx"], table="", attributes={"tag_table": CAMX_TABLE}, hours=2)
        return [{path.name: path.read_bytes()} for path in made.values()]


MADE: dict[str, Callable[[], list[dict[str, bytes]]]] = {"emissions": _inventory, "cdaqs": _runs, "tags": _tags}


@cache
def examples(name: str) -> list[dict[str, bytes]]:
    """Give the examples of a feed, each as its files by their paths."""
    return _shipped(name) + (MADE[name]() if name in MADE else [])


def read(name: str, example: dict[str, bytes], *, all_stations: bool = True) -> Parsed:
    """Give what a feed makes of some files, without the guard that would hide what it raises."""
    with tempfile.TemporaryDirectory() as folder:
        for place, content in example.items():
            path = Path(folder) / place
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        first = Path(folder) / next(iter(example))
        unit = first.parent if len(example) > 1 else first
        origin = Origin(name, unit.name, "", 0.0)
        tally = Tally(origin)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                FEEDS[name].parse(unit, REGISTRY, tally, all_stations=all_stations)
        except Unusable as problem:
            tally = Tally(origin)
            tally.refuse(problem)
        return tally.parsed()


def passed_on(parsed: Parsed) -> Counter[int]:
    """Count the rows in blocks by hour."""
    rows: Counter[int] = Counter()
    for block in parsed.blocks:
        for h in range(block.hours):
            present, places = getattr(block, "present", None), getattr(block, "places", ("",))
            rows[block.first_hour + h] += len(places) if present is None else int(present[:, h].sum())
    return rows


def assert_answered(parsed: Parsed) -> None:
    """Every row is passed on or rejected; every reject says what, where and what was expected, also in Chinese; all can be sent."""
    rejected: Counter[int] = Counter()
    for each in parsed.rejected:
        assert each.file and each.position and each.reason and each.expected
        assert reason_in("zh", each.reason) != each.reason
        rejected[-1 if each.hour_end is None else each.hour_end] += each.rows
        messages.rejected_line(each, 0.0)
    assert +rejected == Counter(parsed.intake.rejected)
    assert +(passed_on(parsed) + rejected) == Counter(parsed.intake.rows_in)
    assert parsed.blocks or parsed.rejected
    messages.intake_line(parsed.intake)
    for block in parsed.blocks:
        assert messages.block_from(messages.block_line(block)).values.shape == block.values.shape


def damaged(example: dict[str, bytes], damage: list[tuple[int, float, int, bytes]]) -> dict[str, bytes]:
    """Cut pieces out of the files of an example, and put junk in their place."""
    places, found = sorted(example), dict(example)
    for which, at, cut, junk in damage:
        place = places[which % len(places)]
        raw = found[place]
        start = int(at * len(raw))
        found[place] = raw[:start] + junk + raw[start + cut :]
    return {place: found[place] for place in example}


@pytest.mark.parametrize("name", FEEDS)
def test_every_feed_has_an_example_that_is_read_without_a_complaint(name: str) -> None:
    assert examples(name), f"put an example of {name} into docs/layouts"
    for example in examples(name):
        parsed = read(name, example)
        assert parsed.blocks and not [each for each in parsed.rejected if not each.set_aside]
        assert_answered(parsed)


@pytest.mark.parametrize("name", FEEDS)
def test_no_damage_makes_a_feed_raise_or_lose_count(name: str) -> None:
    @settings(max_examples=25 if name in BINARY else 100, deadline=None)
    @given(st.integers(0, 9), DAMAGE, st.booleans())
    def holds(which: int, damage: list, all_stations: bool) -> None:
        chosen = examples(name)
        assert_answered(read(name, damaged(chosen[which % len(chosen)], damage), all_stations=all_stations))

    holds()


@pytest.mark.parametrize("name", FEEDS)
def test_no_bytes_behind_a_header_make_a_feed_raise_or_lose_count(name: str) -> None:
    @settings(max_examples=25 if name in BINARY else 100, deadline=None)
    @given(st.binary(max_size=300))
    def holds(noise: bytes) -> None:
        (place, content), *_ = examples(name)[0].items()
        head = content[:64] if name in BINARY else content.splitlines(keepends=True)[0]
        assert_answered(read(name, {place: head + noise}))

    holds()


@pytest.mark.parametrize(
    "content", [b"", b"\n", b",", b"\x00", b"\xef\xbb\xbf", b"\xff\xfe", b"\r", b'"', b",,,\n,,,\n"]
)
@pytest.mark.parametrize("name", FEEDS)
def test_hardly_anything_at_all_makes_no_feed_raise_or_lose_count(name: str, content: bytes) -> None:
    # A file may be emptied between the look at its first bytes and the reading.
    for example in examples(name):
        assert_answered(read(name, dict.fromkeys(example, content)))


@settings(max_examples=300, deadline=None)
@given(
    st.binary(max_size=300) | JUNK,
    st.sampled_from([b"", b"date,", b"station,hour_end,", b"Date,Hour,WatchPoint", b"CDF\x01"]),
)
def test_no_first_bytes_make_a_feed_raise_when_it_is_asked_whether_it_knows_them(noise: bytes, begin: bytes) -> None:
    for feed in FEEDS.values():
        assert isinstance(feed.recognises(Path("x"), begin + noise), bool)


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=80))
def test_no_name_of_a_column_is_too_odd(name: str) -> None:
    text = f"station,hour_end,toluene_ppb,{name}_ppb\n1431A,2024-01-01T00:00Z,1,2\n"
    assert_answered(read("voc-csv", {"voc.csv": text.encode("utf-8", "replace")}))


@pytest.mark.parametrize("name", FEEDS)
def test_no_mutation_makes_a_feed_raise_or_lose_count(name: str) -> None:
    # The first of what `python -m tests.bench.bench_mutate` tries for hours.
    until = time.monotonic() + MUTATED_S
    for seed in range(MUTATIONS):
        chance = random.Random(f"{name} {seed}")
        files = mutated(chance.choice(examples(name)), chance)
        try:
            assert_answered(read(name, files, all_stations=chance.random() < 0.5))
        except Exception as error:
            raise AssertionError(f"python -m tests.bench.bench_mutate --feed {name} --seed {seed}") from error
        if time.monotonic() > until:
            break
