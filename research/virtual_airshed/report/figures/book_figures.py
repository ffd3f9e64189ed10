"""Section 8: the books."""

from __future__ import annotations

import numpy as np

from research.virtual_airshed.model import BOOKS
from research.virtual_airshed.report.charts import Key, Part, figure, stacks, table
from research.virtual_airshed.report.gather import Gathered
from research.virtual_airshed.report.maps import Stage
from research.virtual_airshed.report.names import SYMBOLS, number, sector, titled
from research.virtual_airshed.report.panel import HALF
from research.virtual_airshed.report.words import same, words
from research.virtual_airshed.tracers import CARRIED
from standards.pollutants import ITEMS

BOOK_COLOURS = {"emitted": "#0f62a8", "came_in": "#b9c4ce", "made": "#e3a857", "went_out": "#8d99ae", "lost": "#a44a3f"}


def budget_figure(g: Gathered) -> str:
    """Show where each species came from and where it went."""
    books = dict(zip(BOOKS, g.balance.books.T, strict=True))
    source = books["emitted"] + books["came_in"] + books["made"]
    share = {name: 100.0 * v / source for name, v in books.items()}
    names = [words(f"carried.{n}") for n in CARRIED]
    ways = []
    for way, parts in (("sources", ("emitted", "came_in", "made")), ("sinks", ("went_out", "lost"))):
        bars = [Part(BOOK_COLOURS[n], words(f"book.{n}"), share[n]) for n in parts]
        ways.append(stacks(titled(words(f"books.{way}"), "%"), names, bars, unit="%", most=101.0, width=HALF))
    keys = [Key(BOOK_COLOURS[n], words(f"book.{n}")) for n in ("emitted", "came_in", "made", "went_out", "lost")]
    told = {
        "nitrate": ("made", "nitrate"), "sulphate": ("made", "sulphate"), "co_out": ("went_out", "co"),
        "coarse_lost": ("lost", "coarse"), "ox_in": ("came_in", "ox"), "ox_made": ("made", "ox"),
    }  # fmt: skip
    said = {name: number(share[book][CARRIED.index(species)]) for name, (book, species) in told.items()}
    caption = words("books.budget_caption", **said)
    return figure("fig-budget", words("books.budget_title"), ways, caption, keys=keys, columns=2)


def law_table(g: Gathered, stage: Stage) -> str:
    """Show how well the laws are kept: the residuals of this run."""
    rows = [
        [words("books.law_books", species=len(CARRIED)), _tiny(g.balance.rest.max()), words("books.of_amount")],
        [words("books.law_tags", sources=len(g.sources)), _tiny(g.balance.tag_rest.max()), words("books.of_largest")],
        [words("books.law_pm25"), _tiny(g.allocation_rest["pm25_ugm3"]), same("µg/m³")],
        [words("books.law_o3"), _tiny(g.allocation_rest["o3_ugm3"]), same("µg/m³")],
    ]
    for each in g.removals:
        name = stage.name_of(each.source) if each.source in g.cities else sector(each.source)
        for item in ("pm25", "no2", "o3"):
            rest = each.largest_rest[ITEMS.index(item)]
            rows.append(
                [words("books.law_removal", source=name, item=SYMBOLS[item]), _tiny(rest), words("books.of_largest")]
            )
    return table([words("books.law"), words("books.rest"), words("books.measured_in")], rows)


def _tiny(value: float) -> str:
    if value == 0:
        return "0"
    power = int(np.floor(np.log10(abs(value))))
    return f"{value / 10.0**power:.1f} × 10<sup>{power}</sup>".replace("-", "−")
