"""A short run of the virtual airshed through files and store: the live attribution learns from every feed, and answers what the
same arrays answer without a store."""

from __future__ import annotations

import dataclasses
import subprocess
import sys
import warnings
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import sqlalchemy as sa
import xarray as xr

from ml.attributing.corrections import Shelf, edge_of, learn_at, micro_of, observed_in
from ml.attributing.gather import gather
from ml.attributing.region import region_of
from ml.attributing.spans import attributed
from ml.attribution.attribute import attribute
from ml.attribution.learn import learn
from ml.attribution.observations import FEEDS, Observations, components_of
from ml.attribution.pseudo import COMPONENTS
from ml.attribution.tags import SOURCES
from research.attribution_bench import told
from research.attribution_bench.files_read import Table
from research.attribution_bench.making import ITEM_COLUMNS, _median
from research.virtual_airshed.observe import chromatograph, composition
from research.virtual_airshed.observe.clock import label
from research.virtual_airshed.observe.files import OutFile
from research.virtual_airshed.produce import OUTBOX, REGISTRY, TRUTH, Wanted, produce
from research.virtual_airshed.scenarios import scenario
from research.virtual_airshed.world import shipped_world
from standards.voc.profiles import shares_in_groups
from streams import registry as registries
from streams.contributors import ALL
from streams.ingest import ingest_path
from streams.store import begin_write, open_store
from streams.store.attribution import contributions_of
from streams.store.lines import EPOCH
from streams.store.schema import air_city_hour

ROOT = Path(__file__).parents[2]
DAYS = 6
CHOSEN = scenario("winter_haze", days=DAYS, micro_stations=24, faults=0.0)
FIRST, END = CHOSEN.first_hour, CHOSEN.first_hour + 24 * DAYS
LEARNED = FIRST + 24
"""The runs begin in the morning of the first day, so that the first whole day of tags is the second."""
HOLE = slice(60, 90)
"""Hours of the run in which the stations of a city are silent."""
SITES = ("SIM-S01", "SIM-S02", "SIM-B01")


@pytest.fixture(scope="module")
def run(tmp_path_factory) -> SimpleNamespace:
    """The files of the run, its registry, and a store that took them in by the platform's own parsers and desks."""
    folder, data = tmp_path_factory.mktemp("run"), tmp_path_factory.mktemp("data")
    wanted = Wanted(truth=False, forecasts=False, tags=2, tag_hours=14)
    produce(CHOSEN, shipped_world(), folder, wanted=wanted, progress=lambda *_: None)
    known, url = registries.load(folder / REGISTRY), f"sqlite:///{data}/store.sqlite"
    ingest_path(folder / OUTBOX, data / "topics", known, simulated=True)
    subprocess.run(
        [sys.executable, "-m", "streams.history", "--data", str(data), "--store", url, "--workers", "1", "--registry",
         str(folder / REGISTRY)], cwd=ROOT, check=True, capture_output=True,
    )  # fmt: skip
    engine, region = open_store(url, create=False), region_of(known, END - 1)
    silent = max(set(region.micro.values()), key=list(region.micro.values()).count)
    hours = [EPOCH + pd.Timedelta(hours=FIRST + h).to_pytimedelta() for h in range(HOLE.start, HOLE.stop)]
    with begin_write(engine) as connection:
        here = sa.and_(air_city_hour.c.city == silent, air_city_hour.c.hour_end.in_(hours))
        connection.execute(sa.update(air_city_hour).where(here).values(dict.fromkeys(ITEM_COLUMNS)))
    yield SimpleNamespace(folder=folder, engine=engine, region=region, known=known, silent=silent)
    engine.dispose()


@pytest.fixture(scope="module")
def gathered(run):
    with warnings.catch_warnings():
        warnings.simplefilter("error", RuntimeWarning)
        return gather(run.engine, run.region.cities, FIRST, END, sites=run.region.sites)


@pytest.fixture(scope="module")
def live(run, gathered) -> Observations:
    with warnings.catch_warnings():
        warnings.simplefilter("error", RuntimeWarning)
        return observed_in(gathered, LEARNED, END - 1, micro_of(run.engine, run.region))


@pytest.fixture(scope="module")
def pure(run, gathered) -> Observations:
    """The same observations read from the files by another reader, and put together as the scorecard's worlds are."""
    cities, hours = run.region.cities, END - FIRST
    national = [s.code for s in run.known.stations.values() if s.kind == "national"]
    counts = np.array([[code in run.known.stations_of(c, CHOSEN.start) for code in national] for c in cities])
    items = told.city_means(filled(run, "stations", ITEM_COLUMNS, national), counts)
    items[:, cities.index(run.silent), HOLE] = np.nan
    analysed = filled(run, "composition", [f"{c}_ugm3" for c in composition.COMPONENTS], SITES)
    micro = list(run.region.micro)
    sensors, of = (
        filled(run, "micro", ITEM_COLUMNS, micro),
        np.array([cities.index(run.region.micro[c]) for c in micro]),
    )
    medians = np.stack([_median(sensors[:, of == c]) for c in range(len(cities))], axis=1).astype(float)
    later = slice(LEARNED - FIRST, None)
    tags = gathered.tags.between(LEARNED, END - 1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(told, "known_profiles", lambda: shares_in_groups(SOURCES, chromatograph.NAMES))
        factors = told.organic_factors(
            filled(run, "voc", chromatograph.COLUMNS, SITES[:2])[..., later].astype(float), tags
        )
    return Observations(
        first_hour=LEARNED, items=items[..., later],
        background={SITES[2]: filled(run, "super", ITEM_COLUMNS, SITES)[:, 2, later].astype(float)},
        composition={
            code: components_of(dict(zip(composition.COMPONENTS, analysed[:, i], strict=True)), COMPONENTS, hours)[:, later]
            for i, code in enumerate(SITES)
        },
        stacks=ratios(run), organic=factors, organic_city="510100",
        micro=at_level_of(items[..., later], medians[..., later]),
    )  # fmt: skip


def at_level_of(items: np.ndarray, micro: np.ndarray) -> np.ndarray:
    """Bring medians of micro-stations to the mean of the stations over the hours common to both."""
    both = np.isfinite(micro) & np.isfinite(items)
    sums = [np.where(both, values, 0.0).sum(axis=-1, keepdims=True) for values in (items, micro)]
    return micro * np.divide(sums[0], sums[1], out=np.full_like(sums[0], np.nan), where=sums[1] > 0)


def filled(run, feed: str, columns, codes) -> np.ndarray:
    """Read the files of a feed (column, station, hour), the reviewed ones last."""
    table = Table.empty(FIRST, END - FIRST, columns, codes)
    paths = sorted((run.folder / OUTBOX / feed).glob("*.csv"), key=lambda path: ("reviewed" in path.name, path.name))
    table.fill(OutFile(path=p.name, text=p.read_text(), first_hour=FIRST, last_hour=END - 1, arrives=0) for p in paths)
    return table.values


def ratios(run) -> dict:
    """Measured over true emissions of the stacks of a city: the inventory that is told is true in this run."""
    rows = pd.concat(pd.read_csv(p, dtype={"city": str}) for p in sorted((run.folder / TRUTH / "stacks").glob("*.csv")))
    later = rows[rows.hour_end.isin([label(hour) for hour in range(LEARNED, END)])]
    sums = later.groupby(["city", "species"])[["measured_kgh", "true_kgh"]].sum()
    return {(c, "coal", s): row.measured_kgh / row.true_kgh for (c, s), row in sums.iterrows()}


def test_every_feed_comes_out_of_the_store(live):
    assert live.feeds == FEEDS


def test_sites_and_tags_are_those_of_the_registry_and_the_files(run, gathered):
    assert run.region.sites == {"SIM-S01": "510100", "SIM-S02": "510100", "SIM-B01": ""}
    assert gathered.tags.receptors == (*run.region.cities, *SITES) and gathered.tags.members == ("TWIN-A", "TWIN-B")
    file = xr.load_dataset(run.folder / OUTBOX / "tags" / "twin_a_2015010400.nc", decode_times=False)
    (coal,) = np.flatnonzero((file.sector.values == "coal") & (file.place.values == ALL))
    there = file.pm25.values[:12, coal, list(file.receptor.values).index("SIM-B01")]
    at = 24 * 3 + 8  # midnight UTC is 08:00 of the fourth day
    found = gathered.tags.by_sector("pm25")[0, -1, SOURCES.index("coal"), at : at + 12]
    np.testing.assert_allclose(found, there, rtol=2e-3)  # half precision


def test_what_is_gathered_is_what_the_files_say(live, pure, run):
    np.testing.assert_allclose(live.items, pure.items, rtol=0.02, atol=0.6)  # city hours are rounded
    assert np.array_equal(np.isnan(live.items), np.isnan(pure.items))
    for site, values in pure.background.items():
        np.testing.assert_allclose(live.background[site], values, rtol=1e-3, atol=0.051)
    assert list(live.composition) == list(pure.composition)
    for site, values in pure.composition.items():
        np.testing.assert_allclose(live.composition[site], values, rtol=1e-4, atol=1e-4)
    assert live.stacks.keys() == pure.stacks.keys() and {city for city, *_ in live.stacks} == {
        "510600",
        "511100",
        "511400",
    }
    for key, ratio in pure.stacks.items():
        assert live.stacks[key] == pytest.approx(ratio, rel=1e-3), key
    assert live.organic_city == pure.organic_city and live.organic.keys() == pure.organic.keys() != set()
    for sector, (factor, deviation) in pure.organic.items():
        assert live.organic[sector] == pytest.approx((factor, deviation), rel=2e-3), sector


def test_micro_stations_speak_for_the_silent_city_alone_and_at_the_level_of_its_stations(live, pure, run):
    city = run.region.cities.index(run.silent)
    asked = np.isfinite(live.micro).any(axis=(0, 2))
    assert asked[city] and asked.sum() == 1
    np.testing.assert_allclose(live.micro[:, city], pure.micro[:, city], rtol=0.03, atol=0.6)


def test_the_live_answer_is_that_of_the_same_arrays_without_a_store(run, gathered, live, pure, tmp_path):
    shelf, day = Shelf(tmp_path), END - 24
    shelf.keep(edge_of(day), learn_at(run.engine, run.region, END))
    learned = shelf.get(edge_of(day))
    assert (learned.first, learned.last) == (LEARNED, END - 1)
    assert set(learned.correction.feeds) == set(FEEDS) - {"micro"}  # micro-stations speak as stations
    parts = list(attributed(run.engine, run.region, shelf, range(day, END), END - 1))
    assert not [reject for _, rejects in parts for reject in rejects]
    rows = {
        (row["city"], row["hour_end"], row["quantity"]): row
        for made, _ in parts
        for row in made
        if row["span"] == "hour"
    }
    tags = gathered.tags.between(LEARNED, END - 1)
    for seen, tolerance in ((live, 0.002), (dataclasses.replace(pure, items=live.items), 0.02)):
        correction, seen = learn(tags, seen), dataclasses.replace(seen, micro=None)  # they say nothing of an hour
        for quantity in ("pm25", "o3", "ox"):
            made = attribute(tags.between(day, END - 1), seen.between(day, END - 1), correction, quantity=quantity)
            known = np.argwhere(np.isfinite(made.total))
            assert len(known) == len([key for key in rows if key[2] == quantity]) > 0
            for c, t in known:
                row = rows[made.cities[c], int(made.times[t]), quantity]
                parts_of = contributions_of(row)
                found = np.append(parts_of.values.ravel(), parts_of.outside)
                np.testing.assert_allclose(found, made.values[c, :, t], atol=max(tolerance * made.total[c, t], 0.002))
                assert row["tier"] == "corrected tags" and row["simulated"]
