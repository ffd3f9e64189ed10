"""An ensemble of trees as arrays, and its exact mean over a pool of weather.

A tree's leaf is reached where all splits on the way to it are passed. Splits on kept variables are judged at the hour itself;
of those on resampled variables it is enough to know which share of the pool passes them all. So the mean of the predictions over
every row of the pool comes from two walks a tree instead of hours x rows predictions, and no drawing of weather is left in it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numba import njit


@dataclass(frozen=True, eq=False)
class Trees:
    """Flat trees. feature: int32 (node,), -1 in a leaf. threshold: float64, a row goes left where its value is not above it.

    left, right: int32 (node,). value: float64 (node,), of leaves, in the unit of the target; the prediction is base plus the
    sum over the trees. roots: int32 (tree,).
    """

    feature: np.ndarray
    threshold: np.ndarray
    left: np.ndarray
    right: np.ndarray
    value: np.ndarray
    roots: np.ndarray
    base: float = 0.0


def trees_of_lightgbm(booster: Any) -> Trees:
    """Read a LightGBM booster of numeric splits. Errors: ValueError where a split is categorical."""
    nodes: list[tuple[int, float, int, int, float]] = []
    roots = [_lightgbm_node(each["tree_structure"], nodes) for each in booster.dump_model()["tree_info"]]
    return _packed(nodes, roots)


def _lightgbm_node(node: dict[str, Any], nodes: list[tuple[int, float, int, int, float]]) -> int:
    at = len(nodes)
    nodes.append((-1, 0.0, -1, -1, float(node.get("leaf_value", 0.0))))
    if "split_feature" in node:
        if node["decision_type"] != "<=":
            raise ValueError(f"a tree splits by {node['decision_type']!r}, expected <= on a number")
        left, right = (_lightgbm_node(node[side], nodes) for side in ("left_child", "right_child"))
        nodes[at] = (int(node["split_feature"]), float(node["threshold"]), left, right, 0.0)
    return at


def trees_of_forest(forest: Any) -> Trees:
    """Read a random forest of scikit-learn; values are divided by the number of trees, so that their sum is the mean."""
    parts, roots, start = [], [], 0
    for each in forest.estimators_:
        tree = each.tree_
        inner = tree.children_left >= 0
        step = np.where(inner, start, 0)
        parts.append((np.where(inner, tree.feature, -1), tree.threshold, tree.children_left + step,
                      tree.children_right + step, tree.value[:, 0, 0] / len(forest.estimators_)))  # fmt: skip
        roots.append(start)
        start += tree.node_count
    return _arrays(*(np.concatenate(column) for column in zip(*parts, strict=True)), roots)


def _packed(nodes: list[tuple[int, float, int, int, float]], roots: list[int]) -> Trees:
    return _arrays(*(np.array(column) for column in zip(*nodes, strict=True)), roots)


def _arrays(feature, threshold, left, right, value, roots: Iterable[int]) -> Trees:
    small = [np.ascontiguousarray(each, np.int32) for each in (feature, left, right, list(roots))]
    large = [np.ascontiguousarray(each, np.float64) for each in (threshold, value)]
    return Trees(small[0], large[0], small[1], small[2], large[1], small[3])


def predicted(trees: Trees, rows: np.ndarray) -> np.ndarray:
    """Predict rows float64 (row, feature); (row,) in the unit of the target."""
    every = np.zeros(rows.shape[1], np.bool_)
    return mean_over_pool(trees, rows, rows[:1], resampled=every)


def mean_over_pool(trees: Trees, rows: np.ndarray, pool: np.ndarray, *, resampled: np.ndarray) -> np.ndarray:
    """Give the mean prediction at each row with the resampled features of every row of a pool in its place, exactly.

    rows, pool: float64 (row, feature), without NaN. resampled: bool (feature,). Returns (row,) in the unit of the target:
    the mean over j of predict(rows with resampled features of pool[j]), which drawing n times approaches as n grows.
    Errors: ValueError where the pool is empty or a value is missing.
    """
    if not len(pool) or np.isnan(rows).any() or np.isnan(pool).any():
        raise ValueError(f"rows {rows.shape} or pool {pool.shape} are empty or have gaps, expected numbers")
    rows, pool = (np.ascontiguousarray(each, np.float64) for each in (rows, pool))
    paths = (trees.feature, trees.threshold, trees.left, trees.right, trees.roots)
    # Which share of the pool can reach each leaf whatever the kept features are, and then each row's leaves, by that share.
    reached, _ = _reached(*paths, pool, ~resampled, trees.value)
    _, sums = _reached(*paths, rows, resampled, trees.value * (reached / pool.shape[0]))
    return trees.base + sums


@njit(nogil=True, cache=True)
def _reached(feature, threshold, left, right, roots, rows, free, weight):
    # Which leaves rows can reach, whatever their free features are: how many rows each leaf, and the weights of each row's leaves.
    by_leaf, by_row = np.zeros(feature.size), np.zeros(rows.shape[0])
    waiting = np.empty(feature.size + 1, np.int32)
    for i in range(rows.shape[0]):
        for root in roots:
            waiting[0], size = root, 1
            while size:
                size -= 1
                node = waiting[size]
                f = feature[node]
                if f < 0:
                    by_leaf[node] += 1.0
                    by_row[i] += weight[node]
                elif free[f]:
                    waiting[size], waiting[size + 1] = left[node], right[node]
                    size += 2
                else:
                    waiting[size] = left[node] if rows[i, f] <= threshold[node] else right[node]
                    size += 1
    return by_leaf, by_row
