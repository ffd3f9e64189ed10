"""Form A of tag files: exactly these blocks from a good file, exactly this reject from each kind of bad one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import netCDF4
import numpy as np
import pytest

from streams import registry, sources
from streams.contributors import ALL, OUTSIDE, TAG_QUANTITIES
from streams.records import CITY_MEAN
from streams.sources.tally import Parsed
from tests.streams.sources.tags.made import (
    CROSSED,
    INIT,
    PLACED,
    RECEPTORS,
    SECTORAL,
    receptor_file,
    shares,
)

REGISTRY = registry.load()
WHOLE = (ALL, ALL)


def read(path: Path, **how: object) -> Parsed:
    return sources.parse_file(path, REGISTRY, **({"received_at": 0.0} | how))


def changed(path: Path, change: Callable[[netCDF4.Dataset], None]) -> Path:
    with netCDF4.Dataset(path, "a") as file:
        change(file)
    return path


def test_a_good_file_gives_a_block_for_each_city_with_the_numbers_that_it_holds(tmp_path):
    path = tmp_path / "tags.nc"
    written = receptor_file(path)
    parsed = read(path, released_at=7.0)
    assert not parsed.rejected and parsed.intake.rows == 6 * 3
    first, second = parsed.blocks
    assert (first.city, first.places, second.city, second.places) == (
        "510100",
        ("1431A", "1432A"),
        "510600",
        ("1901A",),
    )
    assert (first.source, first.model, first.run, first.definition) == (
        "tags",
        "TWIN-A",
        "TWIN-A/2023-01-17T12Z",
        "allocation",
    )
    assert first.first_hour == INIT + 1 and first.hours == 6 and first.simulated and first.released_at == 7.0
    assert first.quantities == ("o3", "pm25") and first.contributors == SECTORAL
    for i, quantity in enumerate(first.quantities):
        expected = written[quantity].astype(np.float32).transpose(1, 2, 0)
        np.testing.assert_array_equal(first.values[i], expected[:, :2])
        np.testing.assert_array_equal(second.values[i], expected[:, 2:])


@pytest.mark.parametrize("contributors", [SECTORAL, PLACED, CROSSED, (*SECTORAL, *PLACED[:-1], *CROSSED[:-1], WHOLE)])
def test_every_way_to_part_a_whole_is_read_in_all_quantities(tmp_path, contributors):
    path = tmp_path / "tags.nc"
    receptor_file(path, contributors=contributors, quantities=tuple(TAG_QUANTITIES))
    parsed = read(path)
    assert not parsed.rejected and {block.quantities for block in parsed.blocks} == {tuple(TAG_QUANTITIES)}


def test_units_dimensions_and_times_may_stand_otherwise(tmp_path):
    """1e-6 g/m3 is 1 ug/m3; a stamp at the start of the hour is an hour before its end; a zone is obeyed."""
    path, other = tmp_path / "a.nc", tmp_path / "b.nc"
    written = receptor_file(path, quantities=("pm25", "co"))
    with netCDF4.Dataset(path) as file, netCDF4.Dataset(other, "w") as made:
        for name, size in (("receptor", 3), ("source", len(SECTORAL)), ("time", 6), ("nchar", 12)):
            made.createDimension(name, size)
        made.setncatts({"model": "TWIN-A", "run_init": "2023-01-17T20:00:00+08:00"})
        time = made.createVariable("time", "i4", ("time",))
        time.setncatts({"units": "minutes since 2023-01-17 20:00:00 +08:00", "standard_name": "time", "label": "start"})
        time[:] = np.arange(6) * 60
        for name in ("sector", "place", "receptor", "city"):
            texts = made.createVariable(name, "S1", (file[name].dimensions[0], "nchar"))
            texts[:] = netCDF4.stringtochar(np.array(file[name][:].tolist(), "S12"))
        for name, unit, factor in (("pm25", "g m-3", 1e-6), ("co", "ug/m3", 1e3)):
            values = made.createVariable(name, "f8", ("receptor", "time", "source"))
            values.units = unit
            values[:] = written[name].transpose(2, 0, 1) * factor
    for mine, theirs in zip(read(path).blocks, read(other).blocks, strict=True):
        assert (mine.places, mine.first_hour, mine.run_init) == (theirs.places, theirs.first_hour, theirs.run_init)
        np.testing.assert_allclose(theirs.values, mine.values, rtol=1e-6)


def test_a_city_is_named_by_its_code_and_strangers_are_set_aside(tmp_path):
    path = tmp_path / "tags.nc"
    receptor_file(path, receptors=(("510100", "510100"), ("9999A", "510100"), ("1001A", "110000"), ("1431A", "510100")))
    parsed = read(path)
    (block,) = parsed.blocks
    assert block.places == (CITY_MEAN, "1431A") and all(each.set_aside for each in parsed.rejected)
    assert sum(each.rows for each in parsed.rejected) == 2 * 6 and parsed.intake.rows == 4 * 6


def test_a_file_of_strangers_alone_is_set_aside_whole(tmp_path):
    path = tmp_path / "tags.nc"
    receptor_file(path, receptors=(("1001A", "110000"),))
    parsed = read(path)
    assert not parsed.blocks and all(each.set_aside for each in parsed.rejected) and len(parsed.rejected) == 6


def test_an_hour_with_a_part_missing_is_missing_and_the_file_says_so(tmp_path):
    path = tmp_path / "tags.nc"
    fields = shares(SECTORAL, hours=6, receptors=3, quantities=("o3", "pm25"))
    fields["pm25"][4, 2, 0] = np.nan
    fields["o3"][5] = np.nan
    receptor_file(path, fields=fields)
    parsed = read(path)
    (said,) = parsed.rejected
    assert said.reason.startswith("values of some contributors only, in 1 of 18 hours") and said.rows == 0
    assert said.position == "variable pm25"
    assert np.isnan(parsed.blocks[0].values[1, :, 0, 4]).all() and np.isfinite(parsed.blocks[0].values[1, :, 1]).all()
    assert np.isnan(parsed.blocks[0].values[0, ..., 5]).all()


def test_long_runs_come_in_several_blocks_of_a_city(tmp_path):
    path = tmp_path / "tags.nc"
    receptor_file(path, hours=168, contributors=CROSSED, quantities=tuple(TAG_QUANTITIES), receptors=RECEPTORS[:2])
    parsed = read(path)
    assert len(parsed.blocks) > 1 and sum(block.hours for block in parsed.blocks) == 168
    assert max(block.values.size for block in parsed.blocks) <= 500_000


def test_noise_below_zero_is_kept_and_ozone_may_be_negative(tmp_path):
    path = tmp_path / "tags.nc"
    fields = shares(SECTORAL, hours=6, receptors=3, quantities=("o3", "pm25"))
    fields["pm25"][:, 0] = -0.04  # less than 0.05 ug/m3
    fields["o3"][:, 1] = -25.0
    receptor_file(path, fields=fields)
    assert not read(path).rejected


@pytest.mark.parametrize("quantity", ["nitrate", "ammonium", "nitric_acid", "ammonia", "no2"])
def test_what_parts_between_gas_and_particle_may_be_negative_of_a_source(tmp_path, quantity):
    """Path-integrated allocation: coal's sulphate takes ammonia from nitrate; twins send -6 ug/m3 of nitrate for coal.

    NO2 parts with NO by the ozone there is: twins send -1.8 ug/m3 of it for coal, whose NO destroyed ozone.
    """
    path = tmp_path / "tags.nc"
    fields = shares(SECTORAL, hours=6, receptors=3, quantities=(quantity,))
    fields[quantity][3, 1, 1] -= 300.0
    fields[quantity][3, 2, 1] += 300.0
    receptor_file(path, contributors=SECTORAL, fields=fields)
    parsed = read(path)
    assert not parsed.rejected and {block.quantities for block in parsed.blocks} == {(quantity,)}


def test_a_removal_need_not_add_up_and_may_be_negative(tmp_path):
    path = tmp_path / "tags.nc"
    contributors = (*SECTORAL, WHOLE)
    fields = shares(contributors, hours=6, receptors=3, quantities=("pm25",))
    fields["pm25"][:, 0] = -9.0
    receptor_file(path, contributors=contributors, fields=fields, definition="removal")
    parsed = read(path)
    assert not parsed.rejected and {block.definition for block in parsed.blocks} == {"removal"}


def _part_off(name: str, contributor: int, by: float) -> Callable[[dict], None]:
    def change(fields: dict[str, np.ndarray]) -> None:
        fields[name][3, contributor, 1] += by

    return change


@pytest.mark.parametrize(
    ("contributors", "change", "reason"),
    [
        ((*SECTORAL, WHOLE), _part_off("pm25", 2, 3.0), "contributors do not add up"),
        ((*SECTORAL, WHOLE), _part_off("pm25", 10, 3.0), "contributors do not add up"),
        ((*SECTORAL, *PLACED[:-1]), _part_off("pm25", 12, 3.0), "contributors do not add up"),
        ((*SECTORAL, *CROSSED[:-1]), _part_off("pm25", 15, 3.0), "contributors do not add up"),
        (SECTORAL, _part_off("pm25", 4, -300.0), "an allocation below zero"),
        (SECTORAL, _part_off("pm25", 4, np.inf), "value beyond what pm25 can be"),
        (SECTORAL, _part_off("pm25", 4, 1e6), "value beyond what pm25 can be"),
    ],
)
def test_a_quantity_that_cannot_be_is_refused_alone(tmp_path, contributors, change, reason):
    path = tmp_path / "tags.nc"
    fields = shares(contributors, hours=6, receptors=3, quantities=("o3", "pm25"))
    change(fields)
    receptor_file(path, contributors=contributors, fields=fields)
    parsed = read(path)
    (said,) = parsed.rejected
    assert (said.reason, said.position, said.rows) == (reason, "variable pm25", 0) and said.expected
    assert {block.quantities for block in parsed.blocks} == {("o3",)} and parsed.intake.rows == 18


def test_sectors_moved_between_cities_are_found_though_the_whole_agrees(tmp_path):
    path = tmp_path / "tags.nc"
    contributors = (*SECTORAL, *CROSSED[:-1])
    fields = shares(contributors, hours=6, receptors=3, quantities=("pm25",))
    fields["pm25"][2, 0] += 8.0
    fields["pm25"][2, 1] -= 8.0
    fields["pm25"][2, 1] = np.abs(fields["pm25"][2, 1])
    receptor_file(path, contributors=contributors, fields=fields, definition="allocation")
    (said,) = read(path).rejected
    assert said.reason == "contributors do not add up"


def test_sums_may_be_apart_by_a_hundredth_of_the_whole(tmp_path):
    contributors = (*SECTORAL, WHOLE)
    for factor, refused in ((1.009, False), (1.02, True)):
        path = tmp_path / f"{factor}.nc"
        fields = shares(contributors, hours=6, receptors=3, quantities=("pm25",))
        fields["pm25"][:, -1] *= factor
        receptor_file(path, contributors=contributors, fields=fields)
        assert bool(read(path).rejected) is refused


def _set(name: str, value: object, of: str = "") -> Callable[[netCDF4.Dataset], None]:
    return lambda file: (file[of] if of else file).setncattr(name, value)


def _text(name: str, at: int, value: str) -> Callable[[netCDF4.Dataset], None]:
    def change(file: netCDF4.Dataset) -> None:
        file[name][at] = value

    return change


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (_text("sector", 1, "soot"), "no contributor"),
        (_text("place", 1, "110000"), "no contributor"),
        (_text("place", 1, OUTSIDE), "no contributor"),
        (_text("sector", 1, "industry"), "a contributor stands twice"),
        (_text("receptor", 1, "1431A"), "a receptor stands twice"),
        (_set("definition", "share"), "not one of the values it may have"),
        (_set("model", "A" * 23), "the model is not named, or its name is too long"),
        (_set("model", ""), "the model is not named, or its name is too long"),
        (_set("label", "noon", "time"), "not one of the values it may have"),
        (_set("units", "hours", "time"), "time has no reference"),
        (_set("units", "days since 2023-01-17 12:00:00", "time"), "time step is 24 h"),
    ],
)
def test_a_file_that_cannot_be_understood_is_refused_whole(tmp_path, change, reason):
    path = tmp_path / "tags.nc"
    receptor_file(path)
    parsed = read(changed(path, change))
    (said,) = parsed.rejected
    assert said.reason == reason and not parsed.blocks and said.rows == 1 and said.source == "tags"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (_set("units", "ppb", "pm25"), "a unit of another kind"),
        (_set("units", "blobs", "pm25"), "unknown unit"),
        (_set("units", "", "pm25"), "no unit"),
        (_set("cell_methods", "time: maximum", "pm25"), "not a value of its hour"),
        (lambda file: file.renameVariable("pm25", "pm2p5"), "no quantity that we know"),
    ],
)
def test_a_variable_that_cannot_be_understood_is_refused_alone(tmp_path, change, reason):
    path = tmp_path / "tags.nc"
    receptor_file(path)
    parsed = read(changed(path, change))
    (said,) = parsed.rejected
    assert said.reason == reason and said.rows == 0 and {block.quantities for block in parsed.blocks} == {("o3",)}


def test_a_station_that_the_file_puts_elsewhere_is_refused_alone(tmp_path):
    path = tmp_path / "tags.nc"
    receptor_file(path, receptors=(("1431A", "510100"), ("1901A", "510100")))
    parsed = read(path)
    assert {each.reason for each in parsed.rejected} == {"the station lies in another city"}
    assert sum(each.rows for each in parsed.rejected) == 6 and [block.places for block in parsed.blocks] == [("1431A",)]


def test_hours_before_the_run_are_set_aside_and_a_run_of_the_future_is_refused(tmp_path):
    path = tmp_path / "tags.nc"
    receptor_file(path, first_hour=INIT - 2)
    parsed = read(path)
    assert {each.reason for each in parsed.rejected} == {"before the start of the run"} and len(parsed.rejected) == 2
    assert parsed.blocks[0].first_hour == INIT and parsed.blocks[0].hours == 4
    ahead = read(path, now=(INIT - 10) * 3600.0)
    assert not ahead.blocks and {each.reason for each in ahead.rejected} >= {"the run starts in the future"}


def test_other_netcdf_files_go_to_the_feed_of_forecasts(tmp_path, forecast_runs):
    from streams.sources.tags import feed

    path = tmp_path / "tags.nc"
    receptor_file(path)
    assert feed.recognises(path, path.read_bytes()[:64])
    assert not any(feed.recognises(each, each.read_bytes()[:64]) for each in forecast_runs)
