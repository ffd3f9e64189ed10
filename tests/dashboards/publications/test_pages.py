"""Publications through the pages: looked at, frozen, overtaken, revised, withdrawn; and never changed behind one's back."""

import datetime as dt
import html as escaped
import json
import re
import threading

import pytest
import sqlalchemy as sa

from dashboards import pulse
from dashboards.office.records import engine_of
from dashboards.phase.content import as_bytes, digest, from_bytes
from dashboards.publications import register
from dashboards.publications.verify import recomputed, verify
from streams.store import schema
from tests.dashboards.office.conftest import entries, quick  # noqa: F401
from tests.dashboards.office.test_pages import CHENGDU, RIGHT, browser, context  # noqa: F401
from tests.dashboards.phase import made

PAGE = "/office/publications"
FIRST, LAST = dt.date(2025, 1, 1), dt.date(2025, 12, 31)


@pytest.fixture
def engine(tmp_path, monkeypatch):
    """A store with two years of days of the eight cities."""
    store = made.store(tmp_path)
    for year, seed in ((2024, 1), (2025, 2)):
        first, last = dt.date(year, 1, 1), dt.date(year, 12, 31)
        made.put_cities(store, made.daily(len(made.CITIES), first, last, seed=seed), first)
    monkeypatch.setattr(pulse, "KEPT_S", -1.0)
    made.put_hour(store, dt.datetime(2026, 3, 1, 20))
    return store


def look(browser, **asked):  # noqa: F811
    return browser.send(PAGE, 'value="look"', **{"period": "2025-Q3", **asked})


def button(browser, do):  # noqa: F811
    return browser.fields(f'value="{do}"')


def signed(browser, name="zhao"):  # noqa: F811
    one = browser()
    one.sign_in(name)
    return one


def freeze(one, **asked):
    look(one, **asked)
    fields = button(one, "freeze") | {"audience": "public"}
    return one.post(PAGE, fields)


def set_day(engine, value, city=CHENGDU, day=dt.date(2025, 8, 14)):
    table = schema.air_city_day
    with engine.begin() as connection:
        where = (table.c.city == city) & (table.c.day == day)
        connection.execute(
            sa.update(table).where(where).values(pm25_ugm3=value, revision=table.c.revision + 1, version=table.c.version + 1)
        )  # fmt: skip
        hour = (
            schema.air_city_hour
        )  # a revision writes the hours of its day too: by these the portal knows that the store changed
        connection.execute(sa.update(hour).values(version=hour.c.version + 1))


def record(context, name):  # noqa: F811
    with engine_of(context).connect() as connection:
        found = register.by_name(connection, name)
        return found, register.content_of(connection, found), register.inputs_of(connection, found)


def test_a_draft_that_was_looked_at_is_frozen_under_a_number_and_everybody_reads_it(browser, context):  # noqa: F811
    one = signed(browser)
    answer = freeze(one)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/publications/2026-001")
    found, content, _ = record(context, "2026-001")
    assert (found.frozen_by, found.period, found.state) == ("zhao", "2025-Q3", "published")
    page = browser().get("/publications/2026-001")
    assert page.status_code == 200 and digest(content) in page.text and "2025年第三季度" in page.text
    assert "2026-001" in browser().get("/publications").text
    assert [each.subject for each in entries(engine_of(context), "freeze")] == ["publication 2026-001"]


def test_every_number_of_the_frozen_tables_stands_on_the_page(browser, context):  # noqa: F811
    freeze(signed(browser))
    content = from_bytes(record(context, "2026-001")[1])
    page = re.sub(r"<[^>]+>", "\n", browser().get("/publications/2026-001").text)
    shown = {escaped.unescape(each).strip() for each in page.split("\n")}
    from dashboards.phase.content import NUMBER
    from dashboards.phase.content import shown as written

    for table in content.tables:
        for row in table.rows:
            for value, column in zip(row, table.columns, strict=True):
                if column.kind == NUMBER and value is not None:
                    assert written(value, column) in shown, (table.key, column.key, value)


def test_two_officers_at_once_give_one_publication_and_one_clear_refusal(browser, context):  # noqa: F811
    people = [signed(browser, name) for name in ("zhao", "root")]
    fields = []
    for one in people:
        look(one)
        fields.append(button(one, "freeze") | {"audience": "public"})
    answers, together = {}, threading.Barrier(2)

    def press(n):
        together.wait()
        answers[n] = people[n].post(PAGE, fields[n])

    threads = [threading.Thread(target=press, args=(n,)) for n in range(2)]
    [each.start() for each in threads]
    [each.join() for each in threads]
    assert sorted(each.status_code for each in answers.values()) == [303, 422]
    refused = next(each for each in answers.values() if each.status_code == 422)
    assert "发布为 2026-001" in refused.text
    with engine_of(context).connect() as connection:
        assert len(register.listed(connection)) == 1


def test_a_draft_that_the_store_has_left_behind_is_not_frozen(browser, engine):  # noqa: F811
    one = signed(browser)
    look(one)
    fields = button(one, "freeze") | {"audience": "public"}
    set_day(engine, 499.0)
    answer = one.post(PAGE, fields)
    assert answer.status_code == 422 and "数据又有更新" in answer.text
    assert "还没有发布评估" in browser().get("/publications").text


def test_a_revised_observation_changes_the_draft_and_not_the_publication_which_says_so(browser, context, engine):  # noqa: F811
    one = signed(browser)
    freeze(one)
    _, before, _ = record(context, "2026-001")
    assert "结果与本发布一致" in browser().get("/publications/2026-001").text
    set_day(engine, 499.0)
    page = browser().get("/publications/2026-001").text
    assert "定稿之后数据有修订" in page and record(context, "2026-001")[1] == before
    assert "有 " in look(one).text and "处不同" in one.page


def test_hours_that_come_after_the_period_leave_its_draft_as_it_was(browser, context, engine):  # noqa: F811
    freeze(signed(browser))
    made.put_hour(engine, dt.datetime(2026, 3, 9, 20))
    assert "结果与本发布一致" in browser().get("/publications/2026-001").text


def test_a_revision_lists_what_it_changed_and_why(browser, context, engine):  # noqa: F811
    one = signed(browser)
    freeze(one)
    set_day(engine, 499.0)
    look(one)
    answer = one.post(PAGE, button(one, "revise") | {"reason": "锦江站复核"})
    assert answer.headers["Location"] == "/publications/2026-001r1"
    found, _, _ = record(context, "2026-001r1")
    with engine_of(context).connect() as connection:
        changes = register.changes_of(connection, found)
    assert [(d["place"], d["day"], d["item"], d["now"]) for d in changes["days"]] == [
        (CHENGDU, "2025-08-14", "pm25", 499.0)
    ]
    was, now = (from_bytes(record(context, name)[1]) for name in ("2026-001", "2026-001r1"))
    told = {
        (c["table"], tuple(c["row"]), c["column"]): (c["was"], c["now"]) for c in changes["cells"] if not c["edition"]
    }
    place = was.table("cities").row_of(CHENGDU), now.table("cities").row_of(CHENGDU)
    assert place[0]["pm25_mean_ugm3"] != place[1]["pm25_mean_ugm3"]
    assert told["cities", (CHENGDU,), "pm25_mean_ugm3"] == (place[0]["pm25_mean_ugm3"], place[1]["pm25_mean_ugm3"])
    page = browser().get("/publications/2026-001r1").text
    assert "锦江站复核" in page and "499" in page
    assert "已被 2026-001r1 取代" in browser().get("/publications/2026-001").text
    beside = browser().get("/publications/2026-001r1/against/2026-001").text
    assert "<mark>" in beside


def test_without_a_change_there_is_nothing_to_revise(browser):  # noqa: F811
    one = signed(browser)
    freeze(one)
    look(one)
    assert "没有可修订的内容" in one.page and 'value="revise"' not in one.page


def test_a_withdrawn_publication_keeps_its_page_and_says_why(browser):  # noqa: F811
    one = signed(browser)
    freeze(one)
    one.send(PAGE, 'value="withdraw"', reason="换算有误")
    page = browser().get("/publications/2026-001")
    assert page.status_code == 200 and "已撤回：换算有误" in page.text


def test_numbers_are_computed_again_from_the_recorded_inputs_to_the_byte_after_the_store_has_moved_on(
    browser,  # noqa: F811
    context,  # noqa: F811
    engine,
):
    freeze(signed(browser))
    set_day(engine, 499.0)
    with engine.begin() as connection:
        connection.execute(sa.delete(schema.air_city_day).where(schema.air_city_day.c.city != CHENGDU))
    found, content, inputs = record(context, "2026-001")
    assert recomputed(inputs) == content
    with engine_of(context).connect() as connection:
        assert verify(connection, found).holds


def test_another_software_is_told_and_what_differs_is_named(browser, context, monkeypatch):  # noqa: F811
    from dashboards.publications import verify as module

    freeze(signed(browser))
    found, content, _ = record(context, "2026-001")
    other = json.loads(content)
    row = next(r for r in next(t for t in other["tables"] if t["key"] == "cities")["rows"] if r[0] == CHENGDU)
    at = next(n for n, value in enumerate(row) if isinstance(value, float))
    row[at] += 1
    monkeypatch.setattr(module, "recomputed", lambda _: as_bytes(from_bytes(json.dumps(other).encode())))
    monkeypatch.setattr(module, "software", lambda: "other")
    with engine_of(context).connect() as connection:
        verdict = verify(connection, found)
    assert not verdict.holds and verdict.other_software and [c.table for c in verdict.cells] == ["cities"]


@pytest.mark.parametrize(("revision", "holds"), [("other", True), (None, False)])
def test_other_words_of_another_software_leave_the_values_as_they_were(browser, context, monkeypatch, revision, holds):  # noqa: F811
    from dashboards.publications import verify as module

    freeze(signed(browser))
    found, content, _ = record(context, "2026-001")
    other = json.loads(content)
    del other["summary"][-1]
    monkeypatch.setattr(module, "recomputed", lambda _: as_bytes(from_bytes(json.dumps(other).encode())))
    monkeypatch.setattr(module, "software", lambda: revision or found.software)
    with engine_of(context).connect() as connection:
        verdict = verify(connection, found)
    assert (verdict.holds, verdict.exact, verdict.cells) == (holds, False, ())


def test_an_officer_of_one_city_freezes_its_own_and_neither_the_region_nor_another(browser, context):  # noqa: F811
    wang = signed(browser, "wang")
    look(wang)
    assert 'value="freeze"' not in wang.page and "权" in wang.page
    answer = freeze(wang, places=CHENGDU)
    assert answer.headers["Location"] == "/publications/2026-001"
    zhao = signed(browser)
    look(zhao)
    forged = button(zhao, "freeze")
    look(wang, places=CHENGDU)
    mine = wang.fields('value="look"')
    taken = {name: forged[name] for name in ("question", "looked_at", "title_zh", "title_en")}
    answer = wang.post(PAGE, mine | taken | {"do": "freeze", "audience": "public"})
    assert answer.status_code == 403
    with engine_of(context).connect() as connection:
        assert len(register.listed(connection)) == 1


def test_a_researcher_looks_and_does_not_freeze(browser):  # noqa: F811
    li = signed(browser, "li")
    assert "草稿内容" in look(li).text and 'value="freeze"' not in li.page


@pytest.mark.parametrize(
    "asked",
    [{"period": "2025-Q9"}, {"period": ""}, {"period": "<script>"}, {"edition": "1"}, {"places": "9"}, {"base": "x"}],
)
def test_a_question_that_cannot_be_understood_is_answered_in_words(browser, asked):  # noqa: F811
    answer = look(signed(browser), **asked)
    assert answer.status_code == 422 and "无法理解所要的评估" in answer.text and "<script>" not in answer.text


@pytest.mark.parametrize("name", ["2026-009", "x", "2026-001r7", "2026-001%00", "../../etc/passwd"])
def test_a_publication_that_there_is_not_is_a_page_that_says_so(browser, name):  # noqa: F811
    answer = browser().get(f"/publications/{name}")
    assert answer.status_code == 404


def test_an_internal_publication_is_nobodys_to_read_outside(browser, context):  # noqa: F811
    one = signed(browser)
    look(one)
    one.post(PAGE, button(one, "freeze") | {"audience": "internal"})
    assert record(context, "2026-001")[0].audience == "internal"
    for path in ("", ".json", ".pdf", "/against/2026-001"):
        assert browser().get(f"/publications/2026-001{path}").status_code == 404
    assert "2026-001" not in browser().get("/publications").text


def test_nothing_is_frozen_while_a_file_of_targets_or_events_is_wrong_and_the_page_says_which(browser, context, engine):  # noqa: F811
    one, path = signed(browser), context.folder / "events.toml"
    good = '[[event]]\nkind = "dust"\nfirst = 2025-08-12\nlast = 2025-08-13\ncities = ["510100"]\nsource = "list 7"\n'
    for bad in (good.replace("cities", "city"), good.replace("510100", "510101"), good + "nonsense"):
        path.write_text(bad, encoding="utf-8")
        assert "events.toml" in one.get(PAGE).text and "events.toml" in look(one).text
        answer = one.post(PAGE, button(one, "freeze") | {"audience": "public"})
        assert answer.status_code == 422 and "events.toml" in answer.text
    path.write_text(good, encoding="utf-8")
    assert "events.toml" not in one.get(PAGE).text and freeze(one).status_code == 303


@pytest.mark.parametrize(
    ("part", "other"),
    [("period=2025-Q3", "period=nonsense"), ("edition=2012", "edition=HJ 633-2012"), ("places=", "places=999999,"),
     ("places=510100", "places=510100,510100"), ("period=", "when="), (",region", ",region;more=1")],
)  # fmt: skip
def test_a_question_that_no_form_of_ours_holds_is_refused_in_words(browser, engine, part, other):  # noqa: F811
    one = signed(browser)
    look(one)
    fields = button(one, "freeze")
    assert part in fields["question"]
    answer = one.post(PAGE, fields | {"question": fields["question"].replace(part, other, 1)})
    assert answer.status_code == 422 and "无法理解所要的评估" in answer.text
