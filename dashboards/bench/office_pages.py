"""The office's page of the bench: ask for work, see what waits, cancel it."""

from __future__ import annotations

import datetime as dt
from typing import Any

import sqlalchemy as sa
from dash import html

from dashboards.bench.setting_fields import SETTINGS_TAKEN, setting_fields, settings_posted
from dashboards.bench.shown import question_words, request_table
from dashboards.components import exploring
from dashboards.components.tables import card
from dashboards.context import Scene, current
from dashboards.office.desk import ROOT, Desk, Fields, office_page
from dashboards.office.errors import Refused
from dashboards.office.forms import Field, form
from dashboards.office.records import transaction
from streams.store import begin_write
from streams.store import bench_requests as requests
from streams.store.bench_kinds import ASKINGS, COMPOSITION, question_of
from streams.store.bench_results import BenchError
from streams.store.reasons import told_in

PAGE = f"{ROOT}/bench"
ACTION = "bench_run"
_TAKES = {"do": 10, "kind": 24, "station": 24, "first": 10, "last": 10, "request": 32, **SETTINGS_TAKEN}


def sites_of(scene: Scene) -> list[tuple[str, str]]:
    """Give (code, name) of every super-site of the registry."""
    stations = scene.registry.stations.values()
    return sorted((each.code, f"{each.name_zh} {each.code}") for each in stations if each.kind == "super")


def _page(desk: Desk) -> list[Any]:
    text, scene = desk.text, desk.scene
    chosen = desk.query.get("kind", COMPOSITION)
    kind = chosen if chosen in ASKINGS else COMPOSITION
    if scene.connection is None:
        return [card(html.P(text("bench.store_away"), className="notice waiting"))]
    found = requests.newest_requests(scene.connection, most=20)
    links = [
        html.A(
            text(f"bench.kind_{each}"),
            href=f"{desk.link(PAGE)}?kind={each}",
            className="button",
            **{"aria-current": "true" if each == kind else "false"},
        )
        for each in ASKINGS
    ]
    sites = [site for site in sites_of(scene) if desk.may(ACTION, _city_of(scene, site[0]))]
    asking = [html.P(text("bench.none_of_kind"), className="quiet")] if not sites else [_form(desk, kind, sites)]
    waiting = [_cancel_form(desk, each) for each in found if each.state in requests.OPEN and _may(desk, each.station)]
    return [
        card(
            html.H2(text("bench.ask_of", kind=text(f"bench.kind_{kind}"))),
            _fallen(desk, kind, sites),
            html.P(links, className="choices"),
            *asking,
        ),
        card(html.H2(text("bench.open_requests")), *waiting, request_table(scene, found)),
        card(html.P(html.A(text("bench.to_page"), href="/analysis/ozone"))),
    ]


def _fallen(desk: Desk, kind: str, sites: list[tuple[str, str]]) -> html.P | None:
    """Say which kind or site of the address is none that can be asked here, and which stands in the form instead."""
    troubles = ["kind"] if desk.query.get("kind", kind) != kind else []
    shown = [desk.text(f"bench.kind_{kind}")]
    if sites and desk.query.get("station", sites[0][0]) not in dict(sites):
        troubles.append("station")
        shown.append(sites[0][1])
    return exploring.fallen_back(desk.scene, troubles, desk.text("list.comma").join(shown))


def _form(desk: Desk, kind: str, sites: list[tuple[str, str]]) -> html.Form:
    text, asking, asked = desk.text, ASKINGS[kind], desk.query.get("station", "")
    last = (desk.scene.moment.hour or desk.at).date()
    first = last - dt.timedelta(days=min(asking.longest_days, 30) - 1)
    days = [desk.query.get(name, "")[:10] for name in ("first", "last")]
    longest = text("bench.longest", days=asking.longest_days)
    fields = [
        Field("station", text("bench.site"), "select", asked if asked in dict(sites) else sites[0][0], sites),
        Field("first", text("bench.first_day"), "date", days[0] or first.isoformat(), hint=longest),
        Field("last", text("bench.last_day"), "date", days[1] or last.isoformat()),
    ]
    for name, about in asking.settings.items():
        fields += setting_fields(desk, name, about, [code for code, _ in sites])
    return form(desk, PAGE, fields, text("bench.submit"), hidden={"do": "ask", "kind": kind})


def _cancel_form(desk: Desk, each: requests.Request) -> html.Div:
    words = html.Span(f"{question_words(desk.text, each)} · {desk.text(f'bench.state_{each.state}')}")
    hidden = {"do": "cancel", "request": each.id}
    return html.Div([words, form(desk, PAGE, [], desk.text("bench.cancel"), hidden=hidden, danger=True)])


def _post(desk: Desk, fields: Fields) -> str:
    engine = current().engine()
    if engine is None:
        raise Refused("bench.store_away")
    try:
        cancels = fields["do"] == "cancel"
        told = _cancels(desk, engine, fields["request"]) if cancels else _asks(desk, engine, fields)
    except BenchError as error:
        raise Refused("bench.refused", why=told_in(desk.text.lang, str(error))) from error
    except sa.exc.SQLAlchemyError as error:
        raise Refused("bench.store_away") from error
    with transaction(desk.engine) as connection:
        desk.log(
            connection,
            f"bench.{fields['do'] if fields['do'] == 'cancel' else 'ask'}",
            told.id,
            {"kind": told.kind, "station": told.station, "question": dict(told.question)},
        )
    return PAGE


def _asks(desk: Desk, engine: sa.Engine, fields: Fields) -> requests.Request:
    kind, station = fields["kind"], fields["station"]
    own = ASKINGS[kind].settings if kind in ASKINGS else {}
    question = question_of(kind, station, fields["first"], fields["last"], settings_posted(own, fields))
    if station not in dict(sites_of(desk.scene)):
        raise Refused("bench.none_of_kind")
    officer = desk.require(ACTION, _city_of(desk.scene, station))
    with begin_write(engine) as connection:
        return requests.ask(connection, kind, station, question, by=officer.name, now=desk.at)


def _cancels(desk: Desk, engine: sa.Engine, id: str) -> requests.Request:
    with engine.connect() as connection:
        found = requests.request_named(connection, id)
    if found is None:
        raise BenchError(f"there is no request {id!r}, expected one of `airshed bench list`")
    desk.require(ACTION, _city_of(desk.scene, found.station))
    requests.require_open(found)
    with begin_write(engine) as connection:
        return requests.cancel(connection, id, desk.at) or found


def _may(desk: Desk, station: str) -> bool:
    return desk.may(ACTION, _city_of(desk.scene, station))


def _city_of(scene: Scene, station: str) -> str | None:
    found = scene.registry.stations.get(station)
    return None if found is None else found.city


office_page("bench", PAGE, _page, _post, action=ACTION, takes=_TAKES, in_navigation=True)
