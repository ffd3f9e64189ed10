"""Scripts and style of pages as text: their addresses carry a digest of their content, so browsers keep them for ever."""

from __future__ import annotations

import hashlib
import re
from functools import cache
from pathlib import Path

from dashboards.snapshots.shelf import Body, body_of

ROOT = "/static/"
_HERE = Path(__file__).parent
_SHARED = _HERE.parent / "assets"
_COMMENT, _SPACE = re.compile(r"/\*.*?\*/", re.S), re.compile(r"\s+")


@cache
def scripts() -> dict[str, tuple[str, Body]]:
    """Give the scripts by their addresses: (name, content)."""
    paths = [*_HERE.glob("*.js"), _SHARED / "alive.js", _SHARED / "take.js"]
    found = {}
    for path in sorted(paths):
        text = path.read_text(encoding="utf-8")
        found[f"{ROOT}{path.stem}.{hashlib.sha256(text.encode()).hexdigest()[:12]}.js"] = (path.name, body_of(text, 11))
    return found


def script_address(name: str) -> str:
    """Give the address of a script by its name, empty where there is none of that name."""
    return next((address for address, (own, _) in scripts().items() if own == name), "")


@cache
def style(begins: tuple[str, ...]) -> str:
    """Give the style of the files whose names begin so, without comments and idle space."""
    paths = [path for path in sorted((_HERE / "css").glob("*.css")) if path.name.startswith(begins)]
    whole = "".join(path.read_text(encoding="utf-8") for path in paths)
    return shortened(whole)


def shortened(text: str) -> str:
    """Give a style without comments and idle space."""
    return _SPACE.sub(" ", _COMMENT.sub("", text)).strip()
