"""Rolling scores by lead of all that has forecast a city's hours: the numerical model, the models that served, and
persistence beside them, as the store has them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import numpy as np
import pandas as pd
import sqlalchemy as sa

from ml.forecast.boosted import SPANS
from ml.forecast.judging import SCORES
from standards.pollutants import POLLUTANTS
from standards.verification.forecast_scores import by_lead
from standards.verification.probability_scores import coverage
from streams.store.schema import air_city_hour, forecast_city_hour, model_hour

WINDOW_D = 30
PERSISTENCE = "persistence"
INDEX = ["window_end", "model", "lead_first_h", "lead_last_h"]
COLUMNS = [*SCORES, "coverage_80", "n"]
_HOUR = dt.timedelta(hours=1)
_ENDS = ("_q10", "_q90")


def rolling_stored(
    store: sa.Engine, *, city: str, item: str, start: dt.datetime, end: dt.datetime, window_d: int = WINDOW_D,
    step_d: int = 1,
) -> pd.DataFrame:  # fmt: skip
    """Score what was forecast of an item in a city, by model and span of leads, in windows that move through time.

    start, end [naive UTC]: of the hours that are forecast, both included. window_d, step_d [days]: how long a window is
    and how far it moves; the last ends with end. Returns a row for each window, model and span of leads of
    ml.forecast.boosted.SPANS that has a pair: index INDEX (window_end in UTC), columns those of
    ml.forecast.judging.SCORES [unit of the item; nmb %; r 1], coverage_80 of what gives 10 and 90 % quantiles [1], and
    n, the pairs. Models: the numerical ones by their name, those of the registry as "name version", and persistence: the
    value observed with which the run started.
    Missing: a pair that is not complete takes no part; NaN where a score is not told by its pairs.
    """
    rows = _pairs(store, city, POLLUTANTS[item].column, start, end)
    made, index = [], []
    for window_end in _ends(start, end, window_d, step_d):
        hour = rows["hour_end"]
        inside = rows[(hour > window_end - dt.timedelta(days=window_d)) & (hour <= window_end)]
        for model, part in inside.groupby("model", sort=True):
            for scores, (first, last) in _scored(part):
                made.append(scores)
                index.append((pd.Timestamp(window_end, tz="UTC"), model, first, last))
    found = pd.DataFrame(made, columns=COLUMNS, index=pd.MultiIndex.from_tuples(index, names=INDEX) if index else None)
    found.attrs = {
        "item": item,
        "city": city,
        "unit": POLLUTANTS[item].unit,
        "simulated": bool(rows["simulated"].any()),
    }
    return found


def _ends(start: dt.datetime, end: dt.datetime, window_d: int, step_d: int) -> list[dt.datetime]:
    count = max(int((end - start + _HOUR) / dt.timedelta(days=1)) - window_d, 0) // step_d
    return [end - dt.timedelta(days=step_d * k) for k in range(count, -1, -1)]


def _scored(part: pd.DataFrame) -> Iterator[tuple[dict[str, float], tuple[int, int]]]:
    span = np.searchsorted([last for _, last in SPANS], part["lead_h"].to_numpy())
    observed, said = (part[name].to_numpy(float) for name in ("observed", "said"))
    ends = np.stack([part[name].to_numpy(float) for name in ("low", "high")])
    found = {name: by_lead(score, observed, said, span) for name, score in SCORES.items()}
    for i, which in enumerate(found["mae"].lead.tolist()):
        here, n = span == which, int(found["mae"].n[i])
        if n:
            scores = {name: float(each.value[i]) for name, each in found.items()}
            told = np.isfinite(ends[:, here]).any()
            scores["coverage_80"] = float(coverage(observed[here], ends[:, here]).value) if told else np.nan
            yield scores | {"n": n}, SPANS[which]


def _pairs(store: sa.Engine, city: str, column: str, start: dt.datetime, end: dt.datetime) -> pd.DataFrame:
    """Give hours with what was observed and said: hour_end, model, lead_h, observed, said, low, high, simulated."""
    with store.connect() as connection:
        observed, seen_made = _observed(connection, city, column, start - dt.timedelta(days=8), end)
        rows = [*_numerical(connection, city, column, start, end), *_served(connection, city, column, start, end)]
    made = pd.DataFrame(rows, columns=["hour_end", "run", "model", "said", "low", "high", "simulated"])
    made["run_start"] = [dt.datetime.strptime(run.partition("/")[2], "%Y-%m-%dT%HZ") for run in made["run"]]
    held = made.drop_duplicates(["hour_end", "run"]).assign(model=PERSISTENCE, low=np.nan, high=np.nan)
    held["said"] = [observed.get(moment, np.nan) for moment in held["run_start"]]
    found = pd.concat([made, held], ignore_index=True) if len(made) else made
    found["observed"] = [observed.get(moment, np.nan) for moment in found["hour_end"]]
    found["lead_h"] = [(e - s) // _HOUR for e, s in zip(found["hour_end"], found["run_start"], strict=True)]
    found["simulated"] = found["simulated"].astype(bool) | seen_made
    inside = (found["lead_h"] >= SPANS[0][0]) & (found["lead_h"] <= SPANS[-1][1])
    return found[inside.astype(bool)]


def _observed(
    connection: sa.Connection, city: str, column: str, start: dt.datetime, end: dt.datetime
) -> tuple[dict[dt.datetime, float], bool]:
    c = air_city_hour.c
    query = sa.select(c.hour_end, c[column], c.simulated).where(
        c.city == city, c.hour_end.between(start, end), c[column].is_not(None)
    )
    rows = connection.execute(query).all()
    return {moment: float(value) for moment, value, _ in rows}, any(made for *_, made in rows)


def _numerical(connection: sa.Connection, city: str, column: str, start: dt.datetime, end: dt.datetime) -> list[tuple]:
    c = forecast_city_hour.c
    said = c[f"forecast_{column}"]
    query = sa.select(c.hour_end, c.run, said, c.simulated).where(
        c.city == city, c.hour_end.between(start, end), said.is_not(None)
    )
    return [
        (moment, run, run.partition("/")[0], float(value), np.nan, np.nan, bool(made))
        for moment, run, value, made in connection.execute(query)
    ]


def _served(connection: sa.Connection, city: str, column: str, start: dt.datetime, end: dt.datetime) -> list[tuple]:
    c = model_hour.c
    names = (f"{column}_q50", *(f"{column}{ending}" for ending in _ENDS), column)
    query = sa.select(c.hour_end, c.run, c.model, c.model_version, c.quantity, c.value, c.simulated).where(
        c.city == city, c.hour_end.between(start, end), c.quantity.in_(names), c.value.is_not(None), c.run != ""
    )
    said: dict[tuple, dict[str, float]] = {}
    for moment, run, model, version, quantity, value, made in connection.execute(query):
        said.setdefault((moment, run, f"{model} {version}", bool(made)), {})[quantity] = float(value)
    return [
        (moment, run, model, each.get(names[0], each.get(column, np.nan)), *(each.get(n, np.nan) for n in names[1:3]), made)
        for (moment, run, model, made), each in said.items()
    ]  # fmt: skip
