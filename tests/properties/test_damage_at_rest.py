"""Whatever flips in a segment of results or of the intake, what is stored is as undisturbed, or the place is named."""

from __future__ import annotations

import random

import pytest

from streams.records import Intake
from streams.store import open_store, schema
from streams.store.materialiser import Materialiser
from streams.wire.messages import intake_line
from streams.wire.topics import DirectoryTopic
from tests.streams.store.test_damaged_topics import counts
from tests.streams.store.test_materialiser import HOUR, NOW, rows, station_hours

TABLES = (schema.air_station_hour, schema.source_hour, schema.source_total, schema.source_file)


def _topics(folder) -> list[DirectoryTopic]:
    air, intake = DirectoryTopic(folder / "air"), DirectoryTopic(folder / "intake")
    for n in range(4):
        place = f"obs.station_hour/1700000000000-x.jsonl@{n}"
        air.append([station_hours(1, 2, first=HOUR + 2 * n), *counts(place, accepted=2, hour=HOUR + n)], key=f"{n}")
        told = Intake("cnemc", f"{n}.csv", 1_700_000_000.0, {HOUR + n: 3}, digest=f"{n:064d}")
        intake.append([intake_line(told)], key=f"{n}")
    return [air, intake]


def _stored(folder, name: str) -> tuple[dict, list[dict]]:
    store = open_store(folder / f"{name}.sqlite")
    materialiser = Materialiser(
        store, [DirectoryTopic(folder / "air"), DirectoryTopic(folder / "intake")], clock=lambda: NOW
    )
    while materialiser.step():
        pass
    found = {table.name: rows(store, table) for table in TABLES}, rows(store, schema.rejected)
    store.dispose()
    return found


def _flipped(content: bytes, chance: random.Random) -> bytes:
    place = chance.randrange(len(content))
    return content[:place] + bytes((content[place] ^ 1 << chance.randrange(8),)) + content[place + 1 :]


KINDS = {
    "a bit": _flipped,
    "two bits": lambda content, chance: _flipped(_flipped(content, chance), chance),
    "a cut": lambda content, chance: content[: chance.randrange(len(content) - 1)],
    "a block of zeros": lambda content, chance: content[:60] + bytes(200) + content[260:],
    "a line that is gone": lambda content, chance: content[: content.rstrip(b"\n").rfind(b"\n") + 1],
    "nothing left": lambda content, chance: b"",
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("topic", ["air", "intake"])
def test_what_is_stored_is_as_undisturbed_or_the_place_is_named(tmp_path, kind, topic):
    _topics(tmp_path)
    expected, said = _stored(tmp_path, "undisturbed")
    assert said == [] and len(expected["air_station_hour"]) == 8
    for seed in range(3):
        chance = random.Random(f"{kind} {seed}")
        path = chance.choice(sorted((tmp_path / topic).glob("*.jsonl")))
        content = path.read_bytes()
        path.write_bytes(KINDS[kind](content, chance))
        found, rejects = _stored(tmp_path, f"{seed}")
        path.write_bytes(content)
        assert all(row in expected["air_station_hour"] for row in found["air_station_hour"])
        named = [each for each in rejects if path.name in f"{each['file']} {each['position']}"]
        assert named or found == expected, (seed, rejects)
        assert named == rejects
        # One bit leaves enough of a seal to know it by; two may leave a line that is no message.
        assert kind == "two bits" or {each["source"] for each in named} <= {"damage"}
