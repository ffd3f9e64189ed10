"""Cells that are made to keep a reader busy cost no more than their length."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from infra.column_map import look
from standards.errors import AirshedError
from streams.sources.maps.known_names import item_of
from streams.sources.stations.cnemc_wide import HEADING
from tests.streams.sources.maps.mapping import SHIPPED, read
from tests.streams.sources.maps.test_map_feed import LONG

N = 120_000
"""Just below the longest cell."""
ENDLESS = (
    " " * N, "2024-01-28" + " " * N, "2" * N, "2024年1月28日" + " " * N + "8", "u" * N, "ug" + " " * N + "/" + " " * N, "g" * N,
    "μ" * N, "(" * N,
    "pm2.5" + " " * (N // 2) + "(", "监测" * (N // 2), "ug/m3" * (N // 5), "-" * N, ":" * N, "{" * N, "UTC+" * (N // 4), "市" * N,
)  # fmt: skip


@pytest.mark.parametrize("place", range(5))
def test_no_cell_keeps_a_table_by_a_map_busy(tmp_path: Path, place: int) -> None:
    rows = []
    for cell in ENDLESS:
        row = ["1431A", "2024-01-28T00:00Z", "pm25", "35", "ug/m3"]
        row[place] = f"x{cell}x"
        rows.append(",".join(row))
    begun = time.monotonic()
    read(tmp_path, "s,t,i,v,u\n" + "\n".join(rows) + "\n", LONG)
    assert time.monotonic() - begun < 3


@pytest.mark.parametrize("cell", ENDLESS, ids=range(len(ENDLESS)))
def test_no_header_keeps_a_proposal_busy(tmp_path: Path, cell: str) -> None:
    path = tmp_path / "x.csv"
    path.write_text(f"time,PM2.5 {cell} x,a{cell}b\n{cell}y,{cell}z,3\n", encoding="utf-8")
    begun = time.monotonic()
    item_of(f"pm2.5{cell}x")
    try:
        look(path, SHIPPED)
    except AirshedError as error:
        assert str(error)
    assert time.monotonic() - begun < 3


def test_no_line_keeps_the_search_for_a_header_busy() -> None:
    begun = time.monotonic()
    for line in (
        " " * 3_000_000 + ",hour,type,1431A",
        "date" * 500_000 + ",hour,type",
        ",hour" * 500_000,
        ", " * 1_000_000 + "hour",
    ):
        HEADING.cut(line)
    assert time.monotonic() - begun < 3
