"""What the platform has to do without: read off the card of its supervisor, said on every page and beat until it is over."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from dashboards.without import Without, words_of
from infra.restarts import Record
from infra.troubles import DISK, Trouble, missing

NOW = 1_796_000_000.0
"""2026-11-30 08:53:20 in Beijing (date -u -d @1796000000: 2026-11-30 00:53:20)."""


def card_of(*troubles: Trouble) -> bytes:
    return json.dumps({"pid": 1, "troubles": [each.as_plain() for each in troubles]}).encode().ljust(16_384)


def test_a_missing_program_is_said_by_what_it_means_for_the_numbers_and_since_when():
    (trouble,) = missing({"pipeline": Record(3, NOW, 1, True)}, {"pipeline": "/data/logs/pipeline.log"})
    said = words_of(card_of(trouble))
    assert said["en"].startswith("since 11-30 08:53 (Beijing time): no new values are computed")
    assert said["zh"].startswith("自 11-30 08:53（北京时间）起：不再计算新数值")
    assert "/data/logs" not in said["en"] + said["zh"], "readers are told of no path of the machine"


def test_several_troubles_are_said_in_one_notice():
    (gone,) = missing({"ingest": Record(2, NOW, 1, True)}, {"ingest": "x"})
    said = words_of(card_of(Trouble(DISK, "full", NOW, (("folder", "/d"), ("free", "0"))), gone))
    assert said["en"].count("since") == 2 and said["en"].endswith(".")


@given(st.one_of(st.binary(), st.recursive(
    st.none() | st.text() | st.integers(), lambda inner: st.lists(inner) | st.dictionaries(
        st.sampled_from(("troubles", "zh", "en", "words")), inner)).map(lambda each: json.dumps(each).encode())))  # fmt: skip
def test_a_card_may_hold_anything(card):
    said = words_of(card)
    assert all(isinstance(each, str) and each for each in said.values())


def test_a_card_that_is_not_there_says_nothing_and_one_that_comes_is_read(tmp_path):
    card = tmp_path / "up.json"
    without = Without(card)
    assert without() == {} and Without(None)() == {}
    card.write_bytes(card_of(Trouble(DISK, "full", NOW, (("folder", "/d"), ("free", "0")))))
    without._at = -1e9
    assert set(without()) == {"zh", "en"}
