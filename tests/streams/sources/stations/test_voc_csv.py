"""The layout of organic compounds: names, units, detection limits, and an answer to each kind of bad column, line and cell."""

from __future__ import annotations

import csv

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from standards.voc.species import ALL_SPECIES, species_named
from streams import registry, sources
from streams.records import iso_hour
from streams.sources.stations import station_csv, voc_csv
from streams.sources.stations.voc_columns import column_of
from streams.sources.tally import REPORTS_PER_REASON, Origin
from tests.streams.real_data import REPOSITORY, assert_every_row_is_accounted_for, passed_by_hour, real
from tests.streams.sources.reading import read_text
from tests.streams.sources.stations.bad_lines import BAD_LINES

SHIPPED = registry.load()
ORIGIN = Origin("voc-csv", "made_up.csv", "0123456789ab", 12.5)
HEADER = "station,hour_end,status,revision,simulated,ethene_ppb,toluene_ppb,m_p-xylene_ppb"
GOOD = "1431A,2024-01-01T08:00+08:00,provisional,0,false,4.1,2.3,1.1"


def parse(*lines: str, header: str = HEADER, **options):
    parsed = read_text(voc_csv, "\n".join((header, *lines)) + "\n", ORIGIN, **options)
    assert_every_row_is_accounted_for(parsed)
    return parsed


def ppb(name: str, cell: str):
    """Give value and limit that one cell of one column becomes, and the reasons of what was reported."""
    parsed = parse(f"1431A,2024-01-01T00:00Z,{cell},1", header=f"station,hour_end,{name},MTBE_ppb")
    (block,) = parsed.blocks
    at = next(i for i, each in enumerate(block.species) if each != "MTBE")
    below = np.nan if block.below_ppb is None else block.below_ppb[at, 0, 0]
    return block.values[at, 0, 0], below, [each.reason for each in parsed.rejected]


def test_a_line_becomes_the_hour_it_ends():
    (block,) = parse(GOOD).blocks
    assert (block.city, block.stations, iso_hour(block.first_hour)) == ("510100", ("1431A",), "2024-01-01T00:00Z")
    assert block.species == ("ethene", "toluene", "m,p-xylene")
    np.testing.assert_array_equal(block.values[:, 0, 0], [4.1, 2.3, 1.1])
    assert (block.status, block.revision, block.simulated, block.below_ppb) == ("provisional", 0, False, None)
    assert block.provenance == "voc-csv made_up.csv sha256:0123456789ab" and block.received_at == 12.5


def test_columns_stand_in_any_order_and_optional_ones_may_be_absent():
    (block,) = parse(
        "1431A,2024-01-01T00:00Z,7,,2", header="station,hour_end,toluene_ppb,benzene_ppb,ethane_ppb"
    ).blocks
    assert block.species == ("ethane", "benzene", "toluene")
    np.testing.assert_array_equal(block.values[:, 0, 0], [2, np.nan, 7])
    assert block.present.all()


def test_concentrations_become_mixing_ratios():
    # Worked by hand at 24.465 L/mol: 4.1, 0.9, 2.3, 1.1 and 0.35 ppb are these ug/m3 to three decimals.
    names = ("ethene", "propene", "toluene", "m_p-xylene", "isoprene")
    header = "station,hour_end," + ",".join(f"{name}_ugm3" for name in names)
    (block,) = parse("1431A,2024-01-01T00:00Z,4.701,1.548,8.662,4.774,0.975", header=header).blocks
    found = dict(zip(block.species, block.values[:, 0, 0], strict=True))
    expected = {"ethene": 4.1, "propene": 0.9, "toluene": 2.3, "m,p-xylene": 1.1, "isoprene": 0.35}
    assert found == pytest.approx(expected, abs=2e-4)


def test_every_compound_is_known_by_each_of_its_names():
    for each in ALL_SPECIES:
        for name in (column_of(each.name_en), each.name_en + "_ppb", each.cas + "_ppb", each.name_zh + "_ppb",
                     each.name_en.upper().replace(",", "") + "_PPB", *(alias + "_ppb" for alias in each.aliases)):  # fmt: skip
            cell = f'"{name}"' if "," in name else name
            (block,) = parse("1431A,2024-01-01T00:00Z,1", header=f"station,hour_end,{cell}").blocks
            assert block.species == (each.name_en,), name


def test_the_columns_that_the_platform_writes_hold_no_comma_or_blank():
    columns = [column_of(each.name_en, "ugm3") for each in ALL_SPECIES]
    assert len(set(columns)) == len(ALL_SPECIES) and not any(set(name) & set(', "') for name in columns)
    assert column_of("2,2-dimethylbutane") == "2_2-dimethylbutane_ppb" and column_of("179601-23-1") == "m_p-xylene_ppb"


def test_the_header_of_all_compounds_fits_into_what_recognition_sees():
    header = "station,hour_end," + ",".join(column_of(each.name_en) for each in ALL_SPECIES)
    assert len(header) < sources.HEAD_BYTES
    (block,) = parse("1431A,2024-01-01T00:00Z" + ",1" * 107, header=",".join(header.split(",")[:109])).blocks
    assert len(block.species) == 107


@pytest.mark.parametrize("missing", ["", "NaN", "-", "—", "null"])
def test_an_empty_cell_is_missing(missing):
    value, below, reasons = ppb("toluene_ppb", missing)
    assert np.isnan(value) and np.isnan(below) and not reasons


@pytest.mark.parametrize(("cell", "limit"), [("<0.02", 0.02), ("< 0.02", 0.02), ("＜0.5", 0.5), ("<1e-4", 1e-4)])
def test_below_the_detection_limit_no_number_is_made_and_the_limit_is_kept(cell, limit):
    value, below, reasons = ppb("toluene_ppb", cell)
    assert np.isnan(value) and below == limit and not reasons


def test_a_detection_limit_is_converted_as_a_value_is():
    value, below, _ = ppb("toluene_ugm3", "<8.662")
    assert np.isnan(value) and below == pytest.approx(2.3, abs=2e-4)


@pytest.mark.parametrize(
    ("name", "cell"),
    [
        ("toluene_ppb", "-0.001"), ("toluene_ppb", "inf"), ("toluene_ppb", "-inf"), ("toluene_ppb", "10000.5"),
        ("toluene_ppb", "much"), ("toluene_ppb", "1_000"), ("toluene_ppb", "1e999"), ("toluene_ppb", "ND"),
        ("toluene_ppb", "<"), ("toluene_ppb", "<0"), ("toluene_ppb", "<-1"), ("toluene_ppb", "<nan"),
        ("toluene_ppb", "<inf"), ("toluene_ppb", "<0_02"), ("toluene_ppb", "<20000"), ("toluene_ppb", ">5"),
        ("toluene_ugm3", "37700"),
    ],
)  # fmt: skip
def test_a_bad_cell_loses_its_value_only(name, cell):
    lines = [f"1431A,2024-01-01T00:00Z,{cell},1", "1432A,2024-01-01T00:00Z,2,3"]
    parsed = parse(*lines, header=f"station,hour_end,{name},MTBE_ppb")
    (problem,) = parsed.rejected
    assert (problem.reason, problem.value, problem.rows) == ("not a mixing ratio", cell, 0)
    assert problem.position == f"line 2, station 1431A, column {name}" and "<limit" in problem.expected
    assert problem.hour_end is not None and sum(passed_by_hour(parsed).values()) == 2
    (block,) = parsed.blocks
    assert np.isnan(block.values[0, 0, 0]) and block.values[1, 0, 0] == 1 and block.values[0, 1, 0] > 0
    assert block.below_ppb is None


def test_the_bound_is_the_same_in_both_units():
    # 10000 ppb of toluene are 10000 * 92.14 / 24.465 = 37662 ug/m3.
    assert ppb("toluene_ppb", "10000")[0] == 10_000 and ppb("toluene_ugm3", "37661")[0] == pytest.approx(
        9999.8, abs=0.1
    )


@pytest.mark.parametrize(
    ("old", "new", "reason", "expected"),
    [
        *BAD_LINES,
        (",0,false", ",-1,false", "unknown revision", "0 to 30000"),
        (",0,false", ",30001,false", "unknown revision", "0 to 30000"),
        ("false", "perhaps", "unknown simulated", "true or false"),
        (",1.1", "", "wrong number of cells", "8 cells"),
        (",2.3,", ',"2.3,', "wrong number of cells", "8 cells"),
    ],
)
def test_a_line_that_cannot_be_placed_is_lost_alone_and_named(old, new, reason, expected):
    assert old in GOOD
    parsed = parse(GOOD, GOOD.replace(old, new, 1), GOOD.replace("1431A", "1432A"))
    (problem,) = parsed.rejected
    assert (problem.reason, problem.rows, problem.file) == (reason, 1, "made_up.csv")
    assert problem.position.startswith("line 3") and expected in problem.expected
    assert sum(passed_by_hour(parsed).values()) == 2


@pytest.mark.parametrize(
    ("name", "reason", "expected"),
    [
        ("toluen_ppb", "unknown compound", "near are toluene_ppb"),
        ("toluen_ugm3", "unknown compound", "near are toluene_ugm3"),
        ("nox_ppb", "unknown compound", "a name or CAS number of the VOC list"),
        ("108-88-4_ppb", "unknown compound", "CAS number"),
        ("42_ppb", "unknown compound", "a name or CAS number"),
        ("benzene", "unknown column", "with its unit, such as toluene_ppb"),
        ("benzene_ppm", "unknown column", "with its unit"),
        ("_ppb", "unknown column", "with its unit"),
        ("", "unknown column", "status, revision, simulated"),
        ("toluene_ugm3", "compound is there twice", "it or toluene_ppb, not both"),
        ("108-88-3_ppb", "compound is there twice", "it or toluene_ppb, not both"),
        ("p-xylene_ppb", "compound is there twice", "it or m_p-xylene_ppb, not both"),
        ("hour_end", "column is repeated", "once"),
        ("status", "column is repeated", "once"),
    ],
)
def test_a_bad_column_is_named_and_the_others_are_read(name, reason, expected):
    parsed = parse(GOOD + ",9", header=f"{HEADER},{name}")
    (problem,) = parsed.rejected
    assert (problem.reason, problem.value, problem.position, problem.rows) == (reason, name, "line 1, column 9", 0)
    assert expected in problem.expected
    np.testing.assert_array_equal(parsed.blocks[0].values[:, 0, 0], [4.1, 2.3, 1.1])


def test_of_a_pair_and_its_parts_the_first_stands():
    header = "station,hour_end,m-xylene_ppb,p-xylene_ppb,m_p-xylene_ppb"
    parsed = parse("1431A,2024-01-01T00:00Z,1,2,3", header=header)
    assert parsed.blocks[0].species == ("m-xylene", "p-xylene")
    assert [(each.reason, each.value) for each in parsed.rejected] == [("compound is there twice", "m_p-xylene_ppb")]


def test_a_file_without_a_known_compound_loses_every_row_by_the_hour():
    lines = ["1431A,2024-01-01T00:00Z,1", "1432A,2024-01-01T00:00Z,1", "1431A,2024-01-01T01:00Z,1"]
    parsed = parse(*lines, header="station,hour_end,nonsense_ppb")
    assert [(each.reason, each.rows) for each in parsed.rejected] == [
        ("unknown compound", 0), ("no compound has a column", 2), ("no compound has a column", 1),
    ]  # fmt: skip
    assert not parsed.blocks


def test_each_status_revision_and_simulation_travels_in_its_own_block():
    lines = [GOOD, GOOD.replace("provisional,0", "reviewed,0"), GOOD.replace("provisional,0", "reviewed,2")]
    lines += [GOOD.replace("false", "true"), GOOD.replace("1431A", "1878A")]
    kinds = {(b.city, b.status, b.revision, b.simulated) for b in parse(*lines).blocks}
    assert kinds == {
        ("510100", "provisional", 0, False), ("510100", "provisional", 0, True), ("510100", "reviewed", 0, False),
        ("510100", "reviewed", 2, False), ("510700", "provisional", 0, False),
    }  # fmt: skip


def test_a_repeated_line_comes_again():
    parsed = parse(GOOD, GOOD.replace(",4.1,", ",4.2,"), GOOD.replace("1431A", "1432A"))
    assert [(b.stations, b.values[0, 0, 0]) for b in parsed.blocks] == [(("1431A", "1432A"), 4.1), (("1431A",), 4.2)]


def test_a_row_of_nothing_is_a_row():
    parsed = parse("1431A,2024-01-01T00:00Z,,", header="station,hour_end,toluene_ppb,benzene_ppb")
    assert parsed.blocks[0].present.all() and np.isnan(parsed.blocks[0].values).all() and not parsed.rejected


def test_unknown_stations_are_set_aside_or_kept():
    line = GOOD.replace("1431A", "X-1")
    (aside,) = parse(GOOD, line).rejected
    assert (aside.set_aside, aside.rows, aside.value) == (True, 1, "X-1")
    assert {b.city for b in parse(GOOD, line, all_stations=True).blocks} == {"510100", registry.group_key("X-1")}


def test_long_files_travel_in_blocks_of_ten_days():
    lines = [f"1431A,{iso_hour(473_000 + hour)},1" for hour in range(500) if hour != 300]
    parsed = parse(*lines, header="station,hour_end,toluene_ppb")
    assert [(block.first_hour - 473_000, block.hours) for block in parsed.blocks] == [(0, 240), (240, 60), (301, 199)]


def test_a_file_marked_simulated_is_so_throughout(tmp_path):
    path = tmp_path / "voc.csv"
    path.write_text(f"{HEADER}\n{GOOD}\n")
    assert [b.simulated for b in sources.parse_file(path, SHIPPED, received_at=0.0, simulated=True).blocks] == [True]


@pytest.mark.parametrize(
    ("header", "source"),
    [
        (HEADER, "voc-csv"),
        ('"station","hour_end","2,2-dimethylbutane_ppb"', "voc-csv"),
        ("\ufeffstation,hour_end,甲苯_ugm3", "voc-csv"),
        ("station,hour_end,status,toluen_ppb", "voc-csv"),
        ("station,hour_end,toluene_ppb\rmore", "voc-csv"),
        (",".join(station_csv.COLUMNS), "station-csv"),
        ("station,hour_end,o3_ugm3,benzene_ugm3", "station-csv"),
        ("station,hour_end,o3_ppb", "station-csv"),
        ("station,hour_end,wind_u_ms,wind_v_ms,benzene_ugm3", "station-csv"),
        ("station,hour_end,status", "station-csv"),
        ("hour_end,station,toluene_ppb", "map"),
    ],
)
def test_the_layout_is_told_by_the_first_line(tmp_path, header, source):
    path = tmp_path / "anything.txt"
    path.write_bytes(f"{header}\n".encode())
    feed = sources.feed_of(path)
    assert (feed and feed.NAME) == source


def test_chinese_names_may_come_in_gb18030(tmp_path):
    path = tmp_path / "voc.csv"
    path.write_bytes(
        "station,hour_end,甲苯_ppb,间/对二甲苯_ugm3\r\n1431A,2024-01-01T00:00Z,2.3,<0.1\r\n".encode("gb18030")
    )
    parsed = sources.parse_file(path, SHIPPED, received_at=0.0)
    assert parsed.blocks[0].species == ("toluene", "m,p-xylene") and not parsed.rejected
    assert parsed.blocks[0].below_ppb[1, 0, 0] == pytest.approx(0.1 * 24.465 / 106.17)


def test_a_file_wrong_throughout_fills_no_store():
    parsed = parse(*["1431A,2024-01-01T00:00Z,ND"] * 1000, header="station,hour_end,toluene_ppb")
    assert len(parsed.rejected) == REPORTS_PER_REASON + 1 and len(parsed.blocks) == 1000


def test_the_example_beside_the_description_is_read_without_a_word():
    path = REPOSITORY / "docs" / "layouts" / "voc-csv.csv"
    parsed = sources.parse_file(path, SHIPPED, all_stations=True, received_at=0.0)
    assert_every_row_is_accounted_for(parsed)
    assert parsed.intake.source == "voc-csv" and not parsed.rejected and len(parsed.blocks) == 2
    acetone = parsed.blocks[0].values[parsed.blocks[0].species.index("acetone"), 0]
    assert acetone == pytest.approx([7.25 * 24.465 / 58.08, 7.91 * 24.465 / 58.08])


def test_a_real_campaigns_names_are_found_or_named(tmp_path):
    # Redlands 2021 (ppbv): species as its authors write them, and the columns that are no compound of the list.
    with real("voc_redlands_2021/raw/PMF_input_conc.csv").open(encoding="utf-8-sig") as file:
        names, *rows = list(csv.reader(file))
    path = tmp_path / "redlands.csv"
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["station", "hour_end", *(f"{name}_ppb" for name in names[1:])])
        for row in rows:
            month, day, year = (int(part) for part in row[0].split("/"))
            writer.writerow(["1431A", f"{year}-{month:02d}-{day:02d}T12:00Z", *row[1:]])
    parsed = sources.parse_file(path, SHIPPED, received_at=0.0)
    assert_every_row_is_accounted_for(parsed)
    unknown = {each.value.removesuffix("_ppb") for each in parsed.rejected}
    assert len(rows) == sum(passed_by_hour(parsed).values()) == 114
    assert {"PCBTF", "MVK", "Methanol", "D5-Siloxane", "NOx", "O3_form"} <= unknown
    assert not {"Toluene", "m_p-Xylene", "1_2-Dichlorobenzene", "CFC-11", "alpha-Pinene", "Propylene"} & unknown
    block = next(b for b in parsed.blocks if iso_hour(b.first_hour).startswith("2021-07-10"))
    assert block.values[block.species.index("toluene"), 0, 0] == 0.817803636
    assert block.values[block.species.index("m,p-xylene"), 0, 0] == 0.11648


_CELL = st.sampled_from(["", "5", "<0.02", "-5", "x", "1e6", '"', "ND", "＜3"])
_LINE = st.tuples(
    st.sampled_from(["1431A", "1878A", "9999A", "", "a b"]),
    st.sampled_from(["2024-01-01T00:00Z", "2024-01-01T02:00Z", "2024-01-01T08:00+08:00", "2024-01-01T00:00", "x", ""]),
    st.sampled_from(["", "reviewed", "final"]),
    st.sampled_from(["", "1", "-1"]),
    _CELL,
    _CELL,
)


@settings(max_examples=200, deadline=None)
@given(st.lists(_LINE.filter(any), max_size=12), st.booleans())
def test_whatever_a_file_holds_every_row_is_accounted_for(lines, everyone):
    header = "station,hour_end,status,revision,toluene_ppb,乙烯_ugm3"
    parsed = parse(*map(",".join, lines), header=header, all_stations=everyone)
    assert sum(parsed.intake.rows_in.values()) == len(lines)


def test_no_two_compounds_share_a_name_when_only_letters_and_digits_count():
    names = [{n.casefold() for n in (each.name_en, each.name_zh, each.cas, *each.aliases)} for each in ALL_SPECIES]
    plain = [{"".join(filter(str.isalnum, name)) for name in each} for each in names]
    assert sum(map(len, plain)) == len(set().union(*plain)) and species_named("toluene").cas == "108-88-3"
