"""The commands `airshed forecasts …`: why the forecast is so, and how far off forecasts have been."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from infra.commands.options import Data, Store
from infra.datadir import data_directory
from infra.errors import FAILED
from infra.messages import say
from infra.store_url import choose_store
from infra.usage import wrong
from standards.shown import harmless

app = typer.Typer(no_args_is_help=True, help="Ask why a forecast is so, and how far off forecasts have been.")

MOST_DAYS = 36_600
"""A century: beyond it a moment may have no date."""
City = Annotated[str, typer.Argument(metavar="CITY", help="A city by its code, such as 510100.")]
Json = Annotated[bool, typer.Option("--json", help="Write JSON instead of words or a table.")]


@app.command()
def why(
    city: City,
    item: Annotated[list[str], typer.Option(metavar="ITEM", help="so2, no2, co, o3, pm10 or pm25 [pm25 and o3].")] = [],  # noqa: B006
    days: Annotated[int, typer.Option(min=1, max=7, help="Days ahead that are explained.")] = 3,
    json: Json = False, store: Store = None, data: Data = None,
) -> None:  # fmt: skip
    """Tell why the forecast is so: what the model that serves makes of weather, history, background and emissions."""
    from infra import forecasts
    from ml.registry.announcing import open_registry

    _require_items(item)
    directory = data_directory(data)
    found = forecasts.why(
        open_registry(directory.root), choose_store(store, directory), city=city, items=item, days=days
    )
    if json:
        from json import dumps

        print(dumps(forecasts.why_json(found), ensure_ascii=False, indent=1))
        return
    for line in forecasts.why_lines(found):
        print(harmless(line))


@app.command()
def scores(
    city: City,
    item: Annotated[str, typer.Option(metavar="ITEM", help="so2, no2, co, o3, pm10 or pm25.")] = "pm25",
    days: Annotated[int, typer.Option(min=1, max=MOST_DAYS, help="Days back from the newest hour that are scored.")] = 30,
    window: Annotated[int, typer.Option(min=1, max=MOST_DAYS, help="Days of a window that moves through them.")] = 30,
    csv: Annotated[bool, typer.Option("--csv", help="Write all windows as CSV instead of the newest as a table.")] = False,
    store: Store = None, data: Data = None,
) -> None:  # fmt: skip
    """Show scores by lead of the numerical model, the models that served and persistence, in rolling windows."""
    from infra import forecasts
    from infra.tables import show

    _require_items([item])
    found = forecasts.rolling(
        choose_store(store, data_directory(data)), city=city, item=item, days=days, window_d=window
    )
    if not len(found):
        print(say("forecasts_none", city=city), file=sys.stderr)
        raise typer.Exit(FAILED)
    if csv:
        found.to_csv(sys.stdout)
    else:
        show(forecasts.scores_table(found))


def _require_items(items: list[str]) -> None:
    from standards.pollutants import ITEMS

    if unknown := [item for item in items if item not in ITEMS]:
        raise wrong("--item", "usage_some_of", value=", ".join(unknown), expected=", ".join(ITEMS))
