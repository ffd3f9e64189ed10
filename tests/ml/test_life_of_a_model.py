"""The whole life of a forecast model, from the store to the store: trained, judged, compared, approved, serving in the job's
seam, rolled back and refused, by the commands that a person types."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import numpy as np
import pytest
import sqlalchemy as sa
from click import unstyle

from infra import cli, training
from infra.datadir import DataDirectory
from ml.forecast.candidates import Wanted
from ml.forecast.inputs import Ahead, History
from ml.forecast.serving import TOLD
from ml.registry.announcing import FOLDER, open_registry
from ml.registry.errors import NotApproved
from ml.registry.serving import load_from
from standards.pollutants import ITEMS, POLLUTANTS
from streams.columns import WEATHER
from streams.records import FORECAST_VARIABLES, ForecastBlock, ObservationBlock, ScorerNotice, iso_hour
from streams.store import begin_write, open_dataset, open_store
from streams.store.lines import effect_of
from streams.store.upserts import upsert
from streams.wire import messages
from streams.wire.topics import open_topic
from tests.ml.forecast import made
from tests.streams import replaying as r
from tests.streams.store.decoding import decoded
from tests.streams.test_scorers import Desk

CITY, NAME, DAYS, TEST_DAYS = made.CITY, f"forecast-{made.CITY}", 420, 60
REACH = 72
"""Hours that a run tells of."""
ISSUE = made.FIRST + 24 * (DAYS - 8) + 11
"""Start of the run that is scored by the job; all that is learned from ends with it."""
QUICK = {
    "settings": replace(made.SMALL, trees=10, rows=1500),
    "day_settings": replace(made.SMALL_DAYS, trees=10, rows=1500),
}


@pytest.fixture(scope="module")
def history() -> History:
    return made.history(days=DAYS)


@pytest.fixture(scope="module")
def runs() -> Ahead:
    every = made.runs(days=DAYS)
    return Ahead(every.issues[::2], {name: values[::2, :REACH] for name, values in every.columns.items()})


@pytest.fixture(scope="module")
def home(tmp_path_factory, history, runs) -> DataDirectory:
    """A data directory whose store holds a simulated span up to ISSUE."""
    directory = DataDirectory(tmp_path_factory.mktemp("life")).create()
    store = open_store(directory.store_url)
    with begin_write(store) as connection:
        upsert(connection, [_observed(history)])
        for i in np.flatnonzero(runs.issues < ISSUE):
            upsert(connection, [_run(runs, int(i))])
    store.dispose()
    return directory


def _observed(history: History):
    n = ISSUE + 1 - history.first_hour
    names = (*(POLLUTANTS[item].column for item in ITEMS), "wind_u_ms", "wind_v_ms")
    columns = {name: [_null(v) for v in history.columns[name][:n]] for name in names}
    return decoded("air_city_hour", {
        "city": CITY, "hour_end": history.first_hour + np.arange(n), **columns, "primary_pollutants": 0, "aqi": 60,
        "edition": "HJ633-2012", "simulated": True, "version": 1, "status": 1, "revision": 0,
    })  # fmt: skip


def _run(runs: Ahead, i: int):
    issue = int(runs.issues[i])
    columns = {n: [_null(v) for v in values[i]] for n, values in runs.columns.items() if n != "wind_speed_ms"}
    return decoded("forecast_city_hour", {
        "city": CITY, "hour_end": issue + 1 + np.arange(REACH), "run": f"CDAQS/{iso_hour(issue)[:13]}Z", "run_init": issue,
        "lead_hours": 1 + np.arange(REACH), "lead_day": 0, "points": 4, "forecast_aqi": None, **columns,
        "edition": "HJ633-2012", "simulated": True, "version": 1,
    })  # fmt: skip


def _null(value: float) -> float | None:
    return None if np.isnan(value) else float(value)


class Job:
    """The job's seam at a city's desk, which hears of every notice; what it scores goes into the store."""

    def __init__(self, home: DataDirectory, history: History, runs: Ahead) -> None:
        self.home, self.history, self.runs, self.told = home, history, runs, 0
        self.desk = Desk(load=lambda notice: load_from(home.root / FOLDER, notice), patience_s=120)
        for start in range(ISSUE - 240, ISSUE + 1, 24):
            self.desk.take(self._air(start))

    def hears(self) -> None:
        """Take up what was announced, and score the run anew, as when a revision of it comes."""
        topic = open_topic(self.home.topics / messages.SCORER_TOPIC)
        for line in [line for segment in topic.segments() for line in topic.read(segment)]:
            self.desk.announce(messages.scorer_from(line))
        self.desk.rows.clear(), self.desk.rejected.clear()
        self.told += 1
        self.desk.take(self._forecast())
        store = open_store(self.home.store_url)
        with begin_write(store) as connection:
            for rows in self.desk.rows:
                effect = effect_of(messages.rows_line(rows, CITY))
                if effect.rows is not None:
                    upsert(connection, [effect.rows])
        store.dispose()

    def _air(self, start: int) -> ObservationBlock:
        hours = np.arange(start, min(start + 24, ISSUE + 1))
        values = np.stack([self.history.at(POLLUTANTS[item].column, hours) for item in ITEMS])
        stations = r.STATIONS[CITY]
        wind = np.stack([self.history.at(name, hours) for name in ("wind_u_ms", "wind_v_ms")])
        return ObservationBlock(
            source="made", city=CITY, stations=stations, first_hour=start, values=np.repeat(values[:, None], len(stations), axis=1),
            present=np.ones((len(stations), len(hours)), bool), wind_ms=np.repeat(wind[:, None], len(stations), axis=1),
        )  # fmt: skip

    def _forecast(self) -> ForecastBlock:
        i = int(np.searchsorted(self.runs.issues, ISSUE))
        assert self.runs.issues[i] == ISSUE
        nothing = np.full(REACH, np.nan)
        names = (*(f"forecast_{POLLUTANTS[item].column}" for item in ITEMS), *WEATHER)
        values = np.stack([self.runs.columns[n][i] if n in self.runs.columns else nothing for n in names])[:, None]
        values[ITEMS.index("pm25")] += self.told  # another value each time, or nothing has changed
        assert len(values) == len(FORECAST_VARIABLES)
        return ForecastBlock(
            source="cdaqs", model="CDAQS", run_init=ISSUE, city=CITY, places=r.STATIONS[CITY], first_hour=ISSUE + 1,
            values=np.repeat(values, len(r.STATIONS[CITY]), axis=1), simulated=True, received_at=float(self.told),
        )  # fmt: skip


@pytest.fixture
def said(home, monkeypatch, capsys):
    """Type a command of `airshed models` and give what it says."""
    for name in ("AIRSHED_STORE", "AIRSHED_DEBUG", "AIRSHED_SCORERS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AIRSHED_HOME", str(home.root))
    monkeypatch.setenv("AIRSHED_LANG", "en")
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setattr(training, "Wanted", partial(Wanted, **QUICK))

    def say(*arguments: str, code: int = 0) -> str:
        got = cli.main(["models", *arguments])
        found = capsys.readouterr()
        text = unstyle(found.out + found.err)
        assert got == code, text
        return text

    return say


def _stored(home: DataDirectory) -> set[tuple[str, str, str]]:
    store = open_store(home.store_url)
    with store.connect() as connection:
        found = connection.execute(
            sa.text("SELECT DISTINCT model, model_version, run FROM model_hour WHERE value IS NOT NULL")
        )
        rows = {tuple(row) for row in found}
    store.dispose()
    return rows


def test_a_model_is_trained_judged_approved_served_and_rolled_back_from_the_shell(home, history, runs, said) -> None:
    by = ("--by", "王工")
    train = ("train", CITY, "--item", "pm25", "--test-days", str(TEST_DAYS), *by)
    earlier = iso_hour(ISSUE - 24 * 9)
    text = said(*train, "--version", "1", "--to", earlier)
    assert "training blind to its test" in text and "failed" not in text
    assert f"{NAME} 1 can be approved" in text
    job = Job(home, history, runs)
    job.hears()
    assert _stored(home) == set(), "a candidate serves nobody"

    run = f"CDAQS/{iso_hour(ISSUE)[:13]}Z"
    said("approve", NAME, "1", "--by", "赵主任")
    job.hears()
    assert job.desk.rejected == []
    assert _stored(home) == {(NAME, "1", run)}

    text = said(*train, "--version", "2")
    assert f"{NAME} 2 has to be compared with 1, which serves: airshed models compare {NAME} 2 1" in text
    assert "it was not compared with 1" in said("approve", NAME, "2", "--by", "赵主任", code=1)
    # They were judged on spans that end nine days apart: the one that serves forecasts the newer one's runs.
    compared = said("compare", NAME, "2", "1", *by)
    pairs = open_registry(home.root).evaluations(NAME, "2")[0]
    assert str(int(np.isfinite(pairs.observed + pairs.predicted + sum(pairs.baselines.values())).sum())) in compared
    said("approve", NAME, "2", "--by", "赵主任", "--why", "newer")
    job.hears()
    assert _stored(home) == {(NAME, "2", run)}
    _the_dataset_names_what_serves(home, history, "2")

    assert "1 serves now" in said("rollback", NAME, "--by", "赵主任", "--why", "too low in fog")
    job.hears()
    assert _stored(home) == {(NAME, "1", run)}
    said("refuse", NAME, "1", "--by", "赵主任", "--why", "wrong units")
    before = open_registry(home.root).standings().of(NAME, "1").artefact
    job.hears()
    assert job.desk.rows == [] and any(
        "is refused (by 赵主任: wrong units)" in each.reason for each in job.desk.rejected
    )
    with pytest.raises(NotApproved):
        load_from(home.root / FOLDER, ScorerNotice(NAME, "1", digest=before))
    assert "refused" in said("approve", NAME, "1", "--by", "赵主任", "--why", "again", code=1)
    said("approve", NAME, "2", "--by", "赵主任", "--why", "the other was wrong")
    job.hears()
    assert _stored(home) == {(NAME, "2", run)}


def _the_dataset_names_what_serves(home: DataDirectory, history: History, version: str) -> None:
    data = open_dataset(home.store_url, "model_hour", cities=[CITY])
    assert data["model"].values.tolist() == [NAME]
    told = data.sel(city=CITY, quantity="pm25_ugm3_q50").squeeze()
    assert set(np.unique(told["model_version"].values[np.isfinite(told["value"].values)])) == {version}
    assert int(np.isfinite(told["value"].values).sum()) == REACH
    for level in TOLD:
        assert f"pm25_ugm3_q{round(100 * level):02d}" in data["quantity"].values.tolist()
    # What serves is no worse than what was judged: within three times the card's error over the week.
    hours = (told["hour_end"].values.astype("datetime64[h]") - np.datetime64("1970-01-01T00", "h")).astype(int)
    card = open_registry(home.root).card(NAME, version)
    mae = next(s.mae for s in card.scores if s.lead_h is None and s.quantity == "pm25_ugm3")
    assert np.nanmean(np.abs(told["value"].values - history.at("pm25_ugm3", hours))) < 3 * mae
