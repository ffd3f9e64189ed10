"""预报检验: how good the forecasts were, by lead, city and model, with persistence beside every number."""

from __future__ import annotations

import datetime as dt
from typing import Any

import dash
import pandas as pd
from dash import html

from dashboards import judged, judged_days, live, shell
from dashboards.asked import DAY, SPANS, Judging
from dashboards.components import marks
from dashboards.components.day_scores import chance_figures, day_table
from dashboards.components.judged_words import choices, fell_back
from dashboards.components.score_tables import city_table, event_table, lead_table
from dashboards.components.verified_figures import (
    about_of,
    curve_figures,
    event_figure,
    quality_figure,
    reliability_figure,
    taylor_figure,
)
from dashboards.context import Scene, open_scene
from dashboards.moment import beijing
from dashboards.queries import verification as queries
from dashboards.queries.verified_days import day_pairs
from dashboards.view import CHOICES
from standards.verification.fairmode import fairmode_edition

dash.register_page(__name__, path="/analysis/verification", name="verification", order=20)


def layout(**query: Any) -> html.Div:
    """Lay the page out for a URL's query: the choice at once, what is computed right after."""
    with open_scene(query) as scene:
        parts = [choice(scene, "card"), leads(scene, "card"), cities(scene, "card"), whole_days(scene, "card")]
        return shell.frame(scene, "verification", html.Div(parts, className="below judging-page"))


def _choice(scene: Scene) -> list[Any]:
    text, view = scene.text, scene.view
    title = html.H2([text("judging.verification"), html.Small(text("judging.verification_what"))])
    if scene.waiting:
        return [title, html.P(text("card.awaiting"), className="quiet")]
    asked = Judging.read(scene.params, scene.moment.hour)
    names = [(scene.city_name(city), scene.link(city=city), city == view.city) for city in scene.registry.cities]
    items = [(marks.SYMBOLS.get(item, "AQI"), scene.link(item=item), item == view.item) for item in CHOICES]
    last = asked.days.last
    spans = [
        (text("judging.days", days=days), scene.link({"first": f"{last - (days - 1) * DAY}", "last": f"{last}"}),
         asked.days.count == days)
        for days in SPANS
    ]  # fmt: skip
    leads = [(text("judging.lead_day", day=day), scene.link({"lead": str(day)}), day == asked.lead_day)
             for day in range(1, judged.LEAD_DAYS + 1)]  # fmt: skip
    return [
        title, *fell_back(scene, asked.troubles),
        choices(text("judging.city"), names), choices(text("judging.item"), items),
        html.Div([choices(text("judging.span"), spans), _steps(scene, asked)], className="choice-line"),
        choices(text("judging.lead"), leads),
    ]  # fmt: skip


def _steps(scene: Scene, asked: Judging) -> html.Div:
    """Move the span by its own length; never beyond the hour shown."""
    text, days = scene.text, asked.days
    said = html.Strong(f"{days.first} – {days.last}")
    steps = [html.A("‹", href=scene.link(days.moved(-days.count)), className="step", title=text("judging.earlier"),
                    **{"data-state": "", "aria-label": text("judging.earlier")}), said]  # fmt: skip
    newest = beijing(scene.moment.hour - dt.timedelta(hours=1))[:10]
    if f"{days.last}" < newest:
        later = min(days.count, (dt.date.fromisoformat(newest) - days.last) // DAY)
        steps.append(html.A("›", href=scene.link(days.moved(later)), className="step", title=text("judging.later"),
                            **{"data-state": "", "aria-label": text("judging.later")}))  # fmt: skip
    return html.Div(steps, className="hours")


def _leads(scene: Scene) -> list[Any]:
    text, view = scene.text, scene.view
    title = html.H2([scene.city_name(view.city), html.Small(text("judging.by_lead"))])
    if scene.waiting:
        return [title, html.P(text("card.awaiting"), className="quiet")]
    asked = Judging.read(scene.params, scene.moment.hour)
    table = queries.pairs(scene.connection, (view.city,), view.item, _span(scene, asked))
    models = queries.models_of(table)
    if not models:
        return [title, html.P(text("judging.no_forecasts"), className="quiet")]
    simulated = bool(table["simulated"].any())
    title.children.append(marks.simulated({"simulated": simulated}, text))
    about = about_of(
        scene, asked, "verification-leads", place=f"{scene.city_name(view.city)} ({view.city})", simulated=simulated
    )
    model = _chosen(asked, models)
    found = judged.by_lead_day(table, models)
    links = {day: scene.link({"lead": str(day)}) for day in found}
    named = choices(text("judging.model"), [(m, scene.link({"model": m}), m == model) for m in models])
    unknown = fell_back(scene, ["model"] if asked.model and asked.model not in models else [])
    figures = [*curve_figures(scene, table, models, about), taylor_figure(scene, found, models, about),
               reliability_figure(scene, table, models, about)]  # fmt: skip
    return [
        title, *unknown, named, lead_table(scene, view.item, found, links, asked.lead_day),
        html.P(text("judging.same_pairs", fewest=judged.FEWEST), className="footnote"),
        html.Div(figures, className="figures"), _trace(scene, table),
    ]  # fmt: skip


def _cities(scene: Scene) -> list[Any]:
    text, view = scene.text, scene.view
    title = html.H2(text("judging.by_city"))
    if scene.waiting:
        return [title, html.P(text("card.awaiting"), className="quiet")]
    asked = Judging.read(scene.params, scene.moment.hour)
    codes = tuple(scene.registry.cities)
    table = queries.pairs(scene.connection, codes, view.item, _span(scene, asked, asked.lead_day))
    models = queries.models_of(table)
    if not models:
        return [title, html.P(text("judging.no_forecasts"), className="quiet")]
    model, simulated = _chosen(asked, models), bool(table["simulated"].any())
    title.children = [text("judging.by_city"), html.Small(f"{model} · {text('judging.lead_day', day=asked.lead_day)}"),
                      marks.simulated({"simulated": simulated}, text)]  # fmt: skip
    place = f"{text('judging.by_city')}, {text('judging.lead_day', day=asked.lead_day)}"
    about = about_of(scene, asked, "verification-cities", place=place, simulated=simulated)
    of_city = {city: table[table["city"] == city] for city in codes}
    found = {city: judged.scored(part, model) for city, part in of_city.items()}
    day = asked.days.last
    qualities = {city: judged.quality(part, model, view.item, day) for city, part in of_city.items()}
    limits = judged.thresholds(view.item, day)
    happened = {level: judged.events(table, model, above) for level, above in limits.items()}
    return [
        title, city_table(scene, view.item, found, qualities), _objective(scene, qualities, day),
        html.H3(text("judging.events")),
        event_table(scene, view.item, [each for rows in happened.values() for each in rows]),
        html.P(text("judging.events_note"), className="footnote"),
        html.Div([event_figure(scene, happened, about), quality_figure(scene, qualities, model, about)], className="figures"),
        _trace(scene, table),
    ]  # fmt: skip


def _whole_days(scene: Scene) -> list[Any]:
    text, view = scene.text, scene.view
    title = html.H2(
        [text("day_scores.title"), html.Small([f"{scene.city_name(view.city)} · ", text("day_scores.title_what")])]
    )
    if scene.waiting:
        return [title, html.P(text("card.awaiting"), className="quiet")]
    asked = Judging.read(scene.params, scene.moment.hour)
    table = day_pairs(scene.connection, view.city, _span(scene, asked))
    models = queries.models_of(table)
    known = table.dropna(subset=["aqi"])
    if known.empty:
        return [title, html.P(text("day_scores.none"), className="quiet")]
    simulated = bool(table["simulated"].any())
    title.children.append(marks.simulated({"simulated": simulated}, text))
    about = about_of(
        scene, asked, "verification-days", place=f"{scene.city_name(view.city)} ({view.city})", simulated=simulated
    )
    note = text(
        "day_scores.note", fewest=judged_days.FEWEST, n=len(known), first=known["day"].min(), last=known["day"].max()
    )
    return [
        title, day_table(scene, judged_days.by_lead(table, models)), html.P(note, className="footnote"),
        *chance_figures(scene, judged_days.chances(table, models), models, about),
    ]  # fmt: skip


def _objective(scene: Scene, qualities: dict[str, judged.Quality | None], day: dt.date) -> html.P:
    text, item, code = scene.text, scene.view.item, fairmode_edition(day).code
    known = [each for each in qualities.values() if each is not None]
    if not known:
        return html.P(text("judging.no_mqi", code=code), className="footnote")
    value, n = judged.objective(known, item, day)
    if not n:
        return html.P(text("judging.mqi_too_few", code=code), className="footnote")
    verdict = text("judging.mqo_met" if value <= 1.0 else "judging.mqo_missed")
    return html.P(text("judging.mqo", value=f"{value:.2f}", n=n, verdict=verdict, code=code,
                       period=text(f"judging.period_{judged.PERIODS[item]}")), className="footnote")  # fmt: skip


def _span(scene: Scene, asked: Judging, lead_day: int | None = None) -> queries.Span:
    first, last = asked.days.moments
    return queries.Span(first, min(last, scene.moment.hour), scene.moment.hour, lead_day)


def _chosen(asked: Judging, models: list[str]) -> str:
    return asked.model if asked.model in models else models[0]


def _trace(scene: Scene, table: pd.DataFrame) -> html.P:
    """Name what the numbers rest on: runs, hours, tables."""
    runs = sorted(table["run"].unique(), key=lambda run: run.rpartition("/")[2])
    hours = table["hour_end"]
    return html.P(
        scene.text("judging.trace", count=len(runs), first=runs[0], last=runs[-1], pairs=f"{len(table):,}",
                   observed=f"{int(table['observed'].notna().sum()):,}", begin=beijing(hours.min()), end=beijing(hours.max())),
        className="footnote",
    )  # fmt: skip


choice = live.section("verification-choice", _choice)
leads = live.section("verification-leads", _leads, at_once=False)
cities = live.section("verification-cities", _cities, at_once=False)
whole_days = live.section("verification-days", _whole_days, at_once=False)
