"""Pages of the assessment of a period: all cities, one city, targets, and two periods side by side. They follow the store."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from html import escape
from typing import Any

from dash import html

from dashboards.components.drawing import Drawing
from dashboards.components.phase_tables import Told, phase_table
from dashboards.context import Context, Scene, current
from dashboards.documents.figures import figures_of
from dashboards.documents.spoken import Spoken
from dashboards.moment import SHANGHAI
from dashboards.phase.choice import before, first_choice, offered
from dashboards.phase.content import Content, Table
from dashboards.phase.named import period_words
from dashboards.phase.question import Question, QuestionRefused, period_of
from dashboards.publications.asked_pages import marked
from dashboards.publications.cards import at, cell_table
from dashboards.publications.difference import difference
from dashboards.publications.drafting import asked_question, drafts_of, files_stamp
from dashboards.snapshots.asked import asked_address, asked_page
from standards.editions import EDITIONS

ASSESSMENT, CITY, TARGETS, BESIDE = "assessment", "assessment_city", "assessment_targets", "assessment_beside"
LEAD = ("cities", "ranking", "change", "levels", "primary", "verdicts", "targets")
"""Tables that stand open, in this order; the others follow folded."""
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
            html.Div(
                [html.Small(text(f"phase_page.{group}")), *(_period_link(scene, page, name, asked) for name in names)]
            )
            for group, names in offered(today)
        ]
        return html.Section([html.Nav(groups, className="periods"), _form(scene, page, asked)], className="card choice")

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


def _head(scene: Scene, question: Question, content: Content) -> html.Section:
    """Say what is assessed, how it stands, and where to go from here."""
    text, about = scene.text, content.about
    title = text("phase_page.title", period=period_words(text, question.period))
    marks = [text("phase_page.draft")]
    marks += (
        [text("phase_page.running", last=about["known_to"])] if about.get("running") and about.get("known_to") else []
    )
    marks += [text("publications.simulated")] if about.get("simulated") else []
    marks += [text(f"phase_page.status_{about['status']}")] if about.get("status") else []
    facts = html.P([html.Span(each, className="mark") for each in marks], className="marks")
    base = text(
        "phase_page.against",
        base=period_words(text, question.base),
        edition=text.of_code("document.edition.", question.edition),
    )
    return html.Section([html.H2(title), facts, html.P(base), _ways(scene, question)], className="card")


def _ways(scene: Scene, question: Question) -> html.P:
    text = scene.text
    query = {"period": question.period.name, "edition": scene.params.get("edition"), "base": scene.params.get("base")}
    cities = [html.A(scene.city_name(c), href=asked_address(scene, CITY, query, city=c)) for c in scene.registry.cities]
    links = [html.A(text("phase_page.all"), href=asked_address(scene, ASSESSMENT, query)), *cities]
    links.append(html.A(text("page.assessment_targets"), href=asked_address(scene, TARGETS, query)))
    other = before(question.period.name)
    if other:
        links.append(html.A(text("phase_page.beside"), href=asked_address(scene, BESIDE, {**query, "other": other})))
    links.append(html.A(text("page.publications"), href=asked_address(scene, "publications")))
    freeze = {
        "period": question.period.name,
        "base": scene.params.get("base", ""),
        "edition": scene.params.get("edition", ""),
    }
    wanted = "&".join(f"{name}={value}" for name, value in freeze.items() if value)
    links.append(html.A(text("publications.freeze"), href=at(scene, f"/office/publications?{wanted}")))
    return html.P([each for link in links for each in (link, " ")], className="ways")


def _summary(scene: Scene, _question: Question, content: Content) -> html.Section:
    told = Told.of(scene)
    said = [html.P(each) for each in told.summary(content)]
    return html.Section(said or html.P(scene.text("phase_page.nothing")), className="card summary")


def _figures(scene: Scene, _question: Question, content: Content) -> Any:
    spoken = Spoken(scene.text.lang)
    found = figures_of(content, spoken)
    return html.Div(
        [
            html.Figure(
                [Drawing(each.svg, className="figure"), html.Figcaption(scene.text.of_code("document.figure.", key))],
                className="card",
            )
            for key, each in found.items()
        ],
        className="figures",
    )


def _tables(scene: Scene, _question: Question, content: Content) -> list[Any]:
    told = Told.of(scene)
    ranked = sorted(content.tables, key=lambda table: LEAD.index(table.key) if table.key in LEAD else len(LEAD))
    opened = [html.Section(phase_table(told, each), className="card") for each in ranked if each.key in LEAD]
    folded = [_folded(told, each) for each in ranked if each.key not in LEAD]
    absent = _absent(told, content)
    parts = [each for edition, own in content.by_edition.items() for each in _edition(told, edition, own)]
    return [*opened, *parts, *folded, *absent]


def _edition(told: Told, edition: str, own: Sequence[Table]) -> list[Any]:
    title = html.H2(told.text("phase_page.under", edition=told.text.of_code("document.edition.", edition)))
    return [title, *(_folded(told, each) for each in own)]


def _folded(told: Told, table: Table) -> html.Section:
    title = told.text.of_code("phase.table.", table.key)
    return html.Section(html.Details([html.Summary(title), phase_table(told, table)]), className="card")


def _absent(told: Told, content: Content) -> list[Any]:
    """Say which tables an assessment could have and has not, and why."""
    absent = content.about.get("absent") or {}
    if not absent:
        return []
    lines = [
        html.Li([html.B(told.text.of_code("phase.table.", key)), " ", told.text.of_code("phase.why.", why)])
        for key, why in absent.items()
    ]
    return [html.Section([html.H3(told.text("phase_page.absent")), html.Ul(lines)], className="card")]


def _targets(scene: Scene, _question: Question, content: Content) -> list[Any]:
    told = Told.of(scene)
    found = [table for table in content.tables if table.key in ("targets", "path")]
    if not found:
        return [html.P(scene.text("phase_page.no_targets"), className="card")]
    spoken = Spoken(scene.text.lang)
    drawn = {key: each for key, each in figures_of(content, spoken).items() if key in ("targets", "path")}
    figures = [html.Figure(Drawing(each.svg, className="figure"), className="card") for each in drawn.values()]
    return [*figures, *(html.Section(phase_table(told, each), className="card") for each in found)]


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
    return [
        html.Section([html.H2(lead), *cell_table(told, mine, (content, old))], className="card"),
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
    {"choice": _choice(ASSESSMENT), "head": _drawn(_head), "said": _drawn(_summary), "figures": _drawn(_figures),
     "tables": _drawn(_tables)},
    also=files_stamp, is_there=_understood, in_navigation=True,
)  # fmt: skip
asked_page(
    CITY, "/assessment/city/<city>",
    {"choice": _choice(CITY), "head": _drawn(_head, of_city=True), "said": _drawn(_summary, of_city=True),
     "figures": _drawn(_figures, of_city=True), "tables": _drawn(_tables, of_city=True)},
    also=files_stamp, is_there=_understood,
)  # fmt: skip
asked_page(
    TARGETS, "/assessment/targets", {"choice": _choice(TARGETS), "head": _drawn(_head), "targets": _drawn(_targets)},
    also=files_stamp, is_there=_understood,
)  # fmt: skip
asked_page(
    BESIDE, "/assessment/beside", {"choice": _choice(BESIDE), "beside": _drawn(_beside)}, also=files_stamp, is_there=_understood
)  # fmt: skip
