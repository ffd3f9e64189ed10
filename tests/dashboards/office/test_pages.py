"""Pages of the office as a browser meets them, and what becomes of forms that are not ours."""

from __future__ import annotations

import dataclasses
import datetime as dt
import html
import json
import logging
import re
from urllib.parse import quote

import pytest
from werkzeug.test import Client

from dashboards.app import create_portal
from dashboards.context import Context
from dashboards.office import accounts
from dashboards.office.accounts import Caller
from dashboards.office.desk import office_pages
from dashboards.office.records import engine_of, transaction
from streams import registry
from tests.dashboards.office.conftest import NOON, RIGHT, entries
from tests.dashboards.test_one_language import HAN, LATIN

KNOWN = registry.load()
CHENGDU, DEYANG = list(KNOWN.cities)[:2]
HERE = {"Origin": "http://localhost"}


class Clock:
    """A clock that a test sets forward."""

    def __init__(self) -> None:
        self.at = NOON

    def __call__(self) -> dt.datetime:
        return self.at


@pytest.fixture
def context(engine, tmp_path, quick, monkeypatch) -> Context:
    monkeypatch.delenv("AIRSHED_OFFICE", raising=False)
    made = Context(lambda: engine, KNOWN, clock=Clock(), folder=tmp_path / "portal")
    office, caller = engine_of(made), Caller("console", NOON, "", "console")
    for name, role, city in (
        ("root", "administrator", None), ("wang", "city_officer", CHENGDU), ("li", "researcher", None),
        ("zhao", "duty_officer", None),
    ):  # fmt: skip
        accounts.add(
            office, name, role, RIGHT, caller, city=city, display=f"{name}·工", cities=KNOWN.cities, must_change=False
        )
    yield made
    office.dispose()


@pytest.fixture
def browser(context):
    """Give a way to open browsers on the portal, one for each person."""
    portal = create_portal(context)
    return lambda: Browser(Client(portal))


@dataclasses.dataclass
class Browser:
    """A browser without scripts: it fills in forms as it finds them."""

    client: Client
    page: str = ""

    def get(self, path: str):
        answer = self.client.get(path)
        self.page = answer.text
        return answer

    def fields(self, *having: str) -> dict[str, str]:
        """Give the fields of the first form on the page that holds all these texts."""
        forms = re.findall(r"<form .*?</form>", self.page, re.S)
        found = next(each for each in forms if all(part in each for part in having))
        inputs = re.findall(r'<input [^>]*name="([^"]*)" value="([^"]*)"', found)
        return {html.unescape(name): html.unescape(value) for name, value in inputs}

    def post(self, path: str, fields: dict[str, str], headers=HERE):
        answer = self.client.post(path, data=fields, headers=headers, environ_base={"REMOTE_ADDR": "127.0.0.1"})
        self.page = answer.text
        return answer

    def sign_in(self, name: str, password: str = RIGHT, to: str = "/office"):
        self.get(f"/office/login?to={to}")
        return self.post("/office/login", self.fields('name="password"') | {"name": name, "password": password})

    def send(self, path: str, having: str, **typed: str):
        """Open a page, fill in the form on it that holds a text, and send it."""
        self.get(path)
        return self.post(path, self.fields(having) | typed)


def test_who_is_not_signed_in_is_led_to_the_door_and_back(browser):
    someone = browser()
    away = someone.get("/en/office/users")
    assert (away.status_code, away.headers["Location"]) == (303, "/en/office/login?to=%2Fen%2Foffice%2Fusers")
    someone.get(away.headers["Location"])
    back = someone.post("/en/office/login", someone.fields('name="password"') | {"name": "root", "password": RIGHT})
    assert (back.status_code, back.headers["Location"]) == (303, "/en/office/users")
    assert "root·工" in someone.get("/en/office/users").text


@pytest.mark.parametrize(
    "to",
    [
        "https://evil.example/",
        "//evil.example/office",
        "/office/../x",
        "/office\r\nX: y",
        "/officer",
        "javascript:x",
        "/office/" + "x" * 300,
    ],
)
def test_nobody_is_led_elsewhere_after_signing_in(browser, to):
    assert browser().sign_in("root", to=quote(to)).headers["Location"] == "/office"


THERE = {"<user>": "wang", "<quarter>": "2026-Q1", "<name>": "minutes.docx"}
"""What the pages of one thing are asked for: a user, a meeting, and a file of it."""


def place_of(rule: str) -> str:
    """Give the address of a page of the office, of things that are there."""
    for gap, value in THERE.items():
        rule = rule.replace(gap, value)
    assert "<" not in rule, rule
    return rule


def hold_a_meeting(browser) -> None:
    zhao, meetings = browser(), "/office/meetings"
    zhao.sign_in("zhao")
    zhao.send(meetings, 'name="host"', quarter="2026-Q1", host=CHENGDU)
    zhao.send(f"{meetings}/2026-Q1", 'value="edit"', day="2026-03-01", audience="internal")
    assert zhao.send(f"{meetings}/2026-Q1", 'value="move"').status_code == 303


def test_every_page_is_for_one_person_and_kept_by_nobody(browser):
    hold_a_meeting(browser)
    root = browser()
    root.sign_in("root")
    for lang in ("", "/en"):
        for page in office_pages():
            answer = root.client.get(lang + place_of(page.rule))
            if not answer.content_type.startswith("text/html"):
                told = answer.headers
                assert (answer.status_code, told["Cache-Control"], told["X-Content-Type-Options"]) == (
                    200, "no-store", "nosniff",
                ), page  # fmt: skip
                assert "Cookie" in told["Vary"], page
                continue
            assert answer.status_code == 200 and 'role="alert"' not in answer.text, page
            told = answer.headers
            assert (
                told["Cache-Control"] == "no-store"
                and "Cookie" in told["Vary"]
                and told["X-Content-Type-Options"] == "nosniff"
            )
            assert "default-src 'none'" in told["Content-Security-Policy"] and "<script" not in answer.text
            assert "frame-ancestors 'none'" in told["Content-Security-Policy"] and len(answer.data) <= 40_000


def test_the_cookie_is_out_of_reach_for_scripts_and_other_sites(browser):
    cookie = browser().sign_in("wang").headers["Set-Cookie"]
    assert re.fullmatch(r"airshed_office=[\w-]{43}; HttpOnly; Path=/; SameSite=Lax", cookie)
    secure = browser()
    told = {"X-Forwarded-Proto": "https", "Origin": "https://localhost"}
    secure.page = secure.client.get("/office/login", headers=told).text
    answer = secure.post("/office/login", secure.fields('name="password"') | {"name": "wang", "password": RIGHT}, told)
    named = r"__Host-airshed_{}=[\w-]{{43}}; Secure; HttpOnly; Path=/; SameSite=Lax"
    assert re.fullmatch(named.format("office"), answer.headers["Set-Cookie"])
    first = Browser(Client(secure.client.application)).client.get("/office/login", headers=told)
    assert re.fullmatch(named.format("form"), first.headers["Set-Cookie"])


def test_signing_in_gives_a_new_token_and_signing_out_ends_it(browser, context):
    someone = browser()
    someone.sign_in("wang")
    first = someone.client.get_cookie("airshed_office").value
    someone.get("/office")
    assert someone.send("/office/login", 'name="password"', name="wang", password=RIGHT).status_code == 303
    second = someone.client.get_cookie("airshed_office").value
    assert first != second
    assert someone.send("/office", "/office/logout").status_code in (303, 422)
    someone.get("/office")
    assert someone.post("/office/logout", someone.fields('action="/office/logout"')).status_code == 303
    for token in (first, second):
        someone.client.set_cookie("airshed_office", token)
        assert someone.get("/office").status_code == 303
    assert [each.what for each in entries(engine_of(context))][-1] == "logout"


@pytest.mark.parametrize("token", ["forged", "a" * 43, "x" * 5000, "' OR '1'='1", "%00", "成"])
def test_a_forged_session_is_refused_and_logged(browser, context, token):
    someone = browser()
    someone.sign_in("root")
    someone.get("/office/users")
    fields = someone.fields('name="display"') | {
        "name": "mallory",
        "role": "administrator",
        "password": "violet-ladder-spoon",
    }
    someone.client.set_cookie("airshed_office", token)
    answer = someone.post("/office/users", fields)
    assert answer.status_code == 303 and "/office/login" in answer.headers["Location"]
    office = engine_of(context)
    assert len(entries(office, "session.refused")) == 1 and len(entries(office, "user.add")) == 4


def test_a_form_that_is_sent_twice_is_carried_out_once_and_logged(browser, context):
    root = browser()
    root.sign_in("root")
    root.get("/office/users")
    typed = {"name": "new", "display": "新人", "role": "researcher", "password": "violet-ladder-spoon"}
    fields = root.fields('name="display"') | typed
    assert root.post("/office/users", fields).status_code == 303
    again = root.post("/office/users", fields | {"name": "newer"})
    assert again.status_code == 422 and "此表单已提交过" in again.text
    office = engine_of(context)
    assert [each.subject for each in entries(office, "user.add")][4:] == ["new"]
    (entry,) = entries(office, "form.refused")
    assert (entry.who, entry.subject, json.loads(entry.detail)) == (
        "root",
        "/office/users",
        {"times": 1, "why": "form_again"},
    )


def test_a_form_of_another_session_is_refused_and_logged(browser, context):
    root, other = browser(), browser()
    root.sign_in("root")
    accounts.add(
        engine_of(context),
        "second",
        "administrator",
        RIGHT,
        Caller("console", NOON, "", ""),
        cities=KNOWN.cities,
        must_change=False,
    )
    other.sign_in("second")
    other.get("/office/users/wang")
    theirs = other.fields('value="lock"')
    assert root.post("/office/users/wang", theirs).status_code == 422
    assert root.post("/office/users/wang", {"do": "lock"}).status_code == 422
    # A form of one page is none of another.
    assert other.post("/office/users/li", theirs).status_code == 422
    assert len(entries(engine_of(context), "user.lock")) == 0
    assert [json.loads(each.detail)["times"] for each in entries(engine_of(context), "form.refused")] == [1, 2]
    assert other.post("/office/users/wang", theirs).status_code == 303


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": "null"},
        {"Origin": "https://evil.example"},
        {"Referer": "https://evil.example/office"},
        {"Origin": "http://localhost.evil.example"},
        {"Origin": "http://localhost:81"},
        {"Origin": "http://["},
    ],
)
def test_a_form_from_elsewhere_is_refused_and_logged(browser, context, headers):
    root = browser()
    root.sign_in("root")
    root.get("/office/users/wang")
    assert root.post("/office/users/wang", root.fields('value="lock"'), headers).status_code == 422
    (entry,) = entries(engine_of(context), "form.refused")
    assert json.loads(entry.detail)["why"] == "form_elsewhere" and not entries(engine_of(context), "user.lock")


def test_a_login_that_is_brute_forced_is_refused_and_logged(browser, context):
    someone, said = browser(), []
    for number in range(30):
        someone.sign_in("root", f"a wrong password {number}")
        said.append("请在" in someone.page)
    assert said == [False] * 5 + [True] * 25
    office = engine_of(context)
    assert len(entries(office, "login.failed")) == 5
    context.clock.at += dt.timedelta(seconds=1)
    assert someone.sign_in("root").status_code == 303


def test_a_proxy_on_this_machine_tells_whom_it_speaks_for(browser, context):
    someone = browser()
    told = HERE | {"X-Forwarded-For": "203.0.113.9, 198.51.100.77"}
    someone.get("/office/login")
    typed = {"name": "root", "password": "a wrong password"}
    someone.post("/office/login", someone.fields('name="password"') | typed, told)
    assert entries(engine_of(context), "login.failed")[0].place == "198.51.100.0/24"
    # From elsewhere nobody is believed.
    someone.get("/office/login")
    someone.client.post(
        "/office/login",
        data=someone.fields('name="password"') | typed,
        headers=told,
        environ_base={"REMOTE_ADDR": "192.0.2.1"},
    )
    assert entries(engine_of(context), "login.failed")[1].place == "192.0.2.0/24"


def test_a_session_that_is_over_leads_to_the_door(browser, context):
    someone = browser()
    someone.sign_in("wang")
    context.clock.at += dt.timedelta(minutes=29)
    assert someone.get("/office").status_code == 200
    context.clock.at += dt.timedelta(minutes=29)
    assert someone.get("/office").status_code == 200
    context.clock.at += dt.timedelta(minutes=30)
    assert someone.get("/office").status_code == 303


def test_a_locked_account_is_out_at_once(browser, context):
    root, wang = browser(), browser()
    root.sign_in("root")
    wang.sign_in("wang")
    assert root.send("/office/users/wang", 'value="lock"').status_code == 303
    assert wang.get("/office").status_code == 303 and wang.sign_in("wang").status_code == 422
    assert root.send("/office/users/wang", 'value="unlock"').status_code == 303
    assert wang.sign_in("wang").status_code == 303


@pytest.mark.parametrize(
    ("name", "open_"),
    [
        ("root", {"/office", "/office/users", "/office/audit"}),
        ("zhao", {"/office", "/office/audit"}),
        ("wang", {"/office"}),
        ("li", {"/office"}),
    ],
)
def test_each_role_sees_what_it_may(browser, context, name, open_):
    someone = browser()
    someone.sign_in(name)
    for path in ("/office", "/office/users", "/office/audit"):
        answer = someone.get(path)
        assert answer.status_code == (200 if path in open_ else 403)
        assert (f'href="{path}"' in someone.get("/office").text) == (path in open_)
    refused = {json.loads(each.detail)["action"] for each in entries(engine_of(context), "refused")}
    closed = {"/office/users": "users_manage", "/office/audit": "audit_read"}
    assert refused == {action for path, action in closed.items() if path not in open_}


def test_a_first_password_must_be_changed_before_anything_else(browser, context):
    root, new = browser(), browser()
    root.sign_in("root")
    typed = {"name": "王工", "display": "王 工", "role": "administrator", "password": "violet-ladder-spoon"}
    made = root.send("/office/users", 'name="display"', **typed)
    assert (made.status_code, made.headers["Location"]) == (303, "/office/users/" + quote("王工"))
    assert root.get(made.headers["Location"]).status_code == 200
    assert new.sign_in("王工", "violet-ladder-spoon").status_code == 303
    assert new.get("/office/users").status_code == 403
    own = {"old": "violet-ladder-spoon", "new": "seven grey herons", "again": "seven grey herons"}
    assert "两次输入" in new.send("/office", 'name="again"', **own | {"again": "other"}).text
    assert new.send("/office", 'name="again"', **own).status_code == 303
    assert new.get("/office/users").status_code == 200
    assert new.send("/office/users/%E7%8E%8B%E5%B7%A5", 'value="remove"').status_code == 303


def test_a_form_of_a_unicode_name_is_its_own(browser):
    root = browser()
    root.sign_in("root")
    typed = {"name": "王工", "display": "王工", "role": "researcher", "password": "violet-ladder-spoon"}
    path = root.send("/office/users", 'name="display"', **typed).headers["Location"]
    assert root.send(path, 'value="lock"').headers["Location"] == path


def test_what_was_typed_stands_there_again_save_passwords(browser):
    root = browser()
    root.sign_in("root")
    typed = {"name": "bad name", "display": '<b>"新"</b>', "role": "researcher", "password": "violet-ladder-spoon"}
    answer = root.send("/office/users", 'name="display"', **typed)
    assert answer.status_code == 422 and 'value="bad name"' in answer.text and "violet-ladder" not in answer.text
    assert "<b>" not in answer.text and "&lt;b&gt;&quot;新&quot;&lt;/b&gt;" in answer.text
    assert '<option value="researcher" selected>' in answer.text


@pytest.mark.parametrize(
    "typed",
    [
        {"name": "x" * 41},
        {"display": "a\x00b"},
        {"role": "'; DROP TABLE office_user; --"},
        {"city": "x" * 13},
        {"password": "x" * 201},
        {"display": "\x1b[2J"},
        {"name": "../../etc"},
    ],
)
def test_what_no_field_takes_is_refused_in_words(browser, context, typed):
    root = browser()
    root.sign_in("root")
    whole = {
        "name": "new",
        "display": "新",
        "role": "city_officer",
        "city": CHENGDU,
        "password": "violet-ladder-spoon",
    } | typed
    answer = root.send("/office/users", 'name="display"', **whole)
    assert answer.status_code == 422 and 'role="alert"' in answer.text
    assert len(entries(engine_of(context), "user.add")) == 4


def test_a_body_that_is_too_large_is_refused_in_words(browser):
    root = browser()
    root.sign_in("root")
    answer = root.post("/office/users", {"name": "x" * 300_000})
    assert answer.status_code == 413 and "过大" in answer.text


def test_thousands_of_fields_are_refused(browser):
    root = browser()
    root.sign_in("root")
    root.get("/office/users/wang")
    many = root.fields('value="lock"') | {f"f{number}": "" for number in range(900)}
    assert root.post("/office/users/wang", many).status_code == 422
    assert root.post("/office/users/wang", {f"f{number}": "" for number in range(9000)}).status_code == 422


def test_two_posts_of_one_form_at_once_are_carried_out_once(browser, context):
    import threading

    root = browser()
    root.sign_in("root")
    root.get("/office/users")
    typed = {"name": "new", "display": "新", "role": "researcher", "password": "violet-ladder-spoon"}
    fields, cookie = root.fields('name="display"') | typed, root.client.get_cookie("airshed_office").value
    statuses: list[int] = []

    def posts(name: str) -> None:
        other = Browser(Client(root.client.application))
        other.client.set_cookie("airshed_office", cookie)
        statuses.append(other.post("/office/users", fields | {"name": name}).status_code)

    threads = [threading.Thread(target=posts, args=(f"new{number}",)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [303, 422, 422, 422]


def test_a_person_ends_another_session_of_his_own_and_nobody_elses(browser, context):
    here, there, other = browser(), browser(), browser()
    here.sign_in("wang")
    there.sign_in("wang")
    other.sign_in("li")
    other.get("/office")
    here.get("/office")
    fields = here.fields('value="end"')
    theirs = other.send("/office", 'name="again"', do="end", label=fields["label"])
    assert theirs.status_code == 303 and there.get("/office").status_code == 200
    assert here.post("/office", fields).status_code == 303
    assert there.get("/office").status_code == 303 and here.get("/office").status_code == 200


def test_the_log_is_shown_with_the_state_of_its_chain(browser, context):
    root = browser()
    root.sign_in("root")
    page = root.get("/office/audit?verify=1").text
    assert "记录链完整，共 5 条" in page and "2026-03-02 12:00:00" in page and "登录" in page
    assert root.get("/office/audit?before=3").text.count("<tr>") == 3
    for before in ("x", "-1", "9" * 400, "²"):
        assert root.get(f"/office/audit?before={before}").status_code == 200


def test_a_page_in_trouble_says_so(browser, context, monkeypatch, caplog):
    from dashboards.office import office_pages as own

    root = browser()
    root.sign_in("root")
    monkeypatch.setattr(own.audit, "newest", lambda *_: 1 / 0)
    with caplog.at_level(logging.CRITICAL):
        answer = root.get("/office/audit")
    assert answer.status_code == 500 and "故障已记录" in answer.text


def test_a_portal_without_a_folder_has_no_office_and_says_so(engine):
    portal = Client(create_portal(Context(lambda: engine, KNOWN, clock=Clock())))
    answer = portal.get("/office/login")
    assert answer.status_code == 503 and "没有设置" in answer.text and portal.get("/").status_code == 200


def test_an_office_that_cannot_be_opened_says_so_and_public_pages_stay(engine, tmp_path):
    (tmp_path / "office").write_text("a file where a folder should be")
    portal = Client(create_portal(Context(lambda: engine, KNOWN, clock=Clock(), folder=tmp_path)))
    answer = portal.get("/office")
    assert answer.status_code == 503 and "无法" in answer.text and portal.get("/").status_code == 200


def test_no_password_is_in_any_log(browser, context, caplog):
    with caplog.at_level(logging.DEBUG):
        someone = browser()
        someone.sign_in("root", "violet-ladder-spoon")
        someone.sign_in("violet-ladder-spoon", "x")
        someone.sign_in("root")
    written = caplog.text + str(entries(engine_of(context)))
    assert "violet" not in written and RIGHT not in written


def test_each_page_speaks_its_language(browser):
    """Roles, actions and reasons too; what people wrote, names and the details of the log are theirs."""
    root = browser()
    root.sign_in("root")
    root.get("/office/users/nobody")
    for path in (
        "/office",
        "/office/users",
        "/office/users/wang",
        "/office/users/nobody",
        "/office/login",
        "/office/audit?verify=1",
    ):
        for before, foreign in (("", LATIN), ("/en", HAN)):
            page = re.sub(
                r"<(style|div id=\"words\").*?</\1>|<td>\{.*?\}</td>", "", root.get(before + path).text, flags=re.S
            )
            spoken = re.sub(
                r"\b(root|wang|li|zhao|console)(·工)?\b|English|中文|·工|\b[0-9a-f]{64}\b",
                "",
                re.sub(r"<[^>]*>", " ", page),
            )
            found = [word for word in foreign.findall(html.unescape(spoken)) if word not in CITIES]
            assert found == [], (before + path, found)


CITIES = {name for city in KNOWN.cities.values() for name in (city.name_zh, city.name_en)}


def test_a_log_that_was_tampered_with_is_shown_as_broken(browser, context):
    root = browser()
    root.sign_in("root")
    assert "前后相接" in root.get("/office/audit").text
    with transaction(engine_of(context)) as connection:
        connection.exec_driver_sql("DROP TRIGGER office_audit_no_update")
        connection.exec_driver_sql("UPDATE office_audit SET who = 'li' WHERE sequence = 3")
    for path in ("/office/audit", "/office/audit?verify=1"):
        assert "记录链在第 3 条断开" in root.get(path).text
