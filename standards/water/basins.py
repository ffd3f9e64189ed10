"""Rivers and basins: the verdict on many sections, their main pollution indicators, and the change between periods."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from standards.measured import measured
from standards.water.classes import (
    BASIC_ITEMS,
    GOOD_CLASS,
    WATER_CODE,
    WATER_ITEMS,
    WATER_LEVELS,
    WATER_RULES,
    WORST_CLASS,
    level_of_class,
    measured_item,
)
from standards.water.editions import LATEST, WaterEdition, mean_of_values
from standards.water.sections import Indicator, Sections, assess_sections, main_indicators

MIN_SECTIONS = int(WATER_RULES["basin_min_sections"])
"""Sections from which shares of sections decide (环办〔2011〕22号, quoted)."""

_SLACK = 1e-9  # percentage points; the error of a difference of shares decides nothing


@dataclass(frozen=True, slots=True)
class Basin:
    """The verdict on a river or basin.

    code: the standard. sections: how many were given; assessed: how many of them have a class. counts: sections of
    classes 1 to 6. good_share, bad_share [%]: of classes 1 to 3, and worse than class 5, NaN where nothing is assessed.
    level: verdict 1 to 5, 0 missing. water_class: of the mean concentrations, 1 to 6, where these decide, else 0.
    by: "means" or "shares". indicators: main pollution indicators, none where the level is 1, 2 or 0.
    """

    code: str
    sections: int
    assessed: int
    counts: tuple[int, ...]
    good_share: float
    bad_share: float
    level: int
    water_class: int
    by: str
    indicators: tuple[Indicator, ...]


@dataclass(frozen=True, slots=True)
class WaterTrend:
    """A change of quality, direction -1, 0, 1, marked or not, in words.

    difference: of shares, good minus bad [percentage points], or of verdicts [levels]; above 0 is better. by: "shares"
    or "levels".
    """

    difference: float
    direction: int
    marked: bool
    name_zh: str
    name_en: str
    by: str = "shares"


def assess_basin(
    values: Mapping[str, np.ndarray],
    *,
    water: str = "river",
    required: Iterable[str] | None = None,
    invalid: str = "raise",
    edition: str | WaterEdition = LATEST,
) -> Basin:
    """Assess a river or basin from the concentrations of its sections.

    values [mg/L; ph 1, fecal_coliform 1/L]: by item code, (section,) each, the means of each. water, required, invalid,
    edition: as assess_sections; "2020" also averages pH by the ions of hydrogen. Returns Basin. Fewer than 5 sections
    with a class are judged as one section of mean concentrations, 5 or more by the shares of sections; which of the two
    is counted on sections with a class (our reading).
    Missing: a section without a class does not count; none at all gives level 0. Means are taken over the sections with
    a class, of the values that they have.
    Errors: as assess_sections; ValueError where values are not one row of sections.
    Source: 环办〔2011〕22号, quality of rivers and basins (quoted).
    """
    if values and any(np.ndim(v) != 1 for v in values.values()):
        raise ValueError(f"values have shapes {[np.shape(v) for v in values.values()]}, expected (section,) each")
    clean = {code: measured_item(v, code, invalid=invalid) for code, v in values.items()}
    sections = assess_sections(clean, water=water, required=required, edition=edition)
    classes = sections.water_class
    counts = tuple(int((classes == k).sum()) for k in range(1, WORST_CLASS + 1))
    assessed = sum(counts)
    good, bad = (100.0 * n / assessed if assessed else np.nan for n in (sum(counts[:GOOD_CLASS]), counts[-1]))
    if assessed >= MIN_SECTIONS:
        level, water_class, by = level_of_shares(good, bad), 0, "shares"
        indicators = basin_indicators(sections) if level > 2 else ()
    else:
        by = "means"
        means = {
            code: mean_of_sections(v[classes > 0], code, edition=edition)
            for code, v in clean.items()
            if code in BASIC_ITEMS
        }
        joint = assess_sections(means, water=water, required=required, edition=edition)
        water_class = int(joint.water_class) if assessed else 0
        level = int(level_of_class(water_class))
        indicators = main_indicators(means, water=water, edition=edition) if water_class > GOOD_CLASS else ()
    return Basin(
        WATER_CODE, len(classes), assessed, counts, float(good), float(bad), level, water_class, by, indicators
    )


def level_of_shares(good_share: float, bad_share: float) -> int:
    """Give the verdict of 5 or more sections from the shares of their classes.

    good_share [%]: of classes 1 to 3. bad_share [%]: worse than class 5. Returns 1 (excellent) to 5 (heavily polluted).
    Exactly 60 % good with exactly 40 % bad fits no printed line and counts as 5 (our reading).
    Missing: NaN in either gives 0.
    Errors: ValueError where a share is outside 0 to 100, or both sum to more.
    Source: 环办〔2011〕22号, quality of rivers and basins (quoted).
    """
    good, bad = _shares(good_share, bad_share)
    if np.isnan(good + bad):
        return 0
    rules = WATER_RULES
    if good >= rules["excellent_good_share"] - _SLACK:
        return 1
    if good >= rules["good_good_share"] - _SLACK:
        return 2
    if bad < rules["moderate_bad_share"] - _SLACK:
        return 3
    heavy = bad >= rules["heavy_bad_share"] - _SLACK and good <= rules["heavy_good_share"] + _SLACK
    return 5 if heavy else 4


def basin_indicators(sections: Sections, *, most: int = int(WATER_RULES["main_indicators"])) -> tuple[Indicator, ...]:
    """Name the main pollution indicators of a basin of 5 or more sections: the items that most sections exceed.

    sections: with one axis of sections. most: how many. Returns them with the share of sections that are worse than
    class 3 [%], largest first; ties as in a section: cyanide and heavy metals first, then in the order of the table
    (our reading).
    Missing: a section without a value of the item does not count for its share; an item without values is none.
    Source: 环办〔2011〕22号, main pollution indicators of rivers and basins (quoted).
    """
    found = []
    for code, classes in zip(sections.items, sections.item_class, strict=True):
        exceeding, present = int((classes > GOOD_CLASS).sum()), int((classes > 0).sum())
        if exceeding:
            found.append(Indicator(code, None, None, 100.0 * exceeding / present))
    found.sort(key=lambda each: (-each.share, not WATER_ITEMS[each.item].first, BASIC_ITEMS.index(each.item)))
    return tuple(found[:most])


def mean_of_sections(values: np.ndarray, item: str | None = None, *, edition: str | WaterEdition = LATEST) -> float:
    """Average one item over sections; the order of sections does not matter.

    values [unit of the item]: (section,). item, edition, what is returned and missing values: as
    standards.water.editions.mean_of_values: the arithmetic mean, of "ph" by the ions of hydrogen since 2020.
    Source: 环办〔2011〕22号 (fewer than 5 sections), 环办监测〔2017〕51号 (mean over the sections of a city);
    总站水字〔2020〕90号 (pH; quoted).
    """
    return mean_of_values(values, item, edition=edition)


def basin_trend(before: tuple[float, float], after: tuple[float, float]) -> WaterTrend | None:
    """Judge the change of a river or basin between two periods.

    before, after [%]: (share of classes 1 to 3, share worse than class 5) of each period, for instance good_share and
    bad_share of Basin. Returns the change of the first minus that of the second, above 0 is better: up to 10
    no obvious change, up to 20 some, above 20 an obvious one. The bound of 10 is recalled (tables/water_rules.csv).
    Missing: NaN in any share gives None.
    Errors: ValueError where a share is outside 0 to 100, or two of a period sum to more.
    Source: 环办〔2011〕22号, trend part (quoted); level_trend is its other way, by verdicts.
    """
    (good_0, bad_0), (good_1, bad_1) = _shares(*before), _shares(*after)
    difference = (good_1 - good_0) - (bad_1 - bad_0)
    if np.isnan(difference):
        return None
    size = abs(difference) - _SLACK
    return _trend(difference, size > WATER_RULES["trend_some"], size > WATER_RULES["trend_marked"], "shares")


def level_trend(before: int, after: int) -> WaterTrend | None:
    """Judge the change of a section, river or basin between two periods by its verdict.

    before, after: verdicts 1 (excellent) to 5 (heavily polluted), for instance level of Basin. Returns the change in
    levels, above 0 is better: the same level no obvious change, one level some, two or more an obvious one.
    Missing: 0 in either gives None.
    Errors: ValueError where a level is not 0 to 5.
    Source: 环办〔2011〕22号, trend part (quoted; tables/water_rules.csv); basin_trend is its other way, by shares.
    """
    for level in (before, after):
        if level not in range(len(WATER_LEVELS) + 1):
            raise ValueError(f"level is {level!r}, expected 0 to {len(WATER_LEVELS)}")
    if not before or not after:
        return None
    difference = float(before - after)
    some, marked = WATER_RULES["level_trend_some"], WATER_RULES["level_trend_marked"]
    return _trend(difference, abs(difference) >= some, abs(difference) >= marked, "levels")


def _trend(difference: float, some: bool, marked: bool, by: str) -> WaterTrend:
    if not some:
        return WaterTrend(difference, 0, False, "无明显变化", "no obvious change", by)
    better = difference > 0
    zh = ("明显" if marked else "有所") + ("好转" if better else "下降")
    en = ("obviously " if marked else "somewhat ") + ("better" if better else "worse")
    return WaterTrend(difference, 1 if better else -1, bool(marked), zh, en, by)


def _shares(good: float, bad: float) -> tuple[float, float]:
    shares = [
        float(measured(x, name, "%", high=100.0))
        for x, name in ((good, "share of good sections"), (bad, "share of bad sections"))
    ]
    if sum(shares) > 100.0 + _SLACK:
        raise ValueError(f"shares are {shares[0]:g} and {shares[1]:g} %, expected a sum of at most 100 %")
    return shares[0], shares[1]
