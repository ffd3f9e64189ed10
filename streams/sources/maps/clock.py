"""Times of tables: from the cells that say a time to the epoch hour that ends the averaging hour.

What a time is must be said: at which place of its hour it stands (start, middle, end) and in which zone. A zone with summer time
has hours that come twice and hours that do not come at all; both are refused, by name.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from zoneinfo import ZoneInfo

from standards.errors import AirshedError
from streams.sources.cells import FIRST_YEAR, LAST_YEAR, hour_of_day, whole

LABELS = ("start", "middle", "end")
IN_CELL = "cell"
"""The zone of times that say their own offset."""
AUTO, EXCEL, EPOCH_S, EPOCH_MS = "auto", "excel", "epoch_s", "epoch_ms"
NO_TIME = "not a time"
NO_HOUR, NO_MIDDLE = "not on a full hour of UTC", "not in the middle of an hour of UTC"
NO_OFFSET, OTHER_OFFSET = "the time has no offset", "the time has an offset, and the map names a zone"
TWICE, NEVER = "this hour comes twice in its zone", "this hour does not come in its zone"
OUT_OF_RANGE = "the time is out of range"
LABELS_KEPT = 100_000
_OFFSET = re.compile(r"(?:UTC|GMT)?([+-])([0-9]{1,2})(?::?([0-9]{2}))?|(Z|UTC|GMT)", re.IGNORECASE)
_PLAIN = re.compile(
    r"([0-9]{4})(?:([-/.])([0-9]{1,2})\2([0-9]{1,2})|年 ?([0-9]{1,2})月 ?([0-9]{1,2})日)"
    r"(?:(?:[T ]| +|(?<=日))([0-9]{1,2})(?:[:：]([0-9]{2})(?:[:：]([0-9]{2})(?:\.0+)?)?|时|点)?)"
    r" ?(Z|UTC|GMT|[+-][0-9]{2}:?[0-9]{2}|[+-][0-9]{2})?"
)
_COMPACT = re.compile(
    r"([0-9]{4})([0-9]{2})([0-9]{2})(?:[T ]?)([0-9]{2})(?::?([0-9]{2})(?::?([0-9]{2}))?)?(Z|[+-][0-9]{2}:?[0-9]{2})?"
)
_DAY = re.compile(
    r"([0-9]{4})(?:([-/.])([0-9]{1,2})\2([0-9]{1,2})|年 ?([0-9]{1,2})月 ?([0-9]{1,2})日|([0-9]{2})([0-9]{2}))"
    r"(?:[T ]0{1,2}:00(?::00)?)?"
)
_SERIAL = re.compile(r"[0-9]{1,6}(?:\.[0-9]{1,15})?")
_WHOLE_NUMBER = re.compile(r"[0-9]{1,15}(?:\.0+)?")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_TOKENS = {
    "Y": r"(?P<Y>[0-9]{4})", "y": r"(?P<y>[0-9]{2})", "m": r"(?P<m>[0-9]{1,2})", "d": r"(?P<d>[0-9]{1,2})",
    "H": r"(?P<H>[0-9]{1,2})", "I": r"(?P<I>[0-9]{1,2})", "M": r"(?P<M>[0-9]{2})", "S": r"(?P<S>[0-9]{2})(?:\.0+)?",
    "b": r"(?P<b>[A-Za-z]{3})[a-z]*", "p": r"(?P<p>[AaPp])\.?[Mm]\.?", "z": r"(?P<z>Z|[+-][0-9]{2}:?[0-9]{2})", "%": "%",
}  # fmt: skip
"""What a format may hold: the signs of strptime, in plain digits."""

Offset = dt.timezone | None


@dataclass(frozen=True, slots=True)
class Wall:
    """A time as it is written: day, hour 0 to 24, minute, second, and its offset where it says one."""

    day: dt.date
    hour: int
    minute: int = 0
    second: int = 0
    offset: dt.timezone | None = None


class ClockError(AirshedError, ValueError):
    """A zone or a format cannot be used; the message says what was expected."""


def zone_of(text: str) -> dt.tzinfo | None:
    """Give a zone: an offset (+08:00, UTC+8, Z), a name of the IANA data base, or None for "cell". Errors: ClockError."""
    if text == IN_CELL:
        return None
    if found := _OFFSET.fullmatch(text.strip()):
        return _timezone(found)
    try:
        if not re.fullmatch(r"[A-Za-z]+(?:[/_+-][A-Za-z0-9]+)+", text):
            raise ValueError  # abbreviations such as CST are those of several zones
        return ZoneInfo(text)
    except (ValueError, OSError, KeyError):
        raise ClockError('an offset such as "+08:00", a name such as "Asia/Shanghai", or "cell"') from None


def reader_of(form: str) -> Callable[[str], Wall | None]:
    """Give what reads a time of a form: "auto" for those that begin with the year, "excel", "epoch_s", "epoch_ms", or a format."""
    if form == AUTO:
        return _auto
    if form == EXCEL:
        return _serial
    if form in (EPOCH_S, EPOCH_MS):
        return lambda text: _epoch(text, 1000 if form == EPOCH_MS else 1)
    return _formatted(form)


def hour_reader(zone: dt.tzinfo | None, label: str, read: Callable[[str], Wall | None]) -> Callable[[str], int | str]:
    """Give what reads a text as an epoch hour, or says why it cannot; texts that repeat are read once."""

    @lru_cache(LABELS_KEPT)
    def hour(text: str) -> int | str:
        wall = read(text.strip())
        return NO_TIME if wall is None else hour_end(wall, zone, label)

    return hour


def hour_end(wall: Wall, zone: dt.tzinfo | None, label: str) -> int | str:
    """Give the epoch hour that ends the averaging hour of a time, or the reason why there is none."""
    if not FIRST_YEAR <= wall.day.year <= LAST_YEAR:
        return OUT_OF_RANGE
    naive = dt.datetime.combine(wall.day, dt.time())
    naive += dt.timedelta(hours=wall.hour, minutes=wall.minute, seconds=wall.second)
    moment = _placed(naive, wall.offset, zone)
    if isinstance(moment, str):
        return moment
    seconds = int((moment - dt.datetime(1970, 1, 1, tzinfo=dt.UTC)).total_seconds())
    if label == "middle":
        return seconds // 3600 + 1 if seconds % 3600 == 1800 else NO_MIDDLE
    return seconds // 3600 + (label == "start") if seconds % 3600 == 0 else NO_HOUR


def wall_of(day: str, hour: str) -> Wall | None:
    """Give the time of a cell that holds a day and one that holds an hour."""
    date, clock = day_of(day.strip()), hour_of_day(hour)
    return None if date is None or clock is None else Wall(date, clock)


def wall_of_numbers(year: str, month: str, day: str, hour: str) -> Wall | None:
    """Give the time of cells that hold year, month, day and hour."""
    numbers = [
        whole(_whole(text), least, most) for text, least, most in ((year, 1, 9999), (month, 1, 12), (day, 1, 31))
    ]
    clock = hour_of_day(_whole(hour))
    if None in numbers or clock is None:
        return None
    date = _date(*numbers)
    return Wall(date, clock) if date else None


def day_of(text: str) -> dt.date | None:
    """Read a day that begins with its year, None where it is none; a midnight behind it is none's business."""
    found = _DAY.fullmatch(text)
    if not found:
        return None
    year, _, *pairs = found.groups()
    month, day = [part for part in pairs if part]
    return _date(int(year), int(month), int(day))


def _placed(naive: dt.datetime, offset: Offset, zone: dt.tzinfo | None) -> dt.datetime | str:
    if zone is None:
        return naive.replace(tzinfo=offset) if offset else NO_OFFSET
    if offset is None and isinstance(zone, dt.timezone):
        return naive.replace(tzinfo=zone)
    here, other = (naive.replace(tzinfo=zone, fold=fold) for fold in (0, 1))
    if offset is not None:
        said = naive.replace(tzinfo=offset)
        return said if offset.utcoffset(None) in (here.utcoffset(), other.utcoffset()) else OTHER_OFFSET
    if here.astimezone(dt.UTC).astimezone(zone).replace(tzinfo=None) != naive:
        return NEVER
    return here if here.utcoffset() == other.utcoffset() else TWICE


def _auto(text: str) -> Wall | None:
    if found := _PLAIN.fullmatch(text):
        year, _, *rest = found.groups()
        month, day = [part for part in rest[:4] if part]
        hour, minute, second, offset = rest[4:]
        return _wall(year, month, day, hour, minute, second, offset)
    if found := _COMPACT.fullmatch(text):
        return _wall(*found.groups())
    return None


def _formatted(form: str) -> Callable[[str], Wall | None]:
    pattern, names = _pattern(form)

    def read(text: str) -> Wall | None:
        found = pattern.fullmatch(text)
        if not found:
            return None
        got = {name: found[name] for name in names}
        year = got.get("Y") or f"20{got['y']}"
        month = got.get("m") or str(_month(got["b"]))
        hour = got.get("H") or _of_twelve(got["I"], got["p"])
        return _wall(year, month, got["d"], hour, got.get("M"), got.get("S"), got.get("z"))

    return read


def _pattern(form: str) -> tuple[re.Pattern[str], list[str]]:
    parts = re.split(r"%(.)", form)
    names = parts[1::2]
    wrong = [name for name in names if name not in _TOKENS]
    has = set(names)
    complete = {"Y", "y"} & has and {"m", "b"} & has and "d" in has and ("H" in has or {"I", "p"} <= has)
    if wrong or len(has) != len(names) or not complete or form.endswith("%"):
        raise ClockError(
            "'auto', 'excel', 'epoch_s', 'epoch_ms', or a format with year, month, day and hour, such as %d.%m.%Y %H:%M"
        )
    pattern = "".join(_TOKENS[part] if i % 2 else re.escape(part) for i, part in enumerate(parts))
    return re.compile(pattern), [name for name in names if name != "%"]


def _month(name: str) -> int:
    return _MONTHS.index(name.lower()) + 1 if name.lower() in _MONTHS else 0


def _of_twelve(hour: str, half: str) -> str:
    return str(int(hour) % 12 + (12 if half.lower() == "p" else 0)) if 1 <= int(hour) <= 12 else "99"


def _wall(
    year: str, month: str, day: str, hour: str, minute: str | None, second: str | None, offset: str | None
) -> Wall | None:
    date = _date(int(year), int(month), int(day))
    clock = (int(hour), int(minute or 0), int(second or 0))
    if date is None or clock > (24, 0, 0) or clock[1] > 59 or clock[2] > 59:
        return None
    try:
        return Wall(date, *clock, offset=_timezone(_OFFSET.fullmatch(offset)) if offset else None)
    except ClockError:
        return None


def _timezone(found: re.Match[str]) -> dt.timezone:
    if found[4]:
        return dt.UTC
    minutes = int(found[2]) * 60 + int(found[3] or 0)
    if minutes > 14 * 60 or int(found[3] or 0) > 59:
        raise ClockError("an offset from -14:00 to +14:00")
    return dt.timezone(dt.timedelta(minutes=minutes if found[1] == "+" else -minutes))


def _date(year: int, month: int, day: int) -> dt.date | None:
    try:
        return dt.date(year, month, day)
    except ValueError:
        return None


def _serial(text: str) -> Wall | None:
    """Read a day number of Excel's calendar, which counts from 1899-12-30 from March 1900 on."""
    if not _SERIAL.fullmatch(text):
        return None
    seconds = round(float(text) * 86_400)
    moment = dt.datetime(1899, 12, 30) + dt.timedelta(seconds=seconds)
    return Wall(moment.date(), moment.hour, moment.minute, moment.second) if seconds >= 61 * 86_400 else None


def _epoch(text: str, per_second: int) -> Wall | None:
    if not _WHOLE_NUMBER.fullmatch(text):
        return None
    seconds, rest = divmod(int(text.partition(".")[0]), per_second)
    if rest or seconds > 4_102_444_800:  # of the year 2100
        return None
    moment = dt.datetime(1970, 1, 1) + dt.timedelta(seconds=seconds)
    return Wall(moment.date(), moment.hour, moment.minute, moment.second, dt.UTC)


def _whole(text: str) -> str:
    """Give a whole number without the point that a spreadsheet may add to it (2024.0)."""
    stem, _, rest = text.strip().partition(".")
    return stem if rest.strip("0") == "" else text
