"""Whatever a map says, a table that is written from known hours gives these hours back."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from zoneinfo import ZoneInfo

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from standards.pollutants import ITEMS
from tests.streams.sources.maps.mapping import Hours, hours_of, read

FIRST = 471_700
"""2023-10-24T04:00Z: summer time ends in Berlin and in New York in the weeks that follow, gases are told at 298.15 K."""
ZONES = {
    "+08:00": dt.timezone(dt.timedelta(hours=8)), "Asia/Shanghai": ZoneInfo("Asia/Shanghai"), "UTC": dt.UTC,
    "-03:00": dt.timezone(dt.timedelta(hours=-3)), "+05:30": dt.timezone(dt.timedelta(hours=5, minutes=30)),
    "Europe/Berlin": ZoneInfo("Europe/Berlin"), "America/New_York": ZoneInfo("America/New_York"),
}  # fmt: skip
MASSES = {"so2": 64.066, "no2": 46.0055, "co": 28.010, "o3": 47.998}
"""[g/mol]; a mole of air is 24.4654 l at 298.15 K and 1013.25 hPa."""
FORMATS = {
    "auto": "%Y-%m-%d %H:%M", "%d.%m.%Y %H:%M": "%d.%m.%Y %H:%M", "%m/%d/%y %I:%M:%S %p": "%m/%d/%y %I:%M:%S %p",
    "%d %b %Y %H:%M": "%d %b %Y %H:%M",
}  # fmt: skip
SHIFTS = {"start": 60, "middle": 30, "end": 0}
TIMES = ("column", "day and hour", "numbers")


@st.composite
def tables(draw: st.DrawFn) -> dict:
    """Draw all that a map can say, and hours for it."""
    names = draw(
        st.lists(
            st.sampled_from(["a", "站点", "Ort", "PM 2,5 (x)", "val#1", "NO2 (ppb)", "时 间", "x;y", "k|l", "z"]),
            min_size=10,
            max_size=10,
            unique=True,
        )
    )
    items = draw(st.lists(st.sampled_from(ITEMS), min_size=1, unique=True))
    cell = st.integers(0, 9_999_999).map(lambda n: n / 10_000)
    stations = draw(st.lists(st.sampled_from(["1431A", "1432A", "1878A", "X-1"]), min_size=1, max_size=3, unique=True))
    keys = draw(
        st.lists(
            st.tuples(st.sampled_from(stations), st.integers(FIRST, FIRST + 500)), min_size=1, max_size=12, unique=True
        )
    )
    units = {
        item: draw(st.sampled_from(["ug/m3", "mg/m3", "微克/立方米", *(["ppb", "ppm"] if item in MASSES else [])]))
        for item in items
    }
    return {
        "names": names, "items": items, "units": units, "stations": stations,
        "rows": [(*key, {item: draw(st.none() | cell) for item in items}) for key in keys],
        "zone": draw(st.sampled_from([*ZONES])), "label": draw(st.sampled_from([*SHIFTS])),
        "form": draw(st.sampled_from([*FORMATS])), "times": draw(st.sampled_from(TIMES)),
        "long": draw(st.booleans()), "order": draw(st.permutations(range(10))),
        "delimiter": draw(st.sampled_from(",;\t|")), "decimal": draw(st.sampled_from([".", ","])),
        "mark": draw(st.sampled_from(["", "NA", "-99", "缺测"])), "above": draw(st.integers(0, 3)),
        "encoding": draw(st.sampled_from(["utf-8", "utf-8-sig", "gb18030"])), "by_number": draw(st.booleans()),
        "end": draw(st.sampled_from(["\n", "\r\n"])),
    }  # fmt: skip


def clock_cells(hour: int, made: dict) -> list[str] | None:
    """Write a time, None where the map cannot say which hour it is."""
    zone = ZONES[made["zone"]]
    moment = (
        dt.datetime(1970, 1, 1, tzinfo=dt.UTC) + dt.timedelta(hours=hour, minutes=-SHIFTS[made["label"]])
    ).astimezone(zone)
    if moment.utcoffset() != moment.replace(fold=1 - moment.fold).utcoffset():
        return None  # it comes twice
    if made["times"] == "column":
        return [moment.strftime(FORMATS[made["form"]])]
    if moment.minute:
        return None
    if made["times"] == "day and hour":
        return [moment.strftime("%Y/%m/%d"), moment.strftime("%H:%M")]
    return [str(n) for n in (moment.year, moment.month, moment.day, moment.hour)]


def number(value: float | None, item: str, made: dict) -> str:
    """Write a value [ug/m3, CO mg/m3] in the unit that the map names."""
    if value is None:
        return made["mark"]
    micrograms = value * 1000 if item == "co" else value
    unit = made["units"][item]
    factor = {"ug/m3": 1, "微克/立方米": 1, "mg/m3": 1e-3}.get(unit) or 24.4654 / MASSES[item] * (
        1e-3 if unit == "ppm" else 1
    )
    return f"{micrograms * factor:.12f}".replace(".", made["decimal"])


def written(made: dict) -> tuple[list[list[str]], str, Hours]:
    """Write the table as rows of cells, its map, and the hours that it tells."""
    count = {"column": 1, "day and hour": 2, "numbers": 4}[made["times"]]
    names, items = made["names"], made["items"]
    roles = (
        [f"t{n}" for n in range(count)]
        + ["station"]
        + (["item", "value", "unit"] if made["long"] else [f"i:{item}" for item in items])
    )
    name = dict(zip(roles, names, strict=False)) | ({f"i:{i}": f"col {i}" for i in items} if not made["long"] else {})
    order = [role for _, role in sorted(zip(made["order"] + list(range(10, 30)), roles, strict=False))]
    rows, told = [[name[role] for role in order]], {}
    for station, hour, values in made["rows"]:
        cells = clock_cells(hour, made)
        if cells is None:
            continue
        known = {f"t{n}": cell for n, cell in enumerate(cells)} | {"station": station}
        if made["long"]:
            for item, value in values.items():
                row = known | {"item": f"<{item}>", "value": number(value, item, made), "unit": made["units"][item]}
                rows.append([row[role] for role in order])
        else:
            row = known | {f"i:{item}": number(value, item, made) for item, value in values.items()}
            rows.append([row[role] for role in order])
        told[station, hour] = {item: value for item, value in values.items() if value is not None}

    def at(role: str) -> str:
        return str(order.index(role) + 1) if made["by_number"] else json.dumps(name[role], ensure_ascii=False)

    keys = {"column": ("column",), "day and hour": ("day", "hour"), "numbers": ("year", "month", "day", "hour")}[
        made["times"]
    ]
    lines = [
        f"missing = [{json.dumps(made['mark'], ensure_ascii=False)}]",
        "[time]",
        f'zone = "{made["zone"]}"',
        f'label = "{made["label"]}"',
    ]
    lines += [f"{key} = {at(f't{n}')}" for n, key in enumerate(keys)]
    lines += [f'format = "{made["form"]}"'] if made["times"] == "column" else []
    lines += ["[station]", f"column = {at('station')}"]
    if made["long"]:
        lines += [
            "[long]",
            f"item = {at('item')}",
            f"value = {at('value')}",
            f"unit_column = {at('unit')}",
            "[long.items]",
        ]
        lines += [f'"<{item}>" = "{item}"' for item in items]
    else:
        lines += ["[items]", *(f'{i} = {{ column = {at(f"i:{i}")}, unit = "{made["units"][i]}" }}' for i in items)]
    return rows, "\n".join(lines), told


def assert_same(found: Hours, told: Hours) -> None:
    """The same hours, and in each the same items with the same values, but for the last digits of a conversion."""
    assert found.keys() == told.keys()
    for key, values in told.items():
        assert found[key] == pytest.approx(values, rel=2e-5, abs=1e-6)


def quoted(cell: str, delimiter: str) -> str:
    return f'"{cell}"' if delimiter in cell else cell


@settings(max_examples=150, deadline=None)
@given(made=tables())
def test_a_table_of_text_gives_its_hours_back(tmp_path_factory: pytest.TempPathFactory, made: dict) -> None:
    rows, toml, told = written(made)
    if not told:
        return
    above = ["某市环境空气质量小时数据"] * made["above"]
    lines = above + [made["delimiter"].join(quoted(cell, made["delimiter"]) for cell in row) for row in rows]
    decimal = "." if made["delimiter"] == made["decimal"] else made["decimal"]
    if decimal != made["decimal"]:
        made["decimal"] = decimal
        rows, toml, told = written(made)
        lines = above + [made["delimiter"].join(quoted(cell, made["delimiter"]) for cell in row) for row in rows]
    file = f'[file]\ndelimiter = {json.dumps(made["delimiter"])}\ndecimal = "{decimal}"\nheader = {made["above"] + 1}\n'
    top, _, rest = toml.partition("[time]")
    content = (made["end"].join(lines) + made["end"]).encode(made["encoding"])
    parsed = read(tmp_path_factory.mktemp("csv"), content, f"{top}{file}[time]{rest}")
    assert not [each for each in parsed.rejected if each.rows and not each.set_aside]
    assert_same(hours_of(parsed), told)


@settings(max_examples=60, deadline=None)
@given(made=tables())
def test_json_lines_give_their_hours_back(tmp_path_factory: pytest.TempPathFactory, made: dict) -> None:
    made["by_number"] = False
    rows, toml, told = written(made)
    if not told:
        return
    lines = [json.dumps(dict(zip(rows[0], row, strict=True)), ensure_ascii=False) for row in rows[1:]]
    if made["decimal"] == ",":
        toml = toml.replace("[time]", '[file]\ndelimiter = ";"\ndecimal = ","\n[time]', 1)
    parsed = read(tmp_path_factory.mktemp("jsonl"), "\n".join(lines), toml, name="table.jsonl")
    assert not [each for each in parsed.rejected if each.rows and not each.set_aside]
    assert_same(hours_of(parsed), told)


@settings(max_examples=40, deadline=None)
@given(made=tables(), as_numbers=st.booleans())
def test_a_sheet_gives_its_hours_back(tmp_path_factory: pytest.TempPathFactory, made: dict, as_numbers: bool) -> None:
    made["decimal"] = "."
    rows, toml, told = written(made)
    if not told:
        return
    book = openpyxl.Workbook()
    book.active.title = "说明"
    sheet = book.create_sheet("数据")
    for _ in range(made["above"]):
        sheet.append(["某市环境空气质量小时数据"])
    for n, row in enumerate(rows):
        sheet.append([float(cell) if n and as_numbers and cell.replace(".", "", 1).isdigit() else cell for cell in row])
    path = tmp_path_factory.mktemp("xlsx")
    book.save(path / "made.xlsx")
    toml = toml.replace("[time]", f'[file]\nsheet = "数据"\nheader = {made["above"] + 1}\n[time]', 1)
    parsed = read(path, (path / "made.xlsx").read_bytes(), toml, name="table.xlsx")
    assert not [each for each in parsed.rejected if each.rows and not each.set_aside]
    assert_same(hours_of(parsed), told)


@settings(max_examples=25, deadline=None)
@given(made=tables(), data=st.data())
def test_the_order_of_rows_and_a_header_that_stands_again_do_not_matter(
    tmp_path_factory: pytest.TempPathFactory, made: dict, data: st.DataObject
) -> None:
    made |= {"delimiter": ";", "by_number": False, "above": 0}
    rows, toml, told = written(made)
    if not told:
        return
    columns = data.draw(st.permutations(range(len(rows[0]))))
    cut = data.draw(st.integers(0, len(rows) - 1))
    later = [[row[i] for i in columns] for row in [rows[0], *reversed(rows[1 + cut :])]]
    lines = [";".join(quoted(cell, ";") for cell in row) for row in rows[: 1 + cut] + later]
    file = f'[file]\ndelimiter = ";"\ndecimal = "{made["decimal"]}"\n[time]'
    parsed = read(Path(tmp_path_factory.mktemp("order")), "\n".join(lines), toml.replace("[time]", file, 1))
    assert_same(hours_of(parsed), told)


@settings(max_examples=60, deadline=None)
@given(made=tables(), data=st.data())
def test_a_column_for_each_station_gives_its_hours_back(
    tmp_path_factory: pytest.TempPathFactory, made: dict, data: st.DataObject
) -> None:
    made |= {"long": True, "delimiter": ",", "decimal": ".", "mark": "NA", "by_number": False}
    hours = sorted({hour for _, hour, _ in made["rows"]})
    values = {(station, hour): values for station, hour, values in made["rows"]}
    stations = data.draw(st.permutations(made["stations"]))
    rows, told = [], {}
    for hour in hours:
        cells = clock_cells(hour, made)
        if cells is None:
            continue
        for item in made["items"]:
            row = [number(values.get((station, hour), {}).get(item), item, made) for station in stations]
            rows.append([*cells, f"<{item}>", *row])
        for station in stations:
            known = values.get((station, hour), {})
            told[station, hour] = {item: value for item, value in known.items() if value is not None}
    if not rows:
        return
    count = len(rows[0]) - 1 - len(stations)
    keys = {1: ("column",), 2: ("day", "hour"), 4: ("year", "month", "day", "hour")}[count]
    header = [f"t{n}" for n in range(count)] + ["kind", *stations]
    order = data.draw(st.permutations(range(len(header))))
    lines = [",".join(quoted(row[at], ",") for at in order) for row in [header, *rows]]
    toml = ['missing = ["NA"]', "[time]", f'zone = "{made["zone"]}"', f'label = "{made["label"]}"']
    toml += [f'{key} = "t{n}"' for n, key in enumerate(keys)]
    toml += [f'format = "{made["form"]}"'] if count == 1 else []
    toml += [
        "[across]",
        'item_column = "kind"',
        "[across.items]",
        *(f'"<{item}>" = "{item}"' for item in made["items"]),
    ]
    toml += ["[across.units]", *(f'{item} = "{made["units"][item]}"' for item in made["items"])]
    parsed = read(tmp_path_factory.mktemp("across"), "\n".join(lines), "\n".join(toml))
    assert not [each for each in parsed.rejected if each.rows]
    assert_same(hours_of(parsed), told)
