"""Blocks of organic compounds: what they refuse, and that a message brings back what was written."""

from __future__ import annotations

import numpy as np
import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from standards.voc.species import SPECIES, species_named
from streams.records import RecordError, VocBlock
from streams.spans import told_by
from streams.wire import messages
from streams.wire.arrays import WireError
from tests.streams.replaying import FIRST

NAN = float("nan")
NAMES = ("ethene", "propene", "isoprene", "toluene", "m,p-xylene")


def block(values=None, *, below=None, **fields) -> VocBlock:
    given_ = np.full((len(fields.get("species", NAMES)), 1, 2), 0.5) if values is None else np.asarray(values, float)
    known = {
        "source": "voc-csv", "city": "510100", "stations": ("S1",), "first_hour": FIRST, "species": NAMES,
        "present": np.ones(given_.shape[1:], bool),
    }  # fmt: skip
    return VocBlock(**known | fields, values=given_, below_ppb=below)


def same(one: VocBlock, other: VocBlock) -> bool:
    arrays = ("values", "present", "below_ppb")
    for name, a in told_by(one).items():
        b = getattr(other, name)
        if name in arrays and a is not None and b is not None:
            if not np.array_equal(a, b, equal_nan=name != "present"):
                return False
        elif a != b if name not in arrays else (a is None) != (b is None):
            return False
    return True


def test_the_pair_stands_behind_the_list_in_the_order_of_species() -> None:
    assert [species_named(name).number for name in NAMES] == [30, 31, 38, 42, None]


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"species": ("ethene", "nothing")}, "'nothing', expected a name"),
        ({"species": ("propene", "ethene")}, "in the order"),
        ({"species": ("m-xylene", "m,p-xylene")}, "m-xylene is given twice"),
        ({"species": ("toluene", "toluene")}, "toluene is given twice"),
        ({"species": ("乙烯",)}, "expected \\['ethene'\\]"),
        ({"species": ()}, "at least one"),
        ({"stations": ("S1", "S1")}, "no repetition"),
        ({"status": "final"}, "expected one of"),
        ({"revision": -1}, "0 to 30000"),
        ({"present": np.ones((2, 2), bool)}, "present have shape"),
        ({"first_hour": 5}, "1990 to 2100"),
        ({"source": "x" * 41}, "1 to 40 characters"),
    ],
)
def test_a_block_that_cannot_be_is_refused_in_words(fields, told) -> None:
    with pytest.raises(RecordError, match=told):
        block(**fields)


@pytest.mark.parametrize("value", [-0.001, 10_000.1, np.inf, -np.inf])
def test_an_impossible_mixing_ratio_is_named_with_its_place(value) -> None:
    values = np.full((5, 1, 2), 1.0)
    values[3, 0, 1] = value
    with pytest.raises(RecordError, match=r"values of toluene at S1 in the hour ending .* expected 0 to 10000"):
        block(values)


@pytest.mark.parametrize("limit", [0.0, -0.02, 1e-6, 20_000.0])
def test_an_impossible_detection_limit_is_refused(limit) -> None:
    with pytest.raises(RecordError, match=r"below_ppb of ethene .* expected 1e-05 to 10000"):
        block(np.full((5, 1, 1), NAN), below=np.full((5, 1, 1), limit))


def test_a_value_and_a_limit_exclude_each_other() -> None:
    with pytest.raises(RecordError, match="expected one of them"):
        block(np.full((5, 1, 1), 0.5), below=np.full((5, 1, 1), 0.02))


@settings(max_examples=100, deadline=None)
@given(
    hnp.arrays(np.int64, (4, 3, 30), elements=st.integers(-1, 1_000_000_000)),
    hnp.arrays(bool, (4, 3, 30)),
    st.booleans(),
)
def test_a_message_brings_back_every_step_of_a_mixing_ratio(steps, under, censored) -> None:
    # 0.00001 ppb up to 10000 ppb; -1 stands for missing.
    ppb = np.where(steps < 0, NAN, steps / 100_000)
    limits = np.where(under & (steps > 0), ppb, NAN)
    values = np.where(np.isnan(limits), ppb, NAN) if censored else ppb
    made = block(
        values, below=limits if censored else None, species=("ethane", "toluene", "MTBE", "hexanal"),
        stations=("A", "B", "C"), status="reviewed", revision=3, simulated=True, provenance="p", received_at=2.5,
    )  # fmt: skip
    assert same(messages.block_from(messages.block_line(made)), made)


@pytest.mark.parametrize("hours", [1, 48])
def test_what_is_reported_to_a_thousandth_comes_back_in_both_units(hours) -> None:
    # 0.001 ug/m3 of the heaviest compound of the list is 0.0001 ppb: ten steps.
    heaviest = max(SPECIES, key=lambda each: each.molar_mass)
    per_ppb = heaviest.molar_mass / 24.465
    ugm3 = np.round(np.arange(1, 1 + 5 * hours) * 0.137, 3).reshape(1, 5, hours)
    made = block(ugm3 / per_ppb, species=(heaviest.name_en,), stations=tuple("ABCDE"))
    back = messages.block_from(messages.block_line(made)).values * per_ppb
    np.testing.assert_array_equal(np.round(back, 3), ugm3)


def test_a_live_hour_can_be_read_by_eye() -> None:
    line = messages.block_line(block(np.array([4.1, 0.9, NAN, 2.3, 1.1]).reshape(5, 1, 1)))
    assert line.startswith('510100\t{"schema":"voc/2"') and "[4.1,0.9,null,2.3,1.1]" in line
    assert messages.TOPICS[messages.schema_of(block())] == "obs.voc_hour"


@pytest.mark.parametrize(
    "change",
    [
        lambda m: m.update(species=["ethene", "nothing", "isoprene", "toluene", "m,p-xylene"]),
        lambda m: m.update(species="ethene"),
        lambda m: m.update(species=[30, 31, 38, 42, 5]),
        lambda m: m.update(species=None),
        lambda m: m["values"].update(shape=[5, 2, 1]),
        lambda m: m["values"]["data"].__setitem__(0, -4.0),
        lambda m: m.update(below_ppb=m["values"]),
        lambda m: m.update(below_ppb=5),
        lambda m: m.update(status=1),
        lambda m: m.pop("present"),
        lambda m: m.pop("stations"),
    ],
)
def test_a_message_that_is_not_right_is_refused_in_words(change) -> None:
    key, _, body = messages.block_line(block()).partition("\t")
    message = orjson.loads(body)
    change(message)
    with pytest.raises((WireError, RecordError)):
        messages.block_from(f"{key}\t{orjson.dumps(message).decode()}")
