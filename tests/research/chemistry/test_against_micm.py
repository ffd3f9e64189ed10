"""The solver and its rate constants against MICM, which computes both by itself."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("musica", reason="musica is not installed (pip install -e .[chemistry])")

from musica.utils import find_config_path

from research.chemistry import Windows, compiled, integrate, load_mechanism, photolysis, reduced
from research.chemistry.mechanism import AIR
from research.chemistry.readers.musica_json import read_musica
from research.virtual_airshed.chemistry.mixture import load_mixture
from tests.research.chemistry import micm_box

SHARES = {"M": 1.0, "N2": 0.7808, "O2": 0.2095, "H2O": 0.018}
"""Of the air: nitrogen and oxygen as the mechanism takes them, water as in the windows below."""
BACKGROUND = {"O3": 40.0, "CH4": 1900.0, "H2": 530.0, "CO": 150.0}


OF_CARBON_BOND = {
    "PAR": 2.2, "ETHA": 0.1, "ETH": 0.07, "OLE": 0.06, "IOLE": 0.03, "TOL": 0.08, "XYL": 0.08, "CH2O": 0.08, "ALD2": 0.05,
    "ISOP": 0.02, "TERP": 0.01,
}  # fmt: skip
"""A town's compounds as bonds, invented, for each molecule of VOC."""


def share_of(name):
    """Give the compounds of a day in a mechanism, by moles."""
    mixture = load_mixture()
    return OF_CARBON_BOND if name == "cb5" else dict(zip(mixture.species, mixture.molar_share, strict=True))


def summer_day(mechanism, share, nox, voc, minutes):
    """Twelve hours of a summer day with growing layer and emissions: windows, and amounts at the start."""
    hour = 7.0 + (np.arange(720 // minutes) + 0.5) * minutes / 60.0
    lat, declination = np.radians(30.6), np.radians(18.0)
    cosine = np.sin(lat) * np.sin(declination) + np.cos(lat) * np.cos(declination) * np.cos(
        np.pi * (hour - 13.0) / 12.0
    )
    start = {"O3": 30.0, "CH4": 1900.0, "H2": 530.0, "NO": 7.5 * nox, "NO2": 22.5 * nox}
    start |= {s: 40.0 * part * voc for s, part in share.items()}
    emitted = {"NO": 1.8 / 3600.0 * nox[:, None], "NO2": 0.2 / 3600.0 * nox[:, None]}
    emitted |= {s: 4.0 / 3600.0 * part * voc[:, None] for s, part in share.items() if s != "CO"}
    windows = Windows(
        seconds=minutes * 60.0,
        temperature_k=293.15 + 12.0 * np.sin(np.pi * (hour - 7.0) / 16.0),
        pressure_pa=95000.0,
        h2o_ppb=1.8e7,
        photolysis_s1=photolysis(mechanism, cosine, 0.8),
        dilution_s1=np.where(hour < 12.0, 1.0 / 10800.0, 1.0 / 43200.0),
        background_ppb=BACKGROUND,
        source_ppb_s=emitted,
    )
    return windows, start


@pytest.mark.parametrize("name", ["t1s2", "ts1", "cb5"])
def test_a_polluted_day_agrees_with_micm(name, tmp_path):
    present = ("O3", "NO", "NO2", "CH4", "H2", "CO", *share_of(name))
    mechanism = reduced(load_mechanism(name), present=present, to=("O3", "NO", "NO2"))
    nox, voc = np.array([0.1, 0.1, 1.1, 2.1, 2.1]), np.array([0.1, 2.1, 1.1, 0.1, 2.1])
    windows, start = summer_day(mechanism, share_of(name), nox, voc, 10)
    box = micm_box.Box(
        tmp_path, micm_box.entries_of(mechanism), [*mechanism.species, *AIR], SHARES, mixed=mechanism.species,
        sources=(), cells=5,
    )  # fmt: skip
    temperature = windows.temperature_k
    box.start(start, temperature[0], 95000.0)
    told = []
    for i in range(len(temperature)):
        rates = {name: values[i] for name, values in windows.photolysis_s1.items()}
        emitted = {s: v[:, 0] for s, v in windows.source_ppb_s.items()}
        box.window(600.0, temperature[i], 95000.0, rates, windows.dilution_s1[i], BACKGROUND, emitted)
        told.append(box.ppb())
    kernel = compiled(mechanism)
    usual = integrate(kernel, start, windows).ppb("O3").T
    o3 = np.array([now["O3"] for now in told])
    np.testing.assert_allclose(usual.max(axis=0), o3.max(axis=0), atol=0.02)
    assert o3.max() > 80.0
    tight = integrate(kernel, start, windows, rtol=1e-7, atol_ppb=1e-8)
    np.testing.assert_allclose(tight.ppb("O3").T, o3, atol=1e-4)
    for species in ("OH", "HO2", "NO", "NO2", "CH2O", "PAN", "HNO3"):
        np.testing.assert_allclose(tight.ppb(species).T, [now[species] for now in told], rtol=1e-5)


def test_chapman_agrees_with_micm(tmp_path):
    # The stratosphere of MUSICA's own Chapman configuration: O2, N2 and M as unknowns of MICM, as air here.
    path = Path(find_config_path("v1", "chapman", "config.json"))
    mechanism = read_musica(path)
    temperature, pressure, rates = 217.6, 1400.0, {"jo2_b": 1.47e-12, "jo3_b": 4.25e-5, "jo3_a": 4.33e-4}
    shares = {"M": 1.0, "N2": 0.7808, "O2": 0.2095}
    entries = json.loads(path.read_text(encoding="utf-8"))["reactions"]
    box = micm_box.Box(
        tmp_path, entries, ["M", "O1D", "O", "O2", "O3", "N2"], shares, mixed=(), sources=(), cells=1, rtol=1e-9
    )
    box.start({"O3": 3000.0}, temperature, pressure)
    windows = Windows(
        seconds=3600.0, temperature_k=np.full(24, temperature), pressure_pa=pressure, h2o_ppb=0.0, photolysis_s1=rates
    )
    run = integrate(compiled(mechanism), {"O3": 3000.0}, windows, rtol=1e-8, atol_ppb=1e-12)
    for i in range(24):
        box.window(3600.0, temperature, pressure, rates)
        for species in ("O3", "O", "O1D"):
            assert run.ppb(species)[0, i] == pytest.approx(box.ppb()[species][0], rel=1e-5)


def test_the_shipped_mechanism_is_that_of_musica_but_for_what_it_says():
    for name in ("t1s2", "ts1"):
        theirs = read_musica(Path(find_config_path("v1", "ts1", f"{name}.json")))
        ours = load_mechanism(name)
        kept = [r for r in theirs.reactions if r.rate["type"] != "USER_DEFINED"]
        added = [r for r in ours.reactions if r not in kept]
        told = json.loads(
            (Path(micm_box.__file__).parents[3] / f"research/chemistry/mechanisms/{name}.json").read_text()
        )
        changed = [note for note in told["__airshed"]["notes"] if not note.startswith("left out")]
        assert len(added) == len(changed) > 0


def test_carbon_bond_5_of_musica_is_still_without_energies():
    # Why that of MusicBox is shipped: in MUSICA's every Arrhenius reaction has Ea = 0 beside an A that needs one. NO + O3 is
    # 3.0e-12 exp(-1500/T) in CB05 (Yarwood et al. 2005), 2e-14 cm3/s at 298 K, and 150 times that there.
    path = Path(find_config_path("v0", "carbon_bond_5", "reactions.json"))
    listed = json.loads(path.read_text(encoding="utf-8"))["camp-data"][0]["reactions"]
    arrhenius = [entry for entry in listed if entry["type"] == "ARRHENIUS"]
    assert len(arrhenius) == 145 and {(entry["Ea"], entry.get("C", 0)) for entry in arrhenius} == {(0, 0)}
    assert {"A": 3e-12, "Ea": 0}.items() <= next(e for e in arrhenius if set(e["reactants"]) == {"O3", "NO"}).items()


# Yarwood et al. 2005, table of CB05 [cm3/molecule/s; third order cm6]: A, B of exp(B/T).
@pytest.mark.parametrize(
    ("reactants", "a", "b"),
    [
        ({"O3", "NO"}, 3.0e-12, -1500.0), ({"NO2", "O3"}, 1.2e-13, -2450.0), ({"HO2", "NO"}, 3.5e-12, 250.0),
        ({"O3", "HO2"}, 1.0e-14, -490.0), ({"XO2", "NO"}, 2.6e-12, 365.0), ({"CH3O2", "NO"}, 2.8e-12, 300.0),
        ({"OH", "CH4"}, 2.45e-12, -1775.0), ({"CH2O", "OH"}, 9.0e-12, 0.0), ({"ALD2", "OH"}, 5.6e-12, 270.0),
        ({"PAR", "OH"}, 8.1e-13, 0.0), ({"OLE", "OH"}, 3.2e-11, 0.0), ({"TOL", "OH"}, 1.8e-12, 355.0),
        ({"ISOP", "OH"}, 2.54e-11, 407.6),
    ],
)  # fmt: skip
def test_carbon_bond_5_as_shipped_has_the_constants_of_its_report(reactants, a, b):
    found = [
        r for r in load_mechanism("cb5").reactions if set(r.reactants) == reactants and r.rate["type"] == "ARRHENIUS"
    ]
    avogadro_cm3 = 6.02214076e23 * 1e-6  # the file counts by mol/m3
    assert [(r.rate["A"] / avogadro_cm3, r.rate["C"]) for r in found] == [
        (pytest.approx(a, rel=1e-3), pytest.approx(b))
    ]
