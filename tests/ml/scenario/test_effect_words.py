"""Effects in words, the table of errors, and the check after a warning. Expected words and numbers are worked by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from ml.scenario.check import effect_check
from ml.scenario.cuts import Cut, CutError, plan_cuts
from ml.scenario.effect import MEMBERS_SEEN, SCALED, Effect, Shown, effect_of, shown_for, shown_table
from ml.scenario.response import Response
from ml.scenario.words import (
    LANGUAGES,
    catalogue,
    check_in_words,
    cuts_in_words,
    effect_in_words,
    shown_in_words,
    unanswered_in_words,
)
from standards.warning.plan_files import plan_named
from streams.contributors import ALL, GROUPS, SECTORS

NAMES = {"510100": "成都", "510600": "德阳"}
SHOWN = Shown(relative_sd=0.2, least=0.01, worlds=3, q95=0.08, misfit_sd=0.2, median_ugm3=0.7, q95_ugm3=5.6)


def effect(change: float, low: float, high: float, *, level: float = 100.0, quantity: str = "pm25") -> Effect:
    return Effect(quantity=quantity, receptors=("510100",), level=np.array([level]), change=np.array([change]),
                  low=np.array([low]), high=np.array([high]), shown=SHOWN)  # fmt: skip


def response(change: list[float], base: list[float], hours: int = 4) -> Response:
    """One receptor, a member for each number, the same in all hours."""
    made = [{"pm25": np.repeat(np.array(each, float)[:, None, None], hours, axis=2)} for each in (change, base)]
    names = tuple(f"M{i}" for i in range(len(change)))
    return Response(members=names, receptors=("510100",), first_hour=0, change=made[0], base=made[1], unanswered={})


@pytest.mark.parametrize(
    ("values", "zh", "en"),
    [
        (
            (-3.1, -4.2, -2.0),
            "若成都机动车减排 30%，成都PM₂.₅ 平均预计下降 3.1 µg/m³（90 % 区间 2.0–4.2）。",
            "If vehicles in Chengdu emit 30% less, mean PM₂.₅ in Chengdu is expected to fall by 3.1 µg/m³ (90% interval 2.0–4.2).",
        ),
        (
            (2.0, 0.5, 3.5),
            "若成都机动车减排 30%，成都PM₂.₅ 平均预计上升 2.0 µg/m³（90 % 区间 0.50–3.5）。",
            "If vehicles in Chengdu emit 30% less, mean PM₂.₅ in Chengdu is expected to rise by 2.0 µg/m³ (90% interval 0.50–3.5).",
        ),
        (
            (0.5, -1.0, 2.0),
            "若成都机动车减排 30%，成都PM₂.₅ 平均变化方向不确定（90 % 区间 −1.0 至 +2.0 µg/m³）。",
            "If vehicles in Chengdu emit 30% less, it is not certain whether mean PM₂.₅ in Chengdu falls or rises "
            "(90% interval −1.0 to +2.0 µg/m³).",
        ),
    ],
)  # fmt: skip
def test_an_effect_is_said_with_its_interval_or_as_open(values, zh, en) -> None:
    cut = [Cut(sector="vehicles", city="510100", share=0.3, first_hour=0, last_hour=9)]
    for lang, names, wanted in (("zh", {"510100": "成都"}, zh), ("en", {"510100": "Chengdu"}, en)):
        said = cuts_in_words(cut, names, lang)
        assert effect_in_words(effect(*values), "510100", said, names["510100"], lang) == wanted


def test_what_is_cut_alike_in_all_cities_is_said_once() -> None:
    cuts = plan_cuts(plan_named("sichuan_2024"), 2, tuple(NAMES), (0, 1))
    assert cuts_in_words(cuts, NAMES, "zh") == "各市全部受控源的 SO₂、NOx、颗粒物、VOC 减排 20%"
    one = [Cut(sector="coal", city=c, share=1.0, first_hour=0, last_hour=1) for c in NAMES]
    assert cuts_in_words(one[:1], NAMES, "zh") == "成都燃煤减排 100%"


def test_nothing_is_said_where_nothing_is_known() -> None:
    assert effect_in_words(effect(np.nan, np.nan, np.nan), "510100", "x", "成都", "zh") == ""


def test_the_catalogue_has_both_languages_and_every_sector_and_group() -> None:
    for name, part in catalogue().items():
        assert set(part) == set(LANGUAGES), name
        assert part["zh"].keys() == part["en"].keys(), name
    assert {ALL, *SECTORS, *GROUPS} <= set(catalogue()["sector"]["zh"])


def test_reasons_of_no_answer_are_said_in_both_languages() -> None:
    for why in catalogue()["why"]["en"].values():
        assert why in unanswered_in_words("o3", why, "en")
        assert why not in unanswered_in_words("o3", why, "zh") and "臭氧" in unanswered_in_words("o3", why, "zh")


def test_every_effect_that_is_shown_says_how_wrong_the_method_was() -> None:
    for quantity in ("pm25", "o3"):
        for month in (1, 7):
            shown = shown_for(quantity, month)
            assert shown.worlds >= 3 and 0 < shown.median_ugm3 < shown.q95_ugm3 and 0 < shown.q95 < 1
            assert not set(shown.tuned_on) & set(shown.judged_on) and shown.date
    assert shown_for("o3", 3) is shown_table()["o3"]["cold"] and shown_for("o3", 4) is shown_table()["o3"]["warm"]
    with pytest.raises(CutError, match="not known how wrong"):
        shown_for("so2", 1)
    poor = replace(effect(-1, -2, -0.5), shown=replace(SHOWN, sign_right=0.82))
    assert "只有 82% 判断正确" in shown_in_words(poor, "zh") and "Only 82%" in shown_in_words(poor, "en")
    assert "判断正确" not in shown_in_words(effect(-1, -2, -0.5), "zh")
    assert "0.70" in shown_in_words(effect(-1, -2, -0.5), "zh") and "5.6" in shown_in_words(effect(-1, -2, -0.5), "zh")


def test_the_interval_joins_the_members_and_the_error_of_the_method() -> None:
    """Members -10 % and -20 %: sd 7.07 %; with 20 % of 15 % and 1 %: sqrt(7.071^2 + 3^2 + 1^2) = 7.746 %, times 1.645."""
    found = effect_of(response([-10.0, -20.0], [100.0, 100.0]), "pm25", slice(0, 4), shown=SHOWN)
    assert found.change[0] == pytest.approx(-15.0)
    assert found.high[0] - found.change[0] == pytest.approx(12.74, abs=0.01)
    assert pytest.approx(1.6449, abs=1e-4) == MEMBERS_SEEN


def test_a_model_that_is_far_off_is_scaled_no_further_than_so_much() -> None:
    for level, scale in ((150.0, 1.5), (900.0, SCALED[1]), (10.0, SCALED[0])):
        found = effect_of(response([-4.0], [100.0]), "pm25", slice(0, 4), shown=SHOWN, level=np.array([level]))
        assert found.change[0] == pytest.approx(-4.0 * scale)


def test_no_concentration_falls_by_more_than_itself() -> None:
    found = effect_of(response([-90.0, -40.0], [100.0, 100.0]), "pm25", slice(0, 4), shown=SHOWN)
    assert (found.low >= -found.level).all()


def test_a_member_that_knows_nothing_is_left_out() -> None:
    both = effect_of(response([-10.0, np.nan], [100.0, np.nan]), "pm25", slice(0, 4), shown=SHOWN)
    one = effect_of(response([-10.0], [100.0]), "pm25", slice(0, 4), shown=SHOWN)
    assert (both.change, both.low, both.level) == (one.change, one.low, one.level)


def test_the_check_works_back_from_what_was_measured() -> None:
    """80 measured with a change of -20 % is 100 without; the model is off by 1.645 x 20 % of that, more than 20."""
    done = effect_check(effect(-20.0, -30.0, -10.0), np.array([80.0]))
    assert (done.without[0], done.change[0]) == (pytest.approx(100.0), pytest.approx(-20.0))
    assert (done.low[0], done.high[0]) == (pytest.approx(80 / 0.9), pytest.approx(80 / 0.7))
    assert done.misfit[0] == pytest.approx(32.9, abs=0.01) and not done.told[0]
    said = check_in_words(done, "510100", "成都", "zh")
    assert "实测 80.0 µg/m³；估计若无减排为 100.0" in said and "不能判断成效" in said
    open_ = check_in_words(effect_check(effect(-5.0, -12.0, 2.0), np.array([80.0])), "510100", "成都", "zh")
    assert "方向不确定" in open_


def test_an_effect_beyond_the_models_own_error_may_be_seen_in_the_measurement() -> None:
    done = effect_check(effect(-50.0, -60.0, -40.0), np.array([50.0]), forecast=np.array([110.0]))
    assert done.told[0] and "−60.0" in check_in_words(done, "510100", "Chengdu", "en")
    assert check_in_words(effect_check(effect(-5, -8, -2), np.array([np.nan])), "510100", "成都", "zh") == ""
