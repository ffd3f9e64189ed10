"""What particles are made of at research sites: no more than there is, each source by its markers, limits told."""

from __future__ import annotations

import csv
import dataclasses
import io
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from research.virtual_airshed.ground import PARTS
from research.virtual_airshed.inflow import DUST_COARSE_UGM3, DUST_FINE_UGM3
from research.virtual_airshed.inventories import particle_profiles
from research.virtual_airshed.inventories.checked_csv import TableError
from research.virtual_airshed.inventories.particle_profiles import SOURCES, shipped, true_profiles
from research.virtual_airshed.observe import particle_analysers
from research.virtual_airshed.observe.composition import (
    COMPONENTS,
    IONS,
    components_ugm3,
    mean_shares,
    primary_by_source,
    untagged_primary,
)
from research.virtual_airshed.observe.observer import Observation, observe
from research.virtual_airshed.observe.particle_analysers import LIMITS, gains_and_offsets, measured_ugm3
from research.virtual_airshed.tracers import SECTORS
from standards.pollutants import ITEMS
from tests.research.virtual_airshed.observe.made_days import FIRST_HOUR, TAGS, made_day, made_observer, super_cells

CODES = ("SIM-S01", "SIM-S02", "SIM-B01")


def composition_of(made: Observation) -> tuple[np.ndarray, np.ndarray]:
    """Read values (component, station, hour), NaN where there is no number, and which cells tell a limit, by hand."""
    (file,) = (f for f in made.files if f.path.startswith("composition/"))
    values, below = np.full((2, len(COMPONENTS), len(CODES), 24), np.nan)
    hours: dict[str, int] = {}
    for row in csv.DictReader(io.StringIO(file.text)):
        at = CODES.index(row["station"]), hours.setdefault(row["hour_end"], len(hours))
        for c, name in enumerate(COMPONENTS):
            cell = row[f"{name}_ugm3"]
            if cell.startswith("<"):
                below[(c, *at)] = float(cell[1:])
            elif cell:
                values[(c, *at)] = float(cell)
    return values, below


# The profiles.


def test_every_line_of_the_profiles_says_what_it_rests_on_and_no_source_is_more_than_its_mass():
    shares = shipped().shares
    assert shares.shape == (len(SOURCES), len(particle_profiles.COMPONENTS))
    assert (shares >= 0).all() and (shares.sum(axis=1) <= 0.95).all() and (shares.sum(axis=1) > 0.4).all()
    assert set(SOURCES) - set(SECTORS) == {"inflow", "dust_storm"}


def test_markers_mark_what_they_are_known_to_mark():
    # Textbook markers: levoglucosan for burnt biomass, silicon for soil, elemental carbon for diesel, calcium over silicon for
    # kilns and building against desert dust, arsenic for coal (Seinfeld and Pandis 2016, ch. 26; recalled).
    shares = dict(zip(particle_profiles.COMPONENTS, shipped().shares.T, strict=True))
    assert {SOURCES[i] for i in np.argsort(shares["levoglucosan"])[-2:]} == {"residential", "agriculture"}
    assert {SOURCES[i] for i in np.argsort(shares["si"])[-2:]} == {"dust", "dust_storm"}
    assert {SOURCES[i] for i in np.argsort(shares["ec"])[-2:]} == {"vehicles", "nonroad"}
    assert SOURCES[int(np.argmax(shares["as"]))] == "coal"
    calcium = dict(zip(SOURCES, shares["ca"] / shares["si"], strict=True))
    assert calcium["industry"] > calcium["dust"] > calcium["dust_storm"]


@pytest.mark.parametrize(
    ("line", "word"),
    [
        ("coal,oc,0.08,read,x", "basis is 'read', expected one of recalled, chosen"),
        ("solvent,oc,0.08,chosen,x", "source is 'solvent'"),
        ("coal,sulphate,0.08,chosen,x", "component is 'sulphate'"),
        ("coal,oc,1.5,chosen,x", "mass_fraction is '1.5', expected a number from 0 to 1"),
        ("coal,oc,0.96,chosen,x", "the shares of industry sum to 0"),
    ],
)
def test_a_table_of_profiles_that_cannot_be_is_refused_with_its_place(tmp_path: Path, line: str, word: str):
    path = tmp_path / "profiles.csv"
    path.write_text(f"source,component,mass_fraction,basis,note\n{line}\n", encoding="utf-8")
    with pytest.raises(TableError, match=word):
        particle_profiles.read_particle_profiles(path)


def test_what_is_emitted_differs_from_what_is_published_by_the_seed_alone():
    one, same, other = true_profiles(3), particle_profiles.true_profiles.__wrapped__(3), true_profiles(4)
    np.testing.assert_array_equal(one.shares, same.shares)
    there = shipped().shares > 0
    assert ((one.shares > 0) == there).all() and (one.shares[there] != other.shares[there]).all()
    off = np.log(np.stack([true_profiles(seed).shares for seed in range(30)])[:, there] / shipped().shares[there])
    # 4,000 draws of standard deviation 0.25: four standard errors of it are 0.011; a few profiles are brought down to 0.95.
    assert off.std() == pytest.approx(particle_profiles.ERROR_SD, abs=0.02) and abs(off.mean()) < 0.03
    assert max(true_profiles(seed).shares.sum(axis=1).max() for seed in range(30)) <= 0.95 + 1e-12


# The air.

_AMOUNTS = st.floats(0.0, 300.0)


@settings(max_examples=60, deadline=None)
@given(
    arrays(float, (len(PARTS) - 1, 3), elements=_AMOUNTS),
    arrays(float, (len(SOURCES), 3), elements=_AMOUNTS),
    st.integers(0, 9),
)
def test_the_parts_never_weigh_more_than_the_particles(secondary, by_source, seed):
    parts = np.concatenate([by_source.sum(axis=0)[None], secondary])
    made = components_ugm3(parts, by_source, true_profiles(seed))
    assert (made >= 0).all() and (made.sum(axis=0) <= parts.sum(axis=0) * (1 + 1e-12)).all()
    np.testing.assert_array_equal(made[: len(IONS)], secondary[:3])


def test_secondary_organic_aerosol_is_organic_carbon_and_nothing_else():
    parts = np.array([0.0, 0.0, 0.0, 0.0, 9.0])
    made = dict(zip(COMPONENTS, components_ugm3(parts, np.zeros(len(SOURCES)), shipped()), strict=True))
    assert {name: value for name, value in made.items() if value} == {"oc": pytest.approx(5.0)}  # 9 / 1.8


@settings(max_examples=40, deadline=None)
@given(_AMOUNTS, _AMOUNTS)
def test_desert_dust_is_told_from_the_other_inflow_by_its_coarse_particles(basin, dust):
    # Basin air at 2.2 of coarse to fine, dust as inflow.py sends it in: what is told is what was mixed.
    tagged = {name: np.zeros((1, TAGS.width, 1)) for name in ("primary", "coarse")}
    tagged["primary"][0, TAGS.inflow] = basin + dust
    tagged["coarse"][0, TAGS.inflow] = 2.2 * basin + DUST_COARSE_UGM3 / DUST_FINE_UGM3 * dust
    told = dict(zip(SOURCES, primary_by_source(tagged, TAGS)[:, 0, 0], strict=True))
    assert told["dust_storm"] == pytest.approx(dust, abs=1e-9 * (1 + basin + dust))
    assert sum(told.values()) == pytest.approx(basin + dust)


def test_the_sectors_of_the_tags_are_the_sources_of_the_profiles():
    day, cells = made_day(cells=super_cells()), super_cells()
    told = primary_by_source({name: day.tagged[name] for name in ("primary", "coarse")}, TAGS)
    assert told.shape == (len(SOURCES), cells.row.size, 24)
    for number, source in enumerate(SOURCES[:-2]):
        tag = TAGS.sectors.start + SECTORS.index(source)
        np.testing.assert_array_equal(told[number], day.tagged["primary"][:, tag])


def test_without_tags_the_inventory_s_mean_stands_for_all():
    assert mean_shares().sum() == pytest.approx(1.0) and (mean_shares() >= 0).all()
    # Tonnes of PM2.5 in inventories/current/inventory.csv, added up by hand with awk: dust 74,440 of 259,239.
    assert mean_shares()[SOURCES.index("dust")] == pytest.approx(74_440 / 259_239, rel=1e-4)
    np.testing.assert_allclose(untagged_primary(np.array([[3.0, 5.0]])).sum(axis=0), [[3.0, 5.0]])


# The analysers.


def test_noise_gain_and_zero_are_of_the_size_that_the_analysers_say():
    n, codes = 4_000, ("SIM-S01",)
    got = measured_ugm3(np.full((len(COMPONENTS), 1, n), 2.0), codes, FIRST_HOUR + np.arange(n), seed=3, noise=1.0)[
        :, 0
    ]
    gain, offset = gains_and_offsets(codes, seed=3)
    for name, share in (("sulphate", 0.04), ("oc", 0.05), ("fe", 0.05), ("levoglucosan", 0.10)):
        c = COMPONENTS.index(name)
        asked = np.hypot(share * 2.0, LIMITS[c] / 3)
        assert abs(got[c].std() - asked) < 4.5 * asked / np.sqrt(2 * n)
        assert abs(got[c].mean() - (2.0 * gain[c, 0] + offset[c, 0])) < 4.5 * asked / np.sqrt(n)
    many, _ = gains_and_offsets(tuple(f"S{i}" for i in range(2_000)), seed=3)
    assert many[COMPONENTS.index("oc")].std() == pytest.approx(0.07, rel=0.1) and many.mean() == pytest.approx(
        1.0, abs=0.01
    )


def test_without_noise_the_analysers_report_what_is_there():
    true = np.random.default_rng(1).random((len(COMPONENTS), 3, 5))
    got = measured_ugm3(true, CODES, FIRST_HOUR + np.arange(5), seed=3, noise=0.0)
    assert abs(got - true).max() <= 0.0005 + 1e-12


def test_what_lies_below_a_limit_is_told_by_the_limit_and_nothing_else_is():
    observer = made_observer()
    day = made_day(cells=super_cells())
    thin = dataclasses.replace(
        day, tagged={n: 0.02 * v for n, v in day.tagged.items()},
        ground=dataclasses.replace(day.ground, amounts=0.02 * day.ground.amounts),
    )  # fmt: skip
    values, below = composition_of(observe(thin, observer))
    limits = np.broadcast_to(np.array(LIMITS)[:, None, None], values.shape)
    told = np.isfinite(below)
    assert (below[told] == limits[told]).all() and (values[~told] >= limits[~told]).all()
    assert 0.1 < told.mean() < 0.9


@pytest.mark.parametrize("day", range(3))
def test_the_parts_weigh_no_more_than_pm25_beside_them_within_the_errors_of_the_instruments(day):
    for noise in (0.0, 1.0):
        made = observe(made_day(FIRST_HOUR + 24 * day, cells=super_cells()), made_observer(noise=noise))
        values, _ = composition_of(made)
        whole = np.nansum(values, axis=0)
        (file,) = (f for f in made.files if f.path.startswith("super/"))
        pm25 = np.array([float(row["pm25_ugm3"]) for row in csv.DictReader(io.StringIO(file.text))]).reshape(24, 3).T
        # Rounding: half a tenth of the monitor, half a thousandth of each part. Errors: of the parts by gain (carbon 7 %) and by
        # the hour (5 %), of the monitor 3 % and 1 ug/m3, each by four standard deviations; they err independently.
        gain, hour, monitor = 0.07 * whole, 0.05 * whole, np.hypot(0.03 * pm25, 1.0)
        allowed = 0.05 + 0.0005 * len(COMPONENTS) + 4 * noise * np.sqrt(gain**2 + hour**2 + monitor**2)
        assert (whole <= pm25 + allowed).all() and (whole > 0.4 * pm25).all()


def test_ions_are_those_of_the_model_times_the_siting_of_the_monitor_of_particles():
    observer, day = made_observer(noise=0.0), made_day(cells=super_cells())
    values, _ = composition_of(observe(day, observer))
    network = observer.network("super")
    assert network.sites.codes == CODES
    made = day.ground.at(network.sites.row, network.sites.column).secondary()
    siting = network.instruments.siting[ITEMS.index("pm25"), :, None]
    for name in IONS:
        exact = getattr(made, f"{name}_ugm3") * siting
        seen = np.isfinite(values[COMPONENTS.index(name)])
        assert seen.mean() > 0.9
        assert (abs(values[COMPONENTS.index(name)] - exact)[seen] <= 0.0005 + 1e-9).all()


def test_the_truth_says_what_each_analyser_is_like():
    rows = particle_analysers.truth_rows(CODES, seed=1)
    assert len(rows) == len(CODES) * len(COMPONENTS) and all(
        len(row) == len(particle_analysers.TRUTH_COLUMNS) for row in rows
    )
    gain, offset = gains_and_offsets(CODES, seed=1)
    by_place = {(row[0], row[1]): row for row in rows}
    row = by_place["SIM-B01", "pb"]
    c = COMPONENTS.index("pb")
    assert (float(row[2]), float(row[3])) == (
        pytest.approx(gain[c, 2], abs=1e-6),
        pytest.approx(offset[c, 2], abs=1e-6),
    )
    assert row[4:] == ("0.05", "0.0005", "true")
