"""What is said of a refused row, in the reader's language: its reason and its place in the file.

The store keeps both in English, as the feeds say them; reasons.toml has the Chinese. What it does not know stays as it is.
"""

from __future__ import annotations

import re
import tomllib
from functools import cache
from pathlib import Path

CATALOGUE = Path(__file__).with_name("reasons.toml")
_PLACES = (
    (re.compile(r"\blines (\d+) to (\d+)"), r"第 \1 至 \2 行"),
    (re.compile(r"\blines? (\d+)"), r"第 \1 行"),
    (re.compile(r"\bstation number (\d+)"), r"第 \1 个站点"),
    (re.compile(r"\btime step (\d+)"), r"第 \1 个时次"),
    (re.compile(r" and (\d+) more of this reason and hour$"), r" 及同时次同理由的另外 \1 处"),
    (re.compile(r" and (\d+) more$"), r" 及另外 \1 处"),
    (re.compile(r"\bglobal attribute (?=\S)"), "全局属性 "),
    (re.compile(r"\bvariables? (?=\S)"), "变量 "),
    (re.compile(r"\bcolumn (?=\S)"), "列 "),
    (re.compile(r"\bstation (?=\S)"), "站点 "),
    (re.compile(r"\bcity (?=\S)"), "城市 "),
    (re.compile(r"\bhour (?=\S)"), "时次 "),
    (re.compile(r"^books of the hour$"), "该时次的账目"),
    (re.compile(r"^file$"), "文件"),
)
"""Words of a position, the longer ones first."""


def reason_in(lang: str, reason: str) -> str:
    """Give a reason in "zh" or "en"; one that the catalogue lacks stays in English."""
    if lang != "zh":
        return reason
    for pattern, words in _patterns():
        if found := pattern.fullmatch(reason):
            return words.format(*found.groups())
    return reason


def position_in(lang: str, position: str) -> str:
    """Give a place in a file, such as "line 17, column o3_ugm3", in "zh" or "en"; names in it stay as they are."""
    if lang != "zh":
        return position
    for pattern, words in _PLACES:
        position = pattern.sub(words, position)
    return position.replace(", ", "，")


@cache
def _patterns() -> tuple[tuple[re.Pattern[str], str], ...]:
    entries = tomllib.loads(CATALOGUE.read_text(encoding="utf-8"))["reason"]
    # A reason with fewer gaps is the more exact one: "unknown column" before "unknown {}".
    ordered = sorted(entries, key=lambda each: each["en"].count("{}"))
    return tuple((_pattern(each["en"]), each["zh"]) for each in ordered)


def _pattern(template: str) -> re.Pattern[str]:
    return re.compile("(.*)".join(re.escape(part) for part in template.split("{}")), re.DOTALL)
