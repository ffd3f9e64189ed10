"""Observed beside forecast: one dark line, the newest run strong, older runs fading."""

from __future__ import annotations

import datetime as dt
from typing import Any

import plotly.graph_objects as go

from dashboards.moment import SHANGHAI, beijing
from dashboards.text import Text
from dashboards.theme import ACCENT, FONT, INK, LINE, MUTED
from standards.pollutants import POLLUTANTS

Row = dict[str, Any]
HOUR = dt.timedelta(hours=1)
FADE = (1.0, 0.5, 0.32, 0.2)
"""Opacity by age of the run, newest first."""
_NEWEST_FIRST = {"traceorder": "reversed"}
_HOVER_TIME = {"hoverformat": "%Y-%m-%d %H:%M"}


def forecast_figure(
    observed: list[Row], runs: dict[str, list[Row]], item: str, hour: dt.datetime | None, text: Text
) -> go.Figure:
    """Draw one item (or "aqi") of a city; runs oldest first. Missing hours are gaps."""
    figure = go.Figure(layout=_layout(item))
    column = "aqi" if item == "aqi" else POLLUTANTS[item].column
    for age, (run, rows) in reversed(list(enumerate(reversed(runs.items())))):
        figure.add_trace(_run_line(run, rows, f"forecast_{column}", age, text))
    if observed:
        figure.add_trace(_observed_line(observed, column, text))
    if hour is not None:
        label = {"text": text("hour.label"), "font": {"color": MUTED, "size": 11}, "y": 1, "yanchor": "top"}
        line = {"color": MUTED, "width": 1, "dash": "dot"}
        figure.add_vline(x=hour + SHANGHAI, line=line, annotation=label)
    if not observed and not runs:
        figure.add_annotation(text=text("chart.empty"), showarrow=False, font={"size": 16, "color": MUTED})
        figure.update_layout(xaxis_visible=False, yaxis_visible=False)
    return figure


def _layout(item: str) -> dict[str, Any]:
    unit = {"ug/m3": "µg/m³", "mg/m3": "mg/m³"}
    title = "AQI" if item == "aqi" else unit[POLLUTANTS[item].unit]
    axis = {"gridcolor": LINE, "linecolor": LINE, "zeroline": False, "tickfont": {"color": MUTED}}
    return {
        "font": {"family": FONT, "size": 13, "color": INK}, "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)", "margin": {"l": 48, "r": 12, "t": 32, "b": 28}, "hovermode": "x unified",
        "legend": {"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom", "font": {"size": 12}, **_NEWEST_FIRST},
        "xaxis": {**axis, "showgrid": False, "tickformat": "%H:%M\n%m-%d", "tickangle": 0, **_HOVER_TIME},
        "yaxis": {**axis, "rangemode": "tozero", "title": {"text": title, "standoff": 4}}, "uirevision": item,
        "hoverlabel": {"font": {"family": FONT, "size": 12}},
    }  # fmt: skip


def _observed_line(rows: list[Row], column: str, text: Text) -> go.Scatter:
    simulated = any(row["simulated"] for row in rows)
    return go.Scatter(
        **_points(rows, column, [_trace(row, text) for row in rows], width=2.5),
        name=text("chart.observed") + _mark(simulated, text), line={"color": INK, "width": 2.5},
        hovertemplate="%{y} · %{customdata}",
    )  # fmt: skip


def _run_line(run: str, rows: list[Row], column: str, age: int, text: Text) -> go.Scatter:
    simulated = any(row["simulated"] for row in rows)
    width = 2.5 if age == 0 else 1.5
    notes = [text("chart.lead", hours=row["lead_hours"], day=row["lead_day"], run=run) for row in rows]
    return go.Scatter(
        **_points(rows, column, notes, width=width),
        name=_run_name(run, rows[0]["run_init"]) + _mark(simulated, text), opacity=FADE[min(age, len(FADE) - 1)],
        line={"color": ACCENT, "width": width, "dash": "dash" if simulated else "solid"},
        hovertemplate="%{y} · %{customdata}",
    )  # fmt: skip


def _points(rows: list[Row], column: str, notes: list[str], *, width: float) -> dict[str, Any]:
    """Give the points of a line over rows in the order of their hours: an hour without a row is a gap like one without a value."""
    points: list[tuple[dt.datetime, float | None, str]] = []
    for row, note in zip(rows, notes, strict=True):
        hour = row["hour_end"] + SHANGHAI
        if points and hour - points[-1][0] > HOUR:
            points.append((points[-1][0] + HOUR, None, ""))
        points.append((hour, row[column], note))
    x, y, told = zip(*points, strict=True)
    # An hour between two gaps is no line; it is a dot, lest it vanish.
    around = zip([None, *y], y, [*y[1:], None], strict=False)
    sizes = [2 * width if now is not None and before is after is None else 0 for before, now, after in around]
    mode = "lines+markers" if any(sizes) else "lines"
    return {"x": x, "y": y, "customdata": told, "mode": mode, "marker": {"size": sizes, "line": {"width": 0}}}


def _run_name(run: str, init: dt.datetime) -> str:
    return f"{run.split('/')[0]} {beijing(init)[5:]}"


def _trace(row: Row, text: Text) -> str:
    status = text.of_code("status.", row["status"])
    return text("note.short", edition=row["edition"], status=status, revision=row["revision"])


def _mark(simulated: bool, text: Text) -> str:
    return f" [{text('mark.simulated')}]" if simulated else ""
