"""Inventories and measured emissions: annual totals, the shape of days and weeks, and answers to bad input."""

from __future__ import annotations

import csv
import datetime as dt
import math
import os
from pathlib import Path

import numpy as np
import pytest

from streams.records import SPECIES, iso_hour
from streams.registry import load
from streams.sources import parse_file
from streams.sources.emissions import feed as emissions
from streams.sources.emissions import inventory
from streams.sources.emissions import lines as emission_lines
from streams.sources.emissions.feed import read_inventory
from streams.sources.emissions.profiles import first_hour_of, hour_weights, hours_in
from streams.wire.messages import block_from, block_line

REGISTRY = load()
SAMPLE = Path(__file__).parents[3] / "data" / "emissions"
DATA = Path(os.environ.get("AIRSHED_DATA", Path(__file__).parents[5] / "shared" / "data")) / "emission_profiles"
needs_data = pytest.mark.skipif(not DATA.is_dir(), reason=f"no emission profiles under {DATA} (set AIRSHED_DATA)")
MONTHS = [str(month) for month in range(1, 13)]
HOURS = [str(hour) for hour in range(1, 25)]
DAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]


def write(folder: Path, inventory: str, meta: str = "", **profiles: str) -> Path:
    """Write an inventory folder."""
    (folder / "profiles").mkdir(parents=True, exist_ok=True)
    (folder / "inventory.csv").write_text(inventory, encoding="utf-8")
    if meta:
        (folder / "meta.toml").write_text(meta, encoding="utf-8")
    for kind, text in profiles.items():
        (folder / "profiles" / f"{kind}.csv").write_text(text, encoding="utf-8")
    return folder


def parse(path: Path, **options):
    return parse_file(path, REGISTRY, received_at=0.0, **options)


def year_of(blocks, city: str, sector: str, species: str) -> np.ndarray:
    """Join the months of one city, sector and species [kg/h]."""
    parts = [b.values[b.sectors.index(sector), SPECIES.index(species)] for b in blocks if b.city == city]
    return np.concatenate(parts)


def profile(header: list[str], **lines: list[float]) -> str:
    rows = [",".join(["sector", *header]), *(",".join([s, *map(str, v)]) for s, v in lines.items())]
    return "\n".join(rows) + "\n"


HEAD = "city,sector,species,year,emission_t\n"


@pytest.mark.parametrize("year", [2022, 2023, 2024, 2000, 2100 - 1])
def test_the_hours_of_a_year_sum_to_the_annual_total(tmp_path, year):
    rng = np.random.default_rng(year)
    folder = write(
        tmp_path / "inv", f"{HEAD}成都,industry,nox,{year},12345.678\nDeyang,industry,voc,{year},7\n",
        monthly=profile(MONTHS, industry=list(rng.uniform(0.1, 9, 12))),
        weekly=profile(DAYS, industry=list(rng.uniform(0.1, 9, 7))),
        hourly=profile(HOURS, industry=list(rng.uniform(0.1, 9, 24))),
    )  # fmt: skip
    parsed = parse(folder)
    nox = year_of(parsed.blocks, "510100", "industry", "nox")
    assert parsed.rejected == []
    assert nox.size == hours_in(year) == 24 * (366 if year in (2024, 2000) else 365)
    assert math.fsum(nox) == pytest.approx(12_345_678, rel=1e-14)
    assert math.fsum(year_of(parsed.blocks, "510600", "industry", "voc")) == pytest.approx(7000, rel=1e-14)


def test_the_first_hour_is_the_local_hour_that_ends_at_one_on_new_year(tmp_path):
    parsed = parse(write(tmp_path / "inv", f"{HEAD}510100,power,so2,2023,1\n"))
    assert iso_hour(parsed.blocks[0].first_hour) == "2022-12-31T17:00Z"  # 01:00 in Asia/Shanghai
    assert len(parsed.blocks) == 12
    assert {b.hours % 24 for b in parsed.blocks} == {0}


def test_without_profiles_every_hour_emits_the_same_and_that_is_said(tmp_path):
    parsed = parse(write(tmp_path / "inv", f"{HEAD}510100,power,so2,2023,876\n"))
    np.testing.assert_allclose(year_of(parsed.blocks, "510100", "power", "so2"), 100.0, rtol=1e-12)  # 876 t / 8760 h
    (note,) = parsed.rejected
    assert (note.set_aside, note.rows, note.value) == (True, 0, "monthly weekly hourly")
    assert "power" in note.position


def test_months_weekdays_and_hours_keep_their_proportions(tmp_path):
    folder = write(
        tmp_path / "inv", f"{HEAD}510100,vehicles,nox,2023,1000\n",
        monthly=profile(MONTHS, vehicles=[3] + [1] * 11),
        weekly=profile(DAYS, vehicles=[2, 2, 2, 2, 2, 1, 1]),
        hourly=profile(HOURS, vehicles=[1] * 7 + [5] + [1] * 16),
    )  # fmt: skip
    hours = year_of(parse(folder).blocks, "510100", "vehicles", "nox")
    days = hours.reshape(-1, 24)
    # 3/14 of the year in January, whatever its weekdays.
    assert days[:31].sum() == pytest.approx(1e6 * 3 / 14, rel=1e-12)
    assert days[31:59].sum() == pytest.approx(1e6 / 14, rel=1e-12)
    # 2023-01-06 was a Friday, 2023-01-07 a Saturday.
    assert days[5].sum() / days[6].sum() == pytest.approx(2, rel=1e-12)
    assert (days.argmax(axis=1) == 7).all()  # the hour ending 08:00
    np.testing.assert_allclose(days[:, 7] / days[:, 0], 5, rtol=1e-12)


def test_a_line_for_one_species_goes_before_the_line_for_all(tmp_path):
    header = ",".join(["sector", "species", *HOURS])
    hourly = f"{header}\nbiogenic,,{','.join(['1'] * 24)}\nbiogenic,voc,{','.join(['0'] * 12 + ['1'] + ['0'] * 11)}\n"
    folder = write(tmp_path / "inv", f"{HEAD}510100,biogenic,voc,2023,1\n510100,biogenic,nox,2023,1\n", hourly=hourly)
    blocks = parse(folder).blocks
    voc, nox = (year_of(blocks, "510100", "biogenic", s).reshape(-1, 24)[0] for s in ("voc", "nox"))
    assert np.flatnonzero(voc).tolist() == [12]
    assert np.ptp(nox) == 0


def test_an_old_inventory_serves_another_year_under_its_own_name(tmp_path):
    meta = 'version = "sample-2022 v1"\napplies_to = ["2024-02-01", 2024-02-29]\nsimulated = true\n'
    folder = write(tmp_path / "inv", f"{HEAD}510100,power,so2,2022,8784\n", meta)
    (block,) = parse(folder).blocks
    assert (block.inventory, block.hours, block.simulated) == ("sample-2022 v1", 29 * 24, True)
    np.testing.assert_allclose(block.values[0, 0], 1000.0, rtol=1e-12)  # 8784 t over the 8784 h of 2024
    other = read_inventory(folder, REGISTRY, applies_to=(dt.date(2023, 12, 31), dt.date(2024, 1, 1))).blocks
    assert [b.hours for b in other] == [24, 24]
    assert [iso_hour(b.first_hour) for b in other] == ["2023-12-30T17:00Z", "2023-12-31T17:00Z"]


def test_every_year_is_served_by_the_newest_inventory_that_is_not_younger(tmp_path):
    folder = write(tmp_path / "inv", f"{HEAD}510100,power,so2,2020,1\n510100,power,so2,2022,1\n", 'version = "MEIC"\n')
    blocks = read_inventory(folder, REGISTRY, applies_to=(dt.date(2019, 1, 1), dt.date(2023, 12, 31))).blocks
    served = {b.first_hour: b.inventory for b in blocks}
    by_year = [served[first_hour_of(year)] for year in range(2019, 2024)]
    assert by_year == ["MEIC (2020)"] * 3 + ["MEIC (2022)"] * 2


def test_a_slip_in_the_days_served_does_not_fill_the_memory(tmp_path):
    meta = 'applies_to = ["2023-01-01", "2093-12-31"]\n'
    folder = write(tmp_path / "inv", f"{HEAD}510100,power,so2,2022,1\n", meta)
    parsed = parse(folder)
    assert parsed.blocks == []
    assert "five years" in parsed.rejected[-1].expected
    first = first_hour_of(2050)
    assert [b.hours for b in read_inventory(folder, REGISTRY, hours=(first, first + 23)).blocks] == [24]


def test_wanted_hours_limit_what_is_produced_without_changing_it(tmp_path):
    first = first_hour_of(2023) + 1000
    every = read_inventory(SAMPLE, REGISTRY, applies_to=(dt.date(2023, 1, 1), dt.date(2023, 12, 31)))
    some = read_inventory(
        SAMPLE, REGISTRY, applies_to=(dt.date(2023, 1, 1), dt.date(2023, 12, 31)), hours=(first, first + 499)
    )
    whole = year_of(every.blocks, "510100", "vehicles", "nox")
    np.testing.assert_array_equal(year_of(some.blocks, "510100", "vehicles", "nox"), whole[1000:1500])
    nothing = read_inventory(SAMPLE, REGISTRY, hours=(first + 9000, first + 9010))
    assert nothing.blocks == []
    assert "none of the hours" in nothing.rejected[-1].reason


def test_the_sample_covers_the_eight_cities_says_so_and_survives_a_message():
    parsed = parse(SAMPLE)
    assert parsed.rejected == []
    assert [b.city for b in parsed.blocks] == list(REGISTRY.cities)
    assert all(b.simulated and b.inventory == "sample-2022 v1" and b.hours == 6 * 24 for b in parsed.blocks)
    assert sum(parsed.intake.rows_in.values()) == 8 * 6 * 24
    block = parsed.blocks[0]
    again = block_from(block_line(block))
    np.testing.assert_allclose(again.values, block.values, rtol=1e-6)


BAD_LINES = {
    "510100,power,so2,2023,-1": ("emission_t", "-1", "finite number"),
    "510100,power,so2,2023,nan": ("emission_t", "nan", "finite number"),
    "510100,power,so2,2023,inf": ("emission_t", "inf", "finite number"),
    "510100,power,so2,2023,": ("emission_t", "", "finite number"),
    "510100,power,o3,2023,1": ("species", "o3", "voc"),
    "自贡,power,so2,2023,1": ("city", "自贡", "registry"),
    "510100,,so2,2023,1": ("sector", "", "name"),
    "510100,power,so2,23,1": ("year", "23", "1991 to 2099"),
    "510100,power,so2,20": ("line 3", "510100", "5 cells"),
    '510100,power,"so2,2023,1': ("line 3", "510100", "5 cells"),
    "510100,industry,so2,2023,3": ("line 3", "industry", "one line per key"),
}


@pytest.mark.parametrize("line", BAD_LINES)
def test_a_bad_line_is_named_and_the_others_live(tmp_path, line):
    position, value, expected = BAD_LINES[line]
    text = f"{HEAD}510100,industry,so2,2023,2\n{line}\n510100,industry,nox,2023,4\n"
    parsed = parse(write(tmp_path / "inv", text))
    (bad,) = [r for r in parsed.rejected if not r.set_aside]
    assert bad.file == "inv/inventory.csv"
    assert "line 3" in bad.position
    assert position in bad.position
    assert value in bad.value
    assert expected in bad.expected
    assert year_of(parsed.blocks, "510100", "industry", "so2").sum() == pytest.approx(2000)
    assert year_of(parsed.blocks, "510100", "industry", "nox").sum() == pytest.approx(4000)
    assert parsed.intake.rejected == {-1: 1}
    assert sum(parsed.intake.rows_in.values()) == 8760 + 1


def test_an_inventory_in_kilograms_is_refused_by_line_and_the_others_live(tmp_path):
    # 62,000,000 t a year are 7.06e6 kg an hour; 8,000,000 t are 0.91e6 kg on average, and more in the hours of a profile.
    hourly = profile(HOURS, vehicles=[1] * 12 + [3] * 12)
    text = f"{HEAD}成都,vehicles,nox,2023,62000000\n510600,industry,voc,2023,13000\n510600,vehicles,co,2023,8000000\n"
    parsed = parse(write(tmp_path / "inv", text + "510600,power,so2,2023,1e400\n", hourly=hourly))
    told = [(r.file, r.position, r.value) for r in parsed.rejected if not r.set_aside]
    assert told == [
        ("inv/inventory.csv", "line 5, column emission_t", "1e400"),
        ("inv/inventory.csv", "line 2, column emission_t", "6.2e+07"),
        ("inv/inventory.csv", "line 4, column emission_t", "8e+06"),
    ]
    too_much = parsed.rejected[-1]
    assert "a unit is mistaken" in too_much.reason and too_much.expected == "at most 1000000 kg in an hour"
    assert {b.city for b in parsed.blocks} == {"510600"} and parsed.intake.rejected == {-1: 3}
    assert year_of(parsed.blocks, "510600", "industry", "voc").sum() == pytest.approx(13e6)


def test_measured_hours_in_grams_are_refused_by_line_and_the_others_live(tmp_path):
    path = tmp_path / "cems.csv"
    lines = ("成都,power,so2,2023-01-20 01:00,5200000", "成都,power,so2,2023-01-20 02:00,5.2")
    path.write_text("city,sector,species,hour_end,emission_kgh\n" + "\n".join(lines), encoding="utf-8")
    parsed = parse(path)
    (bad,) = parsed.rejected
    assert (bad.position, bad.value, bad.hour_end) == (
        "line 2, column emission_kgh",
        "5200000",
        parsed.blocks[0].first_hour - 1,
    )
    assert "a unit is mistaken" in bad.reason and "1000000 kg" in bad.expected
    assert parsed.blocks[0].values[0, 0, 0] == 5.2


@pytest.mark.parametrize("hour", ["1990-01-01 00:00", "1989-12-31 24:00", "1990-12-31 23:00", "2100-01-01 00:00"])
def test_an_hour_that_no_block_can_hold_is_refused_by_line(tmp_path, hour):
    path = tmp_path / "cems.csv"
    path.write_text(f"city,sector,species,hour_end,emission_kgh\n510100,power,so2,{hour},1\n")
    (bad,) = parse(path).rejected
    assert (bad.position, bad.value) == ("line 2, column hour_end", hour) and "1991 to 2099" in bad.expected


@pytest.mark.parametrize("year", ["1990", "2100", "²", "２０２３", "20_23", "9" * 5000])
def test_a_year_that_no_block_can_hold_is_refused_by_line(tmp_path, year):
    (bad,) = parse(write(tmp_path / "inv", f"{HEAD}510100,power,so2,{year},1\n")).rejected
    assert bad.position == "line 2, column year" and "1991 to 2099" in bad.expected


def test_the_first_and_the_last_year_that_are_promised_are_read(tmp_path):
    for year in (1991, 2099):
        parsed = parse(write(tmp_path / "inv", f"{HEAD}510100,power,so2,{year},1\n"))
        assert sum(b.hours for b in parsed.blocks) == 8760 and not parsed.intake.rejected


def test_sectors_and_hours_that_would_fill_the_memory_are_refused_before_they_do(tmp_path, monkeypatch):
    lines = "".join(f"510100,s{i},so2,2023,1\n" for i in range(1000))
    (bad,) = parse(write(tmp_path / "inv", HEAD + lines)).rejected
    assert (
        bad.reason == "more sectors and hours than one file may bring" and bad.value == "8760000 hours of all sectors"
    )
    cems = "".join(f"510100,s{i},so2,{2000 + i // 8000}-01-01 {i % 24:02d}:00,1\n" for i in range(24))
    path = tmp_path / "cems.csv"
    path.write_text("city,sector,species,hour_end,emission_kgh\n" + cems)
    monkeypatch.setattr(inventory, "MOST_SECTOR_HOURS", 500)
    assert parse(path).rejected[0].value == "576 hours of all sectors"
    monkeypatch.setattr(emission_lines, "MOST_LINES", 10)
    assert parse(path).rejected[0].reason == "more lines than one file may bring"


def test_what_lies_beside_belongs_to_inventory_csv_and_to_no_other_file(tmp_path):
    folder = write(tmp_path / "inv", f"{HEAD}510100,power,so2,2023,1\n", 'version = "theirs"\nsimulated = true\n')
    other = folder / "other.csv"
    other.write_text(f"{HEAD}510100,power,so2,2023,1\n")
    (theirs, *_), (ours, *_) = parse(folder / "inventory.csv").blocks, parse(other).blocks
    assert (theirs.inventory, theirs.simulated) == ("theirs (2023)", True)
    assert (ours.inventory, ours.simulated) == ("inventory (2023)", False)


@pytest.mark.parametrize(
    "meta",
    [
        "title = " + "[" * 5000,
        f"year = {'9' * 5000}\n",
        f"year = 0x{'f' * 5000}\n",
        f"{'k' * 500} = 1\n",
        "version = 1_0\n",
    ],
)
def test_a_meta_that_is_hard_to_read_costs_itself_only(tmp_path, meta):
    parsed = parse(write(tmp_path / "inv", f"{HEAD}510100,power,so2,2023,1\n", meta))
    assert len(parsed.blocks) == 12 and any(r.file == "meta.toml" for r in parsed.rejected)


@pytest.mark.parametrize("text", ["", "\n\n", "city,sector,species\n", "city,sector,species,year,tons\n1,2,3,4,5\n"])
def test_an_empty_or_foreign_file_is_answered(tmp_path, text):
    parsed = parse(write(tmp_path / "inv", text))
    assert parsed.blocks == []
    assert parsed.rejected[0].position == "line 1"
    assert "emission_t" in parsed.rejected[0].expected


BAD_PROFILES = {
    ("hourly", profile(["0", *HOURS[:-1]], power=[1] * 24)): ("column 0", "end of the hour"),
    ("hourly", profile([*HOURS, "25"], power=[1] * 25)): ("column 25", "end of the hour"),
    ("hourly", profile(HOURS, power=[1] * 23)): ("line 2", "25 cells"),
    ("hourly", profile(HOURS, power=[-1] + [1] * 23)): ("line 2, column 1", "number >= 0"),
    ("hourly", profile(HOURS, power=["nan"] + [1] * 23)): ("line 2, column 1", "number >= 0"),
    ("monthly", profile(MONTHS, power=[0] * 12)): ("line 2", "at least one number > 0"),
    ("monthly", profile(MONTHS[:11], power=[1] * 11)): ("line 1", "months 1 to 12"),
    ("weekly", ""): ("line 1", "sector first"),
    ("weekly", "sector,species,Mon,Tue,Wed,Thu,Fri,Sat,Sun\npower,o3,1,1,1,1,1,1,1\n"): ("line 2", "one of so2"),
}


@pytest.mark.parametrize(("kind", "text"), BAD_PROFILES)
def test_a_bad_profile_is_named_and_the_annual_total_stays(tmp_path, kind, text):
    position, expected = BAD_PROFILES[kind, text]
    parsed = parse(write(tmp_path / "inv", f"{HEAD}510100,power,so2,2023,1\n", **{kind: text}))
    bad = next(r for r in parsed.rejected if not r.set_aside)
    assert (bad.file, bad.rows) == (f"profiles/{kind}.csv", 0)
    assert position in bad.position
    assert expected in bad.expected
    assert year_of(parsed.blocks, "510100", "power", "so2").sum() == pytest.approx(1000)


def test_a_profile_without_emissions_and_a_repeated_one_are_said(tmp_path):
    weekly = profile(DAYS, power=[1] * 7, pwoer=[1] * 7) + "power,1,1,1,1,1,1,9\n"
    parsed = parse(write(tmp_path / "inv", f"{HEAD}510100,power,so2,2023,1\n", weekly=weekly))
    said = [(r.position, r.value) for r in parsed.rejected]
    assert ("weekly.csv", "pwoer") in said
    assert ("line 4", "power *") in said


@pytest.mark.parametrize(
    ("meta", "position"),
    [("simulated = 3\n", "key simulated"), ("version = \n", "meta.toml"), ('versoin = "x"\n', "key versoin"),
     ('applies_to = ["2023-02-30", "2023-03-01"]\n', "key applies_to"), (f'version = "{"x" * 41}"\n', "key version")],
)  # fmt: skip
def test_a_bad_meta_is_named_and_what_may_be_simulated_is_marked_so(tmp_path, meta, position):
    parsed = parse(write(tmp_path / "inv", f"{HEAD}510100,power,so2,2023,1\n", meta))
    assert position in [r.position for r in parsed.rejected]
    assert len(parsed.blocks) == 12
    assert parsed.blocks[0].simulated == (position in ("key simulated", "meta.toml"))


def test_one_simulated_line_marks_its_city_and_names_on_lines_are_kept(tmp_path):
    text = (
        "city,sector,species,year,emission_t,inventory,simulated\n510100,power,so2,2023,1,MEIC-2023,false\n"
        "510100,industry,so2,2023,1,local,yes\n510600,power,so2,2023,1,MEIC-2023,\n"
    )
    blocks = {b.city: b for b in parse(write(tmp_path / "inv", text)).blocks}
    assert (blocks["510100"].simulated, blocks["510600"].simulated) == (True, False)
    assert blocks["510100"].inventory == "MEIC-2023+local"


def test_measured_hours_become_unbroken_blocks(tmp_path):
    path = tmp_path / "cems.csv"
    path.write_text(
        "city,sector,species,hour_end,emission_kgh\n"
        "成都,power,so2,2023-01-20 01:00,5\n成都,power,nox,2023-01-20 01:00,7\n"
        "成都,power,so2,2023-01-20T02:00+08:00,6\n"
        "成都,power,so2,2023-01-20 24:00,8\n成都,power,so2,2023-01-21 00:00,9\n成都,power,so2,2023-01-20 25:00,9\n"
        "成都,power,so2,2023-01-20,9\n成都,power,so2,2023-01-20 03:30,9\n成都,power,so2,2023-01-20 04:00,-9\n",
        encoding="utf-8",
    )
    parsed = parse(path)
    assert [(iso_hour(b.first_hour), b.hours) for b in parsed.blocks] == [
        ("2023-01-19T17:00Z", 2), ("2023-01-20T16:00Z", 1),
    ]  # fmt: skip
    np.testing.assert_array_equal(parsed.blocks[0].values[0, :2], [[5, 6], [7, np.nan]])
    assert parsed.blocks[1].values[0, 0, 0] == 8
    assert [r.value for r in parsed.rejected] == [
        "510100 power so2 9", "2023-01-20 25:00", "2023-01-20", "2023-01-20 03:30", "-9",
    ]  # fmt: skip
    assert sum(parsed.intake.rejected.values()) == 5
    assert sum(parsed.intake.rows_in.values()) == 3 + 5
    assert all(b.measured and not b.simulated and b.inventory == "measured cems" for b in parsed.blocks)
    assert not any(b.measured for b in parse(write(tmp_path / "inv", HEAD + "510100,power,so2,2023,1\n")).blocks)


def test_simulated_lines_of_measured_hours_are_kept_apart_from_the_measured_ones(tmp_path):
    path = tmp_path / "cems.csv"
    path.write_text(
        "city,sector,species,hour_end,emission_kgh,simulated\n成都,power,so2,2023-01-20 01:00,5,\n"
        "成都,steel,so2,2023-01-20 01:00,7,true\n成都,power,so2,2023-01-20 02:00,6,false\n",
        encoding="utf-8",
    )
    parsed = parse(path)
    assert [(b.sectors, b.simulated, b.hours) for b in parsed.blocks] == [(("power",), False, 2), (("steel",), True, 1)]
    assert sum(parsed.intake.rows_in.values()) == 3
    assert all(b.simulated and b.measured for b in parse(path, simulated=True).blocks)


def test_a_sector_that_no_column_holds_is_refused_with_its_line(tmp_path):
    parsed = parse(write(tmp_path / "inv", HEAD + f"510100,{'x' * 81},so2,2023,1\n510100,{'y' * 80},so2,2023,1\n"))
    (refused,) = [r for r in parsed.rejected if r.rows]
    assert (refused.position, refused.expected) == (
        "line 2, column sector",
        "a name of up to 80 characters in one line",
    )
    assert {b.sectors for b in parsed.blocks} == {("y" * 80,)}


def test_files_are_recognised_by_their_first_columns_and_folders_by_their_inventory(tmp_path):
    folder = write(tmp_path / "inv", HEAD)
    assert emissions.recognises(folder, b"")
    assert not emissions.recognises(tmp_path, b"")
    assert emissions.recognises(folder / "inventory.csv", b"\xef\xbb\xbfcity, sector, species, year, emission_t\n")
    assert not emissions.recognises(folder / "inventory.csv", b"date,hour,type,1001A\n")


@needs_data
def test_meiat_profiles_keep_the_annual_total_and_their_shape():
    """MEIAT-CMAQ lists its hours 0..23 and its weekdays from Sunday: both are turned to ours here."""
    month, week, hour = (_columns(DATA / f"meiat_{kind}.csv") for kind in ("monthly", "weekly", "hourly"))
    for sector in ("power", "industry", "residential", "transportation", "agriculture"):
        for year in (2023, 2024):
            monday_first = np.roll(week[sector], -1)
            shares = hour_weights(year, month[sector], monday_first, hour[sector])
            assert math.fsum(shares) == pytest.approx(1, abs=1e-15)
            days = shares.reshape(-1, 24)
            assert (days.argmax(axis=1) == hour[sector].argmax()).all()
            # The first Monday to Sunday that lies within January.
            monday = next(d for d in range(31) if dt.date(year, 1, 1 + d).weekday() == 0)
            one_week = days[monday : monday + 7].sum(axis=1)
            np.testing.assert_allclose(one_week / one_week.sum(), monday_first / monday_first.sum(), rtol=1e-12)


@needs_data
def test_copernicus_profiles_give_the_rush_hour_and_the_quiet_weekend(tmp_path):
    sectors = ("Road_Transport", "Industry", "Public_Power", "Agricultural_Other")
    lines = {}
    for kind, stem in (("monthly", "month_in_year"), ("weekly", "day_in_week"), ("hourly", "hour_in_day")):
        with (DATA / f"emiproc_profiles_copernicus_timeprofiles-{stem}.csv").open() as file:
            rows = {row["Category"]: list(row.values())[2:] for row in csv.DictReader(file)}
        header = {"monthly": MONTHS, "weekly": DAYS, "hourly": HOURS}[kind]
        lines[kind] = profile(header, **{sector: rows[sector] for sector in sectors})
    text = HEAD + "".join(f"510100,{sector},nox,2023,100\n" for sector in sectors)
    parsed = parse(write(tmp_path / "inv", text, **lines))
    assert parsed.rejected == []
    for sector in sectors:
        assert math.fsum(year_of(parsed.blocks, "510100", sector.lower(), "nox")) == pytest.approx(1e5, rel=1e-14)
    road = year_of(parsed.blocks, "510100", "road_transport", "nox").reshape(-1, 24)
    assert (road.argmax(axis=1) == 17).all()  # 2.08, the largest factor, stands under hour 18
    friday, sunday = road[5].sum(), road[7].sum()  # 2023-01-06 and 2023-01-08
    assert friday / sunday == pytest.approx(1.14 / 0.79, rel=1e-12)
    crops = year_of(parsed.blocks, "510100", "agricultural_other", "nox").reshape(-1, 24)
    assert crops[:31].sum() == 0  # its January factor is 0: a true zero, not a gap


def _columns(path: Path) -> dict[str, np.ndarray]:
    with path.open() as file:
        rows = list(csv.DictReader(file))
    return {name: np.array([float(row[name]) for row in rows]) for name in list(rows[0])[1:]}
