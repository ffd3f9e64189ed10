"""The commands `airshed models …`: the life of a model, from its training to its rolling back."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from infra.commands.options import By, Data, Store, Why
from infra.datadir import data_directory
from infra.errors import FAILED
from infra.messages import language, say
from infra.store_url import choose_store

if TYPE_CHECKING:
    from ml.registry.card import Card
    from ml.registry.registry import Registry

Name = Annotated[str, typer.Argument(help="A model by its name, as airshed models list shows it.")]
Version = Annotated[str, typer.Argument(help="A version of the model.")]
Other = Annotated[str, typer.Argument(help="The version that it is compared with.")]
app = typer.Typer(no_args_is_help=True, help="Look after the models: train, judge, compare, approve, roll back.")


@app.command()
def train(
    cities: Annotated[list[str], typer.Argument(metavar="CITY...", help="Cities by code [all of the registry].")] = [],  # noqa: B006
    *, by: By,
    start: Annotated[str, typer.Option("--from", metavar="MOMENT", help="First hour end, UTC [the first stored].")] = "",
    end: Annotated[str, typer.Option("--to", metavar="MOMENT", help="Last hour end, UTC [the newest stored].")] = "",
    item: Annotated[list[str], typer.Option(metavar="ITEM", help="so2, no2, co, o3, pm10 or pm25 [all].")] = [],  # noqa: B006
    test_days: Annotated[int, typer.Option(min=7, help="Days at the end that judge it; it learns nothing of them.")] = 60,
    runs: Annotated[str, typer.Option(metavar="MODEL", help="The numerical model whose runs are learned from.")] = "CDAQS",
    version: Annotated[str, typer.Option(help="Its version in the registry [the time].")] = "",
    store: Store = None, data: Data = None,
) -> None:  # fmt: skip
    """Train a forecast model of each city from the store, and judge it in the order of time; it serves nobody yet."""
    from infra import training
    from streams.registry.kept import registry_in_use

    directory = data_directory(data).create()
    asked = training.Asked(
        cities=cities, start=start, end=end, items=item, model=runs, test_days=test_days, version=version, by=by
    )
    cards = training.train(
        directory.root, choose_store(store, directory), registry_in_use(directory.own_registry), asked, tell=_say_aside
    )
    _tell_judged(directory.root, cards)


@app.command()
def evaluate(
    name: Name, version: Version, by: By,
    end: Annotated[str, typer.Option("--to", metavar="MOMENT", help="Last hour end, UTC [the newest stored].")] = "",
    store: Store = None, data: Data = None,
) -> None:  # fmt: skip
    """Judge a version anew on all hours that the store has after its training, while it is not decided upon."""
    from infra import training

    directory = data_directory(data).create()
    card = training.evaluate(directory.root, choose_store(store, directory), name, version, end=end, by=by)
    _tell_judged(directory.root, [card])


def _tell_judged(root: Path, cards: list[Card]) -> None:
    from infra.models import gates_table, scores_table
    from infra.tables import show
    from ml.registry.announcing import open_registry

    models = open_registry(root)
    for card in cards:
        show(scores_table(card))
        show(gates_table(card))
    for card in cards:
        _tell_next(models, card)


def _tell_next(models: Registry, card: Card) -> None:
    """Say what stands against a version, and with which command its life goes on."""
    told = {"name": card.name, "version": card.version}
    other = models.standings().serving.get(card.name)
    against = models.why_not(card.name, card.version, language())
    if not against:
        print(say("models_next_approve", **told))
    elif other and not any(not gate.allows for gate in card.gates):
        print(say("models_next_compare", **told, other=other))
    else:
        print(say("models_not_approved", **told, reasons="\n  ".join(against)))


def _say_aside(key: str, **values: object) -> None:
    print(say(key, **values), file=sys.stderr, flush=True)


@app.command("list")
def list_(data: Data = None) -> None:
    """Show all models: where they stand, who approved them, and their errors beside the best baseline."""
    from infra.models import models_table
    from infra.tables import show
    from ml.registry.announcing import open_registry

    found = models_table(open_registry(data_directory(data).root))
    if found.row_count:
        show(found)
    else:
        print(say("models_none", folder=data_directory(data).models))


@app.command("show")
def show_(name: Name, version: Version, data: Data = None) -> None:
    """Write the card of a model as a page of Markdown."""
    from infra.models import page_of
    from ml.registry.announcing import open_registry

    print(page_of(open_registry(data_directory(data).root), name, version))


@app.command()
def compare(name: Name, version: Version, other: Other, by: By, store: Store = None, data: Data = None) -> None:
    """Compare two versions on the same hours, of the store where they were judged on different ones; it is written down."""
    from infra import training
    from infra.models import comparison_table
    from infra.tables import show

    directory = data_directory(data)
    found = training.compare(directory.root, choose_store(store, directory), name, version, other, by=by)
    show(comparison_table(found, version, other))


@app.command()
def approve(name: Name, version: Version, by: By, why: Why = "", data: Data = None) -> None:
    """Approve a version and let it serve; exit 1 where a gate stands against it, and there is no way around."""
    from ml.registry.announcing import open_registry

    models = open_registry(data_directory(data).create().root)
    if against := models.why_not(name, version, language()):
        print(say("models_not_approved", name=name, version=version, reasons="\n  ".join(against)), file=sys.stderr)
        raise typer.Exit(FAILED)
    models.approve(name, version, by=by, why=why)
    print(say("models_approved", name=name, version=version))


@app.command()
def serve(name: Name, version: Version, by: By, why: Why = "", data: Data = None) -> None:
    """Let a version serve that was approved and followed by another."""
    from ml.registry.announcing import open_registry

    open_registry(data_directory(data).create().root).serve(name, version, by=by, why=why)
    print(say("models_serves", name=name, version=version))


@app.command()
def refuse(name: Name, version: Version, by: By, why: Why, data: Data = None) -> None:
    """Refuse a version for good; where it serves, it stops."""
    from ml.registry.announcing import open_registry

    open_registry(data_directory(data).create().root).refuse(name, version, by=by, why=why)
    print(say("models_refused", name=name, version=version))


@app.command()
def rollback(name: Name, by: By, why: Why, data: Data = None) -> None:
    """Let the version serve again that served before the present one."""
    from ml.registry.announcing import open_registry

    version = open_registry(data_directory(data).create().root).roll_back(name, by=by, why=why)
    print(say("models_rolled_back", name=name, version=version))


@app.command()
def retire(name: Name, by: By, why: Why, data: Data = None) -> None:
    """Let a model serve no longer, without another version in its place."""
    from ml.registry.announcing import open_registry

    open_registry(data_directory(data).create().root).retire(name, by=by, why=why)
    print(say("models_retired", name=name))


@app.command("history")
def history_of_models(
    name: Annotated[str, typer.Argument(help="A model; all of them without.")] = "", data: Data = None
) -> None:
    """Show what happened to a model: when, by whom and why."""
    from infra.models import history_table
    from infra.tables import show
    from ml.registry.announcing import open_registry
    from ml.registry.errors import RegistryError

    models = open_registry(data_directory(data).root)
    found = models.history(name)
    if name and not found:
        known = ", ".join(sorted({event.name for event in models.history()})) or say("models_no_names")
        raise RegistryError(say("models_no_such", name=name, known=known))
    show(history_table(found))
