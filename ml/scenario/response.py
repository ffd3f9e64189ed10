"""How the air answers cuts, by tags: what is linear loses its tag, what is not finds its balance anew.

Primary particles, SO2, NOx, CO, sulphate and secondary organics lose of each contribution the share that was not
emitted. Nitrate and ammonium part anew between gas and particle, so that a cut of ammonia or NOx alone gives less, or
more, than its share. A model that is short of ammonia says by this that a cut of NOx does nothing; so the salt
follows its nitrate in part (PROPORTIONAL).

Ozone has no such shortcut: its change comes from what the model's own zero-outs told ("if it were not there"); where
no model told one, ozone is not answered. Of a source with allocation A and removal R a cut by the share f takes f R +
BEND f (1 - f) (A - R) of odd oxygen: nothing at 0, R at 1, a parabola between them whose slope at 0 is R + BEND (A -
R). Then ozone and NO2 find their balance anew beside the NOx that is left (O3 = Ox - NO2, with the c of NO O3 = c NO2
read off the tags: Leighton 1961), so that ozone may rise where NOx is cut. Where odd oxygen or NO2 is not told, the
parabola is taken of ozone itself.

A concentration remembers what was emitted before the cut began: a share of it that fades with the age of the air.
Ages come from the way and the wind (Ages), the same for all members."""

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
PROPORTIONAL = 0.3
"""Which part of the change of nitrate goes in proportion to total nitrate, the rest by the balance
(research.scenario_trial)."""
BEND = -1.0
"""How a cut of odd oxygen bends between nothing and the zero-out. Found on the tuning worlds of
research.scenario_trial: of 0, -0.5, -1 and -1.5 the errors of -1 are the least or near it in both seasons. Negative:
the first tenths of a cut do less than the last."""
O3_G, NO2_G = 47.998, 46.006
"""Molar masses [g/mol]."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ages:
    """How old the air is that a city's emissions reach a receptor in: mean ages [h], float64 (receptor, city).

    secondary_h: what is made on the way is older by so much [h]. Ages are taken as exponential: of a cut that began t
    hours ago, 1 - exp(-t / age) is felt."""

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
    """What cuts change. change: by quantity (member, receptor, hour), negative where there is less [unit of
    TAG_QUANTITIES].

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


def respond(
    tags: TagEnsemble, cuts: Sequence[Cut], *, ages: Ages, by_place: Mapping[str, np.ndarray] | None = None
) -> Response:
    """Give what cuts change at all receptors of a tag ensemble, member by member.

    by_place: what would be less without each city, by o3 and ox (member, receptor, city, hour); None where it is not
    told.

    tags: begin at or before the first hour of the cuts (air of before is taken as uncut). Missing: NaN stays NaN; a
    quantity that the tags lack is left out. Errors: CutError for a city that is none of the tags'."""
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
    unanswered = _ozone(tags, cuts, felt, by_place or {}, base, change)
    return Response(members=tags.members, receptors=tags.receptors, first_hour=tags.first_hour, change=change, base=base,
                    unanswered=unanswered)  # fmt: skip


def joint_of(tags: TagEnsemble, quantity: str) -> np.ndarray:
    """Give a quantity by sector x city (member, receptor, sector, city, hour).

    Where the models do not tell it, every sector is taken to come from the cities alike: the product of both margins.
    That is exact for cuts that reach all cities or all sectors alike, and a guess for others."""
    if tags.joint is not None:
        return tags.joint[:, tags.quantities.index(quantity)]
    return crossed(tags.by_sector(quantity)[..., :-1, :], tags.by_place(quantity)[..., :-1, :])


def crossed(sector: np.ndarray, place: np.ndarray) -> np.ndarray:
    """Give the product of both margins (..., sector, city, hour) of sectors (..., sector, hour) and cities (...,
    city, hour).

    Nothing where the cities together make nothing. Margins must not be of either sign: their sum would be no measure
    then."""
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
    lost = {
        "s": felt.lost(joint_of(tags, "sulphate"), "sulphate", "so2") / SULPHATE_G,
        "n": felt.lost(_joint_mol(tags, {"nitrate": NITRATE_G, "nitric_acid": NITRIC_ACID_G}), "nitrate", "nox"),
        "a": felt.lost(_joint_mol(tags, {"ammonium": AMMONIUM_G, "ammonia": AMMONIA_G}), "ammonium", "nh3"),
    }
    gone = {name: NMOL * value.sum(axis=(-3, -2)) for name, value in lost.items()}
    s = NMOL * total["sulphate"] / SULPHATE_G
    n = NMOL * (total["nitrate"] / NITRATE_G + total["nitric_acid"] / NITRIC_ACID_G)
    a = NMOL * (total["ammonium"] / AMMONIUM_G + total["ammonia"] / AMMONIA_G)
    held = NMOL * total["nitrate"] / NITRATE_G
    product = product_of(n, np.maximum(a - 2.0 * s, 0.0), held)
    before = _particle(s, n, a, product)
    after = _particle(s - gone["s"], n - gone["n"], a - gone["a"], product)
    # What the tags say stands; the balance tells the change alone. Ammonium goes with its salt and with sulphate.
    alike = -held * gone["n"] / np.maximum(n, LEAST)
    salted = (1.0 - PROPORTIONAL) * (after[0] - before[0]) + PROPORTIONAL * alike
    bound = (after[1] - after[0]) - (before[1] - before[0])
    return {
        "nitrate": (total["nitrate"], total["nitrate"] + NITRATE_G / NMOL * salted),
        "ammonium": (total["ammonium"], total["ammonium"] + AMMONIUM_G / NMOL * (salted + bound)),
    }


def _joint_mol(tags: TagEnsemble, grams: Mapping[str, float]) -> np.ndarray:
    """Give gas and particle together by sector x city [umol/m3]: alone an allocation of either may be of both signs."""
    if tags.joint is not None:
        return sum(joint_of(tags, q) / g for q, g in grams.items())
    margins = [sum(get(q)[..., :-1, :] / g for q, g in grams.items()) for get in (tags.by_sector, tags.by_place)]
    return crossed(*margins)


def _particle(s: np.ndarray, n: np.ndarray, a: np.ndarray, product: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    s, n, a = (np.maximum(x, 0.0) for x in (s, n, a))
    bound = np.minimum(2.0 * s, a)
    x = salt(n, a - bound, product)
    return x, bound + x


def _ozone(
    tags: TagEnsemble, cuts: Sequence[Cut], felt: _Felt, by_place: Mapping[str, np.ndarray], base: dict[str, np.ndarray],
    change: dict[str, np.ndarray],
) -> dict[str, str]:  # fmt: skip
    if not tags.has("o3"):
        return {"o3": "the tags do not tell it"}
    if not (tags.removal and "o3" in tags.removal):
        return {"o3": "no model told what ozone would be without a source; shares of an allocation do not answer that"}
    if any(("nox" in cut.species) != ("voc" in cut.species) for cut in cuts):
        return {"o3": "NOx or VOC are cut alone; the removal response is known for both together"}
    if not np.allclose(felt.share("o3", "nox"), felt.share("o3", "voc")):
        return {"o3": "NOx and VOC are cut by different shares; the removal response is known for both together"}
    base["o3"] = tags.by_sector("o3").sum(axis=-2)
    if tags.has("ox", "nox", "no2") and "ox" in tags.removal:
        change["o3"] = _balanced(tags, felt, _bent(tags, "ox", felt, by_place))
    else:
        change["o3"] = -_bent(tags, "o3", felt, by_place)
    return {}


def _bent(tags: TagEnsemble, quantity: str, felt: _Felt, by_place: Mapping[str, np.ndarray]) -> np.ndarray:
    """Give what a cut takes of ozone or odd oxygen (member, receptor, hour) [ug/m3], by the parabola of each sector x
    city."""
    share = felt.share("o3", "nox")
    sector = tags.removal[quantity][..., :-1, :]
    spread = _of_cities(tags, "nox")
    removal = _over_cities(sector, spread, by_place.get(quantity))
    allocated = _over_cities(
        tags.by_sector(quantity)[..., :-1, :], _of_cities(tags, quantity), tags.by_place(quantity)[..., :-1, :]
    )
    taken = share * removal + BEND * share * (1.0 - share) * (allocated - removal)
    return taken.sum(axis=(-3, -2))


def _of_cities(tags: TagEnsemble, quantity: str) -> np.ndarray:
    """Give the share that each city has of what all cities contribute (member, receptor, city, hour), adding up to 1
    or to 0."""
    place = np.maximum(tags.by_place(quantity if tags.has(quantity) else "o3")[..., :-1, :], 0.0)
    return place / np.maximum(place.sum(axis=-2, keepdims=True), LEAST)


def _over_cities(sector: np.ndarray, spread: np.ndarray, city: np.ndarray | None) -> np.ndarray:
    """Part sectors (..., sector, hour) over cities by their share, then, where told, nearer to what the cities are
    said to make.

    city: (..., city, hour) or None. Numbers may be negative: what is missing of a city is given to its sectors by
    their size, and likewise of a sector to its cities, in turns; sectors have the last word."""
    parted = sector[..., :, None, :] * spread[..., None, :, :]
    for _ in range(0 if city is None else 3):
        for margin, axis in ((city, -3), (sector, -2)):
            size = np.abs(parted)
            gap = np.expand_dims(margin - parted.sum(axis=axis), axis)
            parted = parted + gap * size / np.maximum(size.sum(axis=axis, keepdims=True), LEAST)
    return parted


def _balanced(tags: TagEnsemble, felt: _Felt, less_ox: np.ndarray) -> np.ndarray:
    """Give the change of ozone (member, receptor, hour) [ug/m3] where so much odd oxygen [ug/m3 as O3] is gone, and
    NOx by its tags."""
    total = {q: tags.by_sector(q).sum(axis=-2) for q in ("ox", "nox", "no2")}
    ox, nox, no2 = total["ox"] / O3_G, total["nox"] / NO2_G, total["no2"] / NO2_G
    c = np.maximum(nox - no2, 0.0) * np.maximum(ox - no2, 0.0) / np.maximum(no2, LEAST)
    ox_after = np.maximum(ox - less_ox / O3_G, 0.0)
    gone = felt.lost(joint_of(tags, "nox"), "nox", "nox").sum(axis=(-3, -2)) / NO2_G
    after = ox_after - _no2(ox_after, np.maximum(nox - gone, 0.0), c)
    return O3_G * (after - (ox - _no2(np.maximum(ox, 0.0), np.maximum(nox, 0.0), c)))


def _no2(ox: np.ndarray, nox: np.ndarray, c: np.ndarray) -> np.ndarray:
    """Solve (ox - x)(nox - x) = c x for the smaller x, all in one molar unit."""
    whole = ox + nox + c
    return 2.0 * ox * nox / np.maximum(whole + np.sqrt(np.maximum(whole**2 - 4.0 * ox * nox, 0.0)), LEAST)


__all__ = ["ANSWERED", "SECTORS", "Ages", "Response", "ages_of", "joint_of", "respond"]
