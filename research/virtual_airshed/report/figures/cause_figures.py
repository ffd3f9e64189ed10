"""Section 6: who caused what."""

from __future__ import annotations

import numpy as np

from research.virtual_airshed.inventories.spread import SECTORS
from research.virtual_airshed.report import blame
from research.virtual_airshed.report.charts import NAMES, Key, Part, figure, heat, stacks, table
from research.virtual_airshed.report.gather import Gathered
from research.virtual_airshed.report.maps import Stage
from research.virtual_airshed.report.names import (
    SOURCE_COLOURS,
    SOURCES,
    UGM3,
    in_season,
    number,
    season,
    sector,
    signed,
    spread,
    titled,
)
from research.virtual_airshed.report.palette import ABSENT, INK, LOCAL, OTHERS, OUTSIDE, scale
from research.virtual_airshed.report.panel import HALF, Panel, nice_ticks
from research.virtual_airshed.report.words import Both, joined, same, words

SHARES = scale("heat", (0, 1, 2, 4, 7, 11, 16, 24, 34, 46, 60, 75), most=0.78)
PARTS = (("local", LOCAL), ("other_cities", OTHERS), ("outside", OUTSIDE))
PM25, O3 = "pm25_ugm3", "o3_ugm3"
SYMBOL = {PM25: "PM₂.₅", O3: "O₃-8h"}
TOLD = ("vehicles", "agriculture")
"""The sectors of which the table beside the removals tells."""


def local_figure(g: Gathered, stage: Stage) -> str:
    """Show what cities owe to themselves, to each other and to the air from outside, beside the published shares."""
    names = [stage.name_of(c) for c in g.cities]
    panels, local = [], {}
    for name in blame.days_of_causes(g).pair():
        found = blame.season_of(g, name)
        for area in (True, False):
            shares = blame.shares_of_places(g, found, PM25, area=area)
            local[name, area] = shares[0]
            parts = [Part(colour, words(f"cause.{part}"), shares[i]) for i, (part, colour) in enumerate(PARTS)]
            where = words("cause.area" if area else "cause.stations")
            title = titled(words("cause.local_panel", season=season(name), where=where), "%")
            known = blame.PUBLISHED_LOCAL_PCT.get(name) if area else None
            panels.append(stacks(title, names, parts, unit="%", most=100.0, width=HALF, between=known))
    keys = [Key(colour, words(f"cause.{part}")) for part, colour in PARTS]
    keys.append(Key(INK, words("cause.published"), "dash"))
    return figure("fig-local", words("cause.local_title"), panels, _local_caption(local), keys=keys, columns=2)


def _local_caption(local: dict[tuple[str, bool], np.ndarray]) -> Both:
    said = []
    for (name, area), shares in local.items():
        known = blame.PUBLISHED_LOCAL_PCT.get(name)
        if area and known:
            inside = int(((shares >= known[0]) & (shares <= known[1])).sum())
            ranges = {"found": spread(shares, "{:.0f}"), "stations": spread(local[name, False], "{:.0f}")}
            low, high = (f"{end:g}" for end in known)
            said.append(words("cause.local_range", season=in_season(name), low=low, high=high, inside=inside, **ranges))
    whole = Both("".join(s.zh for s in said), " ".join(s.en for s in said)) if said else same("")
    return words("cause.local_caption", ranges=whole)


def sector_figure(g: Gathered, stage: Stage) -> str:
    """Show what the sectors make of PM2.5 and of ozone."""
    names, pair = [stage.name_of(c) for c in g.cities], blame.days_of_causes(g).pair()
    panels, tops, inflow = [], [], np.nan
    for name, quantity in [*((s, PM25) for s in pair), (warm_of(pair), O3)]:
        values = blame.by_sector(g, blame.season_of(g, name), quantity)
        parts = [Part(SOURCE_COLOURS[s], sector(s), values[i]) for i, s in enumerate(SOURCES)]
        title = titled(words("cause.sector_panel", item=SYMBOL[quantity], season=in_season(name)), UGM3)
        panels.append(stacks(title, names, parts, unit=UGM3, numbered=0.08))
        share = 100.0 * values[:, 0] / values[:, 0].sum()
        first = joined([sector(SECTORS[k]) + same(f" {share[k]:.0f}%") for k in np.argsort(-share[:-1])[:3]])
        tops.append(words("cause.top", season=in_season(name), item=SYMBOL[quantity], top=first))
        inflow = share[-1]
    said = Both("；".join(s.zh for s in tops), "; ".join(s.en for s in tops))
    caption = words("cause.sector_caption", tops=said, inflow=number(inflow))
    return figure(
        "fig-sectors",
        words("cause.sector_title"),
        panels,
        caption,
        keys=[Key(SOURCE_COLOURS[s], sector(s)) for s in SOURCES],
    )


def warm_of(pair: tuple[str, ...]) -> str:
    """Name the season in which ozone is shown: summer where it is one of the two."""
    return "summer" if "summer" in pair else pair[-1]


def removal_figure(g: Gathered, stage: Stage) -> str:
    """Show allocation beside removal for Chengdu, and where they differ and why."""
    pair = blame.days_of_causes(g).pair()
    panels, rows, told = [], [], {}
    for name, quantity in [(pair[0], PM25), *((s, O3) for s in reversed(pair))]:
        found = blame.season_of(g, name)
        given, taken = (blame.by_sector(g, found, quantity, removal=r)[:, 0] for r in (False, True))
        told[name, quantity] = given, taken
        what = {"item": SYMBOL[quantity], "season": in_season(name)}
        panels.append(
            _pairs(titled(words("cause.removal_panel", city=stage.name_of(g.cities[0]), **what), UGM3), given, taken)
        )
        sums = [number(v, "{:.1f}") for v in (float(found.of(quantity)[0][0]), given.sum(), taken.sum())]
        parts = [signed(v[SECTORS.index(s)], "{:+.1f}") for s in TOLD for v in (given, taken)]
        rows.append([words("cause.row", **what), *sums, *parts])
    pairs = [f"{s}_{n}" for s in TOLD for n in ("allocated", "removed")]
    head = [words(f"cause.{n}") for n in ("quantity", "total", "sum_allocated", "sum_removed", *pairs)]
    keys = [Key(INK, words("cause.allocated")), Key(ABSENT, words("cause.removed"))]
    warm = warm_of(pair)
    farms = [v[SECTORS.index("agriculture")] for v in told[pair[0], PM25]]
    cars = [v[SECTORS.index("vehicles")] for v in told[warm, O3]]
    said = {f"agriculture_{n}": number(v, "{:.1f}") for n, v in zip(("given", "removed"), farms, strict=True)}
    said |= {f"vehicles_{n}": signed(v, "{:+.1f}") for n, v in zip(("given", "removed"), cars, strict=True)}
    caption = words("cause.removal_caption", season=in_season(warm), **said)
    title = words("cause.removal_title")
    return figure("fig-removal", title, panels, caption, keys=keys, below=table(head, rows))


def _pairs(title: Both, given: np.ndarray, taken: np.ndarray) -> str:
    low, high = float(min(given.min(), taken.min(), 0.0)), float(max(given.max(), taken.max()))
    room = 0.06 * (high - low)
    ends = (low - room if low < 0 else 0.0, high + room)
    panel = Panel(title, x=ends, y=(len(SOURCES), 0), height=60.0 + 25.0 * len(SOURCES), margins=(NAMES, 26.0))
    panel.x_axis([(v, same(f"{v:g}".replace("-", "−"))) for v in nice_ticks(*ends, 5)], ruled=True)
    for i, name in enumerate(SOURCES):
        for key, value, (top, base), opacity in (
            ("cause.allocated", given[i], (0.14, 0.5), None),
            ("cause.removed", taken[i], (0.5, 0.86), 0.42),
        ):
            said = sector(name) + same(" ") + words(key) + same(f" {value:.1f} {UGM3}")
            panel.bar((0.0, float(value)), (i + top, i + base), SOURCE_COLOURS[name], said, opacity=opacity)
        panel.label(sector(name), panel.x[0], i + 0.5, anchor="end", dx=-8, dy=4, class_="tick name")
    return panel.line(np.array([0.0, 0.0]), np.array([0.0, len(SOURCES)]), INK, width=1.0).svg()


def transfer_figure(g: Gathered, stage: Stage) -> str:
    """Show which city's emissions reach which city, for PM2.5 and ozone."""
    rows = [stage.name_of(c) for c in g.cities]
    columns = [*(Both(n.zh, n.en[:4]) for n in rows), words("cause.outside_short")]
    panels, shares = [], {}
    for name, quantity in (("year", PM25), (warm_of(blame.days_of_causes(g).pair()), O3)):
        found = blame.season_of(g, name)
        values = 100.0 * blame.transfer(g, found, quantity) / found.of(quantity)[0][: len(g.cities), None]
        title = titled(words("cause.transfer_panel", item=SYMBOL[quantity], season=in_season(name)), "%")
        panels.append(heat(title, rows, columns, values, SHARES, form="{:.0f}", width=HALF, said="%"))
        shares[quantity] = values
    away = shares[PM25][:, : len(g.cities)].copy()
    np.fill_diagonal(away, -1)
    to, source = np.unravel_index(np.argmax(away), away.shape)
    caption = words("cause.transfer_caption", source=rows[source], to=rows[to], share=number(away[to, source]),
                    chengdu=number(away[1:, 0].mean()), o3_outside=number(shares[O3][:, -1].mean()))  # fmt: skip
    return figure("fig-transfer", words("cause.transfer_title"), panels, caption, columns=2)
