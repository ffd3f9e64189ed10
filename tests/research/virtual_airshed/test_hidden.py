"""Errors of the inventory that nobody is told: how large they are, whom they reach, and that no file of a platform knows."""

from __future__ import annotations

import csv
import dataclasses
import math
import re
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from research.virtual_airshed.__main__ import main
from research.virtual_airshed.forecasts.runs import Starts, forecast_model, run
from research.virtual_airshed.grid import NO_CELLS
from research.virtual_airshed.hidden import SIZES, hidden_factors, together
from research.virtual_airshed.inventory_files import HIDDEN
from research.virtual_airshed.run import simulate
from research.virtual_airshed.scenarios import ScenarioError, scenario
from research.virtual_airshed.sources import INVENTORY, hourly_kg
from research.virtual_airshed.tracers import SECTORS, Tags
from research.virtual_airshed.weather.series import SERIES
from research.virtual_airshed.world import shipped_world
from streams.records import SPECIES

WORLD = shipped_world()
CITIES = WORLD.grid.cities
SMALL = ["--days", "1", "--micro-stations", "8", "--forecast-hours", "6"]
ATTRIBUTES = {
    "model", "simulated", "title", "inventory", "time_label", "run_init", "IOAPI_VERSION", "FTYPE", "SDATE", "STIME", "TSTEP",
    "NCOLS", "NROWS", "NLAYS", "NVARS", "VAR-LIST", "GDTYP", "P_ALP", "P_BET", "P_GAM", "XCENT", "YCENT", "XORIG", "YORIG", "XCELL",
    "YCELL", "GDNAM", "UPNAM",
}  # fmt: skip
"""All that a file of the stand-in says of itself."""


def logs(sd: float, seeds: int) -> np.ndarray:
    """Logarithms of the factors: (seed, city, sector, species)."""
    drawn = [list(hidden_factors(sd, seed=seed).values()) for seed in range(seeds)]
    return np.log(drawn).reshape(seeds, len(CITIES), len(SECTORS), len(SPECIES))


@pytest.mark.parametrize("word", ["mild", "severe"])
def test_lines_err_by_the_size_that_is_said_about_a_median_of_one(word):
    found = logs(SIZES[word], 300)
    # 300 seeds x 9 sectors x 6 independent species: the standard deviation is known to some 1 %.
    assert found.std() == pytest.approx({"mild": 0.21, "severe": 0.39}[word], rel=0.03)
    assert np.median(found) == pytest.approx(0.0, abs=0.01)


def test_an_error_is_that_of_the_activity_and_that_of_the_emission_factor():
    found = logs(0.39, 300)
    between_cities = found.std(axis=1).mean() * math.sqrt(8 / 7)
    between_species = found[..., :6].mean(axis=1)
    # 0.30 and 0.25 of which 0.39 is made up; the mean over cities keeps an eighth of the variance of the activity.
    assert between_cities == pytest.approx(0.30, rel=0.06)
    assert between_species.std() == pytest.approx(math.hypot(0.25, 0.30 / math.sqrt(8)), rel=0.06)
    factors = hidden_factors(0.39, seed=4)
    ratio = {c: factors[c, "coal", "so2"] / factors[c, "coal", "nox"] for c in CITIES}
    assert max(ratio.values()) == pytest.approx(min(ratio.values()))


def test_pm10_errs_with_pm25_so_that_no_coarse_dust_becomes_negative():
    factors = hidden_factors(0.39, seed=2)
    for (city, sector, species), factor in factors.items():
        if species == "pm10":
            assert factor == factors[city, sector, "pm25"]


def test_a_seed_draws_the_same_errors_and_another_seed_others():
    assert hidden_factors(0.39, seed=3) == hidden_factors(0.39, seed=3)
    assert hidden_factors(0.39, seed=3) != hidden_factors(0.39, seed=4)
    assert hidden_factors(0.0, seed=3) == {}
    small, large = (np.log(list(hidden_factors(sd, seed=3).values())) for sd in (0.1, 0.2))
    np.testing.assert_allclose(large, 2 * small)


def test_told_and_hidden_factors_multiply_in_what_is_emitted():
    line = ("510100", "coal", "so2")
    told, hidden = {("*", "coal", "*"): 0.5, line: 3.0}, {line: 2.0, ("510600", "dust", "pm25"): 5.0}
    hour = scenario("winter_haze").first_hour
    plain, changed = (hourly_kg(INVENTORY, WORLD.registry, hour, 2, factors=f) for f in ({}, together(told, hidden)))
    at = CITIES.index("510100"), SECTORS.index("coal"), SPECIES.index("so2")
    np.testing.assert_allclose(changed[at], 0.5 * 3.0 * 2.0 * plain[at])
    other = CITIES.index("510600"), SECTORS.index("dust"), SPECIES.index("pm25")
    np.testing.assert_allclose(changed[other], 5.0 * plain[other])
    assert told == {("*", "coal", "*"): 0.5, line: 3.0}


def test_hidden_errors_drive_the_nature_run_and_not_the_forecast_model():
    with_errors, without = (scenario("winter_haze", days=1, forecast_hours=6, hidden=h) for h in ("severe", "none"))
    starts = Starts(12)
    plan = dataclasses.replace(without.plan(), spin_up_days=1)
    (plain,) = simulate(plan, WORLD, tags=Tags(CITIES, tagged=False), cells=NO_CELLS, watch=starts)
    plan = dataclasses.replace(with_errors.plan(), spin_up_days=1)
    (driven,) = simulate(plan, WORLD, tags=Tags(CITIES, tagged=False), cells=NO_CELLS)
    factors = hidden_factors(0.39, seed=1)
    at = CITIES.index("510100"), SECTORS.index("vehicles"), SPECIES.index("nox")
    np.testing.assert_allclose(driven.kg[at], factors["510100", "vehicles", "nox"] * plain.kg[at])
    assert not np.allclose(driven.ground.items(), plain.ground.items(), rtol=0.02)
    start = starts.take()[0]
    runs = [run(forecast_model(chosen, WORLD), start).ground.amounts for chosen in (with_errors, without)]
    np.testing.assert_array_equal(*runs)


@pytest.mark.parametrize(("wrong", "said"), [("grim", "hidden is 'grim', expected none, mild, severe or a number"),
                                             (-0.1, "hidden is -0.1, expected 0 to 1")])  # fmt: skip
def test_a_size_that_cannot_be_is_named(wrong, said):
    with pytest.raises(ScenarioError, match=re.escape(said)):
        scenario("winter_haze", hidden=wrong)


# --- what a platform could find


@pytest.fixture(scope="module")
def laid(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folders = {}
    for hidden in ("severe", "none"):
        folders[hidden] = tmp_path_factory.mktemp(hidden) / "run"
        assert main(["run", "winter_haze", str(folders[hidden]), *SMALL, "--hidden", hidden]) == 0
    return folders


def readable(folder: Path) -> list[Path]:
    """All files that a platform may read, and the one that says what was run."""
    kept = [
        path for part in ("outbox", "registry", "published") for path in (folder / part).rglob("*") if path.is_file()
    ]
    assert len(kept) > 12
    return [*kept, folder / "scenario.toml"]


def test_what_a_platform_is_told_is_the_same_with_and_without_hidden_errors(laid):
    same = ("registry/", "outbox/inventory/", "scenario.toml")
    names = {h: {str(p.relative_to(folder)): p for p in readable(folder)} for h, folder in laid.items()}
    assert sorted(names["severe"]) == sorted(names["none"])
    told = [name for name in names["none"] if name.startswith(same)]
    assert len(told) > 6
    for name in told:
        assert names["severe"][name].read_bytes() == names["none"][name].read_bytes(), name


def test_no_byte_of_the_outbox_or_the_registry_tells_a_hidden_factor(laid):
    lines = list(csv.DictReader((laid["severe"] / "truth" / HIDDEN).open(encoding="utf-8")))
    assert len(lines) == len(CITIES) * len(SECTORS) * len(SPECIES)
    factors = np.array([float(line["factor"]) for line in lines])
    assert factors.std() > 0.2
    texts = {text.encode() for text in (line["factor"] for line in lines)} | {b"hidden"}
    single, double = (np.unique(factors.astype(kind)).view("V" + kind[1:]) for kind in ("f4", "f8"))
    for path in readable(laid["severe"]):
        raw = path.read_bytes()
        assert not any(text in raw for text in texts), path
        assert not any(bytes(value) in raw for value in double), path
        # Four bytes may meet by chance, a run of eight of them in a row may not.
        assert sum(bytes(value) in raw for value in single) < 8, path


def test_forecast_files_say_nothing_from_which_the_nature_run_could_be_made_again(laid):
    files = sorted((laid["severe"] / "outbox" / "forecast").iterdir())
    assert files
    secret = ("seed", "tilt", "factor", "scenario", "winter_haze", *SERIES)
    for path in files:
        assert re.fullmatch(r"cdaqs_sim_\d{10}\.nc", path.name)
        with xr.open_dataset(path, decode_times=False) as file:
            assert set(file.attrs) <= ATTRIBUTES
            said = " ".join([*map(str, file.attrs.values()), *map(str, file.variables), str(file.encoding)])
            said += " ".join(str(v.attrs) for v in file.variables.values())
        raw = path.read_bytes().lower()
        for word in secret:
            # The path of the file, which the library tells as well, is no part of what it says.
            assert word not in said.replace(str(path), "").lower(), (path, word)
            assert len(word) < 6 or word.encode() not in raw, (path, word)


def test_the_truth_keeps_the_hidden_errors_that_drove_the_run(laid):
    lines = csv.DictReader((laid["severe"] / "truth" / HIDDEN).open(encoding="utf-8"))
    kept = {(line["city"], line["sector"], line["species"]): float(line["factor"]) for line in lines}
    assert kept == pytest.approx(hidden_factors(0.39, seed=1), abs=1e-6)
    assert not (laid["none"] / "truth" / HIDDEN).exists()


def test_a_folder_of_a_run_with_other_hidden_errors_is_refused(laid, caplog):
    for folder, hidden in (("severe", "none"), ("severe", "mild")):
        assert main(["run", "winter_haze", str(laid[folder]), *SMALL, "--hidden", hidden]) == 1
        assert HIDDEN in caplog.text


def test_the_platform_may_be_told_the_older_inventory_while_the_run_has_its_own(tmp_path):
    asked = ["--no-observations", "--no-truth", "--told", "outdated"]
    assert main(["run", "winter_haze", str(tmp_path), *SMALL, *asked]) == 0
    told = tmp_path / "outbox" / "inventory"
    assert 'version = "virtual-2012 v2"\nyear = 2012' in (told / "meta.toml").read_text(encoding="utf-8")
    plan = scenario("winter_haze", told="outdated").plan()
    assert plan.inventory == INVENTORY
    hour = plan.first_hour
    older, newer = (hourly_kg(folder, WORLD.registry, hour, 24) for folder in (told, INVENTORY))
    coal = SECTORS.index("coal"), SPECIES.index("so2")
    # The older inventory has 1.85 times the coal's SO2: outdated_factors.csv.
    assert (older[:, coal[0], coal[1]].sum() / newer[:, coal[0], coal[1]].sum()) == pytest.approx(1.85, rel=0.15)
