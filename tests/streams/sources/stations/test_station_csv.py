"""Our own layout of station hours: values, kinds, and an answer to each kind of bad line."""

from __future__ import annotations

import datetime as dt
import itertools
import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from standards.pollutants import ITEMS
from streams import registry, sources
from streams.records import iso_hour
from streams.sources.stations import station_csv
from streams.sources.stations.station_hours import SPARSEST
from streams.sources.tally import REPORTS_PER_REASON, Origin, Tally
from tests.streams.real_data import REPOSITORY, assert_every_row_is_accounted_for, passed_by_hour, real
from tests.streams.sources.reading import read_text
from tests.streams.sources.stations.bad_lines import BAD_LINES

SHIPPED = registry.load()
ORIGIN = Origin("station-csv", "made_up.csv", "0123456789ab", 12.5)
HEADER = ",".join(station_csv.COLUMNS)
GOOD = "1431A,2024-01-01T08:00+08:00,3,20,0.5,60,50,35,1.5,-0.5,provisional,0,false"


def parse(*lines: str, header: str = HEADER, **options):
    parsed = read_text(station_csv, "\n".join((header, *lines)) + "\n", ORIGIN, **options)
    assert_every_row_is_accounted_for(parsed)
    return parsed


def test_a_line_becomes_the_hour_it_ends():
    (block,) = parse(GOOD).blocks
    assert (block.city, block.stations, iso_hour(block.first_hour)) == ("510100", ("1431A",), "2024-01-01T00:00Z")
    np.testing.assert_array_equal(block.values[:, 0, 0], [3, 20, 0.5, 60, 50, 35])
    np.testing.assert_array_equal(block.wind_ms[:, 0, 0], [1.5, -0.5])
    assert (block.status, block.revision, block.simulated) == ("provisional", 0, False)


def test_optional_columns_may_be_absent_and_items_empty():
    (block,) = parse("1431A,2024-01-01T00:00Z,,7", header="station,hour_end,pm25_ugm3,o3_ugm3").blocks
    assert block.values[ITEMS.index("o3"), 0, 0] == 7 and np.isnan(block.values).sum() == 5
    assert block.wind_ms is None and block.present.all()


def test_each_status_revision_and_simulation_travels_in_its_own_block():
    lines = [GOOD, GOOD.replace("provisional,0", "reviewed,0"), GOOD.replace("provisional,0", "reviewed,2")]
    lines += [GOOD.replace("false", "true"), GOOD.replace("1431A", "1878A")]
    kinds = {(b.city, b.status, b.revision, b.simulated) for b in parse(*lines).blocks}
    assert kinds == {
        ("510100", "provisional", 0, False), ("510100", "provisional", 0, True), ("510100", "reviewed", 0, False),
        ("510100", "reviewed", 2, False), ("510700", "provisional", 0, False),
    }  # fmt: skip


def test_a_repeated_line_comes_again():
    parsed = parse(GOOD, GOOD.replace(",35,", ",36,"), GOOD.replace("1431A", "1432A"))
    assert [(b.stations, b.values[-1, 0, 0]) for b in parsed.blocks] == [(("1431A", "1432A"), 35), (("1431A",), 36)]


def test_unknown_stations_are_set_aside_or_kept():
    line = GOOD.replace("1431A", "X-1")
    (aside,) = parse(GOOD, line).rejected
    assert (aside.set_aside, aside.rows, aside.value) == (True, 1, "X-1")
    assert {b.city for b in parse(GOOD, line, all_stations=True).blocks} == {"510100", registry.group_key("X-1")}


@pytest.mark.parametrize(
    ("old", "new", "reason", "expected"),
    [
        *BAD_LINES,
        (",0,false", ",-1,false", "unknown revision", "0 to 30000"),
        (",0,false", ",30001,false", "unknown revision", "0 to 30000"),
        (",0,false", ",１,false", "unknown revision", "0 to 30000"),
        (",0,false", f",{'9' * 5000},false", "unknown revision", "0 to 30000"),
        ("false", "perhaps", "unknown simulated", "true or false"),
        (",false", "", "wrong number of cells", "13 cells"),
    ],
)
def test_a_line_that_cannot_be_placed_is_lost_alone_and_named(old, new, reason, expected):
    assert old in GOOD
    parsed = parse(GOOD, GOOD.replace(old, new, 1), GOOD.replace("1431A", "1432A"))
    (problem,) = parsed.rejected
    assert (problem.reason, problem.rows, problem.file) == (reason, 1, "made_up.csv")
    assert problem.position.startswith("line 3") and expected in problem.expected
    assert new.strip(",+") in problem.value or reason == "wrong number of cells" or "revision" in reason
    assert sum(passed_by_hour(parsed).values()) == 2


@pytest.mark.parametrize(
    ("old", "new", "position"),
    [
        (",3,", ",-3,", "column so2_ugm3"),
        (",0.5,60", ",much,60", "column co_mgm3"),
        (",60,", ",inf,", "column o3_ugm3"),
        (",60,", ",1_000,", "column o3_ugm3"),
        (",60,", ",６０,", "column o3_ugm3"),
        (",1.5,", ",1_0,", "column wind_u_ms"),
        (",1.5,", ",150,", "column wind_u_ms"),
        (",-0.5,", ",north,", "column wind_v_ms"),
    ],
)
def test_a_bad_cell_loses_its_value_only(old, new, position):
    parsed = parse(GOOD.replace(old, new, 1))
    (problem,) = parsed.rejected
    assert problem.rows == 0 and position in problem.position and problem.value in new
    assert sum(passed_by_hour(parsed).values()) == 1


def test_a_wrong_column_name_is_named():
    parsed = parse("1431A,2024-01-01T00:00Z,5,6", header="station,hour_end,pm25,o3_ugm3")
    (problem,) = parsed.rejected
    assert (problem.reason, problem.value, problem.position) == ("unknown column", "pm25", "line 1, column 3")
    assert "pm25_ugm3" in problem.expected
    assert (
        parse("1431A,2024-01-01T00:00Z,5", header="station,hour_end,pm25").rejected[-1].reason == "no item has a column"
    )


def test_quotation_marks_are_taken_off_and_one_left_open_swallows_nothing(tmp_path):
    path = tmp_path / "quoted.csv"
    quoted = ['"' + line.replace(",", '","') + '"' for line in (HEADER, GOOD, GOOD.replace("1431A", "1432A"))]
    path.write_text("\n".join([quoted[0], quoted[1].removesuffix('"'), quoted[2]]))
    parsed = sources.parse_file(path, SHIPPED, received_at=0.0)
    assert parsed.blocks[0].stations == ("1431A", "1432A") and not parsed.rejected


def test_stations_that_share_no_hour_take_no_more_memory_than_their_rows():
    hours = [f"{dt.datetime(2024, 1, 1) + dt.timedelta(hours=h):%Y-%m-%dT%H:00}Z" for h in range(2000)]
    lines = [f"S{i},{hour},5" for i, hour in enumerate(hours)]
    parsed = parse(*lines, header="station,hour_end,pm25_ugm3", all_stations=True)
    cells = sum(block.present.size for block in parsed.blocks)
    assert sum(passed_by_hour(parsed).values()) == 2000 and cells <= SPARSEST * 2000


def test_reading_a_row_takes_a_few_hundred_bytes():
    header, count = "station,hour_end,so2_ugm3,no2_ugm3,co_mgm3,o3_ugm3,pm10_ugm3,pm25_ugm3", 10_000
    rows = (f"1431A,{iso_hour(473_000 + n)},3,20,0.5,60,50,{n % 300}" for n in range(count))
    tally = Tally(ORIGIN)
    tracemalloc.start()
    station_csv.read(itertools.chain([header], rows), SHIPPED, tally, all_stations=False)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert tally.parsed().intake.rows == count and peak / count < 600


def test_a_file_wrong_throughout_fills_no_store():
    parsed = parse(*[GOOD.replace("+08:00", "")] * 1000)
    assert len(parsed.rejected) == REPORTS_PER_REASON + 1
    assert sum(r.rows for r in parsed.rejected) == 1000 and not parsed.blocks


_LINE = st.tuples(
    st.sampled_from(["1431A", "1878A", "9999A", "", "a b"]),
    st.sampled_from(["2024-01-01T00:00Z", "2024-01-01T02:00Z", "2024-01-01T08:00+08:00", "2024-01-01T00:00", "x", ""]),
    st.sampled_from(["", "5", "-5", "x", "1e6"]),
    st.sampled_from(["", "reviewed", "final"]),
    st.sampled_from(["", "1", "-1"]),
)


@settings(max_examples=200, deadline=None)
@given(st.lists(_LINE.filter(any), max_size=12), st.booleans())
def test_whatever_a_file_holds_every_row_is_accounted_for(lines, everyone):
    parsed = parse(*map(",".join, lines), header="station,hour_end,o3_ugm3,status,revision", all_stations=everyone)
    assert sum(parsed.intake.rows_in.values()) == len(lines)


def test_the_shipped_sample_is_whole_and_equals_the_national_files():
    path = REPOSITORY / "streams" / "sample" / "stations.csv"
    parsed = sources.parse_file(path, SHIPPED, received_at=0.0)
    assert_every_row_is_accounted_for(parsed)
    assert not parsed.rejected and sum(parsed.intake.rows_in.values()) == 41 * 48
    assert path.stat().st_size < 300_000
    days = [real(f"cnemc_2023_winter/china_sites_202301{day}.csv") for day in (20, 21)]
    originals = [b for day in days for b in sources.parse_file(day, SHIPPED, received_at=0.0).blocks]
    for block in parsed.blocks:
        first, second = (b.values for b in originals if b.city == block.city)
        np.testing.assert_array_equal(block.values, np.concatenate([first, second], axis=-1))


@pytest.mark.parametrize("columns", ["o3_ppb", "co_ugm3,o3_ppb", "wind_u_ms,wind_v_ms"])
def test_lines_below_a_header_without_an_item_are_rejected_for_as_rows_they_would_withdraw(columns):
    cells = ",".join("5" for _ in columns.split(","))
    parsed = parse(f"1431A,2024-01-01T00:00Z,{cells}", header=f"station,hour_end,{columns}")
    assert not parsed.blocks
    assert [(one.reason, one.rows) for one in parsed.rejected if one.rows] == [("no item has a column", 1)]
