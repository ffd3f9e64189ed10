"""A day as the solver wants it: weather, sunlight, mixing and held amounts in windows of some minutes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

import numpy as np

from research.chemistry.sunlight import clear_sky, jno2_of_radiation
from research.ozone.chemistries import USUAL, Chemistry, mechanism_for
from research.ozone.days import StationDay
from research.ozone.errors import OzoneError
from research.ozone.lumping import Lumping, lumping
from research.ozone.records import Recorded
from research.virtual_airshed.weather.sun import cos_zenith
from standards.days import HOURS_PER_DAY

HOUR_S = 3600.0
LOWEST_SUN = 0.05
"""Cosine of the zenith angle below which an hour's light tells nothing of cloud: that of the nearest hour is taken."""
MOST_LIGHT = 1.3
"""Light above that of a clear sky: broken cloud gives up to this in an hour; more is an instrument's."""
_NONE: Mapping[str, float] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings(Recorded):
    """What is assumed of a day beside what was measured; kept with every result.

    window_s: how long weather and held amounts stand still [s]. dilution_floor_per_s: exchange with the air around when the
    layer does not grow [1/s]. background_ppb: by species of the mechanism, what is mixed in. deposition_m_s: velocities by species.
    o3_held: whether ozone is held at what was measured, too. transmission: light of a clear sky that comes through where
    nothing tells it (haze of the basin: 0.7 to 0.8). mixing_height_m: of the layer in the night and at its highest, where
    it was not measured; it grows from 8 to 14 o'clock. start_o3_ppb: where ozone was not measured. spin_up_days: how often
    the day is run before it counts, so that what builds up over hours is there. ch4_ppb, h2_ppb: held where the mechanism has
    them. mechanism: a shipped one by its name, or one's own.
    """

    window_s: float = 300.0
    dilution_floor_per_s: float = 1.0 / (24 * HOUR_S)
    background_ppb: Mapping[str, float] = field(
        default_factory=lambda: MappingProxyType({"O3": 40.0, "CO": 150.0, "PAN": 0.3, "HNO3": 0.5, "H2O2": 1.0})
    )
    deposition_m_s: Mapping[str, float] = field(
        default_factory=lambda: MappingProxyType({"O3": 0.004, "HNO3": 0.02, "H2O2": 0.01, "PAN": 0.002})
    )
    o3_held: bool = False
    transmission: float = 0.8
    mixing_height_m: tuple[float, float] = (300.0, 1200.0)
    start_o3_ppb: float = 40.0
    spin_up_days: int = 1
    ch4_ppb: float = 1900.0
    h2_ppb: float = 530.0
    mechanism: str | Chemistry = USUAL

    def __post_init__(self) -> None:
        if not (0.0 < self.window_s <= HOUR_S) or HOUR_S % self.window_s:
            raise OzoneError(f"window_s is {self.window_s}, expected seconds that divide an hour")
        if not 0.0 < self.transmission <= MOST_LIGHT:
            raise OzoneError(f"transmission is {self.transmission}, expected above 0 and up to {MOST_LIGHT}")
        if not self.dilution_floor_per_s >= 0.0:
            raise OzoneError(f"dilution_floor_per_s is {self.dilution_floor_per_s}, expected 0 or more")
        if not 0 < self.mixing_height_m[0] <= self.mixing_height_m[1]:
            raise OzoneError(f"mixing_height_m is {self.mixing_height_m}, expected that of the night and a higher one")
        if not 0 <= self.spin_up_days <= 10:
            raise OzoneError(f"spin_up_days is {self.spin_up_days}, expected 0 to 10")


@dataclass(frozen=True, eq=False, kw_only=True)
class Conditions:
    """One day in windows: all arrays float64 (window,) unless said.

    local_h: middle of each window, hours of the local day. cos_zenith; light: share of a clear sky's; temperature_k;
    pressure_pa; h2o_ppb; dilution_per_s; mixing_height_m. held_ppb: by species of the mechanism. lumping: how
    compounds became species. start_o3_ppb. assumed: by name, what stands for what was not measured, as numbers with units.
    """

    day: StationDay
    settings: Settings
    local_h: np.ndarray
    cos_zenith: np.ndarray
    light: np.ndarray
    temperature_k: np.ndarray
    pressure_pa: np.ndarray
    h2o_ppb: np.ndarray
    dilution_per_s: np.ndarray
    mixing_height_m: np.ndarray
    held_ppb: Mapping[str, np.ndarray]
    lumping: Lumping
    start_o3_ppb: float
    assumed: Mapping[str, str]

    @property
    def windows_per_hour(self) -> int:
        """How many windows an hour has."""
        return len(self.local_h) // HOURS_PER_DAY

    @property
    def daylight(self) -> np.ndarray:
        """Which windows have the sun well up, bool (window,)."""
        return self.cos_zenith > LOWEST_SUN

    def hourly(self, values: np.ndarray) -> np.ndarray:
        """Give hourly means (..., 24) of windows (..., window)."""
        shape = (*values.shape[:-1], HOURS_PER_DAY, self.windows_per_hour)
        return values.reshape(shape).mean(axis=-1)


def conditions(day: StationDay, settings: Settings | None = None) -> Conditions:
    """Give a day in windows.

    Held are the compounds as species, NO2 and CO, CH4 and H2; ozone where settings say so. Hourly means stand at the middle of
    their hour, with straight lines between. Light is that of measured j(NO2), else of measured radiation by the j(NO2) that
    belongs to it (Trebs et al. 2009), else of cloud_transmission, else the settings'.
    Errors: OzoneError where ozone is to be held and was not measured, and where the sun does not rise.
    """
    settings = settings or Settings()
    n = round(HOURS_PER_DAY * HOUR_S / settings.window_s)
    local_h = (np.arange(n) + 0.5) * settings.window_s / HOUR_S
    sun = cos_zenith(day.first_hour_end - 1 + local_h, day.lon, day.lat)
    series = {name: at_windows(values, local_h) for name, values in day.series.items()}
    light, of_light = _light(day, settings, sun, local_h)
    height, of_height = _height(day, settings, local_h)
    groups = lumping(day.compounds, settings.mechanism)
    held = dict(zip(groups.species, at_windows(groups.species_ppb(day.voc_ppb), local_h), strict=True))
    held |= {"NO2": series["no2_ppb"], "CO": series["co_ppb"]}
    known = mechanism_for(settings.mechanism).species
    held |= {s: np.full(n, ppb) for s, ppb in (("CH4", settings.ch4_ppb), ("H2", settings.h2_ppb)) if s in known}
    if settings.o3_held:
        if "o3_ppb" not in series:
            raise OzoneError(f"{day.station} {day.day}: ozone is to be held, expected o3_ppb in every hour")
        held["O3"] = series["o3_ppb"]
    start, of_start = (float(day.series["o3_ppb"][0]), {}) if "o3_ppb" in day.series else (
        settings.start_o3_ppb, {"o3_ppb": f"{settings.start_o3_ppb:g} ppb"})  # fmt: skip
    return Conditions(
        day=day, settings=settings, local_h=local_h, cos_zenith=sun, light=light,
        temperature_k=series["temperature_c"] + 273.15, pressure_pa=series["pressure_pa"],
        h2o_ppb=vapour_ppb(series["temperature_c"], series["humidity_pct"], series["pressure_pa"]),
        dilution_per_s=dilution_per_s(height, settings), mixing_height_m=height, held_ppb=held, lumping=groups,
        start_o3_ppb=start, assumed={**day.assumed, **of_light, **of_height, **of_start},
    )  # fmt: skip


def at_windows(hourly: np.ndarray, local_h: np.ndarray) -> np.ndarray:
    """Give hourly means (..., 24) at the middles of windows (..., window): straight lines between the middles of hours."""
    middles = np.arange(HOURS_PER_DAY) + 0.5
    flat = np.atleast_2d(hourly)
    return np.stack([np.interp(local_h, middles, row) for row in flat]).reshape(*hourly.shape[:-1], len(local_h))


def vapour_ppb(temperature_c: np.ndarray, humidity_pct: np.ndarray, pressure_pa: np.ndarray) -> np.ndarray:
    """Give water vapour [ppb of air] from temperature [°C], relative humidity [%] and pressure [Pa].

    Source: saturation over water by Bolton 1980, eq. 10.
    """
    saturation_pa = 611.2 * np.exp(17.67 * temperature_c / (temperature_c + 243.5))
    return 1e9 * saturation_pa * humidity_pct / 100.0 / pressure_pa


def dilution_per_s(height_m: np.ndarray, settings: Settings) -> np.ndarray:
    """Give the exchange with the air above [1/s] (window,): as the layer grows, d ln H/dt, and never below the floor."""
    growth = np.diff(np.log(height_m), append=np.log(height_m[-1])) / settings.window_s
    return np.maximum(growth, 0.0) + settings.dilution_floor_per_s


def _light(day: StationDay, settings: Settings, sun, local_h) -> tuple[np.ndarray, dict[str, str]]:
    """Give the share of a clear sky's light: by j(NO2), by radiation, by cloud, or assumed."""
    if "jno2_per_s" in day.series:
        measured = day.series["jno2_per_s"]
    elif "radiation_wm2" in day.series:
        measured = jno2_of_radiation(np.maximum(day.series["radiation_wm2"], 0.0))
    elif "cloud_transmission" in day.series:
        return np.minimum(at_windows(day.series["cloud_transmission"], local_h), MOST_LIGHT), {}
    else:
        return np.full(len(local_h), settings.transmission), {"light": f"{settings.transmission:g}"}
    clear = clear_sky(sun)["jno2"]
    hour = np.floor(local_h).astype(int)
    mean_sun, mean_clear = (np.bincount(hour, each) / np.bincount(hour) for each in (sun, clear))
    lit = np.flatnonzero(mean_sun > LOWEST_SUN)
    if not len(lit):
        raise OzoneError(f"{day.station} {day.day}: the sun does not rise, expected a day with light")
    ratio = np.clip(measured[lit] / mean_clear[lit], 0.0, MOST_LIGHT)
    return np.interp(local_h, lit + 0.5, ratio), {}


def _height(day: StationDay, settings: Settings, local_h: np.ndarray) -> tuple[np.ndarray, dict[str, str]]:
    if "mixing_height_m" in day.series:
        return at_windows(day.series["mixing_height_m"], local_h), {}
    low, high = settings.mixing_height_m
    height = np.interp(local_h, [0.0, 8.0, 14.0, 18.0, 20.0, 24.0], [low, low, high, high, low, low])
    return height, {"mixing_height_m": f"{low:g}–{high:g} m"}
