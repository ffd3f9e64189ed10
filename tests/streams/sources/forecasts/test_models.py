"""Files as the models of the trade write them, by their headers: each is read, and to the right value."""

from __future__ import annotations

import netCDF4
import numpy as np
import pytest

from tests.streams.sources.forecasts.making import (
    FIRST,
    LAT,
    LON,
    STEPS,
    block_of,
    levels,
    plain,
    read,
    reasons,
    series,
)

PPB = 47.998 / 24.465
"""ug/m3 in 1 ppb of ozone at 298.15 K and 1013.25 hPa."""


def field(value, units: str, **attrs) -> list:
    return ["f4", ("time", "lat", "lon"), np.full((STEPS, LAT.size, LON.size), value), {"units": units} | attrs]


@pytest.mark.parametrize("prefix", ["SpeciesConcVV_", "SpeciesConc_"])
def test_species_of_geos_chem_are_known_by_their_prefix(tmp_path, prefix) -> None:
    # GEOS-Chem, History collection SpeciesConc: mol mol-1 dry, levels from the ground up, `positive = "up"` on sigma.
    attrs = {"standard_name": "atmosphere_hybrid_sigma_pressure_coordinate", "positive": "up", "units": "level"}
    run = levels("lev", [0.9925, 0.9775, 0.9], attrs, [40e-9, 50e-9, 60e-9])
    kind, dims, data, _ = run["variables"].pop("O3")
    run["variables"][prefix + "O3"] = [
        kind,
        dims,
        data,
        {"units": "mol mol-1 dry", "averaging_method": "time-averaged"},
    ]
    assert series(read(tmp_path, run))[0] == pytest.approx(40 * PPB, rel=1e-4)


# MERRA-2 and GEOS-CF: File Specifications, GMAO Office Notes 9 and 17: the standard name repeats the long name.
@pytest.mark.parametrize(
    ("name", "value", "units", "words", "variable", "expected"),
    [
        ("U10M", 3, "m s-1", "10-meter_eastward_wind", None, None),
        ("T2M", 280.15, "K", "2-meter_air_temperature", "temperature_c", 7),
        ("PBLH", 500, "m", "planetary_boundary_layer_height", "mixing_height_m", 500),
        ("PRECTOT", 1 / 3600, "kg m-2 s-1", "total_precipitation", "rain_mm", 1),
        ("O3", 40e-9, "mol mol-1", "Ozone_(O3,_MW_=_48.00_g_mol-1)_volume_mixing_ratio_dry_air", "o3", 40 * PPB),
        ("PM25_RH35_GCC", 35, "ug m-3", "Particulate_matter_with_diameter_below_2.5_um_RH_35", "pm25", 35),
    ],
)
def test_a_long_name_written_as_standard_name_says_nothing(
    tmp_path, name, value, units, words, variable, expected
) -> None:
    run = plain(name, units, value)
    run["variables"][name][3] |= {"long_name": words, "standard_name": words}
    run["variables"]["time"][3]["units"] = "hours since 2023-01-19 00:30:00"
    if variable is None:
        run["variables"]["V10M"] = field(
            1, "m s-1", long_name="10-meter_northward_wind", standard_name="10-meter_northward_wind"
        )
        parsed = read(tmp_path, run)
        assert [series(parsed, f"wind_{c}_ms")[0] for c in "uv"] == pytest.approx([3, 1])
    else:
        assert series(read(tmp_path, run), variable)[0] == pytest.approx(expected, rel=1e-4)


def test_a_standard_name_that_may_be_one_is_refused_whatever_the_long_name(tmp_path) -> None:
    run = plain()
    run["variables"]["O3"][3] |= {"long_name": "tendency_of_ozone", "standard_name": "tendency_of_ozone"}
    parsed = read(tmp_path, run)
    assert parsed.blocks == [] and "standard_name" in reasons(parsed)


def test_a_file_of_chimere_has_the_times_of_wrf_and_the_coordinates_of_cf(tmp_path) -> None:
    # CHIMERE documentation, chapter on output: Times, lon, lat, bottom_top from the ground up, "ppb vol".
    run = levels("bottom_top", None, {}, [40, 50, 60])
    rename = {"time": "Time", "lat": "south_north", "lon": "west_east"}
    kind, dims, data, _ = run["variables"]["O3"]
    y, x = np.broadcast_arrays(LAT[:, None], LON[None, :])
    stamps = netCDF4.stringtochar(np.array([f"2023-01-19_{h:02d}:00:00" for h in range(STEPS)], "S19"))
    run["dims"] = {rename.get(d, d): size for d, size in run["dims"].items()} | {"DateStrLen": 19}
    run["variables"] = {
        "Times": ["S1", ("Time", "DateStrLen"), stamps, {}],
        "lon": ["f4", ("south_north", "west_east"), x, {"units": "degrees_east"}],
        "lat": ["f4", ("south_north", "west_east"), y, {"units": "degrees_north"}],
        "O3": [kind, tuple(rename.get(d, d) for d in dims), data, {"units": "ppb vol"}],
    }
    parsed = read(tmp_path, run)
    assert series(parsed) == pytest.approx(40 * PPB, rel=1e-4)
    assert (block_of(parsed).first_hour, block_of(parsed).hours) == (FIRST, STEPS)


def test_the_hours_of_the_regional_files_of_cams_count_from_their_long_name(tmp_path) -> None:
    # Copernicus regional production, NetCDF format: `time:units = "hours"`, `long_name = "FORECAST time from 20230119"`.
    run = plain("o3_conc", "µg/m3", 60)
    run["variables"]["o3_conc"][3]["standard_name"] = "mass_concentration_of_ozone_in_air"
    run["variables"]["time"][3] = {"units": "hours", "long_name": "FORECAST time from 20230119"}
    parsed = read(tmp_path, run)
    assert block_of(parsed).first_hour == FIRST and series(parsed)[0] == pytest.approx(60)


@pytest.mark.parametrize("attrs", [{"standard_name": "atmosphere_mole_content_of_ozone"}, {}])
def test_a_column_under_a_gass_name_costs_the_gas_at_the_ground_nothing(tmp_path, attrs) -> None:
    run = plain("O3", "DU", 300)
    run["variables"]["O3"][3] |= attrs
    run["variables"]["o3_sfc"] = field(60, "ug m-3", standard_name="mass_concentration_of_ozone_in_air")
    parsed = read(tmp_path, run)
    assert series(parsed)[0] == pytest.approx(60) and "variable O3" in reasons(parsed)


@pytest.mark.parametrize(
    "units",
    ["ppb vol", "ppb (v/v)", "ppb by volume", "ppb_v", "ppb v/v", "parts per billion", "Parts per billion by volume"],
)
def test_parts_of_the_volume_are_parts(tmp_path, units) -> None:
    assert series(read(tmp_path, plain("O3", units, 40)))[0] == pytest.approx(40 * PPB, rel=1e-4)


def test_volume_per_volume_is_a_mole_fraction(tmp_path) -> None:
    assert series(read(tmp_path, plain("O3", "v/v", 40e-9)))[0] == pytest.approx(40 * PPB, rel=1e-4)


def test_an_amount_that_is_said_to_fall_since_the_start_is_a_total(tmp_path) -> None:
    run = plain("pr", "kg m-2", np.arange(6.0))
    run["variables"]["pr"][3] |= {"standard_name": "precipitation_amount"}
    assert series(read(tmp_path, run), "rain_mm")[1:] == pytest.approx([1, 2, 3, 4, 5])
    run["variables"]["pr"][3]["long_name"] = "precipitation accumulated since the start of the forecast"
    fallen = series(read(tmp_path, run), "rain_mm")
    assert np.isnan(fallen[0]) and fallen[1:] == pytest.approx([1, 1, 1, 1, 1])


def test_a_total_that_is_said_to_be_of_the_last_hour_is_an_amount(tmp_path) -> None:
    run = plain("tp", "m", np.full(6, 0.001))
    run["variables"]["tp"][3]["long_name"] = "Total precipitation in the last hour"
    assert series(read(tmp_path, run), "rain_mm") == pytest.approx(1)
    run["variables"]["tp"][3]["long_name"] = "Total precipitation"
    assert series(read(tmp_path, run), "rain_mm")[1:] == pytest.approx(0)


def test_a_time_is_told_by_its_units_alone(tmp_path) -> None:
    # CF-1.11 4.4; `time_counter` is what XIOS writes.
    run = plain()
    run["dims"]["time_counter"] = run["dims"].pop("time")
    run["variables"] = {
        n.replace("time", "time_counter"): [kind, tuple(d.replace("time", "time_counter") for d in dims), *rest]
        for n, (kind, dims, *rest) in run["variables"].items()
    }
    assert block_of(read(tmp_path, run)).first_hour == FIRST


def test_shares_under_percent_are_refused(tmp_path) -> None:
    said = reasons(read(tmp_path, plain("RH2", "%", 0.8)))
    assert "percent" in said
    assert series(read(tmp_path, plain("RH2", "1", 0.8)), "humidity_pct")[0] == pytest.approx(80)


@pytest.mark.parametrize("name", ["U10", "WSPD10"])
def test_half_a_wind_is_known_and_said_to_be_half(tmp_path, name) -> None:
    assert "both components" in reasons(read(tmp_path, plain(name, "m s-1", 3)))


def test_the_standard_name_that_would_be_accepted_is_one_of_cf(tmp_path) -> None:
    run = plain("PM2_5", "ug m-3", 35)
    run["variables"]["PM2_5"][3]["standard_name"] = "mass_concentration_of_dust_dry_aerosol_particles_in_air"
    assert "mass_concentration_of_pm2p5_dry_aerosol_particles_in_air" in reasons(read(tmp_path, run))
