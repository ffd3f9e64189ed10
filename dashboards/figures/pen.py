"""A line through places as the path of an SVG: a gap lifts the pen, a place between two gaps is a dot. Pure."""

from __future__ import annotations

from collections.abc import Iterable

Place = tuple[float, float]
DOT = "h0"
"""A line of no length: with round ends it is a dot of the line's width."""


def path_through(places: Iterable[Place | None], *, form: str = "{} {}", alone: str = DOT) -> str:
    """Write the path through places; None is a gap.

    form: how a place is written. alone: what follows a place between two gaps, in which a place may be written too;
    empty: nothing, so that it is not seen.
    """
    words: list[str] = []
    run: list[Place] = []
    for place in (*places, None):
        if place is not None:
            words.append(("L" if run else "M") + form.format(*place))
            run.append(place)
            continue
        if len(run) == 1:
            words.append(alone.format(*run[0]))
        run = []
    return "".join(words)
