"""Section 9: what other runs add: scores of forecasts and of quality control. Both are optional tables."""

from __future__ import annotations

import numpy as np
import pandas as pd

from research.virtual_airshed.report.charts import Key, figure, table
from research.virtual_airshed.report.names import SYMBOLS, number
from research.virtual_airshed.report.palette import SECTOR_COLOURS
from research.virtual_airshed.report.panel import Panel, ends
from research.virtual_airshed.report.words import Both, same, words
from standards.pollutants import ITEMS

SCORES = ("r", "nmb", "nme", "rmse")
QUALITY = ("flag", "fault", "hits", "misses", "false_alarms", "pod", "far", "events", "events_found", "events_pod")
EVERY_ITEM = "all"


def skill_figure(skill: pd.DataFrame) -> str:
    """Show the scores of forecast runs by lead day.

    skill: a row for each item and lead_day with columns of SCORES, as forecasts.skill.skill gives it with its index
    made columns.
    """
    panels = []
    items = [i for i in ITEMS if i in set(skill["item"])]
    for score in SCORES:
        if score not in skill:
            continue
        parts = {
            i: skill[skill["item"] == i].sort_values("lead_day") for i in items if not (score == "rmse" and i == "co")
        }
        everything = np.concatenate([p[score].to_numpy(float) for p in parts.values()])
        leads = skill["lead_day"].to_numpy(float)
        panel = Panel(
            words(f"skill.{score}"),
            x=(leads.min() - 0.3, leads.max() + 0.3),
            y=ends(everything),
            width=296.0,
            height=200,
        ).y_axis()
        panel.x_axis([(float(d), same(f"D+{d:g}")) for d in sorted(set(leads))])
        for number_, (_, part) in enumerate(parts.items()):
            xs, ys = part["lead_day"].to_numpy(float), part[score].to_numpy(float)
            panel.line(xs, ys, SECTOR_COLOURS[number_]).dots(xs, ys, SECTOR_COLOURS[number_], radius=2.4)
        panels.append(panel.svg())
    keys = [Key(SECTOR_COLOURS[n], same(SYMBOLS[i]), "line") for n, i in enumerate(items)]
    return figure("fig-skill", words("skill.title"), panels, words("skill.caption"), keys=keys, columns=4)


def quality_table(quality: pd.DataFrame) -> str:
    """Show how well quality flags find the faults that were put in: the lines of all items of
    observe.score.score_flags.
    """
    lines = quality[quality["item"] == EVERY_ITEM] if "item" in quality else quality
    rows: list[list[Both | str]] = []
    for line in lines.to_dict("records"):
        cells: list[Both | str] = [words(f"quality.{line['flag']}"), words(f"quality.{line['fault']}")]
        rows.append(
            cells
            + [number(float(line[n]), "{:.2f}" if n in ("pod", "far", "events_pod") else "{:.0f}") for n in QUALITY[2:]]
        )
    return table([words(f"quality.{n}") for n in QUALITY], rows, first=2)
