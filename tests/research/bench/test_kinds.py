"""Every kind of the bench on made days: it is worked out by the worker, kept with its method, and drawn by the page.

What the numbers are is held in tests/research/ozone and tests/research/receptor; here, that the bench hands on what they say.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import dash
import numpy as np
import pytest
import sqlalchemy as sa

from dashboards.context import Context, scene_of
from dashboards.snapshots import declared
from dashboards.snapshots.markup import markup
from dashboards.view import View
from research.bench import at_work, kinds
from research.ozone.conditions import conditions
from research.ozone.days import gather
from research.ozone.errors import OzoneError
from research.ozone.in_store import hours_from_store
from research.ozone.obm import obm_of
from research.virtual_airshed.observe.sites import RESEARCH_SITES
from streams.registry import Registry, load
from streams.store import begin_write, open_store
from streams.store import bench_requests as requests
from streams.store.bench_kinds import ASKINGS, question_of
from streams.store.bench_results import BenchError, result_named
from streams.store.reasons import told_in
from streams.store.schema import air_city_hour, forecast_city_hour
from tests.dashboards.conftest import NOW
from tests.research.ozone.stored import STATION, fill

FIRST = dt.date(2024, 7, 3)
SMALL = {"receptor": {"factors": "2", "starts": "3", "bootstraps": "3", "disp": "yes"}, "ekma": {"size": "5"}}


@pytest.fixture(scope="module")
def registry() -> Registry:
    shipped = load()
    return Registry(
        shipped.cities, {**shipped.stations, **{each.code: each for each in RESEARCH_SITES}}, shipped.outlines_path
    )


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    path = tmp_path_factory.mktemp("kinds") / "store.sqlite"
    fill(
        f"sqlite:///{path}", FIRST, by_day=("isoprene", "formaldehyde", "acetaldehyde")
    )  # two factors want two sources
    engine = open_store(path)
    yield engine
    engine.dispose()


@pytest.fixture(scope="module")
def results(store, registry) -> dict[str, str]:
    """Work every kind out, once; give the digests."""
    found: dict[str, str] = {}
    for kind in ASKINGS:
        more = {"receptor": found["receptor"]} if kind == "source_ozone" else SMALL.get(kind, {})
        question = question_of(kind, STATION, FIRST.isoformat(), (FIRST + dt.timedelta(days=1)).isoformat(), more)
        with begin_write(store) as connection:
            asked = requests.ask(connection, kind, STATION, question, by="researcher", now=at_work.now_utc())
        done = at_work.work_one(store, registry, id=asked.id)
        assert (done.state, done.reason) == ("done", None), kind
        found[kind] = done.result
    return found


def kept(store, results, kind):
    with store.connect() as connection:
        return result_named(connection, results[kind])


def test_every_kind_that_can_be_asked_is_worked_out():
    assert set(kinds.MODULES) == set(ASKINGS)


@pytest.mark.parametrize("kind", ASKINGS)
def test_it_is_kept_with_its_method_and_mark(store, results, kind):
    found = kept(store, results, kind)
    assert found.software.startswith(f"{kind} ") and found.simulated and len(found.inputs) == 64 and found.cpu_s > 0


def test_the_budget_is_that_of_the_box_model(store, registry, results):
    hours = hours_from_store(store, registry, STATION, FIRST, FIRST + dt.timedelta(days=1))
    own = obm_of([conditions(each) for each in gather(hours).days])
    content = kept(store, results, "ozone_day").content
    assert content["source"].endswith("weather of forecasts up to 6 h ahead")
    days = content["days"]
    assert [each["day"] for each in days] == ["2024-07-03", "2024-07-04"]
    np.testing.assert_allclose(
        [each["net_ppb"] for each in days], [each.net_ozone_ppb_h.sum() for each in own], rtol=1e-6
    )
    for each in days:
        assert sum(each["budget_ppb"].values()) == pytest.approx(each["net_ppb"], rel=1e-3, abs=1e-3)


def test_the_days_lie_on_the_diagram_of_their_mean(store, results):
    content = kept(store, results, "ekma").content
    assert len(content["o3_ppb"]) == len(content["o3_ppb"][0]) == 5
    assert np.mean([each["voc"] for each in content["days"]]) == pytest.approx(1.0, abs=1e-3)
    assert np.mean([each["nox"] for each in content["days"]]) == pytest.approx(1.0, abs=1e-3)
    assert content["base_o3_ppb"] == pytest.approx(content["o3_ppb"][2][2], abs=0.01), "the mean day stands at 1, 1"


def test_the_hours_of_the_budget_are_means_of_the_days_and_make_the_net(store, registry, results):
    hours = hours_from_store(store, registry, STATION, FIRST, FIRST + dt.timedelta(days=1))
    own = obm_of([conditions(each) for each in gather(hours).days])
    mean = kept(store, results, "ozone_day").content["hours"]
    np.testing.assert_allclose(np.sum(list(mean["ozone_ppb_h"].values()), axis=0), mean["net_ppb_h"], atol=1e-3)
    for hour in (3, 12):
        for name in ("OH", "HO2", "RO2"):
            expected = sum(each.concentration_ppb[name][hour] for each in own) / 2
            assert mean["radicals_ppb"][name][hour] == pytest.approx(expected, rel=1e-6)
        reactivity = sum(sum(values[hour] for values in each.oh_reactivity_per_s.values()) for each in own) / 2
        assert sum(of[hour] for of in mean["oh_reactivity_per_s"].values()) == pytest.approx(reactivity, rel=1e-6)


def test_the_ridge_the_cuts_and_the_cheapest_cut_are_those_of_the_grid(store, registry, results):
    content = asked_of(store, registry, "ekma", size="9", target_ppb="60").content
    axis, own = np.array(content["voc_factor"]), np.array(content["o3_ppb"]).T
    top = content["ridge"]
    for n, (voc, nox, inside) in enumerate(
        zip(*(top[name] for name in ("voc_factor", "nox_factor", "inside")), strict=True)
    ):
        assert voc == axis[n]
        if inside:  # a curve through the nodes is highest no farther than a node from the highest node
            assert abs(nox - axis[own[n].argmax()]) <= axis[1] - axis[0]
    assert any(top["inside"])
    assert [each["nox_per_voc"] for each in content["cuts"]] == [0.0, 0.5, 1.0, 2.0, None]
    for each in content["cuts"]:
        assert each["o3_ppb"][0] == pytest.approx(content["base_o3_ppb"], abs=0.01)
    both = content["cuts"][2]
    assert both["o3_ppb"][10] == pytest.approx(own[2, 2], abs=0.01), "half of both is a node of the grid"
    cheapest = content["cheapest"]
    assert cheapest["target_ppb"] == 60.0 and cheapest["o3_ppb"] <= 60.0 if cheapest["reached"] else own.min() > 60.0
    assert kept(store, results, "ekma").content["cheapest"] is None, "no target was asked"


def test_shares_of_a_receptor_result_make_the_whole(store, results):
    content = kept(store, results, "receptor").content
    np.testing.assert_allclose(np.array(content["profile_pct"]).sum(axis=0), 100.0)
    assert sum(content["contribution_pct"]) == pytest.approx(100.0)
    low, middle, high = (np.array(content[name], float) for name in ("low_pct", "profile_pct", "high_pct"))
    assert (low <= middle + 1e-6).all() and (middle <= high + 1e-6).all()


def test_shares_of_sources_make_the_whole_and_say_why_there_is_no_attribution(store, results):
    content = kept(store, results, "source_ozone").content
    assert content["sources"][-1] == "in no factor" and sum(content["share"]["ofp"]) == pytest.approx(1.0, abs=1e-6)
    assert "attribution" in content["why_none"] and content["attribution_days"] == 0


def asked_of(store, registry, kind: str, **settings: str):
    """Work one more question out; give its result."""
    question = question_of(kind, STATION, FIRST.isoformat(), (FIRST + dt.timedelta(days=1)).isoformat(), settings)
    with begin_write(store) as connection:
        asked = requests.ask(connection, kind, STATION, question, by="researcher", now=at_work.now_utc())
    done = at_work.work_one(store, registry, id=asked.id)
    assert (done.state, done.reason) == ("done", None)
    with store.connect() as connection:
        return result_named(connection, done.result)


def test_factors_of_a_receptor_result_are_groups_of_reactivities(store, registry, results):
    by_factor = asked_of(store, registry, "rir", by="factors", receptor=results["receptor"]).content
    of = {each["group"]: each["rir"] for each in by_factor["groups"]}
    assert list(of)[:2] == ["1 Factor 1", "2 Factor 2"] and {"in no factor", "CO", "NOx"} <= set(of)
    # Cuts are small, so that those of the parts together are that of the whole: of all compounds at once.
    whole = {each["group"]: each["rir"] for each in kept(store, results, "rir").content["groups"]}
    parts = sum(value for name, value in of.items() if name not in ("CO", "NOx") and value is not None)
    assert parts == pytest.approx(whole["VOC"], rel=0.05) and of["NOx"] == pytest.approx(whole["NOx"], rel=1e-3)


def test_factors_without_a_receptor_result_are_refused(store, registry):
    question = question_of("rir", STATION, FIRST.isoformat(), FIRST.isoformat(), {"by": "factors"})
    with pytest.raises(BenchError, match="the receptor result is left out"):
        kinds.working("rir").read(store, registry, question)


def test_the_diagram_of_emissions_stands_on_the_mean_day(store, registry, results):
    held = kept(store, results, "ekma").content
    emitted = asked_of(store, registry, "ekma", size="5", over="emitted").content
    assert emitted["over"] == "emitted" and emitted["days"] == []
    # What is supplied keeps the air as it was measured: both diagrams have the same ozone at the day itself, not elsewhere.
    assert emitted["o3_ppb"][2][2] == pytest.approx(held["o3_ppb"][2][2], rel=0.1)
    assert np.abs(np.array(emitted["o3_ppb"]) - np.array(held["o3_ppb"])).max() > 1.0


def test_sectors_of_the_attribution_stand_for_factors_where_a_person_says_so(store, registry, results):
    question = question_of(
        "source_ozone", STATION, FIRST.isoformat(), FIRST.isoformat(),
        {"receptor": results["receptor"], "sectors": "solvent=2, vehicles=1,industry=2"},
    )  # fmt: skip
    assert question["sectors"] == "industry=2,vehicles=1,solvent=2"
    module = kinds.working("source_ozone")
    data = module.read(store, registry, question).data
    said = {"industry": 10.0, "vehicles": 20.0, "solvent": 10.0, "outside": 60.0}
    day = data.days[0].day.day.isoformat()
    told = replace(data, more={**data.more, "attribution": {day: (said, {"quantity": "o3"})}})
    content = module.work(question, told, lambda *_: None)
    # 20 of the 40 that stand for factors are vehicles', and 20 those of industry and solvents
    np.testing.assert_allclose(np.array(content["share"]["attribution"][:2], float), [0.5, 0.5])
    assert (
        np.isnan(content["share"]["attribution"][2]) and content["why_none"] == "" and content["attribution_days"] == 1
    )
    with pytest.raises(BenchError, match="vehicles is given to factor 9, expected one of 1 to 2"):
        module.work({**question, "sectors": "vehicles=9"}, told, lambda *_: None)


@pytest.mark.parametrize(
    "sectors", ["vehicles", "vehicles=0", "vehicles=13", "vehicles=1,vehicles=2", "outside=1", "vehicles=x"]
)
def test_sectors_that_are_none_are_refused_in_words(sectors):
    with pytest.raises(BenchError, match="expected sectors with the numbers of factors such as vehicles=2,solvent=3"):
        question_of("source_ozone", STATION, "2024-07-03", "2024-07-03", {"receptor": "0" * 64, "sectors": sectors})


@pytest.mark.parametrize("kind", ASKINGS)
def test_the_page_draws_it(store, registry, results, kind):
    dash.Dash("pages", use_pages=True, pages_folder="")
    declared.load()
    from dashboards.pages import ozone

    context = Context(lambda: store, registry, clock=lambda: NOW)
    with scene_of(
        context, View.from_query({"lang": "en"}, registry.cities), {"station": STATION, "result": results[kind]}
    ) as scene:
        told = markup(ozone.results.render(scene))
    assert results[kind] in told and "There is no drawing of this kind" not in told


def test_days_that_cannot_be_computed_fail_in_words(store, registry):
    question = question_of("rir", STATION, "2024-08-01", "2024-08-02")
    with begin_write(store) as connection:
        asked = requests.ask(connection, "rir", STATION, question, by="x", now=at_work.now_utc())
    done = at_work.work_one(store, registry, id=asked.id)
    assert done.state == "failed" and "the store has no compounds" in done.reason


def test_the_reason_names_each_day_and_what_it_lacks(tmp_path, registry):
    path = tmp_path / "store.sqlite"
    fill(
        f"sqlite:///{path}", FIRST, by_day=("isoprene", "formaldehyde", "acetaldehyde")
    )  # two factors want two sources
    engine = open_store(path)
    with engine.begin() as connection:  # the weather of the second day alone is known
        connection.execute(
            sa.delete(forecast_city_hour).where(forecast_city_hour.c.hour_end <= dt.datetime(2024, 7, 3, 16))
        )
        connection.execute(
            sa.update(air_city_hour).where(air_city_hour.c.hour_end > dt.datetime(2024, 7, 3, 16)).values(co_mgm3=None)
        )
    question = question_of("rir", STATION, "2024-07-03", "2024-07-04")
    with pytest.raises(OzoneError) as told:
        kinds.working("rir").read(engine, registry, question)
    engine.dispose()
    assert "(without values: 07-03 temperature_c 24 h; 07-04 co_ppb 24 h), expected whole days" in str(told.value)
    assert "2024-07-03 至 2024-07-04 没有可计算的日子（缺少数值：07-03 temperature_c 24 h" in told_in(
        "zh", str(told.value)
    )


def test_a_receptor_result_of_elsewhere_is_refused(store, registry):
    question = question_of("source_ozone", STATION, FIRST.isoformat(), FIRST.isoformat(), {"receptor": "0" * 64})
    with begin_write(store) as connection:
        asked = requests.ask(connection, "source_ozone", STATION, question, by="x", now=at_work.now_utc())
    assert "there is no receptor result 000000000000" in at_work.work_one(store, registry, id=asked.id).reason
