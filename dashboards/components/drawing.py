"""A Dash component that shows SVG text: Dash has none, and the map needs links, titles and labels inside."""

from __future__ import annotations

from typing import ClassVar

from dash.development.base_component import Component


class Drawing(Component):
    """SVG in a div; drawn by assets/drawing.js. svg must come from dashboards.figures.svg
    or dashboards.snapshots.markup, which escape data."""

    _children_props: ClassVar[list[str]] = []
    _base_nodes: ClassVar[list[str]] = []
    _namespace = "airshed_drawings"
    _type = "Drawing"
    _prop_names: ClassVar[list[str]] = ["id", "svg", "className"]
    _valid_wildcard_attributes: ClassVar[list[str]] = []
    available_properties = _prop_names
    available_wildcard_properties: ClassVar[list[str]] = []

    def __init__(self, svg: str, className: str = "", **kwargs: str) -> None:
        self._prop_names = Drawing._prop_names
        super().__init__(svg=svg, className=className, **kwargs)
