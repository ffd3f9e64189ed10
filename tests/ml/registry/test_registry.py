"""From training to service and back: what may happen to a model, in which order, and what may never happen."""

from __future__ import annotations

import contextlib
import json
import tempfile
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ml.gates.results import GateResult
from ml.registry import cards
from ml.registry.errors import Damaged, NotApproved, RegistryError
from ml.registry.registry import WORKED_OUT, Registry
from tests.ml.gates.pairs import LEVELS, evaluation
from tests.ml.registry.made import (
    GATES,
    LEAKAGE,
    LEAKS,
    NAME,
    REPRODUCIBLE,
    artefact,
    card,
    registry,
    serving,
    trained,
)


@pytest.fixture
def models(tmp_path) -> Registry:
    return registry(tmp_path / "models")


def status(models: Registry, version: str) -> str:
    return models.standings().of(NAME, version).status


def test_a_model_goes_from_training_to_service_and_back(models) -> None:
    digest = models.train(card("1"), artefact(1.0))
    assert status(models, "1") == "trained" and models.artefact(NAME, "1").digest == digest
    models.evaluate(NAME, "1", [evaluation()], GATES, by="李工")
    models.approve(NAME, "1", by="赵主任")
    assert status(models, "1") == "serving" and models.standings().of(NAME, "1").approved_by == "赵主任"
    trained(models, "2", error=4.0, weight=2.0)
    models.compare(NAME, "2", "1", by="李工")
    models.approve(NAME, "2", by="赵主任")
    assert (status(models, "1"), status(models, "2")) == ("approved", "serving")
    assert models.roll_back(NAME, by="赵主任", why="too low in the fog") == "1"
    assert (status(models, "1"), status(models, "2")) == ("serving", "rolled back")
    models.retire(NAME, by="赵主任", why="season is over")
    assert models.standings().serving == {}
    assert [(e.event, e.version) for e in models.history(NAME)] == [
        ("trained", "1"), ("evaluated", "1"), ("approved", "1"), ("served", "1"), ("trained", "2"), ("evaluated", "2"),
        ("compared", "2"), ("approved", "2"), ("served", "2"), ("rolled back", "2"), ("retired", "1"),
    ]  # fmt: skip
    assert [e.by for e in models.history()][-2:] == ["赵主任"] * 2


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"gates": (LEAKS, REPRODUCIBLE)}, "no look ahead: x uses what is known only 3 h after the issue time"),
        ({"gates": (LEAKAGE,)}, "reproducible: the gate was not taken"),
        ({"gates": ()}, "no look ahead: the gate was not taken"),
        ({"gates": (LEAKS, *GATES)}, "no look ahead: x uses"),
        ({"error": 15.0}, "better than the baselines: the mean absolute error of pm25_ugm3"),
        ({"lookback_h": 25}, "order of time: the test comes within 49 h of the training, more than 49 h is wanted"),
        ({"quantiles": (0.05, 0.5)}, "calibrated quantiles: the quantiles 0.05 of pm25_ugm3 were not tested"),
        ({"monotone": {"pm25_ugm3": 1}}, "monotone: the gate was not taken"),
        ({"quantities": ("pm25_ugm3", "o3_ugm3")}, "order of time: there is no test in the order of time for o3_ugm3"),
    ],
)
def test_a_model_that_fails_a_required_gate_cannot_be_approved_whatever_is_said(models, given, words) -> None:
    trained(models, "1", **given)
    for options in ({}, {"why": "it is urgent"}, {"serve": False}):
        with pytest.raises(NotApproved, match=words):
            models.approve(NAME, "1", by="赵主任", **options)
    with pytest.raises(NotApproved, match="is evaluated, expected an approved version"):
        models.serve(NAME, "1", by="赵主任")
    assert any(words in line for line in models.why_not(NAME, "1"))
    assert {e.event for e in models.history()} == {"trained", "evaluated"}


def test_approving_knows_no_flag_that_goes_around_the_gates() -> None:
    import inspect

    assert set(inspect.signature(Registry.approve).parameters) == {"self", "name", "version", "by", "why", "serve"}


def test_quantiles_and_monotone_that_are_shown_can_be_approved(models) -> None:
    shown = GateResult("monotone", "passed", "monotone_all", {"names": "pm25_ugm3"})
    trained(models, "1", quantiles=LEVELS, monotone={"pm25_ugm3": 1}, gates=(*GATES, shown))
    models.approve(NAME, "1", by="赵主任")
    assert status(models, "1") == "serving"


@pytest.mark.parametrize("gate", WORKED_OUT)
def test_a_gate_that_the_registry_works_out_cannot_be_handed_in(models, gate) -> None:
    models.train(card("1"), artefact())
    claimed = GateResult(gate, "passed", "skill_all")
    with pytest.raises(RegistryError, match=f"gates {gate} are handed in"):
        models.evaluate(NAME, "1", [evaluation(error=99)], (*GATES, claimed), by="李工")


def test_a_model_that_was_not_evaluated_cannot_be_approved(models) -> None:
    models.train(card("1"), artefact())
    with pytest.raises(NotApproved, match="it was not evaluated"):
        models.approve(NAME, "1", by="赵主任")


def test_nobody_approves_without_a_name(models) -> None:
    trained(models)
    for nobody in ("", "  "):
        with pytest.raises(RegistryError, match="by nobody, expected a name"):
            models.approve(NAME, "1", by=nobody)
    assert status(models, "1") == "evaluated"


def test_what_follows_a_serving_model_is_compared_with_it_first_and_anew_after_a_new_evaluation(models) -> None:
    serving(models, "1")
    trained(models, "2", error=4.0)
    with pytest.raises(NotApproved, match="it was not compared with 1, which serves"):
        models.approve(NAME, "2", by="赵主任")
    models.compare(NAME, "2", "1", by="李工")
    models.evaluate(NAME, "2", [evaluation(error=4.5, seed=9)], GATES, by="李工")
    with pytest.raises(NotApproved, match="it was not compared with 1"):
        models.approve(NAME, "2", by="赵主任")
    models.compare(NAME, "2", "1", by="李工")
    models.approve(NAME, "2", by="赵主任")
    assert status(models, "2") == "serving"


def test_a_larger_error_than_that_of_the_serving_model_needs_a_reason(models) -> None:
    serving(models, "1")
    trained(models, "2", error=7.5)
    (found,) = models.compare(NAME, "2", "1", by="李工")
    assert found.verdict == "worse"
    with pytest.raises(RegistryError, match=r"larger error than 1, which serves, in pm25_ugm3; expected a reason"):
        models.approve(NAME, "2", by="赵主任")
    models.approve(NAME, "2", by="赵主任", why="the old one leans on a feed that ends")
    assert status(models, "2") == "serving"


def test_a_refused_model_stops_serving_and_never_serves_again(models) -> None:
    serving(models, "1", "2")
    models.refuse(NAME, "2", by="赵主任", why="wrong units in training")
    assert status(models, "2") == "refused" and models.standings().serving == {}
    with pytest.raises(NotApproved, match="it was refused by 赵主任: wrong units in training"):
        models.approve(NAME, "2", by="孙主任")
    with pytest.raises(NotApproved, match="is refused"):
        models.serve(NAME, "2", by="孙主任")
    with pytest.raises(RegistryError, match="is refused, expected a version that is not decided upon"):
        models.evaluate(NAME, "2", [evaluation()], GATES, by="李工")
    models.serve(NAME, "1", by="孙主任")
    assert status(models, "1") == "serving"


def test_a_roll_back_passes_over_what_was_refused_and_ends_at_the_first(models) -> None:
    serving(models, "1", "2", "3")
    models.refuse(NAME, "2", by="赵主任", why="wrong units")
    assert models.roll_back(NAME, by="赵主任", why="drift") == "1"
    with pytest.raises(RegistryError, match="no approved version served before"):
        models.roll_back(NAME, by="赵主任", why="drift")
    with pytest.raises(RegistryError, match="without a reason, expected why"):
        models.roll_back(NAME, by="赵主任", why=" ")


def test_what_was_rolled_back_can_be_approved_anew(models) -> None:
    serving(models, "1", "2")
    models.roll_back(NAME, by="赵主任", why="a fault of the feed, as it turned out")
    models.approve(NAME, "2", by="赵主任", why="the feed was mended")
    assert (status(models, "1"), status(models, "2")) == ("approved", "serving")


def test_the_card_of_an_approved_model_stays_as_it_was_approved(models) -> None:
    serving(models, "1")
    with pytest.raises(RegistryError, match="is serving, expected a version that is not decided upon"):
        models.evaluate(NAME, "1", [evaluation(error=1)], GATES, by="李工")


def test_the_same_model_entered_twice_is_entered_once_and_another_one_needs_a_version(models) -> None:
    assert models.train(card("1"), artefact()) == models.train(card("1"), artefact())
    assert len(models.history()) == 1
    with pytest.raises(RegistryError, match="is there with another content, expected a new version"):
        models.train(card("1"), artefact(2.0))
    with pytest.raises(RegistryError, match="is there with another content"):
        models.train(card("1", revision="other"), artefact())


def test_approving_again_changes_nothing_and_finishes_what_was_cut_off(models) -> None:
    trained(models)
    models.approve(NAME, "1", by="赵主任", serve=False)
    assert status(models, "1") == "approved"
    models.approve(NAME, "1", by="赵主任")
    models.approve(NAME, "1", by="孙主任")
    assert [e.event for e in models.history()][2:] == ["approved", "served"]


def test_a_card_with_scores_of_its_own_making_is_not_taken(models) -> None:
    trained(models)
    scored = replace(models.card(NAME, "1"), version="2")
    with pytest.raises(RegistryError, match="has scores, expected none"):
        models.train(scored, artefact())


def test_scores_of_simulated_hours_mark_the_card(models) -> None:
    models.train(card("1"), artefact())
    assert not models.card(NAME, "1").simulated
    models.evaluate(NAME, "1", [evaluation(simulated=True)], GATES, by="李工")
    assert models.card(NAME, "1").simulated


ACTS = st.lists(
    st.tuples(
        st.sampled_from(["approve", "serve", "refuse", "compare", "roll_back", "retire"]), st.sampled_from("1234")
    ),
    max_size=14,
)


@given(ACTS)
@settings(max_examples=25, deadline=None)
def test_whatever_is_tried_in_whatever_order_only_what_was_approved_and_not_refused_serves(acts) -> None:
    with tempfile.TemporaryDirectory() as folder:
        models = registry(Path(folder) / "models")
        for version, error in (("1", 6.0), ("2", 5.0), ("3", 5.5), ("4", 15.0)):
            trained(models, version, error=error)
        refused: set[str] = set()
        for act, version in acts:
            before = models.standings().serving.get(NAME)
            with contextlib.suppress(RegistryError):
                if act == "compare" and before:
                    models.compare(NAME, version, before, by="李工")
                elif act in ("roll_back", "retire"):
                    getattr(models, act)(NAME, by="赵主任", why="x")
                elif act == "refuse":
                    models.refuse(NAME, version, by="赵主任", why="x")
                    refused.add(version)
                elif act != "compare":
                    getattr(models, act)(NAME, version, by="赵主任", why="x")
            found = models.standings()
            serves = found.serving.get(NAME)
            assert serves != "4" and serves not in refused
            assert [v for (_, v), each in found.versions.items() if each.status == "serving"] == (
                [serves] if serves else []
            )
            assert {v for (_, v), each in found.versions.items() if each.status == "refused"} == refused
            assert serves is None or found.of(NAME, serves).approved_by == "赵主任"


def test_an_unknown_model_is_named_with_those_that_there_are(models) -> None:
    trained(models)
    with pytest.raises(RegistryError, match=f"no model {NAME} 7, expected one of {NAME} 1"):
        models.approve(NAME, "7", by="赵主任")


def test_what_changed_on_disk_cannot_come_to_serve(models) -> None:
    trained(models)
    models.approve(NAME, "1", by="赵主任", serve=False)
    (digest,) = json.loads(models.artefact(NAME, "1").manifest).values()
    path = models.root / "objects" / digest[:2] / digest
    path.write_bytes(path.read_bytes().replace(b"1.0", b"9.0"))
    with pytest.raises(Damaged, match=r"part linear.json, has changed on disk"):
        models.serve(NAME, "1", by="赵主任")
    path.unlink()
    with pytest.raises(Damaged, match=r"part linear.json, cannot be read"):
        models.serve(NAME, "1", by="赵主任")
    models.train(card("1"), artefact())
    models.serve(NAME, "1", by="赵主任")
    assert status(models, "1") == "serving", "the same content entered again mends it"


@pytest.mark.parametrize("harm", ["changed", "removed", "torn", "inserted"])
def test_a_journal_that_was_tampered_with_is_not_believed(models, harm) -> None:
    serving(models, "1")
    folder = models.root / "journal"
    second = folder / "00000002.json"
    if harm == "changed":
        second.write_bytes(second.read_bytes().replace("李工".encode(), "周工".encode()))
    elif harm == "removed":
        second.unlink()
    elif harm == "torn":
        second.write_bytes(second.read_bytes()[:40])
    else:
        (folder / "00000007.json").write_bytes(second.read_bytes())
    with pytest.raises(Damaged, match="journal of models"):
        models.standings()
    with pytest.raises(Damaged):
        models.approve(NAME, "1", by="赵主任")


def test_a_card_comes_back_as_it_was_written_and_reads_in_both_languages(models) -> None:
    trained(models, "1", quantiles=LEVELS)
    found = models.card(NAME, "1")
    assert cards.read(cards.written(found)) == found
    page = cards.markdown(found, status="serving", approved_by="赵主任", approved_at=1_700_000_000.0)
    chinese, english = page.split("\n\n---\n\n")
    for text in (
        "细颗粒物线性订正",
        "服务中",
        "赵主任, 2023-11-15 06:13",
        "不得用于",
        "来源解析",
        "持续性",
        "起报后 6 小时",
        "通过",
    ):
        assert text in chinese
    for text in ("serving", "not to be used for", "attribution to sources", "persistence", "6 h after the run's start"):
        assert text in english
    assert f"{found.scores[0].mae:.2f}" in chinese and "HJ 633-2026" in english


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"name": "PM25"}, "named 'PM25', expected a letter"),
        ({"name": "a" * 31}, "expected a letter and at most 29"),
        ({"version": "a/b"}, "the version of pm25-linear is 'a/b'"),
        ({"not_for": ()}, "says nothing of not_for"),
        ({"seeds": ()}, "says nothing of seeds"),
        ({"data": {}}, "says nothing of data"),
        ({"trained_until": 0}, "expected a window"),
        ({"monotone": {"x": 2}}, r"expected \+1 or -1"),
    ],
)
def test_a_card_that_lacks_something_says_what(given, words) -> None:
    with pytest.raises(RegistryError, match=words):
        card(**({"version": "1"} | given))


def test_a_version_that_was_judged_on_earlier_hours_is_compared_on_those_of_its_successor(models) -> None:
    serving(models, "1")
    later = evaluation(error=4.0, gap_h=24 * 90)
    models.train(card("2"), artefact(2.0))
    models.evaluate(NAME, "2", [later], GATES, by="李工")
    (found,) = models.compare(NAME, "2", "1", by="李工")
    assert (found.verdict, found.n) == ("too few days", 0), "no hour of both"
    (found,) = models.compare(NAME, "2", "1", by="李工", anew=[replace(later, predicted=later.observed + 9.0)])
    assert found.verdict == "better" and found.other_mae == pytest.approx(9.0)
    models.approve(NAME, "2", by="赵主任")
    learned = [replace(later, hour=later.hour - 24 * 90)]
    with pytest.raises(RegistryError, match="the test comes within"):
        models.compare(NAME, "2", "1", by="李工", anew=learned)
