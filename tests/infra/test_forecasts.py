"""`airshed forecasts`: why the forecast is so, from the model that serves, and rolling scores by lead from the store."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
from types import SimpleNamespace

import numpy as np
import pytest
import sqlalchemy as sa
from click import unstyle
from sklearn.metrics import mean_absolute_error, root_mean_squared_error

from infra import cli, forecasts
from infra.datadir import DataDirectory
from ml.forecast.city import fit_city
from ml.forecast.features import COLUMNS
from ml.forecast.inputs import Ahead, ForecastError, History
from ml.forecast.parts import to_parts
from ml.registry.artefact import Artefact
from ml.registry.errors import Damaged
from streams.store.connect import open_store
from streams.store.lines import EPOCH
from streams.store.schema import air_city_hour, forecast_city_hour, model_hour
from tests.ml.forecast import made
from tests.ml.gates.pairs import evaluation
from tests.ml.registry.made import GATES, NAME, card, registry

CITY = made.CITY
NEWEST = made.FIRST + 24 * 400 - 1
UNTIL = made.FIRST + 24 * 360
HOUR = dt.timedelta(hours=1)
SEEN = (*COLUMNS, "wind_u_ms", "wind_v_ms")
SAID = ("wind_u_ms", "wind_v_ms", "temperature_c", "mixing_height_m", "forecast_pm25_ugm3", "forecast_o3_ugm3")


def _moment(hour: int) -> dt.datetime:
    return EPOCH + int(hour) * HOUR


def _empty(table: sa.Table) -> dict:
    return {c.name: "" if isinstance(c.type, sa.String) else 0 for c in table.c if not c.nullable}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> DataDirectory:
    """A store with 400 days of hours and runs at each midnight, and a model that serves."""
    directory = DataDirectory(tmp_path_factory.mktemp("home")).create()
    history, runs = made.history(), made.runs()
    hours = made.FIRST + np.arange(24 * 400)
    seen = {name: np.where(np.isnan(history.columns[name]), None, history.columns[name])[: len(hours)] for name in SEEN}
    rows = [
        {"city": CITY, "hour_end": _moment(h), "simulated": True} | {n: v[i] for n, v in seen.items()}
        for i, h in enumerate(hours)
    ]
    told = []
    chosen = [i for i in range(len(runs.issues)) if runs.issues[i] % 24 == 16 and runs.issues[i] <= NEWEST]
    for i in chosen[-330:]:
        for lead in range(1, 73):
            values = {name: runs.columns[name][i, lead - 1] for name in SAID}
            run = f"CDAQS/{_moment(runs.issues[i]):%Y-%m-%dT%HZ}"
            told.append({"city": CITY, "hour_end": _moment(runs.issues[i] + lead), "run": run, "lead_hours": lead,
                         "run_init": _moment(runs.issues[i]), "simulated": True}
                        | {name: float(v) if np.isfinite(v) else None for name, v in values.items()})  # fmt: skip
    engine = open_store(directory.store_url)
    with engine.begin() as connection:
        connection.execute(sa.insert(air_city_hour), [_empty(air_city_hour) | row for row in rows])
        connection.execute(sa.insert(forecast_city_hour), [_empty(forecast_city_hour) | row for row in told])
        connection.execute(sa.insert(model_hour), _scored(history, runs, chosen[-40:]))
    engine.dispose()
    _serve(directory, history, runs)
    return directory


def _scored(history: History, runs: Ahead, chosen: list[int]) -> list[dict]:
    # A model that served: 5 ug/m3 above what came, its ends 2 to both sides of what came.
    rows = []
    for i in chosen:
        for lead in (1, 24):
            came = history.at("pm25_ugm3", np.array([runs.issues[i] + lead]))[0]
            for name, off in (("q10", -2.0), ("q50", 5.0), ("q90", 8.0)):
                rows.append(_empty(model_hour) | {
                    "city": CITY, "hour_end": _moment(runs.issues[i] + lead), "model": "forecast-510100", "model_version": "7",
                    "run": f"CDAQS/{_moment(runs.issues[i]):%Y-%m-%dT%HZ}", "quantity": f"pm25_ugm3_{name}", "simulated": True,
                    "value": None if np.isnan(came) else float(came + off),
                })  # fmt: skip
    return rows


def _serve(directory: DataDirectory, history: History, runs: Ahead) -> None:
    columns = {name: history.columns[name] for name in (*SEEN, "wind_speed_ms")}
    says = {name: runs.columns[name] for name in (*SAID, "wind_speed_ms")}
    model = fit_city([(History(CITY, history.first_hour, columns), Ahead(runs.issues, says))], city=CITY, until=UNTIL,
                     items=("pm25", "o3"), settings=made.SMALL, day_settings=made.SMALL_DAYS)  # fmt: skip
    models = registry(directory.models)
    models.train(card(kind="forecast", simulated=True), Artefact(to_parts(model)))
    models.evaluate(NAME, "1", [evaluation(error=5.0, seed=1)], GATES, by="李工")
    models.approve(NAME, "1", by="李工")


def said(home: DataDirectory, capsys, monkeypatch, *arguments: str, lang: str = "en", code: int = 0) -> str:
    monkeypatch.setenv("AIRSHED_LANG", lang)
    monkeypatch.delenv("AIRSHED_STORE", raising=False)
    assert cli.main(["forecasts", *arguments, "--data", str(home.root)]) == code
    found = capsys.readouterr()
    return unstyle(found.out + found.err)


def test_parts_of_a_forecast_add_up_to_its_difference_from_a_clean_day(home, capsys, monkeypatch):
    told = json.loads(said(home, capsys, monkeypatch, "why", CITY, "--json"))
    assert (told["model"], told["version"]) == (NAME, "1")
    assert {(row["item"], i % 3) for i, row in enumerate(told["days"])} == {
        (i, k) for i in ("pm25", "o3") for k in range(3)
    }
    for row in told["days"]:
        assert row["clean_day"] < told["issue"][:10] < row["day"]
        assert set(row["parts"]) == {"weather", "emissions", "background", "history", "model"}
        assert sum(row["parts"].values()) == pytest.approx(row["forecast"] - row["clean_day_forecast"], abs=1e-6)


@pytest.mark.parametrize(
    ("lang", "title", "limit"),
    [
        ("zh", "预报为何如此", "不说明污染来自谁"),
        ("en", "Why the forecast is so", "does not say whose pollution it is"),
    ],
)
def test_words_say_why_the_forecast_is_so_and_that_they_name_nobody(home, capsys, monkeypatch, lang, title, limit):
    told = said(home, capsys, monkeypatch, "why", CITY, "--days", "1", "--item", "pm25", lang=lang)
    assert told.startswith(title)
    assert limit in told
    assert NAME in told


def test_a_city_that_no_model_serves_is_refused_in_one_line(home, capsys, monkeypatch):
    told = said(home, capsys, monkeypatch, "why", "510600", code=1)
    assert "no forecast model serves 510600" in told
    assert "Traceback" not in told


def test_rolling_scores_by_lead_are_those_of_the_pairs_in_the_store(home, capsys, monkeypatch):
    rows = list(csv.DictReader(io.StringIO(said(home, capsys, monkeypatch, "scores", CITY, "--csv"))))
    by_model = {(r["model"], int(r["lead_first_h"])): r for r in rows}
    served = by_model["forecast-510100 7", 1]
    assert float(served["mae"]) == pytest.approx(5.0)
    assert float(served["mb"]) == pytest.approx(5.0)
    assert float(served["coverage_80"]) == 1.0
    # The numerical model's: scikit-learn on the very pairs.
    runs, history = made.runs(), made.history()
    observed, forecast, held = [], [], []
    for i, issue in enumerate(runs.issues):
        for lead in range(13, 25):
            if issue % 24 == 16 and NEWEST - 24 * 30 < issue + lead <= NEWEST:
                observed.append(history.at("pm25_ugm3", np.array([issue + lead]))[0])
                forecast.append(runs.columns["forecast_pm25_ugm3"][i, lead - 1])
                held.append(history.at("pm25_ugm3", np.array([issue]))[0])
    o, f, h = map(np.array, (observed, forecast, held))
    for model, values in (("CDAQS", f), ("persistence", h)):
        both = np.isfinite(o + values)
        told = by_model[model, 13]
        assert int(told["n"]) == both.sum()
        assert float(told["mae"]) == pytest.approx(mean_absolute_error(o[both], values[both]))
        assert float(told["rmse"]) == pytest.approx(root_mean_squared_error(o[both], values[both]))


def test_windows_roll_and_a_table_shows_the_newest(home, capsys, monkeypatch):
    rows = list(csv.DictReader(io.StringIO(
        said(home, capsys, monkeypatch, "scores", CITY, "--days", "20", "--window", "10", "--csv")
    )))  # fmt: skip
    assert len({row["window_end"] for row in rows}) == 11
    told = said(home, capsys, monkeypatch, "scores", CITY)
    assert "persistence" in told
    assert "CDAQS" in told


def test_a_city_without_forecasts_and_an_item_that_is_none_are_refused(home, capsys, monkeypatch):
    assert "no hour of 510600" in said(home, capsys, monkeypatch, "scores", "510600", code=1)
    assert "pm1" in said(home, capsys, monkeypatch, "scores", CITY, "--item", "pm1", code=2)


@pytest.mark.parametrize("option", ["--days", "--window"])
def test_more_days_than_the_calendar_has_are_wrong_usage(home, capsys, monkeypatch, option):
    assert "36600" in said(home, capsys, monkeypatch, "scores", CITY, option, "99999999999", code=2)


class _TwoCities:
    """A registry in which the first model that serves cannot be read."""

    def standings(self):
        return SimpleNamespace(serving={"forecast-510600": "1", "forecast-510100": "1"})

    def card(self, name, version):
        if name == "forecast-510600":
            raise Damaged(f"the card of {name} {version} has changed on disk")
        return SimpleNamespace(kind="forecast")

    def artefact(self, name, version):
        return SimpleNamespace(parts={})


def test_a_damaged_model_of_another_city_takes_no_explanation_away_and_is_told_where_it_may_be_the_one(monkeypatch):
    monkeypatch.setattr(forecasts, "from_parts", lambda parts: SimpleNamespace(city="510100"))
    assert forecasts.serving(_TwoCities(), "510100")[:2] == ("forecast-510100", "1")
    with pytest.raises(ForecastError, match=r"no forecast model serves 510600.*forecast-510600 1 has changed on disk"):
        forecasts.serving(_TwoCities(), "510600")
