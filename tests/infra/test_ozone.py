"""`airshed ozone`: days of a store and of a table, what is said of them, and what is refused."""

from __future__ import annotations

import csv
import datetime as dt
import json
from pathlib import Path

import pytest
import sqlalchemy as sa

from infra import cli
from research.virtual_airshed.observe.sites import RESEARCH_SITES
from streams.registry import SHIPPED
from streams.sources.stations.voc_columns import column_of
from streams.store import schema
from streams.store.connect import open_store
from tests.dashboards.attributed import row
from tests.research.ozone.made import hours
from tests.research.ozone.stored import CITY, STATION, fill

SMALL = Path(__file__).parents[1] / "research" / "ozone" / "small.fac"
FIRST = dt.date(2024, 7, 3)
HERE = ("--at", "104.07,30.67")
DATES = ("--first", "2024-07-03", "--last", "2024-07-04")


def said(tmp_path, capsys, *arguments):
    code = cli.main(["ozone", *arguments, "--data", str(tmp_path)])
    out, err = capsys.readouterr()
    return code, " ".join((out + err).split()), out


@pytest.fixture(autouse=True)
def english(monkeypatch):
    monkeypatch.setenv("AIRSHED_LANG", "en")


@pytest.fixture
def table(tmp_path):
    record = hours(FIRST)
    path = tmp_path / "own.csv"
    zone = dt.timezone(dt.timedelta(hours=8))
    with path.open("w", encoding="utf-8", newline="") as file:
        write = csv.writer(file)
        write.writerow(["hour_end", *record.series, *map(column_of, record.compounds)])
        for i, end in enumerate(record.hour_end.tolist()):
            moment = dt.datetime.fromtimestamp(end * 3600, zone).isoformat()
            gap = 30 <= i < 36  # six hours of the second day
            values = ["" if gap and name == "no2_ppb" else values[i] for name, values in record.series.items()]
            write.writerow([moment, *values, *record.voc_ppb[:, i]])
    return path


@pytest.fixture
def platform(tmp_path):
    """A data directory with a registry that knows the super-sites, and a store with two days of one."""
    folder = tmp_path / "registry"
    folder.mkdir()
    for name in ("cities.csv", "stations.csv", "cities.geojson"):
        (folder / name).write_bytes((SHIPPED / name).read_bytes())
    with (folder / "stations.csv").open("a", encoding="utf-8") as file:
        for each in RESEARCH_SITES:
            file.write(f"{each.code},{each.name_zh},,{each.kind},{each.lon},{each.lat},{each.city},,,invented,\n")
    fill(f"sqlite:///{tmp_path / 'store.sqlite'}", FIRST)
    return tmp_path


def test_a_day_of_a_table_is_told_with_its_pathways_and_what_was_left_out(tmp_path, capsys, table):
    code, told, _ = said(tmp_path, capsys, "day", str(table), *HERE)
    assert code == 0
    assert "own: the box of each day" in told and "HO2 + NO" in told
    assert "left out: own 2024-07-04, no2_ppb lacks 6 h on end from 2024-07-04T07:00+08:00" in told
    assert "mixing height was not measured, 300–1200 m from night to afternoon is taken" in told


def test_a_minor_compound_without_a_day_is_named(tmp_path, capsys, table):
    rows = [line.split(",") for line in table.read_text(encoding="utf-8").splitlines()]
    at = rows[0].index("benzene_ppb")
    for hour in rows[10:14]:
        hour[at] = ""
    table.write_text("\n".join(map(",".join, rows)), encoding="utf-8")
    _, told, _ = said(tmp_path, capsys, "day", str(table), *HERE)
    assert "2024-07-03 goes without minor compounds" in told and "benzene (0.6%)" in told
    _, _, out = said(tmp_path, capsys, "day", str(table), *HERE, "--json")
    assert list(json.loads(out)["without"]["2024-07-03"]) == ["benzene"]


def test_days_of_the_store_are_told_as_json(platform, capsys):
    code, _, out = said(platform, capsys, "rir", STATION, *DATES, "--json")
    found = json.loads(out)
    assert code == 0
    assert [each["day"] for each in found["results"]] == ["2024-07-03", "2024-07-04"]
    assert found["left_out"] == []
    of = dict(zip(found["results"][0]["groups"], found["results"][0]["rir"], strict=True))
    assert of["NOx"] < 0 < of["VOC"]
    assert found["results"][0]["simulated"] is True


def test_a_diagram_of_the_mean_has_the_days_on_it(platform, capsys):
    code, _, out = said(platform, capsys, "ekma", STATION, *DATES, "--month", "--size", "5", "--target", "80", "--json")
    (found,) = json.loads(out)["results"]
    assert code == 0
    assert [each["day"] for each in found["days"]] == ["2024-07-03", "2024-07-04"]
    assert found["assumed"]["mean_of_days"] == "2: 2024-07-03–2024-07-04"
    assert found["cheapest"]["target_ppb"] == 80.0
    assert found["isopleths"]


def test_signs_stand_beside_each_other_in_both_languages(tmp_path, capsys, table, monkeypatch):
    code, told, _ = said(tmp_path, capsys, "regime", str(table), *HERE, "--first", "2024-07-03")
    assert code == 0 and "H2O2/HNO3" in told and "VOC 5/5" in told
    monkeypatch.setenv("AIRSHED_LANG", "zh")
    code, told, _ = said(tmp_path, capsys, "regime", str(table), *HERE, "--first", "2024-07-03")
    assert code == 0 and "各判据并列" in told and "VOC 控制 5/5" in told


@pytest.fixture
def factors(tmp_path):
    """Two factors on both days."""
    profiles, contributions = tmp_path / "profiles.csv", tmp_path / "contributions.csv"
    profiles.write_text(
        "compound,traffic,solvent\nethene_ppb,1,0\npropene_ppb,1,0\ntoluene_ppb,0.2,0.8\n", encoding="utf-8"
    )
    lines = [f"{dt.datetime.fromtimestamp(int(h) * 3600, dt.UTC).isoformat()},1,1" for h in hours(FIRST).hour_end]
    contributions.write_text("\n".join(["hour_end,traffic,solvent", *lines]), encoding="utf-8")
    return "--profiles", str(profiles), "--contributions", str(contributions)


def test_ozone_of_sources_is_told_by_each_method_beside_the_attribution(platform, capsys, factors):
    engine = open_store(f"sqlite:///{platform / 'store.sqlite'}")
    with engine.begin() as connection:
        told = row(
            CITY, [CITY, "510600"], dt.datetime(2024, 7, 3, 10), span="mda8", hours=8, quantity="o3", total=150.0
        )
        connection.execute(sa.insert(schema.attribution), [told])
    engine.dispose()
    sectors = ("--sector", "traffic=vehicles", "--sector", "traffic=nonroad", "--sector", "solvent=solvent")
    code, _, out = said(platform, capsys, "sources", STATION, *DATES, *factors, *sectors, "--json")
    first, second = json.loads(out)["results"]
    assert code == 0
    assert set(first["share"]) == {"ofp", "box, a tenth", "box, all", "attribution"}
    assert sum(first["share"]["attribution"][:2]) == pytest.approx(1.0)
    assert "attribution" not in second["share"] and "no attribution of o3" in second["why_none"]
    code, told, _ = said(platform, capsys, "sources", STATION, *DATES, *factors)
    assert code == 0 and "spread of methods" in told and "it was not said which sectors the factors stand for" in told


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("day", "SIM-S01"), 2, "of a super-site expected days with --first and --last"),
        (("day", "gone.csv"), 2, "'gone.csv', there is no such file"),
        (("day", "NOWHERE", *DATES), 1, "station is 'NOWHERE', expected a code of the registry"),
        (("day", "SIM-S01", "--first", "2030-01-01"), 1, "the store has no compounds"),
        (("day", "own.csv"), 1, "expected its longitude and latitude"),
        (("day", "own.csv", "--at", "104"), 2, "expected such as 104.07,30.67"),
        (("day", "SIM-S01", "--first", "3/7"), 2, "expected a day such as 2024-07-03"),
        (("rir", "SIM-S01", *DATES, "--by", "carbon"), 2, "expected one of families, compounds"),
        (("day", "SIM-S01", *DATES, "--below", "third"), 2, "expected one of zero, half, limit"),
    ],
)
def test_what_cannot_be_asked_is_refused_in_words(platform, capsys, tmp_path, monkeypatch, arguments, code, words):
    (tmp_path / "own.csv").write_text("time,ethene\n2024-07-03 01:00,1\n")
    monkeypatch.chdir(tmp_path)
    found, told, _ = said(platform, capsys, *arguments)
    assert found == code
    assert words in told


def test_a_mechanism_of_ones_own_is_run_and_what_it_lacks_is_named(tmp_path, capsys, table):
    code, told, _ = said(tmp_path, capsys, "day", str(table), *HERE, "--mechanism", str(SMALL))
    assert code == 0
    assert "mechanism: small, of which" in told and "compounds lumped by compounds_mcm.csv" in told
    # isoprene 0.6 ppb at 100e-12 (Atkinson and Arey 2003) is the most reactive of what is not in the file.
    assert "the mechanism has nothing for (share of the OH reactivity of VOC): isoprene (" in told


@pytest.mark.parametrize("command", ["rir", "regime", "ekma"])
def test_every_question_takes_a_mechanism(tmp_path, capsys, table, command):
    more = ("--size", "5") if command == "ekma" else ()
    code, _, out = said(tmp_path, capsys, command, str(table), *HERE, "--mechanism", "ts1", "--json", *more)
    assert code == 0 and json.loads(out)["results"]
    if command == "rir":
        assert json.loads(out)["results"][0]["settings"]["mechanism"] == "ts1"


def test_what_cannot_be_read_of_a_mechanism_is_refused_with_line_and_reaction(tmp_path, capsys, table):
    file = tmp_path / "a.fac"
    file.write_text("K = 1.0D-12 ;\n% CALC(TEMP) : OH + CO = HO2 ;", encoding="utf-8")
    code, told, _ = said(tmp_path, capsys, "day", str(table), *HERE, "--mechanism", str(file))
    assert (
        code == 1
        and "a.fac, line 2 (OH + CO = HO2): rate 'CALC(TEMP)' is of the form 'CALC', which is not known" in told
    )
    code, told, _ = said(tmp_path, capsys, "day", str(table), *HERE, "--mechanism", str(tmp_path / "none.fac"))
    assert code == 1 and "none.fac" in told
