"""A portal with two small pages as text of its own, on the filled store."""

from __future__ import annotations

import pytest
from dash import html
from werkzeug.test import Client

from dashboards.app import create_portal
from dashboards.context import Context
from dashboards.snapshots import declared, pages
from streams import registry
from tests.dashboards.conftest import NOW


@pytest.fixture
def declared_pages(monkeypatch) -> None:
    """Declare a home and a page of cities and hours in place of those of the portal."""
    declared.load()
    monkeypatch.setattr(pages, "_PAGES", {})
    monkeypatch.setattr(declared, "load", lambda: None)
    pages.page("overview", "/", {"all": lambda scene: html.P(str(len(scene.registry.cities)))}, in_navigation=True)
    pages.page("models", "/probe/<city>", {"own": own}, ahead=lambda known: [{"city": code} for code in known.cities])
    pages.page("scenario", "/probe/<city>/<hour>", {"own": own})


def own(scene):
    """The name of the city and the hour that is shown."""
    return html.P([scene.city_name(scene.view.city), f" {scene.moment.hour}"])


@pytest.fixture
def context(engine, tmp_path) -> Context:
    return Context(lambda: engine, registry.load(), clock=lambda: NOW, folder=tmp_path / "portal")


@pytest.fixture
def client(declared_pages, context) -> Client:
    return Client(create_portal(context))
