"""What `airshed bench` does: ask, work out here or let the platform do it, list, show, cancel."""

from __future__ import annotations

import contextlib
import json
import signal
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from rich.markup import escape
from rich.table import Table

from infra.datadir import DataDirectory
from infra.messages import catalogue, language, say
from standards.shown import harmless
from streams.registry import Registry
from streams.registry.kept import registry_in_use
from streams.registry.members import SUPER
from streams.store import begin_write, open_store
from streams.store import bench_requests as requests
from streams.store.bench_kinds import COMPOSITION, RECEPTOR, question_of
from streams.store.bench_requests import Request
from streams.store.bench_results import BenchError, Kept, newest_heads, result_named
from streams.store.reasons import told_in
from streams.store.schema import voc_station_hour

LOOK_S = 1.0
Seen = Callable[[Request], None]


def ask(
    engine: sa.Engine, registry: Registry, kind: str, station: str, first: str, last: str, settings: Mapping[str, Any], *, by: str
) -> Request:  # fmt: skip
    """Queue a question; BenchError in words for one that cannot be asked, also of a station that nothing is known of."""
    from research.bench.at_work import now_utc

    question = question_of(kind, station, first, last, settings)
    _require_known(engine, registry, kind, station)
    with begin_write(engine) as connection:
        return requests.ask(connection, kind, station, question, by=by, now=now_utc())


def _require_known(engine: sa.Engine, registry: Registry, kind: str, station: str) -> None:
    """Refuse what is no super-site: by the registry, which the box needs for where it stands, or by compounds in the store."""
    places = registry.stations
    if station in places and places[station].kind == SUPER:
        return
    measured = sa.select(voc_station_hour.c.station).where(voc_station_hour.c.station == station).limit(1)
    with engine.connect() as connection:
        found = connection.execute(measured).first() is not None
    if found and (station in places or kind in (COMPOSITION, RECEPTOR)):
        return
    known = ", ".join(sorted(code for code, each in places.items() if each.kind == SUPER))
    raise BenchError(f"the station is {station!r}, expected a super-site of the registry: {known or 'it has none'}")


def settings_read(given: list[str]) -> dict[str, str]:
    """Read settings such as factors=6; BenchError for one without a name or a value."""
    found = {}
    for text in given:
        name, sign, value = text.partition("=")
        if not (name and sign and value):
            raise BenchError(f"the setting is {text[:60]!r}, expected NAME=VALUE such as factors=6")
        found[name] = value
    return found


def work_here(engine: sa.Engine, directory: DataDirectory, request: Request, seen: Seen) -> Request:
    """Work a request out in this process, where nobody else has taken it, or follow who has; give it as it ends.

    Ctrl-C cancels it. seen: is told it about each second.
    """
    from research.bench.at_work import now_utc, work_one

    over = threading.Event()
    follower = threading.Thread(target=_follow, args=(engine, request.id, seen, over), daemon=True)
    follower.start()
    previous = signal.getsignal(signal.SIGINT)
    signal.signal(signal.SIGINT, lambda *_: cancel(engine, request.id, now_utc()))
    try:
        done = work_one(engine, registry_in_use(directory.known_registry), id=request.id)
        while done is None or done.state in requests.OPEN:
            over.wait(LOOK_S)
            done = named(engine, request.id)
    finally:
        signal.signal(signal.SIGINT, previous)
        over.set()
        follower.join()
    return done


def cancel(engine: sa.Engine, id: str, now: Any) -> Request:
    """Cancel a request; BenchError where there is none of this id, and where it has ended already."""
    with begin_write(engine) as connection:
        before = requests.request_named(connection, id)
        if before is None:
            raise BenchError(f"there is no request {id[:40]!r}, expected one of `airshed bench list`")
        requests.require_open(before)
        requests.cancel(connection, id, now)
        return requests.request_named(connection, id)


def named(engine: sa.Engine, id: str) -> Request:
    """Give a request; BenchError where there is none of this id."""
    with engine.connect() as connection:
        found = requests.request_named(connection, id)
    if found is None:
        raise BenchError(f"there is no request {id[:40]!r}, expected one of `airshed bench list`")
    return found


def result(engine: sa.Engine, which: str) -> Kept:
    """Give a result by how its digest begins (8 signs at least) or by its request; BenchError where there is none or several."""
    with engine.connect() as connection:
        request = requests.request_named(connection, which)
        if request is not None and request.result is None:
            raise BenchError(f"the request {which} has no result, expected one that is done: it is {request.state}")
        digest = which if request is None else request.result
        found = result_named(connection, digest) if len(digest) == 64 else None
        if found is None and len(digest) >= 8:
            fits = {each for each, _ in newest_heads(connection, most=5000) if each.startswith(digest)}
            found = result_named(connection, fits.pop()) if len(fits) == 1 else None
    if found is None:
        raise BenchError(f"there is no result {which[:64]!r}, expected one of `airshed bench list`")
    return found


def requests_table(engine: sa.Engine, most: int, station: str | None = None) -> Table | None:
    """Lay the newest requests out; None where there is none."""
    with engine.connect() as connection:
        found = requests.newest_requests(connection, station=station, most=most)
    if not found:
        return None
    table = Table(*say("bench_columns").split("|"), title=say("bench_title"))
    for each in found:
        period = f"{each.question.get('first', '')} – {each.question.get('last', '')}"
        why = told_in(language(), each.reason) if each.reason else (each.result or "")[:12]
        cells = (each.id, each.kind, each.station, period, state_words(each), each.asked_by, why)
        table.add_row(*(escape(harmless(cell)) for cell in cells))
    return table


def state_words(request: Request) -> str:
    """Say how a request stands, with its progress while it runs."""
    words = say(f"bench_state_{request.state}")
    return f"{words} {request.progress:.0%}" if request.state == requests.RUNNING else words


def step_words(request: Request) -> str:
    """Say what a request that runs is at; a step without a word stands for itself."""
    key = f"bench_step_{request.step}"
    return say(key) if key in catalogue() else request.step or ""


def as_json(found: Kept) -> str:
    """Write a result with all that it rests on as JSON."""
    whole = {name: getattr(found, name) for name in Kept.__slots__ if name != "content"} | {"digest": found.digest}
    whole["content"] = found.content
    return json.dumps(whole, ensure_ascii=False, indent=1, default=str)


def head_lines(found: Kept) -> list[str]:
    """Say what a result rests on, a line each."""
    settings = ", ".join(f"{name}={value}" for name, value in sorted(found.settings.items())) or "-"
    return [
        say("bench_head", kind=found.kind, station=found.station, first=found.question.get("first", ""),
            last=found.question.get("last", "")),
        say("bench_digest", digest=found.digest), say("bench_inputs", digest=found.inputs),
        say("bench_settings", settings=settings),
        say("bench_software", software=found.software, made=f"{found.made_at:%Y-%m-%d %H:%M} UTC", cpu=f"{found.cpu_s:.1f}"),
        *([say("bench_simulated")] if found.simulated else []),
    ]  # fmt: skip


@contextlib.contextmanager
def opened(store: str | Path) -> Any:
    """Open a store that is there; StoreError in words otherwise."""
    engine = open_store(store, create=False)
    try:
        yield engine
    finally:
        engine.dispose()


def _follow(engine: sa.Engine, id: str, seen: Seen, over: threading.Event) -> None:
    while not over.wait(LOOK_S):
        with contextlib.suppress(sa.exc.SQLAlchemyError), engine.connect() as connection:
            found = requests.request_named(connection, id)
            if found is not None:
                seen(found)
