"""The analysers of particles at a research site: which columns they fill, how far each is off, from which amount on it sees.

Ion chromatography for ions, a thermal-optical analyser for carbon, X-ray fluorescence on a tape for elements, and
chromatography for levoglucosan. The numbers are choices of the virtual airshed, of the order of what makers say of hourly
instruments (recalled, not read).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from research.virtual_airshed.chance import generator
from research.virtual_airshed.observe.composition import COMPONENTS
from research.virtual_airshed.observe.instruments import daily_normal


@dataclass(frozen=True, slots=True, kw_only=True)
class Analyser:
    """One kind of analyser.

    limits: detection limit of each of its components [ug/m3]. gain_sd: standard deviation of the logarithm of its gain, one for
    each site and component. offset_share: of its zero, per detection limit. noise_share: noise of an hour, relative.
    """

    limits: dict[str, float]
    gain_sd: float
    offset_share: float
    noise_share: float


ANALYSERS = {
    "ions": Analyser(
        limits={"sulphate": 0.05, "nitrate": 0.05, "ammonium": 0.05, "chloride": 0.02},
        gain_sd=0.05, offset_share=0.3, noise_share=0.04,
    ),
    "carbon": Analyser(limits={"oc": 0.2, "ec": 0.1}, gain_sd=0.07, offset_share=0.3, noise_share=0.05),
    "elements": Analyser(
        limits={
            "na": 0.1, "mg": 0.05, "al": 0.05, "si": 0.02, "k": 0.002, "ca": 0.001, "ti": 0.0005, "mn": 0.0003, "fe": 0.0005,
            "cu": 0.0003, "zn": 0.0003, "as": 0.0002, "pb": 0.0005,
        },
        gain_sd=0.06, offset_share=0.3, noise_share=0.05,
    ),
    "marker": Analyser(limits={"levoglucosan": 0.02}, gain_sd=0.10, offset_share=0.3, noise_share=0.10),
}  # fmt: skip
_OF = {component: each for each in ANALYSERS.values() for component in each.limits}
COLUMNS = tuple(f"{component}_ugm3" for component in COMPONENTS)
LIMITS = tuple(_OF[component].limits[component] for component in COMPONENTS)
DECIMALS = tuple(5 if limit < 0.01 else 3 for limit in LIMITS)
SIGMAS_TO_LIMIT = 3.0
"""A detection limit is three standard deviations of the blank (the usual definition); so is the noise taken from it."""
TRUTH_COLUMNS = ("station", "component", "gain", "offset_ugm3", "noise_share", "limit_ugm3", "simulated")


def gains_and_offsets(codes: tuple[str, ...], *, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Draw gain [1] and zero [ug/m3] of the analysers of some sites, once and for all: each float64 (component, station)."""
    drawn = [generator(seed, "particle analyser", code).standard_normal((2, len(COMPONENTS))) for code in codes]
    normal = np.array(drawn).reshape(len(codes), 2, len(COMPONENTS)).T
    sd = np.array([_OF[component].gain_sd for component in COMPONENTS])[:, None]
    zero = np.array([_OF[component].offset_share for component in COMPONENTS]) * LIMITS
    # Of mean 1, so that no gain moves the mean of many sites.
    return np.exp(sd * normal[:, 0] - 0.5 * sd**2), zero[:, None] * normal[:, 1]


def measured_ugm3(
    true_ugm3: np.ndarray, codes: tuple[str, ...], hours: np.ndarray, *, seed: int, noise: float
) -> np.ndarray:
    """Give what the analysers report [ug/m3], rounded: float64 (component, station, hour); what lies below its limit is told
    apart in the file.

    true_ugm3: the same shape. codes: of the stations. hours: consecutive epoch hours. noise: factor on gain errors, zeros and
    noise, 0 for none. Missing: NaN stays NaN.
    """
    gain, offset = gains_and_offsets(codes, seed=seed)
    limits, share = np.array(LIMITS), np.array([_OF[component].noise_share for component in COMPONENTS])
    normal = daily_normal(seed, "composition noise", codes, hours, len(COMPONENTS))
    spread = np.hypot(share[:, None, None] * true_ugm3, limits[:, None, None] / SIGMAS_TO_LIMIT)
    shown = true_ugm3 * gain[..., None] ** noise + noise * (offset[..., None] + spread * normal)
    decimals = zip(np.maximum(shown, 0.0), DECIMALS, strict=True)
    return np.stack([np.round(values, places) for values, places in decimals])


def truth_rows(codes: tuple[str, ...], *, seed: int) -> list[tuple[str, ...]]:
    """Give the analysers of some sites as rows of TRUTH_COLUMNS."""
    gain, offset = gains_and_offsets(codes, seed=seed)
    return [
        (code, component, f"{gain[c, s]:.6f}", f"{offset[c, s] + 0.0:.6f}", f"{_OF[component].noise_share:g}",
         f"{LIMITS[c]:g}", "true")
        for s, code in enumerate(codes)
        for c, component in enumerate(COMPONENTS)
    ]  # fmt: skip
