"""The tag files of the twins: the receptor form of docs/layouts/tags.md, what adds up in them, and that they tell no secrets."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from research.virtual_airshed.__main__ import main
from research.virtual_airshed.forecasts.tag_values import contributor_of
from research.virtual_airshed.weather.series import SERIES
from research.virtual_airshed.world import shipped_world
from streams.contributors import ALL, OUTSIDE, SECTORS, TAG_QUANTITIES

CITIES = shipped_world().grid.cities
ASKED = ["--days", "1", "--tags", "2", "--tag-hours", "14", "--no-truth", "--no-observations", "--no-forecasts",
         "--hidden", "severe", "--tag-removal"]  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("tags") / "run"
    assert main(["run", "winter_haze", str(made), *ASKED]) == 0
    return made / "outbox" / "tags"


@pytest.fixture(scope="module")
def first(folder) -> xr.Dataset:
    return xr.load_dataset(folder / "twin_a_2015010100.nc", decode_times=False)


def by(file: xr.Dataset, quantity: str, sector: str, place: str) -> np.ndarray:
    """A contributor's values (time, receptor)."""
    (at,) = np.flatnonzero((file.sector.values == sector) & (file.place.values == place))
    return file[quantity].values[:, at].astype(float)


def test_each_twin_sends_a_file_for_each_of_its_runs(folder):
    names = sorted(path.name for path in folder.iterdir())
    runs = [f"twin_{member}_20150101{hour}" for member in "ab" for hour in ("00", "12")]
    assert names == sorted(f"{run}{more}.nc" for run in runs for more in ("", "_removal"))


def test_a_file_is_in_the_receptor_form(first):
    assert (first.attrs["model"], first.attrs["definition"], first.attrs["simulated"]) == ("TWIN-A", "allocation", 1)
    assert "SIMULATED" in first.attrs["title"]
    # 00 UTC of 1 January 2015, and the ends of fourteen hours after it.
    assert first.time.attrs["label"] == "end" and first.time.attrs["units"] == "hours since 2015-01-01 00:00:00"
    np.testing.assert_array_equal(first.time, np.arange(1, 15))
    assert float(first.forecast_reference_time) == 0.0
    pairs = set(zip(first.sector.values, first.place.values, strict=True))
    assert pairs == {(ALL, ALL), (ALL, OUTSIDE), *((s, ALL) for s in SECTORS), *((ALL, c) for c in CITIES)}
    for name, unit in TAG_QUANTITIES.items():
        assert first[name].dims == ("time", "source", "receptor") and first[name].attrs["units"] == unit
        assert np.isfinite(first[name].values).all()


def test_it_tells_of_every_national_station_both_super_sites_and_the_background_site(first):
    registry = shipped_world().registry
    national = [code for code, each in registry.stations.items() if each.kind == "national"]
    assert list(first.receptor.values) == [*national, "SIM-S01", "SIM-S02", "SIM-B01"]
    assert list(first.city.values) == [
        *(registry.stations[code].city for code in national),
        "510100",
        "510100",
        "510700",
    ]


@pytest.mark.parametrize("quantity", TAG_QUANTITIES)
def test_sectors_and_places_add_up_to_the_whole(first, quantity):
    whole = by(first, quantity, ALL, ALL)
    outside = by(first, quantity, ALL, OUTSIDE)
    sectors, places = ([by(first, quantity, *pair) for pair in pairs]
                       for pairs in ([(s, ALL) for s in SECTORS], [(ALL, c) for c in CITIES]))  # fmt: skip
    for parts in (sectors, places):
        np.testing.assert_allclose(sum(parts) + outside, whole, rtol=1e-4, atol=1e-3)


def test_mass_is_kept_between_the_quantities(first):
    for pair in ((ALL, ALL), ("coal", ALL), (ALL, "510100")):
        value = {name: by(first, name, *pair) for name in TAG_QUANTITIES}
        parts = ("pm25_primary", "sulphate", "nitrate", "ammonium", "soa")
        np.testing.assert_allclose(value["pm25"], sum(value[name] for name in parts), rtol=1e-4, atol=1e-3)
        np.testing.assert_allclose(value["pm10"], value["pm25"] + value["coarse"], rtol=1e-4, atol=1e-3)
        # As mixing ratios O3 + NO2 is odd oxygen: 47.998 and 46.006 g/mol.
        np.testing.assert_allclose(value["ox"], value["o3"] + value["no2"] * 47.998 / 46.006, rtol=1e-3, atol=0.02)
    # Ammonia, ammonium and nitric acid, nitrate never fall below nothing in the whole.
    for name in ("nitric_acid", "ammonia"):
        assert by(first, name, ALL, ALL).min() > -1e-3


def test_so2_comes_from_what_burns_isoprene_from_plants_and_ammonium_from_the_fields(first):
    shares = {name: {s: by(first, name, s, ALL).sum() for s in SECTORS} for name in ("so2", "isoprene", "ammonium")}
    assert max(shares["so2"], key=shares["so2"].get) in ("coal", "industry")
    assert shares["so2"]["agriculture"] == shares["so2"]["biogenic"] == 0.0
    assert max(shares["isoprene"], key=shares["isoprene"].get) == "biogenic"
    assert max(shares["ammonium"], key=shares["ammonium"].get) == "agriculture"


def test_a_removal_is_the_tag_where_all_is_linear_and_what_is_left_over_elsewhere(folder, first):
    removal = xr.load_dataset(folder / "twin_a_2015010100_removal.nc", decode_times=False)
    assert removal.attrs["definition"] == "removal"
    for name in ("so2", "nox", "co", "coarse", "soa", "aromatics"):
        np.testing.assert_allclose(removal[name], first[name], rtol=1e-4, atol=1e-3)
    np.testing.assert_allclose(removal.pm25[:, 0], first.pm25[:, 0])
    for pair in (("coal", ALL), (ALL, OUTSIDE)):
        value = {name: by(removal, name, *pair) for name in TAG_QUANTITIES}
        np.testing.assert_allclose(value["ox"], value["o3"] + value["no2"] * 47.998 / 46.006, rtol=1e-3, atol=0.05)
    # Without the ammonia of the fields the nitric acid of all others stays gas: their removal takes more than their part.
    assert by(removal, "nitrate", "agriculture", ALL).mean() > 1.2 * by(first, "nitrate", "agriculture", ALL).mean()


def test_twins_differ_and_so_do_runs(folder, first):
    other = xr.load_dataset(folder / "twin_b_2015010100.nc", decode_times=False)
    later = xr.load_dataset(folder / "twin_a_2015010112.nc", decode_times=False)
    for each in (other, later):
        assert not np.allclose(each.pm25, first.pm25, rtol=0.02)


def test_a_run_that_was_broken_off_sends_the_same_file(folder, tmp_path):
    again = tmp_path / "again"
    assert main(["run", "winter_haze", str(again), *ASKED]) == 0
    tags = again / "outbox" / "tags"
    lost = tags / "twin_a_2015010112.nc"
    kept = {path.name: path.read_bytes() for path in tags.iterdir()}
    assert kept == {path.name: path.read_bytes() for path in folder.iterdir()}
    lost.unlink()
    assert main(["run", "winter_haze", str(again), *ASKED]) == 0
    assert {path.name: path.read_bytes() for path in tags.iterdir()} == kept


def test_a_tag_file_says_nothing_from_which_the_nature_run_could_be_made_again(folder):
    for path in folder.iterdir():
        assert re.fullmatch(r"twin_[ab]_\d{10}(_removal)?\.nc", path.name)
        raw = path.read_bytes().lower()
        for word in ("tilt", "factor", "hidden", "winter_haze", *(name for name in SERIES if len(name) > 5)):
            assert word.encode() not in raw, (path.name, word)
        with xr.open_dataset(path, decode_times=False) as file:
            assert set(file.attrs) == {"Conventions", "title", "model", "definition", "simulated"}


def test_the_sectors_of_each_city_add_up_to_sectors_places_and_the_whole(tmp_path):
    asked = [
        "--days",
        "1",
        "--tags",
        "1",
        "--tag-hours",
        "2",
        "--no-truth",
        "--no-observations",
        "--no-forecasts",
        "--sector-city",
    ]
    assert main(["run", "winter_haze", str(tmp_path), *asked]) == 0
    file = xr.load_dataset(tmp_path / "outbox" / "tags" / "twin_a_2015010112.nc", decode_times=False)
    pairs = set(zip(file.sector.values, file.place.values, strict=True))
    assert pairs >= {(s, c) for s in SECTORS for c in CITIES} and len(pairs) == 1 + 9 + 8 + 1 + 72
    for name in ("pm25", "o3", "nitrate", "ox"):
        for sector in SECTORS:
            parts = sum(by(file, name, sector, c) for c in CITIES)
            np.testing.assert_allclose(parts, by(file, name, sector, ALL), rtol=1e-3, atol=2e-3)
        for city in CITIES:
            parts = sum(by(file, name, s, city) for s in SECTORS)
            np.testing.assert_allclose(parts, by(file, name, ALL, city), rtol=1e-3, atol=2e-3)


@pytest.mark.parametrize("wrong", [("--tags", "5"), ("--tag-hours", "0"), ("--tag-hours", "long")])
def test_what_cannot_be_asked_for_is_refused(tmp_path, wrong, capsys):
    with pytest.raises(SystemExit):
        main(["run", "winter_haze", str(tmp_path / "new"), *wrong])
    assert wrong[0] in capsys.readouterr().err and not (tmp_path / "new").exists()


def test_a_sector_of_a_city_is_named_as_a_pair():
    assert contributor_of("coal 510100") == ("coal", "510100")
    assert [contributor_of(name) for name in ("coal", "510100", "inflow")] == [
        ("coal", ALL),
        (ALL, "510100"),
        (ALL, OUTSIDE),
    ]
