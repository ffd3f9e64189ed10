"""Small marks that stand beside numbers: level, simulated, age, and where a number comes from."""

from __future__ import annotations

import datetime as dt
from typing import Any

from dash import html

from dashboards import theme
from dashboards.moment import Moment, beijing, epoch_seconds
from dashboards.text import Text
from standards.pollutants import POLLUTANTS
from streams.store.flags import kinds_by_item, overruled, set_aside, suspect_items

Row = dict[str, Any]
SYMBOLS = {"so2": "SO₂", "no2": "NO₂", "co": "CO", "o3": "O₃", "pm10": "PM₁₀", "pm25": "PM₂.₅"}
UNITS = {"ug/m3": "µg/m³", "mg/m3": "mg/m³"}


def category(aqi: int | None, text: Text) -> str:
    """Give the category of an index in words, "NA" where there is none."""
    level = theme.level(aqi)
    if level is None:
        return "NA"
    return level.category_zh if text.lang == "zh" else level.category_en


def chip(aqi: int | None, text: Text) -> html.Span:
    """Show the category on its official colour."""
    colour = theme.fill(aqi)
    style = {"backgroundColor": colour, "color": theme.ink_on(colour)}
    return html.Span(category(aqi, text), className="chip", style=style)


def simulated(row: Row | None, text: Text) -> html.Span | None:
    """Mark a row of simulated data."""
    if not row or not row["simulated"]:
        return None
    return html.Span(text("mark.simulated"), className="sim-mark", title=text("notice.simulated"))


def age(moment: Moment, hour: dt.datetime, text: Text) -> html.Span:
    """Tell how old an hour is: by the clock in a live feed (the browser keeps it up), else against the hour shown."""
    if moment.counts_real_age:
        return html.Span(className="age", **{"data-age-of": str(epoch_seconds(hour))})
    behind = round((moment.reference - hour).total_seconds() / 3600)
    words = text("age.on_time") if behind <= 0 else text("age.behind", hours=behind)
    return html.Span(words, className="age" if behind <= 0 else "age late")


def behind(row: Row | None, moment: Moment, text: Text) -> str:
    """Tell in words that a row is of an earlier hour than the one shown; empty where it is of that hour."""
    if not row or row["hour_end"] >= moment.hour:
        return ""
    return text("age.behind", hours=round((moment.hour - row["hour_end"]).total_seconds() / 3600))


def primary(row: Row, text: Text) -> str:
    """Name the primary pollutants of a row, a dash where there are none."""
    codes = [code for code in (row["primary_pollutants"] or "").split(",") if code]
    return text("list.comma").join(SYMBOLS.get(code, code) for code in codes) if codes else "—"


def value(row: Row, item: str) -> str:
    """Write a concentration with its reporting decimals, "NA" where it is missing."""
    number = row[POLLUTANTS[item].column]
    return "NA" if number is None else f"{number:.{POLLUTANTS[item].decimals}f}"


def shown(row: Row, item: str, text: Text) -> str | html.Del | html.Span:
    """Show a concentration as value() writes it: struck through where it does not count, marked where it is suspect.

    The reason is read out and stands in the title. What a person has reviewed is shown plainly; its flag says that it is overruled.
    """
    number, kinds = value(row, item), kinds_by_item(row.get("flags")).get(item)
    if not kinds or overruled(row) or number == "NA":
        return number
    reason = text("list.comma").join(text.of_code("flag.", kind) for kind in kinds)
    if item in set_aside(row):
        return html.Del(number, className="set-aside", title=text("flags.set_aside", reason=reason))
    return html.Span(number, className="doubted", title=text("flags.suspect", reason=reason))


def rests(row: Row | None, text: Text) -> html.Span | None:
    """Mark a row of a city that rests on suspect values, and name the items."""
    items = suspect_items(row) if row else ()
    if not items:
        return None
    named = text("list.comma").join(SYMBOLS.get(item, item) for item in items)
    return html.Span(text("flags.rests"), className="flag", title=text("flags.rests_on", items=named))


def why_absent(row: Row | None, text: Text) -> str:
    """Tell why there is no index: no row, the items that are missing, or those that do not count."""
    if row is None:
        return text("na.no_row")
    missing = [SYMBOLS[item] for item, p in POLLUTANTS.items() if row[p.column] is None]
    aside = [SYMBOLS[item] for item in POLLUTANTS if item in set_aside(row)]
    why = [text("na.missing", items=text("list.comma").join(missing))] if missing else []
    why += [text("na.set_aside", items=text("list.comma").join(aside))] if aside else []
    return text("list.comma").join(why) if why else text("na.incomplete")


def provenance(row: Row, text: Text) -> str:
    """Tell where a number comes from: hour, edition, status, revision, version, completeness."""
    words = text(
        "note.full", hour=beijing(row["hour_end"]), edition=row["edition"], revision=row["revision"],
        status=text.of_code("status.", row["status"]), version=row["version"],
    )  # fmt: skip
    if "completeness" not in row:
        return words
    share = row["completeness"]
    return words + text("note.completeness", percent="NA" if share is None else f"{share * 100:.0f}%")


def footnote(row: Row | None, text: Text) -> html.P | None:
    """Show where the numbers of a card come from, for those who cannot hover."""
    return html.P(provenance(row, text), className="footnote") if row else None
