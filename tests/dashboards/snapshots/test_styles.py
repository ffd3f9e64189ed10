"""What one kind of page is styled with reaches no other: files of style share one sheet, and classes their names."""

from __future__ import annotations

import datetime as dt
import re

import pytest

from dashboards.context import Context
from dashboards.snapshots import declared, pages
from dashboards.snapshots.drawn import drawn
from dashboards.snapshots.pages import Page
from dashboards.snapshots.statics import style
from dashboards.view import View
from streams import registry
from tests.dashboards import stores
from tests.dashboards.conftest import NOW

KNOWN = registry.load()
PARAMS = {"station": "1431A", "day": dt.date(2023, 1, 21), "month": dt.date(2023, 1, 1)}
ALONE = re.compile(r"\.([\w-]+)(?:::?[\w-]+(?:\([^)]*\))?)*")
"""A selector of a class that holds wherever the class stands."""


def alone(file: str) -> set[str]:
    """Give the classes that a file of style means wherever they stand."""
    selectors = re.findall(r"([^{}]+)\{", re.sub(r"/\*.*?\*/", "", style((file,)), flags=re.DOTALL))
    found = (ALONE.fullmatch(each.strip()) for many in selectors for each in many.split(","))
    return {match[1] for match in found if match}


def classes(page: Page, context: Context) -> set[str]:
    view = View(city="510100", lang="zh", hour=stores.NEWEST if "<hour>" in page.rule else None)
    params = {name: value for name, value in PARAMS.items() if f"<{name}>" in page.rule}
    whole = re.sub(r"<style>.*?</style>", "", drawn(context, page, view, params, "1").html, flags=re.DOTALL)
    return {each for found in re.findall(r'class="([^"]+)"', whole) for each in found.split()}


@pytest.mark.parametrize("file", ["8-", "9-"])
def test_what_styles_assessments_or_the_office_styles_no_other_public_page(engine, tmp_path, file):
    declared.load()
    context = Context(lambda: engine, KNOWN, clock=lambda: NOW, folder=tmp_path)
    shown = {each.name: classes(each, context) for each in pages.pages().values() if each.frame == "public"}
    assert {"home", "city", "station"} <= set(shown) and len(alone(file)) > 3
    met = {name: found & alone(file) for name, found in shown.items() if found & alone(file)}
    assert not met, "these classes are meant wherever they stand: name the element or what they stand in"
