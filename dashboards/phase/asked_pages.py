"""Pages of the assessment of a period: all cities, one city, targets, and two periods side by side. They follow the store."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from html import escape
from typing import Any

from dash import html

from dashboards.components.dossier_tables import dossier_link
from dashboards.components.drawing import Drawing
from dashboards.components.phase_calendar import calendars
from dashboards.components.phase_chapters import chapters
from dashboards.components.phase_figures import figures
from dashboards.components.phase_lead import paragraphs, tiles
from dashboards.components.phase_ranking import ranking
from dashboards.components.phase_tables import Told, phase_table
from dashboards.components.phase_targets import paths
from dashboards.context import Context, Scene, current
from dashboards.moment import SHANGHAI
from dashboards.phase.choice import before, first_choice, offered
from dashboards.phase.content import Column, Content, Value
from dashboards.phase.named import period_words
from dashboards.phase.question import REGION, Question, QuestionRefused, period_of
from dashboards.publications.asked_pages import marked
from dashboards.publications.cards import at, cell_table
from dashboards.publications.difference import difference
from dashboards.publications.drafting import asked_question, drafts_of, files_stamp
from dashboards.snapshots.asked import asked_address, asked_page
from standards.editions import EDITIONS

ASSESSMENT, CITY, TARGETS, BESIDE = "assessment", "assessment_city", "assessment_targets", "assessment_beside"
SIDE = ("cities", "ranking", "levels", "primary", "verdicts")


def _asked(scene: Scene) -> dict[str, str]:
    today = (current().clock() + SHANGHAI).date()
    names = ("period", "base", "edition")
    found = {name: str(scene.params[name]) for name in names if scene.params.get(name)}
    return {"period": first_choice(today), **found}


def _content(scene: Scene, question: Question) -> Content:
    return drafts_of(current()).of(current(), scene.connection, question).content


def _drawn(show: Callable[[Scene, Question, Content], Any], *, of_city: bool = False) -> Callable[[Scene], Any]:
    """Draw a part from the assessment that is asked for; a question that cannot be understood is answered in words."""

    def render(scene: Scene) -> Any:
        if scene.connection is None:
            return None  # the notices above say that the store cannot be read
        try:
            asked = _asked(scene) | ({"places": scene.view.city} if of_city else {})
            question = asked_question(current(), asked)
        except QuestionRefused as error:
            return html.P(refusal(scene, error), className="notice waiting", role="alert")
        return show(scene, question, _content(scene, question))

    return render


def refusal(scene: Scene, error: QuestionRefused) -> str:
    """Say what of a question cannot be understood."""
    part = scene.text(f"phase_page.part_{error.part}")
    return scene.text("phase_page.refused", part=part, found=error.found[:60], expected=error.expected)


def _choice(page: str) -> Callable[[Scene], Any]:
    """Draw what can be chosen: links to the usual periods, and a form for all others, which needs no script."""

    def render(scene: Scene) -> html.Section:
        text, asked = scene.text, _asked(scene)
        today = (current().clock() + SHANGHAI).date()
        groups = [
            html.Li(
                [
                    html.Small(text(f"phase_page.{group}")),
                    html.Span([_period_link(scene, page, name, asked) for name in names], className="chips"),
                ]
            )
            for group, names in offered(today)
        ]
        named = {"aria-label": text("phase_page.part_period")}
        return html.Section(
            [html.Nav(html.Ul(groups), className="periods", **named), _form(scene, page, asked)],
            className="card choice",
        )

    return render


def _period_link(scene: Scene, page: str, name: str, asked: Mapping[str, str]) -> html.A:
    query = {"period": name, "edition": asked.get("edition")}
    here = {"aria-current": "true"} if name == asked["period"] else {}
    return html.A(period_words(scene.text, period_of(name)), href=_address(scene, page, query), **here)


def _address(scene: Scene, page: str, query: Mapping[str, Any]) -> str:
    return asked_address(scene, page, query, **({"city": scene.view.city} if page == CITY else {}))


def _form(scene: Scene, page: str, asked: Mapping[str, str]) -> html.Details:
    text = scene.text
    editions = [html.Option(text("phase.edition_default"), value="")]
    editions += [
        html.Option(
            text.of_code("document.edition.", e.name), value=e.name, selected=e.name == asked.get("edition") or None
        )
        for e in EDITIONS
    ]
    fields = [
        _input(text("phase_page.part_period"), "period", asked["period"], text("phase.period_hint")),
        _input(text("phase_page.part_base"), "base", asked.get("base", ""), text("phase.base_hint")),
        html.Div(
            [
                html.Label(text("phase_page.part_edition"), htmlFor="edition"),
                html.Select(editions, name="edition", id="edition"),
            ],
            className="field",
        ),
        html.Button(text("phase_page.show"), type="submit", className="button"),
    ]
    return html.Details(
        [
            html.Summary(text("phase_page.other")),
            html.Form(fields, action=_address(scene, page, {}), method="get", className="desk"),
        ]
    )


def _input(label: str, name: str, value: str, hint: str) -> html.Div:
    # Dash has no plain input; the value has been through the parameters of the address and is escaped here.
    drawn = f'<input id="{name}" name="{name}" value="{escape(value)}" maxlength="40" aria-describedby="{name}-hint">'
    return html.Div(
        [html.Label(label, htmlFor=name), Drawing(drawn), html.Small(hint, id=f"{name}-hint")], className="field"
    )


def _head(page: str) -> Callable[[Scene, Question, Content], html.Section]:
    """Say what is assessed, how it stands, and where to go from here."""

    def show(scene: Scene, question: Question, content: Content) -> html.Section:
        text = scene.text
        period = period_words(text, question.period)
        title = text("phase_page.title", period=period)
        if page == CITY:
            title = text("phase_page.city_title", city=scene.city_name(scene.view.city), period=period)
        facts = html.Ul(
            [html.Li(said, className=f"mark {kind}") for kind, said in _marks(scene, content)], className="marks"
        )
        base = text(
            "phase_page.against",
            base=period_words(text, question.base),
            edition=text.of_code("document.edition.", question.edition),
        )
        return html.Section(
            [html.H2(title), facts, html.P(base), *_ways(scene, page, question)], className="card title"
        )

    return show


def _marks(scene: Scene, content: Content) -> list[tuple[str, str]]:
    text, about = scene.text, content.about
    marks = [("draft", text("phase_page.draft"))]
    if about.get("running") and about.get("known_to"):
        marks.append(("running", text("phase_page.running", last=about["known_to"])))
    if about.get("simulated"):
        marks.append(("simulated", text("publications.simulated")))
    if about.get("status"):
        marks.append((str(about["status"]), text(f"phase_page.status_{about['status']}")))
    return marks


def _ways(scene: Scene, page: str, question: Question) -> list[Any]:
    """Give the pages of the same period, the cities, and what can be done with the assessment."""
    text = scene.text
    query = {"period": question.period.name, "edition": scene.params.get("edition"), "base": scene.params.get("base")}
    other = before(question.period.name)
    pages = [(ASSESSMENT, text("phase_page.all"), query), (TARGETS, text("page.assessment_targets"), query)]
    pages += [(BESIDE, text("phase_page.beside"), {**query, "other": other})] if other else []
    links = [_way(asked_address(scene, name, asked), said, name == page) for name, said, asked in pages]
    links.append(_way(asked_address(scene, "publications"), text("page.publications"), False))
    wanted = "&".join(f"{name}={value}" for name, value in query.items() if value)
    links.append(_way(at(scene, f"/office/publications?{wanted}"), text("publications.freeze"), False))
    mine = scene.view.city if page == CITY else ""
    cities = [
        _way(asked_address(scene, CITY, query, city=c), scene.city_name(c), c == mine) for c in scene.registry.cities
    ]
    return [
        html.Nav(links, className="ways", **{"aria-label": text("phase_page.ways")}),
        html.Nav([html.Small(text("phase_page.city")), *cities], className="ways", **{"aria-label": text("phase_page.city")}),
    ]  # fmt: skip


def _way(address: str, said: str, here: bool) -> html.A:
    return html.A(said, href=address, **({"aria-current": "page"} if here else {}))


def _summary(scene: Scene, _question: Question, content: Content) -> html.Section:
    told = Told.of(scene)
    place = REGION if content.question.get("region") else scene.view.city
    said = [tiles(told, content, place), *paragraphs(told, content)]
    return html.Section(said if len(said) > 1 else html.P(scene.text("phase_page.nothing")), className="card summary")


def _city_summary(scene: Scene, question: Question, content: Content) -> list[Any]:
    """Say a city's numbers, and its rank among all cities of the same period."""
    told, whole = Told.of(scene), _whole(scene, question)
    row = _row_of(whole, "ranking", scene.view.city)
    ranks: list[Any] = []
    if row and row["rank"] is not None:
        moved = (_row_of(whole, "change", scene.view.city) or {}).get("change_rank")
        said = scene.text("phase_page.rank_of", rank=row["rank"], cities=len(whole.table("ranking").rows))
        ranks.append(html.P(html.B(said), className="rank-of"))
        ranks += [html.P(scene.text("phase_page.change_rank_of", rank=moved))] if moved is not None else []
    shown = _summary(scene, question, content)
    link = lambda city: _address_of(scene, question, city)  # noqa: E731
    return [
        shown,
        *([html.Section(ranks, className="card ranks")] if ranks else []),
        *ranking(told, whole, link, scene.view.city),
    ]


def _whole(scene: Scene, question: Question) -> Content:
    """Give the assessment of all cities of the same period, base and edition."""
    asked = {"period": question.period.name, "base": question.base.name, "edition": question.edition}
    return _content(scene, asked_question(current(), asked))


def _row_of(content: Content, key: str, code: str) -> dict[str, Any] | None:
    table = next((table for table in content.tables if table.key == key), None)
    return None if table is None else table.row_of(code)


def _address_of(scene: Scene, question: Question, city: str) -> str:
    query = {"period": question.period.name, "edition": scene.params.get("edition"), "base": scene.params.get("base")}
    return asked_address(scene, CITY, query, city=city)


def _figures(scene: Scene, _question: Question, content: Content) -> list[Any]:
    drawn = figures(Told.of(scene), content)
    if not drawn:
        return []
    return [html.H2(scene.text("phase_page.figures")), html.Div(drawn, className="figures")]


def _calendar(scene: Scene, _question: Question, content: Content) -> Any:
    return calendars(scene, Told.of(scene), content)


def _ranking(scene: Scene, question: Question, content: Content) -> list[Any]:
    return ranking(Told.of(scene), content, lambda city: _address_of(scene, question, city))


def _tables(scene: Scene, question: Question, content: Content) -> list[Any]:
    told = Told.of(scene)
    shown = chapters(told, content, lambda column, value: _linked(scene, question, column, value), "cities")
    return [*shown, *_absent(told, content)]


def _linked(scene: Scene, question: Question, column: Column, value: Value) -> str:
    """Give the page of what a row is of: the sheet of a city, the dossier of an episode."""
    if column.key == "episode" and value is not None:
        return dossier_link(scene, str(value))
    if column.key == "city" and value in scene.registry.cities:
        return _address_of(scene, question, str(value))
    return ""


def _absent(told: Told, content: Content) -> list[Any]:
    """Say which tables an assessment could have and has not, and why."""
    absent = content.about.get("absent") or {}
    if not absent:
        return []
    lines = [
        html.Div([html.Dt(told.text.of_code("phase.table.", key)), html.Dd(told.text.of_code("phase.why.", why))])
        for key, why in absent.items()
    ]
    return [
        html.Section([html.H2(told.text("phase_page.absent")), html.Dl(lines, className="absent")], className="card")
    ]


def _targets(scene: Scene, question: Question, content: Content) -> list[Any]:
    told = Told.of(scene)
    found = [table for table in content.tables if table.key == "targets"]
    if not found:
        return [html.P(scene.text("phase_page.no_targets"), className="card")]
    year = {"period": str(question.period.last_date.year), "edition": question.edition}
    shown = paths(told, content, _content(scene, asked_question(current(), year)))
    return [*shown, *(html.Section(phase_table(told, each), className="card") for each in found)]


def _beside(scene: Scene, question: Question, content: Content) -> list[Any]:
    """Show the period beside another one: what both have, marked where they differ."""
    text, other = scene.text, str(scene.params.get("other") or before(question.period.name))
    try:
        asked = {"period": other, "edition": question.edition}
        against = asked_question(current(), asked)
    except QuestionRefused as error:
        return [html.P(refusal(scene, error), className="notice waiting", role="alert")]
    old = _content(scene, against)
    told, cells = Told.of(scene), difference(old, content)
    lead = text(
        "phase_page.beside_of", now=period_words(text, question.period), before=period_words(text, against.period)
    )
    mine = tuple(cell for cell in cells if cell.table in SIDE and not cell.edition)
    every = html.Details([html.Summary(text("phase_page.every_change")), *cell_table(told, mine, (content, old))])
    return [
        html.Section([html.H2(lead), html.P(text("phase_page.beside_how")), every], className="card"),
        *(html.Section(marked(told, each, cells), className="card") for each in content.tables if each.key in SIDE),
    ]


def _understood(context: Context, params: Mapping[str, str]) -> bool:
    try:
        found = {name: params[name] for name in ("period", "base", "edition") if params.get(name)}
        asked_question(context, {"period": "2026", **found})
    except QuestionRefused:
        return False
    return True


asked_page(
    ASSESSMENT, "/assessment",
    {"choice": _choice(ASSESSMENT), "head": _drawn(_head(ASSESSMENT)), "said": _drawn(_summary), "figures": _drawn(_figures),
     "ranking": _drawn(_ranking), "tables": _drawn(_tables)},
    also=files_stamp, is_there=_understood, in_navigation=True,
)  # fmt: skip
asked_page(
    CITY, "/assessment/city/<city>",
    {"choice": _choice(CITY), "head": _drawn(_head(CITY), of_city=True), "said": _drawn(_city_summary, of_city=True),
     "calendar": _drawn(_calendar, of_city=True), "figures": _drawn(_figures, of_city=True),
     "tables": _drawn(_tables, of_city=True)},
    also=files_stamp, is_there=_understood,
)  # fmt: skip
asked_page(
    TARGETS, "/assessment/targets", {"choice": _choice(TARGETS), "head": _drawn(_head(TARGETS)), "targets": _drawn(_targets)},
    also=files_stamp, is_there=_understood,
)  # fmt: skip
asked_page(
    BESIDE, "/assessment/beside",
    {"choice": _choice(BESIDE), "head": _drawn(_head(BESIDE)), "beside": _drawn(_beside)},
    also=files_stamp, is_there=_understood,
)  # fmt: skip
