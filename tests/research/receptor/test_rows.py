"""Small systems within bounds, held against SciPy."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import lsq_linear, nnls

from research.receptor.rows import products, solve_rows, tied_rows


def packed(h: np.ndarray) -> np.ndarray:
    return np.array([h[k, l] for k in range(len(h)) for l in range(k + 1)])  # noqa: E741


def cases(p: int, count: int, seed: int):
    chance = np.random.default_rng(seed)
    for _ in range(count):
        a = np.abs(chance.normal(size=(12, p))) + 0.1
        yield a, chance.normal(0.3, 1.0, 12)


@pytest.mark.parametrize("p", [1, 2, 6, 12])
@pytest.mark.parametrize("warm", [0.0, 0.7])
def test_rows_without_upper_bounds_are_those_of_nnls(p, warm):
    held = list(cases(p, 150, p))  # more than are solved side by side at once
    gram = np.stack([packed(a.T @ a) for a, _ in held], axis=1)
    right = np.stack([a.T @ b for a, b in held], axis=1)
    x = np.full((150, p), warm)
    solve_rows(gram, right, np.empty((0, p)), np.zeros((1, p)), np.full((1, p), np.inf), x, np.empty((0, 0)))
    assert x == pytest.approx(np.array([nnls(a, b)[0] for a, b in held]), abs=1e-8)


@pytest.mark.parametrize("p", [2, 5, 9])
def test_rows_within_bounds_are_those_of_lsq_linear(p):
    held, chance = list(cases(p, 40, 10 + p)), np.random.default_rng(p)
    low = -chance.random((40, p)) * 0.3
    high = low + chance.random((40, p)) * 0.4 + 1e-3
    gram = np.stack([packed(a.T @ a) for a, _ in held], axis=1)
    right = np.stack([a.T @ b for a, b in held], axis=1)
    x = np.zeros((40, p)).clip(low, high)
    solve_rows(gram, right, np.empty((0, p)), low, high, x, np.empty((0, 0)))
    known = [lsq_linear(a, b, (lo, hi), tol=1e-13).x for (a, b), lo, hi in zip(held, low, high, strict=True)]
    assert x == pytest.approx(np.array(known), abs=1e-6)


def test_a_row_without_weight_keeps_finite_among_others():
    (a, b), *_ = cases(3, 1, 7)
    gram, right = np.stack([packed(a.T @ a), np.zeros(6)], axis=1), np.stack([a.T @ np.abs(b), np.zeros(3)], axis=1)
    x = np.ones((2, 3))
    solve_rows(gram, right, np.empty((0, 3)), np.zeros((1, 3)), np.full((1, 3), np.inf), x, np.empty((0, 0)))
    assert x[0] == pytest.approx(nnls(a, np.abs(b))[0]) and np.isfinite(x[1]).all()


def test_the_sum_of_the_inverses_is_that_of_the_free_parts():
    (a, _), *_ = cases(3, 1, 5)
    h, x, curve = a.T @ a, np.ones((1, 3)), np.empty((3, 3))
    right = (h @ np.array([0.5, 0.0, 2.0]) - np.array([0.0, 9.0, 0.0]))[:, None]
    solve_rows(packed(h)[:, None], right, np.empty((0, 3)), np.zeros((1, 3)), np.full((1, 3), np.inf), x, curve)
    free = np.flatnonzero(x[0] > 0)
    assert list(free) == [0, 2]
    assert curve[np.ix_(free, free)] == pytest.approx(np.linalg.inv(h[np.ix_(free, free)]))
    assert curve[1].tolist() == [0.0, 0.0, 0.0]


def test_rows_that_are_tied_keep_their_ratio():
    held = list(cases(3, 2, 8))
    gram = np.stack([packed(a.T @ a) for a, _ in held], axis=1)
    right = np.stack([a.T @ np.abs(b) for a, b in held], axis=1)
    x, ties = np.zeros((2, 3)), np.array([[1.0, 0.0, 1.0, 2.5, 1e9]])
    low, high = np.zeros((1, 3)), np.full((1, 3), np.inf)
    tied_rows(gram, right, np.empty((0, 3)), low, high, x, ties, np.array([0, 1]))
    # the same least squares with the tie as one more row, by SciPy
    a = np.zeros((25, 6))
    a[:12, :3], a[12:24, 3:] = held[0][0], held[1][0]
    a[24, 1], a[24, 4] = 1e4, -2.5e4
    b = np.concatenate([np.abs(held[0][1]), np.abs(held[1][1]), [0.0]])
    assert x.ravel() == pytest.approx(nnls(a, b)[0], abs=1e-4)


def test_products_are_packed_by_rows_of_the_lower_triangle():
    out = np.empty((1, 6))
    products(np.array([[1.0, 2.0, 3.0]]), out)
    assert out[0].tolist() == [1.0, 2.0, 4.0, 3.0, 6.0, 9.0]
