"""Hours of organic compounds in the store: both databases, replaced rows, and the dataset of a notebook."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json

import numpy as np
import pytest
import sqlalchemy as sa
import xarray as xr

from infra import cli
from standards import labelled
from standards.voc.species import species_named
from streams.registry.roster import Roster
from streams.store import StoreError, begin_write, open_dataset, open_store, open_voc
from streams.store.history import superseded
from streams.store.materialiser import Materialiser
from streams.store.schema import voc_station_hour
from streams.wire.topics import DirectoryTopic
from tests.streams import replaying as r
from tests.streams.desks.test_desks import _moment
from tests.streams.desks.test_voc_desk import CITY, EXAMPLE, STATION, history, row

HOUR = dt.datetime.fromisoformat(_moment(r.FIRST))


def keep(store: sa.Engine, folder, *blocks, roster: Roster = r.ROSTER) -> r.Desks:
    """Take blocks through the desks and store what they give, as the materialiser does."""
    desks, topic = r.Desks(roster), DirectoryTopic(folder / "air")
    for number, block in enumerate(blocks):
        before = len(desks.lines)
        desks.take(block)
        topic.append(desks.lines[before:], key=f"{number}")
    materialiser = Materialiser(store, [topic])
    while materialiser.step():
        pass
    with store.connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM rejected").scalar() == 0
    return desks


def rows_of(store: sa.Engine) -> dict[tuple, dict]:
    with store.connect() as connection:
        rows = [dict(each) for each in connection.execute(sa.select(voc_station_hour)).mappings()]
    return {(each["station"], str(each["hour_end"]) + ".000000"): each for each in rows}


def test_both_databases_hold_what_the_desk_gave(store, tmp_path) -> None:
    block = history(260, 5)
    expected = keep(store, tmp_path, block, history(3, 6, revision=1, status="reviewed"), block).rows()[
        "voc_station_hour"
    ]
    found = rows_of(store)
    assert found.keys() == expected.keys() and len(found) > 450
    for key, given in expected.items():
        told = {name: found[key][name] for name in given}
        for moment in ("hour_end", "released_at", "received_at"):
            told[moment] = f"{told[moment]}.000000"
        assert told == given, key


def test_a_revision_keeps_the_row_that_it_replaces(store, tmp_path) -> None:
    keep(store, tmp_path, row(EXAMPLE), row({"toluene": 2.5}, revision=1, status="reviewed"))
    (old,) = superseded(store, "voc_station_hour", STATION, HOUR)
    assert json.loads(old["species_ppb"]) == EXAMPLE and old["total_ppb"] == 8.75
    assert (old["status"], old["revision"]) == ("provisional", 0)
    assert rows_of(store)[STATION, _moment(r.FIRST)]["status"] == "reviewed"


def test_the_dataset_has_compounds_with_their_names_and_limits(store, tmp_path) -> None:
    blocks = (
        row({"ethene": 4.1, "toluene": 2.3, "m,p-xylene": "<0.02"}), row({"toluene": 1.0}, hour=2),
        row({"benzene": 0.5}, hour=1, station="Z9", city="510600", simulated=True),
    )  # fmt: skip
    keep(store, tmp_path, *blocks)
    data = open_voc(store)
    assert dict(data.sizes) == {"station": 2, "hour_end": 3, "species": 4}
    assert data.species.values.tolist() == ["ethene", "benzene", "toluene", "m,p-xylene"]
    assert data.cas.values.tolist() == ["74-85-1", "71-43-2", "108-88-3", "179601-23-1"]
    assert data.group.values.tolist() == ["alkene", "aromatic", "aromatic", "aromatic"]
    assert data.species_zh.values.tolist()[2] == "甲苯" and data.molar_mass.attrs["units"] == "g mol-1"
    nan = np.nan
    np.testing.assert_array_equal(
        data.voc_ppb.sel(station=STATION), [[4.1, nan, 2.3, nan], [nan] * 4, [nan, nan, 1.0, nan]]
    )
    assert data.below_ppb.sel(station=STATION, species="m,p-xylene").values.tolist()[0] == 0.02
    assert np.isfinite(data.below_ppb).sum() == 1
    assert data.voc_ppb.attrs["units"] == "ppb" and {"long_name", "long_name_zh"} <= set(data.voc_ppb.attrs)
    assert data.attrs["simulated"] == 1 and data.simulated.sel(station="Z9").values.tolist() == [-1, 1, -1]
    assert data.n_species.sel(station=STATION).values.tolist()[::2] == [2, 1]
    assert data.city.sel(station="Z9").values.tolist() == ["", "510600", ""]
    xr.testing.assert_identical(data, open_dataset(store, "voc_station_hour"))


def test_a_notebook_computes_what_is_stored(store, tmp_path) -> None:
    block = history(60, 7)
    keep(store, tmp_path, block)
    data = open_voc(store, stations=["S1"])
    there = data.version.notnull()
    assert int(there.sum()) == block.present[1].sum() > 50
    for name, function, unit in (
        ("total_ppb", labelled.tvoc, "ppb"), ("ofp_ugm3", labelled.ofp, "ug O3/m3"),
        ("oh_reactivity_per_s", labelled.oh_reactivity, "1/s"),
    ):  # fmt: skip
        made = function(data.voc_ppb, least_measured=0.0)
        np.testing.assert_allclose(made.total.where(there), data[name], atol=0.00051)
        assert made.total.attrs["units"] == unit and made.attrs["simulated"] == 0
        assert made.cas.values.tolist() == [species_named(name).cas for name in made.species.values.tolist()]
    ratio = labelled.diagnostic_ratios(data.voc_ppb)["toluene/benzene"]
    expected = data.voc_ppb.sel(species="toluene") / data.voc_ppb.sel(species="benzene")
    both = np.isfinite(ratio.values) & np.isfinite(expected.values)
    np.testing.assert_allclose(ratio.values[both], expected.values[both])
    assert both.sum() > 30


def test_simulated_hours_say_so_in_what_is_computed_of_them(store, tmp_path) -> None:
    keep(store, tmp_path, row(EXAMPLE, simulated=True))
    data = open_voc(store)
    assert data.attrs["source"] == "simulated data"
    assert labelled.ofp(data.voc_ppb).attrs["simulated"] == 1


def test_places_times_and_compounds_may_be_chosen(store, tmp_path) -> None:
    keep(store, tmp_path, *(row(EXAMPLE, hour=hour) for hour in range(5)), row(EXAMPLE, station="Z9", city="510600"))
    cut = open_voc(store, start=HOUR + dt.timedelta(hours=1), end=HOUR + dt.timedelta(hours=2), cities=[CITY])
    assert dict(cut.sizes) == {"station": 1, "hour_end": 2, "species": 5}
    some = open_voc(store, species=["108-88-3", "异戊二烯"])
    assert some.species.values.tolist() == ["toluene", "isoprene"] and float(some.total_ppb[0, 0]) == 8.75
    for arguments, told in (
        ({"species": ["MTBE"]}, "no row holds MTBE, expected some of ethene, propene"),
        ({"species": ["toluen"]}, "did you mean toluene"),
        ({"species": "toluene"}, "expected a collection"),
        ({"stations": ["S7"]}, "has no station S7"),
    ):
        with pytest.raises(StoreError, match=told):
            open_voc(store, **arguments)


def test_stations_that_tell_a_pair_apart_or_not_stand_in_one_dataset(store, tmp_path) -> None:
    apart, pair = row({"m-xylene": 1.0, "p-xylene": 2.0}), row({"m,p-xylene": 3.0}, station="Z9")
    keep(store, tmp_path, apart, pair)
    data = open_voc(store)
    with pytest.raises(ValueError, match="m-xylene is given twice"):
        labelled.ofp(data.voc_ppb, least_measured=0.0)
    alone = open_voc(store, stations=["Z9"])
    assert labelled.ofp(alone.voc_ppb).total.item() == pytest.approx(float(alone.ofp_ugm3.item()), abs=0.00051)


def test_a_file_brings_back_what_was_read(store, tmp_path) -> None:
    keep(store, tmp_path, history(5, 8))
    data = open_voc(store)
    data.to_netcdf(tmp_path / "voc.nc")
    with xr.open_dataset(tmp_path / "voc.nc") as again:
        xr.testing.assert_equal(again.load(), data)
        assert again.voc_ppb.attrs["units"] == "ppb" and again.cas.values.tolist() == data.cas.values.tolist()


def test_a_compound_that_the_tables_do_not_know_is_named(store, tmp_path) -> None:
    keep(store, tmp_path, row(EXAMPLE))
    with begin_write(store) as connection:
        connection.execute(sa.update(voc_station_hour).values(species_ppb='{"unobtainium":1.0}'))
    with pytest.raises(StoreError, match="compound that the tables do not know: species is 'unobtainium'"):
        open_voc(store)


def test_the_command_line_dumps_the_table(tmp_path, capsys) -> None:
    address = f"sqlite:///{tmp_path}/store.sqlite"
    engine = open_store(address)
    keep(engine, tmp_path, row({"toluene": 2.3, "m,p-xylene": "<0.02"}))
    engine.dispose()
    assert cli.main(["store", "dump", "voc_station_hour", "--store", address, "--data", str(tmp_path)]) == 0
    (line,) = csv.DictReader(io.StringIO(capsys.readouterr().out))
    assert json.loads(line["species_ppb"]) == {"toluene": 2.3, "m,p-xylene": "<0.02"}
    assert (line["station"], line["total_ppb"], line["n_below"]) == (STATION, "2.3", "1")
