"""English agrees with its numbers: one hour, two hours; never "1 hours"."""

from __future__ import annotations

import re

import pytest

from dashboards.shell import LIVE_WORDS
from dashboards.text import Text, catalogue
from infra.messages import catalogue as messages
from infra.messages import say

CHOICE = re.compile(r"\{(\w+):([^|{}]*)\|([^|{}]*)\}")
FEW = re.compile(r"\{\w+\} (?!as\b|is\b|has\b|was\b|this\b|keeps\b)[a-z-]+s\b")
"""Words that may be of several; "s" alone is the second."""


@pytest.mark.parametrize("count", [1, "1"])
def test_one_is_one_in_number_or_in_text(count) -> None:
    assert Text("en")("health.clock_run", count=count, run="R") == "1 day from the run of R"
    assert Text("en")("map.micro", count=count, category="Good") == "1 micro-station: Good"
    assert Text("en")("episodes.city_hours", count=count) == "1 city-hour above the limit"


@pytest.mark.parametrize("count", [0, 2, 21, 1.0, "1.0", "NA"])
def test_any_other_number_is_several(count) -> None:
    assert Text("en")("episodes.city_hours", count=count) == f"{count} city-hours above the limit"


def test_no_english_words_are_of_several_whatever_the_number() -> None:
    """The ages are counted by the browser from two on: below 2 h in minutes (2 to 119), below 48 h in hours, then in days."""
    found = [(key, entry["en"]) for key, entry in catalogue().items() if FEW.search(entry["en"])]
    assert [each for each in found if each[0] != "age.days"] == []


def test_no_message_to_those_who_run_the_platform_is_of_several_whatever_the_number(monkeypatch) -> None:
    several = re.compile(r"\{\w+\} (?:other )?(?:cities|files|hours|processes|rows|stations|days)\b")
    assert [key for key, entry in messages().items() if several.search(entry["en"])] == []
    monkeypatch.setenv("AIRSHED_LANG", "en")
    assert say("health_newest", hour="H", age=1, cities=1) == "newest hour H (1 h ago), 1 city has an AQI"
    assert say("health_newest", hour="H", age=1, cities=8) == "newest hour H (1 h ago), 8 cities have an AQI"


def test_a_choice_of_words_is_english_of_a_value_that_is_shown_and_never_sent_to_the_browser() -> None:
    chosen = {key: CHOICE.findall(entry["en"]) for key, entry in catalogue().items() if CHOICE.search(entry["en"])}
    assert len(chosen) > 20
    assert [key for key, entry in catalogue().items() if "|" in entry["zh"]] == []
    for key, found in chosen.items():
        assert not key.startswith(LIVE_WORDS), key
        for name, one, several in found:
            assert f"{{{name}}}" in catalogue()[key]["en"] and one != several, key


def test_every_choice_gives_whole_words() -> None:
    for key, entry in catalogue().items():
        names = set(re.findall(r"\{(\w+)", entry["en"]))
        for count in (1, 2):
            said = Text("en")(key, **dict.fromkeys(names, count))
            assert "{" not in said and "|" not in said, key
