"""The page of ozone and compounds: what it shows of hours and results, side by side, of nothing, and of any parameter."""

from __future__ import annotations

import re
from pathlib import Path

import dash
import pytest

import dashboards
from dashboards import live
from dashboards.bench import named
from dashboards.components.take import gathered
from dashboards.context import Context, Scene, scene_of
from dashboards.snapshots import declared
from dashboards.snapshots.markup import markup
from dashboards.text import Text, catalogue
from dashboards.view import View
from standards.voc.composition import GROUPS
from standards.voc.species import species_named
from streams import registry
from streams.store.schema import bench_result
from tests.dashboards import stores
from tests.dashboards.bench import filled
from tests.dashboards.conftest import NOW

SECTIONS = ("ozone-choice", "ozone-composition", "ozone-ranking", "ozone-ratios", "ozone-asked", "ozone-results")


@pytest.fixture(scope="module")
def engine(tmp_path_factory):
    engine = stores.empty_store(tmp_path_factory.mktemp("ozone"))
    stores.fill(engine)
    return engine


@pytest.fixture(scope="module")
def digests(engine):
    return filled.fill(engine)


@pytest.fixture(scope="module")
def parts():
    dash.Dash("pages", use_pages=True, pages_folder="")
    declared.load()
    from dashboards.pages import ozone  # noqa: F401 - it declares its sections

    return live.sections()


def drawn(engine, parts, name: str, lang: str = "en", known=None, **params: str) -> str:
    context = Context(lambda: engine, known or filled.known(), clock=lambda: NOW)
    view = View.from_query({"lang": lang}, context.registry.cities)
    with scene_of(context, view, params) as scene:
        assert isinstance(scene, Scene)
        return markup(parts[name].render(scene))


def test_groups_and_their_change(engine, digests, parts):
    told = drawn(engine, parts, "ozone-composition", span="7d")
    # alkanes: 4.1 + 3.6 + 1.8 + 1.4 + 0.9 = 11.8 ppb; the swing over a day has the mean 1, so they change by nothing
    assert "alkanes" in told and ">11.80<" in told and ">0<" in told and "168 hours" in told
    assert "simulated" in told.lower()
    assert "烷烃" in drawn(engine, parts, "ozone-composition", lang="zh")


def test_every_group_has_a_colour_of_its_own():
    sheets = "".join(path.read_text(encoding="utf-8") for path in Path(dashboards.__file__).parent.glob("assets/*.css"))
    for begin in (r"\.plot \.stroke-", r"^\.kind-"):
        found = dict(re.findall(begin + r"(\d) {[^}]*stroke: (#\w{6})", sheets, re.M))
        told = {found.get(str(n), "") for n, _ in enumerate(GROUPS)}
        assert "" not in told and len(told) == len(GROUPS)


def test_ranking_says_who_matters(engine, digests, parts):
    with gathered() as figures:
        drawn(engine, parts, "ozone-ranking", span="7d")
    by_ofp = {figure.name: dict(figure.rows) for figure in figures}["voc-ofp"]
    # MIR of formaldehyde 9.46 and of ethylene 9.00 g O3/g (Carter 2010), at 24.465 L/mol
    assert next(iter(by_ofp)) == "formaldehyde" and by_ofp["formaldehyde"] == pytest.approx(
        4.8 * 30.03 / 24.465 * 9.46, rel=2e-3
    )
    assert by_ofp[species_named("ethylene").name_en] == pytest.approx(2.7 * 28.05 / 24.465 * 9.00, rel=2e-3)


def test_ratios_and_age(engine, digests, parts):
    told = drawn(engine, parts, "ozone-ratios", span="7d")
    assert "toluene/benzene" in told and ">2.17<" in told and "Photochemical age" in told  # 1.3 / 0.6


@pytest.mark.parametrize("kind", filled.CONTENTS)
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_result_of_each_kind_is_drawn_with_what_it_rests_on(engine, digests, parts, kind, lang):
    told = drawn(engine, parts, "ozone-results", lang=lang, result=digests[kind])
    method = catalogue()[f"bench.kind_{kind}"][lang]
    assert digests[kind] in told and f"{method} 1; T1S2" in told and "a" * 64 in told
    assert "该类型没有专门的图" not in told and "There is no drawing" not in told


def test_a_chinese_page_names_compounds_pathways_and_values_in_chinese(engine, digests, parts):
    assert "甲苯/苯" in drawn(engine, parts, "ozone-ratios", lang="zh", span="7d")
    told = drawn(engine, parts, "ozone-results", lang="zh", result=digests["receptor"])
    assert "间/对二甲苯" in told and "toluene" not in told
    with engine.connect() as connection:
        one, two = connection.execute(
            bench_result.select().with_only_columns(bench_result.c.digest).where(bench_result.c.kind == "rir")
        ).scalars()
    told = drawn(engine, parts, "ozone-results", lang="zh", result=one, beside=two)
    assert {"零", "限值的一半", "烯烃"} <= set(re.findall(r">([^<>]+)<", told)) and ">alkenes<" not in told
    text = Text("zh")
    assert [named.pathway(text, each) for each in ("O3 + alkenes", "other", "HO2 + NO")] == [
        "O₃ + 烯烃", "其他", "HO₂ + NO",
    ]  # fmt: skip


def test_the_attribution_stands_beside_the_factors_and_bootstrap_beside_displacement(engine, digests, parts):
    told = drawn(engine, parts, "ozone-results", result=digests["source_ozone"])
    assert "mean of 12 days" in told and ">31.4<" in told and "which sectors a factor stands for" in told
    told = drawn(engine, parts, "ozone-results", result=digests["receptor"])
    assert ">48.0 – 72.0<" in told and ">60.0 – 60.0<" in told  # 60 % ± 20 %, and the bootstrap that was made up


def test_two_results_stand_side_by_side_with_what_differs_marked(engine, digests, parts):
    with engine.connect() as connection:
        found = connection.execute(bench_result.select().where(bench_result.c.kind == "rir")).mappings().all()
    one, two = (row["digest"] for row in found)
    told = drawn(engine, parts, "ozone-results", result=one, beside=two)
    # kind, site, first and last day, the one setting, method, inputs, simulated
    assert "1 of 8 differs, marked below" in told
    assert set(re.findall(r"<b>([^<]*)</b>", told)) == {"zero", "half"} and told.count(">differs<") == 1
    assert "Settings and inputs are the same" in drawn(engine, parts, "ozone-results", result=one, beside=one)


def test_requests_stand_with_their_progress_and_reasons(engine, digests, parts):
    told = drawn(engine, parts, "ozone-asked")
    assert 'role="progressbar"' in told and "40%" in told and "grid of EKMA" in told
    assert "the period has 0 days" in told and "/en/office/bench?kind=ekma" in told
    assert "时段有 0 天" in drawn(engine, parts, "ozone-asked", lang="zh")


@pytest.mark.parametrize("params", [
    {"station": "x"}, {"span": "-1"}, {"from": "2023-01-01", "to": "1999-01-01"}, {"from": "2022-02-01", "to": "2023-01-21"},
    {"result": "x" * 64}, {"result": "0" * 64, "beside": "' OR 1=1 --"}, {"station": "' OR 1=1 --", "result": "0" * 64},
    {"station": "1431A"}, {"span": "90d"},
])  # fmt: skip
@pytest.mark.parametrize("name", SECTIONS)
def test_any_parameter_gives_a_page(engine, digests, parts, name, params):
    assert drawn(engine, parts, name, **params)


@pytest.mark.parametrize(
    ("name", "params", "words"),
    [
        ("ozone-choice", {"station": "1431A"}, ("station; shown instead: 超级站 9001A",)),
        ("ozone-choice", {"span": "-1"}, ("span; shown instead",)),
        ("ozone-choice", {"from": "2022-02-01", "to": "2023-01-21"}, ("from, to; shown instead",)),
        ("ozone-choice", {"span": "year"}, ("span; shown instead",)),
        ("ozone-choice", {"sapn": "7d", "<b>": "x"}, ("2 parameters that this page does not use",)),
        ("ozone-results", {"result": "x" * 64}, ("result; shown instead: the newest result of this site",)),
        ("ozone-results", {"result": "0" * 64}, ("result; shown instead: the newest result of this site",)),
        ("ozone-results", {"beside": "0" * 64}, ("beside; shown instead: the one result alone",)),
    ],
)
def test_what_an_address_asks_in_vain_is_said_with_what_is_shown_instead(engine, digests, parts, name, params, words):
    told = drawn(engine, parts, name, **params)
    assert all(each in told for each in words) and "<b>" not in told
    assert "shown instead" not in drawn(engine, parts, name, station=filled.SITE, span="7d", result=digests["rir"])


@pytest.mark.parametrize("name", SECTIONS)
def test_without_hours_results_or_sites_it_is_said(tmp_path, parts, name):
    empty = stores.empty_store(tmp_path)
    assert drawn(empty, parts, name)
    stores.fill(empty)
    assert drawn(empty, parts, name)
    assert (
        "The registry has no super-site" in drawn(empty, parts, name, known=registry.load()) or name not in SECTIONS[:1]
    )
    empty.dispose()


def test_a_result_that_holds_something_else_is_told_as_it_is(tmp_path, parts, monkeypatch):
    engine = stores.empty_store(tmp_path)
    stores.fill(engine)
    monkeypatch.setitem(filled.CONTENTS, "rir", {"<b>": "<script>alert(1)</script>"})
    digest = filled.fill(engine)["rir"]
    told = drawn(engine, parts, "ozone-results", result=digest)
    assert "There is no drawing of this kind" in told and "<script>" not in told
    engine.dispose()


def test_an_opened_result_stands_above_the_list_with_its_words(engine, digests, parts):
    told = drawn(engine, parts, "ozone-results", result=digests["ekma"])
    assert told.index("<svg") < told.index("All results") < told.index(digests["rir"][:12])
    # The surface of the test is highest at the root of 0.2, 0.45; of both, a fifth less is at 0.8, 0.8.
    base, fifth = (40 + 60 * (0.1 + x) / (0.5 + x) * x / (0.2 + x * x) for x in (1.0, 0.8))
    assert "highest at NOx × 0.45" in told and f"<td>{fifth - base:.1f}</td>" in told
    assert "The cheapest cut to 65 ppb" in told and "The 14 days on the diagram" in told
    assert "到目标 65 ppb" in drawn(engine, parts, "ozone-results", lang="zh", result=digests["ekma"])


def test_the_numbers_of_an_ekma_are_those_of_its_grid_and_its_file_stands_alone(engine, digests, parts):
    with gathered() as figures:
        drawn(engine, parts, "ozone-results", result=digests["ekma"])
    (figure,) = figures
    assert figure.name == f"ekma-{digests['ekma'][:8]}" and len(figure.rows) == 21 * 21
    by_place = {(x, y): value for x, y, value in figure.rows}
    assert by_place[0.5, 2.0] == pytest.approx(40 + 60 * 0.6 / 1.0 * 2.0 / 4.2)
    assert "ridge" in figure.as_svg(Text("en"))


@pytest.mark.parametrize(
    ("kind", "names"),
    [
        ("ozone_day", ["budget", "production", "reactivity", "oh", "peroxy"]),
        ("receptor", ["shares", "factor-hours-1", "factor-1", "factor-2", "factor-3"]),
    ],
)
def test_hours_of_the_day_stand_beside_the_whole_and_an_older_result_has_none(
    tmp_path, engine, digests, parts, kind, names, monkeypatch
):
    with gathered() as figures:
        drawn(engine, parts, "ozone-results", result=digests[kind])
    assert sorted(each.name.rsplit("-", 1)[0] for each in figures) == sorted(names)
    older = {name: value for name, value in filled.CONTENTS[kind].items() if name not in ("hours", "contribution")}
    monkeypatch.setitem(filled.CONTENTS, kind, older)
    own = stores.empty_store(tmp_path)
    stores.fill(own)
    digest = filled.fill(own)[kind]
    with gathered() as figures:
        told = drawn(own, parts, "ozone-results", result=digest)
    assert "There is no drawing" not in told and not any("hours" in each.name or "oh-" in each.name for each in figures)
    own.dispose()
