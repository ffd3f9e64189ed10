"""What the exploring pages share: names of quantities, choices as links, what could not be read, and what statistics rest on."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from dash import html

from dashboards.analysis.choice import SPANS, Quantity, Span
from dashboards.components import marks
from dashboards.components.emission_bars import NAMES as SPECIES_NAMES
from dashboards.components.take import About
from dashboards.context import Scene
from dashboards.moment import beijing
from dashboards.queries.analysis import Hours
from dashboards.view import CHOICES
from standards.pollutants import POLLUTANTS

PAGES = ("series", "cycles", "winds", "months", "between", "ozone")
BESIDE = ("laboratory",)
"""Pages without hours that are reached from these."""
_UNITS = {"wind_speed": "m/s", "temperature_c": "°C", "humidity_pct": "%", "mixing_height_m": "m", "rain_mm": "mm"}


def item_name(item: str) -> str:
    """Give the symbol of an item, or AQI."""
    return marks.SYMBOLS.get(item, item.upper())


def item_unit(item: str) -> str:
    """Give the unit of an item as it is written; empty for the index."""
    return marks.UNITS[POLLUTANTS[item].unit] if item in POLLUTANTS else ""


def place_name(scene: Scene, place: str) -> str:
    """Give the name of a city or station."""
    station = scene.registry.stations.get(place)
    return scene.city_name(place) if station is None else f"{station.name_zh} {place}"


def quantity_name(scene: Scene, quantity: Quantity, *, with_place: bool = True) -> str:
    """Give a quantity in words: "成都 PM₂.₅", "Chengdu forecast of PM₂.₅, day 2"."""
    text, kind, name = scene.text, quantity.kind, quantity.name
    if kind == "emission":
        said = text("explore.emission_of", name=SPECIES_NAMES.get(name, name))
    elif kind == "attribution":
        said = text("explore.attributed_of", name={"ox": "Oₓ"}.get(name) or item_name(name))
    elif kind in ("wind", "weather"):
        said = text(f"explore.{name}")
    else:
        said = item_name(name)
    if kind in ("forecast", "weather"):
        said = text("explore.forecast_of", name=said, day=quantity.lead_day)
    return f"{place_name(scene, quantity.place)} {said}" if with_place else said


def quantity_unit(quantity: Quantity) -> str:
    """Give the unit of a quantity; empty for the index."""
    if quantity.kind == "emission":
        return "kg/h"
    return "µg/m³" if quantity.kind == "attribution" else _UNITS.get(quantity.name) or item_unit(quantity.name)


def sister_pages(scene: Scene, here: str) -> html.Nav:
    """Link the exploring pages with each other."""
    links = [
        html.A(scene.text(f"page.{page}"), href=f"/analysis/{page}{scene.view.link()}",
               **{"aria-current": "page" if page == here else "false"})
        for page in (*PAGES, *BESIDE)
    ]  # fmt: skip
    return html.Nav(links, className="choices sisters", **{"aria-label": scene.text("explore.pages")})


def choices(label: str, entries: Sequence[tuple[str, str, bool]]) -> html.Div:
    """Show choices as links. entries: (words, address, whether it is the one that is shown)."""
    links = [
        html.A(words, href=href, **{"data-state": "", "aria-current": "true" if now else "false"})
        for words, href, now in entries
    ]
    group = html.Div(links, className="choices", role="group", **{"aria-label": label})
    return html.Div([html.Span(label, className="of-choice"), group], className="choice")


def city_choice(scene: Scene) -> html.Div:
    """Choose the city of the page."""
    entries = [
        (scene.city_name(code), scene.link(city=code), code == scene.view.city) for code in scene.registry.cities
    ]
    return choices(scene.text("explore.city"), entries)


def item_choice(scene: Scene) -> html.Div:
    """Choose the item of the page."""
    entries = [(item_name(item), scene.link(item=item), item == scene.view.item) for item in CHOICES]
    return choices(scene.text("explore.item"), entries)


def own_choice(scene: Scene, label: str, name: str, words: Mapping[str, str], now: str) -> html.Div:
    """Choose the value of a parameter of the page's own. words: by value."""
    return choices(label, [(said, scene.link({name: value}), value == now) for value, said in words.items()])


def span_choice(scene: Scene, span: Span) -> html.Div:
    """Choose the hours: a span up to the hour shown."""
    words = {name: scene.text(f"explore.span_{name}") for name in SPANS}
    entries = [
        (said, scene.link({"span": name, "from": None, "to": None}), name == span.name) for name, said in words.items()
    ]
    return choices(scene.text("explore.span"), entries)


def span_words(scene: Scene, span: Span) -> str:
    """Give the first and last hour of a span in Beijing time."""
    return scene.text("explore.between", first=beijing(span.first), last=beijing(span.last))


def fallen_back(scene: Scene, troubles: Sequence[str], shown: str = "") -> html.P | None:
    """Tell which parameters could not be read; shown: what stands in their place, in words."""
    if not troubles:
        return None
    names = scene.text("list.comma").join(dict.fromkeys(troubles))
    key = "explore.shown_instead" if shown else "explore.fallen_back"
    return _doubtful(scene.text(key, names=names, shown=shown))


def not_known(scene: Scene, names: Collection[str]) -> html.P | None:
    """Tell how many parameters the page does not know, without their names: anything can stand in them. names: those it reads."""
    others = sum(name not in names for name in scene.params)
    return _doubtful(scene.text("explore.not_known", n=others)) if others else None


def _doubtful(words: str) -> html.P:
    return html.P(words, className="footnote doubtful", role="status")


def rests_on(scene: Scene, label: str, found: Hours, span: Span) -> html.P:
    """Tell how many hours a statistic rests on, by which editions or models, and whether they are simulated."""
    text = scene.text
    named = text("list.comma").join(found.editions) or "NA"
    said = text("explore.rests_on", name=label, n=found.n, of=span.count, edition=named)
    return html.P([said, marks.simulated({"simulated": found.simulated}, text)], className="footnote")


TABLES = {
    "forecast": "forecast_city_hour", "weather": "forecast_city_hour", "emission": "emission_city_hour",
    "attribution": "attribution",
}  # fmt: skip
"""By kind of quantity where it is stored; what is observed has a table for cities and one for stations."""


def source_of(quantity: Quantity, found: Hours) -> str:
    """Name the table of a quantity, with the models, inventories or methods behind its hours."""
    own = "air_city_hour" if len(quantity.place) == 6 and quantity.place.isdigit() else "air_station_hour"
    named = TABLES.get(quantity.kind)
    return f"{named} ({', '.join(found.editions) or 'NA'})" if named else own


def edition_of(scene: Scene, quantities: Sequence[tuple[Quantity, Hours]]) -> str:
    """Name the editions behind observed quantities; a dash where none was asked."""
    names = [edition for quantity, found in quantities if quantity.kind == "air" for edition in found.editions]
    return scene.text("list.comma").join(dict.fromkeys(names)) or "—"


def about(scene: Scene, title: str, quantities: Sequence[tuple[Quantity, Hours]], span: Span, *more: str) -> About:
    """Say what a figure of hours of quantities is of."""
    comma = scene.text("list.comma")
    return About(
        title, comma.join(dict.fromkeys(place_name(scene, each.place) for each, _ in quantities)), span_words(scene, span),
        comma.join(dict.fromkeys(quantity_unit(each) or "1" for each, _ in quantities)),
        comma.join(dict.fromkeys(source_of(each, found) for each, found in quantities)), edition_of(scene, quantities),
        any(found.simulated for _, found in quantities), more,
    )  # fmt: skip


def utc(hour: dt.datetime) -> str:
    """Write an hour (naive UTC) as it stands in files."""
    return f"{hour:%Y-%m-%dT%H:00Z}"


def awaiting(scene: Scene, title: Any) -> list[Any]:
    """Say that there is nothing to show yet."""
    return [title, html.P(scene.text("card.awaiting"), className="quiet")]


def signed(value: float, decimals: int = 2) -> str:
    """Write a number with a true minus, none before a zero; NA for none."""
    return "NA" if value != value else f"{value:z.{decimals}f}".replace("-", "−")
