"""The compounds of a station, out of the store, as a table: values, limits, uncertainties, what is left out."""

from __future__ import annotations

import numpy as np
import pytest

from research.receptor.factorise import factorise
from research.receptor.refusals import ReceptorError
from research.receptor.stored import stored_table
from streams.store import StoreError
from tests.streams.desks.test_voc_desk import STATION, history, row
from tests.streams.store.test_voc_store import HOUR, keep


def test_values_and_limits_of_the_store_make_a_table(store, tmp_path):
    hours = [
        {"ethene": 1.0, "benzene": "<0.04", "toluene": 2.0},
        {"ethene": "<0.10", "toluene": 3.0},
        {"ethene": 2.0, "toluene": 4.0},
    ]
    keep(store, tmp_path, *(row(values, hour=n, simulated=True) for n, values in enumerate(hours)))
    table = stored_table(store, STATION, limits_ppb={"toluene": 0.06}, missing="weightless")
    assert table.species == ("ethene", "toluene")  # benzene is known in one hour of three
    assert table.concentration.tolist() == [[1.0, 2.0], [0.05, 3.0], [2.0, 4.0]]
    # EPA's formula by hand: sqrt((0.1 * 2)^2 + 0.03^2); 5/6 of the limit where the value lies below it
    assert table.uncertainty[0, 1] == pytest.approx(np.hypot(0.2, 0.03))
    assert table.uncertainty[1, 0] == pytest.approx(5.0 / 6.0 * 0.1)
    assert table.simulated and table.unit == "ppb"
    # the stored hour ends, eight hours on: Asia/Shanghai
    assert table.times[0] == np.datetime64(HOUR.replace(tzinfo=None), "m") + np.timedelta64(480, "m")


def test_a_formula_of_the_user_and_named_species_are_taken(store, tmp_path):
    keep(store, tmp_path, *(row({"benzene": 1.0, "toluene": 2.0 + n}, hour=n) for n in range(3)))
    table = stored_table(store, STATION, species=["toluene", "benzene"], formula="0.2 * x + limit")
    assert dict(zip(table.species, table.uncertainty[0], strict=True)) == pytest.approx(
        {"benzene": 0.22, "toluene": 0.42}
    )
    assert not table.simulated


def test_a_station_of_the_store_is_factorised(store, tmp_path):
    keep(store, tmp_path, history(90, 5))
    table = stored_table(store, "S1")
    found = factorise(table, factors=3, starts=3)
    assert found.contributions.shape[0] == table.times.size > 70 and len(table.species) > 100


def test_a_station_without_compounds_is_refused(store, tmp_path):
    keep(store, tmp_path, row({"toluene": 2.0}))
    with pytest.raises(StoreError, match="S7"):
        stored_table(store, "S7")
    with pytest.raises(ReceptorError, match="expected two at least"):
        stored_table(store, STATION)
