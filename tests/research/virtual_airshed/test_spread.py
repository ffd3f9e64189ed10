"""Where sectors emit: places inside their cities, shares that add up, towns dense, fields flat, forests high."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from research.virtual_airshed.inventories import spread
from research.virtual_airshed.inventories.checked_csv import TableError
from research.virtual_airshed.inventories.places import (
    CITIES,
    Seat,
    Stack,
    complete_cities,
    read_seats,
    read_stacks,
    seats,
    stacks,
)
from research.virtual_airshed.inventories.spread import (
    SECTORS,
    Cells,
    diffuse_shares,
    forestness,
    plainness,
    shares,
    stack_cells,
)
from streams.registry import SHIPPED, load

REGISTRY = load()
STEP_DEG = 0.09
FOLDER = Path(spread.__file__).parent


@pytest.fixture(scope="module")
def cells() -> Cells:
    """Cells of 0.09 degrees over the eight cities; the ground rises to 3,500 m in the north-west of a slanting line."""
    lon, lat = (a.ravel() for a in np.meshgrid(np.arange(101.9, 106.0, STEP_DEG), np.arange(28.4, 33.1, STEP_DEG)))
    owner = np.full(lon.size, -1)
    for number, code in enumerate(CITIES):
        owner[shapely.contains_xy(REGISTRY.outline(code), lon, lat)] = number
    beyond_deg = np.maximum(0.75 * (lat - 30.0) - (lon - 102.95), 0)  # west of Ya'an, Dujiangyan, Jiangyou
    return Cells(lon, lat, owner, 480 + 3000 * (1 - np.exp(-beyond_deg / 0.5)))


def of(cells: Cells, code: str) -> np.ndarray:
    return np.flatnonzero(cells.city_index == CITIES.index(code))


# Places.


def test_the_cities_are_those_of_the_registry_in_its_order():
    assert tuple(REGISTRY.cities) == CITIES


def test_every_seat_and_stack_lies_inside_the_outline_of_its_city():
    outside = [p for p in (*seats(), *stacks()) if not shapely.contains_xy(REGISTRY.outline(p.city), p.lon, p.lat)]
    assert outside == []


def test_all_districts_and_counties_are_there_and_jianyang_is_chengdus():
    # Districts, cities and counties at the end of 2016, and the two new areas of Chengdu.
    # Recalled: 成都 20, 德阳 6, 绵阳 9, 遂宁 5, 乐山 11, 眉山 6, 雅安 8, 资阳 3.
    count = {code: sum(seat.city == code for seat in seats()) for code in CITIES}
    assert list(count.values()) == [22, 6, 9, 5, 11, 6, 8, 3]
    assert {seat.city for seat in seats() if seat.name_zh == "简阳市"} == {"510100"}
    assert {"高新区", "天府新区"} <= {seat.name_zh for seat in seats() if seat.city == "510100"}


def test_a_seat_stands_where_the_registry_has_the_citys_centre():
    for city in REGISTRY.cities.values():
        near = [np.hypot(s.lon - city.lon, s.lat - city.lat) for s in seats() if s.city == city.code]
        assert min(near) < 0.06, city.name_zh


def test_towns_hold_a_third_to_two_thirds_of_the_inhabitants():
    # Inhabitants: census of 2020, from the registry; 47.7 % of Sichuan lived in towns in 2015 (recalled).
    for code, city in REGISTRY.cities.items():
        urban = 1e4 * sum(seat.urban_population_10k for seat in seats() if seat.city == code)
        assert 0.33 < urban / city.population < 0.67, city.name_zh


def test_a_dozen_stacks_stand_in_several_cities_and_are_all_of_the_coal_of_some():
    assert len(stacks()) == 12 and len({stack.city for stack in stacks()}) >= 3
    assert all(stack.name_zh.startswith("模拟") and stack.code.startswith("SIM-") for stack in stacks())
    complete = complete_cities()
    assert complete and set(complete) < {stack.city for stack in stacks()}
    for city in {stack.city for stack in stacks()}:
        total = sum(stack.share for stack in stacks() if stack.city == city)
        assert (total == pytest.approx(1)) == (city in complete) and total < 1 + 1e-9


def test_every_file_says_that_it_is_simulated():
    for name in ("seats.csv", "stacks.csv", "voc_profiles.csv", "outdated_factors.csv"):
        assert (FOLDER / name).read_text(encoding="utf-8").startswith("# SIMULATED"), name


# Laws.


@pytest.mark.parametrize("sector", SECTORS)
def test_shares_sum_to_one_in_each_city_and_are_nowhere_negative(cells, sector):
    found = shares(sector, cells)
    assert found.shape == cells.lon.shape and (found >= 0).all() and not found[cells.city_index == -1].any()
    for code in CITIES:
        assert found[of(cells, code)].sum() == pytest.approx(1, abs=1e-12)


PLACES = st.tuples(st.floats(101, 107), st.floats(28, 33), st.integers(-1, 1), st.floats(200, 6500))
TWO = ("510700", "511800")


@given(st.lists(PLACES, max_size=25), st.sampled_from(SECTORS), st.randoms())
def test_shares_sum_to_one_on_any_cells_and_do_not_depend_on_their_order(drawn, sector, random):
    drawn = [*drawn, (104.7, 31.5, 0, 500.0), (103.0, 30.0, 1, 600.0)]
    order = list(range(len(drawn)))
    random.shuffle(order)
    one, other = (Cells(*map(np.array, zip(*part, strict=True))) for part in (drawn, [drawn[i] for i in order]))
    found = shares(sector, one, cities=TWO)
    assert (found >= 0).all()
    for number in (0, 1):
        assert found[one.city_index == number].sum() == pytest.approx(1, abs=1e-12)
    if sector != "coal":  # two cells in one place are equally near a stack
        np.testing.assert_allclose(shares(sector, other, cities=TWO), found[order], rtol=1e-9, atol=1e-15)


def test_what_does_not_leave_by_stacks_and_what_does_make_up_the_whole(cells):
    coal, diffuse, at = shares("coal", cells), diffuse_shares("coal", cells), stack_cells(cells)
    rebuilt = diffuse.copy()
    for cell, stack in zip(at, stacks(), strict=True):
        assert CITIES[cells.city_index[cell]] == stack.city
        assert np.hypot(cells.lon[cell] - stack.lon, cells.lat[cell] - stack.lat) < STEP_DEG
        rebuilt[cell] += stack.share
    np.testing.assert_allclose(rebuilt, coal, rtol=1e-12)
    for code in CITIES:
        left = 1 - sum(stack.share for stack in stacks() if stack.city == code)
        assert diffuse[of(cells, code)].sum() == pytest.approx(left, abs=1e-12)
        assert not diffuse[of(cells, code)].any() or code not in complete_cities()


@pytest.mark.parametrize("sector", sorted(set(SECTORS) - {"coal"}))
def test_only_coal_leaves_by_stacks(cells, sector):
    np.testing.assert_array_equal(shares(sector, cells), diffuse_shares(sector, cells))


def test_each_line_of_the_mix_sums_to_one():
    assert set(spread.MIX) == set(SECTORS)
    assert all(sum(parts) == pytest.approx(1) and min(parts) >= 0 for parts in spread.MIX.values())


@given(st.floats(-100, 9000), st.floats(-100, 9000))
def test_land_is_less_flat_the_higher_it_lies(a, b):
    low, high = sorted((a, b))
    assert 0 <= plainness(high) <= plainness(low) <= 1
    assert 0 <= forestness(high) <= 1


def test_a_missing_height_gives_no_verdict_on_the_land():
    assert np.isnan(plainness(np.array([np.nan, 500.0]))).tolist() == [True, False]
    assert np.isnan(forestness(np.array([np.nan, 500.0]))).tolist() == [True, False]


# What a map of emissions looks like.


def within(cells: Cells, code: str, lon: float, lat: float, km: float) -> np.ndarray:
    away_km = 111.32 * np.hypot((cells.lon - lon) * np.cos(np.radians(lat)), cells.lat - lat)
    return (away_km < km) & (cells.city_index == CITIES.index(code))


def test_chengdus_traffic_is_densest_in_its_middle_and_its_fields_are_not(cells):
    own = of(cells, "510100")
    centre = np.flatnonzero(within(cells, "510100", 104.066, 30.657, 8))
    traffic, fields = (shares(sector, cells) for sector in ("vehicles", "agriculture"))
    assert traffic[centre].min() > 5 * np.median(traffic[own])
    assert own[np.argmax(traffic[own])] in centre
    assert fields[centre].max() < 1.5 * np.median(fields[own])


def test_sectors_crowd_around_the_middle_in_the_order_of_how_urban_they_are(cells):
    inner = within(cells, "510100", 104.066, 30.657, 25)
    of_inner = {sector: shares(sector, cells)[inner].sum() for sector in SECTORS}
    order = ("vehicles", "dust", "residential", "agriculture", "biogenic")
    assert all(of_inner[a] > of_inner[b] for a, b in pairwise(order))


def test_fields_lie_low_and_forests_high(cells):
    own = of(cells, "510700")  # 绵阳 reaches from the plain to 平武
    low, high = own[cells.elevation_m[own] < 600], own[cells.elevation_m[own] > 1800]
    fields, forest = shares("agriculture", cells), shares("biogenic", cells)
    assert fields[high].max() < 0.05 * fields[low].min()
    assert forest[high].mean() > 2 * forest[low].mean()


def test_above_the_tree_line_little_grows():
    assert forestness(np.array([1500.0]))[0] > 5 * forestness(np.array([4500.0]))[0]


def test_works_stand_around_a_town_and_not_in_its_market_place():
    lon = np.linspace(104.0, 104.8, 161)
    line = Cells(lon, np.full(lon.size, 30.0), np.zeros(lon.size, int), np.full(lon.size, 480.0))
    town = (Seat("town", "510100", 104.4, 30.0, 100.0, 2.0),)
    works = shares("industry", line, cities=("510100",), seats=town)
    traffic = shares("vehicles", line, cities=("510100",), seats=town)
    assert abs(np.argmax(traffic) - 80) <= 2 and works[80] < 0.9 * works.max()
    away_km = abs(lon[np.argmax(works)] - 104.4) * 111.32 * np.cos(np.radians(30))
    assert 4 < away_km < 12


def test_works_follow_their_weight_and_towns_their_people():
    lon = np.array([103.6, 104.8])
    two = Cells(lon, np.full(2, 30.0), np.zeros(2, int), np.full(2, 500.0))
    pair = (Seat("a", "510100", 103.6, 30.0, 30.0, 3.0), Seat("b", "510100", 104.8, 30.0, 90.0, 1.0))
    # Weight 3 of 4 and people 30 of 120 at the first; the land is the same at both.
    towns, fringe, plain, _ = spread.MIX["industry"]
    found = shares("industry", two, cities=("510100",), seats=pair)
    assert found[0] == pytest.approx(towns * 0.25 + fringe * 0.75 + plain * 0.5, abs=1e-6)
    towns, _, plain, _ = spread.MIX["residential"]
    assert shares("residential", two, cities=("510100",), seats=pair)[1] == pytest.approx(towns * 0.75 + plain * 0.5)


def test_a_city_of_rock_alone_still_emits_all():
    peak = Cells([102.0, 102.1], [30.0, 30.0], [0, 0], [9000.0, 9000.0])
    for sector in SECTORS:
        assert shares(sector, peak, cities=("511800",), seats=(), stacks=()).sum() == pytest.approx(1)


def test_two_stacks_of_one_cell_add_up():
    pair = tuple(Stack(c, "模拟", "511800", 103.0, 30.0, 0.25, 100.0, False) for c in "ab")
    cell = Cells([103.0, 102.8], [30.0, 30.0], [0, 0], [500.0, 500.0])
    coal = shares("coal", cell, cities=("511800",), stacks=pair)
    assert coal.sum() == pytest.approx(1) and coal[0] > 0.5
    assert stack_cells(cell, cities=("511800",), stacks=pair).tolist() == [0, 0]


# Bad input.


def test_what_cannot_be_spread_is_named(cells):
    with pytest.raises(ValueError, match="sector is 'power', expected one of industry, coal"):
        shares("power", cells)
    with pytest.raises(ValueError, match="no cell belongs to 510600"):
        shares("dust", Cells([104.0], [30.6], [0], [500.0]), cities=CITIES[:2])
    with pytest.raises(ValueError, match="city_index reaches 2, expected at most 1"):
        shares("dust", Cells([104.0] * 3, [30.6] * 3, [0, 1, 2], [500.0] * 3), cities=CITIES[:2])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"lat": [30.0]}, r"lat has the shape \(1,\), expected \(2,\)"),
        ({"lon": [[104.0, 105.0]]}, r"lon has the shape \(1, 2\)"),
        ({"elevation_m": [500.0, np.nan]}, "elevation_m of cell 1 is nan, expected a finite number"),
        ({"city_index": [0.0, 1.0]}, "city_index must be whole numbers from -1 on, one for each of 2 cells"),
        ({"city_index": [0, -2]}, "city_index must be whole numbers from -1 on"),
        ({"city_index": [0]}, "city_index must be whole numbers from -1 on"),
    ],
)
def test_cells_that_cannot_be_are_refused(change, message):
    good = {"lon": [104.0, 105.0], "lat": [30.0, 31.0], "city_index": [0, -1], "elevation_m": [500.0, 600.0]}
    Cells(**good)
    with pytest.raises(ValueError, match=message):
        Cells(**(good | change))


SEATS = (FOLDER / "seats.csv").read_text(encoding="utf-8")
STACKS = (FOLDER / "stacks.csv").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("锦江区,510100", "锦江区,成都", r"line 7: city is '成都', expected one of 510100, 510600"),
        ("104.08,30.66,70", "10.408,30.66,70", "line 7: lon is '10.408', expected a number from 100 to 108"),
        ("104.08,30.66,70", "104.08,nan,70", "line 7: lat is 'nan', expected a number from 27 to 34"),
        ("104.08,30.66,70", "104.08,30.66,-7", "line 7: urban_population_10k is '-7', expected a number from 0.1"),
        ("94,0.8,recalled", "94,4,recalled", "line 11: industry_weight is '4', expected a number from 0 to 3"),
        ("94,0.8,recalled", "94,0.8,", "line 11: source is '', expected a text"),
        ("94,0.8,recalled", "94,0.8", "line 11: number of cells is '6', expected 7"),
        ("青羊区", "锦江区", "line 8: city name_zh is '510100 锦江区', expected once, it is on line 7 too"),
        ("name_zh,city,lon,lat", "name_zh,city,lat,lon", "line 6: header is 'name_zh,city,lat,lon,"),
    ],
)
def test_a_bad_seat_is_named_with_its_place(tmp_path, old, new, message):
    assert SEATS.count(old) == 1 or old == "青羊区"
    path = tmp_path / "seats.csv"
    path.write_text(SEATS.replace(old, new), encoding="utf-8")
    with pytest.raises(TableError, match=rf"seats\.csv {message}"):
        read_seats(path)


def test_a_city_without_industry_is_named(tmp_path):
    path = tmp_path / "seats.csv"
    path.write_text("".join(line for line in SEATS.splitlines(True) if ",512000," not in line), encoding="utf-8")
    with pytest.raises(TableError, match="no seat with an industry_weight above 0 in 512000"):
        read_seats(path)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("SIM-STACK-02", "SIM-STACK-01", "line 7: code is 'SIM-STACK-01', expected once, it is on line 6 too"),
        ("0.52,180,yes", "0.53,180,yes", r"line 9: share is '0.53', expected shares of 510600 that sum to at most 1"),
        ("0.52,180,yes", "0.50,180,yes", "line 9: complete is 'yes', expected yes where the shares .* sum to 0.98"),
        ("0.52,180,yes", "0.52,180,no", "line 9: complete is 'no', expected yes where the shares .* sum to 1"),
        ("0.52,180,yes", "0.52,180,maybe", "line 9: complete is 'maybe', expected one of yes, no"),
        ("0.52,180,yes", "0.52,5,yes", "line 9: height_m is '5', expected a number from 10 to 400"),
    ],
)
def test_a_bad_stack_is_named_with_its_place(tmp_path, old, new, message):
    assert STACKS.count(old) == 1
    path = tmp_path / "stacks.csv"
    path.write_text(STACKS.replace(old, new), encoding="utf-8")
    with pytest.raises(TableError, match=rf"stacks\.csv {message}"):
        read_stacks(path)


def test_a_file_that_is_no_table_is_named(tmp_path):
    with pytest.raises(TableError, match=r"none\.csv does not exist, expected a CSV file"):
        read_seats(tmp_path / "none.csv")
    (tmp_path / "gbk.csv").write_bytes("锦江区".encode("gb18030"))
    with pytest.raises(TableError, match=r"gbk\.csv is not text at byte 0, expected UTF-8"):
        read_seats(tmp_path / "gbk.csv")
    (tmp_path / "nul.csv").write_bytes(b"name_zh\0,city\n")
    with pytest.raises(TableError, match=r"nul\.csv line 1: "):
        read_seats(tmp_path / "nul.csv")
    (tmp_path / "empty.csv").write_text("# nothing\n", encoding="utf-8")
    with pytest.raises(TableError, match=r"empty\.csv line 1: header is '', expected name_zh,city"):
        read_seats(tmp_path / "empty.csv")


def test_the_registrys_outlines_are_the_shipped_ones():
    assert REGISTRY.outlines_path.parent == SHIPPED  # the tests above would else hold against a user's own cities
