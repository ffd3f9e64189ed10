"""A pair of files as EPA PMF 5 takes them, and what a command of the receptor model said."""

from __future__ import annotations

import csv

import pytest

from infra import cli
from tests.research.receptor.made import made_table


@pytest.fixture
def files(tmp_path):
    table, _ = made_table(hours=72)
    for name, values in (("con", table.concentration), ("unc", table.uncertainty)):
        with (tmp_path / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["Date", *table.species])
            writer.writerows(
                [str(when), *map(repr, row.tolist())] for when, row in zip(table.times, values, strict=True)
            )
    return [str(tmp_path / "con.csv"), str(tmp_path / "unc.csv")]


def said(capsys, *arguments: str) -> tuple[int, str]:
    code = cli.main([*arguments])
    return code, " ".join("".join(capsys.readouterr()).split())
