"""The wallboard as a page as text: a sentence, seven scenes, and the line below that tells which scene is shown."""

from __future__ import annotations

from dash import html

from dashboards.context import Scene
from dashboards.snapshots.pages import page
from dashboards.wall.causes_scene import causes
from dashboards.wall.cities_scene import cities
from dashboards.wall.days_scene import days
from dashboards.wall.events_scene import events
from dashboards.wall.headline_part import sentence
from dashboards.wall.map_scene import region
from dashboards.wall.ozone_scene import ozone
from dashboards.wall.year_scene import year

SCENES = {
    "map": region,
    "cities": cities,
    "days": days,
    "causes": causes,
    "ozone": ozone,
    "year": year,
    "events": events,
}


def pager(scene: Scene) -> html.Nav:
    """Name the scenes in their order; a script marks the one that is shown, and the key that halts the rotation is told."""
    links = [html.A(scene.text(f"wall.scene_{name}"), href=f"#scene-{name}", **{"data-goto": name}) for name in SCENES]
    keys = html.Span(scene.text("wall.keys"), className="keys")
    paused = html.Span(scene.text("wall.paused"), className="paused", role="status", hidden=True)
    return html.Nav([*links, paused, keys], className="pager", **{"aria-label": scene.text("wall.pager")})


PARTS = {"wall-headline": sentence, **{f"wall-{name}": render for name, render in SCENES.items()}, "wall-pager": pager}
wall = page("wall", "/wall", PARTS, frame="wall")
