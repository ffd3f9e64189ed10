"""What is unknown is NA on every way from the store to the page, and never a number."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace
from xml.etree import ElementTree

import pytest
import sqlalchemy as sa

from dashboards.components import marks
from dashboards.components.city_cards import city_card
from dashboards.components.emission_bars import emission_bars
from dashboards.components.episodes import episode_list
from dashboards.components.health_tables import source_table
from dashboards.components.origin import origin_details
from dashboards.components.tables import station_table
from dashboards.figures.forecast import forecast_chart
from dashboards.figures.hour_bars import hour_bars
from dashboards.figures.region_map import Dots, MapPlace, region_map
from dashboards.moment import at
from dashboards.queries.emissions import HourEmissions
from dashboards.queries.origins import Origin
from dashboards.text import Text
from standards.pollutants import POLLUTANTS
from streams import registry
from streams.records import SPECIES
from streams.store import begin_write, schema
from streams.store.health import Books
from tests.dashboards import attributed, stores

KNOWN = registry.load()
TRACE = {"edition": "HJ 633-2012", "status": "provisional", "revision": 7, "simulated": False, "version": 7}
KEYS = {"hour_end": stores.NEWEST, "city": "510100", "station": "1431A", "run": "CDAQS/x", "run_init": stores.NEWEST}
NO_NUMBERS = re.compile(r"(?<![\w.#-])0(?:\.0+)?(?![\w.%])")
"""A zero that stands alone, as a number on the page does."""


def nothing(table: sa.Table, **known: object) -> dict[str, object]:
    """Give a row of which only what names it is known."""
    return {c.name: (TRACE | KEYS).get(c.name) for c in table.c} | known


def words(component: object) -> list[str]:
    """Give the texts of a component that a reader sees or hears, in order."""
    if component is None:
        return []
    if isinstance(component, list | tuple):
        return [word for part in component for word in words(part)]
    if hasattr(component, "_prop_names"):
        spoken = [getattr(component, name, None) for name in ("title", "aria-label")]
        return [str(s) for s in spoken if s] + words(getattr(component, "children", None))
    return [str(component)]


def said(component: object) -> str:
    text = " | ".join(words(component))
    assert not NO_NUMBERS.search(text), text
    return text


@pytest.mark.parametrize("item", POLLUTANTS)
def test_a_missing_value_is_na_in_the_marks(item) -> None:
    row, text = nothing(schema.air_city_hour), Text("en")
    assert marks.value(row, item) == "NA" and marks.category(None, text) == "NA" and marks.primary(row, text) == "—"
    assert marks.provenance(row, text).endswith("complete: NA")
    assert marks.chip(None, text).children == "NA"


def test_a_city_of_which_nothing_is_known_is_na(scene) -> None:
    row = nothing(schema.air_city_hour)
    text = said(city_card(scene, "510100", row, [row]))
    assert "| NA |" in text and "站点 NA/NA" in text
    assert row["hour_end"] == scene.moment.hour


def test_a_station_of_which_nothing_is_known_is_na_and_stands_after_an_index_of_zero(scene) -> None:
    stations = [s for s in KNOWN.stations.values() if s.city == "510100"][:3]
    rows = {s.code: nothing(schema.air_station_hour, station=s.code) for s in stations[:2]}
    text = said(station_table(scene, stations, rows, {}))
    assert text.count("NA") >= 2 * (2 + len(POLLUTANTS))
    rows[stations[1].code]["aqi"] = 0
    order = [part for part in words(station_table(scene, stations, rows, {})) if part in {s.code for s in stations}]
    assert order == [stations[n].code for n in (1, 0, 2)]


def test_superseded_values_that_were_missing_are_na(scene) -> None:
    row = nothing(schema.air_station_hour, aqi=50, pm25_ugm3=35.0)
    old = nothing(schema.air_station_hour, superseded_at=stores.NEWEST)
    text = said(origin_details(scene, row, Origin([], [old])))
    assert "AQI NA → 50" in text and "PM₂.₅ NA → 35" in text
    assert "来源 NA" in text, "the feed is not known"


def test_emissions_that_are_unknown_are_na_and_no_part_of_the_bar(scene) -> None:
    unknown = dict.fromkeys(SPECIES)
    found = HourEmissions(
        stores.NEWEST,
        {"power": unknown | {"so2": 4.0}, "dust": unknown},
        unknown | {"co": 8.0},
        unknown,
        None,
        "",
        False,
        7,
    )
    text = said(emission_bars(scene, found))
    assert "电力 4 kg/h (100%)" in text and "扬尘 NA (未知)" in text and "电力、扬尘 NA (未知)" in text
    assert text.count("NA") > 2 * len(SPECIES)


def test_an_episode_of_which_nothing_is_known_is_na(scene) -> None:
    row = nothing(schema.episode_event, episode="haze/x", kind="haze", start=stores.NEWEST)
    text = said(episode_list(scene, [row]))
    assert "阶段不详" in text and "峰值 NA µg/m³（NA）" in text and "超标 NA 城市·小时" in text


def test_a_source_without_an_hour_is_na(scene) -> None:
    assert "NA" in words(source_table(scene, [Books("cnemc", 5, 5, 0, 0, 0, None)]))


def test_a_forecast_or_observation_without_values_is_a_gap() -> None:
    observed = [nothing(schema.air_city_hour, hour_end=stores.NEWEST + dt.timedelta(hours=n)) for n in range(3)]
    run = [nothing(schema.forecast_city_hour, hour_end=row["hour_end"], lead_hours=1, lead_day=1) for row in observed]
    for item in (*POLLUTANTS, "aqi"):
        figure = forecast_chart(observed, {"CDAQS/x": run}, item, stores.NEWEST, Text("zh"))
        assert [set(line.y) for line in figure.lines] == [{None}, {None}]


def test_the_map_and_the_bars_say_na() -> None:
    places = [MapPlace(c.code, c.lon, c.lat, None, c.name_zh, "NA") for c in KNOWN.cities.values()]
    drawn = ElementTree.fromstring(
        region_map(KNOWN.outlines_path, places, places[:1], "510100", "map", small=[Dots(((104.0, 30.5),), None, "NA")])
    )
    assert {e.text for e in drawn.iter("text") if e.get("class") == "value"} == {"NA"}
    bars = ElementTree.fromstring(hour_bars({stores.NEWEST: (None, False)}, stores.NEWEST, "x"))
    assert {note.text[-2:] for note in bars.iter("title")} == {"NA"}


def test_a_page_of_rows_without_values_shows_no_number_at_all(scene, sections, tmp_path) -> None:
    engine = stores.empty_store(tmp_path)
    with begin_write(engine) as connection:
        for table in (schema.air_city_hour, schema.air_station_hour):
            connection.execute(sa.insert(table), [nothing(table)])
        needed = {"points": 7, "lead_hours": 7, "lead_day": 7}
        connection.execute(sa.insert(schema.forecast_city_hour), [nothing(schema.forecast_city_hour, **needed)])
        sectors = '{"sectors":["power"],"species":["so2"],"kgh":[[null]]}'
        connection.execute(sa.insert(schema.emission_city_hour), [nothing(schema.emission_city_hour, sectors=sectors)])
        made = nothing(schema.episode_event, episode="haze/x", kind="haze", start=stores.NEWEST, phase="growing")
        connection.execute(sa.insert(schema.episode_event), [made])
        unknown = attributed.nothing("510100", ("510100",), stores.NEWEST, why="no tags") | {"total": None}
        connection.execute(sa.insert(schema.attribution), [unknown])
    with engine.connect() as connection:
        live_scene = replace(scene, connection=connection, moment=at(stores.NEWEST, stores.NEWEST, None))
        for name in ("cities", "sectors", "attribution", "episodes", "stations"):
            assert "NA" in said(sections[name].render(live_scene)), name


def test_a_city_that_is_behind_says_so_on_the_map_and_in_words(scene, overview) -> None:
    earlier = nothing(schema.air_city_hour, aqi=80, hour_end=stores.NEWEST - dt.timedelta(hours=2))
    place = overview._city_place(scene, "510100", earlier)
    assert place.behind == "落后 2 小时" and "落后 2 小时" in place.note
    assert overview._station_place(scene, KNOWN.stations["1431A"], earlier).note.endswith("落后 2 小时")
    assert overview._city_place(scene, "510100", nothing(schema.air_city_hour, aqi=80)).behind == ""


def test_emissions_of_an_earlier_hour_say_of_which(scene, sections, tmp_path) -> None:
    engine = stores.empty_store(tmp_path)
    stores.fill(engine)
    c = schema.emission_city_hour.c
    part = sections["sectors"]
    with engine.connect() as connection:
        of_hour = said(part.render(replace(scene, connection=connection)))
        assert "01-21 23:00" in of_hour and "本时次" in of_hour and "本时次无排放数据" not in of_hour
    with begin_write(engine) as connection:
        connection.execute(
            sa.delete(schema.emission_city_hour).where(c.hour_end > stores.NEWEST - dt.timedelta(hours=15))
        )
    with engine.connect() as connection:
        earlier = said(part.render(replace(scene, connection=connection)))
        assert "01-21 08:00" in earlier and "落后 15 小时" in earlier
        assert "本时次无排放数据，所示为 2023-01-21 08:00 的排放。" in earlier
