"""Odd orders, damaged files and models that cannot be loaded: what serves goes on, and what was decided stays."""

from __future__ import annotations

import importlib
import json

import pytest

from ml.registry import cards
from ml.registry.artefact import Artefact, json_part
from ml.registry.card import Words
from ml.registry.errors import Damaged, NotApproved, RegistryError
from ml.registry.registry import Registry
from tests.ml.gates.pairs import evaluation
from tests.ml.registry.made import GATES, NAME, artefact, card, registry, serving, trained


@pytest.fixture
def models(tmp_path) -> Registry:
    return registry(tmp_path / "models")


@pytest.mark.parametrize("end", ["roll_back", "retire"])
def test_the_card_that_was_approved_stays_after_a_roll_back_and_a_retirement(models, end) -> None:
    serving(models, "1", "2")
    shown = models.card(NAME, "2")
    getattr(models, end)(NAME, by="赵主任", why="drift")
    with pytest.raises(RegistryError, match="expected a version that is not decided upon"):
        models.evaluate(NAME, "2", [evaluation(error=1.0)], GATES, by="李工")
    assert models.card(NAME, "2") == shown


@pytest.mark.parametrize("spoilt", ["kind", "part", "weights"])
def test_a_model_that_cannot_be_loaded_is_not_approved_and_the_one_that_serves_goes_on(models, spoilt) -> None:
    serving(models, "1")
    parts = {"kind": artefact(), "part": Artefact({"other.json": json_part({})}),
             "weights": Artefact({"linear.json": json_part({})})}  # fmt: skip
    models.train(card("2", **({"kind": "none-such"} if spoilt == "kind" else {})), parts[spoilt])
    models.evaluate(NAME, "2", [evaluation(error=1.0)], GATES, by="李工")
    models.compare(NAME, "2", "1", by="李工")
    with pytest.raises(RegistryError, match="2 cannot be loaded"):
        models.approve(NAME, "2", by="赵主任")
    assert models.standings().serving == {NAME: "1"}
    assert models.standings().of(NAME, "2").status == "evaluated"


def test_nothing_is_rolled_back_to_what_can_no_longer_be_loaded(models, monkeypatch) -> None:
    serving(models, "1", "2")
    # A later version of the software has another name for the part.
    monkeypatch.setattr(importlib.import_module("ml.registry.linear"), "PART", "linear-2.json")
    with pytest.raises(RegistryError, match="1 cannot be loaded"):
        models.roll_back(NAME, by="赵主任", why="drift")
    assert models.standings().serving == {NAME: "2"}


def test_a_comparison_on_not_one_pair_is_none(models) -> None:
    serving(models, "1")
    models.train(card("2"), artefact(2.0))
    models.evaluate(NAME, "2", [evaluation(error=9.0, gap_h=24 * 90)], GATES, by="李工")
    (found,) = models.compare(NAME, "2", "1", by="李工")
    assert found.n == 0
    with pytest.raises(NotApproved, match="it was not compared with 1, which serves"):
        models.approve(NAME, "2", by="赵主任", why="urgent")


@pytest.mark.parametrize("way", ["approve", "serve"])
def test_what_was_approved_ahead_is_compared_with_what_serves_by_then(models, way) -> None:
    trained(models, "1", error=9.0)
    models.approve(NAME, "1", by="赵主任", serve=False)
    trained(models, "2", error=4.0, weight=2.0)
    models.approve(NAME, "2", by="赵主任")
    with pytest.raises(NotApproved, match="it was not compared with 2, which serves"):
        getattr(models, way)(NAME, "1", by="赵主任")
    assert models.standings().serving == {NAME: "2"}


@pytest.mark.parametrize(
    "harm",
    [
        {"about": {}},
        {"about": None},
        {"about": {"card": "x"}},
        {"at": "yesterday"},
        {"at": None},
        {"version": 1},
        {"by": None},
    ],
)
def test_a_last_event_that_lacks_what_belongs_to_it_is_damage_in_words(models, harm) -> None:
    trained(models)
    last = sorted((models.root / "journal").glob("*.json"))[-1]
    last.write_text(json.dumps(json.loads(last.read_bytes()) | harm))
    for ask in (models.standings, lambda: models.standings(until=5.0), models.history):
        with pytest.raises(Damaged, match="journal of models cannot be read"):
            ask()


def test_an_event_that_is_no_file_is_damage_in_words(models) -> None:
    trained(models)
    (models.root / "journal" / "00000003.json").mkdir()
    with pytest.raises(Damaged, match=r"00000003\.json of the journal of models cannot be read"):
        models.standings()


def test_a_clock_that_was_set_back_takes_no_event_out_of_the_middle(tmp_path) -> None:
    ticks = iter([100.0, 90.0, 95.0, 80.0])
    models = registry(tmp_path, clock=lambda: next(ticks))
    trained(models)
    models.approve(NAME, "1", by="赵主任")
    assert models.standings(until=79.0).versions == {}
    assert [models.standings(until=at).serving for at in (80.0, 90.0, 95.0, 100.0)] == [{NAME: "1"}] * 4


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"limits": ()}, "says nothing of limits"),
        ({"revision": " "}, "says nothing of revision"),
        ({"edition": "\t"}, "says nothing of edition"),
        ({"trained_by": "  "}, "says nothing of trained_by"),
        ({"data": {"hours": ""}}, "says nothing of data"),
        ({"quantities": ("pm25_ugm3", " ")}, "says nothing of quantities"),
        ({"quantities": ("pm25_ugm3", "pm25_ugm3")}, "expected each quantity once"),
        ({"horizon_h": -1}, "expected 0 or more"),
        ({"trained_at": float("nan")}, "expected epoch seconds"),
        ({"quantiles": (0.5, 1.5)}, "levels between 0 and 1 that rise"),
        ({"quantiles": (0.9, 0.1)}, "levels between 0 and 1 that rise"),
        ({"monotone": {"rain_mm": -1}}, "monotone by rain_mm, expected features of its own"),
    ],
)
def test_a_card_says_what_it_must_and_nothing_that_cannot_be(given, words) -> None:
    with pytest.raises(RegistryError, match=words):
        card("1", **given)
    with pytest.raises(RegistryError, match="expected Chinese and English"):
        Words(" ", "too low")


def test_what_is_written_in_a_card_stays_in_its_line_cell_and_language() -> None:
    limits = (Words("偏低\n\n---\n\n# 假标题", "too low\n\n---\n\n# a heading"),)
    written = card("1", limits=limits, revision="a | b", title=Words("订正\n# 二", "correction\n# two"))
    page = cards.markdown(written, status="serving", approved_by="赵 | 主任\n| 状态 | 已否决 |", approved_at=1.0)
    chinese, english = (cards.in_language(page, language) for language in ("zh", "en"))
    assert english.startswith("# correction # two (pm25-linear 1)\n") and "偏低 --- # 假标题" in chinese
    for part in (chinese, english):
        lines = part.splitlines()
        assert [line for line in lines if line.startswith("# ")] == lines[:1]
        facts = [line for line in lines[2:] if line.startswith("|")][:14]
        assert {line.count("|") - line.count("\\|") for line in facts} == {3}
