"""Where the sun stands, and what time it is in Chengdu."""

from __future__ import annotations

import numpy as np

from research.virtual_airshed.grid import CENTRE

LOCAL_OFFSET_H = 8.0
"""Asia/Shanghai ahead of UTC [h]."""
YEAR_DAYS = 365.2422


def cos_zenith(hour: np.ndarray, lon: float = CENTRE[0], lat: float = CENTRE[1]) -> np.ndarray:
    """Give the cosine of the sun's zenith angle, 0 at night, (hour,); hour: epoch hours, fractions allowed. lon, lat [deg].

    Source: the equation of time of Spencer (1971), as printed in Iqbal (1983), An Introduction to Solar Radiation, eq. 1.4.1
    (recalled).
    """
    angle = _year_angle(hour)
    minutes = 229.18 * (0.000075 + 0.001868 * np.cos(angle) - 0.032077 * np.sin(angle) - 0.014615 * np.cos(2 * angle)
                        - 0.04089 * np.sin(2 * angle))  # fmt: skip
    solar_h = np.asarray(hour, float) % 24 + lon / 15.0 + minutes / 60.0
    turn, phi, declination = np.radians(15.0 * (solar_h - 12.0)), np.radians(lat), _declination(hour)
    return np.maximum(np.sin(phi) * np.sin(declination) + np.cos(phi) * np.cos(declination) * np.cos(turn), 0.0)


def day_length_h(hour: np.ndarray, lat: float = CENTRE[1]) -> np.ndarray:
    """Give the hours from sunrise to sunset on the days of some epoch hours (hour,). lat [deg]."""
    return np.degrees(np.arccos(-np.tan(np.radians(lat)) * np.tan(_declination(hour)))) * 2.0 / 15.0


def day_of_year(hour: np.ndarray) -> np.ndarray:
    """Give the day of the local year, 1.0 at the beginning of 1 January, for epoch hours."""
    seconds = (np.asarray(hour, float) + LOCAL_OFFSET_H) * 3600.0
    start = seconds.astype("datetime64[s]").astype("datetime64[Y]").astype("datetime64[s]")
    return (seconds - start.astype(float)) / 86_400.0 + 1.0


def local_hour(hour: np.ndarray) -> np.ndarray:
    """Give the local hour of the day, 0 to 24, for epoch hours."""
    return (np.asarray(hour, float) + LOCAL_OFFSET_H) % 24.0


def _year_angle(hour: np.ndarray) -> np.ndarray:
    return 2 * np.pi * (day_of_year(hour) - 1.0) / YEAR_DAYS


def _declination(hour: np.ndarray) -> np.ndarray:
    # Spencer (1971), as printed in Iqbal (1983), eq. 1.3.1 (recalled) [rad].
    angle = _year_angle(hour)
    return (0.006918 - 0.399912 * np.cos(angle) + 0.070257 * np.sin(angle) - 0.006758 * np.cos(2 * angle)
            + 0.000907 * np.sin(2 * angle) - 0.002697 * np.cos(3 * angle) + 0.00148 * np.sin(3 * angle))  # fmt: skip
