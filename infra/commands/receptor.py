"""The commands `airshed receptor …`: factorise compounds into sources, study how many there are, look at new hours."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from infra.commands.options import Data, Store
from infra.datadir import data_directory
from infra.messages import say
from infra.store_url import choose_store

app = typer.Typer(no_args_is_help=True, help="Receptor model (PMF): which sources the measured compounds came from.")

Files = Annotated[
    list[Path] | None,
    typer.Argument(metavar="CON UNC", help="Concentrations and uncertainties as EPA PMF 5 takes them, CSV or xlsx."),
]
Station = Annotated[str, typer.Option(metavar="CODE", help="In place of files: a super-site of the store.")]
Since = Annotated[str, typer.Option("--from", metavar="TIME", help="First hour of the store.")]
Until = Annotated[str, typer.Option("--to", metavar="TIME", help="Last hour of the store.")]
Weak = Annotated[list[str], typer.Option(metavar="SPECIES", help="A weak species: three times its uncertainty.")]
Bad = Annotated[list[str], typer.Option(metavar="SPECIES", help="A bad species: left out.")]
Without = Annotated[list[str], typer.Option(metavar="TIME", help="A sample that is left out.")]
Missing = Annotated[str, typer.Option(help="Missing values: median, exclude or weightless.")]
Extra = Annotated[float, typer.Option(metavar="PCT", help="Extra modelling uncertainty, % of the concentration.")]
Formula = Annotated[
    str, typer.Option(help="Uncertainty by x, limit and fraction in place of EPA's: 0.1 * x + limit / 2.")
]
Floor = Annotated[float, typer.Option(help="How far below 0 contributions may go: 0, or -0.2 as EPA PMF 5.")]
Starts = Annotated[int, typer.Option(min=1, max=100_000, help="Random starts.")]
Seed = Annotated[int, typer.Option(min=0, help="Seed of the random starts.")]
Plain = Annotated[bool, typer.Option("--plain", help="Minimise Q(true) instead of the robust sum.")]
Unit = Annotated[str, typer.Option(metavar="UNIT", help="Unit of the concentrations, where the files name none.")]
Factors = Annotated[int, typer.Option(min=1, max=60, help="How many factors.")]
Out = Annotated[Path | None, typer.Option(metavar="FOLDER", help="Write files in the layout of EPA PMF 5.")]
Form = Annotated[str, typer.Option(help="csv or xlsx.")]
Record = Annotated[Path | None, typer.Option("--json", metavar="FILE", help="Write all of it as JSON.")]


@app.command()
def fit(
    files: Files = None,
    factors: Factors = 6,
    starts: Starts = 100, seed: Seed = 1, floor: Floor = 0.0, plain: Plain = False,
    disp: Annotated[bool, typer.Option("--disp", help="Intervals by displacement of every element.")] = False,
    draws: Annotated[int, typer.Option(min=0, max=10_000, help="Intervals by so many draws of samples (BS).")] = 0,
    draw_starts: Annotated[int, typer.Option(min=0, max=100, help="Random starts of each draw.")] = 5,
    out: Out = None, form: Form = "csv", record: Record = None, weak: Weak = [], bad: Bad = [], without: Without = [],  # noqa: B006
    missing: Missing = "median", extra: Extra = 0.0, formula: Formula = "", unit: Unit = "", station: Station = "",
    since: Since = "", until: Until = "", store: Store = None, data: Data = None,
) -> None:  # fmt: skip
    """Factorise a table of compounds, and tell the factors with their species and what they may be."""
    from infra import receptor
    from infra.tables import show

    asked = _asked(files, station, since, until, weak, bad, without, missing, extra, formula, unit, store, data)
    base, wanted = _base(factors, starts, seed, floor, plain), _wanted(out, form, record)
    found = receptor.fit(asked, base, wanted, disp=disp, draws=draws, draw_starts=draw_starts)
    print(receptor.fit_line(found.solution))
    if filled := receptor.filled_line(found.solution.table):
        print(filled)
    show(receptor.factors_table(found.solution))
    for line in receptor.interval_lines(found):
        print(line)
    _tell_written(found.written)


@app.command()
def study(
    files: Files = None,
    least: Annotated[int, typer.Option(min=1, max=60, help="The fewest factors.")] = 3,
    most: Annotated[int, typer.Option(min=1, max=60, help="The most factors.")] = 12,
    starts: Starts = 60, seed: Seed = 1, floor: Floor = 0.0, plain: Plain = False,
    draws: Annotated[int, typer.Option(min=0, max=10_000, help="Draws of samples for each number (BS).")] = 50,
    out: Out = None, form: Form = "csv", record: Record = None, weak: Weak = [], bad: Bad = [], without: Without = [],  # noqa: B006
    missing: Missing = "median", extra: Extra = 0.0, formula: Formula = "", unit: Unit = "", station: Station = "",
    since: Since = "", until: Until = "", store: Store = None, data: Data = None,
) -> None:  # fmt: skip
    """Lay numbers of factors side by side: Q, hits, residuals, swaps under displacement, mapping of draws."""
    from infra import receptor
    from infra.tables import show

    asked = _asked(files, station, since, until, weak, bad, without, missing, extra, formula, unit, store, data)
    found, written = receptor.study_of(asked, _wanted(out, form, record), first=least, last=most, starts=starts, seed=seed,
                                       floor=floor, robust=not plain, resamples=draws)  # fmt: skip
    show(receptor.study_table(found))
    print(say("receptor_study_words"))
    _tell_written(written)


@app.command()
def hours(
    profiles: Annotated[Path, typer.Argument(metavar="PROFILES", help="Profiles as EPA PMF 5 or `fit --out` wrote them.")],
    files: Files = None, floor: Floor = 0.0, record: Record = None, weak: Weak = [], bad: Bad = [],  # noqa: B006
    without: Without = [], missing: Missing = "median", extra: Extra = 0.0, formula: Formula = "",  # noqa: B006
    unit: Unit = "", station: Station = "", since: Since = "", until: Until = "", store: Store = None, data: Data = None,
) -> None:  # fmt: skip
    """Tell what known factors contributed to new samples; the newest 24 are shown."""
    from infra import receptor
    from infra.tables import show
    from standards.shown import harmless

    asked = _asked(files, station, since, until, weak, bad, without, missing, extra, formula, unit, store, data)
    held, found = receptor.hours(asked, profiles, floor=floor, record=record)
    simulated = say("receptor_simulated") if found.simulated else ""
    print(
        say(
            "receptor_hours",
            source=harmless(held.source),
            simulated=simulated,
            samples=len(found.times),
            factors=len(found.names),
        )
    )
    show(receptor.hours_table(found))
    _tell_written([] if record is None else [record])


@app.command(name="constrain")
def constrained(
    constraints: Annotated[
        Path, typer.Argument(metavar="CONSTRAINTS", help="A TOML file: tables of zero, between, pull, ratio, a_value.")
    ],
    files: Files = None, factors: Factors = 6, starts: Starts = 100, seed: Seed = 1, floor: Floor = 0.0, plain: Plain = False,
    allowed: Annotated[float, typer.Option(min=0.0, metavar="PCT", help="How far pulls may raise the sum, %.")] = 0.5,
    out: Out = None, form: Form = "csv", record: Record = None,
    weak: Weak = [], bad: Bad = [], without: Without = [],  # noqa: B006
    missing: Missing = "median", extra: Extra = 0.0, formula: Formula = "", unit: Unit = "", station: Station = "",
    since: Since = "", until: Until = "", store: Store = None, data: Data = None,
) -> None:  # fmt: skip
    """Fit again under what is known of the sources: elements that are zero, bounded, pulled or tied, profiles with an a-value."""
    from infra import receptor, receptor_further
    from infra.tables import show

    asked = _asked(files, station, since, until, weak, bad, without, missing, extra, formula, unit, store, data)
    base, wanted = _base(factors, starts, seed, floor, plain), _wanted(out, form, record)
    found, written = receptor_further.constrained(asked, base, wanted, file=constraints, allowed_pct=allowed)
    print(receptor.fit_line(found.solution))
    print(receptor_further.constrained_line(found))
    show(receptor.factors_table(found.solution))
    _tell_written(written)


@app.command()
def fpeak(
    files: Files = None, factors: Factors = 6, starts: Starts = 100, seed: Seed = 1, floor: Floor = 0.0, plain: Plain = False,
    strength: Annotated[
        list[float], typer.Option(metavar="NUMBER", help="Above 0 parts profiles, below 0 contributions; repeat it.")
    ] = [-0.5, -0.1, 0.0, 0.1, 0.5],  # noqa: B006
    out: Out = None, form: Form = "csv", record: Record = None,
    weak: Weak = [], bad: Bad = [], without: Without = [],  # noqa: B006
    missing: Missing = "median", extra: Extra = 0.0, formula: Formula = "", unit: Unit = "", station: Station = "",
    since: Since = "", until: Until = "", store: Store = None, data: Data = None,
) -> None:  # fmt: skip
    """Rotate the solution (Fpeak) by strengths, and tell what each costs."""
    from infra import receptor, receptor_further
    from infra.tables import show

    asked = _asked(files, station, since, until, weak, bad, without, missing, extra, formula, unit, store, data)
    base, wanted = _base(factors, starts, seed, floor, plain), _wanted(out, form, record)
    found, written = receptor_further.rotated(asked, base, wanted, strengths=strength)
    print(receptor.fit_line(found[0][1].solution))
    show(receptor_further.rotated_table(found))
    _tell_written(written)


@app.command()
def rolling(
    files: Files = None, factors: Factors = 6, starts: Starts = 100, seed: Seed = 1, floor: Floor = 0.0, plain: Plain = False,
    days: Annotated[float, typer.Option(min=0.0, help="Length of a window, days.")] = 14.0,
    step: Annotated[float, typer.Option(min=0.0, help="By how much a window moves on, days.")] = 1.0,
    window_starts: Annotated[int, typer.Option(min=0, max=1000, help="Random starts of each window.")] = 0,
    out: Out = None, form: Form = "csv", record: Record = None,
    weak: Weak = [], bad: Bad = [], without: Without = [],  # noqa: B006
    missing: Missing = "median", extra: Extra = 0.0, formula: Formula = "", unit: Unit = "", station: Station = "",
    since: Since = "", until: Until = "", store: Store = None, data: Data = None,
) -> None:  # fmt: skip
    """Fit window after window of a record, in the order of the factors of the whole."""
    from infra import receptor, receptor_further
    from infra.tables import show

    asked = _asked(files, station, since, until, weak, bad, without, missing, extra, formula, unit, store, data)
    base, wanted = _base(factors, starts, seed, floor, plain), _wanted(out, form, record)
    found, written = receptor_further.rolled(
        asked, base, wanted, days=days, step_days=step, window_starts=window_starts
    )
    print(receptor.fit_line(found.base))
    print(receptor_further.rolled_line(found))
    show(receptor_further.rolled_table(found))
    _tell_written(written)


@app.command()
def bsdisp(
    files: Files = None, factors: Factors = 6, starts: Starts = 100, seed: Seed = 1, floor: Floor = 0.0, plain: Plain = False,
    species: Annotated[list[str], typer.Option(metavar="SPECIES", help="A species to displace; repeat it.")] = [],  # noqa: B006
    draws: Annotated[int, typer.Option(min=1, max=10_000, help="Draws of samples.")] = 50,
    out: Out = None, form: Form = "csv", record: Record = None,
    weak: Weak = [], bad: Bad = [], without: Without = [],  # noqa: B006
    missing: Missing = "median", extra: Extra = 0.0, formula: Formula = "", unit: Unit = "", station: Station = "",
    since: Since = "", until: Until = "", store: Store = None, data: Data = None,
) -> None:  # fmt: skip
    """Displace some species in each of many draws of samples (BS-DISP)."""
    from infra import receptor, receptor_further
    from infra.tables import show

    asked = _asked(files, station, since, until, weak, bad, without, missing, extra, formula, unit, store, data)
    base, wanted = _base(factors, starts, seed, floor, plain), _wanted(out, form, record)
    solution, found, written = receptor_further.displaced_draws(asked, base, wanted, species=species, draws=draws)
    print(receptor.fit_line(solution))
    print(receptor_further.draws_line(found))
    show(receptor_further.draws_table(solution, found))
    _tell_written(written)


def _base(factors, starts, seed, floor, plain):
    from infra.receptor import Base

    return Base(factors=factors, starts=starts, seed=seed, floor=floor, robust=not plain)


def _wanted(out, form, record):
    from infra.receptor import Wanted

    return Wanted(out=out, form=form, record=record)


def _tell_written(paths):
    for path in paths:
        print(say("receptor_written", path=path))


def _asked(files, station, since, until, weak, bad, without, missing, extra, formula, unit, store, data):
    from infra.receptor import Asked

    where = choose_store(store, data_directory(data)) if station else ""
    return Asked(files=files or (), store=where, station=station, since=since, until=until, weak=weak, bad=bad, without=without,
                 missing=missing, extra_pct=extra, formula=formula, unit=unit)  # fmt: skip
