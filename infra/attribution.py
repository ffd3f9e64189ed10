"""What the command line does with a history that is to be attributed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence

import sqlalchemy as sa

from infra.datadir import DataDirectory
from infra.feeding import open_own, require_own
from infra.usage import wrong
from streams.registry.kept import registry_in_use
from streams.store import open_store
from streams.store.attribution import latest
from streams.store.lines import EPOCH
from streams.store.moments import as_stored
from streams.store.schema import air_city_hour

_HOUR = dt.timedelta(hours=1)


def attribute_history(
    directory: DataDirectory, store: str, start: str, end: str, *, cities: Sequence[str], processes: int,
    progress: Callable[..., None],
) -> int:  # fmt: skip
    """Attribute the stored hours from start to end, both hour ends included, empty: all; give how many rows were written."""
    from ml.attributing.history import run

    require_cities(directory, cities)
    spans = _stored(store, feeds=directory)
    if spans is None:
        return 0
    first = _hour(start, "--from") if start else spans[0]
    last = _hour(end, "--to") if end else spans[1]
    if first > last:
        raise wrong("--from, --to", "usage_order", first=start or "…", last=end or "…")
    registry = directory.own_registry
    return run(store, directory.root, registry, first, last + 1, cities=cities, processes=processes, tell=progress)


def require_cities(directory: DataDirectory, cities: Sequence[str]) -> None:
    """Raise BadParameter for a code that is none of the registry's cities: of it nothing would be said, without a reason."""
    known = registry_in_use(directory.own_registry).cities
    if unknown := [city for city in cities if city not in known]:
        raise wrong("--city", "usage_some_of", value=", ".join(unknown), expected=", ".join(known))


def newest_days(
    store: str, directory: DataDirectory, cities: Sequence[str], language: str, end: str = ""
) -> list[dict[str, str]]:
    """Give what is said of the newest attributed day of PM2.5 of each city, up to a moment: city, day, said.

    It says its definition, what it rests on, how old the inventory is and which feeds are missing. cities: codes, empty
    for all. Missing: a city without an attributed day in the three days before says nothing.
    """
    spans = _stored(store)
    if spans is None:
        return []
    hour, found = EPOCH + (_hour(end, "--to") if end else spans[1]) * _HOUR, []
    known = registry_in_use(directory.own_registry).cities
    engine = open_store(store, create=False)
    try:
        with engine.connect() as connection:
            for code, city in known.items():
                if not cities or code in cities:
                    rows = latest(connection, code, hour, quantities=("pm25",), span="day", back=3 * 24 * _HOUR)
                    name = city.name_zh if language == "zh" else city.name_en
                    found += [
                        {"city": name, "day": f"{row['hour_end']:%Y-%m-%d}", "said": row[f"summary_{language}"]}
                        for row in rows if row[f"summary_{language}"]
                    ]  # fmt: skip
    finally:
        engine.dispose()
    return found


def _stored(store: str, feeds: DataDirectory | None = None) -> tuple[int, int] | None:
    """Give the first and the last stored hour, None where there is none; feeds: the directory that has to feed the store."""
    engine = open_store(store, create=False) if feeds is None else open_own(feeds, store)
    try:
        if feeds is not None:
            require_own(feeds, engine)
        with engine.connect() as connection:
            found = connection.execute(
                sa.select(sa.func.min(air_city_hour.c.hour_end), sa.func.max(air_city_hour.c.hour_end))
            ).one()
    finally:
        engine.dispose()
    return None if found[0] is None else tuple((each - EPOCH) // _HOUR for each in found)


def _hour(text: str, option: str) -> int:
    try:
        since = as_stored(dt.datetime.fromisoformat(text)) - EPOCH
    except (ValueError, OverflowError) as error:
        raise wrong(option, "usage_moment", value=repr(text)) from error
    if since % _HOUR:
        raise wrong(option, "usage_whole_hour", value=repr(text))
    return since // _HOUR
