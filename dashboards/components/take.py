"""Take a figure away: its drawing as SVG and PNG, and its numbers as CSV, with what they are of in the head.

The files stand in the page itself as links; only PNG needs a script (assets/take.js), which draws the SVG of the link beside it.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from dash import html

from dashboards.components.drawing import Drawing
from dashboards.theme import ACCENT, FONT, INK, LINE, MUTED, PAPER, SECTOR_COLOURS

_BOM = "\ufeff"
"""Without it a spreadsheet reads Chinese in the code page of the machine."""
_VIEW = re.compile(r'viewBox="0 0 (\d+) (\d+)"')
_STYLE = (
    f"svg{{font-family:{FONT};font-size:11px;fill:{INK};background:{PAPER}}}.axis{{stroke:{MUTED};fill:none}}"
    f".grid{{stroke:{LINE};fill:none}}.one,.error,.threat,.bias{{stroke:{MUTED};fill:none;stroke-dasharray:4 3}}"
    f".objective{{fill:{LINE};fill-opacity:.6;stroke:{MUTED}}}.observed{{fill:{INK}}}.curve{{fill:none;stroke-width:2}}"
    f".base{{stroke-dasharray:5 4}}.limit{{stroke:{ACCENT};fill:none}}"
    + "".join(f".kind-{i}{{fill:{c};stroke:{c}}}path.curve.kind-{i}{{fill:none}}" for i, c in enumerate(SECTOR_COLOURS))
    + "".join(f".part-{i}{{fill:{c}}}" for i, c in enumerate((*SECTOR_COLOURS, "#aab6c0")))
    + f".hollow{{fill:{PAPER};stroke:{MUTED}}}.base{{stroke:{MUTED}}}"
)
"""What a figure looks like outside the page; inside assets/8-judging.css says it."""


def figure(
    text: Any,
    svg: str,
    name: str,
    heads: Sequence[str] = (),
    rows: Sequence[Sequence[Any]] = (),
    about: Sequence[str] = (),
) -> html.Figure:
    """Show a drawing with links that give it as SVG, PNG and, with rows, its numbers as CSV.

    text: words of the reader's language. svg: from dashboards.figures. name: of the files. heads: of the columns, with
    their units. about: lines of the head of the CSV: period, place, source, whether simulated.
    """
    return html.Figure(
        [Drawing(svg), take(text, name, svg=svg, heads=heads, rows=rows, about=about)], className="figure"
    )


def take(
    text: Any, name: str, *, svg: str = "", heads: Sequence[str] = (), rows: Sequence[Sequence[Any]] = (),
    about: Sequence[str] = (),
) -> html.Figcaption:  # fmt: skip
    """Give the links alone; a file that there is nothing for has none."""
    links = []
    if svg:
        data = f"data:image/svg+xml;charset=utf-8,{quote(standing(svg))}"
        links.append(html.A("SVG", href=data, download=f"{name}.svg", **{"data-take": "svg"}))
        links.append(html.A("PNG", href=data, download=f"{name}.png", **{"data-take": "png"}))
    if rows:
        data = f"data:text/csv;charset=utf-8,{quote(as_csv(heads, rows, about))}"
        links.append(html.A("CSV", href=data, download=f"{name}.csv", **{"data-take": "csv"}))
    return html.Figcaption([html.Span(text("take.label")), *links], className="take")


def standing(svg: str) -> str:
    """Give a drawing as a file that stands by itself: with its size, name space and style."""
    found = _VIEW.search(svg)
    size = f' width="{found[1]}" height="{found[2]}"' if found else ""
    head, _, rest = svg.partition(">")
    return f'{head} xmlns="http://www.w3.org/2000/svg"{size}><style>{_STYLE}</style>{rest}'


def as_csv(heads: Sequence[str], rows: Sequence[Sequence[Any]], about: Sequence[str] = ()) -> str:
    """Write a table as CSV: lines of what it is about begin with "# "; None and NaN are NA.

    A text that a spreadsheet would take for a formula gets an apostrophe before it.
    """
    written = io.StringIO()
    for line in about:
        written.write(f"# {' '.join(line.split())}\n")
    lines = csv.writer(written, lineterminator="\n")
    lines.writerow([_cell(each) for each in heads])
    lines.writerows([_cell(each) for each in row] for row in rows)
    return _BOM + written.getvalue()


def _cell(value: Any) -> Any:
    if value is None or value != value:
        return "NA"
    if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r"):
        return f"'{value}"
    return f"{value:.6g}" if isinstance(value, float) else value
