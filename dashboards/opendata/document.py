"""The OpenAPI 3.1 document, made from the collections themselves so that it cannot say anything else."""

from __future__ import annotations

from functools import cache
from typing import Any

import sqlalchemy as sa

from dashboards.opendata import document_of_assessments as of_assessments
from dashboards.opendata import parameters, terms
from dashboards.opendata.offered import COLLECTIONS, Collection, shown_as, unit_of
from standards.pollutants import ITEMS

Node = dict[str, Any]
_TEXT, _WHOLE = {"type": "string"}, {"type": "integer"}
_WHEN = (
    "ISO 8601, UTC without an offset; a date alone is that natural day in Asia/Shanghai, whole: of hours those ending 01:00 to "
    "24:00 there"
)
_ASKED: dict[str, tuple[str, Node]] = {
    "city": ("six-digit codes, joined by commas", _TEXT), "station": ("codes of stations, joined by commas", _TEXT),
    "kind": ("haze, ozone, or both joined by commas", _TEXT),
    "item": (f"only concentrations of these, joined by commas: {', '.join(ITEMS)}", _TEXT),
    "from": (f"first moment, included: {_WHEN}", _TEXT),
    "to": (f"last moment, included: {_WHEN}", _TEXT),
    "run": ("run of a model: MODEL/YYYY-MM-DDTHHZ", _TEXT),
    "lead": ("hours from the start of the run; needs run, or from and to", {**_WHOLE, "minimum": 0, "maximum": 9999}),
    "quantity": ("pm25, o3 or ox; needs from and to", _TEXT),
    "span": ("hour, day, mda8 or episode; needs from and to", _TEXT),
    "limit": ("rows of a page", {**_WHOLE, "minimum": 1, "maximum": parameters.LARGEST_LIMIT,
                                 "default": parameters.DEFAULT_LIMIT}),
    "cursor": ("where the page before ended: meta.cursor, unchanged, with the same filters", _TEXT),
    "since": (f"first moment of revisions: {_WHEN}", _TEXT),
}  # fmt: skip
_TYPES = (
    (sa.Boolean, {"type": ["boolean", "null"]}), (sa.DateTime, {"type": ["string", "null"], "format": "date-time"}),
    (sa.Date, {"type": ["string", "null"], "format": "date"}), (sa.Float, {"type": ["number", "null"]}),
    (sa.Integer, {"type": ["integer", "null"]}),
)  # fmt: skip


@cache
def openapi() -> Node:
    """Give the document; the same for every data version."""
    paths = {f"/{each.name}": _path(each.name, _asked(parameters.names(each))) for each in COLLECTIONS.values()}
    paths["/cities"] = _path("cities", [])
    paths["/stations"] = _path("stations", _asked(["city"]))
    paths["/changes"] = _path("changes", _asked(["since", "cursor", "limit"]))
    paths |= of_assessments.paths()
    rows = {_schema(each.name): _row(each) for each in COLLECTIONS.values()}
    return {
        "openapi": "3.1.0",
        "info": {"title": terms.SOURCE, "version": "1", "description": f"{terms.PERIOD}. {terms.NOTICE}.",
                 "license": {"name": terms.LICENCE, "url": terms.LICENCE_URL}},
        "servers": [{"url": "/api/v1"}],
        "paths": dict(sorted(paths.items())),
        "components": {"schemas": {**rows, **_PLACES, **of_assessments.schemas(), **_SHARED}},
    }  # fmt: skip


def _path(name: str, asked: list[Node]) -> Node:
    page = {
        "type": "object", "required": ["meta", "data"],
        "properties": {"meta": _ref("Meta"), "data": {"type": "array", "items": _ref(_schema(name))}},
    }  # fmt: skip
    told = {"304": "what the reader has is the newest", "422": "a parameter is not understood",
            "429": "too many requests; see Retry-After", "503": "the store cannot be read yet"}  # fmt: skip
    answers: Node = {"200": {"description": f"a page of {name}", "content": _json(page)}}
    for code, text in told.items():
        answers[code] = {"description": text} | ({} if code == "304" else {"content": _json(_ref("Error"))})
    return {"get": {"operationId": name, "summary": name, "parameters": asked, "responses": answers}}


def _asked(names: list[str]) -> list[Node]:
    return [{"name": n, "in": "query", "description": _ASKED[n][0], "schema": _ASKED[n][1]} for n in names]


def _row(collection: Collection) -> Node:
    told = {shown_as(collection, column.name): _column(column) for column in collection.columns()}
    if collection.name == "attributions":
        parts = {"type": ["object", "null"], "additionalProperties": {"type": "number"}}
        told |= {"sectors_ugm3": parts, "places_ugm3": parts, "reasons": {"type": "array"}}
    # A reader of the items he asked for gets no others.
    return {"type": "object", "required": list(collection.key), "properties": told}


def _column(column: sa.Column) -> Node:
    kind = next((node for of, node in _TYPES if isinstance(column.type, of)), {"type": ["string", "null"]})
    if not column.nullable:
        kind = {**kind, "type": kind["type"][0]}
    unit, comment = unit_of(column.name), column.comment
    text = "; ".join(filter(None, (comment, f"unit: {unit}" if unit else "")))
    return {**kind, "description": text} if text else kind


def _schema(name: str) -> str:
    words = {"cities": "City", "stations": "Station", "changes": "Change"}
    return words.get(name) or "".join(part.title() for part in name.rstrip("s").split("-"))


def _ref(name: str) -> Node:
    return {"$ref": f"#/components/schemas/{name}"}


def _json(schema: Node) -> Node:
    return {"application/json": {"schema": schema}}


def _object(required: list[str], **more: Node) -> Node:
    properties = {**dict.fromkeys(required, _TEXT), **more}
    return {"type": "object", "required": required, "properties": properties}


_DAY = {"type": ["string", "null"], "format": "date"}
_PLACES = {
    "City": _object(["city", "name_zh", "name_en"]),
    "Station": _object(["station"], city={"type": ["string", "null"]}, kind=_TEXT, name_zh=_TEXT,
                       valid_from=_DAY, valid_to=_DAY, longitude_deg={"type": "number"}, latitude_deg={"type": "number"}),
}  # fmt: skip
_META = _object(
    ["licence", "licence_url", "citation", "source", "data_version", "period", "notice"], count=_WHOLE,
    cursor={"type": ["string", "null"]}, next={"type": ["string", "null"]},
    units={"type": "object", "additionalProperties": _TEXT},
)  # fmt: skip
_CHANGE = _object(
    ["collection", "superseded_at", "now"],
    version=_WHOLE,
    before={"type": "object"},
    city=_TEXT,
    station=_TEXT,
    hour_end=_TEXT,
    day=_TEXT,
)
_ERROR = {
    "type": "object", "required": ["error"],
    "properties": {"error": _object(["what", "where", "expected"], status=_WHOLE)},
}  # fmt: skip
_SHARED = {"Change": _CHANGE, "Meta": _META, "Error": _ERROR}
