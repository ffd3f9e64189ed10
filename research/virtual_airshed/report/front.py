"""The head of the page with its numbers, and section 1: what this is."""

from __future__ import annotations

import numpy as np

from research.virtual_airshed.grid import CELL_M, TOP_M
from research.virtual_airshed.inventories.spread import SECTORS
from research.virtual_airshed.reference.judge import EXEMPT, INSIDE, OUTSIDE
from research.virtual_airshed.report import blame, regimes
from research.virtual_airshed.report.charts import table
from research.virtual_airshed.report.figures.real_days_figures import verdicts
from research.virtual_airshed.report.names import UGM3, number, spread
from research.virtual_airshed.report.subject import Subject
from research.virtual_airshed.report.svg import tag
from research.virtual_airshed.report.words import Both, html, same, words
from research.virtual_airshed.run import SPIN_UP_DAYS
from research.virtual_airshed.tracers import CARRIED
from standards.pollutants import ITEMS


def hero(subject: Subject) -> str:
    """Write the head: the name, what was run, and the numbers."""
    scenario = subject.g.scenario
    lead = words("head.lead", scenario=subject.title, days=scenario.days, seed=scenario.seed, **subject.span)
    said = [
        tag("p", html(words("head.eyebrow")), class_="eyebrow"),
        tag("h1", html(words("head.h1"))),
        tag("p", html(lead), class_="lead"),
    ]
    made = (_bands_tile, _pm25_tile, _books_tile, _removal_tile, _regime_tile, _local_tile)
    tiles = tag("div", *(tile for each in made if (tile := each(subject))), class_="tiles")
    return tag("header", tag("div", *said, tiles), class_="hero")


def _bands_tile(subject: Subject) -> str:
    counts = verdicts(subject.judged)
    judged = counts[INSIDE] + counts[EXEMPT] + counts[OUTSIDE]
    if not judged:
        return _tile("–", "", words("tile.bands"), words("tile.bands_short"))
    note = words("tile.bands_note", exempt=counts[EXEMPT], outside=counts[OUTSIDE])
    return _tile(f"{counts[INSIDE]} / {judged}", "", words("tile.bands"), note)


def _pm25_tile(subject: Subject) -> str:
    lines = subject.judged.set_index(["statistic", "item", "season", "city"])
    line = lines.loc[("mean", "pm25_ugm3", "year", subject.g.cities[0])]
    note = words("tile.pm25_note", real=number(line["real"]))
    return _tile(number(line["simulated"]), UGM3, words("tile.pm25"), note)


def _books_tile(subject: Subject) -> str:
    return _tile(
        _power(subject.g.balance.rest.max()), "", words("tile.books"), words("tile.books_note", species=len(CARRIED))
    )


def _removal_tile(subject: Subject) -> str:
    items = [ITEMS.index(i) for i in ("no2", "o3", "pm25")]
    rests = [float(r.largest_rest[items].max()) for r in subject.g.removals]
    return _tile(_power(max(rests)), "", words("tile.removal"), words("tile.removal_note")) if rests else ""


def _regime_tile(subject: Subject) -> str:
    g, cities = subject.g, len(subject.g.cities)
    if not g.noon.hours:
        return ""
    regime = regimes.regime_of(g.noon.by_nox, g.noon.by_reactivity)
    towns = int(np.isin(regime[g.sites.at_row[:cities], g.sites.at_column[:cities]], (0, 1)).sum())
    nox = 100.0 * regimes.shares(regime, np.ones(regime.shape, bool))[3]
    return _tile(f"{towns} / {cities}", "", words("tile.regime"), words("tile.regime_note", nox=number(nox)))


def _local_tile(subject: Subject) -> str:
    g = subject.g
    if "winter" not in blame.days_of_causes(g).seasons():
        return ""
    low, high = blame.PUBLISHED_LOCAL_PCT["winter"]
    shares = blame.shares_of_places(g, blame.season_of(g, "winter"), "pm25_ugm3", area=True)[0]
    note = words("tile.local_note", low=f"{low:g}", high=f"{high:g}")
    return _tile(spread(shares, "{:.0f}"), "%", words("tile.local"), note)


def _tile(value: str, unit: str, said: Both, note: Both) -> str:
    strong = tag("strong", value, tag("small", unit) if unit else "")
    return tag("div", strong, tag("span", html(said)), tag("span", html(note), class_="note"), class_="tile")


def _power(value: float) -> str:
    return "0" if value == 0 else f"&lt; 10<sup>−{-int(np.ceil(np.log10(value)))}</sup>"


def about(subject: Subject) -> list[str]:
    """Section 1."""
    is_, is_not = (
        tag("div", tag("p", html(words(f"about.{n}"))), class_=f"card {c}")
        for n, c in (("is", "yes"), ("is_not", "no"))
    )
    ideas = [
        tag("div", tag("h3", html(words(f"about.{n}"))), tag("p", html(words(f"about.{n}_text"))))
        for n in ("linear", "local", "exact", "apart")
    ]
    parameters = tag("div", _parameters(subject), class_="card")
    return [tag("div", is_, is_not, class_="two"), _flow(subject), tag("div", *ideas, class_="ideas"), parameters]


def _flow(subject: Subject) -> str:
    model = words("about.flow_model", tags=len(subject.g.sources))
    steps = [
        tag("div", html(words("about.flow_emissions")) + "<br>" + html(words("about.flow_weather"))),
        tag("div", html(model), class_="core"),
        tag("div", html(words("about.flow_files"))), tag("div", html(words("about.flow_platform"))),
        tag("div", html(words("about.flow_truth")), class_="truth"),
    ]  # fmt: skip
    arrows = [tag("i", "→")] * 3 + [tag("i", "⇠"), ""]
    return tag("div", *(part for pair in zip(steps, arrows, strict=True) for part in pair), class_="flow")


def _parameters(subject: Subject) -> str:
    g, scenario, (rows, columns) = subject.g, subject.g.scenario, subject.stage.grid.shape
    tilts = same(", ".join(f"{n} {v:+g}" for n, v in scenario.tilts.items())) if scenario.tilts else words("about.none")
    factors = ", ".join(f"{'/'.join(n)} × {v:g}" for n, v in scenario.factors.items())
    counts = {"species": len(CARRIED), "tags": len(g.sources), "sectors": len(SECTORS), "cities": len(g.cities)}
    lines = {
        "scenario": Both(f"{scenario.title_zh}（{scenario.name}）", f"{scenario.title_en} ({scenario.name})"),
        "span": words("about.span_value", spin=SPIN_UP_DAYS, **subject.span),
        "seed": same(scenario.seed),
        "tilts": tilts,
        "factors": same(factors) if factors else words("about.none"),
        "grid": words("about.grid_value", rows=rows, columns=columns, cell=f"{CELL_M / 1000:g}", top=f"{TOP_M:g}"),
        "species": words("about.species_value", **counts),
        "stations": words("about.stations_value", n=len(subject.stage.registry.stations)),
        "mechanism": same(subject.versions.mechanism),
        "inventory": same(subject.versions.inventory),
        "version": same(f"airshed {subject.versions.airshed}"),
    }
    head = [words("about.parameter"), words("about.value")]
    return table(head, [[words(f"about.{n}"), v] for n, v in lines.items()], first=2)
