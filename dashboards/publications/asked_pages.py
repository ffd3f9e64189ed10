"""Public pages of publications: the list, one of them as it was frozen, and two beside each other."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import sqlalchemy as sa
from dash import html

from dashboards.components.phase_chapters import chapters
from dashboards.components.phase_figures import figures
from dashboards.components.phase_lead import paragraphs, tiles
from dashboards.components.phase_tables import Told, phase_table
from dashboards.context import Context, Scene, current
from dashboards.office.reading import of_office
from dashboards.office.records import engine_of
from dashboards.phase.content import Content, from_bytes
from dashboards.phase.question import REGION, QuestionRefused
from dashboards.publications import register
from dashboards.publications.cards import at, cell_table, day_table, record_card, record_table, state
from dashboards.publications.difference import Cell, difference, row_key
from dashboards.publications.drafting import overtaken
from dashboards.publications.office_tables import PUBLIC, PUBLISHED
from dashboards.publications.register import PublicationRefused, Record
from dashboards.snapshots.asked import asked_page

SLICE = 25
LONG = 15
"""Changes of a revision; a longer list is folded."""
BESIDE = ("cities", "ranking", "levels", "primary", "verdicts", "targets", "change")
"""Tables that are shown whole where two assessments stand beside each other."""


def _list(scene: Scene) -> Any:
    text, engine = scene.text, engine_of(current())
    if engine is None:
        return html.P(text("office.none"), className="notice")
    asked = scene.params.get("before", "")
    before = int(asked) if asked.isascii() and asked.isdecimal() and len(asked) < 10 else None
    with engine.connect() as connection:
        found = register.listed(connection, most=SLICE + 1, before=before)
    if not found:
        return html.P(text("publications.none_yet"), className="card")
    older = at(scene, f"/publications?before={found[SLICE - 1].id}") if len(found) > SLICE else ""
    more = [html.A(text("publications.older"), href=older)] if older else []
    lead = html.P(text("publications.lead"))
    return html.Section([lead, record_table(scene, found[:SLICE]), *more], className="card")


def _one(show: Callable[[Scene, sa.Connection, Record], Any]) -> Callable[[Scene], Any]:
    """Draw a part of the publication that the address names; one that there is not is said once, by the first part."""

    def render(scene: Scene) -> Any:
        engine = engine_of(current())
        if engine is None:
            return html.P(scene.text("office.none"), className="notice")
        with engine.connect() as connection:
            try:
                return show(scene, connection, public_record(connection, scene.params["name"]))
            except PublicationRefused as refused:
                return html.P(scene.text(refused.key, **refused.values), className="notice waiting", role="alert")

    return render


def public_record(connection: sa.Connection, name: str) -> Record:
    """Give a publication that everybody may read; raise PublicationRefused for another, as for one that there is not."""
    found = register.by_name(connection, name)
    if found.audience != PUBLIC:
        raise PublicationRefused("publications.refused_unknown", name=name[:24])
    return found


def _publication(scene: Scene, office: sa.Connection, record: Record) -> list[Any]:
    told, content = Told.of(scene), from_bytes(register.content_of(office, record))
    place = REGION if content.question.get("region") else content.question["cities"][0]
    drawn = figures(told, content)
    return [
        record_card(scene, record, register.revisions_of(office, record.number)),
        *_standing(scene, office, record, told, content),
        html.Section([tiles(told, content, place), *paragraphs(told, content)], className="card summary"),
        *_revised(scene, office, record, told, content),
        *([html.H2(scene.text("phase_page.figures")), html.Div(drawn, className="figures")] if drawn else []),
        *chapters(told, content, lambda _column, _value: "", "files"),
    ]


def _standing(scene: Scene, office: sa.Connection, record: Record, told: Told, content: Content) -> list[Any]:
    """Say whether data revised since would give other numbers; of a publication that does not stand any more nobody asks."""
    text = scene.text
    if record.state != PUBLISHED:
        return []
    try:
        if scene.connection is None:
            raise QuestionRefused("period", "", "a store")
        cells = overtaken(current(), scene.connection, office, record)
    except (QuestionRefused, sa.exc.SQLAlchemyError):
        return [html.P(text("publications.not_compared"), className="notice")]
    if not cells:
        return [html.P(text("publications.current"), className="notice good")]
    said = html.P(text("publications.overtaken", count=len(cells)), className="notice waiting", role="status")
    which = html.Details([html.Summary(text("publications.changed_now")), *cell_table(told, cells, (content,))])
    return [said, html.Section(which, className="card")]


def _revised(scene: Scene, office: sa.Connection, record: Record, told: Told, content: Content) -> list[Any]:
    if not record.changes_sha256:
        return []
    text = scene.text
    before = register.by_name(office, _earlier(record))
    old = from_bytes(register.content_of(office, before))
    days = register.changes_of(office, record)["days"]
    behind = [html.H3(text("publications.changed_days")), *day_table(scene, days)] if days else []
    cells = difference(old, content)
    listed = cell_table(told, cells, (content, old))
    if len(cells) > LONG:
        said = text("publications.differs_from", name=before.name, count=len(cells))
        listed = [html.Details([html.Summary(said), *listed])]
    return [html.Section([html.H2(text("publications.changed_cells")), *behind, *listed], className="card")]


def _earlier(record: Record) -> str:
    return record.number + (f"r{record.revision - 1}" if record.revision > 1 else "")


def _beside(scene: Scene, office: sa.Connection, record: Record) -> list[Any]:
    other = public_record(office, scene.params["other"])
    now, before = (from_bytes(register.content_of(office, each)) for each in (record, other))
    told, cells = Told.of(scene), difference(before, now)
    titles = [
        html.Li(
            [
                html.A(r.name, href=at(scene, f"/publications/{r.name}")),
                " ",
                r.title(scene.text.lang),
                " ",
                state(scene, r),
            ]
        )
        for r in (other, record)
    ]
    title = html.H2(scene.text("publications.differs_from", name=other.name, count=len(cells)))
    return [
        html.Section([title, html.Ul(titles, className="revisions"), *cell_table(told, cells, (now, before))], className="card"),
        *(html.Section(marked(told, table, cells), className="card") for table in now.tables if table.key in BESIDE),
    ]  # fmt: skip


def marked(told: Told, table: Any, cells: tuple[Cell, ...]) -> html.Figure:
    """Show a table with its cells marked that another assessment has otherwise."""
    mine = {(cell.row, cell.column.key): cell for cell in cells if cell.table == table.key and not cell.edition}
    found = {
        (n, column.key): mine[key, column.key]
        for n, row in enumerate(table.rows)
        for key in [row_key(table, row)]
        for column in table.columns
        if (key, column.key) in mine
    }
    return phase_table(told, table, changed=found)


def _is_there(context: Context, params: Mapping[str, str]) -> bool:
    engine = engine_of(context)
    if engine is None:
        return False
    with engine.connect() as connection:
        try:
            for name in (params["name"], *([params["other"]] if "other" in params else [])):
                public_record(connection, name)
        except PublicationRefused:
            return False
    return True


asked_page("publications", "/publications", {"list": of_office(_list)})
asked_page("publication", "/publications/<name>", {"publication": of_office(_one(_publication))}, is_there=_is_there)
asked_page(
    "difference", "/publications/<name>/against/<other>", {"beside": of_office(_one(_beside))}, is_there=_is_there
)  # fmt: skip
