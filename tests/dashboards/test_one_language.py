"""A page speaks one language: no English on a Chinese page but units, symbols, codes and names, and the reverse."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from xml.etree import ElementTree

import pytest

from dashboards import live
from dashboards.components.drawing import Drawing
from dashboards.context import Scene
from dashboards.moment import at
from dashboards.text import Text, catalogue
from dashboards.view import View
from streams import registry
from tests.dashboards import foreseen, stores
from tests.ml.registry.made import registry as registry_of_models
from tests.ml.registry.made import serving, trained

LATIN = re.compile(r"[A-Za-z][A-Za-z'’-]*")
HAN = re.compile(r"[\u3400-\u9fff\u3000-\u303f\uff00-\uff60]+")
UNITS = {"g", "m", "cm", "mg", "kg", "h", "MB", "s", "ms", "ppb", "ppt"}
SYMBOLS = {
    "AQI",
    "IAQI",
    "PM",
    "NO",
    "NOx",
    "NH",
    "SO",
    "CO",
    "O",
    "VOC",
    "VOCs",
    "NA",
    "UTC",
    "R",
    "MAE",
    "RMSE",
    "OH",
    "n",
    "r",
}
SYMBOLS |= {
    "PMF",
    "DISP",
    "EKMA",
    "RIR",
    "Q",
    "Ox",
    "OVOC",
    "NMB",
    "NME",
    "IOA",
    "FAC",
    "POD",
    "FAR",
    "HSS",
    "TS",
    "MQI",
    "SVG",
    "PNG",
    "CSV",
    "JSON",
    "PDF",
    "Word",
}  # scores and kinds of files
SYMBOLS |= {"HO", "RO", "CH", "HNO", "H", "D", "dQ"}  # of chemistry, without what stands below the line
NAMES = {
    "HJ",
    "GB",
    "T",
    "MEIC",
    "MEIC-",
    "CDAQS",
    "SHA-",
    "FAIRMODE",
    "OpenAPI",
    "Atom",
    "Pyper",
    "Peterman",
    "Roebber",
    "Heidke",
    "Kaplan",
    "Meier",
    "KM",
    "ROS",
    "CAS",
    "PFOS",
    "PFOA",
    "PFHxS",
}
"""Standards, inventories, forecasts, digests, formats, authors, methods and substances are called so in both languages."""
CODES = re.compile(
    r"\b\d{4}[A-Z]\b|\b[0-9a-f]{7,}\b|…|\S+\.csv|[A-Za-z0-9-]+/\d{4}-\d\d-\d\dT\d\dZ|TWIN-[AB]|pm25-linear \d|\b\w+_ugm3\b"
    r"|\bcnemc\b|\bcdaqs\b|方法 (attribution|scenario) \d|joined hours abababababab|· tested$"
    r"|（[a-z]+）|\b[a-z]+(?:_[a-z]+)+\b|取自 attribution|/api/v1/[a-z]+|\?since=|meta\.next|simulated 为 true|FAIRMODE v\d"
    r"|\b\d{4}-[QH]\d\b|\b(?:ozone|haze)-\d{4}\b|\b[a-z]+\.toml\b"
)
"""Stations, digests, files, runs, episodes, models, methods, columns and periods by their codes, and what a
person wrote into a book."""
PEOPLE = re.compile("赵主任|李工|王工|环办大气函〔2019〕648号|复核/成都_202301.csv")
"""People, a document and a file whose names are Chinese."""
SPOKEN = ("title", "aria-label", "alt", "placeholder")


def texts(component: Any) -> Iterator[str]:
    """Give every text of a component that a reader sees or hears, in order; of drawings and figures too."""
    if component is None or isinstance(component, bool):
        return
    if isinstance(component, list | tuple):
        for part in component:
            yield from texts(part)
    elif isinstance(component, Drawing):
        root = ElementTree.fromstring(component.svg)
        yield from (word for word in root.itertext() if word.strip())
        yield from (each.get("aria-label") for each in root.iter() if each.get("aria-label"))
    elif hasattr(component, "figure"):
        yield from _of_figure(
            component.figure.to_plotly_json() if hasattr(component.figure, "to_plotly_json") else component.figure
        )
    elif hasattr(component, "_prop_names"):
        props = component.to_plotly_json()["props"]
        yield from (str(props[name]) for name in SPOKEN if props.get(name))
        yield from texts(getattr(component, "children", None))
    else:
        yield str(component)


def _of_figure(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        for name, value in node.items():
            if name in ("text", "name", "title") and isinstance(value, str):
                yield re.sub(r"<[^>]+>", " ", value)
            elif name == "hovertemplate" and isinstance(value, str):
                yield re.sub(r"<[^>]+>|%\{[^}]*\}", " ", value)
            else:
                yield from _of_figure(value)
    elif isinstance(node, list | tuple):
        for value in node:
            yield from _of_figure(value)


@pytest.fixture(scope="module")
def places(tmp_path_factory):
    """Stores that fill every section: of a replay with episodes and rejects, and of a warning with measures; models of both."""
    held = registry_of_models(tmp_path_factory.mktemp("said") / "models")
    serving(held, "1", "2")
    trained(held, "3", error=99.0)
    made = []
    for fill, newest in ((stores.fill, stores.NEWEST), (foreseen.fill, foreseen.NEWEST)):
        engine = stores.empty_store(tmp_path_factory.mktemp("said"))
        fill(engine)
        made.append((engine, newest, held.root))
    made.append((stores.empty_store(tmp_path_factory.mktemp("empty")), None, None))
    return made


def said(sections: dict[str, live.Section], places, lang: str) -> dict[tuple[str, int], list[str]]:
    """Give what every section says on every store, now and looking back."""
    told: dict[tuple[str, int], list[str]] = {}
    known = registry.load()
    for number, (engine, newest, models) in enumerate(places):
        moments = [at(newest, (newest or stores.NEWEST) + stores.HOUR / 2, None)]
        if newest is not None:
            moments.append(at(newest, newest + 9000 * stores.HOUR, None))
            moments.append(at(newest, newest + stores.HOUR / 2, newest - 3 * stores.HOUR))
        with engine.connect() as connection:
            for moment in moments:
                for item in ("pm25", "o3", "aqi"):
                    view = View("510100", lang=lang, item=item, source="cnemc")
                    scene = Scene(connection, view, moment, Text(lang), known, models=models)
                    for name, section in sections.items():
                        told.setdefault((name, number), []).extend(texts(section.render(scene)))
    return told


def test_a_chinese_page_has_no_english_but_units_symbols_codes_and_names(sections, places) -> None:
    told = said(sections, places, "zh")
    foreign = {
        (name, word, text)
        for (name, _), parts in told.items()
        for text in parts
        for word in LATIN.findall(CODES.sub(" ", text))
        if word not in UNITS | SYMBOLS | NAMES
    }
    assert sum(map(len, told.values())) > 5000
    assert foreign == set()


def test_an_english_page_has_no_chinese_but_proper_names(sections, places) -> None:
    stations = sorted({each.name_zh for each in registry.load().stations.values()}, key=len, reverse=True)
    named = re.compile("|".join(map(re.escape, stations)))
    told = said(sections, places, "en")
    foreign = {
        (name, word, text)
        for (name, _), parts in told.items()
        for text in parts
        for word in HAN.findall(PEOPLE.sub(" ", named.sub(" ", text)))
    }
    assert sum(map(len, told.values())) > 5000
    assert foreign == set()


OWN_WORDS = {
    "header.other_language",
    *(f"publications.{of}_title_{lang}" for of in ("default", "city") for lang in ("zh", "en")),
}
"""The switch speaks the language that it leads to; a publication bears its titles in both, whoever writes them."""


def test_every_entry_of_the_catalogue_speaks_its_language() -> None:
    gaps = re.compile(r"\{[^}]*\}")
    zh = {
        (key, word)
        for key, entry in catalogue().items()
        for word in LATIN.findall(CODES.sub(" ", gaps.sub(" ", entry["zh"])))
        if word not in UNITS | SYMBOLS | NAMES
    }
    en = {(key, word) for key, entry in catalogue().items() for word in HAN.findall(PEOPLE.sub(" ", entry["en"]))}
    assert {each for each in zh | en if each[0] not in OWN_WORDS} == set()


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_fine_particles_are_written_with_their_sign(lang) -> None:
    assert [key for key, entry in catalogue().items() if re.search(r"PM2\.5|PM10(?!\d)|SO2|NO2|O3", entry[lang])] == []


def test_chinese_sentences_have_full_punctuation() -> None:
    half = re.compile(r"[\u3400-\u9fff][,;:?!]|[\u3400-\u9fff]\(|[,;(][\u3400-\u9fff]")
    assert [(key, entry["zh"]) for key, entry in catalogue().items() if half.search(entry["zh"])] == []
