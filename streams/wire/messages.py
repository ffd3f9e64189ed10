"""Blocks to messages and back: the one place that knows the schema of each topic."""

from __future__ import annotations

from typing import Any

import numpy as np

from standards.pollutants import ITEMS
from streams.records import (
    STEPS_PER_PPB,
    STEPS_PER_UGM3,
    Block,
    CompositionBlock,
    EmissionBlock,
    ForecastBlock,
    Intake,
    ObservationBlock,
    RecordError,
    Rejected,
    ScorerNotice,
    SpeciesBlock,
    TagBlock,
    VocBlock,
)
from streams.results import Coded, Column, Counted, Numbers, Rows, Same, Texts
from streams.wire import arrays, curves
from streams.wire.arrays import THOUSANDTHS, decode_array, encode_array
from streams.wire.seals import Damage

OBSERVATION, FORECAST, EMISSION, VOC = "observation/2", "forecast/2", "emission/3", "voc/2"
TAGS = "tags/1"
COMPOSITION = "composition/1"
OBSERVATION_1, FORECAST_1, EMISSION_2, VOC_1 = "observation/1", "forecast/1", "emission/2", "voc/1"
"""Blocks before the moment of their release, their file and their lines travelled with them; still read, as released
when received.
"""
EMISSION_1 = "emission/1"
"""Emissions before measured hours were told from inventories; still read, as an inventory."""
EMISSIONS = (EMISSION, EMISSION_2, EMISSION_1)
REJECTED, INTAKE, ROWS = "rejected/1", "intake/3", "rows/2"
INTAKE_1, INTAKE_2 = "intake/1", "intake/2"
"""Counts of a file before the digest of its content travelled with them, read as not simulated; and before its release did."""

TOPICS = {
    OBSERVATION: "obs.station_hour",
    FORECAST: "forecast.station_hour",
    EMISSION: "emission.city_hour",
    VOC: "obs.voc_hour",
    TAGS: "forecast.tag_hour",
    COMPOSITION: "obs.composition_hour",
}
SCORER, SCORER_TOPIC = "scorer/1", "model.scorer"
"""Which models score joined hours; to every city."""
INTAKE_TOPIC = "intake"
"""Rejected rows and counts of rows read, straight from the parsers to the store."""
RESULT_TOPIC = "air"
"""Assessed and joined rows, from the engine to the store."""
ATTRIBUTION_TOPIC = "attribution"
"""Who made the air: rows of attributions and their rejects, from the process that attributes to the store."""
DAMAGE = "damage"
"""The source of rejects that say what could not be read at rest."""
MENDED = "what was written; it comes back from a backup"
AT_REST = "what was written; its rows were stored before, the file comes back from a backup"
"""Damage found in a segment that was read whole once: no row is missing for it, but none could be made anew from it."""
STORED_TOPICS = (RESULT_TOPIC, INTAKE_TOPIC, ATTRIBUTION_TOPIC)
"""What the store takes in."""


def block_line(block: Block) -> str:
    """Write a block as a line keyed by its city."""
    return arrays.line(block.city, _ENCODERS[type(block)](block))


def block_from(text: str) -> Block:
    """Read a block from a line; raise WireError or RecordError where it is not one."""
    message = arrays.parse(text, tuple(_DECODERS))
    try:
        return _DECODERS[message["schema"]](message)
    except (RecordError, arrays.WireError):
        raise
    except (KeyError, TypeError, ValueError, IndexError, OverflowError, AttributeError) as error:
        schema = message.get("schema")
        raise arrays.WireError(
            f"the message {schema} lacks or misuses something: {type(error).__name__} {error}"
        ) from error


def schema_of(block: Block) -> str:
    """Name the schema under which a block travels."""
    return _SCHEMAS[type(block)]


def rows_line(rows: Rows, key: str) -> str:
    """Write result rows of one table as a line under a key; fractions travel in thousandths."""
    columns = [[names, *_packed(column)] for names, column in rows.parts]
    return arrays.line(key, {"schema": ROWS, "table": rows.table, "columns": columns})


def rows_from(text: str) -> Rows:
    """Read result rows as they were given to rows_line, and as Rows.carried gives them."""
    message = arrays.parse(text, (ROWS,))
    try:
        parts = [(tuple(names), _unpacked(kind, content)) for names, kind, content in message["columns"]]
        return Rows(message["table"], parts)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise arrays.WireError(f"the message {ROWS} lacks or misuses {error}, expected table and columns") from error


def scorer_line(notice: ScorerNotice) -> str:
    """Write an announcement of a scorer as a line keyed by its name."""
    return arrays.line(notice.name, {"schema": SCORER, **{name: getattr(notice, name) for name in notice.__slots__}})


def scorer_from(text: str) -> ScorerNotice:
    """Read an announcement; raise WireError or RecordError where it is none."""
    message = arrays.parse(text, (SCORER,))
    try:
        return ScorerNotice(**{name: value for name, value in message.items() if name != "schema"})
    except TypeError as error:
        raise arrays.WireError(f"the message {SCORER} lacks or misuses something: {error}") from error


def rejected_line(rejected: Rejected, received_at: float) -> str:
    """Write a rejected row as a line keyed by its source."""
    fields = {name: getattr(rejected, name) for name in Rejected.__slots__}
    return arrays.line(rejected.source, {"schema": REJECTED, "received_at": received_at, **fields})


def damage_of(damage: Damage, topic: str, *, at_rest: bool = False) -> Rejected:
    """Say of damage in a segment of a topic what cannot be read: a reject of which nobody knows how many rows it held.

    at_rest: whether it was found after the segment had been read whole.
    """
    what = f"{damage.size} bytes" if damage.size else "the end"
    return Rejected(
        DAMAGE, f"byte {damage.start}", f"damaged: {damage.reason}", what, AT_REST if at_rest else MENDED,
        f"{topic}/{damage.file}", rows=0,
    )  # fmt: skip


def intake_line(intake: Intake) -> str:
    """Write what a file was and its counts as a line keyed by its source."""
    fields = {name: getattr(intake, name) for name in Intake.__slots__}
    hours = {name: {str(h): n for h, n in fields[name].items()} for name in ("rows_in", "rejected")}
    return arrays.line(intake.source, {"schema": INTAKE, **fields, **hours})


def intake_from(text: str) -> tuple[Rejected | Intake, float]:
    """Read a rejected row, or what a file was and its counts, with the moment [epoch s] it was received."""
    message = arrays.parse(text, (REJECTED, INTAKE, INTAKE_2, INTAKE_1))
    schema, received_at = message.pop("schema"), message["received_at"]
    if schema != REJECTED:
        hours = {name: {int(h): n for h, n in message[name].items()} for name in ("rows_in", "rejected")}
        return Intake(**{**message, **hours}), received_at
    del message["received_at"]
    return Rejected(**message), received_at


def _packed(column: Column) -> tuple[str, Any]:
    """Write a column as its kind and what it holds; numbers that are all one become that one."""
    if isinstance(column, Same):
        return "same", _rounded(column.value) if isinstance(column.value, float) else column.value
    if isinstance(column, Counted):
        return "counted", [column.start, column.count, column.each, column.times]
    if isinstance(column, Texts):
        return "texts", column.values
    if isinstance(column, Coded):
        kind, codes = _packed(column.codes if isinstance(column.codes, Counted) else Numbers(column.codes))
        if kind == "same":
            return "same", column.texts[codes] if codes >= 0 else None
        return "coded", [kind, codes, column.texts]
    return _packed_numbers(column.values)


def _packed_numbers(values: np.ndarray) -> tuple[str, Any]:
    if values.ndim == 1 and values.size and _constant(values):
        value = values[0].item()
        return "same", _rounded(value) if values.dtype.kind == "f" else value
    if values.dtype.kind == "f":
        return "numbers", encode_array(values, scale=THOUSANDTHS)
    return "numbers", encode_array(_narrow(values) if values.dtype == np.int64 else values)


def _rounded(value: float) -> float | None:
    return None if value != value else round(value * THOUSANDTHS) / THOUSANDTHS


def _constant(column: np.ndarray) -> bool:
    first = column[0]
    if column[-1] != first and (first == first or column[-1] == column[-1]):
        return False
    return bool((column == first).all() if first == first else np.isnan(column).all())


def _narrow(column: np.ndarray) -> np.ndarray:
    return column.astype(np.int32) if np.abs(column).max(initial=0) <= np.iinfo(np.int32).max else column


def _unpacked(kind: str, content: Any) -> Column:
    if kind == "same":
        return Same(content)
    if kind == "counted":
        return Counted(*content)
    if kind == "texts":
        return Texts(content)
    if kind == "coded":
        of, codes, texts = content
        column = _unpacked(of, codes)
        return Coded(column if isinstance(column, Counted) else column.values, tuple(texts))
    if kind == "numbers":
        return Numbers(decode_array(content))
    raise ValueError(f"the kind of column {kind!r}, expected same, numbers, coded, counted or texts")


def _common(block: Block, schema: str) -> dict[str, Any]:
    return {
        "schema": schema, "source": block.source, "city": block.city, "first_hour": block.first_hour,
        "simulated": block.simulated, "provenance": block.provenance, "received_at": block.received_at,
        "released_at": block.released_at, "file": block.file, "digest": block.digest,
    }  # fmt: skip


def _with_withdrawal(message: dict[str, Any], block: ForecastBlock | EmissionBlock | TagBlock) -> dict[str, Any]:
    return message | {"withdrawn": True} if block.withdrawn else message


def _with_lines(message: dict[str, Any], lines: np.ndarray | None) -> dict[str, Any]:
    return message if lines is None else message | {"lines": arrays.encode_steps(lines)}


def _encode_observation(block: ObservationBlock) -> dict[str, Any]:
    message = _common(block, OBSERVATION) | {
        "stations": block.stations, "status": block.status, "revision": block.revision,
        "values": encode_array(block.values, scale=THOUSANDTHS),
        "present": encode_array(block.present.astype("u1")),
    }  # fmt: skip
    if block.wind_ms is not None:
        message["wind_ms"] = encode_array(block.wind_ms, scale=THOUSANDTHS)
    if block.items != ITEMS:
        message["items"] = block.items
    return _with_lines(message, block.lines)


def _encode_forecast(block: ForecastBlock) -> dict[str, Any]:
    message = _common(block, FORECAST) | {
        "model": block.model, "run_init": block.run_init, "places": block.places,
        "values": encode_array(block.values, scale=THOUSANDTHS),
    }  # fmt: skip
    return _with_withdrawal(message, block)


def _encode_emission(block: EmissionBlock) -> dict[str, Any]:
    message = _common(block, EMISSION) | {
        "inventory": block.inventory, "sectors": block.sectors, "measured": block.measured,
        "values": _encode_rows(block.values),
    }  # fmt: skip
    return _with_withdrawal(message, block)


def _encode_voc(block: VocBlock) -> dict[str, Any]:
    return _with_species(_common(block, VOC), block, "below_ppb", STEPS_PER_PPB)


def _encode_composition(block: CompositionBlock) -> dict[str, Any]:
    message = _common(block, COMPOSITION) | {"averaging_h": block.averaging_h}
    return _with_species(message, block, "below_ugm3", STEPS_PER_UGM3)


def _with_species(message: dict[str, Any], block: SpeciesBlock, limits: str, scale: int) -> dict[str, Any]:
    message |= {
        "stations": block.stations, "species": block.species, "status": block.status, "revision": block.revision,
        "values": encode_array(block.values, scale=scale), "present": encode_array(block.present.astype("u1")),
    }  # fmt: skip
    below = getattr(block, limits)
    if below is not None:
        message[limits] = encode_array(below, scale=scale)
    return _with_lines(message, block.lines)


def _encode_tags(block: TagBlock) -> dict[str, Any]:
    # Half precision: contributions span five powers of ten, and 0.05 % of each is less than any model knows.
    message = _common(block, TAGS) | {
        "model": block.model, "run_init": block.run_init, "places": block.places, "definition": block.definition,
        "quantities": block.quantities, "contributors": block.contributors,
        "values": encode_array(block.values.astype(np.float16)),
    }  # fmt: skip
    return _with_withdrawal(message, block)


def _encode_rows(values: np.ndarray) -> dict[str, Any]:
    # Every city gets every inventory: as curves it is hardly larger than its total.
    if values.size > arrays.PLAIN_VALUES:
        packed = curves.pack(values, tolerance=curves.SINGLE)
        if 2 * packed["curves"].size < values.size:
            parts = {name: encode_array(packed[name]) for name in ("of", "amount", "curves")}
            return {"shape": list(packed["shape"]), **parts}
    return encode_array(values.astype("f4"))


def _decode_rows(encoded: dict[str, Any]) -> np.ndarray:
    if "curves" not in encoded:
        return decode_array(encoded).astype(float)
    parts = {name: decode_array(encoded[name]) for name in ("of", "amount", "curves")}
    return curves.unpack({"shape": tuple(encoded["shape"]), **parts}).astype(float)


def _shared(message: dict[str, Any]) -> dict[str, Any]:
    names = ("source", "city", "first_hour", "simulated", "provenance", "received_at")
    since = ("released_at", "file", "digest", "withdrawn")
    return {name: message[name] for name in names} | {name: message[name] for name in since if name in message}


def _lines(message: dict[str, Any]) -> np.ndarray | None:
    return arrays.decode_steps(message["lines"]) if "lines" in message else None


def _decode_observation(message: dict[str, Any]) -> ObservationBlock:
    wind = message.get("wind_ms")
    return ObservationBlock(
        **_shared(message), stations=tuple(message["stations"]), status=message["status"], revision=message["revision"],
        values=decode_array(message["values"]), present=decode_array(message["present"]).astype(bool),
        wind_ms=None if wind is None else decode_array(wind), lines=_lines(message),
        items=tuple(message.get("items", ITEMS)),
    )  # fmt: skip


def _decode_forecast(message: dict[str, Any]) -> ForecastBlock:
    return ForecastBlock(
        **_shared(message), model=message["model"], run_init=message["run_init"], places=tuple(message["places"]),
        values=decode_array(message["values"]),
    )  # fmt: skip


def _decode_emission(message: dict[str, Any]) -> EmissionBlock:
    return EmissionBlock(
        **_shared(message), inventory=message["inventory"], sectors=tuple(message["sectors"]),
        measured=message.get("measured", False), values=_decode_rows(message["values"]),
    )  # fmt: skip


def _decode_voc(message: dict[str, Any]) -> VocBlock:
    return VocBlock(**_species_fields(message, "below_ppb"))


def _decode_composition(message: dict[str, Any]) -> CompositionBlock:
    return CompositionBlock(**_species_fields(message, "below_ugm3"), averaging_h=message["averaging_h"])


def _species_fields(message: dict[str, Any], limits: str) -> dict[str, Any]:
    below = message.get(limits)
    return _shared(message) | {
        "stations": tuple(message["stations"]), "species": tuple(message["species"]), "status": message["status"],
        "revision": message["revision"], "values": decode_array(message["values"]),
        "present": decode_array(message["present"]).astype(bool), "lines": _lines(message),
        limits: None if below is None else decode_array(below),
    }  # fmt: skip


def _decode_tags(message: dict[str, Any]) -> TagBlock:
    return TagBlock(
        **_shared(message), model=message["model"], run_init=message["run_init"], places=tuple(message["places"]),
        definition=message["definition"], quantities=tuple(message["quantities"]),
        contributors=tuple((sector, place) for sector, place in message["contributors"]),
        values=decode_array(message["values"]).astype(float),
    )  # fmt: skip


_ENCODERS = {
    ObservationBlock: _encode_observation,
    ForecastBlock: _encode_forecast,
    EmissionBlock: _encode_emission,
    VocBlock: _encode_voc,
    CompositionBlock: _encode_composition,
    TagBlock: _encode_tags,
}
_SCHEMAS = {
    ObservationBlock: OBSERVATION,
    ForecastBlock: FORECAST,
    EmissionBlock: EMISSION,
    VocBlock: VOC,
    CompositionBlock: COMPOSITION,
    TagBlock: TAGS,
}
_DECODERS = {
    **dict.fromkeys((OBSERVATION, OBSERVATION_1), _decode_observation),
    **dict.fromkeys((FORECAST, FORECAST_1), _decode_forecast),
    **dict.fromkeys(EMISSIONS, _decode_emission),
    **dict.fromkeys((VOC, VOC_1), _decode_voc),
    TAGS: _decode_tags,
    COMPOSITION: _decode_composition,
}

__all__ = [
    "RecordError",
    "block_from",
    "block_line",
    "intake_from",
    "intake_line",
    "rejected_line",
    "rows_from",
    "rows_line",
]
