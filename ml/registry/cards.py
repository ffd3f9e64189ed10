"""Cards as JSON, as they are kept, and as a page of Markdown, as they are read."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import asdict

from ml.gates.features import Feature, feature_from
from ml.gates.results import LANGUAGES, result_from, title
from ml.gates.scores import LeadScore
from ml.registry.artefact import canonical
from ml.registry.card import SCHEMA, Card, Reference, Words
from ml.registry.errors import Damaged
from ml.registry.words import word
from standards.days import SHANGHAI

SHOWN_LEADS = (1, 6, 12, 24, 48, 72, 120, 168)
"""The leads [h] of which a page shows scores; the card keeps all."""
_BETWEEN = "\n\n---\n\n"


def written(card: Card) -> bytes:
    """Write a card as canonical JSON; equal cards give equal bytes."""
    plain = asdict(card)
    plain["features"] = [feature.plain() for feature in card.features]
    plain["gates"] = [gate.plain() for gate in card.gates]
    return canonical({"schema": SCHEMA, **plain})


def read(content: bytes) -> Card:
    """Read a card. Errors: Damaged where it is none of SCHEMA."""
    try:
        plain = json.loads(content)
        if plain.pop("schema") != SCHEMA:
            raise ValueError(f"another schema, expected {SCHEMA}")
        return Card(**{name: _READ.get(name, _as_it_is)(value) for name, value in plain.items()})
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise Damaged(f"a model card cannot be read: {error}") from error


def markdown(card: Card, *, status: str, approved_by: str = "", approved_at: float | None = None) -> str:
    """Write a card as a page of Markdown, Chinese first and English below.

    status: one of ml.registry.standing.STATUSES. approved_by, approved_at [epoch s]: who approved it, and when.
    """
    about = {"status": status, "approved_by": approved_by, "approved_at": approved_at}
    return _BETWEEN.join(_page(card, language, about) for language in LANGUAGES) + "\n"


def in_language(page: str, language: str) -> str:
    """Give the part of a page of Markdown that is in one language."""
    return page.split(_BETWEEN)[LANGUAGES.index(language)]


def shown_leads(card: Card) -> list[LeadScore]:
    """Give the scores that a page shows: all leads together and those of SHOWN_LEADS."""
    return [score for score in card.scores if score.lead_h is None or score.lead_h in SHOWN_LEADS]


def looks_back(feature: Feature) -> str:
    """Give how far a feature looks back as text."""
    return f"{feature.lookback_h} h" if feature.lookback_h else "—"


def hour(epoch_hour: int) -> str:
    """Give an epoch hour as text in Beijing time."""
    return f"{dt.datetime.fromtimestamp(epoch_hour * 3600, SHANGHAI):%Y-%m-%d %H:%M}"


def moment(epoch_s: float) -> str:
    """Give an epoch second as text in Beijing time."""
    return f"{dt.datetime.fromtimestamp(epoch_s, SHANGHAI):%Y-%m-%d %H:%M}"


def _page(card: Card, language: str, about: Mapping) -> str:
    parts = [f"# {_line(getattr(card.title, language))} ({card.name} {card.version})", _facts(card, language, about)]
    for heading, texts in (("not_for", card.not_for), ("limits", card.limits)):
        if texts:
            parts.append(_list(word(heading, language), [getattr(each, language) for each in texts]))
    parts.append(_scores(card, language) if card.scores else word("no_scores", language))
    gates = [
        f"**{title(g.gate, language)}** {word(f'outcome_{g.outcome}', language)}: {g.words(language)}"
        for g in card.gates
    ]
    parts += [_list(word("gates", language), gates)] if gates else []
    parts.append(_features(card, language))
    return "\n\n".join(parts)


def _facts(card: Card, language: str, about: Mapping) -> str:
    approved = about["approved_by"]
    if approved and about["approved_at"] is not None:
        approved = f"{approved}, {moment(about['approved_at'])}"
    data = ", ".join(f"{name} `{digest[:12]}`" for name, digest in sorted(card.data.items()))
    rows = {
        "status": word(f"status_{about['status']}", language), "kind": card.kind, "quantities": ", ".join(card.quantities),
        "window": f"{hour(card.trained_from)} … {hour(card.trained_until)} {word('beijing_time', language)}",
        "edition": card.edition, "revision": card.revision, "data": data, "seeds": ", ".join(map(str, card.seeds)),
        "reach": word("reach_of", language, horizon=card.horizon_h, lookback=card.lookback_h),
        "trained_by": f"{card.trained_by}, {moment(card.trained_at)}",
        "approved_by": approved or word("nobody", language),
        "simulated": word("yes_simulated" if card.simulated else "no_simulated", language),
    }  # fmt: skip
    lines = (f"| {word(key, language)} | {_cell(value)} |" for key, value in rows.items())
    return "| | |\n|---|---|\n" + "\n".join(lines)


def _scores(card: Card, language: str) -> str:
    names = sorted({name for score in card.scores for name in score.baselines})
    head = [word(key, language) for key in ("quantity", "split", "lead", "pairs", "mae", "rmse", "bias")]
    head += [f"{word('mae', language)} ({word(f'baseline_{name}', language)})" for name in names]
    rows = []
    for score in shown_leads(card):
        lead = word("all_leads", language) if score.lead_h is None else f"{score.lead_h} h"
        numbers = (score.mae, score.rmse, score.bias, *(score.baselines.get(name) for name in names))
        split = word(f"split_{score.split}", language)
        rows.append([score.quantity, split, lead, str(score.n), *("NA" if v is None else f"{v:.2f}" for v in numbers)])
    return f"## {word('scores', language)}\n\n" + _table(head, rows)


def _features(card: Card, language: str) -> str:
    head = [word(key, language) for key in ("feature", "unit", "feed", "known", "lookback")]
    rows = [
        [
            f.name,
            f.unit,
            f.feed,
            word(f"known_{f.known.rule}", language, delay=f.known.delay_h),
            looks_back(f),
        ]
        for f in card.features
    ]
    return f"## {word('features', language)}\n\n" + _table(head, rows)


def _list(heading: str, texts: list[str]) -> str:
    return f"## {heading}\n\n" + "\n".join(f"- {_line(text)}" for text in texts)


def _table(head: list[str], rows: list[list[str]]) -> str:
    lines = [head, ["---"] * len(head), *([_cell(each) for each in row] for row in rows)]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _line(text: str) -> str:
    # What somebody wrote stays in its line: it makes no heading, and does not end the part of its language.
    return " ".join(text.split())


def _cell(text: str) -> str:
    return _line(text).replace("|", "\\|")


def _as_it_is(value: object) -> object:
    return value


def _words(value: list[Mapping]) -> tuple[Words, ...]:
    return tuple(Words(**each) for each in value)


_READ = {
    "title": lambda v: Words(**v), "quantities": tuple, "seeds": tuple, "quantiles": tuple,
    "features": lambda v: tuple(feature_from(each) for each in v),
    "gates": lambda v: tuple(result_from(each) for each in v),
    "scores": lambda v: tuple(LeadScore(**each) for each in v), "not_for": _words, "limits": _words,
    "references": lambda v: {
        name: Reference(tuple(each["edges"]), tuple(each["shares"]), each["missing"]) for name, each in v.items()
    },
}  # fmt: skip
