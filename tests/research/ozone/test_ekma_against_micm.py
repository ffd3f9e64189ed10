"""Nodes of an EKMA grid against MICM, which computes constants and steps by itself."""

from __future__ import annotations

import dataclasses
import datetime as dt

import numpy as np
import pytest

pytest.importorskip("musica", reason="musica is not installed (pip install -e .[chemistry])")

from research.chemistry import photolysis
from research.chemistry.mechanism import AIR
from research.ozone.chemistries import mechanism_for
from research.ozone.conditions import Settings, conditions
from research.ozone.days import gather
from research.ozone.ekma import hours_of
from research.ozone.emitted import Supply, emitted_ekma_of
from research.virtual_airshed.chemistry.mixture import load_mixture
from tests.research.chemistry import micm_box
from tests.research.ozone.made import hours

BACKGROUND = {"O3": 40.0, "CO": 150.0, "CH4": 1900.0, "H2": 530.0}
SHARES = {"M": 1.0, "N2": 0.7808, "O2": 0.2095, "H2O": 0.018}
FACTORS = np.array([0.1, 0.7, 1.0, 2.1])
CELLS = [(0, 0), (3, 0), (0, 3), (2, 2), (3, 3)]


def summer_day():
    """A made day: growing layer, emissions of the mixture and NOx, water fixed, nothing deposited."""
    settings = Settings(window_s=600.0, background_ppb={s: BACKGROUND[s] for s in ("O3", "CO")}, deposition_m_s={})
    day = conditions(gather(hours(dt.date(2024, 7, 23), 1)).days[0], settings)
    n = len(day.local_h)
    day = dataclasses.replace(
        day, h2o_ppb=np.full(n, 1.8e7), pressure_pa=np.full(n, 95_000.0),
        dilution_per_s=np.where(day.local_h < 12.0, 1.0 / 10_800.0, 1.0 / 43_200.0),
    )  # fmt: skip
    mixture = load_mixture()
    share = {
        s: part for s, part in zip(mixture.species, mixture.molar_share.tolist(), strict=True) if s in day.held_ppb
    }
    voc = {s: part for s, part in share.items() if s != "CO"}
    windows = np.ones(72)
    supply = Supply(
        {s: 4.0 / 3600.0 * part * windows for s, part in voc.items()}
        | {"NO": 1.8 / 3600.0 * windows, "NO2": 0.2 / 3600.0 * windows},
        {},
        {
            "O3": 30.0,
            "NO": 7.5,
            "NO2": 22.5,
            "CO": 800.0,
            "CH4": 1900.0,
            "H2": 530.0,
            **{s: 40.0 * p for s, p in voc.items()},
        },
        (7.0, 19.0),
        {},
    )
    return day, supply, tuple(voc)


def test_peaks_are_those_of_micm(tmp_path):
    day, supply, of_voc = summer_day()
    found = emitted_ekma_of(day, supply, voc_factor=FACTORS, nox_factor=FACTORS, biogenic=True)
    mechanism = mechanism_for("t1s2")
    box = micm_box.Box(
        tmp_path, micm_box.entries_of(mechanism), [*mechanism.species, *AIR], SHARES, mixed=mechanism.species, sources=(),
        cells=len(CELLS),
    )  # fmt: skip
    by = {s: np.array([FACTORS[v] for v, _ in CELLS]) for s in of_voc}
    by |= {s: np.array([FACTORS[n] for _, n in CELLS]) for s in ("NO", "NO2")}
    part = hours_of(day, (7.0, 19.0))
    light = photolysis(mechanism, day.cos_zenith[part], day.light[part])
    box.start({s: v * by.get(s, 1.0) for s, v in supply.start_ppb.items()}, day.temperature_k[part][0], 95_000.0)
    peaks = np.zeros(len(CELLS))
    for i, (warm, mixed) in enumerate(zip(day.temperature_k[part], day.dilution_per_s[part], strict=True)):
        emitted = {s: rate[i] * by.get(s, 1.0) for s, rate in supply.ppb_s.items()}
        box.window(
            600.0, warm, 95_000.0, {name: values[i] for name, values in light.items()}, mixed, BACKGROUND, emitted
        )
        peaks = np.maximum(peaks, box.ppb()["O3"])
    assert np.ptp(peaks) > 40.0
    np.testing.assert_allclose([found.o3_ppb[cell] for cell in CELLS], peaks, atol=0.02)
