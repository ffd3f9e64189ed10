"""The book of meetings: called, held, closed; what they decided, and actions that stay open until somebody is done."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from dashboards.meetings.office_tables import (
    CLOSED,
    DONE,
    DROPPED,
    HELD,
    INTERNAL,
    PLANNED,
    PUBLIC,
    TO_DO,
    action,
    decision,
    meeting,
    paper,
)
from dashboards.meetings.quarters import ASSESSMENT, MEETING, REPORT, Quarter, quarter_named
from dashboards.moment import SHANGHAI
from dashboards.office.desk import Desk
from dashboards.office.errors import NotThere, Refused
from dashboards.office.records import mark_changed, transaction
from dashboards.phase.question import REGION
from dashboards.publications.office_tables import PUBLISHED, WITHDRAWN, publication
from dashboards.publications.register import by_name, name_of

FIELDS = {"place": 200, "chair": 80, "attended": 2000, "agenda": 4000, "review": 20000}
"""Texts of a meeting with their longest length."""
LONGEST_TEXT = 2000
MOST_PAPERS, MOST_ENTRIES = 40, 200


@dataclass(frozen=True, slots=True)
class Action:
    """Something to do. quarter: whose meeting gave it; owner: a city; closed_on: when it was done or dropped."""

    id: int
    quarter: str
    text: str
    owner: str
    due: dt.date
    state: str
    note: str
    closed_on: dt.date | None
    version: int
    changed_by: str
    changed_at: dt.datetime

    def is_overdue(self, today: dt.date) -> bool:
        """Tell whether it is still to do though its day is over."""
        return self.state == TO_DO and self.due < today


@dataclass(frozen=True, slots=True)
class Meeting:
    """One meeting with its papers, decisions and the actions it gave. carried: of earlier meetings, open when it is looked at."""

    quarter: str
    host: str
    day: dt.date | None
    place: str
    chair: str
    attended: str
    agenda: str
    review: str
    audience: str
    state: str
    reported_on: dt.date | None
    version: int
    changed_by: str
    changed_at: dt.datetime
    papers: tuple[str, ...] = ()
    decisions: tuple[tuple[int, str], ...] = ()
    actions: tuple[Action, ...] = ()
    carried: tuple[Action, ...] = ()

    @property
    def items(self) -> tuple[str, ...]:
        """Give the agenda, an item each."""
        return tuple(line.strip() for line in self.agenda.splitlines() if line.strip())


def call(desk: Desk, quarter: Quarter, host: str) -> None:
    """Put a meeting into the book, hosted by a city; raise Refused where it is there already."""
    desk.require("meeting_edit", host)
    _require_city(desk, host)
    with transaction(desk.engine) as connection:
        if _row(connection, quarter.name) is not None:
            raise Refused("meetings.refused_called", quarter=quarter.name)
        row = {"quarter": quarter.name, "host": host, "audience": INTERNAL, "state": PLANNED, **_changed(desk, 1)}
        connection.execute(sa.insert(meeting).values(row))
        _note(desk, connection, "meeting.call", f"meeting {quarter.name}", {"host": host})


def edit(desk: Desk, quarter: str, version: int, texts: Mapping[str, str], day: dt.date | None, audience: str) -> None:
    """Write the texts of a meeting; raise Refused where somebody else wrote since `version`, or the meeting is closed."""
    if audience not in (PUBLIC, INTERNAL):
        raise Refused("meetings.refused_field", field="audience", value=audience)
    values = {name: texts.get(name, "").strip()[:longest] for name, longest in FIELDS.items()}
    _change(desk, quarter, version, {**values, "day": day, "audience": audience}, "meeting.edit")


def move(desk: Desk, quarter: str, version: int, state: str) -> None:
    """Bring a meeting from planned to held, from held to closed; raise Refused for any other way, or while its day is not fixed."""
    with desk.engine.connect() as connection:
        found = meeting_of(connection, quarter)
    if (found.state, state) not in ((PLANNED, HELD), (HELD, CLOSED)):
        raise Refused("meetings.refused_state", state=state)
    if found.day is None:
        raise Refused("meetings.refused_no_day")
    _change(desk, quarter, version, {"state": state}, f"meeting.{state}")


def report(desk: Desk, quarter: str, day: dt.date) -> None:
    """Record on which day the report on a meeting went up to the province, also after it is closed."""
    with transaction(desk.engine) as connection:
        found = _there(connection, quarter)
        desk.require("meeting_edit", found.host)
        if found.state == PLANNED:
            raise Refused("meetings.refused_state", state=REPORT)
        values = {"reported_on": day, **_changed(desk, found.version + 1)}
        connection.execute(sa.update(meeting).where(meeting.c.quarter == quarter).values(values))
        _note(desk, connection, "meeting.report", f"meeting {quarter}", {"day": str(day)})


def lay(desk: Desk, quarter: str, version: int, names: Sequence[str]) -> None:
    """Lay publications before a meeting, in place of those before.

    Raises Refused where somebody else wrote since `version`, for a publication that there is not, and for one that was withdrawn
    before it lay there; one that lies there already stays, whatever became of it.
    """
    chosen = list(dict.fromkeys(names))
    if len(chosen) > MOST_PAPERS:
        raise Refused("meetings.refused_many", most=MOST_PAPERS)
    with transaction(desk.engine) as connection:
        _unchanged(_open_for(desk, connection, quarter), version)
        there = set(connection.execute(sa.select(paper.c.publication).where(paper.c.quarter == quarter)).scalars())
        for name in chosen:
            if by_name(connection, name).state == WITHDRAWN and name not in there:
                raise Refused("meetings.refused_withdrawn", name=name)
        connection.execute(sa.delete(paper).where(paper.c.quarter == quarter))
        for name in chosen:
            connection.execute(sa.insert(paper).values(quarter=quarter, publication=name))
        connection.execute(sa.update(meeting).where(meeting.c.quarter == quarter).values(_changed(desk, version + 1)))
        _note(desk, connection, "meeting.papers", f"meeting {quarter}", {"papers": chosen})


def decide(desk: Desk, quarter: str, text: str) -> None:
    """Write a decision of a meeting."""
    with transaction(desk.engine) as connection:
        _open_for(desk, connection, quarter)
        _room(connection, decision, quarter)
        connection.execute(sa.insert(decision).values(quarter=quarter, text=_text(text)))
        _note(desk, connection, "meeting.decide", f"meeting {quarter}", {"text": _text(text)})


def give(desk: Desk, quarter: str, text: str, owner: str, due: dt.date) -> None:
    """Give a city something to do until a day."""
    _require_city(desk, owner)
    with transaction(desk.engine) as connection:
        _open_for(desk, connection, quarter)
        _room(connection, action, quarter)
        row = {"quarter": quarter, "text": _text(text), "owner": owner, "due": due, "state": TO_DO, **_changed(desk, 1)}
        connection.execute(sa.insert(action).values(row))
        told = {"text": _text(text), "owner": owner, "due": str(due)}
        _note(desk, connection, "action.give", f"meeting {quarter}", told)


def tell(desk: Desk, number: int, version: int, state: str, note: str) -> None:
    """Tell how an action stands; its own city may, and who may edit for all. A reason is needed to drop one."""
    if state not in (TO_DO, DONE, DROPPED):
        raise Refused("meetings.refused_field", field="state", value=state)
    if state == DROPPED and not note.strip():
        raise Refused("meetings.refused_no_reason")
    with transaction(desk.engine) as connection:
        row = connection.execute(sa.select(action).where(action.c.id == number)).mappings().first()
        if row is None:
            raise Refused("meetings.refused_no_action")
        desk.require("action_update", row["owner"])
        if row["version"] != version:
            raise Refused("meetings.refused_changed", by=row["changed_by"])
        closed = None if state == TO_DO else row["closed_on"] or today_of(desk)
        values = {
            "state": state,
            "note": note.strip()[:LONGEST_TEXT],
            "closed_on": closed,
            **_changed(desk, version + 1),
        }
        connection.execute(sa.update(action).where(action.c.id == number).values(values))
        told = {"state": state, "was": row["state"], "note": values["note"]}
        _note(desk, connection, "action.tell", f"action {number}", told)


def meeting_of(connection: sa.Connection, quarter: str) -> Meeting:
    """Give a meeting with all that belongs to it; raise Refused where it is not in the book.

    carried: actions that earlier meetings gave and that are still to do; of a closed meeting those that were then.
    """
    row = _there(connection, quarter)
    papers = connection.execute(sa.select(paper.c.publication).where(paper.c.quarter == quarter)).scalars().all()
    decided = connection.execute(
        sa.select(decision.c.id, decision.c.text).where(decision.c.quarter == quarter).order_by(decision.c.id)
    )
    given = connection.execute(sa.select(action).where(action.c.quarter == quarter).order_by(action.c.id))
    return Meeting(
        **dict(row._mapping), papers=tuple(sorted(papers)), decisions=tuple((n, text) for n, text in decided),
        actions=tuple(Action(**dict(each._mapping)) for each in given), carried=carried_to(connection, row),
    )  # fmt: skip


def carried_to(connection: sa.Connection, row: Any) -> tuple[Action, ...]:
    """Give the actions of earlier meetings that came before this one: open now, or closed on its day or later."""
    c = action.c
    still = c.state == TO_DO
    then = still if row.day is None else still | (c.closed_on >= row.day)
    query = sa.select(action).where(c.quarter < row.quarter, then).order_by(c.due, c.id)
    return tuple(Action(**dict(each._mapping)) for each in connection.execute(query))


def to_do(connection: sa.Connection, audiences: Sequence[str] = (PUBLIC, INTERNAL)) -> tuple[Action, ...]:
    """Give all actions that are still to do, by when they are due. audiences: of the meetings that gave them."""
    given = sa.select(meeting.c.quarter).where(meeting.c.audience.in_(audiences))
    still = (action.c.state == TO_DO) & action.c.quarter.in_(given)
    query = sa.select(action).where(still).order_by(action.c.due, action.c.id)
    return tuple(Action(**dict(each._mapping)) for each in connection.execute(query))


def meetings(
    connection: sa.Connection, *, most: int = 40, audiences: Sequence[str] = (PUBLIC, INTERNAL)
) -> tuple[Any, ...]:  # fmt: skip
    """Give the rows of the newest meetings, the newest first."""
    query = sa.select(meeting).where(meeting.c.audience.in_(audiences))
    return tuple(connection.execute(query.order_by(meeting.c.quarter.desc()).limit(most)))


def fulfilled(connection: sa.Connection, quarter: Quarter, cities: Sequence[str]) -> tuple[str, ...]:
    """Tell which duties of a quarter are fulfilled: a standing assessment of its days, a meeting held, a report sent.

    cities: all of them; the assessment of one city, or of some, is not the one that is due.
    """
    c = publication.c
    stands = sa.select(c.question).where(c.period == quarter.name, c.state == PUBLISHED)
    row = _row(connection, quarter.name)
    found = {
        ASSESSMENT: any(_is_of_all(each, cities) for each in connection.execute(stands).scalars()),
        MEETING: row is not None and row.state in (HELD, CLOSED),
        REPORT: row is not None and row.reported_on is not None,
    }
    return tuple(kind for kind, is_done in found.items() if is_done)


def _is_of_all(question: str, cities: Sequence[str]) -> bool:
    """Tell whether the canonical text of a question asks for all cities and the region."""
    places = dict(each.partition("=")[::2] for each in question.split(";")).get("places", "").split(",")
    return {*cities, REGION} <= {*places}


def assessments_of(connection: sa.Connection, quarter: Quarter) -> list[str]:
    """Give the names of the publications that assess days of a quarter and stand: what a meeting is likely to want."""
    c = publication.c
    first, last = quarter.period.first_date, quarter.period.last_date
    query = sa.select(c.number, c.revision).where(c.last_day.between(first, last), c.state == PUBLISHED).order_by(c.id)
    return [name_of(number, revision) for number, revision in connection.execute(query)]


def today_of(desk: Desk) -> dt.date:
    """Give the day in Beijing of a request."""
    return (desk.at + SHANGHAI).date()


def _change(desk: Desk, quarter: str, version: int, values: Mapping[str, Any], what: str) -> None:
    with transaction(desk.engine) as connection:
        found = _open_for(desk, connection, quarter)
        _unchanged(found, version)
        changed = {name: value for name, value in values.items() if getattr(found, name) != value}
        now = {**values, **_changed(desk, version + 1)}
        connection.execute(sa.update(meeting).where(meeting.c.quarter == quarter).values(now))
        _note(desk, connection, what, f"meeting {quarter}", {name: str(value) for name, value in changed.items()})


def _note(desk: Desk, connection: sa.Connection, what: str, subject: str, detail: Mapping[str, Any]) -> None:
    """Write a change into the log, and let public pages know of it."""
    desk.log(connection, what, subject, detail)
    mark_changed(connection, "meetings")


def _open_for(desk: Desk, connection: sa.Connection, quarter: str) -> Any:
    """Give the row of a meeting that this officer may change; a closed one changes for nobody."""
    found = _there(connection, quarter)
    desk.require("meeting_edit", found.host)
    if found.state == CLOSED:
        raise Refused("meetings.refused_closed", quarter=quarter)
    return found


def _unchanged(found: Any, version: int) -> None:
    """Refuse to write over what somebody else wrote since a form was opened."""
    if found.version != version:
        raise Refused("meetings.refused_changed", by=found.changed_by)


def _there(connection: sa.Connection, quarter: str) -> Any:
    found = _row(connection, quarter) if quarter_named(quarter) else None
    if found is None:
        raise NotThere("meetings.refused_none", quarter=quarter[:10])
    return found


def _row(connection: sa.Connection, quarter: str) -> Any:
    return connection.execute(sa.select(meeting).where(meeting.c.quarter == quarter)).first()


def _room(connection: sa.Connection, table: sa.Table, quarter: str) -> None:
    count = connection.execute(sa.select(sa.func.count()).select_from(table).where(table.c.quarter == quarter)).scalar()
    if count >= MOST_ENTRIES:
        raise Refused("meetings.refused_many", most=MOST_ENTRIES)


def _text(text: str) -> str:
    found = text.strip()[:LONGEST_TEXT]
    if not found:
        raise Refused("meetings.refused_empty")
    return found


def _require_city(desk: Desk, city: str) -> None:
    if city not in desk.scene.registry.cities:
        raise Refused("meetings.refused_field", field="city", value=city[:20])


def _changed(desk: Desk, version: int) -> dict[str, Any]:
    return {"version": version, "changed_by": desk.caller.who, "changed_at": desk.at}
