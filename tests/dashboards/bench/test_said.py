"""Every kind of result speaks the reader's language: on the page, in its drawings, and in the files that are taken away."""

from __future__ import annotations

import re

import pytest

from dashboards.bench import asked, compared, made_of
from dashboards.bench.super_site import opened, opened_with_hours
from dashboards.components.take import gathered
from dashboards.context import Context, scene_of
from dashboards.view import View
from tests.dashboards import stores
from tests.dashboards.bench import filled
from tests.dashboards.conftest import NOW
from tests.dashboards.test_one_language import CODES, HAN, LATIN, NAMES, SYMBOLS, UNITS, texts

FORMULAE = re.compile(
    r"L_N/Q|P\(H₂O₂\)/P\(HNO₃\)|d?[A-Z][A-Za-z¹]*[₂₃][A-Z₂₃]*|\bdln\b|\bppbC\b|\bPa\b|\bBS\b|\bdQ\b|\bT1S2\b"
)
"""Chemical formulae and signs, units, and a mechanism."""
LISTED = UNITS | SYMBOLS | NAMES | set(filled.CONTENTS) | {"VOC", "researcher"}
"""Kinds stand as codes in what is refused, as the shell takes them; a person asked."""
OF_HOURS = {"groups": made_of.groups, "ranking": made_of.ranking, "ratios": made_of.ratios}


@pytest.fixture(scope="module")
def engine(tmp_path_factory):
    engine = stores.empty_store(tmp_path_factory.mktemp("said"))
    stores.fill(engine)
    yield engine
    engine.dispose()


@pytest.fixture(scope="module")
def digests(engine):
    return filled.fill(engine)


def said(engine, lang: str, draw, **params: str) -> list[str]:
    """Give every text of a section, and of the files of its figures."""
    context = Context(lambda: engine, filled.known(), clock=lambda: NOW)
    asked_of = {"station": filled.SITE, "span": "7d", **params}
    with scene_of(context, View("510100", lang=lang), asked_of) as scene, gathered() as figures:
        found = list(texts(draw(scene)))
        for figure in figures:
            found += figure.as_csv(scene.text).splitlines()
    return found


def foreign(parts: list[str], lang: str) -> set[tuple[str, str]]:
    if lang == "en":
        return {(word, part) for part in parts for word in HAN.findall(part.replace("超级站", ""))}
    left = ((FORMULAE.sub(" ", CODES.sub(" ", part)), part) for part in parts)
    return {(word, part) for words, part in left for word in LATIN.findall(words) if word not in LISTED}


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("kind", filled.CONTENTS)
def test_a_result_of_each_kind_speaks_one_language(engine, digests, kind, lang):
    parts = said(engine, lang, lambda scene: opened(scene, "bench.results", compared.results), result=digests[kind])
    assert len(parts) > 100 and foreign(parts, lang) == set()


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("name", OF_HOURS)
def test_what_is_told_of_hours_speaks_one_language(engine, digests, name, lang):
    parts = said(engine, lang, lambda scene: opened_with_hours(scene, "bench.composition", OF_HOURS[name]))
    assert len(parts) > 10 and foreign(parts, lang) == set()


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_requests_speak_one_language(engine, digests, lang):
    parts = said(engine, lang, lambda scene: opened(scene, "bench.asked", asked.requests))
    assert len(parts) > 30 and foreign(parts, lang) == set()


# The walk must be able to fail: what stood on the Chinese page before its words had entries.
@pytest.mark.parametrize(
    "words", ["未测而假定的：light: clear sky 0.8", "share of radicals", "2,2-dimethylbutane", "box, all"]
)
def test_the_walk_finds_english(words):
    assert foreign([words], "zh")
