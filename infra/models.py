"""What the command line does with the registry of models: open it, and lay out what it says."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.markup import escape
from rich.table import Table

from infra.messages import language, say
from ml.gates.results import title
from ml.registry import cards
from ml.registry.errors import RegistryError
from ml.registry.registry import Registry
from ml.registry.standing import SERVING, Standing
from ml.registry.words import word
from standards.shown import harmless

if TYPE_CHECKING:
    from ml.registry.card import Card
    from ml.registry.compare import Comparison
    from ml.registry.journal import Event


def models_table(models: Registry) -> Table:
    """Lay out all versions: where they stand, who approved them, and their errors beside the best baseline.

    Of one whose card cannot be read it is said why, in its line alone.
    """
    table = Table(*say("models_columns").split("|"), title=say("models_title"))
    for standing in models.standings().versions.values():
        style = "bold" if standing.status == SERVING else None
        try:
            line = _line(standing, models.card_of(standing))
        except RegistryError as error:
            line = _line(standing, None, fault=str(error))
        table.add_row(*map(_shown, line), style=style)
    return table


def page_of(models: Registry, name: str, version: str) -> str:
    """Give the card of a version as a page of Markdown, in the language of messages first."""
    standing = models.standings().of(name, version)
    page = cards.markdown(
        models.card(name, version), status=standing.status, approved_by=standing.approved_by,
        approved_at=standing.approved_at,
    )  # fmt: skip
    return "\n".join(harmless(line) for line in cards.in_language(page, language()).splitlines())


def scores_table(card: Card) -> Table:
    """Lay out the errors of a version by quantity and lead, beside those of the baselines."""
    names = sorted({name for score in card.scores for name in score.baselines})
    heads = [word(key, language()) for key in ("quantity", "lead", "pairs", "mae", "bias")]
    heads += [word(f"baseline_{name}", language()) for name in names]
    table = Table(*heads, title=_shown(f"{getattr(card.title, language())} ({card.name} {card.version})"))
    for score in cards.shown_leads(card):
        lead = word("all_leads", language()) if score.lead_h is None else f"{score.lead_h} h"
        numbers = (score.mae, score.bias, *(score.baselines.get(name) for name in names))
        table.add_row(_shown(score.quantity), lead, str(score.n), *("NA" if v is None else f"{v:.2f}" for v in numbers))
    return table


def gates_table(card: Card) -> Table:
    """Lay out what the gates said of a version."""
    table = Table(*say("models_gates_columns").split("|"))
    for gate in card.gates:
        outcome = word(f"outcome_{gate.outcome}", language())
        table.add_row(title(gate.gate, language()), outcome, _shown(gate.words(language())))
    return table


def comparison_table(found: Sequence[Comparison], version: str, other: str) -> Table:
    """Lay out a comparison, with the interval of the difference."""
    table = Table(
        *say("models_comparison_columns").split("|"), title=say("models_comparison", version=version, other=other)
    )
    for each in found:
        numbers = ("NA" if v is None else f"{v:.2f}" for v in (each.mae, each.other_mae, each.difference))
        interval = "NA" if each.low is None or each.high is None else f"{each.low:.2f} … {each.high:.2f}"
        verdict = word(f"verdict_{each.verdict}", language())
        table.add_row(_shown(each.quantity), str(each.n), str(each.blocks), *numbers, interval, verdict)
    return table


def history_table(events: Sequence[Event]) -> Table:
    """Lay out what happened to models, oldest first."""
    table = Table(*say("models_history_columns").split("|"), title=say("models_history"))
    for event in events:
        happened = word(f"event_{event.event}", language())
        more = str(event.about.get("to") or event.about.get("other") or "")
        line = (cards.moment(event.at), event.name, event.version, f"{happened} {more}".strip(), event.by, event.why)
        table.add_row(*map(_shown, line))
    return table


def _line(standing: Standing, card: Card | None, *, fault: str = "") -> list[str]:
    status = word(f"status_{standing.status}", language())
    if card is None:
        return [standing.name, standing.version, "", status, "", standing.approved_by, fault, ""]
    errors = [
        f"{score.quantity} {score.mae:.2f} ({min(v for v in score.baselines.values() if v is not None):.2f})"
        for score in card.scores
        if score.lead_h is None and score.mae is not None
    ]
    made_up = word("yes_simulated", language()) if card.simulated else ""
    return [standing.name, standing.version, getattr(card.title, language()), status, cards.moment(card.trained_at),
            standing.approved_by, "\n".join(errors), made_up]  # fmt: skip


def _shown(text: str) -> str:
    return escape("\n".join(harmless(line) for line in text.split("\n")))
