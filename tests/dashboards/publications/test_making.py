"""Documents are made one at a time behind everybody's back: who asks early is told how far they are, nothing piles up."""

import os
import threading
import time

import pytest

from dashboards.documents.made import KINDS
from dashboards.office.records import engine_of
from dashboards.publications import files, making, register
from dashboards.publications.making import NotMade, Workshop, make_ahead, workshop_of
from tests.dashboards.office.conftest import quick  # noqa: F401
from tests.dashboards.office.test_pages import browser, context  # noqa: F401
from tests.dashboards.publications.test_files import NAME
from tests.dashboards.publications.test_pages import PAGE, engine, freeze, signed  # noqa: F401

BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


class Gate:
    """Makes documents of a few bytes, each when it is let; tells whether two were made at once."""

    def __init__(self) -> None:
        self.open, self.begun, self.at_once, self.most, self.made = threading.Event(), threading.Event(), 0, 0, []
        self.lock = threading.Lock()

    def __call__(self, publication, content, kinds, *, portal, progress):
        with self.lock:
            self.at_once += 1
            self.most = max(self.most, self.at_once)
        progress(0.4, "pdf")
        self.begun.set()
        assert self.open.wait(20)
        with self.lock:
            self.at_once -= 1
            self.made.append((publication.state, publication.lang, tuple(kinds)))
        return {kind: f"{publication.state} {publication.lang} {kind}".encode() for kind in kinds}


@pytest.fixture
def gate(monkeypatch):
    made = Gate()
    monkeypatch.setattr(making, "files", made)
    monkeypatch.setattr(files, "PEOPLE_WAIT_S", 0.05)
    yield made
    made.open.set()


@pytest.fixture
def one(browser, gate):  # noqa: F811
    """A duty officer who has published the third quarter of 2025."""
    officer = signed(browser)
    freeze(officer)
    return officer


def newest(context):  # noqa: F811
    with engine_of(context).connect() as connection:
        return register.listed(connection)[0]


def until(there, longest_s=20):
    end = time.monotonic() + longest_s
    while not there() and time.monotonic() < end:
        time.sleep(0.01)
    assert there()


def test_a_browser_is_told_at_once_how_far_its_file_is_and_takes_it_when_it_is_made(one, browser, gate):  # noqa: F811
    someone = browser().client
    begun = time.monotonic()
    answer = someone.get(f"{NAME}.pdf", headers=BROWSER)
    assert time.monotonic() - begun < 2
    assert (answer.status_code, answer.headers["Refresh"], answer.headers["Retry-After"]) == (202, "2", "2")
    assert (
        "正在生成文件" in answer.text and "已完成 40%" in answer.text and answer.headers["Cache-Control"] == "no-store"
    )
    english = someone.get(f"/en{NAME}.pdf", headers=BROWSER)
    assert english.status_code == 202 and "1 are before it" in english.text
    gate.open.set()
    until(lambda: someone.get(f"{NAME}.pdf", headers=BROWSER).status_code == 200)
    assert someone.get(f"{NAME}.pdf", headers=BROWSER).data == b"frozen zh pdf"


def test_a_program_waits_for_its_file_and_gets_no_page_in_its_place(one, browser, gate, monkeypatch):  # noqa: F811
    monkeypatch.setattr(files, "PROGRAMS_WAIT_S", 0.05)
    answer = browser().client.get(f"{NAME}.pdf", headers={"Accept": "*/*"})
    assert (
        answer.status_code == 503
        and answer.headers["Retry-After"] == "30"
        and "40 %" in answer.get_json()["error"]["what"]
    )
    monkeypatch.setattr(files, "PROGRAMS_WAIT_S", 20)
    threading.Timer(0.2, gate.open.set).start()
    assert browser().client.get(f"{NAME}.pdf").data == b"frozen zh pdf"


def test_a_crowd_has_a_file_made_once_one_at_a_time_and_holds_few_threads(one, browser, gate, monkeypatch):  # noqa: F811
    monkeypatch.setattr(files, "PROGRAMS_WAIT_S", 20)
    answers, crowd = [], browser
    kinds = ["pdf", "docx", "xlsx"] * 3

    def ask(kind):
        answers.append(crowd().client.get(f"{NAME}.{kind}").status_code)

    threads = [threading.Thread(target=ask, args=(kind,)) for kind in kinds]
    [each.start() for each in threads]
    until(lambda: len(answers) == len(kinds) - files.MOST_HELD)
    assert set(answers) == {503}, "who finds too many waiting is told to come again, at once"
    gate.open.set()
    [each.join() for each in threads]
    assert answers.count(200) == files.MOST_HELD and gate.most == 1
    until(lambda: sum(len(kinds) for *_, kinds in gate.made) == 3)


def test_no_more_wait_than_there_is_room_for(one, gate, context, monkeypatch):  # noqa: F811
    monkeypatch.setattr(making, "MOST_JOBS", 2)
    workshop = workshop_of(context)
    workshop.ask(newest(context), ("pdf",), "zh")
    assert gate.begun.wait(10)
    workshop.ask(newest(context), ("pdf", "docx"), "en")
    with pytest.raises(NotMade, match="2 documents are waiting"):
        workshop.ask(newest(context), ("xlsx",), "en")


def test_what_cannot_be_made_is_told_and_not_tried_again_at_once(one, browser, context, monkeypatch):  # noqa: F811
    tried = []

    def broken(*_, **__):
        tried.append(1)
        raise OSError("no space left on device")

    monkeypatch.setattr(making, "files", broken)
    for _ in range(3):
        answer = browser().client.get(f"{NAME}.docx")
        assert answer.status_code == 503 and "no space left" in answer.get_json()["error"]["what"]
    assert len(tried) == 1
    monkeypatch.setattr(making, "TROUBLE_S", 0)
    browser().client.get(f"{NAME}.docx")
    assert len(tried) == 2


def test_the_usual_files_are_made_when_something_is_published(gate, browser, context, monkeypatch):  # noqa: F811
    gate.open.set()
    monkeypatch.setattr(making, "AHEAD", tuple(KINDS))
    freeze(signed(browser))
    workshop = workshop_of(context)
    until(lambda: workshop.made == 2 * len(KINDS))
    assert gate.made == [("frozen", lang, tuple(KINDS)) for lang in ("zh", "en")], "the text is set once in a language"


def test_a_file_of_a_state_that_is_over_goes_away_and_the_new_one_says_so(one, browser, context, gate):  # noqa: F811
    gate.open.set()
    client = browser().client
    assert client.get(f"{NAME}.pdf").data == b"frozen zh pdf"
    shelf = context.files_folder() / making.FOLDER
    assert [path.name.split("-")[2] for path in shelf.iterdir()] == ["published"]
    one.send(PAGE, 'value="withdraw"', reason="换算有误")
    assert list(shelf.iterdir()) == []
    assert client.get(f"{NAME}.pdf").data == b"withdrawn zh pdf"


def test_the_shelf_is_bounded_and_what_was_removed_comes_out_the_same(one, browser, context, gate, monkeypatch):  # noqa: F811
    gate.open.set()
    monkeypatch.setattr(making, "MOST_FILES", 2)
    client, shelf = browser().client, context.files_folder() / making.FOLDER
    first = client.get(f"{NAME}.pdf").data
    left = shelf / ".half"
    left.write_bytes(b"x")
    os.utime(left, (1, 1))
    for kind in ("docx", "xlsx", "json"):
        client.get(f"{NAME}.{kind}")
    assert len(list(shelf.iterdir())) == 2
    assert client.get(f"{NAME}.pdf").data == first


def test_nobody_who_waits_holds_the_office(one, browser, context, gate, monkeypatch):  # noqa: F811
    monkeypatch.setattr(files, "PROGRAMS_WAIT_S", 5)
    thread = threading.Thread(target=lambda: browser().client.get(f"{NAME}.pdf"))
    thread.start()
    assert gate.begun.wait(10)
    assert engine_of(context).pool.checkedout() == 0
    gate.open.set()
    thread.join()


def test_the_worker_ends_with_its_work(one, browser, gate):  # noqa: F811
    gate.open.set()
    browser().client.get(f"{NAME}.pdf")
    until(lambda: not any(each.name == "documents" for each in threading.enumerate()))


def test_publishing_does_not_fail_because_documents_cannot_be_made_ahead(context, monkeypatch, one):  # noqa: F811
    monkeypatch.setattr(Workshop, "ask", lambda *_: (_ for _ in ()).throw(NotMade("too many")))
    monkeypatch.setattr(making, "AHEAD", ("pdf",))
    make_ahead(context, newest(context))
