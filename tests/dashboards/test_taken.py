"""What is taken from pages of Dash: every figure of every page has its files, of the right type, with exactly what is drawn."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from typing import Any
from xml.etree import ElementTree

import dash
import numpy as np
import pandas as pd
import pytest
import sqlalchemy as sa
from dash import html
from dash.development.base_component import Component

from dashboards import live
from dashboards.app import create_app
from dashboards.components.drawing import Drawing
from dashboards.components.take import FILES, About
from dashboards.context import Context, own_parameters, scene_of
from dashboards.figure_files import KINDS
from dashboards.text import Text
from dashboards.view import View
from streams import registry
from streams.store import schema
from tests.dashboards import foreseen, stores
from tests.dashboards.analysis import made
from tests.dashboards.judging import forecasts
from tests.dashboards.snapshots.test_figured import SVG, table

KNOWN = registry.load()
HOUR = dt.timedelta(hours=1)
FACTS = [name for name in About.__annotations__ if name not in ("title", "more")]
ELSEWHERE = {"cities": "region"}
"""Tiles are links themselves: what they draw is taken beside the map."""


def _judged(engine: sa.Engine) -> dt.datetime:
    forecasts.fill_beside(engine)
    return forecasts.NEWEST


def _overview(engine: sa.Engine) -> dt.datetime:
    stores.fill(engine)
    return stores.NEWEST


def _warned(engine: sa.Engine) -> dt.datetime:
    foreseen.fill(engine)
    return foreseen.NEWEST


def _explored(engine: sa.Engine) -> dt.datetime:
    made.fill(engine)
    return made.NEWEST


STORES = {"overview": _overview, "explored": _explored, "judged": _judged, "warned": _warned}


@pytest.fixture(scope="module", params=STORES)
def portal(request, tmp_path_factory) -> tuple[str, Context, Any]:
    """A store, and a client of the portal on it."""
    engine = stores.empty_store(tmp_path_factory.mktemp("taken"))
    newest = STORES[request.param](engine)
    context = Context(lambda: engine, KNOWN, lambda: newest + dt.timedelta(minutes=10))
    return request.param, context, create_app(context).server.test_client()


def walked(node: Any) -> Iterator[Component]:
    """Give every component below a node."""
    if isinstance(node, list | tuple):
        for each in node:
            yield from walked(each)
    elif isinstance(node, Component):
        yield node
        yield from walked(getattr(node, "children", None))


def links_of(parts: list[Component]) -> list[Any]:
    return [each for each in parts if isinstance(each, html.A) and getattr(each, "data-take", None)]


def paths_of(svg: str) -> set[str]:
    return set(re.findall(r'<path [^>]*?\bd="([^"]+)"', svg))


def rendered(context: Context, lang: str) -> dict[str, list[Component]]:
    """Draw every section of every page: by its name its components."""
    found = {}
    query = {"id": forecasts.EPISODE, "a": "510100:air:pm25", "b": "510600:air:pm25"}
    for name, section in live.sections().items():
        with scene_of(context, View("510100", lang=lang), own_parameters(query)) as scene:
            found[name] = list(walked(section.render(scene)))
    return found


SEEN: set[str] = set()


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_figure_of_every_section_has_its_files_with_what_is_drawn(portal, lang) -> None:
    _, context, client = portal
    text, sections = Text(lang), rendered(context, lang)
    files: dict[str, set[str]] = {}
    for name, parts in sections.items():
        links = links_of(parts)
        for link in links:
            kind = getattr(link, "data-take")
            assert (
                link.href.startswith(f"{FILES}{name}/") and "hour=" in link.href and link.download.endswith(f".{kind}")
            )
            if kind == "png":  # drawn by a script out of the SVG beside it
                assert ".svg?" in link.href
                continue
            answer = client.get(link.href)
            assert (answer.status_code, answer.headers["Content-Type"]) == (200, KINDS[kind]), link.href
            said = answer.get_data(as_text=True)
            facts = [text(f"take.{fact}", **{fact: "@"}).split("@")[0].strip() for fact in FACTS]
            if kind == "csv":
                head, rows = table(said)
                assert rows and all(any(line.startswith(fact) for line in head) for fact in facts), (link.href, head)
                continue
            tree = ElementTree.fromstring(said)
            words = re.sub(r"\s", "", "".join(tree.itertext()))
            assert tree.tag == f"{SVG}svg" and all(re.sub(r"\s", "", fact) in words for fact in facts), link.href
            assert "var(" not in said and "href" not in said and tree.find(f"{SVG}style").text
            files.setdefault(name, set()).update(paths_of(said))
        kinds = [getattr(link, "data-take") for link in links]
        assert len({link.href for link in links if getattr(link, "data-take") == "csv"}) == kinds.count("csv")
    for name, parts in sections.items():
        drawings = [each.svg for each in parts if isinstance(each, Drawing) and "<svg" in each.svg]
        drawn = set().union(*map(paths_of, drawings))
        assert drawn <= files.get(ELSEWHERE.get(name, name), set()), name
        figures = [each for each in parts if isinstance(each, html.Figure)]
        assert all(links_of(list(walked(figure))) for figure in figures)
        SEEN.update({name} if drawings else ())
    assert all("data:" not in str(link.href) for parts in sections.values() for link in links_of(parts))


def test_figures_of_every_page_that_has_some_were_seen() -> None:
    """The law above would hold of nothing, were nothing drawn."""
    wanted = {"region", "cities", "curves", "series-lines", "series-against", "cycles", "winds", "months", "between",
            "verification-leads", "verification-cities", "dossier-what"}  # fmt: skip
    assert wanted <= SEEN


@pytest.fixture(scope="module")
def explored(tmp_path_factory):
    """A client of the portal on the made store."""
    engine = stores.empty_store(tmp_path_factory.mktemp("values"))
    newest = _explored(engine)
    return create_app(Context(lambda: engine, KNOWN, lambda: newest + dt.timedelta(minutes=20))).server.test_client()


def rows_of(client, path: str) -> pd.DataFrame:
    answer = client.get(f"{FILES}{path}")
    assert answer.status_code == 200, path
    return pd.DataFrame(table(answer.get_data(as_text=True))[1])


def numbers(column: pd.Series) -> np.ndarray:
    return pd.to_numeric(column.replace("NA", np.nan)).to_numpy()


def test_the_hours_that_are_taken_are_those_of_the_series(explored) -> None:
    got = rows_of(explored, "series-lines/series.csv?city=510100&span=7d&a=510100:air:pm25&b=510600:air:pm25")
    hours = pd.date_range(made.NEWEST - 167 * HOUR, made.NEWEST, freq="h")
    assert got["hour_end_utc"].tolist() == [f"{hour:%Y-%m-%dT%H:00Z}" for hour in hours]
    np.testing.assert_allclose(numbers(got.iloc[:, 1]), made.pm25("510100")[-168:], rtol=1e-5)


def test_the_cycle_that_is_taken_is_the_mean_of_pandas(explored) -> None:
    got = rows_of(explored, "cycles/by-hour.csv?city=510100&span=30d&item=pm25")
    hours = pd.date_range(made.NEWEST - 719 * HOUR, made.NEWEST, freq="h") + pd.Timedelta(hours=8)
    values = pd.Series(made.pm25("510100")[-720:])
    expected = values.groupby((hours.hour - 1) % 24 + 1).mean()
    np.testing.assert_allclose(numbers(got.iloc[:, 1]), expected.to_numpy(), rtol=1e-5)
    assert numbers(got["n"]).tolist() == [30.0] * 24


def test_the_days_that_are_taken_are_those_of_the_calendar(explored) -> None:
    got = rows_of(explored, "months/days-2023.csv?city=510100&item=pm25").set_index("day")
    assert float(got.loc["2023-02-01", "pm25 [µg/m³]"]) == 32.0 and got.loc["2023-01-10", "aqi [1]"] == "NA"


def test_a_link_says_the_same_when_the_next_hour_has_come(tmp_path) -> None:
    engine = stores.empty_store(tmp_path)
    made.fill(engine)
    client = create_app(
        Context(lambda: engine, KNOWN, lambda: made.NEWEST + dt.timedelta(minutes=20))
    ).server.test_client()
    path = f"{FILES}series-lines/series.csv?city=510100&span=7d&hour={made.NEWEST:%Y-%m-%dT%H:00Z}"
    before = client.get(path)
    with engine.begin() as connection:
        row = connection.execute(
            sa.select(schema.air_city_hour).where(
                schema.air_city_hour.c.city == "510100", schema.air_city_hour.c.hour_end == made.NEWEST
            )
        ).mappings().one()  # fmt: skip
        connection.execute(sa.insert(schema.air_city_hour), {**row, "hour_end": made.NEWEST + HOUR})
    after = client.get(path)
    assert before.get_data() == after.get_data() and before.headers["ETag"] == after.headers["ETag"]
    assert client.get(path, headers={"If-None-Match": after.headers["ETag"]}).status_code == 304


@pytest.mark.parametrize(
    "path", ["none/series.csv", "series-lines/none.csv", "series-lines/series.png", "series-lines/", "series-lines/..%2fx.svg",
             "cycles/series.csv", "waiting/a.svg"],
)  # fmt: skip
def test_a_file_of_no_figure_is_not_found(explored, path) -> None:
    answer = explored.get(f"{FILES}{path}")
    assert answer.status_code == 404


def test_pages_of_dash_are_all_there(explored) -> None:
    assert {each["name"] for each in dash.page_registry.values()} >= {
        "overview",
        "series",
        "cycles",
        "winds",
        "months",
        "between",
    }
