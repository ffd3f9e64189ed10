"""What the command line does to train, judge and compare forecast models: it reads the store and asks ml.forecast."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from infra.usage import wrong
from ml.forecast.candidates import KIND, TEST_DAYS, Wanted, candidate, compare_anew, enter, judge_again
from ml.forecast.stored import Past, read_past
from ml.registry.announcing import open_registry
from ml.registry.card import VERSION, Card, Words
from ml.registry.compare import Comparison
from ml.registry.registry import Registry
from standards.pollutants import ITEMS
from streams.registry import Registry as Places
from streams.registry.places import City
from streams.store.connect import open_store
from streams.store.moments import as_stored
from streams.store.schema import air_city_hour

NUMERICAL = "CDAQS"
_BEFORE = dt.timedelta(days=45)
"""Days before a test that its inputs look back on, with some to spare."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is to be trained: cities by code (none: all of the registry), first and last hour end as text (empty: what is
    stored), items (none: all), the numerical model whose runs are learned from, days of test, version and who trains."""

    cities: Sequence[str] = ()
    start: str = ""
    end: str = ""
    items: Sequence[str] = ()
    model: str = NUMERICAL
    test_days: int = TEST_DAYS
    version: str = ""
    by: str = ""


def model_name(city: str) -> str:
    """Give the name under which the forecast models of a city stand in the registry."""
    return f"forecast-{city}"


def train(data: Path, store: str, places: Places, asked: Asked, *, tell: Callable[..., None]) -> list[Card]:
    """Train a candidate for each city, enter it and have it judged; give the cards. tell: hears keys of infra.messages."""
    if unknown := [item for item in asked.items if item not in ITEMS]:
        raise wrong("--item", "usage_some_of", value=", ".join(unknown), expected=", ".join(ITEMS))
    version = asked.version or f"{dt.datetime.now(dt.UTC):%Y%m%dT%H%MZ}"
    if not asked.by.strip():
        raise wrong("--by", "usage_nobody")
    if not VERSION.fullmatch(version):
        raise wrong("--version", "usage_version", value=repr(version))
    models, engine, cards = open_registry(data), open_store(store, create=False), []
    try:
        cities = _cities(places, asked.cities)
        _require_new(models, cities, version)
        for city in cities:
            past = _past(engine, city.code, asked)
            made = candidate(
                past, _wanted(city, version, asked), tell=lambda step, c=city: tell(f"models_{step}", city=c.name_zh)
            )
            cards.append(enter(models, made, by=asked.by))
    finally:
        engine.dispose()
    return cards


def _require_new(models: Registry, cities: Sequence[City], version: str) -> None:
    # Found out before hours of training, not after them.
    there = models.standings().versions
    if taken := [name for city in cities if ((name := model_name(city.code)), version) in there]:
        raise wrong("--version", "usage_version_taken", version=version, names=", ".join(taken))


def evaluate(data: Path, store: str, name: str, version: str, *, end: str, by: str) -> Card:
    """Judge a version anew on all that is stored after its training (until end)."""
    models = open_registry(data)
    return judge_again(models, name, version, _past_of(models, store, name, version, end=end), by=by)


def compare(data: Path, store: str, name: str, version: str, other: str, *, by: str) -> tuple[Comparison, ...]:
    """Compare two versions; a forecast model that was judged on earlier hours forecasts those of the other first."""
    models = open_registry(data)
    cards = [models.card(name, each) for each in (version, other)]
    if any(card.kind != KIND for card in cards) or _overlap(models, name, version, other):
        return models.compare(name, version, other, by=by)
    return compare_anew(models, name, version, other, _past_of(models, store, name, version), by=by)


def _wanted(city: City, version: str, asked: Asked) -> Wanted:
    title = Words(f"{city.name_zh}空气质量预报", f"air quality forecast of {city.name_en}")
    return Wanted(name=model_name(city.code), version=version, title=title, by=asked.by, items=tuple(asked.items) or ITEMS,
                  test_days=asked.test_days)  # fmt: skip


def _cities(places: Places, wanted: Sequence[str]) -> list[City]:
    known = places.cities
    if unknown := [code for code in wanted if code not in known]:
        raise wrong("CITY", "usage_some_of", value=", ".join(unknown), expected=", ".join(known))
    return [known[code] for code in wanted or known]


def _past(engine: sa.Engine, city: str, asked: Asked) -> Past:
    c = air_city_hour.c
    with engine.connect() as connection:
        first, last = connection.execute(
            sa.select(sa.func.min(c.hour_end), sa.func.max(c.hour_end)).where(c.city == city)
        ).one()
    now = dt.datetime.now(dt.UTC).replace(tzinfo=None)
    start = _moment(asked.start, "--from") if asked.start else first or now
    end = _moment(asked.end, "--to") if asked.end else last or now
    return read_past(engine, city=city, start=start, end=end, model=asked.model)


def _past_of(models: Registry, store: str, name: str, version: str, *, end: str = "") -> Past:
    """Read the hours on which a version was judged, or could be, with those that its inputs look back on."""
    card, pairs = models.card(name, version), models.evaluations(name, version)
    first = card.trained_until + card.embargo_h
    place = str(pairs[0].place[0]) if pairs else name.rpartition("-")[2]
    runs = next((each.rpartition(" ")[2] for each in card.data if each.startswith("forecast_city_hour ")), NUMERICAL)
    # The climatology and the persistence beside it are learned from what the version was trained on.
    start = min(
        dt.datetime.fromtimestamp(card.trained_from * 3600, dt.UTC),
        dt.datetime.fromtimestamp(first * 3600, dt.UTC) - _BEFORE,
    )
    until = _moment(end, "--to") if end else dt.datetime.now(dt.UTC).replace(tzinfo=None)
    if not end and pairs:
        until = max(
            until, dt.datetime.fromtimestamp(max(int(e.hour.max()) for e in pairs) * 3600, dt.UTC).replace(tzinfo=None)
        )
    return read_past(store, city=place, start=start.replace(tzinfo=None), end=until, model=runs)


def _overlap(models: Registry, name: str, version: str, other: str) -> bool:
    spans = []
    for each in (version, other):
        pairs = models.evaluations(name, each)
        spans.append(
            (min(int(e.hour.min()) for e in pairs), max(int(e.hour.max()) for e in pairs)) if pairs else (0, 0)
        )
    return spans[0] == spans[1]


def _moment(text: str, option: str) -> dt.datetime:
    try:
        return as_stored(dt.datetime.fromisoformat(text))
    except ValueError as error:
        raise wrong(option, "usage_moment", value=repr(text)) from error
