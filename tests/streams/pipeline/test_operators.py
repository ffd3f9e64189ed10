"""The operators of the job without the engine: what they do with a line that nobody can use."""

from __future__ import annotations

import numpy as np
import pytest
from pyflink.common import Row

from streams.desks import citydesk, regiondesk
from streams.pipeline import job
from streams.pipeline.places import parted, placed
from streams.records import RegionUpdate, ScorerNotice
from streams.store.lines import effect_of
from streams.wire import messages
from streams.wire.seals import Damage, bare
from tests.streams import replaying as r


class _Value:
    def __init__(self) -> None:
        self.kept = None

    def value(self):
        return self.kept

    def update(self, kept) -> None:
        self.kept = kept


def _operator(operator):
    operator.book, operator.pieces = _Value(), r.Pieces()
    operator.scorers = None
    return operator


def _lines(operator, key: str, line: str) -> list[str]:
    found = operator.process_element(Row(key, line.encode()), None)
    parts = [part for each in found if isinstance(each, str) for part in each.split("\n")]
    assert all(bare(part) != part for part in parts)  # each is sealed as it will lie on the disk
    return [bare(part) for part in parts]


def _update(first: int = r.FIRST) -> str:
    series = np.full(60, 400.0)
    return regiondesk.update_line(RegionUpdate("510100", first, series, series, np.zeros(60, bool)))


@pytest.mark.parametrize("line", ["not json", "{}", '{"city":"510100"}'])
def test_an_update_that_cannot_be_read_is_named_and_the_next_one_is_taken(line) -> None:
    operator = _operator(job.RegionOperator())
    (reject,) = _lines(operator, job.REGION_KEY, line)
    assert effect_of(reject).rejects[0]["source"] == "engine"
    assert operator.book.kept is None
    assert effect_of(_lines(operator, job.REGION_KEY, _update())[0]).rows.table == "episode_event"


def test_an_update_that_fails_half_way_leaves_no_trace(monkeypatch) -> None:
    operator = _operator(job.RegionOperator())
    _lines(operator, job.REGION_KEY, _update())
    kept, pieces = operator.book.kept, dict(operator.pieces)
    with monkeypatch.context() as patch:
        patch.setattr(regiondesk, "episodes_of", lambda *_, **__: 1 / 0)
        (reject,) = _lines(operator, job.REGION_KEY, _update(r.FIRST + 300))
    assert "division by zero" in effect_of(reject).rejects[0]["reason"]
    assert operator.book.kept == kept and dict(operator.pieces) == pieces
    assert _lines(operator, job.REGION_KEY, _update(r.FIRST + 300))


def test_a_block_that_the_desk_cannot_take_is_named_and_the_next_one_is_taken(monkeypatch) -> None:
    operator = _operator(job.CityOperator(r.ROSTER))
    first, second = r.blocks_of("510100", r.observations("510100", 48, 1))
    with monkeypatch.context() as patch:
        patch.setattr(citydesk, "assess", lambda *_, **__: 1 / 0)
        (reject,) = _lines(operator, "510100", messages.block_line(first))
    assert effect_of(reject).rejects[0]["source"] == "engine"
    tables = {
        effect_of(line).rows.table
        for line in _lines(operator, "510100", messages.block_line(second))
        if effect_of(line).rows
    }
    assert "air_city_hour" in tables


def test_an_announcement_is_kept_and_gives_no_rows() -> None:
    operator = _operator(job.CityOperator(r.ROSTER))
    assert _lines(operator, "510100", messages.scorer_line(ScorerNotice("bias", "7"))) == []
    assert operator.book.kept["scorers"]["bias"]["version"] == "7"
    (reject,) = _lines(operator, "510100", 'bias\t{"schema":"scorer/1","name":"bias"}')
    assert "scorer/1" in effect_of(reject).rejects[0]["reason"]


PLACE = "obs.station_hour/1700000000000-x.jsonl@77"


def test_the_place_of_a_line_travels_with_it_to_each_city_and_back_off_it() -> None:
    line = messages.block_line(r.blocks_of("510100", r.observations("510100", 48, 1))[0])
    assert parted(placed(line, PLACE)) == (line, PLACE)
    assert parted(line) == (line, "")
    for row in job.Route(("510100", "510600")).flat_map(placed(line, PLACE)):
        assert parted(bytes(row[1]).decode()) == (line, PLACE)


def test_counts_name_the_line_that_they_are_of_and_rows_do_not() -> None:
    operator = _operator(job.CityOperator(r.ROSTER))
    line = messages.block_line(r.blocks_of("510100", r.observations("510100", 48, 1))[0])
    effects = [effect_of(each) for each in _lines(operator, "510100", placed(line, PLACE))]
    assert {each.position for each in effects if each.counts or each.files} == {PLACE}
    assert {each.position for each in effects if each.rows} == {""}


def test_what_could_not_be_read_goes_to_the_store_as_it_is_and_touches_no_state() -> None:
    operator = _operator(job.CityOperator(r.ROSTER))
    told = messages.rejected_line(
        messages.damage_of(Damage("a.jsonl", 7, 30, "flipped", "its checksum is another one"), "obs"), 1.0
    )
    ((key, routed),) = [(row[0], bytes(row[1]).decode()) for row in job.Route(("510100",)).flat_map(told)]
    assert _lines(operator, key, routed) == [told]
    assert operator.book.kept is None


def test_versions_begin_above_what_a_newer_state_had_stored() -> None:
    line = messages.block_line(r.blocks_of("510100", r.observations("510100", 48, 1))[0])
    least = 10**18
    operator = _operator(job.CityOperator(r.ROSTER, versions=job.Versions(1, least)))
    rows = [effect_of(each).rows for each in _lines(operator, "510100", line)]
    assert operator.book.kept["version"] > least
    assert any(each is not None and each.table == "air_city_hour" for each in rows)
