"""Factors on the organic emissions of sectors from an analyser of many compounds: a chemical mass balance that starts
from the tags.

The tags say how much of each group of compounds a sector has at the site, its profile says of which compounds.
Compounds that are common to some sectors and not to others tell their factors apart; what nothing tells stays as the
prior has it. Source: Watson et al. 1990 (chemical mass balance, in the log and with a prior); Rodgers 2000, ch. 5
(Gauss-Newton).
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ml.attribution.tags import SOURCES
from standards.voc.species import MOLAR_VOLUME
from streams.contributors import SECTORS

PRIOR, PRIOR_OUTSIDE, DILUTION = 0.40, 0.30, 0.20
"""Standard deviations of the logs of a sector's factor, of what comes in, and of what dilution is wrong for all."""
COMPOUND, ALIKE = 0.40, 0.25
"""Standard deviations of the log of what a compound's profile and life are wrong, each for itself and for all
alike."""
LEAST_PPB = 0.02
"""Compounds whose median is below this say nothing."""
MADE_IN_AIR = ("formaldehyde", "acetaldehyde", "acetone")
"""Compounds that the air itself makes."""
STEPS = 8


def factors(
    observed_ppb: np.ndarray,
    tagged_ugm3: np.ndarray,
    profiles: np.ndarray,
    *,
    compounds: tuple[str, ...],
    molar_masses: np.ndarray,
) -> Mapping[str, tuple[float, float]]:
    """Give for each sector the factor on its organic emissions and the standard deviation of the factor's log.

    observed_ppb: (compound, hour) [ppb]. tagged_ugm3: (group, source, hour) at the same place, in the order of
    SOURCES [ug/m3]. profiles: mass of each compound per mass of a group in a source (source, group, compound).
    molar_masses: (compound,) [g/mol]. Missing: hours without a value do not count; without any usable compound the
    answer is empty. A sector of which the compounds say nothing (its deviation is within a tenth of the prior's) is
    left out, and so are plants: a site in a town sees few of them.
    """
    told = np.einsum("gsh,sgc->sch", np.maximum(tagged_ugm3, 0.0), profiles) * MOLAR_VOLUME / molar_masses[:, None]
    known = np.isfinite(observed_ppb) & np.isfinite(told.sum(axis=0))
    counts = np.maximum(known.sum(axis=1), 1)
    seen = np.where(known, observed_ppb, 0.0).sum(axis=1) / counts
    parts = np.where(known, told, 0.0).sum(axis=2) / counts
    useful = (known.sum(axis=1) > 0) & (seen > LEAST_PPB) & (parts.sum(axis=0) > 0)
    useful &= np.array([name not in MADE_IN_AIR for name in compounds])
    if not useful.any():
        return {}
    state, deviation = _solved(np.log(seen[useful]), parts[:, useful])
    return {
        sector: (float(np.exp(state[i])), float(deviation[i]))
        for i, sector in enumerate(SECTORS)
        if deviation[i] < 0.9 * PRIOR and sector != "biogenic"
    }


def _solved(seen: np.ndarray, parts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Solve for the log factors of the sources and one of dilution: the state and its standard deviations
    (source,)."""
    sources = len(SOURCES)
    prior = np.array([PRIOR] * (sources - 1) + [PRIOR_OUTSIDE, DILUTION]) ** -2.0
    noise = np.linalg.inv(COMPOUND**2 * np.eye(len(seen)) + ALIKE**2)
    state = np.zeros(sources + 1)
    for _ in range(STEPS):
        moved = parts * np.exp(state[:-1])[:, None]
        whole = moved.sum(axis=0)
        local = 1.0 - moved[-1] / whole
        slope = np.vstack([moved / whole, local])
        rest = seen - np.log(whole) - state[-1] * local
        curve = slope @ noise @ slope.T + np.diag(prior)
        state = state + np.clip(np.linalg.solve(curve, slope @ noise @ rest - prior * state), -0.5, 0.5)
    return state[:-1], np.sqrt(np.diag(np.linalg.inv(curve)))[:-1]
