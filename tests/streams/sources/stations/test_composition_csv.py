"""The layout of particle composition: names, units, averaging times, limits, and an answer to each bad column, line and cell."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams import registry, sources
from streams.components import COMPONENTS
from streams.records import iso_hour
from streams.sources.stations import composition_csv
from streams.sources.stations.composition_columns import column_of
from streams.sources.tally import Origin
from tests.streams.real_data import REPOSITORY, assert_every_row_is_accounted_for, passed_by_hour
from tests.streams.sources.reading import read_text
from tests.streams.sources.stations.bad_lines import BAD_LINES

SHIPPED = registry.load()
ORIGIN = Origin("composition-csv", "made_up.csv", "0123456789ab", 12.5)
HEADER = "station,hour_end,averaging_h,status,revision,sulphate_ugm3,nitrate_ugm3,oc_ugm3,pb_ngm3"
GOOD = "1431A,2024-01-01T08:00+08:00,1,provisional,0,9.6,21.4,12.8,48.5"
PLAIN = "station,hour_end,{}"


def parse(*lines: str, header: str = HEADER, **options):
    parsed = read_text(composition_csv, "\n".join((header, *lines)) + "\n", ORIGIN, **options)
    assert_every_row_is_accounted_for(parsed)
    return parsed


def cell(name: str, text: str):
    """Give value and limit [ug/m3] that one cell of one column becomes, and the reasons of what was reported."""
    parsed = parse(f"1431A,2024-01-01T00:00Z,{text}", header=PLAIN.format(name))
    (block,) = parsed.blocks
    below = np.nan if block.below_ugm3 is None else block.below_ugm3[0, 0, 0]
    return block.values[0, 0, 0], below, [each.reason for each in parsed.rejected]


def told(parsed) -> set:
    """Give all that was passed on: kind, averaging time, status, revision, station, hour, species, value and limit [ug/m3]."""
    found = set()
    for block in parsed.blocks:
        for s, h in np.argwhere(block.present).tolist():
            for i, name in enumerate(block.species):
                value = round(float(block.values[i, s, h]), 6)
                limit = None if block.below_ugm3 is None else round(float(block.below_ugm3[i, s, h]), 6)
                where = (block.stations[s], iso_hour(block.first_hour + h)[5:13])
                kind = (block.kind, block.averaging_h, block.status, block.revision)
                found.add((*kind, *where, name, str(value), str(limit)))
    return found


def test_a_line_is_a_row_of_each_kind() -> None:
    parsed = parse(GOOD)
    assert told(parsed) == {
        ("ion", 1, "provisional", 0, "1431A", "01-01T00", "sulphate", "9.6", "None"),
        ("ion", 1, "provisional", 0, "1431A", "01-01T00", "nitrate", "21.4", "None"),
        ("carbon", 1, "provisional", 0, "1431A", "01-01T00", "oc", "12.8", "None"),
        ("element", 1, "provisional", 0, "1431A", "01-01T00", "pb", "0.0485", "None"),
    }
    assert not parsed.rejected and parsed.intake.rows == 3
    assert {(b.city, b.source, b.received_at, b.simulated) for b in parsed.blocks} == {
        ("510100", "composition-csv", 12.5, False)
    }
    assert {int(b.lines[0, 0]) for b in parsed.blocks} == {2}


def test_the_example_beside_the_description_is_read_without_a_word() -> None:
    path = REPOSITORY / "docs" / "layouts" / "composition-csv.csv"
    parsed = sources.parse_file(path, SHIPPED, all_stations=True, received_at=0.0)
    assert_every_row_is_accounted_for(parsed)
    assert parsed.intake.source == "composition-csv" and not parsed.rejected and parsed.intake.rows == 16
    found = told(parsed)
    assert ("element", 1, "provisional", 0, "S510100", "01-10T00", "as", "nan", "0.0012") in found
    assert ("marker", 24, "reviewed", 1, "S510100", "01-10T16", "levoglucosan", "0.31", "None") in found
    assert ("ion", 1, "provisional", 0, "S510100", "01-10T02", "nitrate", "nan", "None") in found


def test_a_sample_of_a_day_is_one_row_beside_the_hours() -> None:
    day = GOOD.replace(",1,provisional", ",24,provisional").replace("9.6", "8.0")
    blocks = [block for block in parse(GOOD, day).blocks if block.kind == "ion"]
    assert [(block.averaging_h, block.hours, block.values[0, 0, 0]) for block in blocks] == [(1, 1, 9.6), (24, 1, 8.0)]
    assert blocks[0].first_hour == blocks[1].first_hour


@pytest.mark.parametrize("text", ["0", "-1", "1.5", "169", "day", "1e1", "NaN"])
def test_a_line_without_an_averaging_time_is_lost_alone_with_the_rows_of_each_kind(text) -> None:
    parsed = parse(GOOD, GOOD.replace("+08:00,1,", f"+08:00,{text},", 1), GOOD.replace("1431A", "1432A"))
    (problem,) = parsed.rejected
    assert (problem.reason, problem.value, problem.rows) == ("not an averaging time", text, 3)
    assert problem.position == "line 3, column averaging_h" and "from 1 to 168" in problem.expected
    assert sum(passed_by_hour(parsed).values()) == 6


def test_without_an_averaging_time_a_line_is_an_hour() -> None:
    unsaid = GOOD.replace(",1,provisional", ",,provisional")
    for header, line in ((HEADER, unsaid), (PLAIN.format("oc_ugm3"), "1431A,2024-01-01T00:00Z,3")):
        assert {block.averaging_h for block in parse(line, header=header).blocks} == {1}


@pytest.mark.parametrize(
    "name",
    [
        "sulphate_ugm3", "SO42-_ugm3", "SO42-(μg/m3)", "SO42-(µg/m³)", "SO₄²⁻ (ug/m3)", "硫酸盐（μg/m³）", "硫酸盐_ugm3",
        "SO4[ug/m3]", "Sulfate ug m-3", "SO4 (μg·m-3)", "硫酸盐(微克/立方米)", "硫酸根 微克每立方米",
    ],
)  # fmt: skip
def test_a_unit_is_read_as_instruments_write_it(name) -> None:
    assert cell(name, "9.6") == (9.6, pytest.approx(np.nan, nan_ok=True), [])
    assert parse("1431A,2024-01-01T00:00Z,1", header=PLAIN.format(name)).blocks[0].species == ("sulphate",)


@pytest.mark.parametrize("name", ["pb_ngm3", "Pb(ng/m3)", "铅（ng/m³）", "铅（纳克/立方米）", "PB_NGM3"])
def test_ng_become_ug(name) -> None:
    value, _, reasons = cell(name, "48.5")
    assert value == pytest.approx(0.0485, abs=1e-12) and not reasons
    assert cell(name, "<1.2")[1] == pytest.approx(0.0012, abs=1e-12)


def test_the_columns_that_the_platform_writes_are_read() -> None:
    names = [each.name for each in COMPONENTS]
    header = PLAIN.format(",".join(map(column_of, names)))
    assert len(header) < sources.HEAD_BYTES
    blocks = parse("1431A,2024-01-01T00:00Z" + ",0.5" * len(names), header=header).blocks
    assert [name for block in blocks for name in block.species] == names
    assert column_of("K+", "ngm3") == "k_ion_ngm3"


@pytest.mark.parametrize("missing", ["", "NaN", "-", "—", "null"])
def test_an_empty_cell_is_missing(missing) -> None:
    value, below, reasons = cell("oc_ugm3", missing)
    assert np.isnan(value) and np.isnan(below) and not reasons


@pytest.mark.parametrize(
    ("text", "limit"), [("<0.05", 0.05), ("< 0.05", 0.05), ("<1e-6", 1e-6), ("＜0.5", 0.5), ("<1e-4", 1e-4)]
)
def test_below_the_detection_limit_no_number_is_made_and_the_limit_is_kept(text, limit) -> None:
    value, below, reasons = cell("oc_ugm3", text)
    assert np.isnan(value) and below == limit and not reasons


@pytest.mark.parametrize(
    ("name", "text", "most"),
    [
        ("oc_ugm3", "-0.001", "0 to 1000 ug/m3"), ("oc_ugm3", "inf", "0 to 1000 ug/m3"), ("oc_ugm3", "1000.5", "0 to 1000 ug/m3"),
        ("oc_ugm3", "ND", "0 to 1000 ug/m3"), ("oc_ugm3", "1_0", "0 to 1000 ug/m3"), ("oc_ugm3", "<0", "0 to 1000 ug/m3"),
        ("oc_ugm3", "<-1", "0 to 1000 ug/m3"), ("oc_ugm3", "<", "0 to 1000 ug/m3"), ("oc_ugm3", "<nan", "0 to 1000 ug/m3"),
        ("as_ugm3", "6.1", "0 to 2 ug/m3"), ("as_ngm3", "2001", "0 to 2000 ng/m3"), ("pb_ugm3", "48.5", "0 to 20 ug/m3"),
    ],
)  # fmt: skip
def test_a_bad_cell_loses_its_value_only(name, text, most) -> None:
    lines = (f"1431A,2024-01-01T00:00Z,{text},1", "1432A,2024-01-01T00:00Z,0.5,3")
    parsed = parse(*lines, header=PLAIN.format(f"{name},fluoride_ugm3"))
    (problem,) = parsed.rejected
    assert (problem.reason, problem.value, problem.rows) == ("not a concentration", text, 0)
    assert problem.position == f"line 2, station 1431A, column {name}" and problem.expected.startswith(most)
    found = [each for each in told(parsed) if each[4] == "1431A"]
    assert sorted(each[7] for each in found) == ["1.0", "nan"] and len(told(parsed)) == 4


@pytest.mark.parametrize(
    ("old", "new", "reason", "expected"),
    [
        *BAD_LINES,
        ("provisional,0", "provisional,-1", "unknown revision", "0 to 30000"),
        (",48.5", "", "wrong number of cells", "9 cells"),
    ],
)
def test_a_line_that_cannot_be_placed_is_lost_alone_with_the_rows_of_each_kind(old, new, reason, expected) -> None:
    assert old in GOOD
    parsed = parse(GOOD, GOOD.replace(old, new, 1), GOOD.replace("1431A", "1432A"))
    (problem,) = parsed.rejected
    assert (problem.reason, problem.rows, problem.file) == (reason, 3, "made_up.csv")
    assert problem.position.startswith("line 3") and expected in problem.expected
    assert sum(passed_by_hour(parsed).values()) == 6


@pytest.mark.parametrize(
    ("name", "reason", "expected"),
    [
        ("sulphat_ugm3", "unknown species", "near are sulphate"),
        ("co_ugm3", "unknown species", "a species of PM2.5"),
        ("OC", "no unit", "oc_ugm3 or oc_ngm3"),
        ("ec_mgm3", "unknown unit", "ec_ugm3 or ec_ngm3"),
        ("Cl_ugm3", "the name stands for more than one species", "chloride (Cl-)"),
        ("黑碳(μg/m3)", "the name stands for more than one species", "ec (elemental carbon"),
        ("OM_ugm3", "the name stands for more than one species", "oc (organic carbon)"),
        ("S_ngm3", "the name stands for more than one species", "sulphate (SO42-)"),
        ("SO42-_ugm3", "species is there twice", "it or sulphate_ugm3, not both"),
        ("Pb_ugm3", "species is there twice", "it or pb_ngm3, not both"),
        ("weather", "unknown column", "averaging_h, status, revision"),
        ("", "unknown column", "a species with its unit"),
        ("averaging_h", "column is repeated", "once"),
    ],
)
def test_a_bad_column_is_named_and_the_others_are_read(name, reason, expected) -> None:
    parsed = parse(GOOD + ",9", header=f"{HEADER},{name}")
    (problem,) = parsed.rejected
    assert (problem.reason, problem.value, problem.position, problem.rows) == (reason, name, "line 1, column 10", 0)
    assert expected in problem.expected and told(parsed) == told(parse(GOOD))


def test_the_ion_and_the_element_of_one_name_stand_in_one_file() -> None:
    parsed = parse("1431A,2024-01-01T00:00Z,0.7,910", header=PLAIN.format("K+(μg/m3),K(ng/m3)"))
    assert {(each[0], each[6], each[7]) for each in told(parsed)} == {("ion", "k_ion", "0.7"), ("element", "k", "0.91")}


def test_a_file_without_a_known_species_loses_every_row_by_the_hour() -> None:
    lines = ["1431A,2024-01-01T00:00Z,1", "1432A,2024-01-01T00:00Z,1", "1431A,2024-01-01T01:00Z,1"]
    parsed = parse(*lines, header=PLAIN.format("Cl_ugm3"))
    assert [(each.reason, each.rows) for each in parsed.rejected] == [
        ("the name stands for more than one species", 0), ("no species has a column", 2), ("no species has a column", 1),
    ]  # fmt: skip
    assert not parsed.blocks


def test_a_row_of_nothing_is_a_row_of_each_kind_and_kinds_without_a_column_have_none() -> None:
    parsed = parse("1431A,2024-01-01T00:00Z,,", header=PLAIN.format("oc_ugm3,k_ugm3"))
    assert {(b.kind, bool(b.present.all()), bool(np.isnan(b.values).all())) for b in parsed.blocks} == {
        ("carbon", True, True), ("element", True, True),
    }  # fmt: skip


def test_unknown_stations_are_set_aside_or_kept() -> None:
    aside = parse(GOOD, GOOD.replace("1431A", "X-1")).rejected
    assert {(each.set_aside, each.rows, each.value) for each in aside} == {(True, 1, "X-1")} and len(aside) == 3
    kept = parse(GOOD, GOOD.replace("1431A", "X-1"), all_stations=True)
    assert {b.city for b in kept.blocks} == {"510100", registry.group_key("X-1")}


@pytest.mark.parametrize(
    ("header", "source"),
    [
        (HEADER, "composition-csv"),
        ("\ufeffstation,hour_end,硫酸盐（μg/m³）", "composition-csv"),
        ("station,hour_end,OC,EC", "composition-csv"),
        ("station,hour_end,status,BC_ugm3", "composition-csv"),
        ("station,hour_end,sulphate_ugm3,toluene_ppb", "voc-csv"),
        ("station,hour_end,sulphat_ugm3", "voc-csv"),
        ("station,hour_end,pm25_ugm3,sulphate_ugm3", "station-csv"),
        ("station,hour_end,wind_u_ms,wind_v_ms,oc_ugm3", "station-csv"),
        ("station,hour_end,status", "station-csv"),
        ("hour_end,station,oc_ugm3", "map"),
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "utf-16"])
def test_the_layout_is_told_by_the_first_line(tmp_path, header, source, encoding) -> None:
    path = tmp_path / "anything.txt"
    path.write_bytes(f"{header}\n".encode(encoding))
    feed = sources.feed_of(path)
    assert (feed and feed.NAME) == source


def test_chinese_names_and_units_may_come_in_gb18030(tmp_path) -> None:
    path = tmp_path / "composition.csv"
    text = "station,hour_end,硫酸盐（μg/m³）,左旋葡聚糖(ng/m3)\r\n1431A,2024-01-01T00:00Z,2.3,<10\r\n"
    path.write_bytes(text.encode("gb18030"))
    parsed = sources.parse_file(path, SHIPPED, received_at=0.0)
    assert not parsed.rejected
    assert {each[-3:] for each in told(parsed)} == {("sulphate", "2.3", "None"), ("levoglucosan", "nan", "0.01")}


_CELL = st.sampled_from(["", "5", "<0.02", "-5", "x", "1e6", '"', "ND", "＜3"])
_LINE = st.tuples(
    st.sampled_from(["1431A", "1878A", "9999A", "", "a b"]),
    st.sampled_from(["2024-01-01T00:00Z", "2024-01-01T02:00Z", "2024-01-01T08:00+08:00", "2024-01-01", "x", ""]),
    st.sampled_from(["", "1", "24", "0", "x"]),
    st.sampled_from(["", "reviewed", "final"]),
    _CELL,
    _CELL,
    _CELL,
)


@settings(max_examples=150, deadline=None)
@given(st.lists(_LINE.filter(any), max_size=12), st.booleans())
def test_whatever_a_file_holds_every_row_is_accounted_for(lines, everyone) -> None:
    header = "station,hour_end,averaging_h,status,NO3-_ugm3,oc_ugm3,ec_ngm3"
    parsed = parse(*map(",".join, lines), header=header, all_stations=everyone)
    assert sum(parsed.intake.rows_in.values()) == 2 * len(lines)
