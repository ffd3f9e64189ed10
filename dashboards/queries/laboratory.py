"""What the store has of new pollutants as one knew it: what is measured of each kind, and the results of one substance."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from dashboards.moment import SHANGHAI, Moment
from standards.laboratory.new_pollutants import Kind, PollutantList, Substance, list_for
from streams.store.laboratory import measured, results_of

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Known:
    """Until when one looks: the last day of sampling, and the moment (naive UTC) up to which results had been received."""

    day: dt.date
    at: dt.datetime


@dataclass(frozen=True, slots=True)
class Measured:
    """A substance of a kind in a medium, with the counts of streams.store.laboratory.measured."""

    kind: Kind
    substance: Substance
    row: Row


def known_by(moment: Moment) -> Known:
    """Give until when one looks: the real clock's moment, or the hour that a reader went back to."""
    at = moment.hour if moment.is_past else moment.now
    return Known((at + SHANGHAI).date(), at)


def measured_kinds(connection: sa.Connection, known: Known) -> tuple[PollutantList | None, list[Measured]]:
    """Give the list in force and what is measured of it, in the order of the list; None before the first list."""
    pollutants = list_for(known.day)
    if pollutants is None:
        return None, []
    places = {each.cas: (kind, each) for kind in pollutants.kinds for each in kind.substances}
    order = {cas: i for i, cas in enumerate(places)}
    rows = measured(connection, places, known.day, known.at)
    found = [Measured(*places[row["cas"]], row) for row in rows]
    return pollutants, sorted(found, key=lambda each: (order[each.substance.cas], each.row["medium"]))


def results(connection: sa.Connection, chosen: Measured, known: Known) -> list[Row]:
    """Give the results of a substance in a medium, by day."""
    return results_of(connection, chosen.substance.cas, chosen.row["medium"], known.day, known.at)
