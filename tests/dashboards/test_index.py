"""The page that analysis begins in speaks the reader's language and names nothing of what runs here."""

from __future__ import annotations

import sys

import dash
import plotly
import pytest

from dashboards.app import create_app
from dashboards.context import Context
from streams import registry


def _shut():
    raise OSError("no store")


@pytest.fixture(scope="module")
def client():
    return create_app(Context(_shut, registry.load())).server.test_client()


@pytest.mark.parametrize(
    ("query", "tag", "loading"),
    [("", "zh-CN", "正在载入…"), ("?lang=en", "en", "Loading…"), ("?lang=%22%3E%3Cscript%3E", "zh-CN", "正在载入…")],
)
def test_the_index_is_in_the_language_that_is_asked_for(client, query, tag, loading) -> None:
    page = client.get(f"/analysis{query}").get_data(as_text=True)
    assert page.startswith(f'<!DOCTYPE html>\n<html lang="{tag}">') and f">{loading}<" in page
    assert "Loading..." not in page and "%(" not in page


def test_no_version_of_what_runs_here_is_told_to_every_browser(client) -> None:
    answer = client.get("/analysis")
    told = answer.get_data(as_text=True) + str(answer.headers)
    for version in (
        sys.version,
        sys.version.split()[0],
        f'"{dash.__version__}"',
        f'"{plotly.__version__}"',
        "dash-version.plotly",
    ):
        assert version not in told
