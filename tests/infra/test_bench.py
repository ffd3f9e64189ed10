"""`airshed bench`: a question is asked, worked out, listed, shown and cancelled; what cannot be asked is refused in words."""

from __future__ import annotations

import datetime as dt
import json
import re
from dataclasses import replace

import pytest
import sqlalchemy as sa
from rich.console import Console

from dashboards import text as words
from infra import bench_told, cli, messages
from streams.registry import SHIPPED
from streams.store import begin_write, open_store
from streams.store.bench_kinds import ASKINGS, question_of
from streams.store.bench_results import BenchError
from streams.store.schema import voc_station_hour
from tests.dashboards.bench import filled
from tests.dashboards.stores import NEWEST

ASKED = ["composition", "3001A", "2026-06-01", "2026-06-01"]


@pytest.fixture(autouse=True)
def store(tmp_path, monkeypatch):
    monkeypatch.setenv("AIRSHED_HOME", str(tmp_path))
    monkeypatch.delenv("AIRSHED_STORE", raising=False)
    monkeypatch.setenv("AIRSHED_LANG", "en")
    engine = open_store(tmp_path / "store.sqlite")
    begin = dt.datetime(2026, 5, 31, 16)
    common = {"species_ppb": '{"ethane": 4.0}', "n_species": 1, "n_below": 0, "status": "provisional", "revision": 0}
    rows = [
        common | {"station": "3001A", "hour_end": begin + dt.timedelta(hours=h + 1), "simulated": True, "version": 1}
        for h in range(24)
    ]
    with begin_write(engine) as connection:
        connection.execute(sa.insert(voc_station_hour), rows)
    engine.dispose()


def test_a_question_is_worked_out_and_shown_with_all_that_it_rests_on(capsys):
    assert cli.main(["bench", "run", *ASKED, "--set", "least_hours=5"]) == 0
    told = capsys.readouterr().out
    assert "composition of 3001A, 2026-06-01 to 2026-06-01" in told and "settings: least_hours=5" in told
    assert "some input is simulated" in told
    digest = told.partition("digest ")[2].split()[0]
    assert re.search(r"alkanes +│ 4.00 +│ NA", told) and re.search(r"ethane +│ +1.4", told)  # 4 ppb, MIR of ethane 0.28
    assert told.rstrip().endswith(
        f"/analysis/ozone?station=3001A&result={digest}&lang=en of the portal, or airshed bench show {digest[:12]} --json"
    )
    assert cli.main(["bench", "show", digest[:10]]) == 0
    assert capsys.readouterr().out == told
    assert cli.main(["bench", "show", digest[:10], "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["digest"] == digest and found["content"]["now"]["mean_ppb"] == [4.0]
    assert cli.main(["bench", "list"]) == 0
    assert digest[:8] in capsys.readouterr().out.replace("\n", "")


TOLD = {
    "composition": ["alkanes", "11.00", "28.0"],
    "receptor": ["Factor 1 (may be combustion)", "31.0", "ethane 60, toluene 20", "Q true 4210.2", "17 of 40 starts"],
    "ozone_day": ["HO₂ + NO", "31.20", "−6.10"],
    "ekma": ["VOC alone", "The mean day's largest ozone is", "65 ppb"],
    "rir": ["alkenes", "0.520", "NOx", "−0.610"],
    "regime": ["2023-01-20", "limited by VOC", "EKMA: limited by VOC (-0.83)"],
    "source_ozone": ["Factor 1", "30 – 50", "which sectors a factor stands for"],
}


@pytest.mark.parametrize("kind", ASKINGS)
def test_each_kind_tells_its_main_numbers(kind, capsys):
    tables, below = bench_told.answer(filled.kept_of(kind, {}, NEWEST))
    for table in tables:
        Console(width=200).print(table)
    told = capsys.readouterr().out + "\n".join(below)
    assert tables and [each for each in TOLD[kind] if each not in told] == []


def test_what_another_program_kept_is_not_told_and_does_no_harm():
    assert bench_told.answer(replace(filled.kept_of("rir", {}, NEWEST), content={"other": 1})) == ([], [])


def test_a_request_that_waits_is_cancelled(capsys):
    assert cli.main(["bench", "run", *ASKED, "--queue"]) == 0
    id = capsys.readouterr().err.split()[1]
    assert cli.main(["bench", "cancel", id]) == 0 and "cancelled" in capsys.readouterr().out
    assert cli.main(["bench", "cancel", id]) == 1
    assert f"the request {id} has ended already (cancelled), so there is nothing to cancel" in capsys.readouterr().err
    assert cli.main(["bench", "show", id]) == 1
    assert "has no result, expected one that is done: it is cancelled" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["run", "composition", "3001A", "2026-07-01", "2026-07-02"], "the store has no compounds from 2026-07-01"),
        (["run", "ekma", "9999X", *ASKED[2:]], "the station is '9999X', expected a super-site of the registry"),
        (["run", "ekma", *ASKED[1:], "--queue"], "the station is '3001A', expected a super-site of the registry"),
        (["run", "magic", *ASKED[1:]], "the kind is 'magic', expected one of composition"),
        (["run", *ASKED, "--set", "speed=9"], "composition has no setting 'speed', expected one of least_hours"),
        (["run", *ASKED, "--set", "speed"], "expected NAME=VALUE"),
        (["cancel", "nothing"], "there is no request 'nothing'"),
        (["show", "nothing"], "there is no result 'nothing'"),
    ],
)
def test_what_cannot_be_asked_is_refused_in_words(arguments, why, capsys):
    assert cli.main(["bench", *arguments]) == 1
    assert why in capsys.readouterr().err.replace("\n", " ")


def test_commands_name_the_steps_of_work_as_pages_do():
    pages = {key.split(".")[1]: word for key, word in words.catalogue().items() if key.startswith("bench.step_")}
    own = {
        key.removeprefix("bench_"): word for key, word in messages.catalogue().items() if key.startswith("bench_step_")
    }
    assert own == pages and "step_read" in own


def test_a_result_that_is_not_there_leads_to_the_entry_of_the_bench(monkeypatch, capsys):
    monkeypatch.setenv("AIRSHED_LANG", "zh")
    assert cli.main(["bench", "show", "zzz"]) == 1
    assert "docs/handbook.md#bench-refused" in capsys.readouterr().err.replace("\n", "")


def test_a_super_site_of_the_demo_is_known(tmp_path, capsys):
    folder = tmp_path / "simulated" / "registry"
    folder.mkdir(parents=True)
    for name in ("cities.csv", "stations.csv", "cities.geojson"):
        (folder / name).write_bytes((SHIPPED / name).read_bytes())
    with (folder / "stations.csv").open("a", encoding="utf-8") as file:
        file.write("SIM-S01,模拟超级站,,super,104.06,30.64,510100,,,invented,\n")
    assert cli.main(["bench", "run", "ekma", "SIM-S01", *ASKED[2:], "--queue"]) == 0
    capsys.readouterr()
    assert cli.main(["bench", "run", "ekma", "SIM-S09", *ASKED[2:]]) == 1
    assert "expected a super-site of the registry: SIM-S01" in capsys.readouterr().err.replace("\n", " ")


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        (("ekma", "2026-06-01", "2026-07-02"), "the period has 32 days, expected 1 to 31 for ekma"),
        (("ekma", "2026-06-02", "2026-06-01"), "the period has 0 days"),
        (("ekma", "2026-6", "2026-06-01"), "the day is '2026-6', expected a date such as"),
        (("ekma", "1926-06-01", "2026-06-01"), "expected one from 2000 to 2100"),
        (
            ("ekma", "2026-06-01", "2026-06-01", {"size": "99"}),
            "size of ekma is '99', expected a whole number from 5 to 31",
        ),
        (
            ("ekma", "2026-06-01", "2026-06-01", {"below": "x"}),
            "below of ekma is 'x', expected one of half, limit, zero",
        ),
        (
            ("source_ozone", "2026-06-01", "2026-06-01"),
            "receptor of source_ozone is 'None', expected the digest of a result",
        ),
    ],
)
def test_a_question_out_of_bounds_names_what_is(asked, why):
    kind, *rest = asked
    with pytest.raises(BenchError, match=why):
        question_of(kind, "3001A", *rest)


def test_a_station_is_named_by_its_code():
    with pytest.raises(BenchError, match="the station is '30 01', expected its code"):
        question_of("ekma", "30 01", "2026-06-01", "2026-06-01")


def test_a_question_holds_every_setting():
    for kind, asking in ASKINGS.items():
        given = {"receptor": "0" * 64} if "receptor" in asking.settings else {}
        assert set(question_of(kind, "3001A", "2026-06-01", "2026-06-02", given)) == {
            "station",
            "first",
            "last",
            *asking.settings,
        }
