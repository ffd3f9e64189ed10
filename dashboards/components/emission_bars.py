"""Emissions of a city by sector: one stacked bar a species, an HTML table so that it reads aloud and prints."""

from __future__ import annotations

from dash import html

from dashboards.context import Scene
from dashboards.queries.emissions import HourEmissions
from dashboards.theme import SECTOR_COLOURS, ink_on
from streams.records import SPECIES

NAMES = {"so2": "SO₂", "nox": "NOₓ", "co": "CO", "nh3": "NH₃", "voc": "VOCs", "pm25": "PM₂.₅", "pm10": "PM₁₀"}
LEGIBLE = 0.09
"""A share below this is too narrow for its number."""
LEGIBLE_ON_A_PHONE = 0.25
"""Below this share a phone's bar has no room for a label; it stands in what is read out."""


def emission_bars(scene: Scene, found: HourEmissions) -> list[html.Div | html.Table]:
    """Show the share of each sector in what is known, the city's total and what is emitted upwind [kg/h]."""
    text, sectors = scene.text, list(found.by_sector)
    colours = {sector: SECTOR_COLOURS[i % len(SECTOR_COLOURS)] for i, sector in enumerate(sectors)}
    keys = [html.Span([html.I(style={"background": colours[s]}), text.of_code("sector.", s)]) for s in sectors]
    heads = ("emission.species", "emission.share", "emission.local", "emission.upwind")
    head = html.Thead(html.Tr([html.Th(text(key), className="" if i < 2 else "number") for i, key in enumerate(heads)]))
    body = html.Tbody([_species(found, species, colours, scene) for species in SPECIES if _told(found, species)])
    return [html.Div(keys, className="legend"), html.Table([head, body], className="emissions")]


def _told(found: HourEmissions, species: str) -> bool:
    return found.local[species] is not None or any(species in sector for sector in found.by_sector.values())


def _species(found: HourEmissions, species: str, colours: dict[str, str], scene: Scene) -> html.Tr:
    parts = {sector: values[species] for sector, values in found.by_sector.items() if species in values}
    total = sum(kgh for kgh in parts.values() if kgh is not None)
    bar = [_part(_name(scene, s), kgh, total, colours[s]) for s, kgh in parts.items() if kgh is not None and kgh > 0]
    unknown = [_name(scene, sector) for sector, kgh in parts.items() if kgh is None]
    if unknown:
        words = f"{scene.text('list.comma').join(unknown)} NA ({scene.text('emission.unknown')})"
        bar.append(html.Div("NA", className="unknown", title=words))
    return html.Tr([
        html.Th(NAMES[species], scope="row"), html.Td(html.Div(bar, className="stack")),
        html.Td(_kgh(found.local[species]), className="number"),
        html.Td(_kgh(found.upwind[species]), className="number"),
    ])  # fmt: skip


def _name(scene: Scene, sector: str) -> str:
    return scene.text.of_code("sector.", sector)


def _part(name: str, kgh: float, total: float, colour: str) -> html.Div:
    share = kgh / total
    # What is left beside parts of a fixed width is shared out.
    style = {"flex": f"{share * 100:.2f} 0 0", "background": colour, "color": ink_on(colour)}
    words = f"{share * 100:.0f}%"
    shown, narrow = words if share >= LEGIBLE else "", "narrow" if share < LEGIBLE_ON_A_PHONE else ""
    return html.Div(shown, className=narrow, style=style, title=f"{name} {_kgh(kgh)} kg/h ({words})")


def _kgh(value: float | None) -> str:
    return "NA" if value is None else f"{value:,.0f}"
