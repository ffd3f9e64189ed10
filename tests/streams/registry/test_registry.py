"""The registry answers who stands where, and says clearly what is wrong with a file."""

from __future__ import annotations

import csv
import dataclasses
import datetime as dt
import subprocess
import sys
import time

import numpy as np
import pytest

from streams import registry
from streams.registry import RegistryError, group_key
from streams.registry.make_outlines import from_gcj02, to_gcj02
from streams.registry.roster import roster_of
from streams.sources.forecasts.cdaqs import places_of
from tests.streams.real_data import real

EIGHT = {"510100", "510600", "510700", "510900", "511100", "511400", "511800", "512000"}
HEADER = "code,name_zh,kind,lon,lat,city,valid_from,valid_to"


@pytest.fixture(scope="module")
def shipped() -> registry.Registry:
    return registry.load()


def stations_file(tmp_path, *lines: str):
    path = tmp_path / "stations.csv"
    path.write_text("\n".join((HEADER, *lines)) + "\n", encoding="utf-8")
    return path


def test_the_eight_cities_have_41_stations(shipped):
    assert set(shipped.cities) == EIGHT
    assert len(shipped.stations) == 41
    assert {code: len(shipped.stations_of(code, dt.date(2023, 1, 20))) for code in shipped.cities} == {
        "510100": 10, "510600": 4, "510700": 4, "510900": 4, "511100": 4, "511400": 6, "511800": 4, "512000": 5,
    }  # fmt: skip


def test_the_shipped_stations_agree_with_a_published_list(shipped):
    with real("stations/chengdu_plain_8city_stations.csv").open(encoding="utf-8") as file:
        published = list(csv.DictReader(file))
    assert {row["code"] for row in published} == set(shipped.stations)
    for row in published:
        found = shipped.station_named(row["city"], row["name"])
        assert found is not None and found.code == row["code"]
        # Two sources place a station up to 1.2 km apart.
        assert abs(found.lon - float(row["lon"])) < 0.02 and abs(found.lat - float(row["lat"])) < 0.02


def test_stations_of_a_city_are_sorted_and_depend_on_the_day(shipped):
    assert shipped.stations_of("511400", dt.date(2018, 1, 1)) == ("2539A", "2540A", "2541A", "2542A")
    assert shipped.stations_of("511400", dt.date(2018, 1, 2))[-2:] == ("3137A", "3148A")
    assert shipped.stations_of("999999", dt.date(2023, 1, 1)) == ()


def test_a_former_name_finds_the_station(shipped):
    assert shipped.station_named("成都", "人民公园") is shipped.station_named("510100", "君平街")
    assert shipped.station_named("Leshan", "乐山大佛景区").code == "2535A"


def test_a_name_that_three_cities_have_is_found_within_a_city(shipped):
    assert {s.code for s in shipped.stations_named("市监测站")} == {"2528A", "2538A", "2542A"}
    assert shipped.station_named("眉山市", "市监测站").code == "2542A"
    assert shipped.station_named("成都", "市监测站") is None
    assert shipped.station_named("北京", "市监测站") is None


def test_only_2529A_lies_outside_its_city(shipped):
    (finding,) = shipped.check()
    assert "2529A" in finding and " km outside 遂宁" in finding


def test_every_city_centre_lies_in_its_outline_and_outlines_do_not_overlap(shipped):
    import shapely

    outlines = [shipped.outline(code) for code in shipped.cities]
    assert all(shape.is_valid for shape in outlines)
    for city in shipped.cities.values():
        assert shipped.outline(city.code).contains(shapely.Point(city.lon, city.lat))
    together = shapely.union_all(outlines)
    assert sum(shape.area for shape in outlines) == pytest.approx(together.area, rel=1e-4)
    # Gaps between neighbours would be holes: none is wider than a kilometre.
    assert all(shapely.Polygon(hole).area < 1e-4 for part in together.geoms for hole in part.interiors)
    # Chengdu has 14,335 km2 (Chengdu Statistical Yearbook).
    km2 = shipped.outline("510100").area * 111.32**2 * np.cos(np.radians(30.65))
    assert km2 == pytest.approx(14_335, rel=0.01)


def test_the_outline_of_an_unknown_city_is_refused_by_name(shipped):
    with pytest.raises(RegistryError, match="999999"):
        shipped.outline("999999")


def test_the_datum_shift_is_undone_exactly():
    points = np.array([[104.066, 30.659], [103.0, 29.9]])
    shifted = to_gcj02(points)
    assert np.all(np.abs(shifted - points) * 111 < 0.7) and np.all(np.abs(shifted - points) * 111 > 0.1)
    assert from_gcj02(shifted) == pytest.approx(points, abs=1e-7)


def test_group_keys_are_stable_and_few():
    assert group_key("1001A") == "other-14"
    assert {group_key(f"{n}A") for n in range(1000, 3000)} == {f"other-{n:02d}" for n in range(32)}


def test_loading_is_fast_and_needs_no_geometry_library():
    started = time.perf_counter()
    registry.load()
    assert time.perf_counter() - started < 0.05
    code = "import sys; from streams import registry; registry.load(); sys.exit('shapely' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_folder_of_the_users_own_replaces_only_the_files_it_has(tmp_path):
    stations_file(tmp_path, "M001,院子,micro,104.1,30.6,510100,,")
    mine = registry.load(tmp_path)
    assert set(mine.stations) == {"M001"} and set(mine.cities) == EIGHT


def test_imported_stations_are_added_and_replace(shipped, tmp_path):
    path = stations_file(tmp_path, "M001,院子,micro,104.1,30.6,510100,,", "1432A,十里店,national,104.2,30.7,510100,,")
    more = shipped.import_stations(path)
    assert len(more.stations) == 42 and len(shipped.stations) == 41
    assert more.city_of("M001") == "510100" and shipped.city_of("M001") is None
    assert more.stations["1432A"].lon == 104.2
    assert "M001" in more.stations_of("510100", dt.date(2024, 1, 1), kinds=("micro",))


@pytest.mark.parametrize(
    ("kind", "counts", "forecast"),
    [
        ("national", True, True),
        ("provincial", True, True),
        ("city", True, True),
        ("county", True, True),
        ("super", False, True),
        ("background", False, True),
        ("micro", False, False),
        ("mobile", False, False),
    ],
)
def test_only_assessment_points_count_for_a_city_and_forecasts_are_taken_to_fixed_reference_sites(
    shipped, tmp_path, kind, counts, forecast
):
    day, late = dt.date(2024, 1, 1), dt.date(2025, 1, 1)
    more = shipped.import_stations(stations_file(tmp_path, f"X1,院子,{kind},104.1,30.6,510100,2023-01-01,2024-12-31"))
    assert ("X1" in more.stations_of("510100", day)) is counts
    assert "X1" not in more.stations_of("510100", late)
    assert (("510100", "X1") in {place[:2] for place in places_of(more, day).stations}) is forecast
    assert ("X1" in {code for code, *_ in roster_of(more).stations["510100"]}) is counts
    assert roster_of(more).kinds["510100"].get("X1") == (None if counts else kind)


@pytest.mark.parametrize(
    ("line", "column", "expected"),
    [
        ("M001,x,micro,104.1,30.6,999999,,", "city is '999999'", "a code of cities.csv"),
        ("M001,x,micro,104.1,91,510100,,", "lat is '91'", "from -90 to 90"),
        ("M001,x,micro,east,30.6,510100,,", "lon is 'east'", "from -180 to 180"),
        ("M001,x,micro,nan,30.6,510100,,", "lon is 'nan'", "from -180 to 180"),
        ("M001,x,micro,104.1,30.6,510100,2024-02-01,2024-01-01", "valid_to is '2024-01-01'", "2024-02-01"),
        ("M001,x,micro,104.1,30.6,510100,1.2.2024,", "valid_from is '1.2.2024'", "YYYY-MM-DD"),
        ("M001,x,huge,104.1,30.6,510100,,", "kind is 'huge'", "national"),
        ("M 1,x,micro,104.1,30.6,510100,,", "code is 'M 1'", "letters, digits"),
        ("OK1,x,micro,104.1,30.6,510100,,", "code is 'OK1'", "no line before"),
        ("M001,x,micro", "number of cells is '3'", "8"),
    ],
)
def test_a_mistake_is_named_by_file_line_value_and_expectation(tmp_path, line, column, expected):
    path = stations_file(tmp_path, "OK1,x,micro,104.1,30.6,510100,,", line)
    with pytest.raises(RegistryError) as error:
        registry.load(tmp_path)
    for part in (str(path), "line 3", column, expected):
        assert part in str(error.value)


def test_a_file_without_a_needed_column_or_that_is_missing_is_named(tmp_path):
    (tmp_path / "stations.csv").write_text("code,lon\n1,2\n")
    with pytest.raises(RegistryError, match=r"line 1.*also the columns name_zh"):
        registry.load(tmp_path)
    with pytest.raises(RegistryError, match="not a folder"):
        registry.load(tmp_path / "nowhere")
    with pytest.raises(RegistryError, match="does not exist"):
        registry.load().import_stations(tmp_path / "nowhere.csv")


def test_a_registry_cannot_be_changed(shipped):
    with pytest.raises(dataclasses.FrozenInstanceError):
        shipped.cities = {}
    with pytest.raises(TypeError):
        shipped.stations["1431A"] = None
