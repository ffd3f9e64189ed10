"""How the air answers cuts, by tags: what is linear loses its tag, what is not finds its balance anew.

Primary particles, SO2, NOx, CO, sulphate and secondary organics lose of each contribution the share that was not emitted. Nitrate
and ammonium part anew between gas and particle, so that a cut of ammonia or NOx alone gives less, or more, than its share. Ozone
has no such shortcut: its change is the removal response that the model's own zero-outs told ("if it were not there"), times the
share that is cut; where no model told one, ozone is not answered.

A concentration remembers what was emitted before the cut began: a share of it that fades with the age of the air. Ages come from
the way and the wind (Ages), the same for all members.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ml.attribution.salt import AMMONIA_G, AMMONIUM_G, NITRATE_G, NITRIC_ACID_G, SULPHATE_G, product_of, salt
from ml.attribution.tags import LEAST, TagEnsemble
from ml.scenario.cuts import Cut, CutError, left
from streams.contributors import SECTORS

LINEAR = {"so2": "so2", "nox": "nox", "co": "co", "pm25_primary": "pm", "coarse": "pm", "sulphate": "so2", "soa": "voc"}
"""Quantities whose contributions shrink with the emission of one species."""
SECONDARY = ("sulphate", "nitrate", "ammonium", "soa", "nitric_acid", "o3", "ox")
"""What was made on the way, and so is older than what was emitted as it is."""
ANSWERED = (
    "so2",
    "nox",
    "co",
    "pm25_primary",
    "coarse",
    "sulphate",
    "nitrate",
    "ammonium",
    "soa",
    "pm25",
    "pm10",
    "o3",
)
NMOL = 1e3


@dataclass(frozen=True, slots=True, kw_only=True)
class Ages:
    """How old the air is that a city's emissions reach a receptor in: mean ages [h], float64 (receptor, city).

    secondary_h: what is made on the way is older by so much [h]. Ages are taken as exponential: of a cut that began t hours ago,
    1 - exp(-t / age) is felt.
    """

    mean_h: np.ndarray
    secondary_h: float = 8.0

    def of(self, quantity: str) -> np.ndarray:
        """Give the mean ages of a quantity [h] (receptor, city)."""
        return self.mean_h + (self.secondary_h if quantity in SECONDARY else 0.0)


def ages_of(distance_km: np.ndarray, *, wind_ms: float = 1.5, own_h: float = 5.0) -> Ages:
    """Estimate ages from distances (receptor, city) [km] and the mean wind [m/s]; own_h: of a city's own emissions [h].

    Chosen, not measured: 1.5 m/s is the mean of the plain's stations, and a city of 30 km is crossed in 5 h by it.
    """
    return Ages(mean_h=own_h + distance_km / (3.6 * wind_ms))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Response:
    """What cuts change. change: by quantity (member, receptor, hour), negative where there is less [unit of TAG_QUANTITIES].

    base: the same without the cuts. unanswered: quantity to the reason why it is not answered.
    """

    members: tuple[str, ...]
    receptors: tuple[str, ...]
    first_hour: int
    change: Mapping[str, np.ndarray]
    base: Mapping[str, np.ndarray]
    unanswered: Mapping[str, str]

    def relative(self, quantity: str) -> np.ndarray:
        """Give the change as a share of the base (member, receptor, hour), NaN where there is none to speak of."""
        base = self.base[quantity]
        return np.where(base > LEAST, self.change[quantity] / np.maximum(base, LEAST), np.nan)


def respond(tags: TagEnsemble, cuts: Sequence[Cut], *, ages: Ages) -> Response:
    """Give what cuts change at all receptors of a tag ensemble, member by member.

    tags: begin at or before the first hour of the cuts (air of before is taken as uncut). Missing: NaN stays NaN; a quantity
    that the tags lack is left out. Errors: CutError for a city that is none of the tags'.
    """
    felt = _Felt(tags, cuts, ages)
    change: dict[str, np.ndarray] = {}
    base: dict[str, np.ndarray] = {}
    for quantity, species in LINEAR.items():
        if tags.has(quantity):
            joint = joint_of(tags, quantity)
            base[quantity] = tags.by_sector(quantity).sum(axis=-2)
            change[quantity] = -felt.lost(joint, quantity, species).sum(axis=(-3, -2))
    if tags.has("sulphate", "nitrate", "nitric_acid", "ammonium", "ammonia"):
        for quantity, (before, after) in _salt_change(tags, felt).items():
            base[quantity], change[quantity] = before, after - before
    parts = ("pm25_primary", "sulphate", "nitrate", "ammonium", "soa")
    if all(p in change for p in parts):
        base["pm25"], change["pm25"] = sum(base[p] for p in parts), sum(change[p] for p in parts)
        if "coarse" in change:
            base["pm10"], change["pm10"] = (x["pm25"] + x["coarse"] for x in (base, change))
    unanswered = _ozone(tags, cuts, felt, base, change)
    return Response(members=tags.members, receptors=tags.receptors, first_hour=tags.first_hour, change=change, base=base,
                    unanswered=unanswered)  # fmt: skip


def joint_of(tags: TagEnsemble, quantity: str) -> np.ndarray:
    """Give a quantity by sector x city (member, receptor, sector, city, hour).

    Where the models do not tell it, every sector is taken to come from the cities alike: the product of both margins. That is exact
    for cuts that reach all cities or all sectors alike, and a guess for others.
    """
    if tags.joint is not None:
        return tags.joint[:, tags.quantities.index(quantity)]
    sector, place = tags.by_sector(quantity)[..., :-1, :], tags.by_place(quantity)[..., :-1, :]
    local = place.sum(axis=-2)[..., None, None, :]
    shares = place[..., None, :, :] / np.where(np.abs(local) > LEAST, local, np.inf)
    return sector[..., :, None, :] * shares


class _Felt:
    """Which share of a contribution is gone at a receptor, hour by hour."""

    def __init__(self, tags: TagEnsemble, cuts: Sequence[Cut], ages: Ages) -> None:
        wanted = (len(tags.receptors), len(tags.cities))
        if ages.mean_h.shape != wanted:
            raise CutError(f"ages have the shape {ages.mean_h.shape}, expected {wanted}: receptors and cities")
        self.tags, self.cuts, self.ages = tags, cuts, ages
        self.hours = np.arange(tags.first_hour, tags.first_hour + tags.hours)
        self._known: dict[tuple[str, bool], np.ndarray] = {}

    def share(self, quantity: str, species: str) -> np.ndarray:
        """Give it as (receptor, sector, city, hour)."""
        key = species, quantity in SECONDARY
        if key not in self._known:
            gone = 1.0 - left(self.cuts, species, self.tags.cities, self.hours)
            self._known[key] = _remembered(gone, self.ages.of(quantity))
        return self._known[key]

    def lost(self, joint: np.ndarray, quantity: str, species: str) -> np.ndarray:
        """Give what is lost of contributions (member, receptor, sector, city, hour)."""
        return joint * self.share(quantity, species)


def _remembered(gone: np.ndarray, age_h: np.ndarray) -> np.ndarray:
    """Let the air remember: gone (sector, city, hour), age_h (receptor, city), felt (receptor, sector, city, hour)."""
    new = (1.0 - np.exp(-1.0 / np.maximum(age_h, 1e-3)))[:, None, :]
    felt = np.empty((len(age_h), *gone.shape))
    state = np.zeros((len(age_h), *gone.shape[:-1]))
    for hour in range(gone.shape[-1]):
        state = state + new * (gone[None, ..., hour] - state)
        felt[..., hour] = state
    return felt


def _salt_change(tags: TagEnsemble, felt: _Felt) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Part nitrate and ammonium anew: by quantity, before and after [ug/m3] (member, receptor, hour)."""
    total = {q: tags.by_sector(q).sum(axis=-2) for q in ("sulphate", "nitrate", "nitric_acid", "ammonium", "ammonia")}
    joint = {q: joint_of(tags, q) for q in total}
    lost = {
        "s": felt.lost(joint["sulphate"], "sulphate", "so2") / SULPHATE_G,
        "n": felt.lost(joint["nitrate"] / NITRATE_G + joint["nitric_acid"] / NITRIC_ACID_G, "nitrate", "nox"),
        "a": felt.lost(joint["ammonium"] / AMMONIUM_G + joint["ammonia"] / AMMONIA_G, "ammonium", "nh3"),
    }
    gone = {name: NMOL * value.sum(axis=(-3, -2)) for name, value in lost.items()}
    s = NMOL * total["sulphate"] / SULPHATE_G
    n = NMOL * (total["nitrate"] / NITRATE_G + total["nitric_acid"] / NITRIC_ACID_G)
    a = NMOL * (total["ammonium"] / AMMONIUM_G + total["ammonia"] / AMMONIA_G)
    held = NMOL * total["nitrate"] / NITRATE_G
    product = product_of(n, np.maximum(a - 2.0 * s, 0.0), held)
    before = _particle(s, n, a, product)
    after = _particle(s - gone["s"], n - gone["n"], a - gone["a"], product)
    # What the tags say stands; the balance tells the change alone.
    return {
        "nitrate": (total["nitrate"], total["nitrate"] + NITRATE_G / NMOL * (after[0] - before[0])),
        "ammonium": (total["ammonium"], total["ammonium"] + AMMONIUM_G / NMOL * (after[1] - before[1])),
    }


def _particle(s: np.ndarray, n: np.ndarray, a: np.ndarray, product: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    s, n, a = (np.maximum(x, 0.0) for x in (s, n, a))
    bound = np.minimum(2.0 * s, a)
    x = salt(n, a - bound, product)
    return x, bound + x


def _ozone(
    tags: TagEnsemble, cuts: Sequence[Cut], felt: _Felt, base: dict[str, np.ndarray], change: dict[str, np.ndarray]
) -> dict[str, str]:
    if not tags.has("o3"):
        return {"o3": "the tags do not tell ozone"}
    if not (tags.removal and "o3" in tags.removal):
        return {"o3": "no model told what ozone would be without a source; shares of an allocation do not answer that"}
    if any(("nox" in cut.species) != ("voc" in cut.species) for cut in cuts):
        return {"o3": "NOx or VOC are cut alone; the removal response is known for both together"}
    if not np.allclose(felt.share("o3", "nox"), felt.share("o3", "voc")):
        return {"o3": "NOx and VOC are cut by different shares; the removal response is known for both together"}
    removal = tags.removal["o3"][..., :-1, :]
    # Of a sector's removal, a city has the share that it has of the sector's NOx, which is never negative.
    joint = np.maximum(joint_of(tags, "nox" if tags.has("nox") else "o3"), 0.0)
    whole = joint.sum(axis=-2, keepdims=True)
    shares = joint / np.maximum(whole, LEAST)
    base["o3"] = tags.by_sector("o3").sum(axis=-2)
    change["o3"] = -(removal[..., None, :] * shares * felt.share("o3", "nox")).sum(axis=(-3, -2))
    return {}


__all__ = ["ANSWERED", "SECTORS", "Ages", "Response", "ages_of", "joint_of", "respond"]
