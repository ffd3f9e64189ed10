"""A made record of a station: smooth days, so that what a gap or a change does is seen."""

from __future__ import annotations

import numpy as np

from research.ozone.hours import Hours
from standards.days import day_of_date, first_hour_of_day

MIXTURE = {
    "ethane": 4.4, "propane": 3.6, "n-butane": 3.0, "isopentane": 2.4, "acetylene": 3.6, "ethene": 2.6, "propene": 1.0,
    "1-butene": 0.5, "isoprene": 0.6, "benzene": 1.4, "toluene": 3.2, "m,p-xylene": 1.6, "o-xylene": 0.6,
    "formaldehyde": 4.0, "acetaldehyde": 1.8, "acetone": 2.5, "2-butanone": 0.8, "chloromethane": 0.6,
}  # fmt: skip
"""A town's air [ppb]: sums of groups as two campaigns in Chengdu found them (mixture.csv of the virtual airshed)."""


def hours(first, days=2, *, nox=1.0, voc=1.0, without=()):
    """Give a record of whole days from a date on."""
    start, n = int(first_hour_of_day(day_of_date(first))), 24 * days
    local = (np.arange(n) % 24) + 0.5
    swing = 1.0 + 0.4 * np.cos(2 * np.pi * (local - 8.0) / 24.0)
    names = tuple(MIXTURE)
    series = {
        "no2_ppb": 18.0 * nox * swing, "co_ppb": 700.0 * swing, "humidity_pct": np.full(n, 60.0),
        "temperature_c": 25.0 + 6.0 * np.sin(np.pi * (local - 9.0) / 12.0), "o3_ppb": np.full(n, 40.0),
        "pressure_pa": np.full(n, 95_000.0), "cloud_transmission": np.full(n, 0.8),
    }  # fmt: skip
    for name in without:
        del series[name]
    amounts = np.array([MIXTURE[name] for name in names])[:, None] * swing * voc
    return Hours(
        station="S510100", lon=104.07, lat=30.67, hour_end=np.arange(start, start + n), compounds=names,
        voc_ppb=amounts, below_ppb=np.full(amounts.shape, np.nan), series=series, simulated=True, source="made",
    )  # fmt: skip
