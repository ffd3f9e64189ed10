"""Ozone of the afternoons, and how the contributions of sources answer when their emissions are other than told.

Tags of ozone say what a source's NOx and its organic compounds have made, by the rates of the air in which they made
it. With other emissions a source's part moves with them, and the rates move for all: where NOx rules them down
(towns, in the haze), more NOx makes every part smaller. The answer is a first-order one with uncertain strengths,
drawn anew in each pseudo-world; it serves to learn what observations tell, and replaces no model.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import nnls

from ml.attribution.tags import TagEnsemble
from standards.days import HOURS_PER_DAY
from streams.contributors import SECTORS

FIRST, LAST = 13, 20
"""The afternoon: hours that end at 13:00 to 20:00 local time."""
ORGANIC = {"alkanes": 1.0, "alkenes": 6.0, "aromatics": 5.0, "ovoc": 1.5, "isoprene": 25.0}
"""Relative reactivity of a mass of each group with OH (of the order of kOH over molar mass, Atkinson and Arey 2003;
recalled)."""
PLAIN = 0.5
"""The part of a source's ozone that its organic compounds make, where tags do not tell."""
NOX_RULES, ORGANIC_RULES, PART_OF_NOX = -0.25, 0.35, 0.6
"""By how much all parts grow with the log of all NOx, with that of all organic compounds, and one's own with its own
NOx [-]."""


@dataclass(frozen=True, slots=True, eq=False)
class Afternoons:
    """Ozone of the middle of an ensemble [ug/m3]: by_source (receptor, source, day), by_place (receptor, city, day),
    deviations of the members (member, receptor, source, day). organic: of each source's part what its organic
    compounds make (receptor, sector). nox, voc: share of each sector in the NOx and the reactivity of the afternoon
    (receptor, sector)."""

    by_source: np.ndarray
    by_place: np.ndarray
    deviations: np.ndarray
    organic: np.ndarray
    nox: np.ndarray
    voc: np.ndarray


def afternoon(values: np.ndarray) -> np.ndarray:
    """Average the afternoons (..., day) of hours that begin with the first hour of a day; NaN where an hour is
    missing."""
    days = values.shape[-1] // HOURS_PER_DAY
    by_day = values[..., : days * HOURS_PER_DAY].reshape(*values.shape[:-1], days, HOURS_PER_DAY)
    return by_day[..., FIRST - 1 : LAST].mean(axis=-1)


def afternoons_of(tags: TagEnsemble) -> Afternoons:
    """Work out the afternoons of an ensemble whose first hour begins a natural day."""
    members = afternoon(tags.by_sector("o3"))
    by_source = members.mean(axis=0)
    nox = np.maximum(afternoon(tags.by_sector("nox")).mean(axis=(0, -1))[:, :-1], 0.0)
    receptors = nox.shape[0]
    if tags.has(*ORGANIC, "ox"):
        voc = sum(k * afternoon(tags.by_sector(group)).mean(axis=(0, -1)) for group, k in ORGANIC.items())[:, :-1]
        made = np.maximum(afternoon(tags.by_sector("ox")).mean(axis=(0, -1))[:, :-1], 0.0)
        organic = np.stack([_organic_part(n, v, m) for n, v, m in zip(nox, voc, made, strict=True)])
    else:
        voc, organic = nox, np.full((receptors, len(SECTORS)), PLAIN)
    places = afternoon(tags.by_place("o3")).mean(axis=0)[:, :-1]
    share = [x / np.maximum(x.sum(axis=-1, keepdims=True), 1e-9) for x in (nox, np.maximum(voc, 0.0))]
    return Afternoons(by_source, places, members - by_source, organic, *share)


def _organic_part(nox: np.ndarray, voc: np.ndarray, made: np.ndarray) -> np.ndarray:
    """Split what each sector has made between its NOx and its organic compounds: two yields, alike for all sectors,
    not negative."""
    if not (np.isfinite(made).all() and np.isfinite(voc).all() and np.isfinite(nox).all()):
        return np.full(len(made), PLAIN)
    scale = np.array([max(nox.sum(), 1e-9), max(voc.sum(), 1e-9)])
    terms = np.stack([nox, voc], axis=1) / scale
    yields, _ = nnls(terms, made)
    both = terms @ yields
    return np.where(both > 1e-9, np.clip(terms[:, 1] * yields[1] / np.maximum(both, 1e-9), 0.0, 1.0), PLAIN)


def moved_ozone(
    ozone: Afternoons, cross: np.ndarray, emissions: np.ndarray, mix: np.ndarray, answer: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Give ozone by source and by place with other emissions: (receptor, source, day), (receptor, city, day).

    cross: (species, receptor, sector, city) as in the background, of which the second (nox) is used. emissions: log
    factors (city, sector, family), families as in pseudo.FAMILIES. mix: (member,). answer: how much stronger the four
    answers are [log].
    """
    by_source = ozone.by_source + np.tensordot(mix, ozone.deviations, axes=1)
    nox, voc = emissions[..., 1], emissions[..., 5]
    own_nox, own_voc = (np.einsum("rsc,cs->rs", cross[1], x) for x in (nox, voc))
    strength = np.exp(answer)
    part = ozone.organic * np.exp(strength[0] * own_voc) + (1.0 - ozone.organic) * np.exp(
        PART_OF_NOX * strength[1] * own_nox
    )
    whole_nox = np.log((ozone.nox * np.exp(own_nox)).sum(axis=1))
    whole_voc = np.log((ozone.voc * np.exp(own_voc)).sum(axis=1))
    rates = np.exp(NOX_RULES * strength[2] * whole_nox + ORGANIC_RULES * strength[3] * whole_voc)
    moved = by_source.copy()
    moved[:, :-1] *= (part * rates[:, None])[..., None]
    by_city = (cross[1] * part[..., None]).sum(axis=1) / np.maximum(cross[1].sum(axis=1), 1e-9)
    places = ozone.by_place * by_city[..., None]
    local, told = moved[:, :-1].sum(axis=1), places.sum(axis=1)
    return moved, places * np.where(np.abs(told) > 1.0, local / np.where(np.abs(told) > 1.0, told, 1.0), 1.0)[:, None]
