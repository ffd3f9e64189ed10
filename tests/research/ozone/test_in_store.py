"""The hours of a super-site from a store."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest
import sqlalchemy as sa

from research.ozone.days import gather
from research.ozone.errors import OzoneError
from research.ozone.in_store import attributed_day, hours_from_store, to_ppb
from research.virtual_airshed.observe.sites import RESEARCH_SITES
from standards.reference_states import reference_state
from streams.registry import Registry, load
from streams.store import schema
from streams.store.connect import open_store
from tests.dashboards.attributed import row
from tests.research.ozone.made import hours
from tests.research.ozone.stored import CITY, STATION, fill

FIRST = dt.date(2024, 7, 3)


@pytest.fixture(scope="module")
def registry():
    shipped = load()
    return Registry(
        shipped.cities, {**shipped.stations, **{each.code: each for each in RESEARCH_SITES}}, shipped.outlines_path
    )


@pytest.mark.parametrize("of", ["city", "station"])
def test_what_was_stored_comes_back(tmp_path, registry, of):
    url = f"sqlite:///{tmp_path / 'air.sqlite'}"
    fill(url, FIRST, items_of=of)
    found, made = hours_from_store(url, registry, STATION, FIRST, dt.date(2024, 7, 4)), hours(FIRST)
    assert (found.lon, found.lat) == (104.06, 30.64)
    inside = np.isin(found.hour_end, made.hour_end)
    assert inside.sum() == 48
    for name in ("no2_ppb", "co_ppb", "o3_ppb", "temperature_c", "humidity_pct"):
        np.testing.assert_allclose(found.series[name][inside], made.series[name], rtol=1e-5, err_msg=name)
    order = [found.compounds.index(name) for name in made.compounds]
    np.testing.assert_allclose(found.voc_ppb[order][:, inside], made.voc_ppb, atol=1e-5)
    assert found.simulated
    assert ("city 510100" if of == "city" else "the station") in found.source
    days = gather(found).days
    assert [each.day for each in days] == [FIRST, dt.date(2024, 7, 4)]
    assert (days[0].series["mixing_height_m"] == 800.0).all()
    assert set(days[0].assumed) == {"pressure_pa"}


def test_an_older_run_tells_what_the_newest_does_not(tmp_path, registry):
    url = f"sqlite:///{tmp_path / 'air.sqlite'}"
    fill(url, FIRST, 1)  # the older run, of 30 h ahead, is 5 degrees warmer than the newest, of 6 h
    c, six = schema.forecast_city_hour.c, dt.datetime(2024, 7, 3, 2)
    engine = open_store(url)
    with engine.begin() as connection:
        gone = (c.lead_hours == 6, c.hour_end >= six, c.hour_end < six + dt.timedelta(hours=6))
        connection.execute(sa.update(schema.forecast_city_hour).where(*gone).values(humidity_pct=None))
    engine.dispose()
    found, made = hours_from_store(url, registry, STATION, FIRST, FIRST), hours(FIRST, 1)
    inside = np.isin(found.hour_end, made.hour_end)
    np.testing.assert_allclose(found.series["humidity_pct"][inside], 60.0)
    np.testing.assert_allclose(found.series["temperature_c"][inside], made.series["temperature_c"], rtol=1e-5)
    assert "weather of forecasts up to 30 h ahead" in found.source
    assert len(gather(found).days) == 1


def test_limits_come_with_it(tmp_path, registry):
    url = f"sqlite:///{tmp_path / 'air.sqlite'}"
    fill(url, FIRST, 1, below=("styrene",))
    found = hours_from_store(url, registry, STATION, FIRST, FIRST)
    at = found.compounds.index("styrene")
    assert np.nanmax(found.below_ppb[at]) == 0.02
    assert np.isnan(found.voc_ppb[at]).all()
    assert gather(found).days[0].below == pytest.approx(1 / 19)


def test_what_is_not_there_is_said(tmp_path, registry):
    url = f"sqlite:///{tmp_path / 'air.sqlite'}"
    fill(url, FIRST, 1)
    with pytest.raises(OzoneError, match="station is 'X', expected a code of the registry"):
        hours_from_store(url, registry, "X", FIRST, FIRST)
    with pytest.raises(OzoneError, match="expected the first before the last"):
        hours_from_store(url, registry, STATION, FIRST, dt.date(2024, 7, 2))
    with pytest.raises(OzoneError, match="SIM-S01: the store has no compounds from 2025-07-02 to 2025-07-03"):
        hours_from_store(url, registry, STATION, dt.date(2025, 7, 3), dt.date(2025, 7, 3))
    with pytest.raises(OzoneError, match="SIM-S02: "):
        hours_from_store(url, registry, "SIM-S02", FIRST, FIRST)
    values, about = attributed_day(url, CITY, FIRST)
    assert values is None
    assert about["why"]


def test_micrograms_become_ppb_at_the_state_of_their_day():
    # GB 3095: 298.15 K since 2018-09-01, 273.15 K before. 1 ppb of O3 is 1.962 and 2.141 ug/m3 (48 / 24.465, 48 / 22.414).
    assert to_ppb(1.962, "o3") == pytest.approx(1.0, rel=1e-3)
    assert to_ppb(2.141, "o3", state=reference_state(dt.date(2016, 7, 1))) == pytest.approx(1.0, rel=1e-3)
    assert to_ppb(1.881, "no2", state=reference_state(dt.date(2024, 7, 1))) == pytest.approx(1.0, rel=1e-3)
    assert to_ppb(1145.0, "co") == pytest.approx(1000.0, rel=1e-3)


def test_an_attribution_of_the_day_is_read_with_what_it_rests_on(tmp_path):
    url = f"sqlite:///{tmp_path / 'air.sqlite'}"
    engine = open_store(url)
    ends = dt.datetime(2024, 7, 3, 10)  # 18 o'clock in China
    rows = [row(CITY, [CITY, "510600"], ends, span="mda8", hours=8, quantity=q, total=150.0) for q in ("o3", "ox")]
    with engine.begin() as connection:
        connection.execute(sa.insert(schema.attribution), rows)
    engine.dispose()
    values, about = attributed_day(url, CITY, FIRST)
    assert sum(values.values()) == pytest.approx(150.0, abs=0.1)
    assert {"vehicles", "solvent", "outside"} <= set(values)
    assert (about["tier"], about["confidence"], about["quantity"]) == ("corrected tags", "medium", "o3")
    assert attributed_day(url, CITY, dt.date(2024, 7, 5))[0] is None
    assert "no attribution of o3 for the day" in attributed_day(url, CITY, FIRST, span="day")[1]["why"]
