"""Drives the desks without Flink: blocks in, the rows that a store would hold out."""

from __future__ import annotations

import datetime as dt
import random
from pathlib import Path

import numpy as np
import sqlalchemy as sa

from standards.pollutants import ITEMS
from streams.desks import citydesk, regiondesk, routing
from streams.memory.archive import Archive
from streams.memory.book import LAYOUT, Book
from streams.memory.shelf import Shelf
from streams.records import (
    CITY_MEAN,
    FORECAST_VARIABLES,
    SPECIES,
    Block,
    CityPlace,
    EmissionBlock,
    ForecastBlock,
    ObservationBlock,
    Rejected,
    iso_hour,
)
from streams.registry.roster import Roster
from streams.store.lines import Count, effect_of
from streams.store.schema import metadata
from streams.store.views import make_views
from streams.wire import messages

CITIES = (CityPlace("510100", 104.07, 30.67), CityPlace("510600", 104.40, 31.13), CityPlace("511100", 103.77, 29.55))
STATIONS = {place.code: tuple(f"{place.code[2:4]}{i:02d}A" for i in range(4)) for place in CITIES}
ROSTER = Roster(CITIES, {city: tuple((s, 0, 10**7) for s in stations) for city, stations in STATIONS.items()})
FIRST = 465_000
"""An hour in January 2023 (the edition of 2012)."""


class Pieces(dict):
    """Keyed map state as a dict."""

    put = dict.__setitem__


class Desks:
    """All desks of the job, fed with lines in any order; archive: a folder for what leaves the state, None: nothing does."""

    def __init__(self, roster: Roster = ROSTER, *, archive: Path | None = None) -> None:
        self.roster, self.lines = roster, []
        self.rejected: list[Rejected] = []
        self.archive = archive
        self.books: dict[str, Book] = {}
        self.pieces: dict[str, Pieces] = {}
        self.region_book, self.region_pieces = regiondesk.RegionBook(version=1), Pieces()

    def take(self, block: Block) -> None:
        for key, line in routing.route(messages.block_line(block), tuple(p.code for p in self.roster.cities)):
            book = self.books.setdefault(key, Book(version=1))
            held = self.pieces.setdefault(key, Pieces())
            outcome = citydesk.handle(messages.block_from(line), key, book, self._shelf(held, key), self.roster)
            self.lines += [messages.rows_line(rows, key) for rows in outcome.rows]
            self.rejected += outcome.rejected
            for each in outcome.region:
                update = regiondesk.update_from(regiondesk.update_line(each))
                found = regiondesk.handle(update, self.region_book, self._shelf(self.region_pieces, "region"))
                self.lines += [messages.rows_line(rows, "region") for rows in found.rows]
                self.rejected += found.rejected

    def _shelf(self, held: Pieces, name: str) -> Shelf:
        layout = regiondesk.LAYOUT if name == "region" else LAYOUT
        return Shelf(held, Archive(self.archive, layout=layout) if self.archive else None, name)

    def rows(self) -> dict[str, dict[tuple, dict]]:
        """Give table -> key -> row as a store would hold them; versions left out, counts of source_hour added up."""
        return stored(self.lines)


def stored(lines: list[str]) -> dict[str, dict[tuple, dict]]:
    held: dict[str, dict[tuple, dict]] = {}
    for line in lines:
        effect = effect_of(line)
        if effect.rows is None:
            _add_counts(held.setdefault("source_hour", {}), effect.counts)
            continue
        rows, table = effect.rows, effect.rows.table
        key_names = [c.name for c in metadata.tables[table].primary_key]
        for values in rows:
            row = dict(zip(rows.names, values, strict=True))
            key = tuple(row[name] for name in key_names)
            known = held.setdefault(table, {}).get(key)
            if known is None or known["version"] <= row["version"]:
                held[table][key] = row
    for table, rows in held.items():
        for row in rows.values():
            row.pop("version", None)
        if table == "episode_event":
            held[table] = {key: row for key, row in rows.items() if row["phase"] != "withdrawn"}
    if rows := joined(held):
        held["air_joined_hour"] = rows
    return held


def _add_counts(held: dict, counts: tuple[Count, ...]) -> None:
    for count in counts:
        hour = int((count.hour_end - dt.datetime(1970, 1, 1)).total_seconds() // 3600)
        known = held.setdefault((count.source, hour), dict.fromkeys(("accepted", "duplicate", "late"), 0))
        for name, number in count.numbers.items():
            known[name] += number


def joined(held: dict[str, dict[tuple, dict]]) -> dict[tuple, dict]:
    """Give the joined hours as the store's view makes them of its tables: key -> row, version left out."""
    with sa.create_engine("sqlite://").begin() as connection:
        metadata.create_all(connection)
        make_views(connection)
        for table in ("air_city_hour", "forecast_city_hour", "emission_city_hour"):
            for row in held.get(table, {}).values():
                names = ", ".join(row)
                marks = ", ".join("?" * len(row))
                statement = f"INSERT INTO {table} ({names}, version) VALUES ({marks}, 0)"
                connection.exec_driver_sql(statement, tuple(row.values()))
        rows = [dict(row) for row in connection.exec_driver_sql("SELECT * FROM air_joined_hour").mappings()]
    return {(r["city"], r["hour_end"], r["run"]): {k: v for k, v in r.items() if k != "version"} for r in rows}


def observations(city: str, hours: int, seed: int, *, first: int = FIRST, missing: float = 0.1) -> np.ndarray:
    """Make plausible values (6, station, hour) in reporting units with gaps."""
    rng = np.random.default_rng([seed, int(city)])
    scale = np.array([8, 40, 0.9, 90, 110, 80])[:, None, None]
    day = 1 + 0.6 * np.sin(2 * np.pi * (np.arange(hours) + first) / 24)
    values = rng.gamma(4, 0.25, (len(ITEMS), len(STATIONS[city]), hours)) * scale * day
    values = np.where(np.arange(6)[:, None, None] == 2, np.round(values, 1), np.rint(values))
    values[rng.random(values.shape) < missing] = np.nan
    return values


def blocks_of(
    city: str, values: np.ndarray, *, first: int = FIRST, size: int = 24, present: np.ndarray | None = None, **fields
) -> list[Block]:
    """Cut a history into blocks of size hours."""
    here = np.ones(values.shape[1:], bool) if present is None else present
    return [
        ObservationBlock(
            source=fields.get("source", "made"), city=city, stations=STATIONS[city], first_hour=first + at,
            values=values[..., at : at + size], present=here[:, at : at + size],
            status=fields.get("status", "provisional"), revision=fields.get("revision", 0),
        )
        for at in range(0, values.shape[-1], size)
        if here[:, at : at + size].any()
    ]  # fmt: skip


def forecasts(city: str, hours: int, seed: int, *, first: int = FIRST) -> list[Block]:
    """Make two runs over the hours for the city and its first station, its one point in them."""
    rng = np.random.default_rng([seed, int(city), 7])
    runs = []
    for init, length in ((first - 12, hours), (first, hours // 2)):
        values = np.round(rng.gamma(4, 15, (len(FORECAST_VARIABLES), 2, length)), 3)
        values[6:8] = np.round(rng.normal(0, 2, (2, 2, length)), 3)
        runs.append(ForecastBlock(
            source="cdaqs", model="CDAQS", run_init=init, city=city, places=(CITY_MEAN, STATIONS[city][0]), first_hour=first,
            values=values,
        ))  # fmt: skip
    return runs


def emissions(city: str, hours: int, seed: int, *, first: int = FIRST) -> list[Block]:
    """Make hourly emissions of three sectors."""
    rng = np.random.default_rng([seed, int(city), 9])
    values = np.round(rng.gamma(2, 100, (3, len(SPECIES), hours)))
    head = {"source": "emissions", "city": city, "inventory": "made-2022", "first_hour": first}
    return [EmissionBlock(**head, sectors=("industry", "solvent", "vehicles"), values=values)]


TRACE = ("file_digest", "line", "released_at", "received_at")
"""Columns that name the file of a row. Where several files say the same, that is the last that had come when it was assessed."""


def untraced(rows: dict[tuple, dict]) -> dict[tuple, dict]:
    """Give rows without the columns that name their file."""
    return {key: {name: value for name, value in row.items() if name not in TRACE} for key, row in rows.items()}


def moment(hour: int) -> str:
    """Write an epoch hour as SQLite stores it."""
    return iso_hour(hour).replace("T", " ").replace("Z", ":00.000000")


def shuffled(blocks: list[Block], seed: int) -> list[Block]:
    """Give the blocks in another order."""
    mixed = list(blocks)
    random.Random(seed).shuffle(mixed)
    return mixed
