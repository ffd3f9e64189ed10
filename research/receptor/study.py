"""How many factors: sums, hits, residuals, swaps under displacement and mapping of draws, side by side for each number."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from research.receptor.bootstrap import bootstrap
from research.receptor.displacement import LEVELS, displace
from research.receptor.factorise import factorise
from research.receptor.solution import Solution
from research.receptor.table import Table

FACTORS = range(3, 13)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One number of factors.

    im, is_: the largest mean and the largest standard deviation of a species' scaled residuals (Lee et al. 1999). within_3_pct:
    how many scaled residuals lie within 3. swaps: at the lowest level of displacement, decrease: the largest of Q in it.
    mapped_pct: least share of draws in which a factor was mapped to itself. None where it was not asked.
    """

    factors: int
    q_true: float
    q_robust: float
    q_expected: float
    ratio: float
    hits: int
    starts: int
    im: float
    is_: float
    within_3_pct: float
    swaps: int | None
    decrease: float | None
    mapped_pct: float | None

    def as_record(self) -> dict[str, Any]:
        """Give it as plain JSON."""
        return asdict(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Study:
    """The rows, and the solution of each number of factors. It decides nothing: which number holds is a person's judgement."""

    rows: tuple[Row, ...]
    solutions: tuple[Solution, ...]

    def as_record(self) -> dict[str, Any]:
        """Give it as plain JSON."""
        return {
            "rows": [each.as_record() for each in self.rows],
            "solutions": [each.as_record() for each in self.solutions],
        }


def study(
    table: Table, *, factors: Iterable[int] = FACTORS, starts: int = 60, displacement: bool = True, resamples: int = 50,
    tell: Callable[[int, int], None] | None = None, **options: Any,
) -> Study:  # fmt: skip
    """Factorise with each number of factors, and look at each solution by displacement at the lowest level and by draws.

    resamples: draws of each, 0 for none. options: as factorise. tell: is told how many of how many numbers are done.
    Errors: ReceptorError, as factorise.
    Source: Brown et al. 2015, Sci. Total Environ. 518:626; Lee et al. 1999, Atmos. Environ. 33:3201 (IM and IS).
    """
    wanted, rows, solutions = list(factors), [], []
    threads = options.get("threads")
    for number in wanted:
        found = factorise(table, factors=number, starts=starts, **options)
        disp = displace(found, levels=LEVELS[:1], threads=threads) if displacement else None
        draws = bootstrap(found, resamples=resamples, threads=threads) if resamples else None
        rows.append(_row(found, disp, draws))
        solutions.append(found)
        if tell is not None:
            tell(len(rows), len(wanted))
    return Study(rows=tuple(rows), solutions=tuple(solutions))


def _row(found: Solution, disp: Any, draws: Any) -> Row:
    residuals = found.scaled_residuals()[found.table.used]
    return Row(
        factors=found.factors, q_true=found.q_true, q_robust=found.q_robust, q_expected=found.q_expected,
        ratio=found.q_true / found.q_expected, hits=found.hits, starts=found.settings.starts,
        im=float(np.nanmax(np.abs(np.nanmean(residuals, axis=0)))), is_=float(np.nanmax(np.nanstd(residuals, axis=0, ddof=1))),
        within_3_pct=float(100.0 * (np.abs(residuals) <= 3.0).sum() / np.isfinite(residuals).sum()),
        swaps=None if disp is None else int(disp.swaps[0].sum()),
        decrease=None if disp is None else disp.largest_decrease,
        mapped_pct=None if draws is None else float(100.0 * np.diag(draws.mapped).min() / draws.resamples),
    )  # fmt: skip
