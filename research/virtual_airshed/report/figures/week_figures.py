"""Section 3: the week, in the same weather and as it was."""

from __future__ import annotations

import numpy as np

from research.virtual_airshed.report import cycles
from research.virtual_airshed.report.charts import Key, figure
from research.virtual_airshed.report.figures.cycles_figures import CHENGDU, CLOCK_TICKS, PLAIN
from research.virtual_airshed.report.gather import Gathered
from research.virtual_airshed.report.names import signed
from research.virtual_airshed.report.palette import INK, SUMMER, WINTER
from research.virtual_airshed.report.panel import Panel, ends
from research.virtual_airshed.report.words import Both, same, words

COLOURS = {"no2_ugm3": WINTER, "o3_1h_max_ugm3": SUMMER}


def week_figure(g: Gathered) -> str | None:
    """Show what quiet Sundays do; None without a whole week of summer."""
    if g.weeks is None:
        return None
    found, plain = cycles.sunday_effect(g.weeks), g.sites.names.index(PLAIN)
    top = ends(found.no2_ugm3[[0, plain]], found.o3_ugm3[[0, plain]], zero=False)
    panels = []
    for site, name in ((CHENGDU, words("site.town")), (plain, words("site.plain"))):
        panel = Panel(words("week.change", site=name), x=(1, 24), y=top).y_axis().x_axis(CLOCK_TICKS).rule(0.0, INK)
        panels.append(
            panel.line(cycles.CLOCK, found.no2_ugm3[site], WINTER).line(cycles.CLOCK, found.o3_ugm3[site], SUMMER).svg()
        )
    panels.append(_composite(g))
    keys = [Key(WINTER, same("NO₂"), "line"), Key(SUMMER, same("O₃"), "line")]
    night = found.o3_ugm3[CHENGDU][np.r_[0:7, 21:24]].mean()
    caption = words(
        "week.caption", weeks=g.weeks.kept.shape[2], no2=signed(found.no2_pct[CHENGDU]), night=signed(night, "{:+.1f}"),
        noon=signed(found.o3_pct[CHENGDU], "{:+.1f}"), plain=signed(found.o3_pct[plain], "{:+.1f}"),
        verdict=_week_verdict(found, plain),
    )  # fmt: skip
    return figure("fig-week", words("week.title"), panels, caption, keys=keys)


def _week_verdict(found: cycles.SundayEffect, plain: int) -> Both:
    if found.o3_pct[CHENGDU] > 1.0:
        return words("week.more" if found.o3_pct[plain] < 0.5 * found.o3_pct[CHENGDU] else "week.more_everywhere")
    return words("week.less" if found.o3_pct[CHENGDU] < -1.0 else "week.even")


def _composite(g: Gathered) -> str:
    daily = g.days.xs(g.cities[0], level="city")
    found = {name: cycles.week_composite(daily[name]) for name in COLOURS}
    around = [
        mean + side * error for f in found.values() for mean, error in [(f.mean_pct, f.error_pct)] for side in (-1, 1)
    ]
    edge = max(abs(end) for end in ends(*around, zero=False))
    panel = Panel(words("week.composite"), x=(-0.5, 6.5), y=(-edge, edge)).y_axis().rule(0.0, INK)
    panel.x_axis([(float(d), words(f"weekday.{d}")) for d in range(7)])
    for shift, (name, colour) in zip((-0.12, 0.12), COLOURS.items(), strict=True):
        mean, error = found[name].mean_pct, found[name].error_pct
        for day in range(7):
            place, reach = np.full(2, day + shift), mean[day] + error[day] * np.array([-1.0, 1.0])
            panel.line(place, reach, colour, width=1.4)
        panel.dots(np.arange(7) + shift, mean, colour)
    return panel.svg()
