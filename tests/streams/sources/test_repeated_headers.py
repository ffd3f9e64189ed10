"""Files that were joined: each part is read by the header above it, in every layout of text."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams import registry, sources
from streams.records import EmissionBlock, ObservationBlock, SpeciesBlock
from streams.sources.tally import Parsed

SHIPPED = registry.load()
FIRST = 476_560
"""2024-05-13T16:00Z, the hour ending at 0:00 of 2024-05-14 in Asia/Shanghai."""
DAY = 20240514
LAYOUTS = ("cnemc-wide", "cnemc-transposed", "cnemc-named", "station-csv", "voc-csv", "composition-csv", "emissions")
ORDERS = {
    "cnemc-wide": (["1431A", "1432A", "1878A"], ["1878A", "1431A", "1432A"], ["1432A", "9999A", "1431A"]),
    "cnemc-transposed": (["1431A", "1432A", "1878A"], ["1878A", "1431A", "1432A"], ["1432A", "1431A"]),
    "cnemc-named": (["PM2.5", "SO2", "NO2"], ["NO2", "PM2.5", "SO2"], ["O3_1h", "PM2.5"]),
    "station-csv": (["pm25_ugm3", "so2_ugm3"], ["so2_ugm3", "pm25_ugm3"], ["co_mgm3", "pm25_ugm3"]),
    "voc-csv": (["toluene_ppb", "benzene_ppb"], ["benzene_ppb", "toluene_ppb"], ["ethane_ppb"]),
    "composition-csv": (["sulphate_ugm3", "nitrate_ugm3"], ["nitrate_ugm3", "sulphate_ugm3"], ["ammonium_ugm3"]),
    "emissions": (
        ["hour_end", "emission_kgh"],
        ["emission_kgh", "hour_end"],
        ["emission_kgh", "inventory", "hour_end"],
    ),
}


def part(layout: str, hour: int, columns: list[str]) -> str:
    """Write a file of one hour (of the day) whose cells hold numbers that tell their column: `value_of`."""
    cells = ",".join(f"{value_of(column, hour):g}" for column in columns)
    if layout == "cnemc-wide":
        return f"date,hour,type,{','.join(columns)}\n{DAY},{hour},PM2.5,{cells}\n"
    if layout == "cnemc-transposed":
        lines = [f"date,{DAY},{DAY}", f"hour,{hour},{hour}", "type,PM2.5,AQI"]
        return "\n".join([*lines, *(f"{code},{value_of(code, hour):g},1" for code in columns)]) + "\n"
    if layout == "cnemc-named":
        return f"Date,Hour,WatchPoint,{','.join(columns)}\n{DAY},{hour},富乐山,{cells}\n"
    if layout == "emissions":
        given = {"hour_end": f"2024-05-14 {hour:02d}:00", "emission_kgh": f"{hour + 1}", "inventory": "made"}
        row = ",".join(given[column] for column in columns)
        return f"city,sector,species,{','.join(columns)}\n成都,industry,nox,{row}\n"
    return f"station,hour_end,{','.join(columns)}\n1431A,2024-05-14T{hour:02d}:00+08:00,{cells}\n"


def value_of(column: str, hour: int) -> float:
    """Give the number that stands in a column in an hour: no two columns or hours have the same."""
    return hour + 1 + 0.01 * (sum(map(ord, column)) % 89)


def told(parsed: Parsed) -> dict[tuple[str, str, int], float]:
    """Give every number that was passed on, by what it is of, its place and its hour."""
    found = {}
    for block in parsed.blocks:
        places = block.sectors if isinstance(block, EmissionBlock) else block.stations
        names = block.species if isinstance(block, SpeciesBlock) else tuple(range(len(block.values)))
        values = block.values.transpose(1, 0, 2) if isinstance(block, EmissionBlock) else block.values
        for i, p, h in np.argwhere(~np.isnan(values)).tolist():
            name = str(names[i]) if i < len(names) else str(i)
            assert found.setdefault((name, places[p], block.first_hour + h), values[i, p, h]) == values[i, p, h]
    return found


def read(folder: Path, text: str, encoding: str = "utf-8") -> Parsed:
    """Give what becomes of a text in a file that has the name of a city."""
    path = folder / "绵阳.csv"
    path.write_text(text, encoding=encoding)
    return sources.parse_file(path, SHIPPED, received_at=1.0)


def test_a_header_that_names_another_order_is_obeyed(tmp_path: Path) -> None:
    # The file and the right answer were handed over with the fault.
    text = "date,hour,type,1431A,1432A,1878A\n20240510,1,PM2.5,10,20,30\n"
    text += "date,hour,type,1431A,1878A,1432A\n20240511,1,PM2.5,10,30,20\n"
    parsed = read(tmp_path, text)
    blocks = {
        (code, b.first_hour): float(b.values[5, s, 0]) for b in parsed.blocks for s, code in enumerate(b.stations)
    }
    assert blocks["1432A", 476_489] == 20 and blocks["1878A", 476_489] == 30  # 2024-05-10T17:00Z
    assert not parsed.rejected


@pytest.mark.parametrize("joint", ["", "\ufeff", "\n", "\r\n", ",,,\n", "no line end", "no line end\ufeff"])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_files_joined_say_what_they_say_alone(tmp_path: Path, layout: str, joint: str) -> None:
    parts = [part(layout, hour, columns) for hour, columns in enumerate(ORDERS[layout])]
    alone: dict = {}
    for text in parts:
        parsed = read(tmp_path, text)
        assert not [each for each in parsed.rejected if each.rows and not each.set_aside]
        alone |= told(parsed)
    if joint.startswith("no line end"):
        parts, joint = [text.removesuffix("\n") for text in parts], joint.removeprefix("no line end")
    for encoding in ("utf-8", "gb18030"):
        joined = read(tmp_path, joint.join(parts), encoding)
        assert told(joined) == alone and len(alone) > 2
        assert not [each for each in joined.rejected if each.rows and not each.set_aside]


@pytest.mark.parametrize("layout", LAYOUTS)
def test_nothing_below_a_header_whose_first_name_is_damaged_is_read_by_the_header_before(
    tmp_path: Path, layout: str
) -> None:
    # A mark of UTF-8 within a file of GB 18030 takes the first letter of the header with it.
    first, second = (part(layout, hour, columns) for hour, columns in enumerate(ORDERS[layout][:2]))
    alone = told(read(tmp_path, first)) | told(read(tmp_path, second))
    found = told(read(tmp_path, first + "锘縳" + second[1:] if layout != "cnemc-transposed" else first + second))
    assert found.items() <= alone.items()


@pytest.mark.parametrize("layout", [each for each in LAYOUTS if each != "cnemc-transposed"])
def test_nothing_below_a_header_in_other_capitals_is_read_by_the_header_before(tmp_path: Path, layout: str) -> None:
    first, second = (part(layout, hour, columns) for hour, columns in enumerate(ORDERS[layout][:2]))
    alone = told(read(tmp_path, first)) | told(read(tmp_path, second))
    head, _, rows = second.partition("\n")
    capitals = [name.upper() if n < 3 else name for n, name in enumerate(head.split(","))]
    found = told(read(tmp_path, first + ",".join(capitals) + "\n" + rows))
    assert found.items() <= alone.items()


@settings(max_examples=60, deadline=None)
@given(layout=st.sampled_from(LAYOUTS[:1] + LAYOUTS[3:5]), data=st.data())
def test_any_order_of_columns_in_any_part_gives_the_same_numbers(
    tmp_path_factory: pytest.TempPathFactory, layout: str, data: st.DataObject
) -> None:
    columns = ORDERS[layout][0]
    orders = data.draw(st.lists(st.permutations(columns), min_size=1, max_size=5))
    folder = tmp_path_factory.mktemp("any")
    found = told(read(folder, "".join(part(layout, hour, order) for hour, order in enumerate(orders))))
    straight = told(read(folder, "".join(part(layout, hour, columns) for hour in range(len(orders)))))
    assert found == straight and len(found) == len(orders) * len(columns)


@pytest.mark.parametrize("clock", ["24", "2400", "24:00", "24:00:00"])
def test_24_is_the_next_day_at_0(tmp_path: Path, clock: str) -> None:
    for text in (
        f"date,hour,type,1878A\n20240513,{clock},PM2.5,7\n",
        f"Date,Hour,WatchPoint,PM2.5\n20240513,{clock},富乐山,7\n",
    ):
        (block,) = read(tmp_path, text).blocks
        assert isinstance(block, ObservationBlock) and block.first_hour == FIRST


@pytest.mark.parametrize(
    "label", ["2024-05-13T24:00+08:00", "2024-05-13 24:00:00+08:00", "20240513T2400+0800", "2024-05-13T24+08:00"]
)
def test_24_is_the_next_day_at_0_in_our_own_layout(tmp_path: Path, label: str) -> None:
    (block,) = read(tmp_path, f"station,hour_end,pm25_ugm3\n1431A,{label},7\n").blocks
    assert block.first_hour == FIRST


@pytest.mark.parametrize("label", ["2024-05-13 24:00", "2024-05-13T24:00:00+08:00", "2024-05-14 00:00"])
def test_24_is_the_next_day_at_0_among_emissions(tmp_path: Path, label: str) -> None:
    (block,) = read(tmp_path, f"city,sector,species,hour_end,emission_kgh\n成都,industry,nox,{label},7\n").blocks
    assert block.first_hour == FIRST and math.isclose(np.nansum(block.values), 7)


@pytest.mark.parametrize("clock", ["25", "24:30", "8:30", "080", "２４", "٨", "8.0", "", "1_0", "2360"])
def test_what_no_clock_shows_is_no_hour(tmp_path: Path, clock: str) -> None:
    parsed = read(tmp_path, f"date,hour,type,1878A\n20240513,{clock},PM2.5,7\n")
    assert not parsed.blocks and parsed.rejected[0].reason == "no such hour"


@pytest.mark.parametrize(
    ("first", "second", "reason"),
    [
        (
            part("emissions", 1, ORDERS["emissions"][0]),
            "city,sector,species,year,emission_t\n成都,industry,nox,2024,5\n",
            "the header above is of other columns",
        ),
        (part("station-csv", 1, ["pm25_ugm3"]), part("voc-csv", 2, ["toluene_ppb"]), "no item has a column"),
        (part("voc-csv", 2, ["toluene_ppb"]), part("station-csv", 1, ["pm25_ugm3"]), "no compound has a column"),
        (
            part("cnemc-transposed", 1, ["1431A"]),
            f"date,{DAY},{DAY}\nhour,2\ntype,PM2.5,AQI\n1431A,7,1\n",
            "broken header",
        ),
    ],
)
def test_a_part_that_the_layout_cannot_read_is_refused_and_the_part_before_is_read(
    tmp_path: Path, first: str, second: str, reason: str
) -> None:
    alone, joined = read(tmp_path, first), read(tmp_path, first + second)
    assert told(joined) == told(alone) and told(alone)
    assert reason in {each.reason for each in joined.rejected if each.rows}
