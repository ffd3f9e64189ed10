"""Section 3: the year at a glance, and the cycles of the day, the year and the week."""

from __future__ import annotations

import numpy as np
import pandas as pd

from research.virtual_airshed.ground import PARTS
from research.virtual_airshed.reference import real, weather_reports
from research.virtual_airshed.report import cycles
from research.virtual_airshed.report.charts import Key, Part, figure, stacks
from research.virtual_airshed.report.dates import days_of_hours
from research.virtual_airshed.report.gather import Gathered
from research.virtual_airshed.report.maps import Stage
from research.virtual_airshed.report.names import (
    COLUMNS,
    SYMBOLS,
    UGM3,
    in_season,
    number,
    season,
    titled,
    unit_of,
)
from research.virtual_airshed.report.palette import ACCENT, INK, PART_COLOURS, REAL, SEASON_COLOURS, SUMMER
from research.virtual_airshed.report.panel import HALF, QUARTER, Panel, drawing, ends
from research.virtual_airshed.report.svg import png_uri, tag, text
from research.virtual_airshed.report.words import Both, same, words
from standards.editions import edition_for
from standards.index.aqi import iaqi
from standards.index.levels import LEVELS, level_of
from standards.pollutants import ITEMS

CLOCK_TICKS = [(float(h), same(h)) for h in (1, 6, 12, 18, 24)]
MONTH_TICKS = [(float(m), same(m)) for m in (1, 3, 5, 7, 9, 11)]
CHENGDU, PLAIN = 0, "plain"
REAL_CLOCKS = ("winter", "summer")
"""Seasons of which the course of PM2.5 was published."""
ITEM_ORDER = ("pm25", "pm10", "no2", "so2", "co", "o3")


# The year


def carpet_figure(g: Gathered, stage: Stage) -> str:
    """Show the level of every day and city, of PM2.5 and of ozone."""
    panels = [_carpet(g, stage, *each) for each in (("pm25_ugm3", "pm25", "day"), ("o3_mda8_ugm3", "o3", "8h"))]
    keys = [Key(each.hex, Both(each.category_zh, each.category_en)) for each in LEVELS]
    bad = {
        name: g.days[name].groupby(level="city").agg(lambda v, top=top: (v > top).sum())
        for name, top in (("pm25_ugm3", 75), ("o3_mda8_ugm3", 160))
    }
    both = ((g.days["pm25_ugm3"] > 75) & (g.days["o3_mda8_ugm3"] > 160)).sum()
    caption = words(
        "year.carpet_caption",
        pm25=int(bad["pm25_ugm3"][g.cities[0]]),
        o3=int(bad["o3_mda8_ugm3"][g.cities[0]]),
        both=int(both),
    )
    return figure("fig-year", words("year.carpet_title"), panels, caption, keys=keys, columns=1)


def _carpet(g: Gathered, stage: Stage, column: str, item: str, period: str) -> str:
    days = g.days[column].unstack("city")[list(g.cities)]
    index = iaqi(days.to_numpy().T, item, period, edition=edition_for(g.scenario.start))
    left, top, row = 66.0, 30.0, 17.0
    wide, pixels = 1080.0 - left - 8, png_uri(level_of(index).astype(int) - 1, tuple(each.hex for each in LEVELS))
    size = {"x": left, "y": top, "width": wide, "height": row * len(g.cities)}
    image = tag("image", href=pixels, preserveAspectRatio="none", class_="field", **size)
    names = [
        text(stage.name_of(c), left - 8, top + (i + 0.5) * row + 4, text_anchor="end", class_="tick name")
        for i, c in enumerate(g.cities)
    ]
    lines = [
        tag("line", x1=left, x2=left + wide, y1=top + i * row, y2=top + i * row, stroke="#ffffff")
        for i in range(1, len(g.cities))
    ]
    months = []
    for i, date in enumerate(days.index):
        if date.day == 1 or i == 0:
            x = left + wide * i / len(days)
            months.append(text(words("date.month", n=date.month), x + 2, top + row * len(g.cities) + 15, class_="tick"))
            months.append(
                tag("line", x1=x, x2=x, y1=top, y2=top + row * len(g.cities) + 5, stroke=INK, stroke_opacity=0.35)
            )
    title = titled(COLUMNS[column], UGM3)
    return drawing(
        [image, *lines, *names, *months],
        title,
        width=1080.0,
        height=top + row * len(g.cities) + 22,
        class_="panel wide",
    )


# The day


def clock_figure(g: Gathered) -> str:
    """Show the course of the day of the six items and the mixed layer, in town and in the fields, and PM2.5 beside
    the real course.
    """
    sites = {CHENGDU: None, g.sites.names.index(PLAIN): "5 3"}
    pair = days_of_hours(g.hours.first_hour, g.hours.hours)[0].pair()
    keys = [
        Key(SEASON_COLOURS[s], words(f"cycle.{where}", season=season(s)), look)
        for s in pair
        for where, look in (("town", "line"), ("fields", "dash"))
    ]
    panels = [_clock(titled(SYMBOLS[i], unit_of(i)), g, g.hours.items[ITEMS.index(i)], pair, sites) for i in ITEM_ORDER]
    panels.append(_clock(titled(words("cycle.height"), "m"), g, g.hours.of_weather("mixing_height_m"), pair, sites))
    if beside := [name for name in pair if name in REAL_CLOCKS]:
        panels.append(_real_clock(g, beside))
    keys.append(Key(REAL, words("cycle.real_clock"), "ring"))
    return figure("fig-clock", words("cycle.clock_title"), panels, _clock_caption(g, pair), keys=keys, columns=4)


def _clock(title: Both, g: Gathered, values: np.ndarray, pair: tuple[str, ...], sites: dict[int, str | None]) -> str:
    curves = {(s, site): cycles.by_clock(g.hours, values[site], s) for s in pair for site in sites}
    panel = Panel(title, x=(1, 24), y=ends(*curves.values()), width=QUARTER, height=200).y_axis().x_axis(CLOCK_TICKS)
    for (name, site), curve in curves.items():
        panel.line(cycles.CLOCK, curve, SEASON_COLOURS[name], dash=sites[site])
    return panel.svg()


def _real_clock(g: Gathered, beside: list[str]) -> str:
    facts = weather_reports.load()
    found = {}
    for name in beside:
        real_curve = facts[facts["statistic"] == f"{name}_hour"]["value"].to_numpy()
        curve = cycles.by_clock(g.hours, g.hours.items[ITEMS.index("pm25"), CHENGDU], name)
        found[name] = curve / curve.mean(), real_curve
    panel = Panel(
        words("cycle.pm25_over_mean"),
        x=(1, 24),
        y=ends(*(v for both in found.values() for v in both), zero=False),
        width=QUARTER,
        height=200,
    )
    panel.y_axis().x_axis(CLOCK_TICKS).rule(1.0)
    for name, (curve, real_curve) in found.items():
        panel.line(cycles.CLOCK, curve, SEASON_COLOURS[name])
        panel.dots(cycles.CLOCK, real_curve, SEASON_COLOURS[name], hollow=True, radius=2.6)
    return panel.svg()


def _clock_caption(g: Gathered, pair: tuple[str, ...]) -> Both:
    last, plain = pair[-1], g.sites.names.index(PLAIN)
    of = {i: cycles.by_clock(g.hours, g.hours.items[ITEMS.index(i)], last) for i in ("no2", "o3")}
    height = cycles.by_clock(g.hours, g.hours.of_weather("mixing_height_m")[CHENGDU], last)
    night = of["o3"][:, :5].mean(axis=1)
    return words(
        "cycle.clock_caption", season=in_season(last), o3_hour=int(np.argmax(of["o3"][CHENGDU])) + 1,
        no2_hour=int(np.argmin(of["no2"][CHENGDU])) + 1, low=number(height.min()), high=number(height.max()),
        night_town=number(night[CHENGDU]), night_plain=number(night[plain]), swing=_swings(g, pair),
    )  # fmt: skip


def _swings(g: Gathered, pair: tuple[str, ...]) -> Both:
    facts, said = weather_reports.load(), []
    for name in (s for s in pair if s in REAL_CLOCKS):
        curve = cycles.by_clock(g.hours, g.hours.items[ITEMS.index("pm25"), CHENGDU], name)
        measured = facts[facts["statistic"] == f"{name}_hour"]["value"]
        ratios = {"simulated": curve.max() / curve.min(), "real": measured.max() / measured.min()}
        said.append(words("cycle.swing", season=in_season(name), **{n: number(v, "{:.1f}") for n, v in ratios.items()}))
    return Both("；".join(s.zh for s in said), "; ".join(s.en for s in said)) if said else same("NA")


# The year by month


def month_figure(g: Gathered, stage: Stage) -> str:
    """Show months of Chengdu and of the other cities beside the real months of 2015 and 2016."""
    known = real.load("city_months.csv")
    columns = ("pm25_ugm3", "pm10_ugm3", "no2_ugm3", "so2_ugm3", "co_mgm3", "o3_1h_max_ugm3")
    panels, likeness = [], {}
    for column in columns:
        simulated = cycles.by_month(g.days, column)
        measured = known[known["item"] == column].pivot(index="month", columns="city", values="value")
        town = g.cities[0]
        others = [c for c in g.cities[1:] if not (column.startswith("o3") and c == "511800")]
        curves = [
            (simulated[town], measured[town], ACCENT),
            (simulated[others].mean(axis=1), measured[others].mean(axis=1), SUMMER),
        ]
        panel = Panel(
            titled(COLUMNS[column], unit_of(column)),
            x=(0.7, 12.3),
            y=ends(*(v.to_numpy() for s, m, _ in curves for v in (s, m))),
        )
        panel.y_axis().x_axis(MONTH_TICKS)
        for made, seen, colour in curves:
            panel.line(np.arange(1, 13), made.to_numpy(), colour).dots(
                np.arange(1, 13), made.to_numpy(), colour, radius=2.2
            )
            panel.dots(np.arange(1, 13), seen.to_numpy(), colour, hollow=True, radius=3.4)
        panels.append(panel.svg())
        both = pd.concat([simulated[town], measured[town]], axis=1).dropna()
        likeness[column] = float(both.corr().iloc[0, 1]) if len(both) > 2 else np.nan
    keys = [
        Key(ACCENT, stage.name_of(g.cities[0]), "line"),
        Key(SUMMER, words("cycle.other_cities"), "line"),
        Key(REAL, words("cycle.real_months"), "ring"),
    ]
    caption = words("cycle.month_caption", **{c.split("_")[0]: number(likeness[c], "{:.2f}") for c in columns})
    return figure("fig-months", words("cycle.month_title"), panels, caption, keys=keys)


# What PM2.5 is made of


def parts_figure(g: Gathered) -> str:
    """Show what PM2.5 is made of, by season, in Chengdu and in the country."""
    days, _ = days_of_hours(g.hours.first_hour, g.hours.hours)
    names = {CHENGDU: words("site.town"), **{g.sites.names.index(n): words(f"site.{n}") for n in ("plain", "mountain")}}
    panels, said = [], []
    for name in days.pair():
        inside = days.in_season(name)
        sizes = g.hours.parts[:, list(names)][..., inside].mean(axis=-1, dtype=float)
        share = dict(zip(PARTS, 100.0 * sizes[:, 0] / sizes[:, 0].sum(), strict=True))
        told = {part: number(share[part]) for part in ("nitrate", "sulphate", "ammonium")}
        said.append(words("cycle.share", season=in_season(name), **told))
        parts = [Part(PART_COLOURS[i], words(f"part.{part}"), sizes[i]) for i, part in enumerate(PARTS)]
        title = titled(season(name), UGM3)
        panels.append(stacks(title, list(names.values()), parts, unit=UGM3, form="{:.1f}", width=HALF))
    keys = [Key(PART_COLOURS[i], words(f"part.{part}")) for i, part in enumerate(PARTS)]
    shares = Both("；".join(s.zh for s in said), "; ".join(s.en for s in said))
    return figure(
        "fig-parts",
        words("cycle.parts_title"),
        panels,
        words("cycle.parts_caption", shares=shares),
        keys=keys,
        columns=2,
    )
