"""The application behind the server's loop: told as before, given whole bodies alone, its answers sent unchanged."""

import contextlib
import io
import json
import socket
import threading
import time

import psutil
import pytest

from dashboards.buffered import Buffered
from dashboards.spool import Spool
from tests.dashboards.echoing import HELD, LARGE, LARGEST, TAKEN_WITHIN_MS, WITHIN_S, echoing, large


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("echoing")


@pytest.fixture(scope="module")
def port(folder):
    with echoing("buffered", folder) as port:
        yield port


@pytest.fixture(scope="module")
def before(folder):
    """The port of the same application behind the server's own WSGI."""
    with echoing("wsgi", folder) as port:
        yield port


def said(port: int, raw: bytes, *, wait: float = 10, shut: bool = False) -> bytes:
    """What the server says to raw bytes until it closes the connection."""
    with socket.create_connection(("127.0.0.1", port), timeout=wait) as link:
        link.sendall(raw)
        if shut:
            link.shutdown(socket.SHUT_WR)
        return all_of(link)


def all_of(link: socket.socket) -> bytes:
    heard = b""
    while piece := link.recv(65536):
        heard += piece
    return heard


def asked(path: bytes, *headers: bytes, verb: bytes = b"GET", body: bytes = b"") -> bytes:
    length = (b"Content-Length: %d" % len(body),) if body else ()
    lines = [verb + b" " + path + b" HTTP/1.1", b"Host: x", b"Connection: close", *headers, *length]
    return b"\r\n".join([*lines, b"", body])


def head_and_body(answer: bytes) -> tuple[int, dict[str, str], bytes]:
    head, _, body = answer.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    return int(first.split()[1]), {k.lower(): v for k, _, v in (line.partition(": ") for line in lines)}, body


REQUESTS = {
    "plain": asked(b"/"),
    "old": b"GET /old HTTP/1.0\r\n\r\n",
    "no host": b"GET http://elsewhere:81/a?b=c HTTP/1.1\r\nHost: elsewhere:81\r\nConnection: close\r\n\r\n",
    "old and absolute": b"GET http://elsewhere:81/a?b=c HTTP/1.0\r\n\r\n",
    "encoded": asked("/成都/%E6%88%90%20x%2Fy%3F%00;p=1".encode()),
    "raw": asked("/é".encode()),
    "slashes": asked(b"//a/../b/./c//"),
    "query": asked(b"/?a=1&a=2&b=%E6%88%90+%FF&c=/?&d"),
    "query raw": asked("/?城=成".encode()),
    "empty query": asked(b"/?"),
    "star": asked(b"*", verb=b"OPTIONS"),
    "twice": asked(b"/", b"X-One: 1", b"X-One: 2", b"Cookie: a=1", b"Cookie: b=2", b"Accept: a, b"),
    "no ASCII": asked(b"/", b"X-Raw: \xe6\x88\x90", b"X-Empty:"),
    "types": asked(b"/", b"Content-Type: a/b", verb=b"POST", body=b"body"),
    "type twice": asked(b"/", b"Content-Type: a/b", b"Content-Type: c/d", verb=b"POST", body=b"body"),
    "proxy": asked(b"/", b"X-Forwarded-For: 2", b"X-Forwarded-Proto: https"),
    "put": asked(b"/", verb=b"PUT", body=b"\x00\xff" * 300),
    "own verb": asked(b"/", verb=b"PROPFIND"),
    "get with a body": asked(b"/", body=b"unusual"),
    "length of nothing": asked(b"/", b"Content-Length: 0", verb=b"POST"),
    "no length": asked(b"/", verb=b"POST"),
    "pieces": asked(b"/", b"Transfer-Encoding: chunked", verb=b"POST") + b"3\r\nabc\r\n4;x=y\r\ndefg\r\n0\r\n\r\n",
}


@pytest.mark.parametrize("raw", REQUESTS.values(), ids=REQUESTS.keys())
def test_the_application_is_told_what_the_servers_own_interface_told_it(port, before, raw):
    """Only the port differs, as two servers listen."""
    new, old = (json.loads(head_and_body(said(each, raw))[2]) for each in (port, before))
    assert new["environ"].pop("SERVER_PORT") == str(port) and old["environ"].pop("SERVER_PORT") == str(before)
    assert new == old and old["environ"]["REQUEST_METHOD"] == raw.split(b" ")[0].decode()


def test_a_path_that_is_no_text_is_told_as_werkzeug_would_read_it(port):
    told = json.loads(head_and_body(said(port, asked(b"/%FFa")))[2])["environ"]["PATH_INFO"]
    assert told.encode("latin-1").decode() == b"/\xffa".decode(errors="replace")


def test_a_header_with_an_underscore_is_not_taken_for_what_a_proxy_says(port):
    told = said(
        port, asked(b"/", b"X_Forwarded_For: 1.2.3.4", b"X-Forwarded-For: 5.6.7.8", b"X_Forwarded_Proto: https")
    )
    environ = json.loads(head_and_body(told)[2])["environ"]
    assert environ["HTTP_X_FORWARDED_FOR"] == "5.6.7.8" and "HTTP_X_FORWARDED_PROTO" not in environ


@pytest.mark.parametrize("path", ["/large", "/file"])
def test_a_large_answer_arrives_whole_and_costs_one_copy(port, folder, path):
    for _ in range(3):
        status, headers, body = head_and_body(said(port, asked(path.encode())))
        assert (status, headers["content-length"], body) == (200, str(len(LARGE)), LARGE)
    kept = [each.read_bytes() for each in (folder / "spool").iterdir()]
    assert kept in ([], [LARGE])  # none where only the file was asked for: it is one already


def test_many_who_read_a_large_answer_slowly_hold_one_copy_of_it(port):
    def held() -> float:
        return sum(each.memory_info().rss for each in psutil.Process().children(recursive=True)) / 1e6

    def ask(window: int) -> socket.socket:
        link = socket.socket()
        link.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, window)
        link.connect(("127.0.0.1", port))
        link.sendall(asked(b"/large"))
        return link

    ask(4096).close()
    before, readers = held(), [ask(4096) for _ in range(100)]
    try:
        time.sleep(1)
        assert held() - before < 100 * len(LARGE) / 1e6 / 3
    finally:
        for each in readers:
            each.close()


RANGES = {"bytes=0-199999": (0, 200_000), "bytes=900000-": (900_000, 2**20), "bytes=-70000": (2**20 - 70_000, 2**20),
          "bytes=5-5": (5, 6), "bytes=100-99999999": (100, 2**20)}  # fmt: skip


@pytest.mark.parametrize("asked_for", RANGES)
def test_a_part_of_a_file_is_that_part(port, asked_for):
    start, end = RANGES[asked_for]
    status, headers, body = head_and_body(said(port, asked(b"/file", f"Range: {asked_for}".encode())))
    assert (status, headers["content-range"]) == (206, f"bytes {start}-{end - 1}/{2**20}")
    assert body == LARGE[start:end] and headers["content-length"] == str(end - start)


def test_a_part_that_the_application_made_itself_is_sent_as_it_is(port):
    status, headers, body = head_and_body(said(port, asked(b"/own")))
    assert (status, headers["content-range"], body) == (206, f"bytes 7-{len(LARGE) + 6}/9999999", LARGE)


def test_a_part_beyond_the_file_is_refused_and_one_that_is_held_is_not_sent(port):
    assert head_and_body(said(port, asked(b"/file", b"Range: bytes=9999999-")))[0] == 416
    status, headers, body = head_and_body(said(port, asked(b"/file", b'If-None-Match: "one"')))
    assert (status, body, headers["etag"]) == (304, b"", '"one"') and "content-length" not in headers


@pytest.mark.parametrize("path", ["/large", "/file", "/parts"])
def test_a_head_has_the_length_and_nothing_else(port, path):
    status, headers, body = head_and_body(said(port, asked(path.encode(), verb=b"HEAD")))
    assert status == 200 and body == b""
    assert path == "/parts" or headers["content-length"] == str(len(LARGE))


ANSWERS = {"/parts": (200, b"0 1 2 3 4 "), "/mended": (503, b"mended"), "/written": (200, b"written, returned")}


@pytest.mark.parametrize("path", ANSWERS)
def test_an_application_may_send_pieces_begin_again_and_write(port, path):
    status, headers, body = head_and_body(said(port, asked(path.encode())))
    assert (status, body) == ANSWERS[path] and headers["content-length"] == str(len(body)) and "x-first" not in headers


@pytest.mark.parametrize("path", ["/twice", "/raises", "/silent", "/late"])
def test_an_application_that_fails_is_answered_for_without_its_secrets(port, path):
    status, _, body = head_and_body(said(port, asked(path.encode())))
    assert status == 500 and "无法显示".encode() in body and b"secret" not in body and b"half" not in body


def test_a_header_never_becomes_two(port):
    _, headers, _ = head_and_body(said(port, asked(b"/split")))
    assert "x-two" not in headers


def test_what_cannot_be_sent_is_a_failure_of_one_answer(port):
    for _ in range(10):  # more than there are threads
        assert head_and_body(said(port, asked(b"/unsendable")))[0] == 500
    assert head_and_body(said(port, asked(b"/")))[0] == 200


@pytest.mark.parametrize("path", ["/large", "/file"])
def test_a_client_that_takes_nothing_of_its_answer_is_let_go(port, path):
    with socket.socket() as link:
        link.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        link.connect(("127.0.0.1", port))
        link.sendall(asked(path.encode()))
        time.sleep(TAKEN_WITHIN_MS / 1000 + 2.5)
        link.settimeout(5)
        heard = 0
        with contextlib.suppress(ConnectionResetError):
            while piece := link.recv(65536):
                heard += len(piece)
    assert heard < len(LARGE)


def test_requests_that_follow_each_other_at_once_are_answered_in_turn(port):
    one = b"POST /%d HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nbody%d"
    raw = b"".join(one % (number, number) for number in range(9)) + asked(b"/9")
    told = [
        json.loads(b"{" + piece.split(b"\r\n\r\n{", 1)[1]) for piece in said(port, raw).split(b"HTTP/1.1 200 OK")[1:]
    ]
    assert [each["environ"]["PATH_INFO"] for each in told] == [f"/{number}" for number in range(10)]
    assert [bytes.fromhex(each["body"]) for each in told] == [b"body%d" % number for number in range(9)] + [b""]


def timed(port: int, raw: bytes, **how) -> tuple[int, float]:
    began = time.monotonic()
    return head_and_body(said(port, raw, **how))[0], time.monotonic() - began


def test_a_body_at_the_limit_is_taken_and_one_byte_more_is_refused(port):
    told = head_and_body(said(port, asked(b"/", verb=b"POST", body=b"x" * LARGEST)))
    assert told[0] == 200 and json.loads(told[2])["body"] == "78" * LARGEST
    assert head_and_body(said(port, asked(b"/", verb=b"POST", body=b"x" * (LARGEST + 1))))[0] == 413


def test_a_body_that_says_it_is_too_large_is_refused_before_it_is_sent(port):
    raw = asked(b"/", b"Content-Length: 900000000", b"Expect: 100-continue", verb=b"POST")
    status, seconds = timed(port, raw)
    assert status == 413 and seconds < 1


def test_a_body_in_pieces_has_the_same_limit(port):
    pieces = b"".join(b"%x\r\n%s\r\n" % (10_000, b"x" * 10_000) for _ in range(30))
    assert timed(port, asked(b"/", b"Transfer-Encoding: chunked", verb=b"POST") + pieces)[0] == 413


ENDLESS = {
    "nothing": asked(b"/", b"Content-Length: 10", verb=b"POST"),
    "half": asked(b"/", b"Content-Length: 10", verb=b"POST") + b"half",
    "pieces": asked(b"/", b"Transfer-Encoding: chunked", verb=b"POST") + b"3\r\nabc\r\n",
    "half a piece": asked(b"/", b"Transfer-Encoding: chunked", verb=b"POST") + b"300\r\nabc",
    "get": asked(b"/", b"Content-Length: 10"),
}


@pytest.mark.parametrize("raw", ENDLESS.values(), ids=ENDLESS.keys())
def test_a_body_that_never_ends_is_ended_by_the_deadline(port, raw):
    status, seconds = timed(port, raw)
    assert status == 408 and WITHIN_S - 0.1 < seconds < WITHIN_S + 3


def test_a_body_that_trickles_is_ended_by_the_same_deadline(port):
    began = time.monotonic()
    with socket.create_connection(("127.0.0.1", port), timeout=0.1) as link:
        link.sendall(asked(b"/", b"Content-Length: 10000", verb=b"POST"))
        heard = b""
        while not heard and time.monotonic() - began < 8:
            link.sendall(b"x")
            try:
                heard = link.recv(1000)
            except TimeoutError:
                continue
    assert heard.startswith(b"HTTP/1.1 408") and time.monotonic() - began < WITHIN_S + 3


BROKEN = {
    "length": asked(b"/", b"Content-Length: 10", verb=b"POST") + b"half",
    "pieces": asked(b"/", b"Transfer-Encoding: chunked", verb=b"POST") + b"3\r\nabc\r\n",
    "piece": asked(b"/", b"Transfer-Encoding: chunked", verb=b"POST") + b"300\r\nabc",
    "two lengths": asked(b"/", b"Content-Length: 3", b"Transfer-Encoding: chunked", verb=b"POST")
    + b"4\r\nabcd\r\n0\r\n\r\n",
    "forged": asked(b"/", b"Transfer-Encoding: chunked", verb=b"POST") + b"zz\r\nabc\r\n0\r\n\r\n",
}


@pytest.mark.parametrize("raw", BROKEN.values(), ids=BROKEN.keys())
def test_half_a_body_is_never_given_to_the_application(port, raw):
    """Half a form may be a form that says something else."""
    answer = said(port, raw, shut=True)
    assert b" 200 " not in answer[:20] and b'"body"' not in answer


def test_what_all_bodies_hold_at_once_has_a_limit_and_is_given_back(port):
    most = HELD // (LARGEST - 1)
    held = [socket.create_connection(("127.0.0.1", port), timeout=5) for _ in range(most + 2)]
    try:
        for each in held:
            each.sendall(asked(b"/", b"Content-Length: %d" % LARGEST, verb=b"POST") + b"x" * (LARGEST - 1))
            time.sleep(0.1)
        answers = [head_and_body(all_of(each))[0] for each in held]
    finally:
        for each in held:
            each.close()
    assert answers == [408] * most + [503] * 2
    assert head_and_body(said(port, asked(b"/", verb=b"POST", body=b"x" * LARGEST)))[0] == 200


def test_many_at_once_are_each_answered_with_their_own(port):
    wrong = []

    def ask(number: int) -> None:
        for turn in range(20):
            body = b"%d-%d" % (number, turn) * 50
            told = json.loads(head_and_body(said(port, asked(b"/", verb=b"POST", body=body)))[2])
            if bytes.fromhex(told["body"]) != body:
                wrong.append((number, turn))

    all_ = [threading.Thread(target=ask, args=(number,)) for number in range(12)]
    for each in all_:
        each.start()
    for each in all_:
        each.join()
    assert not wrong


def test_a_spool_keeps_within_its_bytes_and_who_reads_reads_on(tmp_path):
    (tmp_path / "left by another").write_bytes(b"x")
    spool = Spool(tmp_path, most=250)
    first = spool.path(b"a" * 100)
    with first.open("rb") as reading:
        assert spool.path(b"a" * 100) == first
        for letter in b"bcd":
            spool.path(bytes([letter]) * 100)
        assert sorted(each.read_bytes()[:1] for each in tmp_path.iterdir()) == [b"c", b"d"]
        assert not first.exists() and reading.read() == b"a" * 100
    (tmp_path / spool.path(b"d" * 100).name).unlink()
    assert spool.path(b"d" * 100).read_bytes() == b"d" * 100  # another process has cleared the folder
    assert spool.path(b"e" * 1000).read_bytes() == b"e" * 1000 and tmp_path.stat().st_mode & 0o077 == 0


def test_an_answer_that_cannot_be_kept_in_a_file_is_sent_all_the_same(tmp_path):
    class Full(Spool):
        def path(self, content):
            raise OSError("no room")

    sent = []

    class Protocol:
        def response_bytes(self, status, headers, body):
            sent.append((status, body))

    portal = Buffered(large, Full(tmp_path), LARGEST)
    portal._answer({"REQUEST_METHOD": "GET", "wsgi.input": io.BytesIO()}, Protocol())
    assert sent == [(200, LARGE)]


def test_an_answer_in_trouble_has_the_headers_of_every_answer(tmp_path):
    sent = []

    class Protocol:
        def response_bytes(self, status, headers, body):
            sent.append((status, headers, body))

    def broken(environ, start_response):
        raise RuntimeError("an application that fails")

    portal = Buffered(broken, Spool(tmp_path), LARGEST, always=[("Server", "other"), ("X-Frame", "none")])
    portal._answer({"REQUEST_METHOD": "GET", "wsgi.input": io.BytesIO()}, Protocol())
    [(status, headers, body)] = sent
    assert status == 500 and body and ("X-Frame", "none") in headers
    assert [value for name, value in headers if name == "Server"] == ["airshed"], "what it says itself stays"
