"""What `airshed ozone` does: gather days of a station, run boxes over them, and lay out what came of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from rich.markup import escape
from rich.table import Table

from infra.messages import say
from research.ozone.chemistries import USUAL, chemistry_of
from research.ozone.conditions import Conditions, Settings, conditions
from research.ozone.days import LeftOut, briefly, gather
from research.ozone.ekma import Ekma, ekma_of
from research.ozone.errors import OzoneError
from research.ozone.groups import Factors, Group, compound_groups, usual_groups
from research.ozone.in_file import SUFFIXES, hours_from_file
from research.ozone.in_store import attributed_day, hours_from_store
from research.ozone.isopleths import CUTS, cheapest_cut, cut_path, isopleths, ridge
from research.ozone.month import MEAN_OF, mean_day, positions
from research.ozone.obm import ObmDay, obm_of
from research.ozone.regime import regime_of
from research.ozone.rir import Rir, mean_rir, rir_of
from research.ozone.sources import METHODS, Attributed, SourceOzone, source_ozone_of
from streams.registry import Registry

LEVELS_PPB = tuple(range(40, 401, 20))
"""Isopleths that a record holds."""
TOLD = 0.0005
"""A compound that the mechanism has nothing for is named from this share of the reactivity on; smaller ones are counted."""
BY = ("families", "compounds")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is asked. source: a station's code, or a table of one's own. at: longitude and latitude of the latter. first,
    last: natural days, all of a table where left out. station, sheet: of a table that has several. settings: of the box."""

    source: str
    at: tuple[float, float] | None = None
    first: dt.date | None = None
    last: dt.date | None = None
    station: str = ""
    sheet: str = ""
    below: str = "half"
    altitude_m: float = 500.0
    settings: Settings = field(default_factory=Settings)


@dataclass(frozen=True, slots=True)
class Days:
    """Days that can be computed, and those that cannot."""

    days: tuple[Conditions, ...]
    left_out: tuple[LeftOut, ...]


def days_of(asked: Asked, *, store: str, registry: Registry) -> Days:
    """Gather the days; OzoneError where none can be computed, which names why."""
    path = Path(asked.source)
    if path.suffix.lower() in SUFFIXES:
        if asked.at is None:
            raise OzoneError(f"{path.name}: where the station stands is not known, expected its longitude and latitude")
        lon, lat = asked.at
        hours = hours_from_file(path, lon=lon, lat=lat, station=asked.station, sheet=asked.sheet)
    else:
        if asked.first is None or asked.last is None:
            raise OzoneError(f"{asked.source}: the days are not known, expected the first and the last")
        hours = hours_from_store(store, registry, asked.source, asked.first, asked.last)
    found = gather(hours, below=asked.below, altitude_m=asked.altitude_m)
    inside = [each for each in found.days if _within(each.day, asked)]
    left_out = tuple(each for each in found.left_out if _within(each.day, asked))
    if not inside:
        why = f"without values: {briefly(left_out)}" if left_out else "none of the days is in the record"
        raise OzoneError(f"{hours.station}: no day can be computed ({why})")
    return Days(tuple(conditions(each, asked.settings) for each in inside), left_out)


def run_days(days: Sequence[Conditions]) -> list[ObmDay]:
    """Run the boxes."""
    return obm_of(days, threads=0)


def day_table(results: Sequence[ObmDay]) -> Table:
    """Lay out each day: the highest ozone, what is made and lost, radicals, reactivity, the signs of its chemistry."""
    table = Table(*say("ozone_day_columns").split("|"), title=_title("ozone_day_title", results))
    for each in results:
        oh = each.concentration_ppb["OH"].max() * 1e3
        lost = sum(np.minimum(values, 0.0).sum() for values in each.ozone_ppb_h.values())
        made = sum(np.maximum(values, 0.0).sum() for values in each.ozone_ppb_h.values())
        reactivity = sum(values[9:16].mean() for values in each.oh_reactivity_per_s.values())
        table.add_row(
            f"{each.day}", f"{each.concentration_ppb['O3'].max():.0f}", _number(each.o3_bias_ppb, 0, signed=True), f"{made:.0f}",
            f"{lost:.0f}", f"{oh:.2f}", f"{reactivity:.1f}", f"{100 * each.reactivity_kept:.0f}",
            _number(each.l_n_q_daylight, 2), _number(each.h2o2_hno3, 3),
        )  # fmt: skip
    return table


def pathway_table(results: Sequence[ObmDay]) -> Table:
    """Lay out the pathways of ozone, means of days over the hours from 8 to 18 o'clock [ppb/h]."""
    table = Table(*say("ozone_pathway_columns").split("|"), title=say("ozone_pathway_title"))
    for name in results[0].ozone_ppb_h:
        table.add_row(name, f"{np.mean([each.ozone_ppb_h[name][8:18].mean() for each in results]):+.2f}")
    table.add_row(say("ozone_net"), f"{np.mean([each.net_ozone_ppb_h[8:18].mean() for each in results]):+.2f}")
    return table


def diagrams(days: Sequence[Conditions], *, size: int, month: bool) -> list[tuple[Ekma, Conditions]]:
    """Compute the diagram of each day, or the one of their mean."""
    factors = np.linspace(0.0, 2.0, size)
    return [(ekma_of(each, voc_factor=factors, nox_factor=factors, threads=0), each)
            for each in ([mean_day(days)] if month else days)]  # fmt: skip


def ekma_json(
    found: Sequence[tuple[Ekma, Conditions]], days: Sequence[Conditions], target_ppb: float | None
) -> list[dict]:
    """Give diagrams as records, with isopleths, ridge, cuts, and the days on them."""
    return [
        ekma.as_record()
        | {
            "isopleths": {level: [line.round(4).tolist() for line in lines]
                          for level, lines in isopleths(ekma.grid, LEVELS_PPB).items() if lines},
            "ridge": ridge(ekma.grid).as_record(),
            "cuts": [cut_path(ekma.grid, ratio, steps=20).as_record() for ratio in CUTS],
            "cheapest": None if target_ppb is None else cheapest_cut(ekma.grid, target_ppb).as_record(),
            "days": [each.as_record() for each in positions(ekma, day, days)],
        }
        for ekma, day in found
    ]  # fmt: skip


def ekma_table(found: Sequence[tuple[Ekma, Conditions]], target_ppb: float | None) -> Table:
    """Lay out each diagram: ozone of the day, its slopes, the ridge, joint cuts, the cheapest way to a target."""
    table = Table(*say("ozone_ekma_columns").split("|"), title=_title("ozone_ekma_title", [ekma for ekma, _ in found]))
    for ekma, day in found:
        by_voc, by_nox = ekma.grid.slopes()
        at = np.interp(1.0, ridge(ekma.grid).voc_factor, ridge(ekma.grid).nox_factor)
        cuts = [
            float(np.interp(0.3, p.cut, p.o3_ppb)) - ekma.base_o3_ppb
            for p in (cut_path(ekma.grid, r) for r in (0.0, 1.0, np.inf))
        ]
        cheapest = "" if target_ppb is None else _cheapest(ekma, target_ppb)
        name = day.assumed.get(MEAN_OF, str(ekma.day))
        table.add_row(name, f"{ekma.base_o3_ppb:.0f}", f"{by_voc:+.1f}", f"{by_nox:+.1f}", f"{at:.2f}",
                      *(f"{change:+.1f}" for change in cuts), cheapest)  # fmt: skip
    return table


def _cheapest(ekma: Ekma, target_ppb: float) -> str:
    cut = cheapest_cut(ekma.grid, target_ppb)
    if not cut.reached:
        return say("ozone_not_reached", lowest=f"{cut.o3_ppb:.0f}")
    return say("ozone_reached", voc=f"{100 * (1 - cut.voc_factor):.0f}", nox=f"{100 * (1 - cut.nox_factor):.0f}")


def reactivities(days: Sequence[Conditions], *, by: str) -> list[Rir]:
    """Compute reactivities by families or by compounds."""
    return rir_of(days, _by_families if by == BY[0] else _by_compounds, threads=0)


def _by_families(day: Conditions) -> list[Group]:
    return usual_groups(day.lumping)


def _by_compounds(day: Conditions) -> list[Group]:
    return [*compound_groups(day.lumping), *usual_groups(day.lumping)[-2:]]


def rir_table(results: Sequence[Rir]) -> Table:
    """Lay out mean reactivities over the days, largest first, with the spread between days."""
    table = Table(*say("ozone_rir_columns").split("|"), title=_title("ozone_rir_title", results))
    means, spread = mean_rir(results)
    for name in sorted(means, key=lambda each: -np.nan_to_num(means[each], nan=-np.inf)):
        table.add_row(escape(name), _number(means[name], 3, signed=True), _number(spread[name], 3))
    return table


def source_records(
    days: Sequence[Conditions],
    factors: Factors,
    *,
    store: str,
    registry: Registry,
    sectors: Mapping[str, Sequence[str]],
) -> list[SourceOzone]:
    """Share each day's ozone among factors; the attribution of the station's city stands beside where the store has one."""
    found = []
    for each in days:
        known = registry.stations.get(each.day.station)
        values, about = (None, {}) if known is None or not sectors else attributed_day(store, known.city, each.day.day)
        stated = None if values is None else Attributed(values, about)
        why = _why_none(known is None, sectors, about)
        found.append(source_ozone_of(each, factors, attributed=stated, sectors=sectors, why_none=why, threads=0))
    return found


def _why_none(unknown: bool, sectors: Mapping, about: Mapping[str, str]) -> str:
    if unknown:
        return say("ozone_sources_no_city")
    return about.get("why", "") if sectors else say("ozone_sources_no_sectors")


def source_table(results: Sequence[SourceOzone]) -> Table:
    """Lay out the shares of sources, means over days, by each method beside the others, with the spread."""
    methods = [m for m in METHODS if any(m in each.share for each in results)]
    words = dict(zip(METHODS, say("ozone_sources_methods").split("|"), strict=True))
    columns = say("ozone_sources_columns").split("|")
    table = Table(columns[0], *(words[m] for m in methods), *columns[1:], title=_title("ozone_sources_title", results))
    for i, name in enumerate(results[0].sources):
        shares = [np.array([each.share[m][i] for each in results if m in each.share]) for m in methods]
        means = [float(np.nanmean(each)) if np.isfinite(each).any() else np.nan for each in shares]
        spread = np.nanmax(means) - np.nanmin(means) if np.isfinite(means).any() else np.nan
        table.add_row(escape(name), *(_number(100 * each, 0) for each in means), _number(100 * spread, 0))
    return table


def regime_records(days: Sequence[Conditions], *, size: int = 11) -> list[dict]:
    """Read all signs of each day."""
    boxes, rir = obm_of(days, threads=0), reactivities(days, by=BY[0])
    grids = diagrams(days, size=size, month=False)
    return [
        regime_of(day, box, ekma=ekma, rir=each).as_record()
        for day, box, each, (ekma, _) in zip(days, boxes, rir, grids, strict=True)
    ]


def regime_table(records: Sequence[dict]) -> Table:
    """Lay out the signs of each day beside each other, and who disagrees."""
    kinds = [sign["kind"] for sign in records[0]["signs"]]
    columns = say("ozone_regime_columns").split("|")
    table = Table(columns[0], *kinds, *columns[1:], title=say("ozone_regime_title", station=records[0]["station"]))
    for each in records:
        readings = [f"{say('ozone_regime_' + s['reading'])} ({_number(s['value'], 2)})" for s in each["signs"]]
        most = say("ozone_regime_join").join(say(f"ozone_regime_{name}") for name in each["most"])
        agree = f"{each['agreeing']}/{each['told']}"
        table.add_row(
            each["day"], *readings, f"{most or say('ozone_regime_unknown')} {agree}", ", ".join(each["disagreeing"])
        )
    return table


def notes(days: Days) -> list[str]:
    """Say what was left out, bridged, assumed."""
    lines = [_left_out(each) for each in days.left_out]
    lines += _of_mechanism(days.days[0]) + _unstood(days.days)
    assumed: dict[str, str] = {}
    for each in days.days:
        what = ", ".join(f"{name} ({share:.1%})" for name, share in each.day.without.items())
        lines += [say("ozone_without", day=each.day.day, what=what)] if what else []
        assumed |= each.assumed
    lines += [say(f"ozone_assumed_{name}", value=value) for name, value in assumed.items()]
    bridged = sum(sum(each.day.bridged.values()) for each in days.days)
    if bridged:
        lines.append(say("ozone_bridged", count=bridged))
    return lines


def _of_mechanism(day: Conditions) -> list[str]:
    """Name a mechanism that is not the usual one, how large it is and how compounds were lumped."""
    if day.settings.mechanism == USUAL:
        return []
    known = chemistry_of(day.settings.mechanism)
    about = {"species": len(known.boxed.species), "reactions": len(known.boxed.reactions), "table": known.table}
    return [say("ozone_mechanism", name=known.name, **about)]


def _unstood(days: Sequence[Conditions]) -> list[str]:
    """Name the compounds that the mechanism has nothing for, with their share of the reactivity with OH, means of days."""
    shares: dict[str, list[float]] = {}
    for each in days:
        found = each.lumping.reactivity_shares(each.day.voc_ppb.mean(axis=1))
        for name in each.lumping.left_out:
            shares.setdefault(name, []).append(float(found[each.lumping.compounds.index(name)]))
    means = {name: sum(values) / len(days) for name, values in shares.items()}
    if not means:
        return []
    told = [
        f"{name} ({share:.1%})" for name, share in sorted(means.items(), key=lambda each: -each[1]) if share >= TOLD
    ]
    what = ", ".join(told) or "-"
    return [say("ozone_unstood", what=what, more=len(means) - len(told), share=f"{sum(means.values()):.1%}")]


def _left_out(each: LeftOut) -> str:
    about = {"station": each.station, "day": each.day, "what": each.what}
    if not each.gap_h:
        return say("ozone_left_out_none", **about)
    return say("ozone_left_out", hours=each.gap_h, begins=each.gap_from, **about)


def _within(day: dt.date, asked: Asked) -> bool:
    return (asked.first is None or day >= asked.first) and (asked.last is None or day <= asked.last)


def _title(key: str, results: Iterable) -> str:
    first = next(iter(results))
    return say(key, station=first.station, simulated=say("scenario_simulated") if first.simulated else "")


def _number(value: float | None, places: int, *, signed: bool = False) -> str:
    if value is None or not np.isfinite(value):
        return "NA"
    return f"{value:{'+' if signed else ''}.{places}f}"
