"""From a file of composition to its topic and through the desks: a paced replay gives the rows of the whole file."""

from __future__ import annotations

from pathlib import Path

from streams.ingest import ingest_path
from streams.records import CompositionBlock
from streams.registry import load
from streams.wire import messages
from streams.wire.topics import open_topic
from tests.streams import replaying as r

LINES = (
    "station,hour_end,averaging_h,NO3-(μg/m³),oc_ugm3,Pb(ng/m3)",
    *(f"1431A,2023-01-20T{8 + h:02d}:00+08:00,1,{h}.5,7,<{h + 1}" for h in range(3)),
    "1431A,2023-01-20T10:00+08:00,24,9,8,40",
)


def _file(folder: Path) -> Path:
    path = folder / "composition.csv"
    path.write_text("\n".join(LINES) + "\n")
    return path


def _published(topics) -> list[CompositionBlock]:
    topic = open_topic(topics / "obs.composition_hour")
    return [messages.block_from(line) for segment in topic.segments() for line in topic.read(segment)]


def test_a_file_is_published_once_in_its_own_topic(tmp_path):
    topics, file = tmp_path / "topics", _file(tmp_path)
    first, again = (ingest_path(file, topics, load()) for _ in range(2))
    assert (first.files, first.rows, first.rejected, first.blocks) == (1, 12, 0, 6) and again.files == 0
    assert sorted((block.kind, block.averaging_h, block.hours) for block in _published(topics)) == [
        ("carbon", 1, 3), ("carbon", 24, 1), ("element", 1, 3), ("element", 24, 1), ("ion", 1, 3), ("ion", 24, 1),
    ]  # fmt: skip
    assert not open_topic(topics / "obs.voc_hour").segments()


def test_a_paced_replay_gives_the_rows_of_the_whole_file(tmp_path):
    whole, paced = r.Desks(), r.Desks()
    ingest_path(_file(tmp_path), tmp_path / "at once", load())
    ingest_path(_file(tmp_path), tmp_path / "hourly", load(), speed=1e9)
    hourly = _published(tmp_path / "hourly")
    assert [block.hours for block in hourly] == [1] * 12
    for block in _published(tmp_path / "at once"):
        whole.take(block)
    for block in hourly:
        paced.take(block)
    found, expected = (desks.rows()["composition_station_hour"] for desks in (paced, whole))
    assert found == expected and len(found) == 12
    lead = {key[1:3]: row["species_ugm3"] for key, row in found.items() if key[3] == "element"}
    assert sorted(lead.values()) == ['{"pb":"<0.001"}', '{"pb":"<0.002"}', '{"pb":"<0.003"}', '{"pb":0.04}']
