"""The table that a receptor model explains: concentrations with their uncertainties, judged before anything is computed."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from research.receptor.refusals import ReceptorError

STRONG, WEAK, BAD = "strong", "weak", "bad"
CATEGORIES = (STRONG, WEAK, BAD)
WEAK_FACTOR = 3.0
"""What is weak counts with this many times its uncertainty (EPA PMF 5.0 User Guide, EPA/600/R-14/108)."""
MEDIAN_FACTOR = 4.0
"""A missing value that is replaced by the median has this many times the median as its uncertainty (the same guide)."""

MOST_NOISE = 10.0


@dataclass(frozen=True, slots=True)
class Lines:
    """Where samples stand in a file: its name, and the line of each sample, counted from 1."""

    file: str
    of_sample: Sequence[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Concentrations of species in samples.

    concentration, uncertainty: float64 (sample, species) [unit], NaN where missing. times: datetime64[m] (sample,), when the
    averaging time ends, in the clock of the file. category: of each species. used: bool (sample,), which samples are modelled.
    extra_pct: uncertainty of the model itself, in % of the concentration. source: where it comes from, in words. simulated:
    whether any of it is. filled: bool (sample, species), where the median stands for a missing value; None: nowhere.
    """

    species: tuple[str, ...]
    times: np.ndarray
    concentration: np.ndarray
    uncertainty: np.ndarray
    category: tuple[str, ...]
    used: np.ndarray
    unit: str = ""
    extra_pct: float = 0.0
    source: str = ""
    simulated: bool = False
    filled: np.ndarray | None = None

    @property
    def filled_count(self) -> int:
        """Give how many of the values that are modelled are medians in the place of missing ones."""
        return 0 if self.filled is None else int(self.filled[np.ix_(self.used, self.modelled)].sum())

    @property
    def modelled(self) -> np.ndarray:
        """Give the places of the species that are not bad, int64."""
        return np.array([j for j, each in enumerate(self.category) if each != BAD], dtype=np.int64)

    @property
    def names(self) -> tuple[str, ...]:
        """Give the species that are modelled."""
        return tuple(self.species[j] for j in self.modelled)

    def digest(self) -> str:
        """Give the SHA-256 of all that a fit depends on."""
        held = hashlib.sha256(repr((self.species, self.category, self.extra_pct, self.unit)).encode())
        for array in (
            self.times.astype("datetime64[m]").astype(np.int64),
            self.concentration,
            self.uncertainty,
            self.used,
        ):
            held.update(np.ascontiguousarray(array).tobytes())
        return held.hexdigest()


def table_of(
    species: Sequence[str], times: Sequence[object] | np.ndarray, concentration: np.ndarray, uncertainty: np.ndarray, *,
    categories: Mapping[str, str] | None = None, without: Sequence[object] = (), missing: str = "median",
    unit: str = "", extra_pct: float = 0.0, source: str = "", simulated: bool = False, lines: Lines | None = None,
    uncertainty_lines: Lines | None = None,
) -> Table:  # fmt: skip
    """Make a table, or refuse it.

    concentration, uncertainty: (sample, species) [unit]; NaN is missing. categories: of species, the others are strong.
    without: times of samples that are left out. missing: "median" puts the median of the
    species in the place of a missing value with four times that as its uncertainty, and "exclude" leaves the whole sample out, as
    EPA PMF 5 does; "weightless" counts a missing value for nothing, which leaves a factor without limit where its only marker
    is missing. extra_pct: 0 to 100. A sample without any value is left out.
    lines, uncertainty_lines: of the files that the values were read from; a refusal counts rows where there are none.
    Errors: ReceptorError names row, time and species of an uncertainty that is negative, zero or missing beside a value, of what
    is not finite, of a negative concentration; species or times that stand twice; a species without a value; fewer than two
    samples or species.
    """
    x, u = (np.array(each, dtype=np.float64, ndmin=2) for each in (concentration, uncertainty))
    moments, names = np.asarray(times, dtype="datetime64[m]"), tuple(map(str, species))
    where = f"{source}: " if source else ""
    _require_shapes(where, names, moments, x, u, lines)
    category = _categories(where, names, categories or {})
    if not 0.0 <= extra_pct <= 100.0:
        raise ReceptorError(f"{where}extra uncertainty is {extra_pct} %, expected 0 to 100")
    modelled = [j for j, each in enumerate(category) if each != BAD]
    _require_numbers(where, names, moments, x, u, modelled, (lines, uncertainty_lines or lines))
    used = _used(where, moments, x[:, modelled], without, missing)
    gaps = np.isnan(x)
    if missing == "median":
        x, u = _medians(x, u, used)
    found = Table(species=names, times=moments, concentration=x, uncertainty=u, category=category, used=used, unit=unit,
                  extra_pct=float(extra_pct), source=source, simulated=simulated,
                  filled=gaps & ~np.isnan(x))  # fmt: skip
    _require_enough(where, found)
    return found


def with_categories(table: Table, categories: Mapping[str, str]) -> Table:
    """Give the table with other categories of some species. Errors: ReceptorError, as table_of."""
    held = dict(zip(table.species, table.category, strict=True))
    where = f"{table.source}: " if table.source else ""
    found = replace(table, category=_categories(where, table.species, {**held, **categories}))
    modelled = found.modelled.tolist()
    _require_numbers(where, table.species, table.times, table.concentration, table.uncertainty, modelled)
    _require_enough(where, found)
    return found


def rows_of(table: Table, chosen: np.ndarray) -> Table:
    """Give some of the samples, chosen being places or a mask. Errors: ReceptorError where too few are left."""
    found = replace(table, times=table.times[chosen], concentration=table.concentration[chosen],
                    uncertainty=table.uncertainty[chosen], used=table.used[chosen],
                    filled=None if table.filled is None else table.filled[chosen])  # fmt: skip
    _require_enough(f"{table.source}: " if table.source else "", found)
    return found


def require_signal(table: Table) -> None:
    """Raise ReceptorError where a modelled species is 0 in all samples: it tells no source from another."""
    where = f"{table.source}: " if table.source else ""
    zero = ~(table.concentration[table.used] > 0.0).any(axis=0)
    for j in table.modelled:
        if zero[j]:
            raise ReceptorError(
                f"{where}{table.species[j]} is 0 in every sample, expected a value above 0, or the category bad"
            )


def signal_to_noise(concentration: np.ndarray, uncertainty: np.ndarray) -> np.ndarray:
    """Give the signal-to-noise ratio of each species [1], float64 (species,).

    The mean of (x - u) / u over the samples, 0 where x is not above u, 10 where it is more. concentration, uncertainty: (sample,
    species), NaN is missing and left out; NaN where nothing is left.
    Source: EPA PMF 5.0 User Guide, EPA/600/R-14/108; the limit of 10 is what the values show that EPA PMF 5 prints.
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        over = np.where(concentration > uncertainty, (concentration - uncertainty) / uncertainty, 0.0)
    there = np.isfinite(concentration) & np.isfinite(uncertainty)
    counts = there.sum(axis=0)
    total = np.where(there, np.minimum(over, MOST_NOISE), 0.0).sum(axis=0)
    return np.where(counts > 0, total / np.maximum(counts, 1), np.nan)


def _require_shapes(
    where: str, names: tuple[str, ...], moments: np.ndarray, x: np.ndarray, u: np.ndarray, lines: Lines | None
) -> None:
    expected = (moments.size, len(names))
    for what, each in (("concentrations", x), ("uncertainties", u)):
        if each.shape != expected:
            raise ReceptorError(f"{where}{what} are {each.shape[0]} × {each.shape[1]}, expected {expected[0]} samples × "
                                f"{expected[1]} species")  # fmt: skip
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise ReceptorError(f"{where}species {twice[0]!r} stands twice, expected each once")
    order = np.argsort(moments, kind="stable")
    same = np.flatnonzero(moments[order][1:] == moments[order][:-1])
    if np.isnat(moments).any():
        raise ReceptorError(f"{where}row {int(np.flatnonzero(np.isnat(moments))[0]) + 1} has no time, expected one")
    if same.size:
        first, second = sorted(order[same[0] : same[0] + 2].tolist())
        one, other = (first + 1, second + 1) if lines is None else (lines.of_sample[first], lines.of_sample[second])
        raise ReceptorError(f"{where}time {_when(moments[first])} stands in {'rows' if lines is None else 'lines'} {one} and "
                            f"{other}, expected once")  # fmt: skip


def _categories(where: str, names: tuple[str, ...], categories: Mapping[str, str]) -> tuple[str, ...]:
    for name, each in categories.items():
        if name not in names:
            raise ReceptorError(f"{where}category is given for {name!r}, expected one of {', '.join(names)}")
        if each not in CATEGORIES:
            raise ReceptorError(f"{where}category of {name} is {each!r}, expected one of {', '.join(CATEGORIES)}")
    return tuple(categories.get(name, STRONG) for name in names)


def _require_numbers(
    where: str, names: tuple[str, ...], moments: np.ndarray, x: np.ndarray, u: np.ndarray, modelled: list[int],
    lines: tuple[Lines | None, Lines | None] = (None, None),
) -> None:  # fmt: skip
    """Refuse what is no number to model. lines: of the concentrations and of the uncertainties."""
    for wrong, why in (
        (np.isinf(x), "concentration is not finite"),
        (x < 0.0, "concentration is negative"),
        (np.isinf(u), "uncertainty is not finite"),
        (~np.isnan(x) & np.isnan(u), "uncertainty is missing beside a concentration"),
        (~np.isnan(x) & (u == 0.0), "uncertainty is 0"),
        (~np.isnan(x) & (u < 0.0), "uncertainty is negative"),
    ):
        found = np.argwhere(wrong[:, modelled])
        if found.size:
            i, j = int(found[0, 0]), modelled[int(found[0, 1])]
            of, file, least = (
                (x, lines[0], "from 0 on") if why.startswith("concentration") else (u, lines[1], "above 0")
            )
            where, number = (where, i + 1) if file is None else (f"{file.file}: ", file.of_sample[i])
            value = f" ({of[i, j]:g})" if "negative" in why else ""
            raise ReceptorError(
                f"{where}{'row' if file is None else 'line'} {number} ({_when(moments[i])}), {names[j]}: {why}{value}, "
                f"expected a number {least}; {len(found)} such {'value' if len(found) == 1 else 'values'}"
            )


def _used(where: str, moments: np.ndarray, x: np.ndarray, without: Sequence[object], missing: str) -> np.ndarray:
    if missing not in ("weightless", "median", "exclude"):
        raise ReceptorError(f"{where}missing is {missing!r}, expected median, exclude or weightless")
    left = np.asarray(list(without), dtype="datetime64[m]")
    if unknown := [each for each in left if each not in moments]:
        raise ReceptorError(f"{where}sample {_when(unknown[0])} is to be left out, but there is none of that time")
    gaps = np.isnan(x)
    return ~np.isin(moments, left) & ~(gaps.any(axis=1) if missing == "exclude" else gaps.all(axis=1))


def _medians(x: np.ndarray, u: np.ndarray, used: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    x, u = x.copy(), u.copy()
    for j in range(x.shape[1]):
        gaps = np.isnan(x[:, j])
        if gaps.any() and not gaps[used].all():
            median = np.nanmedian(x[used, j])
            if median != 0.0:  # four times 0 would weigh without limit
                x[gaps, j], u[gaps, j] = median, MEDIAN_FACTOR * abs(median)
    return x, u


def _require_enough(where: str, table: Table) -> None:
    if len(table.modelled) < 2:
        raise ReceptorError(f"{where}{len(table.modelled)} species to model, expected two at least")
    count = int(table.used.sum())
    if count < 2:
        raise ReceptorError(f"{where}{count} {'sample' if count == 1 else 'samples'} to model, expected two at least")
    empty = np.isnan(table.concentration[table.used]).all(axis=0)
    for j in table.modelled:
        if empty[j]:
            raise ReceptorError(
                f"{where}{table.species[j]} has no value in any sample, expected one, or the category bad"
            )


def _when(moment: np.datetime64) -> str:
    return str(moment).replace("T", " ")
