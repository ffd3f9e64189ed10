"""One sentence over all scenes: how the air is, where it is worst and why, where it goes; honest where unknown. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dashboards.components.marks import category
from dashboards.text import Text

GOOD_TO = 100
"""Up to this index air is called good (HJ 633: levels one and two)."""


@dataclass(frozen=True)
class City:
    """A city in the sentence. aqi: None for NA. primary: its primary pollutants in words, "—" for none. way: of trend.direction."""

    name: str
    aqi: int | None
    primary: str = "—"
    way: str = "unknown"


@dataclass(frozen=True)
class Said:
    """What the sentence tells of. when: the hour in words. replayed: whether it is of the past.

    causes: groups of the worst city that may be the first, the largest first, none where unknown. outside: share [%] of what
    comes into it from outside the region, where that is more than any of them, else None. tomorrow: (city, index)
    of the highest daily forecast, None where there is none. warned: names of cities that fulfil a warning's rules with
    the name of its level.
    """

    when: str
    cities: Sequence[City]
    causes: Sequence[str] = ()
    outside: int | None = None
    tomorrow: tuple[str, int] | None = None
    warned: Sequence[tuple[str, str]] = ()
    replayed: bool = False
    simulated: bool = False


def headline(said: Said | None, text: Text) -> str:
    """Write the sentence; None: nothing is stored that one could speak of."""
    if said is None:
        return text("wall.say_nothing")
    known = [city for city in said.cities if city.aqi is not None]
    begin = text("wall.say_replay" if said.replayed else "wall.say_when", when=said.when)
    if not known:
        return begin + text("wall.say_no_index") + _ahead(said, text) + text("wall.say_end")
    worst = max(known, key=lambda city: city.aqi)
    parts = [_now(known, worst, text)]
    if len(known) < len(said.cities):
        parts.append(text("wall.say_absent", count=len(said.cities) - len(known)))
    parts += [_why(said, worst, text), _way(known, text), _ahead(said, text), _warned(said, text)]
    if said.simulated:
        parts.append(text("wall.say_simulated"))
    return begin + "".join(parts) + text("wall.say_end")


def _now(known: Sequence[City], worst: City, text: Text) -> str:
    good = sum(1 for city in known if city.aqi <= GOOD_TO)
    facts = {
        "count": len(known),
        "good": good,
        "city": worst.name,
        "aqi": worst.aqi,
        "level": category(worst.aqi, text),
    }
    said = text(
        "wall.say_all_good" if good == len(known) else "wall.say_none_good" if not good else "wall.say_some_good",
        **facts,
    )
    return said if worst.primary == "—" else said + text("wall.say_primary", primary=worst.primary)


def _why(said: Said, worst: City, text: Text) -> str:
    """Name who causes it; where the air is good nobody asks, so that only then it may be left out."""
    if said.causes:
        names = text("wall.either").join(said.causes)
        told = text("wall.say_cause" if len(said.causes) == 1 else "wall.say_causes", city=worst.name, names=names)
        return told if said.outside is None else told + text("wall.say_outside", share=said.outside)
    return "" if worst.aqi <= GOOD_TO else text("wall.say_no_cause")


def _way(known: Sequence[City], text: Text) -> str:
    rising, falling = (sum(1 for city in known if city.way == way) for way in ("rising", "falling"))
    if all(city.way == "unknown" for city in known):
        return ""
    if not rising and not falling:
        return text("wall.say_steady")
    one = "wall.say_rising" if not falling else "wall.say_falling" if not rising else "wall.say_both"
    return text(one, rising=rising, falling=falling)


def _ahead(said: Said, text: Text) -> str:
    if said.tomorrow is None:
        return text("wall.say_no_forecast")
    city, index = said.tomorrow
    return text("wall.say_tomorrow", city=city, aqi=index, level=category(index, text))


def _warned(said: Said, text: Text) -> str:
    by_level: dict[str, list[str]] = {}
    for city, level in said.warned:
        by_level.setdefault(level, []).append(city)
    return "".join(
        text("wall.say_warned", cities=text("list.comma").join(cities), level=level)
        for level, cities in by_level.items()
    )
