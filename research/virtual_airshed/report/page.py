"""The page: sections of words and figures as one HTML text that needs nothing else. Pure; the same data give the same
bytes."""

from __future__ import annotations

import json
from collections.abc import Callable
from html import escape
from pathlib import Path

from research.virtual_airshed.report import front, sections
from research.virtual_airshed.report.subject import Subject
from research.virtual_airshed.report.svg import tag
from research.virtual_airshed.report.words import html, words

FOLDER = Path(__file__).parent
SECTIONS: tuple[Callable[[Subject], list[str]], ...] = (
    front.about, sections.real_days, sections.rhythms, sections.maps, sections.chemistry, sections.causes, sections.weather,
    sections.books, sections.others, sections.limits,
)  # fmt: skip
LANGUAGE_TAGS = {"zh": "zh-CN", "en": "en"}


def page(subject: Subject, *, lang: str) -> str:
    """Write the page. lang: "zh" or "en", the language that is shown first."""
    titles = words("head.title")
    main = tag("main", *(_section(n, made(subject)) for n, made in enumerate(SECTIONS, 1)))
    footer = words(
        "head.footer", version=subject.versions.airshed, scenario=subject.title, seed=subject.g.scenario.seed
    )
    body = [
        _strip(), front.hero(subject), tag("div", _contents(), main, class_="body"), tag("footer", html(footer)),
        '<div id="tip" role="status"></div>',
        tag("script", json.dumps({"zh": titles.zh, "en": titles.en}, ensure_ascii=False), type="application/json", id="titles"),
        tag("script", _asset("page.js")),
    ]  # fmt: skip
    parts = [
        "<!doctype html>",
        f'<html lang="{LANGUAGE_TAGS[lang]}" data-lang="{lang}">',
        _head(subject, lang),
        "<body>",
        *body,
        "</body>",
        "</html>",
    ]
    return "\n".join(parts) + "\n"


def _head(subject: Subject, lang: str) -> str:
    about = {
        "viewport": "width=device-width, initial-scale=1", "simulated": "true", "description": words("head.warning").en,
        "generator": f"airshed {subject.versions.airshed}",
    }  # fmt: skip
    metas = [f'<meta name="{name}" content="{escape(content)}">' for name, content in about.items()]
    title, style = tag("title", escape(words("head.title").of(lang))), tag("style", _asset("style.css"))
    return tag("head", '<meta charset="utf-8">', *metas, title, style)


def _strip() -> str:
    said = [
        tag("span", html(words(f"head.{key}")), class_=of)
        for key, of in (("warning", "long"), ("warning_short", "short"))
    ]
    switch = tag("button", html(words("head.other")), id="language", type="button")
    return tag("div", tag("b", "模拟 SIMULATED"), *said, switch, class_="strip")


def _contents() -> str:
    links = [
        tag("a", tag("i", str(n)), html(words(f"section.{n}")), href=f"#s{n}") for n in range(1, len(SECTIONS) + 1)
    ]
    return tag("nav", tag("h2", html(words("head.contents"))), *links)


def _section(n: int, parts: list[str]) -> str:
    return tag("section", tag("h2", tag("i", str(n)), html(words(f"section.{n}"))), *parts, id=f"s{n}")


def _asset(name: str) -> str:
    return (FOLDER / name).read_text(encoding="utf-8")
