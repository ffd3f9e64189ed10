"""From the store to rows: what is attributed, by what, and that nothing of later is in it."""

from __future__ import annotations

import os
import time

import numpy as np
import pytest
import sqlalchemy as sa

from ml.attributing.corrections import STEP_DAYS, Learned, Shelf, edge_of, learn_at
from ml.attributing.region import Region
from ml.attributing.spans import attributed
from streams.contributors import OUTSIDE, SECTORS
from streams.store import begin_write, bulk, open_dataset, open_store
from streams.store.attribution import as_rows, contributions_of, packed, unpacked
from streams.store.schema import attribution
from tests.ml.attributing.made import hour_of, keep_observed, keep_tags
from tests.ml.attribution.made import CITIES, FIRST_HOUR, made_tags, seen_as_told

REGION = Region(CITIES)
DAYS = 21
"""A period of corrections begins with the twentieth of them."""
HOURS = range(FIRST_HOUR, FIRST_HOUR + 24 * DAYS)
KEYS = ("city", "hour_end", "quantity", "span")


@pytest.fixture
def store(tmp_path):
    engine = open_store(f"sqlite:///{tmp_path}/store.sqlite")
    yield engine
    engine.dispose()


@pytest.fixture(scope="module")
def tags():
    return made_tags(days=DAYS)


@pytest.fixture(scope="module")
def seen(tags):
    told = seen_as_told(tags, factor={"pm25": 1.3})
    of_day = np.arange(told.hours) % 24 + 1
    told.items[3] *= np.where((of_day >= 13) & (of_day <= 20), 1.2, 0.7)  # ozone has its afternoons
    return told


def rows_of(store, shelf, hours=HOURS, newest=HOURS[-1], region=REGION):
    parts = list(attributed(store, region, shelf, hours, newest))
    return [row for rows, _ in parts for row in rows], [each for _, rejects in parts for each in rejects]


def keep(store, rows, version=1):
    with begin_write(store) as connection:
        bulk.write(connection, [as_rows(rows, version)])


def by_key(rows):
    return {tuple(row[name] for name in KEYS): row for row in rows}


def test_every_observed_hour_and_day_has_a_row_that_adds_up_to_what_was_observed(store, tags, seen, tmp_path):
    keep_tags(store, tags)
    keep_observed(store, seen)
    rows, rejects = rows_of(store, Shelf(tmp_path))
    assert not rejects
    found = by_key(rows)
    assert len(found) == len(rows)
    spans = {(row["span"], row["quantity"]): 0 for row in rows}
    for row in rows:
        spans[row["span"], row["quantity"]] += 1
    afternoons, days = 8 * DAYS * len(CITIES), DAYS * len(CITIES)
    assert spans == {
        ("hour", "pm25"): len(HOURS) * len(CITIES), ("hour", "o3"): afternoons, ("hour", "ox"): afternoons,
        ("day", "pm25"): days, ("mda8", "o3"): days, ("mda8", "ox"): days,
    }  # fmt: skip
    for row in rows:
        parts = contributions_of(row)
        assert parts.total == pytest.approx(row["total"], abs=0.0011)
        assert row["tier"] == "raw tags" and row["observed"]
        if row["quantity"] == "pm25":
            assert (parts.values >= 0).all() and parts.outside >= 0
    hour = found[CITIES[0], HOURS[30], "pm25", "hour"]
    assert hour["total"] == pytest.approx(seen.items[5, 0, 30], abs=0.001)
    assert hour["models"].startswith(
        "M0/2015-01-01T16Z"
    )  # the newest run that tells of the hour: 12 h leads, from -8 h
    day = found[CITIES[1], FIRST_HOUR + 47, "pm25", "day"]
    assert day["first_hour"] == FIRST_HOUR + 24 and day["total"] == pytest.approx(
        seen.items[5, 1, 24:48].mean(), abs=0.001
    )
    assert "PM₂.₅" in day["summary_zh"] and "allocation" in day["summary_en"] and hour["summary_zh"] is None


def test_packed_numbers_come_back_within_a_thousandth_and_their_sum_is_the_rounded_sum():
    rng = np.random.default_rng(3)
    values = rng.normal(3, 5, 9 * 3 + 1)
    half = {"sector": rng.uniform(0, 40, 10), "place": rng.uniform(0, 40, 4), "group": rng.uniform(0, 40, 6)}
    found = unpacked(packed(values, half), CITIES)
    np.testing.assert_allclose(found.values.ravel(), values[:-1], atol=0.00101)
    assert found.total == pytest.approx(round(values.sum(), 3), abs=1e-9)
    for kind, given in half.items():
        np.testing.assert_allclose(found.half_width[kind], given, atol=0.051)
        assert found.by(kind).sum() == pytest.approx(found.total, abs=1e-9)
    with pytest.raises(ValueError, match="cities"):
        unpacked(packed(values, half), CITIES[:2])


def test_what_comes_later_changes_nothing_of_earlier_answers(tmp_path, tags, seen):
    """Runs, observations and corrections of later: an hour's row is the same with them and without."""
    cut = FIRST_HOUR + 24 * 20
    assert edge_of(cut) <= cut - 24  # a period begins before, so that a correction is in it
    found = []
    for name, until in (("whole", None), ("cut", cut)):
        store = open_store(f"sqlite:///{tmp_path}/{name}.sqlite")
        keep_tags(store, tags if until is None else tags.between(FIRST_HOUR, until - 1))
        keep_observed(store, seen, until=until)
        shelf = Shelf(tmp_path / name)
        for edge in {edge_of(hour) for hour in HOURS if until is None or hour < until}:
            shelf.keep(edge, learn_at(store, Region(CITIES), edge))
        rows, _ = rows_of(store, shelf, range(FIRST_HOUR, until or HOURS[-1] + 1), (until or HOURS[-1] + 1) - 1)
        found.append(by_key(rows))
        store.dispose()
    whole, early = found
    assert {row["tier"] for row in early.values()} == {"raw tags", "corrected tags"}
    assert len(early) > 1000 and all(whole[key] == row for key, row in early.items())


def test_a_correction_is_of_days_that_are_over_and_says_so(store, tmp_path, tags, seen):
    keep_tags(store, tags)
    keep_observed(store, seen)
    edge = max(edge for edge in map(edge_of, HOURS))
    learned = learn_at(store, Region(CITIES), edge)
    assert isinstance(learned, Learned) and FIRST_HOUR <= learned.first < learned.last == edge - 1
    shelf = Shelf(tmp_path)
    shelf.keep(edge, learned)
    rows, _ = rows_of(store, shelf)
    corrected = [row for row in rows if row["tier"] == "corrected tags"]
    assert corrected and all(row["first_hour"] >= edge and row["learned_to"] == edge - 1 for row in corrected)
    assert all(row["learned_to"] is None for row in rows if row["tier"] == "raw tags")
    kept = Shelf(tmp_path).get(edge)  # from the disk
    np.testing.assert_allclose(kept.correction.factors.fine, learned.correction.factors.fine, rtol=1e-6, atol=1e-7)
    assert kept.correction.misfit.names == learned.correction.misfit.names != ()
    np.testing.assert_array_equal(kept.correction.misfit.values, learned.correction.misfit.values)


def test_nothing_to_learn_from_is_kept_too_and_a_damaged_file_is_none(tmp_path):
    shelf, edge = Shelf(tmp_path), edge_of(FIRST_HOUR)
    assert shelf.due(edge)
    shelf.keep(edge, None)
    assert not shelf.due(edge) and shelf.get(edge) is None and shelf.newest(edge) is None
    shelf.path(edge + 24 * STEP_DAYS).write_bytes(b"PK no archive")
    assert shelf.get(edge + 24 * STEP_DAYS) is None


@pytest.mark.parametrize(("days", "due"), [(0.5, False), (-2, True), (400, True)])
def test_what_was_looked_at_in_vain_is_looked_at_again_also_when_the_clock_was_set_back(tmp_path, days, due):
    shelf, edge = Shelf(tmp_path), edge_of(FIRST_HOUR)
    shelf.keep(edge, None)
    then = time.time() + days * 86_400
    os.utime(shelf.path(edge), (then, then))
    assert shelf.due(edge) is due


def test_rows_that_are_stored_already_are_not_written_again(store, tmp_path, tags, seen):
    keep_tags(store, tags.between(FIRST_HOUR, FIRST_HOUR + 71))
    keep_observed(store, seen, until=FIRST_HOUR + 72)
    hours = range(FIRST_HOUR, FIRST_HOUR + 72)
    rows, _ = rows_of(store, Shelf(tmp_path), hours, hours[-1])
    keep(store, rows)
    assert rows_of(store, Shelf(tmp_path), hours, hours[-1]) == ([], [])
    revised = np.array(seen.items)
    revised[5, 0, 50] *= 1.1
    keep_observed(store, type(seen)(first_hour=seen.first_hour, items=revised), until=FIRST_HOUR + 72, version=2)
    again, _ = rows_of(store, Shelf(tmp_path), hours, hours[-1])
    # A revision of PM2.5 changes its hour and its day, and nothing else.
    assert set(by_key(again)) == {
        (CITIES[0], FIRST_HOUR + 50, "pm25", "hour"), (CITIES[0], FIRST_HOUR + 71, "pm25", "day")
    }  # fmt: skip


def test_a_city_whose_tags_are_damaged_costs_itself_alone_and_is_a_reject(store, tmp_path, tags, seen):
    keep_tags(store, tags.between(FIRST_HOUR, FIRST_HOUR + 47))
    keep_observed(store, seen, until=FIRST_HOUR + 48)
    hours = range(FIRST_HOUR, FIRST_HOUR + 48)
    sound, _ = rows_of(store, Shelf(tmp_path), hours, hours[-1])
    with begin_write(store) as connection:
        connection.exec_driver_sql("UPDATE tag_hour SET packed = 'AAAA' WHERE place = ?", (CITIES[1],))
    rows, rejects = rows_of(store, Shelf(tmp_path), hours, hours[-1])
    (reject,) = rejects
    assert CITIES[1] in reject.position and reject.reason == "attribution failed"
    assert {row["city"] for row in rows if row["packed"]} == {CITIES[0], CITIES[2]}
    expected = {key: row for key, row in by_key(sound).items() if key[0] != CITIES[1]}
    assert {key: row for key, row in by_key(rows).items() if key[0] != CITIES[1]} == expected


def test_without_tags_inventory_and_weather_there_is_no_attribution_and_its_reason(store, tmp_path, seen):
    keep_observed(store, seen, until=FIRST_HOUR + 24)
    rows, _ = rows_of(store, Shelf(tmp_path), range(FIRST_HOUR, FIRST_HOUR + 24), FIRST_HOUR + 23)
    assert {(row["tier"], row["confidence"], row["packed"]) for row in rows} == {("none", "none", None)}
    assert all("no tags" in row["reasons"] and row["total"] > 0 for row in rows)
    assert {row["span"] for row in rows} == {"hour"}


def test_the_dataset_has_contributions_with_intervals_over_sectors_places_and_groups(store, tmp_path, tags, seen):
    keep_tags(store, tags.between(FIRST_HOUR, FIRST_HOUR + 47))
    keep_observed(store, seen, until=FIRST_HOUR + 48)
    hours = range(FIRST_HOUR, FIRST_HOUR + 48)
    rows, _ = rows_of(store, Shelf(tmp_path), hours, hours[-1])
    keep(store, rows)
    data = open_dataset(store, "attribution", start=hour_of(HOURS[10]), cities=[CITIES[0], CITIES[1]])
    assert list(data["contributing_sector"].values) == [*SECTORS, OUTSIDE]
    assert list(data["origin"].values) == [*CITIES, OUTSIDE]
    some = data.sel(city=CITIES[1], hour_end=np.datetime64(hour_of(HOURS[20]), "ns"), quantity="pm25", span="hour")
    row = by_key(rows)[CITIES[1], HOURS[20], "pm25", "hour"]
    parts = contributions_of(row)
    np.testing.assert_allclose(some["contribution_by_sector"].values, parts.by("sector"), rtol=1e-6)
    np.testing.assert_allclose(
        some["contribution"].sel(contributing_sector="coal").values[:3], parts.values[SECTORS.index("coal")], rtol=1e-6
    )
    low, high = (some[f"contribution_by_place_{end}"].values for end in ("low", "high"))
    assert (low <= some["contribution_by_place"].values).all() and (some["contribution_by_place"].values <= high).all()
    assert float(some["contribution"].sum()) == pytest.approx(row["total"], abs=0.002)
    assert str(some["tier"].values) == "raw tags" and str(some["models"].values).startswith("M0/")
    assert data["contribution"].attrs["units"] == "ug m-3" and data.attrs["simulated"] == 1
    with store.connect() as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(attribution)) == len(rows)


def test_a_city_that_no_model_knows_is_without_attribution_and_the_others_are_as_without_it(
    store, tmp_path, tags, seen
):
    keep_tags(store, tags.between(FIRST_HOUR, FIRST_HOUR + 23))
    keep_observed(store, seen, until=FIRST_HOUR + 24)
    keep_observed(store, seen, cities=("512000",), until=FIRST_HOUR + 24)
    hours = range(FIRST_HOUR, FIRST_HOUR + 24)
    expected, _ = rows_of(store, Shelf(tmp_path), hours, hours[-1])
    found, rejects = rows_of(store, Shelf(tmp_path), hours, hours[-1], Region((*CITIES, "512000")))
    assert not rejects
    assert {(row["tier"], row["city"]) for row in found} == {*(("raw tags", c) for c in CITIES), ("none", "512000")}
    for key, row in by_key(expected).items():
        parts = contributions_of(by_key(found)[key])
        np.testing.assert_allclose(parts.by("sector"), contributions_of(row).by("sector"), atol=0.002)
        assert (parts.values[:, -1] == 0).all()
