"""A garbled registry names its place, and a running platform goes on with the last good one."""

from __future__ import annotations

import random
import re
import shutil

import pytest

from streams.registry import FILES, SHIPPED, RegistryError, load
from streams.registry.kept import KEPT, load_or_kept
from streams.registry.outlines import read_outlines
from streams.store.reasons import told_in


@pytest.fixture
def folder(tmp_path):
    for name in FILES:
        shutil.copy(SHIPPED / name, tmp_path / name)
    return tmp_path


def replaced(name: str, old: bytes, new: bytes):
    def change(folder) -> None:
        content = (folder / name).read_bytes()
        assert old in content
        (folder / name).write_bytes(content.replace(old, new, 1))

    return change


def line_of(name: str, found: bytes) -> int:
    content = (SHIPPED / name).read_bytes()
    return content[: content.index(found)].count(b"\n") + 1


def added(name: str, more: bytes):
    return lambda folder: (folder / name).write_bytes((folder / name).read_bytes() + more)


def cut(name: str, size: int):
    return lambda folder: (folder / name).write_bytes((folder / name).read_bytes()[:size])


STATION = next(iter(load().stations.values()))
CODE = STATION.code.encode()
IN_STATIONS, IN_CITIES, IN_OUTLINES = "stations.csv", "cities.csv", "cities.geojson"
GARBLED = {
    "no text": (IN_STATIONS, replaced(IN_STATIONS, CODE, b"14\xff1A"), r"line \d+, column \d+: byte 0xff"),
    "an unknown kind": (
        IN_STATIONS,
        replaced(IN_STATIONS, b",national,", b",nati\x00nal,"),
        r"line \d+, column 4: kind is",
    ),
    "a letter in a number": (IN_CITIES, replaced(IN_CITIES, b",104.", b",1o4."), r"line \d+, column 4: lon is '1o4"),
    "an open quote": (
        IN_STATIONS,
        added(IN_STATIONS, b'x,"y,national,104,30\n'),
        r"line \d+, column 3: the quotes do not pair",
    ),
    "a row that is cut": (IN_STATIONS, added(IN_STATIONS, b"9999A,x"), r"line \d+, column 3: number of cells"),
    "a header that is cut": (IN_CITIES, replaced(IN_CITIES, b"name_zh", b"name_z"), r"line 1, column \d+: header is"),
    "a code twice": (IN_CITIES, replaced(IN_CITIES, b"510600,", b"510100,"), r"line \d+, column 1: code is '510100'"),
    "outlines that are cut": (IN_OUTLINES, cut(IN_OUTLINES, 900), r"line \d+, column \d+: "),
    "outlines without a comma": (IN_OUTLINES, replaced(IN_OUTLINES, b",", b";"), r"line \d+, column \d+: "),
    "an empty file": (IN_STATIONS, cut(IN_STATIONS, 0), r"line 1, column \d+: header is"),
}


@pytest.mark.parametrize("what", GARBLED)
def test_a_garbled_file_is_named_with_its_place_and_the_last_good_copy_serves(folder, caplog, what):
    before = load_or_kept(folder)
    name, garble, said = GARBLED[what]
    garble(folder)
    with pytest.raises(RegistryError, match=said) as error:
        read_outlines(load(folder).outlines_path)
    assert str(folder / name) in str(error.value) and "expected" in str(error.value)
    after = load_or_kept(folder, speaks=True)
    assert (dict(after.cities), dict(after.stations)) == (dict(before.cities), dict(before.stations))
    assert after.outline("510100").equals(before.outline("510100"))
    assert str(folder / name) in caplog.text
    shutil.copy(SHIPPED / name, folder / name)
    caplog.clear()
    assert load_or_kept(folder).stations == before.stations and not caplog.text


def test_a_place_in_quotes_or_outlines_is_that_of_the_mistake(tmp_path):
    for content, place in (
        ('1,"a"b\n', "line 2, column 6"),
        ('1,"a\nb""c\n', "line 2, column 3"),
    ):
        (tmp_path / IN_CITIES).write_text(f"code,name_zh,name_en,lon,lat\n{content}", encoding="utf-8")
        with pytest.raises(RegistryError, match=place):
            load(tmp_path)
    shape = '{"properties": {"code": "1"}, "geometry": {"type": "Point", "coordinates": [1, 2]}}'
    for bad in ("7", '{"properties": {}}', shape.replace("[1, 2]", "[]").replace("Point", "What")):
        (tmp_path / IN_OUTLINES).write_text(f'{{"features": [\n {shape},\n   {bad}]}}', encoding="utf-8")
        with pytest.raises(RegistryError, match="line 3, column 4: no outline of a city"):
            read_outlines(tmp_path / IN_OUTLINES)


@pytest.mark.parametrize("what", GARBLED)
def test_what_is_garbled_is_told_in_chinese_too(folder, what):
    name, garble, _ = GARBLED[what]
    garble(folder)
    with pytest.raises(RegistryError) as error:
        read_outlines(load(folder).outlines_path)
    told = told_in("zh", str(error.value))
    assert re.match(rf"{re.escape(str(folder / name))} 第 \d+ 行第 \d+ 列：.*应为", told), told
    assert "expected" not in told and "column" not in told


def test_the_place_that_is_named_is_that_of_the_damage(folder):
    content = (folder / "stations.csv").read_bytes()
    at = content.index(STATION.name_zh.encode()) + 1
    (folder / "stations.csv").write_bytes(content[:at] + b"\x28" + content[at + 1 :])
    line = line_of("stations.csv", STATION.name_zh.encode())
    with pytest.raises(RegistryError, match=rf"stations\.csv line {line}, column \d+: byte"):
        load(folder)


def test_a_change_that_is_good_replaces_the_copy(folder):
    load_or_kept(folder)
    replaced("cities.csv", b"510100,", b"510100,")(folder)
    with (folder / "stations.csv").open("a", encoding="utf-8") as file:
        columns = (SHIPPED / "stations.csv").read_text(encoding="utf-8-sig").splitlines()[0].split(",")
        row = {"code": "9001Z", "name_zh": "新站", "kind": "micro", "lon": "104.0", "lat": "30.6", "city": "510100"}
        file.write(",".join(row.get(name, "") for name in columns) + "\n")
    assert "9001Z" in load_or_kept(folder).stations
    (folder / "stations.csv").write_bytes(b"\xff")
    assert "9001Z" in load_or_kept(folder).stations


def test_without_a_good_copy_the_shipped_registry_serves_and_one_process_says_so(folder, caplog):
    (folder / "cities.csv").write_bytes(b"\xff")
    assert load_or_kept(folder).stations == load().stations and not caplog.text
    assert load_or_kept(folder, speaks=True).cities == load().cities
    assert caplog.text.count(f"{folder / 'cities.csv'} line 1, column 1: byte 0xff") == 1 and "shipped" in caplog.text
    assert not (folder / KEPT).exists()


def test_any_flipped_bit_of_a_table_is_read_or_refused_in_words_with_its_line(folder):
    chance = random.Random(11)
    for name in FILES[:2]:
        content = (SHIPPED / name).read_bytes()
        for _ in range(150):
            damaged = bytearray(content)
            damaged[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
            (folder / name).write_bytes(damaged)
            try:
                load(folder)
            except RegistryError as error:
                assert re.search(r"\.csv line \d+[:,]", str(error)), error
        (folder / name).write_bytes(content)
