"""From the tag files of twins, through parser, desk and store, to what `airshed scenario` answers: real files fit together."""

from __future__ import annotations

import numpy as np
import pytest

from infra.scenario import Asked, scenario
from ml.scenario.stored import StoredTags, stored_tags
from research.virtual_airshed.demo import Places, write_registry
from research.virtual_airshed.forecasts.tag_files import FOLDER, TwinRuns
from research.virtual_airshed.grid import NO_CELLS
from research.virtual_airshed.run import simulate
from research.virtual_airshed.scenarios import scenario as scenario_named
from research.virtual_airshed.tracers import Tags
from research.virtual_airshed.world import shipped_world
from streams import registry as registries
from streams.registry.roster import roster_of
from streams.sources import parse_file
from streams.store.connect import open_store
from tests.streams.store.test_voc_store import keep

HOURS, MEMBERS = 30, 2


@pytest.fixture(scope="module")
def laid(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, registries.Registry, int]:
    """A store with the tags of two twins' runs of a winter's day; its registry; the first epoch hour of the runs."""
    folder = tmp_path_factory.mktemp("tags")
    chosen = scenario_named("winter_haze", days=1, seed=978)
    stage = chosen.world(shipped_world())
    runs = TwinRuns(chosen, stage, members=MEMBERS, hours=HOURS, every_h=24, removal=True)
    (day,) = simulate(chosen.plan(), stage, tags=Tags(stage.grid.cities, tagged=False), cells=NO_CELLS)
    assert len(list(runs.write(day, folder))) == 2 * MEMBERS
    known = registries.load(write_registry(Places(folder / "demo")))
    parsed = [parse_file(path, known, received_at=0.0) for path in sorted((folder / FOLDER).iterdir())]
    assert [row for each in parsed for row in each.rejected] == []
    url = f"sqlite:///{folder / 'store.sqlite'}"
    engine = open_store(url)
    keep(engine, folder, *(block for each in parsed for block in each.blocks), roster=roster_of(known))
    engine.dispose()
    return url, known, parsed[0].blocks[0].first_hour


def test_real_tags_are_answered_in_both_pollutants(laid) -> None:
    url, known, first = laid
    found = scenario(url, known, Asked(levels=(1, 3), first=first, last=first + HOURS - 1))
    assert found.models == ("TWIN-A", "TWIN-B") and found.simulated and found.newest_run == first - 1
    small, large = (answer.effects["pm25"] for answer in found.answers)
    told = np.isfinite(large.change)
    assert told.all() and (large.change[told] < small.change[told]).all() and (large.change[told] < 0).all()
    assert (large.low[told] <= large.change[told]).all() and (large.change[told] <= large.high[told]).all()
    assert all(set(answer.effects) == {"pm25", "o3"} and not answer.unanswered for answer in found.answers)


def test_what_is_read_adds_up_and_has_both_margins_of_the_removal(laid) -> None:
    url, known, first = laid
    engine = open_store(url)
    read: StoredTags = stored_tags(engine, tuple(known.cities), first, first + HOURS)
    engine.dispose()
    tags = read.tags
    sector, place = (get("pm25").sum(axis=-2) for get in (tags.by_sector, tags.by_place))
    known_hours = np.isfinite(sector)
    assert known_hours.any() and np.allclose(sector[known_hours], place[known_hours], rtol=0.01)
    assert set(tags.removal) == set(read.by_place) == {"o3", "ox"}
    assert read.by_place["o3"].shape == (MEMBERS, len(known.cities), len(known.cities), HOURS)
