"""The order of elimination, the factors, and kernels that are kept."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from scipy.sparse import random_array

from research.chemistry import compiled, kept, load_mechanism, reduced
from research.chemistry.pattern import factors

PRESENT = ("O3", "NO", "NO2", "CO", "CH4", "C3H6", "TOLUENE")


@pytest.fixture(autouse=True)
def own_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("AIRSHED_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def small():
    return reduced(load_mechanism("t1s2"), present=PRESENT, to=("O3",))


@pytest.mark.parametrize("seed", range(5))
def test_the_lists_factorise_any_matrix_of_the_pattern(seed):
    # Against dense elimination by numpy: solve with the lists as the compiled loops do.
    matrix = random_array((40, 40), density=0.08, rng=np.random.default_rng(seed)).toarray()
    matrix += np.eye(40) * 40.0
    lu = factors([set(np.flatnonzero(row).tolist()) for row in matrix])
    entry = np.zeros(lu.entries)
    for (i, c), p in lu.place.items():
        entry[p] = matrix[lu.order[i], lu.order[c]]
    assert np.count_nonzero(entry) == np.count_nonzero(matrix)
    for i in range(40):
        for t in range(lu.lower_row[i], lu.lower_row[i + 1]):
            entry[lu.lower_at[t]] /= entry[lu.diagonal[lu.lower_column[t]]]
            for u in range(lu.update_from[t], lu.update_from[t + 1]):
                entry[lu.update_to[u]] -= entry[lu.lower_at[t]] * entry[lu.update_by[u]]
    right = np.arange(1.0, 41.0)
    x = right[lu.order].copy()
    for i in range(40):
        for t in range(lu.lower_row[i], lu.lower_row[i + 1]):
            x[i] -= entry[lu.lower_at[t]] * x[lu.lower_column[t]]
    for i in reversed(range(40)):
        for t in range(lu.upper_row[i], lu.upper_row[i + 1]):
            x[i] -= entry[lu.upper_at[t]] * x[lu.upper_column[t]]
        x[i] /= entry[lu.diagonal[i]]
    found = np.empty(40)
    found[lu.order] = x
    np.testing.assert_allclose(found, np.linalg.solve(matrix, right), rtol=1e-10)


def test_the_order_keeps_the_factors_small():
    # A star: whoever eliminates the middle first fills the matrix (60 x 60); its leaves first, and nothing fills in.
    rows = [{0, i} for i in range(60)]
    rows[0] = set(range(60))
    assert factors(rows).entries == 60 + 2 * 59


def test_a_kernel_is_kept_and_is_the_same_again(own_folder):
    first = compiled(small(), held=("CO",))
    assert [path.suffix for path in own_folder.rglob("*.npz")] == [".npz"]
    again = compiled(small(), held=("CO",))
    assert again.free == first.free == len(small().species) - 1
    np.testing.assert_array_equal(again.order, first.order)
    for a, b in zip((*first.tables, first.sums), (*again.tables, again.sums), strict=True):
        for x, y in zip(a, b, strict=True):
            np.testing.assert_array_equal(x, y)


def test_what_differs_is_kept_apart(own_folder):
    mechanism = small()
    for held in ((), ("CO",), ("CO", "O3")):
        compiled(mechanism, held=held)
    compiled(load_mechanism("ts1"))
    assert len(list(own_folder.rglob("*.npz"))) == 4


def test_a_damaged_kernel_is_made_anew(own_folder):
    mechanism = small()
    good = compiled(mechanism)
    (path,) = own_folder.rglob("*.npz")
    for damage in (b"", b"no archive", path.read_bytes()[:-200]):
        path.write_bytes(damage)
        np.testing.assert_array_equal(compiled(mechanism).order, good.order)


def test_where_nothing_can_be_written_nothing_is_kept(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("AIRSHED_CACHE", str(tmp_path / "file"))
    assert not kept.keep("x", [np.zeros(1)])
    assert compiled(small()).free == len(small().species)


def test_every_step_of_a_reduction_keeps_what_bears_on_ozone():
    whole, part = load_mechanism("t1s2"), small()
    assert len(part.reactions) < 0.6 * len(whole.reactions)
    assert {"HO2", "OH", "CH3O2", "PAN", "HNO3"} <= set(part.species) and "CFC11" not in part.species
    with pytest.raises(ValueError, match="species is 'XYZ'"):
        reduced(whole, present=("XYZ",), to=("O3",))
    with pytest.raises(ValueError, match="mechanism is 'mcm', expected one of cb5, t1s2, ts1"):
        load_mechanism("mcm")


def test_no_run_needs_musica():
    program = (
        "import sys; sys.modules['musica'] = None\n"
        "from research.chemistry import *\n"
        "from research.chemistry.readers import f0am, facsimile, kpp\n"
        "m = load_mechanism('t1s2'); photolysis(m, 0.5); compiled(m); print(len(m.reactions))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.strip()) == (0, "528"), done.stderr
