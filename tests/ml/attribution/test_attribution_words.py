"""What is said of an attribution: "or" where nobody can say which, and how far it can be trusted, with the reasons."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from ml.attribution.attribute import attribute
from ml.attribution.outcome import TIERS, Grounds, episode
from ml.attribution.tags import SOURCES, AttributionError
from ml.attribution.words import LEVELS, catalogue, confidence, leading, summary
from streams.contributors import SECTORS
from tests.ml.attribution.made import CITIES, made_tags, seen_as_told


@pytest.fixture(scope="module")
def found():
    tags = made_tags()
    hours = attribute(tags, seen_as_told(tags), inventory_age_years=1.0)
    return episode(hours, tags.first_hour, tags.first_hour + 71)


def with_shares(found, shares: dict[str, float], half: float):
    cities = len(CITIES)
    values = np.zeros_like(found.values)
    rest = 100.0 - sum(shares.values())
    for sector, share in shares.items():
        at = SECTORS.index(sector) * cities
        values[:, at] = share
    values[:, -1] = rest
    widths = {k: np.full_like(v, half) for k, v in found.half_width.items()}
    return replace(found, values=values, total=np.full_like(found.total, 100.0), half_width=widths)


def test_two_sectors_whose_intervals_overlap_are_named_with_or(found):
    close = with_shares(found, {"coal": 40.0, "vehicles": 36.0}, half=3.0)
    assert "燃煤 或 机动车" in summary(close, "zh", city=CITIES[0])
    assert "coal burning or vehicles" in summary(close, "en", city=CITIES[0])
    apart = with_shares(found, {"coal": 40.0, "vehicles": 33.0}, half=3.0)
    said = summary(apart, "en", city=CITIES[0])
    assert " or " not in said and "Largest source: coal burning, 40 %" in said and "37 to 43 %" in said


def test_a_wide_third_sector_is_named_with_or_where_a_narrow_second_is_not(found):
    """Coal 37 to 43 %, vehicles 31 to 35 %, dust 10 to 50 %: dust may be the first, vehicles cannot."""
    wide = with_shares(found, {"coal": 40.0, "vehicles": 33.0, "dust": 15.0}, half=3.0)
    wide.half_width["sector"][:, SECTORS.index("vehicles")] = 2.0
    wide.half_width["sector"][:, SECTORS.index("dust")] = 35.0
    assert "coal burning or dust" in summary(wide, "en", city=CITIES[0])


def test_of_a_total_of_nothing_nobody_has_a_share(found):
    none = replace(found, values=np.zeros_like(found.values), total=np.zeros_like(found.total))
    for lang, words in (("zh", "浓度为零"), ("en", "nothing to share out")):
        said = summary(none, lang, city=CITIES[0])
        assert words in said and "nan" not in said and "%" not in said
        assert catalogue()["sentence"][lang]["definition"] in said


@pytest.mark.parametrize("gone", [0.2, -0.2, 0.0])
def test_what_is_rounded_to_nothing_has_no_sign(found, gone):
    made = with_shares(found, {"coal": 40.0, "vehicles": 10.0}, half=3.0)
    made = replace(made, removal=np.full((len(CITIES), len(SOURCES), made.total.shape[1]), gone))
    assert "by about 0 µg/m³" in summary(made, "en", city=CITIES[0])
    assert "约变化 0 µg/m³" in summary(made, "zh", city=CITIES[0])


def test_outside_is_no_sector_and_is_never_named_first(found):
    far = with_shares(found, {"coal": 20.0, "dust": 5.0}, half=1.0)
    first, second = leading(far, 0, 0)
    assert SOURCES[first] == "coal" and second is None


def test_every_summary_says_its_definition_and_its_confidence(found):
    for lang, words in (("zh", ("分摊量", "可信度")), ("en", ("allocation", "Confidence"))):
        said = summary(found, lang, city=CITIES[1])
        assert all(word in said for word in words)
        assert "nan" not in said and "{" not in said


def test_where_nothing_is_known_nobody_is_named(found):
    nothing = replace(found, total=np.full_like(found.total, np.nan))
    assert summary(nothing, "en", city=CITIES[0]) == "No data, no attribution."
    assert summary(nothing, "zh", city=CITIES[0]) == "无可用数据，不作归因。"


def test_a_total_that_was_not_observed_is_told_and_lowers_the_confidence(found):
    unseen = replace(found, observed=np.zeros_like(found.observed))
    assert "nothing observed" in summary(unseen, "en", city=CITIES[0])
    levels = [confidence(found.grounds, quantity="pm25", observed=seen) for seen in (True, False)]
    assert LEVELS.index(levels[1]) > LEVELS.index(levels[0])


def test_confidence_falls_with_the_tier_the_feeds_and_the_age_of_the_inventory():
    def level(**keys) -> int:
        return LEVELS.index(confidence(Grounds(**{"members": 4, **keys}), quantity="pm25", observed=True))

    by_tier = [level(tier=tier) for tier in TIERS]
    assert by_tier == sorted(by_tier) and by_tier[0] == 0 and LEVELS[by_tier[-1]] == "poor"
    best = level(tier="corrected tags")
    assert level(tier="corrected tags", missing=("composition",)) > best
    assert level(tier="corrected tags", missing=("composition", "background", "stacks")) > level(
        tier="corrected tags", missing=("composition",)
    )
    assert level(tier="corrected tags", inventory_age_years=6.0) > best
    assert level(tier="corrected tags", inventory_errs=0.9) > best
    assert level(tier="corrected tags", members=1) > best


def test_inventory_shares_are_marked_as_poor(found):
    poor = replace(found, grounds=Grounds(tier="inventory shares", inventory_age_years=2.0))
    assert "poor" in summary(poor, "en", city=CITIES[0]) and "仅供参考" in summary(poor, "zh", city=CITIES[0])


def test_a_summary_names_the_tier_the_age_of_the_inventory_and_the_feeds_that_are_missing(found):
    grounds = Grounds(tier="corrected tags", members=4, inventory_age_years=1.2, missing=("stacks", "organic", "micro"))
    for lang, words in (("zh", ("经观测修正", "清单 1.2 年", "缺少烟气在线监测")),
                        ("en", ("corrected by observations", "1.2 years old", "no stack monitors"))):  # fmt: skip
        text = summary(replace(found, grounds=grounds), lang, city=CITIES[0])
        assert all(word in text for word in words)
        assert "VOC" not in text  # of no use to PM2.5
    whole = summary(replace(found, grounds=replace(grounds, missing=())), "en", city=CITIES[0])
    assert "all feeds of use" in whole
    raw = replace(grounds, tier="raw tags", missing=("stations", "stacks"))
    assert "no stations" not in summary(replace(found, grounds=raw), "en", city=CITIES[0])  # they are there, and unused


def test_a_summary_takes_the_confidence_and_the_reasons_that_others_know(found):
    more = [("moved", "1.7"), ("behind", "40")]
    text = summary(found, "en", city=CITIES[0], level="poor", more=more)
    assert "Confidence: poor" in text and "by a factor of 1.7" in text and "learned 40 days ago" in text
    assert "变动 1.7 倍" in summary(found, "zh", city=CITIES[0], level="poor", more=more)


def test_the_definition_says_that_removal_stands_beside_it_signed_and_is_no_share(found):
    for lang, words in (("zh", ("分摊量", "去除量", "带正负号", "µg/m³", "不作占比")),
                        ("en", ("allocation", "Removal", "signed, in µg/m³", "no share"))):  # fmt: skip
        assert all(word in summary(found, lang, city=CITIES[0]) for word in words)


def test_simulated_data_say_so(found):
    made = replace(found, grounds=replace(found.grounds, simulated=True))
    assert "simulated data" in summary(made, "en", city=CITIES[0]) and "模拟数据" in summary(made, "zh", city=CITIES[0])


def test_both_languages_have_the_same_texts():
    for name, part in catalogue().items():
        assert set(part["zh"]) == set(part["en"]), name
    assert set(catalogue()["sector"]["en"]) == set(SOURCES)


def test_another_language_or_city_is_refused(found):
    with pytest.raises(AttributionError, match="expected"):
        summary(found, "fr", city=CITIES[0])
    with pytest.raises(AttributionError, match="expected"):
        summary(found, "en", city="000000")
