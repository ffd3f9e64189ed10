"""What instruments beside the stations sent, as a correction takes it, and which site is what."""

from __future__ import annotations

import dataclasses
import warnings

import numpy as np
import pytest

from ml.attributing.corrections import learned_from, observed_in
from ml.attributing.gather import Gathered
from ml.attributing.region import region_of
from ml.attributing.sent import (
    MICRO_LEAST_H,
    STACKS_LEAST_H,
    Sent,
    calibrated_micro,
    completed,
    end_to_end,
    lacking,
    organic_factors,
    stack_ratios,
)
from ml.attribution.tags import SOURCES
from standards.pollutants import ITEMS
from standards.voc.profiles import GROUPS, shares_in_groups
from standards.voc.species import MOLAR_VOLUME
from streams import registry as registries
from streams.registry import Station
from tests.ml.attribution.made import CITIES, FIRST_HOUR, made_tags, seen_as_told

SITES = ("S1", "S2")
KEY = (CITIES[0], "coal", "so2")
NAMES = (
    "ethane", "propane", "n-pentane", "isopentane", "n-decane", "n-undecane", "ethene", "propene", "acetylene", "benzene",
    "toluene", "ethylbenzene", "m,p-xylene", "o-xylene", "1,2,4-trimethylbenzene", "chloromethane", "ethyl acetate", "MTBE",
)  # fmt: skip


@pytest.fixture(scope="module")
def tags():
    """Tags of the cities and of two sites: the first stands in the first city, the other in the second."""
    made = made_tags(days=12)
    with_sites = {name: np.concatenate([getattr(made, name), getattr(made, name)[:, :, :2]], axis=2)
                  for name in ("sector", "place", "joint")}  # fmt: skip
    return dataclasses.replace(
        made, receptors=(*CITIES, *SITES), city_of=np.array([0, 1, 2, 0, 1]), removal=None, **with_sites
    )


def told_ppb(tags, site, factor):
    """What an analyser would see if each sector emitted a factor more than told, dark and light hours alike [ppb]."""
    profiles, masses = shares_in_groups(SOURCES, NAMES)
    told = np.stack([tags.by_sector(group)[:, tags.receptors.index(site)].mean(axis=0) for group in GROUPS])
    scale = np.array([factor.get(source, 1.0) for source in SOURCES])[:, None]
    ppb = np.einsum("gsh,sgc->ch", told * scale, profiles) * MOLAR_VOLUME / masses[:, None]
    return dict(zip(NAMES, ppb, strict=True))


def test_a_ratio_of_stacks_is_of_the_hours_that_were_both_measured_and_told():
    measured, told = np.full(STACKS_LEAST_H + 2, 30.0), np.full(STACKS_LEAST_H + 2, 20.0)
    measured[0], told[0] = np.nan, 1e6  # was not measured
    measured[1], told[1] = 1e6, np.nan  # nobody told
    # 30 over 20 in every hour that counts.
    assert stack_ratios({KEY: np.stack([measured, told])}) == {KEY: pytest.approx(1.5)}
    measured[2] = np.nan  # one hour too few
    assert stack_ratios({KEY: np.stack([measured, told])}) == {}
    assert stack_ratios({KEY: np.stack([told * 0 + 1.0, told * 0.0])}) == {}  # nothing was told to be emitted


def test_compounds_tell_which_sector_emits_more_than_the_inventory_says(tags):
    seen = told_ppb(tags, "S1", {"vehicles": 2.0})
    city, found = organic_factors({"S1": seen}, tags)
    assert city == CITIES[0]
    # A balance with a prior finds a part of a doubling, and finds it where it is.
    assert max(found, key=lambda sector: found[sector][0]) == "vehicles"
    assert 1.3 < found["vehicles"][0] < 2.2
    assert all(0 < deviation < 0.4 for _, deviation in found.values())
    _, same = organic_factors({"S1": told_ppb(tags, "S1", {})}, tags)
    assert all(factor == pytest.approx(1.0, abs=1e-6) for factor, _ in same.values())


def test_the_city_whose_analysers_saw_most_hours_speaks_and_sites_without_tags_do_not(tags):
    one, two = told_ppb(tags, "S1", {}), told_ppb(tags, "S2", {})
    some = {name: np.where(np.arange(tags.hours) < 24 * 7, values, np.nan) for name, values in one.items()}
    assert organic_factors({"S1": some, "S2": two}, tags)[0] == CITIES[1]
    assert organic_factors({"S1": one, "S2": some}, tags)[0] == CITIES[0]
    assert organic_factors({"ELSEWHERE": one}, tags) == ("", {})
    few = {name: np.where(np.arange(tags.hours) < 24 * 4, values, np.nan) for name, values in one.items()}
    assert organic_factors({"S1": few}, tags) == ("", {})  # four days


def test_micro_stations_come_to_the_level_of_the_stations_and_say_nothing_where_these_never_were():
    items = np.full((len(ITEMS), 2, 96), 40.0)
    items[:, 0, 48:] = np.nan
    items[:, 1] = np.nan
    micro = np.full(items.shape, 50.0)
    found = calibrated_micro(micro, items)
    assert MICRO_LEAST_H == 48 and (found[:, 0] == 40.0).all() and np.isnan(found[:, 1]).all()
    items[:, 0, 47] = np.nan  # 47 common hours are too few
    assert np.isnan(calibrated_micro(micro, items)).all()


def test_micro_stations_are_asked_for_where_the_stations_lack_a_day(tags):
    seen = seen_as_told(made_tags(days=12))
    assert not lacking(seen.items).any()
    items = seen.items.copy()
    items[:, 1, 24:48] = np.nan
    np.testing.assert_array_equal(lacking(items), [False, True, False])
    asked = []

    def micro(wanted, first, last):
        asked.append((wanted.tolist(), first, last))
        return np.where(wanted[None, :, None], 2.0 * seen.items, np.nan)

    sent = Sent(FIRST_HOUR, tags.hours)
    for given, told in ((seen.items, None), (items, seen.items)):
        held = dataclasses.replace(seen, items=given)
        gathered = Gathered(CITIES, FIRST_HOUR, held, np.zeros((3, tags.hours), bool), tags, None, sent)
        found = observed_in(gathered, FIRST_HOUR, FIRST_HOUR + tags.hours - 1, micro)
        if told is None:
            assert found.micro is None and not asked
        else:
            np.testing.assert_allclose(found.micro[:, 1], told[:, 1])
            assert np.isnan(found.micro[:, 0]).all() and "micro" in found.feeds
    assert asked == [([False, True, False], FIRST_HOUR, FIRST_HOUR + tags.hours - 1)]


def test_what_was_sent_in_parts_is_what_was_sent_as_a_whole():
    chance, hours = np.random.default_rng(1), 72
    whole = Sent(FIRST_HOUR, hours, {KEY: chance.random((2, hours))}, {"S1": {"toluene": chance.random(hours)}})
    parts = [whole.between(FIRST_HOUR + a, FIRST_HOUR + a + 23) for a in (0, 24, 48)]
    assert [part.first for part in parts] == [FIRST_HOUR, FIRST_HOUR + 24, FIRST_HOUR + 48]
    found = end_to_end(parts)
    np.testing.assert_array_equal(found.stacks[KEY], whole.stacks[KEY])
    np.testing.assert_array_equal(found.compounds["S1"]["toluene"], whole.compounds["S1"]["toluene"])
    bare = dataclasses.replace(parts[1], stacks={}, compounds={})
    found = end_to_end([parts[0], bare, parts[2]])
    assert np.isnan(found.stacks[KEY][:, 24:48]).all() and np.isfinite(found.stacks[KEY][:, 48:]).all()
    assert np.isnan(found.compounds["S1"]["toluene"][24:48]).all() and found.hours == hours


def test_a_correction_learns_from_every_feed_that_speaks(tags):
    seen = seen_as_told(made_tags(days=12))
    stacks = {KEY: np.stack([np.full(tags.hours, 1.4), np.ones(tags.hours)])}
    sent = Sent(FIRST_HOUR, tags.hours, stacks, {"S1": told_ppb(tags, "S1", {"vehicles": 2.0})})
    gathered = Gathered(CITIES, FIRST_HOUR, seen, np.zeros((3, tags.hours), bool), tags, None, sent)
    learned = learned_from(gathered)
    assert {"stations", "stacks", "organic"} <= set(learned.correction.feeds)
    silent = learned_from(dataclasses.replace(gathered, sent=Sent(FIRST_HOUR, tags.hours)))
    assert set(silent.correction.feeds) == {"stations"}
    whole = completed(seen, tags, sent)
    assert whole.organic_city == CITIES[0] and whole.stacks == {KEY: pytest.approx(1.4)}


def test_a_site_is_of_the_background_by_its_kind_and_not_by_where_it_stands():
    known = registries.load()
    city = next(iter(known.cities.values()))
    far = {"lon": 90.0, "lat": 45.0}  # outside of all outlines
    stations = {
        s.code: s
        for s in (
            Station("IN", "站", "background", city.lon, city.lat, city.code),  # on a tower in the middle of a city
            Station("OUT", "站", "background", far["lon"], far["lat"], ""),
            Station("SUP", "站", "super", city.lon, city.lat, city.code),
            Station("AWAY", "站", "super", far["lon"], far["lat"], city.code),
            Station("NONE", "站", "super", far["lon"], far["lat"], ""),
            Station("M1", "站", "micro", city.lon, city.lat, city.code),
        )
    }
    region = region_of(dataclasses.replace(known, stations={**known.stations, **stations}), FIRST_HOUR)
    assert {code: region.sites.get(code) for code in stations} == {
        "IN": "", "OUT": "", "SUP": city.code, "AWAY": city.code, "NONE": None, "M1": None,
    }  # fmt: skip
    assert region.micro == {"M1": city.code}


def test_what_was_never_observed_or_told_raises_no_warning(tags):
    seen = seen_as_told(made_tags(days=12))
    seen.items[:, 0] = np.nan
    sector = tags.sector.copy()
    sector[:, :, 1] = np.nan
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        gone = dataclasses.replace(tags, sector=sector)
        stacks, compounds = np.full((2, tags.hours), np.nan), {"toluene": np.full(tags.hours, np.nan)}
        found = completed(seen, gone, Sent(FIRST_HOUR, tags.hours, {KEY: stacks}, {"S1": compounds, "S2": compounds}),
                          np.full(seen.items.shape, np.nan))  # fmt: skip
    assert (found.stacks, found.organic, found.micro) == ({}, {}, None)
