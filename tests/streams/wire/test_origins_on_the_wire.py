"""Where a block comes from travels with it: release, receipt, file and lines; and what was written before is still read."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from streams.desks import routing
from streams.records import CompositionBlock, RecordError, VocBlock, released
from streams.wire import messages
from streams.wire.arrays import decode_steps, encode_steps, stepped, unstepped
from tests.streams import replaying as r

CITY = "510100"
ORIGIN = {"released_at": 1_715_400_000.25, "received_at": 1_715_400_060.5, "file": "成都.csv", "digest": "0a" * 32}
BEFORE = {
    "observation/1": '510100\t{"schema":"observation/1","source":"cnemc-wide","city":"510100","first_hour":465000,'
    '"simulated":false,"provenance":"p","received_at":12.5,"stations":["1431A"],"status":"provisional","revision":0,'
    '"values":{"dtype":"<f8","shape":[6,1,1],"data":[5.0,20.0,0.5,80.0,60.0,null]},'
    '"present":{"dtype":"|u1","shape":[1,1],"data":[1]}}',
    "voc/1": '510100\t{"schema":"voc/1","source":"voc-csv","city":"510100","first_hour":465000,"simulated":false,"provenance":"",'
    '"received_at":12.5,"stations":["S1"],"species":["toluene"],"status":"provisional","revision":0,'
    '"values":{"dtype":"<f8","shape":[1,1,1],"data":[2.0]},"present":{"dtype":"|u1","shape":[1,1],"data":[1]}}',
    "emission/2": '510100\t{"schema":"emission/2","source":"emissions","city":"510100","first_hour":465000,"simulated":false,'
    '"provenance":"","received_at":12.5,"inventory":"made-2022","sectors":["coal"],"measured":false,'
    '"values":{"dtype":"<f4","shape":[1,7,1],"data":[1,2,3,4,5,6,7]}}',
    "forecast/1": '510100\t{"schema":"forecast/1","source":"cdaqs","city":"510100","first_hour":465000,"simulated":false,'
    '"provenance":"","received_at":12.5,"model":"CDAQS","run_init":465000,"places":["*"],'
    '"values":{"dtype":"<f8","shape":[12,1,1],"data":[1,2,3,4,5,6,7,8,9,10,11,12]}}',
}  # fmt: skip
"""A message of each kind as it was written before releases, files and lines travelled."""


@pytest.mark.parametrize("schema", BEFORE)
def test_a_block_from_before_is_read_as_released_when_it_was_received(schema) -> None:
    block = messages.block_from(BEFORE[schema])
    assert (block.released_at, block.file, block.digest, released(block)) == (None, "", "", 12.5)
    assert getattr(block, "lines", None) is None and f'"{schema}"' not in messages.block_line(block)
    desks = r.Desks()
    desks.take(block)
    assert set(desks.rows()) > {"source_hour"}


def test_emissions_from_before_go_to_every_city() -> None:
    assert [key for key, _ in routing.route(BEFORE["emission/2"], ("510100", "510600"))] == ["510100", "510600"]


def test_the_origin_of_every_kind_of_block_travels() -> None:
    values, lines = r.observations(CITY, 3, 1), np.arange(12, dtype=np.int32).reshape(4, 3)
    voc = VocBlock(
        source="voc-csv", city=CITY, stations=("S1",), first_hour=r.FIRST, species=("toluene",), values=np.ones((1, 1, 3)),
        present=np.ones((1, 3), bool), lines=lines[:1],
    )  # fmt: skip
    part = CompositionBlock(
        source="composition-csv", city=CITY, stations=("S1",), first_hour=r.FIRST, species=("oc",),
        values=np.ones((1, 1, 3)), present=np.ones((1, 3), bool), lines=lines[:1],
    )  # fmt: skip
    (observed,) = (replace(block, lines=lines) for block in r.blocks_of(CITY, values))
    for block in (observed, voc, part, *r.forecasts(CITY, 8, 1), *r.emissions(CITY, 8, 1)):
        back = messages.block_from(messages.block_line(replace(block, **ORIGIN)))
        assert {name: getattr(back, name) for name in ORIGIN} == ORIGIN
        if hasattr(block, "lines"):
            np.testing.assert_array_equal(back.lines, block.lines)


NUMBERS = hnp.arrays(
    np.int32,
    hnp.array_shapes(min_dims=2, max_dims=2, max_side=5),
    elements=st.integers(0, 3) | st.integers(0, 2**31 - 1),
)


@settings(max_examples=200, deadline=None)
@given(NUMBERS, st.integers(0, 2), st.integers(0, 5))
def test_lines_come_back_as_they_were_whatever_their_steps(numbers, fold, step) -> None:
    if fold:
        numbers = np.broadcast_to(numbers[:1] if fold == 1 else numbers[:, :1] % 9, numbers.shape)
        numbers = (numbers % 1_000_000 + step * np.arange(numbers.shape[1])).astype(np.int32)
    np.testing.assert_array_equal(decode_steps(encode_steps(numbers)), numbers)
    back = np.broadcast_to(unstepped(*stepped(numbers), numbers.shape[1]), numbers.shape)
    np.testing.assert_array_equal(back, numbers)


def test_lines_that_grow_by_one_step_take_no_room() -> None:
    lines = np.broadcast_to(2 + 6 * np.arange(744, dtype=np.int32), (41, 744))
    assert encode_steps(lines) == {"shape": [41, 744], "first": 2, "step": 6}


@pytest.mark.parametrize(
    "wrong",
    [{"digest": "no digest"}, {"released_at": "noon"}, {"received_at": float("inf")}, {"released_at": float("nan")}],
)
def test_a_block_with_an_impossible_origin_is_none(wrong) -> None:
    (block,) = r.blocks_of(CITY, r.observations(CITY, 1, 1))
    with pytest.raises(RecordError):
        replace(block, **wrong)
