"""No page gets slower because history has grown: on a store of five measured years every question goes by a key or an index."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import flask
import numpy as np
import pytest
import sqlalchemy as sa

from dashboards import live
from dashboards.context import Context, install, open_scene
from dashboards.pulse import pulse_of
from infra.health import has_aqi, read_health
from ml.gates.features import RELEASED, Feature, Known
from ml.registry.confidence import reference
from streams import registry
from streams.store import StoreError, past
from streams.store.dataset import TABLES, open_dataset
from streams.store.drained import progress, report_lost
from streams.store.episodes import episodes_at
from streams.store.health import open_hours
from tests.dashboards import stores, years
from tests.ml.registry.made import NAME, card, trained
from tests.ml.registry.made import registry as registry_of_models

HOUR = dt.timedelta(hours=1)
LIVE, REPLAYED = years.NEWEST + HOUR / 2, years.NEWEST + 9000 * HOUR
MAY_BE_READ_WHOLE = (
    "SCAN source_total",  # a row a source
    "SCAN source_hour USING INDEX ix_source_hour_open",  # only hours whose books are open
    "SCAN source_hour USING COVERING INDEX ix_source_hour_open",
    "SCAN j VIRTUAL TABLE",  # the few weights of one wind
    "SCAN CONSTANT ROW",
    "SCAN air_joined_hour",  # what the view found; how it looks is told by the steps before
)
"""What a plan may read from one end to the other, because it does not grow with the years."""
NOT_FILLED = (
    "air_station_day",
    "forecast_station_hour",
    "voc_station_hour",
    "composition_station_hour",
    "model_hour",
    "tag_hour",
)
PAST = {past.PLANNED, past.OBSERVED, past.FORECAST, past.ENDED}
"""Topics of a simulated past: a line for each month of its plan, which is laid once."""
ONE_TERM = re.compile(r"\((city|station|source|kind|run|set_aside|topic)=\?\)")


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> sa.Engine:
    """Five years. Tests only read them."""
    engine = stores.empty_store(tmp_path_factory.mktemp("years"))
    years.fill(engine, years.HOURS_OF_YEARS)
    return engine


@dataclass
class Asked:
    """Statements that went to the database."""

    statements: dict[str, tuple] = field(default_factory=dict)

    def __call__(self, _connection, _cursor, statement: str, parameters: Any, _context, _many) -> None:
        self.statements.setdefault(statement, parameters)


@pytest.fixture
def asked(engine) -> Iterator[Asked]:
    heard = Asked()
    sa.event.listen(engine, "before_cursor_execute", heard)
    yield heard
    sa.event.remove(engine, "before_cursor_execute", heard)


def whole_reads(engine: sa.Engine, asked: Asked) -> list[str]:
    """Give each step of a plan that reads a table, or all of a place in it, from one end to the other.

    A place alone is enough where the key gives the one row that is wanted: the newest, or any.
    """
    found = []
    with engine.connect() as connection:
        for statement, parameters in list(asked.statements.items()):
            if not statement.lstrip().upper().startswith(("SELECT", "WITH")):
                continue
            for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters):
                step = row[-1]
                one_row = any(word in statement for word in ("LIMIT", "max(", "min("))
                of_place = ONE_TERM.search(step) and not one_row and not (parameters and PAST.issuperset(parameters))
                if (step.startswith("SCAN") or "AUTOMATIC" in step or of_place) and not step.startswith(
                    MAY_BE_READ_WHOLE
                ):
                    found.append(f"{step}: {' '.join(statement.split())[:300]}")
    return found


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A registry whose model has served all along and uses every feed."""
    held = registry_of_models(tmp_path_factory.mktemp("served") / "models", clock=lambda: 0.0)
    emitted = Feature("nox_kgh", "kg h-1", "emission", Known(RELEASED))
    references = {"pm25_ugm3": reference(np.arange(100.0))}
    trained(held, "1", references=references, features=(*card().features, emitted))
    held.approve(NAME, "1", by="a")
    return held.root


def portal(engine: sa.Engine, now: dt.datetime, models: Path | None = None) -> flask.Flask:
    server = flask.Flask("flat")
    install(server, Context(lambda: engine, registry.load(), lambda: now, models=models))
    return server


def everything(engine: sa.Engine, now: dt.datetime, models: Path | None = None, **query: str) -> dict[str, str]:
    """Draw every section of the portal, as the first paint and the live updater do."""
    with portal(engine, now, models).app_context(), open_scene(query) as scene:
        return {name: str(part.render(scene)) for name, part in live.sections().items()}


@pytest.mark.parametrize(
    ("now", "query"),
    [
        (LIVE, {}),
        (LIVE, {"city": "511800", "lang": "en", "item": "aqi"}),
        (REPLAYED, {}),
        (LIVE, {"hour": "2025-12-20T03:00Z"}),
        (LIVE, {"hour": "2021-06-01T03:00Z"}),
        (REPLAYED, {"hour": "2023-06-01T03:00Z", "city": "510600"}),
        (LIVE, {"source": "cnemc"}),
    ],
    ids=["live", "another city", "replay", "back", "years back", "back in a replay", "a source opened"],
)
def test_every_question_of_a_page_goes_by_a_key_or_an_index(engine, sections, models, asked, now, query) -> None:
    drawn = everything(engine, now, models, **query)
    assert "confidence" in drawn["models"] or "可信度" in drawn["models"] or "不作预报" in drawn["models"]
    assert {"region", "cities", "curves", "sectors", "episodes", "stations", "data-health", "notices"} <= set(drawn)
    assert "contributions" in drawn["attribution"]
    assert "NA" not in drawn["cities"] and len(asked.statements) > 15
    assert whole_reads(engine, asked) == []


def test_the_question_for_news_goes_by_a_key_or_an_index(engine, asked) -> None:
    context = Context(lambda: engine, registry.load(), lambda: LIVE)
    pulse, trouble = pulse_of(context)
    assert "2025" in pulse and not trouble
    assert whole_reads(engine, asked) == []


@pytest.mark.parametrize(
    "question",
    [
        read_health, has_aqi, lambda engine: report_lost(engine, years.NEWEST - 1000 * HOUR),
        lambda engine: with_connection(engine, open_hours),
    ],
    ids=["the command health", "the start", "pruning", "open hours"],
)  # fmt: skip
def test_every_question_of_health_goes_by_a_key_or_an_index(engine, asked, question) -> None:
    question(engine)
    assert asked.statements and whole_reads(engine, asked) == []


def with_connection(engine: sa.Engine, ask: Callable[[sa.Connection], Any]) -> Any:
    with engine.connect() as connection:
        return ask(connection)


@pytest.mark.parametrize("table", [name for name in TABLES if name not in NOT_FILLED])
@pytest.mark.parametrize("cities", [None, [years.SEATED]], ids=["all", "one city"])
def test_a_period_of_a_dataset_goes_by_a_key(engine, asked, table, cities) -> None:
    last = years.NEWEST - 24 * HOUR
    data = open_dataset(engine, table, start=last - 24 * HOUR, end=last, cities=cities)
    assert data.version.size > 0 and whole_reads(engine, asked) == []


@pytest.mark.parametrize("unknown", [{"cities": ["x"]}, {"stations": ["x"], "table": "air_station_hour"},
                                     {"cities": ["x"], "table": "air_station_hour"}], ids=str)  # fmt: skip
def test_what_is_not_known_is_told_without_reading_everything(engine, asked, unknown) -> None:
    with pytest.raises(StoreError, match="expected some of"):
        open_dataset(engine, **unknown, start=years.NEWEST - 24 * HOUR)
    assert whole_reads(engine, asked) == []


def test_progress_reads_no_history_but_the_segments_that_are_kept(engine, asked, tmp_path) -> None:
    found = progress(engine, tmp_path)
    assert (found.rows_in, found.open_hours) == (90 * 4 * years.HOURS_OF_YEARS, 2)
    assert {step.partition(":")[0] for step in whole_reads(engine, asked)} <= {
        "SCAN topic_position", "SCAN topic_position USING COVERING INDEX sqlite_autoindex_topic_position_1",
        "SEARCH topic_position USING COVERING INDEX sqlite_autoindex_topic_position_1 (topic=?)",
    }  # fmt: skip


@pytest.mark.parametrize("condition", ["hour_end > '2025'", "city = '510100'", "aqi = 50"])
def test_a_scan_would_be_noticed(engine, asked, condition) -> None:
    with engine.connect() as connection:
        connection.exec_driver_sql(f"SELECT count(*) FROM air_city_hour WHERE {condition}").scalar()
    assert len(whole_reads(engine, asked)) == 1


def test_a_page_without_anything_simulated_looks_at_its_own_hours_only(engine, overview, asked) -> None:
    assert "simulated-notice" not in everything(engine, LIVE)["notices"]
    assert whole_reads(engine, asked) == []


def test_an_episode_of_years_ago_is_cut_as_one_of_yesterday(engine) -> None:
    hour = years.NEWEST - (HOUR * (years.HOURS_OF_YEARS - 2000))
    rows = with_connection(engine, lambda c: episodes_at(c, hour, tuple(registry.load().cities), newest=years.NEWEST))
    assert len(rows) == 4 and all(row["start"] <= hour for row in rows)
