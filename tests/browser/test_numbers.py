"""Five pages read through the browser say what the standard makes of the published file, and lead to its line."""

from __future__ import annotations

import csv
import datetime as dt
import subprocess
import sys
import threading
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
import waitress.server

from dashboards.app import create_portal
from dashboards.context import Context
from standards.editions import edition_for
from standards.index.aqi import hourly_aqi
from standards.index.missing import network_rule
from standards.pollutants import POLLUTANTS
from streams import registry
from streams.ingest import ingest_path
from streams.store import open_store
from tests.browser.test_overview import NOW, PHONE, browser, pytestmark  # noqa: F401 - fixtures and marks

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "streams" / "sample" / "stations.csv"
HOUR = "2023-01-21T18"
"""An hour of the real sample (streams/sample/README.md), as it stands in the address."""
KNOWN = registry.load()
COLUMNS = [p.column for p in POLLUTANTS.values()]


@pytest.fixture(scope="module")
def published() -> dict[str, tuple[int, dict[str, str]]]:
    """The published rows of the hour by station, with their lines, read without the platform."""
    with SAMPLE.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    return {row["station"]: (n, row) for n, row in enumerate(rows, start=2) if row["hour_end"] == f"{HOUR}:00+08:00"}


@pytest.fixture(scope="module")
def portal(tmp_path_factory) -> str:
    """A portal on a store that holds the sample, assessed by the platform."""
    data = tmp_path_factory.mktemp("numbers")
    ingest_path(SAMPLE, data / "topics", KNOWN, simulated=False)
    url = f"sqlite:///{data}/store.sqlite"
    command = [sys.executable, "-m", "streams.history", "--data", str(data), "--store", url, "--workers", "1"]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    context = Context(lambda: open_store(url, create=False), KNOWN, lambda: NOW)
    server = waitress.server.create_server(create_portal(context), host="127.0.0.1", port=0, threads=4)
    threading.Thread(target=server.run, daemon=True).start()
    yield f"http://127.0.0.1:{server.effective_port}"
    server.close()


def index_of(values: list[float]) -> str:
    day = dt.date(2023, 1, 21)
    found = hourly_aqi(np.array(values)[:, None], edition=edition_for(day), missing=network_rule(day))
    return "NA" if np.isnan(found.aqi[0]) else str(int(found.aqi[0]))


def shown(page) -> dict[str, str]:
    """Read the concentrations of the page, by item, without their units."""
    return {item: page.inner_text(f"[data-item={item}] dd").split()[0] for item in POLLUTANTS}


def test_three_stations_show_their_published_values_and_lead_to_the_line(browser, portal, published) -> None:  # noqa: F811
    whole = [code for code, (_, row) in published.items() if all(row[column] for column in COLUMNS)][:3]
    assert len(whole) == 3
    page = browser.new_page(viewport=PHONE)
    for code in whole:
        line, row = published[code]
        page.goto(f"{portal}/station/{code}/{HOUR}")
        assert {item: float(value) for item, value in shown(page).items()} == {
            item: float(row[p.column]) for item, p in POLLUTANTS.items()
        }
        assert page.inner_text(".verdict .aqi").strip() == index_of([float(row[column]) for column in COLUMNS])
        page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
        told = page.inner_text("main")
        assert "stations.csv" in told and str(line) in told, (code, line)
    page.close()


def test_two_cities_show_the_means_of_their_stations(browser, portal, published) -> None:  # noqa: F811
    page = browser.new_page(viewport=PHONE)
    for city in ("510100", "510700"):
        members = [
            code for code, station in KNOWN.stations.items() if station.city == city and station.kind == "national"
        ]
        means = []
        page.goto(f"{portal}/city/{city}/{HOUR}")
        read = shown(page)
        for item, pollutant in POLLUTANTS.items():
            values = [Fraction(published[c][1][pollutant.column]) for c in members if published[c][1][pollutant.column]]
            means.append(float(sum(values) / len(values)))
            assert abs(float(read[item]) - means[-1]) <= 0.5 * 10**-pollutant.decimals + 1e-9, (city, item)
        assert page.inner_text(".verdict .aqi").strip() == index_of(means)
    page.close()
