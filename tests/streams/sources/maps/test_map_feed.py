"""Tables by a map: which map a file gets, what each kind of bad cell, row and file gives, and the public files."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.sources.maps import feed
from tests.properties.test_feed_damage import assert_answered
from tests.streams.real_data import real
from tests.streams.sources.maps.mapping import hours_of, read, reasons, through_the_door

END = 474_000
"""2024-01-28T00:00Z."""
MAP = """
missing = ["缺测"]
sentinels = [-99]
[time]
column = "时间"
zone = "+08:00"
label = "end"
[station]
column = "站号"
[items]
pm25 = { column = "PM2.5(μg/m³)", unit = "μg/m³" }
co = { column = "CO(mg/m³)", unit = "mg/m³" }
"""
TABLE = """站号,时间,PM2.5(μg/m³),CO(mg/m³)
1431A,2024-01-28 08:00,35,0.7
1432A,2024-01-28 08:00,缺测,-99
"""


def test_a_table_is_read_by_the_map_beside_it(tmp_path: Path) -> None:
    parsed = read(tmp_path, TABLE, MAP)
    assert hours_of(parsed) == {("1431A", END): {"pm25": 35, "co": 0.7}, ("1432A", END): {}}
    assert not parsed.rejected and parsed.intake.source == "map-table"


def test_a_map_in_the_folder_serves_all_of_its_tables_that_no_layout_is(tmp_path: Path) -> None:
    (tmp_path / "map.toml").write_text(f'name = "our-city"\n{MAP}', encoding="utf-8")
    parsed = through_the_door(tmp_path, TABLE)
    assert hours_of(parsed)["1431A", END] == {"pm25": 35, "co": 0.7} and parsed.intake.source == "map-our-city"
    own = through_the_door(tmp_path, "station,hour_end,pm25_ugm3\n1431A,2024-01-28T08:00+08:00,7\n", name="own.csv")
    assert own.intake.source == "station-csv"


def test_a_map_is_no_link_and_nothing_that_is_waited_for(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "real.toml").write_text(MAP, encoding="utf-8")
    (tmp_path / "table.csv.map.toml").symlink_to(elsewhere / "real.toml")
    os.mkfifo(tmp_path / "map.toml")
    (problem,) = through_the_door(tmp_path, TABLE).rejected
    assert "no column map" in problem.reason


def test_a_table_without_a_map_is_refused_with_the_command_that_proposes_one(tmp_path: Path) -> None:
    (problem,) = through_the_door(tmp_path, TABLE).rejected
    assert "airshed map table.csv" in problem.expected and "站号" in problem.value
    (problem,) = through_the_door(tmp_path, '{"time": "2024-01-28", "pm25": 3}\n', name="x.jsonl").rejected
    assert "airshed map x.jsonl" in problem.expected


@pytest.mark.parametrize(
    "content", [b"", b"just words\n", b"\x89HDF\r\n", b"PK\x03\x04 not a workbook", b"\x1f\x8b\x08", b"a,b\n1,2\n"]
)
def test_what_is_no_table_of_hours_is_not_taken_for_one(tmp_path: Path, content: bytes) -> None:
    (problem,) = through_the_door(tmp_path, content).rejected
    assert "column map" not in problem.reason


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (",35,", ",x,", ("not a concentration", "x")),
        (",35,", ",-1,", ("not a concentration", "-1")),
        (",35,", ",1_000,", ("not a concentration", "1_000")),
        (",35,", ",３５,", ("not a concentration", "３５")),
        (",0.7\n", ",1e9\n", ("not a concentration", "1e9")),
        (",0.7\n", ",0.7,9\n", ("wrong number of cells", "1431A,2024-01-28 08:00,35,0.7,9")),
        (",35,0.7", "", ("wrong number of cells", "1431A,2024-01-28 08:00")),
        ("1431A,2024-01-28 08:00", "1431A,2024-01-28", ("not a time", "2024-01-28")),
        ("1431A,2024-01-28 08:00", "1431A,28/01/2024 08:00", ("not a time", "28/01/2024 08:00")),
        ("1431A,2024-01-28 08:00", "1431A,2024-01-28 08:20", ("not on a full hour of UTC", "2024-01-28 08:20")),
        ("1431A,", "no code,", ("not a station code", "no code")),
    ],
)
def test_a_bad_cell_or_row_is_named_and_the_others_live(
    tmp_path: Path, old: str, new: str, told: tuple[str, str]
) -> None:
    assert old in TABLE
    parsed = read(tmp_path, TABLE.replace(old, new, 1), MAP)
    assert_answered(parsed)
    assert reasons(parsed) == [told] and ("1432A", END) in hours_of(parsed)


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("站号", "站", "a column of the map is missing"),
        ("时间", "时间,时间", "a column of the map is missing"),
        ("PM2.5(μg/m³),CO(mg/m³)", "a,b", "no item has a column"),
    ],
)
def test_a_table_without_what_every_row_needs_is_refused(tmp_path: Path, old: str, new: str, reason: str) -> None:
    (problem,) = read(tmp_path, TABLE.replace(old, new, 1), MAP).rejected
    assert problem.reason == reason and problem.position == "line 1" and problem.rows == 1


def test_an_item_without_its_column_is_missing_and_named(tmp_path: Path) -> None:
    parsed = read(tmp_path, TABLE.replace("CO(mg/m³)", "其他"), MAP)
    assert hours_of(parsed)["1431A", END] == {"pm25": 35}
    assert [(p.reason, p.expected, p.rows) for p in parsed.rejected] == [
        ("a column of the map is missing", "once a column CO(mg/m³)", 0)
    ]


def test_names_of_columns_may_differ_in_what_people_write_differently(tmp_path: Path) -> None:
    parsed = read(
        tmp_path, TABLE.replace("PM2.5(μg/m³)", "pm2.5（µg/m3）").replace("m³", "m3"), MAP.replace("m³)", "m3)")
    )
    assert hours_of(parsed)["1431A", END] == {"pm25": 35, "co": 0.7}


def test_stations_of_no_city_of_ours_are_set_aside_or_kept_under_a_group_key(tmp_path: Path) -> None:
    table = TABLE.replace("1432A", "9999X")
    (aside,) = read(tmp_path, table, MAP, everyone=False).rejected
    assert aside.set_aside and aside.value == "9999X"
    kept = read(tmp_path, table, MAP)
    assert ("9999X", END) in hours_of(kept) and {block.city[:6] for block in kept.blocks} == {"510100", "other-"}


def test_stations_may_be_named_by_the_map_or_by_the_registry(tmp_path: Path) -> None:
    table = TABLE.replace("1431A", "草堂寺").replace("1432A", "月球")
    parsed = read(tmp_path, table, MAP.replace("[items]", '[station.codes]\n"草堂寺" = "1436A"\n[items]'))
    assert set(hours_of(parsed)) == {("1436A", END)} and reasons(parsed) == [
        ("the map has no code for this station", "月球")
    ]
    parsed = read(tmp_path, table, MAP.replace('column = "站号"', 'column = "站号"\ncity = "成都"'))
    assert set(hours_of(parsed)) == {("1436A", END)} and reasons(parsed) == [
        ("no station of the city has this name", "月球")
    ]
    parsed = read(tmp_path, table, MAP.replace('column = "站号"', 'column = "站号"\ncity = "洛阳"'))
    assert not parsed.blocks and {each[0] for each in reasons(parsed)} == {"the map's city is none of the registry's"}


def test_a_fixed_station_and_columns_by_number_need_no_header(tmp_path: Path) -> None:
    toml = '[file]\nheader = 0\n[time]\ncolumn = 1\nzone = "Asia/Shanghai"\nlabel = "start"\n[station]\ncode = "1431A"\n[items]\n'
    toml += 'no2 = { column = 3, unit = "ppb" }\n'
    parsed = read(tmp_path, "2024-01-28 07:00,x,10\n2024-01-28 08:00,x\n", toml)
    (hour,) = hours_of(parsed).items()
    assert hour[0] == ("1431A", END) and hour[1]["no2"] == pytest.approx(18.804, rel=1e-4)  # 10 ppb * 46.0055 / 24.4654
    assert reasons(parsed) == [("wrong number of cells", "2024-01-28 08:00,x")]


def test_only_the_rows_that_the_map_means_are_read(tmp_path: Path) -> None:
    toml = MAP.replace("[time]", '[only]\n"站号" = ["1431A"]\n[time]')
    parsed = read(tmp_path, TABLE, toml)
    assert set(hours_of(parsed)) == {("1431A", END)}
    (aside,) = parsed.rejected
    assert aside.set_aside and (aside.reason, aside.value, aside.rows) == ("the map passes this over", "1432A", 1)


LONG = """
[time]
column = "t"
zone = "cell"
label = "end"
[station]
column = "s"
[long]
item = "i"
value = "v"
unit_column = "u"
items = { "pm25" = "pm25", "no2" = "no2" }
"""
LINES = """s,t,i,v,u
1431A,2024-01-28T00:00Z,pm25,35,µg/m³
1431A,2024-01-28T08:00+08:00,no2,10,ppb
1431A,2024-01-28T00:00Z,humidity,80,%
1431A,2024-01-28T01:00Z,pm25,,µg/m³
"""


def test_lines_of_one_item_each_are_one_row_of_their_hour(tmp_path: Path) -> None:
    parsed = read(tmp_path, LINES, LONG)
    found = hours_of(parsed)
    assert found["1431A", END] == {"pm25": 35, "no2": pytest.approx(18.804, rel=1e-4)} and found["1431A", END + 1] == {}
    assert parsed.intake.rows_in == {END: 1, END + 1: 1}
    assert reasons(parsed) == [("not an item that is read", "humidity")]


def test_of_two_values_of_one_hour_the_first_counts_and_the_other_is_named(tmp_path: Path) -> None:
    more = "1431A,2024-01-28T00:00Z,pm25,36,µg/m³\n1431A,2024-01-28T00:00Z,pm25,35,µg/m³\n1431A,2024-01-28T01:00Z,pm25,5,µg/m³\n"
    parsed = read(tmp_path, LINES + more, LONG)
    found = hours_of(parsed)
    assert found["1431A", END]["pm25"] == 35 and found["1431A", END + 1] == {"pm25": 5}
    assert ("another value stands for the same hour", "1 lines") in reasons(parsed)


def test_a_unit_that_is_not_understood_costs_its_cell(tmp_path: Path) -> None:
    parsed = read(tmp_path, LINES.replace("35,µg/m³", "35,furlongs"), LONG)
    assert hours_of(parsed)["1431A", END].keys() == {"no2"}
    assert ("not a unit of a concentration", "furlongs") in reasons(parsed)


ACROSS = """
missing = ["-"]
[time]
day = "date"
hour = "hour"
zone = "+08:00"
label = "end"
[across]
item_column = "type"
items = { "PM2.5" = "pm25", CO = "co" }
units = { pm25 = "ug/m3", co = "mg/m3" }
[station.codes]
"东四" = "1003A"
"草堂寺" = "1436A"
"""
MATRIX = """date,hour,type,东四,草堂寺,月球
20240128,8,PM2.5,35,-,1
20240128,8,AQI,50,50,50
20240128,8,CO,0.7,0.8,1
20240128,9,PM2.5,36,x,1
"""


def test_stations_may_have_columns_of_their_own(tmp_path: Path) -> None:
    parsed = read(tmp_path, MATRIX, ACROSS)
    assert hours_of(parsed) == {
        ("1003A", END): {"pm25": 35, "co": 0.7}, ("1436A", END): {"co": 0.8},
        ("1003A", END + 1): {"pm25": 36}, ("1436A", END + 1): {},
    }  # fmt: skip
    assert set(reasons(parsed)) == {
        ("not an item that is read", "AQI"), ("the map has no code for this station", "月球"), ("not a concentration", "x"),
    }  # fmt: skip
    assert "line 5, column 草堂寺" in [each.position.partition(", station")[0] for each in parsed.rejected]
    again = MATRIX + "date,hour,type,草堂寺,东四,月球\n20240128,10,PM2.5,7,8,9\n20240128,10,CO,7\n"
    parsed = read(tmp_path, again, ACROSS)
    assert hours_of(parsed)["1003A", END + 2] == {"pm25": 8} and hours_of(parsed)["1436A", END + 2] == {"pm25": 7}
    (short,) = [each for each in parsed.rejected if each.reason == "wrong number of cells"]
    assert short.position == "line 8" and short.expected == "6 cells"


@settings(max_examples=80, deadline=None)
@given(
    st.integers(0, len(MATRIX)), st.integers(0, 30), st.binary(max_size=20) | st.sampled_from([b",,,,", b"\n", b'"'])
)
def test_no_bytes_make_columns_of_stations_raise_or_lose_count(
    tmp_path_factory: pytest.TempPathFactory, at: int, cut: int, junk: bytes
) -> None:
    raw = MATRIX.encode()
    assert_answered(read(tmp_path_factory.mktemp("matrix"), raw[:at] + junk + raw[at + cut :], ACROSS))


def test_a_file_of_the_national_layout_by_names_of_stations_is_one_for_a_map(tmp_path: Path) -> None:
    (problem,) = through_the_door(tmp_path, MATRIX).rejected
    assert "airshed map table.csv" in problem.expected
    (tmp_path / "table.csv.map.toml").write_text(ACROSS, encoding="utf-8")
    assert hours_of(through_the_door(tmp_path, MATRIX))["1003A", END] == {"pm25": 35, "co": 0.7}
    by_code = through_the_door(tmp_path, MATRIX.replace("东四", "1431A"))
    assert by_code.intake.source == "cnemc-wide"


def test_a_table_of_one_item_with_a_column_for_each_station_names_it_in_the_map(tmp_path: Path) -> None:
    toml = ACROSS.partition("[across]")[0] + '[across]\nitem = "o3"\nunit = "ppb"\nstations = ["1431A", 4]\n'
    parsed = read(tmp_path, "date,hour,1431A,1432A,more\n20240128,8,10,20,x\n", toml)
    assert hours_of(parsed) == {
        ("1431A", END): {"o3": pytest.approx(19.619, rel=1e-4)}, ("1432A", END): {"o3": pytest.approx(39.238, rel=1e-4)},
    }  # fmt: skip
    assert read(tmp_path, "date,hour,1431A\n", toml).rejected[0].reason == "a column of the map is missing"
    (problem,) = read(tmp_path, "{}", toml.replace('stations = ["1431A", 4]', ""), name="x.jsonl").rejected
    assert "JSON lines" in problem.reason


# Public files. The headers are those of the publishers, the values are made up.

AIRDATA = """"State Code","County Code","Site Num","Parameter Code","POC","Latitude","Longitude","Datum","Parameter Name","Date Local","Time Local","Date GMT","Time GMT","Sample Measurement","Units of Measure","MDL","Uncertainty","Qualifier","Method Type","Method Code","Method Name","State Name","County Name","Date of Last Change"
"06","037","1103",44201,1,34.06659,-118.22688,"WGS84","Ozone","2024-01-27","15:00","2024-01-27","23:00",0.03,"Parts per million",0.005,"","","FEM","087","x","California","Los Angeles","2024-05-01"
"06","037","1103",44201,2,34.06659,-118.22688,"WGS84","Ozone","2024-01-27","15:00","2024-01-27","23:00",0.05,"Parts per million",0.005,"","","FEM","087","x","California","Los Angeles","2024-05-01"
"06","037","1103",81102,1,34.06659,-118.22688,"WGS84","PM10 Total 0-10um STP","2024-01-27","15:00","2024-01-27","23:00",30,"Micrograms/cubic meter (25 C)",4,"","","FEM","122","x","California","Los Angeles","2024-05-01"
"""  # noqa: E501
AQS_API = """state_code,county_code,site_number,parameter_code,poc,date_local,time_local,date_gmt,time_gmt,sample_measurement,units_of_measure,sample_duration
6,37,1103,88101,1,2024-01-27,15:00,2024-01-27,23:00,12.5,Micrograms/cubic meter (LC),1 HOUR
6,37,1103,88101,1,2024-01-27,15:00,2024-01-27,23:00,12.5,Micrograms/cubic meter (LC),24-HR BLK AVG
"""  # noqa: E501
OPENAQ = """location_id,sensors_id,location,datetime,lat,lon,parameter,units,value
2178,3919,Del Norte-2178,2024-01-27T17:00:00-07:00,35.1353,-106.584702,pm10,µg/m³,45.0
2178,3917,Del Norte-2178,2024-01-27T17:00:00-07:00,35.1353,-106.584702,o3,ppm,0.04
2178,3917,Del Norte-2178,2024-01-27T17:20:00-07:00,35.1353,-106.584702,o3,ppm,0.05
2178,3916,Del Norte-2178,2024-01-27T17:00:00-07:00,35.1353,-106.584702,no2,ppm,-999
"""
EXPORT = """location_id,location_name,parameter,value,unit,datetimeUtc,datetimeLocal,timezone,latitude,longitude,country_iso,isMobile,isMonitor,owner_name,provider
5586536,"Medan Bung","pm25",45.2,"µg/m³","2024-01-28T00:00:00Z","2024-01-28T07:00:00+07:00","Asia/Jakarta",3.5,98.6,,,,"A","A"
"""  # noqa: E501
UCI = """"No","year","month","day","hour","PM2.5","PM10","SO2","NO2","CO","O3","TEMP","PRES","DEWP","RAIN","wd","WSPM","station"
1,2013,3,1,0,4,4,4,7,300,77,-0.7,1023,-18.8,0,"NNW",4.4,"Aotizhongxin"
2,2013,3,1,1,NA,8,4,7,300,77,-1.1,1023.2,-18.2,0,"N",4.7,"Aotizhongxin"
"""


def test_airdata_begins_its_hours_and_says_its_units(tmp_path: Path) -> None:
    parsed = through_the_door(tmp_path, AIRDATA, name="hourly_44201_2024.csv")
    # 0.03 ppm of ozone is 58.86 ug/m3 at 25 degrees (47.998 / 24.4654); the hour that begins at 23:00 GMT ends at 0:00.
    assert hours_of(parsed) == {("060371103", END): {"o3": pytest.approx(58.857, rel=1e-4)}}
    assert {each[0] for each in reasons(parsed)} == {
        "another value stands for the same hour", "particles at a temperature that is not the air's",
    }  # fmt: skip
    assert parsed.intake.source == "map-epa-airdata"


def test_the_api_of_aqs_is_read_for_samples_of_an_hour(tmp_path: Path) -> None:
    parsed = through_the_door(tmp_path, AQS_API)
    assert hours_of(parsed) == {("060371103", END): {"pm25": 12.5}}
    assert reasons(parsed) == [("the map passes this over", "24-HR BLK AVG")]


def test_openaq_ends_its_hours(tmp_path: Path) -> None:
    parsed = through_the_door(tmp_path, OPENAQ)
    assert hours_of(parsed) == {("openaq-2178", END): {"pm10": 45, "o3": pytest.approx(78.476, rel=1e-4)}}
    assert reasons(parsed) == [("not on a full hour of UTC", "2024-01-27T17:20:00-07:00")]
    assert hours_of(through_the_door(tmp_path, EXPORT, name="export.csv")) == {("openaq-5586536", END): {"pm25": 45.2}}


def test_the_multi_site_data_of_beijing_have_the_codes_of_the_national_network(tmp_path: Path) -> None:
    found = hours_of(through_the_door(tmp_path, UCI))
    first = 378_352  # 2013-02-28T16:00Z, the end of the hour labelled 0 of 1 March in Beijing
    assert found["1011A", first] == {"so2": 4, "no2": 7, "co": 0.3, "o3": 77, "pm10": 4, "pm25": 4}
    assert "pm25" not in found["1011A", first + 1]
    aside = through_the_door(tmp_path, UCI, everyone=False)
    assert not aside.blocks and all(each.set_aside for each in aside.rejected)


def test_a_real_year_of_the_multi_site_data_is_read_whole() -> None:
    from streams import sources
    from tests.streams.sources.maps.mapping import SHIPPED

    path = real("uci_beijing_prsa") / "PRSA_Data_Aotizhongxin_20130301-20170228.csv"
    parsed = sources.parse_file(path, SHIPPED, all_stations=True, received_at=1.0)
    assert parsed.intake.rows == 35_064 and not parsed.rejected  # four years of hours, one of them a leap year


@pytest.mark.parametrize(
    "example", [AIRDATA, AQS_API, OPENAQ, EXPORT, UCI], ids=["airdata", "api", "openaq", "export", "uci"]
)
def test_no_bytes_make_a_shipped_map_raise_or_lose_count(
    tmp_path_factory: pytest.TempPathFactory, example: str
) -> None:
    raw = example.encode()
    head = raw.index(b"\n") + 1

    @settings(max_examples=80, deadline=None)
    @given(
        st.integers(0, len(raw)),
        st.integers(0, 40),
        st.binary(max_size=30) | st.sampled_from([b'"', b"\n", b"," * 3000, b"9" * 5000]),
        st.booleans(),
    )
    def holds(at: int, cut: int, junk: bytes, everyone: bool) -> None:
        folder = tmp_path_factory.mktemp("damage")
        assert_answered(read(folder, raw[:at] + junk + raw[at + cut :], everyone=everyone))
        assert_answered(read(folder, raw[:head] + junk, everyone=everyone))

    holds()


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=300))
def test_no_bytes_make_the_feed_raise_when_it_is_asked_whether_it_knows_them(noise: bytes) -> None:
    for begin in (b"", b"PK\x03\x04", b"{", b'{"time": ', "时间,站号,".encode()):
        assert isinstance(feed.recognises(Path("nowhere"), begin + noise), bool)


def test_a_unit_in_the_header_that_is_not_the_maps_costs_its_item_and_is_named(tmp_path: Path) -> None:
    # An export that changes from µg/m³ to mg/m³ says so in its header; read by the old map it would be a thousandfold off.
    table = TABLE.replace("CO(mg/m³)", "CO(μg/m³)").replace(",0.7", ",700")
    parsed = read(tmp_path, table, MAP.replace('"CO(mg/m³)"', "4"))
    assert hours_of(parsed)["1431A", END] == {"pm25": 35}
    assert [(p.reason, p.value, p.rows) for p in parsed.rejected] == [
        ("the header says another unit than the map", "CO(μg/m³)", 0)
    ]


def test_a_table_of_which_every_item_has_another_unit_than_the_map_is_refused(tmp_path: Path) -> None:
    table = TABLE.replace("PM2.5(μg/m³)", "PM2.5(mg/m³)").replace("CO(mg/m³)", "CO(ppm)")
    (problem,) = read(tmp_path, table, MAP.replace('"PM2.5(μg/m³)"', "3").replace('"CO(mg/m³)"', "4")).rejected
    assert (problem.reason, problem.rows) == ("the header says another unit than the map", 1)


@pytest.mark.parametrize("name", ["CO", "CO(mg/m3)", "CO（毫克/立方米）", "co_mgm3"])
def test_a_header_that_says_the_maps_unit_in_other_words_or_none_is_read(tmp_path: Path, name: str) -> None:
    parsed = read(tmp_path, TABLE.replace("CO(mg/m³)", name), MAP.replace('"CO(mg/m³)"', "4"))
    assert hours_of(parsed)["1431A", END] == {"pm25": 35, "co": 0.7} and not parsed.rejected


def test_lines_in_a_unit_that_is_not_understood_are_no_rows(tmp_path: Path) -> None:
    # The US EPA tells PM10 (81102) at 25 C: rows without a value would withdraw what other files say of the same hours.
    long = """[time]
column = "t"
zone = "UTC"
label = "end"
[station]
column = "s"
[long]
item = "p"
value = "v"
unit_column = "u"
[long.items]
pm10 = "pm10"
o3 = "o3"
"""
    lines = ["1431A,2024-01-28 00:00,pm10,5,ug/m3 (25 C)", "1432A,2024-01-28 00:00,pm10,5,ug/m3 (25 C)"]
    parsed = read(tmp_path, "\n".join(["s,t,p,v,u", *lines, "1431A,2024-01-28 00:00,o3,7,ug/m3", ""]), long)
    assert_answered(parsed)
    assert hours_of(parsed) == {("1431A", END): {"o3": 7}}
    assert [(p.value, p.rows) for p in parsed.rejected] == [("ug/m3 (25 C)", 1)] * 2
