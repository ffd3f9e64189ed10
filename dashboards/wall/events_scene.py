"""Scene 7: episodes of the region, the warnings that the plan's rules ask for, and the sources that feed this screen."""

from __future__ import annotations

from dash import html

from dashboards.components.episodes import episode_list
from dashboards.context import Scene
from dashboards.queries import health
from dashboards.wall.asked import Asked, asked
from dashboards.wall.days_scene import warning_words
from dashboards.wall.tiles import FEED, FORECAST, OBSERVED, absent, aged, scene_of, tile
from streams.store.episodes import episodes_at

MOST_SOURCES = 8


def events(scene: Scene) -> html.Section:
    """Draw the scene."""
    found = asked(scene)
    return scene_of(scene, "events", _episodes(scene), _warnings(scene, found), _sources(scene))


def _episodes(scene: Scene) -> html.Div:
    text, moment = scene.text, scene.moment
    if scene.waiting:
        return tile(scene, text("episodes.title"), absent(text("card.awaiting")), OBSERVED, None)
    rows = episodes_at(scene.connection, moment.hour, tuple(scene.registry.cities), newest=moment.newest, count=3)
    return tile(scene, text("episodes.title"), episode_list(scene, rows), OBSERVED, moment.hour,
                simulated=any(row["simulated"] for row in rows))  # fmt: skip


def _warnings(scene: Scene, found: Asked) -> html.Div:
    text = scene.text
    if scene.waiting:
        return tile(scene, text("wall.warnings_title"), absent(text("card.awaiting")), FORECAST, None)
    if all(each is None for each in found.warned.values()):
        return tile(scene, text("wall.warnings_title"), absent(text("wall.no_plan")), FORECAST, None)
    lines = [
        html.Tr([html.Th(scene.city_name(code), scope="row"), html.Td(warning_words(scene, each), className="asked")])
        for code, each in found.warned.items()
    ]
    content = [
        html.Table(html.Tbody(lines), className="warnings"),
        html.P(text("wall.warnings_note"), className="fine"),
    ]
    simulated = any(each is not None and each.simulated for each in found.warned.values())
    return tile(scene, text("wall.warnings_title"), content, FORECAST, found.started, simulated=simulated)


def _sources(scene: Scene) -> html.Div:
    """Show each source that ever brought rows with the age of its newest hour: a dead feed is seen here first."""
    text = scene.text
    title = text("wall.sources_title")
    books = () if scene.connection is None else health.books(scene.connection, scene.moment)
    if not books:
        return tile(scene, title, absent(text("card.awaiting")), OBSERVED, None)
    newest = sorted(books, key=lambda each: (each.newest_hour is None, each.newest_hour))
    lines = [
        html.Tr([html.Th(each.source, scope="row"),
                 html.Td("NA" if each.newest_hour is None else aged(scene, FEED, each.newest_hour))],
                **{"data-tile": each.source})
        for each in newest[:MOST_SOURCES]
    ]  # fmt: skip
    return tile(scene, title, html.Table(html.Tbody(lines), className="sources"), OBSERVED, None)
