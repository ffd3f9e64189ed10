"""What instruments are like, by the kind of their station: how far from the mean of their cell they stand, and how
well they measure.

The numbers are choices of the virtual airshed, of the order of what is reported of reference analysers and of cheap
sensors (recalled, not read): a reference monitor within some percent, an optical particle counter within some ten
percent and swelling with humidity, electrochemical cells drifting with temperature and age.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType

Six = tuple[float, float, float, float, float, float]
"""One number for each of standards.pollutants.ITEMS: so2, no2, co, o3, pm10, pm25."""
NONE: Six = (0.0, 0.0, 0.0, 0.0, 0.0, 0.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Make:
    """The instruments of one kind of station. Concentrations are in the item's unit [ug/m3, CO mg/m3].

    siting_sd: spread of the place against its cell's mean (standard deviation of the logarithm). gain_sd: the same
    for the gain of each instrument. offset_sd: of its zero. drift_sd: of the change of its gain in 30 days.
    service_days: days between two calibrations, each of which takes the drift away. swelling: mean kappa of the
    particles in the sensor (see instruments.swelling), 0 for one that dries the air. per_c_sd: of the change of its
    zero for each deg C above REFERENCE_C. noise_share, noise_least: noise of an hour, relative and absolute, added as
    independent. decimals: places that are written. lacks: share of the stations without the item. wind: share of the
    stations that measure wind.
    """

    siting_sd: Six
    gain_sd: Six = NONE
    offset_sd: Six = NONE
    drift_sd: Six = NONE
    service_days: int = 180
    swelling: float = 0.0
    per_c_sd: Six = NONE
    noise_share: Six
    noise_least: Six
    decimals: tuple[int, int, int, int, int, int]
    lacks: Six = NONE
    wind: float = 0.0


SITING_LINKS = {("no2", "o3"): -0.5, ("pm10", "pm25"): 0.7, ("no2", "co"): 0.5, ("co", "o3"): -0.25}
"""How the siting of two items goes together: a kerb has more NO2 and CO and less ozone, a quiet yard less of all
dust."""
MAKES = MappingProxyType({
    "national": Make(
        siting_sd=(0.15, 0.14, 0.12, 0.08, 0.12, 0.10),
        noise_share=(0.05, 0.04, 0.03, 0.02, 0.05, 0.04), noise_least=(0.8, 1.0, 0.03, 1.5, 3.0, 2.0),
        decimals=(0, 0, 1, 0, 0, 0), wind=0.35,
    ),
    "super": Make(
        siting_sd=(0.10, 0.10, 0.08, 0.05, 0.08, 0.06),
        noise_share=(0.03, 0.02, 0.02, 0.015, 0.03, 0.03), noise_least=(0.4, 0.5, 0.02, 1.0, 2.0, 1.0),
        decimals=(1, 1, 2, 1, 1, 1), wind=1.0,
    ),
    "micro": Make(
        siting_sd=(0.25, 0.25, 0.20, 0.12, 0.18, 0.15),
        gain_sd=(0.25, 0.15, 0.12, 0.12, 0.18, 0.12), offset_sd=(4.0, 6.0, 0.10, 8.0, 5.0, 3.0),
        drift_sd=(0.03, 0.025, 0.015, 0.02, 0.015, 0.012), service_days=180, swelling=0.15,
        per_c_sd=(0.25, 0.60, 0.008, 0.60, 0.0, 0.0),
        noise_share=(0.15, 0.10, 0.08, 0.08, 0.12, 0.08), noise_least=(4.0, 5.0, 0.06, 6.0, 6.0, 3.0),
        decimals=(1, 1, 2, 1, 1, 1), lacks=(0.65, 0.05, 0.05, 0.05, 0.02, 0.0),
    ),
})  # fmt: skip
REFERENCE_C, REFERENCE_PCT, MOST_PCT = 20.0, 50.0, 95.0
"""Where a sensor was calibrated [deg C, %], and the humidity above which it swells no further [%]."""
