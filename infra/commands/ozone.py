"""The commands `airshed ozone …`: what a day's ozone is made of, and what it would answer to."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from infra.commands.options import Data, Store
from infra.datadir import data_directory
from infra.messages import say
from infra.store_url import choose_store
from infra.usage import wrong
from standards.shown import harmless

if TYPE_CHECKING:
    from infra.datadir import DataDirectory
    from infra.ozone import Days
    from streams.registry import Registry

app = typer.Typer(
    no_args_is_help=True, help="Ask a box model what ozone of days was made of, and what it would answer to."
)

MOST_NODES = 101
Source = Annotated[
    str, typer.Argument(metavar="STATION|FILE", help="A super-site by its code, or a CSV or xlsx of hours.")
]
First = Annotated[str, typer.Option("--first", metavar="DATE", help="First day [of a file: all].")]
Last = Annotated[str, typer.Option("--last", metavar="DATE", help="Last day [the first].")]
At = Annotated[str, typer.Option("--at", metavar="LON,LAT", help="Where the station of a file stands, in degrees.")]
Site = Annotated[str, typer.Option("--station", metavar="NAME", help="Which station of a file that has several.")]
Sheet = Annotated[str, typer.Option("--sheet", metavar="NAME", help="Which sheet of a workbook [the first].")]
Below = Annotated[
    str, typer.Option("--below", metavar="WHAT", help="For values below a limit: zero, half or limit of it.")
]
Light = Annotated[
    float, typer.Option("--light", min=0.01, max=1.3, help="Share of a clear sky's light where nothing tells it.")
]
Held = Annotated[bool, typer.Option("--hold-ozone", help="Hold ozone at what was measured too.")]
Chemistry = Annotated[
    str,
    typer.Option(
        "--mechanism", metavar="NAME|FILE", help="t1s2, ts1 or cb5, or a .fac, .kpp, .eqn, .m or .json of one's own."
    ),
]
Constants = Annotated[
    Path | None,
    typer.Option("--constants", metavar="FILE", exists=True, help="Named constants of a .m, or the .fac of a .kpp."),
]
Lumped = Annotated[
    Path | None,
    typer.Option("--lumping", metavar="FILE", exists=True, help="What stands for compounds: compound,species,factor."),
]
Rates = Annotated[
    Path | None,
    typer.Option("--photolysis", metavar="FILE", exists=True, help="Rates of light by other names: name,table,factor."),
]
Json = Annotated[bool, typer.Option("--json", help="Write JSON instead of a table.")]


@app.command()
def day(
    source: Source, first: First = "", last: Last = "", at: At = "", station: Site = "", sheet: Sheet = "",
    below: Below = "half", light: Light = 0.8, mechanism: Chemistry = "t1s2", lumping: Lumped = None,
    photolysis: Rates = None, constants: Constants = None, hold_ozone: Held = False, json: Json = False, store: Store = None,
    data: Data = None,
) -> None:  # fmt: skip
    """Run the box of days: production and loss of ozone by pathway, radicals, OH reactivity, chemistry of the night."""
    from infra import ozone

    own = _own(mechanism, lumping, photolysis, constants)
    days = _days(source, first, last, at, station, sheet, below, light, hold_ozone, store, data, own)
    results = ozone.run_days(days.days)
    if json:
        _write([each.as_record() for each in results], days)
        return
    _show(days, ozone.day_table(results), ozone.pathway_table(results))


@app.command()
def ekma(
    source: Source, first: First = "", last: Last = "", at: At = "", station: Site = "", sheet: Sheet = "",
    below: Below = "half", light: Light = 0.8, mechanism: Chemistry = "t1s2", lumping: Lumped = None,
    photolysis: Rates = None, constants: Constants = None,
    size: Annotated[int, typer.Option(min=5, max=MOST_NODES, help="Nodes along each side of the diagram.")] = 21,
    month: Annotated[bool, typer.Option("--month", help="One diagram, of the mean of the days, with each day on it.")] = False,
    target: Annotated[float | None, typer.Option(min=1.0, max=1000.0, metavar="PPB", help="Peak ozone to reach.")] = None,
    json: Json = False, store: Store = None, data: Data = None,
) -> None:  # fmt: skip
    """Draw EKMA diagrams: peak ozone over VOC and NOx, the ridge, what cuts do, the cheapest cut to a target."""
    from infra import ozone

    own = _own(mechanism, lumping, photolysis, constants)
    days = _days(source, first, last, at, station, sheet, below, light, False, store, data, own)
    found = ozone.diagrams(days.days, size=size, month=month)
    if json:
        _write(ozone.ekma_json(found, days.days, target), days)
        return
    _show(days, ozone.ekma_table(found, target))


@app.command()
def rir(
    source: Source, first: First = "", last: Last = "", at: At = "", station: Site = "", sheet: Sheet = "",
    below: Below = "half", light: Light = 0.8, mechanism: Chemistry = "t1s2", lumping: Lumped = None,
    photolysis: Rates = None, constants: Constants = None,
    by: Annotated[str, typer.Option(metavar="WHAT", help="families or compounds.")] = "families",
    json: Json = False, store: Store = None, data: Data = None,
) -> None:  # fmt: skip
    """Compute relative incremental reactivities: by how much less ozone is made for a tenth less of each group, signed."""
    from infra import ozone

    if by not in ozone.BY:
        raise wrong("--by", "usage_one_of", value=repr(by), expected=", ".join(ozone.BY))
    own = _own(mechanism, lumping, photolysis, constants)
    days = _days(source, first, last, at, station, sheet, below, light, False, store, data, own)
    results = ozone.reactivities(days.days, by=by)
    if json:
        _write([each.as_record() for each in results], days)
        return
    _show(days, ozone.rir_table(results))


@app.command()
def regime(
    source: Source, first: First = "", last: Last = "", at: At = "", station: Site = "", sheet: Sheet = "",
    below: Below = "half", light: Light = 0.8, mechanism: Chemistry = "t1s2", lumping: Lumped = None,
    photolysis: Rates = None,
    constants: Constants = None, json: Json = False, store: Store = None, data: Data = None,
) -> None:  # fmt: skip
    """Read whether ozone answers to VOC or to NOx, by signs beside each other; where they disagree, it is said."""
    from infra import ozone

    own = _own(mechanism, lumping, photolysis, constants)
    days = _days(source, first, last, at, station, sheet, below, light, False, store, data, own)
    records = ozone.regime_records(days.days)
    if json:
        _write(records, days)
        return
    _show(days, ozone.regime_table(records))


@app.command()
def sources(
    source: Source,
    profiles: Annotated[Path, typer.Option(metavar="FILE", exists=True, help="Factors: a compound in each row, CSV.")],
    contributions: Annotated[Path, typer.Option(metavar="FILE", exists=True, help="Their contributions, an hour in each row.")],
    sector: Annotated[list[str], typer.Option(metavar="FACTOR=SECTOR", help="A sector of the attribution for a factor.")] = [],  # noqa: B006
    first: First = "", last: Last = "", at: At = "", station: Site = "", sheet: Sheet = "", below: Below = "half",
    light: Light = 0.8, mechanism: Chemistry = "t1s2", lumping: Lumped = None, photolysis: Rates = None,
    constants: Constants = None, json: Json = False, store: Store = None, data: Data = None,
) -> None:  # fmt: skip
    """Share ozone among the factors of a receptor model: potential, box and attribution beside each other, with the spread."""
    from infra import ozone
    from research.ozone.factor_files import factors_from_files

    unclear = [each for each in sector if each.count("=") != 1]
    if unclear:
        raise wrong("--sector", "usage_such_as", value=repr(unclear[0]), example="traffic=vehicles")
    named: dict[str, list[str]] = {}
    for factor, of in (each.split("=") for each in sector):
        named.setdefault(factor, []).append(of)
    own = _own(mechanism, lumping, photolysis, constants)
    days = _days(source, first, last, at, station, sheet, below, light, False, store, data, own)
    directory = data_directory(data)
    results = ozone.source_records(
        days.days, factors_from_files(profiles, contributions), store=choose_store(store, directory),
        registry=_registry(directory), sectors=named,
    )  # fmt: skip
    if json:
        _write([each.as_record() for each in results], days)
        return
    _show(days, ozone.source_table(results))
    if why := results[0].why_none:
        print(say("ozone_sources_none", why=harmless(why)))


def _own(mechanism: str, lumping: Path | None, photolysis: Path | None, constants: Path | None):
    """Give the mechanism that is asked for: a shipped one by its name, or one that is read here."""
    from research.ozone.chemistries import own_chemistry, shipped

    if lumping is None and photolysis is None and constants is None and not Path(mechanism).suffix:
        return shipped(mechanism).name
    return own_chemistry(mechanism, lumping=lumping, light=photolysis, constants=constants)


def _days(source, first, last, at, station, sheet, below, light, hold_ozone, store, data, mechanism) -> Days:
    from infra import ozone
    from research.ozone.conditions import Settings
    from research.ozone.days import BELOW_SHARE

    if below not in BELOW_SHARE:
        raise wrong("--below", "usage_one_of", value=repr(below), expected=", ".join(BELOW_SHARE))
    directory = data_directory(data)
    begin = _date(first, "--first")
    if begin is None and not Path(source).is_file():
        raise wrong("STATION|FILE", "ozone_no_source", value=repr(source))
    asked = ozone.Asked(
        source=source, at=_place(at), first=begin, last=_date(last, "--last") or begin, station=station, sheet=sheet,
        below=below, settings=Settings(transmission=light, o3_held=hold_ozone, mechanism=mechanism),
    )  # fmt: skip
    return ozone.days_of(asked, store=choose_store(store, directory), registry=_registry(directory))


def _registry(directory: DataDirectory) -> Registry:
    from streams.registry.kept import registry_in_use

    return registry_in_use(directory.known_registry)


def _date(text: str, option: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text) if text else None
    except ValueError as error:
        raise wrong(option, "usage_day", value=repr(text)) from error


def _place(text: str) -> tuple[float, float] | None:
    if not text:
        return None
    try:
        lon, lat = (float(part) for part in text.split(","))
    except ValueError as error:
        raise wrong("--at", "usage_such_as", value=repr(text), example="104.07,30.67") from error
    return lon, lat


def _write(records: list[dict], days: Days) -> None:
    from json import dumps

    without = {each.day.day.isoformat(): dict(each.day.without) for each in days.days if each.day.without}
    told = {"results": records, "left_out": [each.as_record() for each in days.left_out], "without": without}
    print(dumps(told, ensure_ascii=False, indent=1))


def _show(days: Days, *tables) -> None:
    from infra import ozone
    from infra.tables import show

    for table in tables:
        show(table)
    for line in ozone.notes(days):
        print(harmless(line))
    print(say("ozone_see"))
