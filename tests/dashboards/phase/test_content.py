"""What an assessment holds: read back as it was written, shown alike everywhere."""

import math

import pytest

from dashboards.phase.content import (
    CODE,
    Column,
    Content,
    ContentRefused,
    Sentence,
    Table,
    as_bytes,
    digest,
    from_bytes,
    shown,
)

PM25 = Column("pm25_mean_ugm3", unit="µg/m³", decimals=0)
CHANGE = Column("change_pct", unit="%", decimals=1)
CITIES = Table(
    "cities", (Column("city", CODE, family="city."), PM25, CHANGE), (("510100", 38.0, -3.1), ("510600", None, None)),
    why_missing={"1:pm25_mean_ugm3": "days"},
)  # fmt: skip
CONTENT = Content(
    {"period": "2026-Q3"}, {"simulated": True}, (CITIES,),
    (Sentence("phase.say.pm25", (("value", "cities", "510100", "pm25_mean_ugm3"),)),), {"2012": (CITIES,)},
)  # fmt: skip


def test_a_content_is_read_back_as_it_was_written_and_to_the_same_bytes():
    form = as_bytes(CONTENT)
    assert from_bytes(form) == CONTENT
    assert as_bytes(from_bytes(form)) == form
    assert len(digest(form)) == 64


def test_a_number_has_its_decimals_a_true_minus_and_missing_is_no_number():
    assert shown(38.0, PM25) == "38"
    assert shown(-3.1, CHANGE) == "−3.1"
    assert shown(0.0, CHANGE) == "0.0"
    assert shown(None, PM25) == "—"


def test_not_a_number_never_gets_into_a_content_as_a_value():
    form = as_bytes(Content({}, {}, (Table("x", (PM25,), ((math.nan,),)),), ()))
    assert from_bytes(form).tables[0].rows == ((None,),)


@pytest.mark.parametrize("form", [b"", b"[]", b"{}", b'{"schema":2}', b'{"schema":1,"question":{}}'])
def test_what_is_no_content_is_refused_in_words(form):
    with pytest.raises(ContentRefused, match="content"):
        from_bytes(form)


def test_a_row_is_found_by_its_code_and_a_column_by_its_key():
    assert CITIES.row_of("510100") == {"city": "510100", "pm25_mean_ugm3": 38.0, "change_pct": -3.1}
    assert CITIES.row_of("nowhere") is None
    with pytest.raises(KeyError, match="no column"):
        CITIES.column("aqi")
