"""Hourly quantiles by gradient-boosted trees: for each span of leads a centre and two ends of the change since the
issue's hour.

The centre is monotone where physics says so (LightGBM has no monotone quantiles). The ends are quantiles of what it
leaves, from inputs that have no sign, so that each quantile of the sum is monotone. They are widened to what they
covered in the last part of the training time, which no booster has seen; the others of LEVELS lie between and beyond on
straight lines of the normal score.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import lightgbm as lgb
import numpy as np

from ml.forecast.climatology import Climatology, fit_climatology
from ml.forecast.features import Design, Input, design, present, start
from ml.forecast.inputs import Ahead, ForecastError, History
from ml.forecast.linear import Linear, fit_linear
from ml.forecast.quantiles import LEVELS, between
from standards.pollutants import POLLUTANTS

ENDS = (0.1, 0.9)
"""Levels that are learned beside the centre."""
_LEAST = 0.02
SPANS = ((1, 1), (2, 3), (4, 6), (7, 12), (13, 24), (25, 72), (73, 168))
"""Leads [h] that share their boosters, first and last."""
STRAIGHT_FROM_H = 13
"""[h] From this lead on the centre is half a line, half trees."""


@dataclass(frozen=True, slots=True)
class Settings:
    """How trees are grown. bend: where the loss of the centre turns from squares to distances, in log(1 + c), small so
    that it is near the median. rows: at most so many for a booster. threads: of LightGBM; the result does not depend on
    it."""

    trees: int = 110
    bend: float = 0.8
    leaves: int = 20
    rate: float = 0.1
    least_rows: int = 40
    columns: float = 0.4
    rows: int = 12000
    monotone: bool = True
    bins: int = 31
    calibration: float = 0.15
    threads: int = 1
    seed: int = 7


HOUR_SETTINGS = Settings()
"""How the trees of hourly models are grown; tuned on the year before the one that is judged."""


@dataclass(frozen=True, eq=False)
class Boosted:
    """Boosters of one item: by span of leads texts of LightGBM (centre, lower end, upper end), and by how much the ends
    are widened, float64 (span, 2). lines: by span the straight half of the centre, None for none. needs_weather:
    whether a forecast without weather ahead is none."""

    item: str
    inputs: tuple[Input, ...]
    climate: Climatology
    texts: tuple[tuple[str, ...], ...]
    widths: np.ndarray
    spans: tuple[tuple[int, int], ...] = SPANS
    needs_weather: bool = False
    monotone: bool = True
    lines: tuple[Linear | None, ...] = ()

    @cached_property
    def boosters(self) -> tuple[tuple[lgb.Booster, ...], ...]:
        """Give the boosters, read once."""
        return tuple(tuple(lgb.Booster(model_str=text) for text in of_span) for of_span in self.texts)

    def table(self, history: History, ahead: Ahead | None, issues: np.ndarray, leads: np.ndarray) -> np.ndarray:
        """Give the inputs of rows in the model's order, (row, input); an input that is not to be had is NaN in all
        rows."""
        found = design(history, ahead, issues, leads, item=self.item, climate=self.climate)
        return aligned(found, self.inputs)

    def predict(self, history: History, ahead: Ahead | None, issues: np.ndarray, leads: np.ndarray) -> np.ndarray:
        """Forecast the item [its unit] at LEVELS, float64 (quantile, row).

        Missing: NaN where the item was not observed shortly before the issue, where the lead is in none of the spans,
        or where the model was made with weather ahead and none is given.
        """
        x = self.table(history, ahead, issues, leads)
        log = start(history, issues, self.item) + self.change(x, leads)
        usable = present(history, issues, self.item) & self.complete(x)
        return np.where(usable, np.maximum(np.expm1(log), 0.0), np.nan)

    def change(self, x: np.ndarray, leads: np.ndarray) -> np.ndarray:
        """Give the change of log(1 + c) since the issue at LEVELS, (quantile, row), from a table of inputs."""
        learned = np.full((3, len(leads)), np.nan)
        for i, (first, last) in enumerate(self.spans):
            (centre, *ends), widths = self.boosters[i], self.widths[i]
            here = (leads >= first) & (leads <= last)
            if not here.any():
                continue
            middle = halved(centre.predict(x[here], num_threads=1), self.lines[i], x[here])
            said = [end.predict(x[here], num_threads=1) for end in ends]
            low, high = (w * end_of(s, level) for s, level, w in zip(said, ENDS, widths, strict=True))
            learned[:, here] = middle + low, middle, middle + high
        return between(learned, (ENDS[0], 0.5, ENDS[1]), np.array(LEVELS))

    def complete(self, x: np.ndarray) -> np.ndarray:
        """Tell which rows have what the model cannot do without."""
        if not self.needs_weather:
            return np.ones(len(x), bool)
        ahead = [i for i, each in enumerate(self.inputs) if each.known == "run" and each.group in ("weather", "model")]
        return np.isfinite(x[:, ahead]).any(axis=1)


def halved(trees: np.ndarray, line: Linear | None, x: np.ndarray, share: float = 0.5) -> np.ndarray:
    """Give the mean of what trees and a line say, the line by its share; what the trees say where there is no line."""
    return trees if line is None else (1.0 - share) * trees + share * line.predict(x)


def aligned(found: Design, inputs: Sequence[Input]) -> np.ndarray:
    """Put a table into the order of some inputs, (row, input), NaN in the columns that it has not."""
    at = {each.name: i for i, each in enumerate(found.inputs)}
    missing = np.full(len(found.values), np.nan)
    return np.column_stack([found.values[:, at[e.name]] if e.name in at else missing for e in inputs])


def fit_boosted(
    places: Sequence[tuple[History, Ahead | None]], *, item: str, until: int, spans: Sequence[tuple[int, int]] = SPANS,
    settings: Settings = HOUR_SETTINGS, issues: Mapping[str, np.ndarray] | None = None,
) -> Boosted:  # fmt: skip
    """Learn the hourly model of an item from the past of places that share it.

    places: histories with what runs said, None for none. until [epoch hours]: no value of a later hour takes part,
    neither as input nor as truth. spans: of leads. issues: by place, those to learn from; by default all hours, of runs
    their starts.
    Returns Boosted. Errors: ForecastError where too little is known to learn from.
    Source: Koenker and Bassett 1978 (quantile loss); Romano et al. 2019 (arXiv:1905.03222), widening by held-out
    conformity.
    """
    column = POLLUTANTS[item].column
    known = [(h.until(until), a) for h, a in places]
    hours = np.concatenate([h.first_hour + np.arange(h.hours) for h, _ in known])
    climate = fit_climatology(np.concatenate([h.columns[column] for h, _ in known]), hours)
    if np.isnan(climate.weights).any():
        raise ForecastError(f"{item} was observed in less than 30 days before {until}, expected more to learn from")
    random = np.random.default_rng(settings.seed)
    texts, widths, lines, inputs = [], [], [], ()
    for first, last in spans:
        drawn = [
            _drawn(h, a, (first, last), settings.rows // len(known), random, (issues or {}).get(h.place))
            for h, a in known
        ]
        parts = [design(h, a, i, n, item=item, climate=climate) for (h, a), (i, n) in zip(known, drawn, strict=True)]
        y = np.concatenate([
            np.log1p(h.at(column, i + n)) - start(h, i, item) for (h, _), (i, n) in zip(known, drawn, strict=True)
        ])  # fmt: skip
        inputs = inputs or parts[0].inputs
        x = np.vstack([aligned(part, inputs) for part in parts])
        valid = np.concatenate([i + n for i, n in drawn])
        boosters, width, line = _fit_span(x, y, valid, inputs, settings, item, straight=first >= STRAIGHT_FROM_H)
        texts.append(boosters)
        widths.append(width)
        lines.append(line)
    needs = any(e.known == "run" and e.group in ("weather", "model") for e in inputs)
    spans = tuple((first, last) for first, last in spans)
    widened = np.array(widths)
    return Boosted(item, inputs, climate, tuple(texts), widened, spans, needs, settings.monotone, tuple(lines))


def _drawn(
    history: History, ahead: Ahead | None, span: tuple[int, int], rows: int, random: np.random.Generator,
    issues: np.ndarray | None,
) -> tuple[np.ndarray, np.ndarray]:  # fmt: skip
    """Draw issues and leads whose hour is within the history, in the order of time."""
    first, last = history.first_hour, history.first_hour + history.hours
    if issues is None:
        issues = np.arange(first, last) if ahead is None else ahead.issues
    issues = issues[(issues >= first) & (issues + span[0] < last)]
    if not len(issues):
        raise ForecastError(f"{history.place} has no issue with an hour {span[0]} h later, expected some to learn from")
    rows = min(rows, len(issues) * (span[1] - span[0] + 1))  # no pair is drawn over and over
    pick = np.sort(random.choice(len(issues), size=rows, replace=rows > len(issues)))
    lead = random.integers(span[0], span[1] + 1, size=rows)
    inside = issues[pick] + lead < last
    return issues[pick][inside], lead[inside]


def _fit_span(
    x: np.ndarray, y: np.ndarray, valid: np.ndarray, inputs: tuple[Input, ...], settings: Settings, item: str, *, straight: bool
) -> tuple[tuple[str, ...], np.ndarray, Linear | None]:  # fmt: skip
    usable = np.isfinite(y)
    x, y, valid = x[usable], y[usable], valid[usable]
    if len(y) < 200:
        raise ForecastError(f"{item} has {len(y)} rows to learn from, expected 200 or more")
    # The last part by time says how wide the ends must be; its truth is in no booster.
    held = valid > np.quantile(valid, 1.0 - settings.calibration)
    signs = [each.sign for each in inputs] if settings.monotone else None
    data = binned(x[~held], y[~held], settings)
    centre = grown(data, objective="huber", alpha=settings.bend, signs=signs, settings=settings)
    line = fit_linear(x[~held], y[~held], signs=signs) if straight else None
    rest = y - halved(centre.predict(x, num_threads=1), line, x)
    ends, widths = widening(data, x, rest, held, signs, settings)
    return (centre.model_to_string(), *ends), widths, line


def widening(
    data: lgb.Dataset, x: np.ndarray, rest: np.ndarray, held: np.ndarray, signs: Sequence[int] | None, settings: Settings
) -> tuple[tuple[str, ...], np.ndarray]:  # fmt: skip
    """Learn the ends of what a centre leaves, and by how much they must be widened to cover what was held back.

    data: the rows of x that are not held, binned; their truth is replaced. x: (row, input). rest: what the centre
    leaves, (row,). held: bool (row,), rows that no booster has seen. signs: of the inputs, None for none; an end looks
    at no input with a sign, so that every quantile keeps the sign. Returns texts at ENDS, (2,).
    """
    narrow = replace(settings, trees=settings.trees // 2, leaves=max(settings.leaves // 2, 4))
    blind = None if signs is None else [0.0 if sign else 1.0 for sign in signs]
    data.set_label(rest[~held])
    texts, widths = [], []
    for level in ENDS:
        end = grown(data, objective="quantile", alpha=level, gains=blind, settings=narrow)
        texts.append(end.model_to_string())
        said = end_of(end.predict(x[held], num_threads=1), level)
        widths.append(float(np.quantile(rest[held] / said, max(level, 1.0 - level))))
    return tuple(texts), np.clip(widths, 0.5, 20.0)


def end_of(said: np.ndarray, level: float) -> np.ndarray:
    """Keep what a booster says of an end on its own side of the centre."""
    return np.minimum(said, -_LEAST) if level < 0.5 else np.maximum(said, _LEAST)


def binned(x: np.ndarray, y: np.ndarray, settings: Settings) -> lgb.Dataset:
    """Sort rows (row, input) with their truth into bins, once for all boosters that are grown on them."""
    return lgb.Dataset(x, y, params=_of_data(settings), free_raw_data=True).construct()


def grown(
    data: lgb.Dataset, *, objective: str, settings: Settings, alpha: float | None = None,
    signs: Sequence[int] | None = None, gains: Sequence[float] | None = None,
) -> lgb.Booster:  # fmt: skip
    """Grow the trees of one booster; the same rows, settings and seed give the same trees.

    signs: of inputs, -1 for those it never rises with. gains: of inputs, by how much a split's gain counts; one of 0 is
    never split by.
    """
    options = {
        **_of_data(settings), "objective": objective, "num_leaves": settings.leaves, "learning_rate": settings.rate,
        "feature_fraction": settings.columns, "bagging_fraction": 0.7, "bagging_freq": 1, "deterministic": True,
    }  # fmt: skip
    if alpha is not None:
        options["alpha"] = alpha
    if signs is not None and any(signs):
        options["monotone_constraints"] = list(signs)
        options["monotone_constraints_method"] = "intermediate"
    if gains is not None and min(gains) < 1.0:
        options["feature_contri"] = list(gains)
    return lgb.train(options, data, settings.trees)


def _of_data(settings: Settings) -> dict[str, object]:
    return {
        "max_bin": settings.bins, "min_data_in_leaf": settings.least_rows, "num_threads": settings.threads,
        "seed": settings.seed, "force_row_wise": True, "verbose": -1,
    }  # fmt: skip
