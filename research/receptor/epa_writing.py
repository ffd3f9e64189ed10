"""Results in the layout of EPA PMF 5's own files, as CSV or as sheets of one workbook."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from research.receptor.bootstrap import PERCENTILES, Bootstrap, BootstrapDisplacement
from research.receptor.displacement import Displacement
from research.receptor.epa_files import MISSING
from research.receptor.refusals import ReceptorError
from research.receptor.residuals import far_off, regressions
from research.receptor.solution import Solution
from research.receptor.table import signal_to_noise
from standards.shown import as_cell

Rows = list[list[object]]


def write_epa(
    solution: Solution, folder: Path, *, prefix: str = "", form: str = "csv", displacement: Displacement | None = None,
    bootstrap: Bootstrap | None = None, bs_disp: BootstrapDisplacement | None = None, kind: str = "",
    about: Rows | None = None,
) -> list[Path]:  # fmt: skip
    """Write profiles, contributions, residuals, diagnostics and, where there are any, error estimates; give the files.

    kind: "Constrained" or "Fpeak" of a solution that is no run of its own, in the names of the files and in their heads. about:
    rows at the head of the diagnostics. form: csv, or xlsx with a sheet for each. Missing: -999, as EPA PMF 5 writes it.
    Simulated data say so in every file.
    Errors: ReceptorError for another form, or a folder that cannot be written.
    """
    sheets = {
        "profiles": profile_rows(solution, kind), "contributions": contribution_rows(solution, kind),
        "residuals": residual_rows(solution, kind), "diagnostics": [*(about or []), *diagnostic_rows(solution, kind)],
    }  # fmt: skip
    if displacement or bootstrap or bs_disp:
        sheets["BaseErrorEstimationSummary"] = error_rows(solution, displacement, bootstrap, bs_disp)
    begin = "_".join(filter(None, (prefix or f"Factor{solution.factors}", kind)))
    return write_sheets(sheets, folder, begin, form=form, simulated=solution.table.simulated)


def write_sheets(sheets: dict[str, Rows], folder: Path, begin: str, *, form: str, simulated: bool) -> list[Path]:
    """Write rows by the names of their sheets: a CSV for each, or one workbook. Errors: ReceptorError, as write_epa."""
    require_form(form)
    if simulated:
        sheets = {name: [["**** Simulated data / 模拟数据 ****"], *rows] for name, rows in sheets.items()}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        return _as_book(sheets, folder / f"{begin}.xlsx") if form == "xlsx" else _as_text(sheets, folder, begin)
    except OSError as error:
        raise ReceptorError(f"the result {folder} cannot be written: {error.strerror or error}") from error


def require_form(form: str) -> None:
    """Raise ReceptorError for a form that is neither csv nor xlsx: before a long work, not after it."""
    if form not in ("csv", "xlsx"):
        raise ReceptorError(f"form is {form!r}, expected csv or xlsx")


def profile_rows(solution: Solution, kind: str = "") -> Rows:
    """Give profiles in concentrations, in % of the species' sum, and in % of the factor's."""
    blocks = (("conc. of species", solution.profiles), ("% of species sum", 100.0 * solution.shares()),
              ("% of factor total", 100.0 * solution.composition()))  # fmt: skip
    rows: Rows = []
    for words, values in blocks:
        rows += [[], [f"Factor Profiles ({words}) from {_run(solution, kind)}"], [], ["", "", *solution.names]]
        rows += [[solution.run, name, *map(_number, values[:, j])] for j, name in enumerate(solution.species)]
    return rows


def contribution_rows(solution: Solution, kind: str = "") -> Rows:
    """Give contributions of mean 1, and in the unit of the table as the sum of the factor's species."""
    total, whens = solution.profiles.sum(axis=1), _whens(solution.table.times)
    rows: Rows = []
    for words, values in (
        ("avg = 1", solution.contributions),
        (f"conc. units {solution.table.unit}", solution.contributions * total),
    ):
        rows += [
            [],
            [f"Factor Contributions ({words.strip()}) from {_run(solution, kind)}"],
            [],
            ["", "", *solution.names],
        ]
        rows += [[solution.run, when, *map(_number, row)] for when, row in zip(whens, values, strict=True)]
    return rows


def residual_rows(solution: Solution, kind: str = "") -> Rows:
    """Give residuals and scaled residuals, a column for each species."""
    table = solution.table
    off = table.concentration[:, table.modelled] - solution.modelled()
    rows: Rows = []
    for words, values in (("Residuals", off), ("Scaled Residuals", solution.scaled_residuals())):
        rows += [[], [f"{words} from {_run(solution, kind)}"], [], ["", "Date", *solution.species]]
        rows += [
            [solution.run, when, *map(_number, row)] for when, row in zip(_whens(table.times), values, strict=True)
        ]
    return rows


def diagnostic_rows(solution: Solution, kind: str = "") -> Rows:
    """Give what was fitted and how: statistics of the data, sums of the runs, regressions, what lies far off."""
    table, used = solution.table, solution.table.used
    noise = signal_to_noise(table.concentration[used], table.uncertainty[used])
    rows: Rows = [["**** Analysis Summary ****"], [], ["Source: ", table.source], ["Digest of the data: ", table.digest()],
                  ["Floor of contributions: ", solution.settings.floor], [], ["**** Input Data Statistics ****"], [],
                  ["Species", "Category", "S/N", "Min", "25th", "Median", "75th", "Max"]]  # fmt: skip
    for j, name in enumerate(table.species):
        held = table.concentration[used, j]
        marks = (
            np.percentile(held[np.isfinite(held)], (0, 25, 50, 75, 100)) if np.isfinite(held).any() else [np.nan] * 5
        )
        rows.append([name, table.category[j].title(), f"{noise[j]:.1f}", *(f"{each:.5f}" for each in marks)])
    rows += [
        [],
        ["Excluded Samples"],
        *([when] for when, used_ in zip(_whens(table.times), used, strict=True) if not used_),
    ]
    rows += [[], ["**** Base Run Summary ****"], [], ["Number of base runs:  ", len(solution.runs)],
             ["Base random seed:  ", solution.settings.seed], ["Number of factors:  ", solution.factors],
             ["Extra modeling uncertainty (%):", f"{table.extra_pct:g}"], ["Hits of the best run:", solution.hits], [],
             ["Base run summary table:"], [],
             ["Run #", "Q(Robust)", "Q(True)", "Converged", "# Steps", "Q(true)/Qexp"]]  # fmt: skip
    rows += [[each.number, f"{each.q_robust:.1f}", f"{each.q_true:.1f}", "Yes" if each.converged else "No", each.steps,
              f"{each.q_true / solution.q_expected:.5f}"] for each in solution.runs]  # fmt: skip
    rows += [[], [f"**** Analysis of {_run(solution, kind)} ****"], [], ["Q(Robust)", f"{solution.q_robust:.1f}"],
             ["Q(True)", f"{solution.q_true:.1f}"], [], ["Regression diagnostics:"],
             ["Species", "Intercept", "Slope", "SE", "r^2", "KS Test Stat", "KS Test P Value", "% beyond 3"]]  # fmt: skip
    rows += [
        [r.species, *(f"{v:.2f}" for v in (r.intercept, r.slope, r.error, r.r2, r.ks, r.ks_p, r.far_pct))]
        for r in regressions(solution)
    ]
    rows += [
        [],
        ["Scaled residuals beyond 3 standard deviations (dates by species):"],
        ["Species", "Dates", "Residuals"],
    ]
    return rows + [[name, _whens(np.array([when]))[0], f"{value:.3f}"] for name, when, value in far_off(solution)]


def error_rows(
    solution: Solution,
    displacement: Displacement | None,
    bootstrap: Bootstrap | None,
    bs_disp: BootstrapDisplacement | None,
) -> Rows:
    """Give what displacement and draws found, summaries first, then the bounds of each element."""
    rows: Rows = []
    for given, told in ((displacement, _disp_rows), (bootstrap, _bs_rows), (bs_disp, _bs_disp_rows)):
        if given is not None:
            rows += [*told(solution, given), []]
    return rows


def _disp_rows(solution: Solution, disp: Displacement) -> Rows:
    part = 100.0 * disp.largest_decrease / disp.q
    rows: Rows = [["**** DISP ****"], []]
    rows += [["Largest decrease in Q:", f"{disp.largest_decrease:.3f}", "%dQ:", f"{part:.5f}"], []]
    rows += _swap_rows(solution, disp.levels, disp.swaps)
    rows += [[], ["Bounds at each level, and whether the level was reached (1) or the bound is wider (0)"]]
    sides = [f"{side} dQ={q:g}" for q in disp.levels for side in ("Min", "reached", "Max", "reached")]
    rows.append(["Factor", "Species", "Base", *sides])
    for k, j in _elements(solution):
        cells: list[object] = []
        for n in range(len(disp.levels)):
            cells += [_number(disp.low[n, k, j]), int(disp.reached[n, 0, k, j])]
            cells += [_number(disp.high[n, k, j]), int(disp.reached[n, 1, k, j])]
        rows.append([solution.names[k], solution.species[j], _number(solution.profiles[k, j]), *cells])
    return rows


def _bs_rows(solution: Solution, draws: Bootstrap) -> Rows:
    rows: Rows = [["**** BS ****"], [], ["Number of bootstrap runs:", draws.resamples], ["Block size:", draws.block]]
    rows += [["Random starts of each:", draws.starts], ["Min. Correlation R-Value:", draws.least_r]]
    rows += [["Draws in which a random start ended lower:", draws.lower], [], ["", *solution.names, "Unmapped"]]
    rows += [[f"Boot {name}", *row] for name, row in zip(solution.names, draws.mapped.tolist(), strict=True)]
    rows += [[], ["Factor", "Species", "Base", *(f"{p:g}th" for p in PERCENTILES)]]
    for k, j in _elements(solution):
        cells = map(_number, [solution.profiles[k, j], *draws.percentiles[:, k, j]])
        rows.append([solution.names[k], solution.species[j], *cells])
    return rows


def _bs_disp_rows(solution: Solution, found: BootstrapDisplacement) -> Rows:
    rows: Rows = [["**** BS-DISP ****"], [], ["Cases accepted:", found.accepted, "of", found.resamples]]
    rows += [
        ["Swaps in best fit:", found.swapped_in_best],
        ["Largest decrease in Q:", f"{found.largest_decrease:.3f}"],
        [],
    ]
    rows += _swap_rows(solution, found.levels, found.swaps)
    rows += [[], ["Factor", "Species", "Base", *(f"{p} dQ={q:g}" for q in found.levels for p in ("5th", "95th"))]]
    for k, j in _elements(solution):
        if np.isfinite(found.low[0, k, j]):
            bounds = np.stack([found.low[:, k, j], found.high[:, k, j]], axis=1).ravel()
            rows.append([solution.names[k], solution.species[j], *map(_number, [solution.profiles[k, j], *bounds])])
    return rows


def _swap_rows(solution: Solution, levels: tuple[float, ...], swaps: np.ndarray) -> Rows:
    counted = [[f"dQmax={level:g}", *row] for level, row in zip(levels, swaps.tolist(), strict=True)]
    return [["Swaps by factor", *solution.names], *counted]


def _elements(solution: Solution) -> Iterable[tuple[int, int]]:
    return ((k, j) for k in range(solution.factors) for j in range(len(solution.species)))


def _run(solution: Solution, kind: str) -> str:
    return f"Base Run #{solution.run} (Convergent Run)" if solution.run else f"{kind or 'Constrained'} Run"


def _number(value: float) -> str:
    return f"{value:.6E}" if np.isfinite(value) else f"{MISSING:.6E}"


def _whens(times: np.ndarray) -> list[str]:
    moments = [each.item() for each in times.astype("datetime64[s]")]
    hours = any(each.hour or each.minute for each in moments)
    return [f"{each:%m/%d/%y %H:%M}" if hours else f"{each:%m/%d/%y}" for each in moments]


def _as_text(sheets: dict[str, Rows], folder: Path, prefix: str) -> list[Path]:
    found = []
    for name, rows in sheets.items():
        path = folder / f"{prefix}_{name}.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file, lineterminator="\n").writerows([[_plain(each) for each in row] for row in rows])
        found.append(path)
    return found


def _as_book(sheets: dict[str, Rows], path: Path) -> list[Path]:
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name[:31])
        for row in rows:
            sheet.append([_as_number(_plain(each)) for each in row])
    book.save(path)
    return [path]


def _plain(value: object) -> object:
    return as_cell(value) if isinstance(value, str) else value


def _as_number(value: object) -> object:
    try:
        return float(value) if isinstance(value, str) and "E" in value else value
    except ValueError:
        return value
