"""How sure shares are: 90 % intervals from the errors that a correction leaves in pseudo-worlds, widened until they
hold.

To first order a share p_s moves by p_s (e_s - sum p e) where the log factors are wrong by e. The draws of e come with
the correction; of raw tags they are those of the prior. What a day's weather adds is of its own and falls on large
shares most.
"""

from __future__ import annotations

import numpy as np

from ml.attribution.learn import FINE, Correction
from ml.attribution.outcome import KINDS, gathering
from ml.attribution.tags import TagEnsemble
from streams.contributors import SECTORS

Z90 = 1.645
"""Half width of the 90 % interval of a normal distribution, in standard deviations."""
WIDEN = {
    "pm25": {"sector": 1.12, "group": 1.12, "place": 1.4, "both": 1.4},
    "o3": {"sector": 1.4, "group": 1.4, "place": 2.3, "both": 2.3},
    "ox": {"sector": 1.4, "group": 1.4, "place": 2.3, "both": 2.3},
}
"""By how much intervals are widened: one member of an ensemble played the truth for the others (docs/attribution.md)."""
DAY = {"pm25": 0.16, "o3": 0.12, "ox": 0.12}
"""Standard deviation of what a day's weather adds to the log of a contribution."""
RAW = {"pm25": 0.45, "o3": 0.35, "ox": 0.35}
"""Standard deviation of the log of a contribution of raw tags."""
FLOOR_PCT = 0.3
"""No interval is narrower than this to either side [%]."""


def half_widths(
    values: np.ndarray, cities: int, quantity: str, correction: Correction | None, tags: TagEnsemble
) -> dict[str, np.ndarray]:
    """Give the half width of the 90 % interval of the shares by kind (city, name, hour) [%]; sector x city by "both".

    values: (city, contributor, hour) [ug/m3], as an Attribution has them.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        shares = values / values.sum(axis=1, keepdims=True)
    found = {}
    errors = _errors(correction, quantity, tags, cities)
    for kind in KINDS:
        found[kind] = (
            100.0 * Z90 * WIDEN[quantity][kind] * _deviation(shares, errors, kind, cities, quantity) + FLOOR_PCT
        )
    return found


def _deviation(
    shares: np.ndarray, errors: tuple[np.ndarray, np.ndarray] | None, kind: str, cities: int, quantity: str
) -> np.ndarray:
    gather = gathering(kind, cities)
    p = np.einsum("cxt,nx->cnt", shares, gather)
    own = DAY[quantity] if errors is not None else RAW[quantity]
    if kind == "both":
        whole = np.einsum("cxt,nx->cnt", shares, gathering("sector", cities))
        inner = np.einsum("cxt,nx->cnt", shares, gathering("place", cities))
        size = np.zeros_like(p)
        if errors is not None:
            by_sector, by_place = (_linear_spread(q, e) for q, e in zip((whole, inner), errors, strict=True))
            relative = [
                np.divide(s, np.abs(q), out=np.zeros_like(s), where=np.abs(q) > 1e-6)
                for s, q in zip((by_sector, by_place), (whole, inner), strict=True)
            ]
            cross = np.sqrt(relative[0][:, :-1, None] ** 2 + relative[1][:, None, :-1] ** 2)
            both = cross.reshape(cities, len(SECTORS) * cities, -1)
            size = np.abs(p) * np.concatenate([both, relative[0][:, -1:]], axis=1)
        return np.sqrt(size**2 + (own * p) ** 2)
    if errors is None:
        base = np.zeros_like(p)
    elif kind == "place":
        base = _linear_spread(p, errors[1])
    else:
        by_sector = np.einsum("cxt,nx->cnt", shares, gathering("sector", cities))
        rows = gather @ gathering("sector", cities).T
        rows = (rows > 0).astype(float)
        base = _linear_spread(by_sector, errors[0], rows)
    return np.sqrt(base**2 + (own * p * (1.0 - np.clip(p, 0.0, 1.0))) ** 2)


def _linear_spread(shares: np.ndarray, errors: np.ndarray, gather: np.ndarray | None = None) -> np.ndarray:
    """Give the standard deviation of shares (city, name, hour) under draws of log errors (draw, city, name)."""
    covariance = np.einsum("dci,dcj->cij", errors, errors) / len(errors)
    p = shares
    if gather is None:
        moved = np.einsum("cij,cjt->cit", covariance, p)
        mean = np.einsum("cit,cit->ct", p, moved)
        diagonal = np.einsum("cii->ci", covariance)[..., None]
        return np.abs(p) * np.sqrt(np.maximum(diagonal - 2.0 * moved + mean[:, None], 0.0))
    found = []
    for row in gather:
        weight = p * row[:, None]
        change = weight - p * weight.sum(axis=1, keepdims=True)
        found.append(np.sqrt(np.maximum(np.einsum("cit,cij,cjt->ct", change, covariance, change, optimize=True), 0.0)))
    return np.stack(found, axis=1)


def _errors(
    correction: Correction | None, quantity: str, tags: TagEnsemble, cities: int
) -> tuple[np.ndarray, np.ndarray] | None:
    """Give draws of the log error by source and by place: (draw, city, source), (draw, city, place)."""
    if correction is None:
        return None
    errors = correction.errors
    if quantity == "pm25":
        names = ("pm25_primary", "sulphate", "nitrate", "ammonium", "soa")
        mass = np.stack([np.maximum(np.nanmean(tags.by_sector(q)[:, :cities], axis=(0, -1)), 0.0) for q in names])
        mass = mass * np.exp(correction.factors.fine)
        weight = mass / np.maximum(mass.sum(axis=0), 1e-9)
        by_source, carried = np.einsum("dkcs,kcs->dcs", errors.fine, weight), errors.carried
    else:
        by_source, carried = errors.ozone, errors.ozone_carried
    outside = by_source[:, :, -1:]
    return by_source, np.concatenate([carried, outside], axis=2)


__all__ = ["FINE", "half_widths"]
