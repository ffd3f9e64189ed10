"""JSON lines by a map."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.sources.maps.json_lines import looks_like_one
from tests.properties.test_feed_damage import assert_answered
from tests.streams.sources.maps.mapping import hours_of, read, reasons

END = 474_000
"""2024-01-28T00:00Z."""
MAP = """
[time]
column = "period.datetimeTo.utc"
zone = "cell"
label = "end"
[station]
column = "site"
[items]
pm25 = { column = "values.pm25", unit = "ug/m3" }
o3 = { column = "o3", unit = "ug/m3" }
"""
GOOD = {
    "site": "1431A",
    "period": {"datetimeTo": {"utc": "2024-01-28T00:00:00Z"}},
    "values": {"pm25": 35.5},
    "o3": None,
}
LINE = json.dumps(GOOD)
SECOND = LINE.replace("1431A", "1432A")


def jsonl(folder: Path, text: str | bytes) -> object:
    return read(folder, text, MAP, name="x.jsonl")


def test_values_within_objects_are_columns(tmp_path: Path) -> None:
    parsed = jsonl(tmp_path, f"\ufeff{LINE}\n\n{SECOND}\r\n")
    assert hours_of(parsed) == {("1431A", END): {"pm25": 35.5}, ("1432A", END): {"pm25": 35.5}} and not parsed.rejected


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (LINE.replace("35.5", "NaN"), "NaN is no number of JSON"),
        (LINE.replace("35.5", "-Infinity"), "-Infinity is no number of JSON"),
        (LINE[:-1] + ', "o3": 3}', "a key stands twice"),
        (LINE[:-1], "no JSON"),
        ("[" + LINE + "]", "not an object"),
        ("7", "not an object"),
        ('{"a":' * 21 + "1" + "}" * 21, "nested more than 20 deep"),
        ('{"a":' + "[" * 100_000 + "]" * 100_000 + "}", "nested more than 20 deep"),
        ('{"a": "' + "x" * 1_000_000 + '"}', "a line of more than 1000000 characters"),
        (LINE.replace("{", "{'", 1), "no JSON"),
    ],
)
def test_what_is_no_line_of_json_is_lost_alone(tmp_path: Path, line: str, said: str) -> None:
    parsed = jsonl(tmp_path, f"{SECOND}\n{line}\n")
    assert_answered(parsed)
    (told,) = reasons(parsed)
    assert said in told[1] and set(hours_of(parsed)) == {("1432A", END)}


@pytest.mark.parametrize("value", ["true", "[1]", '"x"', "1e99", "-1", "9" * 5000, '{"b": 1}', '"1,5"'])
def test_what_is_no_number_costs_its_cell(tmp_path: Path, value: str) -> None:
    parsed = jsonl(tmp_path, LINE.replace("35.5", value) + "\n")
    assert hours_of(parsed) == {("1431A", END): {}} and reasons(parsed)[0][0] == "not a concentration"


def test_a_list_that_is_the_whole_file_is_refused_in_words(tmp_path: Path) -> None:
    parsed = jsonl(tmp_path, f"[{LINE},{SECOND}]")
    assert not parsed.blocks and "not an object" in reasons(parsed)[0][1]


def test_a_key_with_points_is_a_column_too_and_a_missing_one_is_missing(tmp_path: Path) -> None:
    line = '{"site": "1431A", "period.datetimeTo.utc": "2024-01-28T00:00:00Z", "o3": "60"}\n'
    assert hours_of(jsonl(tmp_path, line)) == {("1431A", END): {"o3": 60}}
    assert reasons(jsonl(tmp_path, '{"site": "1431A", "o3": 60}\n'))[0][0] == "not a time"


def test_columns_by_number_are_no_columns_of_json(tmp_path: Path) -> None:
    parsed = read(tmp_path, LINE, MAP.replace('"site"', "1"), name="x.jsonl")
    assert reasons(parsed)[0][0] == "JSON lines have no numbers of columns"


def test_json_lines_are_told_by_their_first_line() -> None:
    assert (
        looks_like_one(LINE.encode()) and looks_like_one(b'{"time": "2024", "pm25": ') and not looks_like_one(b"{\n  x")
    )
    assert not looks_like_one(b"[1]") and not looks_like_one(b'{"one": 1}\n')


@settings(max_examples=150, deadline=None)
@given(
    st.integers(0, len(LINE)),
    st.integers(0, 30),
    st.binary(max_size=20) | st.sampled_from([b"[" * 3000, b'{"a":' * 3000, b"\\ud800"]),
)
def test_no_bytes_make_json_lines_raise_or_lose_count(
    tmp_path_factory: pytest.TempPathFactory, at: int, cut: int, junk: bytes
) -> None:
    raw = f"{LINE}\n{SECOND}\n".encode()
    assert_answered(jsonl(tmp_path_factory.mktemp("json"), raw[:at] + junk + raw[at + cut :]))
