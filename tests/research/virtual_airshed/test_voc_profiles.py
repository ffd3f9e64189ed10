"""VOC profiles: they add up, look like their sources to diagnostic ratios, and give the reactivity of their species."""

from __future__ import annotations

import csv
from collections import defaultdict
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from research.virtual_airshed.inventories import voc_profiles
from research.virtual_airshed.inventories.checked_csv import TableError
from research.virtual_airshed.inventories.voc_profiles import (
    GROUP_INDEX,
    GROUPS,
    SECTORS,
    VocProfiles,
    group_fractions,
    molar_masses,
    reactivity_per_ugm3,
    read_voc_profiles,
    shipped,
    species_in_groups,
)
from standards.voc.ratios import diagnostic_ratios
from standards.voc.species import SPECIES, species_named

FOLDER = Path(voc_profiles.__file__).parent
TEXT = (FOLDER / "voc_profiles.csv").read_text(encoding="utf-8")
NAMES = [species.name_en for species in SPECIES]
AVOGADRO = 6.02214076e23


def rows() -> list[dict[str, str]]:
    """The file read without the module under test."""
    return list(csv.DictReader(line for line in TEXT.splitlines() if not line.startswith("#")))


def place(name: str) -> int:
    return species_named(name).number - 1


def made(**sectors: dict[str, float]) -> VocProfiles:
    """Profiles of some sectors from mass fractions by species; the rest of a sector is unlisted."""
    fractions = np.zeros((len(sectors), len(SPECIES)))
    for row, parts in enumerate(sectors.values()):
        for name, value in parts.items():
            fractions[row, place(name)] = value
    return VocProfiles(tuple(sectors), fractions, 1 - fractions.sum(axis=1))


# Sums.


def test_each_sector_sums_to_one_exactly():
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for row in rows():
        sums[row["sector"]] += Decimal(row["mass_fraction"])
    assert sums == dict.fromkeys(SECTORS, Decimal(1))


def test_each_species_is_one_of_the_117_under_its_name_and_number_and_each_line_has_a_source():
    for row in rows():
        assert row["source"].startswith("recalled")
        if row["species"] != "unlisted":
            species = species_named(row["species"])
            assert (species.number is not None, species.name_en, species.cas) == (True, row["species"], row["cas"])


def test_the_arrays_are_what_the_file_says_and_cannot_be_changed():
    profiles = shipped()
    for row in rows():
        sector = profiles.row(row["sector"])
        has = profiles.unlisted[sector] if row["species"] == "unlisted" else profiles.mass_fraction[sector][
            place(row["species"])
        ]  # fmt: skip
        assert has == float(row["mass_fraction"])
    assert np.count_nonzero(profiles.mass_fraction) + len(SECTORS) == len(rows())
    with pytest.raises(ValueError, match="read-only"):
        profiles.mass_fraction[0, 0] = 1


@pytest.mark.parametrize("sector", SECTORS)
def test_groups_sum_to_one_and_species_to_what_is_listed(sector):
    groups, per_group = group_fractions(sector), species_in_groups(sector)
    listed = 1 - shipped().unlisted[SECTORS.index(sector)]
    assert groups.shape == (5,) and groups.sum() == pytest.approx(1) and (groups >= 0).all()
    np.testing.assert_allclose(per_group.sum(axis=1), np.where(groups > 0, listed, 0), rtol=1e-12)
    np.testing.assert_allclose(groups @ per_group, shipped().mass_fraction[SECTORS.index(sector)], rtol=1e-12)


def test_every_species_has_one_group():
    of = {species.name_en: GROUPS[GROUP_INDEX[i]] for i, species in enumerate(SPECIES)}
    assert len(of) == 117
    assert [of[n] for n in ("acetylene", "chloroform", "carbon disulfide", "ethane")] == ["alkanes"] * 4
    assert (of["propene"], of["isoprene"], of["styrene"], of["MTBE"]) == ("alkenes", "isoprene", "aromatics", "ovoc")
    # 29 alkanes, 1 alkyne, 35 halocarbons and CS2; 11 alkenes with isoprene; 18 aromatics; 22 oxygenated: the counts of the list.
    assert np.bincount(GROUP_INDEX).tolist() == [66, 10, 18, 22, 1]


def test_unlisted_mass_is_spread_in_proportion():
    profiles = made(a={"toluene": 0.3, "ethene": 0.1})  # 0.6 is not among the 117
    np.testing.assert_allclose(group_fractions("a", profiles=profiles), [0, 0.25, 0.75, 0, 0])
    assert species_in_groups("a", profiles=profiles)[2, place("toluene")] == pytest.approx(0.4)


# Ratios. Bands are those of standards/tables/voc_ratios.csv (rules of thumb, recalled), computed by standards.voc.ratios.


@pytest.mark.parametrize(
    ("sector", "ratio", "reading"),
    [
        ("vehicles", "toluene/benzene", "traffic"),
        ("solvent", "toluene/benzene", "strong industry"),
        ("coal", "toluene/benzene", "burning of biomass or coal"),
        ("residential", "toluene/benzene", "burning of biomass or coal"),
        ("agriculture", "toluene/benzene", "burning of biomass or coal"),
        ("vehicles", "isopentane/n-pentane", "vehicle exhaust"),
        ("nonroad", "isopentane/n-pentane", "vehicle exhaust"),
        ("coal", "isopentane/n-pentane", "burning of coal"),
        ("vehicles", "isobutane/n-butane", "vehicle exhaust"),
        ("residential", "isobutane/n-butane", "liquefied petroleum gas"),
        *((s, "m,p-xylene/ethylbenzene", "fresh") for s in SECTORS if s not in ("biogenic", "inflow")),
        ("inflow", "m,p-xylene/ethylbenzene", "strongly aged or transported"),
    ],
)
def test_a_sector_reads_as_what_it_is(sector, ratio, reading):
    found = diagnostic_ratios(shipped().mass_fraction[SECTORS.index(sector)], NAMES, unit="ug/m3")[ratio]
    bands = [band.reading_en for i, band in enumerate(found.rule.bands) if found.within[i]]
    assert reading in bands, f"{ratio} of {sector} is {float(found.value):.2f}, read as {bands}"


def chengdu() -> np.ndarray:
    """What people in Chengdu emit, as shares of mass (species,) [1], the unlisted left out."""
    with (FOLDER / "current" / "inventory.csv").open(encoding="utf-8", newline="") as file:
        lines = [r for r in csv.DictReader(file) if r["species"] == "voc" and r["sector"] != "biogenic"]
    tonnes = {r["sector"]: float(r["emission_t"]) for r in lines if r["city"] == "510100"}
    mixed = sum(t * shipped().mass_fraction[SECTORS.index(sector)] for sector, t in tonnes.items())
    return mixed / sum(tonnes.values())


def ppb_ratio(fraction: np.ndarray, above: tuple[str, ...], below: str) -> float:
    moles = {name: fraction[place(name)] / species_named(name).molar_mass for name in (*above, below)}
    return sum(moles[name] for name in above) / moles[below]


def test_xylenes_stand_to_each_other_as_in_chinese_cities():
    # Wang Ming et al. 2018, 环境科学 39(10): 4393-4399 (abstract, read): 2.78 to 3.05 (ppb) in seven campaigns.
    # Their rates with OH are near each other (18.7 and 13.6), so the sources cannot be far from it.
    assert 2.7 < ppb_ratio(chengdu(), ("m-xylene", "p-xylene"), "o-xylene") < 3.1


def test_traffic_has_the_toluene_of_a_tunnel_and_propane_no_gas_fleet():
    # Same paper: toluene to benzene was 1.52 in a tunnel; propane to ethane 0.27 to 0.65, and 1.27 where buses ran on LPG.
    vehicles = shipped().mass_fraction[SECTORS.index("vehicles")]
    assert ppb_ratio(vehicles, ("toluene",), "benzene") == pytest.approx(1.52, abs=0.3)
    assert 0.27 < ppb_ratio(chengdu(), ("propane",), "ethane") < 1.27


def test_what_chengdu_emits_is_made_of_the_groups_of_the_provinces_inventory():
    # Zhou Zihang et al. 2019, J. Atmos. Chem. (abstract, read): shares of mass in what people in Sichuan emit.
    published = {"alkane": 17, "alkene": 9, "alkyne": 2, "aromatic": 23, "ovoc": 22, "halocarbon": 4}
    share = dict.fromkeys([*published, "sulfide"], 0.0)
    for species, mass in zip(SPECIES, 100 * chengdu(), strict=True):
        share[species.group] += mass
    for group, percent in published.items():
        assert share[group] == pytest.approx(percent, abs=8), group
    assert 100 - sum(share.values()) == pytest.approx(23, abs=8)  # "other VOCs" there, unlisted here


def test_the_air_from_outside_has_the_halocarbons_of_the_northern_hemisphere():
    # Background of 2015 (global networks, recalled): CFC-12 520, CFC-11 233, CCl4 80, CFC-113 72 ppt.
    inflow = shipped().mass_fraction[SECTORS.index("inflow")]
    for name, ppt in (("dichlorodifluoromethane", 520), ("carbon tetrachloride", 80), ("F-113", 72)):
        assert ppb_ratio(inflow, (name,), "trichlorofluoromethane") == pytest.approx(ppt / 233, rel=0.15), name


def test_the_air_from_outside_is_aged_and_plants_give_isoprene():
    assert group_fractions("inflow")[1] < 0.2 * group_fractions("vehicles")[1]
    assert reactivity_per_ugm3("aromatics", "inflow").per_s_per_ugm3 < 0.5 * (
        reactivity_per_ugm3("aromatics", "vehicles").per_s_per_ugm3
    )
    assert group_fractions("biogenic")[GROUPS.index("isoprene")] > 0.7


# Reactivity and molar mass.


def test_one_species_has_its_own_reactivity():
    # Rates of Atkinson and Arey 2003: toluene 5.63e-12, isoprene 1.0e-10 cm3/molecule/s; 1 ug/m3 is 1e-12 g/cm3.
    profiles = made(a={"toluene": 0.2, "isoprene": 0.1})
    found = reactivity_per_ugm3("aromatics", "a", profiles=profiles)
    assert found.per_s_per_ugm3 == pytest.approx(5.63e-12 * 1e-12 * AVOGADRO / 92.14, rel=1e-4)
    assert found.coverage == 1
    isoprene = reactivity_per_ugm3("isoprene", "a", profiles=profiles)
    assert isoprene.per_s_per_ugm3 == pytest.approx(1.0e-10 * 1e-12 * AVOGADRO / 68.12, rel=1e-4)


def test_a_mixture_has_the_reactivity_of_a_worked_example():
    # ethene 4.701 and propene 1.548 ug/m3 (4.1 and 0.9 ppb) have 0.860 and 0.583 s-1: worked by hand from the same rates.
    profiles = made(a={"ethene": 0.4701, "propene": 0.1548})
    found = reactivity_per_ugm3("alkenes", "a", profiles=profiles)
    assert found.per_s_per_ugm3 * (4.701 + 1.548) == pytest.approx(0.860 + 0.583, abs=0.001)


def test_a_species_without_a_rate_is_left_out_and_lowers_the_coverage():
    # Carbon disulfide has no rate in the table.
    alone, mixed = made(a={"ethane": 0.3}), made(a={"ethane": 0.3, "carbon disulfide": 0.1})
    found = reactivity_per_ugm3("alkanes", "a", profiles=mixed)
    assert found.coverage == pytest.approx(0.75)
    without = reactivity_per_ugm3("alkanes", "a", profiles=alone).per_s_per_ugm3
    assert found.per_s_per_ugm3 == pytest.approx(without)
    nothing = reactivity_per_ugm3("alkanes", "a", profiles=made(a={"carbon disulfide": 0.1}))
    assert np.isnan(nothing.per_s_per_ugm3) and nothing.coverage == 0


def test_a_group_that_a_sector_has_not_is_missing_and_not_zero():
    found = reactivity_per_ugm3("alkenes", "solvent")
    assert np.isnan(found.per_s_per_ugm3) and np.isnan(found.coverage)
    assert np.isnan(molar_masses("solvent")[GROUPS.index("alkenes")])
    assert group_fractions("solvent")[GROUPS.index("alkenes")] == 0


def test_the_mean_molar_mass_is_mass_over_moles():
    # Equal masses of benzene (78.11) and toluene (92.14): 2 / (1/78.11 + 1/92.14) = 84.55 g/mol.
    found = molar_masses("a", profiles=made(a={"benzene": 0.2, "toluene": 0.2}))
    assert found[GROUPS.index("aromatics")] == pytest.approx(84.55, abs=0.01)
    assert np.isnan(np.delete(found, GROUPS.index("aromatics"))).all()


@given(st.dictionaries(st.sampled_from(NAMES), st.floats(1e-4, 1.0), min_size=1), st.floats(0, 0.9))
def test_means_of_groups_lie_between_those_of_their_species(parts, unlisted):
    total = sum(parts.values()) / (1 - unlisted)
    profiles = made(a={name: value / total for name, value in parts.items()})
    assert group_fractions("a", profiles=profiles).sum() == pytest.approx(1)
    means = molar_masses("a", profiles=profiles)
    for index, group in enumerate(GROUPS):
        own = [SPECIES[i].molar_mass for i in np.flatnonzero(np.equal(GROUP_INDEX, index)) if NAMES[i] in parts]
        assert (min(own) * (1 - 1e-9) <= means[index] <= max(own) * (1 + 1e-9)) if own else np.isnan(means[index])
        single = [
            reactivity_per_ugm3(group, "a", profiles=made(a={name: 0.5})).per_s_per_ugm3
            for name in parts
            if GROUPS[GROUP_INDEX[place(name)]] == group
        ]
        mixed, known = reactivity_per_ugm3(group, "a", profiles=profiles), [k for k in single if not np.isnan(k)]
        if known:
            assert min(known) * (1 - 1e-9) <= mixed.per_s_per_ugm3 <= max(known) * (1 + 1e-9)
        else:
            assert np.isnan(mixed.per_s_per_ugm3)


# Bad input.


def test_an_unknown_sector_or_group_is_named():
    for call in (group_fractions, species_in_groups, molar_masses):
        with pytest.raises(ValueError, match="sector is 'dust', expected one of industry, coal, vehicles"):
            call("dust")
    with pytest.raises(ValueError, match="group is 'voc', expected one of alkanes, alkenes"):
        reactivity_per_ugm3("voc", "coal")


SOURCE = '"recalled, typical of Chinese source profiles"'


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("coal,toluene,", "power,toluene,", "sector is 'power', expected one of industry, coal"),
        ("coal,toluene,", "coal,tolueen,", "species is 'tolueen', expected a name of the 117 .* did you mean toluene"),
        ("coal,toluene,", 'coal,"m,p-xylene",', "species is 'm,p-xylene', expected one of the 117 species or unlisted"),
        ("coal,toluene,108-88-3,", "coal,toluene,108-88-4,", "cas is '108-88-4', expected 108-88-3, the number of"),
        (
            "coal,toluene,108-88-3,0.068",
            "coal,toluene,108-88-3,-0.068",
            "mass_fraction is '-0.068', expected a decimal",
        ),
        ("coal,toluene,108-88-3,0.068", "coal,toluene,108-88-3,0", "mass_fraction is '0', .* above 0 and at most 1"),
        ("coal,toluene,108-88-3,0.068", "coal,toluene,108-88-3,NaN", "mass_fraction is 'NaN', expected a decimal"),
        ("coal,toluene,108-88-3,0.068", "coal,toluene,108-88-3,7 %", "mass_fraction is '7 %', expected a decimal"),
        ("coal,unlisted,,", "coal,unlisted,0-0-0,", "cas is '0-0-0', expected nothing for unlisted"),
        (f"coal,unlisted,,0.0984,{SOURCE}", "coal,unlisted,,0.0984,", "source is '', expected a text"),
        (
            "coal,toluene,108-88-3,",
            "coal,benzene,71-43-2,",
            "species is 'benzene', expected once in coal, it is on line",
        ),
    ],
)
def test_a_bad_line_is_named_with_its_place(tmp_path, old, new, message):
    assert TEXT.count(old) == 1
    path = tmp_path / "voc_profiles.csv"
    path.write_text(TEXT.replace(old, new), encoding="utf-8")
    with pytest.raises(TableError, match=rf"voc_profiles\.csv line \d+: {message}"):
        read_voc_profiles(path)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            "coal,toluene,108-88-3,0.068",
            "coal,toluene,108-88-3,0.0681",
            "mass_fraction of coal sum to 1.0001, expected 1",
        ),
        (f"coal,unlisted,,0.0984,{SOURCE}\n", "", r"has \d+ lines of coal, expected species and one line unlisted"),
    ],
)
def test_a_sector_that_does_not_add_up_is_named(tmp_path, old, new, message):
    assert TEXT.count(old) == 1
    path = tmp_path / "voc_profiles.csv"
    path.write_text(TEXT.replace(old, new), encoding="utf-8")
    with pytest.raises(TableError, match=message):
        read_voc_profiles(path)


def test_a_sector_that_is_missing_is_named(tmp_path):
    path = tmp_path / "voc_profiles.csv"
    path.write_text("".join(t for t in TEXT.splitlines(True) if not t.startswith("inflow,")), encoding="utf-8")
    with pytest.raises(TableError, match="has 0 lines of inflow, expected species and one line unlisted"):
        read_voc_profiles(path)
