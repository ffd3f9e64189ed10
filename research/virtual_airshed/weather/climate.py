"""The climate of the basin in a few numbers: what is usual at a time of the year, before chance has its say.

The numbers were chosen so that temperature, humidity, wind and rain at Chengdu come out as its weather reports of 2013 to 2015 have
them (months of a published hourly series; the comparison is a test). Heights of the mixed layer follow the low winter
values that sounding studies of the basin give (recalled, some 500 to 700 m at noon in January).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from research.virtual_airshed.weather.sun import YEAR_DAYS, day_of_year

COLDEST_DAY = 14.0
DUSTIEST_DAY, DUST_DAYS = 85.0, 32.0
STILLEST_DAY, STILL_DAYS = 2.0, 38.0


@dataclass(frozen=True, eq=False)
class Season:
    """What is usual at some hours, each (hour,).

    summer: 0 in the middle of winter to 1 in the middle of summer. spring: 1 in the middle of spring, -1 in that of
    autumn. temperature_c, dew_point_c: means of the day [deg C]. swing_c: half of the day's range of temperature under
    a clear sky [deg C]. sky: mean of the cloud index, higher is cloudier. wet: mean of the rain index. wind: factor on
    all winds. towards_east, towards_north: the mean wind, in units of the mean speed. noon_m, night_m: height of the
    mixed layer at its highest and lowest [m]. dusty: 1 in the season of dust storms, 0 out of it. still: 1 in the dead
    of winter, when cold air lies in the basin for weeks, 0 out of it.
    """

    summer: np.ndarray
    spring: np.ndarray
    temperature_c: np.ndarray
    dew_point_c: np.ndarray
    swing_c: np.ndarray
    sky: np.ndarray
    wet: np.ndarray
    wind: np.ndarray
    towards_east: np.ndarray
    towards_north: np.ndarray
    noon_m: np.ndarray
    night_m: np.ndarray
    dusty: np.ndarray
    still: np.ndarray


def season_of(hour: np.ndarray) -> Season:
    """Give what is usual at some epoch hours (hour,)."""
    day = day_of_year(hour)
    year = 2 * np.pi * (day - 1.0 - COLDEST_DAY) / YEAR_DAYS
    warm, spring, half = -np.cos(year), np.sin(year), -np.cos(2 * year)
    summer = 0.5 * (1 + warm)
    away = np.abs((day - STILLEST_DAY + YEAR_DAYS / 2) % YEAR_DAYS - YEAR_DAYS / 2)
    still = np.exp(-((away / STILL_DAYS) ** 2))
    return Season(
        summer=summer,
        spring=spring,
        temperature_c=17.4 + 9.3 * warm + 0.6 * spring + 0.8 * half,
        dew_point_c=12.0 + 9.3 * warm - 1.5 * spring,
        swing_c=4.6 + 0.6 * spring,
        sky=0.24 - 0.16 * warm - 0.06 * spring,
        wet=-1.95 + 0.75 * summer,
        wind=1.06 + 0.14 * warm - 0.27 * still,
        towards_east=-0.22 + 0.08 * warm,
        towards_north=-0.36 + 0.16 * warm,
        noon_m=940.0 + 330.0 * warm - 20.0 * spring - 140.0 * still,
        night_m=165.0 + 33.0 * warm - 32.0 * still,
        still=still,
        dusty=np.exp(-(((day - DUSTIEST_DAY) / DUST_DAYS) ** 2)),
    )
