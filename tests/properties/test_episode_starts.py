"""Episodes keep their start while they grow: what comes later moves none of them."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.assess.episodes import EpisodeRules, episodes_of

FIRST, LIMIT = 464_000, 75.0
NAMES = ("510100", "510600", "510700")
RULES = st.builds(
    EpisodeRules,
    min_cities=st.integers(1, 3),
    alone_h=st.integers(1, 8),
    haze_gap_h=st.integers(1, 14),
    growing_h=st.integers(1, 4),
)
SEEDS = st.integers(0, 2**32 - 1)


def history(rng: np.random.Generator, hours: int) -> np.ndarray:
    """Draw clean and dirty stretches with missing cells, missing hours and a silent end."""
    level = np.repeat(rng.choice([40.0, 70.0, 95.0], hours), rng.integers(1, 9, hours))[:hours]
    values = np.rint(level + rng.normal(0, 8, (len(NAMES), hours)))
    values[rng.random(values.shape) < 0.1] = np.nan
    values[:, rng.random(hours) < 0.1] = np.nan
    gap = rng.integers(0, hours)
    values[:, gap : gap + rng.integers(0, 20)] = np.nan
    values[:, hours - rng.integers(0, 6) :] = np.nan
    return values


def whole(values, rules):
    return episodes_of("haze", FIRST, NAMES, values, LIMIT, rules=rules)


@settings(max_examples=100, deadline=None)
@given(SEEDS, RULES)
def test_later_hours_never_move_the_start_of_an_episode(seed, rules):
    values = history(np.random.default_rng(seed), 120)
    starts = [e.start for e in whole(values, rules)]
    for hours in range(1, 120, 7):
        early = [e.start for e in whole(values[:, :hours], rules)]
        assert early == [start for start in starts if start < FIRST + hours]
