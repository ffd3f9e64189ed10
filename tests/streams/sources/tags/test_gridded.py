"""Forms B and C of tag files: CMAQ-ISAM and CAMx-OSAT grids by a tag table."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from streams import registry, sources
from streams.contributors import ALL, OUTSIDE
from streams.sources.tags.species import CAMX, ISAM
from streams.sources.tally import Parsed
from tests.streams.sources.tags.made import CAMX_TABLE, INIT, ISAM_TABLE, camx_file, isam_file

REGISTRY = registry.load()
INDUSTRY, COAL, OUT = ("industry", ALL), ("coal", ALL), (ALL, OUTSIDE)


def read(path: Path) -> Parsed:
    return sources.parse_file(path, REGISTRY, received_at=0.0)


def value(parsed: Parsed, quantity: str, contributor: tuple[str, str]) -> float:
    block = parsed.blocks[0]
    part = block.values[block.quantities.index(quantity), block.contributors.index(contributor)]
    assert np.ptp(part) < 1e-4
    return float(part.mean())


def test_isam_species_make_our_quantities_and_tags_our_contributors(tmp_path):
    """O3 at the reference state of January 2023 (298.15 K, 1013.25 hPa): 1 ppm is 47.998 / 24.465 mg/m3."""
    path = tmp_path / "sa.nc"
    numbers = isam_file(path)
    parsed = read(path)
    assert not parsed.rejected
    block = parsed.blocks[0]
    assert block.run == "CMAQ-ISAM/2023-01-17T12Z" and block.first_hour == INIT + 1  # stamped at the start of the hour
    assert block.contributors == (COAL, INDUSTRY, OUT)
    assert block.quantities == ("o3", "pm25", "pm25_primary", "sulphate", "nitrate", "ammonium", "soa")
    assert value(parsed, "o3", INDUSTRY) == pytest.approx(0.004 * 47.998 / 24.465 * 1e3, rel=1e-5)
    outside = sum(numbers[f"O3_{tag}"] for tag in ("BCO", "ICO", "OTH"))
    assert value(parsed, "o3", OUT) == pytest.approx(outside * 47.998 / 24.465 * 1e3, rel=1e-5)
    of_coal = {name: number for name, number in numbers.items() if name.endswith("_COA") and name.startswith("A")}
    assert value(parsed, "pm25", COAL) == pytest.approx(sum(of_coal.values()), rel=1e-5)
    assert value(parsed, "sulphate", COAL) == pytest.approx(numbers["ASO4I_COA"] + numbers["ASO4J_COA"], rel=1e-5)
    primary = sum(numbers[f"{name}_COA"] for name in ("AECJ", "APOCJ", "AOTHRJ"))
    assert value(parsed, "pm25_primary", COAL) == pytest.approx(primary, rel=1e-5)
    assert {place for each in parsed.blocks for place in each.places} <= set(REGISTRY.stations)


def test_osat_and_psat_tracers_are_told_by_group_and_region(tmp_path):
    path = tmp_path / "sa.nc"
    numbers = camx_file(path)
    parsed = read(path)
    assert not parsed.rejected
    assert set(parsed.blocks[0].contributors) == {("industry", "510100"), ("coal", "510100"), OUT}
    assert parsed.blocks[0].quantities == ("o3", "sulphate")
    assert "pm25 lacks PN3, PN4, POA, PFC, PFN, PO1 or PO2 or PO3" in parsed.blocks[0].provenance
    ppm = {of: numbers[f"O3N{of}"] + numbers[f"O3V{of}"] for of in ("001001", "001009", "000BC", "000IC")}
    assert value(parsed, "o3", ("industry", "510100")) == pytest.approx(ppm["001001"] * 47.998 / 24.465 * 1e3, rel=1e-5)
    outside = ppm["001009"] + ppm["000BC"] + ppm["000IC"]
    assert value(parsed, "o3", OUT) == pytest.approx(outside * 47.998 / 24.465 * 1e3, rel=1e-5)


def test_a_sum_that_lacks_a_species_is_not_read_and_the_provenance_says_so(tmp_path):
    path = tmp_path / "sa.nc"
    gone = tuple(f"ANO3J_{tag}" for tag in ("IND", "COA", "BCO", "ICO", "OTH"))
    isam_file(path, drop=gone)
    parsed = read(path)
    assert "pm25" not in parsed.blocks[0].quantities and "nitrate" not in parsed.blocks[0].quantities
    assert "pm25 lacks ANO3J" in parsed.blocks[0].provenance and not parsed.rejected


def test_a_whole_beside_its_tags_is_checked_against_their_sum(tmp_path):
    good, bad = tmp_path / "good.nc", tmp_path / "bad.nc"
    numbers = isam_file(good)
    whole = sum(number for name, number in numbers.items() if name.startswith("O3_"))
    isam_file(good, more={"O3": ("ppmV", whole)})
    isam_file(bad, more={"O3": ("ppmV", whole * 1.05)})
    assert not read(good).rejected and (ALL, ALL) in read(good).blocks[0].contributors
    (said,) = read(bad).rejected
    assert (said.reason, said.position) == ("contributors do not add up", "variable o3")
    assert "pm25" in read(bad).blocks[0].quantities


def test_the_table_may_lie_beside_in_the_folder_or_in_the_file(tmp_path):
    for name in ("beside", "folder", "inside"):
        (tmp_path / name).mkdir()
    isam_file(tmp_path / "beside" / "sa.nc")
    isam_file(tmp_path / "folder" / "sa.nc", table="")
    (tmp_path / "folder" / "tags.toml").write_text(ISAM_TABLE)
    isam_file(tmp_path / "inside" / "sa.nc", table="", attributes={"tag_table": ISAM_TABLE})
    found = [read(tmp_path / name / "sa.nc") for name in ("beside", "folder", "inside")]
    for each in found:
        assert not each.rejected
        np.testing.assert_array_equal(each.blocks[0].values, found[0].blocks[0].values)


def test_a_table_in_the_folder_takes_no_ordinary_forecast(tmp_path, forecast_runs):
    path = tmp_path / "run.nc"
    path.write_bytes(forecast_runs[0].read_bytes())
    (tmp_path / "tags.toml").write_text(ISAM_TABLE)
    assert read(path).intake.source == "cdaqs"


def test_a_link_is_no_table(tmp_path):
    isam_file(tmp_path / "sa.nc", table="")
    (tmp_path / "real.toml").write_text(ISAM_TABLE)
    (tmp_path / "sa.nc.tags.toml").symlink_to(tmp_path / "real.toml")
    (said,) = read(tmp_path / "sa.nc").rejected
    assert said.reason == "no tag table says what the tags mean" and "ASO4I_BCO" in said.value


def test_a_tag_that_the_table_does_not_explain_has_its_quantities_refused(tmp_path):
    path = tmp_path / "sa.nc"
    isam_file(path, more={"O3_XXX": ("ppmV", 0.001)})
    (said,) = read(path).rejected
    assert said.reason == "a tag that the tag table does not explain" and said.value == "O3_XXX"
    assert "o3" not in read(path).blocks[0].quantities


@pytest.mark.parametrize(
    ("table", "reason"),
    [
        ("layout = ", "it is no TOML"),
        ("layout = 'wrf'", "not one of the values it may have"),
        (ISAM_TABLE + "[sectors]\nx = 1\n", "a key that nobody knows"),
        (ISAM_TABLE + "BIO = ['trees', '*']\n", "no contributor"),
        (ISAM_TABLE + "BIO = 'biogenic'\n", "no contributor"),
        (ISAM_TABLE + "BIO = ['biogenic', 'outside']\n", "no contributor"),
        (ISAM_TABLE + "BIO = ['biogenic', '110000']\n", "a place that is no city of ours"),
        ("layout = 'isam'\n", "it explains no tag"),
        (CAMX_TABLE.replace("9 =", "north ="), "not one of the values it may have"),
    ],
)
def test_a_table_that_cannot_be_used_is_told_with_the_key(tmp_path, table, reason):
    path = tmp_path / "sa.nc"
    isam_file(path, table=table)
    (said,) = read(path).rejected
    assert said.reason == f"the tag table cannot be used: {reason}" and said.position.startswith("tag table")


def test_a_unit_of_another_kind_costs_its_quantities_alone(tmp_path):
    path = tmp_path / "sa.nc"
    gone = tuple(f"O3_{tag}" for tag in ("IND", "COA", "BCO", "ICO", "OTH"))
    isam_file(path, drop=gone, more=dict.fromkeys(gone, ("K", 1.0)))
    (said,) = read(path).rejected
    assert (said.reason, said.rows) == ("a unit of another kind", 0)
    assert "pm25" in read(path).blocks[0].quantities


def test_no_recipe_counts_a_species_twice_or_needs_one_that_it_does_not_add():
    for recipes in (*ISAM.values(), *CAMX.values()):
        for recipe in recipes:
            assert {name for group in recipe.needed for name in group} <= set(recipe.species)
    primary, soa = (set(ISAM[name][0].species) for name in ("pm25_primary", "soa"))
    ions = {name for q in ("sulphate", "nitrate", "ammonium") for name in ISAM[q][0].species}
    assert not primary & soa and not (primary | soa) & ions
    assert set(ISAM["pm25"][-1].species) == primary | soa | ions
    assert set(ISAM["pm10"][-1].species) == primary | soa | ions | set(ISAM["coarse"][0].species)
