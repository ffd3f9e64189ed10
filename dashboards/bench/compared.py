"""Results of a site: the one that is chosen, any other beside it with what differs, and below them the list."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dash import html

from dashboards.analysis.choice import Asked
from dashboards.bench import named, shown
from dashboards.bench.drawn import drawn
from dashboards.bench.super_site import Site
from dashboards.components import exploring, marks
from dashboards.components.tables import scrolling, simple_table, turning_table
from dashboards.context import Scene
from dashboards.queries.bench import Known, known_by, results_known
from dashboards.text import Text
from streams.store.bench_kinds import ASKINGS
from streams.store.bench_results import BenchError, Kept, result_named

MOST_OF_KIND = 6
_HEXADECIMAL = frozenset("0123456789abcdef")
Found = tuple[str, Kept | None]
"""A digest, and its result; None for one that cannot be read."""


def results(scene: Scene, title: html.H2, site: Site) -> list[Any]:
    """Show the result chosen, alone or with another beside it, above the list of those that were there at the hour shown."""
    text, asked, known = scene.text, Asked(scene.params), known_by(scene.moment)
    heads = [
        head for kind in ASKINGS for head in results_known(scene.connection, site.code, kind, known, most=MOST_OF_KIND)
    ]
    newest = heads[0][0] if heads else ""
    first = asked.read("result", lambda digest: _found(scene, site, digest, known), None)
    second = asked.read("beside", lambda digest: _found(scene, site, digest, known), None)
    first = first or (_found(scene, site, newest, known) if newest else None)
    fallen = _fallen(scene, asked.troubles, first)
    if first is None:
        return [title, fallen, html.P(text("bench.no_results"), className="quiet")]
    pair = [first] if second is None else [first, second]
    panels = html.Div([_panel(scene, *each) for each in pair], className="panels bench-results")
    every = html.H3(text("bench.every_result"))
    return [
        title, fallen, *_differences(scene, pair), panels, every, _list(scene, heads, [digest for digest, _ in pair]),
    ]  # fmt: skip


def _found(scene: Scene, site: Site, digest: str, known: Known) -> Found:
    """Give a result of the site; ValueError where there is none of this digest, or was none at the hour shown."""
    if len(digest) != 64 or not _HEXADECIMAL.issuperset(digest):
        raise ValueError(digest)
    try:
        kept = result_named(scene.connection, digest)
    except BenchError:
        return digest, None
    if kept is None or kept.station != site.code or not known.has(kept):
        raise ValueError(digest)
    return digest, kept


def _fallen(scene: Scene, troubles: Sequence[str], first: Found | None) -> html.P | None:
    """Say which digests name no result that is there, and what is shown instead."""
    text = scene.text
    instead = text("bench.alone_shown") if troubles == ["beside"] else text("bench.newest_shown")
    return exploring.fallen_back(scene, troubles, text("bench.none_shown") if first is None else instead)


def _list(scene: Scene, heads: Sequence[Found], chosen: Sequence[str]) -> Any:
    text = scene.text
    first, second = chosen[0], chosen[1] if len(chosen) > 1 else ""
    rows = []
    for digest, kept in heads:
        alone = _link(text("bench.alone"), scene.link({"result": digest, "beside": None}), digest == first)
        other = _link(text("bench.beside"), scene.link({"result": first, "beside": digest}), digest == second)
        rows.append(
            [
                text.of_code("bench.kind_", kept.kind),
                shown.period(kept.question),
                html.Small(shown.settings_words(text, kept.settings)),
                digest[: shown.SHOWN_DIGITS],
                html.Span([alone, " · ", other]),
            ]
        )
    return turning_table([text(f"bench.{name}") for name in ("kind", "period", "settings", "digest", "compare")], rows)


def _link(words: str, address: str, current: bool) -> html.A:
    return html.A(words, href=address, **{"data-state": "", "aria-current": "true" if current else "false"})


def _panel(scene: Scene, digest: str, kept: Kept | None) -> html.Div:
    text = scene.text
    if kept is None:
        return html.Div(html.P(text("bench.damaged"), className="quiet"))
    head = html.H3([text.of_code("bench.kind_", kept.kind), marks.simulated({"simulated": kept.simulated}, text)])
    return html.Div([head, html.Div(drawn(scene, digest, kept)), shown.rests_on(scene, digest, kept)])


def _differences(scene: Scene, pair: Sequence[Found]) -> list[Any]:
    """Lay what two results rest on side by side, with what differs marked; nothing for one alone, or one that is unreadable."""
    text, kept = scene.text, [each for _, each in pair if each is not None]
    if len(kept) < 2:
        return []
    found = shown.pairs(*kept)
    differing = sum(a != b for _, a, b in found)
    rows = [[_what(text, each), *_both(text, each)] for each in found]
    said = text("bench.same") if not differing else text("bench.differing", n=differing, of=len(found))
    heads = ["", text("bench.one"), text("bench.two")]
    return [
        html.Div(
            [html.H3(text("bench.differs")), html.P(said), scrolling(simple_table(heads, rows))], className="bench-pair"
        )
    ]


def _what(text: Text, each: tuple[str, str, str]) -> Any:
    name, a, b = each
    mark = [html.Small(text("bench.differs_here"), className="differs")] if a != b else []
    return html.Span([shown.setting_name(text, name), *mark])


def _both(text: Text, each: tuple[str, str, str]) -> list[Any]:
    name, *said = each
    told = [named.setting(text, name, value) for value in said]
    return [html.B(words) if said[0] != said[1] else words for words in told]
