"""The light tagger: weather, emissions and places in, contributions out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ml.tagger import aerosol, rates
from ml.tagger.kernel import ARRIVING, Stage, steps_back, trace
from ml.tagger.places import CELL_KM, KM_PER_DEGREE, WIDTHS_KM, Places
from streams.contributors import OUTSIDE, SECTORS

QUANTITIES = ("so2", "nox", "co", "pm25", "pm25_primary", "sulphate", "nitrate", "ammonium", "soa")
"""What is told, in the units of streams.contributors.TAG_QUANTITIES; not NO2 and ozone: their balance with light, and what
makes odd oxygen, cannot be had from city means of weather with an error that is known, and nobody is served by a guess."""
INVENTORY = ("pm25", "so2", "nox", "nh3", "co", "voc")
"""Species of an inventory, in the order of kernel.EMITTED."""
LEAST_MIXED_M = 50.0
"""A mixed layer is not believed to be lower [m]."""
CHUNK_HOURS = 744
BACK_HOURS = 48
"""How far back the air is followed [h]; what it held then counts as outside."""
TALL = {"coal": 0.8, "industry": 0.3}
"""Share of a sector that leaves through tall stacks (power plants and large boilers; chosen)."""
TOWN = {
    "industry": 0.3, "coal": 0.2, "dust": 0.4, "vehicles": 0.45, "nonroad": 0.3, "solvent": 0.5, "residential": 0.25,
    "agriculture": 0.0,
    "biogenic": 0.0,
}  # fmt: skip
"""Share of a sector that is emitted in the town; the rest falls evenly on the country (chosen)."""
UG_PER_KG, MG_PER_UG = 1e9, 1e-3


@dataclass(frozen=True, eq=False)
class Tagged:
    """Contributions. values: float64 (quantity, contributor, city, hour) in the units of TAG_QUANTITIES, NaN where not known.

    quantities: QUANTITIES. contributors: (sector, place) of each sector x city, then ("*", "outside"). first_hour:
    epoch hour. cities.
    """

    values: np.ndarray
    quantities: tuple[str, ...]
    contributors: tuple[tuple[str, str], ...]
    cities: tuple[str, ...]
    first_hour: int


def tagged(
    weather: dict[str, np.ndarray],
    emissions_kgh: dict[str, np.ndarray],
    boundary_ugm3: dict[str, np.ndarray],
    places: Places,
    first_hour: int,
    *,
    back_hours: int = BACK_HOURS,
) -> Tagged:
    """Tell sector x city and outside apart in what arrives at the stations of each city.

    weather: wind_u_ms, wind_v_ms (at 10 m), mixing_height_m, rain_mm, temperature_c, humidity_pct, each (city, hour).
    emissions_kgh: species of INVENTORY to (city, sector, hour) [kg/h]. boundary_ugm3: species of rates.SPECIES to (side,
    hour), concentrations of the air in the mixed layer beyond the east, north, west and south of the region [ug/m3]; one that
    is not named is 0. places: the cities in the same order. first_hour: epoch hour of the arrays' first; the first back_hours
    are history and are answered by NaN where the air was not out of the region yet. Returns Tagged, as many hours as the
    arrays have.
    Missing: an hour in which fewer than half of the cities have weather is not bridged: what depends on it is NaN. A missing
    emission makes unknown what its source gives, and nitrate and ammonium of everybody, for these stand in one equilibrium; a
    missing boundary what comes from outside, and these.
    Errors: ValueError where shapes differ or a species is unknown.
    """
    hours, cities = _sizes(weather, emissions_kgh, boundary_ugm3, places)
    emitted = np.stack([_emission(emissions_kgh, name, (cities, len(SECTORS), hours)) for name in INVENTORY], axis=-1)
    boundary = np.stack(
        [np.asarray(boundary_ugm3.get(n, np.zeros((4, hours))), np.float64) for n in rates.SPECIES], axis=1
    )
    told = np.empty((len(QUANTITIES), len(contributors_of(places.cities)), cities, hours))
    for start in range(0, hours, CHUNK_HOURS):
        # A part at a time, with its history, so that memory does not grow with the length but for what is answered.
        part, first = slice(max(start - back_hours, 0), start + CHUNK_HOURS), min(start, back_hours)
        air = {name: np.asarray(each, np.float64)[:, part] for name, each in weather.items()}
        stage = _stage(air, emitted[:, :, part], boundary[..., part], places, first_hour + part.start, back_hours)
        told[..., start : start + CHUNK_HOURS] = _told(*_traced(stage, places, first), air, first)
    return Tagged(told, QUANTITIES, contributors_of(places.cities), places.cities, first_hour)


def contributors_of(cities: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """Name the contributors in the order of the values."""
    return (*((sector, city) for city in cities for sector in SECTORS), ("*", OUTSIDE))


def _sizes(weather, emissions, boundary, places) -> tuple[int, int]:
    cities, hours = len(places.cities), np.shape(weather["wind_u_ms"])[-1]
    for names, known, shape in (
        (weather, ("wind_u_ms", "wind_v_ms", "mixing_height_m", "rain_mm", "temperature_c", "humidity_pct"), (cities, hours)),
        (emissions, INVENTORY, (cities, len(SECTORS), hours)), (boundary, rates.SPECIES, (4, hours)),
    ):  # fmt: skip
        if unknown := set(names) - set(known):
            raise ValueError(f"{sorted(unknown)[0]!r} is unknown, expected some of {', '.join(known)}")
        for name, each in names.items():
            if np.shape(each) != shape:
                raise ValueError(f"{name} has shape {np.shape(each)}, expected {shape}")
    return hours, cities


def _stage(air, emitted, boundary, places, first_hour: int, back_hours: int) -> Stage:
    hours = first_hour + np.arange(boundary.shape[-1])
    lon = places.origin[0] + 0.5 * places.size_km[0] / places.km_per_lon
    light = rates.cos_zenith(hours, lon, places.origin[1] + 0.5 * places.size_km[1] / KM_PER_DEGREE)
    height = np.maximum(air["mixing_height_m"], LEAST_MIXED_M)
    rain = np.maximum(air["rain_mm"], 0.0) ** rates.RAIN_POWER
    fields = np.stack(
        [air["wind_u_ms"], air["wind_v_ms"], height, *rates.change_per_h(light, air["humidity_pct"]), rain]
    )
    widths = np.array(WIDTHS_KM)
    whole = np.ascontiguousarray
    return Stage(
        places.weather_at, whole(fields.transpose(2, 1, 0)), whole(rates.deposition_m_h(light).T), rates.washout_per_h(),
        whole(np.moveaxis(emitted, 2, 0)) * UG_PER_KG, _of_sectors(TALL), _of_sectors(TOWN), places.density,
        np.sqrt(widths[1:] * widths[:-1]), steps_back(back_hours), np.array([CELL_KM, *places.size_km, CELL_KM]), whole(boundary),
    )  # fmt: skip


def _traced(stage: Stage, places: Places, first: int) -> tuple[np.ndarray, np.ndarray]:
    hours, cities, sectors, _ = stage.emitted.shape
    arriving = np.zeros((cities, hours - first, cities, sectors, len(ARRIVING)))
    outside = np.zeros((cities, hours - first, len(rates.SPECIES)))
    share = 1.0 / np.bincount(places.receptor_city, minlength=cities)[places.receptor_city]
    trace(stage, places.receptors, places.receptor_city, share, first, arriving, outside)
    return arriving, outside


def _emission(emissions: dict[str, np.ndarray], name: str, shape: tuple[int, ...]) -> np.ndarray:
    kg = np.asarray(emissions.get(name, np.zeros(shape)), np.float64)
    if name != "voc":
        return kg
    gain = np.array([rates.YIELD.get(sector, rates.OTHER_YIELD) for sector in SECTORS])
    return kg * gain[:, None]


def _of_sectors(table: dict[str, float]) -> np.ndarray:
    return np.array([table.get(sector, 0.0) for sector in SECTORS])


def _told(arriving: np.ndarray, outside: np.ndarray, air: dict[str, np.ndarray], first: int) -> np.ndarray:
    # (city, hour, contributor, species) of the sources and of what comes in, then the quantities.
    local = arriving.reshape(*arriving.shape[:2], -1, arriving.shape[-1])
    beyond = np.delete(outside, rates.VOC, axis=-1)[:, :, None]
    mass = np.moveaxis(np.concatenate([local, beyond], axis=2), -1, 0)
    primary, so2, sulphate, nox, nitrate, ammonia, co, soa = mass
    s_ppb, n_ppb, a_ppb = (
        m / g * aerosol.PPB_PER_UMOL for m, g in ((sulphate, 96.06), (nitrate, 62.0), (ammonia, 17.03))
    )
    total_s, total_n, total_a = (each.sum(axis=-1) for each in (s_ppb, n_ppb, a_ppb))
    bound = np.minimum(2.0 * total_s, total_a)
    product = aerosol.dissociation_ppb2(air["temperature_c"][:, first:], air["humidity_pct"][:, first:])
    by_acid, by_base = aerosol.shared_salt(total_n, total_a - bound, product)
    with_sulphate = np.where((total_a > 2.0 * total_s)[..., None], _share_of(s_ppb), _share_of(a_ppb))
    in_salt = by_acid[..., None] * _share_of(n_ppb) + by_base[..., None] * _share_of(a_ppb)
    ammonium = bound[..., None] * with_sulphate + in_salt
    per_ppb = 1.0 / aerosol.PPB_PER_UMOL
    nitrate_ug, ammonium_ug = 62.0 * per_ppb * in_salt, 18.04 * per_ppb * ammonium
    gone = np.isnan(primary) | np.isnan(product + total_s + total_n + total_a)[..., None]
    nitrate_ug, ammonium_ug = (np.where(gone, np.nan, each) for each in (nitrate_ug, ammonium_ug))
    fine = primary + sulphate + nitrate_ug + ammonium_ug + soa
    told = np.stack([so2, nox, co * MG_PER_UG, fine, primary, sulphate, nitrate_ug, ammonium_ug, soa])
    return np.ascontiguousarray(np.moveaxis(told, (1, 2, 3), (2, 3, 1)))


def _share_of(parts: np.ndarray) -> np.ndarray:
    whole = parts.sum(axis=-1, keepdims=True)
    return np.divide(parts, whole, out=np.zeros_like(parts), where=whole > 0)


__all__ = ["BACK_HOURS", "INVENTORY", "QUANTITIES", "Tagged", "contributors_of", "tagged"]
