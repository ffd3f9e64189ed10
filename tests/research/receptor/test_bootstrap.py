"""Draws in blocks: mapped to themselves where sources are plain, the same by the same seed, wider than nothing."""

from __future__ import annotations

import numpy as np
import pytest

from research.receptor.bootstrap import bootstrap, bootstrap_displacement, drawn
from research.receptor.factorise import factorise
from research.receptor.refusals import ReceptorError
from research.receptor.study import study
from tests.research.receptor.made import made_table
from tests.research.receptor.published import baton_rouge


@pytest.fixture(scope="module")
def base():
    return factorise(made_table(hours=160)[0], factors=4, starts=10)


def test_plain_sources_are_mapped_to_themselves(base):
    found = bootstrap(base, resamples=30, starts=2)
    assert found.mapped.sum(axis=1).tolist() == [30] * 4
    assert (np.diag(found.mapped) >= 27).all()
    low, middle, high = found.percentiles[0], found.percentiles[2], found.percentiles[4]
    assert (low <= middle).all() and (middle <= high).all()
    assert found.block == 5  # the cube root of 160 samples


def test_intervals_are_as_wide_as_the_sampling_makes_them(base):
    half = bootstrap(factorise(made_table(hours=640)[0], factors=4, starts=10), resamples=40)
    whole = bootstrap(base, resamples=40)
    wide, narrow = (
        np.median(np.diff(each.percentiles[[0, 4]], axis=0) / each.percentiles[2].max()) for each in (whole, half)
    )
    # four times the samples: about half the width
    assert 0.25 < narrow / wide < 0.8


def test_the_same_seed_draws_the_same(base):
    one, two = bootstrap(base, resamples=6, seed=4, threads=1), bootstrap(base, resamples=6, seed=4, threads=2)
    assert np.array_equal(one.percentiles, two.percentiles)
    assert not np.array_equal(one.percentiles, bootstrap(base, resamples=6, seed=5).percentiles)


def test_draws_are_blocks_of_consecutive_samples():
    rows = drawn(100, 7, np.random.default_rng(1))
    assert rows.size == 100 and rows.max() < 100
    assert (np.diff(rows[:98].reshape(14, 7), axis=1) == 1).all()


def test_displacement_in_draws_is_wider_than_the_base(base):
    found = bootstrap_displacement(base, species=["toluene", "isoprene"], resamples=8)
    j = base.species.index("toluene")
    assert found.accepted + found.swapped_in_best <= 8 and found.accepted >= 6
    assert (found.high[:, :, j] >= found.low[:, :, j]).all()
    assert (np.diff(found.high[:, :, j], axis=0) >= -1e-9).all()
    assert np.isnan(found.high[:, :, base.species.index("ethane")]).all()


@pytest.mark.parametrize(("options", "words"), [
    ({"resamples": 0}, "draws are 0"), ({"block": 161}, "block is 161 samples, expected 1 to 160"), ({"block": 0}, "block is 0"),
])  # fmt: skip
def test_draws_that_cannot_be_made_are_refused(base, options, words):
    with pytest.raises(ReceptorError, match=words):
        bootstrap(base, **options)


def test_displacement_in_draws_wants_species(base):
    with pytest.raises(ReceptorError, match="species to displace are none"):
        bootstrap_displacement(base, species=[])


def test_a_study_finds_the_number_of_sources_that_there_are():
    table, _ = made_table(hours=120)
    told = []
    found = study(table, factors=range(2, 6), starts=10, resamples=10, tell=lambda done, of: told.append((done, of)))
    assert [row.factors for row in found.rows] == [2, 3, 4, 5] and told[-1] == (4, 4)
    ratio = {row.factors: row.ratio for row in found.rows}
    assert ratio[3] > 1.5 and ratio[4] < 1.3
    assert ratio[4] - ratio[5] < 0.2 * (ratio[3] - ratio[4])
    assert found.rows[2].mapped_pct >= 90.0
    assert found.rows[2].swaps == 0 and found.rows[2].within_3_pct > 98.0
    assert found.as_record()["rows"][0]["factors"] == 2


def test_draws_of_baton_rouge_are_mapped_to_themselves():
    solution = factorise(baton_rouge(), factors=6, starts=40, robust=False)
    found = bootstrap(solution, resamples=50, block=3)
    assert np.diag(found.mapped).sum() / found.mapped.sum() >= 0.95
