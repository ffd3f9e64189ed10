"""The tag table: which contributor a tag, or an emission group and a source region, stands for (docs/layouts/tags.md).

It lies in `NAME.tags.toml` beside the file NAME, in `tags.toml` in its folder, or in the global attribute `tag_table`.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from streams.contributors import ALL, DEFINITIONS, OUTSIDE, why_not
from streams.sources.files import opened_at_once, shown
from streams.sources.maps.opening import is_plain_file
from streams.sources.tally import Unusable

SUFFIX, IN_FOLDER, ATTRIBUTE = ".tags.toml", "tags.toml", "tag_table"
LAYOUTS = ("isam", "camx")
LARGEST_BYTES = 1_000_000
_KEYS = ("layout", "model", "definition", "simulated", "tags", "groups", "regions")
_OUTSIDE = (ALL, OUTSIDE)
ISAM_OWN = {"BCO": _OUTSIDE, "ICO": _OUTSIDE, "OTH": _OUTSIDE}
"""Tags that ISAM adds itself: boundary, initial state, all else."""
_CAMX_TRACER = re.compile(r"([A-Z0-9]{3})(\d{3})(\d{3})")
_CAMX_OUTSIDE = re.compile(r"([A-Z0-9]{3})(?:000|NTH|EST|STH|WST|TOP)(?:BC|IC)")
_EXPECTED = "a tag table; see docs/layouts/tags.md"


@dataclass(frozen=True, slots=True)
class TagTable:
    """What a tag table says. tags, groups, regions: by name or number, what it stands for."""

    layout: str
    model: str = ""
    definition: str = "allocation"
    simulated: bool = False
    tags: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    groups: Mapping[int, str] = field(default_factory=dict)
    regions: Mapping[int, str] = field(default_factory=dict)

    def parted(self, name: str) -> tuple[str, tuple[str, str] | None] | None:
        """Part a variable's name into its species and its contributor; None where it is no tagged one.

        The contributor is None where the table does not explain the tag.
        """
        return self._of_isam(name) if self.layout == "isam" else self._of_camx(name)

    def _of_isam(self, name: str) -> tuple[str, tuple[str, str] | None] | None:
        species, bar, tag = name.rpartition("_")
        known = ISAM_OWN | dict(self.tags)
        return (species, known.get(tag)) if bar and species else None

    def _of_camx(self, name: str) -> tuple[str, tuple[str, str] | None] | None:
        if found := _CAMX_OUTSIDE.fullmatch(name):
            return found[1], _OUTSIDE
        found = _CAMX_TRACER.fullmatch(name)
        if found is None:
            return None
        sector = self.groups.get(int(found[2])) if self.groups else ALL
        place = self.regions.get(int(found[3])) if self.regions else ALL
        if sector is None or place is None:
            return found[1], None
        return found[1], _OUTSIDE if place == OUTSIDE else (sector, place)


def looks_tagged(name: str) -> bool:
    """Tell whether a variable is called as ISAM or CAMx call what no other model has: a tag for the boundary."""
    return name.endswith(("_BCO", "_ICO")) or bool(_CAMX_OUTSIDE.fullmatch(name))


def table_for(path: Path, attrs: Mapping[str, Any]) -> TagTable | None:
    """Give the tag table of a file, None where it has none. Errors: Unusable where it cannot be used, OSError."""
    places = (path.with_name(path.name + SUFFIX), path.with_name(IN_FOLDER)) if path.name else ()
    if place := next(filter(is_plain_file, places), None):
        with opened_at_once(place, by_link=False) as file:
            content = file.read(LARGEST_BYTES + 1)
        return table_of(content, shown(place))
    said = attrs.get(ATTRIBUTE)
    if said is None:
        return None
    return table_of(said if isinstance(said, bytes) else str(said).encode(), f"global attribute {ATTRIBUTE}")


def table_of(content: bytes, name: str) -> TagTable:
    """Read a tag table; raise Unusable that names the key that is wrong."""
    if len(content) > LARGEST_BYTES:
        raise _wrong(name, "it is too large", f"{len(content)} bytes", f"up to {LARGEST_BYTES} bytes")
    try:
        said = tomllib.loads(content.decode("utf-8-sig"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError, ValueError) as error:
        raise _wrong(name, "it is no TOML", str(error), _EXPECTED) from None
    if unknown := sorted(set(said) - set(_KEYS)):
        raise _wrong(f"{name}, key {unknown[0]}", "a key that nobody knows", unknown, ", ".join(_KEYS))
    layout, definition, simulated = (
        said.get("layout"),
        said.get("definition", "allocation"),
        said.get("simulated", False),
    )
    for key, value, allowed in (("layout", layout, LAYOUTS), ("definition", definition, DEFINITIONS)):
        if value not in allowed:
            raise _wrong(f"{name}, key {key}", "not one of the values it may have", value, " or ".join(allowed))
    if not isinstance(simulated, bool) or not isinstance(said.get("model", ""), str):
        raise _wrong(f"{name}, key model, simulated", "not one of the values it may have", "", "a text; true or false")
    parts = {key: _items(name, key, said.get(key, {})) for key in ("tags", "groups", "regions")}
    tags = {tag: _contributor(f"{name}, key tags.{tag}", pair) for tag, pair in parts["tags"].items()}
    groups = _numbered(name, "groups", parts["groups"], 0)
    regions = _numbered(name, "regions", parts["regions"], 1)
    if (layout == "camx" and not (groups or regions)) or (layout == "isam" and not tags):
        raise _wrong(name, "it explains no tag", "", "the table tags; for camx groups or regions")
    return TagTable(layout, said.get("model", ""), definition, simulated, tags, groups, regions)


def _items(name: str, key: str, value: object) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise _wrong(f"{name}, key {key}", "not one of the values it may have", value, f"a table [{key}]")
    return value


def _numbered(name: str, key: str, said: Mapping[str, Any], which: int) -> dict[int, str]:
    found: dict[int, str] = {}
    for number, value in said.items():
        place = f"{name}, key {key}.{number}"
        if not (number.isascii() and number.isdigit() and len(number) <= 3):
            raise _wrong(place, "not one of the values it may have", number, "a number of up to three figures")
        _contributor(place, [value, ALL] if which == 0 else [ALL, value])
        found[int(number)] = value
    return found


def _contributor(place: str, pair: object) -> tuple[str, str]:
    if not (isinstance(pair, list) and len(pair) == 2 and all(isinstance(each, str) for each in pair)):
        raise _wrong(place, "no contributor", pair, 'a sector and a place, such as ["coal", "*"]')
    contributor = (pair[0], pair[1])
    if wrong := why_not(contributor):
        raise _wrong(place, "no contributor", wrong, 'a sector and a place, such as ["coal", "*"]')
    return contributor


def _wrong(where: str, what: str, value: object, expected: str) -> Unusable:
    return Unusable(f"tag table {where}", f"the tag table cannot be used: {what}", value, expected)
