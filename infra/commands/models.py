"""The commands `airshed models …`: the life of a model, from its training to its rolling back."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from infra.commands.options import By, Data, Why
from infra.datadir import data_directory
from infra.errors import FAILED
from infra.messages import language, say

app = typer.Typer(no_args_is_help=True, help="Look after the models: train, judge, compare, approve, roll back.")


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
def show_(name: str, version: str, data: Data = None) -> None:
    """Write the card of a model as a page of Markdown."""
    from infra.models import page_of
    from ml.registry.announcing import open_registry

    print(page_of(open_registry(data_directory(data).root), name, version))


@app.command()
def compare(name: str, version: str, other: str, by: By, data: Data = None) -> None:
    """Compare two versions on the hours that both were evaluated on; it is written down."""
    from infra.models import comparison_table
    from infra.tables import show
    from ml.registry.announcing import open_registry

    show(
        comparison_table(open_registry(data_directory(data).root).compare(name, version, other, by=by), version, other)
    )


@app.command()
def approve(name: str, version: str, by: By, why: Why = "", data: Data = None) -> None:
    """Approve a version and let it serve; exit 1 where a gate stands against it, and there is no way around."""
    from ml.registry.announcing import open_registry

    models = open_registry(data_directory(data).create().root)
    if against := models.why_not(name, version, language()):
        print(say("models_not_approved", name=name, version=version, reasons="\n  ".join(against)), file=sys.stderr)
        raise typer.Exit(FAILED)
    models.approve(name, version, by=by, why=why)
    print(say("models_approved", name=name, version=version))


@app.command()
def refuse(name: str, version: str, by: By, why: Why, data: Data = None) -> None:
    """Refuse a version for good; where it serves, it stops."""
    from ml.registry.announcing import open_registry

    open_registry(data_directory(data).create().root).refuse(name, version, by=by, why=why)
    print(say("models_refused", name=name, version=version))


@app.command()
def rollback(name: str, by: By, why: Why, data: Data = None) -> None:
    """Let the version serve again that served before the present one."""
    from ml.registry.announcing import open_registry

    version = open_registry(data_directory(data).create().root).roll_back(name, by=by, why=why)
    print(say("models_rolled_back", name=name, version=version))


@app.command()
def retire(name: str, by: By, why: Why, data: Data = None) -> None:
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

    show(history_table(open_registry(data_directory(data).root).history(name)))
