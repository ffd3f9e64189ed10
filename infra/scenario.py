"""What `airshed scenario` does: read the tags of a store, cut emissions, and lay out what that would change, with how
wrong it may be."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import sqlalchemy as sa
from rich.markup import escape
from rich.table import Table

from infra.health import engine_for
from infra.messages import language, say
from infra.usage import wrong
from ml.scenario.check import Check, effect_check
from ml.scenario.cuts import Cut, CutError, plan_cuts, traffic_cut
from ml.scenario.effect import Effect, effect_of, shown_for
from ml.scenario.measures import ANSWERED, LEVELS, TRAFFIC_SHARE, averaged_hours, distances_km
from ml.scenario.response import ages_of, respond
from ml.scenario.stored import stored_tags
from ml.scenario.words import (
    check_in_words,
    cuts_in_words,
    effect_in_words,
    plain,
    shown_in_words,
    signed,
    unanswered_in_words,
)
from standards.days import SHANGHAI
from standards.warning.plan_files import plan_named
from streams.registry import Registry
from streams.store.lines import EPOCH
from streams.store.schema import air_city_hour, tag_hour

LONGEST_H = 31 * 24
SOONEST, LATEST = 1970, 2999
"""Years that a cut may be in: hours far from these cannot be told as moments."""
OBSERVED = {"pm25": air_city_hour.c.pm25_ugm3, "o3": air_city_hour.c.o3_ugm3}


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is asked. cuts: SECTOR:CITY:SHARE. levels: of the plan. first, last: epoch hours of the cut, None for the
    newest run's.

    check: whether what was measured is compared with what would have been.
    """

    cuts: Sequence[str] = ()
    levels: Sequence[int] = ()
    plan: str = "sichuan_2024"
    first: int | None = None
    last: int | None = None
    cities: Sequence[str] = ()
    check: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A measure and what it would change: its name in words, by quantity its effect, and why others are not
    answered."""

    name: str
    cuts: tuple[Cut, ...]
    effects: dict[str, Effect]
    checks: dict[str, Check]
    unanswered: dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What was found. models: the members. newest_run, first, last: epoch hours."""

    answers: tuple[Answer, ...]
    models: tuple[str, ...]
    newest_run: int
    first: int
    last: int
    simulated: bool
    cities: dict[str, str]


def hour_of(text: str, option: str) -> int:
    """Read a Beijing time such as 2026-11-25T08:00 as an epoch hour. Errors: BadParameter of its option for one that is none,
    or no whole hour."""
    try:
        moment = dt.datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.minute or moment.second or moment.microsecond:
        raise wrong(option, "usage_beijing_hour", value=repr(text))
    if not SOONEST <= moment.year <= LATEST:
        raise wrong(option, "usage_year", value=repr(text), first=SOONEST, last=LATEST)
    seconds = (moment if moment.tzinfo else moment.replace(tzinfo=SHANGHAI)).timestamp()
    if seconds % 3600:
        raise wrong(option, "usage_beijing_hour", value=repr(text))
    return int(seconds // 3600)


def cut_of(text: str, hours: tuple[int, int]) -> Cut:
    """Read SECTOR:CITY:SHARE, for instance vehicles:510100:0.3; * for all sectors or cities. Errors: CutError."""
    parts = text.split(":")
    try:
        sector, city, share = parts[0], parts[1], float(parts[2])
        if len(parts) != 3:
            raise ValueError
    except (IndexError, ValueError):
        raise CutError(f"cut is {text!r}, expected SECTOR:CITY:SHARE such as vehicles:510100:0.3") from None
    return Cut(sector=sector, city=city, share=share, first_hour=hours[0], last_hour=hours[1])


def scenario(url: str, registry: Registry, asked: Asked) -> Found:
    """Answer what is asked from the tags of a store. Errors: CutError where they do not tell it."""
    if unknown := [city for city in asked.cities if city not in registry.cities]:
        raise CutError(f"city is {', '.join(unknown)}, expected some of {', '.join(registry.cities)}")
    engine = engine_for(url)
    try:
        first, last = _span(engine, tuple(registry.cities), asked)
        read = stored_tags(engine, tuple(registry.cities), first, last + 1)
        names = {c.code: c.name_zh if language() == "zh" else c.name_en for c in registry.cities.values()}
        measures = _measures(asked, tuple(registry.cities), (first, last))
        ages = ages_of(distances_km(registry))
        answers = []
        for cuts in measures:
            response = respond(read.tags, cuts, ages=ages, by_place=read.by_place)
            effects, unanswered = {}, {q: w for q, w in response.unanswered.items() if q in ANSWERED}
            for quantity in ANSWERED:
                hours = averaged_hours(quantity, first, last)
                if quantity in response.change and hours.size:
                    month = dt.datetime.fromtimestamp(first * 3600, SHANGHAI).month
                    effects[quantity] = effect_of(
                        response, quantity, hours - response.first_hour, shown=shown_for(quantity, month)
                    )
            checks = {
                q: effect_check(e, _observed(engine, q, e.receptors, averaged_hours(q, first, last)))
                for q, e in effects.items()
                if asked.check
            }
            answers.append(Answer(name=cuts_in_words(cuts, names, language()), cuts=cuts, effects=effects, checks=checks,
                                  unanswered=unanswered))  # fmt: skip
    finally:
        engine.dispose()
    shown = {code: name for code, name in names.items() if not asked.cities or code in asked.cities}
    return Found(answers=tuple(answers), models=read.tags.members, newest_run=read.newest_run, first=first, last=last,
                 simulated=read.simulated, cities=shown)  # fmt: skip


def effects_table(found: Found) -> Table:
    """Lay out levels and changes by measure, quantity and city."""
    span = " – ".join(_beijing(hour) for hour in (found.first - 1, found.last))
    made_up = say("scenario_simulated") if found.simulated else ""
    table = Table(*say("scenario_columns").split("|"),
                  title=say("scenario_title", span=span, models=", ".join(found.models), simulated=made_up))  # fmt: skip
    for answer in found.answers:
        for quantity, effect in answer.effects.items():
            for i, city in enumerate(effect.receptors):
                if city in found.cities and np.isfinite(effect.change[i]):
                    sure = say("scenario_sure") if effect.certain[i] else say("scenario_open")
                    interval = f"{signed(float(effect.low[i]))} … {signed(float(effect.high[i]))}"
                    table.add_row(escape(answer.name), say(f"scenario_{quantity}"), found.cities[city],
                                  plain(float(effect.level[i])),
                                  signed(float(effect.change[i])), interval, sure)  # fmt: skip
    return table


def words_of(found: Found) -> list[str]:
    """Say it in words: what each measure changes, how wrong the method was, and what is not answered."""
    lang, said = language(), []
    for answer in found.answers:
        for quantity, effect in answer.effects.items():
            for city, name in found.cities.items():
                line = (
                    check_in_words(answer.checks[quantity], city, name, lang)
                    if quantity in answer.checks
                    else effect_in_words(effect, city, answer.name, name, lang)
                )
                said += [line] if line else []
        said += [unanswered_in_words(quantity, why, lang) for quantity, why in answer.unanswered.items()]
    errors = {quantity: shown_in_words(effect, lang) for a in found.answers for quantity, effect in a.effects.items()}
    return [*said, *(f"{say(f'scenario_{quantity}')}: {line}" for quantity, line in errors.items())]


def as_json(found: Found) -> dict[str, Any]:
    """Give it for machines: hours as ends in UTC, ug/m3; null where nothing is known."""
    number = lambda v: round(float(v), 4) if np.isfinite(v) else None  # noqa: E731
    rows = []
    for answer in found.answers:
        effects = {}
        for quantity, effect in answer.effects.items():
            by_city = {}
            for i, city in enumerate(effect.receptors):
                if city not in found.cities:
                    continue
                by_city[city] = {k: number(getattr(effect, k)[i]) for k in ("level", "change", "low", "high")}
                by_city[city]["certain"] = bool(effect.certain[i])
                if check := answer.checks.get(quantity):
                    by_city[city]["check"] = {k: number(getattr(check, k)[i]) for k in
                                              ("observed", "without", "low", "high", "change", "forecast", "misfit")}  # fmt: skip
            shown = effect.shown
            effects[quantity] = {"cities": by_city, "error": {
                "worlds": shown.worlds, "median_ugm3": number(shown.median_ugm3), "q95_ugm3": number(shown.q95_ugm3),
                "q95_share_of_level": number(shown.q95), "covered": number(shown.covered), "judged_on_seeds": list(shown.judged_on),
            }}  # fmt: skip
        cuts = [{"sector": c.sector, "city": c.city, "share": c.share, "species": list(c.species)} for c in answer.cuts]
        rows.append({"measure": answer.name, "cuts": cuts, "effects": effects, "unanswered": answer.unanswered})
    utc = lambda hour: f"{dt.datetime.fromtimestamp(hour * 3600, dt.UTC):%Y-%m-%dT%H:00Z}"  # noqa: E731
    return {"first_hour": utc(found.first), "last_hour": utc(found.last), "models": list(found.models),
            "newest_run": utc(found.newest_run), "simulated": found.simulated, "unit": "ug m-3", "definition": "removal",
            "answers": rows}  # fmt: skip


def _span(engine: sa.Engine, cities: Sequence[str], asked: Asked) -> tuple[int, int]:
    with engine.connect() as connection:
        # City by city, along the key: over all places the database would look at every row.
        by_city = [sa.select(sa.func.max(tag_hour.c.hour_end)).where(tag_hour.c.place == city) for city in cities]
        newest = max((end for end in map(connection.scalar, by_city) if end is not None), default=None)
    if newest is None:
        raise CutError("the store has no tags, expected tag files in the inbox (docs/layouts/tags.md)")
    last = asked.last if asked.last is not None else int((newest - EPOCH) // dt.timedelta(hours=1))
    first = asked.first if asked.first is not None else last - 47
    if not 0 <= last - first < LONGEST_H:
        raise CutError(f"the cut lasts {last - first + 1} hours, expected 1 to {LONGEST_H}")
    return first, last


def _measures(asked: Asked, cities: tuple[str, ...], hours: tuple[int, int]) -> list[tuple[Cut, ...]]:
    """Give the measures that are asked for: free cuts together, each level alone; where none is, what a warning has
    to choose from."""
    plan = plan_named(asked.plan)
    found = [tuple(cut_of(text, hours) for text in asked.cuts)] if asked.cuts else []
    levels = asked.levels or (() if asked.cuts else LEVELS)
    found += [plan_cuts(plan, level, cities, hours) for level in levels]
    if not asked.cuts and not asked.levels:
        found.append(traffic_cut(TRAFFIC_SHARE, cities, hours))
    return found


def _observed(engine: sa.Engine, quantity: str, cities: Sequence[str], hours: np.ndarray) -> np.ndarray:
    """Give what was measured on average (city,); NaN where less than three quarters of the hours are there."""
    c, wanted = air_city_hour.c, OBSERVED[quantity]
    ends = [EPOCH + int(h) * dt.timedelta(hours=1) for h in (hours[0], hours[-1])]
    with engine.connect() as connection:
        rows = connection.execute(
            sa.select(c.city, c.hour_end, wanted).where(c.hour_end.between(*ends), wanted.is_not(None))
        ).all()
    kept = set(hours.tolist())
    found = []
    for city in cities:
        values = [v for code, end, v in rows if code == city and (end - EPOCH) // dt.timedelta(hours=1) in kept]
        found.append(np.mean(values) if len(values) >= 0.75 * hours.size else np.nan)
    return np.array(found, float)


def _beijing(hour: int) -> str:
    return f"{dt.datetime.fromtimestamp(hour * 3600, SHANGHAI):%Y-%m-%d %H:00}"
