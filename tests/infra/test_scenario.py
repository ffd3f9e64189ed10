"""`airshed scenario` from tags in a store: the table, the words, JSON, the check after a warning, and what it refuses."""

from __future__ import annotations

import datetime as dt
import json

import numpy as np
import pytest
import sqlalchemy as sa
import typer
from click import unstyle

from infra import cli
from infra.datadir import DataDirectory
from infra.scenario import Asked, cut_of, hour_of, scenario
from ml.scenario.cuts import CutError
from standards.days import SHANGHAI
from streams import registry as registries
from streams.contributors import ALL, OUTSIDE, SECTORS
from streams.records import TagBlock
from streams.registry import Registry
from streams.store.connect import open_store
from streams.store.lines import EPOCH
from streams.store.schema import air_city_hour
from tests.streams import replaying as r
from tests.streams.store.test_voc_store import keep

CITY, POINTS = "510100", r.STATIONS["510100"]
CITIES = tuple(registries.load().cities)
FIRST, HOURS = r.FIRST, 120
QUANTITIES = (
    "no2", "nox", "o3", "ox", "pm25_primary", "coarse", "sulphate", "nitrate", "ammonium", "soa", "nitric_acid", "ammonia",
)  # fmt: skip
PAIRS = (*((s, ALL) for s in SECTORS), *((ALL, c) for c in CITIES), (ALL, OUTSIDE))


def block(model: str, definition: str = "allocation", *, seed: int = 0) -> TagBlock:
    """Tags in which every sector makes 2 ug/m3 and Chengdu nine tenths of it; a removal of ozone of 3 by each sector."""
    quantities = ("o3", "ox") if definition == "removal" else QUANTITIES
    values = np.zeros((len(quantities), len(PAIRS), len(POINTS), HOURS))
    each = (3.0 if definition == "removal" else 2.0) * (1 + 0.05 * seed)
    values[:, : len(SECTORS)] = each
    values[:, len(SECTORS) + CITIES.index(CITY)] = 0.9 * each * len(SECTORS)
    values[:, len(SECTORS) + CITIES.index("510600")] = 0.1 * each * len(SECTORS)
    values[:, -1] = 0.0 if definition == "removal" else 10.0
    if definition != "removal":
        values[QUANTITIES.index("ox"), -1] += 60.0
        values[QUANTITIES.index("o3"), -1] += 40.0
    return TagBlock(
        source="tags", model=model, run_init=FIRST - 12, city=CITY, first_hour=FIRST, simulated=True, digest=f"{seed:02d}" * 32,
        received_at=1000.0, places=POINTS, quantities=quantities, contributors=PAIRS, values=values, definition=definition,
    )  # fmt: skip


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> DataDirectory:
    directory = DataDirectory(tmp_path_factory.mktemp("home")).create()
    engine = open_store(directory.store_url)
    blocks = [block(m, d, seed=i) for i, m in enumerate(("A", "B")) for d in ("allocation", "removal")]
    keep(engine, tmp_path_factory.mktemp("air"), *blocks)
    with engine.begin() as connection:
        ends = [EPOCH + dt.timedelta(hours=FIRST + h) for h in range(HOURS)]
        empty = {c.name: "" if isinstance(c.type, sa.String) else 0 for c in air_city_hour.c if not c.nullable}
        rows = [empty | {"city": CITY, "hour_end": end, "pm25_ugm3": 90.0, "simulated": True} for end in ends]
        connection.execute(sa.insert(air_city_hour), rows)
    engine.dispose()
    return directory


@pytest.fixture(scope="module")
def known() -> Registry:
    return registries.load()


def said(home: DataDirectory, capsys, monkeypatch, *arguments: str, lang: str = "en", code: int = 0) -> str:
    monkeypatch.setenv("AIRSHED_LANG", lang)
    monkeypatch.delenv("AIRSHED_STORE", raising=False)
    assert cli.main(["scenario", *arguments, "--data", str(home.root)]) == code
    found = capsys.readouterr()
    return unstyle(found.out + found.err)


def test_without_cuts_the_levels_of_the_plan_stand_side_by_side_with_the_error_of_the_method(
    home, capsys, monkeypatch
) -> None:
    told = said(home, capsys, monkeypatch, "--city", CITY)
    for share in (10, 20, 30):
        assert (
            f"all managed sources in all cities emit {share}% less SO2, NOX, VOC, PM" in " ".join(told.split())
            or str(share) in told
        )
    assert "mean PM₂.₅ in Chengdu is expected to fall by" in told and "90% interval" in told
    assert "whose answer is known (simulated, not measured) the method was off by" in told
    assert "(simulated data)" in told


def test_words_are_in_ugm3_and_never_shares_of_an_allocation(home, capsys, monkeypatch) -> None:
    told = said(home, capsys, monkeypatch, "--cut", f"vehicles:{CITY}:0.3", "--city", CITY, lang="zh")
    assert "若成都" in told and "机动车减排 30%" in told and "µg/m³（90 % 区间" in told and "第 95 百分位" in told
    assert "贡献率" not in told and "占比" not in told


def test_a_larger_cut_changes_more_and_the_json_says_all(home, capsys, monkeypatch) -> None:
    told = json.loads(said(home, capsys, monkeypatch, "--level", "1", "--level", "3", "--json"))
    assert (told["definition"], told["unit"], told["models"], told["simulated"]) == (
        "removal",
        "ug m-3",
        ["A", "B"],
        True,
    )
    small, large = (answer["effects"]["pm25"]["cities"][CITY] for answer in told["answers"])
    assert large["change"] < small["change"] < 0 and large["low"] < large["change"] < large["high"]
    assert set(told["answers"][0]["effects"]) == {"pm25", "o3"}
    error = told["answers"][0]["effects"]["o3"]["error"]
    assert error["q95_ugm3"] > error["median_ugm3"] > 0 and error["judged_on_seeds"] == [41, 42, 43]
    assert told["answers"][0]["effects"]["pm25"]["cities"]["510600"]["change"] is None, "Deyang has no tags"


def test_the_answer_is_that_of_the_tags_once_the_air_has_cleared(home, known) -> None:
    """Primary particles of vehicles in Chengdu: 2 ug/m3 x 0.9; SOA likewise; the salt comes on top."""
    hours = FIRST + 96
    found = scenario(home.store_url, known, Asked(cuts=(f"vehicles:{CITY}:1.0",), first=FIRST + 1, last=hours))
    effect = found.answers[0].effects["pm25"]
    i = effect.receptors.index(CITY)
    assert -effect.level[i] < effect.change[i] < -0.8 * 2 * (2 * 0.9)
    assert effect.low[i] <= effect.change[i] <= effect.high[i]


def test_the_check_after_a_warning_says_that_the_weather_is_the_larger_error(home, capsys, monkeypatch) -> None:
    told = said(home, capsys, monkeypatch, "--level", "1", "--check", "--city", CITY)
    assert "Chengdu, mean PM₂.₅: measured 90.0 µg/m³; without the cuts an estimated 9" in " ".join(told.split())
    assert "more than the cuts changed" in " ".join(told.split()) or "not certain in which direction" in told


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("--cut", "ships:510100:0.3"), "sector is 'ships'"),
        (("--cut", "vehicles:510100"), "expected SECTOR:CITY:SHARE"),
        (("--cut", "vehicles:999999:0.3"), "999999"),
        (("--level", "2", "--from", "2001-01-01T00:00", "--to", "2001-01-03T00:00"), "no tags of the hours"),
    ],
)
def test_what_cannot_be_answered_is_refused_in_a_line(home, capsys, monkeypatch, arguments, why) -> None:
    assert why in " ".join(said(home, capsys, monkeypatch, *arguments, code=1).split())


def test_a_store_without_tags_says_where_they_go(tmp_path, capsys, monkeypatch) -> None:
    empty = DataDirectory(tmp_path).create()
    open_store(empty.store_url).dispose()
    assert "the store has no tags" in said(empty, capsys, monkeypatch, code=1)


def test_times_are_beijing_whole_hours() -> None:
    moment = dt.datetime(2026, 11, 25, 8, tzinfo=SHANGHAI)
    assert hour_of("2026-11-25T08:00", "--from") * 3600 == moment.timestamp()
    assert hour_of("2026-11-25T00:00Z", "--to") == hour_of("2026-11-25T08", "--from")
    for wrong in ("2026-11-25T08:30", "yesterday", ""):
        with pytest.raises(typer.BadParameter, match="expected a whole hour"):
            hour_of(wrong, "--from")
    with pytest.raises(CutError):
        cut_of("coal:510100:half", (0, 1))


def test_a_city_that_nobody_knows_is_refused_and_no_empty_table(home: DataDirectory) -> None:
    with pytest.raises(CutError, match="city is 999999, expected some of 510100"):
        scenario(home.store_url, registries.load(), Asked(levels=(2,), cities=("999999",)))


@pytest.mark.parametrize("text", ["9999-12-31T23:00", "0001-01-01T00:00", "9999-12-31T23:00-08:00"])
def test_an_hour_that_no_clock_tells_is_refused(text: str) -> None:
    with pytest.raises(typer.BadParameter, match="a year from 1970"):
        hour_of(text, "--from")
