"""Where a normalised series changes its course, and what a period did against what would have been without it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from ml.normalise.design import LEAST_ROWS, Design, TooLittle, year_fraction
from ml.normalise.models import LIGHTGBM, trained
from ml.normalise.trees import predicted
from ml.normalise.trend import blocks_of

SHORTEST_MONTHS = 12
"""Between two changes there must be a year, or a season would be one."""
DRAWS, LEVEL = 199, 0.05
LEAST_SHARE = 0.05
"""A change is named if it moves the level, or a year of the slope, by this share of the series' mean: what a model smooths has
little noise, in which changes without weight would be sure."""
MOST_PLACEBOS, LEAST_PLACEBOS = 12, 5
"""How many periods before the judged one are judged like it, and how many an interval takes."""
SHARE = 0.9


@dataclass(frozen=True, slots=True)
class Change:
    """month: the first of the new course. jump [unit]: by how much the new line lies above the old one there. p: of such a
    gain by chance. slope_before, slope_after [unit a-1]."""

    month: np.datetime64
    jump: float
    p: float
    slope_before: float
    slope_after: float


@dataclass(frozen=True, slots=True)
class Effect:
    """What a period did [unit of the series]: observed minus expected mean, low to high holding `share`; percent of expected,
    NaN where that is not above 0.

    observed, expected: means over the rows of the period that have both. placebos: periods of the same length before it of
    which the method said an effect although there was none to say; low and high are NaN with fewer than LEAST_PLACEBOS. rows:
    how many counted.
    """

    effect: float
    low: float
    high: float
    percent: float
    observed: float
    expected: float
    placebos: tuple[float, ...]
    rows: int
    share: float = SHARE


def changes_of(months: np.ndarray, values: np.ndarray, *, seed: int = 1, level: float = LEVEL) -> list[Change]:
    """Find the months in which a monthly series changes its line, in order.

    months: datetime64[M] (month,). values [any unit]: (month,). A stretch is divided where two lines fit best, if the gain is
    larger than in all but `level` of series made from its one line and moving blocks of its residuals and no smaller than
    LEAST_SHARE; then both parts are asked.
    Missing: NaN months are left out. Returns Change for each; none where a series is shorter than two years.
    Source: binary segmentation, Scott and Knott 1974, Biometrics 30:507; blocks as in trend.
    Notes: normalised series are smoothed by their model, so a step is found months wide and the month is known no better.
    """
    present = np.isfinite(values)
    months, values = months[present], np.asarray(values, np.float64)[present]
    times, chance = year_fraction(months), np.random.default_rng(seed)
    found: list[tuple[int, float]] = []
    _divide(times, values, 0, len(values), chance, level, found)
    found.sort()
    edges = [0, *(at for at, _ in found), len(values)]
    if not found:
        return []
    lines = [np.polyfit(times[a:b], values[a:b], 1) for a, b in pairwise(edges)]
    return [_change(months[at], times[at], p, *around) for (at, p), around in zip(found, pairwise(lines), strict=True)]


def _change(month: np.datetime64, time: float, p: float, before: np.ndarray, after: np.ndarray) -> Change:
    jump = np.polyval(after, time) - np.polyval(before, time)
    return Change(month, float(jump), p, float(before[0]), float(after[0]))


def _divide(times, values, a, b, chance, level, found) -> None:
    t, y = times[a:b], values[a:b]
    if len(t) < 2 * SHORTEST_MONTHS:
        return
    at, gain = _best(t, y)
    if _moves(t, y, at) < LEAST_SHARE * abs(float(values.mean())):
        return
    straight = np.polyval(np.polyfit(t, y, 1), t)
    by_chance = [_best(t, straight + blocks_of(y - straight, chance))[1] for _ in range(DRAWS)]
    p = (1 + sum(each >= gain for each in by_chance)) / (DRAWS + 1)
    if p > level:
        return
    found.append((a + at, p))
    _divide(times, values, a, a + at, chance, level, found)
    _divide(times, values, a + at, b, chance, level, found)


def _moves(t: np.ndarray, y: np.ndarray, at: int) -> float:
    before, after = np.polyfit(t[:at], y[:at], 1), np.polyfit(t[at:], y[at:], 1)
    return max(abs(float(np.polyval(after - before, t[at]))), abs(float(after[0] - before[0])))


def _best(t: np.ndarray, y: np.ndarray) -> tuple[int, float]:
    # The best place for a second line, and the share of the one line's squares that it saves.
    ahead, behind = _line_squares(t, y), _line_squares(t[::-1], y[::-1])[::-1]
    places = np.arange(SHORTEST_MONTHS, len(t) - SHORTEST_MONTHS + 1)
    left = ahead[places - 1] + behind[places]
    best = int(np.argmin(left))
    whole = ahead[-1]
    return int(places[best]), float(1.0 - left[best] / whole) if whole > 1e-12 else 0.0


def _line_squares(t: np.ndarray, y: np.ndarray) -> np.ndarray:
    # Squares around the line through the first 1, 2, 3 ... values.
    t, y, n = t - t.mean(), y - y.mean(), np.arange(1, len(t) + 1)
    st, sy, stt, sty, syy = (np.cumsum(each) for each in (t, y, t * t, t * y, y * y))
    across, shared = stt - st * st / n, sty - st * sy / n
    slope = np.divide(shared, across, out=np.zeros_like(shared), where=across > 1e-12)
    return np.maximum(syy - sy * sy / n - slope * shared, 0.0)


def effect_of(
    design: Design,
    first: np.datetime64,
    last: np.datetime64,
    *,
    model: str = LIGHTGBM,
    seed: int = 1,
    share: float = SHARE,
) -> Effect:
    """Say what a period did: what was observed minus what a model of all days before it expects in the weather that there was.

    design: as design_of gives it. first, last: local days of the period, both in it. Returns Effect. The interval comes from
    periods of the same length before it, judged in the same way: their spread holds the model's error, and that the trend is
    held at its last level. It widens by Student's distribution of their number and is centred on the effect less their mean.
    Errors: TooLittle where fewer than LEAST_ROWS rows lie before the period, or none in it.
    Source: business as usual of a model of the weather: Petetin et al. 2020, Atmos. Chem. Phys. 20:11119; placebo periods:
    Abadie et al. 2010, J. Am. Stat. Assoc. 105:493.
    """
    days = design.moments.astype("datetime64[D]")
    begin, end = np.datetime64(first, "D"), np.datetime64(last, "D")
    length = end - begin + 1
    observed, expected, rows = _against(design, days, begin, end, model, seed)
    placebos: list[float] = []
    for back in range(1, MOST_PLACEBOS + 1):
        try:
            seen, told, _ = _against(design, days, begin - back * length, end - back * length, model, seed)
        except TooLittle:
            break
        placebos.append(seen - told)
    effect = observed - expected
    low, high = _interval(effect, np.array(placebos), share)
    percent = 100.0 * effect / expected if expected > 0 else math.nan
    return Effect(effect, low, high, percent, observed, expected, tuple(placebos), rows, share)


def _against(design, days, begin, end, model, seed) -> tuple[float, float, int]:
    known, asked = days < begin, (days >= begin) & (days <= end)
    if known.sum() < LEAST_ROWS or not asked.any():
        raise TooLittle(
            f"{int(known.sum())} complete rows lie before {begin} and {int(asked.sum())} in the period to {end}, "
            f"expected at least {LEAST_ROWS} and 1"
        )
    told = predicted(trained(design.table[known], design.target[known], model=model, seed=seed), design.table[asked])
    return float(design.target[asked].mean()), float(told.mean()), int(asked.sum())


def _interval(effect: float, placebos: np.ndarray, share: float) -> tuple[float, float]:
    from scipy.stats import t as student

    n = len(placebos)
    if n < LEAST_PLACEBOS:
        return math.nan, math.nan
    half = float(student.ppf(0.5 + share / 2, n - 1) * placebos.std(ddof=1) * math.sqrt(1 + 1 / n))
    middle = effect - float(placebos.mean())
    return middle - half, middle + half
