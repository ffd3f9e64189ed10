"""Malformed requests: drawn by a seed, sent as bytes to the portal, each answered in words or closed, none a fault of ours."""

from __future__ import annotations

import json
import random
import re
import socket
import time
from dataclasses import dataclass

from tests.bench.attacks.stage import Stage
from tests.bench.attacks.verdicts import Attack, NotPlayed

PATIENCE_S = 20.0
"""An answer, or the end of the connection, comes within so long [s]."""
LARGEST_ANSWER, MOST_LOGGED = 8_000_000, 1_500
"""So much is read of an answer [bytes]; a request may add so much to the log [bytes]."""
PAGES = (
    "/",
    "/city",
    "/station",
    "/health",
    "/forecast",
    "/map",
    "/methods",
    "/open-data",
    "/explore",
    "/judging",
    "/wall",
    "/phase",
)
SIGNS = (
    "\x00", "%00", "%", "%zz", "'", '"', "<script>", "../..", "中文", "😀", "\r\nX: y", ";", "&&", "=" * 50, "A" * 5000, "-1",
    "1e999", "NaN",
)  # fmt: skip
METHODS = ("GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "CONNECT", "HEAD", "BREW", "get", "G\x01T", "")
NAMES = ("city", "station", "hour", "day", "lang", "from", "to", "item", "run", "page", "simulated", "x")
KINDS = ("path", "parameter", "method", "header", "body", "callback", "line")
BACK_S = 60.0
"""A portal that was killed answers again within so long [s]."""
MAY_BREAK_OFF = ("method", "header", "body", "line")
"""What may not be a whole request of HTTP: the connection may be closed without an answer."""


@dataclass(frozen=True)
class Request:
    """What is sent: the kind of what is wrong with it, and the bytes."""

    kind: str
    sent: bytes


PLAIN = Request("plain", b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")


def drawn(count: int, seed: int) -> list[Request]:
    """Give so many requests; the same seed gives the same."""
    chance = random.Random(seed)
    return [_one(KINDS[number % len(KINDS)], chance) for number in range(count)]


def _one(kind: str, chance: random.Random) -> Request:
    target, method, headers, body = chance.choice(PAGES), "GET", [("Host", "127.0.0.1")], b""
    if kind == "path":
        target = "/" + "/".join(chance.choice((*SIGNS, *PAGES[1:])).lstrip("/") for _ in range(chance.randint(1, 4)))
    elif kind == "parameter":
        target += "?" + "&".join(f"{chance.choice(NAMES)}={chance.choice(SIGNS)}" for _ in range(chance.randint(1, 5)))
    elif kind == "method":
        method = chance.choice(METHODS)
    elif kind == "header":
        headers += [_header(chance) for _ in range(chance.randint(1, 4))]
    elif kind == "body":
        method, body = "POST", _noise(chance)
        headers += [("Content-Length", str(chance.choice((len(body), len(body) + 7, -1, "x", 10**12))))]
    elif kind == "callback":
        method, target, body = "POST", "/_dash-update-component", _callback(chance)
        headers += [("Content-Type", "application/json"), ("Content-Length", str(len(body)))]
    else:
        return Request(kind, _line(chance))
    lines = [
        f"{method} {_on_one_line(target)} HTTP/1.1",
        *(f"{name}: {value}" for name, value in headers),
        "Connection: close",
    ]
    return Request(kind, "\r\n".join(lines).encode("utf-8", "surrogatepass") + b"\r\n\r\n" + body)


def _on_one_line(target: str) -> str:
    return target.replace(" ", "%20")


def _header(chance: random.Random) -> tuple[str, str]:
    return chance.choice(
        (
            ("Cookie", chance.choice(SIGNS)), ("Accept-Language", ",".join(SIGNS[:4])), ("Range", "bytes=9-1,-,x"),
            ("Host", chance.choice(SIGNS)), ("Transfer-Encoding", "chunked"), ("If-None-Match", '"' * 30),
            ("If-Modified-Since", "yesterday"), ("Accept-Encoding", "gzip;q=x, *;q=-1"), ("X" * 300, "y" * 9000),
            ("Content-Type", "multipart/form-data; boundary="), ("Expect", "100-continue"), ("", "nothing"),
        )
    )  # fmt: skip


def _noise(chance: random.Random) -> bytes:
    return chance.choice(
        (chance.randbytes(200), b"{" * 5000, b"a=" + b"%" * 900, b"[" * 100_000, b'{"output": null}', b"\xff\xfe")
    )


def _callback(chance: random.Random) -> bytes:
    whole = {
        "output": chance.choice(("..x.y..", "main.children", "url.search", None, 7, "...", "a.b...c.d")),
        "outputs": chance.choice(({"id": "x", "property": "y"}, [], None, "main", [{"id": {"index": "ALL"}}])),
        "inputs": chance.choice(([], None, [{"id": "url", "property": "search", "value": chance.choice(SIGNS)}], [[[]]], {"a": 1})),
        "changedPropIds": chance.choice((["url.search"], None, [1], "x")), "state": chance.choice(([], None, [{}])),
    }  # fmt: skip
    for name in chance.sample(sorted(whole), chance.randint(0, 2)):
        del whole[name]
    return json.dumps(whole).encode()


def _line(chance: random.Random) -> bytes:
    return chance.choice(
        (
            b"GET\r\n\r\n", b"\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", b"GET / HTTP/1.1\n\n",
            b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
            b"GET " + b"/" * 70_000 + b" HTTP/1.1\r\n\r\n", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", chance.randbytes(64),
            b"GET http://example.org/ HTTP/1.1\r\nHost: a\r\n\r\n", b"GET / HTTP/1.1\r\n" + b"a: b\r\n" * 3000 + b"\r\n",
        )
    )  # fmt: skip


def ask(port: int, request: Request) -> bytes:
    """Send a request and read what comes until the end; our half is closed where the request may promise more than it brings."""
    with socket.create_connection(("127.0.0.1", port), PATIENCE_S) as connection:
        try:
            connection.sendall(request.sent)
            if request.kind in MAY_BREAK_OFF:  # a server may take it for the end of the client
                connection.shutdown(socket.SHUT_WR)
            answer = b""
            while len(answer) < LARGEST_ANSWER and (part := connection.recv(65536)):
                answer += part
            return answer
        except OSError as error:
            if isinstance(error, TimeoutError):
                raise
            return b""  # it was closed while we sent


def wrong_with(answer: bytes, *, bodiless: bool = False) -> list[str]:
    """Name what an answer must not be; an empty one is a connection that was closed, which is none."""
    if not answer:
        return []
    head, _, body = answer.partition(b"\r\n\r\n")
    status = re.match(rb"HTTP/1\.[01] (\d{3})", head)
    if not status:
        return [f"not an answer of HTTP: {answer[:60]!r}"]
    told, code = [], int(status[1])
    if code >= 500 and code not in (501, 503, 505):
        told.append(f"status {code}")
    if re.search(rb"(?im)^server:.*\d+\.\d+", head):
        told.append("the banner names a version")
    if code == 200 and b"text/html" in head and not body.strip() and not bodiless:
        told.append("an empty page")
    if b"Traceback (most recent" in body or b"werkzeug" in body.lower():
        told.append("a trace in the answer")
    return told


def _answers(port: int) -> bool:
    try:
        return ask(port, PLAIN).startswith(b"HTTP/1.1 200")
    except OSError:
        return False


def play(attack: Attack, stage: Stage, *, count: int, seed: int) -> None:
    """Send all; the portal stays the process it was, answers a plain request at the end, and its log stays readable."""
    # A program that was killed is made anew after a pause that grows; the attack is on a portal that answers.
    stage.wait(lambda: _answers(stage.port), BACK_S, "the portal does not answer before the first request")
    before = {
        role: [each.pid for each in found] for role, found in stage.family().items() if role in ("portal", "pages")
    }
    if "portal" not in before:
        raise NotPlayed("there is no portal")
    logged, slowest = len(stage.logs()), 0.0
    for number, request in enumerate(drawn(count, seed)):
        begun = time.monotonic()
        try:
            answer = ask(stage.port, request)
            unanswered = [] if answer or request.kind in MAY_BREAK_OFF else ["no answer"]
            for complaint in unanswered or wrong_with(answer, bodiless=request.sent.startswith(b"HEAD ")):
                attack.must(False, f"request {number} ({request.kind}): {complaint}: {request.sent[:120]!r}")
        except TimeoutError:
            attack.must(
                False, f"request {number} ({request.kind}): nothing within {PATIENCE_S:.0f} s: {request.sent[:120]!r}"
            )
        attack.happened(request.kind)
        slowest = max(slowest, time.monotonic() - begun)
    attack.told["slowest_s"] = round(slowest, 2)
    plain = ask(stage.port, PLAIN)
    attack.must(plain.startswith(b"HTTP/1.1 200"), f"no answer to a plain request at the end: {plain[:80]!r}")
    after = {role: [each.pid for each in stage.family().get(role, ())] for role in before}
    attack.must(after == before, f"the portal's processes have changed: {before} {after}")
    logs = stage.logs()[logged:]
    attack.must(len(logs) < MOST_LOGGED * count, f"{len(logs)} bytes were logged")
    attack.must(
        "Traceback (most recent call last)" not in logs, "a trace in the log: " + logs.partition("Traceback")[2][-200:]
    )
