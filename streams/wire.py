"""The form of a message: one line of text, `key<TAB>{json}`, with a schema name and version in every message.

Small arrays are plain lists of numbers (null is missing), so that a live hour can be read with `tail` and written by hand.
Large ones are base64 of little-endian numbers, so that a replayed month costs nothing: {"dtype", "shape", "scale", "data"},
where value = number / scale and the lowest integer of the type is missing. Observations and forecasts travel in thousandths
of their unit.
"""

from __future__ import annotations

import base64
from typing import Any

import numpy as np
import orjson

PLAIN_VALUES = 256
"""Arrays of at most this many numbers are written as plain lists."""
THOUSANDTHS = 1000


class WireError(ValueError):
    """A message cannot be read; the text says what was found and what was expected."""


def encode_array(array: np.ndarray, *, scale: int = 0) -> dict[str, Any]:
    """Encode an array of any shape; scale > 0 stores floats as integers of 1/scale (NaN as missing), 0 stores them as they are."""
    if scale:
        return _encode_scaled(array, scale)
    array = np.ascontiguousarray(array)
    if array.size <= PLAIN_VALUES:
        flat = array.ravel()
        data = [None if x != x else x for x in flat.tolist()] if flat.dtype.kind == "f" else flat.tolist()
        return {"dtype": array.dtype.str, "shape": list(array.shape), "data": data}
    little = array.astype(array.dtype.newbyteorder("<"), copy=False)
    return {"dtype": little.dtype.str, "shape": list(array.shape), "data": base64.b64encode(little).decode("ascii")}


def _encode_scaled(array: np.ndarray, scale: int) -> dict[str, Any]:
    missing = np.isnan(array)
    scaled = np.rint(np.where(missing, 0.0, array) * scale)
    if array.size <= PLAIN_VALUES:
        values = (scaled / scale).ravel().tolist()
        data = [None if gone else value for value, gone in zip(values, missing.ravel().tolist(), strict=True)]
        return {"dtype": "<f8", "shape": list(array.shape), "data": data}
    top = np.iinfo(np.int32).max
    if scaled.size and np.abs(scaled).max() > top:
        raise WireError(f"a value is beyond {top / scale}, the largest that a message carries")
    numbers = np.ascontiguousarray(scaled, "<i4")
    numbers[missing] = np.iinfo(np.int32).min
    return {
        "dtype": "<i4",
        "shape": list(array.shape),
        "scale": scale,
        "data": base64.b64encode(numbers).decode("ascii"),
    }


def decode_array(encoded: dict[str, Any]) -> np.ndarray:
    """Decode what encode_array wrote; scaled integers come back as float64 with NaN where missing."""
    try:
        dtype, shape, data = np.dtype(encoded["dtype"]), tuple(encoded["shape"]), encoded["data"]
        if isinstance(data, str):
            array = np.frombuffer(base64.b64decode(data), dtype).reshape(shape)
        else:
            array = np.array(data, dtype).reshape(shape)
    except (KeyError, TypeError, ValueError) as error:
        raise WireError(f"an array of the message cannot be read ({error}), expected dtype, shape and data") from error
    scale = encoded.get("scale", 0)
    if not scale:
        return array
    missing = array == np.iinfo(array.dtype).min
    values = array / scale
    values[missing] = np.nan
    return values


def line(key: str, message: dict[str, Any]) -> str:
    """Write one message as a line of text without its line end."""
    return f"{key}\t{orjson.dumps(message, option=orjson.OPT_SERIALIZE_NUMPY).decode()}"


def key_of(text: str) -> str:
    """Give the key of a line without reading its message."""
    return text[: text.index("\t")] if "\t" in text else ""


def parse(text: str, schemas: tuple[str, ...]) -> dict[str, Any]:
    """Read the message of a line; raise WireError where it is no message or its schema is not one of schemas."""
    _, tab, body = text.partition("\t")
    if not tab:
        raise WireError(f"the line {text[:60]!r} has no key, expected key<TAB>{{json}}")
    try:
        message = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise WireError(f"the message {body[:60]!r} is not JSON: {error}") from error
    schema = message.get("schema") if isinstance(message, dict) else None
    if schema not in schemas:
        raise WireError(f"the message's schema is {schema!r}, expected one of {schemas}")
    return message
