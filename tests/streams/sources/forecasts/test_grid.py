"""Grids: places found in projected, plain and curved grids, and weights that keep constant and linear fields."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from pyproj import CRS, Geod, Transformer

from streams.sources.forecasts.grid import CurvedGrid, StraightGrid, bounds_text, lambert, mercator, polar
from streams.sources.forecasts.grid_weights import Places, outline_key, spread, weigh
from streams.sources.forecasts.header import header_of, open_raw
from streams.sources.forecasts.layout import ioapi_grid, layout_of, runs_of
from tests.streams import real_data

DATA = real_data.DATA / "netcdf"
CITY = shapely.box(103.5, 30.2, 104.5, 31.0)
real = pytest.mark.skipif(not DATA.is_dir(), reason="no real data: set AIRSHED_DATA to the folder of test data")


def lambert_grid(rows: int = 40, columns: int = 50, cell_m: float = 10_000.0) -> StraightGrid:
    x, y = ((np.arange(n) - (n - 1) / 2) * cell_m for n in (columns, rows))
    return StraightGrid(x, y, lambert(25, 40, 104, 30.5))


def degrees_grid(step: float = 0.1) -> StraightGrid:
    return StraightGrid(np.arange(102, 107, step), np.arange(28, 33, step))


def places(*stations: tuple[float, float], city: bool = True) -> Places:
    listed = tuple(("A", f"S{i}", lon, lat) for i, (lon, lat) in enumerate(stations))
    return Places(listed, (("A", outline_key(CITY)),) if city else ())


def at_places(grid, field, *stations):
    weights = weigh(grid, places(*stations), city_mean="*")
    return weights.apply(field[None, weights.rows, weights.columns])[:, 0], weights


def test_lambert_agrees_with_a_crs_built_by_parameters() -> None:
    crs = CRS.from_dict({"proj": "lcc", "lat_1": 25, "lat_2": 40, "lon_0": 104, "lat_0": 30.5, "R": 6_370_000})
    sphere = CRS.from_dict({"proj": "longlat", "R": 6_370_000})
    grid = lambert_grid()
    lon, lat = Transformer.from_crs(crs, sphere, always_xy=True).transform(*np.meshgrid(grid.x, grid.y))
    np.testing.assert_allclose(grid.lonlat[0], lon, atol=1e-10)
    np.testing.assert_allclose(grid.lonlat[1], lat, atol=1e-10)


def test_a_lambert_step_is_a_cell_on_the_sphere_where_the_projection_is_true() -> None:
    # Scale is 1 on the standard parallels (Snyder 1987, p. 105): neighbours in a row stand cell_m apart there.
    grid = StraightGrid(np.array([0.0, 1000.0]), np.linspace(-8e5, 1.2e6, 2001), lambert(25, 40, 104, 30.5))
    lon, lat = grid.lonlat
    for parallel in (25.0, 40.0):
        row = int(np.argmin(np.abs(lat[:, 0] - parallel)))
        _, _, metres = Geod(a=6_370_000, b=6_370_000).inv(lon[row, 0], lat[row, 0], lon[row, 1], lat[row, 1])
        assert metres == pytest.approx(1000, rel=2e-4)


@pytest.mark.parametrize(
    "grid",
    [
        lambert_grid(),
        degrees_grid(),
        StraightGrid(np.arange(0, 360, 0.75), np.arange(60, -60, -0.75)),
        StraightGrid(np.arange(-180, 180, 0.75), np.arange(-60, 60, 0.75)),
        StraightGrid(np.linspace(-1e6, 1e6, 50) + 1.15e7, np.linspace(2e6, 5e6, 50), mercator(30, 0)),
        StraightGrid(np.linspace(-6e6, 6e6, 90), np.linspace(-6e6, 6e6, 90), polar(1, 45, 104)),
        CurvedGrid(*lambert_grid().lonlat),
        CurvedGrid(*StraightGrid(np.arange(102, 107, 0.1), np.arange(33, 28, -0.1)).lonlat),
    ],
)
def test_cell_centres_are_found_where_they_are(grid) -> None:
    lon, lat = grid.lonlat
    rows, columns = np.meshgrid(np.arange(0, grid.shape[0], 7), np.arange(0, grid.shape[1], 7), indexing="ij")
    row, column = grid.locate(lon[rows, columns].ravel(), lat[rows, columns].ravel())
    np.testing.assert_allclose(row, rows.ravel(), atol=1e-6)
    np.testing.assert_allclose(column, columns.ravel(), atol=1e-6)


def test_unequal_latitudes_are_met() -> None:
    grid = StraightGrid(np.arange(100.0, 110.0), np.array([20.0, 25.0, 27.0, 30.0]))
    row, _ = grid.locate(np.array([104.0, 104.0]), np.array([26.0, 28.5]))
    np.testing.assert_allclose(row, [1.5, 2.5])


@pytest.mark.parametrize("grid", [degrees_grid(), degrees_grid(0.5), CurvedGrid(*degrees_grid(0.1).lonlat)])
def test_a_linear_field_is_exact_at_stations(grid) -> None:
    lon, lat = grid.lonlat
    stations = [(103.987, 30.612), (104.001, 30.35), (102.0, 28.0)]
    got, weights = at_places(grid, 3 * lon - 2 * lat, *stations)
    assert weights.places == (("A", "*"), ("A", "S0"), ("A", "S1"), ("A", "S2"))
    np.testing.assert_allclose(got[1:], [3 * x - 2 * y for x, y in stations], rtol=1e-6)


@pytest.mark.parametrize(("step", "atol"), [(0.02, 0.02), (0.05, 0.03), (0.1, 0.05), (0.5, 0.01)])
def test_the_mean_over_a_city_is_that_of_a_linear_field(step: float, atol: float) -> None:
    grid = degrees_grid(step)
    lon, lat = grid.lonlat
    got, _ = at_places(grid, 3 * lon - 2 * lat)
    assert got[0] == pytest.approx(3 * CITY.centroid.x - 2 * CITY.centroid.y, abs=atol)


def test_shares_are_those_of_the_cells_areas() -> None:
    # A city of 1 deg x 0.8 deg on cells of 0.25 deg that begin at 103.375: compare with shapely's own areas.
    grid = StraightGrid(np.arange(103.0, 105.1, 0.25), np.arange(29.0, 32.1, 0.25))
    weights = weigh(grid, places(), city_mean="*")
    shares = np.zeros(grid.shape)
    window = np.zeros((weights.rows.stop - weights.rows.start, weights.columns.stop - weights.columns.start))
    np.add.at(window.ravel(), weights.index, weights.weight)
    shares[weights.rows, weights.columns] = window
    for r, y in enumerate(grid.y):
        for c, x in enumerate(grid.x):
            cell = shapely.box(x - 0.125, y - 0.125, x + 0.125, y + 0.125)
            assert shares[r, c] == pytest.approx(cell.intersection(CITY).area / CITY.area, abs=0.006)


def test_a_constant_field_stays_constant_and_weights_add_up() -> None:
    for grid in (lambert_grid(), lambert_grid(8, 8, 60_000.0)):
        got, _ = at_places(grid, np.full(grid.shape, 7.0), (104.0, 30.6))
        np.testing.assert_allclose(got, 7.0, rtol=1e-6)


def test_places_outside_are_absent_and_a_city_needs_nearly_all_of_its_area() -> None:
    grid = StraightGrid(np.arange(103.0, 104.3, 0.1), np.arange(29.0, 32.0, 0.1))
    weights = weigh(grid, places((104.1, 30.5), (104.4, 30.5), (104.1, 28.0)), city_mean="*")
    assert weights.places == (("A", "S0"),)


def test_a_grid_elsewhere_gives_nothing() -> None:
    grid = StraightGrid(np.arange(-100.0, -90.0), np.arange(30.0, 40.0))
    assert weigh(grid, places((104.1, 30.5)), city_mean="*") is None
    assert weigh(CurvedGrid(*grid.lonlat), places((104.1, 30.5)), city_mean="*") is None
    assert bounds_text(grid) == "lon -100.00 to -91.00, lat 30.00 to 39.00"


def test_a_missing_cell_makes_only_its_places_missing() -> None:
    grid = degrees_grid(0.5)
    field = np.ones(grid.shape)
    field[0, 0] = np.nan
    got, _ = at_places(grid, field, (104.1, 30.6), (102.2, 28.2), (102.5, 28.5))
    np.testing.assert_array_equal(np.isnan(got), [False, False, True, False])


def test_weights_are_kept_for_the_next_file_on_the_same_grid() -> None:
    assert weigh(degrees_grid(), places(), city_mean="*") is weigh(degrees_grid(), places(), city_mean="*")
    assert weigh(degrees_grid(), places(), city_mean="*") is not weigh(degrees_grid(0.2), places(), city_mean="*")


def test_points_spread_over_a_city_have_its_centre() -> None:
    shape = shapely.Polygon([(103, 30), (104, 30), (104, 31.5)])
    lon, lat = spread(outline_key(shape))
    assert (lon.mean(), lat.mean()) == pytest.approx((shape.centroid.x, shape.centroid.y), abs=0.01)


def test_the_columns_of_a_lambert_grid_point_east_only_on_its_meridian() -> None:
    # Convergence of a Lambert cone: sin(phi0) (lon0 - lon) seen from east (Snyder 1987, eq. 15-3 gives n).
    grid = lambert_grid()
    n = np.log(np.cos(np.radians(25)) / np.cos(np.radians(40))) / np.log(
        np.tan(np.pi / 4 + np.radians(20)) / np.tan(np.pi / 4 + np.radians(12.5))
    )
    expected = n * np.radians(104 - grid.lonlat[0])
    np.testing.assert_allclose(grid.angle()[1:-1, 1:-1], expected[1:-1, 1:-1], atol=2e-4)


@real
def test_the_sample_grid_of_the_i_o_api_is_where_griddesc_puts_it() -> None:
    # GRIDDESC: LamCon_40N_97W "2 33 45 -97 -97 40"; 108US2 "-2412000 -1620000 108000 108000 44 27".
    path = DATA / "cmaqml_ioapi" / "GRIDCRO2D.108US2.35L.160101.nc"
    with open_raw(path, header_of(path)) as raw:
        grid, height = ioapi_grid(raw), raw["HT"].values[0, 0]
    assert grid.shape == (27, 44)
    assert (grid.x[0], grid.y[0]) == (-2412000 + 54000, -1620000 + 54000)
    crs = CRS.from_dict({"proj": "lcc", "lat_1": 33, "lat_2": 45, "lon_0": -97, "lat_0": 40, "R": 6_370_000})
    lon, lat = Transformer.from_crs(crs, CRS.from_dict({"proj": "longlat", "R": 6_370_000}), always_xy=True).transform(
        [grid.x[0], grid.x[-1]], [grid.y[0], grid.y[-1]]
    )
    np.testing.assert_allclose([grid.lonlat[0][0, 0], grid.lonlat[0][-1, -1]], lon, atol=1e-9)
    np.testing.assert_allclose([grid.lonlat[1][0, 0], grid.lonlat[1][-1, -1]], lat, atol=1e-9)
    # The ground as the file has it: the highest cell lies in the Rocky Mountains of Colorado.
    top = np.unravel_index(np.argmax(height), height.shape)
    assert -109 < grid.lonlat[0][top] < -105 and 37 < grid.lonlat[1][top] < 41


@real
def test_the_most_people_of_the_sample_grid_live_in_new_york() -> None:
    path = DATA / "cmaqml_ioapi" / "gpw_v4_une_atotpopbt_densy_108US2.IOAPI.nc"
    with open_raw(path, header_of(path)) as raw:
        grid, people = ioapi_grid(raw), raw["DENS"].values[0, 0]
    top = np.unravel_index(np.nanargmax(people), people.shape)
    assert abs(grid.lonlat[0][top] + 74.0) < 1.0 and abs(grid.lonlat[1][top] - 40.7) < 0.8


@real
def test_the_angle_of_a_wrf_grid_is_the_one_the_model_wrote() -> None:
    path = DATA / "salem_wrf" / "wrf_d01_allvars_cropped.nc"
    with open_raw(path, header_of(path)) as raw:
        layout, sine = layout_of(next(runs_of(raw))), raw["SINALPHA"].values
    np.testing.assert_allclose(np.sin(layout.grid.angle()), sine[0] if sine.ndim == 3 else sine, atol=2e-3)
