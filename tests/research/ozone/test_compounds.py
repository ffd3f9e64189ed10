"""What stands for a measured compound in the mechanism."""

from __future__ import annotations

import numpy as np
import pytest

from research.ozone.compounds import counterparts, groups, reactivities
from research.ozone.errors import OzoneError
from research.ozone.lumping import lumping
from standards.voc.species import ALL_SPECIES, coefficients


def test_every_compound_of_the_list_has_a_word():
    assert set(counterparts()) == {each.name_en for each in ALL_SPECIES}


def test_what_nothing_stands_for_holds_chlorine_bromine_or_sulphur():
    left = {name for name, each in counterparts().items() if not each.species}
    assert {each.group for each in ALL_SPECIES if each.name_en in left} == {"halocarbon", "sulfide"}


def test_rates_with_hydroxyl_are_near_those_that_were_measured():
    # Atkinson and Arey 2003 for compounds that are species of the mechanism: within a tenth, as two reviews are.
    same = {name: each for name, each in counterparts().items() if each.basis == "same"}
    assert len(same) == 14
    for name, each in same.items():
        assert reactivities()[each.species] == pytest.approx(coefficients("koh", [name])[0] * 1e-12, rel=0.12), name
        assert each.ppb_per_ppb == 1.0


def test_a_lump_keeps_the_reactivity_of_what_it_stands_for():
    compounds = ["n-butane", "n-octane", "1-butene", "o-xylene", "pentanal"]
    found = lumping(compounds)
    ppb = np.array([3.0, 0.2, 0.5, 0.6, 0.1])
    species = found.species_ppb(ppb)
    lumped = sum(amount * reactivities()[s] for amount, s in zip(species, found.species, strict=True))
    # n-butane 2.36, n-octane 8.11, 1-butene 31.4, o-xylene 13.6, pentanal 28 e-12: Atkinson and Arey 2003.
    assert lumped == pytest.approx((3.0 * 2.36 + 0.2 * 8.11 + 0.5 * 31.4 + 0.6 * 13.6 + 0.1 * 28.0) * 1e-12, rel=1e-3)


def test_what_is_left_out_is_named_and_weighed():
    found = lumping(["toluene", "trichloroethylene"])
    assert found.left_out == ("trichloroethylene",)
    # 5.63 and 0.8048 e-12: 87.5 % of the reactivity of equal amounts is toluene's.
    assert found.reactivity_kept(np.array([1.0, 1.0])) == pytest.approx(5.63 / (5.63 + 0.8048), rel=1e-4)
    np.testing.assert_allclose(found.species_ppb(np.array([2.0, np.nan])), [2.0])


def test_a_missing_compound_makes_its_species_missing():
    found = lumping(["toluene", "ethylbenzene", "benzene"])
    ppb = found.species_ppb(np.array([[1.0, np.nan], [1.0, 1.0], [1.0, 1.0]]))
    assert np.isnan(ppb[found.species.index("TOLUENE")]).tolist() == [False, True]
    assert not np.isnan(ppb[found.species.index("BENZENE")]).any()


def test_every_species_has_a_group():
    assert set(groups()) == set(reactivities())


def test_bad_lists_are_refused():
    with pytest.raises(OzoneError, match="given twice"):
        lumping(["m-xylene", "m,p-xylene"])
    with pytest.raises(ValueError, match="expected some that the mechanism has a species for"):
        lumping(["chloroform"])
    with pytest.raises(OzoneError, match="species is 'toluol'"):
        lumping(["toluol"])
