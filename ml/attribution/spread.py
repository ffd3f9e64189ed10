"""How sure shares are: 90 % intervals from the errors that a correction leaves in pseudo-worlds, widened until they
hold.

To first order a share p_s moves by p_s (e_s - sum p e) where the log factors are wrong by e. The draws of e come with
the correction; of raw tags they are those of the prior. What a day's weather adds is of its own and falls on large
shares most.
"""

from __future__ import annotations

import numpy as np

from ml.attribution.learn import Correction
from ml.attribution.outcome import KINDS, gathering
from streams.contributors import SECTORS

Z90 = 1.645
"""Half width of the 90 % interval of a normal distribution, in standard deviations."""
WIDEN = {"pm25": {"place": 1.4, "both": 1.25}, "o3": {"place": 2.3, "both": 1.65}, "ox": {"place": 2.3, "both": 1.65}}
"""By how much intervals of places are widened, and those of sector x city beside what their sector is."""
_FINE = (0.90, 2.00, 1.15, 1.40, 0.90, 1.40, 0.85, 2.10, 1.00, 1.25)
_OZONE = (1.10, 1.90, 1.40, 1.80, 1.60, 2.10, 0.90, 0.90, 1.10, 1.35)
BY_SOURCE = {"pm25": np.array(_FINE), "o3": np.array(_OZONE), "ox": np.array(_OZONE)}
"""By how much intervals of SOURCES are widened: what development worlds asked for (docs/attribution.md). Coal and
agriculture act through sulphate and ammonia, of which chemistry models err together more than they differ."""
DAY = {"pm25": 0.16, "o3": 0.12, "ox": 0.12}
"""Standard deviation of what a day's weather adds to the log of a contribution."""
RAW = {"pm25": 0.45, "o3": 0.35, "ox": 0.35}
"""Standard deviation of the log of a contribution of raw tags."""
FLOOR_PCT = 0.3
"""No interval is narrower than this to either side [%]."""


def half_widths(values: np.ndarray, cities: int, quantity: str, correction: Correction | None) -> dict[str, np.ndarray]:
    """Give the half width of the 90 % interval of the shares by kind (city, name, hour) [%].

    values: (city, contributor, hour) [ug/m3], as an Attribution has them. correction: None for raw tags.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        shares = values / values.sum(axis=1, keepdims=True)
    told = {kind: np.einsum("cxt,nx->cnt", shares, gathering(kind, cities)) for kind in KINDS}
    day = RAW[quantity] if correction is None else DAY[quantity]
    learned = _learned(told, correction, quantity, cities)
    found = {}
    for kind, p in told.items():
        rest = 1.0 if kind == "both" else 1.0 - np.clip(p, 0.0, 1.0)
        deviation = np.sqrt(learned[kind] ** 2 + (day * p * rest) ** 2)
        found[kind] = 100.0 * Z90 * _widened(kind, told["sector"], quantity) * deviation + FLOOR_PCT
    return found


def _widened(kind: str, sector: np.ndarray, quantity: str) -> np.ndarray | float:
    """Give by how much the intervals of a kind are widened, to be laid on (city, name, hour). sector: shares by source
    (city, source, hour), by which the members of a group count."""
    by_source = BY_SOURCE[quantity]
    if kind == "sector":
        return by_source[:, None]
    if kind == "group":
        member = group_members(sector.shape[0])
        weight = np.abs(sector) + 1e-6
        return np.einsum("cst,s,gs->cgt", weight, by_source, member) / np.einsum("cst,gs->cgt", weight, member)
    if kind == "both":
        inner = np.repeat(by_source[:-1], sector.shape[0])
        return WIDEN[quantity]["both"] * np.append(inner, by_source[-1])[:, None]
    return WIDEN[quantity]["place"]


def group_members(cities: int) -> np.ndarray:
    """Tell which sources are in which group and which is outside (group, source), 0 or 1."""
    return (gathering("group", cities) @ gathering("sector", cities).T > 0).astype(float)


def _learned(
    told: dict[str, np.ndarray], correction: Correction | None, quantity: str, cities: int
) -> dict[str, np.ndarray]:
    """Give the standard deviation of shares (city, name, hour) that the correction leaves, by kind."""
    if correction is None:
        return {kind: np.zeros_like(p) for kind, p in told.items()}
    by_source, by_place = _errors(correction, quantity)
    sector, place = _spread(told["sector"], by_source), _spread(told["place"], by_place)
    # Of a sector of a city both are wrong, each by its own part of it.
    of_sector, of_place = _relative(sector, told["sector"]), _relative(place, told["place"])
    inner = np.hypot(of_sector[:, :-1, None], of_place[:, None, :-1]).reshape(cities, len(SECTORS) * cities, -1)
    both = np.abs(told["both"]) * np.concatenate([inner, of_sector[:, -1:]], axis=1)
    group = np.stack([_spread_of_sum(told["sector"], by_source, row) for row in group_members(cities)], axis=1)
    return {"sector": sector, "place": place, "group": group, "both": both}


def _relative(deviation: np.ndarray, shares: np.ndarray) -> np.ndarray:
    return np.divide(deviation, np.abs(shares), out=np.zeros_like(deviation), where=np.abs(shares) > 1e-6)


def _covariance(errors: np.ndarray) -> np.ndarray:
    return np.einsum("dci,dcj->cij", errors, errors) / len(errors)


def _spread(shares: np.ndarray, errors: np.ndarray) -> np.ndarray:
    """Give the standard deviation of shares (city, name, hour) under draws of log errors (draw, city, name)."""
    covariance = _covariance(errors)
    moved = np.einsum("cij,cjt->cit", covariance, shares)
    mean = np.einsum("cit,cit->ct", shares, moved)
    own = np.einsum("cii->ci", covariance)[..., None]
    return np.abs(shares) * np.sqrt(np.maximum(own - 2.0 * moved + mean[:, None], 0.0))


def _spread_of_sum(shares: np.ndarray, errors: np.ndarray, member: np.ndarray) -> np.ndarray:
    """Give the standard deviation of the sum of some shares (city, hour). member: (name,), 1 for those that count."""
    part = shares * member[:, None]
    change = part - shares * part.sum(axis=1, keepdims=True)
    moved = np.einsum("cij,cjt->cit", _covariance(errors), change)
    return np.sqrt(np.maximum(np.einsum("cit,cit->ct", change, moved), 0.0))


def _errors(correction: Correction, quantity: str) -> tuple[np.ndarray, np.ndarray]:
    """Give draws of the log error by source and by place: (draw, city, source), (draw, city, place)."""
    errors = correction.errors
    if quantity == "pm25":
        mass = np.maximum(correction.parts, 0.0) * np.exp(correction.factors.fine)
        weight = mass / np.maximum(mass.sum(axis=0), 1e-9)
        by_source, carried = np.einsum("dkcs,kcs->dcs", errors.fine, weight), errors.carried
    else:
        by_source, carried = errors.ozone, errors.ozone_carried
    return by_source, np.concatenate([carried, by_source[:, :, -1:]], axis=2)
