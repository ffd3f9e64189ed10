"""Boxes held to a day: against MICM, and laws that hold whatever the chemistry."""

from __future__ import annotations

import dataclasses
import datetime as dt

import numpy as np
import pytest

from research.ozone.boxes import alike, kernel_for, run, spin_up
from research.ozone.budgets import (
    Counted,
    gross_ozone,
    joined,
    nitrate_radical,
    ozone_pathways,
    radical_sinks,
    radical_sources,
)
from research.ozone.chemistries import mechanism_for
from research.ozone.conditions import Settings, conditions
from research.ozone.days import gather
from research.ozone.roles import peroxy_radicals
from research.virtual_airshed.chemistry.mixture import Mixture
from tests.research.ozone.made import hours

DAY = dt.date(2024, 7, 3)
QUICK = Settings(window_s=600.0)


def day_of(settings=QUICK, **changes):
    return conditions(gather(hours(DAY, 1, **changes)).days[0], settings)


def still(mixture, *, no2_ppb, reactivity_per_s, cosine, cloud, temperature_c):
    """Four hours of a day in which nothing changes, as the box of the virtual airshed has them."""
    settings = Settings(
        window_s=600.0,
        o3_held=True,
        dilution_floor_per_s=1.0 / (3 * 3600),
        background_ppb={},
        deposition_m_s={},
        spin_up_days=0,
    )
    day = day_of()
    n = len(day.local_h)
    full = lambda value: np.full(n, float(value))  # noqa: E731
    held = {s: full(v) for s, v in mixture.ppb(reactivity_per_s).items()}
    held |= {"NO2": full(no2_ppb), "O3": full(60.0), "CH4": full(1900.0), "H2": full(530.0)}
    saturation_pa = 611.2 * np.exp(17.67 * temperature_c / (temperature_c + 243.5))
    vapour = 1e9 * min(0.7 * saturation_pa, 2800.0) / 96_000.0
    return dataclasses.replace(
        day, settings=settings, cos_zenith=full(cosine), light=full(cloud), temperature_k=full(temperature_c + 273.15),
        pressure_pa=full(96_000.0), h2o_ppb=full(vapour), dilution_per_s=full(settings.dilution_floor_per_s), held_ppb=held,
        start_o3_ppb=60.0,
    )  # fmt: skip


@pytest.mark.parametrize(("nox_ppb", "reactivity", "cosine"), [(16.0, 8.0, 0.8), (2.0, 4.0, 0.5)])
def test_net_ozone_of_a_held_box_is_that_of_micm(nox_ppb, reactivity, cosine):
    # MICM (musica) solves the mechanism with twins that stay; here the tendency of what is held is taken out. Compounds that
    # chemistry also makes are left out of the mixture, because a twin lets what is made come on top.
    box = pytest.importorskip("research.virtual_airshed.chemistry.box", reason="musica is not installed")
    share = {
        "C2H6": 0.2,
        "BIGALK": 0.3,
        "C2H4": 0.15,
        "TOLUENE": 0.15,
        "XYLENES": 0.1,
        "BENZENE": 0.05,
        "ISOP": 0.05,
        "CO": 20.0,
    }
    group = ("alkanes", "alkanes", "alkenes", "aromatics", "aromatics", "aromatics", "isoprene", "co")
    koh = np.array([2.503e-13, 3.5e-12, 8.052e-12, 5.536e-12, 1.7e-11, 1.204e-12, 1.005e-10, 2.386e-13])
    mixture = Mixture(tuple(share), group, np.array(list(share.values())), koh)
    one = lambda value: np.array([value])  # noqa: E731
    sky = box.Boxes(one(nox_ppb), one(reactivity), one(cosine), one(0.8), one(25.0))
    micm = box.run(sky, mixture=mixture)
    day = still(
        mixture, no2_ppb=micm.no2_ppb[0], reactivity_per_s=reactivity, cosine=cosine, cloud=0.8, temperature_c=25.0
    )
    counted = gross_ozone(mechanism_for("t1s2"))
    found = run([day], counted, keep=("OH", "NO"), windows=slice(0, 25), rtol=1e-5)
    net = 6.0 * (found.total("made") - found.total("lost"))[0, 0, -1]
    assert net == pytest.approx(micm.net_ppb_per_h[0], rel=0.01)
    molecules = 96_000.0 / (8.314462618 * 298.15) * 6.02214076e23 * 1e-6 * 1e-9
    assert found.ppb("OH")[0, 0, -1] * molecules == pytest.approx(micm.oh_cm3[0], rel=0.01)
    assert found.ppb("NO")[0, 0, -1] == pytest.approx(micm.no_ppb[0], rel=0.01)


def test_pathways_add_up_to_the_net_change():
    mechanism = mechanism_for("t1s2")
    counted = joined([gross_ozone(mechanism), ozone_pathways(mechanism)])
    day = day_of()
    found = run([day], counted, start_ppb=spin_up([day]))
    parts = counted.of(found.totals_ppb, ozone_pathways(mechanism).names).sum(axis=-1)
    np.testing.assert_allclose(parts, found.total("made") - found.total("lost"), atol=1e-9)


def test_radicals_that_are_made_are_those_that_end():
    # Radicals live for seconds to minutes, so over a day what is made ends: within a per cent.
    mechanism = mechanism_for("t1s2")
    counted = joined([radical_sources(mechanism), radical_sinks(mechanism)])
    day = day_of()
    totals = run([day], counted, start_ppb=spin_up([day])).totals_ppb[0, 0][day.daylight].sum(axis=0)
    made = counted.of(totals, radical_sources(mechanism).names).sum()
    ended = counted.of(totals, radical_sinks(mechanism).names).sum()
    assert ended == pytest.approx(made, rel=0.01)


def test_nitrate_radicals_that_are_made_are_those_that_end():
    mechanism = mechanism_for("t1s2")
    counted = nitrate_radical(mechanism)
    day = day_of()
    totals = run([day], counted, start_ppb=spin_up([day])).totals_ppb[0, 0].sum(axis=0)
    assert totals[0] > 10.0
    assert abs(totals.sum()) < 0.01 * totals[0]


def test_the_peroxy_radicals_of_mozart_are_found():
    # Emmons et al. 2020 (doi 10.1029/2019MS001882) name these; an inorganic among them would make nonsense of budgets.
    found = set(peroxy_radicals(mechanism_for("t1s2")))
    assert {
        "CH3O2",
        "C2H5O2",
        "CH3CO3",
        "MCO3",
        "ALKO2",
        "TOLO2",
        "XYLENO2",
        "ISOPAO2",
        "ISOPBO2",
        "EO2",
        "PO2",
    } <= found
    assert not found & {"O3", "NO2", "NO3", "HO2", "OH", "O", "N", "H2O2"}


def test_what_is_held_stays_and_what_is_not_moves():
    day = day_of()
    nothing = Counted((), np.zeros((0, len(mechanism_for("t1s2").reactions))))
    found = run([day], nothing, changes=[[{}, {"TOLUENE": 0.5}]], keep=("TOLUENE", "O3"))
    np.testing.assert_allclose(found.ppb("TOLUENE")[0, 0], day.held_ppb["TOLUENE"], rtol=1e-12)
    np.testing.assert_allclose(found.ppb("TOLUENE")[0, 1], 0.5 * day.held_ppb["TOLUENE"], rtol=1e-12)
    assert np.ptp(found.ppb("O3")[0, 0]) > 10.0


def test_days_together_are_the_days_alone():
    days = [day_of(), day_of(nox=0.5), day_of(voc=2.0)]
    counted = gross_ozone(mechanism_for("t1s2"))
    together = run(days, counted, changes=[[{}, {"NO2": 0.9}]] * 3)
    for i, day in enumerate(days):
        alone = run([day], counted, changes=[[{}, {"NO2": 0.9}]])
        # Boxes of a block share their steps: the error of a step at the usual tolerance is below 0.08 ppb at any time.
        np.testing.assert_allclose(together.ppb("O3")[i], alone.ppb("O3")[0], rtol=0.0, atol=0.08)


def test_days_that_hold_other_species_are_told_apart():
    whole, less = day_of(), day_of()
    less = dataclasses.replace(less, held_ppb={s: v for s, v in less.held_ppb.items() if s != "ISOP"})
    assert alike([whole, less, whole]) == [[0, 2], [1]]
    counted = gross_ozone(mechanism_for("t1s2"))
    with pytest.raises(ValueError, match="expected days alike"):
        run([whole, less], counted)
    with pytest.raises(ValueError, match="a change is of OH, expected species that are held"):
        run([whole], counted, changes=[[{"OH": 2.0}]])
    with pytest.raises(ValueError, match=r"days have \[1, 2\] changes"):
        run([whole, whole], counted, changes=[[{}], [{}, {}]])


def test_a_kernel_is_made_once():
    held = tuple(day_of().held_ppb)
    assert kernel_for("t1s2", held) is kernel_for("t1s2", held)
    with pytest.raises(ValueError, match="mechanism is 'mcm'"):
        mechanism_for("mcm")
