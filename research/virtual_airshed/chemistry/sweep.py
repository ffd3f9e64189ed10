"""The values of the ozone surface under one sky: rates of boxes, turned into production and first-order loss."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from research.virtual_airshed.chemistry.axes import GROUPS
from research.virtual_airshed.chemistry.box import Boxes, Setting, run
from research.virtual_airshed.chemistry.mixture import load_mixture

OH_NOX_PPB, OH_REACTIVITY_PER_S = 8.0, 4.0
"""The state whose OH stands for the climate of the plain: between town and country."""
WEIGHT_STATES = ((16.0, 8.0, 0.8, 1.0, 30.0), (32.0, 8.0, 0.8, 0.6, 30.0), (32.0, 16.0, 0.6, 0.6, 10.0))
"""NOx [ppb], reactivity [1/s], cos zenith, cloud transmission, temperature [°C] of the states at which groups are
compared: a clear and a cloudy summer noon in towns, and a winter noon. In all three VOC limit production."""
WEIGHT_STEP = 0.1
"""A group is made larger and smaller by this share."""
WEIGHT_RANGE = (0.1, 5.0)
"""Weights outside are cut to it. None of the groups of the mixture comes near."""


@dataclass(frozen=True, slots=True)
class UnderOneSky:
    """production_ppb_per_h: shaped as the asked NOx and reactivity. loss_per_h, oh_cm3: of the sky alone."""

    production_ppb_per_h: np.ndarray
    loss_per_h: float
    oh_cm3: float


def under_sky(
    nox_ppb: np.ndarray,
    reactivity_per_s: np.ndarray,
    *,
    cos_zenith: float,
    cloud_transmission: float,
    temperature_c: float,
    setting: Setting | None = None,
) -> UnderOneSky:
    """Compute production, loss and OH at points of one sky.

    nox_ppb [ppb], reactivity_per_s [1/s]: arrays of one shape. cos_zenith: 0 is night, where all three are 0.
    Production is the net rate of odd oxygen in the box plus loss times its O3 + NO2. Loss is what makes production 0
    where there is neither NOx nor VOC: the net rate there over the ozone there.
    Errors: RuntimeError where the solver does not converge, or clean air makes ozone.
    """
    nox, reactivity = np.broadcast_arrays(np.asarray(nox_ppb, np.float64), np.asarray(reactivity_per_s, np.float64))
    if cos_zenith == 0.0:
        return UnderOneSky(np.zeros(nox.shape), 0.0, 0.0)
    n = np.concatenate(([0.0, OH_NOX_PPB], nox.ravel()))
    r = np.concatenate(([0.0, OH_REACTIVITY_PER_S], reactivity.ravel()))
    sky = [np.full(len(n), value) for value in (cos_zenith, cloud_transmission, temperature_c)]
    made = run(Boxes(n, r, *sky), setting=setting)
    loss = -made.net_ppb_per_h[0] / made.ox_ppb[0]
    if not loss >= 0.0:
        raise RuntimeError(f"clean air makes {-loss:g} of its ozone in an hour, expected a loss")
    production = made.net_ppb_per_h + loss * made.ox_ppb
    production[(n == 0.0) & (r == 0.0)] = 0.0  # what is left is a difference of equal numbers
    return UnderOneSky(production[2:].reshape(nox.shape), float(loss), float(made.oh_cm3[1]))


def group_weights(*, setting: Setting | None = None) -> dict[str, float]:
    """Compute how much odd oxygen a group makes for each unit of its OH reactivity, relative to the whole mixture.

    At each of WEIGHT_STATES one group is made larger and smaller by WEIGHT_STEP; the change of the net rate over the
    change of reactivity is divided by that of the mixture; the weight is the mean over the states, cut to WEIGHT_RANGE.
    Returns the weight of each group; weighted by the groups' shares in the mixture's reactivity they average to 1.
    Source: incremental reactivity, Carter and Atkinson 1989, for rates in place of concentrations.
    """
    shares = load_mixture().reactivity_shares()
    cases = [(state, group, sign) for state in WEIGHT_STATES for group in GROUPS for sign in (1.0, -1.0)]
    factors = {g: np.array([1.0 + sign * WEIGHT_STEP * (g == group) for _, group, sign in cases]) for g in GROUPS}
    columns = np.array([state for state, _, _ in cases]).T
    net = run(Boxes(*columns, group_factor=factors), setting=setting).net_ppb_per_h
    differences = (net[0::2] - net[1::2]).reshape(len(WEIGHT_STATES), len(GROUPS)) / (2.0 * WEIGHT_STEP)
    per_reactivity = differences / np.array([shares[g] for g in GROUPS])
    mean = (per_reactivity / differences.sum(axis=1, keepdims=True)).mean(axis=0)
    cut = np.clip(mean, *WEIGHT_RANGE)
    whole = sum(shares[g] * w for g, w in zip(GROUPS, cut, strict=True))
    return {g: float(w / whole) for g, w in zip(GROUPS, cut, strict=True)}
