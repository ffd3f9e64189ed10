"""The scorecard as a page of Markdown and as JSON."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass

from research.attribution_bench.judging import IDENTICAL, WHICH, Card
from research.attribution_bench.marks import SEASONS_OF, Verdict
from research.attribution_bench.methods import CORRECTED, EQUIVALENTS, FALLBACK, NAIVE, PRECURSORS, PRIMARY, RAW, TAGGER
from research.attribution_bench.plan import TIERS, TITLES
from research.attribution_bench.scoring import METRICS, Figure

NAMES = {"pm25": "PM2.5", "o3": "O₃"}
SEASONS = {"winter_haze": ("冬", "winter"), "summer_ozone": ("夏", "summer")}
SHORT = {
    "sources": "10 sources", "big": "≥ 5 %", "places": "places", "cross": "sector × city ≥ 5 %", "two": "top in two %",
    "first": "first, margin > 10 %", "cover": "cover %", "half": "± points",
}  # fmt: skip
MARKED = {
    **SHORT, "harm": "10 sources, corrected less raw", "cover_least": "cover %, least of a world",
}  # fmt: skip
METHODS = {
    RAW: "原始标签", CORRECTED: "校正归因", TAGGER: "轻量标签", PRIMARY: "清单·一次", EQUIVALENTS: "清单·当量",
    FALLBACK: "清单·平台", PRECURSORS: "清单·NOx+VOC", NAIVE: "朴素 SHAP",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What a scorecard is of: digest of the method, when it was frozen (None in development), revision of the worlds, the date,
    how many methods were judged in all and on fresh seeds."""

    digest: str
    frozen: str | None
    revision: str
    date: str
    variants: tuple[int, int]


def page_of(card: Card, about: About) -> str:
    """Write the page."""
    lines = ["# 归因评分表", "", "Scorecard of the attribution. 模拟数据 SIMULATED.", "", *_about(card, about), ""]
    lines += ["## 目标 Marks", "", *_marks(card.verdicts()), ""]
    for tier in (t for t in TIERS if any(case.tier == t for case in card.cases)):
        zh, en = TITLES[tier]
        lines += [f"## {zh} {en}", ""]
        for quantity, season in _shown(card, tier):
            lines += [*_table(card, tier, season, quantity), ""]
    if card.identical:
        lines += ["## 参照：同一模型 Reference only: identical twin", "", *_reference(card), ""]
    return "\n".join(lines)


def json_of(card: Card, about: About) -> dict:
    """Give all figures: the verdicts, and tier, season, quantity, method, days, metric to a figure."""
    figures: dict = {}
    for tier in TIERS:
        for quantity, season in _shown(card, tier):
            for method in card.methods(quantity):
                for which in WHICH:
                    found = {m: asdict(card.figure(tier, season, (quantity, method, which), m)) for m in METRICS}
                    place = figures.setdefault(tier, {}).setdefault(season, {}).setdefault(quantity, {})
                    place.setdefault(method, {})[which] = {
                        name: figure | {"by_seed": card.by_world(tier, season, (quantity, method, which), name)}
                        for name, figure in found.items()
                        if figure["value"] is not None
                    }
    verdicts = [{**asdict(v.mark), "figure": asdict(v.figure), "said": v.said, "sure": v.sure} for v in card.verdicts()]
    return {"simulated": True, "about": asdict(about), "metrics": METRICS, "verdicts": verdicts, "figures": figures}


def figure_text(figure: Figure, digits: int = 1) -> str:
    """Write a figure with its interval: 2.6 (2.3–2.9); a dash where there is none."""
    if figure.value is None:
        return "–"
    text = f"{figure.value:.{digits}f}"
    return text if figure.low is None else f"{text} ({figure.low:.{digits}f}–{figure.high:.{digits}f})"


def _about(card: Card, about: About) -> list[str]:
    seeds = sorted({case.seed for case in card.cases})
    days = sorted({case.days for case in card.cases})
    faults = sorted({case.faults for case in card.cases})
    state = f"frozen {about.frozen}" if about.frozen else "**in development, not a result**"
    return [
        f"* 种子 seeds {', '.join(map(str, seeds))}; {'/'.join(map(str, days))} days of eight cities a world; instruments "
        f"{'without faults' if faults == [0.0] else f'with faults x {faults}'}; worlds {about.revision}.",
        f"* 方法 method {about.digest}, {state}; judged {about.date}. Methods judged here: {about.variants[0]}, on fresh seeds: "
        f"{about.variants[1]}; those of the development are in docs/attribution.md.",
        "* Episode city-days (PM2.5 above 75, afternoon O₃ above 160 µg/m³); errors are points of share; in brackets 95 % of a "
        "bootstrap over worlds. Tiers are never mixed.",
    ]


def _marks(verdicts: list[Verdict]) -> list[str]:
    lines = ["| 层级 tier | | 指标 metric | 目标 mark | 结果 result | worlds | |", "|---|---|---|---|---|---|---|"]
    words = {"met": "达到 met", "missed": "未达 missed", "no days": "无日 no days"}
    for each in verdicts:
        mark, figure = each.mark, each.figure
        digits = 0 if mark.metric in ("two", "first", "cover", "cover_least") else 2
        said = words[each.said] + (", within chance" if each.sure is False else "")
        of = f"{TITLES[mark.tier][1]} | {NAMES[mark.quantity]} {SEASONS[mark.season][1]} | {MARKED[mark.metric]}"
        lines.append(f"| {of} | {mark.text} | {figure_text(figure, digits)} | {figure.worlds} | {said} |")
    return lines


def _shown(card: Card, tier: str) -> Iterator[tuple[str, str]]:
    there = {(case.tier, case.season) for case in card.cases}
    for quantity, seasons in SEASONS_OF.items():
        yield from ((quantity, season) for season in seasons if (tier, season) in there)


def _table(card: Card, tier: str, season: str, quantity: str) -> list[str]:
    count = card.figure(tier, season, (quantity, RAW, "episode"), "sources")
    zh, en = SEASONS[season]
    lines = [
        f"**{NAMES[quantity]} {zh} {en}**, {count.count:.0f} episode city-days in {count.worlds} worlds", "",
        "| 方法 method | " + " | ".join(SHORT.values()) + " | all days |", "|---" * (len(SHORT) + 2) + "|",
    ]  # fmt: skip
    members = []
    for method in card.methods(quantity):
        if method.startswith(f"{RAW}, "):
            members.append(
                f"{method.removeprefix(f'{RAW}, ')} {figure_text(_of(card, tier, season, quantity, method))}"
            )
            continue
        cells = [
            figure_text(card.figure(tier, season, (quantity, method, "episode"), m), 0 if SHORT[m].endswith(" %") and m in
                        ("two", "first", "cover") else 1)
            for m in SHORT
        ]  # fmt: skip
        every = figure_text(card.figure(tier, season, (quantity, method, "all"), "sources"))
        lines.append(f"| {METHODS.get(method, '')} {method} | " + " | ".join(cells) + f" | {every} |")
    harm = card.harm(tier, season, quantity)
    held = card.by_world(tier, season, (quantity, CORRECTED, "episode"), "cover")
    worlds = "; ".join(f"{seed} {value:.0f} %" for seed, value in held.items()) or "–"
    below = f"Corrected less raw: {figure_text(harm, 2)}. Raw tags member by member: {'; '.join(members)}. "
    return [*lines, "", f"{below}Coverage world by world: {worlds}."]


def _of(card: Card, tier: str, season: str, quantity: str, method: str) -> Figure:
    return card.figure(tier, season, (quantity, method, "episode"), "sources")


def _reference(card: Card) -> list[str]:
    """Write the identical twin, in a table of its own: what hidden errors alone do to tags."""
    lines = [f"The {IDENTICAL} is the nature run's own model under the told inventory: nobody could have it.", ""]
    lines += ["| | 10 sources | ≥ 5 % | places |", "|---|---|---|---|"]
    for tier in TIERS:
        for quantity, season in _shown(card, tier):
            found = [card.reference(tier, season, quantity, "episode", m) for m in ("sources", "big", "places")]
            if found[0].value is not None:
                cells = " | ".join(figure_text(f) for f in found)
                lines.append(f"| {TITLES[tier][1]}, {NAMES[quantity]} {SEASONS[season][1]} | {cells} |")
    return lines
