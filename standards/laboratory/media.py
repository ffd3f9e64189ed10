"""What is sampled, and in which unit a result of it is kept: ng/L of water, ng/g of what is solid, ng/m3 of air."""

from __future__ import annotations

from decimal import Decimal

WATER, SOLID, AIR = "ng/L", "ng/g", "ng/m3"
UNIT_OF = {
    "surface_water": WATER, "groundwater": WATER, "drinking_water": WATER, "wastewater": WATER, "sediment": SOLID,
    "soil": SOLID, "sludge": SOLID, "biota": SOLID, "air": AIR, "exhaust": AIR,
}  # fmt: skip
"""Each medium with the unit in which its results are kept. Solids: as the laboratory reports them, mostly of dry mass."""
_WORDS = {
    "surface_water": ("地表水", "surface water", "surface_water", "river water", "河水", "湖库水"),
    "groundwater": ("地下水", "groundwater", "ground water"),
    "drinking_water": ("饮用水", "生活饮用水", "drinking water", "drinking_water"),
    "wastewater": ("废水", "污水", "wastewater", "waste water", "effluent"),
    "sediment": ("沉积物", "底泥", "sediment"),
    "soil": ("土壤", "soil"),
    "sludge": ("污泥", "sludge"),
    "biota": ("生物", "生物体", "biota"),
    "air": ("环境空气", "空气", "ambient air", "air"),
    "exhaust": ("废气", "exhaust", "stack gas"),
}
MEDIUM_OF = {word: medium for medium, words in _WORDS.items() for word in words}
"""What a file may call a medium, in lower case. Water, 水, alone says too little."""
_SCALES = {
    WATER: {"pg/l": "0.001", "ng/l": "1", "ug/l": "1000", "mg/l": "1000000", "g/l": "1000000000", "pg/ml": "1",
            "ng/ml": "1000", "ug/ml": "1000000", "ug/m3": "1", "mg/m3": "1000"},
    SOLID: {"pg/g": "0.001", "ng/g": "1", "ug/g": "1000", "mg/g": "1000000", "ng/kg": "0.001", "ug/kg": "1", "mg/kg": "1000",
            "g/kg": "1000000"},
    AIR: {"fg/m3": "0.000001", "pg/m3": "0.001", "ng/m3": "1", "ug/m3": "1000", "mg/m3": "1000000", "g/m3": "1000000000"},
}  # fmt: skip
_SPELLINGS = (
    ("微克", "ug"), ("纳克", "ng"), ("毫克", "mg"), ("皮克", "pg"), ("千克", "kg"), ("毫升", "ml"), ("立方米", "m3"), ("升", "l"),
    ("克", "g"), ("μ", "u"), ("µ", "u"), ("³", "3"), ("^", ""), ("／", "/"), ("⁻¹", "-1"), ("⁻3", "-3"), ("·l-1", "/l"),
    ("·kg-1", "/kg"), ("·g-1", "/g"), ("·m-3", "/m3"),
)  # fmt: skip


def medium_of(text: str) -> str | None:
    """Give the medium that a text names, None where it names none that is known."""
    return MEDIUM_OF.get(" ".join(text.split()).lower())


def scale_of(unit: str, medium: str) -> Decimal | None:
    """Give by what a result in a unit is multiplied to be in that of the medium; None where the unit is none of such a medium.

    Parts per billion are none: nobody knows whether of mass or of volume. Raises KeyError for an unknown medium.
    """
    scale = _SCALES[UNIT_OF[medium]].get(_plain(unit))
    return None if scale is None else Decimal(scale)


def units_of(medium: str) -> tuple[str, ...]:
    """Give the units in which results of a medium are understood."""
    return tuple(_SCALES[UNIT_OF[medium]])


def _plain(unit: str) -> str:
    plain = "".join(unit.split()).lower()
    for spelling, meant in _SPELLINGS:
        plain = plain.replace(spelling, meant)
    return plain
