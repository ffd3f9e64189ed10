"""The first answers that Dash asks for, put into its page: what is drawn first needs no further way to the server."""

from __future__ import annotations

import copy
import logging
from typing import Any
from urllib.parse import parse_qs

import dash
import flask
from plotly.io.json import to_json_plotly

LAYOUT, DEPENDENCIES = "_dash-layout", "_dash-dependencies"
_LOCATION, _CONTENT, _STORE = "_pages_location", "_pages_content", "_pages_store"
"""Parts of dash.page_container."""
_LOG = logging.getLogger(__name__)


def answers(app: dash.Dash) -> str:
    """Give the layout, with the page that is asked for in it, and the callbacks, as scripts of data that `assets/first.js` reads.

    Empty where the address is no page, or its page cannot be drawn: Dash then asks for all of it, and says what it says.
    """
    page = next((each for each in dash.page_registry.values() if each["path"] == flask.request.path), None)
    if page is None:
        return ""
    try:
        layout = to_json_plotly(_container(page))
    except Exception:  # the callback that draws the page meets the same fault, and shows it
        _LOG.exception("no first answer for %s", page["path"])
        return ""
    prefix = app.config.requests_pathname_prefix
    told = {f"{prefix}{LAYOUT}": layout, f"{prefix}{DEPENDENCIES}": app.dependencies().get_data(as_text=True)}
    return "".join(
        f'<script type="application/json" data-answers="{name}">{_inert(text)}</script>' for name, text in told.items()
    )


def _container(page: dict[str, Any]) -> Any:
    """Give dash.page_container as it is once the browser's address is known and its page has come."""
    search = flask.request.query_string.decode("latin-1")
    query = parse_qs(search, keep_blank_values=True)
    layout, title = page["layout"], page["title"]
    container = copy.deepcopy(dash.page_container)
    container[_LOCATION].pathname = flask.request.path
    container[_LOCATION].search = search and f"?{search}"
    container[_CONTENT].children = (
        layout(**{name: each[0] if len(each) == 1 else each for name, each in query.items()})
        if callable(layout)
        else layout
    )
    container[_STORE].data = {"title": title() if callable(title) else title}
    return container


def _inert(text: str) -> str:
    """Give JSON in which nothing can end its script."""
    return text.replace("<", "\\u003c")
