"""On a wall nobody can scroll: what a tile holds ends where the tile does, in both languages, at both sizes."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import threading

import pytest
import sqlalchemy as sa
import waitress.server

from dashboards.app import create_portal
from dashboards.context import Context
from streams import registry
from streams.store import schema
from tests.browser.test_overview import WALL, browser, pytestmark  # noqa: F401 - fixtures and marks
from tests.dashboards import foreseen, stores

SCENES = ("region", "cities", "days", "causes", "ozone", "year", "events")
COMPOUNDS = ("ethane", "toluene", "ethene", "acetylene", "formaldehyde", "acetone")
BEYOND = """() => [...document.querySelectorAll('.tile')].filter(tile => tile.getClientRects().length).flatMap(tile => {
  const end = tile.getBoundingClientRect().bottom;
  return [...tile.querySelectorAll('*')].filter(e => e.getClientRects().length && !e.closest('svg')
    && e.getBoundingClientRect().bottom > end + 1).map(e => e.tagName + '.' + e.className).slice(0, 2)})"""
KNOWN = registry.load()
SUPER = tuple(code for code, station in KNOWN.stations.items() if station.city == "510100")[:3]


def portal(folder, sites: int) -> waitress.server.BaseWSGIServer:
    """Serve a store with a year's days and as many super-sites as named, each with its compounds."""
    engine = stores.empty_store(folder)
    foreseen.fill(engine)
    row = {"hour_end": foreseen.NEWEST, "city": "510100", "n_species": 64, "n_below": 1, "total_ppb": 12.3,
           "ofp_ugm3": 45.6, "ofp_species": 60, "status": "provisional", "revision": 0, "simulated": True, "version": 1,
           "species_ppb": json.dumps(dict.fromkeys(COMPOUNDS, 1.2))}  # fmt: skip
    with engine.begin() as connection:
        connection.execute(sa.insert(schema.voc_station_hour), [row | {"station": code} for code in SUPER[:sites]])
    named = {code: dataclasses.replace(KNOWN.stations[code], kind="super") for code in SUPER[:sites]}
    known = dataclasses.replace(KNOWN, stations={**KNOWN.stations, **named})
    context = Context(lambda: engine, known, lambda: foreseen.NEWEST + dt.timedelta(minutes=20), folder=folder)
    server = waitress.server.create_server(create_portal(context), host="127.0.0.1", port=0, threads=4)
    threading.Thread(target=server.run, daemon=True).start()
    return server


@pytest.mark.parametrize("sites", [1, 2, 3])
def test_what_a_tile_holds_ends_where_the_tile_does(browser, tmp_path, sites):  # noqa: F811
    server, found = portal(tmp_path, sites), {}
    for size in (WALL, {"width": 3840, "height": 2160}):
        page = browser.new_page(viewport=size)
        for lang in ("", "/en"):
            for scene in SCENES:
                page.goto(f"http://127.0.0.1:{server.effective_port}{lang}/wall?scenes={scene}")
                page.wait_for_function("document.querySelector('.tile').getClientRects().length >= 0")
                if told := page.evaluate(BEYOND):
                    found[f"{scene} {lang} {size['width']}"] = told
        page.close()
    server.close()
    assert found == {}
