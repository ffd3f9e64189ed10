"""Names are proposed by rules with sources, with their reasons; a person gives them."""

from __future__ import annotations

import pytest

from research.receptor.factorise import factorise
from research.receptor.naming import named, propose_names, rules_of, shipped_rules
from research.receptor.refusals import ReceptorError
from tests.research.receptor.made import made_table


@pytest.fixture(scope="module")
def base():
    return factorise(made_table(hours=480)[0], factors=4, starts=12)


def test_made_sources_are_proposed_as_what_they_are(base):
    found = propose_names(base)
    # what research.receptor's made air is made of, by the species that mark each source
    marks = {"isoprene": "plants", "ethyl acetate": "solvents", "propane": "gas", "isopentane": "vehicles"}
    for species, key in marks.items():
        k = int(base.profiles[:, base.species.index(species)].argmax())
        assert found[k][0].key == key, species


def test_a_proposal_says_that_it_is_one_and_why(base):
    for each in (proposal for held in propose_names(base) for proposal in held):
        record = each.as_record()
        assert record["proposal"] is True and record["source"] and record["confidence"]
        assert any(reason["kind"] == "share" and reason["holds"] for reason in record["reasons"])
    assert base.names == ("Factor 1", "Factor 2", "Factor 3", "Factor 4")


def test_nothing_is_proposed_of_what_no_rule_knows(base):
    rules = rules_of("[[rule]]\nkey='a'\nzh='甲'\nen='a'\nshare={neon=0.5}\nsource='s'\nconfidence='c'\n")
    assert propose_names(base, rules=rules) == ((), (), (), ())


def test_rules_have_sources_and_species_that_are_known():
    assert len({rule.key for rule in shipped_rules()}) == len(shipped_rules()) >= 8
    for rule in shipped_rules():
        assert rule.source and rule.confidence.startswith(("recalled", "read"))
        assert all(0.0 < least < 1.0 for least in rule.share.values())
    with pytest.raises(ReceptorError, match="rule 'a' has no source, expected one"):
        rules_of("[[rule]]\nkey='a'\nzh='甲'\nen='a'\nshare={x=0.5}\nconfidence='c'\n")
    with pytest.raises(ReceptorError, match="cannot be read"):
        rules_of("[[rule")


def test_a_person_names_factors(base):
    assert named(base, ["a", "b", "c", "d"]).names == ("a", "b", "c", "d")
    with pytest.raises(ReceptorError, match="expected 4 different ones"):
        named(base, ["a", "a", "c", "d"])
