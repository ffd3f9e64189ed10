"""`airshed map`: what is proposed for a table, what is asked, and what is shown of it."""

from __future__ import annotations

import contextlib
import json
import os
from pathlib import Path

import openpyxl
import pytest
import typer

from infra import cli
from infra.column_map import MapAlreadyThere, look, open_questions, toml_of, write
from infra.messages import say
from standards.errors import AirshedError
from streams import registry, sources
from streams.sources.maps.known_names import item_of, unit_and_name
from streams.sources.maps.propose import propose
from streams.sources.maps.spec import MapError, map_of
from tests.streams.sources.maps.mapping import hours_of

SHIPPED = registry.load()
END = 474_000
"""2024-01-28T00:00Z."""
TABLE = """某市空气质量小时数据
监测时间,站点编码,PM2.5(μg/m³),PM10,臭氧8小时,CO（毫克/立方米）,O3浓度(ppb),AQI
2024-01-28 08:00,1431A,35,50,9,0.7,10,50
2024-01-28 09:00,1432A,缺测,51,9,-999,11,50
"""


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRSHED_LANG", "en")


def table(folder: Path, text: str = TABLE, name: str = "data.csv") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def read(path: Path, toml: str) -> dict:
    path.with_name(f"{path.name}.map.toml").write_text(toml, encoding="utf-8")
    return hours_of(sources.parse_file(path, SHIPPED, received_at=1.0, all_stations=True))


def test_what_cannot_be_known_is_asked_and_never_guessed(tmp_path: Path) -> None:
    found = look(table(tmp_path), SHIPPED)
    assert found.notes == (say("map_ask_zone"), say("map_ask_label"), say("map_ask_unit", item="PM10", column="PM10"))
    with pytest.raises(MapError):
        map_of(found.toml, "proposed")
    assert '# zone = "+08:00"' in found.toml and '# label = "end"' in found.toml and '# label = "start"' in found.toml


def test_a_proposal_whose_choices_are_made_reads_the_table(tmp_path: Path) -> None:
    path = table(tmp_path)
    chosen = (
        look(path, SHIPPED)
        .toml.replace('# zone = "+08:00"', 'zone = "+08:00"')
        .replace('# label = "end"', 'label = "end"')
    )
    found = read(path, chosen)
    assert found["1431A", END] == {
        "pm25": 35,
        "co": 0.7,
        "o3": pytest.approx(19.619, rel=1e-4),
    }  # 10 ppb * 47.998 / 24.4654
    assert found["1432A", END + 1] == {"o3": pytest.approx(21.581, rel=1e-4)}
    assert look(path, SHIPPED).said == say("map_beside", file="data.csv", name="data.csv.map.toml")


def test_choices_may_be_made_on_the_command_line(tmp_path: Path) -> None:
    path = table(tmp_path, TABLE.replace("PM10", "PM10(ug/m3)"))
    found = look(path, SHIPPED, zone="Asia/Shanghai", label="start")
    assert not open_questions(found.toml) and read(path, found.toml)["1431A", END + 1]["pm10"] == 50
    for wrong in ({"zone": "CST"}, {"label": "finish"}):
        with pytest.raises(typer.BadParameter, match="expected"):
            look(table(tmp_path, name="other.csv"), SHIPPED, **wrong)


@pytest.mark.parametrize(
    ("header", "item", "unit"),
    [
        ("PM2.5(μg/m³)", "pm25", "μg/m³"), ("pm25_ugm3", "pm25", "ugm3"), ("细颗粒物（微克/立方米）", "pm25", "微克/立方米"),
        ("PM2_5", "pm25", ""), ("PM10 [ug/m3]", "pm10", "ug/m3"), ("二氧化硫", "so2", ""), ("SO₂(ppb)", "so2", "ppb"),
        ("CO(mg/m3)", "co", "mg/m3"), ("NO2浓度", "no2", ""), ("O3_1h", "o3", ""), ("臭氧1小时", "o3", ""),
        ("细颗粒物(PM2.5)", "pm25", ""),
    ],
)  # fmt: skip
def test_items_and_units_are_told_by_the_header(header: str, item: str, unit: str) -> None:
    assert item_of(header) == item and unit_and_name(header)[1] == unit


@pytest.mark.parametrize(
    "header",
    ["O3_8h", "臭氧8小时", "O3-8h(μg/m³)", "PM2.5_24h", "PM2.5 24小时滑动平均", "IAQI_PM2.5", "PM2.5分指数", "AQI", "CO2", "NO",
     "NOx", "PM1", "PM100", "首要污染物", "station", "color", "SO2日均", "PM2.5等级"],
)  # fmt: skip
def test_what_is_made_of_an_item_is_not_the_item(header: str) -> None:
    assert item_of(header) is None


@pytest.mark.parametrize(
    ("cells", "form", "zone"),
    [
        (["2024-01-28 08:00"], "auto", ""), (["2024-01-28T08:00:00+08:00"], "auto", "cell"),
        (["28.01.2024 08:00"], "%d.%m.%Y %H:%M", ""),
        (["01/28/2024 08:00"], "%m/%d/%Y %H:%M", ""), (["28/01/2024 08:00"], "%d/%m/%Y %H:%M", ""), (["01/02/2024 08:00"], "", ""),
        (["01/02/2024 08:00", "28/01/2024 08:00"], "%d/%m/%Y %H:%M", ""), (["1/28/2024 08:00 AM"], "%m/%d/%Y %I:%M %p", ""),
    ],
)  # fmt: skip
def test_a_form_of_time_is_taken_where_one_alone_fits(tmp_path: Path, cells: list[str], form: str, zone: str) -> None:
    found = propose(table(tmp_path, "time,station,pm25_ugm3\n" + "".join(f"{cell},1431A,1\n" for cell in cells)))
    assert (found.times, found.form, found.zone) == ({"column": "time"}, form, zone)
    if not form:
        assert say("map_ask_form") in open_questions(toml_of(found))


@pytest.mark.parametrize(
    ("text", "times"),
    [
        (
            "year,month,day,hour,code,pm25_ugm3\n2024,1,28,8,1431A,1\n",
            {"year": "year", "month": "month", "day": "day", "hour": "hour"},
        ),
        (
            "年,月,日,时,编码,PM2.5(ug/m3)\n2024,1,28,8,1431A,1\n",
            {"year": "年", "month": "月", "day": "日", "hour": "时"},
        ),
        ("日期,小时,编码,PM2.5(ug/m3)\n2024-01-28,8,1431A,1\n", {"day": "日期", "hour": "小时"}),
        (
            "Date Local,Time Local,code,PM2.5(ug/m3)\n2024-01-28,08:00,1431A,1\n",
            {"day": "Date Local", "hour": "Time Local"},
        ),
    ],
)
def test_times_may_stand_in_several_columns(tmp_path: Path, text: str, times: dict[str, str]) -> None:
    assert propose(table(tmp_path, text)).times == times


def test_delimiter_decimal_and_encoding_are_told_by_the_table(tmp_path: Path) -> None:
    path = tmp_path / "messwerte.csv"
    text = "Station;Time;PM10 (µg/m³);NO2 (µg/m³)\nDEBY001;28.01.2024 08:00;12,5;30,1\nDEBY001;28.01.2024 09:00;-999;31,0\n"
    path.write_bytes(text.encode("gb18030"))
    found = look(path, SHIPPED, zone="Europe/Berlin", label="end")
    assert 'delimiter = ";"' in found.toml and 'decimal = ","' in found.toml and "sentinels = [-999]" in found.toml
    assert read(path, found.toml) == {
        ("DEBY001", END + 7): {"pm10": 12.5, "no2": 30.1},
        ("DEBY001", END + 8): {"no2": 31.0},
    }


def test_names_of_stations_are_of_the_city_that_they_tell_or_are_asked_for(tmp_path: Path) -> None:
    ours = "时间,站点,PM2.5(ug/m3)\n2024-01-28 08:00,草堂寺,35\n2024-01-28 08:00,君平街,36\n"
    found = look(table(tmp_path, ours), SHIPPED, zone="+08:00", label="end")
    assert 'city = "成都"' in found.toml and not open_questions(found.toml)
    foreign = look(
        table(tmp_path, ours.replace("草堂寺", "市监测站").replace("君平街", "开发区管委会"), "洛阳.csv"), SHIPPED
    )
    assert say("map_ask_names") in foreign.notes and '# "市监测站" = ""' in foreign.toml


def test_a_table_of_one_item_a_row_is_seen_as_one(tmp_path: Path) -> None:
    text = "站点编码,时间,项目,浓度,单位\n1431A,2024-01-28 08:00,PM2.5,35,μg/m³\n"
    text += "1431A,2024-01-28 08:00,CO,0.7,mg/m³\n1431A,2024-01-28 08:00,温度,3,℃\n"
    path = table(tmp_path, text)
    found = look(path, SHIPPED, zone="+08:00", label="end")
    assert read(path, found.toml) == {("1431A", END): {"pm25": 35, "co": 0.7}}


def test_json_lines_and_sheets_are_proposed_for_too(tmp_path: Path) -> None:
    line = {"station": "1431A", "time": "2024-01-28T08:00:00+08:00", "data": {"PM2.5(ug/m3)": 35, "so2_ppb": 1}}
    path = table(tmp_path, json.dumps(line) + "\n", "x.jsonl")
    found = look(path, SHIPPED, label="end")
    assert read(path, found.toml)["1431A", END]["pm25"] == 35
    book = openpyxl.Workbook()
    book.active.append(["说明"])
    sheet = book.create_sheet("小时")
    for row in (["成都市"], ["站点编码", "时间", "PM2.5(ug/m3)"], ["1431A", "2024-01-28 08:00", 35]):
        sheet.append(row)
    book.save(tmp_path / "y.xlsx")
    found = look(tmp_path / "y.xlsx", SHIPPED, zone="+08:00", label="end")
    assert 'sheet = "小时"' in found.toml and read(tmp_path / "y.xlsx", found.toml) == {("1431A", END): {"pm25": 35}}


def test_the_command_shows_rows_harmlessly_and_writes_where_nothing_is(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AIRSHED_HOME", str(tmp_path))
    odd = "站点编码,时间,PM2.5(ug/m3),\x9b31m \u202e[b]\n[red]x[/red],2024-01-28 08:00,35,\x1b[2J\n"
    path, target = table(tmp_path, odd, "odd\x1b[2J.csv"), tmp_path / "new.map.toml"
    assert cli.main(["map", str(path), "--zone", "+08:00", "--label", "end", "--write", str(target)]) == 0
    shown = capsys.readouterr().out
    assert "[red]x[/red]" in shown and "2024-01-28 08:00" in shown
    assert not [sign for sign in shown.replace(str(tmp_path), "") if not (sign.isprintable() or sign == "\n")]
    assert map_of(target.read_text(encoding="utf-8"), "new").time.label == "end"
    assert cli.main(["map", str(path), "--write", str(target)]) == 1
    assert "is there already" in capsys.readouterr().err
    assert cli.main(["map", str(path), "--map", str(target)]) == 0
    with pytest.raises(MapAlreadyThere):
        write("x", target, path)


def test_a_file_whose_map_is_written_beside_it_is_read_anew(tmp_path: Path) -> None:
    path = table(tmp_path)
    os.utime(path, (1.0, 1.0))
    write("x", tmp_path / "elsewhere.toml", path)
    assert path.stat().st_mtime == 1.0
    write("x", tmp_path / "data.csv.map.toml", path)
    assert path.stat().st_mtime > 1.0


def test_the_command_knows_what_needs_no_map_and_what_is_shipped(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    layouts = Path(__file__).parents[2] / "docs" / "layouts"
    assert cli.main(["map", str(layouts / "station-csv.csv")]) == 0
    assert "needs no map" in capsys.readouterr().out
    assert cli.main(["map", str(layouts / "map.csv")]) == 0
    assert "UCI Beijing" in capsys.readouterr().out
    words = table(tmp_path, "just words\nand more\n", "words.txt")
    assert cli.main(["map", str(words)]) == 1 and "no header of a table" in capsys.readouterr().err


@pytest.mark.parametrize(
    "content",
    [b"", b"\x00" * 100, b"PK\x03\x04", b"{", b"a,b,c\n", b"\xff\xfe\x00", b"date,hour,x\n" + b"9" * 5000, b'"' * 999],
)
def test_no_file_makes_a_proposal_fail_in_another_way(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(content)
    with contextlib.suppress(AirshedError):
        look(path, SHIPPED)
