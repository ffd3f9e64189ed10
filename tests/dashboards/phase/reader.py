"""The little reader of summaries: it knows the two languages and the tables, and nothing of how sentences are made."""

from __future__ import annotations

import re

from dashboards.phase import told
from dashboards.phase.content import Content, Sentence, Table
from dashboards.phase.question import REGION
from dashboards.text import Text
from tests.dashboards.phase import made

NAMES = {lang: told.names_of(made.KNOWN, Text(lang)) for lang in ("zh", "en")}
DOWN, UP = ("下降", "减少", "down"), ("上升", "增加", "up")
BELOW, ABOVE = ("低于目标", "below the target"), ("高于目标", "above the target")
UNIT_WORDS = {
    "µg/m³": ("微克/立方米", "µg/m³"), "mg/m³": ("毫克/立方米", "mg/m³"), "%": ("%", "%"),
    "pp": ("个百分点", "percentage points"), "d": ("天", "days"), "": ("", ""),
}  # fmt: skip
STATES = {
    "met": ("已完成", "is met"), "missed": ("未完成", "missed"), "on_path": ("进度内", "on the path"),
    "off_path": ("落后", "behind the path"), "lost": ("不可能完成", "out of reach"),
}  # fmt: skip
STATE_OF = {"pm25_gap_ugm3": "pm25_state", "good_ratio_gap_pp": "good_ratio_state", "heavy_gap_d": "heavy_state"}
SLOPES = {"pm25_mean_ugm3": "µg/m³", "o3_mda8_p90_ugm3": "µg/m³", "good_ratio_pct": "pp"}
SAYS_DOWN = ("improved", "trend_falling", "weather_lowered")
SAYS_UP = ("worsened", "trend_rising", "weather_raised")
MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December",
)  # fmt: skip
RANKED = {"best": 1, "worst": -1, "pm25_low": 1, "pm25_high": -1, "good_ratio_low": 1, "good_ratio_high": -1}


def faults(content: Content, sentence: Sentence, written: str, lang: str) -> list[str]:
    """Read a written sentence again and say what in it is not as in the tables."""
    body = _without(written, [NAMES[lang](code) for code in (*made.CITIES, REGION)], sentence, lang)
    found, at = [], 0
    for number, (name, key, row, column) in enumerate(sentence.cells):
        table = content.table(key)
        value, spec = table.row_of(row)[column], table.columns[table.index(column)]
        sized = name.partition(".")[0].endswith("_size")
        expected = (
            _moment(value, lang) if isinstance(value, str) else f"{abs(value) if sized else value:.{spec.decimals}f}"
        )
        place = body.find(expected, at)
        if place < 0:
            return [f"{expected} of {column} does not stand in: {body}"]
        before, after = body[at:place], body[place + len(expected) :]
        at = place + len(expected)
        if name == "gap_size":
            other = ABOVE if value < 0 else BELOW
            right = any(word in before for word in (BELOW if value < 0 else ABOVE))
            found += [] if right and not any(word in before for word in other) else [f"{value} is on the other side"]
        elif sized and "." not in name and not any(word in before for word in (DOWN if value < 0 else UP)):
            found.append(f"the direction of {value} is not told in: {before}")
        if sized and value == 0:
            found.append("nothing has changed, and a direction is told")
        last = number + 1 == len(sentence.cells) or not sentence.cells[number + 1][0].startswith(name.partition(".")[0])
        if ("." not in name or last or spec.unit == "%") and not _unit_follows(content, spec, row, after, lang):
            found.append(f"the unit {spec.unit} does not follow: {after}")
    values = [content.table(key).row_of(row)[column] for _, key, row, column in sentence.cells]
    return (
        found
        + _moved(sentence, body, values)
        + _ranks(content, sentence, values)
        + _further(content, sentence, body, lang)
    )


def _unit_follows(content: Content, spec, row, after: str, lang: str) -> bool:
    unit = SLOPES[row.split("|")[1]] if spec.key == "slope_per_year" else spec.unit
    after = after.strip()
    if spec.unit == "d" and spec.key not in (
        "left_days",
        "period_days",
    ):  # days of all cities together are no days of the calendar
        summed, kind = row == REGION, ("城市·", "city-")[lang == "en"]
        if after.startswith(kind) != summed:
            return False
        after = after.removeprefix(kind)
    return after.startswith(UNIT_WORDS[unit][lang == "en"])


def _moved(sentence: Sentence, body: str, values: list) -> list[str]:
    """Judge the lists that tell a way: all went it, the word is told, and where they are ranked the largest comes first."""
    stem = sentence.key.rpartition(".")[2].removesuffix("_one")
    if stem not in (*SAYS_DOWN, *SAYS_UP):
        return []
    numbers = [value for value in values if not isinstance(value, str)]
    sign = -1 if stem in SAYS_DOWN else 1
    found = ["a city moved the other way"] if any(v * sign <= 0 for v in numbers) else []
    found += [] if any(word in body for word in (DOWN if sign < 0 else UP)) else ["the way is not told"]
    found += ["the other way is told"] if any(word in body for word in (UP if sign < 0 else DOWN)) else []
    if not stem.startswith("trend"):
        found += (
            [] if [abs(v) for v in numbers] == sorted(map(abs, numbers), reverse=True) else ["not the largest first"]
        )
    return found


def _ranks(content: Content, sentence: Sentence, values: list) -> list[str]:
    """Judge a list of the best or the worst anew: nobody who is better (worse) than the last named is left out."""
    sign = RANKED.get(sentence.key.rpartition(".")[2])
    if sign is None:
        return []
    table = content.table(sentence.cells[0][1])
    named = [row for _, _, row, _ in sentence.cells]
    held = {r[0]: r[table.index(sentence.cells[0][3])] for r in table.rows if r[0] != REGION}
    others = [v for code, v in held.items() if v is not None and code not in named]
    found = [] if [v * sign for v in values] == sorted(v * sign for v in values) else ["not in order"]
    if any(v * sign <= values[-1] * sign for v in others):
        found.append("a city that belongs there is left out")
    if [f"city.{code}" for code in named] != list(sentence.words["cities"]):
        found.append("names and numbers are of different cities")
    return found


def _further(content: Content, sentence: Sentence, body: str, lang: str) -> list[str]:
    """Judge targets, trends, episodes, sources and weather anew from the tables."""
    stem, words = sentence.key.removeprefix("phase.say.").removesuffix("_one").removesuffix("_named"), sentence.words
    cities = [code.removeprefix("city.") for code in words.get("cities", ())]
    if stem in ("target", "target_even"):
        gap = next(g for g in STATE_OF if g.startswith(sentence.cells[0][3].partition("_to_date")[0]))
        row = content.table("targets").row_of(sentence.cells[0][2])
        return [] if STATES[row[STATE_OF[gap]]][lang == "en"] in body else ["another state is told"]
    if stem in ("targets_kept", "targets_behind"):
        kind = words["measure"].removeprefix("phase.measure.").removesuffix("_to_date")
        wanted = ("met", "on_path") if stem == "targets_kept" else ("off_path", "missed", "lost")
        held = [
            r["city"] for r in _rows(content.table("targets")) if r[f"{kind}_state"] in wanted and r["city"] != REGION
        ]
        return [] if cities == held else ["other cities keep their targets"]
    if stem.startswith("trend_"):
        wanted = stem.removeprefix("trend_"), words["measure"].removeprefix("phase.measure.")
        held = [r["city"] for r in _rows(content.table("trend")) if (r["trend_verdict"], r["measure"]) == wanted]
        return [] if cities == held else ["other cities have that trend"]
    if stem == "episodes":
        mine = [r for r in _rows(content.table("episodes")) if words["kind"] == f"phase.episode.{r['episode_kind']}"]
        worst = content.table("episodes").row_of(sentence.cells[0][2])
        count = re.search(r"共(\d+)次|: (\d+);", body)
        found = [] if count and int(count[1] or count[2]) == len(mine) else ["there is another number of episodes"]
        higher = any((r["peak_value_ugm3"] or 0) > worst["peak_value_ugm3"] for r in mine)
        right = (
            worst["episode_kind"] == words["kind"].rpartition(".")[2] and words["place"] == f"city.{worst['peak_city']}"
        )
        return found + (["not the highest peak"] if higher or worst not in mine or not right else [])
    if stem.startswith("sources"):
        return _of_sources(content, sentence, body, lang)
    if stem.startswith("weather_"):
        table = content.table("weather")
        sign = 1 if "raised" in stem else -1
        parts = {
            r["city"]: r["weather_part_ugm3"]
            for r in _rows(table)
            if r["item"] == "pm25" and r["weather_part_ugm3"] and abs(r["weather_part_ugm3"]) > r["weather_half_ugm3"]
        }
        held = {city: abs(part) for city, part in parts.items() if part * sign > 0}
        named = [row.split("|")[0] for name, _, row, _ in sentence.cells if "." in name]
        return _leading(held, cities, named)
    if stem == "outside_high":
        rows = [
            r
            for r in _rows(content.table("attribution_sectors"))
            if (r["quantity"], r["sector"]) == ("pm25", "outside")
        ]
        return _leading(
            {r["city"]: r["share_pct"] for r in rows}, cities, [row.split("|")[0] for _, _, row, _ in sentence.cells]
        )
    return []


def _leading(held: dict[str, float], cities: list[str], named: list[str]) -> list[str]:
    """Judge a list of the first three of what all cities have; equal ones belong there too."""
    if cities != named or not set(cities) <= set(held) or len(cities) < min(3, len(held)):
        return ["other cities are named"]
    sizes = [held[city] for city in cities]
    left_out = [size for city, size in held.items() if city not in cities]
    found = [] if sizes == sorted(sizes, reverse=True) else ["not in order"]
    return found + (["a city that belongs there is left out"] if any(size >= sizes[-1] for size in left_out) else [])


def _of_sources(content: Content, sentence: Sentence, body: str, lang: str) -> list[str]:
    city = sentence.words["place"].removeprefix("city.")
    rows = [r for r in _rows(content.table("attribution_sectors")) if (r["city"], r["quantity"]) == (city, "pm25")]
    named = [code.removeprefix("sector.") for code in sentence.words["sectors"]]
    shares = {r["sector"]: r["share_pct"] for r in rows}
    cells = [row for name, _, row, _ in sentence.cells if "." in name]
    found = [] if cells == [f"{city}|pm25|{code}" for code in named] else ["names and shares are of different sectors"]
    if any(
        share > min(shares[code] for code in named) for code, share in shares.items() if code not in (*named, "outside")
    ):
        found.append("a larger sector is left out")
    places = [body.find(Text(lang).of_code("sector.", code)) for code in named]
    return found + ([] if -1 not in places and places == sorted(places) else ["other sectors are named"])


def _moment(value: str, lang: str) -> str:
    """Write an hour or a month as reports do."""
    year, month, day, hour = (int(part) for part in re.findall(r"\d+", f"{value}-00 00")[:4])
    if lang == "zh":
        return f"{year}年{month}月" + (f"{day}日{hour}时" if len(value) > 7 else "")
    name = [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ][month - 1]
    return f"{day} {name} {year}, {hour:02d}:00" if len(value) > 7 else f"{name} {year}"


def _rows(table: Table) -> list[dict]:
    return [{c.key: value for c, value in zip(table.columns, row, strict=True)} for row in table.rows]


def _without(written: str, names: list[str], sentence: Sentence, lang: str) -> str:
    """Take names of places and measures out, so that what is left has the numbers of the tables alone."""
    for name in [*names, *(Text(lang)(m) for m in [sentence.words.get("measure")] if m)]:
        written = written.replace(name, "")
    return re.sub(r"PM₂\.₅", "", written)
