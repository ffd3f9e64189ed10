"""Days on the diagram of their mean."""

from __future__ import annotations

import dataclasses
import datetime as dt

import numpy as np
import pytest

from research.ozone.conditions import Settings, conditions
from research.ozone.days import gather
from research.ozone.ekma import ekma_of
from research.ozone.errors import OzoneError
from research.ozone.month import mean_day, positions
from tests.research.ozone.made import hours

DAY = dt.date(2024, 7, 3)


def day_of(at=DAY, **changes):
    return conditions(gather(hours(at, 1, **changes)).days[0], Settings(window_s=600.0))


@pytest.fixture(scope="module")
def days():
    return [day_of(nox=0.5, voc=1.5), day_of(dt.date(2024, 7, 4), nox=1.5, voc=0.5)]


def test_the_mean_of_days_is_their_mean(days):
    mean = mean_day(days)
    np.testing.assert_allclose(mean.held_ppb["NO2"], day_of().held_ppb["NO2"])
    np.testing.assert_allclose(mean.held_ppb["TOLUENE"], day_of().held_ppb["TOLUENE"])
    assert mean.assumed["mean_of_days"] == "2: 2024-07-03–2024-07-04"


def test_days_lie_where_their_precursors_put_them(days):
    mean = mean_day(days)
    coarse = np.array([0.0, 0.5, 1.0, 1.5, 2.0])
    found = positions(ekma_of(mean, voc_factor=coarse, nox_factor=coarse), mean, days)
    assert [(each.voc_factor, each.nox_factor) for each in found] == [
        (pytest.approx(1.5), pytest.approx(0.5)),
        (pytest.approx(0.5), pytest.approx(1.5)),
    ]
    assert found[0].expected_ppb > found[1].expected_ppb
    assert found[0].observed_ppb == 40.0


def test_days_that_cannot_be_averaged_are_refused(days):
    with pytest.raises(OzoneError, match="there are no days"):
        mean_day([])
    elsewhere = dataclasses.replace(days[0], day=dataclasses.replace(days[0].day, station="X"))
    with pytest.raises(OzoneError, match="days are of S510100, X, expected one station"):
        mean_day([days[0], elsewhere])
    other = dataclasses.replace(days[1], held_ppb={s: v for s, v in days[1].held_ppb.items() if s != "ISOP"})
    with pytest.raises(OzoneError, match="hold other species"):
        mean_day([days[0], other])
