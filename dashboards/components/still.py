"""Long tables as one component: Dash connects each cell of its own to its state, and 4,000 of them hold a browser for minutes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dashboards.components.drawing import Drawing
from dashboards.components.tables import scrolling, simple_table
from dashboards.snapshots.markup import markup


def still_table(heads: Sequence[Any], rows: Sequence[Sequence[Any]]) -> Drawing:
    """Make a table that scrolls by itself and is drawn as a whole; data are escaped."""
    return still(scrolling(simple_table(heads, rows)))


def still(part: Any) -> Drawing:
    """Draw a part of a page as a whole: for tables that grow with what is stored; data are escaped."""
    return Drawing(markup(part))
