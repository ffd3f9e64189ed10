"""How far forecasts of real air are off, by lead and method, on the last year of each public series. Prints JSON.

Run: AIRSHED_DATA=... python -m tests.bench.bench_forecast [--series beijing|chengdu] [--site NAME] [--year
test|validation]

Splits are by time alone: everything is learned from what lies before the year that is judged. Three columns are never
mixed: "known", with what is observed at the issue alone; "perfect weather", with the weather that was observed later in
the place of a forecast of it; "erring weather", with that weather made worse by errors as large as those of a good
forecast. There is no numerical model in these data.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from sklearn.ensemble import RandomForestRegressor
from sklearn.impute import SimpleImputer
from sklearn.linear_model import Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from ml.explain.contributions import explain
from ml.forecast.boosted import Boosted, Settings, aligned, fit_boosted
from ml.forecast.city import fit_city
from ml.forecast.daily import Daily, fit_daily, fit_heavy, heavy_above
from ml.forecast.days import day_design, day_ends, day_values_at, days_of, target_days
from ml.forecast.ensemble import combined, rolling_weights
from ml.forecast.features import design, present, start
from ml.forecast.index import IndexForecast, index_forecast, templates
from ml.forecast.inputs import Ahead, History, weather_observed_ahead
from ml.forecast.quantiles import LEVELS, MEDIAN
from ml.forecast.simple import fit_persistence, fit_usual
from standards.editions import edition_named
from standards.index.aqi import daily_aqi
from standards.index.levels import level_of
from standards.pollutants import ITEMS, POLLUTANTS
from standards.verification.event_scores import contingency, csi, far, pod
from standards.verification.forecast_scores import primary_accuracy, strict_level_accuracy
from standards.verification.probability_scores import brier, coverage, quantile_loss
from standards.verification.scores import efficiency, mean_error, rmse
from tests.bench import real_air

LEADS_H = (1, 3, 6, 12, 24, 48, 72, 120, 168)
COMPARED_H = (1, 6, 24, 72)
"""Leads at which ridge and random forest are grown beside."""
KNOWN, PERFECT, ERRING = "known", "perfect weather", "erring weather"
YEARS = {
    ("beijing", "validation"): ("2015-02-28", "2016-02-29"), ("beijing", "test"): ("2016-02-29", "2017-02-28"),
    ("chengdu", "validation"): ("2013-12-31", "2014-12-31"), ("chengdu", "test"): ("2014-12-31", "2015-12-31"),
}  # fmt: skip
"""By series and year: the last day that is learned from, the last that is judged."""
MARKS = {"pm25_mae_1h": 13.0, "pm25_mae_24h": 42.0, "mda8_r2": 0.85, "heavy_pod": 0.7, "heavy_far": 0.3}
EDITION = edition_named("2012")
SEED = 20170228


@dataclass(frozen=True)
class Case:
    """A column: the places with what is said of the hours ahead, and until when is learned and judged [epoch hours]."""

    column: str
    places: list[tuple[History, Ahead | None]]
    until: int
    end: int

    def issues(self, *, step: int = 6) -> np.ndarray:
        """Issues that are judged; the last lead lies within the year."""
        first = self.until + (real_air.DAY_ENDS - self.until) % step
        return np.arange(first, self.end - LEADS_H[-1], step)


def cases(series: str, year: str, site: str | None) -> list[Case]:
    """Read a series and make its columns."""
    until, end = (real_air.last_hour_of(day) for day in YEARS[series, year])
    histories = [h for h in getattr(real_air, series)() if site in (None, h.place)]
    perfect = [weather_observed_ahead(h, real_air.WEATHER) for h in histories]
    erring = [real_air.with_errors(a, seed=SEED + i) for i, a in enumerate(perfect)]
    by_column = {KNOWN: [None] * len(histories), PERFECT: perfect, ERRING: erring}
    return [Case(column, list(zip(histories, ahead, strict=True)), until, end) for column, ahead in by_column.items()]


def timed(call: Callable) -> tuple[object, float]:
    """Give what a call gives, and how long it took [CPU s]."""
    begin = time.process_time()
    found = call()
    return found, round(time.process_time() - begin, 1)


def hourly(case: Case, item: str = "pm25", *, rivals: bool = True) -> dict:
    """MAE, RMSE, coverage and quantile loss by lead and method, each the mean over the sites, and MAE by site."""
    boosted, seconds = timed(lambda: fit_boosted(case.places, item=item, until=case.until))
    histories = [h for h, _ in case.places]
    members = {"persistence": fit_persistence(histories, item=item, until=case.until),
               "climatology": fit_usual(histories, item=item, until=case.until), "lightgbm": boosted}  # fmt: skip
    issues, leads = case.issues(), np.array(LEADS_H)
    made: dict[str, list] = {}
    for history, ahead in case.places:
        at, lead = np.repeat(issues, len(leads)), np.tile(leads, len(issues))
        obs = history.at(POLLUTANTS[item].column, at + lead)
        said = {name: model.predict(history, ahead, at, lead) for name, model in members.items()}
        shape = (len(issues), len(leads))
        median = np.array([q[MEDIAN].reshape(shape) for q in said.values()])
        weights = rolling_weights(median, obs.reshape(shape), issues, leads).reshape(len(said), -1)
        said["ensemble"] = combined(np.array(list(said.values())), weights)
        for name, q in said.items():
            made.setdefault(name, []).append(_by_lead(obs, q, lead))
    tables = {name: _over_sites(found, histories) for name, found in made.items()}
    if rivals and case.column != ERRING:
        tables |= _compared(case, boosted, item)
    return {"training_cpu_s": seconds, "methods": tables}


def _by_lead(obs: np.ndarray, q: np.ndarray, lead: np.ndarray) -> dict[str, dict[int, float]]:
    found: dict[str, dict[int, float]] = {}
    for each in np.unique(lead).tolist():
        o, f = obs[lead == each], q[:, lead == each]
        whole = np.isfinite(f[0]).any()
        row = {"mae": mean_error(o, f[MEDIAN]), "rmse": rmse(o, f[MEDIAN])}
        if whole:
            row["coverage_80"] = coverage(o, f[[LEVELS.index(0.10), LEVELS.index(0.90)]])
            row["quantile_loss_90"] = quantile_loss(o, f[LEVELS.index(0.90)], level=0.90)
        for name, score in row.items():
            found.setdefault(name, {})[each] = float(score.value)
    return found


def _over_sites(found: list[dict], histories: list[History]) -> dict:
    if not found[0]["mae"]:
        return {}
    mean = {
        name: {lead: round(float(np.nanmean([f[name][lead] for f in found])), 3) for lead in found[0][name]}
        for name in found[0]
    }
    sites = {
        h.place: {lead: round(v, 2) for lead, v in f["mae"].items()} for h, f in zip(histories, found, strict=True)
    }
    return {**mean, "mae_by_site": sites}


def _compared(case: Case, boosted: Boosted, item: str) -> dict:
    # Ridge and random forest on the same inputs and truth, one for each lead.
    made: dict[str, list[dict]] = {
        "ridge": [{"mae": {}} for _ in case.places],
        "random_forest": [{"mae": {}} for _ in case.places],
    }
    random = np.random.default_rng(SEED)
    for lead in COMPARED_H:
        xs, ys = [], []
        for history, ahead in case.places:
            known = history.until(case.until)
            at = (known.first_hour + np.arange(168, known.hours - lead)) if ahead is None else ahead.issues
            at = np.sort(
                random.choice(at[(at > known.first_hour + 168) & (at + lead <= case.until)], 9000 // len(case.places))
            )
            found = design(known, ahead, at, np.full(len(at), lead), item=item, climate=boosted.climate)
            xs.append(aligned(found, boosted.inputs))
            ys.append(np.log1p(known.at(POLLUTANTS[item].column, at + lead)) - start(known, at, item))
        x, y = np.vstack(xs), np.concatenate(ys)
        for name, model in _rivals().items():
            model.fit(x[np.isfinite(y)], y[np.isfinite(y)])
            for row, (history, ahead) in zip(made[name], case.places, strict=True):
                at = case.issues()
                log = start(history, at, item) + model.predict(
                    boosted.table(history, ahead, at, np.full(len(at), lead))
                )
                said = np.where(present(history, at, item), np.maximum(np.expm1(log), 0.0), np.nan)
                row["mae"][lead] = float(mean_error(history.at(POLLUTANTS[item].column, at + lead), said).value)
    return {name: _over_sites(rows, [h for h, _ in case.places]) for name, rows in made.items()}


def _rivals() -> dict:
    fill = SimpleImputer(keep_empty_features=True)
    return {
        "ridge": make_pipeline(fill, StandardScaler(), Ridge(alpha=30.0)),
        "random_forest": make_pipeline(
            fill, RandomForestRegressor(30, min_samples_leaf=5, max_features=0.3, n_jobs=1, random_state=7)
        ),
    }


def daily(case: Case, item: str, *, rivals: bool = True) -> dict:
    """Scores of daily values for the next three days by method, pooled and by site, with the models' own quantiles."""
    model, seconds = timed(lambda: fit_daily(case.places, item=item, until=case.until))
    usual = fit_usual([h for h, _ in case.places], item=item, until=case.until)
    out: dict = {"training_cpu_s": seconds, "days": {}}
    for k in (1, 2, 3):
        said: dict[str, list] = {}
        obs = []
        for history, ahead in case.places:
            at, days = _day_issues(case, history, k)
            obs.append(day_values_at(history, days, item))
            q = model.predict(history, ahead, at, np.full(len(at), k))
            said.setdefault("lightgbm", []).append(q)
            said.setdefault("persistence", []).append(day_values_at(history, days - k, item))
            said.setdefault("climatology", []).append(_usual_days(usual, days, item))
        if rivals and k == 1 and case.column != ERRING:
            said |= _daily_rivals(case, model)
        rows = {}
        for name, of_sites in said.items():
            medians = [q[MEDIAN] if q.ndim == 2 else q for q in of_sites]
            sites = {
                h.place: round(float(efficiency(o, f).value), 3)
                for (h, _), o, f in zip(case.places, obs, medians, strict=True)
            }
            o, f = np.concatenate(obs), np.concatenate(medians)
            rows[name] = {"mae": round(float(mean_error(o, f).value), 2), "r2": round(float(efficiency(o, f).value), 3),
                          "r2_sites_mean": round(float(np.mean(list(sites.values()))), 3), "r2_by_site": sites}  # fmt: skip
        q = np.concatenate(said["lightgbm"], axis=1)
        ends = q[[LEVELS.index(0.10), LEVELS.index(0.90)]]
        rows["lightgbm"]["coverage_80"] = round(float(coverage(np.concatenate(obs), ends).value), 3)
        out["days"][k] = rows
    return out


def _day_issues(case: Case, history: History, k: int) -> tuple[np.ndarray, np.ndarray]:
    at = day_ends(history)
    at = at[(at >= case.until) & (at + 24 * k <= case.end)]
    return at, target_days(at, np.full(len(at), k))


def _usual_days(usual, days: np.ndarray, item: str) -> np.ndarray:
    first = days * 24 + 1 - 8
    by_hour = np.stack([usual.predict(None, None, first, np.full(len(days), h))[MEDIAN] for h in range(24)])
    if item == "o3":
        return np.stack([by_hour[h - 7 : h + 1].mean(axis=0) for h in range(7, 24)]).max(axis=0)
    return by_hour.mean(axis=0)


def _daily_rivals(case: Case, model: Daily) -> dict[str, list]:
    xs, ys = [], []
    for history, ahead in case.places:
        known = history.until(case.until)
        at = day_ends(known)
        at = at[(at > known.first_hour + 168) & (at + 24 <= case.until)]
        if ahead is not None:
            at = at[ahead.rows_of(at)[1]]
        one = np.ones(len(at), int)
        xs.append(aligned(day_design(known, ahead, at, one, item=model.item, climate=model.climate), model.inputs))
        ys.append(day_values_at(known, target_days(at, one), model.item))
    x, y = np.vstack(xs), np.concatenate(ys)
    y = np.log1p(y) if model.log else y
    found: dict[str, list] = {}
    for name, rival in _rivals().items():
        rival.fit(x[np.isfinite(y)], y[np.isfinite(y)])
        for history, ahead in case.places:
            at, _ = _day_issues(case, history, 1)
            said = rival.predict(model.table(history, ahead, at, np.ones(len(at), int)))
            said = np.maximum(np.expm1(said) if model.log else said, 0.0)
            found.setdefault(name, []).append(np.where(present(history, at, model.item), said, np.nan))
    return found


def heavy(case: Case) -> dict:
    """How many heavy days are found one to three days before, and how many calls are false: sites pooled, and by
    site."""
    above = heavy_above("pm25", EDITION)
    model, seconds = timed(lambda: fit_heavy(case.places, above=above, until=case.until))
    centre = fit_daily(case.places, item="pm25", until=case.until)
    out: dict = {
        "above_ugm3": above,
        "training_cpu_s": seconds,
        "thresholds": np.round(model.thresholds, 2).tolist(),
        "days": {},
    }
    for k in (1, 2, 3):
        found: dict[str, list] = {"classifier": [], "median": [], "upper quartile": [], "persistence": []}
        happened, probability = [], []
        for history, ahead in case.places:
            at, days = _day_issues(case, history, k)
            lead = np.full(len(at), k)
            obs = day_values_at(history, days, "pm25")
            happened.append(np.where(np.isnan(obs), np.nan, obs > above))
            p, called = model.predict(history, ahead, at, lead)
            q = centre.predict(history, ahead, at, lead)
            before = day_values_at(history, days - k, "pm25")
            found["classifier"].append(called)
            for name, values in (
                ("median", q[MEDIAN]),
                ("upper quartile", q[LEVELS.index(0.75)]),
                ("persistence", before),
            ):
                found[name].append(np.where(np.isnan(values), np.nan, values > above))
            probability.append(p)
        rows = {name: _event(np.concatenate(happened), np.concatenate(calls)) for name, calls in found.items()}
        rows["classifier"]["brier"] = round(
            float(brier(np.concatenate(happened), np.concatenate(probability)).value), 4
        )
        rows["classifier"]["by_site"] = {
            h.place: _event(o, c) for (h, _), o, c in zip(case.places, happened, found["classifier"], strict=True)
        }
        out["days"][k] = rows
    return out


def _event(happened: np.ndarray, called: np.ndarray) -> dict:
    table = contingency(happened, called, above=0.5)
    scores = {name: round(float(s(table).value), 3) for name, s in (("pod", pod), ("far", far), ("csi", csi))}
    return {**scores, "heavy": int(table.hits + table.misses), "called": int(table.hits + table.false_alarms)}


def index(case: Case) -> dict:
    """The index of the next day by method: level, primary pollutant and heavy days, with probabilities, sites pooled.

    Persistence holds the day before the issue on; climatology takes the past days of the season as they were.
    """
    models = {item: fit_daily(case.places, item=item, until=case.until) for item in ITEMS}
    told: dict[str, list[IndexForecast]] = {"forecast": [], "persistence": [], "climatology": []}
    seen = []
    for history, ahead in case.places:
        past = days_of(history.until(case.until))
        of_year = (past.first_day + np.arange(past.means.shape[2])) % 365.2425
        at, days = _day_issues(case, history, 1)
        one = np.ones(len(at), int)
        q = np.stack([models[item].predict(history, ahead, at, one) for item in ITEMS])
        observed, before = (
            np.stack([day_values_at(history, days - k, item) for item in ITEMS]) for k in (0, 1)
        )  # fmt: skip
        seen.append(daily_aqi(observed, edition=EDITION))
        for j, day in enumerate(days):
            season = templates(past.means[:, 0], of_year, day % 365.2425)
            told["forecast"].append(index_forecast(q[:, :, j : j + 1], season, edition=EDITION, daily=True))
            told["persistence"].append(_as_index(before[:, j : j + 1]))
            told["climatology"].append(_as_index(season))
    aqi, primary = (np.concatenate([getattr(each, name) for each in seen]) for name in ("aqi", "primary"))
    primary = np.where(np.isnan(aqi), np.nan, primary)
    return {name: _index_scores(aqi, primary, rows) for name, rows in told.items()}


def _as_index(values: np.ndarray) -> IndexForecast:
    # Days, each as likely as the others, as one forecast: (6, day).
    report = daily_aqi(values, edition=EDITION)
    if np.isnan(report.aqi).any():
        nothing = np.full((6, 1), np.nan)
        return IndexForecast(np.full((len(LEVELS), 1), np.nan), nothing, nothing, np.full(1, np.nan))
    level = np.array([[(report.level == n).mean()] for n in range(1, 7)])
    primary = np.array([[(report.primary >> bit & 1).mean()] for bit in range(len(ITEMS))])
    return IndexForecast(np.quantile(report.aqi, LEVELS)[:, None], level, primary, level[4] + level[5])


def _index_scores(aqi: np.ndarray, primary: np.ndarray, told: list[IndexForecast]) -> dict:
    level, of_item = (np.concatenate([getattr(each, n) for each in told], axis=1) for n in ("level", "primary"))
    median = np.rint(np.concatenate([each.aqi[MEDIAN] for each in told]))
    ends = np.concatenate([each.aqi[[LEVELS.index(0.10), LEVELS.index(0.90)]] for each in told], axis=1)
    likeliest = np.where(np.isnan(median), np.nan, np.argmax(np.nan_to_num(level), axis=0) + 1.0)
    most = np.nanmax(np.nan_to_num(of_item), axis=0)
    mask = ((of_item == most) * (1 << np.arange(6))[:, None]).sum(axis=0).astype(float)
    mask = np.where(np.isnan(median), np.nan, np.where(most > 0, mask, 0.0))
    observed_level = np.where(np.isnan(aqi), np.nan, level_of(aqi))
    is_level = np.where(np.isnan(aqi), np.nan, observed_level == np.arange(1, 7)[:, None])
    above = aqi > 50  # a day with a primary pollutant
    had = np.where(above, (primary.astype(np.float64) // (1 << np.arange(6))[:, None]) % 2, np.nan)
    both = np.isfinite(observed_level + likeliest)
    return {
        "days": int(both.sum()),
        "aqi_mae": _round(mean_error(aqi, median)),
        "level_accuracy_of_median": _round(strict_level_accuracy(aqi, median)),
        "level_accuracy_of_likeliest": round(float(np.mean(observed_level[both] == likeliest[both])), 4),
        "primary_accuracy": _round(primary_accuracy(np.stack([aqi, primary]), np.stack([median, mask]))),
        "coverage_80": _round(coverage(aqi, ends)),
        "brier_of_levels": _over(brier, is_level, level),
        "brier_of_primary": _over(brier, had, of_item),
        "brier_of_heavy": _round(brier(is_level[4:].max(axis=0), level[4:].sum(axis=0).clip(0.0, 1.0))),
    }


def _over(score: Callable, happened: np.ndarray, probability: np.ndarray) -> float:
    # The sum over classes, 0 for perfect and 2 at most of levels.
    return round(float(sum(float(score(h, p).value) for h, p in zip(happened, probability, strict=True))), 4)


def _round(score) -> float:
    return round(float(score.value), 4)


def monotone_cost(case: Case) -> dict:
    """What the signs of wind and mixing cost: MAE at 24 h with and without."""
    out = {}
    for name, keep in (("with", True), ("without", False)):
        model = fit_boosted(
            case.places, item="pm25", until=case.until, spans=((13, 24),), settings=Settings(monotone=keep)
        )
        maes = []
        for history, ahead in case.places:
            at = case.issues()
            q = model.predict(history, ahead, at, np.full(len(at), 24))
            maes.append(float(mean_error(history.at("pm25_ugm3", at + 24), q[MEDIAN]).value))
        out[name] = round(float(np.mean(maes)), 3)
    return out


def training(case: Case, *, threads: int = 2) -> dict:
    """CPU and wall seconds of all that a city learns: six items by hour and by day with their weights, and heavy
    days."""
    begin, at = time.process_time(), time.perf_counter()
    fit_city(case.places, city="110000", until=case.until, threads=threads)
    return {"cpu_s": round(time.process_time() - begin, 1), "wall_s": round(time.perf_counter() - at, 1),
            "threads": threads, "load": round(os.getloadavg()[0], 1)}  # fmt: skip


def explanation_speed(case: Case) -> dict:
    """Rows a second of the explanation against one clean row, beside pred_contrib of the same booster."""
    model = fit_boosted(case.places, item="pm25", until=case.until, spans=((13, 24),))
    history, ahead = case.places[0]
    at = case.issues(step=3)
    x = model.table(history, ahead, at, np.full(len(at), 24))
    booster = model.boosters[0][0]
    found, ours = timed_fine(lambda: explain(booster, x[1:], x[0], model.inputs))
    contrib, theirs = timed_fine(lambda: booster.predict(x[1:], pred_contrib=True, num_threads=1))
    off = np.abs(found.parts.sum(axis=0) - (found.forecast - found.baseline)).max()
    return {"rows": len(x) - 1, "inputs": x.shape[1], "ours_rows_per_s": round((len(x) - 1) / ours), "additive_to": float(off),
            "pred_contrib_rows_per_s": round((len(x) - 1) / theirs), "times_faster": round(theirs / ours, 1),
            "pred_contrib_sums_off": float(np.abs(contrib.sum(axis=1) - found.forecast).max())}  # fmt: skip


def timed_fine(call: Callable) -> tuple[object, float]:
    """As timed, the best of three, unrounded."""
    best, found = np.inf, None
    for _ in range(3):
        begin = time.process_time()
        found = call()
        best = min(best, time.process_time() - begin)
    return found, best


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--series", choices=("beijing", "chengdu"), default="beijing")
    parser.add_argument("--year", choices=("test", "validation"), default="test")
    parser.add_argument("--site", default=None)
    parser.add_argument("--only", default="hourly,daily,heavy,index,cost,training", help="parts, joined by commas")
    parser.add_argument("--column", choices=(KNOWN, PERFECT, ERRING), default=None, help="one column alone")
    parser.add_argument("--rivals", action=argparse.BooleanOptionalAction, default=True, help="ridge and random forest")
    options = parser.parse_args()
    parts = options.only.split(",")
    out: dict = {"series": options.series, "year": YEARS[options.series, options.year], "marks": MARKS, "columns": {}}
    items = ("pm25", "o3") if options.series == "beijing" else ("pm25",)
    for case in cases(options.series, options.year, options.site):
        if options.column not in (None, case.column):
            continue
        row: dict = {}
        if "hourly" in parts:
            row["hourly pm25"] = hourly(case, rivals=options.rivals)
        if "daily" in parts:
            row |= {f"daily {item}": daily(case, item, rivals=options.rivals) for item in items}
        if "heavy" in parts:
            row["heavy days"] = heavy(case)
        if "index" in parts and options.series == "beijing":
            row["next day's index"] = index(case)
        if "cost" in parts and case.column == PERFECT:
            row["monotone_cost_mae_24h"] = monotone_cost(case)
            row["explanation"] = explanation_speed(case)
        if "training" in parts and options.series == "beijing" and case.column != ERRING:
            row["training"] = training(case)
        out["columns"][case.column] = row
    print(json.dumps(out, indent=1))


if __name__ == "__main__":
    main()
