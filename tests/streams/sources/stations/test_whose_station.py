"""Whose the stations of files by name are: national folders, files without a city's name, present and former names."""

from __future__ import annotations

import csv
import dataclasses
import random
from pathlib import Path
from types import MappingProxyType

import pytest

from streams import registry, sources
from streams.records import ObservationBlock
from streams.registry import national_cities
from streams.sources.stations import cnemc_named
from streams.sources.stations.cnemc_named import OPEN_CITY
from streams.sources.stations.whose import PRESENT_TOO, city_of_names
from streams.sources.tally import Origin, Parsed
from tests.streams.sources.reading import read_text

SHIPPED = registry.load()
HEADER = "Date,Hour,WatchPoint,AQI,Level,PrimaryPollution,PM2.5,PM10,CO,NO2,O3_1h,O3_8h,SO2\n"
COMMON = (
    "市监测站", "市委党校", "人民公园", "市政府", "气象局", "东山公园", "三水厂", "开发区管委会", "师范校", "行政中心", "莲花山",
    "市人大", "区法院", "环保局", "第一中学", "体育中心", "市第三水厂", "西小区", "高新区",
)  # fmt: skip
"""Names that stand in several cities of the national network, those of our stations among them."""


def text_of(rows: dict[str, int], hour: str = "08") -> str:
    """Give a file by name with one hour: PM2.5 by station name."""
    return HEADER + "".join(
        f"20240510,{hour},{name},40,优,NaN,{pm25},70,0.4,15,60,51,3\n" for name, pm25 in rows.items()
    )


def read(text: str, file: str, known: registry.Registry = SHIPPED) -> Parsed:
    """Give what the feed makes of a file of that name."""
    if known is SHIPPED:
        return read_text(cnemc_named, text, Origin("cnemc-named", file, "", 0.0))
    tally = sources.Tally(Origin("cnemc-named", file, "", 0.0))
    cnemc_named.read(text.splitlines(), known, tally, all_stations=False)
    return tally.parsed()


def pm25_of(parsed: Parsed) -> dict[str, float]:
    """Give the PM2.5 that was passed on, by station."""
    return {
        code: float(block.values[5, s, 0])
        for block in parsed.blocks
        if isinstance(block, ObservationBlock)
        for s, code in enumerate(block.stations)
    }


def test_a_file_of_another_city_is_set_aside_whole_also_where_it_has_names_of_ours() -> None:
    # The rows and the right answer were handed over with the fault: both files are of one national folder.
    luoyang = read(text_of({"市监测站": 112, "开发区管委会": 12, "市委党校": 113}), "洛阳.csv")
    assert not luoyang.blocks and sum(luoyang.intake.rejected.values()) == 3
    assert [(p.set_aside, p.rows, p.value) for p in luoyang.rejected] == [(True, 3, "洛阳市")]
    meishan = read(text_of({"市监测站": 20, "市委党校": 21, "蟆颐观": 22}), "眉山.csv")
    assert pm25_of(meishan) == {"2542A": 20, "3137A": 21, "2539A": 22}


@pytest.mark.parametrize(
    "file",
    [
        "洛阳.csv", "洛阳市.csv", "20240510_洛阳.csv", "洛阳市2024年5月.csv", "河南洛阳.csv", "luoyang.csv", "Luoyang-2024.csv",
        "410300.csv", "铜仁地区.csv", "延边州.csv", "襄樊.csv", "博州.csv", "昆山.csv", "五家渠.csv", "北京.csv", "台北.csv",
    ],
)  # fmt: skip
def test_a_city_of_the_country_is_known_by_any_of_its_names(file: str) -> None:
    parsed = read(text_of({"市监测站": 112, "蟆颐观": 113}), file)
    assert not parsed.blocks and all(each.set_aside for each in parsed.rejected)


@pytest.mark.parametrize(
    "file",
    [
        "眉山.csv",
        "眉山市.csv",
        "20240510_眉山.csv",
        "四川省眉山市.csv",
        "meishan.csv",
        "511400_202405.csv",
        "眉山 (1).csv",
    ],
)
def test_our_city_is_known_by_any_of_its_names(file: str) -> None:
    assert pm25_of(read(text_of({"市监测站": 20}), file)) == {"2542A": 20}


def test_ours_with_an_apostrophe_is_known_without() -> None:
    assert pm25_of(read(text_of({"市政府": 20}), "yaan.csv")) == {"2555A": 20}
    assert pm25_of(read(text_of({"市政府": 20}), "Ya'an.csv")) == {"2555A": 20}


@pytest.mark.parametrize(
    "names",
    [("市监测站", "开发区管委会", "市委党校"), ("市监测站", "市委党校"), ("市政府",), ("三水厂", "市人大", "高新区")],
)
def test_names_that_might_stand_anywhere_make_no_file_ours(names: tuple[str, ...]) -> None:
    parsed = read(text_of(dict.fromkeys(names, 100)), "export.csv")
    assert not parsed.blocks and {each.reason for each in parsed.rejected} == {OPEN_CITY}


def test_a_name_of_ours_among_many_unknown_ones_makes_no_file_ours() -> None:
    parsed = read(text_of({"蟆颐观": 1, "甲镇": 2, "乙镇": 3}), "export.csv")
    assert not parsed.blocks and sum(parsed.intake.rejected.values()) == 3


@pytest.mark.parametrize("city", SHIPPED.cities)
def test_the_stations_of_each_of_our_cities_tell_it_where_the_file_does_not(city: str) -> None:
    names = [station.name_zh for station in SHIPPED.stations.values() if station.city == city]
    assert city_of_names(names, SHIPPED) == city


def test_files_that_were_joined_keep_each_its_city() -> None:
    ours = {"蟆颐观": 22, "市监测站": 20}
    joined = text_of({"市监测站": 112, "开发区管委会": 12}) + text_of(ours)
    assert pm25_of(read(joined, "all.csv")) == {"2539A": 22, "2542A": 20}


def test_a_former_name_counts_only_where_the_present_one_is_absent() -> None:
    # 1437A is 君平街 now and was 人民公园; another city point of Chengdu may bear that name one day.
    assert pm25_of(read(text_of({"人民公园": 30, "草堂寺": 31}), "成都.csv")) == {"1437A": 30, "1436A": 31}
    both = read(text_of({"人民公园": 30, "君平街": 40}), "成都.csv")
    assert pm25_of(both) == {"1437A": 40}
    assert [(each.reason, each.value) for each in both.rejected] == [(PRESENT_TOO, "人民公园")]


def test_a_present_name_goes_before_the_same_former_name_of_another_station() -> None:
    newer = dataclasses.replace(SHIPPED.stations["1436A"], code="9001A", name_zh="人民公园")
    known = dataclasses.replace(SHIPPED, stations=MappingProxyType({**SHIPPED.stations, "9001A": newer}))
    assert known.station_named("成都", "人民公园") is newer
    assert pm25_of(read(text_of({"人民公园": 30}), "成都.csv", known)) == {"9001A": 30}


def test_a_station_is_never_taken_from_another_of_our_cities() -> None:
    parsed = read(text_of({"草堂寺": 30, "东山公园": 31}), "德阳.csv")
    assert pm25_of(parsed) == {"1901A": 31}
    assert [each.value for each in parsed.rejected] == ["草堂寺"]


def national_folder(folder: Path) -> dict[str, float]:
    """Write a file for each city of the country, and give what those of ours say."""
    draw, ours = random.Random(20240510), {}
    with Path(national_cities.__file__).with_name("national_cities.csv").open(encoding="utf-8") as file:
        cities = [row["short"].split("|")[0] for row in csv.DictReader(file)]
    for city in cities:
        known = SHIPPED.city_named(city)
        stations = [s for s in SHIPPED.stations.values() if known and s.city == known.code]
        if stations:
            rows = {s.name_zh: draw.randint(1, 60) for s in stations}
            ours |= {s.code: rows[s.name_zh] for s in stations}
        else:
            rows = {name: draw.randint(200, 400) for name in draw.sample(COMMON, draw.randint(1, 6))}
            rows |= {f"{city}{n}号站": 250 for n in range(draw.randint(0, 4))}
        (folder / f"{city}.csv").write_text(text_of(rows), encoding="utf-8")
    return ours


def test_a_national_folder_changes_no_station_that_it_does_not_mean(tmp_path: Path) -> None:
    ours, found = national_folder(tmp_path), {}
    files = sorted(tmp_path.iterdir())
    assert len(files) >= 374 and len(ours) == len(SHIPPED.stations)
    for path in files:
        for code, pm25 in pm25_of(sources.parse_file(path, SHIPPED, received_at=1.0)).items():
            assert found.setdefault(code, pm25) == pm25
    assert found == ours
