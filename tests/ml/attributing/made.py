"""A small store of a made-up region: tags of runs every twelve hours, observed hours, inventory and weather; nothing of it
is real."""

from __future__ import annotations

import datetime as dt
import types
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import orjson
import sqlalchemy as sa

from ml.attribution.observations import Observations
from ml.attribution.tags import TagEnsemble
from standards.pollutants import ITEMS, POLLUTANTS
from streams.contributors import ALL, OUTSIDE, SECTORS
from streams.memory.taghours import contents
from streams.results import rows_of
from streams.store import begin_write, bulk
from streams.store.lines import EPOCH
from streams.store.schema import tag_axes, tag_hour, topic_position
from streams.wire import messages
from streams.wire.topics import open_topic
from tests.ml.attribution.made import CITIES

AXES = "made"
SPECIES = ("so2", "nox", "co", "pm25", "nh3", "voc")


def registry(cities: tuple[str, ...] = CITIES) -> types.SimpleNamespace:
    """Give as much of a registry as is asked for: cities without outlines, so that there is no light tagger."""

    def outline(city: str) -> None:
        raise KeyError(f"{city} has no outline")

    places = {c: types.SimpleNamespace(lon=104.0 + 0.5 * i, lat=30.6 + 0.3 * i) for i, c in enumerate(cities)}
    return types.SimpleNamespace(cities=places, stations={}, outline=outline, stations_of=lambda *_: ())


def hour_of(hour: int) -> dt.datetime:
    """Give the moment of an epoch hour."""
    return EPOCH + dt.timedelta(hours=int(hour))


def keep_tags(
    store: sa.Engine, tags: TagEnsemble, *, members: Iterable[int] | None = None, cities: Iterable[str] | None = None,
    started: int = 12, factor: float = 1.0, version: int = 1, names: tuple[str, ...] = (),
    pairs: Sequence[tuple[str, str]] = (), quantities: tuple[str, ...] = (), axes: str = AXES,
) -> None:  # fmt: skip
    """Store the hours of an ensemble as those of runs that start every `started` hours, each telling of the hours to the
    next and of twelve more, which are wrong by a half.

    names: of the models, other than the members'. pairs, quantities: what they tell, other than sector x city and outside
    of all that the ensemble has; axes names the two.
    """
    pairs = list(pairs) or [(s, c) for s in SECTORS for c in tags.cities] + [(ALL, OUTSIDE)]
    quantities = quantities or tags.quantities
    told = {"axes": axes, "definition": "allocation", "version": 1, "quantities": orjson.dumps(quantities).decode(),
            "contributors": orjson.dumps(pairs).decode()}  # fmt: skip
    of = [tags.quantities.index(quantity) for quantity in quantities]
    rows = []
    for m in members if members is not None else range(len(tags.members)):
        values = np.stack([_of_pair(tags, m, pair) for pair in pairs], axis=1)[of] * factor
        for r, city in enumerate(tags.cities):
            if cities is not None and city not in cities:
                continue
            for begin in range(0, tags.hours, started):
                hours = range(begin, min(begin + started + 12, tags.hours))
                late = np.where(np.arange(len(hours)) < started, 1.0, 1.5)
                texts = contents(values[:, :, r, hours.start : hours.stop] * late)
                run = f"{(names or tags.members)[m]}/{hour_of(tags.first_hour + begin - 1):%Y-%m-%dT%HZ}"
                rows += [
                    {"place": city, "hour_end": hour_of(tags.first_hour + h), "run": run, "axes": axes, "city": city,
                     "lead_hours": h - begin + 1, "packed": text, "points": 4, "file_digest": "f", "released_at": EPOCH,
                     "received_at": EPOCH, "simulated": True, "version": version}
                    for h, text in zip(hours, texts, strict=True)
                ]  # fmt: skip
    with begin_write(store) as connection:
        connection.execute(sa.delete(tag_axes).where(tag_axes.c.axes == axes))
        connection.execute(sa.insert(tag_axes), [told])
        connection.execute(sa.insert(tag_hour).prefix_with("OR REPLACE"), rows)


def _of_pair(tags: TagEnsemble, m: int, pair: tuple[str, str]) -> np.ndarray:
    """Give what one member tells of a contributor (quantity, receptor, hour)."""
    sector, place = pair
    if place == OUTSIDE:
        return tags.sector[m][:, :, -1]
    if ALL not in pair:
        return tags.joint[m][:, :, SECTORS.index(sector), tags.cities.index(place)]
    return (
        tags.sector[m][:, :, SECTORS.index(sector)] if place == ALL else tags.place[m][:, :, tags.cities.index(place)]
    )


def keep_observed(
    store: sa.Engine, seen: Observations, *, cities: tuple[str, ...] = CITIES, until: int | None = None, version: int = 1,
) -> None:  # fmt: skip
    """Store the hours of observations as those of cities, up to and without an epoch hour."""
    hours = min(seen.hours, until - seen.first_hour) if until is not None else seen.hours
    with begin_write(store) as connection:
        bulk.write(connection, [observed_rows(seen, city, c, range(hours), version) for c, city in enumerate(cities)])


def observed_rows(seen: Observations, city: str, c: int, hours: range, version: int):
    """Give rows of air_city_hour of some hours of one city."""
    items = {POLLUTANTS[item].column: seen.items[i, c, hours.start : hours.stop] for i, item in enumerate(ITEMS)}
    return rows_of("air_city_hour", {
        "city": city, "hour_end": np.arange(seen.first_hour + hours.start, seen.first_hour + hours.stop), **items,
        "edition": "2012", "status": 0, "revision": 0, "simulated": 1, "version": version,
    })  # fmt: skip


def tell(store: sa.Engine, data: Path, lines: list[str], *, name: str) -> None:
    """Let the topic of results hold some lines, and the store say that it has them."""
    topic = open_topic(data / "topics" / messages.RESULT_TOPIC)
    before = set(topic.segments())
    topic.append(lines, key=name)
    with begin_write(store) as connection:
        newest = connection.scalar(sa.select(sa.func.max(topic_position.c.stored_at))) or EPOCH
        rows = [{"topic": messages.RESULT_TOPIC, "segment": s, "stored_at": newest + dt.timedelta(seconds=1)}
                for s in topic.segments(before)]  # fmt: skip
        connection.execute(sa.insert(topic_position), rows)
