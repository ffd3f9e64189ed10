"""臭氧与 VOCs: what the air of a super-site is made of, what matters for ozone, and what the bench found out."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import dash
import numpy as np
from dash import html

from dashboards import live, shell
from dashboards.analysis.choice import HOUR, Asked, Span, one_of
from dashboards.bench import named, shown
from dashboards.bench.drawn import drawn
from dashboards.components import exploring, marks
from dashboards.components.still import still_table
from dashboards.components.tables import scrolling, simple_table
from dashboards.components.take import About, Figure
from dashboards.components.take import figure as take_figure
from dashboards.context import Scene, open_scene
from dashboards.figures.part_bars import part_bars
from dashboards.figures.plot import Plot, reach
from dashboards.figures.svg import tag
from dashboards.text import Text
from standards.voc.age import OH, photochemical_age
from standards.voc.composition import GROUPS, Composition, composition
from standards.voc.ratios import diagnostic_ratios, readings_at
from standards.voc.species import species_named
from streams.store.bench_kinds import ASKINGS
from streams.store.bench_requests import newest_requests
from streams.store.bench_results import BenchError, Kept, heads_of, result_named
from streams.store.compounds import CompoundHours, compound_hours

dash.register_page(__name__, path="/analysis/ozone", name="ozone", order=17, in_navigation=False)

SPANS = ("7d", "30d", "90d")
RANKED = 15
RATIOS = ("toluene/benzene", "m,p-xylene/ethylbenzene", "isopentane/n-pentane")
FRESH_PERCENTILE = 95
_HEXADECIMAL = frozenset("0123456789abcdef")
_NAN = float("nan")


def layout(**query: Any) -> html.Div:
    """Lay the page out for a URL's query: station, span or from and to, result and beside (digests)."""
    with open_scene(query) as scene:
        parts = [
            exploring.sister_pages(scene, "ozone"),
            choice(scene, "card"),
            made_of(scene, "card"),
            ranked(scene, "card"),
            ratios(scene, "card"),
            asked_for(scene, "card"),
            results(scene, "card"),
        ]
        return shell.frame(scene, "ozone", html.Div(parts, className="below exploring"))


def _sites(scene: Scene) -> dict[str, str]:
    stations = scene.registry.stations.values()
    return dict(sorted((each.code, each.name_zh) for each in stations if each.kind == "super"))


def _asked(scene: Scene) -> tuple[str | None, Span, list[str]]:
    """Give the site (None where the registry has none), the hours, and the parameters that fell back."""
    asked, sites = Asked(scene.params), _sites(scene)
    span = asked.span(scene.moment.hour, "30d")
    if span.count > 93 * 24:
        span = replace(span, name="90d", first=span.last - dt.timedelta(days=90) + HOUR)
    if not sites:
        return None, span, asked.troubles
    own = next((code for code in sites if scene.registry.stations[code].city == scene.view.city), next(iter(sites)))
    return asked.read("station", lambda text: one_of(text, sites), own), span, asked.troubles


def _choice(scene: Scene) -> list[Any]:
    text = scene.text
    title = html.H2(text("bench.choose"))
    if scene.waiting:
        return exploring.awaiting(scene, title)
    site, span, troubles = _asked(scene)
    if site is None:
        return [title, html.P(text("bench.none_of_kind"), className="quiet")]
    sites = [
        (f"{name} {code}", scene.link({"station": code, "result": None, "beside": None}), code == site)
        for code, name in _sites(scene).items()
    ]
    spans = [
        (text(f"explore.span_{name}"), scene.link({"span": name, "from": None, "to": None}), name == span.name)
        for name in SPANS
    ]
    return [
        title,
        exploring.fallen_back(scene, troubles),
        exploring.choices(text("bench.site"), sites),
        exploring.choices(text("explore.span"), spans),
    ]


def _hours(scene: Scene) -> tuple[CompoundHours | None, CompoundHours | None, Span, str]:
    """Give the hours of the span, those of the same length before it, the span, and the site; None where there is no hour."""
    site, span, _ = _asked(scene)
    if site is None:
        return None, None, span, ""
    found = compound_hours(scene.connection, site, span.first - span.count * HOUR, span.last)
    now = found.between(span.first, span.last)
    before = found.between(dt.datetime.min, span.first - HOUR)
    return (now if now.hour_end else None), (before if before.hour_end else None), span, site


def _described(hours: CompoundHours) -> Composition:
    return composition(hours.ppb, hours.below_ppb, hours.species, hours.hour)


def _about(scene: Scene, site: str, span: Span, unit: str, title: str, simulated: bool) -> About:
    name = f"{_sites(scene).get(site, '')} {site}"
    return About(title, name, exploring.span_words(scene, span), unit, "voc_station_hour", "—", simulated)


def _made_of(scene: Scene) -> list[Any]:
    text = scene.text
    title = html.H2(text("bench.composition"))
    if scene.waiting:
        return exploring.awaiting(scene, title)
    now, before, span, site = _hours(scene)
    if now is None:
        return [title, html.P(text("bench.no_hours"), className="quiet")]
    found, was = _described(now), None if before is None else _described(before)
    title.children = [
        title.children,
        html.Small(exploring.span_words(scene, span)),
        marks.simulated({"simulated": now.simulated}, text),
    ]
    total = found.total_ppb
    rows = []
    for n, group in enumerate(GROUPS):
        mean, old = found.group_ppb[n], _NAN if was is None else was.group_ppb[n]
        if not np.isfinite(mean):
            continue
        change = (mean / old - 1.0) * 100.0 if old > 0 else _NAN
        rows.append(
            [
                text(f"bench.{group}"),
                _written(mean, 2),
                _written(mean / total * 100.0, 1),
                _written(old, 2),
                exploring.signed(change, 0) if np.isfinite(change) else "NA",
            ]
        )
    heads = [text(f"bench.{name}") for name in ("group", "mean", "share", "before", "change")]
    about = _about(scene, site, span, "ppb", text("bench.diurnal"), now.simulated)
    kept = [n for n in range(len(GROUPS)) if np.isfinite(found.group_ppb[n])]
    names = [text(f"bench.{GROUPS[n]}") for n in kept]
    lines = [tuple(float(value) for value in found.diurnal_ppb[n]) for n in kept]
    numbers = [(hour + 1, *(line[hour] for line in lines)) for hour in range(24)]
    day = Figure("voc-by-hour", _diurnal(lines, names, text("bench.diurnal")), ("hour", *names), numbers, about)
    legend = html.P(
        [html.Span([html.Span(className=f"swatch kind-{i}"), name]) for i, name in enumerate(names)],
        className="legend-line",
    )
    return [
        title,
        html.P(text("bench.total", value=_written(total, 1), n=len(now.hour_end))),
        html.Div(
            [
                html.Div(scrolling(simple_table(heads, rows))),
                html.Div(
                    [
                        html.H3(text("bench.diurnal")),
                        take_figure(scene, "ozone-composition", day, class_name="plot-box"),
                        legend,
                    ]
                ),
            ],
            className="panels",
        ),
        html.P(text("bench.composition_note"), className="footnote"),
    ]


def _diurnal(lines: list[tuple[float, ...]], names: list[str], title: str) -> str:
    plot = Plot(520, 260, (0.5, 24.5), reach([value for line in lines for value in line]))
    parts = [*plot.y_axis("ppb"), *plot.x_axis([(hour, str(hour)) for hour in range(3, 25, 3)])]
    for i, line in enumerate(lines):
        path = plot.path([(hour + 1, value) for hour, value in enumerate(line)], f"line stroke-{i}")
        parts.append(tag("g", tag("title", text=names[i]), path))
    return plot.svg(parts, title)


def _ranked(scene: Scene) -> list[Any]:
    text = scene.text
    title = html.H2(text("bench.ranking"))
    if scene.waiting:
        return exploring.awaiting(scene, title)
    now, _, span, site = _hours(scene)
    if now is None:
        return [title, html.P(text("bench.no_hours"), className="quiet")]
    found, panels = _described(now), []
    for name, unit, values in (("ofp", "µg O₃/m³", found.ofp_ugm3), ("ohr", "1/s", found.oh_per_s)):
        said = text(f"bench.{name}")
        parts = [(_name(scene, found.species[n]), float(values[n]), _NAN, _NAN) for n in _order(values)[:RANKED]]
        drawing = Figure(
            f"voc-{name}",
            part_bars(parts, unit, said, decimals=1 if name == "ofp" else 2),
            ("compound", f"{name} [{unit}]"),
            [part[:2] for part in parts],
            _about(scene, site, span, unit, said, now.simulated),
        )
        panels.append(html.Div([html.H3(said), take_figure(scene, "ozone-ranking", drawing, class_name="plot-box")]))
    heads = [
        text("bench.compound"),
        text("bench.group"),
        text("bench.mean"),
        text("bench.below"),
        text("bench.hours"),
        f"{text('bench.ofp')} µg/m³",
        f"{text('bench.ohr')} 1/s",
    ]
    rows = [
        [
            _name(scene, found.species[n]),
            text.of_code("bench.", species_named(found.species[n]).group),
            _written(found.mean_ppb[n], 3),
            _written(100 * found.below[n], 0),
            str(found.hours[n]),
            _written(found.ofp_ugm3[n], 2),
            _written(found.oh_per_s[n], 3),
        ]
        for n in _order(found.mean_ppb)
    ]
    table = html.Details([html.Summary(text("bench.numbers")), still_table(heads, rows)])
    title.children = [title.children, marks.simulated({"simulated": now.simulated}, text)]
    return [title, html.Div(panels, className="panels"), table]


def _order(values: np.ndarray) -> list[int]:
    return [
        int(n)
        for n in np.argsort(-np.where(np.isfinite(values), values, -np.inf), kind="stable")
        if np.isfinite(values[n])
    ]


def _name(scene: Scene, species: str) -> str:
    return species_named(species).name_zh if scene.text.lang == "zh" else species


def _written(value: float, decimals: int) -> str:
    return f"{value:.{decimals}f}" if np.isfinite(value) else "NA"


def _ratios(scene: Scene) -> list[Any]:
    text = scene.text
    title = html.H2(text("bench.ratios"))
    if scene.waiting:
        return exploring.awaiting(scene, title)
    now, *_ = _hours(scene)
    if now is None or not now.species:
        return [title, html.P(text("bench.no_hours"), className="quiet")]
    found, rows = diagnostic_ratios(now.ppb, now.species, unit="ppb", invalid="missing"), []
    for name in RATIOS:
        if name not in found or not np.isfinite(found[name].value).any():
            continue
        low, middle, high = np.nanpercentile(found[name].value, [25, 50, 75])
        nearest = int(np.nanargmin(np.abs(found[name].value - middle)))
        bands = readings_at(found[name], nearest)
        read = (
            text("list.comma").join(band.reading_zh if text.lang == "zh" else band.reading_en for band in bands) or "—"
        )
        rows.append(
            [
                named.ratio(text, name),
                _written(middle, 2),
                f"{low:.2f} – {high:.2f}",
                str(int(np.isfinite(found[name].value).sum())),
                read,
            ]
        )
    heads = [text(f"bench.{key}") for key in ("ratio", "median", "quartiles", "hours", "reading")]
    return [title, scrolling(simple_table(heads, rows)), *_age(scene, found)]


def _age(scene: Scene, found: dict[str, Any]) -> list[Any]:
    """Tell how old the air was, from xylene over ethylbenzene, with the freshest of the period as fresh."""
    text, of = scene.text, found.get("m,p-xylene/ethylbenzene")
    known = np.array([]) if of is None else of.value[np.isfinite(of.value) & (of.value > 0)]
    if known.size < 24:
        return []
    fresh = float(np.percentile(known, FRESH_PERCENTILE))
    hours = photochemical_age(known, initial_ratio=fresh, invalid="missing").hours
    told = hours[np.isfinite(hours)]
    said = text("bench.age", oh=f"{OH:.1e}", fresh=f"{fresh:.2f}")
    return (
        [html.P(f"{said}: {np.median(told):.1f} ({np.percentile(told, 25):.1f} – {np.percentile(told, 75):.1f})")]
        if told.size
        else []
    )


def _asked_for(scene: Scene) -> list[Any]:
    text = scene.text
    title = html.H2(text("bench.asked"))
    if scene.waiting:
        return exploring.awaiting(scene, title)
    site, *_ = _asked(scene)
    if site is None:
        return [title, html.P(text("bench.none_of_kind"), className="quiet")]
    prefix = "" if text.lang == "zh" else "/en"
    links = [
        html.A(text(f"bench.kind_{kind}"), href=f"{prefix}/office/bench?kind={kind}&station={site}", className="button")
        for kind in ASKINGS
    ]
    found = newest_requests(scene.connection, station=site, most=10)
    table = shown.request_table(scene, found, link=lambda digest: scene.link({"result": digest}))
    return [
        title,
        html.P([html.Span(text("bench.ask"), className="of-choice"), *links], className="bench-asks"),
        html.P(text("bench.ask_note"), className="footnote"),
        table,
    ]


def _digest(text: str) -> str:
    if len(text) != 64 or not _HEXADECIMAL.issuperset(text):
        raise ValueError(text)
    return text


def _results(scene: Scene) -> list[Any]:
    text = scene.text
    title = html.H2(text("bench.results"))
    if scene.waiting:
        return exploring.awaiting(scene, title)
    site, *_ = _asked(scene)
    if site is None:
        return [title, html.P(text("bench.none_of_kind"), className="quiet")]
    asked = Asked(scene.params)
    heads = [(digest, kept) for kind in ASKINGS for digest, kept in heads_of(scene.connection, site, kind, most=6)]
    chosen = asked.read("result", _digest, heads[0][0] if heads else "")
    beside = asked.read("beside", _digest, "")
    if not chosen:
        return [
            title,
            exploring.fallen_back(scene, asked.troubles),
            html.P(text("bench.no_results"), className="quiet"),
        ]
    parts = [title, exploring.fallen_back(scene, asked.troubles), _list(scene, heads, chosen, beside)]
    first, second = _read(scene, chosen), _read(scene, beside) if beside else None
    if isinstance(first, Kept) and isinstance(second, Kept):
        parts.append(_differences(scene, first, second))
    panels = [_panel(scene, digest, kept) for digest, kept in ((chosen, first), (beside, second)) if digest]
    return [*parts, html.Div(panels, className="panels bench-results")]


def _list(scene: Scene, heads: list[tuple[str, Kept]], chosen: str, beside: str) -> Any:
    text, rows = scene.text, []
    for digest, kept in heads:
        alone = html.A(
            text("bench.alone"),
            href=scene.link({"result": digest, "beside": None}),
            **{"data-state": "", "aria-current": "true" if digest == chosen else "false"},
        )
        other = html.A(
            text("bench.beside"),
            href=scene.link({"result": chosen, "beside": digest}),
            **{"data-state": "", "aria-current": "true" if digest == beside else "false"},
        )
        period = f"{kept.question.get('first', '')} – {kept.question.get('last', '')}"
        rows.append(
            [
                text.of_code("bench.kind_", kept.kind),
                period,
                html.Small(shown.settings_words(text, kept.settings)),
                digest[: shown.SHOWN_DIGITS],
                html.Span([alone, " · ", other]),
            ]
        )
    names = [text(f"bench.{name}") for name in ("kind", "period", "settings", "digest", "compare")]
    return scrolling(simple_table(names, rows))


def _read(scene: Scene, digest: str) -> Kept | None:
    try:
        return result_named(scene.connection, digest)
    except BenchError:
        return None


def _panel(scene: Scene, digest: str, kept: Kept | None) -> html.Div:
    text = scene.text
    if kept is None:
        return html.Div(html.P(text("bench.damaged"), className="quiet"))
    head = html.H3([text.of_code("bench.kind_", kept.kind), marks.simulated({"simulated": kept.simulated}, text)])
    return html.Div([head, *drawn(scene, digest, kept), shown.rests_on(scene, digest, kept)])


def _differences(scene: Scene, first: Kept, second: Kept) -> Any:
    text, found = scene.text, shown.differences(first, second)
    if not found:
        return html.P(text("bench.same"), className="footnote")
    rows = [[shown.setting_name(text, name), *(_told(text, name, each) for each in (a, b))] for name, a, b in found]
    return html.Div(
        [html.H3(text("bench.differs")), scrolling(simple_table(["", text("bench.one"), text("bench.two")], rows))]
    )


def _told(text: Text, name: str, said: str) -> str:
    return named.software(text, said) if name == "software" else named.value(text, said)


choice = live.section("ozone-choice", _choice)
made_of = live.section("ozone-composition", _made_of)
ranked = live.section("ozone-ranking", _ranked, at_once=False)
ratios = live.section("ozone-ratios", _ratios, at_once=False)
asked_for = live.section("ozone-asked", _asked_for, at_once=False)
results = live.section("ozone-results", _results, at_once=False)
