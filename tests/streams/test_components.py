"""What PM2.5 is made of: each species is found by every name, no name stands for two, and what may be two is refused."""

from __future__ import annotations

import itertools

import pytest

from streams.components import AMBIGUOUS, COMPONENTS, KINDS, NAMES, component_named, places_of
from tests.streams.real_data import REPOSITORY


def test_the_species_that_super_sites_send_are_there() -> None:
    # 8 ions of the MARGA in Chengdu (Yin et al. 2020, 环境科学 41(9):3889), OC and EC, and the marker of burnt biomass.
    ions = ("NO3-", "SO42-", "NH4+", "Cl-", "Ca2+", "K+", "Mg2+", "Na+")
    names = ("nitrate", "sulphate", "ammonium", "chloride", "ca_ion", "k_ion", "mg_ion", "na_ion")
    assert tuple(component_named(ion).name for ion in ions) == names
    assert {component_named(ion).kind for ion in ions} == {"ion"}
    assert [component_named(name).kind for name in ("OC", "元素碳", "左旋葡聚糖", "Pb", "铅")] == [
        "carbon", "carbon", "marker", "element", "element",
    ]  # fmt: skip


def test_every_species_is_found_by_each_of_its_names_and_no_name_is_two() -> None:
    named = {each.name: (each.name, each.name_en, each.name_zh, *each.aliases) for each in COMPONENTS}
    for name, names in named.items():
        assert {component_named(each).name for each in names} == {name}
        assert {component_named(each.upper()).name for each in names} == {name}
    for one, other in itertools.combinations(named.values(), 2):
        assert not {each.casefold() for each in one} & {each.casefold() for each in other}


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("SO₄²⁻", "sulphate"), ("SO4^2-", "sulphate"), ("SO4 (2−)", "sulphate"), ("sulfate", "sulphate"),
        ("Ca²⁺", "ca_ion"), ("k", "k"), ("K+", "k_ion"), ("K ＋", "k_ion"), ("Cl⁻", "chloride"), ("as", "as"),
    ],
)  # fmt: skip
def test_raised_digits_and_dashes_of_any_shape_do_not_matter_and_a_charge_does(written, name) -> None:
    assert component_named(written).name == name


def test_an_element_and_its_ion_are_two_species() -> None:
    for element in ("na", "mg", "k", "ca"):
        assert component_named(element).kind == "element" and component_named(f"{element}_ion").kind == "ion"


@pytest.mark.parametrize("name", [name for names in AMBIGUOUS.values() for name in names])
def test_a_name_that_may_be_two_quantities_is_refused_with_the_choice(name) -> None:
    assert NAMES.find(name) is None
    with pytest.raises(ValueError, match=r"expected (chloride|ec|oc|sulphate)"):
        component_named(name)


def test_an_unknown_name_is_told_what_is_near() -> None:
    with pytest.raises(ValueError, match="near are sulphate"):
        component_named("sulphat")
    with pytest.raises(ValueError, match=r"\['Fe'\], expected names of"):
        places_of(["fe", "Fe"])


# Annual limits of GB 3095-2012, table 2 and annex A [ug/m3]: a year's mean is no hour's extreme, and common enough.
LIMITS = {"pb": 0.5, "as": 0.006, "cd": 0.005}


@pytest.mark.parametrize(("name", "ugm3"), LIMITS.items())
def test_a_common_concentration_is_taken_and_its_ng_sent_as_ug_is_not(name, ugm3) -> None:
    assert ugm3 < component_named(name).most_ugm3 < 1000 * ugm3


# Share of the upper continental crust [% of mass]: Rudnick and Gao 2003, table 3 (as oxides: SiO2 66.6, Al2O3 15.4, FeO 5.04,
# CaO 3.59, Na2O 3.27, K2O 2.80, MgO 2.48, TiO2 0.64), by the molar masses of the oxides.
CRUST = {"si": 31.1, "al": 8.15, "fe": 3.92, "ca": 2.57, "na": 2.43, "k": 2.32, "mg": 1.50, "ti": 0.384}


@pytest.mark.parametrize(("name", "share"), CRUST.items())
def test_a_dust_storm_of_1000_ugm3_is_taken(name, share) -> None:
    assert component_named(name).most_ugm3 >= 1000 * share / 100


def test_each_species_has_a_kind_and_a_basis_of_its_largest_value() -> None:
    assert {each.kind for each in COMPONENTS} == set(KINDS)
    assert all(each.basis.startswith("chosen: ") and 0 < each.most_ugm3 <= 1000 for each in COMPONENTS)
    assert [KINDS.index(each.kind) for each in COMPONENTS] == sorted(KINDS.index(each.kind) for each in COMPONENTS)


def test_the_description_of_the_layout_names_every_species() -> None:
    text = (REPOSITORY / "docs" / "layouts" / "composition.md").read_text(encoding="utf-8")
    assert [each.name for each in COMPONENTS if f"`{each.name}`" not in text] == []
    refused = text[text.index("Names that more than one") : text.index("Each species has one column")]
    assert [names[0] for names in AMBIGUOUS.values() if f"`{names[0]}`" not in refused] == []
