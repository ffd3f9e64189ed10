"""Forecast files of other models and places, an inventory and observations join under a registry that a user edits."""

from __future__ import annotations

import json

import numpy as np
import pytest

from streams import sources
from streams.registry import load
from streams.registry.roster import roster_of
from tests.streams.real_data import real
from tests.streams.replaying import Desks

CODE, LON, LAT = "990100", 27.75, 23.25


@pytest.fixture
def registry(tmp_path):
    """A registry of one city and one station inside the CAMS sample's box (22 to 24 N, 27 to 29 E)."""
    folder = tmp_path / "registry"
    folder.mkdir()
    city = f"code,name_zh,name_en,lon,lat,population\n{CODE},测试,Test,{LON},{LAT},\n"
    (folder / "cities.csv").write_text(city, encoding="utf-8")
    (folder / "stations.csv").write_text(
        "code,name_zh,kind,lon,lat,city,aliases,valid_from,valid_to,source,note\n"
        f"9001A,测试站,national,{LON},{LAT},{CODE},,,,,\n",
        encoding="utf-8",
    )
    ring = [[27.3, 22.8], [28.2, 22.8], [28.2, 23.7], [27.3, 23.7], [27.3, 22.8]]
    feature = {"type": "Feature", "properties": {"code": CODE}, "geometry": {"type": "Polygon", "coordinates": [ring]}}
    (folder / "cities.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}))
    return load(folder)


def _rows(registry, paths) -> tuple[dict, list]:
    desks, rejected = Desks(roster_of(registry)), []
    for path in paths:
        parsed = sources.parse_file(path, registry, received_at=0.0)
        rejected += parsed.rejected
        for block in parsed.blocks:
            desks.take(block)
    return desks.rows(), rejected


def test_the_cams_sample_joins_with_an_inventory_and_observations(registry, tmp_path) -> None:
    cams = real("netcdf/cams_eac4_joseki/levtype_ml.nc")
    inventory = tmp_path / "inventory.csv"
    inventory.write_text(
        f"city,sector,species,year,emission_t\n{CODE},industry,nox,2020,8784\n{CODE},solvent,voc,2020,17568\n"
    )
    stations = tmp_path / "stations.csv"
    lines = ["station,hour_end,so2_ugm3,no2_ugm3,co_mgm3,o3_ugm3,pm10_ugm3,pm25_ugm3"]
    lines += [f"9001A,2020-07-01T{hour:02d}:00:00Z,5,20,0.5,{80 + hour},60,30" for hour in range(24)]
    stations.write_text("\n".join(lines) + "\n")
    rows, _ = _rows(registry, [inventory, stations, cams])
    joined = rows["air_joined_hour"]
    full = {key: row for key, row in joined.items() if key[2] and row["completeness"] == 1}
    # 3-hourly: 00, 03, …, 21 UTC of the day with observations.
    assert sorted(key[1][11:13] for key in full) == [f"{hour:02d}" for hour in range(0, 24, 3)]
    from streams.sources.forecasts.cdaqs import open_forecast

    grid = open_forecast(cams)["o3_ugm3"]
    for (_, moment, _), row in full.items():
        assert row["nox_kgh"] == pytest.approx(1000.0, abs=0.01) and row["voc_kgh"] == pytest.approx(2000.0, abs=0.01)
        assert row["o3_ugm3"] == 80 + int(moment[11:13])
        field = grid.sel(time=np.datetime64(moment.replace(" ", "T")[:19]))
        assert float(field.min()) <= row["forecast_o3_ugm3"] <= float(field.max())
    base = joined[CODE, "2020-07-01 05:00:00.000000", ""]
    assert json.loads(base["sectors"])["sectors"] == ["industry", "solvent"] and base["inventory"]


def test_the_daily_cmaq_sample_is_refused_with_its_step(registry) -> None:
    cmaq = real("netcdf/cmaqml_ioapi/dailyavg.LST.Y_24.2016fh.v531.108US2.01.nc")
    rows, rejected = _rows(registry, [cmaq])
    assert not rows and any("24 h" in each.reason + each.value for each in rejected)
