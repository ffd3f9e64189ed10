"""What a model of a series knows of days that it has not seen, in the order of time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ml.normalise.design import LEAST_ROWS, Design
from ml.normalise.models import LIGHTGBM, trained
from ml.normalise.normalised import r2
from ml.normalise.trees import predicted

BLOCKS = 5
"""Stretches into which the record is cut."""
LEAKS = 0.05
"""A random split that is better than left-out stretches by more than this [R2] is said to leak (our choice)."""


@dataclass(frozen=True, slots=True)
class Skill:
    """R2 of days not seen. left_out: stretches of the record left out in turn, with what lies on both sides known, which is
    what a normalisation asks of its model. forward: the next stretch from all before it, which a counterfactual asks. random:
    days left out at random; its neighbours are known, so it flatters. leaks: whether it does by more than LEAKS. rows: days
    or hours judged.
    """

    left_out: float
    forward: float
    random: float
    leaks: bool
    rows: int


def skill_of(design: Design, *, model: str = LIGHTGBM, seed: int = 1, blocks: int = BLOCKS) -> Skill:
    """Judge a model on its own record.

    design: as design_of gives it. Returns Skill; forward is NaN where no stretch has LEAST_ROWS before it.
    """
    rows = len(design.rows)
    block = np.arange(rows) * blocks // rows
    shuffled = np.random.default_rng(seed).permutation(block)
    left_out = _held_out(design, [(block != b, block == b) for b in range(blocks)], model, seed)
    before = [(block < b, block == b) for b in range(1, blocks) if (block < b).sum() >= LEAST_ROWS]
    forward = _held_out(design, before, model, seed)
    at_random = _held_out(design, [(shuffled != b, shuffled == b) for b in range(blocks)], model, seed)
    return Skill(left_out, forward, at_random, at_random - left_out > LEAKS, rows)


def _held_out(design: Design, splits: list[tuple[np.ndarray, np.ndarray]], model: str, seed: int) -> float:
    told = np.full(len(design.rows), np.nan)
    for known, asked in splits:
        told[asked] = predicted(
            trained(design.table[known], design.target[known], model=model, seed=seed), design.table[asked]
        )
    return r2(design.target, told)
