import datetime as dt
import json
import xml.etree.ElementTree as ElementTree

import pytest

from dashboards import theme
from dashboards.components import marks
from dashboards.components.city_cards import city_card
from dashboards.components.emission_bars import emission_bars
from dashboards.figures.chart import HOUR, STEPS, Chart, Line, drawn
from dashboards.figures.forecast import forecast_chart
from dashboards.figures.hour_bars import HOURS, hour_bars
from dashboards.figures.outlines import projection, read_rings
from dashboards.figures.region_map import MapPlace, region_map
from dashboards.figures.scales import round_step
from dashboards.queries import air, emissions, forecasts
from dashboards.queries.simulated import AFTER, BEFORE
from dashboards.text import Text
from standards.index.levels import LEVELS
from streams import registry
from tests.dashboards import stores

KNOWN = registry.load()


def _contrast(a: str, b: str) -> float:
    light, dark = sorted((theme._luminance(a), theme._luminance(b)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_words_on_every_official_colour_can_be_read():
    assert all(_contrast(level.hex, theme.ink_on(level.hex)) >= 4.5 for level in LEVELS)
    assert all(_contrast(colour, theme.ink_on(colour)) >= 4.5 for colour in theme.SECTOR_COLOURS)
    assert (
        min(
            _contrast(theme.INK, theme.PAPER), _contrast(theme.MUTED, theme.PAPER), _contrast(theme.ACCENT, theme.PAPER)
        )
        >= 4.5
    )


def test_the_map_has_all_cities_inside_and_escapes_what_it_is_given():
    places = [MapPlace(c.code, c.lon, c.lat, None, '<script>"', c.name_zh) for c in KNOWN.cities.values()]
    drawn = ElementTree.fromstring(region_map(KNOWN.outlines_path, places, [], "510700", "map"))
    links = list(drawn.iter("a"))
    assert {a.get("data-city") for a in links} == set(KNOWN.cities)
    assert links[-1].get("data-city") == "510700"  # the selected border is drawn last
    assert not list(drawn.iter("script"))


def test_every_city_and_station_falls_on_the_drawing():
    project = projection(read_rings(KNOWN.outlines_path))
    points = [project(p.lon, p.lat) for p in (*KNOWN.cities.values(), *KNOWN.stations.values())]
    assert all(0 < x < 1000 and 0 < y < project.height for x, y in points)


def test_an_hour_without_an_index_is_a_gap_and_never_a_number():
    drawn = ElementTree.fromstring(hour_bars({stores.NEWEST: (None, False)}, stores.NEWEST, "x"))
    notes = [note.text for note in drawn.iter("title")]
    assert len(notes) == HOURS and all(note.endswith("NA") for note in notes)
    assert len(list(ElementTree.fromstring(hour_bars({}, None, "x")).iter("rect"))) == 0


@pytest.mark.parametrize("item", ["pm25", "o3", "co", "aqi"])
def test_the_newest_run_is_the_strongest_line(scene, item):
    hour = scene.moment.hour
    observed = air.city_hours(scene.connection, ["510100"], hour - BEFORE, hour)
    runs = forecasts.forecast_runs(scene.connection, "510100", hour, hour - BEFORE, hour + AFTER)
    chart = forecast_chart(observed, runs, item, hour, scene.text)
    lines, last = chart.lines[:-1], chart.lines[-1]
    assert len(lines) == 3 and [line.opacity for line in lines] == sorted(line.opacity for line in lines)
    assert len(last.x) == len(observed) == 48


def test_simulated_curves_say_so(scene):
    hour = scene.moment.hour
    rows = air.city_hours(scene.connection, [stores.SIMULATED], hour - BEFORE, hour)
    chart = forecast_chart(rows, {}, "pm25", hour, scene.text)
    assert "模拟" in chart.lines[0].name and "模拟" in drawn(chart)


def lines_of(chart: Chart) -> list[list[int]]:
    """Give the number of points of each stretch of the only line."""
    (path,) = [p for p in parsed(chart).iter("path") if p.get("class") in ("line", "dashed")]
    return [len(piece.split("L")) for piece in path.get("d")[1:].split("M")]


def parsed(chart: Chart) -> ElementTree.Element:
    return ElementTree.fromstring(drawn(chart))


def test_hours_without_rows_break_the_line_and_one_alone_is_a_dot(scene):
    hour = scene.moment.hour
    rows = air.city_hours(scene.connection, [stores.SIMULATED], hour - BEFORE, hour)
    kept = [*rows[:20], *rows[23:30], rows[-1]]
    assert lines_of(forecast_chart(kept, {}, "pm25", hour, scene.text)) == [20, 7, 2]
    assert lines_of(forecast_chart(rows, {}, "pm25", hour, scene.text)) == [48]


def test_a_chart_tells_under_the_pointer_what_the_rows_say(scene):
    hour = scene.moment.hour
    rows = air.city_hours(scene.connection, ["510100"], hour - BEFORE, hour)
    data = json.loads(
        parsed(forecast_chart(rows, {}, "pm25", hour, scene.text)).find("./div[@data-chart]").get("data-chart")
    )
    assert data["count"] == (rows[-1]["hour_end"] - rows[0]["hour_end"]) // HOUR + 1
    told = data["lines"][0]["values"]
    assert [told[(row["hour_end"] - rows[0]["hour_end"]) // HOUR] for row in rows] == [
        None if row["pm25_ugm3"] is None else f"{row['pm25_ugm3']:.0f}" for row in rows
    ]


@pytest.mark.parametrize(("most", "step"), [(0.9, 0.5), (1.0, 0.5), (35, 10), (80, 20), (500, 200)])
def test_lines_across_stand_at_round_numbers(most, step):
    assert round_step(most / STEPS, slack=1.0) == pytest.approx(step)


def test_a_chart_of_zeros_alone_has_a_scale():
    assert 'class="y"' in drawn(Chart([Line("a", [dt.datetime(2026, 3, 1)], [0.0])], "u", "t"))


def test_a_chart_without_data_says_so():
    assert "No observation" in drawn(forecast_chart([], {}, "pm25", None, Text("en")))


def test_a_city_without_an_index_shows_na_with_the_reason(scene):
    rows = air.latest_by_city(
        air.city_hours(scene.connection, [stores.ABSENT], scene.moment.hour, scene.moment.hour), scene.moment.hour
    )
    shown = str(city_card(scene, stores.ABSENT, rows[stores.ABSENT], []))
    assert "NA" in shown and "缺 CO、O₃" in shown
    assert marks.why_absent(None, scene.text) == "本时次无数据"


def test_emission_shares_fill_the_bar(scene):
    found = emissions.emissions(scene.connection, "510100", scene.moment.hour)
    table = json.loads(json.dumps(emission_bars(scene, found)[1], default=lambda c: c.to_plotly_json()))
    first = table["props"]["children"][1]["props"]["children"][0]["props"]["children"][1]["props"]["children"]
    shares = [float(part["props"]["style"]["flex"].split()[0]) for part in first["props"]["children"]]
    assert len(shares) == len(stores.SECTORS) and abs(sum(shares) - 100) < 0.05
