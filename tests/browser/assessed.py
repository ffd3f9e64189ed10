"""A portal with everything that pages of assessments can show: targets, an event, episodes, publications and a meeting."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import sqlalchemy as sa
from werkzeug.test import Client

from dashboards import pulse
from dashboards.app import create_portal
from dashboards.context import Context
from dashboards.office import accounts
from dashboards.office.accounts import Caller
from dashboards.office.records import engine_of
from streams.store import schema
from tests.dashboards.office.conftest import RIGHT
from tests.dashboards.office.test_pages import Browser
from tests.dashboards.phase import made

NOW = dt.datetime(2026, 4, 30, 20, 20)
PERIOD = "2025-Q3"
OFFICER = "zhao"
CITY = made.CITIES[0]
PUBLICATIONS, MEETINGS = "/office/publications", "/office/meetings"
TARGETS = "".join(
    f'[[target]]\nplace = "{place}"\nyear = 2026\nkind = "{kind}"\nvalue = {value}\nsource = "a test"\n'
    for place in ("region", *made.CITIES)
    for kind, value in (("pm25_mean_ugm3", 45.0), ("good_day_ratio_pct", 75.0), ("heavy_days", 2.0))
)
EVENTS = '[[event]]\nkind = "dust"\nfirst = 2025-08-12\nlast = 2025-08-13\nsource = "a test"\n'


def store(folder: Path) -> sa.Engine:
    """Make a store with the years 2024, 2025 and four months of 2026, simulated, with an episode."""
    engine = made.store(folder)
    for year, seed in ((2024, 1), (2025, 2)):
        first, last = dt.date(year, 1, 1), dt.date(year, 12, 31)
        made.put_cities(engine, made.daily(len(made.CITIES), first, last, seed=seed), first, simulated=True)
    first, last, points = dt.date(2026, 1, 1), dt.date(2026, 4, 30), made.points((CITY,))
    made.put_cities(engine, made.daily(len(made.CITIES), first, last, seed=3), first, simulated=True)
    made.put_stations(engine, made.daily(len(points), first, last, seed=4), first, points)
    made.put_stations(
        engine, made.daily(len(points), dt.date(2025, 7, 1), dt.date(2025, 9, 30), seed=5), dt.date(2025, 7, 1), points
    )
    start = dt.datetime(2025, 8, 14, 5)
    episode = {
        "episode": f"ozone/{start:%Y-%m-%dT%H}Z", "kind": "ozone", "start": start, "peak": start + dt.timedelta(hours=4),
        "end": start + dt.timedelta(hours=30), "phase": "ended", "peak_value_ugm3": 231.0, "peak_city": CITY,
        "growth_ugm3_per_h": 12.0, "cities": "", "city_hours": 42, "edition": "HJ 633-2012", "simulated": True, "version": 1,
    }  # fmt: skip
    with engine.begin() as connection:
        connection.execute(sa.insert(schema.episode_event), [episode])
    made.put_hour(engine, dt.datetime(2026, 4, 30, 20))
    return engine


def context_of(folder: Path) -> Context:
    """Make a context on such a store, with an officer on duty and the files that a city edits."""
    engine, own = store(folder), folder / "portal"
    own.mkdir()
    (own / "targets.toml").write_text(TARGETS, encoding="utf-8")
    (own / "events.toml").write_text(EVENTS, encoding="utf-8")
    context = Context(lambda: engine, made.KNOWN, clock=lambda: NOW, folder=own)
    office, caller = engine_of(context), Caller("console", NOW, "", "console")
    accounts.add(
        office,
        OFFICER,
        "duty_officer",
        RIGHT,
        caller,
        city=None,
        display="赵工",
        cities=made.KNOWN.cities,
        must_change=False,
    )
    return context


def fill(context: Context) -> None:
    """Freeze two assessments by the office's forms, revise one of them after a day was revised, and hold a meeting."""
    one = Browser(Client(create_portal(context)))
    one.sign_in(OFFICER)
    for period in (PERIOD, "2025", "2026-Q1"):
        _look(one, period)
        _post(one, 'value="freeze"', audience="public")
    _revise_a_day(context)
    _look(one, PERIOD)
    _post(one, 'value="revise"', reason="补充审核后的监测数据")
    one.send(MEETINGS, 'name="host"', quarter="2026-Q1", host=CITY)
    path = f"{MEETINGS}/2026-Q1"
    for do, typed in (
        ("edit", {"day": "2026-04-20", "place": "成都", "chair": "王局长", "audience": "public",
                  "attended": "八市生态环境局", "agenda": "通报第一季度空气质量\n议定夏季臭氧联防",
                  "review": "会议听取了各市情况。"}),
        ("papers", {"more": "2026-003"}), ("decide", {"text": "夏季臭氧攻坚期间八市同步开展加油站错峰卸油。"}),
        ("decide", {"text": "春季秸秆禁烧联合巡查每周通报一次。"}),
        ("give", {"text": "编制加油站错峰卸油名单", "owner": made.CITIES[1], "due": "2026-05-20"}),
        ("give", {"text": "联合巡查方案报各市会签", "owner": CITY, "due": "2026-04-25"}), ("move", {}),
    ):  # fmt: skip
        answer = one.send(path, f'value="{do}"', **typed)
        assert answer.status_code == 303, (do, answer.text[-2000:])


def _look(one: Browser, period: str) -> None:
    answer = one.send(PUBLICATIONS, 'value="look"', period=period)
    assert answer.status_code == 200, answer.text[-2000:]


def _post(one: Browser, form: str, **typed: str) -> None:
    answer = one.post(PUBLICATIONS, one.fields(form) | typed)
    assert answer.status_code == 303, answer.text[-2000:]


def _revise_a_day(context: Context) -> None:
    kept, pulse.KEPT_S = pulse.KEPT_S, -1.0  # the revised day is to be seen at once
    day, hour = schema.air_city_day, schema.air_city_hour
    with context.engine().begin() as connection:
        where = (day.c.city == CITY) & (day.c.day == dt.date(2025, 8, 14))
        connection.execute(sa.update(day).where(where).values(pm25_ugm3=88.0, revision=1, version=day.c.version + 1))
        connection.execute(sa.update(hour).values(version=hour.c.version + 1))
    context.pulse()
    pulse.KEPT_S = kept
