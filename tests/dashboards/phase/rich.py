"""A store in which every table of an assessment has something to say: ten years, targets, events, episodes, forecasts, sources."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import numpy as np
import sqlalchemy as sa

from dashboards.phase.content import Content
from dashboards.phase.door import phase_assessment
from dashboards.phase.question import question_of
from streams.store import schema
from tests.dashboards import attributed
from tests.dashboards.phase import made

FIRST, LAST = dt.date(2016, 1, 1), dt.date(2026, 6, 30)
DUST = (dt.date(2026, 3, 12), dt.date(2026, 3, 14))
TARGETS = (
    ("region", "pm25_mean_ugm3", 32.0), ("region", "good_day_ratio_pct", 84.0), ("region", "heavy_days", 8.0),
    ("510100", "pm25_mean_ugm3", 24.5), ("510100", "good_day_ratio_pct", 95.0), ("510100", "heavy_days", 0.0),
    ("510600", "good_day_ratio_pct", 80.0), ("511800", "pm25_mean_ugm3", 20.0),
)  # fmt: skip
"""Place, kind and value of the targets of 2026: some are kept and some are not."""


def fill(folder: Path) -> sa.Engine:
    """Make the store and, in the same folder, targets.toml and events.toml."""
    engine, days = made.store(folder), (LAST - FIRST).days + 1
    values = made.daily(8, FIRST, LAST, seed=7, gaps=0.01)
    values[4:, :, :] *= np.linspace(1.5, 0.9, days)  # particles fall over the years
    dust = slice((DUST[0] - FIRST).days, (DUST[1] - FIRST).days + 1)
    values[4, :2, dust], values[5, :2, dust] = 420.0, 130.0
    made.put_cities(engine, np.round(values, 3), FIRST)
    points, first = made.points(), dt.date(2025, 1, 1)
    made.put_stations(engine, made.daily(len(points), first, LAST, seed=8), first, points)
    with engine.begin() as connection:
        for table, rows in _more().items():
            connection.execute(sa.insert(table), rows)
    _files(folder)
    return engine


def ask(engine: sa.Engine, folder: Path | None, **asked: str) -> Content:
    """Assess a period of the store."""
    with engine.connect() as connection:
        return phase_assessment(connection, question_of(asked, made.CITIES), registry=made.KNOWN, folder=folder)


def _more() -> dict[sa.Table, list[dict]]:
    """Rows of everything that goes with days."""
    episodes = [
        episode("E1", "haze", dt.datetime(2026, 1, 4, 12), 30, 172.0, "511400"),
        episode("E2", "haze", dt.datetime(2026, 2, 10, 1), 55, 196.5, "510100"),
        episode("E3", "ozone", dt.datetime(2026, 3, 28, 5), 12, 203.0, "510600", over=False),
    ]
    runs, shares = [], []
    for back in range(60):
        start = dt.datetime(2026, 3, 30, 16) - dt.timedelta(days=back)
        end = start + dt.timedelta(hours=24)
        for place, city in enumerate(made.CITIES):
            runs += made.run_of(city, start, pm25=30.0 + 2 * place + back % 5)
            day = {"city": city, "hour_end": end, "first_hour": start, "span": "day"}
            shares.append(attributed.row(city, made.CITIES, end, seed=back % 3, total=60.0 + back) | day)
            if place < 2:
                mda8 = day | {"span": "mda8", "quantity": "o3"}
                shares.append(attributed.row(city, made.CITIES, end, seed=back % 3, total=110.0) | mda8)
    history = [
        {"table": "air_city_day", "key": "510100/2026-02-03", "version": 1, "revision": 0,
         "row": json.dumps({"pm25_ugm3": 1.0}), "superseded_at": dt.datetime(2026, 3, 1, 4)},
    ]  # fmt: skip
    months = [
        {"city": city, "item": "pm25", "month": dt.date(year, month, 1),
         "observed": 40.0 - 5 * month + place + (year - 2025) * 2 * (place - 3), "normalised": 38.0 - 4 * month + place,
         "low": 37.8 - 4 * month + place, "high": 38.2 - 4 * month + place,
         "hours": 700, "skill": 0.7, "model": "0a1b2c3d", "weather": "GFS", "method": "normalise 1", "simulated": False,
         "version": 1}
        for place, city in enumerate(made.CITIES) for year in (2025, 2026) for month in (1, 2, 3)
    ]  # fmt: skip
    return {
        schema.episode_event: episodes, schema.forecast_city_hour: runs, schema.attribution: shares,
        schema.row_history: history, schema.normalised_month: months,
    }  # fmt: skip


def episode(name, kind, start, hours, value, city, *, over=True) -> dict:
    peak = start + dt.timedelta(hours=hours // 2)
    return {
        "episode": name, "kind": kind, "start": start, "peak": peak,
        "end": start + dt.timedelta(hours=hours) if over else None, "phase": "ended" if over else "growing",
        "peak_value_ugm3": value, "peak_city": city, "city_hours": hours * 5,
        "edition": "HJ 633-2026", "simulated": False, "version": 1,
    }  # fmt: skip


def _files(folder: Path) -> None:
    told = [
        f'[[target]]\nplace = "{place}"\nyear = 2026\nkind = "{kind}"\nvalue = {value}\nsource = "川环发〔2026〕1号"\n'
            for place, kind, value in TARGETS]  # fmt: skip
    (folder / "targets.toml").write_text("\n".join(told), encoding="utf-8")
    (folder / "events.toml").write_text(
        f'[[event]]\nkind = "dust"\nfirst = {DUST[0]}\nlast = {DUST[1]}\ncities = ["510100", "510600"]\n'
        'source = "环办监测函〔2026〕77号"\n', encoding="utf-8",
    )  # fmt: skip
