"""Data health: sources that add up, the statutory clocks, refused rows."""

from __future__ import annotations

from typing import Any

from dash import html

from dashboards.components import marks
from dashboards.components.tables import plain_table, scrolling
from dashboards.context import Scene
from dashboards.moment import beijing
from dashboards.queries.health import COUNTS
from streams.store.clocks import Clock
from streams.store.health import Reject

Row = dict[str, Any]
SIGNS = {"ok": "✓", "late": "△", "missing": "✗"}


def source_table(scene: Scene, sources: list[Row]) -> html.Div:
    """List the sources: in = accepted + duplicate + late + rejected, freshest hour and its age."""
    text = scene.text
    heads = [text("health.source"), *(text(f"health.{n}") for n in COUNTS), text("health.sum"), text("health.freshest")]
    return scrolling(plain_table(heads, [_source(scene, row) for row in sources], "sources"))


def clock_table(scene: Scene, clocks: dict[str, dict[str, Clock]]) -> html.Div:
    """Show which of the three clocks each city keeps; a sign and a word, with what was due and found on hovering."""
    cities = list(scene.registry.cities)
    heads = [scene.text("health.clock"), *(scene.city_name(code) for code in cities)]
    rows = [
        html.Tr(
            [html.Th(scene.text.of_code("clock.", name), scope="row"), *(_clock(scene, found.get(c)) for c in cities)]
        )
        for name, found in clocks.items()
    ]
    return scrolling(plain_table(heads, rows, "clocks"))


def reject_list(scene: Scene, rejects: list[Reject]) -> html.Ul | html.P:
    """List refused rows with reason, value and what was expected."""
    if not rejects:
        return html.P(scene.text("health.no_rejects"), className="quiet")
    return html.Ul([_reject(scene, row) for row in rejects], className="rejects")


def _source(scene: Scene, row: Row) -> html.Tr:
    counts = [html.Td(f"{row[name]:,}", className="number") for name in COUNTS]
    freshest = row["freshest"]
    shown = ["—"] if freshest is None else [beijing(freshest), " ", marks.age(scene.moment, freshest, scene.text)]
    return html.Tr([html.Th(row["source"], scope="row"), *counts, _sum(scene, row["difference"]), html.Td(shown)])


def _sum(scene: Scene, difference: int) -> html.Td:
    if difference == 0:
        return html.Td(scene.text("health.adds_up"), className="good")
    if difference > 0:
        return html.Td(scene.text("health.under_way", count=difference), className="doubtful")
    return html.Td(scene.text("health.differs", count=-difference), className="bad")


def _clock(scene: Scene, clock: Clock | None) -> html.Td:
    if clock is None:
        return html.Td("—")
    words = scene.text.of_code("verdict.", clock.verdict)
    note = scene.text("health.clock_note", due=clock.due, found=clock.found or "—", clause=clock.clause)
    kind = {"ok": "good", "late": "doubtful"}.get(clock.verdict, "bad")
    return html.Td(f"{SIGNS.get(clock.verdict, '')} {words}", className=kind, title=note)


def _reject(scene: Scene, row: Reject) -> html.Li:
    where = " · ".join(part for part in (row.source, row.file, row.position) if part)
    said = scene.text("health.reject", value=row.value, expected=row.expected)
    return html.Li([html.B(row.reason), html.Span(said), html.Small(where)])
