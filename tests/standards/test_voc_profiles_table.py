"""Source profiles of organic compounds: a column is the whole of a source, and groups hold what their compounds are."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pytest

from standards.dated_tables import read_table
from standards.voc.profiles import GROUPS, UNLISTED, group_of, mass_shares, shares_in_groups
from standards.voc.species import SPECIES, species_named
from streams.contributors import OUTSIDE, SECTORS, TAG_QUANTITIES

SOURCES = (*SECTORS, OUTSIDE)


def test_every_source_but_dust_has_a_profile_whose_shares_sum_to_a_hundred():
    table = read_table("voc_profiles")
    sources = [name for name in table.rows[0] if name != "species"]
    assert set(sources) == {*SOURCES} - {"dust"}
    for source in sources:
        assert sum(Decimal(row[source] or 0) for row in table.rows) == 100, source
    assert table.head["confidence"].startswith("recalled") and table.rows[-1]["species"] == UNLISTED


def test_the_groups_are_those_that_tags_name():
    assert set(GROUPS) <= set(TAG_QUANTITIES)
    assert {group_of(each) for each in SPECIES} == {*GROUPS}


def test_the_listed_compounds_of_a_group_sum_to_the_listed_share_of_their_source():
    names = [species.name_en for species in SPECIES]
    found, masses = shares_in_groups(SOURCES, names)
    for i, source in enumerate(SOURCES):
        if source == "dust":
            assert (found[i] == 0).all()
            continue
        sums = found[i].sum(axis=1)
        np.testing.assert_allclose(sums[sums > 0], mass_shares()[source].sum(), rtol=1e-12)
    assert masses[names.index("benzene")] == pytest.approx(78.11, abs=0.01)  # C6H6, IUPAC atomic weights


def test_a_pair_that_leaves_the_column_together_is_the_sum_of_its_parts():
    pair, _ = shares_in_groups(SOURCES, ["m,p-xylene"])
    parts, _ = shares_in_groups(SOURCES, ["m-xylene", "p-xylene"])
    np.testing.assert_allclose(pair[..., 0], parts.sum(axis=-1), rtol=1e-12)
    # Solvents: 15 of 84.65 listed percent, of which aromatics are 57.65: read off the table by hand.
    aromatics = sum(s for s, each in zip(mass_shares()["solvent"], SPECIES, strict=True) if each.group == "aromatic")
    assert pair[SOURCES.index("solvent"), GROUPS.index("aromatics"), 0] == pytest.approx(
        0.15 / (aromatics / mass_shares()["solvent"].sum())
    )


def test_a_compound_that_nobody_knows_is_refused_and_one_without_a_profile_has_none():
    with pytest.raises(ValueError, match="unobtainium"):
        shares_in_groups(SOURCES, ["unobtainium"])
    assert (shares_in_groups(SOURCES, ["bromoform"])[0] == 0).all()
    assert species_named("bromoform").number is not None
