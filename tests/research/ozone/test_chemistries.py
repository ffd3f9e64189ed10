"""Mechanisms of one's own in the boxes: what stands for compounds, light by other names, roles of species, and what is refused."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import pytest

from research.ozone.budgets import gross_ozone, ozone_pathways, radical_sinks, radical_sources
from research.ozone.chemistries import TABLES, mechanism_for, own_chemistry, reactivities_in, shipped
from research.ozone.compounds import reactivities
from research.ozone.conditions import Settings, conditions
from research.ozone.days import gather
from research.ozone.ekma import ekma_of
from research.ozone.emitted import emitted_ekma_of, supply_of
from research.ozone.errors import OzoneError
from research.ozone.groups import usual_groups
from research.ozone.lumping import lumping
from research.ozone.obm import obm_of
from research.ozone.rir import rir_of
from research.ozone.roles import roles_of
from standards.voc.species import coefficients, species_named
from tests.research.ozone.made import hours

SMALL = Path(__file__).with_name("small.fac")
DAY = gather(hours(dt.date(2024, 7, 3), 1)).days[0]


@pytest.fixture(scope="module")
def small():
    return own_chemistry(SMALL)


def own(tmp_path, name, text):
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


def test_ts1_and_t1s2_make_nearly_the_same_of_a_day():
    # One mechanism with two treatments of biogenic compounds (Emmons et al. 2020, Schwantes et al. 2020): a town's ozone hardly
    # differs.
    one, other = (obm_of([conditions(DAY, Settings(mechanism=name))])[0] for name in ("t1s2", "ts1"))
    assert other.concentration_ppb["O3"].max() == pytest.approx(one.concentration_ppb["O3"].max(), rel=0.01)
    assert other.l_n_q_daylight == pytest.approx(one.l_n_q_daylight, abs=0.01)
    assert other.settings["mechanism"] == "ts1"
    assert not np.array_equal(other.concentration_ppb["O3"], one.concentration_ppb["O3"])


def test_carbon_bond_5_takes_compounds_by_their_bonds():
    found = lumping(["n-butane", "propene", "m,p-xylene", "styrene"], "cb5")
    parts = dict(zip(found.species, found.matrix.tolist(), strict=True))
    # Yarwood et al. 2005: butane is 4 PAR, propene OLE + PAR, xylenes XYL.
    assert parts == {"PAR": [4.0, 1.0, 0.0, 0.0], "OLE": [0.0, 1.0, 0.0, 0.0], "XYL": [0.0, 0.0, 1.0, 0.0]}
    assert found.left_out == ("styrene",) and found.kinds == ("alkanes", "alkenes", "aromatics", "")
    assert dict(zip(found.species, found.species_kinds, strict=True))["PAR"] == "alkanes"
    roles = roles_of(mechanism_for("cb5"))
    assert (
        "XO2" in roles.peroxy and "XO2" not in roles.family and "XO2N" in roles.family
    )  # XO2 counts NO that becomes NO2
    assert {"PAN", "PANX", "HO2NO2"} == roles.reservoirs
    (day,) = obm_of([conditions(DAY, Settings(mechanism="cb5"))])
    came, went = (sum(v.sum() for v in each.values()) for each in (day.radical_source_ppb_h, day.radical_sink_ppb_h))
    assert came == pytest.approx(went, rel=0.03)
    (usual,) = obm_of([conditions(DAY, Settings())])
    # Two mechanisms of a polluted town: peak ozone within a third of each other, the same side of the ridge.
    assert day.concentration_ppb["O3"].max() == pytest.approx(usual.concentration_ppb["O3"].max(), rel=0.33)
    assert day.l_n_q_daylight > 0.6 and usual.l_n_q_daylight > 0.6


def test_the_table_of_constants_with_oh_is_that_of_the_mechanism():
    found = reactivities_in(shipped("t1s2").mechanism)
    for species, value in reactivities().items():
        assert found[species] == pytest.approx(value, rel=1e-3), species


def test_names_of_the_mcm_are_those_of_what_is_measured(small):
    assert small.table == "compounds_mcm.csv"
    found = lumping(["ethene", "toluene", "formaldehyde", "benzene", "n-butane"], small)
    assert dict(zip(found.species, found.species_kinds, strict=True)) == {
        "C2H4": "alkenes", "TOLUENE": "aromatics", "HCHO": "ovoc",
    }  # fmt: skip
    assert found.left_out == ("benzene", "n-butane")
    # Atkinson and Arey 2003: ethene 8.52, toluene 5.63, formaldehyde 9.37, benzene 1.22, n-butane 2.36 (1e-12 cm3/molecule/s).
    assert found.reactivity_kept(np.ones(5)) == pytest.approx(
        1.0 - (1.22 + 2.36) / (8.52 + 5.63 + 9.37 + 1.22 + 2.36), rel=0.01
    )


def test_every_name_of_the_mcm_is_of_a_compound_that_is_known():
    rows = [line.rsplit(",", 2) for line in TABLES["HCHO"].read_text("utf-8").splitlines() if not line.startswith("#")][
        1:
    ]
    names = [species_named(compound.strip('"')).name_en for compound, _, _ in rows]
    assert len(set(names)) == len(names) - 1  # m,p-xylene stands for two
    assert all(coefficients("koh", [name])[0] > 0.0 for name in set(names))


def test_roles_are_read_off_the_reactions(small):
    found = roles_of(small.boxed)
    assert found.peroxy == ("CH3O2", "HOCH2CH2O2", "TLO2", "CH3CO3")
    assert {"CH3O", "HOCH2CH2O", "OH", "HO2"} <= set(found.family) and "RO2" not in found.family
    assert found.reservoirs == {"HO2NO2", "PAN"}
    assert found.from_ozone == {"CH2OOX"}


def test_roles_of_the_shipped_mechanism_are_those_of_its_names():
    found = roles_of(mechanism_for("t1s2"))
    assert found.reservoirs == {"PAN", "MPAN", "PBZNIT", "HO2NO2"}  # as MOZART calls its PANs and HO2NO2
    assert not found.from_ozone and {"XO2", "ISOPAO2"} <= set(found.family)


def test_bars_of_a_mechanism_of_ones_own_add_up(small):
    mechanism = small.boxed
    made, lost = gross_ozone(mechanism).weights
    np.testing.assert_allclose(ozone_pathways(mechanism).weights.sum(axis=0), made - lost)
    (day,) = obm_of([conditions(DAY, Settings(mechanism=small))])
    came, went = (sum(v.sum() for v in each.values()) for each in (day.radical_source_ppb_h, day.radical_sink_ppb_h))
    assert came == pytest.approx(went, rel=0.01)
    assert (
        day.radical_source_ppb_h["O1D + H2O"].sum() > 0.0
        and day.radical_source_ppb_h["formaldehyde + light"].sum() > 0.0
    )
    assert day.radical_source_ppb_h["O3 + alkenes"].sum() > 0.0
    assert {"HCHO", "PAN", "RO2"} <= set(day.concentration_ppb)
    assert day.settings["mechanism"]["name"] == "small" and day.settings["mechanism"]["digest"] == small.digest
    assert radical_sinks(mechanism).weights.any() and radical_sources(mechanism).weights.any()


def test_a_mechanism_of_ones_own_has_reactivities_and_diagrams(small):
    day = conditions(DAY, Settings(mechanism=small))
    (rir,) = rir_of([day], lambda each: usual_groups(each.lumping))
    assert rir.groups == ("alkenes", "aromatics", "ovoc", "VOC", "CO", "NOx")
    assert rir.of("VOC") == pytest.approx(rir.of("alkenes") + rir.of("aromatics") + rir.of("ovoc"), rel=0.05)
    factors = np.linspace(0.0, 2.0, 5)
    ekma = ekma_of(day, voc_factor=factors, nox_factor=factors)
    assert (np.diff(ekma.o3_ppb[:, 2]) > 0.0).all()  # far on the side of NOx: more VOC, more ozone
    freely = emitted_ekma_of(day, supply_of(day), voc_factor=factors, nox_factor=factors)
    assert np.isfinite(freely.o3_ppb).all() and freely.scaled == ekma.scaled


def test_a_table_of_ones_own_says_what_stands_for_compounds(tmp_path):
    table = own(
        tmp_path,
        "own.csv",
        "compound,species,factor\n乙烯,C2H4,1\npropene,C2H4,2.5\npropene,HCHO,0.5\no-xylene,TOLUENE,\n",
    )
    found = lumping(["ethene", "propene", "o-xylene", "toluene"], own_chemistry(SMALL, lumping=table))
    row = dict(zip(found.species, found.matrix.tolist(), strict=True))
    assert row["C2H4"] == [1.0, 2.5, 0.0, 0.0] and row["HCHO"] == [0.0, 0.5, 0.0, 0.0]
    # o-xylene 13.6e-12 (Atkinson and Arey 2003) over the file's 1.8e-12 exp(340/298.15).
    assert row["TOLUENE"] == pytest.approx([0.0, 0.0, 13.6 / (1.8 * np.exp(340 / 298.15)), 0.0], rel=1e-3)
    assert found.left_out == ("toluene",)


def test_a_table_of_light_says_which_rate_stands_for_one_by_another_name(tmp_path):
    text = SMALL.read_text("utf-8").replace("J<4>", "J<62>").replace("J<5>", "J<63>")
    file = own(tmp_path, "renamed.fac", text)
    with pytest.raises(OzoneError, match="renamed wants the rates J62, J63, which no table of photolysis has"):
        own_chemistry(file)
    light = own(tmp_path, "light.csv", "name,table,factor\nJ62,J4,\nJ63,none,\n")
    plain, other = own_chemistry(SMALL), own_chemistry(file, light=light)
    (one,), (two,) = (obm_of([conditions(DAY, Settings(mechanism=each))]) for each in (plain, other))
    # NO2 by its own light, NO3 without one of its two channels: almost the same by day.
    assert two.concentration_ppb["O3"].max() == pytest.approx(one.concentration_ppb["O3"].max(), rel=0.02)
    assert other.as_record()["light"] == {"J62": "1 x J4", "J63": "0 x none"}
    doubled = own(tmp_path, "doubled.csv", "name,table,factor\nJ62,J4,0.5\nJ63,J5,1\n")
    (half,) = obm_of([conditions(DAY, Settings(mechanism=own_chemistry(file, light=doubled)))])
    # NO2 is held: half its light leaves about half the NO.
    assert half.concentration_ppb["NO"][12] == pytest.approx(0.5 * one.concentration_ppb["NO"][12], rel=0.15)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            "compound,species\nethene,C2H4\n",
            "own.csv: columns are compound, species, expected compound, species, factor, and rows",
        ),
        ("compound,species,factor\nethen,C2H4,1\n", "own.csv, line 2: species is 'ethen', expected a name"),
        (
            "# mine\ncompound,species,factor\nethene,ETH,1\n",
            "own.csv, line 3: 'ETH' is no species of the mechanism, expected one of",
        ),
        ("compound,species,factor\nethene,C2H4,-1\n", "own.csv, line 2: factor is -1, expected a number above 0"),
        ("compound,species,factor\nethene,C2H4,nan\n", "own.csv, line 2: factor is nan, expected a number above 0"),
        ("compound,species,factor\nethene,C2H4,1\nethene,C2H4,1\n", "own.csv, line 3: ethene has C2H4 twice"),
        ("compound,species,factor\nethene,C2H4,1,2\n", "own.csv, line 2: 4 cells, expected 3"),
        (
            "compound,species,factor\nacetone,HNO3,\n",
            "own.csv, line 2: acetone and HNO3 have no rate constants with OH both",
        ),
        (
            "compound,species,factor\nacetone,TLOOH,1\nethene,HYETHO2H,1\nfreon,X,1",
            "own.csv, line 4: species is 'freon'",
        ),
    ],
)
def test_a_table_that_cannot_be_meant_is_refused(tmp_path, text, words):
    with pytest.raises(OzoneError) as told:
        own_chemistry(SMALL, lumping=own(tmp_path, "own.csv", text))
    assert words in str(told.value)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            "name,table,factor\nJ99,J4,1\n",
            "light.csv, line 2: rate is 'J99', expected those of the mechanism, each once: J1",
        ),
        ("name,table,factor\nJ4,J4,1\nJ4,J4,1\n", "light.csv, line 3: rate is 'J4'"),
        ("name,table,factor\nJ4,jx,1\n", "light.csv, line 2: the table is 'jx', expected none or one of"),
    ],
)
def test_a_table_of_light_that_cannot_be_meant_is_refused(tmp_path, text, words):
    with pytest.raises(OzoneError) as told:
        own_chemistry(SMALL, light=own(tmp_path, "light.csv", text))
    assert words in str(told.value)


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        (
            "a.fac",
            "% KROSEN(TEMP) : OH + CO = HO2 ;",
            "a.fac, line 1 (OH + CO = HO2): rate 'KROSEN(TEMP)' is of the form 'KROSEN'",
        ),
        ("a.txt", "", "a.txt: the format of the mechanism is not known, expected .fac, .kpp, .eqn, .m, .json"),
        (
            "a.fac",
            "% 1.0D-12 : A + OH = HO2 ;",
            "a has no O3, NO, NO2, CO, expected O3, NO, NO2, OH, HO2, CO by these names",
        ),
        (
            "a.fac",
            "% 1.0D-12 : OH + CO = HO2 ;\n% 1.0D-14 : NO + O3 = NO2 ;\n% J<4> : NO2 = NO + O3 ;",
            "a has none of CH2O, HCHO, expected a table of lumping for its names",
        ),
    ],
)
def test_a_mechanism_that_cannot_be_used_is_refused(tmp_path, name, text, words):
    with pytest.raises(OzoneError) as told:
        own_chemistry(own(tmp_path, name, text))
    assert words in str(told.value)


def test_an_unknown_name_is_refused_with_those_that_are_shipped():
    with pytest.raises(OzoneError, match="mechanism is 'mcm', expected one of cb5, t1s2, ts1, or a file of one's own"):
        shipped("mcm")
