"""Composition in the store: both databases, replaced rows, and the dataset of a notebook."""

from __future__ import annotations

import datetime as dt
import json

import numpy as np
import pytest
import sqlalchemy as sa
import xarray as xr

from infra.history import history_of
from streams.components import KINDS
from streams.store import StoreError, begin_write, into_postgres, into_sqlite, open_composition, open_dataset
from streams.store.history import superseded
from streams.store.schema import composition_station_hour
from tests.streams import replaying as r
from tests.streams.desks.test_composition_desk import IONS, STATION, history, row
from tests.streams.desks.test_desks import _moment
from tests.streams.store.test_voc_store import keep

HOUR = dt.datetime.fromisoformat(_moment(r.FIRST))


@pytest.fixture(params=[True, False], ids=["in whole columns", "one by one"])
def together(request: pytest.FixtureRequest, monkeypatch) -> None:
    """How many rows go together into the store."""
    for way in (into_sqlite, into_postgres):
        monkeypatch.setattr(way, "TOGETHER", 1 if request.param else 10**6)


def rows_of(store: sa.Engine) -> dict[tuple, dict]:
    with store.connect() as connection:
        rows = [dict(each) for each in connection.execute(sa.select(composition_station_hour)).mappings()]
    keys = [column.name for column in composition_station_hour.primary_key]
    moments = {"hour_end", "released_at", "received_at"}
    told = [{k: f"{v}.000000" if k in moments else v for k, v in each.items()} for each in rows]
    return {tuple(each[key] for key in keys): each for each in told}


def test_both_databases_hold_what_the_desk_gave(store, together, tmp_path) -> None:
    blocks = [history(70, seed, kind) for seed, kind in enumerate(KINDS)]
    blocks += [history(5, 9, "ion", averaging_h=24), history(3, 6, "ion", revision=1, status="reviewed"), blocks[0]]
    expected = keep(store, tmp_path, *blocks).rows()["composition_station_hour"]
    found = rows_of(store)
    assert found.keys() == expected.keys() and len(found) > 450
    for key, given in expected.items():
        assert {name: found[key][name] for name in given} == given, key


def test_a_revision_keeps_the_row_that_it_replaces_and_no_other(store, together, store_url, tmp_path) -> None:
    revised = row({"nitrate": 20.0}, revision=1, status="reviewed")
    keep(store, tmp_path, row(IONS), row({"oc": 12.8}), row(IONS, averaging_h=24), revised)
    (old,) = superseded(store, "composition_station_hour", STATION, HOUR)
    assert json.loads(old["species_ugm3"]) == IONS and (old["averaging_h"], old["species_kind"]) == (1, "ion")
    assert (old["status"], old["revision"]) == ("provisional", 0)
    told = history_of(store_url, "composition_station_hour", STATION, HOUR.isoformat())
    at = [told.columns.index(name) for name in ("averaging_h", "species_kind", "revision")]
    assert [tuple(version[i] for i in at) for version in told.versions] == [
        (1, "carbon", 0), (1, "ion", 0), (1, "ion", 1), (24, "ion", 0),
    ]  # fmt: skip


def test_values_that_a_source_corrects_without_a_revision_keep_what_they_replace(store, together, tmp_path) -> None:
    keep(store, tmp_path, row({"oc": 12.8}, released_at=1.0), row({"oc": 11.8}, released_at=2.0))
    (old,) = superseded(store, "composition_station_hour", STATION, HOUR)
    assert json.loads(old["species_ugm3"]) == {"oc": 12.8}


def test_the_dataset_has_species_with_their_names_and_limits(store, tmp_path) -> None:
    blocks = (
        row({"sulphate": 9.6, "chloride": "<0.05"}), row({"oc": 12.8}), row({"nitrate": 3.0}, hour=2),
        row({"pb": 0.0485}, hour=1, station="Z9", city="510600", simulated=True), row({"oc": 11.0}, hour=5, averaging_h=24),
    )  # fmt: skip
    keep(store, tmp_path, *blocks)
    data = open_composition(store)
    assert dict(data.sizes) == {"station": 2, "hour_end": 3, "species_kind": 3, "species": 5}
    assert data.species.values.tolist() == ["sulphate", "nitrate", "chloride", "oc", "pb"]
    assert data.group.values.tolist() == ["ion", "ion", "ion", "carbon", "element"]
    assert data.species_zh.values.tolist()[0] == "硫酸盐"
    assert data.composition_ugm3.dims == ("station", "hour_end", "species")
    nan = np.nan
    np.testing.assert_array_equal(
        data.composition_ugm3.sel(station=STATION),
        [[9.6, nan, nan, 12.8, nan], [nan] * 5, [nan, 3.0, nan, nan, nan]],
    )
    assert float(data.composition_ugm3.sel(station="Z9", species="pb")[1]) == 0.0485
    assert data.below_ugm3.sel(station=STATION, species="chloride").values.tolist()[0] == 0.05
    assert np.isfinite(data.below_ugm3).sum() == 1
    assert data.composition_ugm3.attrs["units"] == "ug m-3"
    assert {"long_name", "long_name_zh"} <= set(data.composition_ugm3.attrs)
    assert data.attrs["simulated"] == 1
    assert data.simulated.sel(station="Z9", species_kind="element").values.tolist() == [-1, 1, -1]
    assert data.total_ugm3.sel(station=STATION, species_kind="carbon").values.tolist()[0] == 12.8


def test_a_daily_sample_is_never_among_the_hours(store, tmp_path) -> None:
    daily = row({"oc": 11.0}, hour=5, averaging_h=24)
    keep(store, tmp_path, row({"oc": 12.8}), row({"oc": 9.0}, hour=5), daily)
    hours, days = open_composition(store), open_composition(store, averaging_h=24)
    assert hours.composition_ugm3.sel(species="oc").values.tolist() == [[12.8, 9.0]]
    assert days.composition_ugm3.sel(species="oc").values.tolist() == [[11.0]] and int(days.averaging_h) == 24
    both = open_dataset(store, "composition_station_hour")
    assert both.averaging_h.values.tolist() == [1, 24] and both.averaging_h.attrs["units"] == "h"
    assert both.composition_ugm3.dims == ("station", "hour_end", "averaging_h", "species")
    assert np.isfinite(both.composition_ugm3).sum() == 3
    with pytest.raises(StoreError, match="no means over 23 h here, expected averaging_h to be one of 1, 24"):
        open_composition(store, averaging_h=23)


def test_a_store_without_composition_gives_an_empty_dataset(store) -> None:
    data = open_composition(store)
    assert dict(data.sizes) == {"station": 0, "hour_end": 0, "species_kind": 0, "species": 0}
    assert data.composition_ugm3.dims == ("station", "hour_end", "species")


def test_places_times_and_species_may_be_chosen(store, tmp_path) -> None:
    keep(store, tmp_path, *(row(IONS, hour=hour) for hour in range(4)), row(IONS, station="Z9", city="510600"))
    cut = open_composition(
        store, start=HOUR + dt.timedelta(hours=1), end=HOUR + dt.timedelta(hours=2), cities=["510100"]
    )
    assert dict(cut.sizes) == {"station": 1, "hour_end": 2, "species_kind": 1, "species": 3}
    some = open_composition(store, species=["NO3-", "硫酸盐"], stations=["Z9"])
    assert some.composition_ugm3.values.tolist() == [[[21.4, 9.6]]]
    for arguments, told in (
        ({"species": ["oc"]}, "no row holds oc, expected some of sulphate, nitrate"),
        ({"species": ["Cl"]}, "expected chloride"),
        ({"species": "oc"}, "expected a collection"),
        ({"stations": ["S7"]}, "has no station S7"),
    ):
        with pytest.raises(StoreError, match=told):
            open_composition(store, **arguments)


def test_a_file_brings_back_what_was_read(store, tmp_path) -> None:
    keep(store, tmp_path, history(5, 8, "ion"), history(5, 8, "element"))
    data = open_composition(store)
    data.to_netcdf(tmp_path / "composition.nc")
    with xr.open_dataset(tmp_path / "composition.nc") as again:
        xr.testing.assert_equal(again.load(), data)
        assert again.composition_ugm3.attrs["units"] == "ug m-3"


def test_a_species_that_the_table_does_not_know_is_named(store, tmp_path) -> None:
    keep(store, tmp_path, row(IONS))
    with begin_write(store) as connection:
        connection.execute(sa.update(composition_station_hour).values(species_ugm3='{"unobtainium":1.0}'))
    with pytest.raises(StoreError, match="component that the tables do not know: species is 'unobtainium'"):
        open_composition(store)
