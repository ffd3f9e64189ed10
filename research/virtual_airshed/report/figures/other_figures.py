"""Section 9: what is made beside the run: scores of forecasts and of quality flags. Both tables are optional."""

from __future__ import annotations

import numpy as np
import pandas as pd

from research.virtual_airshed.observe.score import EVERY_ITEM
from research.virtual_airshed.report.charts import Key, figure, table
from research.virtual_airshed.report.names import SYMBOLS, number, signed
from research.virtual_airshed.report.palette import SECTOR_COLOURS
from research.virtual_airshed.report.panel import QUARTER, Panel, ends
from research.virtual_airshed.report.svg import tag
from research.virtual_airshed.report.words import Both, html, same, words
from standards.pollutants import ITEMS

SCORES = ("r", "nmb", "nme", "rmse")
SHARES = ("pod", "far", "events_pod")
COLUMNS = ("flag", "fault", "hits", "misses", "false_alarms", "pod", "far", "events", "events_found", "events_pod")
OTHER_UNIT = "co"
"""Not drawn where scores are in the items' own unit."""


def skill_figure(skill: pd.DataFrame) -> str:
    """Show the scores of forecast runs by lead day.

    skill: a row for each item and lead_day with columns of SCORES and runs, as forecast_scores.ForecastRuns gives it.
    """
    colours = dict(zip(ITEMS, SECTOR_COLOURS, strict=False))
    panels = [_scores(skill, score, colours) for score in SCORES]
    keys = [Key(colours[item], same(SYMBOLS[item]), "line") for item in ITEMS]
    pm25 = skill[skill["item"] == "pm25"].set_index("lead_day")
    last = int(pm25.index.max())
    told = {"r_next": pm25["r"].get(1, np.nan), "r_last": pm25["r"][last]}
    caption = words(
        "skill.caption", runs=int(skill["runs"].iloc[0]), last=last, nmb_next=signed(pm25["nmb"].get(1, np.nan)),
        **{name: number(value, "{:.2f}") for name, value in told.items()},
    )  # fmt: skip
    return figure("fig-skill", words("skill.title"), panels, caption, keys=keys, columns=4)


def _scores(skill: pd.DataFrame, score: str, colours: dict[str, str]) -> str:
    table_ = skill.pivot(index="lead_day", columns="item", values=score)
    if score == "rmse":
        table_ = table_.drop(columns=OTHER_UNIT)
    leads = table_.index.to_numpy(float)
    axes = {"x": (leads.min() - 0.3, leads.max() + 0.3), "y": ends(table_.to_numpy())}
    panel = Panel(words(f"skill.{score}"), width=QUARTER, height=200.0, **axes).y_axis()
    panel.x_axis([(float(d), same(f"D+{d:g}")) for d in leads])
    for item in table_:
        values = table_[item].to_numpy(float)
        panel.line(leads, values, colours[item]).dots(leads, values, colours[item], radius=2.4)
    return panel.svg()


def quality_card(quality: pd.DataFrame, *, stations: int) -> str:
    """Show how well quality flags find the faults that were put in: the lines of all items of observe.score.score_flags.

    stations: how many had faults.
    """
    lines = quality[quality["item"] == EVERY_ITEM]
    rows: list[list[Both | str]] = []
    for line in lines.to_dict("records"):
        named: list[Both | str] = [words(f"quality.{line['flag']}"), words(f"quality.{line['fault']}")]
        forms = {n: "{:.2f}" if n in SHARES else "{:.0f}" for n in COLUMNS[2:]}
        rows.append(named + [number(float(line[n]), form) for n, form in forms.items()])
    found = lines.set_index("fault")["events_pod"]
    caption = words(
        "quality.caption", stations=stations, events=int(lines["events"].sum()),
        **{kind: number(100.0 * found[kind]) for kind in ("spike", "stuck", "drift")},
    )  # fmt: skip
    scores = table([words(f"quality.{n}") for n in COLUMNS], rows, first=2)
    return tag(
        "div", tag("h3", html(words("quality.title"))), scores, tag("p", html(caption), class_="quiet"), class_="card"
    )
