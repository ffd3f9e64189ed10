"""What the OpenAPI document says of assessments and publications, with examples that are answers."""

from __future__ import annotations

from typing import Any

from dashboards.opendata import parameters, terms
from dashboards.phase.question import EXPECTED
from dashboards.publications.office_tables import STATES

Node = dict[str, Any]
_TEXT, _WHOLE, _YES = {"type": "string"}, {"type": "integer"}, {"type": "boolean"}
_DAY, _MOMENT = {"type": "string", "format": "date"}, {"type": "string", "format": "date-time"}
_SHA = {"type": "string", "pattern": "^[0-9a-f]{64}$"}
_ASKED = (
    ("period", f"which days, written as {EXPECTED}", True, "2026-Q3"),
    ("base", "the period that it is compared with, written alike; by default the same days of the year before", False, "2025-Q3"),
    ("edition", "the edition under which both are compared; by default the one in force at the end of the period", False,
     "2026T"),
    ("places", "codes of cities joined by commas, with region for all of them together; by default all and the region", False,
     "510100,510600,region"),
)  # fmt: skip
_NUMBER = {
    "name": "number", "in": "path", "required": True, "schema": {"type": "string", "pattern": r"^\d{4}-\d{3,6}(r\d{1,3})?$"},
    "description": "number of a publication, 2026-014, or of its first revision, 2026-014r1", "example": "2026-014r1",
}  # fmt: skip
_REFUSALS = {
    "404": "there is no such publication for everybody", "422": "a parameter is not understood",
    "429": "too many requests; see Retry-After", "503": "what is asked for cannot be read yet",
}  # fmt: skip


def paths() -> dict[str, Node]:
    """Give the paths of assessments and publications."""
    question = [
        {"name": n, "in": "query", "description": d, "required": r, "schema": _TEXT, "example": e} for n, d, r, e in _ASKED
    ]  # fmt: skip
    pages = [
        {"name": "limit", "in": "query", "description": "publications of a page",
         "schema": {**_WHOLE, "minimum": 1, "maximum": parameters.LARGEST_LIMIT, "default": parameters.DEFAULT_LIMIT}},
        {"name": "cursor", "in": "query", "description": "where the page before ended: meta.cursor, unchanged", "schema": _TEXT},
    ]  # fmt: skip
    listed = {"type": "array", "items": _ref("Publication")}
    return {
        "/assessment": _path("assessment", "the assessment of a period as the store gives it now: a draft", question,
                             _enveloped(_ref("Content")), ("422", "429", "503")),
        "/publications": _path("publications", "what was published, the newest first", pages, _enveloped(listed),
                               ("404", "422", "429", "503"), {"meta": _EXAMPLE_META, "data": [EXAMPLE]}),
        "/publications/{number}": _path("publication", "record, content and changes of a publication", [_NUMBER],
                                        _enveloped(_ref("PublicationWhole"))),
        "/publications/{number}/content": _path(
            "publicationContent", "the frozen content, the bytes that content_sha256 is of; they never change", [_NUMBER],
            _ref("Content")),
        "/publications/{number}/inputs": _path(
            "publicationInputs", "the recorded inputs, the bytes that inputs_sha256 is of: the content comes out of them",
            [_NUMBER], {"type": "object", "required": ["question"]}),
    }  # fmt: skip


def schemas() -> dict[str, Node]:
    """Give the schemas that the paths speak of."""
    told = {
        "publication": {**_TEXT, "description": "number and revision"}, "revision": _WHOLE, "title_zh": _TEXT, "title_en": _TEXT,
        "period": _TEXT, "first_day": _DAY, "last_day": _DAY, "edition": _TEXT,
        "simulated": {**_YES, "description": "true where a number of it is no measurement"},
        "state": {"enum": list(STATES)}, "state_at": _MOMENT,
        "state_reason": {**_TEXT, "description": "which revision superseded it, or why it was withdrawn"},
        "reason": {**_TEXT, "description": "why a revision was made"}, "frozen_at": _MOMENT, "frozen_by": _TEXT,
        "content_sha256": _SHA, "inputs_sha256": _SHA, "software": {**_TEXT, "description": "digest of what computed it"},
        "question": {"type": "object", "additionalProperties": _TEXT}, "page": _TEXT, "content_address": _TEXT,
        "inputs_address": _TEXT,
    }  # fmt: skip
    whole = {
        "revisions": {"type": "array", "items": _TEXT}, "content": _ref("Content"),
        "changes": _object({name: {"type": "array", "items": {"type": "object"}} for name in ("cells", "days")}),
    }  # fmt: skip
    return {
        "Publication": _object(told), "PublicationWhole": _object({**told, **whole}), "Content": _content(),
        "AssessmentTable": _table(),
    }  # fmt: skip


def _content() -> Node:
    tables = {"type": "array", "items": _ref("AssessmentTable")}
    return {
        **_object({
            "question": {"type": "object"}, "about": {"type": "object"}, "tables": tables,
            "summary": {"type": "array", "items": {"type": "object", "required": ["key"]}},
            "by_edition": {"type": "object", "additionalProperties": tables},
        }),
        "description": "tables of values as the standard rounds them; null is NA, with its reason in why_missing",
    }  # fmt: skip


def _table() -> Node:
    column = _object({"key": _TEXT, "kind": _TEXT, "unit": _TEXT, "decimals": _WHOLE, "family": _TEXT})
    row = {"type": "array", "items": {"type": ["number", "string", "null"]}}
    return _object({
        "key": _TEXT, "columns": {"type": "array", "items": column}, "rows": {"type": "array", "items": row},
        "notes": {"type": "array", "items": _TEXT}, "sources": {"type": "array", "items": _TEXT},
        "why_missing": {"type": "object", "additionalProperties": _TEXT, "description": '"row:column key" to a reason'},
    })  # fmt: skip


def _path(
    name: str, summary: str, asked: list[Node], schema: Node, refusals: tuple[str, ...] = tuple(_REFUSALS),
    example: Node | None = None,
) -> Node:  # fmt: skip
    body = {"schema": schema} | ({"example": example} if example else {})
    answers: Node = {
        "200": {"description": summary, "content": {"application/json": body}},
        "304": {"description": "what the reader has is the newest"},
    }
    for code in refusals:
        answers[code] = {"description": _REFUSALS[code], "content": {"application/json": {"schema": _ref("Error")}}}
    return {"get": {"operationId": name, "summary": summary, "parameters": asked, "responses": answers}}


def _enveloped(data: Node) -> Node:
    return _object({"meta": _ref("Meta"), "data": data})


def _object(properties: dict[str, Node]) -> Node:
    return {"type": "object", "required": list(properties), "properties": properties}


def _ref(name: str) -> Node:
    return {"$ref": f"#/components/schemas/{name}"}


EXAMPLE: Node = {
    "publication": "2026-014r1", "revision": 1, "title_zh": "2026年第三季度环境空气质量评估",
    "title_en": "Air quality, third quarter of 2026", "period": "2026-Q3", "first_day": "2026-07-01", "last_day": "2026-09-30",
    "edition": "2026T", "simulated": True, "state": "published", "state_at": "2026-10-14T02:00:00Z",
    "state_reason": "", "reason": "站点数据复核", "frozen_at": "2026-10-14T02:00:00Z", "frozen_by": "zhao",
    "content_sha256": "0" * 64, "inputs_sha256": "0" * 64, "software": "0123456789abcdef",
    "question": {"period": "2026-Q3", "base": "2025-Q3", "edition": "2026T", "places": "510100,region"},
    "page": "/publications/2026-014r1", "content_address": "/api/v1/publications/2026-014r1/content",
    "inputs_address": "/api/v1/publications/2026-014r1/inputs",
}  # fmt: skip
_EXAMPLE_META: Node = {
    "licence": terms.LICENCE, "licence_url": terms.LICENCE_URL, "citation": f"{terms.SOURCE}: publications",
    "source": terms.SOURCE, "data_version": "0123456789abcdef", "period": "natural days in Asia/Shanghai, both ends included",
    "notice": "the content of a number never changes; state says whether it still stands", "count": 1, "cursor": None,
    "next": None,
}  # fmt: skip
