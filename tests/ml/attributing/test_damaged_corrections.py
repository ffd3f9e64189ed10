"""A correction on disk is whole or none: no damage of its file may stop an attribution or be taken for a correction."""

from __future__ import annotations

import io
import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ml.attributing.corrections import Learned, Shelf
from ml.attribution.learn import FINE, Correction, Factors
from ml.attribution.misfit import Misfit
from ml.attribution.tags import SOURCES
from tests.ml.attribution.made import CITIES

EDGE = 0


def factors(lead: tuple[int, ...] = ()) -> Factors:
    """Give made-up factors: numbers that a compression leaves long, so that damage falls into them."""
    rng, n = np.random.default_rng(1), len(CITIES)
    shapes = ((len(FINE), n, len(SOURCES)), (n, n), (n, len(SOURCES)), (n, n))
    return Factors(*(rng.normal(size=(*lead, *shape)) for shape in shapes))


@pytest.fixture(scope="module")
def shelf(tmp_path_factory):
    made = Shelf(tmp_path_factory.mktemp("corrections"))
    correction = Correction(
        cities=CITIES, factors=factors(), errors=factors((4,)), likely=(0.2, 0.3, 0.5), feeds=("stations",),
        misfit=Misfit((("stations", CITIES[0], "so2"),), np.array([0.1]), ()), parts=np.ones((3, 4)), last_hour=100,
    )  # fmt: skip
    made.keep(EDGE, Learned(correction, 50, 100))
    return made, made.path(EDGE).read_bytes()


def reopened(shelf: Shelf) -> Learned | None:
    return Shelf(shelf.folder).get(EDGE)


@settings(max_examples=150, deadline=None)
@given(
    where=st.floats(0, 1, exclude_max=True),
    how=st.sampled_from(("cut", "flip", "nought", "fill")),
    bit=st.integers(0, 7),
)
def test_whatever_damage_is_no_correction_or_the_very_same(shelf, where, how, bit):
    made, whole = shelf
    at, content = int(where * len(whole)), bytearray(whole)
    if how == "cut":
        del content[at:]
    elif how == "flip":
        content[at] ^= 1 << bit
    else:
        content[at : at + 512] = (b"\0" if how == "nought" else b"\xff") * len(content[at : at + 512])
    made.path(EDGE).write_bytes(content)
    found = reopened(made)
    made.path(EDGE).write_bytes(whole)
    if found is not None:  # damage to a time stamp of the archive is none to what it holds
        for side in ("factors", "errors"):
            for part in ("fine", "carried", "ozone", "ozone_carried"):
                mine, theirs = (getattr(getattr(each.correction, side), part) for each in (found, reopened(made)))
                np.testing.assert_array_equal(mine, theirs)


@pytest.mark.parametrize("part", ["factors_fine", "errors_carried", "factors_ozone"])
@pytest.mark.parametrize("wrong", ["of other cities", "not a number"])
def test_an_archive_that_is_sound_and_holds_no_correction_is_none(shelf, part, wrong):
    made, whole = shelf
    with np.load(io.BytesIO(whole)) as held:
        arrays = {name: held[name] for name in held.files}
    arrays[part] = arrays[part][..., :2] if wrong == "of other cities" else np.full_like(arrays[part], np.nan)
    np.savez_compressed(made.path(EDGE), **arrays)
    found = reopened(made)
    made.path(EDGE).write_bytes(whole)
    assert found is None and reopened(made) is not None


@pytest.mark.parametrize("about", [[], {"learned": True}, {"learned": True, "cities": 3, "likely": 1}, "text"])
def test_an_archive_that_tells_of_itself_what_cannot_be_is_none(shelf, about):
    made, whole = shelf
    with np.load(io.BytesIO(whole)) as held:
        arrays = {name: held[name] for name in held.files} | {"about": np.array(json.dumps(about))}
    np.savez_compressed(made.path(EDGE), **arrays)
    found = reopened(made)
    made.path(EDGE).write_bytes(whole)
    assert found is None
