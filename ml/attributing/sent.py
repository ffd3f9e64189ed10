"""What instruments sent over a span, as an attribution takes it: ratios of stacks, factors on organic emissions,
micro-stations at the level of the stations. Pure.

Hours are kept until the span is known that is learned from: of what holds for a span as a whole nothing is of other hours.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from ml.attribution import organic
from ml.attribution.misfit import LEAST_DAYS, item_days
from ml.attribution.observations import Observations
from ml.attribution.tags import SOURCES, TagEnsemble
from standards.days import HOURS_PER_DAY, hour_of_day, natural_day
from standards.voc.profiles import GROUPS, shares_in_groups
from streams.contributors import SECTORS

DARK = (1, 10)
"""Hours ending 01:00 to 10:00, in which compounds have not reacted much."""
MICRO_LEAST_H = 48
"""So many common hours micro-stations need to be brought to the level of the assessment points."""
STACKS_LEAST_H = LEAST_DAYS * HOURS_PER_DAY
"""So many hours a stack needs; of fewer its ratio says more of these hours than of the inventory."""
Stack = tuple[str, str, str]


@dataclass(frozen=True, slots=True, eq=False)
class Sent:
    """What was sent in some hours beside items and composition, see ml.attributing.instruments.

    stacks: measured and told (2, hour) [kg/h]. compounds: site to compound to (hour,) [ppb].
    """

    first: int
    hours: int
    stacks: Mapping[Stack, np.ndarray] = field(default_factory=dict)
    compounds: Mapping[str, Mapping[str, np.ndarray]] = field(default_factory=dict)

    def between(self, first: int, last: int) -> Sent:
        """Give the hours from one epoch hour up to another, both included."""
        cut = slice(max(first - self.first, 0), max(last - self.first + 1, 0))
        return Sent(
            self.first + cut.start, len(range(self.hours)[cut]), {key: v[:, cut] for key, v in self.stacks.items()},
            {site: {name: v[cut] for name, v in own.items()} for site, own in self.compounds.items()},
        )  # fmt: skip


def end_to_end(parts: Sequence[Sent]) -> Sent:
    """Put spans that follow one another together; what one of them does not have is missing there."""
    stacks = {
        key: np.concatenate([p.stacks.get(key, np.full((2, p.hours), np.nan)) for p in parts], axis=-1)
        for key in dict.fromkeys(key for p in parts for key in p.stacks)
    }
    compounds = {
        site: {
            name: np.concatenate([p.compounds.get(site, {}).get(name, np.full(p.hours, np.nan)) for p in parts])
            for name in dict.fromkeys(name for p in parts for name in p.compounds.get(site, {}))
        }
        for site in dict.fromkeys(site for p in parts for site in p.compounds)
    }
    return Sent(parts[0].first, sum(p.hours for p in parts), stacks, compounds)


def completed(seen: Observations, tags: TagEnsemble, sent: Sent, micro: np.ndarray | None = None) -> Observations:
    """Add to the observations of a span what holds for it as a whole.

    tags, sent: of the same hours. micro: medians of micro-stations as sent (item, city, hour), None for none.
    """
    city, factors = organic_factors(sent.compounds, tags)
    calibrated = None if micro is None else calibrated_micro(micro, seen.items)
    return replace(
        seen, stacks=stack_ratios(sent.stacks), organic=factors, organic_city=city,
        micro=calibrated if calibrated is not None and np.isfinite(calibrated).any() else None,
    )  # fmt: skip


def stack_ratios(stacks: Mapping[Stack, np.ndarray]) -> dict[Stack, float]:
    """Give measured over told emission over the hours that have both, in a fixed order; nothing of fewer than
    STACKS_LEAST_H."""
    found = {}
    for key, (measured, told) in sorted(stacks.items()):
        both = np.isfinite(measured) & np.isfinite(told)
        if both.sum() >= STACKS_LEAST_H and told[both].sum() > 0:
            found[key] = float(measured[both].sum() / told[both].sum())
    return found


def organic_factors(
    compounds: Mapping[str, Mapping[str, np.ndarray]], tags: TagEnsemble
) -> tuple[str, dict[str, tuple[float, float]]]:
    """Give the city whose air the analysers see, and the factors on the organic emissions of its sectors.

    Of several sites of the city the factors are averaged in the log. Where analysers stand in several cities, that with most
    hours speaks, for an attribution takes the factors of one. Missing: no city and nothing without tags of the groups.
    """
    hours = tags.first_hour + np.arange(tags.hours)
    dark = (hour_of_day(hours) >= DARK[0]) & (hour_of_day(hours) <= DARK[1])
    by_city: dict[str, list[tuple[int, Mapping[str, tuple[float, float]]]]] = {}
    for site, own in compounds.items():
        r = tags.receptors.index(site) if site in tags.receptors else -1
        if r < 0 or tags.city_of[r] < 0 or not all(tags.has(group) for group in GROUPS):
            continue
        seen = np.stack(list(own.values()))
        there = np.isfinite(seen).any(axis=0) & dark
        if len(np.unique(natural_day(hours[there]))) >= LEAST_DAYS:
            city = tags.cities[tags.city_of[r]]
            by_city.setdefault(city, []).append((int(there.sum()), _factors(seen, tuple(own), tags, r, dark)))
    if not by_city:
        return "", {}
    city = max(by_city, key=lambda each: sum(count for count, _ in by_city[each]))
    return city, averaged([answer for _, answer in by_city[city]])


def _factors(
    seen: np.ndarray, names: tuple[str, ...], tags: TagEnsemble, r: int, dark: np.ndarray
) -> Mapping[str, tuple[float, float]]:
    profiles, masses = shares_in_groups((*SOURCES,), names)
    told = np.stack([tags.by_sector(group)[:, r].mean(axis=0) for group in GROUPS])
    return organic.factors(seen[:, dark], told[..., dark], profiles, compounds=names, molar_masses=masses)


def averaged(answers: Sequence[Mapping[str, tuple[float, float]]]) -> dict[str, tuple[float, float]]:
    """Average what several sites of a city say of its sectors: factors in the log, and the mean of their deviations."""
    found = {}
    for sector in SECTORS:
        own = [answer[sector] for answer in answers if sector in answer]
        if own:
            logs, deviations = np.log([f for f, _ in own]), [d for _, d in own]
            found[sector] = (float(np.exp(np.mean(logs))), float(np.mean(deviations)))
    return found


def lacking(items: np.ndarray) -> np.ndarray:
    """Tell which cities lack a day of any item, bool (city,), of items (item, city, hour) of whole days: those in which
    micro-stations have something to say."""
    return ~np.isfinite(item_days(items)).all(axis=(0, 2))


def calibrated_micro(micro: np.ndarray, items: np.ndarray) -> np.ndarray:
    """Bring micro-stations to the level of the assessment points, one factor for each city and item (item, city, hour).

    Missing: NaN where fewer than MICRO_LEAST_H hours are common to both.
    """
    both = np.isfinite(micro) & np.isfinite(items)
    sums = [np.where(both, values, 0.0).sum(axis=-1) for values in (items, micro)]
    good = (both.sum(axis=-1) >= MICRO_LEAST_H) & (sums[1] > 0)
    return micro * np.divide(sums[0], sums[1], out=np.full(good.shape, np.nan), where=good)[..., None]
