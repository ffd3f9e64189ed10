"""Section 4: what the grid looks like, on average and while a haze grows and ends."""

from __future__ import annotations

import numpy as np

from research.virtual_airshed.reference.describing import SEASONS
from research.virtual_airshed.report.charts import figure
from research.virtual_airshed.report.dates import Days, days_from
from research.virtual_airshed.report.fields import Fields
from research.virtual_airshed.report.gather import Gathered
from research.virtual_airshed.report.maps import GridMap, Stage, numbers
from research.virtual_airshed.report.names import UGM3, in_season, number, season, titled
from research.virtual_airshed.report.palette import scale
from research.virtual_airshed.report.spells import largest_haze
from research.virtual_airshed.report.words import same, words
from standards.days import natural_day
from standards.pollutants import ITEMS

PM25 = scale("heat", (0, 5, 10, 15, 20, 25, 30, 35, 40, 45, 50, 55, 60, 65, 70))
NO2 = scale("violet", (0, 3, 6, 9, 12, 15, 18, 21, 24, 28, 32, 36, 40, 45, 50))
O3 = scale("green", (60, 70, 80, 90, 100, 110, 120, 130, 140, 150, 160, 170))
HEIGHT = scale("blue", (300, 400, 500, 600, 700, 800, 900, 1000, 1100, 1200, 1300), most=0.62)
GROUND = scale("ground", (400, 500, 600, 700, 800, 1000, 1250, 1500, 2000, 2500, 3000, 3600))
HAZE = scale("heat", (0, 10, 20, 30, 40, 50, 60, 75, 90, 105, 120, 135, 150, 165))


def mean_of_months(values: np.ndarray, fields: Fields, months: tuple[int, ...] | None = None) -> np.ndarray:
    """Average means of months (month, ...) over months, by their days; all months of the run by default. NaN
    without days.
    """
    chosen = np.isin(np.arange(1, 13), months) if months else np.ones(12, bool)
    weight = np.where(chosen, fields.days, 0)
    if not weight.sum():
        return np.full(values.shape[1:], np.nan)
    there = weight > 0
    return np.tensordot(weight[there] / weight.sum(), values[there].astype(float), axes=1)


def mean_figure(g: Gathered, stage: Stage) -> str:
    """Show the ground, means of PM2.5, NO2 and ozone, and wind over the mixed layer in two seasons."""
    fields, pair = g.fields, _days(g).pair()
    pm25, no2 = (mean_of_months(fields.items[:, ITEMS.index(i)], fields) for i in ("pm25", "no2"))
    warm = "summer" if "summer" in pair else pair[-1]
    mda8 = fields.o3_mda8_ugm3[_days(g).in_season(warm)].mean(axis=0)
    maps = [_ground_map(stage)]
    for title, field, steps in (
        (words("map.mean", item="PM₂.₅"), pm25, PM25),
        (words("map.mean", item="NO₂"), no2, NO2),
        (words("map.mda8", season=in_season(warm)), mda8, O3),
    ):
        maps.append(GridMap(titled(title, UGM3), field, steps, numbers(steps), same(UGM3)).svg(stage))
    maps += [_wind_map(fields, name).svg(stage) for name in pair]
    names = ("town", *g.sites.names[1:])
    at = dict(zip(names, zip(g.sites.at_row, g.sites.at_column, strict=True), strict=True))
    caption = words(
        "map.caption", **{n: number(pm25[at[n]]) for n in ("town", "plain", "mountain")}, no2_town=number(no2[at["town"]]),
        no2_plain=number(no2[at["plain"]]), o3_town=number(mda8[at["town"]]), o3_high=number(mda8.max()), season=in_season(warm),
    )  # fmt: skip
    return figure("fig-maps", words("map.title"), maps, caption)


def _days(g: Gathered) -> Days:
    return days_from(int(natural_day(g.hours.first_hour)), len(g.fields.o3_mda8_ugm3))


def _ground_map(stage: Stage) -> str:
    title = titled(words("map.ground"), "m")
    drawn = GridMap(title, stage.grid.elevation_m, GROUND, numbers(GROUND), same("m"), 1.0, named=True)
    return drawn.svg(stage, stations=[(s.lon, s.lat) for s in stage.registry.stations.values()])


def _wind_map(fields: Fields, name: str) -> GridMap:
    height, wind = (mean_of_months(v, fields, SEASONS.get(name)) for v in (fields.noon_height_m, fields.wind_ms))
    title = titled(words("map.wind", season=season(name)), "m")
    return GridMap(title, height, HEIGHT, numbers(HEIGHT), same("m"), 1.0, wind_ms=wind, full_arrow_ms=1.0)


def haze_figure(g: Gathered, stage: Stage) -> str | None:
    """Show six days of the haze that ends most sharply; None for a run that is too short."""
    haze = largest_haze(g)
    if haze is None:
        return None
    dates = g.days.index.get_level_values("date").unique().sort_values()
    maps = []
    for day in haze.days:
        title = titled(words("map.day", month=dates[day].month, day=dates[day].day), f"PM₂.₅ {UGM3}")
        wind = {"wind_ms": g.fields.day_wind_ms[day], "full_arrow_ms": 2.0}
        maps.append(GridMap(title, g.fields.pm25_ugm3[day], HAZE, numbers(HAZE), same(UGM3), **wind).svg(stage))
    u, v, height = (g.hours.of_weather(n)[0] for n in ("wind_u_ms", "wind_v_ms", "mixing_height_m"))
    told = {}
    for name, day in (("", haze.peak), ("_after", haze.days[-1])):
        hours = slice(24 * day, 24 * (day + 1))
        told["wind" + name] = number(float(np.hypot(u[hours], v[hours]).mean()), "{:.1f}")
        told["height" + name] = number(float(height[hours].mean()))
    levels = {n: number(getattr(haze, f"{n}_ugm3")) for n in ("before", "peak", "after")}
    caption = words("map.haze_caption", month=dates[haze.peak].month, day=dates[haze.peak].day, **levels, **told)
    return figure("fig-haze", words("map.haze_title"), maps, caption)
