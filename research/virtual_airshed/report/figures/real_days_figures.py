"""Section 2: the simulated days beside the real ones."""

from __future__ import annotations

import numpy as np
import pandas as pd

from research.virtual_airshed.reference.describing import SEASONS
from research.virtual_airshed.reference.judge import EXEMPT, FEW_DAYS, INSIDE, KEYS, OUTSIDE, judge
from research.virtual_airshed.report.charts import figure, heat, table
from research.virtual_airshed.report.gather import Gathered
from research.virtual_airshed.report.maps import Stage
from research.virtual_airshed.report.names import COLUMNS, number, season, spread, unit_of
from research.virtual_airshed.report.palette import scale
from research.virtual_airshed.report.svg import tag
from research.virtual_airshed.report.words import Both, html, joined, same, words

SHOWN = ("pm25_ugm3", "pm10_ugm3", "no2_ugm3", "so2_ugm3", "co_mgm3", "o3_1h_max_ugm3")
RATIOS = scale("split", (0.3, 0.5, 0.6, 0.7, 0.8, 0.9, 1.1, 1.25, 1.4, 1.6, 1.9, 2.5))
MARKS = {EXEMPT: "*", OUTSIDE: "!", FEW_DAYS: "?"}
CHENGDU = "510100"


def verdicts(judged: pd.DataFrame) -> dict[str, int]:
    """Count the verdicts."""
    return {name: int((judged["verdict"] == name).sum()) for name in (INSIDE, EXEMPT, OUTSIDE, FEW_DAYS)}


def ratio_figure(g: Gathered, judged: pd.DataFrame, stage: Stage) -> str:
    """Show the ratio of every mean by city and season."""
    means = judged[judged["statistic"] == "mean"]
    seasons = ("year", *SEASONS)
    panels = []
    for item in SHOWN:
        part = means[means["item"] == item].set_index(["city", "season"])
        ratio = np.array(
            [
                [part["simulated"].get((c, s), np.nan) / part["real"].get((c, s), np.nan) for s in seasons]
                for c in g.cities
            ]
        )
        marks = np.array([[MARKS.get(part["verdict"].get((c, s), ""), "") for s in seasons] for c in g.cities])
        rows, columns = [stage.name_of(c) for c in g.cities], [season(s) for s in seasons]
        panels.append(heat(same(COLUMNS[item]), rows, columns, ratio, RATIOS, marks=marks))
    year = means[means["season"] == "year"]
    of = {item.split("_")[0]: spread((year["simulated"] / year["real"])[year["item"] == item]) for item in SHOWN}
    counts, so2 = verdicts(means), {f"so2_{s}": _so2(means, s) for s in ("summer", "winter")}
    judged_means = counts[INSIDE] + counts[EXEMPT] + counts[OUTSIDE]
    caption = words(
        "real.ratio_caption", pm25=of["pm25"], no2=of["no2"], o3=of["o3"], judged=judged_means, inside=counts[INSIDE],
        exempt=counts[EXEMPT], outside=counts[OUTSIDE], **so2,
    )  # fmt: skip
    return figure("fig-ratio", words("real.ratio_title"), panels, caption)


def _so2(means: pd.DataFrame, when: str) -> str:
    part = means[(means["item"] == "so2_ugm3") & (means["season"] == when)]
    return spread(part["simulated"] / part["real"])


def chengdu_table(judged: pd.DataFrame) -> str:
    """Show the numbers of Chengdu that everybody knows."""
    wanted = [
        *(("mean", item, "year") for item in SHOWN), ("mean", "pm25_ugm3", "winter"), ("mean", "pm25_ugm3", "summer"),
        ("p90", "o3_1h_max_ugm3", "year"), ("p90", "o3_mda8_ugm3", "year"), ("bad_days", "pm25_ugm3", "year"),
        ("bad_days", "o3_1h_max_ugm3", "year"), ("lag1", "pm25_ugm3", "year"),
    ]  # fmt: skip
    lines = judged[judged["city"] == CHENGDU].set_index(KEYS[:3])
    head = [words(f"real.{name}") for name in ("number", "measured", "simulated", "ratio", "band", "verdict")]
    rows = []
    for keys in wanted:
        line = lines.loc[keys]
        form = "{:.2f}" if keys[1] == "co_mgm3" or keys[0] == "lag1" else "{:.0f}"
        measured, made = float(line["real"]), float(line["simulated"])
        numbers = [number(measured, form), number(made, form), number(made / measured, "{:.2f}")]
        rows.append([named(*keys), *numbers, band(line), verdict(line["verdict"])])
    return table(head, rows)


def exempt_list(judged: pd.DataFrame, stage: Stage) -> str:
    """List what is let off, by reason, with the numbers."""
    off = judged[judged["verdict"] == EXEMPT]
    items = []
    for reason, part in off.groupby("reason", sort=False):
        parts = []
        for (statistic, item, when), lines in part.groupby(["statistic", "item", "season"], sort=False):
            places = joined([_place(line, stage) for line in lines.to_dict("records")])
            parts.append(named(statistic, item, when) + Both("：", ": ") + places)
        detail = joined_lines(parts)
        items.append(tag("li", tag("p", html(words(f"reason.{reason}"))), tag("p", html(detail), class_="quiet")))
    return tag("ul", *items, class_="plain") if items else tag("p", html(words("real.none_exempt")))


def band_table(judged: pd.DataFrame) -> str:
    """Show every band with how it is kept."""
    known = judged[judged["verdict"].isin([INSIDE, OUTSIDE, EXEMPT, FEW_DAYS])]
    head = [words(f"real.{name}") for name in ("number", "band", "kept", "ratios", "reason")]
    rows = []
    for (statistic, item, when), part in known.groupby(["statistic", "item", "season"], sort=False):
        counts = verdicts(part)
        said = f"{counts[INSIDE]} / {len(part)}" + (f" ({counts[EXEMPT]}*)" if counts[EXEMPT] else "")
        reason = part.loc[part["verdict"] != EXEMPT, "reason"]
        values = part["simulated"] / part["real"]
        rows.append(
            [
                named(statistic, item, when),
                band(part.iloc[0]),
                said,
                spread(values),
                words(f"reason.{reason.iloc[0]}") if len(reason) else same(""),
            ]
        )
    return table(head, rows, first=2, class_="bands")


def judged_days(g: Gathered) -> pd.DataFrame:
    """Judge the days of the run."""
    return judge(g.days)


def named(statistic: str, item: str, when: str) -> Both:
    """Name a number: statistic, item, season."""
    name = words(f"statistic.{statistic}", item=COLUMNS[item], unit=unit_of(item))
    return name if when == "year" else name + Both(f"（{season(when).zh}）", f" ({season(when).en})")


def band(line: pd.Series) -> str:
    """Write a band: ratios, or a distance, or either."""
    ratio = f"{line['low']:g}–{line['high']:g}" if np.isfinite(line["low"]) else ""
    within = f"±{line['within']:g}" if np.isfinite(line["within"]) else ""
    return " / ".join(part for part in (ratio, within) if part) or "–"


def verdict(name: str) -> str:
    """Write a verdict as a coloured word."""
    return tag("span", html(words(f"verdict.{name}")), class_=f"verdict {name}")


def joined_lines(parts: list[Both]) -> Both:
    """Put several statements in a row."""
    return Both("；".join(p.zh for p in parts), "; ".join(p.en for p in parts))


def _place(line: dict, stage: Stage) -> Both:
    form = "{:.2f}" if abs(line["real"]) < 10 else "{:.0f}"
    said = f" {form.format(line['simulated'])} ({form.format(line['real'])})"
    name = stage.name_of(line["city"]) if line["city"] else words("real.all_cities")
    return name + same(said)
