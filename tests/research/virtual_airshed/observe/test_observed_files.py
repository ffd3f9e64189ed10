"""Files: the platform's own parsers read them and reject exactly what is recorded; the same seed gives the same bytes."""

from __future__ import annotations

import csv
import dataclasses
import io
from collections import Counter
from functools import lru_cache
from pathlib import Path

import numpy as np
import pytest

from research.virtual_airshed.inventories.places import complete_cities
from research.virtual_airshed.observe import cems, chromatograph, records
from research.virtual_airshed.observe.faults import Fault
from research.virtual_airshed.observe.files import OutFile
from research.virtual_airshed.observe.laying import OutboxError, csv_text
from research.virtual_airshed.observe.observer import Observation, observe, observe_days
from research.virtual_airshed.observe.outbox import Outbox, read_faults
from research.virtual_airshed.observe.registry_files import registry_files
from research.virtual_airshed.observe.sites import SUPER_SITES
from research.virtual_airshed.tracers import SECTORS
from standards.pollutants import ITEMS
from streams import registry as registries
from streams.records import SPECIES
from streams.registry import load
from streams.sources import Parsed, parse_file
from tests.research.virtual_airshed.observe.made_days import (
    FIRST_HOUR,
    TAGS,
    made_day,
    made_observer,
    registry_with,
    super_cells,
)

FEEDS = ("stations", "micro", "super", "voc", "composition", "cems")
ROWS = {"composition": 4}
"""How many rows a line is, where it is not one: ions, carbon, elements and the marker are rows of their own."""
"""Feeds that the platform has no parser for."""
UNKNOWN = "station is in none of the registry's cities"


@lru_cache(maxsize=8)
def observed(*, faults: float = 6.0, noise: float = 1.0, day: int = 0, seed: int = 1) -> Observation:
    return observe(
        made_day(FIRST_HOUR + 24 * day, cells=super_cells()), made_observer(seed=seed, faults=faults, noise=noise)
    )


def parsed(file: OutFile, folder: Path, registry=None) -> Parsed:
    path = folder / file.path
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(file.text, encoding="utf-8")
    return parse_file(path, registry or registry_with(made_observer()), received_at=0.0)


def feed_of(file: OutFile) -> str:
    return file.path.partition("/")[0]


def rows_of(*files: OutFile) -> list[dict[str, str]]:
    return [row for file in files for row in csv.DictReader(io.StringIO(file.text))]


# What the platform makes of them.


@pytest.mark.parametrize("day", range(6))
def test_parsers_reject_exactly_what_is_recorded_and_say_so_in_its_line(day, tmp_path):
    made = observed(day=day)
    assert {feed_of(file) for file in made.files} == set(FEEDS)
    for file in made.files:
        got = parsed(file, tmp_path).rejected
        expected = [fault for fault in made.faults if fault.rejected and fault.file == file.path]
        told = Counter(
            (int(r.position.split(",")[0].removeprefix("line ")), r.reason) for r in got if r.reason != UNKNOWN
        )
        assert told == Counter((fault.line, fault.reason) for fault in expected if fault.kind != "unknown")
        # Unknown stations are set aside hour by hour, without a line; their codes are told.
        codes = [code for r in got if r.set_aside for code in r.value.split(", ")]
        unknown = [f"X{fault.station}" for fault in expected if fault.kind == "unknown"]
        assert sorted(codes) == sorted(unknown * ROWS.get(feed_of(file), 1))


def test_every_kind_of_fault_that_must_be_rejected_was_among_them():
    kinds = Counter(fault.kind for day in range(6) for fault in observed(day=day).faults if fault.rejected)
    assert set(kinds) == {"cut", "no_offset", "unknown", "text", "negative"}


def test_without_faults_nothing_is_rejected_and_nothing_is_recorded(tmp_path):
    made = observed(faults=0.0)
    assert made.faults == ()
    assert all(parsed(file, tmp_path).rejected == [] for file in made.files)


@pytest.mark.parametrize("day", range(3))
def test_all_that_the_files_bring_is_marked_as_simulated(day, tmp_path):
    kinds = set()
    for file in observed(day=day).files:
        for block in parsed(file, tmp_path).blocks:
            assert block.simulated
            kinds.add(type(block).__name__)
    assert kinds == {"ObservationBlock", "VocBlock", "EmissionBlock", "CompositionBlock"}


def test_every_row_is_accounted_for(tmp_path):
    for file in observed().files:
        result = parsed(file, tmp_path)
        lost = Counter()
        for one in result.rejected:
            lost[-1 if one.hour_end is None else one.hour_end] += one.rows
        assert +lost == Counter(result.intake.rejected)


def test_without_noise_and_faults_the_platform_gets_each_cell_times_its_siting(tmp_path):
    made, day, observer = observed(faults=0.0, noise=0.0), made_day(cells=super_cells()), made_observer(noise=0.0)
    for feed, stem in (("stations", "national"), ("super", "super")):
        network = observer.network(feed)
        (file,) = (f for f in made.files if f.path == f"{feed}/{stem}_20150101.csv")
        places = 10.0 ** -np.array(network.instruments.make.decimals)[:, None]
        seen = 0
        for block in parsed(file, tmp_path).blocks:
            for i, code in enumerate(block.stations):
                s = network.sites.codes.index(code)
                cell = day.ground.items()[:, network.sites.row[s], network.sites.column[s]]
                exact = cell * network.instruments.siting[:, s, None]
                assert (abs(block.values[:, i] - exact) <= 0.5 * places + 1e-9).all()
                seen += block.values.shape[-1]
        assert seen == 24 * len(network.sites.codes)


def test_review_beats_what_was_provisional_by_its_status(tmp_path):
    made = observed()
    statuses = {
        file.path: {(b.status, b.revision) for b in parsed(file, tmp_path).blocks}
        for file in made.files
        if "national" in file.path
    }
    assert statuses["stations/national_20150101.csv"] == {("provisional", 0)}
    assert statuses["stations/national_20150101_reviewed.csv"] == {("reviewed", 0)}
    assert statuses["stations/national_20150101_revision1.csv"] == {("reviewed", 1)}


def test_compounds_below_their_limit_are_told_by_the_limit(tmp_path):
    made = observed(faults=0.0)
    (file,) = (f for f in made.files if f.path.startswith("voc/"))
    (block,) = parsed(file, tmp_path).blocks
    assert block.stations == ("SIM-S01", "SIM-S02") and len(block.species) == 116
    limits = dict(zip(chromatograph.NAMES, chromatograph.LIMITS, strict=True))
    below = 0
    for i, name in enumerate(block.species):
        under = np.isfinite(block.below_ppb[i])
        assert (block.below_ppb[i][under] == limits[name]).all() and np.isnan(block.values[i][under]).all()
        assert (block.values[i][~under] >= limits[name]).all()
        below += under.sum()
    assert 0.05 < below / block.values.size < 0.95


def test_stacks_bring_the_coal_sector_of_their_cities(tmp_path):
    made, kg = observed(faults=0.0, noise=0.0), made_day().kg
    (file,) = (f for f in made.files if f.path.startswith("cems/"))
    blocks = parsed(file, tmp_path).blocks
    assert {block.city for block in blocks} == set(complete_cities())
    for block in blocks:
        assert block.sectors == ("coal",)
        for name in cems.MEASURED:
            expected = kg[TAGS.cities.index(block.city), SECTORS.index("coal"), SPECIES.index(name)]
            np.testing.assert_allclose(block.values[0, SPECIES.index(name)], expected, atol=0.0005 + 1e-9)


# The same bytes.


def test_the_same_seed_gives_the_same_bytes_and_another_one_others():
    one, same = observed(), observe(made_day(cells=super_cells()), made_observer(faults=6.0))
    assert one.files == same.files and one.faults == same.faults and one.stack_rows == same.stack_rows
    other = observed(seed=2)
    assert {f.path: f.text for f in one.files} != {f.path: f.text for f in other.files}


def test_a_day_alone_is_the_day_of_a_run():
    days = [made_day(FIRST_HOUR + 24 * day, cells=super_cells()) for day in range(4)]
    run = list(observe_days(days, made_observer(faults=6.0)))
    for number, alone in enumerate(observed(day=day) for day in range(4)):
        assert run[number].files == alone.files and run[number].faults == alone.faults


def test_hours_one_by_one_are_the_lines_of_the_day():
    whole = observed()
    hours = list(
        observe_days((made_day(FIRST_HOUR + h, 1, cells=super_cells()) for h in range(24)), made_observer(faults=6.0))
    )
    for feed in FEEDS:
        by_day, by_hour = (
            sorted(line for file in files if file.path.startswith(f"{feed}/") for line in file.text.splitlines()[1:])
            for files in (whole.files, [file for hour in hours for file in hour.files])
        )
        assert by_hour == by_day
    assert {file.path for file in hours[7].files} >= {"stations/national_20150101T08.csv", "voc/voc_20150101T08.csv"}


def test_fewer_micro_stations_leave_the_others_as_they_are():
    few = observe(made_day(cells=super_cells()), made_observer(faults=0.0, micro=7))
    many = observe(made_day(cells=super_cells()), made_observer(faults=0.0, micro=20))
    some, all_of_them = ([f for f in each.files if f.path.startswith("micro/")] for each in (few, many))
    assert {r["station"] for r in rows_of(*some)} == {f"SIM-M{i:04d}" for i in range(1, 8)}
    codes = {r["station"] for r in rows_of(*some)}
    assert rows_of(*some) == [r for r in rows_of(*all_of_them) if r["station"] in codes]


def test_a_run_without_micro_stations_has_no_file_of_them():
    made = observe(made_day(cells=super_cells()), made_observer(micro=0))
    assert not [f for f in made.files if f.path.startswith("micro/")]


def test_hours_of_two_natural_days_are_refused():
    with pytest.raises(ValueError, match="lie in two natural days, expected one"):
        observe(made_day(FIRST_HOUR + 20, 8, cells=super_cells()), made_observer())


def test_a_run_without_tags_has_compounds_too():
    observer = made_observer(tagged=False, noise=0.0)
    made = observe(made_day(), observer)
    (file,) = (f for f in made.files if f.path.startswith("voc/"))
    assert len(rows_of(file)) == 24 * len(SUPER_SITES)


# What comes late.


def test_what_is_late_lies_in_a_file_of_its_own_and_says_when_it_arrives():
    late = [(day, fault) for day in range(12) for fault in observed(day=day).faults if fault.kind == "late"]
    assert len(late) > 3
    for day, fault in late:
        made = observed(day=day)
        files = {file.path: file for file in made.files}
        usual = fault.file.replace("_late", "")
        lines = rows_of(files[fault.file]) if fault.file in files else []
        assert fault.station == "*" and fault.feed == fault.file.partition("/")[0]
        if lines:
            assert files[fault.file].arrives >= fault.last_hour + 12
        if usual in files:
            assert files[usual].arrives <= files[usual].last_hour + 4
            told = {row["hour_end"] for row in rows_of(files[usual])}
            assert not told & {row["hour_end"] for row in lines}


def test_review_comes_on_the_next_day_and_revisions_days_later():
    files = {file.path: file for day in range(6) for file in observed(day=day).files}
    reviewed = [file for path, file in files.items() if path.endswith("_reviewed.csv")]
    revised = [file for path, file in files.items() if path.endswith("_revision1.csv")]
    assert len(reviewed) == 6 and revised
    assert all(file.arrives == file.last_hour + 10 for file in reviewed)
    assert all(file.arrives >= file.last_hour + 72 for file in revised)


# The shell.


def test_files_are_laid_down_once_and_left_alone(tmp_path):
    box = Outbox(tmp_path / "feeds", tmp_path / "truth")
    paths = box.put(observed())
    assert {path.relative_to(tmp_path / "feeds").as_posix() for path in paths} == {
        file.path for file in observed().files
    }
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.csv")}
    box.put(observed())
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.csv")} == before
    assert not list(tmp_path.rglob(".*"))


def test_another_run_may_not_write_over_the_files_of_the_first(tmp_path):
    box = Outbox(tmp_path / "feeds", tmp_path / "truth")
    box.put(observed())
    with pytest.raises(OutboxError, match="is there with other content"):
        box.put(observed(seed=2))


def test_in_a_live_run_files_wait_until_they_arrive(tmp_path):
    box, made = Outbox(tmp_path / "feeds", tmp_path / "truth"), observed()
    end = FIRST_HOUR + 23
    now = {path.relative_to(tmp_path / "feeds").as_posix() for path in box.put(made, now=end)}
    assert now == {file.path for file in made.files if file.arrives <= end}
    assert "stations/national_20150101_reviewed.csv" not in now
    next_day = {path.name for path in box.deliver(end + 10)}
    assert "national_20150101_reviewed.csv" in next_day
    box.put(made, now=end)  # once more: what has been delivered does not wait again
    later = {path.name for path in box.deliver(end + 10_000)}
    assert not later & next_day
    assert {path.relative_to(tmp_path / "feeds").as_posix() for path in (tmp_path / "feeds").rglob("*.csv")} == {
        f.path for f in made.files
    }
    assert box.deliver(end + 10_000) == []


def test_faults_are_read_back_as_they_were(tmp_path):
    box = Outbox(tmp_path / "feeds", tmp_path / "truth")
    for day in range(3):
        box.put(observed(day=day))
    expected = [fault for day in range(3) for fault in observed(day=day).faults]
    assert read_faults(tmp_path / "truth") == expected
    frame = records.frame_of(expected)
    assert len(frame) == len(expected) and str(frame["first_hour_end"].dtype) == "datetime64[ns, UTC]"


def test_a_fault_that_cannot_be_read_is_named_by_file_and_line(tmp_path):
    path = tmp_path / "faults_20150101.csv"
    fault = Fault(
        event="e",
        kind="gap",
        feed="stations",
        station="1431A",
        item="o3",
        first_hour=FIRST_HOUR,
        last_hour=FIRST_HOUR,
        true="1",
        written="",
    )
    text = csv_text(records.FAULT_COLUMNS, records.fault_rows([fault]))
    path.write_text(text.replace("false", "perhaps"), encoding="utf-8")
    with pytest.raises(records.TruthError, match=r"faults_20150101.csv line 2: rejected is 'perhaps'"):
        records.faults_in(path)
    path.write_text("event,kind\n", encoding="utf-8")
    with pytest.raises(records.TruthError, match="line 1 is"):
        records.faults_in(path)


def test_truth_lies_apart_and_says_that_it_is_simulated(tmp_path):
    box = Outbox(tmp_path / "feeds", tmp_path / "truth")
    box.put(observed())
    box.put_sites(made_observer())
    kept = sorted(path.relative_to(tmp_path / "truth").as_posix() for path in (tmp_path / "truth").rglob("*.csv"))
    assert kept == [
        "faults/faults_20150101.csv", "files/files_20150101.csv", "particle_analysers.csv", "particle_profiles.csv", "sites.csv",
        "stacks/stacks_20150101.csv",
    ]  # fmt: skip
    for name in kept:
        with (tmp_path / "truth" / name).open(encoding="utf-8", newline="") as file:
            assert all(row["simulated"] == "true" for row in csv.DictReader(file))


def test_the_table_of_the_sites_says_what_each_instrument_is_like(tmp_path):
    observer = made_observer()
    box = Outbox(tmp_path / "feeds", tmp_path / "truth")
    with box.put_sites(observer).open(encoding="utf-8", newline="") as file:
        rows = {(row["station"], row["item"]): row for row in csv.DictReader(file)}
    assert len(rows) == len(ITEMS) * (41 + 20 + 3)
    siting = observer.network("stations").instruments.siting
    assert float(rows["1431A", "o3"]["siting"]) == pytest.approx(siting[ITEMS.index("o3"), 0], abs=1e-6)


def test_the_registry_that_is_written_knows_all_stations_and_calls_the_new_ones_simulated(tmp_path):
    observer, shipped = made_observer(), registries.load()
    new = [station for network in observer.networks if network.feed != "stations" for station in network.sites.stations]
    registry = load(registry_files(tmp_path / "registry", shipped, new))
    assert set(registry.stations) == set(shipped.stations) | {station.code for station in new}
    assert all(registry.stations[code] == station for code, station in shipped.stations.items())
    for station in new:
        assert registry.stations[station.code] == station and "simulated" in registry.stations[station.code].source
    assert Counter(s.kind for s in registry.stations.values()) == {
        "national": 41,
        "micro": 20,
        "super": 2,
        "background": 1,
    }


def test_the_written_registry_serves_the_parsers(tmp_path):
    observer = made_observer()
    new = [station for network in observer.networks if network.feed != "stations" for station in network.sites.stations]
    registry = load(registry_files(tmp_path / "registry", registries.load(), new))
    for file in observed(faults=0.0).files:
        result = parsed(file, tmp_path, registry)
        assert result.rejected == [] and result.blocks


def test_a_station_that_is_known_already_is_not_written_twice(tmp_path):
    twin = dataclasses.replace(SUPER_SITES[0], name_zh="又一个")
    with pytest.raises(ValueError, match="SIM-S01 is in the registry already"):
        registry_files(tmp_path, registry_with(made_observer()), [twin])
    assert not (tmp_path / "stations.csv").exists()
