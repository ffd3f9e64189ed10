"""Daily quantiles by gradient-boosted trees, and heavy days for themselves: a classifier with a threshold of its own.

Ozone's MDA8 is learned as it is, by squares; the other items by their logarithm, with the centre and ends of
ml.forecast.boosted. A model of means misses the days that matter most, so whether a day is heavy is learned apart, and
the probability from which it is called is chosen on the last year before, on which no tree of that choice had been
grown.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import lightgbm as lgb
import numpy as np

from ml.forecast.boosted import ENDS, Settings, aligned, binned, end_of, grown, halved, widening
from ml.forecast.climatology import Climatology, fit_climatology
from ml.forecast.days import day_design, day_ends, day_values_at, target_days
from ml.forecast.features import Input, present
from ml.forecast.inputs import Ahead, ForecastError, History
from ml.forecast.linear import Linear, fit_linear
from ml.forecast.quantiles import LEVELS, between
from standards.days import first_hour_of_day
from standards.editions import Edition
from standards.pollutants import POLLUTANTS
from standards.verification.event_scores import contingency, csi, far, pod

SPANS = ((1, 1), (2, 3), (4, 7))
"""Days ahead that share their boosters, first and last."""
HEAVY_AQI = 200
"""A day is heavy where its index exceeds this: levels 5 and 6 of HJ 633."""
LARGEST_FAR = 0.25
"""The share of false alarms that a threshold may have had in the year on which it is chosen; 0.3 is what may come of
it."""
LEAST_POD = 0.5
"""A threshold that finds fewer of the heavy days than this is of no use, however few its false alarms are."""
OZONE_COLUMNS = 0.6
"""The share of inputs that each tree of ozone may look at: its few inputs that matter are missed by less."""
LINE_SHARES = (0.5, 0.25, 0.0)
"""Weights that the line beside the trees may have; of equals the greatest."""
DAY_SETTINGS = Settings(trees=100, leaves=16, rate=0.1, least_rows=20, columns=0.3, bins=63)


@dataclass(frozen=True, eq=False)
class Daily:
    """Boosters of the daily values of one item: by span of days texts of LightGBM (centre, lower end, upper end), and
    by how much the ends are widened, float64 (span, 2). log: whether log(1 + c) is learned. lines: by span the straight
    part of the centre. shares: by span the weight of that part, 0 to 0.5."""

    item: str
    inputs: tuple[Input, ...]
    climate: Climatology
    texts: tuple[tuple[str, ...], ...]
    widths: np.ndarray
    log: bool
    monotone: bool = True
    lines: tuple[Linear, ...] = ()
    shares: tuple[float, ...] = ()

    @cached_property
    def boosters(self) -> tuple[tuple[lgb.Booster, ...], ...]:
        """Give the boosters, read once."""
        return tuple(tuple(lgb.Booster(model_str=text) for text in of_span) for of_span in self.texts)

    def table(self, history: History, ahead: Ahead | None, issues: np.ndarray, ahead_days: np.ndarray) -> np.ndarray:
        """Give the inputs of rows in the model's order, (row, input)."""
        return aligned(
            day_design(history, ahead, issues, ahead_days, item=self.item, climate=self.climate), self.inputs
        )

    def predict(self, history: History, ahead: Ahead | None, issues: np.ndarray, ahead_days: np.ndarray) -> np.ndarray:
        """Forecast the daily value of the item [its unit] at LEVELS, float64 (quantile, row).

        Missing: NaN where the item was not observed shortly before the issue, or where the model was made with weather
        ahead and none is given for the day.
        """
        x = self.table(history, ahead, issues, ahead_days)
        learned = np.full((3, len(issues)), np.nan)
        for i, (first, last) in enumerate(SPANS):
            (centre, *ends), widths = self.boosters[i], self.widths[i]
            here = (ahead_days >= first) & (ahead_days <= last)
            if here.any():
                middle = halved(centre.predict(x[here], num_threads=1), self.lines[i], x[here], self.shares[i])
                said = [end.predict(x[here], num_threads=1) for end in ends]
                low, high = (w * end_of(s, level) for s, level, w in zip(said, ENDS, widths, strict=True))
                learned[:, here] = middle + low, middle, middle + high
        found = between(learned, (ENDS[0], 0.5, ENDS[1]), np.array(LEVELS))
        usable = present(history, issues, self.item) & complete(self.inputs, x)
        return np.where(usable, np.maximum(np.expm1(found) if self.log else found, 0.0), np.nan)


@dataclass(frozen=True, eq=False)
class HeavyDays:
    """Whether a day is heavy: by span of days a text of LightGBM, and the probability above which it is called.

    above [unit of the item]: daily values above this are heavy. thresholds: float64 (span,), NaN where no heavy day was
    known to choose by.
    """

    item: str
    above: float
    inputs: tuple[Input, ...]
    climate: Climatology
    texts: tuple[str, ...]
    thresholds: np.ndarray

    @cached_property
    def boosters(self) -> tuple[lgb.Booster, ...]:
        """Give the boosters, read once."""
        return tuple(lgb.Booster(model_str=text) for text in self.texts)

    def predict(
        self, history: History, ahead: Ahead | None, issues: np.ndarray, ahead_days: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Give the probability that a day is heavy, and whether it is called so (1, 0), float64 (row,) each.

        Missing: NaN as Daily.predict; NaN for the call also where there is no threshold.
        """
        x = aligned(day_design(history, ahead, issues, ahead_days, item=self.item, climate=self.climate), self.inputs)
        probability, called = np.full(len(issues), np.nan), np.full(len(issues), np.nan)
        for (first, last), booster, threshold in zip(SPANS, self.boosters, self.thresholds, strict=True):
            here = (ahead_days >= first) & (ahead_days <= last)
            if here.any():
                probability[here] = booster.predict(x[here], num_threads=1)
                called[here] = np.where(np.isnan(threshold), np.nan, probability[here] > threshold)
        usable = present(history, issues, self.item) & complete(self.inputs, x)
        return np.where(usable, probability, np.nan), np.where(usable, called, np.nan)


def complete(inputs: Sequence[Input], x: np.ndarray) -> np.ndarray:
    """Tell which rows of a table have what runs say of the hours ahead, where there is any among the inputs."""
    ahead = [i for i, each in enumerate(inputs) if each.known == "run" and each.group in ("weather", "model")]
    return np.isfinite(x[:, ahead]).any(axis=1) if ahead else np.ones(len(x), bool)


def heavy_above(item: str, edition: Edition) -> float:
    """Give the daily value [unit of the item] above which the index of the item exceeds HEAVY_AQI under an edition.

    Source: HJ 633-2012 Table 1 (PM2.5: 150 ug/m3), HJ 633-2026 Table 3.
    """
    line = edition.breakpoints[item, "8h" if item == "o3" else "day"]
    return float(line.concentration[line.iaqi.index(HEAVY_AQI)])


@dataclass(frozen=True, eq=False)
class _Rows:
    x: np.ndarray
    y: np.ndarray
    day: np.ndarray
    inputs: tuple[Input, ...]


def fit_daily(
    places: Sequence[tuple[History, Ahead | None]], *, item: str, until: int, settings: Settings = DAY_SETTINGS,
    issues: np.ndarray | None = None,
) -> Daily:  # fmt: skip
    """Learn the daily values of an item from the past of places that share it.

    Arguments, errors and source as ml.forecast.boosted.fit_boosted. issues [epoch hours]: from which is learned, by
    default the ends of natural days.
    """
    known, climate = _known(places, item, until)
    log = item != "o3"
    if not log:
        settings = replace(settings, columns=max(settings.columns, OZONE_COLUMNS))
    made, inputs = [], ()
    for span in SPANS:
        rows = _rows(known, span, item, climate, issues, settings)
        inputs = inputs or rows.inputs
        made.append(_fit_span(rows, settings, log=log))
    texts, widths, lines, shares = zip(*made, strict=True)
    return Daily(item, inputs, climate, texts, np.array(widths), log, settings.monotone, lines, shares)


def fit_heavy(
    places: Sequence[tuple[History, Ahead | None]], *, above: float, until: int, item: str = "pm25",
    settings: Settings = DAY_SETTINGS, issues: np.ndarray | None = None,
) -> HeavyDays:  # fmt: skip
    """Learn which days are heavy, and from which probability on to call them.

    above [unit of the item]: as heavy_above. Other arguments as fit_daily. The threshold is the one with the most heavy
    days found among those with at most LARGEST_FAR false alarms in the last year (or third) before until, as said by
    trees grown on the time before these; where none has so few, or these find fewer
    than LEAST_POD, the one with the best critical success index.
    """
    known, climate = _known(places, item, until)
    texts, thresholds, inputs = [], [], ()
    settings = replace(settings, leaves=max(settings.leaves // 2, 4), monotone=False)
    for span in SPANS:
        rows = _rows(known, span, item, climate, issues, settings)
        inputs = inputs or rows.inputs
        heavy = (rows.y > above).astype(float)
        held = last_year(rows.day)
        threshold = np.nan
        data = binned(rows.x, heavy, settings)
        if heavy[~held].any():
            before = grown(data.subset(np.flatnonzero(~held)), objective="binary", settings=settings)
            threshold = choose_threshold(before.predict(rows.x[held], num_threads=1), heavy[held])
        texts.append(grown(data, objective="binary", settings=settings).model_to_string())
        thresholds.append(threshold)
    return HeavyDays(item, above, inputs, climate, tuple(texts), np.array(thresholds))


def choose_threshold(probability: np.ndarray, heavy: np.ndarray, *, largest_far: float = LARGEST_FAR) -> float:
    """Choose the probability above which a day is called heavy; NaN where no heavy day was known."""
    if not heavy.any():
        return float("nan")
    candidates = np.arange(2, 90) / 100
    tables = [contingency(heavy, (probability > c).astype(float), above=0.5) for c in candidates]
    found, false, both = (np.array([float(score(t).value) for t in tables]) for score in (pod, far, csi))
    allowed = false <= largest_far
    if allowed.any() and found[allowed].max() >= LEAST_POD:
        return float(candidates[np.flatnonzero(allowed & (found == found[allowed].max()))[-1]])
    return float(candidates[np.nanargmax(both)])


def _known(
    places: Sequence[tuple[History, Ahead | None]], item: str, until: int
) -> tuple[list[tuple[History, Ahead | None]], Climatology]:
    known = [(h.until(until), a) for h, a in places]
    hours = np.concatenate([h.first_hour + np.arange(h.hours) for h, _ in known])
    column = POLLUTANTS[item].column
    return known, fit_climatology(np.concatenate([h.columns[column] for h, _ in known]), hours)


def _rows(
    known: Sequence[tuple[History, Ahead | None]], span: tuple[int, int], item: str, climate: Climatology,
    issues: np.ndarray | None, settings: Settings,
) -> _Rows:  # fmt: skip
    random = np.random.default_rng(settings.seed)
    xs, ys, days, inputs = [], [], [], ()
    for history, ahead in known:
        starts = _issues(history, ahead) if issues is None else issues
        starts = starts[(starts >= history.first_hour) & (starts < history.first_hour + history.hours)]
        ahead_days = np.repeat(np.arange(span[0], span[1] + 1), len(starts))
        starts = np.tile(starts, span[1] + 1 - span[0])
        day = target_days(starts, ahead_days)
        whole = first_hour_of_day(day) + 23 < history.first_hour + history.hours
        # Days of a span from one issue say much the same: of many rows some are drawn, in the order of time.
        some = np.sort(random.permutation(np.flatnonzero(whole))[: settings.rows // len(known)])
        starts, ahead_days, day = starts[some], ahead_days[some], day[some]
        found = day_design(history, ahead, starts, ahead_days, item=item, climate=climate)
        inputs = inputs or found.inputs
        xs.append(aligned(found, inputs))
        ys.append(day_values_at(history, day, item))
        days.append(day)
    x, y, day = np.vstack(xs), np.concatenate(ys), np.concatenate(days)
    usable = np.isfinite(y)
    if usable.sum() < 100:
        raise ForecastError(f"{item} has {usable.sum()} days to learn from, expected 100 or more")
    return _Rows(x[usable], y[usable], day[usable], inputs)


def _issues(history: History, ahead: Ahead | None) -> np.ndarray:
    # The ends of natural days, or where no run starts with them the starts of runs.
    ends = day_ends(history)
    if ahead is None:
        return ends
    with_run = ends[ahead.rows_of(ends)[1]]
    return with_run if len(with_run) else ahead.issues


def _fit_span(rows: _Rows, settings: Settings, *, log: bool) -> tuple[tuple[str, ...], np.ndarray, Linear, float]:
    y = np.log1p(rows.y) if log else rows.y
    # Widths are judged over the last year, or third, so that they see all seasons; the centre that serves is grown on all.
    held = last_year(rows.day)
    signs = [each.sign for each in rows.inputs] if settings.monotone else None
    objective, bend = ("huber", settings.bend) if log else ("regression", None)
    data = binned(rows.x, y, settings)
    before = data.subset(np.flatnonzero(~held))
    part = grown(before, objective=objective, alpha=bend, signs=signs, settings=settings)
    line = fit_linear(rows.x[~held], y[~held], signs=signs)
    said = part.predict(rows.x, num_threads=1)
    share = share_of_line(said[held], line.predict(rows.x[held]), y[held])
    rest = y - halved(said, line, rows.x, share)
    ends, widths = widening(before, rows.x, rest, held, signs, settings)
    centre = grown(data, objective=objective, alpha=bend, signs=signs, settings=settings)
    return (centre.model_to_string(), *ends), widths, fit_linear(rows.x, y, signs=signs), share


def share_of_line(trees: np.ndarray, line: np.ndarray, y: np.ndarray) -> float:
    """Choose the weight of the line among LINE_SHARES by the mean square error on rows that neither has seen, (row,)."""
    errors = [np.mean(((1.0 - share) * trees + share * line - y) ** 2) for share in LINE_SHARES]
    return LINE_SHARES[int(np.argmin(errors))]


def last_year(day: np.ndarray) -> np.ndarray:
    """Tell which rows lie in the last 365 days, or in the last third where there are not three years."""
    first, last = day.min(), day.max()
    return day > last - min(365, (last - first) // 3)
