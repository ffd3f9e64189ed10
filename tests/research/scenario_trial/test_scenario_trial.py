"""The trial of scenarios: cuts act in their hours alone, nothing of nature reaches what is judged, and the statistics are right."""

from __future__ import annotations

import numpy as np
import pytest

from ml.scenario.cuts import Cut
from research.scenario_trial import worlds as made
from research.scenario_trial.__main__ import JUDGE, TUNE, main, text_of
from research.scenario_trial.kinds import KINDS, cuts_of
from research.scenario_trial.scores import PLAIN, Cases, statistics, tuned
from research.scenario_trial.worlds import FIRST_CUT_H, LAST_CUT_H, kept_of, load, save, world_of
from research.virtual_airshed.forecasts.twin_table import shipped_twins
from streams.contributors import SECTORS
from streams.records import SPECIES

CITIES = ("510100", "510600", "510700", "510900", "511100", "511400", "511800", "512000")


@pytest.fixture(scope="module")
def world() -> made.TrialWorld:
    """A short world of a season and a seed that serve nothing else, with one twin."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(made, "DAYS", 2)
        patch.setattr(made, "LAST_CUT_H", 40)
        return world_of("clean_autumn", 977, twins=shipped_twins()[:1], kinds=("coal_two_cities",))


def test_before_a_cut_nothing_changes_and_in_it_something_does(world) -> None:
    for quantity, changed in world.cut["coal_two_cities"].items():
        apart = np.abs(changed - world.level[quantity])
        assert (apart[:, :FIRST_CUT_H] == 0).all() and apart[:, FIRST_CUT_H:].max() > 0.05
    down = world.cut["coal_two_cities"]["pm25"] - world.level["pm25"]
    assert down[CITIES.index("510600"), FIRST_CUT_H + 2 :].mean() < 0


def test_a_world_comes_back_from_its_file_whole(world, tmp_path) -> None:
    save(world, tmp_path)
    again = load(tmp_path, "clean_autumn", 977)
    assert again.cities == world.cities == CITIES and again.cut_hours == world.cut_hours
    assert np.array_equal(again.tags.sector, world.tags.sector) and again.tags.members == ("TWIN-A",)
    assert np.array_equal(again.removal_place["ox"], world.removal_place["ox"])
    assert np.array_equal(again.cut["coal_two_cities"]["o3"], world.cut["coal_two_cities"]["o3"])


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_cuts_something_in_its_hours_alone(kind) -> None:
    hours = np.arange(100, 110)
    kept = kept_of(cuts_of(kind, CITIES, (103, 105)), CITIES, hours)
    assert (kept[..., [0, 1, 2, 6, 7, 8, 9]] == 1).all() and (kept[..., 3:6] < 1).any()
    assert (kept[:, SECTORS.index("biogenic")] == 1).all()


def test_primary_particles_are_cut_fine_and_coarse_alike() -> None:
    cut = Cut(sector="dust", city="510100", share=0.4, first_hour=0, last_hour=9, species=("pm",))
    kept = kept_of([cut], CITIES, np.arange(2))[0, SECTORS.index("dust")]
    assert {name: float(kept[i, 0]) for i, name in enumerate(SPECIES)} == {
        "so2": 1.0, "nox": 1.0, "co": 1.0, "nh3": 1.0, "voc": 1.0, "pm25": 0.6, "pm10": 0.6,
    }  # fmt: skip


def cases(middle: np.ndarray, true: np.ndarray, half: np.ndarray | float = 0.0) -> Cases:
    said = {"response": np.stack([middle, middle - half, middle + half])}
    n = len(true)
    return Cases(np.repeat("k", n), np.arange(n) % 3, true, np.full(n, 100.0), said, np.zeros(n))


def test_statistics_by_hand() -> None:
    """Errors 1, -1, 4, 0 of true changes -10, -5, -1, 3: the last but one is too small for its sign to be asked for."""
    found = statistics(cases(np.array([-9.0, -6.0, 3.0, 3.0]), np.array([-10.0, -5.0, -1.0, 3.0]), 2.0), "response")
    assert (found["mean"], found["median"], found["bias"]) == (1.5, 1.0, 1.0)
    assert (found["covered"], found["sign_right"], found["width"]) == (0.75, 1.0, 4.0)


def test_intervals_are_fitted_to_what_they_are_to_hold() -> None:
    """Errors are normal with 30 % of the effect and 1 % of the level: so the fit finds about that, and covers 90 %."""
    chance = np.random.default_rng(3)
    true = np.concatenate([chance.uniform(-40, -5, 3000), chance.uniform(-1, 1, 3000)])
    middle = true + chance.normal(size=true.size) * np.hypot(0.3 * true, 1.0)
    relative, least = tuned(cases(middle, true))
    assert 0.2 <= relative <= 0.5 and 0.005 <= least <= 0.02


def test_no_seed_is_tuned_on_and_judged_on(tmp_path, capsys) -> None:
    assert not set(TUNE) & set(JUDGE)
    with pytest.raises(SystemExit):
        main(["--work", str(tmp_path), "--tune", "31", "--judge", "31"])
    assert "expected none in both" in capsys.readouterr().err


def test_the_table_that_is_written_says_where_its_numbers_come_from(tmp_path) -> None:
    import datetime as dt

    from ml.scenario.effect import shown_table

    some = cases(np.array([-9.0, -6.0, 3.0]), np.array([-10.0, -5.0, -1.0]), 2.0)
    text = text_of({"pm25": {"cold": PLAIN}}, {("pm25", "cold"): some}, (1, 2), (3,), dt.date(2026, 1, 2))
    path = tmp_path / "shown.toml"
    path.write_text(text, encoding="utf-8")
    shown = shown_table(path)["pm25"]["cold"]
    assert (shown.tuned_on, shown.judged_on, shown.date, shown.worlds) == ((1, 2), (3,), "2026-01-02", 3)
    assert shown.median_ugm3 == 1.0 and "SIMULATED" in text


def test_the_cut_ends_before_the_run_does() -> None:
    assert FIRST_CUT_H % 24 and LAST_CUT_H < 24 * made.DAYS - 24 + 1
