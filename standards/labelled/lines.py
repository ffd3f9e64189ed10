"""Limits as a DataFrame: standards.assessment.limits, for a date, an edition, or all editions side by side."""

from __future__ import annotations

import datetime as dt

import pandas as pd

from standards.assessment.limits import guideline_line, limit_lines
from standards.dated_tables import read_table
from standards.editions import EDITIONS, Edition, edition_for, edition_named
from standards.labelled.words import reference


def limits(date: dt.date | str | None = None, *, edition: str | Edition | None = None) -> pd.DataFrame:
    """Give the ambient limits of GB 3095 as a table.

    date: the natural day, to take the edition in force on it. edition: "2012", "2026T" or "2031" instead. With neither,
    all editions. Returns rows by edition, item and period with grade1, grade2, unit, code, clause and confidence.
    Errors: ValueError where both are given, or no such edition exists.
    """
    if date is not None and edition is not None:
        raise ValueError(f"date is {date} and edition {edition}, expected one of them")
    if date is not None:
        chosen = [edition_for(dt.date.fromisoformat(date) if isinstance(date, str) else date)]
    elif edition is not None:
        chosen = [edition if isinstance(edition, Edition) else edition_named(edition)]
    else:
        chosen = list(EDITIONS)
    rows = [
        {
            "edition": each.name, "item": line.item, "period": line.period, **line.values, "unit": line.unit,
            "code": line.code, "clause": line.clause, "confidence": line.confidence,
        }
        for each in chosen
        for line in limit_lines(edition=each)
    ]  # fmt: skip
    frame = pd.DataFrame(rows).set_index(["edition", "item", "period"])
    frame.attrs = {
        "edition": ", ".join(each.name for each in chosen),
        "units": {"grade1": "see unit", "grade2": "see unit"},
    }
    return frame


def guidelines() -> pd.DataFrame:
    """Give the guideline levels and interim targets of the WHO as a table.

    Returns rows by item and period with it1 to it4 and aqg (NaN where there is none), unit, code, clause, confidence.
    """
    lines = [guideline_line(row["item"], row["period"]) for row in read_table("who_2021").rows]
    rows = [
        {
            "item": line.item, "period": line.period, **line.values, "unit": line.unit, "code": line.code,
            "clause": line.clause, "confidence": line.confidence,
        }
        for line in lines
    ]  # fmt: skip
    frame = pd.DataFrame(rows).set_index(["item", "period"])
    frame.attrs = {"edition": lines[0].code, "references": reference(guideline_line)}
    return frame
