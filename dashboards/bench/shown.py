"""Requests and results of the bench in words: how they stand, what they rest on, how two of them differ."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from dash import html

from dashboards.bench import named
from dashboards.components.tables import turning_table
from dashboards.context import Scene
from dashboards.moment import beijing
from dashboards.snapshots.pages import ENGLISH
from dashboards.text import Text
from streams.store.bench_requests import RUNNING, Request
from streams.store.bench_results import Kept
from streams.store.reasons import told_in

SHOWN_DIGITS = 12


def question_words(text: Text, request: Request) -> str:
    """Say what was asked: kind, station, period."""
    kind = text.of_code("bench.kind_", request.kind)
    return f"{kind} · {request.station} · {period(request.question)}"


def period(question: Mapping[str, Any]) -> str:
    """Give the first and last day of a question."""
    return f"{question.get('first', '')} – {question.get('last', '')}"


def request_table(scene: Scene, found: Sequence[Request], link: Callable[[str], str] | None = None) -> Any:
    """Lay requests out with a bar of progress while they run; link: gives the address that shows a result."""
    text = scene.text
    heads = [text(f"bench.{name}") for name in ("kind", "site", "period", "state", "by", "result")]
    lines = [
        [
            text.of_code("bench.kind_", each.kind),
            each.station,
            period(each.question),
            state(text, each),
            each.asked_by,
            _end(text, each, link),
        ]
        for each in found
    ]
    return turning_table(heads, lines) if lines else html.P(text("bench.nothing_asked"), className="quiet")


def form_address(text: Text, asked: Mapping[str, str]) -> str:
    """Give the address of the office's form of the bench, filled in with what is asked."""
    return f"{'' if text.lang == 'zh' else ENGLISH}/office/bench?{urlencode(asked)}"


def state(text: Text, request: Request) -> Any:
    """Say how a request stands; one that runs has a bar."""
    words = text(f"bench.state_{request.state}")
    if request.state != RUNNING or not (request.progress or request.step):
        return words
    share = f"{request.progress:.0%}"
    bar = html.Span(
        html.Span(style={"width": share}),
        className="progress",
        role="progressbar",
        **{
            "aria-valuenow": f"{100 * request.progress:.0f}",
            "aria-valuemin": "0",
            "aria-valuemax": "100",
            "aria-label": words,
        },
    )
    return html.Span([bar, f" {words} {share} {text.of_code('bench.step_', request.step) if request.step else ''}"])


def _end(text: Text, request: Request, link: Callable[[str], str] | None) -> Any:
    if request.reason:
        return html.Small(told_in(text.lang, request.reason))
    if not request.result:
        return "—"
    short = request.result[:SHOWN_DIGITS]
    return short if link is None else html.A(short, href=link(request.result), **{"data-state": ""})


def rests_on(scene: Scene, digest: str, kept: Kept) -> html.Dl:
    """Say all that a result rests on: digests, settings, method and version, when it was made."""
    text = scene.text
    made = (
        "—" if kept.made_at is None else text("bench.made_told", moment=beijing(kept.made_at), cpu=f"{kept.cpu_s:.1f}")
    )
    facts = [
        ("period", period(kept.question)),
        ("settings", settings_words(text, kept.settings)),
        ("software", named.software(text, kept.software)),
        ("digest", digest),
        ("inputs", kept.inputs),
        ("made", made),
    ]
    return html.Dl(
        [html.Div([html.Dt(text(f"bench.{name}")), html.Dd(value)]) for name, value in facts],
        className="facts bench-facts",
    )


def settings_words(text: Text, settings: Mapping[str, Any]) -> str:
    """Write settings in the reader's words; a dash for none."""
    said = [f"{setting_name(text, name)} {named.setting(text, name, value)}" for name, value in settings.items()]
    return text("list.comma").join(said) or "—"


def setting_name(text: Text, name: str) -> str:
    """Name a setting; one that the catalogue lacks keeps its code."""
    return text.of_code("bench.setting_", name)


def pairs(first: Kept, second: Kept) -> list[tuple[str, Any, Any]]:
    """Give (what, of the first, of the second) of all that two results rest on: question, settings, software, inputs."""
    settings = dict.fromkeys((*first.settings, *second.settings))
    return [
        ("kind", first.kind, second.kind),
        *((name, first.question.get(name), second.question.get(name)) for name in ("station", "first", "last")),
        *((name, first.settings.get(name), second.settings.get(name)) for name in settings),
        ("software", first.software, second.software),
        ("inputs", first.inputs[:SHOWN_DIGITS], second.inputs[:SHOWN_DIGITS]),
        ("simulated", first.simulated, second.simulated),
    ]
