"""What is asked of an assessment: read from texts, written as one, refused in words."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboards.phase.campaigns import CampaignsRefused, campaign_of, read_campaigns
from dashboards.phase.question import QuestionRefused, period_of, question_of, question_of_text, year_before

CITIES = ("510100", "510600")


@pytest.mark.parametrize(
    ("text", "kind", "first", "last"),
    [
        ("2026-09", "month", "2026-09-01", "2026-09-30"),
        ("2026-Q3", "quarter", "2026-07-01", "2026-09-30"),
        ("2026-H1", "half_year", "2026-01-01", "2026-06-30"),
        ("2026", "year", "2026-01-01", "2026-12-31"),
        ("ozone-2026", "campaign", "2026-05-01", "2026-09-30"),
        ("haze-2026", "campaign", "2026-11-01", "2027-02-28"),
        ("haze-2027", "campaign", "2027-11-01", "2028-02-29"),
        ("2026-05-03..2026-06-11", "campaign", "2026-05-03", "2026-06-11"),
    ],
)
def test_a_period_is_the_days_that_its_text_names(text, kind, first, last):
    found = period_of(text)
    assert (found.kind, str(found.first_date), str(found.last_date), found.name) == (kind, first, last, text)


@pytest.mark.parametrize(
    "text",
    ["", "2026-13", "2026-Q5", "2026-H3", "0000", "rain-2026", "2026-06-11..2026-05-03", "2026-02-30..2026-03-01", "２０２６",
     "2026-9", "1999", "2010-01-01..2020-01-01", "2026-Q3 "],
)  # fmt: skip
def test_what_is_no_period_is_refused_with_what_was_expected(text):
    with pytest.raises(QuestionRefused, match=r"period is .*, expected"):
        period_of(text)


def test_the_base_is_the_same_days_of_the_year_before_unless_another_is_asked_for():
    assert question_of({"period": "2026-Q3"}, CITIES).base.name == "2025-Q3"
    assert question_of({"period": "2026-Q3", "base": "2023-Q3"}, CITIES).base.name == "2023-Q3"
    assert question_of({"period": "haze-2024"}, CITIES).base.last_date == dt.date(2024, 2, 29)
    assert year_before(period_of("2024-02-29..2024-03-05")).first_date == dt.date(2023, 2, 28)


@pytest.mark.parametrize(
    ("period", "edition"), [("2025", "2012"), ("2026-02", "2012"), ("2026-Q1", "2026T"), ("2031", "2031")]
)
def test_the_edition_is_the_one_in_force_at_the_end_unless_another_is_asked_for(period, edition):
    # GB 3095-2026 holds from 2026-03-01, its final limits from 2031-01-01.
    assert question_of({"period": period}, CITIES).edition == edition
    assert question_of({"period": period, "edition": "2031"}, CITIES).edition == "2031"


@pytest.mark.parametrize(
    "asked",
    [{"edition": "2025"}, {"places": "510700"}, {"places": "510100,510100"}, {"base": "then"}, {"places": ","}],
)
def test_each_part_is_refused_by_its_name(asked):
    with pytest.raises(QuestionRefused, match=f"^{next(iter(asked))} is"):
        question_of({"period": "2026", **asked}, CITIES)


def test_places_are_all_with_the_region_or_those_named():
    assert question_of({"period": "2026"}, CITIES).region
    some = question_of({"period": "2026", "places": "510600"}, CITIES)
    assert some.cities == ("510600",) and not some.region


@given(
    st.sampled_from(["2026-09", "2024-Q1", "2026-H2", "2015", "haze-2023", "2026-05-03..2026-06-11"]),
    st.sampled_from(["2012", "2026T", "2031", ""]),
    st.sampled_from(["", "510600,region", "510600,510100"]),
)
def test_a_question_is_read_back_from_its_canonical_text(period, edition, places):
    question = question_of({"period": period, "edition": edition, "places": places}, CITIES)
    assert question_of_text(question.text) == question
    assert question_of_text(question.text).text == question.text


def test_a_later_entry_of_a_campaign_holds_from_its_year(tmp_path):
    entry = '[[campaign]]\ncode = "ozone"\nfirst = "{}"\nlast = "09-30"\nsince = {}\nsource = "x"\n'
    path = tmp_path / "campaigns.toml"
    path.write_text(entry.format("05-01", 2013) + entry.format("04-01", 2027))
    known = read_campaigns(path)
    assert campaign_of("ozone", 2026, known).first_date == dt.date(2026, 5, 1)
    assert campaign_of("ozone", 2027, known).first_date == dt.date(2027, 4, 1)


@pytest.mark.parametrize("line", ['first = "13-01"', 'code = "A"', "since = true", 'source = ""', "= 1"])
def test_an_entry_that_is_no_campaign_is_named(tmp_path, line):
    whole = {"code": '"ozone"', "first": '"05-01"', "last": '"09-30"', "since": "2013", "source": '"x"'}
    name, _, value = line.partition(" = ")
    path = tmp_path / "campaigns.toml"
    path.write_text("[[campaign]]\n" + "".join(f"{key} = {each}\n" for key, each in (whole | {name: value}).items()))
    with pytest.raises(CampaignsRefused, match=r"campaigns\.toml"):
        read_campaigns(path)
