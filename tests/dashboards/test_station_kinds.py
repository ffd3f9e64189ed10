"""Which stations a page lists, which it draws as small dots, and that simulated ones among them are told."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa

from dashboards.context import Scene
from dashboards.figures.region_map import Dots, MapPlace, region_map
from dashboards.queries import air
from dashboards.queries.simulated import shows_simulated
from streams import registry
from streams.store import schema
from tests.dashboards import stores

LINES = (
    "S01,研究站,super,104.10,30.60,510100",
    "B01,山脊站,background,104.30,30.90,510100",
    "M01,甲,micro,104.11,30.61,510100",
    "M02,乙,micro,104.12,30.62,510100",
    "M03,丙,micro,104.13,30.63,510100",
    "V01,走航车,mobile,104.14,30.64,510100",
)


@pytest.fixture(scope="module")
def kinds(tmp_path_factory) -> registry.Registry:
    path = tmp_path_factory.mktemp("registry") / "stations.csv"
    path.write_text("\n".join(["code,name_zh,kind,lon,lat,city", *LINES]) + "\n", encoding="utf-8")
    return registry.load().import_stations(path)


@pytest.fixture
def mixed(kinds, scene, tmp_path) -> Iterator[Scene]:
    """A scene whose store has hours of every kind of station; M02's are simulated, M03 has none."""
    engine = stores.empty_store(tmp_path)
    stores.fill(engine, simulated=False)
    with engine.begin() as connection:
        rows = []
        for code, aqi, simulated in (("S01", 88, False), ("M01", 42, False), ("M02", 44, True), ("V01", 300, False)):
            trace = stores._trace(1, simulated)
            rows.append(
                {"station": code, "hour_end": stores.NEWEST, "city": "510100", "aqi": aqi, "flags": "", **trace}
            )
        connection.execute(sa.insert(schema.air_station_hour), rows)
    with engine.connect() as connection:
        yield replace(scene, connection=connection, registry=kinds)
    engine.dispose()


def test_the_table_lists_points_and_super_sites_and_marks_the_latter(mixed, overview) -> None:
    shown = str(overview._stations(mixed))
    assert "1431A" in shown and "S01" in shown and "超级站，不参与城市评价" in shown
    assert not any(code in shown for code in ("M01", "M02", "M03", "V01"))


def test_a_background_station_is_listed_as_such(mixed, overview) -> None:
    shown = str(overview._stations(mixed))
    assert "B01" in shown and "背景站，不参与城市评价" in shown


def test_micro_stations_are_small_dots_in_one_layer_and_mobile_ones_are_not_drawn(mixed, overview) -> None:
    dots = overview._micro_dots(mixed, overview._micro_levels(mixed))
    assert [(len(each.points), each.note, bool(each.mark)) for each in dots] == [
        (1, "微型站 1 个：NA", False), (1, "微型站 1 个：优", False), (1, "微型站 1 个：优 模拟", True),
    ]  # fmt: skip
    drawn = str(overview._region(mixed))
    assert "研究站 S01" in drawn and "走航车" not in drawn and "M01" not in drawn
    assert "小点：微型站，不参与城市评价" in drawn


def test_a_thousand_micro_stations_cost_the_map_two_elements() -> None:
    known = registry.load()
    places = [MapPlace(c.code, c.lon, c.lat, 50, c.name_zh, c.name_zh) for c in known.cities.values()]
    many = Dots(tuple((104 + i / 1e4, 30.6) for i in range(1000)), 42, "many")
    plain, small = (
        list(
            ElementTree.fromstring(
                region_map(Path(known.outlines_path), places, [], "510100", "map", small=each)
            ).iter()
        )
        for each in ((), (many,))
    )
    assert len(small) - len(plain) == 4  # two groups, the path and its title
    (path,) = [each for each in small if each.get("d", "").count("h0")]
    assert path.get("d").count("M") == 1000


def test_a_simulated_micro_station_makes_the_page_say_so(mixed) -> None:
    page = {"cities": tuple(mixed.registry.cities), "newest": stores.NEWEST}
    assert not shows_simulated(mixed.connection, stores.NEWEST, "510100", **page)
    assert shows_simulated(mixed.connection, stores.NEWEST, "510100", **page, others=["M01", "M02"])
    assert not shows_simulated(mixed.connection, stores.NEWEST, "510100", **page, others=["M01"])
    assert air.station_levels(mixed.connection, ["M01", "M02", "M03"], stores.NEWEST) == {
        "M01": (42, False, False), "M02": (44, True, False),
    }  # fmt: skip
