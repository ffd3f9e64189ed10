"""What a run is told from outside, window by window: weather, sunlight, mixing, sources, what is held."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

import numpy as np

_NONE: Mapping[str, np.ndarray] = MappingProxyType({})


@dataclass(frozen=True, kw_only=True)
class Windows:
    """Windows of time in which everything from outside is constant; five minutes are fine enough for a day.

    Weather belongs to sites, each box (cell) to one site: arrays of weather are (window,) for one site, or (site, window).

    seconds: (window,) or one number, length of each window [s]. temperature_k [K], pressure_pa [Pa], h2o_ppb [ppb of air]:
    (window,) or (site, window). photolysis_s1: by the name that the mechanism wants, rates of photolysis [1/s], as
    weather; see `photolysis`. site: (cell,) the site of each box; where it is left out all boxes are of the one site, or
    there are as many sites as boxes.
    dilution_s1: exchange with the background [1/s]: d(ln H)/dt while the layer grows, and a floor. background_ppb: by
    species, what is mixed in [ppb]; of others nothing is. source_ppb_s: by species, emission [ppb/s]. deposition_s1: by
    species, v/H [1/s]. held_ppb: by species, amounts of all species that the kernel holds [ppb].
    These are anything that broadcasts to (cell, window): a number, (window,), (cell, 1) or (cell, window).
    """

    seconds: np.ndarray | float
    temperature_k: np.ndarray
    pressure_pa: np.ndarray | float
    h2o_ppb: np.ndarray | float
    photolysis_s1: Mapping[str, np.ndarray] = field(default_factory=lambda: _NONE)
    site: np.ndarray | None = None
    dilution_s1: np.ndarray | float = 0.0
    background_ppb: Mapping[str, np.ndarray | float] = field(default_factory=lambda: _NONE)
    source_ppb_s: Mapping[str, np.ndarray | float] = field(default_factory=lambda: _NONE)
    deposition_s1: Mapping[str, np.ndarray | float] = field(default_factory=lambda: _NONE)
    held_ppb: Mapping[str, np.ndarray | float] = field(default_factory=lambda: _NONE)

    @property
    def shape(self) -> tuple[int, int]:
        """Sites and windows."""
        t = np.atleast_2d(np.asarray(self.temperature_k, np.float64))
        return t.shape

    def weather(self, what: str) -> np.ndarray:
        """Give temperature_k, pressure_pa, h2o_ppb or a rate of photolysis by its name, (site, window).

        Errors: ValueError that names what does not fit, is not finite, or is out of range.
        """
        given = self.photolysis_s1[what] if what in self.photolysis_s1 else getattr(self, what)
        values = _fitted(given, self.shape, what, "(window,) or (site, window)")
        lowest = 0.0 if what in self.photolysis_s1 or what == "h2o_ppb" else _LOWEST[what]
        if values.min(initial=np.inf) < lowest:
            raise ValueError(f"{what} is {values.min():g} at the least, expected {lowest:g} or more")
        return values

    def lengths(self) -> np.ndarray:
        """Give the length of each window [s], (window,)."""
        values = _fitted(self.seconds, (self.shape[1],), "seconds", "(window,)")
        if values.min(initial=np.inf) <= 0.0:
            raise ValueError(f"seconds is {values.min():g}, expected above 0")
        return values

    def sites(self, cells: int) -> np.ndarray:
        """Give the site of each box, (cell,); ValueError where it cannot be told or does not exist."""
        sites = self.shape[0]
        if self.site is None:
            if sites not in (1, cells):
                raise ValueError(f"there are {sites} sites and {cells} cells, expected `site` to say which is where")
            return np.arange(cells) if sites == cells else np.zeros(cells, np.int64)
        site = np.asarray(self.site)
        if site.shape != (cells,) or not np.issubdtype(site.dtype, np.integer):
            raise ValueError(f"site is {site.dtype} {site.shape}, expected whole numbers ({cells},)")
        if site.size and (site.min() < 0 or site.max() >= sites):
            raise ValueError(f"site goes from {site.min()} to {site.max()}, expected 0 to {sites - 1}")
        return site

    def of_cells(self, what: str, cells: int) -> Mapping[str, np.ndarray]:
        """Give one of the tables by species, each (cell, window); errors as `weather`."""
        shape = (cells, self.shape[1])
        words = "a number, (window,), (cell, 1) or (cell, window)"
        found = {s: _fitted(v, shape, f"{what} of {s}", words) for s, v in getattr(self, what).items()}
        for species, values in found.items():
            if what != "source_ppb_s" and values.size and values.min() < 0.0:
                raise ValueError(f"{what} of {species} is {values.min():g} at the least, expected 0 or more")
        return found

    def dilution(self, cells: int) -> np.ndarray:
        """Give the exchange with the background [1/s], (cell, window)."""
        values = _fitted(self.dilution_s1, (cells, self.shape[1]), "dilution_s1", "what broadcasts to (cell, window)")
        if values.size and values.min() < 0.0:
            raise ValueError(f"dilution_s1 is {values.min():g} at the least, expected 0 or more")
        return values


_LOWEST = {"temperature_k": 150.0, "pressure_pa": 1.0}


def _fitted(given, shape: tuple[int, ...], what: str, words: str) -> np.ndarray:
    values = np.asarray(given, np.float64)
    try:
        values = np.broadcast_to(values, shape)
    except ValueError:
        raise ValueError(f"{what} has shape {values.shape}, expected {words}: {shape}") from None
    if not np.isfinite(values).all():
        place = tuple(int(i) for i in np.argwhere(~np.isfinite(values))[0])
        raise ValueError(f"{what} is {values[place]} at {place}, expected numbers without gaps")
    return values
