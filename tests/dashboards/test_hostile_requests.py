"""Whatever is asked of any address, page or callback, the answer is no failure, is not empty, and has the headers of safety."""

from __future__ import annotations

import json
import logging
import random
import re
from collections.abc import Iterator

import pytest
from werkzeug.test import Client, EnvironBuilder

from dashboards.app import create_app, create_portal
from dashboards.context import Context
from dashboards.snapshots.front import SAFE, Front
from streams import registry
from tests.dashboards.conftest import NOW

UPDATE = "/_dash-update-component"
EACH = 4
"""Malformed requests of each address and callback."""
VALUES = (
    None, True, 0, -1, 10**30, 1e308, float("nan"), float("inf"), "", " ", "x", "NaN", "null", "510100", "成都", "510100\x00",
    "%", "%00", "%FF", "../../etc/passwd", "' OR 1=1 --", "<script>alert(1)</script>", "{{7*7}}", "\r\nSet-Cookie: a=b", "\ud800",
    "🌫" * 50, "a" * 5000, "2023-02-30", "0000-00-00", "9999-12-31T23:00", "2023-01-20T05:00+99:00", "-1", "1e999", "１２",
    "2023-01-21", "pm25", "zh", "en", [], [None], ["510100", 5], {}, {"city": {}}, {"city": "510100", "hour": "x"}, {"id": [1]},
    [[[[[]]]]], "[" * 3000,
)  # fmt: skip
NAMES = (
    "city", "hour", "day", "lang", "item", "items", "from", "to", "start", "end", "limit", "after", "place", "theme", "seconds",
    "scenes", "kind", "model", "lead", "city[]", "__proto__", "x", "page", "span", "edition", "format", "since", "cursor",
)  # fmt: skip


@pytest.fixture(scope="module")
def context(engine, tmp_path_factory) -> Context:
    return Context(lambda: engine, registry.load(), clock=lambda: NOW, folder=tmp_path_factory.mktemp("hostile"))


@pytest.fixture(scope="module")
def dash_app(context):
    return create_app(context)


@pytest.fixture(scope="module")
def client(context, dash_app) -> Client:
    return Client(Front(context, dash_app.server.wsgi_app))


def text_of(rng: random.Random) -> str:
    value = rng.choice(VALUES)
    return value if isinstance(value, str) else json.dumps(value)


def asked(client: Client, method: str, path: str, query: str = "", body: bytes | None = None, kind: str = ""):
    """Ask as the server in front passes it on: a path and a query as bytes that are no text in part."""
    builder = EnvironBuilder(method=method, path="/", data=body, content_type=kind or None)
    environ = builder.get_environ()
    environ["PATH_INFO"] = path.encode("utf-8", "surrogatepass").decode("latin-1")
    environ["QUERY_STRING"] = query.encode("utf-8", "surrogatepass").decode("latin-1")
    return client.open(environ)


def require_answer(answer, what: object) -> None:
    assert answer.status_code < 500, (what, answer.data[:300])
    assert answer.data or answer.status_code in (204, 304) or 300 <= answer.status_code < 400, what
    for name, value in SAFE:
        assert answer.headers.get(name) == value, (what, name)
    if answer.mimetype == "text/html":
        assert "Content-Security-Policy" in answer.headers, what
    assert not re.search(r"(?i)granian|werkzeug|flask|python|dash/", answer.headers.get("Server", "")), what
    assert "X-Powered-By" not in answer.headers and b"Traceback" not in answer.data, what


def addresses(dash_app) -> list[str]:
    """Every rule of the portal, and the pages as text in front of it."""
    rules = {rule.rule for rule in dash_app.server.url_map.iter_rules()}
    front = {"/", "/en/", "/wall", "/now", "/history/go", "/city/<code>", "/station/<code>", "/embed/<code>", "/fragments/<v>/<p>",
             "/city/<code>/day/<day>", "/figures/<name>", "/analysis", "/analysis/<page>", "/regions/<x>"}  # fmt: skip
    return sorted(rules | front)


def malformed(rule: str, rng: random.Random) -> Iterator[tuple[str, str, str]]:
    """Give (method, path, query) of malformed requests to a rule."""
    for _ in range(EACH):
        path = re.sub(r"<[^>]*>", lambda _: text_of(rng)[:300], rule)
        query = "&".join(f"{rng.choice(NAMES)}={text_of(rng)}" for _ in range(rng.randrange(5)))
        yield rng.choice(("GET", "GET", "GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PROPFIND")), path, query


def test_no_parameter_of_any_address_fails_or_empties_a_page(client, dash_app, caplog) -> None:
    rng, count = random.Random(7), 0
    with caplog.at_level(logging.ERROR):
        for rule in addresses(dash_app):
            for method, path, query in malformed(rule, rng):
                answer = asked(client, method, path, query)
                assert answer.status_code < 500, (method, path, query, answer.data[:300])
                if method not in ("HEAD", "OPTIONS"):  # which have no body
                    require_answer(answer, (method, path, query))
                count += 1
    assert count > 200
    assert not [record.getMessage()[:300] for record in caplog.records]


def bodies(dash_app, rng: random.Random) -> Iterator[tuple[str, dict]]:
    """Give posts to every callback, formed as Dash's own and with values from nowhere."""
    for output, callback in dash_app.callback_map.items():
        multi = output.startswith("..")
        names = [each.rsplit(".", 1) for each in (output.strip(".").split("...") if multi else [output])]
        outputs = [{"id": id_, "property": name.partition("@")[0]} for id_, name in names]
        for _ in range(EACH * 2):
            parts = {
                part: [
                    {"id": e["id"], "property": e["property"], "value": rng.choice(VALUES)}
                    for e in callback.get(part, [])
                ]
                for part in ("inputs", "state")
            }
            changed = [f"{each['id']}.{each['property']}" for each in parts["inputs"][: rng.randrange(3)]]
            yield output, {
                "output": output, "outputs": outputs if multi else outputs[0], "changedPropIds": changed,
                "parsedChangedPropsIds": changed, **parts,
            }  # fmt: skip


def view_of(rng: random.Random) -> dict:
    """A selection as the pages keep it, with values from nowhere."""
    return {name: rng.choice(VALUES) for name in rng.sample(NAMES, 6)} | {"city": "510100"}


def test_no_value_of_any_callback_fails(client, dash_app, caplog) -> None:
    rng, count, failed = random.Random(11), 0, []
    with caplog.at_level(logging.ERROR):
        for output, body in bodies(dash_app, rng):
            for part in body["inputs"]:
                if part["id"] == "view" and rng.random() < 0.6:
                    part["value"] = view_of(rng)
            raw = json.dumps(body).encode()
            answer = asked(client, "POST", UPDATE, body=raw, kind="application/json")
            count += 1
            if answer.status_code >= 500:
                failed.append((output, raw[:1500]))
            else:
                require_answer(answer, (output, raw[:600]))
    assert count > 100 and not failed
    assert not [(record.getMessage()[:300], str(record.exc_info)[:300]) for record in caplog.records]


@pytest.mark.parametrize(
    "kind", ["application/json", "text/plain", "multipart/form-data", "application/x-www-form-urlencoded", "x", ""]
)
def test_no_body_of_any_kind_fails(client, kind) -> None:
    rng = random.Random(3)
    for path in (UPDATE, "/office/login", "/office", "/beat", "/api/v1/cities", "/_dash-layout", "/"):
        for body in (b"", b"{", b"\xff\xfe", b"null", b"[" * 5000, b"--x\r\n", b"a=%FF&b", bytes(rng.randbytes(400))):
            require_answer(asked(client, "POST", path, body=body, kind=kind), (path, kind, body[:40]))


def test_what_the_portal_is_made_of_is_told_to_nobody(context) -> None:
    portal = Client(create_portal(context))
    for path in (
        "/",
        "/analysis",
        "/nothing",
        "/health",
        "/metrics",
        "/api/v1/cities",
        "/_dash-dependencies",
        "/office/login",
    ):
        answer = portal.get(path)
        require_answer(answer, path)
        assert not re.search(r"(?i)granian|werkzeug|gunicorn", str(answer.headers)), path
