"""`airshed map`: propose a column map for a table, show how its first rows are read, and write the map."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.table import Table
from rich.text import Text

from infra.messages import say
from infra.usage import wrong
from standards.days import SHANGHAI
from standards.errors import AirshedError
from standards.pollutants import ITEMS, POLLUTANTS
from streams import sources
from streams.registry import Registry
from streams.sources.files import printable, shown
from streams.sources.maps import clock, feed
from streams.sources.maps.preview import preview
from streams.sources.maps.propose import Proposal, propose
from streams.sources.maps.spec import ColumnMap, MapError, map_of, map_text, read_map
from streams.sources.maps.tables import printable_text
from streams.sources.stations.whose import city_of_file, city_of_names
from streams.sources.tally import Unusable

ROWS_SHOWN = 10
_LONGEST_CELL = 60


@dataclass(frozen=True, slots=True)
class Look:
    """What is said of a file: in one line what it is, the map (empty where none is needed), its rows, and what is still open."""

    said: str
    toml: str
    table: Table | None
    notes: tuple[str, ...] = ()


def look(path: Path, registry: Registry, *, given: Path | None = None, zone: str = "", label: str = "") -> Look:
    """Look at a file: by the map that is given or that it has, else by one that is proposed.

    zone, label: what a person says of the times. Errors: MapError for a map that cannot be used, Unusable for what is no table,
    wrong use for a zone or a label that is none, whether the file needs it or not.
    """
    if zone:
        _require_zone(zone)
    if label and label not in clock.LABELS:
        raise wrong("--label", "usage_one_of", value=repr(label), expected=", ".join(clock.LABELS))
    if given:
        return _shown(path, feed.named(read_map(given), given), map_text(given), "map_given", registry)
    native = sources.feed_of(path)
    if native and native.NAME != feed.NAME:
        return Look(say("map_not_needed", file=shown(path), layout=native.NAME), "", None)
    if (place := feed.beside(path)) is not None:
        return _shown(
            path,
            feed.named(read_map(place, by_link=False), place),
            map_text(place, by_link=False),
            "map_beside",
            registry,
            place.name,
        )
    if spec := feed.shipped_for(feed.first_bytes(path)):
        text = (feed.SHIPPED / f"{spec.name}.toml").read_text(encoding="utf-8")
        return _shown(path, spec, text, "map_shipped", registry, spec.title)
    return _proposed(path, registry, zone, label)


def write(toml: str, target: Path, file: Path) -> None:
    """Write a map where no file is. One that lies beside its file is for it: the file is touched, so that it is read anew.

    Errors: MapAlreadyThere; OSError where it cannot be written.
    """
    try:
        with target.open("x", encoding="utf-8") as opened:
            opened.write(toml)
    except FileExistsError:
        raise MapAlreadyThere(say("map_exists", path=printable(str(target)))) from None
    if target.resolve() == file.with_name(file.name + feed.SUFFIX).resolve():
        with contextlib.suppress(OSError):  # of a file that may only be read
            file.touch()


class MapAlreadyThere(AirshedError, ValueError):
    """There is a file already where a map is to be written."""


def toml_of(found: Proposal, city: str = "") -> str:
    """Write a proposal as a map; what a person must say stands as lines to choose from. city: the name of the stations' city."""
    lines = [
        f"# {say('map_head')}",
        *_numbers(found),
        "",
        *_file(found),
        *_time(found),
        "",
        *_station(found, city),
        "",
        *_items(found),
    ]
    return "\n".join(lines) + "\n"


def open_questions(toml: str) -> tuple[str, ...]:
    """Give what a proposed map still asks."""
    begin = f"# {say('map_choose')} "
    return tuple(line.removeprefix(begin) for line in toml.splitlines() if line.startswith(begin))


def _proposed(path: Path, registry: Registry, zone: str, label: str) -> Look:
    found = propose(path)
    found.zone, found.label = zone or found.zone, label or found.label
    toml = toml_of(found, _city(path, found, registry))
    questions = open_questions(toml)
    if not questions:
        return _shown(path, map_of(toml, f"{path.name}{feed.SUFFIX}"), toml, "map_proposed", registry)
    return Look(say("map_proposed_open", file=shown(path)), toml, _raw_table(found), questions)


def _require_zone(zone: str) -> None:
    try:
        clock.zone_of(zone)
    except clock.ClockError as error:
        raise wrong("--zone", "map_no_zone", value=repr(zone)) from error


def _city(path: Path, found: Proposal, registry: Registry) -> str:
    """Give the name of the city of a table by names of stations, nothing where it is open or none of ours."""
    if not found.by_name:
        return ""
    named = city_of_file(path.stem, registry)
    code = named.code or (None if named.elsewhere else city_of_names(found.stations, registry))
    return registry.cities[code].name_zh if code else ""


def _shown(path: Path, spec: ColumnMap, toml: str, key: str, registry: Registry, name: str = "") -> Look:
    seen = preview(path, spec, registry, count=ROWS_SHOWN)
    items = [item for item in ITEMS if any(item in row.values for row in seen.rows)]
    units = [f"{POLLUTANTS[item].symbol} {POLLUTANTS[item].unit}" for item in items]
    table = _table(say("map_title", file=shown(path)), [*say("map_columns").split("|"), *units])
    for row in seen.rows:
        values = [_value(row.values.get(item, math.nan)) for item in items]
        table.add_row(
            *map(_cell, (row.position, row.station, row.code or say("map_no_code"), _moment(row.hour), *values))
        )
    noted = [map(printable_text, each) for each in seen.rejected]
    notes = tuple(say("map_not_read", where=where, reason=reason, value=value) for where, reason, value, _ in noted)
    return Look(say(key, file=shown(path), name=name), toml, table, notes)


def _raw_table(found: Proposal) -> Table:
    names = [*found.times.values(), *([found.station] if found.station else []), *found.long.values()]
    names += [column for column, _ in found.items.values()]
    wanted = list(dict.fromkeys(names)) or found.sample.names[:8]
    places = [found.sample.names.index(name) for name in wanted]
    table = _table(say("map_raw_title"), wanted)
    for row in found.sample.rows[:ROWS_SHOWN]:
        table.add_row(*(_cell(row[at] if at < len(row) else "") for at in places))
    return table


def _table(title: str, columns: Sequence[str]) -> Table:
    table = Table(title=_cell(title))
    for column in columns:
        table.add_column(_cell(column))
    return table


def _cell(text: str) -> Text:
    """Give a text as it is: nothing in a file is markup or moves the cursor."""
    plain = printable_text(text)
    return Text(plain if len(plain) <= _LONGEST_CELL else plain[: _LONGEST_CELL - 1] + "…")


def _value(value: float) -> str:
    return "NA" if math.isnan(value) else f"{value:.6g}"


def _moment(hour: int) -> str:
    return (
        (dt.datetime(1970, 1, 1, tzinfo=dt.UTC) + dt.timedelta(hours=hour))
        .astimezone(SHANGHAI)
        .strftime("%Y-%m-%d %H:%M")
    )


def _quoted(text: str) -> str:
    """Write a text as TOML does, with what does not print by its number."""
    plain = text.encode("utf-8", "replace").decode()
    return "".join(
        sign if sign.isprintable() else f"\\U{ord(sign):08X}" for sign in json.dumps(plain, ensure_ascii=False)
    )


def _ask(key: str, *choices: str, **values: object) -> list[str]:
    return [f"# {say('map_choose')} {say(key, **values)}", *(f"# {choice}" for choice in choices)]


def _numbers(found: Proposal) -> list[str]:
    marks = [f"missing = [{', '.join(map(_quoted, found.missing))}]"] if found.missing else []
    return marks + (
        [f"sentinels = [{', '.join(f'{value:g}' for value in found.sentinels)}]"] if found.sentinels else []
    )


def _file(found: Proposal) -> list[str]:
    sample = found.sample
    said = [f'format = "{sample.format}"'] if sample.format != "csv" else []
    said += [f"delimiter = {_quoted(sample.delimiter)}"] if sample.delimiter != "," else []
    said += [f'decimal = "{found.decimal}"'] if found.decimal != "." else []
    said += [f"header = {sample.header}"] if sample.header != 1 and sample.format != "jsonl" else []
    said += [f"sheet = {_quoted(sample.sheet)}"] if sample.sheet else []
    return ["[file]", *said, ""] if said else []


def _time(found: Proposal) -> list[str]:
    lines = ["[time]", *(f"{key} = {_quoted(name)}" for key, name in found.times.items())]
    if not found.times:
        lines += _ask("map_ask_time", 'column = ""')
    if "column" in found.times and not found.form:
        lines += _ask("map_ask_form", *(f"format = {_quoted(form)}" for form in found.forms))
    elif found.form != "auto":
        lines += [f"format = {_quoted(found.form)}"]
    lines += (
        [f"zone = {_quoted(found.zone)}"] if found.zone else _ask("map_ask_zone", 'zone = "+08:00"', 'zone = "UTC"')
    )
    if found.label:
        return [*lines, f"label = {_quoted(found.label)}"]
    choices = [f'label = "{label}"  # {say(f"map_label_{label}")}' for label in ("end", "start", "middle")]
    return lines + _ask("map_ask_label", *choices)


def _station(found: Proposal, city: str) -> list[str]:
    if not found.station:
        return ["[station]", *_ask("map_ask_station", 'code = "1431A"', 'column = ""')]
    lines = ["[station]", f"column = {_quoted(found.station)}"]
    if not found.by_name:
        return lines
    if city:
        return [*lines, f"city = {_quoted(city)}"]
    names = [f'{_quoted(name)} = ""' for name in found.stations]
    return [*lines, *_ask("map_ask_names", 'city = "成都"', "[station.codes]", *names)]


def _items(found: Proposal) -> list[str]:
    if found.long:
        lines = ["[long]", *(f"{key} = {_quoted(name)}" for key, name in found.long.items())]
        if "unit_column" not in found.long:
            lines += _ask("map_ask_units", 'units = { pm25 = "ug/m3" }')
        lines += [
            "",
            "[long.items]",
            *(f"{_quoted(said)} = {_quoted(item)}" for said, item in found.long_items.items()),
        ]
        return lines if found.long_items else lines + _ask("map_ask_items", '"PM2.5" = "pm25"')
    lines = ["[items]"]
    for item, (column, unit) in found.items.items():
        line = f"{item} = {{ column = {_quoted(column)}, unit = {_quoted(unit or 'ug/m3')} }}"
        lines += (
            [line] if unit else _ask("map_ask_unit", line, item=POLLUTANTS[item].symbol, column=printable_text(column))
        )
    return lines if found.items else lines + _ask("map_ask_items", 'pm25 = { column = "", unit = "ug/m3" }')


__all__ = ["Look", "MapAlreadyThere", "MapError", "Unusable", "look", "open_questions", "toml_of", "write"]
