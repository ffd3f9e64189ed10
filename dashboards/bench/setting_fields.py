"""The settings of a question as fields of the office's form, and back: choices with what is known, factors by sector."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dashboards.bench import named, shown
from dashboards.office.desk import Desk
from dashboards.office.forms import Field
from streams.contributors import SECTORS
from streams.store.bench_kinds import (
    ASKINGS,
    MOST_FACTORS,
    RECEPTOR,
    Digest,
    OneOf,
    Sectors,
    Setting,
    sectors_of,
)
from streams.store.bench_results import BenchError, heads_of, result_named

MOST_RECEPTORS = 10
LONGEST = 64
_SECTOR = "sector_"
SETTINGS_TAKEN: Mapping[str, int] = {
    **{name: LONGEST for asking in ASKINGS.values() for name in asking.settings},
    **{_SECTOR + sector: 2 for sector in SECTORS},
}
"""The fields of every setting with their longest length."""


def setting_fields(desk: Desk, name: str, about: Setting, sites: Sequence[str]) -> list[Field]:
    """Give the fields of a setting, filled in by the address. sites: whose receptor results may be chosen."""
    text, label = desk.text, desk.text(f"bench.setting_{name}")
    asked, default = desk.query.get(name, "")[:LONGEST], "" if about.default is None else str(about.default)
    if isinstance(about, OneOf):
        chosen = asked if asked in about.choices else default
        return [Field(name, label, "select", chosen, [(each, named.value(text, each)) for each in about.choices])]
    if isinstance(about, Digest):
        options = _receptors(desk, sites)
        if about.default is not None or not options:
            options = [("", "—"), *options]
        needed, hint = about.default is None, text("bench.receptor_hint")
        return [Field(name, label, "select", asked, options, required=needed, hint=hint)]
    if isinstance(about, Sectors):
        return _by_sector(desk, asked)
    hint = text("bench.target_hint") if name == "target_ppb" else ""
    return [Field(name, label, "text", asked or default, longest=LONGEST, hint=hint)]


def settings_posted(settings: Mapping[str, Setting], fields: Mapping[str, str]) -> dict[str, str]:
    """Give the settings of a form that was posted; what was left empty is left out."""
    found = {name: fields[name] for name, about in settings.items() if not isinstance(about, Sectors)}
    for name, about in settings.items():
        if isinstance(about, Sectors):
            found[name] = ",".join(f"{each}={number}" for each in SECTORS if (number := fields[_SECTOR + each]))
    return {name: value for name, value in found.items() if value}


def _receptors(desk: Desk, sites: Sequence[str]) -> list[tuple[str, str]]:
    """Give (digest, words) of the newest receptor results of sites."""
    text, connection = desk.text, desk.scene.connection
    heads = [head for site in sites for head in heads_of(connection, site, RECEPTOR, most=MOST_RECEPTORS)]
    return [(digest, _receptor_words(text, digest, kept)) for digest, kept in heads]


def _receptor_words(text: Any, digest: str, kept: Any) -> str:
    count = named.setting(text, "factors", kept.settings.get("factors", "NA"))
    parts = (kept.station, shown.period(kept.question), f"{text('bench.setting_factors')} {count}")
    return " · ".join((*parts, digest[: shown.SHOWN_DIGITS]))


def _by_sector(desk: Desk, asked: str) -> list[Field]:
    """Give a field for each sector: the factor that it belongs to, so that none stands for two."""
    text, factors = desk.text, [("", desk.text("bench.no_factor")), *_factors(desk)]
    try:
        given = sectors_of(asked)
    except ValueError:
        given = {}
    fields = []
    for n, sector in enumerate(SECTORS):
        label = text("bench.belongs_to", sector=named.sector(text, sector))
        value, hint = str(given.get(sector, "")), text("bench.belongs_hint") if n == 0 else ""
        fields.append(Field(_SECTOR + sector, label, "select", value, factors, required=False, hint=hint))
    return fields


def _factors(desk: Desk) -> list[tuple[str, str]]:
    """Give (number, words) of the factors of the receptor result that the address names, else of as many as there may be."""
    text, connection = desk.text, desk.scene.connection
    try:
        kept = result_named(connection, desk.query.get("receptor", "")[:LONGEST])
    except BenchError:
        kept = None
    content = kept.content if kept is not None and kept.kind == RECEPTOR else {}
    names = content.get("factors") or [""] * MOST_FACTORS
    return [(str(n + 1), named.factor_with_proposal(text, content, n)) for n in range(len(names))]
