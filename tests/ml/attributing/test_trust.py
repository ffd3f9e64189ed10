"""What lowers the confidence in an attribution, down to none, and that each reason is told."""

from __future__ import annotations

import dataclasses
import json

import numpy as np
import pytest

from ml.attributing.attributing import attribute_days
from ml.attributing.corrections import Shelf, learn_at
from ml.attributing.drift import QUANTITIES, RECENT_DAYS, Relations, moved, relation_of, usual_of
from ml.attributing.region import Region
from ml.attributing.rows import Lately, trust
from ml.attribution.observations import Observations
from ml.attribution.outcome import Grounds
from ml.attribution.words import LEVELS
from standards.days import HOURS_PER_DAY, natural_day
from standards.pollutants import ITEMS
from streams.store import open_store
from tests.ml.attributing.made import keep_observed, keep_tags
from tests.ml.attribution.made import CITIES, FIRST_HOUR, made_tags, seen_as_told

WELL = Grounds(tier="corrected tags", members=4, feeds=("stations", "stacks", "composition", "background", "organic"))
NEW = Lately(age=0.5, moved=1.0, behind_days=1.0)
ORDER = (*LEVELS, "none")
FACTORS = (1.0, 1.3, 1.7, 2.6)
AGES = (0.5, 1.5, 4.0, 11.0)
MISSING = (
    (),
    ("stacks",),
    ("stacks", "composition", "background"),
    ("stacks", "composition", "background", "stations"),
)


def level(lately=NEW, quantity="pm25", observed=True, **grounds):
    return trust(dataclasses.replace(WELL, **grounds), quantity=quantity, observed=observed, lately=lately)


def lately(**of):
    return dataclasses.replace(NEW, **of)


@pytest.mark.parametrize(
    ("found", "levels", "said"),
    [
        ([level(lately(moved=f)) for f in FACTORS], ["high", "medium", "low", "none"], "moved:2.6"),
        ([level(lately(age=a)) for a in AGES], ["high", "medium", "low", "poor"], "inventory:11.0"),
        ([level(missing=m) for m in MISSING], ["high", "medium", "low", "poor"], "missing:stations"),
        ([level(lately(behind_days=d)) for d in (15.0, 20.0, 50.0, 100.0)], ["high", "medium", "low", "poor"], "behind:100"),
        ([level(observed=o) for o in (True, False)], ["high", "medium"], "not observed"),
        ([level(members=m) for m in (4, 1)], ["high", "medium"], "members:1"),
        ([level(inventory_errs=p) for p in (0.1, 0.9)], ["high", "medium"], "inventory errs"),
    ],
    ids=["drift", "inventory age", "missing feeds", "an old correction", "not observed", "one model", "inventory errs"],
)  # fmt: skip
def test_each_reason_alone_lowers_the_confidence_and_is_told(found, levels, said):
    assert [each for each, _ in found] == levels
    assert said in found[-1][1] and said not in found[0][1]


def test_two_of_the_gravest_reasons_together_leave_no_attribution():
    assert level(lately(age=11.0, behind_days=100.0))[0] == "none"
    reasons = level(lately(age=11.0), missing=MISSING[-1])
    assert reasons[0] == "none" and {"inventory too old:11.0", "missing:stations"} <= set(reasons[1])


def test_reasons_never_raise_a_confidence():
    chance = np.random.default_rng(2)
    for _ in range(300):
        f, g = sorted(chance.choice(FACTORS, 2))
        a, b = sorted(chance.choice(AGES, 2))
        m, n = sorted(chance.choice(4, 2))
        better, worse = (
            level(lately(moved=f, age=a), missing=MISSING[m]),
            level(lately(moved=g, age=b), missing=MISSING[n]),
        )
        assert ORDER.index(better[0]) <= ORDER.index(worse[0])


def test_ozone_misses_the_analyser_and_not_the_stacks():
    assert level(quantity="o3", missing=("stacks", "composition"))[0] == "high"
    assert level(quantity="o3", missing=("organic",)) == ("medium", ["members:4", "missing:organic", "inventory:0.5"])


def test_an_inventory_too_old_is_named_with_its_age_where_it_is_the_reason():
    found = trust(Grounds(tier="light tagger"), quantity="pm25", observed=True, lately=Lately(age=11.0))
    assert found[0] == "none" and "inventory too old:11.0" in found[1]
    unknown = trust(Grounds(tier="light tagger"), quantity="pm25", observed=True, lately=Lately(age=None))
    assert unknown[0] == "poor" and "inventory of unknown age" in unknown[1]


def relations(days, mean=0.0, seed=1, spread=0.2):
    return mean + spread * np.random.default_rng(seed).standard_normal((len(QUANTITIES), 3, days))


def test_a_relation_that_is_as_it_was_has_not_moved_and_a_shift_is_found_beyond_chance():
    usual = usual_of(relations(45))
    by_chance = [moved(usual, relations(RECENT_DAYS, seed=seed)) for seed in range(2, 52)]
    # 1.96 deviations of days that are not independent: independent ones go beyond it far less than in 5 of 100 cases.
    assert np.mean(np.stack(by_chance) > 1.0) < 0.05
    shifted = moved(usual, relations(RECENT_DAYS, mean=np.log(3.0), seed=60))
    # Chance is 1.96 x 0.2 x sqrt(3 / 7 + 3 / 45) = 0.28 in the log, so that of a factor of 3 about 2.3 are beyond it.
    np.testing.assert_allclose(shifted, 3.0 / np.exp(0.28), rtol=0.35)
    np.testing.assert_allclose(
        moved(usual, relations(RECENT_DAYS, mean=-np.log(3.0), seed=60)), 3.0 / np.exp(0.28), rtol=0.35
    )
    assert np.isnan(moved(usual, relations(4))).all() and np.isnan(moved(usual_of(relations(4)), relations(7))).all()


def test_the_relation_of_a_day_is_observed_over_told():
    tags = made_tags(days=2)
    told = tags.by_sector("pm25").sum(axis=2).mean(axis=0)
    items = np.full((len(ITEMS), 3, 48), np.nan)
    items[ITEMS.index("pm25")] = 1.5 * told
    items[ITEMS.index("pm25"), 1, 24:31] = np.nan  # seventeen hours are left
    found = relation_of(tags, Observations(first_hour=FIRST_HOUR, items=items))
    np.testing.assert_allclose(found[0, 0], np.log(1.5))
    assert np.isfinite(found[0, 1, 0]) and np.isnan(found[0, 1, 1]) and np.isnan(found[1]).all()
    assert np.isnan(relation_of(None, Observations(first_hour=FIRST_HOUR, items=items))).all()


def test_days_are_read_once_and_again_when_they_were_touched():
    asked = []

    def read(first, end):
        asked.append((first, end))
        return np.full((2, 3, end - first), float(len(asked)))

    held, day = Relations(read), int(natural_day(FIRST_HOUR))
    held.before(day)
    held.before(day)
    assert asked == [(day - RECENT_DAYS, day)]
    held.forget([FIRST_HOUR - 1])
    assert held.before(day)[0, 0].tolist() == [1.0] * (RECENT_DAYS - 1) + [2.0] and asked[1:] == [(day - 1, day)]


@pytest.fixture(scope="module")
def drifted(tmp_path_factory):
    """A store of four weeks in which from the third on there is 2.6 times as much as models say."""
    tags = made_tags(days=28)
    seen = seen_as_told(tags)
    seen.items[:, :, 14 * HOURS_PER_DAY :] *= 2.6
    store = open_store(f"sqlite:///{tmp_path_factory.mktemp('store')}/store.sqlite")
    keep_tags(store, tags)
    keep_observed(store, seen)
    yield store
    store.dispose()


def rows_of(store, learned, day):
    first = FIRST_HOUR + 24 * day
    done = attribute_days(
        store, Region(CITIES), first, first + 24, learned, hours=range(first, first + 24), last_hour=first + 23
    )
    return [row for row in done.rows if row["quantity"] == "pm25"]


def test_observations_that_leave_the_tags_lower_the_confidence_from_the_days_after(drifted, tmp_path):
    learned = learn_at(drifted, Region(CITIES), FIRST_HOUR + 14 * 24)
    shelf = Shelf(tmp_path)
    shelf.keep(FIRST_HOUR + 14 * 24, learned)
    kept = shelf.get(FIRST_HOUR + 14 * 24)
    np.testing.assert_allclose(kept.usual.mean, learned.usual.mean)
    levels = [{row["confidence"] for row in rows_of(drifted, kept, day)} for day in (14, 15, 18, 22)]
    # The first day knows nothing of itself; a week later there is nothing else.
    assert levels[0] == {"low"} and levels[-1] == {"none"} and all(len(each) == 1 for each in levels)
    assert [ORDER.index(*each) for each in levels] == sorted(ORDER.index(*each) for each in levels)
    row = rows_of(drifted, kept, 22)[0]
    assert row["packed"] is None and any(code.startswith("moved:2.") for code in json.loads(row["reasons"]))
    assert rows_of(drifted, None, 22)[0]["tier"] == "raw tags"  # nothing was learned that could have moved
