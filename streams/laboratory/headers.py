"""Which column of a laboratory's table is what: by Chinese and English names, a unit in brackets behind them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from streams.sources.tally import Unusable

NEEDED = ("point", "sampled_on", "sample", "medium", "cas", "result")
LOOKED_FOR = 20
"""The header stands among so many first rows: above it a report has its title."""
_NAMES = {
    "sample": ("样品编号", "样品号", "样品", "sample", "sample id", "sample no", "sample number"),
    "point": ("点位", "点位名称", "采样点", "采样点位", "监测点位", "监测点", "断面", "断面名称", "point", "site", "sampling point",
              "sampling site", "location"),
    "medium": ("介质", "环境介质", "样品类型", "样品介质", "基质", "medium", "matrix", "sample type"),
    "sampled_on": ("采样日期", "采样时间", "日期", "date", "sampling date", "sample date", "sampled on"),
    "cas": ("cas", "cas号", "cas编号", "cas no", "cas number"),
    "substance": ("物质", "物质名称", "化合物", "化合物名称", "目标物", "目标化合物", "分析项目", "监测项目", "检测项目", "项目",
                  "substance", "analyte", "compound", "parameter"),
    "result": ("结果", "测定结果", "检测结果", "监测结果", "分析结果", "浓度", "result", "value", "concentration"),
    "detection_limit": ("检出限", "方法检出限", "lod", "mdl", "detection limit", "method detection limit"),
    "quantification_limit": ("定量限", "定量下限", "测定下限", "loq", "mql", "quantification limit"),
    "unit": ("单位", "计量单位", "unit", "units"),
    "method": ("方法", "分析方法", "检测方法", "测定方法", "方法编号", "method"),
    "laboratory": ("实验室", "检测单位", "检测机构", "分析单位", "laboratory", "lab"),
    "city": ("城市", "地市", "市", "city"),
    "passed_over": ("序号", "备注", "no", "remark", "remarks", "note", "notes"),
}  # fmt: skip
_FIELD_OF = {name: field for field, names in _NAMES.items() for name in names}
_WITH_UNIT = re.compile(r"(.+?)[(（\[]([^()（）\[\]]+)[)）\]]")
_AMOUNTS = ("result", "detection_limit", "quantification_limit")


@dataclass(frozen=True, slots=True)
class Columns:
    """Where each field stands, and the unit that the header says, empty where a column does. header: as the file has it."""

    header: tuple[str, ...]
    places: dict[str, int]
    unit: str

    @property
    def count(self) -> int:
        """How many columns there are."""
        return len(self.header)

    def name_of(self, field: str) -> str:
        """Give what the file calls the column of a field; of one that it has not, the field's own name."""
        return self.header[self.places[field]] if field in self.places else field

    def cell(self, cells: Sequence[str], field: str) -> str:
        """Give the cell of a field, empty where the table has no such column or the row ends before it."""
        place = self.places.get(field, -1)
        return cells[place] if 0 <= place < len(cells) else ""


def is_header(cells: Sequence[str]) -> bool:
    """Tell whether a row is a header: half of what is needed has a column, among them the CAS number and the result."""
    found = {_field_of(cell)[0] for cell in cells}
    return {"cas", "result"} <= found and len(found & {*NEEDED}) >= len(NEEDED) // 2


def columns_of(cells: Sequence[str], line: int) -> Columns:
    """Read a header.

    Raises Unusable for a column that is not known, because nobody knows what it says of the results, one that stands twice, one
    that is missing, and a unit that is not said or said in two ways.
    """
    places: dict[str, int] = {}
    units: set[str] = set()
    for place, cell in enumerate(cells):
        field, unit = _field_of(cell)
        if not cell or field == "passed_over":
            continue
        if not field:
            raise Unusable(f"line {line}, column {cell}", "unknown column", cell, f"one of {', '.join(known_names())}")
        if field in places:
            raise Unusable(f"line {line}, column {cell}", "column is repeated", cell, "each column once")
        places[field] = place
        units |= {unit} - {""}
    if missing := [field for field in NEEDED if field not in places]:
        expected = "; ".join(" or ".join(_NAMES[field]) for field in missing)
        raise Unusable(f"line {line}", "a column is missing", ", ".join(missing), expected)
    if len(units) + ("unit" in places) != 1:
        said = ", ".join(sorted(units)) or "none"
        raise Unusable(
            f"line {line}", "the unit is not said once", said, "a column of units, or one unit in the header"
        )
    return Columns(tuple(cells), places, units.pop() if units else "")


def known_names() -> tuple[str, ...]:
    """Give the first Chinese and the first English name of each field."""
    firsts = []
    for names in _NAMES.values():
        english = next((name for name in names if name.isascii()), names[0])
        firsts += dict.fromkeys((names[0], english))
    return tuple(firsts)


def _field_of(cell: str) -> tuple[str, str]:
    """Give the field that a name of a column means, empty where none, and the unit in brackets behind it."""
    field = _FIELD_OF.get(_plain(cell), "")
    if not field and (found := _WITH_UNIT.fullmatch(cell.strip())):
        field = _FIELD_OF.get(_plain(found[1]), "")
        return (field, found[2].strip()) if field in _AMOUNTS else ("", "")
    return field, ""


def _plain(name: str) -> str:
    return " ".join(re.sub(r"[._:：*]", " ", name).lower().split())
