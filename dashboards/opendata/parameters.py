"""Read what a program asks for: every parameter is understood or refused in words, and nothing is guessed."""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import hashlib
import json
import re
from collections.abc import Collection as Values
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dashboards.moment import SHANGHAI
from dashboards.opendata.offered import Collection
from dashboards.opendata.problems import Problem
from standards.pollutants import ITEMS

DEFAULT_LIMIT, LARGEST_LIMIT = 200, 1000
LARGEST_QUERY = 2000
"""Letters of a query."""
MOST_PLACES = 100
SPARSE_SPAN = dt.timedelta(days=92)
"""Filters that leave few rows of many ask for a period no longer than this."""
START, FIRST, LAST = (dt.timedelta(hours=hour) for hour in (0, 1, 24))
"""Of a natural day: its midnight, and the ends of its first and of its last hour."""
RUN_REACH = dt.timedelta(days=40)
"""No run reaches further ahead."""
_TEXT = re.compile(r"[\w./:+-]{1,80}")
_ID = re.compile(r"[0-9]{1,15}")


@dataclass(frozen=True)
class Asked:
    """A request for a page of rows, understood. after: the key of the row before the page."""

    places: tuple[str, ...]
    items: tuple[str, ...]
    first: dt.date | None
    last: dt.date | None
    equal: Mapping[str, Any]
    after: tuple[Any, ...] | None
    limit: int
    filters: str
    """What tells these filters from others: a cursor serves only those it was given for."""


def names(collection: Collection) -> list[str]:
    """Give the parameters that a collection understands."""
    items = ["item"] if collection.has_items else []
    return [collection.place, *items, "from", "to", *map(public, collection.texts), "limit", "cursor"]


def public(column: str) -> str:
    """Give the parameter of a column."""
    return "lead" if column == "lead_hours" else column


def read(collection: Collection, given: Mapping[str, list[str]], places: Values[str]) -> Asked:
    """Understand the parameters of a request; Problem where one is not. places: what the first part of the key may be."""
    one = single(given, names(collection))
    first, last = (_moment(one, name, daily=collection.is_daily) for name in ("from", "to"))
    if first is not None and last is not None and first > last:
        raise Problem("the period ends before it begins", "from", "a moment that is not after to")
    equal = {name: _value(public(name), one[public(name)]) for name in collection.texts if public(name) in one}
    first, last = _bounded(collection, equal, first, last)
    filters = {name: value for name, value in one.items() if name not in ("limit", "cursor")}
    mark = hashlib.sha256(json.dumps([collection.name, sorted(filters.items())]).encode()).hexdigest()[:12]
    wanted = _listed(one, collection.place, places, MOST_PLACES) or tuple(places)
    after = _key(one["cursor"], mark, collection) if "cursor" in one else None
    items = _listed(one, "item", ITEMS, len(ITEMS))
    return Asked(wanted, items, first, last, equal, after, limit_of(one), mark)


def single(given: Mapping[str, list[str]], known: list[str]) -> dict[str, str]:
    """Give each parameter's one value; Problem for one that is unknown, given twice or holds what no text holds."""
    for name, values in given.items():
        if name not in known:
            raise Problem(f"unknown parameter {shown(name)}", name[:40], f"some of {', '.join(known)}")
        if len(values) != 1:
            raise Problem(f"{name} is given {len(values)} times", name, "one value; several are joined by commas")
        if "\0" in values[0] or not values[0]:
            raise Problem(f"{name} is {shown(values[0])}", name, "a text that is not empty and has no NUL in it")
    return {name: values[0] for name, values in given.items()}


def limit_of(one: Mapping[str, str]) -> int:
    """Read how many rows a page may have."""
    text = one.get("limit", str(DEFAULT_LIMIT))
    if not _ID.fullmatch(text) or not 1 <= int(text) <= LARGEST_LIMIT:
        raise Problem(f"limit is {shown(text)}", "limit", f"a whole number from 1 to {LARGEST_LIMIT}")
    return int(text)


def moment(text: str, where: str, *, of_day: dt.timedelta = START) -> dt.datetime:
    """Read a moment as naive UTC; without an offset it is UTC.

    A day alone is that of Beijing, as all days of the platform. of_day: which moment of it, counted from its midnight.
    """
    try:
        if (day := _day(text)) is not None:
            return dt.datetime.combine(day, dt.time()) - SHANGHAI + of_day
        read = dt.datetime.fromisoformat(text.replace(" ", "+"))
        return read if read.tzinfo is None else read.astimezone(dt.UTC).replace(tzinfo=None)
    except (ValueError, OverflowError):
        expected = "ISO 8601, for instance 2026-11-29T05:00:00Z, or a day of Beijing, 2026-11-29"
        raise Problem(f"{where} is {shown(text)}", where, expected) from None


def _day(text: str) -> dt.date | None:
    """Read a day alone, None where the text is none."""
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return None


def cursor(mark: str, key: list[Any]) -> str:
    """Write where a page ended as an opaque text."""
    parts = [part.isoformat() if isinstance(part, dt.date) else part for part in key]
    return base64.urlsafe_b64encode(json.dumps([mark, *parts]).encode()).decode().rstrip("=")


def parts_of(text: str) -> list[Any]:
    """Give what cursor wrote; Problem where it is none."""
    try:
        parts = json.loads(base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True))
    except (binascii.Error, ValueError, RecursionError):
        parts = None
    if not isinstance(parts, list) or len(text) > 400 or "\0" in json.dumps(parts) or "\\u0000" in json.dumps(parts):
        raise Problem("the cursor is none that was given", "cursor", "the cursor of meta.next, unchanged")
    return parts


def shown(text: str) -> str:
    """Give a text of a stranger, short, so that it can be repeated to him."""
    return repr(text[:40] + ("…" if len(text) > 40 else ""))


def _key(text: str, mark: str, collection: Collection) -> tuple[Any, ...]:
    parts = parts_of(text)
    bad = Problem(
        "the cursor belongs to another query", "cursor", "the cursor of meta.next with the filters it came with"
    )
    if len(parts) != 1 + len(collection.key) or parts[0] != mark or not all(isinstance(p, str) for p in parts):
        raise bad
    kind = dt.date if collection.is_daily else dt.datetime
    try:
        at = kind.fromisoformat(parts[2])
    except ValueError:
        raise bad from None
    if getattr(at, "tzinfo", None) is not None or any(not p.isprintable() for p in parts):
        raise bad
    return (parts[1], at, *parts[3:])


def _moment(one: Mapping[str, str], name: str, *, daily: bool) -> dt.date | None:
    if name not in one:
        return None
    if not daily:
        return moment(one[name], name, of_day=LAST if name == "to" else FIRST)
    if (day := _day(one[name])) is not None:
        return day
    try:
        return (moment(one[name], name) + SHANGHAI).date()
    except OverflowError:
        raise Problem(f"{name} is {shown(one[name])}", name, "a day that the calendar has") from None


def _bounded(
    collection: Collection, equal: Mapping[str, Any], first: dt.date | None, last: dt.date | None
) -> tuple[dt.date | None, dt.date | None]:
    """Give the period that has to be looked through; Problem where filters would leave few rows of all the years."""
    if "run" in equal:
        start = moment(equal["run"].rpartition("/")[2], "run")
        if not dt.datetime(1900, 1, 1) < start < dt.datetime(9000, 1, 1):
            raise Problem(f"run is {shown(equal['run'])}", "run", "MODEL/YYYY-MM-DDTHHZ")
        return max(start, first or start), min(start + RUN_REACH, last or start + RUN_REACH)
    if collection.sparse & equal.keys() and (first is None or last is None or last - first >= SPARSE_SPAN + LAST):
        filters = ", ".join(sorted(map(public, collection.sparse & equal.keys())))
        raise Problem(f"{filters} over too long a period", "from", f"from and to at most {SPARSE_SPAN.days} days apart")
    return first, last


def _value(name: str, text: str) -> Any:
    if name == "lead":
        if not _ID.fullmatch(text) or int(text) > 9999:
            raise Problem(f"lead is {shown(text)}", name, "whole hours from 0 to 9999")
        return int(text)
    if not _TEXT.fullmatch(text):
        raise Problem(f"{name} is {shown(text)}", name, "a name of at most 80 letters, digits and . / : + -")
    return text


def _listed(one: Mapping[str, str], name: str, known: Values[str], most: int) -> tuple[str, ...]:
    values = tuple(dict.fromkeys(one[name].split(","))) if name in one else ()
    if len(values) > most:
        raise Problem(f"{name} names {len(values)}", name, f"at most {most} of them in one request")
    for value in values:
        if value not in known:
            raise Problem(f"unknown {name} {shown(value)}", name, f"some of {', '.join(sorted(known)[:20])}")
    return values
