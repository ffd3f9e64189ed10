"""Small tables of laboratories for tests."""

from __future__ import annotations

from pathlib import Path

import openpyxl

HEADER = (
    "样品编号",
    "点位",
    "介质",
    "采样日期",
    "CAS号",
    "化合物",
    "结果",
    "检出限",
    "定量限",
    "单位",
    "分析方法",
    "城市",
)
ENGLISH = (
    "Sample ID", "Site", "Matrix", "Sampling date", "CAS No.", "Analyte", "Result", "MDL", "LOQ", "Unit", "Method", "City"
)  # fmt: skip
GOOD = ("S1", "黄龙溪", "地表水", "2026-03-01", "1763-23-1", "PFOS", "2.5", "0.2", "0.8", "ng/L", "HJ 1333", "成都")


def row(**other: str) -> tuple[str, ...]:
    """Give a good row with some cells changed, by the English names of the header in lower case."""
    names = [name.lower() for name in ENGLISH]
    cells = list(GOOD)
    for name, cell in other.items():
        cells[names.index({"cas": "cas no.", "date": "sampling date", "sample": "sample id"}.get(name, name))] = cell
    return tuple(cells)


def as_csv(path: Path, *rows: tuple[str, ...], header: tuple[str, ...] = HEADER) -> Path:
    """Write rows below a header as a text."""
    path.write_text("".join(",".join(cells) + "\n" for cells in (header, *rows)), encoding="utf-8")
    return path


def as_workbook(path: Path, *rows, header=HEADER, title: str = "") -> Path:
    """Write rows below a header as a workbook, a title above it."""
    book = openpyxl.Workbook()
    sheet = book.active
    if title:
        sheet.append([title])
    for cells in (header, *rows):
        sheet.append(list(cells))
    book.save(path)
    return path
