"""What a page costs on a store of five measured years, beside a store of one month in the same run. Prints JSON.

Run: python -m tests.bench.bench_pages [rounds]

Each section of the portal is drawn as for a reader, and the question for news is asked. ms is the least of the rounds, because
what else the machine does only ever adds; ratio is that of five years over one month. The hour is the newest, or one that the
reader went back to (in both stores).
"""

from __future__ import annotations

import datetime as dt
import json
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import dash
import flask
import sqlalchemy as sa

from dashboards import live
from dashboards.context import Context, install, open_scene
from dashboards.pulse import pulse_of
from infra.health import read_health
from streams import registry
from tests.dashboards import stores, years

HOUR = dt.timedelta(hours=1)
NOW = years.NEWEST + HOUR / 2
BACK = f"{years.NEWEST - 100 * HOUR:%Y-%m-%dT%H:00Z}"
ROUNDS = 15


def main() -> None:
    """Measure and print."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS
    dash.Dash("bench", use_pages=True, pages_folder="")
    from dashboards.pages import overview  # noqa: F401 - its sections are declared as it is read

    with tempfile.TemporaryDirectory() as folder:
        made = {name: _store(Path(folder) / name, hours) for name, hours in _SIZES.items()}
        found = {name: {name_: [] for name_ in _questions(engine)} for name, engine in made.items()}
        for turn in range(rounds + 2):  # the first two warm up
            for name, engine in made.items():
                for question, ask in _questions(engine).items():
                    begun = time.perf_counter()
                    ask()
                    if turn > 1:
                        found[name][question].append((time.perf_counter() - begun) * 1000)
        sizes = {name: round(sum(f.stat().st_size for f in Path(folder, name).iterdir()) / 1e6) for name in made}
    print(json.dumps({"store_mb": sizes, "rounds": rounds, "ms": _table(found)}, indent=2))


_SIZES = {"five_years": years.HOURS_OF_YEARS, "one_month": years.MONTH}


def _store(folder: Path, hours: int) -> sa.Engine:
    engine = stores.empty_store(folder)
    years.fill(engine, hours)
    return engine


def _questions(engine: sa.Engine) -> dict[str, Callable[[], object]]:
    context = Context(lambda: engine, registry.load(), lambda: NOW)
    server = flask.Flask("bench")
    install(server, context)

    def draw(part: live.Section, query: dict[str, str]) -> Callable[[], object]:
        def run() -> object:
            with server.app_context(), open_scene(query) as scene:
                return part.render(scene)

        return run

    asked = {"news": lambda: pulse_of(context), "command health": lambda: read_health(engine)}
    for when, query in (("newest", {}), ("back", {"hour": BACK})):
        asked |= {f"{name}, {when}": draw(part, query) for name, part in live.sections().items()}
    return asked


def _table(found: dict[str, dict[str, list[float]]]) -> dict[str, dict[str, float]]:
    least = {name: {q: min(times) for q, times in asked.items()} for name, asked in found.items()}
    for asked in least.values():
        asked["all of the newest hour"] = sum(ms for question, ms in asked.items() if question.endswith(", newest"))
        asked["all of an hour gone back to"] = sum(ms for question, ms in asked.items() if question.endswith(", back"))
    return {
        question: {name: round(least[name][question], 2) for name in least}
        | {"ratio": round(least["five_years"][question] / least["one_month"][question], 2)}
        for question in least["one_month"]
    }


if __name__ == "__main__":
    main()
