"""Episodes found piece by piece are those of the whole history: same rows, whatever changed and in whatever order."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.assess.episodes import EpisodeRules, above, affected_window, episodes_of, last_known

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


def update(found, before, after, first, last, rules):
    """Bring the episodes of before up to date with a change of the hours first..last, looking at one window only."""
    gap_h, ends = rules.gap_h("haze"), (last_known(before), last_known(after))
    begin, end = affected_window(first, last, above(after, LIMIT), gap_h, ends=ends)
    assert (begin, end) == affected_window(first, last, above(before, LIMIT), gap_h, ends=ends)
    inside = [FIRST + begin <= e.start <= FIRST + end for e in found]
    fresh = episodes_of(
        "haze", FIRST + begin, NAMES, after[:, begin : end + 1], LIMIT, rules=rules, known_until=FIRST + ends[1]
    )
    return sorted([e for e, gone in zip(found, inside, strict=True) if not gone] + fresh, key=lambda e: e.start)


@settings(max_examples=300, deadline=None)
@given(SEEDS, RULES)
def test_a_changed_stretch_recomputed_in_its_window_equals_the_whole_history(seed, rules):
    rng = np.random.default_rng(seed)
    before = history(rng, 150)
    first = int(rng.integers(0, 150))
    last = min(149, first + int(rng.integers(0, 12)))
    after = before.copy()
    after[:, first : last + 1] = history(rng, 150)[:, first : last + 1]
    assert update(whole(before, rules), before, after, first, last, rules) == whole(after, rules)


@settings(max_examples=60, deadline=None)
@given(SEEDS, RULES)
def test_hours_may_arrive_in_any_order(seed, rules):
    rng = np.random.default_rng(seed)
    target = history(rng, 90)
    values, found = np.full_like(target, np.nan), []
    for hour in rng.permutation(90):
        after = values.copy()
        after[:, hour] = target[:, hour]
        found = update(found, values, after, int(hour), int(hour), rules)
        values = after
    assert found == whole(target, rules)


@settings(max_examples=100, deadline=None)
@given(SEEDS, RULES)
def test_later_hours_never_move_the_start_of_an_episode(seed, rules):
    values = history(np.random.default_rng(seed), 120)
    starts = [e.start for e in whole(values, rules)]
    for hours in range(1, 120, 7):
        early = [e.start for e in whole(values[:, :hours], rules)]
        assert early == [start for start in starts if start < FIRST + hours]
