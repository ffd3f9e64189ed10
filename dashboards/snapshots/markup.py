"""Dash components as HTML text: the same component tree serves Dash and a page that needs no script."""

from __future__ import annotations

from html import escape
from typing import Any

from dash import html
from dash.development.base_component import Component

from dashboards.components.drawing import Drawing

VOID = frozenset({"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"})
"""Elements without an end (HTML, 13.1.2)."""
_RENAMED = {"className": "class", "htmlFor": "for", "httpEquiv": "http-equiv", "acceptCharset": "accept-charset"}
"""Attributes that React writes otherwise; the rest of its names differ in case alone, which HTML does not see."""
_DASH = frozenset({"children", "n_clicks", "n_clicks_timestamp", "key", "loading_state", "disable_n_clicks"})
_TAGS = {"MapEl": "map", "ObjectEl": "object"}
_UNITLESS = frozenset(
    {"opacity", "zIndex", "flex", "flexGrow", "flexShrink", "fontWeight", "lineHeight", "order", "zoom"}
)


def markup(node: Any) -> str:
    """Write a component, a text, a number, or a sequence of these as HTML text; None is nothing.

    Data are escaped. A Drawing gives its SVG. Raises TypeError for a component that only a script can draw (dcc and other
    libraries): a page that is served as text must say the same without one.
    """
    if node is None or isinstance(node, bool):
        return ""
    if isinstance(node, str | int | float):
        return escape(str(node), quote=False)
    if isinstance(node, list | tuple):
        return "".join(map(markup, node))
    if isinstance(node, Drawing):
        return f"<div{_attributes(node, 'id', 'className')}>{node.svg}</div>"
    if not isinstance(node, Component) or getattr(html, node._type, None) is not type(node):
        raise TypeError(
            f"{type(node).__name__} cannot be written as HTML text, expected components of dash.html or a Drawing"
        )
    tag = _TAGS.get(node._type, node._type.lower())
    begin = f"<{tag}{_attributes(node)}>"
    return begin if tag in VOID else f"{begin}{markup(getattr(node, 'children', None))}</{tag}>"


def _attributes(node: Component, *only: str) -> str:
    props = node.to_plotly_json()["props"]
    named = ((name, props[name]) for name in (only or props) if name in props and name not in _DASH and name != "svg")
    return "".join(_attribute(name, value) for name, value in named)


def _attribute(name: str, value: Any) -> str:
    if value is None or value is False:
        return ""
    written = _RENAMED.get(name, name.lower())
    if value is True:
        return f" {written}"
    if name == "style":
        value = ";".join(f"{_css(key)}:{_measure(key, each)}" for key, each in value.items())
    return f' {written}="{escape(str(value))}"'


def _css(name: str) -> str:
    return name if name.startswith("--") else "".join(f"-{c.lower()}" if c.isupper() else c for c in name)


def _measure(name: str, value: Any) -> str:
    # As React does: a bare number is a length, save where the property has no unit.
    bare = isinstance(value, int | float) and value != 0 and name not in _UNITLESS and not name.startswith("--")
    return f"{value}px" if bare else str(value)
