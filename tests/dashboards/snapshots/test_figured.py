"""What is taken from pages as text: every figure has its files, each of its type, with exactly the values of the page."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from collections.abc import Iterator
from xml.etree import ElementTree

import pytest
import sqlalchemy as sa

from dashboards.components.take import About
from dashboards.context import Context
from dashboards.figure_files import KINDS
from dashboards.public.taken import region_map
from dashboards.snapshots import declared, pages
from dashboards.snapshots.figured import wanted
from dashboards.snapshots.front import Front
from dashboards.text import Text
from standards.pollutants import POLLUTANTS
from streams import registry
from streams.store.schema import air_city_day, air_city_hour, air_station_hour
from tests.dashboards import foreseen, stores

REGISTRY = registry.load()
PARAMS = {"city": "510100", "station": "1431A", "hour": "2023-01-21T20", "day": "2023-01-21", "month": "2023-01"}
FACTS = [name for name in About.__annotations__ if name not in ("title", "more")]
SVG = "{http://www.w3.org/2000/svg}"
declared.load()


@pytest.fixture(scope="module")
def front(engine: sa.Engine) -> Front:
    """The portal's front on the store of 48 hours."""

    def behind(_environ: dict, start) -> list[bytes]:
        start("404 Not Found", [("Content-Type", "text/plain")])
        return [b""]

    return Front(Context(lambda: engine, REGISTRY, lambda: stores.NEWEST + dt.timedelta(minutes=10)), behind)


def asked(front: Front, path: str) -> tuple[str, dict[str, str], str]:
    """Ask the front: status, headers, text."""
    got: dict = {}

    def start(status: str, headers: list) -> None:
        got.update(status=status, headers=dict(headers))

    body = b"".join(front({"REQUEST_METHOD": "GET", "PATH_INFO": path, "QUERY_STRING": ""}, start))
    return got["status"], got["headers"], body.decode()


def public_paths() -> Iterator[tuple[str, str]]:
    """Give the name and an address of every page of the public frame, in both languages."""
    for page in pages.pages().values():
        if page.frame == "public":
            path = re.sub(r"<(\w+)>", lambda found: PARAMS[found[1]], page.rule)
            yield page.name, path
            yield page.name, "/en" + (path if path != "/" else "/")


def taking(markup: str) -> list[tuple[str, str, str]]:
    """Give the links to files in a piece of a page: address, name of the file, and type."""
    links = (
        dict(re.findall(r'([\w-]+)="([^"]*)"', link)) for link in re.findall(r"<a ([^>]*data-take=[^>]*)>", markup)
    )
    return [(link["href"], link["download"], link["data-take"]) for link in links]


def table(text: str) -> tuple[list[str], list[dict[str, str]]]:
    """Read a file that was taken: the lines of its head, and its rows by column."""
    lines = text.removeprefix("\ufeff").splitlines(keepends=True)
    head = [line[2:].strip() for line in lines if line.startswith("# ")]
    return head, list(csv.DictReader(io.StringIO("".join(line for line in lines if not line.startswith("# ")))))


@pytest.mark.parametrize(("name", "path"), list(public_paths()))
def test_every_figure_of_a_page_as_text_is_given_by_address_without_a_script(front, name, path) -> None:
    status, _, document = asked(front, path)
    assert status == "200 OK"
    main = document.partition("<main")[2]
    drawings, links = len(re.findall(r"<svg [^>]*viewBox", main)), taking(main)
    assert [kind for _, _, kind in links].count("svg") >= drawings, "each drawing has its file"
    if name != "open-data":  # which is nothing else than links to all numbers
        assert links, f"nothing can be taken from {name}"
    assert "data:image" not in main and "data:text" not in main
    lang = Text("en" if path.startswith("/en") else "zh")
    for address, file, kind in links:
        assert file.endswith(f".{kind}") and wanted(address, REGISTRY), address
        if kind == "png":  # drawn by a script out of the SVG beside it
            assert address.endswith(".svg")
            continue
        status, headers, text = asked(front, address)
        assert (status, headers["Content-Type"]) == ("200 OK", KINDS[kind])
        facts = [lang(f"take.{fact}", **{fact: "@"}).split("@")[0] for fact in FACTS]
        if kind == "csv":
            head, rows = table(text)
            assert rows and all(any(line.startswith(fact) for line in head) for fact in facts), head
        else:
            tree = ElementTree.fromstring(text)
            words = re.sub(r"\s", "", "".join(tree.itertext()))  # lines are broken at spaces
            assert (
                tree.tag == f"{SVG}svg"
                and tree.find(f"{SVG}style").text
                and all(re.sub(r"\s", "", fact) in words for fact in facts)
            )
            assert "var(" not in text and "href" not in text, "it needs no style sheet and leads nowhere"


@pytest.mark.parametrize(("name", "path"), list(public_paths()))
def test_a_drawing_that_is_taken_is_the_one_of_the_page(front, name, path) -> None:
    document = asked(front, path)[2].partition("<main")[2]
    for figure in re.findall(r'<figure class="figure">.*?</figure>', document, re.S):
        on_page = ElementTree.fromstring(re.search(r"<svg .*</svg>", figure, re.S)[0])
        address = next(address for address, _, kind in taking(figure) if kind == "svg")
        taken = ElementTree.fromstring(asked(front, address)[2])
        inner = taken.findall(f"{SVG}svg")
        assert len(inner) == 1
        for shape in ("path", "rect", "circle", "text", "title"):
            assert [e.attrib for e in inner[0].iter(f"{SVG}{shape}")] == [e.attrib for e in on_page.iter(shape)], shape
            assert [e.text for e in inner[0].iter(f"{SVG}{shape}")] == [e.text for e in on_page.iter(shape)], shape


def test_the_hours_that_are_taken_are_the_rows_of_the_store_and_a_gap_is_na(front, engine) -> None:
    head, rows = table(asked(front, "/figures/city/510100/day/2023-01-21/hours.csv")[2])
    first = dt.datetime(2023, 1, 20, 17)
    assert [row["hour_end_utc"] for row in rows] == [
        f"{first + dt.timedelta(hours=n):%Y-%m-%dT%H:00Z}" for n in range(24)
    ]
    c = air_city_hour.c
    with engine.connect() as connection:
        stored = {f"{row['hour_end']:%Y-%m-%dT%H:00Z}": row for row in connection.execute(
            sa.select(air_city_hour).where(c.city == "510100")).mappings()}  # fmt: skip
    assert any(row["hour_end_utc"] in stored for row in rows)
    for row in rows:
        own = stored.get(row["hour_end_utc"])
        for item, pollutant in POLLUTANTS.items():
            value = own[pollutant.column] if own else None
            told = row[f"{item} [{pollutant.unit}]"]
            assert told == "NA" if value is None else float(told) == pytest.approx(value, rel=1e-5)
        assert row["aqi [1]"] == ("NA" if own is None or own["aqi"] is None else str(own["aqi"]))
    assert any("air_city_hour" in line for line in head)


def test_the_days_that_are_taken_are_those_of_the_store(tmp_path) -> None:
    engine = stores.empty_store(tmp_path)
    foreseen.fill(engine)
    own = Front(Context(lambda: engine, REGISTRY, lambda: foreseen.NEWEST + dt.timedelta(minutes=10)), lambda *_: [])
    _, rows = table(asked(own, "/figures/city/510100/month/2025-12/days.csv")[2])
    with engine.connect() as connection:
        days = {f"{row['day']}": row["aqi"] for row in connection.execute(
            sa.select(air_city_day).where(air_city_day.c.city == "510100")).mappings()}  # fmt: skip
    assert days and {row["day"]: row["aqi"] for row in rows if row["aqi"] != "NA"} == {
        day: str(aqi) for day, aqi in days.items() if aqi is not None
    }


def test_the_stations_that_are_taken_are_those_of_the_store(front, engine) -> None:
    c = air_station_hour.c
    with engine.connect() as connection:
        station = connection.execute(
            sa.select(c.aqi).where(c.station == "1431A", c.hour_end == stores.NEWEST)
        ).scalar_one()
    _, stations = table(asked(front, "/figures/stations/map.csv")[2])
    assert {row["station"]: row["aqi [1]"] for row in stations}["1431A"] == str(station)


@pytest.mark.parametrize(
    "path",
    ["/figures/map.png", "/figures/none.svg", "/figures/city/999999/line.svg", "/figures//map.svg", "/figures/../map.svg",
     "/en/figures/city/510100/map.csv", "/figures/wall/map.svg", "/figures/.svg", "/figures/map.svg/", "/figures/en/map.svg"],
)  # fmt: skip
def test_an_address_of_no_figure_is_not_found(front, path) -> None:
    assert asked(front, path)[0] == "404 Not Found"


def test_a_figure_is_drawn_once_for_a_data_version(front, monkeypatch) -> None:
    calls: list[int] = []
    page = pages.pages()["home"]

    def counted(scene):
        calls.append(1)
        return region_map(scene, [], {})

    monkeypatch.setitem(page.figures, "map", counted)
    front._kept.clear()
    tags = {asked(front, "/figures/map.csv")[1]["ETag"] for _ in range(3)}
    assert len(tags) == 1 and len(calls) == 1
    front._kept.clear()
