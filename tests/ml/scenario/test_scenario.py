"""Scenarios: the laws of a removal response. Expected numbers follow from the definitions, worked by hand or by a second run."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ml.attribution.salt import AMMONIUM_G, NITRATE_G, SULPHATE_G
from ml.attribution.tags import TagEnsemble, ensemble_of
from ml.scenario.cuts import Cut, CutError, left, plan_cuts, traffic_cut
from ml.scenario.effect import Shown, effect_of, ranked
from ml.scenario.response import BEND, PROPORTIONAL, Ages, ages_of, crossed, joint_of, respond
from standards.warning.plan_files import plan_named
from streams.contributors import ALL, OUTSIDE, SECTORS

CITIES = ("510100", "510600")
QUANTITIES = (
    "so2",
    "nox",
    "o3",
    "coarse",
    "pm25_primary",
    "sulphate",
    "nitrate",
    "ammonium",
    "soa",
    "nitric_acid",
    "ammonia",
)
NOW = Ages(mean_h=np.full((2, 2), 1e-6), secondary_h=0.0)
HOURS = 6


def tags_of(seed: int = 0, members: int = 2, *, removal: bool = True, factor: np.ndarray | float = 1.0) -> TagEnsemble:
    """Random tags by sector x city; factor: on the contributions (sector, city)."""
    chance = np.random.default_rng(seed)
    cross = [(s, c) for s in SECTORS for c in CITIES]
    joint = chance.uniform(0.05, 1.0, (members, len(QUANTITIES), len(SECTORS), len(CITIES), 2, HOURS))
    joint *= np.broadcast_to(factor, (len(SECTORS), len(CITIES)))[:, :, None, None]
    outside = chance.uniform(1.0, 2.0, (members, len(QUANTITIES), 1, 2, HOURS))
    values = np.concatenate([joint.reshape(members, len(QUANTITIES), -1, 2, HOURS), outside], axis=2)
    gone = {"o3": chance.normal(0, 3, (members, 2, len(SECTORS) + 1, HOURS))} if removal else None
    names = [f"M{i}" for i in range(members)]
    return ensemble_of(
        values, members=names, quantities=QUANTITIES, contributors=[*cross, (ALL, OUTSIDE)], receptors=CITIES, cities=CITIES,
        first_hour=1000, removal=gone,
    )  # fmt: skip


def whole(share: float, sector: str = ALL, city: str = ALL, **more: object) -> Cut:
    return Cut(sector=sector, city=city, share=share, first_hour=0, last_hour=10_000, **more)


def test_no_cut_changes_nothing() -> None:
    answer = respond(tags_of(), [], ages=NOW)
    assert all(np.abs(change).max() < 1e-12 for change in answer.change.values())


def test_what_is_linear_loses_its_tag() -> None:
    tags = tags_of()
    answer = respond(tags, [whole(1.0, "coal", "510600")], ages=NOW)
    for quantity in ("so2", "pm25_primary", "soa", "coarse"):
        tag = joint_of(tags, quantity)[:, :, SECTORS.index("coal"), 1]
        assert np.allclose(answer.change[quantity], -tag)


def test_cutting_everything_that_is_managed_leaves_the_forest_and_the_outside() -> None:
    tags = tags_of()
    answer = respond(tags, [whole(1.0)], ages=NOW)
    left_over = tags.by_sector("soa")[..., [SECTORS.index("biogenic"), len(SECTORS)], :].sum(axis=-2)
    assert np.allclose(answer.base["soa"] + answer.change["soa"], left_over)


def test_the_salt_of_a_cut_is_that_of_a_run_without_it() -> None:
    """A second way: solve the balance of the totals that are left, by bisection; a part follows total nitrate."""
    tags = tags_of(3)
    answer = respond(tags, [whole(0.5, "agriculture")], ages=NOW)
    total = {q: tags.by_sector(q).sum(axis=-2) for q in QUANTITIES}
    i, j, t = 1, 0, 2
    s = total["sulphate"][i, j, t] / SULPHATE_G
    n = total["nitrate"][i, j, t] / NITRATE_G + total["nitric_acid"][i, j, t] / 63.01
    a = total["ammonium"][i, j, t] / AMMONIUM_G + total["ammonia"][i, j, t] / 17.03
    held = min(total["nitrate"][i, j, t] / NITRATE_G, 0.999 * min(n, max(a - 2 * s, 0.0)))
    product = (n - held) * max(a - 2 * s - held, 0.0)
    half = {q: 0.5 * joint_of(tags, q)[i, j, SECTORS.index("agriculture"), :, t].sum() for q in QUANTITIES}
    s2 = s - half["sulphate"] / SULPHATE_G
    n2 = n - half["nitrate"] / NITRATE_G - half["nitric_acid"] / 63.01
    a2 = a - half["ammonium"] / AMMONIUM_G - half["ammonia"] / 17.03

    def solved(s: float, n: float, a: float) -> float:
        free = max(a - 2 * s, 0.0)
        low, high = 0.0, min(n, free)
        if n * free <= product:
            return 0.0
        for _ in range(200):
            x = 0.5 * (low + high)
            low, high = (x, high) if (n - x) * (free - x) > product else (low, x)
        return low

    balance, alike = solved(s2, n2, a2) - solved(s, n, a), total["nitrate"][i, j, t] / NITRATE_G * (n2 - n) / n
    wanted = NITRATE_G * ((1 - PROPORTIONAL) * balance + PROPORTIONAL * alike)
    assert answer.change["nitrate"][i, j, t] == pytest.approx(wanted, abs=1e-6)


def test_pm25_is_the_sum_of_its_parts() -> None:
    answer = respond(tags_of(5), [whole(0.3)], ages=NOW)
    parts = ("pm25_primary", "sulphate", "nitrate", "ammonium", "soa")
    assert np.allclose(answer.change["pm25"], sum(answer.change[p] for p in parts))


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 1000), st.floats(0, 1), st.floats(0, 1))
def test_more_is_never_less_where_the_answer_is_linear(seed: int, a: float, b: float) -> None:
    tags = tags_of(seed)
    small, large = (respond(tags, [whole(x)], ages=NOW).change["pm25_primary"] for x in sorted((a, b)))
    assert (large <= small + 1e-12).all()


def test_cuts_of_the_same_emission_multiply() -> None:
    kept = left([whole(0.5), whole(0.2, "vehicles", "510100")], "nox", CITIES, np.arange(3))
    assert kept[SECTORS.index("vehicles"), 0] == pytest.approx(0.4)
    assert kept[SECTORS.index("coal"), 0] == pytest.approx(0.5)
    assert (kept[SECTORS.index("biogenic")] == 1.0).all()


def test_the_air_remembers_what_was_emitted_before_the_cut() -> None:
    """By 1 - exp(-t / age): after an hour of an age of 5 h 18 %, worked by hand."""
    tags = tags_of()
    ages = Ages(mean_h=np.full((2, 2), 5.0))
    cut = Cut(sector="coal", city=ALL, share=1.0, first_hour=1002, last_hour=9999)
    answer = respond(tags, [cut], ages=ages)
    tag = joint_of(tags, "so2")[:, :, SECTORS.index("coal")].sum(axis=2)
    felt = -answer.change["so2"] / tag
    assert np.allclose(felt[..., :2], 0.0)
    assert np.allclose(felt[..., 2], 1 - np.exp(-1 / 5)) and np.allclose(felt[..., 4], 1 - np.exp(-3 / 5))


def test_ozone_that_is_told_alone_goes_by_the_parabola_through_removal_and_may_rise() -> None:
    """f R + BEND f (1 - f) (A - R) of each sector, worked out here from the margins."""
    tags = tags_of()
    who = SECTORS.index("vehicles")
    told, whole_of = tags.removal["o3"][:, :, who], tags.by_sector("o3")[:, :, who]
    for share in (0.25, 1.0):
        answer = respond(tags, [whole(share, "vehicles")], ages=NOW)
        wanted = share * told + BEND * share * (1 - share) * (whole_of - told)
        assert np.allclose(answer.change["o3"], -wanted)
        assert (answer.change["o3"] > 0).any()


def test_a_sector_that_emits_no_nox_has_its_removal_all_the_same() -> None:
    tags = tags_of(4)
    solvent = SECTORS.index("solvent")
    tags.joint[:, QUANTITIES.index("nox"), :, solvent] = 0.0
    tags.by_sector("nox")[:, :, solvent] = 0.0
    answer = respond(tags, [whole(1.0, "solvent")], ages=NOW)
    assert np.allclose(answer.change["o3"], -tags.removal["o3"][:, :, solvent])


def test_what_a_city_is_said_to_make_of_ozone_is_what_its_cut_takes() -> None:
    tags = tags_of(6)
    chance = np.random.default_rng(1)
    sector = tags.removal["o3"][..., : len(SECTORS), :]
    share = chance.uniform(0.2, 0.8, (*sector.shape[:2], HOURS))
    # Biogenic is not managed; without it a city that is cut whole loses all that it is said to make.
    tags.removal["o3"][:, :, SECTORS.index("biogenic")] = 0.0
    city = np.stack([share, 1 - share], axis=2) * tags.removal["o3"][..., : len(SECTORS), :].sum(axis=2, keepdims=True)
    one, two = (respond(tags, [whole(1.0, ALL, code)], ages=NOW, by_place={"o3": city}).change["o3"] for code in CITIES)
    both = respond(tags, [whole(1.0)], ages=NOW, by_place={"o3": city}).change["o3"]
    assert np.allclose(one + two, both) and np.allclose(both, -city.sum(axis=2))
    near = np.abs(one + city[:, :, 0]) < 0.25 * np.abs(city).sum(axis=2) + 0.3
    assert near.mean() > 0.9


def oxygen(nox: float, no2: float, ox: float, removal: float) -> TagEnsemble:
    """Tags of one source, vehicles in the first city, and as much from outside: [ug/m3]."""
    quantities = ("nox", "no2", "o3", "ox")
    whole_of = np.array([nox, no2, ox - no2 * 47.998 / 46.006, ox])
    values = np.zeros((1, 4, len(SECTORS) * 2 + 1, 2, 3))
    values[:, :, SECTORS.index("vehicles") * 2] = values[:, :, -1] = 0.5 * whole_of[None, :, None, None]
    gone = np.zeros((1, 2, len(SECTORS) + 1, 3))
    gone[:, :, SECTORS.index("vehicles")] = removal
    cross = [(s, c) for s in SECTORS for c in CITIES]
    return ensemble_of(
        values, members=["M0"], quantities=quantities, contributors=[*cross, (ALL, OUTSIDE)], receptors=CITIES, cities=CITIES,
        first_hour=1000, removal={"ox": gone, "o3": gone},
    )  # fmt: skip


def test_ozone_rises_where_nox_is_cut_and_odd_oxygen_stays() -> None:
    """NO2 solves (Ox - x)(NOx - x) = c x; solved here for NOx by the quadratic formula, c from the levels before."""
    nox, no2, ox = 80.0, 60.0, 120.0
    tags = oxygen(nox, no2, ox, removal=0.0)
    tags.sector[:, 3, :, SECTORS.index("vehicles")] = 0.0  # nothing of odd oxygen is the vehicles'
    tags.place[:, 3, :, 0] = 0.0
    tags.sector[:, 3, :, -1] = tags.place[:, 3, :, -1] = ox
    answer = respond(tags, [whole(1.0, "vehicles")], ages=NOW)
    x, n, y = ox / 47.998, nox / 46.006, no2 / 46.006
    c = (n - y) * (x - y) / y
    left_n = n / 2
    b = x + left_n + c
    after = x - (b - np.sqrt(b * b - 4 * x * left_n)) / 2
    assert answer.change["o3"][0, 0, 0] == pytest.approx(47.998 * (after - (x - y)), abs=1e-6)
    assert answer.change["o3"][0, 0, 0] > 0


def test_parts_of_either_sign_do_not_blow_up_an_answer() -> None:
    """Gas and particle of a city may cancel alone; together they are what was emitted, and no more than that can go."""
    tags = tags_of(2)
    margins_only = replace(tags, joint=None)
    n, acid = QUANTITIES.index("nitrate"), QUANTITIES.index("nitric_acid")
    for side in (margins_only.sector, margins_only.place):
        both = side[:, acid, :, :-1] + side[:, n, :, :-1] * 63.01 / 62.0
        side[:, n, :, :-1] = 0.5 * both * 62.0 / 63.01 * np.array([1.9, -1.9] * 10)[: both.shape[2], None]
        side[:, acid, :, :-1] = both - side[:, n, :, :-1] * 63.01 / 62.0
    cut = [whole(1.0, "coal", "510600")]
    change = respond(margins_only, cut, ages=NOW).change
    bound = sum(tags.by_sector(q).sum(axis=-2) for q in ("nitrate", "nitric_acid", "ammonium", "ammonia", "sulphate"))
    assert (np.abs(change["nitrate"]) < bound).all()


def test_a_product_of_margins_has_both() -> None:
    chance = np.random.default_rng(0)
    sector, place = chance.random((9, 4)), chance.random((2, 4))
    place *= sector.sum(axis=0) / place.sum(axis=0)
    both = crossed(sector, place)
    assert np.allclose(both.sum(axis=1), sector) and np.allclose(both.sum(axis=0), place)


@pytest.mark.parametrize(
    ("tags", "cut", "why"),
    [
        (tags_of(removal=False), whole(0.2), "no model told"),
        (tags_of(), whole(0.2, species=("voc",)), "cut alone"),
    ],
)
def test_ozone_that_cannot_be_answered_says_why(tags: TagEnsemble, cut: Cut, why: str) -> None:
    answer = respond(tags, [cut], ages=NOW)
    assert "o3" not in answer.change and why in answer.unanswered["o3"]


def test_a_level_of_the_plan_cuts_all_managed_sectors_by_its_share() -> None:
    """10, 20, 30 % at yellow, orange, red: 环办大气函〔2019〕648号 as [reduction] of the plan quotes it."""
    plan = plan_named("sichuan_2024")
    for level, share in ((1, 0.10), (2, 0.20), (3, 0.30)):
        cuts = plan_cuts(plan, level, CITIES, (0, 10))
        kept = left(cuts, "nox", CITIES, np.arange(1))
        assert kept[SECTORS.index("coal"), 0, 0] == pytest.approx(1 - share)
        assert left(cuts, "nh3", CITIES, np.arange(1)).min() == 1.0


def test_a_traffic_limit_reaches_vehicles_alone() -> None:
    kept = left(traffic_cut(0.3, ["510100"], (0, 5)), "nox", CITIES, np.arange(7))
    assert kept[SECTORS.index("vehicles"), 0].tolist() == pytest.approx([0.7] * 6 + [1.0])
    assert kept[SECTORS.index("vehicles"), 1].min() == 1.0


@pytest.mark.parametrize(
    "wrong",
    [{"sector": "ships"}, {"share": 1.2}, {"share": -0.1}, {"first_hour": 5, "last_hour": 4}, {"species": ("o3",)}],
)
def test_a_cut_that_cannot_be_meant_is_refused(wrong: dict) -> None:
    good = {"sector": "coal", "city": "510100", "share": 0.2, "first_hour": 0, "last_hour": 1}
    with pytest.raises(CutError):
        Cut(**(good | wrong))


def test_a_city_that_is_not_there_is_refused() -> None:
    with pytest.raises(CutError, match="999999"):
        respond(tags_of(), [whole(0.1, "coal", "999999")], ages=NOW)


def test_the_effect_scales_with_what_is_observed_and_its_interval_holds_the_members() -> None:
    tags = tags_of(8, members=4)
    answer = respond(tags, [whole(0.3)], ages=NOW)
    shown = Shown(relative_sd=0.0, least=0.0, worlds=0, q95=0.0)
    once = effect_of(answer, "pm25", slice(0, HOURS), shown=shown)
    twice = effect_of(answer, "pm25", slice(0, HOURS), shown=shown, level=1.2 * once.level)
    assert (
        np.allclose(twice.change, 1.2 * once.change)
        and (once.low <= once.change).all()
        and (once.change <= once.high).all()
    )
    alone = effect_of(respond(tags.some([0]), [whole(0.3)], ages=NOW), "pm25", slice(0, HOURS), shown=shown)
    assert np.allclose(alone.low, alone.high)
    wider = effect_of(answer, "pm25", slice(0, HOURS), shown=Shown(relative_sd=0.5, least=0.01, worlds=9, q95=0.1))
    assert (wider.high - wider.low > once.high - once.low).all() and not once.certain.sum() < wider.certain.sum()


def test_measures_are_ranked_by_what_they_change() -> None:
    shown = Shown(relative_sd=0.1, least=0.01, worlds=9, q95=0.1)
    effects = {
        n: effect_of(respond(tags_of(), [whole(x)], ages=NOW), "pm25", slice(0, 4), shown=shown)
        for n, x in (("a", 0.1), ("b", 0.4))
    }
    assert [row[0] for row in ranked(effects, "510100")] == ["b", "a"]


def test_air_from_farther_away_is_older() -> None:
    """54 km at 1.5 m/s take 10 h."""
    ages = ages_of(np.array([[0.0, 54.0]]))
    assert ages.mean_h.tolist() == [[5.0, 15.0]] and (ages.of("nitrate") > ages.of("so2")).all()
