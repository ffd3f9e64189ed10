"""Files of what follows from a base solution: constrained and rotated solutions, windows, a study of numbers of factors."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from research.receptor.constraint_file import in_words
from research.receptor.constraints import Constrained, Constraint
from research.receptor.epa_writing import Rows, write_epa, write_sheets
from research.receptor.rolling import Rolled
from research.receptor.study import Study

_SUMS = ["dQ(Robust)", "Q(Robust)", "% dQ(Robust)", "Q(True)", "dQ minimised", "% dQ minimised"]


def write_constrained(
    found: Constrained, constraints: Sequence[Constraint], folder: Path, *, form: str = "csv"
) -> list[Path]:
    """Write a constrained solution as EPA PMF 5 names it, *_Constrained_*: its diagnostics begin with the constraints and dQ."""
    species = found.solution.species
    about: Rows = [["**** Constraints ****"], [], *([in_words(each, species)] for each in constraints), []]
    about += [_SUMS, _sums_of(found), []]
    return write_epa(found.solution, folder, form=form, kind="Constrained", about=about)


def write_rotated(found: Sequence[tuple[float, Constrained]], folder: Path, *, form: str = "csv") -> list[Path]:
    """Write rotated solutions by their strengths, *_Fpeak…_*, and the summary of all, *_FpeakResults."""
    base = found[0][1].solution
    rows: Rows = [["**** Fpeak Results ****"], [], ["Strength", *_SUMS]]
    rows += [[f"{strength:g}", *_sums_of(each)] for strength, each in found]
    begin = f"Factor{base.factors}"
    files = write_sheets({"FpeakResults": rows}, folder, begin if form == "csv" else f"{begin}_FpeakResults", form=form,
                         simulated=base.table.simulated)  # fmt: skip
    for strength, each in found:
        head: Rows = [["**** Fpeak ****"], [], ["Strength", *_SUMS], [f"{strength:g}", *_sums_of(each)], []]
        files += write_epa(each.solution, folder, form=form, kind=f"Fpeak{strength:g}", about=head)
    return files


def write_rolled(found: Rolled, folder: Path, *, form: str = "csv") -> list[Path]:
    """Write windows: each one's profiles, and the contributions with their spread between windows (-999 where there is none)."""
    base = found.base
    profiles: Rows = [["First", "Last", "Factor", "r with base", *base.species]]
    for n, (first, last) in enumerate(zip(found.starts, found.ends, strict=True)):
        for k, name in enumerate(base.names):
            profiles.append(
                [_when(first), _when(last), name, _number(found.r[n, k]), *map(_number, found.profiles[n, k])]
            )
    contributions: Rows = [["Date", *base.names, *(f"{name} spread" for name in base.names)]]
    for when, mean, spread in zip(base.table.times, found.contributions, found.spread, strict=True):
        contributions.append([_when(when), *map(_number, mean), *map(_number, spread)])
    sheets = {"rolling_profiles": profiles, "rolling_contributions": contributions}
    begin = f"Factor{base.factors}"
    return write_sheets(sheets, folder, begin if form == "csv" else f"{begin}_rolling", form=form,
                        simulated=base.table.simulated)  # fmt: skip


def write_study(found: Study, folder: Path, *, form: str = "csv") -> list[Path]:
    """Write the rows of a study as one table, and the solution of each number of factors as EPA PMF 5's files."""
    names = ("factors", "q_true", "q_robust", "q_expected", "ratio", "hits", "starts", "im", "is_", "within_3_pct", "swaps",
             "decrease", "mapped_pct")  # fmt: skip
    heads = ["Factors", "Q(True)", "Q(Robust)", "Q(Expected)", "Q(true)/Qexp", "Hits", "Starts", "IM", "IS", "% within 3",
             "DISP swaps", "DISP largest decrease", "BS mapped %"]  # fmt: skip
    held = [[getattr(row, name) for name in names] for row in found.rows]
    rows: Rows = [heads, *(["NA" if cell is None else cell for cell in row] for row in held)]
    simulated = any(each.table.simulated for each in found.solutions)
    files = write_sheets({"study": rows}, folder, "Factors", form=form, simulated=simulated)
    for each in found.solutions:
        files += write_epa(each, folder, form=form)
    return files


def _sums_of(found: Constrained) -> list[object]:
    held = (
        found.dq_robust,
        found.solution.q_robust,
        found.dq_robust_pct,
        found.solution.q_true,
        found.dq,
        found.dq_pct,
    )
    return [f"{each:.3f}" for each in held]


def _when(moment: np.datetime64) -> str:
    return str(moment).replace("T", " ")


def _number(value: float) -> float:
    return float(value) if np.isfinite(value) else -999.0
