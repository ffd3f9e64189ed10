"""What is judged does not know the truth, what is fresh is judged frozen, and what was judged is counted."""

from __future__ import annotations

import datetime as dt
import json
from functools import partial

import numpy as np
import pytest

from research.attribution_bench import __main__ as command
from research.attribution_bench import freezing
from research.attribution_bench.digests import method_digest
from research.attribution_bench.freezing import FreezeError, freeze, frozen, record, require_permitted, variants
from research.attribution_bench.judging import judge
from research.attribution_bench.methods import CORRECTED, FALLBACK, NAIVE, RAW, TAGGER, answers, of_own
from research.attribution_bench.page import About, json_of, page_of
from research.attribution_bench.plan import FRESH, cases, units_of
from research.attribution_bench.told import told_of
from research.attribution_bench.worlds import Worlds, _save, packed
from tests.research.attribution_bench import made_worlds

DAYS = 8
CASES = tuple(cases((1,), seasons=("winter_haze",), tiers=("told", "severe"), days=DAYS))
ABOUT = About(digest="d", frozen=None, revision="r", date="2026-01-01", variants=(1, 0))


def lay_down(folder, some=CASES) -> Worlds:
    """Put made-up runs where worlds are kept."""
    kept = Worlds(folder, "r")
    kept.folder.mkdir(parents=True, exist_ok=True)
    for unit in units_of(some):
        made = made_worlds.nature(unit) if unit.kind == "nature" else (packed(made_worlds.twin(unit)),)
        for path, arrays in zip(kept._paths(unit), made, strict=True):
            _save(path, arrays)
    return kept


@pytest.fixture(scope="module")
def kept(tmp_path_factory) -> Worlds:
    return lay_down(tmp_path_factory.mktemp("worlds"))


@pytest.fixture(scope="module")
def said(kept) -> list:
    """What all methods say of the first world."""
    return list(answers(told_of(kept, CASES[0])))


def listening(said: list):
    """Answer as the methods do, and keep what they said."""

    def answering(told):
        for quantity, method, answer in answers(told):
            said.append((quantity, method, answer.sector.copy(), answer.place, answer.half))
            yield quantity, method, answer

    return answering


def test_scrambling_the_truth_changes_scores_and_no_answer(kept, said, tmp_path):
    before = [(quantity, method, a.sector, a.place, a.half) for quantity, method, a in said]
    right = judge(kept, CASES[:1], answering=lambda _: said)
    scrambled = lay_down(tmp_path)
    for unit in units_of(CASES[:1])[:1]:
        other = made_worlds.true_of(np.random.default_rng(99), 24 * DAYS)
        _save(scrambled._paths(unit)[1], other)
    after: list = []
    wrong = judge(scrambled, CASES[:1], answering=listening(after))
    assert [each[:2] for each in before] == [each[:2] for each in after] and len(before) >= 14
    for one, other in zip(before, after, strict=True):
        for a, b in zip(one[2:], other[2:], strict=True):
            assert (a is None and b is None) or np.array_equal(a, b, equal_nan=True)
    key = ("pm25", RAW, "all")
    scores = [card.figure("told", "winter_haze", key, "sources").value for card in (right, wrong)]
    assert scores[0] != scores[1]


def test_the_file_of_the_truth_is_not_opened_before_all_have_answered(kept, said, monkeypatch):
    opened: list[str] = []
    read = Worlds.true
    monkeypatch.setattr(Worlds, "true", lambda self, unit: opened.append("truth") or read(self, unit))

    def answering(told):
        yield from said
        opened.append("answered")

    judge(kept, CASES[:1], answering=answering)
    assert opened[0] == "answered" and "truth" in opened


def test_every_table_has_raw_tags_the_inventory_and_naive_shap_and_tiers_apart(kept, said):
    card = judge(kept, CASES, answering=lambda _: said)
    page = page_of(card, ABOUT)
    assert page.startswith("# 归因评分表\n\nScorecard of the attribution.")
    tables = page.split("**PM2.5 ")[1:]
    assert len(tables) == 2
    for table in tables:
        for method in (RAW, CORRECTED, TAGGER, "inventory, primary", "inventory, equivalents", FALLBACK, NAIVE):
            assert f" {method} |" in table
    assert page.count("Coverage world by world:") == 2
    key = ("pm25", CORRECTED, "all")
    assert list(card.by_world("told", "winter_haze", key, "cover")) == [1]
    # The identical twin has a table of its own, behind the others.
    assert "identical twin" not in page[: page.index("Reference only")]
    assert card.reference("severe", "winter_haze", "pm25", "all", "sources").value > 0
    assert card.reference("told", "winter_haze", "pm25", "all", "sources").value is None
    assert json.loads(json.dumps(json_of(card, ABOUT)))["verdicts"]
    assert all(len(line) < 400 for line in page.splitlines())


def inventory_alone(told):
    """Answer by the own city's primary particles, which takes no time."""
    yield "pm25", RAW, of_own(told, {"pm25": 1.0}, "pm25")


def test_processes_side_by_side_judge_as_one_does(kept):
    one, two = (judge(kept, CASES, workers=n, answering=inventory_alone) for n in (1, 2))
    assert one.worlds == two.worlds and one.identical == two.identical and len(one.worlds) == 2


def test_a_world_that_was_not_made_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match="winter_haze_1_8d_nature_none"):
        judge(Worlds(tmp_path, "r"), CASES)


def test_fresh_seeds_are_not_for_development(tmp_path):
    with pytest.raises(FreezeError, match="101 is fresh"):
        require_permitted((31, 101), development=True)
    require_permitted((31, 32), development=True, path=tmp_path / "none.toml")


def test_nothing_is_judged_for_good_before_the_method_is_frozen(tmp_path):
    path = tmp_path / "frozen.toml"
    with pytest.raises(FreezeError, match="no method is frozen"):
        require_permitted(FRESH, development=False, path=path)
    freeze(path, now=dt.datetime(2026, 1, 2, 3, 4, tzinfo=dt.UTC))
    assert frozen(path) == (method_digest(), "2026-01-02 03:04:00+00:00")
    require_permitted(FRESH, development=False, path=path)


def test_a_method_that_has_changed_since_is_refused(tmp_path):
    path = tmp_path / "frozen.toml"
    freeze(path)
    with pytest.raises(FreezeError, match="another"):
        require_permitted(FRESH, development=False, path=path, digest="another")
    with pytest.raises(FreezeError):
        require_permitted((31,), development=False, path=path, digest="another")


def test_the_command_refuses_before_it_makes_anything(tmp_path, caplog):
    arguments = ["scorecard", str(tmp_path / "worlds"), "--seeds", "101", "--frozen", str(tmp_path / "none.toml")]
    assert command.main(arguments) == 2
    assert "no method is frozen" in caplog.text and not (tmp_path / "worlds").exists()


def test_a_judgement_in_development_is_recorded_and_said_to_be_no_result(kept, said, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(command, "judge", partial(judge, answering=lambda _: said))
    ledger, figures = tmp_path / "ledger.jsonl", tmp_path / "card.json"
    world = f"judge {kept.folder.parent} --revision r --seeds 1 --days {DAYS} --seasons winter_haze --tiers told"
    assert command.main([*world.split(), "--development", "--ledger", str(ledger), "--json", str(figures)]) == 0
    (line,) = freezing.recorded(ledger)
    assert (
        line["frozen"] is None
        and line["digest"] == method_digest()
        and line["seeds"] == [1]
        and line["development"]
        and line["result"]
    )
    assert "not a result" in capsys.readouterr().out and json.loads(figures.read_text())["simulated"]


def test_variants_are_counted_by_method_and_those_on_fresh_seeds_apart(tmp_path):
    path = tmp_path / "ledger.jsonl"
    for digest, seeds in (("a", [31]), ("a", [32]), ("b", [31]), ("b", [101])):
        record({"digest": digest, "seeds": seeds}, path)
    assert variants(path) == (2, 1)
