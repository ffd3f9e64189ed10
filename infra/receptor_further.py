"""What `airshed receptor` does from a base solution: constraints, rotations, windows, and displacement in draws."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from rich.markup import escape
from rich.table import Table as Shown

from infra.messages import say
from infra.receptor import Asked, Base, Wanted, fitted, recorded, table
from infra.tables import bar
from research.receptor import Solution
from research.receptor.bootstrap import BootstrapDisplacement, bootstrap_displacement
from research.receptor.constraint_file import in_words, read_constraints
from research.receptor.constraints import Constrained, constrain, rotate
from research.receptor.epa_writing import require_form, write_epa
from research.receptor.further_writing import write_constrained, write_rolled, write_rotated
from research.receptor.rolling import LEAST_R, Rolled, roll
from standards.shown import harmless

DAY_MIN = 24 * 60


def constrained(
    asked: Asked, base: Base, wanted: Wanted, *, file: Path, allowed_pct: float
) -> tuple[Constrained, list[Path]]:
    """Fit under the constraints of a file; give what was found and the files that were written."""
    require_form(wanted.form)
    held = table(asked)
    constraints = read_constraints(file, held.names)
    found = constrain(fitted(held, base), constraints, allowed_pct=allowed_pct)
    written = [] if wanted.out is None else write_constrained(found, constraints, wanted.out, form=wanted.form)
    told = {
        **found.as_record(),
        "allowed_pct": allowed_pct,
        "constraints": [in_words(each, held.names) for each in constraints],
    }
    return found, written + recorded(wanted, told)


def rotated(
    asked: Asked, base: Base, wanted: Wanted, *, strengths: Sequence[float]
) -> tuple[list[tuple[float, Constrained]], list[Path]]:
    """Rotate the base by each strength; give what was found and the files that were written."""
    require_form(wanted.form)
    solution = fitted(table(asked), base)
    found = [(strength, rotate(solution, strength)) for strength in strengths]
    written = [] if wanted.out is None else write_rotated(found, wanted.out, form=wanted.form)
    told = {"rotations": [{"strength": strength, **each.as_record()} for strength, each in found]}
    return found, written + recorded(wanted, told)


def rolled(
    asked: Asked, base: Base, wanted: Wanted, *, days: float, step_days: float, window_starts: int
) -> tuple[Rolled, list[Path]]:
    """Fit window after window; give what was found and the files that were written."""
    require_form(wanted.form)
    solution = fitted(table(asked), base)
    window, step = (np.timedelta64(round(each * DAY_MIN), "m") for each in (days, step_days))
    with bar(say("receptor_rolling")) as advance:
        found = roll(solution, window=window, step=step, starts=window_starts, tell=advance)
    written = [] if wanted.out is None else write_rolled(found, wanted.out, form=wanted.form)
    return found, written + recorded(wanted, {**found.as_record(), "base": solution.as_record()})


def displaced_draws(
    asked: Asked, base: Base, wanted: Wanted, *, species: Sequence[str], draws: int
) -> tuple[Solution, BootstrapDisplacement, list[Path]]:
    """Displace some species in draws (BS-DISP); give the base, what was found and the files that were written."""
    require_form(wanted.form)
    solution = fitted(table(asked), base)
    with bar(say("receptor_drawing")) as advance:
        found = bootstrap_displacement(solution, species=species, resamples=draws, seed=base.seed, tell=advance)
    written = [] if wanted.out is None else write_epa(solution, wanted.out, form=wanted.form, bs_disp=found)
    return solution, found, written + recorded(wanted, solution.as_record(bs_disp=found))


def constrained_line(found: Constrained) -> str:
    """Say what the constraints cost."""
    return say("receptor_constrained", dq=f"{found.dq:.3f}", pct=f"{found.dq_pct:.3f}", robust=f"{found.dq_robust:.3f}",
               robust_pct=f"{found.dq_robust_pct:.3f}")  # fmt: skip


def rotated_table(found: Sequence[tuple[float, Constrained]]) -> Shown:
    """Lay out what each strength cost."""
    shown = Shown(*say("receptor_fpeak_columns").split("|"))
    for strength, each in found:
        shown.add_row(f"{strength:g}", f"{each.solution.q_robust:.1f}", f"{each.dq_robust:.3f}", f"{each.dq_robust_pct:.3f}",
                      f"{each.solution.q_true:.1f}", f"{each.dq:.3f}")  # fmt: skip
    return shown


def rolled_line(found: Rolled) -> str:
    """Say how many windows there are and from when to when."""
    return say("receptor_windows", count=len(found.starts), first=str(found.starts[0]).replace("T", " "),
               last=str(found.ends[-1]).replace("T", " "))  # fmt: skip


def rolled_table(found: Rolled) -> Shown:
    """Lay out how the factors fared in the windows, NA where no sample lies in two of them."""
    shown = Shown(*say("receptor_rolling_columns").split("|"))
    for k, name in enumerate(found.base.names):
        spread = found.spread[:, k][np.isfinite(found.spread[:, k])]
        shown.add_row(escape(harmless(name)), f"{int((found.r[:, k] >= LEAST_R).sum())}/{len(found.starts)}",
                      f"{np.median(found.r[:, k]):.3f}", f"{np.median(spread):.3f}" if spread.size else "NA")  # fmt: skip
    return shown


def draws_line(found: BootstrapDisplacement) -> str:
    """Say how many draws counted, and what changed places."""
    swaps = ", ".join(f"{level:g}: {int(row.sum())}" for level, row in zip(found.levels, found.swaps, strict=True))
    return say("receptor_bsdisp", accepted=found.accepted, draws=found.resamples, swapped=found.swapped_in_best,
               decrease=f"{-found.largest_decrease:z.3f}", swaps=swaps)  # fmt: skip


def draws_table(base: Solution, found: BootstrapDisplacement) -> Shown:
    """Lay out the intervals of the displaced species, NA where no draw counted."""
    first, last = found.levels[0], found.levels[-1]
    shown = Shown(*say("receptor_bsdisp_columns", first=f"{first:g}", last=f"{last:g}").split("|"))
    for k, name in enumerate(base.names):
        for species in found.displaced:
            j = base.species.index(species)
            shown.add_row(escape(harmless(name)), escape(harmless(species)), f"{base.profiles[k, j]:.4g}",
                          *(_between(found.low[n, k, j], found.high[n, k, j]) for n in (0, -1)))  # fmt: skip
    return shown


def _between(low: float, high: float) -> str:
    return f"{low:.4g} – {high:.4g}" if np.isfinite(low) and np.isfinite(high) else "NA"
