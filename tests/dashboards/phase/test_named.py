"""Periods in words, as official reports write them."""

import pytest

from dashboards.phase.named import period_words
from dashboards.phase.question import period_of
from dashboards.text import Text


@pytest.mark.parametrize(
    ("name", "zh", "en"),
    [
        ("2026-09", "2026年9月", "September 2026"),
        ("2026-Q3", "2026年第三季度", "third quarter of 2026"),
        ("2026-H1", "2026年上半年", "first half of 2026"),
        ("2026", "2026年", "2026"),
        ("2026-05-03..2026-06-11", "2026年5月3日至2026年6月11日", "3 May 2026 to 11 June 2026"),
    ],
)
def test_a_period_is_named_as_reports_do(name, zh, en):
    period = period_of(name)
    assert (period_words(Text("zh"), period), period_words(Text("en"), period)) == (zh, en)


@pytest.mark.parametrize("name", ["ozone-2026", "haze-2026"])
def test_a_campaign_has_its_own_name(name):
    assert "2026" in period_words(Text("zh"), period_of(name)) and "日" not in period_words(Text("zh"), period_of(name))
