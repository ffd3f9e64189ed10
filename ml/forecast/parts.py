"""A city's model as named parts of bytes and back: boosters as LightGBM's text, all else as one JSON; nothing that
runs."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict

import numpy as np

from ml.forecast.boosted import Boosted
from ml.forecast.city import CityModel, Member
from ml.forecast.climatology import Climatology
from ml.forecast.daily import Daily, HeavyDays
from ml.forecast.features import Input
from ml.forecast.inputs import ForecastError
from ml.forecast.linear import Linear
from ml.forecast.mos import Mos, Raw
from ml.forecast.simple import Persistence, Usual

SCHEMA = "city-forecast/2"
MODEL = "model.json"


def to_parts(model: CityModel) -> dict[str, bytes]:
    """Write a city's model; the same model gives the same bytes."""
    parts: dict[str, bytes] = {}
    plain = {
        "schema": SCHEMA, "city": model.city, "trained_until": model.trained_until, "first_past_day": model.first_past_day,
        "past": _numbers(model.past),
        "weights": {item: _numbers(each) for item, each in model.weights.items()},
        "members": [
            [item, [[name, _plain(each, f"{item}-hours", parts)] for name, each in members.items()]]
            for item, members in model.members.items()
        ],
        "days": [[item, _plain(each, f"{item}-days", parts)] for item, each in model.days.items()],
        "heavy": None if model.heavy is None else _plain(model.heavy, "heavy-days", parts),
    }  # fmt: skip
    parts[MODEL] = json.dumps(
        plain, ensure_ascii=False, allow_nan=False, separators=(",", ":"), sort_keys=True
    ).encode()
    return parts


def from_parts(parts: Mapping[str, bytes]) -> CityModel:
    """Read a city's model. Errors: ForecastError where a part is missing or of another schema."""
    try:
        plain = json.loads(parts[MODEL])
        if plain["schema"] != SCHEMA:
            raise ForecastError(f"a model has the schema {plain['schema']!r}, expected {SCHEMA!r}")
        members = {item: {name: _member(each, parts) for name, each in rows} for item, rows in plain["members"]}
        return CityModel(
            plain["city"], members, {item: _array(each) for item, each in plain["weights"].items()},
            {item: _member(each, parts) for item, each in plain["days"]},
            None if plain["heavy"] is None else _member(plain["heavy"], parts),
            _array(plain["past"]), plain["first_past_day"], plain["trained_until"],
        )  # fmt: skip
    except KeyError as error:
        raise ForecastError(f"a model has no {error}, expected parts as to_parts writes them") from error


def _plain(member: Member | Daily | HeavyDays, name: str, parts: dict[str, bytes]) -> dict:
    kind = type(member).__name__
    plain: dict = {"kind": kind, "item": member.item}
    if isinstance(member, Boosted | Daily):
        texts = [[_text(f"{name}-{i}-{j}", t, parts) for j, t in enumerate(row)] for i, row in enumerate(member.texts)]
        plain |= {
            "texts": texts,
            "widths": _numbers(member.widths),
            "monotone": member.monotone,
            "lines": [_line(each) for each in member.lines],
        }
    if isinstance(member, Boosted):
        plain |= {"spans": [list(span) for span in member.spans], "needs_weather": member.needs_weather}
    if isinstance(member, Daily):
        plain |= {"log": member.log, "shares": list(member.shares)}
    if isinstance(member, HeavyDays):
        plain |= {"texts": [_text(f"{name}-{i}", t, parts) for i, t in enumerate(member.texts)], "above": member.above,
                  "thresholds": _numbers(member.thresholds)}  # fmt: skip
    if isinstance(member, Boosted | Daily | HeavyDays):
        plain["inputs"] = [asdict(each) for each in member.inputs]
    if isinstance(member, Mos | Persistence):
        plain["spread"] = _numbers(member.spread)
    if isinstance(member, Mos):
        plain["weights"] = _numbers(member.weights)
    if isinstance(member, Usual | Boosted | Daily | HeavyDays):
        plain["climate"] = {"weights": _numbers(member.climate.weights), "spread": _numbers(member.climate.spread)}
    return plain


def _member(plain: Mapping, parts: Mapping[str, bytes]) -> Member | Daily | HeavyDays:
    kind, item = plain["kind"], plain["item"]
    if kind == "Raw":
        return Raw(item)
    if kind == "Persistence":
        return Persistence(item, _array(plain["spread"]))
    if kind == "Mos":
        return Mos(item, _array(plain["weights"]), _array(plain["spread"]))
    climate = Climatology(_array(plain["climate"]["weights"]), _array(plain["climate"]["spread"]))
    if kind == "Usual":
        return Usual(item, climate)
    inputs = tuple(Input(**each) for each in plain["inputs"])
    if kind == "HeavyDays":
        texts = tuple(parts[name].decode() for name in plain["texts"])
        return HeavyDays(item, plain["above"], inputs, climate, texts, _array(plain["thresholds"]))
    texts = tuple(tuple(parts[name].decode() for name in row) for row in plain["texts"])
    widths = _array(plain["widths"])
    lines = tuple(
        None if e is None else Linear(e["level"], _array(e["means"]), _array(e["weights"])) for e in plain["lines"]
    )
    if kind == "Daily":
        return Daily(
            item, inputs, climate, texts, widths, plain["log"], plain["monotone"], lines, tuple(plain["shares"])
        )
    if kind == "Boosted":
        spans = tuple(tuple(span) for span in plain["spans"])
        return Boosted(item, inputs, climate, texts, widths, spans, plain["needs_weather"], plain["monotone"], lines)
    raise ForecastError(f"a model has a member of the kind {kind!r}, expected one that this version knows")


def _line(line: Linear | None) -> dict | None:
    if line is None:
        return None
    return {"level": line.level, "means": _numbers(line.means), "weights": _numbers(line.weights)}


def _text(name: str, text: str, parts: dict[str, bytes]) -> str:
    parts[f"{name}.txt"] = text.encode()
    return f"{name}.txt"


def _numbers(values: np.ndarray) -> list:
    # JSON has no NaN: what is missing is null.
    if values.ndim > 1:
        return [_numbers(row) for row in values]
    return [float(v) if np.isfinite(v) else None for v in values]


def _array(plain: list) -> np.ndarray:
    return np.array(plain, dtype=float)  # null becomes NaN
