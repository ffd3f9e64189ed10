"""Exceptional events on labelled data: both results of standards, by place."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from standards import labelled
from standards.assessment.assess import flat_numbers
from standards.assessment.exceptional import ExceptionalEvent, assess_with_events
from standards.assessment.periods import month
from standards.days import day_of_date
from standards.editions import edition_named
from standards.labelled.columns import DAY_COLUMNS


def test_dust_is_set_aside_at_its_place_and_both_results_stay():
    days = pd.date_range("2023-03-01", periods=31, name="day")
    plain = pd.DataFrame([[6, 28, 0.8, 120, 58, 32.0]] * 31, days, list(DAY_COLUMNS.values()))
    dusty = plain.copy()
    dusty.iloc[9:14, 4] = 700
    frame = pd.concat({"510100": plain, "510600": dusty}, names=["city"])
    frame.attrs = {"simulated": 1}
    events = pd.DataFrame(
        [{"kind": "dust", "first": "2023-03-10", "last": "2023-03-14", "source": "list", "place": "510600"}]
    )
    made = labelled.assess_with_events(frame, "2023-03", events)
    daily = frame.to_numpy().reshape(2, 31, 6).transpose(2, 0, 1)
    event = ExceptionalEvent("dust", dt.date(2023, 3, 10), dt.date(2023, 3, 14), "list", places=(1,))
    expected = assess_with_events(
        daily, day_of_date(dt.date(2023, 3, 1)), month(2023, 3), [event], edition=edition_named("2012")
    )
    for name in ("with_events", "without_events"):
        for column, values in flat_numbers(getattr(expected, name)).items():
            np.testing.assert_array_equal(getattr(made, name)[column], values)
    assert made.excluded["pm10_excluded_days"].to_dict() == {"510100": 0, "510600": 5}
    assert made.excluded.attrs["simulated"] == made.without_events.attrs["simulated"] == 1
    data = labelled.assess_with_events(frame.to_xarray(), "2023-03", events)
    assert data.excluded["pm10_excluded_days"].sel(city="510600").item() == 5
    with pytest.raises(ValueError, match="place of an event is '1', expected one of 510100, 510600"):
        labelled.assess_with_events(frame, "2023-03", events.assign(place="1"))
    with pytest.raises(ValueError, match="missing are source"):
        labelled.assess_with_events(frame, "2023-03", events.drop(columns="source"))
    with pytest.raises(ValueError, match=r"first is .* expected a date without time or zone"):
        labelled.assess_with_events(frame, "2023-03", events.assign(first="2023-03-10 05:00"))
    with pytest.raises(ValueError, match="occur more than once"):
        labelled.assess_with_events(pd.concat([frame, frame.iloc[:1]]), "2023-03", events)
