"""Moments and times of NetCDF files: what units, zones and calendars of time are understood, three tables; all else is refused.

Time is counted in UTC unless its units name a zone (UDUNITS). A zone that is a name is understood where it means one thing
only. A year and a month have no length, and a calendar without real days is none of ours.

Sources: UDUNITS-2 (timestamps and their zones), CF-1.11 chapter 4.4, CDO User's Guide (absolute time axis).
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping

import cftime
import numpy as np

from streams.sources.forecasts.attributes import number, numbers, text
from streams.sources.tally import Unusable

HOUR_S = 3600
DAY_S = 24 * HOUR_S
UNITS_S = {
    **dict.fromkeys(("nanosecond", "nanoseconds", "nsec", "ns"), 1e-9),
    **dict.fromkeys(("microsecond", "microseconds", "microsec", "us"), 1e-6),
    **dict.fromkeys(("millisecond", "milliseconds", "millisec", "msec", "ms"), 1e-3),
    **dict.fromkeys(("second", "seconds", "sec", "secs", "s"), 1),
    **dict.fromkeys(("minute", "minutes", "min", "mins"), 60),
    **dict.fromkeys(("hour", "hours", "hr", "hrs", "h"), HOUR_S),
    **dict.fromkeys(("day", "days", "d"), DAY_S),
    **dict.fromkeys(("week", "weeks"), 7 * DAY_S),
}
"""Units in which time is counted, in seconds. Months and years are not there: UDUNITS takes 365.2425 days for a year."""
ABSOLUTE_DAYS = "day as %y%m%d.%f"
"""CDO's absolute time axis: 20230118.5 is noon of that day."""
ZONES_H = {
    **dict.fromkeys(("", "z", "utc", "gmt", "ut", "zulu"), 0),
    **dict.fromkeys(("bjt", "beijing", "beijing time", "asia/shanghai", "asia/chongqing", "北京时间", "北京时"), 8),
}
"""Names of zones that mean one thing, in hours east. CST is not there: it is China's, North America's and Cuba's."""
ZONE_ATTRIBUTES = ("time_zone", "timezone", "tz", "utc_offset")
"""Attributes of the time or of the file that name a zone; one that is not the zone of the units is refused."""
CALENDARS = {
    "": "standard",
    "standard": "standard",
    "gregorian": "standard",
    "proleptic_gregorian": "proleptic_gregorian",
}
"""Calendars of real days."""
_EAST = r"(?:utc|gmt)\s?[+-](?!0{1,2}(?::?00)?(?!\d))\d"
LOCAL = re.compile(
    rf"(?<![a-z])(?:local|lst|bjt|cst|beijing|asia/shanghai)(?![a-z])|北京|当地|地方时|本地|东八区|(?<![a-z]){_EAST}",
    re.IGNORECASE,
)
"""Words beside a time without a zone that say it is not in UTC."""
PROSE = ("comment", "comments", "note", "notes", "description", "summary", "time_note", "time_comment")
"""Attributes of a file whose words may tell what its times are; a history tells when the file was made."""
SAYS_LOCAL = re.compile(
    r"(?<!\d )(?<!\d)\b(?:beijing|local|local standard|china standard) times?\b(?![- ]?step)"
    rf"|\btime(?:s|stamps?)?[ :=(]{{1,3}}(?:zone[ :=]|is |are |in |given ){{0,4}}[ :=(]{{0,3}}(?:bjt|lst|{_EAST})"
    r"|(?<![\d时] )(?<![\d时])北京时间?|(?:时间|时刻)均?(?:为|是|采用|：|:) ?(?:北京|当地|本地|东八区)",
    re.IGNORECASE,
)
"""Prose that says that times are not in UTC."""
FIRST_YEAR, LAST_YEAR = 1990, 2100
"""What a block of a forecast may hold."""

_EPOCH = dt.datetime(1970, 1, 1)
_SPAN = tuple((dt.datetime(year, 1, 1) - _EPOCH).total_seconds() for year in (FIRST_YEAR, LAST_YEAR))
_LONGEST_S = _SPAN[1] - _SPAN[0]
_SINCE = re.compile(r"(?P<unit>[A-Za-z_]{1,20})\s+(?:since|after|from|ref|@)\s+(?P<moment>\S.{0,79})", re.IGNORECASE)
_MOMENT = re.compile(
    r"(?P<year>\d{1,4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})"
    r"(?:(?:[T_]|\s+)(?P<hour>\d{1,2})(?::?(?P<minute>\d{2}|(?<=:)\d)(?::?(?P<second>\d{2}|(?<=:)\d)(?P<part>\.\d*)?)?)?)?"
    r"\s*(?P<zone>\S.*)?"
)
_IN_WORDS = re.compile(r"(?:FORECAST|ANALYSIS) time from (\d{8})", re.IGNORECASE)
"""Long name by which the regional files of CAMS say since when their hours count."""
_COMPACT = re.compile(r"^(\d{4})(\d{2})(\d{2})(?!\d)")
_OFFSET = re.compile(r"(?:utc|gmt)?\s*(?P<sign>[+-]?)(?P<hours>\d{1,2})(?::?(?P<minutes>\d{2}))?", re.IGNORECASE)


def moment(words: str, position: str, *, calendar: str = "standard", zone: int | None = None) -> int:
    """Give epoch seconds of a moment written YYYY-MM-DD, then T, _ or a blank, hh[:mm[:ss]], and a zone, without one UTC.

    zone [s east]: instead of a zone that means several things. Raise Unusable for what is none, or has such a zone.
    """
    found = _moment(words)
    if found is None:
        raise Unusable(position, "not a moment", words[:100], "for instance 2023-01-18T12:00:00Z")
    east = zone_of(found["zone"] or "")
    if east is None:
        east = zone
    if east is None:
        expected = "UTC, Z, an offset such as +08:00, UTC+8, BJT or Asia/Shanghai"
        raise Unusable(position, "a time zone that means several things, or none", found["zone"], expected)
    try:
        parts = [int(found[name] or 0) for name in ("year", "month", "day", "hour", "minute", "second")]
        when = cftime.datetime(*parts, calendar=calendar) - cftime.datetime(1970, 1, 1, calendar=calendar)
    except (ValueError, OverflowError):
        raise Unusable(position, "not a moment", words[:100], "for instance 2023-01-18T12:00:00Z") from None
    return int(when.total_seconds()) - east


def zone_of(words: str) -> int | None:
    """Give a zone in seconds east of UTC, None for one that is not understood."""
    plain = " ".join(words.strip("\0 \t\r\n()").lower().split())
    if plain in ZONES_H:
        return ZONES_H[plain] * HOUR_S
    found = _OFFSET.fullmatch(plain)
    if found is None or int(found["hours"]) > 14 or int(found["minutes"] or 0) > 59:
        return None
    if not found["sign"] and plain.startswith(("utc", "gmt")):
        return None
    east = int(found["hours"]) * HOUR_S + int(found["minutes"] or 0) * 60
    return -east if found["sign"] == "-" else east


def times(raw: np.ndarray, attrs: Mapping, position: str, *, of_file: Mapping) -> np.ndarray:
    """Decode times to int64 [epoch s], rounded to the second, of the shape of raw.

    attrs: of the variable; of_file: global ones, which may name a zone. Raise Unusable for a time that is missing, for a unit, a
    zone or a calendar that is not understood, and for what lies before FIRST_YEAR or after LAST_YEAR.
    """
    units, calendar = text(attrs, "units"), text(attrs, "calendar").lower()
    counted = _plain_numbers(raw, attrs, position)
    if calendar not in CALENDARS:
        raise Unusable(position, "not a calendar of real days", calendar, "standard, gregorian or proleptic_gregorian")
    if units.lower() == ABSOLUTE_DAYS:
        _require_utc("", attrs, of_file, position)
        return _absolute(counted, position)
    if units.lower() in UNITS_S and (day := _IN_WORDS.fullmatch(text(attrs, "long_name"))):
        units = f"{units} since {day[1]}"
    found = _SINCE.fullmatch(units)
    if found is None:
        raise Unusable(position, "time has no reference", units, "units such as hours since 2023-01-18 12:00:00")
    start = _reference(found["moment"], attrs, of_file, position, CALENDARS[calendar])
    return start + _seconds(counted, found["unit"], position, start)


def spans(raw: np.ndarray, attrs: Mapping, position: str) -> np.ndarray:
    """Decode spans of time ("hours", no reference) to int64 [s]; errors as times."""
    return _seconds(_plain_numbers(raw, attrs, position), text(attrs, "units"), position, None)


def possible(seconds: float) -> bool:
    """Whether epoch seconds lie in the years in which a forecast can."""
    return _SPAN[0] <= seconds <= _SPAN[1]


def iso(seconds: int) -> str:
    """Write epoch seconds as 2023-01-18T12:00:00Z; what no calendar of ours holds as seconds."""
    if not possible(seconds):
        return f"{int(seconds)} s after 1970"
    return (_EPOCH + dt.timedelta(seconds=int(seconds))).strftime("%Y-%m-%dT%H:%M:%SZ")


def require_utc(attrs: Mapping, of_file: Mapping, position: str) -> None:
    """Raise Unusable where attributes of a time that is UTC by its layout say that it is another one."""
    _require_utc("", attrs, of_file, position)


def _moment(words: str) -> re.Match | None:
    return _MOMENT.fullmatch(_COMPACT.sub(r"\1-\2-\3", words.strip("\0 \t\r\n")[:100]))


def _reference(words: str, attrs: Mapping, of_file: Mapping, position: str, calendar: str) -> int:
    found = _moment(words)
    zone = (found["zone"] or "") if found else ""
    named = zone_of(_zone_attribute(attrs, of_file)) if _zone_attribute(attrs, of_file) else None
    if zone_of(zone) is not None or not zone:
        _require_utc(zone, attrs, of_file, position)
    return moment(words, position, calendar=calendar, zone=named)


def _require_utc(zone: str, attrs: Mapping, of_file: Mapping, position: str) -> None:
    """Refuse a zone in an attribute that is not that of the units, and words of local time where the units name none."""
    said, expected = _zone_attribute(attrs, of_file), "the zone in the units, for instance +08:00, or UTC throughout"
    if said and zone_of(said) != zone_of(zone):
        raise Unusable(position, "an attribute names another time zone than the units", said, expected)
    words = " ".join(text(attrs, str(name)) for name in attrs if name not in ("units", "calendar", *ZONE_ATTRIBUTES))
    prose = "; ".join(text(of_file, name) for name in PROSE if text(of_file, name))
    if not zone and (found := LOCAL.search(words) or (not said and SAYS_LOCAL.search(prose))):
        raise Unusable(position, "time without a zone that is said to be local", found[0], expected)


def _zone_attribute(attrs: Mapping, of_file: Mapping) -> str:
    return next((text(a, n) for a in (attrs, of_file) for n in ZONE_ATTRIBUTES if text(a, n)), "")


def _seconds(counted: np.ndarray, unit: str, position: str, start: int | None) -> np.ndarray:
    length = UNITS_S.get(unit.strip().lower())
    if length is None:
        months = unit.strip().lower().startswith(("month", "year", "common_year", "season"))
        reason = "a month and a year have no one length" if months else "time is counted in an unknown unit"
        raise Unusable(position, reason, unit, "seconds, minutes, hours or days")
    seconds = counted * length
    # A span without a start is one of a run, which is shorter than all the years in which one can lie.
    low, high = (s - start for s in _SPAN) if start is not None else (-_LONGEST_S, _LONGEST_S)
    if seconds.size and not low <= seconds.min() <= seconds.max() <= high:
        said = f"{seconds.min():g} to {seconds.max():g} s" + (f" after {iso(start)}" if start is not None else "")
        raise Unusable(position, "time lies beyond any forecast", said, f"{FIRST_YEAR} to {LAST_YEAR}")
    # Days as floating-point numbers miss the full hour by microseconds.
    return np.rint(seconds).astype(np.int64)


def _absolute(counted: np.ndarray, position: str) -> np.ndarray:
    days = np.floor(counted)
    seconds = np.rint((counted - days) * DAY_S).astype(np.int64)
    try:
        dates = [dt.datetime.strptime(f"{int(day):08d}", "%Y%m%d") for day in days.ravel().tolist()]
    except ValueError:
        raise Unusable(position, "not a day as YYYYMMDD", f"{days.ravel()[0]:g}", "for instance 20230118.5") from None
    return np.array([int((date - _EPOCH).total_seconds()) for date in dates], np.int64).reshape(counted.shape) + seconds


def _plain_numbers(raw: np.ndarray, attrs: Mapping, position: str) -> np.ndarray:
    """Give float64 of what is stored, unpacked; a time that is missing is refused."""
    if raw.dtype.kind not in "iuf":
        raise Unusable(
            position, "time is no number", raw.dtype.name, "numbers, and units such as hours since 2023-01-18"
        )
    missing = np.zeros(raw.shape, bool) | ~np.isfinite(raw)
    for name in ("_FillValue", "missing_value"):
        for mark in numbers(attrs, name) if numbers(attrs, name) is not None else ():
            missing |= raw == mark
    if missing.any():
        at = int(np.argmax(missing))
        raise Unusable(f"{position}, step {at + 1}", "a time is missing", raw.ravel()[at], "a time for every step")
    packing = [
        number(attrs, name) if name in attrs else neutral
        for name, neutral in (("scale_factor", 1.0), ("add_offset", 0.0))
    ]
    if None in packing:
        raise Unusable(position, "scale_factor or add_offset is no number", "", "one finite number")
    return raw.astype(np.float64) * packing[0] + packing[1]
