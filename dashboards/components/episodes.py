"""Episodes of the region: what kind, since when, where from, how high."""

from __future__ import annotations

from typing import Any

from dash import html

from dashboards.components import marks
from dashboards.context import Scene
from dashboards.moment import beijing

Row = dict[str, Any]


def episode_list(scene: Scene, rows: list[Row]) -> html.Ul | html.P:
    """List episodes, those under way first."""
    if not rows:
        return html.P(scene.text("episodes.none"), className="quiet")
    return html.Ul([_episode(scene, row) for row in rows], className="episodes")


def _episode(scene: Scene, row: Row) -> html.Li:
    text, phase = scene.text, row["phase"] or "unknown"
    head = html.Div([
        html.B(text.of_code("kind.", row["kind"])),
        html.Span(text.of_code("phase.", phase), className=f"phase {phase}"),
        marks.simulated(row, text), html.Span(_span(row), className="when"),
    ], className="episode-head")  # fmt: skip
    trace = text("episodes.trace", episode=row["episode"], edition=row["edition"], version=row["version"])
    return html.Li(
        [head, html.Div(_facts(scene, row), className="facts"), html.Div(_chain(scene, row), className="chain")],
        title=trace,
    )


def _span(row: Row) -> str:
    end = "" if row["end"] is None else beijing(row["end"])[5:]
    return f"{beijing(row['start'])[5:]} → {end}"


def _facts(scene: Scene, row: Row) -> str:
    """Tell peak, growth and extent; what is unknown is NA, but one that peaked as it began has no growth to tell of."""
    text, peak, city = scene.text, row["peak_value_ugm3"], row["peak_city"]
    value, where = "NA" if peak is None else f"{peak:.0f}", scene.city_name(city) if city else "NA"
    facts = [text("episodes.peak", value=value, city=where)]
    if row["growth_ugm3_per_h"] is not None:
        facts.append(text("episodes.growth", value=f"{row['growth_ugm3_per_h']:.1f}"))
    facts.append(text("episodes.city_hours", count="NA" if row["city_hours"] is None else row["city_hours"]))
    return " · ".join(facts)


def _chain(scene: Scene, row: Row) -> str:
    """Name the cities in the order in which they joined; the column holds "code@hour" by blanks, NULL where it is unknown."""
    codes = [joined.partition("@")[0] for joined in (row["cities"] or "NA").split()]
    return " → ".join(scene.city_name(code) for code in codes)
