"""SVG and HTML as text: what comes from data is escaped here, once."""

from __future__ import annotations

import base64
import struct
import zlib
from html import escape

import numpy as np

from research.virtual_airshed.report.words import LANGUAGES, Both

_KEEP_CASE = ("viewBox", "preserveAspectRatio", "patternUnits")


def tag(name: str, *children: str, **attributes: object) -> str:
    """Write one element. children are markup; class_ and data_x become class and data-x; None leaves an attribute
    out.
    """
    written = "".join(
        f' {_name(key)}="{escape(_number(value))}"' for key, value in attributes.items() if value is not None
    )
    inner = "".join(children)
    return (
        f"<{name}{written}>{inner}</{name}>"
        if inner or name not in ("path", "line", "rect", "circle", "image")
        else f"<{name}{written}/>"
    )


def text(words: Both, x: float, y: float, **attributes: object) -> str:
    """Write a text of the drawing at x, y, once for each language where they differ."""
    if "fill" in attributes:  # as a style: a rule of style.css would win over an attribute
        attributes["style"] = f"fill:{attributes.pop('fill')}"
    if words.zh == words.en:
        return tag("text", escape(words.zh), x=x, y=y, **attributes)
    own = str(attributes.pop("class_", ""))
    return "".join(
        tag("text", escape(words.of(lang)), x=x, y=y, class_=f"{own} {lang}".strip(), **attributes)
        for lang in LANGUAGES
    )


def tip(words: Both) -> dict[str, str]:
    """Give the attributes that make page.js show a text where the pointer is."""
    return {"data_zh": words.zh, "data_en": words.en}


def path_of(xs: np.ndarray, ys: np.ndarray) -> str:
    """Write the steps of a line through points; NaN lifts the pen."""
    steps, drawn = [], False
    for x, y in zip(np.asarray(xs, float), np.asarray(ys, float), strict=True):
        if not (np.isfinite(x) and np.isfinite(y)):
            drawn = False
            continue
        steps.append(f"{'L' if drawn else 'M'}{x:.1f} {y:.1f}")
        drawn = True
    return "".join(steps)


def png_uri(pixels: np.ndarray, colours: tuple[str, ...]) -> str:
    """Write an image as a data URI. pixels: int (row, column), rows from the top; numbers of colours, -1 is
    transparent.

    Source: PNG (RFC 2083), indexed colour with one transparent entry.
    """
    rows, columns = pixels.shape
    if len(colours) > 255:
        raise ValueError(f"there are {len(colours)} colours, expected at most 255")
    table = np.where(pixels < 0, 0, pixels + 1).astype(np.uint8)
    raw = b"".join(b"\0" + table[r].tobytes() for r in range(rows))
    entries = bytes(3) + b"".join(bytes.fromhex(colour[1:]) for colour in colours)
    chunks = ((b"IHDR", struct.pack(">IIBBBBB", columns, rows, 8, 3, 0, 0, 0)), (b"PLTE", entries), (b"tRNS", b"\0"),
              (b"IDAT", zlib.compress(raw, 9)), (b"IEND", b""))  # fmt: skip
    data = b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body)) for kind, body in chunks
    )
    return "data:image/png;base64," + base64.b64encode(data).decode("ascii")


def _name(key: str) -> str:
    return key if key in _KEEP_CASE else key.rstrip("_").replace("_", "-")


def _number(value: object) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)
