"""Substances stand on pages with their signs, PM₂.₅ and O₃, wherever their names come from; files and programs get plain ones."""

from __future__ import annotations

import datetime as dt
import re

import pytest

from dashboards.components.health_tables import _reject
from dashboards.context import Context, Scene
from dashboards.moment import at
from dashboards.snapshots import declared
from dashboards.snapshots.drawn import drawn
from dashboards.snapshots.press import hot
from dashboards.text import Text, signed
from dashboards.view import View
from streams import registry
from streams.store.health import Reject
from tests.dashboards import foreseen, stores
from tests.dashboards.test_one_language import places, said  # noqa: F401 - a fixture

PLAIN = re.compile(r"PM ?2\.5|PM ?10|\b(?:O3|NO2|SO2)\b")
QUOTED = re.compile(r"(?s)<(code|pre|style|script)\b.*?</\1>")
SPOKEN = re.compile(r'\b(?:title|aria-label|alt|content)="([^"]*)"')
REGISTRY = registry.load()


def heard(html: str) -> list[str]:
    """Give what a reader sees or hears of a document; what is quoted for programs is none of it."""
    body = QUOTED.sub(" ", html)
    return [*SPOKEN.findall(body), *re.split(r"<[^>]*>", body)]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_no_section_of_an_analysis_page_writes_a_substance_plainly(sections, places, lang) -> None:  # noqa: F811
    told = said(sections, places, lang)
    assert sum(map(len, told.values())) > 5000
    assert {(name, text) for (name, _), parts in told.items() for text in parts if PLAIN.search(text)} == set()


@pytest.mark.parametrize("fill", [stores, foreseen])
def test_no_page_as_text_writes_a_substance_plainly(tmp_path, fill) -> None:
    declared.load()
    engine = stores.empty_store(tmp_path)
    fill.fill(engine)
    context = Context(lambda: engine, REGISTRY, lambda: fill.NEWEST + dt.timedelta(minutes=10))
    one_of_each = {(page.name, view.lang): (page, view, params) for _, page, view, params in hot(context)}
    found = [
        (name, part)
        for name, (page, view, params) in one_of_each.items()
        for part in heard(drawn(context, page, view, params, "v").html)
        if PLAIN.search(part)
    ]
    assert len(one_of_each) > 10 and found == []


@pytest.mark.parametrize(
    ("plain", "sign"),
    [
        ("PM2.5", "PM₂.₅"), ("细颗粒物(PM2.5)", "细颗粒物(PM₂.₅)"), ("PM10：O3、NO2", "PM₁₀：O₃、NO₂"), ("SO2.", "SO₂."),
        ("PM100", "PM100"), ("NO23", "NO23"), ("XO3", "XO3"), ("pm25_ugm3", "pm25_ugm3"), ("PM2.55", "PM2.55"),
    ],
)  # fmt: skip
def test_a_sign_replaces_a_whole_name_alone(plain: str, sign: str) -> None:
    assert signed(plain) == sign and signed(sign) == sign


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_reason_of_a_reject_has_signs_and_the_value_stays_as_the_file_has_it(lang) -> None:
    row = Reject(
        "cnemc", "a.csv", "line 3", None, "value beyond what PM2.5 can be", "O3", "at most 1000 of PM10", 1, False, None
    )
    scene = Scene(None, View("510100", lang=lang), at(None, stores.NEWEST, None), Text(lang), REGISTRY)
    reason, said_of, _ = (texts for texts in _reject(scene, row).children)
    assert "PM₂.₅" in reason.children and "O3" in said_of.children and "PM₁₀" in said_of.children
