"""Open data as a page: files by month, licence and citation, columns with units, and how programs read it all."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from dash import html

from dashboards.context import Scene
from dashboards.opendata import files, limits, parameters, terms
from dashboards.opendata.offered import MONTHLY, unit_of
from dashboards.outside import PLACEHOLDER
from dashboards.snapshots.pages import page

ENDS = {"parquet": "Parquet", "csv": "CSV", "nc": "NetCDF"}
CURL = "curl 'https://HOST/api/v1/city-hours?city=510100&item=pm25&from=2026-11-01&limit=100'"
PYTHON = """import pandas as pd, requests
host, at, rows = "https://HOST", "/api/v1/city-hours?city=510100&item=pm25", []
while at:
    page = requests.get(host + at).json()
    rows += page["data"]
    at = page["meta"]["next"]
hours = pd.DataFrame(rows)
month = pd.read_parquet(host + "/data/city-hours/2026-11.parquet")"""
R = """library(jsonlite)
host <- "https://HOST"; at <- "/api/v1/city-hours?city=510100&item=pm25"
hours <- list()
while (!is.null(at)) {
  page <- fromJSON(paste0(host, at))
  hours <- c(hours, list(page$data))
  at <- page$meta$`next`
}
hours <- do.call(rbind, hours)
month <- read.csv(paste0(host, "/data/city-hours/2026-11.csv"), comment.char = "#")"""


def introduction(scene: Scene) -> Any:
    """Say what is given away and what to mind."""
    return html.P(scene.text("opendata.intro"), className="card")


def by_month(scene: Scene) -> Any:
    """List the files, the newest year open."""
    text, known = scene.text, set()
    held = {}
    for name, collection in MONTHLY.items():
        held[name] = files.months(scene.connection, collection) if scene.connection is not None else []
        known |= set(held[name])
    if not known:
        return _card(text("opendata.files"), html.P(text("opendata.none")))
    years = groupby(sorted(known, reverse=True), key=lambda month: month.year)
    folded = []
    for number, (year, months) in enumerate(years):
        rows = [
            html.Tr([html.Th(f"{m:%Y-%m}", scope="row"), *[_links(n, m, m in held[n]) for n in MONTHLY]])
            for m in months
        ]
        head = html.Tr([html.Th(text(key), scope="col") for key in ("opendata.month", *map(_word, MONTHLY))])
        table = html.Table([html.Thead(head), html.Tbody(rows)], className="open-months")
        folded.append(html.Details([html.Summary(text("opendata.years", year=year)), table], open=number == 0))
    return _card(text("opendata.files"), *folded)


def licence(scene: Scene) -> Any:
    """Say on which terms, and how to cite."""
    text = scene.text
    return _card(
        text("opendata.licence"),
        html.P([text("opendata.terms", licence=terms.LICENCE), " ", html.A(terms.LICENCE_URL, href=terms.LICENCE_URL)]),
        html.P([text("opendata.citation"), " ", html.Span(terms.citation("…"), lang="en")]),
        html.P(text("opendata.period")),
    )


def columns(scene: Scene) -> Any:
    """List the columns of the files with their units."""
    text = scene.text
    tables = []
    for name, collection in MONTHLY.items():
        rows = [html.Tr([html.Td(html.Code(str(c.name))), html.Td(unit_of(c.name))]) for c in collection.columns()]
        head = html.Tr([html.Th(text(f"opendata.{each}"), scope="col") for each in ("column", "unit")])
        table = html.Table([html.Thead(head), html.Tbody(rows)])
        tables.append(html.Details([html.Summary(text(_word(name))), table]))
    return _card(text("opendata.columns"), *tables)


def programs(scene: Scene) -> Any:
    """Show how programs read the data, in three languages, and how often they may."""
    text = scene.text
    examples = [
        html.Details([html.Summary(name), html.Pre(_code(scene, code), tabIndex=0)], open=name == "curl")
        for name, code in (("curl", CURL), ("Python", PYTHON), ("R", R))
    ]
    told = {"burst": limits.BURST, "rate": f"{limits.PER_SECOND:g}", "rows": parameters.LARGEST_LIMIT}
    return _card(
        text("opendata.programs"),
        html.P(html.A(text("opendata.document"), href="/api/v1/openapi.json")),
        html.P(text("opendata.limits", **told)), html.P(text("opendata.changes")), *examples,
        html.H3(text("opendata.feeds")),
        html.P([each for code in scene.registry.cities for each in (_feed(scene, code), " ")]),
    )  # fmt: skip


def _code(scene: Scene, code: str) -> html.Code:
    """Show an example with the address that readers use."""
    return html.Code(code.replace(PLACEHOLDER, scene.public_url or PLACEHOLDER), **{"data-host": PLACEHOLDER})


def _feed(scene: Scene, code: str) -> html.A:
    end = "" if scene.text.lang == "zh" else "?lang=en"
    return html.A(scene.city_name(code), href=f"/feeds/{code}.atom{end}")


def _links(name: str, month: Any, there: bool) -> html.Td:
    links = [html.A(word, href=f"/data/{name}/{month:%Y-%m}.{end}") for end, word in ENDS.items()] if there else []
    return html.Td([each for link in links for each in (link, " ")])


def _card(title: str, *children: Any) -> html.Section:
    return html.Section([html.H2(title), *children], className="card open-data")


def _word(name: str) -> str:
    return f"opendata.{name}"


page(
    "open-data", "/data",
    {"open-introduction": introduction, "open-files": by_month, "open-programs": programs, "open-licence": licence,
     "open-columns": columns},
    in_navigation=True,
)  # fmt: skip
