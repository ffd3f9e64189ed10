"""Observed beside forecast: one dark line, the newest run strong, older runs fading."""

from __future__ import annotations

import datetime as dt
from typing import Any

from dashboards.components.marks import UNITS
from dashboards.figures.chart import Chart, Line
from dashboards.moment import beijing
from dashboards.text import Text
from standards.pollutants import POLLUTANTS

Row = dict[str, Any]
FADE = (1.0, 0.5, 0.32, 0.2)
"""Opacity by age of the run, newest first."""


def forecast_chart(
    observed: list[Row], runs: dict[str, list[Row]], item: str, hour: dt.datetime | None, text: Text
) -> Chart:
    """Give one item (or "aqi") of a city as a chart; runs oldest first. Missing hours are gaps."""
    column = "aqi" if item == "aqi" else POLLUTANTS[item].column
    aged = reversed(list(enumerate(reversed(runs.items()))))
    lines = [_run_line(run, rows, f"forecast_{column}", age, text) for age, (run, rows) in aged]
    if observed:
        lines.append(_observed_line(observed, column, text))
    return Chart(
        lines, "AQI" if item == "aqi" else UNITS[POLLUTANTS[item].unit], text("chart.title"),
        mark=None if hour is None else (hour, text("hour.label")), empty=text("chart.empty"),
        decimals=0 if item == "aqi" else POLLUTANTS[item].decimals,
    )  # fmt: skip


def _observed_line(rows: list[Row], column: str, text: Text) -> Line:
    simulated = any(row["simulated"] for row in rows)
    notes = [_trace(row, text) for row in rows]
    return Line(text("chart.observed") + _mark(simulated, text), *_points(rows, column), notes)


def _run_line(run: str, rows: list[Row], column: str, age: int, text: Text) -> Line:
    simulated = any(row["simulated"] for row in rows)
    notes = [text("chart.lead", hours=row["lead_hours"], day=row["lead_day"], run=run) for row in rows]
    return Line(
        _run_name(run, rows[0]["run_init"]) + _mark(simulated, text), *_points(rows, column), notes, colour="var(--accent)",
        width=2.5 if age == 0 else 1.5, opacity=FADE[min(age, len(FADE) - 1)], dashed=simulated,
    )  # fmt: skip


def _points(rows: list[Row], column: str) -> tuple[list[dt.datetime], list[float | None]]:
    return [row["hour_end"] for row in rows], [row[column] for row in rows]


def _run_name(run: str, init: dt.datetime) -> str:
    return f"{run.split('/')[0]} {beijing(init)[5:]}"


def _trace(row: Row, text: Text) -> str:
    status = text.of_code("status.", row["status"])
    return text("note.short", edition=row["edition"], status=status, revision=row["revision"])


def _mark(simulated: bool, text: Text) -> str:
    return f" [{text('mark.simulated')}]" if simulated else ""
