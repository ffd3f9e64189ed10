"""Free cuts read off a table: what they must equal is what the tags answer when they are asked."""

from __future__ import annotations

import numpy as np
import pytest

from ml.scenario.cuts import Cut, CutError
from ml.scenario.effect import ratio_of
from ml.scenario.free import CUTTABLE, SHARES, FreeTable, free_tables
from ml.scenario.response import respond
from streams.contributors import ALL
from tests.ml.scenario.test_scenario import CITIES, NOW, tags_of

HOURS = np.arange(1000, 1006)
CUT = (1000, 1005)


@pytest.fixture(scope="module")
def tags():
    return tags_of(3, members=3)


@pytest.fixture(scope="module")
def tables(tags) -> dict[str, FreeTable]:
    return free_tables(tags, NOW, {"pm25": HOURS, "o3": HOURS}, cut_hours=CUT)


def asked(tags, quantity: str, sector: str, place: str, share: float):
    cut = Cut(sector=sector, city=place, share=share, first_hour=CUT[0], last_hour=CUT[1])
    return ratio_of(respond(tags, [cut], ages=NOW), quantity, HOURS - tags.first_hour)


@pytest.mark.parametrize("share", [0.0, *SHARES])
@pytest.mark.parametrize("quantity", ["pm25", "o3"])
def test_what_was_worked_out_is_given_back(tags, tables, quantity, share) -> None:
    for sector, place in ((ALL, ALL), ("vehicles", CITIES[0]), ("coal", ALL)):
        told, wanted = tables[quantity].at(sector, place, share), asked(tags, quantity, sector, place, share)
        assert told.middle == pytest.approx(wanted.middle) and told.spread == pytest.approx(wanted.spread)
        assert told.level == pytest.approx(wanted.level)


@pytest.mark.parametrize("share", [0.1, 0.2, 0.7, 0.9])
def test_between_them_the_odd_oxygen_of_a_cut_is_exact(tags, tables, share) -> None:
    """Ozone that is told alone goes by a parabola (ml.scenario.response), and so does what lies between."""
    for sector in CUTTABLE:
        for place in (ALL, *CITIES):
            told, wanted = tables["o3"].at(sector, place, share), asked(tags, "o3", sector, place, share)
            assert told.middle == pytest.approx(wanted.middle, abs=1e-9)


@pytest.mark.parametrize("share", [0.1, 0.2, 0.7, 0.9])
def test_between_them_particles_are_within_a_hundredth_of_the_level_unless_everything_is_cut(
    tags, tables, share
) -> None:
    worst = 0.0
    for sector in CUTTABLE[1:]:
        for place in (ALL, *CITIES):
            told, wanted = tables["pm25"].at(sector, place, share), asked(tags, "pm25", sector, place, share)
            worst = max(worst, float(np.abs(told.middle - wanted.middle).max()))
    assert worst < 0.01
    whole = tables["pm25"].at(ALL, ALL, share).middle - asked(tags, "pm25", ALL, ALL, share).middle
    assert np.abs(whole).max() < 0.05, "where all salt goes at once the parabola cuts a corner"


def test_without_a_removal_ozone_has_no_table() -> None:
    assert set(free_tables(tags_of(removal=False), NOW, {"pm25": HOURS, "o3": HOURS}, cut_hours=CUT)) == {"pm25"}


@pytest.mark.parametrize("cut", [("biogenic", ALL, 0.1), ("coal", "999999", 0.1), ("coal", ALL, 1.1)])
def test_a_cut_that_is_not_held_is_refused_in_words(tables, cut) -> None:
    with pytest.raises(CutError, match="expected one of"):
        tables["pm25"].at(*cut)
