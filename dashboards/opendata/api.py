"""The JSON API: places, and rows of each collection, page by page; and what was revised since."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any
from urllib.parse import urlencode

import flask
import sqlalchemy as sa

from dashboards.context import current
from dashboards.opendata import parameters
from dashboards.opendata.answers import answer, not_modified, opened
from dashboards.opendata.offered import BY_TABLE, COLLECTIONS, Collection, shown_as, unit_of
from dashboards.opendata.problems import Problem
from dashboards.queries import opendata as queries
from streams.store.attribution import SECTORS, contributions_of
from streams.store.known import places_of

KINDS = ("haze", "ozone")
CHANGES = ("since", "cursor", "limit")


def rows(name: str) -> flask.Response:
    """Answer with a page of a collection."""
    collection = COLLECTIONS.get(name)
    if collection is None:
        raise Problem(f"there is no {parameters.shown(name)}", "path", f"one of {', '.join(COLLECTIONS)}", 404)
    with opened() as (connection, version):
        asked = parameters.read(collection, _given(), _places(connection, collection))
        if unchanged := not_modified(version):
            return unchanged
        columns, key = collection.columns(asked.items), [collection.table.c[each] for each in collection.key]
        read = [*columns, *_packed(collection)]
        found = queries.page(
            connection, read, key, asked.places, first=asked.first, last=asked.last, equal=asked.equal,
            after=asked.after, size=asked.limit + 1,
        )  # fmt: skip
    page, more = found[: asked.limit], len(found) > asked.limit
    end = parameters.cursor(asked.filters, [page[-1][each] for each in collection.key]) if more else None
    data = [_written(collection, row, columns) for row in page]
    return answer(data, version, count=len(data), cursor=end, next=_next(end), units=_units(collection, columns))


def cities() -> flask.Response:
    """Answer with the cities of the registry."""
    parameters.single(_given(), [])
    with opened() as (_, version):
        if unchanged := not_modified(version):
            return unchanged
        known = current().registry.cities.values()
        data = [{"city": city.code, "name_zh": city.name_zh, "name_en": city.name_en} for city in known]
        return answer(data, version, count=len(data), next=None)


def stations() -> flask.Response:
    """Answer with the stations of the registry, of all cities or of some."""
    one = parameters.single(_given(), ["city"])
    registry = current().registry
    with opened() as (_, version):
        wanted = one["city"].split(",") if "city" in one else None
        if unknown := [city for city in wanted or () if city not in registry.cities]:
            expected = f"some of {', '.join(registry.cities)}"
            raise Problem(f"unknown city {parameters.shown(unknown[0])}", "city", expected)
        if unchanged := not_modified(version):
            return unchanged
        data = [_station(each) for each in registry.stations.values() if wanted is None or each.city in wanted]
        return answer(data, version, count=len(data), next=None)


def changes() -> flask.Response:
    """Answer with rows that a revision or a correction replaced, in that order, as they were before."""
    one = parameters.single(_given(), list(CHANGES))
    size = parameters.limit_of(one)
    if ("since" in one) == ("cursor" in one):
        raise Problem("neither or both of since and cursor are given", "since", "since=MOMENT first, then cursor=...")
    with opened() as (connection, version):
        if "cursor" in one:
            after = _id_of(one["cursor"])
        else:
            after = queries.replaced_since(connection, parameters.moment(one["since"], "since"))
        if unchanged := not_modified(version):
            return unchanged
        found = queries.replaced(connection, after, size)
    end = parameters.cursor("changes", [found[-1]["id"] if found else after])
    address = f"{flask.request.path}?{urlencode({'cursor': end, 'limit': size})}"
    data = [_change(row) for row in found if row["table"] in BY_TABLE]
    return answer(data, version, count=len(data), cursor=end, next=address)


def _given() -> dict[str, list[str]]:
    if len(flask.request.query_string) > parameters.LARGEST_QUERY:
        what = f"the query has {len(flask.request.query_string)} letters"
        raise Problem(what, "query", f"at most {parameters.LARGEST_QUERY}; ask for fewer places at once")
    return flask.request.args.to_dict(flat=False)


def _places(connection: sa.Connection, collection: Collection) -> list[str]:
    registry = current().registry
    if collection.place == "kind":
        return list(KINDS)
    known = registry.cities if collection.place == "city" else registry.stations
    return list(dict.fromkeys([*known, *places_of(connection, collection.table)]))


def _packed(collection: Collection) -> list[sa.Column]:
    return [collection.table.c.packed] if collection.name == "attributions" else []


def _written(collection: Collection, row: dict[str, Any], columns: list[sa.Column]) -> dict[str, Any]:
    """Write a row with the names of its columns; of an attribution with what each sector and place contributes."""
    written = {shown_as(collection, column.name): row[column.name] for column in columns}
    if collection.name == "attributions":
        written |= {"reasons": json.loads(row["reasons"]), **_contributions(row)}
    return written


def _contributions(row: dict[str, Any]) -> dict[str, Any]:
    told = contributions_of(row)
    if told is None:
        return {"sectors_ugm3": None, "places_ugm3": None}
    values, outside = told.values, round(float(told.outside), 3)
    sectors = {name: round(float(value), 3) for name, value in zip(SECTORS, values.sum(axis=1), strict=True)}
    places = {name: round(float(value), 3) for name, value in zip(told.cities, values.sum(axis=0), strict=True)}
    return {"sectors_ugm3": {**sectors, "outside": outside}, "places_ugm3": {**places, "outside": outside}}


def _units(collection: Collection, columns: list[sa.Column]) -> dict[str, str]:
    return {shown_as(collection, column.name): unit for column in columns if (unit := unit_of(column.name))}


def _next(end: str | None) -> str | None:
    if end is None:
        return None
    asked = {**flask.request.args.to_dict(), "cursor": end}
    return f"{flask.request.path}?{urlencode(asked)}"


def _station(station: Any) -> dict[str, Any]:
    told = {name: getattr(station, name) for name in ("city", "name_zh", "kind", "valid_from", "valid_to")}
    return {"station": station.code, **told, "longitude_deg": station.lon, "latitude_deg": station.lat}


def _id_of(text: str) -> int:
    parts = parameters.parts_of(text)
    if len(parts) != 2 or parts[0] != "changes" or type(parts[1]) is not int or not 0 <= parts[1] < 2**31:
        raise Problem("the cursor is none of this feed", "cursor", "the cursor of meta.next, unchanged")
    return parts[1]


def _change(row: dict[str, Any]) -> dict[str, Any]:
    """Write a replaced row: what it was, and where the row stands that took its place."""
    collection = BY_TABLE[row["table"]]
    place, at = row["key"].split("/")[:2]
    asked = urlencode({collection.place: place, "from": at, "to": at})
    old = json.loads(row["row"])
    moment = at if collection.is_daily else dt.datetime.fromisoformat(at)
    was = {c.name: _typed(c, old.get(c.name)) for c in collection.columns() if c.name in old}
    return {
        "collection": collection.name, collection.place: place, collection.time: moment, "version": row["version"],
        "superseded_at": row["superseded_at"], "before": was, "now": f"/api/v1/{collection.name}?{asked}",
    }  # fmt: skip


def _typed(column: sa.Column, value: Any) -> Any:
    """Give a value out of JSON that a database wrote as the type of its column."""
    if value is None:
        return None
    if isinstance(column.type, sa.Boolean):
        return bool(value)
    return dt.datetime.fromisoformat(value) if isinstance(column.type, sa.DateTime) else value
