"""The page of an hour shows nothing that had not happened by then: it equals the page of a store that ends with the hour."""

from __future__ import annotations

import datetime as dt
import json
import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import sqlalchemy as sa

from dashboards import live
from dashboards.context import Scene
from dashboards.moment import Moment, at
from dashboards.text import Text
from dashboards.view import View
from streams import registry
from streams.registry import REFERENCE_KINDS
from streams.store import schema
from streams.store.lines import Count, summed
from streams.store.upserts import add_counts
from tests.dashboards import attributed, foreseen, stores
from tests.ml.registry.made import NAME, trained
from tests.ml.registry.made import registry as registry_of_models
from tests.streams.store.test_episodes_at import FIRST, found

KNOWN = registry.load()
CITIES = tuple(sorted(KNOWN.cities))
SHOWN = "510100"
STATIONS = [s.code for s in KNOWN.stations.values() if s.city == SHOWN and s.kind in REFERENCE_KINDS][:4]
HOURS = 150
HOUR = dt.timedelta(hours=1)
TRACE = {"edition": "HJ 633-2012", "status": "provisional", "revision": 0, "version": 1}
BEGIN = dt.datetime(1970, 1, 1) + FIRST * HOUR
UNASKED = (
    "data-files",
    "dossier-what",
    "dossier-transport",
    "dossier-weather",
    "dossier-foreseen",
    "dossier-makers",
    "dossier-cuts",
    "dossier-similar",
)
"""They show nothing until a source or an episode is chosen (tests/dashboards/judging chooses them)."""
MAY_STAY = (
    "notices",
    "warning",
    "scenario-warning",
    "scenario-check",
    "data-books",
    "data-clocks",
    "attributed-weather",
    "verification-days",
    "laboratory-kinds",
    "laboratory-summary",
    "laboratory-time",
    *UNASKED,
)
"""What may look alike in two hours: no plan of these years is on file (tests/dashboards/test_scenario.py has one), the check of
a warning stays until another one, open books are those of today, in a replay no clock is judged, and this store keeps no months
without the weather, days or samples: tests/dashboards/judging has (test_weather.py, test_day_scores.py, test_laboratory.py)."""
EXPLORED = ("series", "cycles", "winds", "months", "between", "ozone")
"""Pages of spans: much of them says what is offered, and of this store, which has few hours and no days, they have little to tell.
That they follow the hour is held in tests/dashboards/analysis."""
NEWEST = BEGIN + (HOURS - 1) * HOUR
NOT_COMPARED = {"hour-bar", "waiting"}
"""They show the way to the newest hour."""


class Past:
    """A history of 150 hours, of which a store may get as much as had happened by an hour."""

    def __init__(self, seed: int) -> None:
        rng = np.random.default_rng(seed)
        level = np.repeat(rng.choice([50.0, 70.0, 100.0], HOURS), rng.integers(2, 9, HOURS))[:HOURS]
        wave = rng.choice([80.0, 150.0, 210.0], HOURS // 10).repeat(10)
        self.means = np.round(np.array([level, wave])[:, None] + rng.normal(0, 9, (2, len(CITIES), HOURS)), 1)
        self.means[rng.random(self.means.shape) < 0.1] = np.nan
        self.present = rng.random((len(CITIES), HOURS)) < 0.93
        self.means[:, ~self.present] = np.nan
        self.simulated = (rng.random(HOURS) < 0.03) & self.present.any(axis=0)
        self.aqi = rng.integers(20, 300, (len(CITIES), HOURS))
        self.emitted = rng.random(HOURS) < 0.8
        self.received_late = rng.integers(0, 40, HOURS)

    def store(self, folder, last: int) -> sa.Engine:
        """Make a store of what had happened by the hour last (from 0)."""
        engine = stores.empty_store(folder)
        until = BEGIN + last * HOUR
        with engine.begin() as connection:
            for table, rows in self._rows(last).items():
                if rows:
                    connection.execute(sa.insert(table), rows)
            counts = [Count(s, BEGIN + h * HOUR, {"rows_in": 9, "accepted": 9 - h % 2}, until) for s in ("a", "b")
                      for h in range(0, last + 1, 2 if s == "a" else 5)]  # fmt: skip
            add_counts(connection, summed(counts))
        return engine

    def models(self, folder, last: int) -> Path:
        """Make the registry of models of what had happened by the hour last: something happened to them in many hours."""
        held = registry_of_models(
            folder / "models", clock=lambda: (BEGIN + now * HOUR).replace(tzinfo=dt.UTC).timestamp()
        )
        for now in range(last + 1):
            if now == 1:
                trained(held, "1")
                held.approve(NAME, "1", by="a")
            elif now > 2 and now % 10 == 9:
                held.retire(NAME, by="a", why=f"at {now}")
            elif now > 2 and now % 10 == 4:
                held.approve(NAME, "1", by="b")
        return held.root

    def _rows(self, last: int) -> dict[sa.Table, list[dict[str, Any]]]:
        hours = range(last + 1)
        return {
            schema.air_city_hour: [self._city(c, h) for c in range(len(CITIES)) for h in hours if self.present[c, h]],
            schema.air_station_hour: [row for h in hours if h % 7 for row in self._stations(h)],
            schema.air_city_day: [],
            schema.forecast_city_hour: [row for start in range(-60, last + 1, 12) for row in self._run(start)],
            schema.emission_city_hour: [
                {"city": city, "hour_end": BEGIN + h * HOUR, "inventory": f"of {h}", "so2_kgh": 5.0 + h, "version": 1,
                 "sectors": json.dumps({"sectors": ["power"], "species": ["so2"], "kgh": [[5 + h]]}), "simulated": h % 40 == 0}
                for city in CITIES for h in hours if self.emitted[h]
            ],
            schema.model_hour: [
                {"city": SHOWN, "hour_end": BEGIN + h * HOUR, "run": "", "model": NAME, "quantity": "pm25_ugm3",
                 "value": 30.0 + h, "model_version": "1", "simulated": h % 40 == 0, "version": 1} for h in hours
            ],
            schema.attribution: [
                attributed.row(city, CITIES, BEGIN + h * HOUR, span=span, hours=hours_of, seed=h, total=60.0 + h)
                for city in CITIES for h in hours if self.emitted[h]
                for span, hours_of in (("hour", 1), *([("day", 24)] if h % 24 == 23 else []))
            ],
            schema.scenario: [
                row for start in range(-60, last + 1, 12) for row in foreseen.window(
                    "ahead", BEGIN + (start + 1) * HOUR, BEGIN + (start + 72) * HOUR, BEGIN + start * HOUR, 1 + start / 500)
            ] + [
                row for end in range(23, last + 1, 24) for row in foreseen.window(
                    "since", BEGIN + (end - 23) * HOUR, BEGIN + end * HOUR, BEGIN + (end - 2) * HOUR, 1 + end / 500)
            ],
            schema.episode_event: found(self.means, self.simulated, last, CITIES),
            schema.rejected: [
                {"id": str(h), "source": "a", "file": "f", "position": f"line {h}", "hour_end": BEGIN + h * HOUR,
                 "reason": "r", "value": "v", "expected": "e", "rows": 1, "set_aside": h % 3 == 0,
                 "received_at": BEGIN + (h + int(self.received_late[h])) * HOUR}
                for h in hours if h + self.received_late[h] <= last
            ],
            schema.source_file: [
                {"digest": f"{h:064x}", "file": f"{h}.csv", "source": "cnemc", "first_hour": BEGIN + h * HOUR,
                 "last_hour": BEGIN + h * HOUR, "rows_in": 1, "rejected": 0, "simulated": False,
                 "received_at": BEGIN + h * HOUR}
                for h in hours
            ],
        }  # fmt: skip

    def _city(self, c: int, h: int) -> dict[str, Any]:
        pm25, o3 = (None if np.isnan(v) else float(v) for v in self.means[:, c, h])
        return {
            "city": CITIES[c], "hour_end": BEGIN + h * HOUR, "pm25_24h_ugm3": pm25, "pm25_ugm3": pm25, "o3_8h_ugm3": o3,
            "aqi": int(self.aqi[c, h]), "simulated": bool(self.simulated[h]), **TRACE,
        }  # fmt: skip

    def _stations(self, h: int) -> list[dict[str, Any]]:
        row = {"hour_end": BEGIN + h * HOUR, "city": SHOWN, "flags": "", "source": "cnemc", "simulated": False, **TRACE}
        return [row | {"station": code, "aqi": int(self.aqi[i, h])} for i, code in enumerate(STATIONS)]

    def _run(self, start: int) -> list[dict[str, Any]]:
        init = BEGIN + start * HOUR
        row = {"city": SHOWN, "run": f"CDAQS/{init:%Y-%m-%dT%HZ}", "run_init": init, "points": 1,
               "edition": "HJ 633-2012", "simulated": start % 36 == 0, "version": 1}  # fmt: skip
        return [
            {**row, "hour_end": init + lead * HOUR, "lead_hours": lead, "lead_day": lead // 24,
             "forecast_aqi": 50 + lead, "forecast_pm25_ugm3": 40.0 + lead}
            for lead in range(1, 73)
        ]  # fmt: skip


@pytest.fixture(scope="module")
def compared(sections) -> dict[str, live.Section]:
    return {name: part for name, part in sections.items() if name not in NOT_COMPARED}


@pytest.fixture(scope="module", params=[1, 2])
def past(request, tmp_path_factory) -> Iterator[tuple[Past, sa.Engine, Path]]:
    made, folder = Past(request.param), tmp_path_factory.mktemp("whole")
    engine = made.store(folder, HOURS - 1)
    yield made, engine, made.models(folder, HOURS - 1)
    engine.dispose()


def drawn(
    engine: sa.Engine, moment: Moment, sections: dict[str, live.Section], models: Path | None = None
) -> dict[str, str]:
    with engine.connect() as connection:
        scene = Scene(connection, View(SHOWN, lang="en"), moment, Text("en"), KNOWN, models=models)
        return {name: str(part.render(scene)) for name, part in sections.items()}


def some_hours(seed: int) -> list[int]:
    return sorted(random.Random(seed).sample(range(5, HOURS - 1), 7))


@pytest.mark.parametrize("replayed", [False, True], ids=["live", "replay"])
def test_the_page_of_an_hour_equals_that_of_a_store_that_ends_with_it(past, compared, tmp_path, replayed):
    made, whole, models = past
    now = NEWEST + (1000 if replayed else 0) * HOUR
    later = drawn(whole, at(NEWEST, now, None), compared, models)
    for hour in some_hours(replayed):
        moment = at(NEWEST, now, BEGIN + hour * HOUR)
        assert moment.is_past and moment.replayed is replayed
        ended, then = made.store(tmp_path / str(hour), hour), made.models(tmp_path / str(hour), hour)
        # In a replay rows are refused long after their hour, so that only the hour of a row can be cut.
        found_back = drawn(whole, moment, compared, models)
        expected = drawn(ended, replace(moment, newest=moment.hour), compared, then)
        for name in compared:
            if replayed and name in ("notices", "data-health", "data-sources", "data-refused"):
                continue  # the first names the newest hour, the second is looked at below
            assert found_back[name] == expected[name], (name, hour)
            assert name in MAY_STAY or name.partition("-")[0] in EXPLORED or found_back[name] != later[name], (
                f"{name} looks as in the newest hour"
            )


def test_in_a_replay_no_row_of_a_later_hour_is_told_to_have_been_refused(past, sections):
    _, whole, _ = past
    moment = at(NEWEST, NEWEST + 1000 * HOUR, BEGIN + 70 * HOUR)
    shown = drawn(whole, moment, {"data-health": sections["data-health"]})["data-health"]
    lines = {h for h in range(HOURS) if f"line {h}'" in shown}
    assert lines and max(lines) <= 70 and min(lines) > 70 - 24


def test_no_statutory_clock_is_judged_for_a_moment_of_the_past(past, sections):
    _, whole, _ = past
    part = {"data-health": sections["data-health"]}
    present = drawn(whole, at(NEWEST, NEWEST + HOUR, None), part)["data-health"]
    assert "on time" in present and "no past moment" not in present
    for moment in (at(NEWEST, NEWEST + HOUR, NEWEST - HOUR), at(NEWEST, NEWEST + 1000 * HOUR, None)):
        shown = drawn(whole, moment, part)["data-health"]
        assert "Judged for the present only" in shown and "on time" not in shown
