"""Constraints written by hand: read as they are meant, or refused with their place."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from research.receptor.constraint_file import in_words, read_constraints
from research.receptor.constraints import AValue, Between, Pull, Ratio
from research.receptor.refusals import ReceptorError

SPECIES = ("benzene", "toluene", "isoprene")
TEXT = """
[[zero]]
factor = 1
species = "isoprene"
[[between]]
factor = 2
species = "benzene"
low = 0.1
high = 0.3
[[pull]]
factor = 2
species = "toluene"
to = 1
[[ratio]]
factor = 1
species = "toluene"
other = "benzene"
ratio = 2.5
[[a_value]]
factor = 3
a = 0.1
profile = {isoprene = 1.0, benzene = 0.25}
"""


def read(tmp_path, text: str):
    path = tmp_path / "c.toml"
    path.write_text(text, encoding="utf-8")
    return read_constraints(path, SPECIES)


def test_every_kind_is_read_with_factors_counted_from_one(tmp_path):
    found = read(tmp_path, TEXT)
    assert found[:4] == [
        Between(factor=0, species="isoprene"), Between(factor=1, species="benzene", low=0.1, high=0.3),
        Pull(factor=1, species="toluene", to=1.0), Ratio(factor=0, species="toluene", other="benzene", ratio=2.5),
    ]  # fmt: skip
    assert isinstance(found[4], AValue) and (found[4].factor, found[4].a) == (2, 0.1)
    assert np.array_equal(found[4].profile, [0.25, np.nan, 1.0], equal_nan=True)
    assert [in_words(each, SPECIES) for each in found] == [
        "Factor 1: isoprene set to zero", "Factor 2: benzene between 0.1 and 0.3", "Factor 2: toluene pulled to 1",
        "Factor 1: toluene = 2.5 x benzene", "Factor 3: a-value 0.1 of the profile benzene 0.25, isoprene 1",
    ]  # fmt: skip


@pytest.mark.parametrize(("text", "words"), [
    ("", r"c\.toml has no constraint, expected tables of zero, between"),
    ("[[zero]\n", r"c\.toml cannot be read as TOML"),
    ("[[push]]\nfactor = 1\n", r"c\.toml has 'push', expected tables of"),
    ("[zero]\nfactor = 1\n", r"has a single zero, expected each below a line \[\[zero\]\]"),
    ('[[zero]]\nspecies = "toluene"\n', r"c\.toml: zero 1 has species, expected factor, species \(factor\)"),
    ('[[zero]]\nfactor = 1\nspecies = "toluene"\nto = 1\n', r"expected factor, species \(to\)"),
    ('[[zero]]\nfactor = 0\nspecies = "toluene"\n', "zero 1: factor is 0, expected a whole number from 1"),
    ('[[zero]]\nfactor = true\nspecies = "toluene"\n', "factor is True, expected a whole number"),
    ("[[zero]]\nfactor = 1\nspecies = 3\n", "species is 3, expected a species"),
    ('[[pull]]\nfactor = 1\nspecies = "toluene"\nto = nan\n', "pull 1: to is nan, expected a number"),
    ('[[pull]]\nfactor = 1\nspecies = "toluene"\nto = "much"\n', "to is 'much', expected a number"),
    ("[[a_value]]\nfactor = 1\na = 0.1\nprofile = {neon = 1}\n", "a_value 1: 'neon' is not modelled"),
    ("[[a_value]]\nfactor = 1\na = 0.1\nprofile = 3\n", "profile is 3, expected species with their values"),
])  # fmt: skip
def test_what_is_no_constraint_is_refused_with_its_place(tmp_path, text, words):
    with pytest.raises(ReceptorError, match=words):
        read(tmp_path, text)


def test_a_file_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(ReceptorError, match=r"the constraints .*gone\.toml cannot be read"):
        read_constraints(tmp_path / "gone.toml", SPECIES)


def test_the_example_of_the_documents_is_read(tmp_path):
    lines = (Path(__file__).parents[3] / "docs" / "receptor.md").read_text(encoding="utf-8").splitlines()
    first = next(n for n, line in enumerate(lines) if line.startswith("    [[zero]]"))
    last = next(n for n in range(first, len(lines)) if not lines[n].startswith("    "))
    (tmp_path / "c.toml").write_text("\n".join(line[4:] for line in lines[first:last]), encoding="utf-8")
    found = read_constraints(tmp_path / "c.toml", (*SPECIES, "m,p-xylene", "ethylbenzene", "a-pinene"))
    assert [type(each) for each in found] == [Between, Between, Pull, Ratio, AValue]
