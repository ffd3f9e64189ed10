"""The examples of docs/layouts/map.md are maps that can be used, and read the tables beside them."""

from __future__ import annotations

import re
from pathlib import Path

from streams.sources.maps.feed import shipped
from streams.sources.maps.spec import map_of
from tests.streams.sources.maps.mapping import hours_of, read

PAGE = (Path(__file__).parents[4] / "docs" / "layouts" / "map.md").read_text(encoding="utf-8")
MAPS = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)
TABLES = re.findall(r"```\n(.*?)```", re.sub(r"```toml\n.*?```", "", PAGE, flags=re.DOTALL), re.DOTALL)
END = 474_000
"""2024-01-28T00:00Z."""


def test_every_example_is_a_map_and_those_with_a_table_read_it(tmp_path: Path) -> None:
    assert len(MAPS) == 6 and [map_of(text, "x") for text in MAPS]
    wide, long, across, lines = TABLES
    assert hours_of(read(tmp_path, across, MAPS[2])) == {("1003A", END): {"pm25": 35}, ("1436A", END): {"pm25": 30}}
    assert hours_of(read(tmp_path, wide, MAPS[0])) == {("1431A", END): {"pm25": 35, "co": 0.7}}
    assert hours_of(read(tmp_path, long, MAPS[1])).keys() == {("city-7", END + 1)}
    assert hours_of(read(tmp_path, lines, MAPS[5], name="x.jsonl")) == {("1431A", END): {"pm25": 35}}


def test_every_shipped_map_is_on_the_page() -> None:
    for spec in shipped():
        assert f"| `{spec.name}` |" in PAGE
