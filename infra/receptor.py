"""What `airshed receptor` does: make a table of files or of the store, factorise it, and lay out what that gives."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from rich.markup import escape
from rich.table import Table as Shown

from infra.messages import language, say
from infra.tables import bar
from research.kernel_cache import is_cold
from research.receptor import Solution, Table, factorise
from research.receptor.bootstrap import Bootstrap, bootstrap
from research.receptor.compiled import COLD_S, SOURCES
from research.receptor.displacement import Displacement, displace
from research.receptor.epa_files import read_epa, read_profiles, read_sheet
from research.receptor.epa_writing import require_form, write_epa
from research.receptor.further_writing import write_study
from research.receptor.naming import propose_names
from research.receptor.refusals import ReceptorError
from research.receptor.rolling import NewHours, contributions_to
from research.receptor.study import Study, study
from standards.shown import harmless

MAIN_SPECIES = 4
MOST_NAMED = 12
"""So many bounds are named on the terminal; the files tell all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Where the data are and how they count. files: concentrations and uncertainties; empty: station of store, from and to."""

    files: Sequence[Path] = ()
    store: str = ""
    station: str = ""
    since: str = ""
    until: str = ""
    weak: Sequence[str] = ()
    bad: Sequence[str] = ()
    without: Sequence[str] = ()
    missing: str = "median"
    extra_pct: float = 0.0
    formula: str = ""
    unit: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Base:
    """How a table is factorised: the same data, settings and seed give the same factors, whatever is done from them."""

    factors: int
    starts: int
    seed: int
    floor: float
    robust: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """The files that are wanted: a folder of those of EPA PMF 5, csv or xlsx, and all of it as JSON."""

    out: Path | None
    form: str
    record: Path | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What was found, and the files that were written."""

    solution: Solution
    displacement: Displacement | None
    bootstrap: Bootstrap | None
    written: tuple[Path, ...]


def table(asked: Asked) -> Table:
    """Make the table that is asked for, and say where the kernels are still to be compiled. Errors: ReceptorError, StoreError."""
    held = _table(asked)
    if is_cold(SOURCES):
        print(say("receptor_compiling", seconds=COLD_S), file=sys.stderr)
    return held


def _table(asked: Asked) -> Table:
    try:
        without = [np.datetime64(each, "m") for each in asked.without]
    except ValueError as error:
        raise ReceptorError(
            f"sample to leave out is {', '.join(asked.without)}, expected times such as 2026-06-01T08:00"
        ) from error
    options: dict[str, Any] = {
        "categories": dict.fromkeys(asked.weak, "weak") | dict.fromkeys(asked.bad, "bad"), "without": without,
        "missing": asked.missing, "extra_pct": asked.extra_pct, "formula": asked.formula or None,
    }  # fmt: skip
    if asked.station:
        if asked.unit:
            raise ReceptorError(f"unit is given as {asked.unit}, expected none: hours of the store are in ppb")
        from research.receptor.stored import stored_table

        return stored_table(asked.store, asked.station, start=asked.since or None, end=asked.until or None, **options)
    if len(asked.files) != 2:
        raise ReceptorError(
            f"{len(asked.files)} {'file is' if len(asked.files) == 1 else 'files are'} given, expected two, concentrations and "
            f"uncertainties, or --station"
        )
    return read_epa(*asked.files, **options, **({"unit": asked.unit} if asked.unit else {}))


def fitted(held: Table, base: Base) -> Solution:
    """Factorise a table, with a bar."""
    with bar(say("receptor_fitting")) as advance:
        return factorise(held, factors=base.factors, starts=base.starts, seed=base.seed, floor=base.floor, robust=base.robust,
                         tell=advance)  # fmt: skip


def recorded(wanted: Wanted, told: dict[str, Any]) -> list[Path]:
    """Write what was found as JSON where that is wanted; give the file."""
    return [] if wanted.record is None else [write_record(wanted.record, told)]


def fit(asked: Asked, base: Base, wanted: Wanted, *, disp: bool, draws: int, draw_starts: int) -> Found:
    """Factorise, displace and draw as asked, and write the files that are wanted."""
    require_form(wanted.form)
    solution = fitted(table(asked), base)
    displacement = draw = None
    if disp:
        with bar(say("receptor_displacing")) as advance:
            displacement = displace(solution, tell=advance)
    if draws:
        with bar(say("receptor_drawing")) as advance:
            draw = bootstrap(solution, resamples=draws, starts=draw_starts, tell=advance)
    written: list[Path] = []
    if wanted.out is not None:
        written += write_epa(solution, wanted.out, form=wanted.form, displacement=displacement, bootstrap=draw)
    if wanted.record is not None:
        intervals = {"displacement": displacement, "bootstrap": draw}
        told = solution.as_record(**{name: each for name, each in intervals.items() if each is not None})
        told["proposals"] = [[each.as_record() for each in held] for held in propose_names(solution)]
        written += recorded(wanted, told)
    return Found(solution=solution, displacement=displacement, bootstrap=draw, written=tuple(written))


def study_of(asked: Asked, wanted: Wanted, *, first: int, last: int, **options: Any) -> tuple[Study, list[Path]]:
    """Study numbers of factors from first to last; give what was found and the files that were written."""
    if first > last:
        raise ReceptorError(f"factors from {first} to {last}, expected an end after the start")
    require_form(wanted.form)
    held = table(asked)
    with bar(say("receptor_studying")) as advance:
        found = study(held, factors=range(first, last + 1), tell=advance, **options)
    written = [] if wanted.out is None else write_study(found, wanted.out, form=wanted.form)
    return found, written + recorded(wanted, found.as_record())


def hours(asked: Asked, profiles: Path, *, floor: float, record: Path | None) -> tuple[Table, NewHours]:
    """Give what the profiles of a file, as EPA PMF 5 and we write them, contributed to new samples."""
    species, known, names = read_profiles(profiles)
    outside = [each for each in read_sheet(asked.files[0]).species if each not in species] if asked.files else []
    if outside:
        print(say("receptor_outside", species=say("list_comma").join(outside)), file=sys.stderr)
    held = table(replace(asked, bad=[*asked.bad, *outside]))
    found = contributions_to(known, species, held, names=names, floor=floor)
    if record is not None:
        write_record(record, found.as_record())
    return held, found


def fit_line(found: Solution) -> str:
    """Say what was found in one line."""
    held = found.table
    return say("receptor_found", source=harmless(held.source), simulated=say("receptor_simulated") if held.simulated else "",
               samples=int(held.used.sum()), species=len(found.species), factors=found.factors, robust=f"{found.q_robust:.1f}",
               true=f"{found.q_true:.1f}", ratio=f"{found.q_true / found.q_expected:.2f}", starts=found.settings.starts,
               hits=found.hits)  # fmt: skip


def filled_line(held: Table) -> str:
    """Say how many missing values medians stand for, empty where none was missing."""
    count = held.filled_count
    return say("receptor_filled", count=count) if count else ""


def unreached_lines(disp: Displacement) -> list[str]:
    """Name the bounds whose fits did not come near their level: each is too narrow; nothing where all did."""
    sides = (say("receptor_side_low"), say("receptor_side_high"))
    found = [
        say("receptor_bound", factor=k + 1, species=disp.species[j], side=sides[side], level=f"{disp.levels[n]:g}")
        for n, side, k, j in np.argwhere(~disp.reached)
        if not np.isnan(disp.low[n, k, j])
    ]
    named = say("receptor_bounds_end").join(found[:MOST_NAMED])
    return [say("receptor_unreached", count=len(found), bounds=named)] if found else []


def interval_lines(found: Found) -> list[str]:
    """Say what displacement and draws found."""
    lines, disp, draws = [], found.displacement, found.bootstrap
    if disp is not None:
        lines.append(say("receptor_disp", decrease=f"{-disp.largest_decrease:z.3f}", level=f"{disp.levels[0]:g}",
                         swaps=int(disp.swaps[0].sum()), reached=f"{100.0 * disp.reached.mean():.1f}"))  # fmt: skip
        lines.extend(unreached_lines(disp))
    if draws is not None:
        least = 100.0 * np.diag(draws.mapped).min() / draws.resamples
        lines.append(say("receptor_bs", draws=draws.resamples, mapped=f"{least:.0f}", lower=draws.lower))
    return lines


def factors_table(found: Solution) -> Shown:
    """Lay out the factors: their share, main species, and what they may be."""
    shown = Shown(*say("receptor_columns").split("|"))
    total, shares = found.profiles.sum(), found.shares()
    for k, (name, proposals) in enumerate(zip(found.names, propose_names(found), strict=True)):
        order = np.argsort(-np.nan_to_num(shares[k]))[:MAIN_SPECIES]
        main = ", ".join(f"{found.species[j]} {100.0 * shares[k, j]:.0f}" for j in order)
        said = ", ".join(f"{each.zh if language() == 'zh' else each.en} {each.score:.2f}" for each in proposals[:2])
        shown.add_row(
            escape(harmless(name)), f"{100.0 * found.profiles[k].sum() / total:.1f}", escape(harmless(main)), said
        )
    return shown


def study_table(found: Study) -> Shown:
    """Lay out the numbers of factors side by side."""
    shown = Shown(*say("receptor_study_columns").split("|"))
    for row in found.rows:
        shown.add_row(
            str(row.factors), f"{row.q_robust:.1f}", f"{row.q_true:.1f}", f"{row.ratio:.3f}", f"{row.hits}/{row.starts}",
            f"{row.im:.2f}", f"{row.is_:.2f}", f"{row.within_3_pct:.1f}", "NA" if row.swaps is None else str(row.swaps),
            "NA" if row.mapped_pct is None else f"{row.mapped_pct:.0f}",
        )  # fmt: skip
    return shown


def hours_table(found: NewHours) -> Shown:
    """Lay out the newest contributions, NA where there is none."""
    shown = Shown("", *(escape(harmless(each)) for each in found.names))
    for when, row in list(zip(found.times, found.contributions, strict=True))[-24:]:
        shown.add_row(str(when).replace("T", " "), *("NA" if np.isnan(each) else f"{each:.3f}" for each in row))
    return shown


def write_record(path: Path, told: dict[str, Any]) -> Path:
    """Write a record as JSON; give the path. Errors: ReceptorError where it cannot be written."""
    try:
        path.write_text(json.dumps(told, ensure_ascii=False, allow_nan=False), encoding="utf-8")
    except OSError as error:
        raise ReceptorError(f"the result {path} cannot be written: {error.strerror or error}") from error
    return path
