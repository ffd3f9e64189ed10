"""The form of a message: one line of text, `key<TAB>{json}`, with a schema name and version in every message.

Small arrays are plain lists of numbers (null is missing), so that a live hour can be read with `tail` and written by hand.
Large ones are base64 of little-endian numbers, so that a replayed month costs nothing: {"dtype", "shape", "scale", "data"},
where value = number / scale and the lowest integer of the type is missing. Observations and forecasts travel in thousandths
of their unit, mixing ratios of organic compounds in hundred-thousandths of a ppb, or coarser where that loses nothing.
"""

from __future__ import annotations

import base64
from typing import Any

import numpy as np
import orjson

from standards.errors import AirshedError

PLAIN_VALUES = 256
"""Arrays of at most this many numbers are written as plain lists."""
THOUSANDTHS = 1000
_LARGEST = {np.int16: 2**15 - 1, np.int32: 2**31 - 1}


class WireError(AirshedError, ValueError):
    """A message cannot be read; the text says what was found and what was expected."""


def encode_array(array: np.ndarray, *, scale: int = 0) -> dict[str, Any]:
    """Encode an array of any shape; scale > 0 stores floats to 1/scale (NaN as missing), 0 stores numbers as they are."""
    whole = scale and array.size and np.fmax.reduce(np.abs(array), axis=None) * scale <= _LARGEST[np.int32]
    numbers, kept = to_whole(array, scale) if whole else (np.ascontiguousarray(array), 0)
    head = {"dtype": numbers.dtype.newbyteorder("<").str, "shape": list(array.shape)}
    if array.size <= PLAIN_VALUES:
        flat = numbers.ravel().tolist()
        if kept:
            gone = _missing_of(numbers.dtype)
            return head | {"dtype": "<f8", "data": [None if x == gone else x / kept for x in flat]}
        return head | {"data": [None if x != x else x for x in flat]}
    data = base64.b64encode(numbers.astype(head["dtype"], copy=False)).decode("ascii")
    return head | ({"scale": kept} if kept else {}) | {"data": data}


def to_whole(array: np.ndarray, scale: int) -> tuple[np.ndarray, int]:
    """Give floats as whole numbers of the coarsest step, 1/scale or wider, that loses nothing, and the steps in a unit.

    The type is the smallest that holds them; its lowest number is missing. WireError where a number is too large for int32.
    """
    numbers = np.multiply(array, scale, order="C")
    np.rint(numbers, out=numbers)
    for coarse in (1, 10):
        if coarse < scale and _divides(numbers, scale // coarse):
            numbers /= scale // coarse
            scale = coarse
            break
    top = max(np.fmax.reduce(numbers, axis=None, initial=0.0), -np.fmin.reduce(numbers, axis=None, initial=0.0))
    if top > _LARGEST[np.int32]:
        raise WireError(f"a value is beyond {_LARGEST[np.int32] / scale}, the largest that a message carries")
    dtype = np.int16 if top <= _LARGEST[np.int16] else np.int32
    missing = np.isnan(numbers)
    if missing.any():
        numbers[missing] = -_LARGEST[dtype] - 1
    return numbers.astype(dtype), scale


def _divides(numbers: np.ndarray, divisor: int) -> bool:
    # A look at a few numbers spares the look at all of them where the answer is no.
    for part in (numbers.reshape(-1)[:32], numbers):
        quotient = part / divisor
        whole = quotient == np.rint(quotient)
        if not (whole | np.isnan(part)).all():
            return False
    return True


def _missing_of(dtype: np.dtype) -> int:
    return -_LARGEST[dtype.type] - 1 if dtype.type in _LARGEST else int(np.iinfo(dtype).min)


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
    return from_whole(array, scale)


def from_whole(numbers: np.ndarray, scale: int) -> np.ndarray:
    """Give back the floats of to_whole, NaN where missing."""
    values = numbers / scale
    values[numbers == _missing_of(numbers.dtype)] = np.nan
    return values


def encode_steps(numbers: np.ndarray) -> dict[str, Any]:
    """Encode whole numbers that grow by the same step along the last axis, or hardly change: each number or step once."""
    first, steps = stepped(numbers)
    head = {"shape": list(numbers.shape)}
    if first.size == 1 and steps.size <= 1:
        return head | {"first": int(first.flat[0]), "step": int(steps.flat[0]) if steps.size else 0}
    return head | {"first": encode_array(first), "step": encode_array(steps)}


def decode_steps(encoded: dict[str, Any]) -> np.ndarray:
    """Decode what encode_steps wrote: int32, in the shape that it had."""
    first, steps, shape = encoded["first"], encoded["step"], tuple(encoded["shape"])
    if isinstance(first, int) and shape[-1] < _LARGEST[np.int32]:
        numbers = np.empty(shape, np.int32)
        numbers[...] = np.arange(shape[-1], dtype=np.int32) * np.int32(steps) + np.int32(first)
        return numbers
    return np.broadcast_to(unstepped(decode_array(first), decode_array(steps), shape[-1]), shape)


def stepped(numbers: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Give whole numbers (..., n) as the first of each row and its differences, both folded where they are all alike."""
    return folded(numbers[..., :1]), folded(np.diff(numbers, axis=-1))


def unstepped(first: np.ndarray, steps: np.ndarray, length: int) -> np.ndarray:
    """Give back the numbers of stepped, int32; (..., length), an axis along which nothing changed may have a length of one."""
    shape = (*np.broadcast_shapes(first.shape[:-1], steps.shape[:-1]), length)
    numbers = np.empty(shape, np.int32)
    numbers[..., :1] = first
    numbers[..., 1:] = steps
    return np.cumsum(numbers, axis=-1, dtype=np.int32)


def folded(array: np.ndarray) -> np.ndarray:
    """Fold each axis along which nothing changes to a length of one; np.broadcast_to unfolds."""
    for axis in range(array.ndim):
        first = array.take([0], axis=axis) if array.shape[axis] else array
        if array.shape[axis] > 1 and (array == first).all():
            array = first
    return array.copy()


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
