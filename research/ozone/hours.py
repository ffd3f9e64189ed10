"""The hours of a station as a box model wants them: compounds, nitrogen dioxide, carbon monoxide, weather and light."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from research.ozone.errors import OzoneError
from standards.days import SHANGHAI

NEEDED = ("no2_ppb", "co_ppb", "temperature_c", "humidity_pct")
"""Series without which a day cannot be computed."""
OPTIONAL = ("o3_ppb", "no_ppb", "pressure_pa", "jno2_per_s", "radiation_wm2", "cloud_transmission", "mixing_height_m")
"""Series that are used where they are there; what stands for them where they are not is said with each day."""
LIMITS = {
    "no2_ppb": (0.0, 1000.0), "co_ppb": (0.0, 100_000.0), "o3_ppb": (0.0, 1000.0), "no_ppb": (0.0, 2000.0),
    "temperature_c": (-60.0, 60.0), "humidity_pct": (0.0, 105.0), "pressure_pa": (40_000.0, 110_000.0),
    "jno2_per_s": (0.0, 0.03), "radiation_wm2": (-20.0, 1500.0), "cloud_transmission": (0.0, 1.5),
    "mixing_height_m": (10.0, 8000.0),
}  # fmt: skip
"""What a series can be; a value outside is refused, because a wrong unit is what puts one there."""
MOST_VOC_PPB = 10_000.0


@dataclass(frozen=True, eq=False, kw_only=True)
class Hours:
    """What a station measured, hour by hour, in the order of time.

    station: its code. lon, lat [deg]. hour_end: int64 (hour,), epoch hours at which the means end, growing; hours may be
    missing. compounds: English names. voc_ppb, below_ppb: float64 (compound, hour) [ppb], below_ppb the detection limit where
    the value lies below it. series: names of NEEDED and OPTIONAL to float64 (hour,). Missing: NaN.
    simulated: whether any of it is. source: where it is from, in words.
    """

    station: str
    lon: float
    lat: float
    hour_end: np.ndarray
    compounds: tuple[str, ...]
    voc_ppb: np.ndarray
    below_ppb: np.ndarray
    series: Mapping[str, np.ndarray] = field(default_factory=dict)
    simulated: bool = False
    source: str = ""

    def __post_init__(self) -> None:
        if not (-180.0 <= self.lon <= 180.0 and -90.0 <= self.lat <= 90.0):
            raise OzoneError(f"{self.station}: lon, lat are {self.lon}, {self.lat}, expected degrees east and north")
        steps = np.diff(self.hour_end)
        if (steps == 0).any():
            twice = beijing(int(self.hour_end[1:][steps == 0][0]))
            raise OzoneError(f"{self.station}: the hour that ends {twice} stands twice, expected each hour once")
        if (steps < 0).any():
            raise OzoneError(f"{self.station}: the hours are not in the order of time, expected them to grow")
        self._require_shapes()
        self._require_values()

    def _require_shapes(self) -> None:
        n, m = len(self.hour_end), len(self.compounds)
        for name in ("voc_ppb", "below_ppb"):
            if (shape := getattr(self, name).shape) != (m, n):
                raise OzoneError(f"{self.station}: {name} has the shape {shape}, expected {(m, n)}: compound, hour")
        if unknown := sorted(set(self.series) - {*NEEDED, *OPTIONAL}):
            known = ", ".join((*NEEDED, *OPTIONAL))
            raise OzoneError(f"{self.station}: the series is {', '.join(unknown)}, expected some of {known}")
        for name, values in self.series.items():
            if values.shape != (n,):
                raise OzoneError(f"{self.station}: {name} has the shape {values.shape}, expected {(n,)}")

    def _require_values(self) -> None:
        for name, values in self.series.items():
            _within(values, *LIMITS[name], f"{self.station}: {name}", self.hour_end)
        for name, values in zip(self.compounds, self.voc_ppb, strict=True):
            _within(values, 0.0, MOST_VOC_PPB, f"{self.station}: {name} [ppb]", self.hour_end)
        for name, values in zip(self.compounds, self.below_ppb, strict=True):
            _within(values, 0.0, MOST_VOC_PPB, f"{self.station}: limit of {name} [ppb]", self.hour_end)


def _within(values: np.ndarray, low: float, high: float, what: str, hour_end: np.ndarray) -> None:
    wrong = np.isinf(values) | (values < low) | (values > high)
    if wrong.any():
        at = int(np.argmax(wrong))
        raise OzoneError(f"{what} is {values[at]:g} at {beijing(int(hour_end[at]))}, expected {low:g} to {high:g}")


def beijing(hour_end: int) -> str:
    """Write an epoch hour as Beijing time with its zone, ISO 8601: "2024-07-04T07:00+08:00"."""
    return dt.datetime.fromtimestamp(hour_end * 3600, SHANGHAI).isoformat(timespec="minutes")


def on_every_hour(hours: Hours) -> Hours:
    """Give the same with every hour from the first to the last; hours that were not there hold NaN."""
    if not len(hours.hour_end):
        return hours
    every = np.arange(hours.hour_end[0], hours.hour_end[-1] + 1, dtype=np.int64)
    at = hours.hour_end - every[0]

    def spread(values: np.ndarray) -> np.ndarray:
        wide = np.full((*values.shape[:-1], len(every)), np.nan)
        wide[..., at] = values
        return wide

    return Hours(
        station=hours.station, lon=hours.lon, lat=hours.lat, hour_end=every, compounds=hours.compounds,
        voc_ppb=spread(hours.voc_ppb), below_ppb=spread(hours.below_ppb),
        series={name: spread(values) for name, values in hours.series.items()},
        simulated=hours.simulated, source=hours.source,
    )  # fmt: skip
