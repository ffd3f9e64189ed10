"""A scene, and the tiles that it is made of: each with the age of its own source, so that one dead feed leaves the others fresh."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from dash import html

from dashboards import theme
from dashboards.components import marks
from dashboards.context import Scene
from dashboards.moment import LATE, STALE, beijing, epoch_seconds

HOUR = dt.timedelta(hours=1)


@dataclass(frozen=True)
class Source:
    """Where the numbers of a tile come from. late, stale: the age from which its data are overdue, and not to be trusted as new."""

    name: str
    late: dt.timedelta
    stale: dt.timedelta


OBSERVED = Source("observed", LATE, STALE)
FEED = Source("feed", LATE, STALE)
"""Any feed, by the newest hour that it brought."""
FORECAST = Source("forecast", 30 * HOUR, 54 * HOUR)
"""Counted from the start of the run: one run a day, and then one missed (our assumption)."""
ATTRIBUTED = Source("attributed", 6 * HOUR, 24 * HOUR)
SPECIES = Source("species", 3 * HOUR, 12 * HOUR)
DAILY = Source("daily", 36 * HOUR, 72 * HOUR)


def scene_of(scene: Scene, name: str, *content: Any) -> html.Section:
    """Frame a scene under its title."""
    title = html.H2(scene.text(f"wall.scene_{name}"), id=f"title-{name}")
    return html.Section(
        [title, html.Div(content, className=f"tiles tiles-{name}")], id=f"scene-{name}",
        **{"data-scene": name, "aria-labelledby": f"title-{name}"},
    )  # fmt: skip


def tile(scene: Scene, title: Any, content: Any, source: Source, at: dt.datetime | None, *, kind: str = "",
         simulated: bool = False) -> html.Div:  # fmt: skip
    """Frame a tile. at: the moment (naive UTC) from which its age counts, None where there is nothing that could age."""
    made_up = marks.simulated({"simulated": simulated}, scene.text)
    head = html.Div([html.H3(title), made_up, aged(scene, source, at)], className="tile-head")
    body = content if isinstance(content, list) else [content]
    # A wide tile scrolls sideways on a phone: whoever has keys alone must reach it.
    reached = {"tabIndex": "0"} if "wide" in kind.split() else {}
    return html.Div([head, *body], className=_classes(scene, source, at, kind), **{"data-tile": source.name}, **reached)


def aged(scene: Scene, source: Source, at: dt.datetime | None) -> html.Span | None:
    """Tell of which moment data are, and how old: by the browser's clock corrected by the server's where a feed is live, else
    by how far they lie behind the hour shown."""
    if at is None:
        return None
    text, shown = scene.text, beijing(at)[5:]
    name = text(f"wall.source_{source.name}")
    said = html.Span(f"{name} {shown}", className="of")
    if scene.moment.counts_real_age:
        limits = {"data-late-after": _seconds(source.late), "data-stale-after": _seconds(source.stale)}
        count = html.Span(className="age", **{"data-age-of": str(epoch_seconds(at)), **limits})
        return html.Span([said, " ", count], className="aged")
    behind = scene.moment.reference - at
    hours = round(behind / HOUR)
    words = text("age.behind", hours=hours) if hours > 0 else ""
    state = "stale" if behind > source.stale else "late" if behind > source.late else ""
    return html.Span([said, " ", html.Span(words, className=f"age {state}".strip())], className="aged")


def absent(words: str) -> html.P:
    """Say in words why there is nothing."""
    return html.P(words, className="absent")


def level_class(index: int | None) -> str:
    """Name the class that colours a place by its level: l1 to l6, l0 where there is no verdict."""
    level = theme.level(index)
    return f"l{level.level if level else 0}"


def number(index: int | None) -> str:
    """Write an index; NA where there is none."""
    return "NA" if index is None else str(index)


def _classes(scene: Scene, source: Source, at: dt.datetime | None, kind: str) -> str:
    old = at is not None and not scene.moment.counts_real_age and scene.moment.reference - at > source.stale
    return " ".join(["tile", *[kind] * bool(kind), *["tile-stale"] * old])


def _seconds(span: dt.timedelta) -> str:
    return str(int(span.total_seconds()))
