"""National files in both layouts and the feed by name: values, hours, and an answer to each kind of bad input."""

from __future__ import annotations

import csv
import datetime as dt
import subprocess
import sys
import time
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from standards.pollutants import ITEMS
from streams import registry, sources
from streams.records import iso_hour
from streams.sources.stations import cnemc_named, cnemc_transposed, cnemc_wide
from streams.sources.stations.cnemc_named import OPEN_CITY
from streams.sources.tally import REPORTS_PER_REASON, Origin
from tests.streams.real_data import REPOSITORY, assert_every_row_is_accounted_for, passed_by_hour, real
from tests.streams.sources.reading import read_text

SHIPPED = registry.load()
ORIGIN = Origin("cnemc-wide", "made_up.csv", "0123456789ab", 12.5)
PM25, NO2, CO = ITEMS.index("pm25"), ITEMS.index("no2"), ITEMS.index("co")
FIRST = 473_344
"""2023-12-31T16:00Z, the label 0 of 2024-01-01."""
WIDE = """date,hour,type,1431A,1432A,1878A,9999A
20240101,0,AQI,50,50,50,50
20240101,0,PM2.5,35,36,37,38
20240101,0,NO2,20,,22,23
20240101,1,PM2.5,40,41,42,43
20240101,1,CO,0.5,0.6,0.7,0.8
"""
EVEN = f"{WIDE}20240101,0,CO,,,,\n20240101,1,NO2,,,,\n"
"""Both hours with lines of the same items."""


def wide(text: str, **options):
    parsed = read_text(cnemc_wide, text, ORIGIN, **options)
    assert_every_row_is_accounted_for(parsed)
    return parsed


def transposed(text: str, **options):
    parsed = read_text(cnemc_transposed, text, replace(ORIGIN, source="cnemc-transposed"), **options)
    assert_every_row_is_accounted_for(parsed)
    return parsed


def named(text: str, file: str = "feed.csv"):
    parsed = read_text(cnemc_named, text, replace(ORIGIN, source="cnemc-named", file=file))
    assert_every_row_is_accounted_for(parsed)
    return parsed


def problems(parsed):
    return [one for one in parsed.rejected if not one.set_aside]


def turned(text: str) -> str:
    return "\n".join(",".join(column) for column in zip(*csv.reader(text.splitlines()), strict=True)) + "\n"


# The layouts


@pytest.mark.parametrize("parse", [wide, lambda text, **o: transposed(turned(text), **o)])
def test_a_city_becomes_one_block_with_missing_values_where_cells_are_empty(parse):
    chengdu, mianyang = parse(EVEN).blocks
    assert (chengdu.city, chengdu.stations, mianyang.city) == ("510100", ("1431A", "1432A"), "510700")
    assert iso_hour(chengdu.first_hour) == "2023-12-31T16:00Z" and chengdu.first_hour == FIRST
    np.testing.assert_array_equal(chengdu.values[PM25], [[35, 40], [36, 41]])
    np.testing.assert_array_equal(chengdu.values[NO2], [[20, np.nan], [np.nan, np.nan]])
    np.testing.assert_array_equal(chengdu.values[CO], [[np.nan, 0.5], [np.nan, 0.6]])
    assert chengdu.present.all() and chengdu.received_at == 12.5
    assert chengdu.provenance.endswith("made_up.csv sha256:0123456789ab")


def test_unknown_stations_are_set_aside_once_an_hour_or_kept_under_a_group_key():
    aside = wide(WIDE).rejected
    assert [(r.hour_end, r.rows, r.value, r.set_aside) for r in aside] == [
        (FIRST, 1, "9999A", True),
        (FIRST + 1, 1, "9999A", True),
    ]
    kept = wide(WIDE, all_stations=True)
    assert not kept.rejected
    assert kept.blocks[-1].city == registry.group_key("9999A") and kept.blocks[-1].stations == ("9999A",)


def test_hours_that_speak_of_other_items_are_blocks_of_their_own():
    text = "date,hour,type,1431A\n20240101,0,PM2.5,35\n20240101,1,PM2.5,40\n20240101,2,PM2.5,41\n20240101,2,CO,0.5\n"
    assert [(b.items, b.first_hour, b.hours) for b in wide(text).blocks] == [
        (("pm25",), FIRST, 2),
        (("co", "pm25"), FIRST + 2, 1),
    ]


def test_hours_that_are_missing_part_the_blocks():
    text = WIDE.replace("20240101,1", "20240101,3")
    assert [(b.city, b.first_hour, b.hours) for b in wide(text).blocks if b.city == "510100"] == [
        ("510100", FIRST, 1),
        ("510100", FIRST + 3, 1),
    ]


def test_a_long_file_is_cut_into_blocks_of_at_most_31_days():
    start = dt.datetime(2024, 1, 1)
    times = [start + dt.timedelta(hours=h) for h in range(40 * 24)]
    lines = [f"{t:%Y%m%d},{t.hour},O3,{i}" for i, t in enumerate(times)]
    blocks = wide("date,hour,type,1431A\n" + "\n".join(lines)).blocks
    assert [b.hours for b in blocks] == [31 * 24, 9 * 24]
    assert blocks[1].values[ITEMS.index("o3"), 0, 0] == 31 * 24


def test_a_repeated_line_is_passed_on_again_so_that_it_counts_as_a_duplicate():
    parsed = wide(EVEN + "20240101,1,PM2.5,44,45,46,47\n")
    first, again = (b for b in parsed.blocks if b.city == "510100" and b.first_hour + b.hours == FIRST + 2)
    assert first.values[PM25, 0, 1] == 40 and again.values[PM25, 0, 0] == 44 and again.hours == 1
    assert parsed.intake.rows_in == {FIRST: 4, FIRST + 1: 8}


# Bad input


@pytest.mark.parametrize(
    "cell", ["-3", "inf", "broken", "100001", "-999", "1·5", "1_000", "１２", "٣", "0x10", "1e400"]
)
def test_a_bad_cell_is_named_and_only_its_item_is_lost(cell):
    parsed = wide(WIDE.replace("0,PM2.5,35", f"0,PM2.5,{cell}"))
    (problem,) = problems(parsed)
    assert (problem.value, problem.rows, problem.hour_end) == (cell, 0, FIRST)
    assert problem.position == "line 3, station 1431A, pm25" and "0 to 100000" in problem.expected
    assert np.isnan(parsed.blocks[0].values[PM25, 0, 0]) and parsed.blocks[0].values[NO2, 0, 0] == 20
    assert passed_by_hour(parsed) == passed_by_hour(wide(WIDE))


def test_a_line_cut_short_loses_its_item_only():
    parsed = wide(WIDE.removesuffix(",0.7,0.8\n"))
    (problem,) = problems(parsed)
    assert (problem.position, problem.value, problem.expected) == ("line 6", "5 cells", "7 cells")
    assert passed_by_hour(parsed) == passed_by_hour(wide(WIDE))
    assert np.isnan(parsed.blocks[0].values[CO]).all()


def test_an_unknown_type_is_named():
    (problem,) = problems(wide(WIDE.replace("NO2", "NOX")))
    assert (problem.reason, problem.value, problem.rows) == ("unknown type", "NOX", 0)
    assert "PM2.5" in problem.expected


@pytest.mark.parametrize(
    "label", ["20240101,25", "20240230,1", "2024-01-01,1", "19600101,1", "20240101,x", "20240101,-1"]
)
def test_an_hour_that_does_not_exist_loses_the_rows_of_that_hour(label):
    parsed = wide(WIDE.replace("20240101,1", label))
    (problem,) = problems(parsed)
    assert (problem.reason, problem.value, problem.rows) == ("no such hour", label.replace(",", " "), 4)
    assert problem.position == "line 5 and 1 more" and parsed.intake.rows_in == {FIRST: 4, -1: 4}


def test_a_column_without_a_code_or_repeated_is_rejected_and_its_rows_counted():
    parsed = wide(WIDE.replace("1878A,9999A", "18 78A,1431A"))
    assert {(p.reason, p.value, p.rows) for p in problems(parsed)} == {
        ("not a station code", "18 78A", 1),
        ("station column is repeated", "1431A", 1),
    }
    assert parsed.intake.rejected == {FIRST: 2, FIRST + 1: 2}
    assert parsed.blocks[0].values[PM25, 0, 0] == 35


def test_empty_columns_at_the_end_are_padding_unless_they_hold_values():
    padded = "\n".join(line + ",," for line in WIDE.splitlines())
    assert wide(padded).intake.rows_in == wide(WIDE).intake.rows_in
    filled = padded.replace("35,36,37,38,,", "35,36,37,38,39,")
    (one, other) = problems(wide(filled))
    assert one.reason == other.reason == "not a station code" and one.position == "station number 5"


def test_a_header_without_hours_is_said_to_be_one():
    parsed = wide("date,hour,type,1431A\n")
    assert not parsed.blocks and problems(parsed)[0].reason == "the file has a header but no hours"


def test_an_endless_cell_or_line_spoils_its_own_line_alone():
    for cell in ("9" * 131_073, '"' + "9" * 131_073 + '"', "9" * 4_000_001):
        parsed = wide(EVEN.replace("0,NO2,20", f"0,NO2,{cell}"))
        (problem,) = problems(parsed)
        assert (problem.position, problem.reason, problem.rows) == ("line 4", "wrong number of cells", 0)
        assert "characters" in problem.value
        by_hour = {b.first_hour: b.values[PM25, :, 0].tolist() for b in parsed.blocks if b.city == "510100"}
        assert by_hour == {FIRST: [35, 36], FIRST + 1: [40, 41]}


def test_many_stations_and_hours_for_a_file_are_refused_before_they_fill_the_memory():
    codes = ",".join(f"X{i}" for i in range(60_000))
    lines = "\n".join(f"20240101,{hour},O3" + "," * 60_000 for hour in range(24))
    lines += "\n" + "\n".join(f"20240102,{hour},O3" + "," * 60_000 for hour in range(24))
    (problem,) = wide(f"date,hour,type,{codes}\n{lines}\n", all_stations=True).rejected
    assert problem.reason == "more rows than one file may bring" and "by month" in problem.expected


def test_twenty_thousand_columns_are_read_in_a_second():
    codes = ",".join(f"S{i:05d}" for i in range(20_000))
    started = time.perf_counter()
    parsed = wide(f"date,hour,type,{codes}\n20240101,0,O3{',1' * 20_000}\n")
    assert time.perf_counter() - started < 1.5 and parsed.intake.rows_in == {FIRST: 20_000}


def test_many_bad_cells_of_one_kind_are_reported_together_by_hour():
    codes = [f"{n}A" for n in range(1000, 2000)]
    parsed = wide(f"date,hour,type,{','.join(codes)}\n20240101,0,O3,{','.join(['-1'] * 1000)}\n")
    assert len(problems(parsed)) == REPORTS_PER_REASON + 1
    assert problems(parsed)[-1].position.endswith(f"and {1000 - REPORTS_PER_REASON - 1} more of this reason and hour")


def test_a_transposed_station_with_the_wrong_number_of_cells_is_lost_at_an_unknown_hour():
    parsed = transposed(turned(WIDE) + "1879A,1,2\n")
    (problem,) = problems(parsed)
    assert problem.value == "3 cells, beginning 1879A,1,2" and problem.position == "line 8"
    assert parsed.intake.rejected[-1] == 1


@pytest.mark.parametrize("text", ["date,20240101\n", "date,20240101\nhour,1,2\ntype,O3\n1431A,5\n"])
def test_a_broken_transposed_header_is_named(text):
    (problem,) = problems(transposed(text))
    assert problem.reason == "broken header" and "'date' with 2 cells" in problem.value


_CELL = st.sampled_from(["", "1", "0.5", "-1", "inf", "x", "—", "1e9", " 7 "])
_LABEL = st.tuples(
    st.sampled_from(["20240101", "20240102", "20240231", "2024"]),
    st.sampled_from(["0", "1", "23", "24", ""]),
    st.sampled_from(["PM2.5", "O3", "AQI", "CO_24h", "nonsense"]),
)
_NAMES = st.lists(st.sampled_from(["1431A", "1432A", "1878A", "9999A", "", "no code", "1431A"]), min_size=1, max_size=5)


@settings(max_examples=200, deadline=None)
@given(data=st.data(), names=_NAMES, labels=st.lists(_LABEL, max_size=8), everyone=st.booleans())
def test_whatever_a_file_holds_every_row_is_accounted_for(data, names, labels, everyone):
    cells = [data.draw(st.lists(_CELL, min_size=len(names), max_size=len(names) + 1)) for _ in labels]
    rows = [[*label, *line] for label, line in zip(labels, cells, strict=True)]
    wide("\n".join(",".join(row) for row in [["date", "hour", "type", *names], *rows]), all_stations=everyone)
    even = [row[: 3 + len(names)] for row in rows]
    transposed(
        "\n".join(map(",".join, zip(["date", "hour", "type", *names], *even, strict=True))), all_stations=everyone
    )


# The feed by name

NAMED_HEADER = "Date,Hour,WatchPoint,AQI,Level,PrimaryPollution,PM2.5,PM10,CO,NO2,O3_1h,O3_8h,SO2\n"
NAMED = (
    NAMED_HEADER
    + """20240101,08,市监测站,38,优,NaN,26,31,0.5,27,29,26,7
20240101,08,蟆颐观,54,良,"
     颗粒物(PM10)

     细颗粒物(PM2.5)
",38,58,0.8,44,8,7,5
20240101,09,蟆颐观,NaN,—,—,NaN,NaN,—,NaN,NaN,NaN,NaN
"""
)


def test_names_are_resolved_in_the_city_of_the_file_and_broken_cells_joined():
    (block,) = named(NAMED).blocks
    assert (block.city, block.stations) == ("511400", ("2539A", "2542A"))
    np.testing.assert_array_equal(block.values[:, 0, 0], [5, 44, 0.8, 8, 58, 38])
    assert np.isnan(block.values[:, 0, 1]).all()
    np.testing.assert_array_equal(block.present, [[True, True], [True, False]])


def test_the_city_is_told_by_the_name_of_the_file_first():
    text = NAMED_HEADER + "20240101,08,市监测站,38,优,NaN,26,31,0.5,27,29,26,7\n"
    assert named(text, "乐山.csv").blocks[0].stations == ("2538A",)
    (problem,) = named(text).rejected
    assert problem.reason == OPEN_CITY and problem.value == "市监测站" and problem.rows == 1


def test_a_repeated_row_comes_again_in_a_block_of_its_own():
    row = "20240101,09,蟆颐观,38,优,NaN,26,31,0.5,27,29,26,7\n"
    parsed = named(NAMED_HEADER + row * 3)
    assert [b.present.sum() for b in parsed.blocks] == [1, 1, 1] and sum(parsed.intake.rows_in.values()) == 3


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("20240101,25,蟆颐观,38,优,NaN,26,31,0.5,27,29,26,7", "no such hour"),
        ("20240101,08,蟆颐观,38,优,NaN,26,31", "wrong number of cells"),
        ('20240101,08,蟆颐观,38,优,"never closed,26,31', "wrong number of cells"),
        ("20240101,08,月球,38,优,NaN,26,31,0.5,27,29,26,7", "no station of the city has this name"),
        ("garbage", "wrong number of cells"),
        ("数据来源：中国环境监测总站", "wrong number of cells"),
        (",08,蟆颐观,38,优,NaN,26,31,0.5,27,29,26,7", "no such hour"),
        ("20240101,,蟆颐观,38,优,NaN,26,31,0.5,27,29,26,7", "no such hour"),
        ('20240101,"08",蟆颐观,38,优,NaN,26,31', "wrong number of cells"),
        ('20240101,08,蟆颐观,38,"' + "优" * 140_000 + '",NaN,26,31,0.5,27,29,26,7', "wrong number of cells"),
        ('20240101,08,蟆颐观,38,优,"left open\nstray\n\nstray', "wrong number of cells"),
    ],
)
def test_a_bad_row_of_the_feed_is_lost_alone(row, reason):
    good = "20240101,10,蟆颐观,38,优,NaN,26,31,0.5,27,29,26,7\n"
    parsed = named(NAMED_HEADER + good + row + "\n" + good.replace(",10,", ",11,"))
    (problem,) = parsed.rejected
    assert (problem.reason, problem.rows) == (reason, 1)
    assert sum(passed_by_hour(parsed).values()) == 2


def test_lines_of_commas_are_no_rows_in_any_feed():
    assert sum(named(NAMED + ",,,,,,,,,,,,\n").intake.rows_in.values()) == 3
    assert wide(WIDE + ",,,,,,\n").intake == wide(WIDE).intake
    assert transposed(turned(WIDE) + ",,,,,\n").intake == transposed(turned(WIDE)).intake


def test_a_row_of_a_name_that_might_stand_anywhere_is_rejected_with_all_of_its_hour():
    rows = "".join(f"20240101,{hour},市监测站,38,优,NaN,26,31,0.5,27,29,26,7\n" for hour in ("08", "08", "09"))
    assert [(p.value, p.rows) for p in named(NAMED_HEADER + rows, "feed.csv").rejected] == [
        ("市监测站", 2),
        ("市监测站", 1),
    ]


def test_a_wrong_column_of_the_feed_is_named_and_the_other_items_live():
    parsed = named(NAMED.replace("O3_1h", "Ozone"))
    assert {(p.reason, p.value[:5]) for p in problems(parsed)} == {
        ("column is missing", "Date,"),
        ("unknown column", "Ozone"),
    }
    assert np.isnan(parsed.blocks[0].values[ITEMS.index("o3")]).all()
    assert parsed.blocks[0].values[PM25, 0, 0] == 38


# Detection and encodings


@pytest.mark.parametrize("layout", ["cnemc-wide", "cnemc-transposed", "cnemc-named", "station-csv"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_each_example_is_told_by_its_bytes_in_each_encoding(tmp_path, layout, encoding):
    example = REPOSITORY / "docs" / "layouts" / f"{layout}.csv"
    path = tmp_path / "a file"
    path.write_text(example.read_text(encoding="utf-8"), encoding=encoding)
    assert layout == sources.feed_of(path).NAME
    parsed = sources.parse_file(path, SHIPPED, received_at=1.0, simulated=True)
    assert_every_row_is_accounted_for(parsed)
    assert parsed.blocks and not parsed.rejected
    assert all(b.simulated and b.source == layout and "sha256:" in b.provenance for b in parsed.blocks)


@pytest.mark.parametrize(
    ("content", "reason"), [(b"", "empty"), (b"dear colleagues, hello", "not recognised"), (b"\xff\xfe\x00", "not")]
)
def test_a_file_that_nobody_recognises_gives_one_answer(tmp_path, content, reason):
    path = tmp_path / "x.csv"
    path.write_bytes(content)
    parsed = sources.parse_file(path, SHIPPED, received_at=1.0)
    assert_every_row_is_accounted_for(parsed)
    (problem,) = parsed.rejected
    assert reason in problem.reason and str(len(content)) in problem.value and "cnemc-wide" in problem.expected


def test_a_table_of_hours_that_nobody_recognises_is_told_how_a_map_is_made(tmp_path):
    path = tmp_path / "x.csv"
    path.write_text("date,hour,typ,1431A")
    (problem,) = sources.parse_file(path, SHIPPED, received_at=1.0).rejected
    assert "no column map" in problem.reason and "airshed map x.csv" in problem.expected
    assert problem.value == "date,hour,typ,1431A"


def test_text_is_recognised_without_loading_what_reads_netcdf():
    path = REPOSITORY / "docs" / "layouts" / "station-csv.csv"
    code = f"import sys; from streams import sources; sources.feed_of({str(path)!r}); sys.exit('xarray' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False, cwd=REPOSITORY).returncode == 0


def test_every_source_of_the_table_keeps_the_contract():
    nationals = ("cnemc-wide", "cnemc-transposed", "cnemc-named")
    tables = ("composition-csv", "voc-csv", "station-csv", "emissions", "map")
    assert sources.layouts() == (*nationals, *tables, "tags", "cdaqs")
    assert sources.feed_of(REPOSITORY / "docs") is None
    (problem,) = sources.parse_file(REPOSITORY / "docs", SHIPPED, received_at=0.0).rejected
    assert problem.position == "folder" and "attribution.md" in problem.value


def test_bytes_of_no_encoding_spoil_their_line_alone(tmp_path):
    path = tmp_path / "x.csv"
    path.write_bytes(WIDE.encode().replace(b"0,NO2,20", b"0,NO2,\xff\xff\xff"))
    parsed = sources.parse_file(path, SHIPPED, received_at=1.0)
    (problem,) = problems(parsed)
    assert problem.position == "line 4" and "neither UTF-8 nor GB 18030" in problem.value
    assert parsed.blocks[0].values[PM25, 0, 0] == 35 and np.isnan(parsed.blocks[0].values[NO2]).all()


# Real files


@pytest.mark.parametrize(
    ("name", "columns", "ours", "cut_lines"),
    [
        ("cnemc_2023_winter/china_sites_20230120.csv", 2026, 41, 1),
        ("cnemc_2023_winter/china_sites_20230121.csv", 2026, 41, 0),
        ("cnemc_2018_transposed/china_sites_20180101.csv", 1597, 39, 0),
    ],
)
def test_a_national_day_is_read_whole_and_fast(name, columns, ours, cut_lines):
    path = real(name)
    parsed = sources.parse_file(path, SHIPPED, received_at=0.0)
    assert_every_row_is_accounted_for(parsed)
    assert sum(passed_by_hour(parsed).values()) == ours * 24
    assert set(parsed.intake.rows_in.values()) == {columns}
    # The first of the files ends in the middle of its last line, a published mean.
    assert [p.reason for p in problems(parsed)] == ["wrong number of cells"] * cut_lines
    started = time.perf_counter()
    everyone = sources.parse_file(path, SHIPPED, all_stations=True, received_at=0.0)
    assert time.perf_counter() - started < 1.5
    assert_every_row_is_accounted_for(everyone)
    assert sum(passed_by_hour(everyone).values()) == columns * 24


def test_the_values_of_a_national_day_are_those_of_the_file():
    path = real("cnemc_2023_winter/china_sites_20230121.csv")
    with path.open(encoding="utf-8") as file:
        lines = list(csv.reader(file))
    column = lines[0].index("1878A")
    pm25 = [float(line[column]) if line[column] else np.nan for line in lines if line[2] == "PM2.5"]
    (block,) = (b for b in sources.parse_file(path, SHIPPED, received_at=0.0).blocks if b.city == "510700")
    np.testing.assert_array_equal(block.values[PM25, block.stations.index("1878A")], pm25)
    assert iso_hour(block.first_hour) == "2023-01-20T16:00Z" and block.hours == 24


def test_the_published_ozone_of_the_day_shows_that_label_0_is_2400_of_the_day_before():
    days = [real(f"cnemc_2023_winter/china_sites_202301{day}.csv") for day in (20, 21)]
    o3_8h, o3_day = {}, {}
    for path in days:
        with path.open(encoding="utf-8") as file:
            for line in csv.reader(file):
                if line[2] in ("O3_8h", "O3_8h_24h"):
                    table = o3_8h if line[2] == "O3_8h" else o3_day
                    table[line[0][-2:], int(line[1])] = np.array([float(x or "nan") for x in line[3:2029]])
    from_8_to_24 = [o3_8h["20", h] for h in range(8, 24)] + [o3_8h["21", 0]]
    published = o3_day["21", 0]
    known = ~np.isnan(published)
    agree = np.fmax.reduce(from_8_to_24)[known] == published[known]
    assert known.sum() > 1600 and agree.mean() > 0.999


@pytest.mark.parametrize(
    ("city", "rows", "distinct", "stations"),
    [("成都", 960, 930, 10), ("德阳", 384, 372, 4), ("眉山", 594, 564, 6), ("绵阳", 396, 376, 4)],
)
def test_the_named_feed_is_read_whole_with_its_repeats(city, rows, distinct, stations, tmp_path):
    path = real(f"cnemc_2020_spring/{city}.csv")
    parsed = sources.parse_file(path, SHIPPED, received_at=0.0)
    assert_every_row_is_accounted_for(parsed)
    assert not parsed.rejected and sum(parsed.intake.rows_in.values()) == rows
    keys = {
        (code, b.first_hour + h)
        for b in parsed.blocks
        for code, line in zip(b.stations, b.present, strict=True)
        for h in np.flatnonzero(line)
    }
    assert len(keys) == distinct and len({code for code, _ in keys}) == stations
    assert {b.city for b in parsed.blocks} == {SHIPPED.city_named(city).code}
    # The same under a name that tells no city.
    other = tmp_path / "feed.csv"
    other.write_bytes(path.read_bytes())
    assert [b.city for b in sources.parse_file(other, SHIPPED, received_at=0.0).blocks] == [
        b.city for b in parsed.blocks
    ]


# What says nothing withdraws nothing


@pytest.mark.parametrize(
    "lines",
    ["20240101,0,AQI,50,50,50,50\n", "20240101,0,PM25,35,36,37,38\n", '20240101,0,PM2.5,"35,36,37,38\n'],
    ids=["only the index", "only an unknown type", "only a broken line"],
)
def test_an_hour_of_which_no_item_can_be_read_passes_no_row_on(lines):
    # A row without a value withdraws what was said before; these lines say nothing of any value.
    parsed = wide(f"date,hour,type,1431A,1432A,1878A,9999A\n{lines}20240101,1,PM2.5,40,41,42,43\n")
    assert [(block.city, block.first_hour, block.hours) for block in parsed.blocks] == [
        ("510100", FIRST + 1, 1), ("510700", FIRST + 1, 1),
    ]  # fmt: skip
    (problem,) = [one for one in problems(parsed) if one.rows]
    assert (problem.hour_end, problem.rows) == (FIRST, 3) and "no line of the hour" in problem.reason
    assert parsed.intake.rows_in == {FIRST: 4, FIRST + 1: 4}


def test_an_hour_whose_cells_are_all_empty_is_passed_on_for_it_withdraws():
    parsed = wide("date,hour,type,1431A\n20240101,0,PM2.5,\n")
    assert [block.present.all() for block in parsed.blocks] == [True] and not parsed.rejected


def test_rows_by_name_below_a_header_without_an_item_are_rejected_by_the_hour():
    text = "Date,Hour,WatchPoint,AQI\n20240510,8,富乐山,28\n20240510,8,三水厂,28\n20240510,9,富乐山,28\n"
    parsed = named(text, "绵阳.csv")
    assert not parsed.blocks
    assert [one.rows for one in problems(parsed) if one.reason == "no item has a column"] == [2, 1]


def test_a_column_by_name_that_is_there_twice_is_named_and_the_first_counts():
    text = NAMED_HEADER.replace("AQI,Level", "PM2.5,Level") + "20240510,8,富乐山,99,优,NaN,12,22,0.4,15,90,71,3\n"
    parsed = named(text, "绵阳.csv")
    assert parsed.blocks[0].values[PM25, 0, 0] == 99
    assert [(one.reason, one.value) for one in problems(parsed)] == [("column is repeated", "PM2.5")]


@pytest.mark.parametrize("column", ["City", "城市"])
@pytest.mark.parametrize("file", ["眉山.csv", "全省.csv"])
def test_a_row_that_says_its_city_is_of_that_city_and_set_aside_where_that_is_none_of_ours(column, file):
    # 市监测站 stands in 遂宁 (2528A), 乐山 (2538A) and 眉山 (2542A), and in 洛阳.
    lines = "".join(
        f"20240510,8,市监测站,{city},28,优,NaN,{pm25},22,0.4,15,90,71,3\n"
        for city, pm25 in (("眉山", 1), ("乐山市", 2), ("遂宁", 3), ("洛阳", 112))
    )
    parsed = named(NAMED_HEADER.replace("WatchPoint", f"WatchPoint,{column}") + lines, file)
    found = {block.stations: block.values[PM25, 0, 0] for block in parsed.blocks}
    assert found == {("2542A",): 1, ("2538A",): 2, ("2528A",): 3}
    assert [(one.reason, one.value, one.rows, one.set_aside) for one in parsed.rejected] == [
        ("the row is of another city", "洛阳", 1, True)
    ]
