"""Tagged contributions in the store: both databases, the dataset, one place as one knew it, and thinning."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import numpy as np
import pytest
import sqlalchemy as sa

from streams.contributors import ALL, OUTSIDE, TAG_QUANTITIES
from streams.records import TagBlock
from streams.store import StoreError, open_dataset
from streams.store.lines import EPOCH
from streams.store.schema import tag_hour
from streams.store.tag_retention import settings_of, thin_tags
from streams.store.tags import models_of, read_tags, summed
from tests.streams import replaying as r
from tests.streams.desks.test_tag_desk import CITY, CONTRIBUTORS, INIT, POINTS, tags
from tests.streams.store.test_voc_store import keep

HALF = 2**-10
"""Two roundings to half precision."""


def moment(hour: int) -> dt.datetime:
    return EPOCH + dt.timedelta(hours=hour)


def run(n: int, *, hours: int = 60, **fields: object) -> TagBlock:
    """Make the n-th run, twelve hours after the one before, with all its leads."""
    start = {"run_init": INIT + 12 * n, "first_hour": INIT + 12 * n + 1, "released_at": 1000.0 + n}
    return tags(n, hours=hours, **(start | fields))


def statements_of(store: sa.Engine, ask: Callable[[], object]) -> list[tuple[str, object]]:
    """Give the statements that read or remove rows, with their values, as they are made while something is asked."""
    made: list[tuple[str, object]] = []
    sa.event.listen(store, "before_cursor_execute", lambda c, cursor, text, values, *_: made.append((text, values)))
    ask()
    return [(text, values) for text, values in made if text.lstrip().upper().startswith(("SELECT", "DELETE"))]


def test_both_databases_hold_what_the_desk_gave(store, tmp_path):
    expected = keep(store, tmp_path, run(0, hours=168), run(1), run(0, hours=12, released_at=5000.0)).rows()
    with store.connect() as connection:
        rows = [dict(each) for each in connection.execute(sa.select(tag_hour)).mappings()]
    found = {(each["place"], f"{each['hour_end']}.000000", each["run"], each["axes"]): each for each in rows}
    assert found.keys() == expected["tag_hour"].keys() and len(found) == (168 + 60) * 5
    for key, given in expected["tag_hour"].items():
        told = {name: found[key][name] for name in given}
        for name in ("hour_end", "released_at", "received_at"):
            told[name] = f"{told[name]}.000000"
        assert told == given, key


def test_the_dataset_has_a_variable_for_each_quantity_over_runs_and_leads(store, tmp_path):
    blocks = [run(0), run(1)]
    keep(store, tmp_path, *blocks)
    data = open_dataset(store, "tag_hour")
    assert data["pm25"].dims == ("contributor", "place", "run", "lead_hours")
    assert dict(data.sizes) == {"contributor": 3, "place": 5, "run": 2, "lead_hours": 60}
    assert {name: data[name].attrs["units"] for name in ("o3", "pm25")} == {"o3": "ug m-3", "pm25": "ug m-3"}
    assert list(zip(data["sector"].values, data["origin"].values, strict=True)) == list(CONTRIBUTORS)
    assert data["hour_end"].sel(run=blocks[1].run, lead_hours=5).values == np.datetime64(moment(INIT + 17), "ns")
    found = data["pm25"].sel(place=POINTS[1], run=blocks[1].run).values
    np.testing.assert_allclose(found, blocks[1].values[1, :, 1], rtol=HALF)
    city = data["o3"].sel(place=CITY, run=blocks[0].run).values
    np.testing.assert_allclose(city, blocks[0].values[0].mean(axis=1), rtol=HALF)
    assert data.attrs["simulated"] == 1 and set(data["city"].values) == {CITY}


def test_the_dataset_is_restricted_and_refuses_what_it_does_not_know(store, tmp_path):
    keep(store, tmp_path, run(0), run(1))
    some = open_dataset(
        store, "tag_hour", start=moment(INIT + 13), end=moment(INIT + 20), stations=[CITY], runs=[run(0).run]
    )
    assert dict(some.sizes) == {"contributor": 3, "place": 1, "run": 1, "lead_hours": 8}
    for wanted in (
        {"stations": ["no"]},
        {"cities": ["110000"]},
        {"runs": ["TWIN-A/1999-01-01T00Z"]},
        {"runs": ["x"]},
        {"runs": "x"},
    ):
        with pytest.raises(StoreError):
            open_dataset(store, "tag_hour", **wanted)


def test_a_place_is_read_as_one_knew_it_at_a_moment(store, tmp_path):
    blocks = [run(n) for n in range(4)]
    keep(store, tmp_path, *blocks, run(2, model="TWIN-B"))
    first, end = INIT + 13, INIT + 50
    found = read_tags(store, CITY, first, end, model="TWIN-A", at=INIT + 30)
    # At that moment the runs of 0, 12 and 24 h had started: each hour is of the newest of them that tells of it.
    expected = [INIT + 24 if hour > INIT + 24 else INIT + 12 for hour in range(first, end)]
    assert found.run_init.tolist() == expected and found.hours.tolist() == list(range(first, end))
    for i, (hour, start) in enumerate(zip(found.hours.tolist(), expected, strict=True)):
        block = blocks[(start - INIT) // 12]
        mean = block.values[..., hour - block.first_hour].mean(axis=2)
        np.testing.assert_allclose(found.values[:, :, i], mean, rtol=HALF)
    assert found.quantities == ("o3", "pm25") and found.contributors == CONTRIBUTORS and set(found.points) == {4}
    later = read_tags(store, CITY, first, end, model="TWIN-A")
    assert later.run_init.tolist()[-1] == INIT + 36 and not np.array_equal(later.values, found.values)


def test_nothing_of_a_later_run_is_seen_whatever_the_moment(store, tmp_path):
    keep(store, tmp_path, *[run(n) for n in range(5)])
    for at in range(INIT - 1, INIT + 60, 7):
        found = read_tags(store, POINTS[0], INIT, INIT + 100, model="TWIN-A", at=at)
        assert found.run_init.max() <= at
        assert np.array_equal(
            found.run_init == -1, np.isnan(found.values).all(axis=(0, 1)) if found.values.size else found.run_init == -1
        )


def test_files_of_other_quantities_are_laid_over_each_other_by_their_release(store, tmp_path):
    both, ozone = run(0, released_at=100.0), run(0, released_at=200.0, quantities=("o3",), digest="ab" * 32)
    keep(store, tmp_path, ozone, both)
    found = read_tags(store, POINTS[0], both.first_hour, both.first_hour + 60, model="TWIN-A")
    np.testing.assert_allclose(found.values[0], ozone.values[0, :, 0], rtol=HALF)
    np.testing.assert_allclose(found.values[1], both.values[1, :, 0], rtol=HALF)
    alone = read_tags(
        store,
        POINTS[0],
        both.first_hour,
        both.first_hour + 2,
        model="TWIN-A",
        quantities=["pm25"],
        contributors=[CONTRIBUTORS[1]],
    )
    assert alone.values.shape == (1, 1, 2) and alone.contributors == (CONTRIBUTORS[1],)


def test_models_of_a_place_are_named_and_an_unknown_one_has_nothing(store, tmp_path):
    keep(store, tmp_path, run(0), run(0, model="TWIN-B", hours=3))
    with store.connect() as connection:
        assert models_of(connection, CITY, INIT, INIT + 90) == ["TWIN-A", "TWIN-B"]
        assert models_of(connection, CITY, INIT + 30, INIT + 90) == ["TWIN-A"]
    none = read_tags(store, CITY, INIT, INIT + 5, model="TWIN")
    assert none.quantities == () and (none.run_init == -1).all()


def test_sums_by_sector_and_by_place_take_what_the_file_says():
    contributors = (("coal", "510100"), ("coal", "510600"), ("dust", ALL), (ALL, OUTSIDE))
    values = np.array([[1.0], [2.0], [4.0], [8.0]])
    by_sector = summed(values, contributors, "sector")
    assert {name: float(each[0]) for name, each in by_sector.items()} == {"coal": 3.0, "dust": 4.0, OUTSIDE: 8.0}
    by_place = summed(values, contributors, "place")
    assert {name: float(each[0]) for name, each in by_place.items()} == {"510100": 1.0, "510600": 2.0, OUTSIDE: 8.0}


def test_long_leads_of_old_hours_go_and_nothing_else_does(store, tmp_path):
    keep(store, tmp_path, run(0), run(70))  # the second starts 35 days after the first
    now = moment(INIT + 24 * 36)

    def leads(name: str) -> set[int]:
        with store.connect() as connection:
            return set(connection.scalars(sa.select(tag_hour.c.lead_hours).where(tag_hour.c.run == name)))

    assert thin_tags(store, now, days=0) == 0 and max(leads(run(0).run)) == 60
    assert thin_tags(store, now) == 36 * 5
    assert leads(run(0).run) == set(range(1, 25)) and leads(run(70).run) == set(range(1, 61))
    assert thin_tags(store, now) == 0
    assert thin_tags(store, now + dt.timedelta(days=40), lead_hours=48) == 12 * 5
    assert leads(run(70).run) == set(range(1, 49))


def test_thinning_looks_at_no_row_that_stays(store, tmp_path):
    keep(store, tmp_path, run(0))
    if store.dialect.name != "sqlite":
        return
    asked = statements_of(store, lambda: thin_tags(store, moment(INIT + 24 * 90)))
    with store.connect() as connection:
        for text, values in asked:
            plan = str(connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}", values).all())
            assert "ix_tag_hour_long_leads" in plan, text
    assert {text.split()[0] for text, _ in asked} == {"SELECT", "DELETE"}


def test_settings_of_thinning_that_are_no_numbers_are_told_and_not_obeyed(caplog):
    assert settings_of({}) == (30, 24) and settings_of({"AIRSHED_TAG_DAYS": "0", "AIRSHED_TAG_LEAD": "72"}) == (0, 72)
    assert not caplog.records
    for wrong in ({"AIRSHED_TAG_DAYS": "-1"}, {"AIRSHED_TAG_LEAD": "12"}, {"AIRSHED_TAG_DAYS": "a month"}):
        assert settings_of(wrong) == (30, 24)
        assert next(iter(wrong)) in caplog.records.pop().getMessage()


def test_questions_go_by_the_key_whatever_lies_in_other_years(store, tmp_path):
    keep(store, tmp_path, *[run(n) for n in range(3)])
    if store.dialect.name != "sqlite":
        return

    def ask() -> None:
        read_tags(store, CITY, INIT, INIT + 40, model="TWIN-A", at=INIT + 30)
        open_dataset(store, "tag_hour", start=moment(INIT), end=moment(INIT + 9))

    statements = statements_of(store, ask)
    with store.connect() as connection:
        for text, values in statements:
            plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}", values).all()
            assert not [step for *_, step in plan if step.startswith("SCAN") and "CONSTANT" not in step], text
    assert len(statements) > 4


def test_every_quantity_has_a_unit_in_the_dataset(store, tmp_path):
    keep(store, tmp_path, tags(1, hours=2, quantities=tuple(TAG_QUANTITIES), first_hour=r.FIRST))
    data = open_dataset(store, "tag_hour")
    assert {name: data[name].attrs["units"] for name in TAG_QUANTITIES} == TAG_QUANTITIES
