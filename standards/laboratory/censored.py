"""Results of which some lie below a limit: a number for each, and whether it is the value or the limit."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True)
class Censored:
    """Results of one substance and unit. values: the value, or the limit that it lies below, float64 (result,), NaN where a
    limit is not known; below: which are limits, bool (result,).
    """

    values: np.ndarray
    below: np.ndarray

    def __post_init__(self) -> None:
        if self.values.shape != self.below.shape or self.values.ndim != 1:
            raise ValueError(f"values {self.values.shape} and below {self.below.shape}, expected two of one length")
        wrong = ~(self.values > 0) & ~(self.below & np.isnan(self.values)) | np.isinf(self.values)
        if wrong.any():
            raise ValueError(
                f"a result is {self.values[wrong][0]}, expected numbers above 0, or NaN for an unknown limit"
            )

    @property
    def n(self) -> int:
        """How many results there are."""
        return len(self.values)

    @property
    def detected(self) -> int:
        """How many of them are values."""
        return int((~self.below).sum())

    @property
    def detected_share(self) -> float:
        """The share of them that are values, 0 to 1; NaN where there is no result."""
        return self.detected / self.n if self.n else float("nan")

    @property
    def limits(self) -> np.ndarray:
        """The different limits that are known, ascending."""
        known = self.values[self.below]
        return np.unique(known[~np.isnan(known)])

    @property
    def unknown_limits(self) -> int:
        """How many results lie below a limit that nobody said: no statistic can be told with them."""
        return int(np.isnan(self.values).sum())

    def require_limits(self) -> None:
        """Raise ValueError where a limit is not known."""
        if self.unknown_limits:
            raise ValueError(f"{self.unknown_limits} results lie below an unknown limit, expected a limit for each")


def censored(values: list[float | None], limits: list[float | None]) -> Censored:
    """Make results of values, None where they lie below the limit at the same place, None where that is not known."""
    below = np.array([value is None for value in values], bool)
    numbers = [limit if value is None else value for value, limit in zip(values, limits, strict=True)]
    return Censored(np.array([np.nan if each is None else each for each in numbers], float), below)
