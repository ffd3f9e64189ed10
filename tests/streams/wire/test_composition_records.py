"""Blocks of what PM2.5 is made of: what they refuse, and that a message brings back what was written."""

from __future__ import annotations

import numpy as np
import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from streams.records import CompositionBlock, RecordError
from streams.spans import told_by
from streams.wire import messages
from streams.wire.arrays import WireError
from tests.streams.replaying import FIRST

NAN = float("nan")
ELEMENTS = ("si", "fe", "as")


def block(values=None, *, below=None, **fields) -> CompositionBlock:
    given_ = np.full((len(fields.get("species", ELEMENTS)), 1, 2), 0.5) if values is None else np.asarray(values, float)
    known = {
        "source": "composition-csv",
        "city": "510100",
        "stations": ("S1",),
        "first_hour": FIRST,
        "species": ELEMENTS,
    }
    return CompositionBlock(
        **{**known, "present": np.ones(given_.shape[1:], bool), **fields}, values=given_, below_ugm3=below
    )


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"species": ("fe", "si")}, "in the order of streams.components"),
        ({"species": ("fe", "fe")}, "each once"),
        ({"species": ("Fe",)}, r"named \['Fe'\], expected names of"),
        ({"species": ("oc", "fe")}, "species of one kind"),
        ({"species": ()}, "at least one"),
        ({"averaging_h": 0}, "averaging_h is 0, expected a whole number from 1 to 168"),
        ({"averaging_h": 169}, "from 1 to 168"),
        ({"averaging_h": 1.0}, "from 1 to 168"),
        ({"averaging_h": True}, "from 1 to 168"),
        ({"stations": ("S1", "S1")}, "no repetition"),
        ({"status": "final"}, "expected one of"),
        ({"revision": -1}, "0 to 30000"),
        ({"present": np.ones((2, 2), bool)}, "present have shape"),
    ],
)
def test_a_block_that_cannot_be_is_refused_in_words(fields, told) -> None:
    with pytest.raises(RecordError, match=told):
        block(**fields)


@pytest.mark.parametrize(("species", "most"), [("si", 400), ("fe", 200), ("as", 2)])
def test_each_species_has_its_own_largest_value_and_limit(species, most) -> None:
    for beyond in (-0.001, most + 0.01, np.inf):
        with pytest.raises(RecordError, match=rf"values of {species} at S1 .* ug/m3, expected 0 to {most}"):
            block(np.full((1, 1, 2), beyond), species=(species,))
    for beyond in (0.0, 1e-7, most + 0.01):
        with pytest.raises(RecordError, match=rf"below_ugm3 of {species} .* expected 1e-06 to {most}"):
            block(np.full((1, 1, 2), NAN), below=np.full((1, 1, 2), beyond), species=(species,))
    assert block(np.full((1, 1, 2), float(most)), species=(species,)).kind == "element"
    with pytest.raises(RecordError, match="both a value and a detection limit"):
        block(species=(species,), below=np.full((1, 1, 2), 0.02))


@settings(max_examples=60, deadline=None)
@given(
    hnp.arrays(np.int64, (3, 2, 30), elements=st.integers(-1, 2_000_000)), hnp.arrays(bool, (3, 2, 30)), st.booleans(),
    st.integers(1, 168),
)  # fmt: skip
def test_a_message_brings_back_every_step_of_a_concentration(steps, under, censored, averaging_h) -> None:
    # 0.000001 ug/m3 up to 2 ug/m3, which arsenic may reach; -1 stands for missing.
    ugm3 = np.where(steps < 0, NAN, steps / 1_000_000)
    limits = np.where(under & (steps > 0), ugm3, NAN)
    made = block(
        np.where(np.isnan(limits), ugm3, NAN) if censored else ugm3, below=limits if censored else None,
        stations=("A", "B"), status="reviewed", revision=3, simulated=True, averaging_h=averaging_h,
        lines=np.arange(60, dtype=np.int32).reshape(2, 30),
    )  # fmt: skip
    back = messages.block_from(messages.block_line(made))
    for name, one in told_by(made).items():
        other = getattr(back, name)
        if isinstance(one, np.ndarray):
            np.testing.assert_array_equal(other, one, name)
        else:
            assert type(one) is type(other) and one == other, name


def test_a_live_hour_can_be_read_by_eye() -> None:
    line = messages.block_line(block(np.array([4.1, NAN, 0.003]).reshape(3, 1, 1), averaging_h=24))
    assert line.startswith('510100\t{"schema":"composition/1"') and "[4.1,null,0.003]" in line
    assert '"averaging_h":24' in line
    assert messages.TOPICS[messages.schema_of(block())] == "obs.composition_hour"


@pytest.mark.parametrize(
    "change",
    [
        lambda m: m.update(averaging_h="24"),
        lambda m: m.pop("averaging_h"),
        lambda m: m.update(species=["si", "oc", "as"]),
        lambda m: m.update(species="si"),
        lambda m: m.update(below_ugm3=m["values"]),
        lambda m: m["values"]["data"].__setitem__(0, 401.0),
    ],
)
def test_a_message_that_is_not_right_is_refused_in_words(change) -> None:
    key, _, body = messages.block_line(block()).partition("\t")
    message = orjson.loads(body)
    change(message)
    with pytest.raises((WireError, RecordError)):
        messages.block_from(f"{key}\t{orjson.dumps(message).decode()}")
