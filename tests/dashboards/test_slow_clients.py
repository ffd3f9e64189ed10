"""Slow, broken and greedy clients of the portal as a process: each gets a clear answer or is let go, and nobody else waits."""

import contextlib
import datetime as dt
import html
import http.client
import json
import re
import socket
import time
from urllib.parse import urlencode

import pytest

from dashboards.context import Context
from dashboards.office import accounts
from dashboards.office.accounts import Caller
from dashboards.office.records import engine_of
from dashboards.snapshots.front import SAFE
from streams import registry
from tests.dashboards.portals import ask, get, portal, tree_of

EACH = 40
PASSWORD = "correct horse battery"
UPDATE = "/_dash-update-component"
BEGUN = b"POST %s HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n%s\r\n\r\n"


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    """The port of a portal with an office, and its process and folder."""
    folder = tmp_path_factory.mktemp("slow")
    office = engine_of(Context(lambda: None, registry.load(), folder=folder / "portal"))
    caller = Caller("console", dt.datetime(2026, 3, 2), "", "console")
    accounts.add(office, "root", "administrator", PASSWORD, caller, cities=registry.load().cities, must_change=False)
    office.dispose()
    with portal(folder) as running:
        yield running


def begun(path: str, length: int | None) -> bytes:
    """The headers of a post. length: None for one in pieces."""
    told = b"Transfer-Encoding: chunked" if length is None else b"Content-Length: %d" % length
    return BEGUN % (path.encode(), told)


@pytest.fixture
def links(served):
    """Give a way to open connections, which end with the test."""
    port, *_ = served
    with contextlib.ExitStack() as open_ones:

        def opened(count: int, raw: bytes, window: int = 0) -> list[socket.socket]:
            made = []
            for _ in range(count):
                link = open_ones.enter_context(socket.socket())
                if window:
                    link.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, window)
                link.settimeout(20)
                link.connect(("127.0.0.1", port))
                link.sendall(raw)
                made.append(link)
            return made

        yield opened


def until_closed(link: socket.socket) -> bytes:
    heard = b""
    with contextlib.suppress(ConnectionResetError):
        while piece := link.recv(65536):
            heard += piece
    return heard


def largest_script(port: int) -> str:
    """The address of the largest of the scripts of a page of analysis."""
    page = get(port, "/analysis")[2].decode()
    found = re.findall(r'src="(/(?:bundle|_dash-component-suites)/[^"]+)"', page)
    return max(found, key=lambda address: len(get(port, address)[2]))


def test_slow_bodies_headers_and_readers_at_once_and_nobody_else_waits(served, links):
    """A dozen slow bodies held every thread, and the portal stopped for everybody."""
    port, *_ = served
    script = largest_script(port)
    bodies = links(EACH, begun(UPDATE, 1000) + b"{")
    pieces = links(EACH, begun("/office/login", None))
    links(EACH, b"GET /now HTTP/1.1\r\nHost: x\r\nX-Slow: ")
    links(EACH, b"")
    readers = links(EACH, b"GET %s HTTP/1.1\r\nHost: x\r\n\r\n" % script.encode(), window=4096)
    for _ in range(4):
        for each in bodies:
            each.sendall(b" ")
        for each in pieces:
            each.sendall(b"1\r\nx\r\n")
        for each in readers:
            each.recv(10)
        for path in ("/now", "/", "/analysis", script):
            began = time.monotonic()
            assert get(port, path)[0] == 200
            assert time.monotonic() - began < 1, path
        time.sleep(0.3)


def held_mb(process) -> float:
    """The memory of a process and its children [MB]."""
    return sum(each.memory_info().rss for each in tree_of(process.pid)) / 1e6


def test_who_does_not_send_a_body_is_told_so_after_ten_seconds_and_who_sends_nothing_is_let_go(served, links):
    port, _, folder = served
    began = time.monotonic()
    bodies = [*links(1, begun(UPDATE, 1000)), *links(1, begun(UPDATE, None)), *links(1, begun("/office/login", 9) + b"x"),
              *links(1, begun("/nothing", 9)), *links(1, b"GET /now HTTP/1.1\r\nContent-Length: 5\r\nHost: x\r\n\r\n")]  # fmt: skip
    headers = links(1, b"") + links(1, b"GET /now HT") + links(1, b"GET /now HTTP/1.1\r\nHost: ")
    for each in bodies:
        answer = until_closed(each)
        assert answer.startswith(b"HTTP/1.1 408") and "没有在规定时间内传完".encode() in answer
        assert b"did not arrive in time" in answer and b"server: airshed" in answer.lower()
    for each in headers:
        heard = until_closed(each)
        assert heard == b"" or heard.startswith(b"HTTP/1.1 408")
    assert 9 < time.monotonic() - began < 18
    assert re.search(r"dashboards.access: POST \S+ 408 ", (folder / "log").read_text())
    assert b'status="408"' in get(port, "/metrics")[2]


def test_nine_hundred_megabytes_are_refused_at_once_and_none_of_them_is_held(served):
    port, process, _ = served
    before = held_mb(process)
    for length, piece in ((900_000_000, b"x" * 65536), (None, b"10000\r\n" + b"x" * 65536 + b"\r\n")):
        with socket.create_connection(("127.0.0.1", port), timeout=10) as link:
            link.sendall(begun(UPDATE, length))
            link.setblocking(False)
            heard, began, sent = b"", time.monotonic(), 0
            while b"\r\n\r\n" not in heard and time.monotonic() - began < 5:
                with contextlib.suppress(BlockingIOError):
                    sent += link.send(piece)
                with contextlib.suppress(BlockingIOError):
                    heard += link.recv(65536)
            assert time.monotonic() - began < 1.5 and sent < 50_000_000
        assert heard.startswith(b"HTTP/1.1 413") and b"connection: close" in heard.lower()
    assert held_mb(process) - before < 20
    status, _, body = ask(port, "POST", "/office/login", b"x" * 300_000)
    assert status == 413 and "内容过大".encode() in body and b"too large" in body


def test_an_upload_that_is_broken_off_is_nothing_to_anybody(served, links):
    port, _, folder = served
    for each in links(20, begun(UPDATE, 1000) + b"half") + links(20, begun("/office/login", None) + b"3\r\nabc\r\n"):
        each.close()
    assert get(port, "/now")[0] == 200
    assert "Traceback" not in (folder / "log").read_text()


def test_posts_of_dash_and_of_the_office_arrive_as_they_were_sent(served):
    port, *_ = served
    section = {
        "output": "cities.children", "outputs": {"id": "cities", "property": "children"}, "changedPropIds": ["view.data"],
        "inputs": [
            {"id": "pulse", "property": "data", "value": "x"}, {"id": "view", "property": "data", "value": {"city": "510100"}},
        ],
    }  # fmt: skip
    status, _, body = ask(port, "POST", UPDATE, json.dumps(section).encode(), {"Content-Type": "application/json"})
    assert status == 200 and json.loads(body)["response"]["cities"]["children"]
    status, headers, _ = signed_in(port, PASSWORD)
    assert (status, headers["location"]) == (303, "/office")
    assert signed_in(port, "something else entirely")[0] != 303


def signed_in(port: int, password: str):
    """Fill in the form at the door of the office as a browser does, in pieces, and send it."""
    link = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        link.request("GET", "/office/login?to=/office")
        answer = link.getresponse()
        page, cookie = answer.read().decode(), answer.headers["Set-Cookie"].split(";")[0]
        door = next(each for each in re.findall(r"<form .*?</form>", page, re.S) if 'name="password"' in each)
        fields = dict(re.findall(r'<input [^>]*name="([^"]*)" value="([^"]*)"', door))
        typed = {html.unescape(k): html.unescape(v) for k, v in fields.items()} | {"name": "root", "password": password}
        told = {
            "Cookie": cookie,
            "Origin": f"http://127.0.0.1:{port}",
            "Content-Type": "application/x-www-form-urlencoded",
        }
        link.request(
            "POST", "/office/login", iter([each.encode() for each in urlencode(typed)]), told, encode_chunked=True
        )
        answer = link.getresponse()
        return answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read()
    finally:
        link.close()


QUERIES = [
    "/?城市=成都", "/analysis?city=成都", "/api/v1/cities?name=成都", "/history/go?city=成都&date=%FF", "/history/go?x=%",
    "/analysis?city=%00&hour=%", "/?" + "a" * 60_000, "/analysis?" + "a=1&" * 9000, "/%FF%FE/now", "/成都",
    "/api/v1/city-hours?place=成都&limit=-1", "/..%2f..%2fetc/passwd", "/assets/..%2f..%2fapp.py",
]  # fmt: skip


@pytest.mark.parametrize("path", QUERIES)
def test_odd_addresses_have_an_answer_that_is_no_failure(served, links, path):
    *_, folder = served
    [link] = links(1, b"GET %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n" % path.encode())
    answer = until_closed(link)
    assert answer.startswith(b"HTTP/1.1 ") and answer[9:12] in (b"200", b"303", b"400", b"404", b"414", b"422", b"431")
    assert b"root:" not in answer and b"import " not in answer and b"Traceback" not in answer
    assert "Traceback" not in (folder / "log").read_text()


RAW = {
    "no request": b"GARBAGE\r\n\r\n", "of no version": b"GET / HTTP/9.9\r\n\r\n", "TLS": bytes.fromhex("160301020001000001fc0303"),
    "no colon": b"GET / HTTP/1.1\r\nfoo\r\n\r\n", "NUL": b"GET /\x00 HTTP/1.1\r\nHost: x\r\n\r\n",
    "many headers": b"GET / HTTP/1.1\r\n" + b"".join(b"X-%d: y\r\n" % n for n in range(500)) + b"\r\n",
    "a long header": b"GET / HTTP/1.1\r\nX: " + b"y" * 2_000_000 + b"\r\n\r\n",
    "a long address": b"GET /" + b"a" * 200_000 + b" HTTP/1.1\r\n\r\n",
    "two lengths": b"POST / HTTP/1.1\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello!",
    "a length below nothing": b"POST / HTTP/1.1\r\nContent-Length: -5\r\n\r\n",
    "a length beyond numbers": b"POST / HTTP/1.1\r\nContent-Length: 99999999999999999999\r\n\r\n",
    "a broken piece": b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\nZZ\r\n",
    "TRACE": b"TRACE / HTTP/1.1\r\nConnection: close\r\n\r\n",
}  # fmt: skip


@pytest.mark.parametrize("raw", RAW.values(), ids=RAW.keys())
def test_what_is_no_request_is_refused_at_once_and_told_nothing_of_what_serves(served, raw):
    port, *_ = served
    began = time.monotonic()
    with socket.create_connection(("127.0.0.1", port), timeout=10) as link:
        with contextlib.suppress(ConnectionResetError, BrokenPipeError):  # it may hang up in the middle of too much
            link.sendall(raw)
        answer = until_closed(link)
    assert time.monotonic() - began < 5
    assert answer == b"" or re.match(rb"HTTP/1\.1 (400|405|413|414|431) ", answer), answer[:200]
    head, _, body = answer.partition(b"\r\n\r\n")
    assert not re.search(rb"(?i)granian|hyper|python|werkzeug", answer)
    if body:
        assert {f"{name}: {value}".lower().encode() for name, value in SAFE} <= set(head.lower().split(b"\r\n"))
        assert b"content-security-policy" in head.lower()


def test_a_worker_that_was_killed_is_followed_by_another(served):
    """The socket is made once and outlives a worker: who comes meanwhile waits, and is not refused."""
    port, process, _ = served
    worker = tree_of(process.pid)[1]
    worker.kill()
    assert get(port, "/now", wait=30)[0] == 200
    assert tree_of(process.pid)[1].pid != worker.pid


def test_slow_clients_do_not_keep_it_from_ending(served, links):
    port, process, _ = served
    tree = tree_of(process.pid)
    links(5, begun(UPDATE, 1000))
    links(5, b"GET %s HTTP/1.1\r\nHost: x\r\n\r\n" % largest_script(port).encode(), window=4096)
    links(5, b"GET /now HT")
    process.terminate()
    process.wait(8)
    assert not [each for each in tree if each.is_running() and each.status() != "zombie"]
