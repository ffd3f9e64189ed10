"""Free cuts, read off a table: any share of one sector, or all, in one city, or all, without the tags at hand.

    table = free_tables(tags, ages, {"pm25": hours}, cut_hours=(first, last), by_place=...)["pm25"]
    effect_from("pm25", table.receptors, table.at("vehicles", "510100", 0.25), shown_for("pm25", month))

A table holds the answers to cuts by each of SHARES. Between them the change is the parabola through the nearest three,
nothing at 0 being one: exact where the answer is linear, and where it bends as odd oxygen is taken to (ml.scenario.response); of
salt and of ozone beside its NO2 it is an approximation, whose error the tests state.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product

import numpy as np

from ml.attribution.tags import TagEnsemble
from ml.scenario.cuts import NOT_MANAGED, Cut, CutError
from ml.scenario.effect import Ratio, ratio_of
from ml.scenario.response import Ages, respond
from streams.contributors import ALL, SECTORS

SHARES = (0.3, 0.5, 1.0)
"""Shares of a cut whose answers are kept."""
CUTTABLE = (ALL, *(sector for sector in SECTORS if sector not in NOT_MANAGED))
"""What a free cut may reach: all managed sectors, or one."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FreeTable:
    """Answers to cuts by SHARES. places: ALL, then cities. level (receptor,) [unit of the quantity]: without a cut.

    middle, spread: mean and standard deviation over the members of the change as a share of the level, float64 (share,
    sector, place, receptor), sectors as in CUTTABLE.
    """

    receptors: tuple[str, ...]
    places: tuple[str, ...]
    level: np.ndarray
    middle: np.ndarray
    spread: np.ndarray

    def at(self, sector: str, place: str, share: float) -> Ratio:
        """Give the change by a cut of a share, 0 to 1, as a share of the level. Errors: CutError for what is not held."""
        if sector not in CUTTABLE or place not in self.places or not 0.0 <= share <= 1.0:
            raise CutError(
                f"cut {sector}:{place}:{share}, expected one of {', '.join(CUTTABLE)}, one of {', '.join(self.places)}, 0 to 1"
            )
        at = (slice(None), CUTTABLE.index(sector), self.places.index(place))
        return Ratio(
            level=self.level, middle=_parabola(self.middle[at], share), spread=_between(self.spread[at], share)
        )


def free_tables(
    tags: TagEnsemble, ages: Ages, hours: Mapping[str, np.ndarray], *, cut_hours: tuple[int, int],
    by_place: Mapping[str, np.ndarray] | None = None,
) -> dict[str, FreeTable]:  # fmt: skip
    """Ask a tag ensemble for the answers to all free cuts, by quantity; what it does not answer is left out.

    hours: by quantity the epoch hours over which a change is averaged. cut_hours: first and last epoch hour of the
    cuts. About 12 ms for each of 243 cuts of four members, eight cities and 72 hours.
    """
    places = (ALL, *tags.cities)
    shape = len(SHARES), len(CUTTABLE), len(places)
    found: dict[str, list[Ratio]] = {quantity: [] for quantity in hours}
    for share, sector, place in product(SHARES, CUTTABLE, places):
        cut = Cut(sector=sector, city=place, share=share, first_hour=cut_hours[0], last_hour=cut_hours[1])
        response = respond(tags, [cut], ages=ages, by_place=by_place)
        for quantity, when in hours.items():
            if quantity in response.change and when.size:
                found[quantity].append(ratio_of(response, quantity, when - response.first_hour))
    return {
        quantity: FreeTable(
            receptors=tags.receptors, places=places, level=ratios[0].level,
            middle=np.reshape([each.middle for each in ratios], (*shape, -1)),
            spread=np.reshape([each.spread for each in ratios], (*shape, -1)),
        )
        for quantity, ratios in found.items() if ratios
    }  # fmt: skip


def _parabola(kept: np.ndarray, share: float) -> np.ndarray:
    """Go through nothing at 0 and what is kept (share, ...) at SHARES: through the first three, or the last."""
    ends, values = (0.0, *SHARES), (np.zeros_like(kept[0]), *kept)
    at = 0 if share <= SHARES[1] else 1
    x, y = ends[at : at + 3], values[at : at + 3]
    weights = [
        np.prod([(share - x[j]) / (x[i] - x[j]) for j in range(3) if j != i]) for i in range(3)
    ]  # of Lagrange's polynomial
    return sum(weight * each for weight, each in zip(weights, y, strict=True))


def _between(kept: np.ndarray, share: float) -> np.ndarray:
    """Go from nothing at 0 in straight lines through what is kept (share, ...)."""
    ends, values = (0.0, *SHARES), (np.zeros_like(kept[0]), *kept)
    last = int(np.searchsorted(ends, share, side="left")) or 1
    part = (share - ends[last - 1]) / (ends[last] - ends[last - 1])
    return values[last - 1] + part * (values[last] - values[last - 1])


__all__ = ["CUTTABLE", "SHARES", "FreeTable", "free_tables"]
