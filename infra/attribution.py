"""What the command line does with a history that is to be attributed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence

import sqlalchemy as sa
import typer

from infra.datadir import DataDirectory
from streams.store import open_store
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

    spans = _stored(store)
    if spans is None:
        return 0
    first, last = (_hour(text) if text else default for text, default in zip((start, end), spans, strict=True))
    registry = directory.own_registry
    return run(store, directory.root, registry, first, last + 1, cities=cities, processes=processes, tell=progress)


def _stored(store: str) -> tuple[int, int] | None:
    engine = open_store(store)
    try:
        with engine.connect() as connection:
            found = connection.execute(
                sa.select(sa.func.min(air_city_hour.c.hour_end), sa.func.max(air_city_hour.c.hour_end))
            ).one()
    finally:
        engine.dispose()
    return None if found[0] is None else tuple((each - EPOCH) // _HOUR for each in found)


def _hour(text: str) -> int:
    try:
        return (as_stored(dt.datetime.fromisoformat(text)) - EPOCH) // _HOUR
    except ValueError as error:
        raise typer.BadParameter(f"{text!r}, expected ISO 8601 such as 2023-01-19T12:00Z") from error
