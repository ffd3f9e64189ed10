"""What a result rests on day by day, in words: days left out, compounds left out of a day, what was assumed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dash import html

from dashboards.bench import named
from dashboards.text import Text


def told(text: Text, content: Mapping[str, Any]) -> list[html.P]:
    """Tell which days a result leaves out, which compounds of a day, which days are unlike the others, and what was assumed."""
    said = [
        ("left_out", [_left_out(text, each) for each in content.get("left_out") or ()]),
        ("without", [_without(text, each) for each in content.get("without") or ()]),
        ("unlike", list(content.get("unlike") or ())),
        ("assumed", [f"{named.series(text, name)} {value}" for name, value in (content.get("assumed") or {}).items()]),
    ]
    comma = text("list.comma")
    return [html.P(text(f"bench.{key}", what=comma.join(each)), className="footnote") for key, each in said if each]


def _left_out(text: Text, each: Mapping[str, Any]) -> str:
    what = named.series(text, each["what"])
    return text(
        "bench.lacks", day=each["day"], what=what, hours=each["gap_h"] or 24
    )  # a gap of 0 h is a series that is none


def _without(text: Text, each: Mapping[str, Any]) -> str:
    return f"{each['day']} {named.compound(text, each['what'])} {100 * each['share']:.1f} %"
