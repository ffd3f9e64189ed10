"""Sections 2 to 10 of the page, each a list of HTML parts: lead, figures, tables, notes."""

from __future__ import annotations

from research.virtual_airshed.report import checks
from research.virtual_airshed.report.figures import (
    book_figures,
    cause_figures,
    chemistry_figures,
    cycles_figures,
    map_figures,
    other_figures,
    real_days_figures,
    weather_figures,
    week_figures,
)
from research.virtual_airshed.report.subject import Subject
from research.virtual_airshed.report.svg import tag
from research.virtual_airshed.report.words import catalogue, html, words


def real_days(subject: Subject) -> list[str]:
    """Section 2."""
    g, judged, stage = subject.g, subject.judged, subject.stage
    known = _card("real.chengdu", real_days_figures.chengdu_table(judged), _quiet("real.chengdu_note"))
    off = _card("real.exempt_title", _quiet("real.exempt_note"), real_days_figures.exempt_list(judged, stage))
    summary = tag("summary", html(words("real.bands_title")))
    bands = tag("details", summary, real_days_figures.band_table(judged), class_="card")
    return [_lead("real.lead"), known, real_days_figures.ratio_figure(g, judged, stage), off, bands]


def rhythms(subject: Subject) -> list[str]:
    """Section 3."""
    g, stage = subject.g, subject.stage
    return [
        cycles_figures.carpet_figure(g, stage), cycles_figures.month_figure(g, stage), cycles_figures.clock_figure(g),
        week_figures.week_figure(g) or _left_out("head.no_season"), cycles_figures.parts_figure(g),
    ]  # fmt: skip


def maps(subject: Subject) -> list[str]:
    """Section 4."""
    g, stage = subject.g, subject.stage
    return [
        map_figures.mean_figure(g, stage),
        map_figures.haze_figure(g, stage) or _left_out("head.too_short"),
    ]


def chemistry(subject: Subject) -> list[str]:
    """Section 5."""
    g, stage = subject.g, subject.stage
    isopleth = chemistry_figures.isopleth_figure(g, stage) or _left_out("head.no_season")
    regime = chemistry_figures.regime_figure(g, stage) or ""
    return [_lead("chem.lead"), isopleth, regime, chemistry_figures.night_figure(g)]


def causes(subject: Subject) -> list[str]:
    """Section 6."""
    made = (
        cause_figures.local_figure,
        cause_figures.sector_figure,
        cause_figures.removal_figure,
        cause_figures.transfer_figure,
    )
    return [_lead("cause.lead"), *(each(subject.g, subject.stage) for each in made)]


def weather(subject: Subject) -> list[str]:
    """Section 7."""
    return [weather_figures.weather_figure(subject.g), weather_figures.rose_figure(subject.g)]


def books(subject: Subject) -> list[str]:
    """Section 8."""
    note = tag("p", html(words("books.removal_note", days=checks.REMOVED_DAYS)), class_="quiet")
    laws = tag("div", book_figures.law_table(subject.g, subject.stage), note, class_="card")
    return [_lead("books.lead"), laws, book_figures.budget_figure(subject.g)]


def others(subject: Subject) -> list[str]:
    """Section 9."""
    skill, quality = subject.g.skill, subject.g.quality
    scores = other_figures.skill_figure(skill) if skill is not None else _left_out("skill.absent")
    if quality is None:
        return [scores, _left_out("quality.absent")]
    stations = sum(each.kind == "national" for each in subject.stage.registry.stations.values())
    return [scores, other_figures.quality_card(quality, stations=stations)]


def limits(subject: Subject) -> list[str]:
    """Section 10: the same for every run."""
    keys = [key for key in catalogue() if key.startswith("limits.") and key != "limits.lead"]
    entries = tag("ul", *(tag("li", html(words(key))) for key in keys), class_="numbered")
    return [_lead("limits.lead"), tag("div", entries, class_="card")]


def _lead(key: str) -> str:
    return tag("p", html(words(key)))


def _quiet(key: str) -> str:
    return tag("p", html(words(key)), class_="quiet")


def _card(title: str, *parts: str) -> str:
    return tag("div", tag("h3", html(words(title))), *parts, class_="card")


def _left_out(key: str) -> str:
    return tag("div", _quiet(key), class_="card")
