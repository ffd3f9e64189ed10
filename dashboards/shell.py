"""What surrounds every page: title, navigation, hour shown, clock, freshness, notices, and the heartbeat."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import dash
import flask
from dash import dcc, html

from dashboards import live
from dashboards.context import Context, Scene, current
from dashboards.index import TAGS
from dashboards.moment import SHANGHAI, YEARS, beijing, epoch_seconds
from dashboards.navigation import links
from dashboards.queries.simulated import shows_simulated
from dashboards.text import Text, catalogue
from streams.registry import COUNTING_KINDS

BEAT = "/beat"
"""Where open pages of Dash ask for news; `known` is the pulse that they have."""
LIVE_WORDS = ("mode.", "age.")
HOUR = dt.timedelta(hours=1)


def frame(scene: Scene, page: str, *content: Any) -> html.Div:
    """Put a page into the shell. page: its name in the catalogue."""
    return html.Div([_header(scene, page), _notices(scene), html.Main(content), *_machinery(scene)], className="shell",
                    lang=TAGS[scene.text.lang])  # fmt: skip


def connect(app: dash.Dash) -> None:
    """Answer the heartbeat of assets/beat.js: has the store changed? Only then are the sections drawn again."""
    app.server.add_url_rule(BEAT, "beat", _beat)


def _pulse(context: Context) -> tuple[str, str]:
    """Give (what changes when a page is to be drawn again, trouble): the store, or the hour in which things are due."""
    pulse, trouble = context.pulse()
    return f"{pulse} {context.clock():%Y-%m-%dT%H} {context.pulse.bench}", trouble


def _beat() -> flask.Response:
    context = current()
    pulse, trouble = _pulse(context)
    beat = {"now": epoch_seconds(context.clock()), "trouble": trouble}
    if without := context.without():
        beat["without"] = without
    news = {} if trouble or pulse == flask.request.args.get("known") else {"pulse": pulse}
    answer = flask.jsonify(beat | news)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _header(scene: Scene, page: str) -> html.Header:
    text = scene.text
    words = html.Div([html.H1(text("header.title")), html.P(text(f"page.{page}"))])
    brand = html.Div([html.Span(className="logo", **{"aria-hidden": "true"}), words], className="brand")
    other = "en" if text.lang == "zh" else "zh"
    switch = html.A(
        text("header.other_language"), href=scene.link(lang=other), id="language", className="button", lang=other
    )
    clock = html.Div([html.Small(text("header.clock")), html.Time(id="clock")], className="clock")
    return html.Header([brand, _navigation(scene, page), _hour_bar(scene, "hour-bar"), clock, switch], className="top")


def _navigation(scene: Scene, page: str) -> html.Nav | None:
    pages = [entry for entry in dash.page_registry.values() if entry.get("in_navigation", True)]
    if len(pages) < 2:
        return None
    home = [html.A(title, href=address) for name, address, title in links(scene) if name == "home"]
    return html.Nav(
        [*home, *(_page_link(scene, entry, page) for entry in pages)], **{"aria-label": scene.text("header.pages")}
    )


def _page_link(scene: Scene, entry: dict[str, Any], page: str) -> html.A:
    here = "page" if entry["name"] == page else "false"
    href = entry["relative_path"] + scene.view.link()
    return html.A(scene.text.of_code("page.", entry["name"]), href=href, **{"aria-current": here})


def _render_hour_bar(scene: Scene) -> list[Any]:
    text, moment = scene.text, scene.moment
    if moment.hour is None:
        return [badge(scene)]
    earlier, later = moment.hour - HOUR, moment.hour + HOUR
    zone = html.Small(text("hour.zone"))
    ahead = scene.link(hour=None if later >= moment.newest else later)
    steps = [
        _step("‹", text("hour.earlier"), scene.link(hour=earlier), "earlier", earlier.year not in YEARS),
        html.Div([html.Small(text("hour.label")), html.Strong([beijing(moment.hour), " ", zone])],
                 className="hour", id="hour-shown", title=f"{moment.hour:%Y-%m-%d %H:%M} UTC"),
        _step("›", text("hour.later"), ahead, "later", moment.mode != "back"),
    ]  # fmt: skip
    newest = [html.A(text("hour.newest"), href=scene.link(hour=None), className="button", **{"data-state": ""})]
    return [html.Div(steps, className="hours"), *(newest if moment.mode == "back" else []), badge(scene)]


def notices(scene: Scene) -> list[html.Div]:
    """Say what holds for the whole page: that its data are of the past, and that some are simulated."""
    text, moment, said = scene.text, scene.moment, []
    if moment.replayed:
        said.append(
            html.Div(text("notice.replay", hour=beijing(moment.newest)), className="notice replay", id="replay-notice")
        )
    if not scene.waiting and _simulated(scene):
        said.append(html.Div(text("notice.simulated"), className="notice simulated", id="simulated-notice"))
    return said


def _simulated(scene: Scene) -> bool:
    others = [s.code for s in scene.registry.stations.values() if s.kind not in COUNTING_KINDS]
    return shows_simulated(
        scene.connection, scene.moment.hour, scene.view.city, cities=tuple(scene.registry.cities),
        newest=scene.moment.newest, others=others,
    )  # fmt: skip


_hour_bar = live.section("hour-bar", _render_hour_bar)
_notices_section = live.section("notices", notices)


def _notices(scene: Scene) -> html.Aside:
    return html.Aside(_notices_section(scene, "notices"), **{"aria-label": scene.text("notice.label")})


def _step(sign: str, label: str, href: str, name: str, disabled: bool = False) -> html.A | html.Span:
    if disabled:
        return html.Span(sign, className="step off", **{"aria-hidden": "true"})
    return html.A(sign, href=href, className="step", id=name, title=label, **{"data-state": "", "aria-label": label})


def badge(scene: Scene) -> html.Div:
    """The badge's words are written by assets/alive.js every second, so that they age even when the server is gone."""
    moment = scene.moment
    hour = "" if moment.hour is None else str(epoch_seconds(moment.hour))
    marks = {"data-hour": hour, "data-mode": moment.mode, "role": "status"}
    return html.Div(id="badge", className="badge", **marks)


def _machinery(scene: Scene) -> list[Any]:
    context = current()
    pulse, trouble = _pulse(context)
    beat = {
        "data-now": str(epoch_seconds(context.clock())), "data-trouble": trouble, "data-pulse": pulse,
        "data-without": json.dumps(context.without(), ensure_ascii=False),
    }  # fmt: skip
    return [
        html.Div(id="beat", hidden=True, **beat), dcc.Store(id=live.PULSE, data=pulse),
        dcc.Store(id=live.VIEW, data={**scene.view.query(), **scene.params}),
        html.Div(id="words", hidden=True, **live_words(scene.text)),
    ]  # fmt: skip


def live_words(text: Text) -> dict[str, str]:
    """Hand the words that assets/alive.js puts together to the browser, and how far clocks here are ahead of UTC [s]."""
    words = {key: entry[text.lang] for key, entry in catalogue().items() if key.startswith(LIVE_WORDS)}
    ahead = str(int(SHANGHAI.total_seconds()))
    return {"data-words": json.dumps(words, ensure_ascii=False), "data-ahead": ahead}
