"""The tables of one period under one edition: statistics, items, levels, primary pollutants, verdicts, ranking, limits."""

from __future__ import annotations

import numpy as np

from dashboards.phase.assessed import Statistics
from dashboards.phase.content import CODE, TEXT, VERDICT, Column, Table
from dashboards.phase.measures import (
    CITY,
    CONCENTRATIONS,
    DAY,
    GOOD_RATIO,
    HEAVY,
    INDEX,
    ITEM,
    ITEM_FAMILY,
    MORE_PERCENTILES,
    PERCENT,
    STATION,
    UNITS,
    column_name,
    known_days,
)
from dashboards.phase.question import REGION
from dashboards.phase.tabled import Rows
from standards.assessment.compliance import COMPLIES, EXCEEDS, NA, period_limits
from standards.assessment.indices import INDEX_METHODS, method_edition, ranking_limits
from standards.assessment.periods import Period
from standards.assessment.ranking import rank
from standards.assessment.rules import rules_of
from standards.editions import edition_named
from standards.exact_means import exact_number, round_fraction
from standards.pollutants import ITEMS, POLLUTANTS

VERDICTS = {COMPLIES: "complies", EXCEEDS: "exceeds", NA: None}
VERDICT_FAMILY = "phase.verdict."
RANKING_NOTICE = "环办监测〔2018〕19号"


def sources_of(edition: str) -> tuple[str, ...]:
    """Name the standards that an edition is applied by."""
    known = edition_named(edition)
    return rules_of(known).code, known.limits_code, known.code


def cities(of: Statistics) -> Table | None:
    """Give the statistics of the places, one row each."""
    measures = (*CONCENTRATIONS, *MORE_PERCENTILES, GOOD_RATIO, HEAVY)
    counts = [Column("good_days", unit=DAY), Column("index_days", unit=DAY), Column("period_days", unit=DAY)]
    indices = [INDEX.column(of), Column("ranking_index_max", decimals=of.rules.index_decimals)]
    main = Column("main_item", CODE, family=ITEM_FAMILY)
    rows = Rows("cities", [CITY, *(m.column(of) for m in measures), *counts, *indices, main])
    good = known_days(of, of.good_days)
    for at, place in enumerate(of.places):
        values = {m.key: m.values(of)[at] for m in measures}
        values |= {"city": place, "good_days": good[at], "index_days": of.days[at], "period_days": of.period.n_days}
        values |= {"ranking_index": of.index[at], "ranking_index_max": of.index_max[at]}
        if place != REGION:
            values["main_item"] = items_of(of.of_cities.ranking.main[at])
        rows.add(values, why_no_statistic(place))
    notes = ["statistics_exact", "edition_applied", "ozone_mda8"]
    return rows.table(notes=notes + (["region_mean"] if REGION in of.places else []), sources=sources_of(of.edition))


def items(of: Statistics) -> list[Table]:
    """Give a table of each item: both statistics with limits and multiples, days, single index and its share."""
    return [table for i in range(len(ITEMS)) if (table := _item(of, i)) is not None]


def _item(of: Statistics, i: int) -> Table | None:
    item, found = ITEMS[i], of.of_cities
    unit, decimals, multiple = UNITS[POLLUTANTS[item].unit], of.rules.statistic_decimals[i], of.rules.multiple_decimals
    mean, percentile = column_name(item, "mean"), column_name(item, "p")
    judged = found.mean_limit[i] == found.mean_limit[i]
    of_mean = [
        Column(mean, unit=unit, decimals=decimals), Column("mean_limit", unit=unit), Column("mean_multiple", decimals=multiple)
    ]  # fmt: skip
    columns = [
        CITY, *(of_mean if judged else of_mean[:1]), Column(percentile, unit=unit, decimals=decimals),
        Column("percentile_limit", unit=unit), Column("percentile_multiple", decimals=multiple),
        Column("valid_days", unit=DAY), Column("needed_days", unit=DAY), Column("exceeding_days", unit=DAY),
        Column("compliant_days_pct", unit=PERCENT, decimals=of.rules.rate_decimals),
        Column("single_index", decimals=of.rules.index_decimals), Column("index_share_pct", unit=PERCENT, decimals=1),
        Column("verdict", VERDICT, family=VERDICT_FAMILY),
    ]  # fmt: skip
    rows = Rows(f"item_{item}", columns)
    for at, place in enumerate(of.places):
        values = {
            "city": place, mean: of.mean[i, at], "mean_limit": found.mean_limit[i], "mean_multiple": of.mean_multiple[i, at],
            percentile: of.percentile[i, at], "percentile_limit": found.percentile_limit[i],
            "percentile_multiple": of.percentile_multiple[i, at], "valid_days": of.valid_days[i, at],
            "exceeding_days": of.exceeding_days[i, at], "verdict": VERDICTS[int(of.complies[i, at])],
        }  # fmt: skip
        why = "region_by_cities"
        if place != REGION:
            single = found.ranking.single[i, at]
            values |= {"needed_days": found.values.min_days, "single_index": single}
            values |= {"index_share_pct": share(single, found.ranking.total[at])}
            values["compliant_days_pct"] = found.compliant_days_pct[i, at]
            why = "no_days" if not of.valid_days[i, at] else "not_valid" if not of.valid[i, at] else "index_incomplete"
        rows.add(values, why)
    notes = ["multiple_zero_kept", "index_share", *([] if judged else ["mean_not_judged"])]
    return rows.table(notes=notes, sources=sources_of(of.edition))


def levels(of: Statistics) -> Table | None:
    """Count the days of each level, and those without an index."""
    keys = [f"level_{n}_days" for n in range(1, 7)]
    rows = Rows("levels", [CITY, *(Column(key, unit=DAY) for key in keys), Column("index_days", unit=DAY),
                           Column("no_index_days", unit=DAY), GOOD_RATIO.column(of)])  # fmt: skip
    known = known_days(of, of.by_level)
    for at, place in enumerate(of.places):
        values = {key: known[n, at] for n, key in enumerate(keys, 1)}
        values |= {"city": place, "index_days": of.days[at], "no_index_days": of.by_level[0, at]}
        rows.add(values | {"good_ratio_pct": of.good_ratio_pct[at]}, "no_days")
    return rows.table(notes=_city_days(of), sources=sources_of(of.edition))


def primary(of: Statistics) -> Table | None:
    """Count the days on which each item was a primary pollutant."""
    rows = Rows("primary", [CITY, *(Column(f"{item}_primary_days", unit=DAY) for item in ITEMS)])
    known = known_days(of, of.by_primary)
    for at, place in enumerate(of.places):
        values = {f"{item}_primary_days": known[i, at] for i, item in enumerate(ITEMS)}
        rows.add(values | {"city": place}, "no_days")
    return rows.table(notes=("primary_both", *_city_days(of)), sources=sources_of(of.edition))


def verdicts(of: Statistics, *, running: bool) -> Table | None:
    """Say of each place whether it complies, and by which items not; nothing is said of a period that still runs."""
    codes = [Column(f"{item}_verdict", VERDICT, family=VERDICT_FAMILY) for item in ITEMS]
    overall = Column("verdict", VERDICT, family=VERDICT_FAMILY)
    named = [Column(name, CODE, family=ITEM_FAMILY) for name in ("exceeding_items", "missing_items")]
    rows = Rows("verdicts", [CITY, overall, *codes, *named])
    for at, place in enumerate(of.places):
        found = of.complies[:, at]
        values = {f"{item}_verdict": VERDICTS[int(found[i])] for i, item in enumerate(ITEMS)}
        values |= {"city": place, "verdict": VERDICTS[int(of.overall[at])]}
        values |= {
            name: ",".join(item for i, item in enumerate(ITEMS) if found[i] == state)
            for name, state in (("exceeding_items", EXCEEDS), ("missing_items", NA))
        }
        reason = "period_running" if running else "city_unknown" if place == REGION else "not_valid"
        values |= dict.fromkeys([c.key for c in (overall, *codes)]) if running else {}
        rows.add(values, {c.key: reason for c in (overall, *codes)})
    notes = ("limits_annual", "missing_exceeds", *(["region_verdict"] if REGION in of.places else []))
    return rows.table(notes=notes, sources=sources_of(of.edition))


def reasons(of: Statistics) -> Table | None:
    """Give the reasons behind verdicts and what is to be known of the data, one row each."""
    columns = [CITY, Column("reason", CODE, family="phase.reason."), ITEM, Column("found", TEXT), Column("expected", TEXT),
               Column("where", TEXT)]  # fmt: skip
    rows = Rows("reasons", columns)
    for at, place in enumerate(p for p in of.places if p != REGION):
        for each in of.of_cities.reasons[at]:
            told = {"found": f"{each.found:.4g}", "expected": f"{each.expected:.4g}", "where": each.where}
            rows.add({"city": place, "reason": each.code, "item": each.item} | told)
    return rows.table(sources=sources_of(of.edition))


def ranking(of: Statistics) -> Table | None:
    """Rank the cities by their index, by PM2.5 and by the share of good days; equal values share a rank."""
    columns = [CITY, Column("rank"), INDEX.column(of), Column("main_item", CODE, family=ITEM_FAMILY)]
    columns += [Column("pm25_rank"), Column("good_ratio_rank")]
    rows, found, n = Rows("ranking", columns), of.of_cities, len(of.of_cities.overall)
    ranks, pm = rank(found.ranking.total, valid=found.index_valid), ITEMS.index("pm25")
    pm25 = rank(found.mean[pm], valid=found.values.valid[pm])
    good = rank(found.aqi_days.good_ratio_pct, valid=found.aqi_days.valid, descending=True)
    for at in sorted(range(n), key=lambda i: (int(ranks[i]) or n + 1, of.places[i])):
        values = {"city": of.places[at], "rank": _ranked(ranks[at]), "ranking_index": found.ranking.total[at]}
        values |= {"pm25_rank": _ranked(pm25[at]), "good_ratio_rank": _ranked(good[at])}
        rows.add(values | {"main_item": items_of(found.ranking.main[at])}, "index_incomplete")
    return rows.table(notes=("rank_ties", "index_method"), sources=(RANKING_NOTICE, *sources_of(of.edition)))


def limits(edition: str, period: Period) -> Table | None:
    """Give the limits of an edition that places are judged and ranked by."""
    known = edition_named(edition)
    means, daily = period_limits(known, rules_of(known))
    ranked = ranking_limits(method_edition(INDEX_METHODS["default"], known))
    columns = [
        ITEM,
        Column("mean_limit"),
        Column("percent"),
        Column("percentile_limit"),
        Column("ranking_limit"),
        Column("unit", TEXT),
    ]
    rows = Rows("limits", columns)
    for i, item in enumerate(ITEMS):
        values = {"item": item, "mean_limit": means[i], "percent": float(rules_of(known).percentile[i])}
        values |= {"percentile_limit": daily[i], "ranking_limit": ranked[i], "unit": UNITS[POLLUTANTS[item].unit]}
        rows.add(values, "mean_not_judged")
    return rows.table(sources=sources_of(edition))


def stations(of: Statistics, city_of: dict[str, str]) -> Table | None:
    """Give the statistics of the stations that have any day, by the rules of a single point."""
    measures = (*CONCENTRATIONS, GOOD_RATIO, HEAVY)
    counts = [Column("index_days", unit=DAY), Column("pm25_valid_days", unit=DAY)]
    rows = Rows("stations", [STATION, CITY, *(m.column(of) for m in measures), *counts])
    for at, code in enumerate(of.places):
        if not of.valid_days[:, at].any():
            continue
        values = {m.key: m.values(of)[at] for m in measures} | {"station": code, "city": city_of[code]}
        values |= {"index_days": of.days[at], "pm25_valid_days": of.valid_days[ITEMS.index("pm25"), at]}
        rows.add(values, "no_days")
    return rows.table(notes=("stations_points",), sources=sources_of(of.edition))


def items_of(bits: int) -> str:
    """Write a bit mask of items as their codes joined by commas."""
    return ",".join(item for i, item in enumerate(ITEMS) if int(bits) >> i & 1)


def share(part: float, whole: float) -> float | None:
    """Give the share of a reported part of a reported whole [%], one decimal; None where either is missing."""
    if not (np.isfinite(part) and np.isfinite(whole) and whole > 0):
        return None
    return float(round_fraction(100 * exact_number(float(part)) / exact_number(float(whole)), 1))


def why_no_statistic(place: str) -> dict[str, str]:
    """Give the reasons of missing statistics of a row of `cities`."""
    if place == REGION:
        own = ("ranking_index", "ranking_index_max", "main_item")
        return {m.key: "region_city_missing" for m in (*CONCENTRATIONS, *MORE_PERCENTILES)} | dict.fromkeys(
            own, "region_has_no_index"
        ) | dict.fromkeys(("good_ratio_pct", "heavy_days", "good_days"), "no_days")  # fmt: skip
    told = {m.key: "no_days" for m in (*CONCENTRATIONS, *MORE_PERCENTILES, GOOD_RATIO, HEAVY)}
    return (
        told
        | dict.fromkeys(("ranking_index", "ranking_index_max", "main_item"), "index_incomplete")
        | {"good_days": "no_days"}
    )


def _ranked(place: int) -> int | None:
    return int(place) or None


def _city_days(of: Statistics) -> tuple[str, ...]:
    return ("region_city_days",) if REGION in of.places else ()
