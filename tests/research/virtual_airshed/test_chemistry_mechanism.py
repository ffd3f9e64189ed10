"""The mechanism of the ozone surface: what is kept of it, how it is held, its rate constants, and the mixture of VOC."""

from __future__ import annotations

import math

import pytest

from research.virtual_airshed.chemistry.held import LOST, MADE, NOX, ODD_OXYGEN, constrained, mended
from research.virtual_airshed.chemistry.mixture import FILE, load_mixture, read_mixture
from research.virtual_airshed.chemistry.rates import bimolecular_cm3_per_s, k_cm3_per_s, molecules_per_ppb
from research.virtual_airshed.chemistry.reactions import Reaction, change, possible, read_reactions, relevant

ARRHENIUS = {"type": "ARRHENIUS", "A": 1.0, "B": 0.0, "C": 0.0, "D": 300.0, "E": 0.0, "gas phase": "gas"}
PER_CM3 = 6.02214076e17
"""cm3/molecule/s in a constant of 1 m3/mol/s is its inverse."""


def entry(reactants, products, **rate):
    sides = {"reactants": reactants, "products": products}
    listed = {s: [{"name": n, "coefficient": c} for n, c in amounts.items()] for s, amounts in sides.items()}
    return {**ARRHENIUS, **rate, **listed}


def light(name, reactants, products):
    return entry(reactants, products, type="PHOTOLYSIS", name=name)


SMOG = {
    "version": "1.4.0",
    "reactions": [
        entry({"NO": 1, "O3": 1}, {"NO2": 1, "O2": 1}),
        light("jno2", {"NO2": 1}, {"NO": 1, "O": 1}),
        entry({"O": 1, "O2": 1, "M": 1}, {"O3": 1, "M": 1}),
        entry({"CO": 1, "OH": 1}, {"CO2": 1, "HO2": 1}),
        entry({"HO2": 1, "NO": 1}, {"NO2": 1, "OH": 1}),
        entry({"NO2": 1, "OH": 1}, {"HNO3": 1}),
        light("jhno3", {"HNO3": 1}, {"NO2": 1, "OH": 1}),
        entry({"NO": 1, "RO2": 1}, {"NO2": 2, "HO2": 1}),  # a peroxy radical that carries a nitrogen
        light("jch2o", {"CH2O": 1}, {"CO": 1, "HO2": 2}),
        entry({"O3": 1, "HO2": 1}, {"OH": 1, "O2": 2}),
        entry({"CL": 1, "O3": 1}, {"CLO": 1}),  # there is no chlorine
        entry({"CO2": 1, "OH": 1}, {"SOOT": 1, "OH": 1}),  # bears on nothing
        {"type": "SURFACE", "name": "uptake", "gas-phase species": "NO2", "gas-phase products": []},
    ],
}


def smog():
    """The little mechanism with CO and formaldehyde held, as reactions by their reactants, without the dilution."""
    return {tuple(sorted(r.reactants)): r for r in held_smog() if r.rate["A"] != 1e-4}


def held_smog():
    return read_reactions(constrained(SMOG, ("CO", "CH2O"), dilution_per_s=1e-4))


def test_only_what_can_happen_and_matters_is_kept():
    reactants = set(smog())
    assert ("CL", "O3") not in reactants and ("CO2", "OH") not in reactants
    assert ("NO", "RO2") not in reactants  # nothing makes RO2 here
    assert {("NO", "O3"), ("NO2",), ("CO", "OH"), ("CO_held", "OH"), ("CH2O_held",), ("HNO3",)} <= reactants
    assert ("CH2O",) not in reactants  # all formaldehyde is held, nothing makes more


def test_what_is_held_is_neither_made_nor_used_up():
    for reaction in smog().values():
        assert change(reaction, NOX) == 0.0
        for species in ("O3", "CO_held", "CH2O_held"):
            assert change(reaction, {species: 1.0}) == 0.0


def test_odd_oxygen_is_counted_where_it_is_made_or_lost_and_not_where_it_is_shifted():
    counted = {key: {s: c for s, c in r.products.items() if s in (MADE, LOST)} for key, r in smog().items()}
    assert {key: found for key, found in counted.items() if found} == {
        ("HO2", "NO"): {MADE: 1.0},
        ("NO2", "OH"): {LOST: 1.0},
        ("HNO3",): {MADE: 1.0},
        ("HO2", "O3"): {LOST: 1.0},
    }


def test_taken_nox_is_returned_as_what_it_was():
    held = smog()
    assert held["NO2", "OH"].products == {"HNO3": 1.0, "NO2": 1.0, LOST: 1.0}
    assert "NO2" not in held["HNO3",].products
    assert held["NO", "O3"].products["NO2"] == 1.0 and held["NO", "O3"].products["O3"] == 1.0


def test_a_twin_makes_what_its_species_makes():
    held = smog()
    assert held["CO_held", "OH"].products == {"HO2": 1.0, "CO_held": 1.0}
    assert held["CO", "OH"].products == {"HO2": 1.0}
    assert held["CH2O_held",].rate["name"] == "jch2o_held"


def test_products_are_thinned_out_and_what_is_held_is_not():
    thinned = [r for r in held_smog() if r.rate["A"] == 1e-4]
    assert all(len(r.reactants) == 1 and not r.products for r in thinned)
    assert {s for r in thinned for s in r.reactants} == {"CO", "HNO3", "HO2", "O", "OH"}


def test_an_unknown_emitted_species_is_named():
    with pytest.raises(ValueError, match="no reaction of PHLOGISTON"):
        constrained(SMOG, ("CO", "PHLOGISTON"), dilution_per_s=1e-4)


def test_what_can_happen_grows_with_what_is_made():
    reactions = [
        Reaction({"A": 1.0}, {"B": 1.0}, {}),
        Reaction({"B": 1.0}, {"C": 1.0}, {}),
        Reaction({"X": 1.0}, {"A": 1.0}, {}),
    ]
    assert possible(reactions, {"A"}) == reactions[:2]
    assert possible(reactions, {"X"}) == reactions
    assert possible(reactions, ()) == []


def test_what_bears_on_a_species_is_found_through_others():
    chain = [Reaction({"A": 1.0}, {"B": 1.0, "D": 1.0}, {}), Reaction({"B": 1.0}, {"C": 1.0}, {})]
    aside = Reaction({"D": 1.0}, {"E": 1.0}, {})
    found = relevant([*chain, aside], {"C"})
    assert [dict(r.products) for r in found] == [{"B": 1.0}, {"C": 1.0}]


def test_a_family_counts_its_members_by_weight():
    assert change(Reaction({"N2O5": 1.0}, {"NO2": 1.0, "NO3": 1.0}, {}), ODD_OXYGEN) == 0.0
    assert change(Reaction({"NO3": 1.0}, {"NO": 1.0, "O2": 1.0}, {}), ODD_OXYGEN) == -2.0


def test_a_misplaced_exponent_is_put_right_and_others_stay():
    # HO2 + NO2 + M: JPL 15-10 gives m = 0.3 for the limit of high pressure (recalled)
    rate = {"type": "TROE", "k0_A": 1.0, "kinf_A": 1.0, "kinf_B": 0.0, "Fc": 0.6, "N": 0.3}
    assert mended(Reaction({}, {}, rate)).rate == rate | {"kinf_B": -0.3, "N": 1.0}
    for right in (rate | {"N": 1.0}, rate | {"kinf_B": -0.3, "N": 1.0}, ARRHENIUS):
        assert mended(Reaction({}, {}, right)).rate == right


def test_rate_constants_are_those_of_the_evaluations():
    # NO + O3: 3.0e-12 exp(-1500/T) (JPL 15-10, recalled)
    arrhenius = ARRHENIUS | {"A": 3.0e-12 * PER_CM3, "C": -1500.0}
    found = bimolecular_cm3_per_s(arrhenius, temperature_k=298.0, pressure_pa=101325.0)
    assert found == pytest.approx(3.0e-12 * math.exp(-1500 / 298), rel=1e-12)
    # OH + NO2 + M: 1.1e-11 cm3/molecule/s at 298 K and 1 atm (JPL 15-10 and IUPAC, recalled), from 1.8e-30 and 2.8e-11
    low, high = 1.8e-30 * 1e-12 * 6.02214076e23**2, 2.8e-11 * PER_CM3
    troe = {"type": "TROE", "k0_A": low, "k0_B": -3.0, "k0_C": 0.0, "kinf_A": high, "kinf_B": 0.0, "kinf_C": 0.0}
    troe |= {"Fc": 0.6, "N": 1.0}
    found = bimolecular_cm3_per_s(troe, temperature_k=298.0, pressure_pa=101325.0)
    assert found == pytest.approx(1.1e-11, rel=0.05)


def test_an_unknown_kind_of_rate_and_a_missing_reaction_are_named():
    with pytest.raises(ValueError, match="'TUNNELING', expected one of ARRHENIUS"):
        bimolecular_cm3_per_s({"type": "TUNNELING"}, temperature_k=298.0, pressure_pa=1e5)
    with pytest.raises(ValueError, match="no reaction of CO with NO3"):
        k_cm3_per_s(read_reactions(SMOG), "CO", "NO3", temperature_k=298.0, pressure_pa=1e5)


def test_a_ppb_of_air_at_the_reference_state_of_the_standard_has_the_molecules_that_it_says():
    assert molecules_per_ppb(298.15, 101325.0) == pytest.approx(2.4615e10, rel=1e-4)  # standards.voc.species


# The mixture


def test_the_mixture_reacts_as_measured_in_chengdu():
    # 8.76e-12 cm3/molecule/s, mean of hydrocarbons and halocarbons over a year in the town, and 53 ppb (thesis, abstract
    # read: see mixture.csv). Ours is without halocarbons, which are 9 % there.
    mixture = load_mixture()
    kept = [i for i, g in enumerate(mixture.group) if g not in ("ovoc", "co")]
    mean = mixture.molar_share[kept] @ mixture.k_oh_cm3_per_s[kept] / mixture.molar_share[kept].sum()
    assert mean == pytest.approx(8.76e-12, rel=0.15)


def test_the_amounts_of_the_mixture_make_up_the_reactivity_asked_for():
    mixture = load_mixture()
    amounts = mixture.ppb(8.0)
    per_ppb = 96000.0 / (8.314462618 * 298.15) * 6.02214076e23 * 1e-15
    assert sum(amounts[s] * k for s, k in zip(mixture.species, mixture.k_oh_cm3_per_s, strict=True)) * per_ppb == (
        pytest.approx(8.0, rel=1e-9)
    )
    assert sum(mixture.reactivity_shares().values()) == pytest.approx(1.0)


TEXT = FILE.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("molar_share,", "share,", "columns are species,name,group,share"),
        ("ethane,alkanes,", "ethane,paraffins,", r"line 7: group is 'paraffins', expected one of alkanes"),
        ("ethane,alkanes,0.11", "ethane,alkanes,much", "line 7: molar_share is 'much', expected a number above zero"),
        ("ethane,alkanes,0.11", "ethane,alkanes,-1", "line 7: molar_share is '-1', expected a number above zero"),
        ("ethane,alkanes,0.11", "ethane,alkanes,nan", "line 7: molar_share is 'nan', expected a number above zero"),
        ("ethane,alkanes,0.11", "ethane,alkanes,0.31", r"molar_share of the VOC sums to 1\.2, expected 1"),
        ("C3H8,", "C2H6,", "line 8: C2H6 stands twice, expected once"),
        ("C3H8,propane,", "C3H8,", "line 8: 5 cells, expected 6"),
    ],
)
def test_a_wrong_line_of_the_mixture_is_named(old, new, words):
    assert TEXT.count(old) == 1
    with pytest.raises(ValueError, match=words):
        read_mixture(TEXT.replace(old, new), file="mixture.csv")
