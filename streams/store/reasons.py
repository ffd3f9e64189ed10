"""What is said of a refused row, in the reader's language: its reason, what was expected, and its place in the file.

The store keeps them in English, as the feeds say them; reasons.toml and expected.toml have the Chinese, sentences.toml that of what
the research bench refuses. What these do not know stays as it is, and what a feed left unsaid (None) is an empty text.
"""

from __future__ import annotations

import re
import tomllib
from functools import cache
from pathlib import Path

from streams.store.sentences import Template, filled, ordered, sentence_in_chinese, taken

CATALOGUE = Path(__file__).with_name("reasons.toml")
EXPECTED = Path(__file__).with_name("expected.toml")
_PLACES = (
    (r"lines (\d+) to (\d+)", r"第 \1 至 \2 行"),
    (r"line (\d+) and what stands below", r"第 \1 行及以下各行"),
    (r"line (\d+)", r"第 \1 行"),
    (r"row (\d+)", r"第 \1 行"),
    (r"byte (\d+)", r"第 \1 字节"),
    (r"file (.+)", r"文件 \1"),
    (r"(\d+) lines", r"\1 行"),
    (r"lines of the hour", "该时次的各行"),
    (r"column map", "列映射"),
    (r"column (.+)", r"列 \1"),
    (r"station number (\d+)", r"第 \1 个站点"),
    (r"station (.+)", r"站点 \1"),
    (r"stations?", "站点"),
    (r"city (.+)", r"城市 \1"),
    (r"sector (.+)", r"部门 \1"),
    (r"hours (\d+) to (\d+)", r"时次 \1 至 \2"),
    (r"episode (.+) of hour (.+)", r"过程 \1(始于时次 \2)"),
    (r"hour (.+)", r"时次 \1"),
    (r"(?:time )?step (\d+)", r"第 \1 个时次"),
    (r"time", "时间"),
    (r"run start", "起报时刻"),
    (r"global attributes", "全局属性"),
    (r"global attribute (.+)", r"全局属性 \1"),
    (r"attributes", "属性"),
    (r"variables", "变量"),
    (r"variables? (.+)", r"变量 \1"),
    (r"dimensions", "维度"),
    (r"dimensions? (.+)", r"维度 \1"),
    (r"groups", "变量组"),
    (r"grid", "格网"),
    (r"map (.+)", r"列映射 \1"),
    (r"tag table", "标记表"),
    (r"tag table (.+)", r"标记表 \1"),
    (r"key (.+)", r"键 \1"),
    (r"file", "文件"),
    (r"folder", "文件夹"),
    (r"archive", "存档"),
    (r"message", "消息"),
    (r"model", "模型"),
    (r"model (.+)", r"模型 \1"),
    (r"books of the hour", "该时次的账目"),
    (r"rejects of the year", "该年的拒绝记录"),
)
"""What the parts of a place are called, the more exact ones first."""
_MORE = re.compile(r"(?s)(.*?)(?: and (\d+) more( of this reason and hour)?)?")
_OTHERS = re.compile(r"(?s)(.*) \(and (\d+) more\)")
_EXPECTED = ", expected "


def reason_in(lang: str, reason: str | None) -> str:
    """Give a reason in "zh" or "en"; one that the catalogue lacks stays in English."""
    if lang != "zh" or not reason:
        return reason or ""
    return _known(reason) or reason


def expected_in(lang: str, expected: str | None) -> str:
    """Give what was expected, such as "one of a, b", in "zh" or "en"; what the catalogue lacks stays in English."""
    if lang == "zh" and expected and (found := taken(expected, _expectations())):
        words, gaps = found
        return words.format(*(gap.replace(" or ", " 或 ").replace(" and ", " 和 ") for gap in gaps))
    return expected or ""


def position_in(lang: str, position: str | None) -> str:
    """Give a place in a file, such as "line 17, column o3_ugm3", in "zh" or "en"; names in it stay as they are."""
    if lang != "zh" or not position:
        return position or ""
    place, more, alike = _parted(position)
    told = "，".join(_place(part) or part for part in place.split(", "))
    if not more:
        return told
    return f"{told} 及同时次同理由的另外 {more} 处" if alike else f"{told} 及另外 {more} 处"


def told_in(lang: str, told: str | None) -> str:
    """Give "place: reason" in "zh" or "en", also with a file before it and " (and 3 more)" behind it, and a reason alone.

    Names may hold ": " as reasons do: what looks like a place, and is followed by a reason that is known, is one.
    """
    if lang != "zh" or not told:
        return told or ""
    if others := _OTHERS.fullmatch(told):
        return f"{told_in(lang, others[1])}（另有 {others[2]} 处）"
    if words := sentence_in_chinese(told, _known):
        return words
    parts = told.split(": ")
    splits = [(parts[:at], _known(": ".join(parts[at:]))) for at in range(1, len(parts))]
    placed = ((place, words) for place, words in splits if words and any(map(_is_place, place[:2])))
    if found := next(placed, None):
        return _joined(*found)
    if words := _known(told):
        return words
    found = next((split for split in splits if split[1]), None)
    return _joined(*found) if found else _unknown(parts)


def _joined(place: list[str], reason: str) -> str:
    """Put a place, behind the name of a file or not, before a reason."""
    at = max((n for n, part in enumerate(place) if _is_place(part)), default=len(place) - 1)
    return "：".join([*place[:at], position_in("zh", ": ".join(place[at:])), reason])


def _unknown(parts: list[str]) -> str:
    at = max((n for n, part in enumerate(parts[:2], start=1) if _is_place(part)), default=0)
    return _joined(parts[:at], ": ".join(parts[at:])) if 0 < at < len(parts) else ": ".join(parts)


def _is_place(text: str) -> bool:
    place, more, _ = _parted(text)
    return bool(more or _place(place.partition(", ")[0]))


def _parted(position: str) -> tuple[str, str, str]:
    """Give a place, how many more there are, and the words that say whether they are of the same reason and hour."""
    found = _MORE.fullmatch(position)
    return (found[1], found[2] or "", found[3] or "") if found else (position, "", "")


def _place(part: str) -> str:
    """Give the words of one part of a place, nothing where it is a name."""
    return next((found.expand(words) for pattern, words in _places() if (found := pattern.fullmatch(part))), "")


def _known(reason: str) -> str:
    """Give the Chinese of a reason, nothing where it is not known; with what it expected, if it says so."""
    said, expected, what = reason.partition(_EXPECTED)
    if found := taken(said, _patterns()):
        return _filled(*found) + (f"，应为 {expected_in('zh', what)}" if expected else "")
    return ""


def _filled(words: str, gaps: tuple[str, ...]) -> str:
    return filled(words, gaps, lambda gap: _words().get(gap) or _known(gap))


@cache
def _catalogue() -> dict:
    return tomllib.loads(CATALOGUE.read_text(encoding="utf-8"))


@cache
def _words() -> dict[str, str]:
    return _catalogue()["words"]


@cache
def _places() -> tuple[tuple[re.Pattern[str], str], ...]:
    return tuple((re.compile(pattern, re.DOTALL), words) for pattern, words in _PLACES)


@cache
def _patterns() -> tuple[Template, ...]:
    return ordered(_catalogue()["reason"])


@cache
def _expectations() -> tuple[Template, ...]:
    return ordered(tomllib.loads(EXPECTED.read_text(encoding="utf-8"))["expected"])
