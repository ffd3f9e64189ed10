"""What is said of an explained forecast, in Chinese and English, from its numbers."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from standards.pollutants import POLLUTANTS


@cache
def catalogue() -> dict[str, dict[str, str]]:
    """Read the catalogue: key to language to text."""
    return tomllib.loads(Path(__file__).with_name("words.toml").read_text(encoding="utf-8"))


def title(language: str) -> str:
    """Give the name under which an explanation is shown, "zh" or "en"."""
    return catalogue()["title"][language]


def words(
    parts: Mapping[str, float], *, item: str, forecast: float, baseline: float, clean_date: str, language: str
) -> str:
    """Say why a forecast is so.

    parts [unit of the item]: by group of ml.forecast.features.GROUPS. forecast, baseline [same unit]: of the day and of
    the clean day. clean_date: the day that is the baseline. Parts are named from the largest down, those that round to
    0 are left out.
    """
    texts, pollutant = catalogue(), POLLUTANTS[item]
    places = pollutant.decimals

    def shown(value: float) -> float | int:
        rounded = round(value, places) + 0.0  # a small fall is no "-0.0"
        return rounded if places else int(rounded)

    said = texts["lead"][language].format(
        symbol=pollutant.symbol, unit=pollutant.unit.replace("ug", "µg").replace("m3", "m³"), forecast=shown(forecast),
        baseline=shown(baseline), clean_date=clean_date, difference=shown(shown(forecast) - shown(baseline)),
    )  # fmt: skip
    named = [
        texts["part"][language].format(group=texts[group][language], value=shown(value))
        for group, value in sorted(parts.items(), key=lambda each: -abs(each[1]))
        if shown(value)
    ]
    comma = "，" if language == "zh" else ", "
    rest = [texts["parts"][language].format(parts=comma.join(named))] if named else []
    return (" " if language == "en" else "").join([said, *rest, texts["limits"][language]])
